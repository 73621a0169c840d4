"""Earlier periods of the same length, looked at on the same day: what the present one is held against."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import singledispatch

import pandas as pd

from ...book import Book
from ...funnel.counts import Source
from ...funnel.states import state_at
from ...hygiene import is_placeholder
from ...periods import Period, period_of

MOST_PERIODS = 8
"""Two years of quarters: what a team did before says little about what it does now."""
NEAR_DAYS = 10
"""An export of so many days before or after tells how the pipeline stood on a day."""


@singledispatch
def closings(source: Source) -> pd.DataFrame:
    """What was closed on which day: outcome, close_date, opportunities and amount, one that is not known as 0.

    In process each opportunity has a row of its own.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> sorted(set(closings(fa.load_sample())["outcome"]))
    ['lost', 'won']
    """
    raise NotImplementedError(type(source).__name__)


@closings.register
def _each(book: Book) -> pd.DataFrame:
    frame = pd.DataFrame({name: book.column(name) for name in ("outcome", "close_date", "amount")})
    return frame[frame["outcome"] != "open"].fillna({"amount": 0.0}).assign(opportunities=1)


def earlier_periods(book: Source, period: Period, most: int = MOST_PERIODS) -> list[Period]:
    """Periods of the same length that were over before the book's date, newest first."""
    found: list[Period] = []
    current = period
    first = closings(book)["close_date"].min()
    for _ in range(most + 40):
        current = period_of(current.start - pd.Timedelta(days=1), period.length, book.calendar)
        if pd.isna(first) or current.end < first or len(found) == most:
            break
        if current.end <= book.as_of:
            found.append(current)
    return found


@dataclass(frozen=True)
class PastYield:
    """What became of the pipeline that was due in an earlier period, seen on the same day of it.

    Attributes
    ----------
    period
        The earlier period.
    due, won, won_from_due : float
        Open amount due in it on that day; amount won from then to its end, and the part of it that was due.
    """

    period: Period
    due: float
    won: float
    won_from_due: float


def past_yields(book: Source, period: Period) -> list[PastYield]:
    """Earlier periods whose pipeline is known on the same day as the period's now is, newest first."""
    found = []
    for earlier, look in _looks(book, period):
        due, won, from_due, placed = yield_sums(book, earlier, look)
        if placed:
            found.append(PastYield(earlier, due, won, from_due))
    return found


@singledispatch
def yield_sums(source: Source, period: Period, look: pd.Timestamp) -> tuple[float, float, float, int]:
    """Of one period seen on one of its days: due, won and won_from_due as in `PastYield`, and how many were due."""
    raise NotImplementedError(type(source).__name__)


@yield_sums.register
def _of_rows(book: Book, period: Period, look: pd.Timestamp) -> tuple[float, float, float, int]:
    before, opportunities = state_at(book, look), book.opportunities
    due = before[(before["outcome"] == "open") & before["close_date"].between(period.start, period.end)]
    due = due[~is_placeholder(due["amount"])]
    won = opportunities[(opportunities["outcome"] == "won") & (opportunities["amount"] > 0)]
    after = won[won["close_date"].between(period.start, period.end) & (won["close_date"] > look)]
    same = after[after["opportunity_id"].isin(due.index)]
    return float(due["amount"].sum()), float(after["amount"].sum()), float(same["amount"].sum()), len(due)


def _looks(book: Source, period: Period) -> Iterator[tuple[Period, pd.Timestamp]]:
    """Each earlier period, and the day on which it is looked at: the like day, or that of an export near it."""
    ahead = book.as_of - period.start
    logged, dated = book.history_from, book.told_from("close_date")
    if logged is not None and dated is not None:
        # On its very first day a change log shows only what changed that day; one without close dates tells nothing.
        logged = max(logged + pd.Timedelta(days=1), dated)
    for earlier in earlier_periods(book, period, MOST_PERIODS):
        day = earlier.start + ahead
        if day >= earlier.end:
            continue
        near = [date for date in book.export_dates if abs((date - day).days) <= NEAR_DAYS and date < earlier.end]
        exact = [day] if (logged is not None and day >= logged) or day in near else []
        look = next(iter([*exact, *sorted(near, key=lambda date: abs((date - day).days))]), None)
        if look is not None:
            yield earlier, look
