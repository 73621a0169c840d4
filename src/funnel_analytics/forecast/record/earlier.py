"""Earlier periods of the same length, looked at on the same day: what the present one is held against."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ...book import Book
from ...funnel.states import state_at
from ...hygiene import is_placeholder
from ...periods import Period, period_of

MOST_PERIODS = 8
"""Two years of quarters: what a team did before says little about what it does now."""
NEAR_DAYS = 10
"""An export of so many days before or after tells how the pipeline stood on a day."""


def earlier_periods(book: Book, period: Period, most: int = MOST_PERIODS) -> list[Period]:
    """Periods of the same length that were over before the book's date, newest first."""
    found: list[Period] = []
    current = period
    first = book.opportunities["close_date"].where(book.opportunities["outcome"] != "open").min()
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


def past_yields(book: Book, period: Period) -> list[PastYield]:
    """Earlier periods whose pipeline the book knows on the same day as it now knows the period's, newest first."""
    ahead = book.as_of - period.start
    deals = book.opportunities
    won = deals[(deals["outcome"] == "won") & (deals["amount"] > 0)]
    found = []
    for earlier, look, before in _looks(book, period, ahead):
        due = before[(before["outcome"] == "open") & before["close_date"].between(earlier.start, earlier.end)]
        due = due[~is_placeholder(due["amount"])]
        if due.empty:
            continue
        after = won[won["close_date"].between(earlier.start, earlier.end) & (won["close_date"] > look)]
        same = after["opportunity_id"].isin(due.index)
        sums = (float(rows["amount"].sum()) for rows in (due, after, after[same]))
        found.append(PastYield(earlier, *sums))
    return found


def _looks(book: Book, period: Period, ahead: pd.Timedelta) -> Iterator[tuple[Period, pd.Timestamp, pd.DataFrame]]:
    """Each earlier period, the day on which it was looked at, and how every opportunity stood then."""
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
            yield earlier, look, state_at(book, look)
