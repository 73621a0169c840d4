"""The funnel dashboard: where opportunities advance, where they die, how long they sit."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts, tables
from ..book import Book
from ..funnel.conversion import stage_conversion
from ..funnel.durations import time_in_stage
from ..funnel.win_rates import win_rates
from ..words import money, number, percent, word
from ._content import Content, Control, filter_controls, filtered

if TYPE_CHECKING:
    from ._live import Dashboard

COUNTING = ("reached", "visited", "strict", "any")
_SPLITS = ("segment", "region", "team", "owner", "product")
_COLUMNS = [
    "opportunity_id",
    "opportunity_name",
    "account_name",
    "owner",
    "segment",
    "stage",
    "amount",
    "created_date",
    "close_date",
]


def _controls(book: Book) -> list[Control]:
    splits = tuple(column for column in _SPLITS if len(book.choices(column)) > 1)
    stages = Control("stage", (None, *book.methodology.open_stages))
    return [*filter_controls(book), Control("by", (None, *splits)), Control("counting", COUNTING, "reached"), stages]


def funnel_content(
    book: Book,
    *,
    by: str | None = None,
    counting: str = "reached",
    stage: str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the funnel dashboard shows.

    Parameters
    ----------
    book
        The book.
    by
        Column to split the funnel by; None for the whole.
    counting
        Counting rule of `stage_conversion`.
    stage
        Show only the open opportunities of this stage in the list.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.funnel_content(fa.load_sample(), region="North")
    >>> len(content.charts)
    2
    """
    part = filtered(book, filters)
    rows = part.opportunities
    if rows.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    conversion = stage_conversion(part, by=by, counting=counting)
    durations = time_in_stage(part)
    rates = win_rates(part).set_index("rate")
    open_rows = part.open_opportunities
    shown = open_rows[open_rows["stage"] == stage] if stage else open_rows
    table = shown.sort_values("amount", ascending=False)[_COLUMNS].reset_index(drop=True)
    table.attrs = {"table": tables.OPPORTUNITIES.name, **part.context}
    # The number stands on every row of its group.
    unknown = conversion.drop_duplicates([by] if by else ["counting"])["lost_stage_unknown"].sum()
    total = money(part.open_amount, part.currency, lang) if part.has_money else "–"
    tiles = [
        (word("dashboards.open_opportunities", lang), number(len(open_rows))),
        (word("dashboards.open_amount", lang), total),
        (word("dashboards.win_rate_closed", lang), percent(_first(rates, "closed"))),
        (word("dashboards.lost_stage_unknown", lang), number(unknown)),
    ]
    return Content(
        tiles, [charts.stage_conversion(conversion, lang=lang), charts.time_in_stage(durations, lang=lang)], table
    )


def _first(rates: pd.DataFrame, key: str) -> float | None:
    return float(rates.loc[[key], "win_rate"].iloc[0]) if key in rates.index else None


def funnel(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The funnel dashboard as a widget; arguments as in `funnel_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, funnel_content, _controls(book), lang=lang, state=state)
