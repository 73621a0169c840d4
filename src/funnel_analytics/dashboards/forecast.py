"""The forecast dashboard: what will be won in a period, how sure that is, which opportunities carry it, and what if."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts
from ..arguments import checked
from ..book import Book
from ..forecast.assumptions import assume
from ..forecast.coverage import pipeline_coverage
from ..forecast.outlook import outlook, outlook_opportunities
from ..forecast.scenarios import outlook_drivers, scenario_outlook
from ..forecast.weighted import weighted_forecast
from ..words import MISSING, label, money, number, word
from ._content import (
    Content,
    Control,
    as_of_control,
    computed,
    filter_controls,
    filtered,
    opportunity_controls,
    period_control,
    seen_at,
)
from ._tiles import Measure, changes_since, previous_part

if TYPE_CHECKING:
    from ._live import Dashboard

ASSUMED = ("slipped", "lost", "won")


def _controls(book: Book) -> list[Control]:
    return [*filter_controls(book), *as_of_control(book), period_control(book), *opportunity_controls(book, ASSUMED)]


Tiles = tuple[list[tuple[str, str]], dict[str, str]]


def forecast_measures(result: pd.DataFrame) -> list[Measure]:
    """What an outlook says in single numbers."""
    parts = result.set_index("component")
    total = parts.loc["total"]
    return [
        Measure("expected", total["mean"], "money"),
        Measure("won_so_far", parts.loc["won", "mean"], "money"),
        Measure("quota", total["quota"], "money"),
        Measure("p_quota", total["p_quota"], "percent"),
    ]


def forecast_tiles(part: Book, earlier: Book | None, result: pd.DataFrame, period: str, lang: str | None) -> Tiles:
    """The outlook in five tiles (expected, interval, won so far, quota, its chance), and their changes."""
    total, currency = result.set_index("component").loc["total"], part.currency
    measures = forecast_measures(result)
    tiles = [one.told(currency, lang) for one in measures]
    low, high = (money(total[name], currency, lang) for name in ("p10", "p90"))
    # A range from a number to itself is none; of a period that is over there is no other.
    narrow = MISSING if "period_over" in str(total["warnings"]).split() else low
    tiles.insert(1, (word("dashboards.interval", lang), narrow if low == high else f"{low} – {high}"))
    before = partial(_measured, period=period)
    return tiles, changes_since(measures, earlier, before, currency, lang)


def _measured(book: Book, period: str) -> list[Measure]:
    return forecast_measures(computed(book, outlook, period=period))


def coverage_tile(row: pd.Series, lang: str | None) -> tuple[str, str]:
    """Coverage of the gap and the coverage needed, or the word for why there is none."""
    if pd.isna(row["coverage"]):
        return word("dashboards.coverage", lang), label(row["status"], lang)
    needed = MISSING if pd.isna(row["required_coverage"]) else f"{number(row['required_coverage'], 1)}×"
    return word("dashboards.coverage", lang), f"{number(row['coverage'], 1)}× / {needed}"


@checked
def forecast_content(
    book: Book,
    *,
    period: str | None = None,
    slipped: Iterable[str] = (),
    lost: Iterable[str] = (),
    won: Iterable[str] = (),
    as_of: pd.Timestamp | str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the forecast dashboard shows.

    Parameters
    ----------
    book
        The book.
    period
        A fiscal period; None means the quarter of the day after the book's date.
    slipped, lost, won
        Ids of open opportunities about which this is assumed: the outlook under these assumptions is then shown beside
        the outlook as it stands.
    as_of
        The day as of which the book is seen; None means its own.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.forecast_content(fa.load_sample())
    >>> len(content.tiles), len(content.charts)
    (6, 4)
    """
    book = seen_at(book, as_of)
    supposed = assume(book, slipped=slipped, lost=lost, won=won)
    part = filtered(book, filters)
    if part.opportunities.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    period = book.period(period).label
    result = computed(part, outlook, period=period)
    table = computed(part, outlook_opportunities, period=period)
    coverage = computed(part, pipeline_coverage, period=period)
    tiles, changes = forecast_tiles(part, previous_part(book, filters), result, period, lang)
    tiles.append(coverage_tile(coverage.iloc[0], lang))
    shown = [charts.outlook(result, lang=lang)]
    if supposed is not book:
        scenario = {word("dashboards.scenario", lang): filtered(supposed, filters)}
        shown.append(charts.scenario_outlook(scenario_outlook(part, scenario, period=period), lang=lang))
    shown += [
        charts.outlook_drivers(computed(part, outlook_drivers, period=period), lang=lang),
        charts.pipeline_coverage(coverage, lang=lang),
        charts.weighted_forecast(computed(part, weighted_forecast, by="quarter"), lang=lang),
    ]
    return Content(tiles, shown, table.copy(deep=False), changes=changes)


@checked
def forecast(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The forecast dashboard as a widget; arguments as in `forecast_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, forecast_content, _controls(book), lang=lang, state=state)
