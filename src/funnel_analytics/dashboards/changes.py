"""The changes dashboard: what moved the pipeline between two dates, and the opportunities of each cause."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts
from ..book import Book
from ..errors import HistoryError
from ..funnel.changes import pipeline_change_lines, pipeline_changes
from ..periods import period_of
from ..words import label, money, word
from ._content import Content, Control, date_control, filter_controls, filtered, period_control

if TYPE_CHECKING:
    from ._live import Dashboard

CAUSES = (
    "new", "reopened", "pulled_in", "increased", "decreased", "won", "lost", "pushed_out", "moved_in", "moved_out",
    "currency_rate", "vanished", "opening", "closing",
)  # fmt: skip


def _previous(book: Book) -> pd.Timestamp:
    earlier = [date for date in book.export_dates if date < book.as_of]
    quarter = period_of(book.as_of, "quarter", book.calendar)
    return earlier[-1] if earlier else quarter.start - pd.Timedelta(days=1)


def _controls(book: Book) -> list[Control]:
    since = date_control("since", book, _previous(book))
    until = date_control("until", book, book.as_of)
    return [
        *filter_controls(book),
        since,
        until,
        period_control(book, optional=True),
        Control("cause", (None, *CAUSES)),
    ]


def changes_content(
    book: Book,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    period: str | None = None,
    cause: str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the changes dashboard shows.

    Parameters
    ----------
    book
        A book with at least two exports, or a stage history.
    since, until
        The two dates; None takes the previous export and the newest.
    period
        Only pipeline due in this period; None for all open pipeline.
    cause
        List only the opportunities of this cause; None lists all but opening and closing.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Raises
    ------
    HistoryError
        If the first date is not before the second, or a date is not known.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.changes_content(fa.load_sample(), cause="won")
    >>> set(content.table["cause"])
    {'won'}
    """
    first = _previous(book) if since is None else pd.Timestamp(since)
    last = book.as_of if until is None else pd.Timestamp(until)
    if first >= last:
        raise HistoryError(word("dashboards.dates_reversed", lang, since=f"{first:%Y-%m-%d}", until=f"{last:%Y-%m-%d}"))
    part = filtered(book, filters)
    if part.opportunities.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    steps = pipeline_changes(part, since=first, until=last, period=period)
    lines = pipeline_change_lines(part, since=first, until=last, period=period)
    asked = lines["cause"] == cause if cause else ~lines["cause"].isin(["opening", "closing"])
    table = lines[asked].sort_values("amount", key=abs, ascending=False).reset_index(drop=True)
    table.attrs = lines.attrs
    amounts = steps.set_index("cause")["amount"]
    shown = ("opening", "closing", "new", "won", "lost")
    tiles = [(label(key, lang, table=steps), money(amounts[key], part.currency, lang)) for key in shown]
    return Content(tiles, [charts.pipeline_changes(steps, lang=lang)], table)


def changes(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The changes dashboard as a widget; arguments as in `changes_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, changes_content, _controls(book), lang=lang, state=state)
