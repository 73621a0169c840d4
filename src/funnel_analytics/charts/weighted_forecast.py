"""Open pipeline by period: unweighted, and weighted with each probability that people use."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import label, number, short_number, word
from ._axes import number_axis
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark
from ._points import beside
from ._style import AGAINST, BODY, GAIN, MAIN, OUTLINED, PALE, SMALL, THIRD, chart  # fmt: skip
from ._text import shorten

MAX_ROWS = 12
_FILL: dict[str, dict[str, Any]] = {
    "amount": OUTLINED,
    "weighted_nominal": {"facecolor": MAIN},
    "weighted_crm": {"facecolor": THIRD, "hatch": "....", "edgecolor": "white"},
    "weighted_measured": {"facecolor": GAIN, "hatch": "////", "edgecolor": "white"},
}


def weighted_forecast(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the weighted pipeline by period of the close date (or by what the table was split by).

    For each row the unweighted amount and the amounts weighted with the methodology's percentages, the CRM's
    or sellers' own probabilities and the measured ones, each with its figure. A weighting that the table does
    not hold is left out and named. Periods that are over are marked overdue: their close dates need renewing.
    At most twelve rows are drawn; the caption says how many are not.

    Parameters
    ----------
    table
        What `funnel_analytics.weighted_forecast` returns.
    ax
        Axes to draw on (they are cleared first); None makes a figure.
    lang
        Language code.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    TableError
        If the table is not a weighted_forecast table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.weighted_forecast(fa.weighted_forecast(fa.load_sample())).get_title(loc="left")
    'Weighted pipeline'
    """
    tables.check(table, tables.WEIGHTED_FORECAST)
    title = word("charts.weighted_forecast.title", lang)
    rows = table.head(MAX_ROWS)
    series = [name for name in _FILL if name == "amount" or table[name].notna().any()]
    lane = 0.19 if len(rows) <= 6 else 0.155
    with chart(ax, 10.5, 2.2 + max(lane * len(series) + 0.16, 0.5) * max(len(rows), 2)) as axes:
        if not len(rows) or not (table["amount"].sum() or table["opportunities"].sum()):
            nothing(axes, title, lang)
            return axes
        _bars(axes, rows, series, lang)
        _row_labels(axes, rows, lang)
        handles = [Patch(label=word(f"charts.weighted_forecast.{name}", lang), **_FILL[name]) for name in series]
        key(axes, handles)
        headings(axes, title, setting(table, lang, str(table.attrs.get("due") or "")), _notes(table, series, lang))
    return axes


def _bars(ax: Axes, rows: pd.DataFrame, series: list[str], lang: str | None) -> None:
    height = 0.84 / len(series)
    ends = rows[series].max().max(), rows[series].min().min()
    ax.set_xlim(min(float(ends[1]) * 1.12, 0.0), max(float(ends[0]) * 1.12, 0.0) or 1.0)
    for y, row in enumerate(rows.itertuples()):
        for lane, name in enumerate(series):
            amount = getattr(row, name)
            if pd.isna(amount) or (amount == 0 and name != "amount"):
                continue
            place = y - 0.42 + height * (lane + 0.5)
            bar = row_bar(ax, place, amount, height * 0.92, gid=name, **_FILL[name])
            meant = f"{label(row.period, lang, table=rows)} · {word(f'charts.weighted_forecast.{name}', lang)}"
            mark(bar, f"{meant}: {short_number(amount, lang)}", period=row.period)
            beside(
                ax,
                short_number(amount, lang),
                (max(amount, 0.0), place),
                (4, 0),
                size=SMALL if len(rows) <= 6 else 8,
                gid=f"{name}_text",
            )
    number_axis(ax, "x", lambda amount: short_number(amount, lang))
    ax.spines["bottom"].set_visible(False)


def _row_labels(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    group = tables.group_column(rows, tables.WEIGHTED_FORECAST)
    shown = []
    for row in rows.to_dict("records"):
        name = label(row["period"], lang, table=rows)
        if group is not None:
            name = f"{label(row[group], lang, table=rows)} · {name}"
        second = word("charts.n", lang, n=number(row["opportunities"]))
        if row["overdue"]:
            second = f"{word('charts.weighted_forecast.overdue', lang)} · {second}"
        shown.append(f"{shorten(ax, name, 150, BODY)}\n{second}")
    ax.set_yticks(range(len(rows)), shown)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    for text, y, overdue in zip(ax.get_yticklabels(), range(len(rows)), rows["overdue"], strict=True):
        text.set_linespacing(1.3)
        if overdue:
            text.set_color(AGAINST)
            ax.axhspan(y - 0.48, y + 0.48, facecolor="#FDF1E9", zorder=0, gid="overdue")
        if y:
            ax.axhline(y - 0.5, color=PALE, lw=0.8, zorder=0)
    ax.tick_params(axis="y", labelsize=SMALL)


def _notes(table: pd.DataFrame, series: list[str], lang: str | None) -> list[str]:
    notes = [word("charts.weighted_forecast.rule", lang)]
    for name in _FILL:
        if name not in series:
            notes.append(
                word("charts.weighted_forecast.missing", lang, name=word(f"charts.weighted_forecast.{name}", lang))
            )
    counted = {name: int(table[name].sum()) for name in ("without_crm", "placeholders", "omitted")}
    if "weighted_crm" not in series:
        counted["without_crm"] = 0
    notes += [
        word(f"charts.weighted_forecast.{name}", lang, count=number(count)) for name, count in counted.items() if count
    ]
    if len(table) > MAX_ROWS:
        notes.append(word("charts.rows_left_out", lang, count=number(len(table) - MAX_ROWS)))
    return notes
