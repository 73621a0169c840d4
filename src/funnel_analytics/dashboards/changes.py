"""The changes dashboard: what moved the pipeline between two dates, and the opportunities of each cause."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts
from ..arguments import checked
from ..book import Book
from ..errors import HistoryError
from ..funnel.changes import pipeline_change_lines, pipeline_changes
from ..funnel.flow import pipeline_flow
from ..funnel.pushes import push_counts, slippage
from ..periods import period_of
from ..words import label, money, number, percent, word
from ._content import (
    Content,
    Control,
    check_choice,
    chosen_view,
    computed,
    date_control,
    filter_controls,
    filtered,
    period_control,
)

if TYPE_CHECKING:
    from ._live import Dashboard

CAUSES = (
    "new", "reopened", "pulled_in", "increased", "decreased", "won", "lost", "pushed_out", "moved_in", "moved_out",
    "currency_rate", "vanished", "opening", "closing",
)  # fmt: skip


def _previous(book: Book) -> pd.Timestamp:
    """The last export before, else the day before the quarter, or the first that the history tells."""
    earlier = [date for date in book.export_dates if date < book.as_of]
    if earlier:
        return earlier[-1]
    eve = period_of(book.as_of, "quarter", book.calendar).start - pd.Timedelta(days=1)
    told = book.history_from
    return told if told is not None and eve < told < book.as_of else eve


def _controls(book: Book) -> list[Control]:
    since = date_control("since", book, _previous(book))
    until = date_control("until", book, book.as_of)
    return [
        Control("view", tuple(_VIEWS), "pipeline_changes"),
        *filter_controls(book),
        since,
        until,
        period_control(book, optional=True),
        Control("cause", (None, *CAUSES)),
    ]


@checked
def changes_content(
    book: Book,
    *,
    view: str = "pipeline_changes",
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
    view
        ``pipeline_changes`` (the waterfall between the dates), ``pipeline_flow`` (the same from each date that the book
        knows to the next, up to ``until``; ``since`` does not matter) or ``slippage`` (what became of the pipeline due in the period, and the pushes of each
        opportunity; the dates do not matter).
    since, until
        The two dates; None takes the previous export and the newest.
    period
        Only pipeline due in this period; None for all open pipeline (for the slippage the quarter of the book's date).
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
    ArgumentError
        If there is no such view or cause.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.changes_content(fa.load_sample(), cause="won")
    >>> set(content.table["cause"])
    {'won'}
    """
    show = chosen_view(_VIEWS, view)
    check_choice("cause", cause, CAUSES)
    first = _previous(book) if since is None else pd.Timestamp(since)
    last = book.as_of if until is None else pd.Timestamp(until)
    part = filtered(book, filters)
    if not part.size:
        return Content(notes=[word("dashboards.empty", lang)])
    return show(part, _Asked(first, last, period, cause, lang))


@dataclass(frozen=True)
class _Asked:
    """The setting of the controls."""

    since: pd.Timestamp
    until: pd.Timestamp
    period: str | None
    cause: str | None
    lang: str | None


def _waterfall(part: Book, asked: _Asked) -> Content:
    """The causes between the two dates, and the opportunities of each."""
    if asked.since >= asked.until:
        dates = {"since": f"{asked.since:%Y-%m-%d}", "until": f"{asked.until:%Y-%m-%d}"}
        raise HistoryError(word("dashboards.dates_reversed", asked.lang, **dates))
    between = {"since": asked.since, "until": asked.until, "period": asked.period}
    steps, lines = computed(part, pipeline_changes, **between), computed(part, pipeline_change_lines, **between)
    wanted = lines["cause"] == asked.cause if asked.cause else ~lines["cause"].isin(["opening", "closing"])
    table = lines[wanted].sort_values("amount", key=abs, ascending=False).reset_index(drop=True)
    table.attrs = lines.attrs
    amounts = steps.set_index("cause")["amount"]
    shown = ("opening", "closing", "new", "won", "lost")
    tiles = [(label(key, asked.lang, table=steps), money(amounts[key], part.currency, asked.lang)) for key in shown]
    return Content(tiles, charts=[charts.pipeline_changes(steps, lang=asked.lang)], table=table)


def _flow(part: Book, asked: _Asked) -> Content:
    """The causes of every step up to the second date, the latest steps first."""
    flow = computed(part, pipeline_flow, until=asked.until, period=asked.period)
    wanted = flow["cause"] == asked.cause if asked.cause else flow["opportunities"] > 0
    table = flow[wanted].sort_values("until", ascending=False, kind="stable").reset_index(drop=True)
    table.attrs = flow.attrs
    last = flow[flow["until"] == flow["until"].max()].set_index("cause")["amount"]
    shown = ("opening", "closing", "new", "won", "lost")
    tiles = [(label(key, asked.lang, table=flow), money(last[key], part.currency, asked.lang)) for key in shown]
    return Content(tiles, charts=[charts.pipeline_flow(flow, lang=asked.lang)], table=table)


def _slippage(part: Book, asked: _Asked) -> Content:
    """The slip rate of the period, and the opportunities that were pushed or are overdue."""
    found, pushes = computed(part, slippage, period=asked.period), computed(part, push_counts)
    row = found.iloc[0]
    shown = {"due": number, "slipped": number, "slip_rate": percent, "slip_rate_value": percent, "pushes": number}
    tiles = [(word(f"tables.{name}", asked.lang), said(row[name])) for name, said in shown.items()]
    table = pushes[(pushes["pushes"] > 0) | pushes["overdue"]].reset_index(drop=True)
    table.attrs = pushes.attrs
    return Content(tiles, charts=[charts.slippage(found, lang=asked.lang)], table=table)


_VIEWS: Mapping[str, Callable[[Book, _Asked], Content]] = {
    "pipeline_changes": _waterfall,
    "pipeline_flow": _flow,
    "slippage": _slippage,
}


@checked
def changes(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The changes dashboard as a widget; arguments as in `changes_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, changes_content, _controls(book), lang=lang, state=state)
