"""The forecast dashboard: what will be won in a period, how sure that is, and which opportunities carry it."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts
from ..book import Book
from ..forecast.outlook import outlook, outlook_opportunities
from ..forecast.weighted import weighted_forecast
from ..words import money, percent, word
from ._content import Content, Control, filter_controls, filtered, period_control

if TYPE_CHECKING:
    from ._live import Dashboard


def _controls(book: Book) -> list[Control]:
    return [*filter_controls(book), period_control(book)]


def forecast_tiles(total: pd.Series, won: float, currency: str | None, lang: str | None) -> list[tuple[str, str]]:
    """The outlook in four tiles: expected, interval, won so far, chance of the quota."""
    interval = f"{money(total['p10'], currency, lang)} – {money(total['p90'], currency, lang)}"
    return [
        (word("dashboards.expected", lang), money(total["mean"], currency, lang)),
        (word("dashboards.interval", lang), interval),
        (word("dashboards.won_so_far", lang), money(won, currency, lang)),
        (word("dashboards.quota", lang), money(total["quota"], currency, lang)),
        (word("dashboards.p_quota", lang), percent(total["p_quota"])),
    ]


def forecast_content(book: Book, *, period: str | None = None, lang: str | None = None, **filters: Any) -> Content:
    """What the forecast dashboard shows.

    Parameters
    ----------
    book
        The book.
    period
        A fiscal period; None means the quarter of the day after the book's date.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.forecast_content(fa.load_sample())
    >>> len(content.tiles)
    5
    """
    part = filtered(book, filters)
    if part.opportunities.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    result = outlook(part, period=period)
    by_component = result.set_index("component")
    opportunities = outlook_opportunities(part, period=period)
    table = opportunities.sort_values("expected", ascending=False).reset_index(drop=True)
    table.attrs = opportunities.attrs
    tiles = forecast_tiles(by_component.loc["total"], by_component.loc["won", "mean"], part.currency, lang)
    weighted = weighted_forecast(part, by="quarter")
    return Content(tiles, [charts.outlook(result, lang=lang), charts.weighted_forecast(weighted, lang=lang)], table)


def forecast(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The forecast dashboard as a widget; arguments as in `forecast_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, forecast_content, _controls(book), lang=lang, state=state)
