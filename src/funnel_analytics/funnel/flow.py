"""The pipeline's flow: the changes from each date to the next, over all the dates of a book."""

from collections.abc import Iterator
from functools import singledispatch
from itertools import pairwise

import pandas as pd

from .. import tables
from ..arguments import day_asked
from ..book import Book
from ..errors import ArgumentError, HistoryError, nearest
from ..periods import Period
from .changes import CAUSES, Question, check_exported, compared, known_at, summed
from .counts import Source
from .groups import labelled
from .states import require_close_dates

STEPS = {"export": None, "week": "W-SUN", "month": "ME", "quarter": "QE"}
"""The step of a flow and the last day of each: weeks end on Sunday, months and quarters are those of the calendar."""


def flow_dates(
    book: Source, every: str | None, since: pd.Timestamp | None, until: pd.Timestamp | None
) -> list[pd.Timestamp]:
    """The dates between which a flow is told, oldest first."""
    exports, told_from = book.export_dates, book.history_from
    if every is None:
        every = "export" if len(exports) > 1 else "week"
    first = since if since is not None else (told_from if told_from is not None else exports[0])
    last = until if until is not None else book.as_of
    if every == "export":
        dates = [date for date in exports if (since is None or date >= since) and date <= last]
    else:
        ends = [pd.Timestamp(day) for day in pd.date_range(first, last, freq=STEPS[every])]
        edges = [day for day in (since, last) if day is not None]
        wanted = sorted({*ends, *edges})
        if told_from is None:
            # Only exports tell: the newest one up to the end of each step.
            wanted = [max((date for date in exports if date <= day), default=day) for day in wanted]
            dates = sorted({day for day in wanted if day in exports})
        else:
            # A first date that was asked for stays: where it is not known, that is said.
            dates = [day for day in wanted if day >= told_from or day in exports or day == since]
    if len(dates) < 2:
        listed = ", ".join(f"{day:%Y-%m-%d}" for day in exports)
        raise HistoryError(
            f"A flow needs two dates on which the pipeline is known; between {first:%Y-%m-%d} and {last:%Y-%m-%d} there"
            f" are {len(dates)}. The book knows the exports of {listed}. Add an earlier export or a stage history."
        )
    return dates


@singledispatch
def flow_counts(
    source: Source, dates: list[pd.Timestamp], due: Period | None, by: str | None
) -> Iterator[tuple[Question, pd.DataFrame]]:
    """`changes.change_counts` from each of the dates to the next, with its question."""
    raise NotImplementedError(type(source).__name__)


@flow_counts.register
def _(
    book: Book, dates: list[pd.Timestamp], due: Period | None, by: str | None
) -> Iterator[tuple[Question, pd.DataFrame]]:
    check_exported(book, by, tables.PIPELINE_FLOW)
    # Each date's state is the end of one step and the beginning of the next: looked up once.
    state = known_at(book, dates[0], by)
    for first, last in pairwise(dates):
        following, asked = known_at(book, last, by), Question(first, last, due, by)
        yield asked, compared(state, following, asked)
        state = following


def pipeline_flow(
    book: Source,
    *,
    every: str | None = None,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    period: str | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """What moved the open pipeline from each date to the next.

    Parameters
    ----------
    book
        A book or a warehouse with two exports, or with a change history.
    every
        The step: ``"export"`` (from one export to the next), ``"week"`` (weeks end on Sunday), ``"month"`` or
        ``"quarter"`` of the calendar. None takes the exports where there are several, else weeks. Where only exports
        tell, a step ends with the newest export in it, and steps without an export are joined to the next.
    since, until
        First and last date; None takes the first that the book knows, and ``book.as_of``. A step that they cut is
        told as far as it goes.
    period, by
        As in `pipeline_changes`.

    Returns
    -------
    DataFrame
        `tables.PIPELINE_FLOW`: every cause of every step, in order of time (and value of ``by``). In each step
        opening + causes = closing to the cent, and the closing is the opening of the next.

    Raises
    ------
    HistoryError
        If fewer than two dates are known; with a period, if no source tells close dates by the first.
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If an argument is no step, date, period or column.

    Notes
    -----
    What comes and goes within one step shows as both, what changes twice as one change: a long step hides more than
    a short one, and the sums of several steps are larger than `pipeline_changes` over all of them, never the balance.

    See Also
    --------
    pipeline_changes : one step, with `pipeline_change_lines` for its opportunities.
    funnel_analytics.charts.pipeline_flow : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> flow = fa.pipeline_flow(fa.load_sample(), since="2026-06-30", until="2026-09-30")
    >>> balance = flow[flow["cause"] != "closing"].groupby("until")["amount"].sum()
    >>> bool((balance - flow[flow["cause"] == "closing"].set_index("until")["amount"]).abs().max() < 0.005)
    True
    """
    if every is not None and every not in STEPS:
        raise ArgumentError(f"'{every}' is not a step.{nearest(every, STEPS)}")
    book.require_money()
    dates = flow_dates(
        book,
        every,
        None if since is None else day_asked(since, "since"),
        None if until is None else day_asked(until, "until"),
    )
    due = None if period is None else book.period(period)
    if due is not None:
        require_close_dates(book, dates[0])
    steps = []
    for asked, counts in flow_counts(book, dates, due, by):
        frame, values = summed(counts, asked)
        steps.append(labelled(frame.assign(since=asked.first, until=asked.last), by, values, len(CAUSES)))
    flow = pd.concat(steps, ignore_index=True)
    if by is not None:
        # Group by group, each in order of time.
        flow = flow.sort_values(by, kind="stable", na_position="last", ignore_index=True)
    context = {**book.context, "period": period, "amounts_from": book.told_from("amount")}
    return tables.declare(flow, tables.PIPELINE_FLOW, context, by=by)
