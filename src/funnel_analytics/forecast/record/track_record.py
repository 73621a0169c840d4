"""A book's track record: its replays by horizon, made once, with the periods that count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...arguments import check_seed
from ...book import Book
from ...errors import ArgumentError, nearest
from ...periods import period_of
from ..model.ledger import Ledger, date_of, day_number, ledger_of, past_of
from .calibration import Calibration, calibrate
from .replay import MAX_RECORDS, Replay, Replays, Span, calibrations, records, won_amount

HORIZONS = {
    "month": {"first_day": 0, "week_3": 14},
    "quarter": {"first_day": 0, "week_5": 28, "week_9": 56},
    "half": {"first_day": 0, "week_14": 91},
    "year": {"first_day": 0, "week_14": 91, "week_27": 182},
}
"""When in a period a forecast is made: days after the period's eve, by its length."""
LATE_DAYS = 365
AGREE = 0.01
"""Two exports agree on a period where what was won in it differs by no more than this share."""


def spans_of(book: Book, period: str, after: int = 0) -> list[Span]:
    """The fiscal periods from the first creation or closing to the book's date, and some after it.

    Parameters
    ----------
    book
        The book.
    period
        ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``.
    after
        Periods that follow the running one.
    """
    ledger = ledger_of(book)
    days = np.concatenate([ledger.created, ledger.closed_on])
    days = days[np.isfinite(days) & (days <= ledger.today)]
    now = date_of(float(days.min())) if len(days) else book.as_of
    found: list[Span] = []
    left = after
    while True:
        one = period_of(now, period, book.calendar)
        found.append(Span(one.label, day_number(one.start), day_number(one.end)))
        if found[-1].end >= ledger.today:
            if left <= 0:
                return found
            left -= 1
        now = one.end + pd.Timedelta(days=1)


@dataclass(frozen=True)
class TrackRecord:
    """Replays of one horizon and how each would have been calibrated."""

    ledger: Ledger
    replays: list[Replay]
    calibrations: list[Calibration]

    def settled(self, span: Span) -> bool:
        """Whether the wins of one of its periods can be taken as final."""
        over = [one.span.end for one in self.replays if one.span.end <= self.ledger.today]
        return is_settled(self.ledger, span, newest=span.end >= max(over, default=span.end))


LOOK_BACK_PERIODS = MAX_RECORDS + 2
"""Past periods replayed to learn how far off today's forecast may be; the running one has no result."""


def replays_of(book: Book, period: str, offset: int, seed: int = 0) -> Replays:
    """The forecasts of all periods as of so many days after their eve; none is made twice.

    Parameters
    ----------
    book
        The book.
    period
        Length of the periods.
    offset
        Days after the eve of each period; negative before it.
    seed
        Of the draws.
    """
    check_seed(seed)
    return past_of(book).once(_replays, period, offset, seed)


def _replays(book: Book, period: str, offset: int, seed: int) -> Replays:
    # Before a period begins, its forecast and those of periods after the running one have been made already.
    after = 0 if offset >= 0 else 1 + -offset // 28
    return Replays(ledger_of(book), spans_of(book, period, after), offset, seed=seed)


def track_record(book: Book, period: str, offset: int, seed: int = 0) -> TrackRecord:
    """All of them, and how each would have been calibrated; made once per book. Parameters are `replays_of`'s."""
    return past_of(book).once(_track_record, period, offset, seed)


def _track_record(book: Book, period: str, offset: int, seed: int) -> TrackRecord:
    made = replays_of(book, period, offset, seed).last()
    return TrackRecord(ledger_of(book), made, calibrations(ledger_of(book), made))


def calibration_today(book: Book, period: str, offset: int) -> Calibration:
    """What the last of them teach today."""
    ledger = ledger_of(book)
    return calibrate(records(ledger, replays_of(book, period, offset).last(LOOK_BACK_PERIODS), ledger.today))


def horizons_of(period: str, wanted: Sequence[str] | None = None) -> dict[str, int]:
    """The horizons of a length of period, or those that are wanted of them: days after the period's eve.

    Raises
    ------
    ArgumentError
        If periods of that length, or forecasts of that horizon, are not replayed.
    """
    if str(period) not in HORIZONS:
        raise ArgumentError(f"Periods of length '{period}' are not replayed.{nearest(period, HORIZONS)}")
    known = HORIZONS[period]
    for name in wanted or ():
        if name not in known:
            raise ArgumentError(f"'{name}' is not a horizon of a {period}.{nearest(name, known)}")
    return known if wanted is None else {name: known[name] for name in wanted}


def is_settled(ledger: Ledger, span: Span, *, newest: bool) -> bool:
    """Whether a period's wins can be taken as final.

    Closings are booked late. The newest period that is over is settled once two exports after it agree.

    Parameters
    ----------
    ledger
        The book's facts.
    span
        The period.
    newest
        Whether it is the newest that is over.
    """
    if span.end > ledger.today:
        return False
    later = ledger.exports[ledger.exports >= span.end]
    return not newest or (len(later) >= 2 and _agree(ledger, span, later))


def _agree(ledger: Ledger, span: Span, exports: np.ndarray) -> bool:
    before, last = (won_amount(ledger, span.start - 1, span.end, float(day)) for day in exports[-2:])
    return abs(before - last) <= AGREE * max(before, last)


def late_booked(ledger: Ledger) -> float:
    """Share of the wins of the year before the last export but one that it did not know yet; missing with one."""
    if len(ledger.exports) < 2:
        return float("nan")
    look = float(ledger.exports[-2])
    won = ledger.won_between(int(look) - LATE_DAYS, int(look))
    return float((ledger.booked[won] > look).mean()) if won.any() else float("nan")
