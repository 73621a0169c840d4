"""What a native chart holds, from a page's table: categories and series whose numbers are the table's own.

Slides and workbook draw the same data; nothing is rescaled, units are a matter of number formats.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..words import label, word
from .contents import ReviewPage
from .grid import kept_rows, row_name

Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Series:
    """One series: its name, the role that decides its colour, and a value per category."""

    name: str
    role: str
    values: Values
    labelled: bool = True
    sign: str = ""
    """What to write before the values, where the chart must hold an amount that was taken away as positive."""
    low: Values | None = None
    high: Values | None = None
    """Ends of the interval, where the series has one."""


@dataclass(frozen=True)
class ChartData:
    """A bar chart: horizontal where names are long, upright where the categories are in order of time."""

    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    horizontal: bool
    stacked: bool

    @property
    def values(self) -> list[float | None]:
        """All values, to find the unit to show them in."""
        return [value for series in self.series for value in series.values]


@dataclass(frozen=True)
class Point:
    """One account in the quadrants."""

    x: float
    y: float
    name: str


@dataclass(frozen=True)
class Quadrants:
    """A scatter chart: accounts by class, and the two lines that make the quadrants."""

    groups: tuple[tuple[str, tuple[Point, ...]], ...]
    x_name: str
    y_name: str
    cut: float
    benchmark: float | None
    top: float
    """Upper end of the revenue axis."""
    without_place: int
    """Accounts without a potential or a revenue: in the table only."""


def _values(column: pd.Series) -> Values:
    return tuple(None if pd.isna(value) else float(value) for value in column)


def _unless_zero(values: np.ndarray) -> Values:
    """Zero as nothing, so that a chart writes no label for it."""
    return tuple(None if value == 0 or np.isnan(value) else float(value) for value in values)


def _names(table: pd.DataFrame, column: str, lang: str) -> tuple[str, ...]:
    return tuple(row_name(row, column, table, lang) for row in table.itertuples())


def _outlook(table: pd.DataFrame, lang: str) -> ChartData:
    """The parts end to end, below them the total's range, below it the quota, on one scale."""
    parts = table.set_index("component")
    total = parts.loc["total"]
    has_quota = pd.notna(total["quota"])
    empty: Values = (None, None, None) if has_quota else (None, None)
    categories = [word("reviews.tile_expected", lang), word("reviews.tile_range", lang)]

    def at(place: int, value: float) -> Values:
        return tuple(float(value) if place == index and value else None for index in range(len(empty)))

    series = [
        Series(label(key, lang), role, at(0, parts.loc[key, "mean"]))
        for key, role in (("won", "level"), ("open", "main"), ("new_business", "second"))
    ]
    bands = (
        ("", "base", total["p10"]),
        (word("reviews.band_low", lang), "third", total["p50"] - total["p10"]),
        (word("reviews.band_high", lang), "quiet", total["p90"] - total["p50"]),
    )
    series += [Series(name, role, at(1, value), labelled=False) for name, role, value in bands]
    if has_quota:
        categories.append(word("tables.quota", lang))
        series.append(Series(word("tables.quota", lang), "mark", at(2, total["quota"])))
    return ChartData(tuple(categories), tuple(series), "money", horizontal=True, stacked=True)


def _weighted(table: pd.DataFrame, lang: str) -> ChartData:
    roles = {"amount": "quiet", "weighted_nominal": "main", "weighted_crm": "second", "weighted_measured": "more"}
    names = [name for name in roles if table[name].notna().any()]
    series = tuple(
        Series(word(f"tables.{name}", lang), roles[name], _values(table[name]), labelled=len(table) * len(names) <= 20)
        for name in names
    )
    return ChartData(_names(table, "period", lang), series, "money", horizontal=False, stacked=False)


def _changes(table: pd.DataFrame, lang: str) -> ChartData:
    """A waterfall: each cause stands on an unpainted base at the level reached before it."""
    amounts = table["amount"].to_numpy(dtype="float64")
    ends = table["cause"].isin(["opening", "closing"]).to_numpy()
    level = np.cumsum(np.where(table["cause"] == "closing", 0.0, amounts))
    before = np.concatenate([[0.0], level[:-1]])
    base = np.where(ends, 0.0, np.minimum(before, level))
    series = (
        Series("", "base", _unless_zero(base), labelled=False),
        Series(word("reviews.level", lang), "level", _unless_zero(np.where(ends, amounts, 0.0))),
        Series(
            word("values.increased", lang),
            "more",
            _unless_zero(np.where(~ends & (amounts > 0), amounts, 0.0)),
            sign="+",
        ),
        Series(
            word("values.decreased", lang),
            "less",
            _unless_zero(np.where(~ends & (amounts < 0), -amounts, 0.0)),
            sign="−",
        ),
    )
    return ChartData(_names(table, "cause", lang), series, "money", horizontal=False, stacked=True)


def _conversion(table: pd.DataFrame, lang: str) -> ChartData:
    roles = {"advanced": "main", "lost": "less", "open": "quiet"}
    series = tuple(
        Series(word(f"tables.{name}", lang), role, _unless_zero(table[name].to_numpy(dtype="float64")))
        for name, role in roles.items()
    )
    return ChartData(_names(table, "stage", lang), series, "count", horizontal=True, stacked=True)


def _durations(table: pd.DataFrame, lang: str) -> ChartData:
    series = (
        Series(
            word("tables.median_days", lang), "main", _values(table["median_days"]),
            low=_values(table["median_low_days"]), high=_values(table["median_high_days"]),
        ),
        Series(word("tables.stall_days", lang), "mark", _values(table["stall_days"])),
    )  # fmt: skip
    return ChartData(_names(table, "stage", lang), series, "days", horizontal=True, stacked=False)


def _win_rates(table: pd.DataFrame, lang: str) -> ChartData:
    rate = Series(
        word("tables.win_rate", lang), "main", _values(table["win_rate"]),
        low=_values(table["win_low"]), high=_values(table["win_high"]),
    )  # fmt: skip
    by_amount = Series(word("tables.win_rate_value", lang), "second", _values(table["win_rate_value"]))
    series = (rate, by_amount) if table["win_rate_value"].notna().any() else (rate,)
    return ChartData(_names(table, "rate", lang), series, "rate", horizontal=True, stacked=False)


_BARS: Mapping[str, Callable[[pd.DataFrame, str], ChartData]] = {
    "outlook": _outlook,
    "weighted_forecast": _weighted,
    "pipeline_changes": _changes,
    "stage_conversion": _conversion,
    "time_in_stage": _durations,
    "win_rates": _win_rates,
}
QUADRANTS = "account_segments"


def chart_data(page: ReviewPage, lang: str) -> ChartData | None:
    """The bar chart of a page; None where it has none.

    Parameters
    ----------
    page
        A page whose outline names a chart.
    lang
        Language code.
    """
    build = _BARS.get(str(page.outline.chart))
    return None if build is None else build(kept_rows(page), lang)


def quadrants(table: pd.DataFrame, lang: str) -> Quadrants:
    """The accounts by potential and revenue.

    Parameters
    ----------
    table
        `tables.ACCOUNT_SEGMENTS`.
    lang
        Language code.
    """
    placed = table.dropna(subset=["potential", "current_revenue"])
    groups = []
    for key in dict.fromkeys(table["segment"]):
        rows = placed[placed["segment"] == key]
        if len(rows):
            points = tuple(
                Point(float(row.potential), float(row.current_revenue), str(row.account_name))
                for row in rows.itertuples()
            )
            groups.append((label(key, lang, table=table), points))
    benchmark = table["revenue_benchmark"].max()
    known = [value for value in (placed["current_revenue"].max(), benchmark) if pd.notna(value)]
    return Quadrants(
        groups=tuple(groups),
        x_name=word("tables.potential", lang),
        y_name=word("tables.current_revenue", lang),
        cut=float(table.attrs.get("potential_cut", 0.5)),
        benchmark=None if pd.isna(benchmark) else float(benchmark),
        top=max(known, default=0.0) * 1.1 or 1.0,
        without_place=len(table) - len(placed),
    )
