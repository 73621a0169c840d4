"""Replays: the forecast of every past period, made from what was known on a day of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..model.engine import estimate, simulated
from ..model.ledger import Ledger
from ..model.lookbacks import Lookbacks, looked_back
from ..model.naive import naive_sample
from .calibration import Calibration, Record, calibrate, shrunk

REPLAY_DRAWS = 1000
GRID = 3
"""Days looked back to in each period."""
MAX_RECORDS = 32
"""Past forecasts that teach: eight years of quarters."""


@dataclass(frozen=True)
class Span:
    """A period: its label, first and last day (since 1970-01-01)."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Replay:
    """The forecast of one period as of one day; what was known then is the ledger's view of that day.

    Attributes
    ----------
    span : Span
        The period.
    day, start, end : int
        The day; the window in days from it (start excluded, end included).
    opportunities : ndarray of int
        The numbers of those that were open.
    probability : ndarray
        Their chances of being won in the window, before the record moves anything; missing without a number.
    method : str
        A key of the ladder.
    model : ndarray or None
        Quantiles of what is still to be won; None without a number.
    past : ndarray
        What the same window brought in past periods, oldest first, as known on the day.
    """

    span: Span
    day: int
    start: int
    end: int
    opportunities: np.ndarray
    probability: np.ndarray
    method: str
    model: np.ndarray | None
    past: np.ndarray

    @cached_property
    def naive(self) -> np.ndarray | None:
        """Quantiles of past periods; None before the first."""
        return naive_sample(self.past) if len(self.past) else None

    def outcome(self, ledger: Ledger) -> np.ndarray:
        """Which of the opportunities that were open then were won in the window."""
        won = ledger.won_between(self.day + self.start, self.span.end)
        return np.asarray(won[self.opportunities])


def window_of(span: Span, day: int) -> tuple[int, int]:
    """A period as days from a day: start excluded, end included."""
    return max(span.start - 1 - day, 0), span.end - day


def won_amount(ledger: Ledger, after: int, until: int, known: float | None = None) -> float:
    """Amount won after a day and by another, as far as it was known on a third."""
    at = np.flatnonzero(ledger.won_between(after, until, known))
    if known is None or known >= ledger.today:
        return float(np.nansum(ledger.final_amount[at]))
    return float(np.nansum(ledger.amount_at(at, int(known))[0]))


def first_closing(ledger: Ledger) -> float:
    """The first day on which a closing is known: before it, closings may have been left out of the export."""
    closed = ledger.closing.value
    return float(closed.min()) if len(closed) else float("inf")


def past_windows(ledger: Ledger, spans: Sequence[Span], index: int, offset: int, day: int) -> np.ndarray:
    """What the window brought in the periods before one, oldest first, as known on a day."""
    begin = first_closing(ledger)
    brought = []
    for span in spans[:index]:
        origin = span.start - 1 + offset
        if span.start >= begin and span.end <= day:
            brought.append(won_amount(ledger, max(origin, span.start - 1), span.end, day))
    return np.array(brought)


def grid_days(spans: Sequence[Span], offset: int) -> np.ndarray:
    """Days to look back to: in each period the one at the offset, and others a third of the period apart."""
    days = [
        span.start - 1 + offset + round((span.end - span.start + 1) * part / GRID)
        for span in spans
        for part in range(GRID)
    ]
    return np.unique(np.array(days, dtype="int64"))


class Replays:
    """The forecasts of all periods, as many days after each one's eve; each is made once, when it is asked for.

    Parameters
    ----------
    ledger
        The book's facts.
    spans
        Periods in order of time, without gaps; those before the first closing teach nothing and are left out.
    offset
        Days from the eve of a period to the day of its forecast; 0 is the first day's morning, negative
        before the period.
    seed
        Of the random draws.
    """

    def __init__(self, ledger: Ledger, spans: Sequence[Span], offset: int, *, seed: int = 0) -> None:
        self.ledger, self.spans, self.offset, self.seed = ledger, spans, offset, seed
        self._made: dict[int, Replay | None] = {}

    @cached_property
    def lookbacks(self) -> Lookbacks:
        """Past days like the one on which each forecast is made, and what followed."""
        return looked_back(self.ledger, grid_days(self.spans, self.offset))

    def last(self, count: int | None = None) -> list[Replay]:
        """The forecasts of the last so many periods; None means all."""
        first = 0 if count is None else max(len(self.spans) - count, 0)
        for index in range(first, len(self.spans)):
            if index not in self._made:
                self._made[index] = self._replay(index)
        return [made for index in range(first, len(self.spans)) if (made := self._made[index]) is not None]

    def _replay(self, index: int) -> Replay | None:
        span, ledger = self.spans[index], self.ledger
        day = span.start - 1 + self.offset
        start, end = window_of(span, day)
        if day < first_closing(ledger) or day > ledger.today or end <= start:
            return None
        estimated = estimate(ledger, self.lookbacks, day, start, end)
        model = None
        if estimated.known:
            # A day before 1970 is negative, which no seed may be.
            rng = np.random.default_rng([self.seed, day % 2**32])
            model = shrunk(np.add(*simulated(estimated, REPLAY_DRAWS, rng))[:, 0])
        return Replay(
            span, day, start, end, estimated.view.open.index.to_numpy(dtype="int32"), estimated.probability,
            estimated.chances.method, model, past_windows(ledger, self.spans, index, self.offset, day),
        )  # fmt: skip


def records(ledger: Ledger, made: Iterable[Replay], day: int) -> list[Record]:
    """What had come of the forecasts whose period was over on a day."""
    return [
        Record(one.model, one.naive, won_amount(ledger, one.day + one.start, one.span.end, day))
        for one in made
        if one.span.end <= day
    ][-MAX_RECORDS:]


def calibrations(ledger: Ledger, made: Sequence[Replay]) -> list[Calibration]:
    """The calibration with which each forecast would have been given."""
    return [calibrate(records(ledger, made[:index], one.day)) for index, one in enumerate(made)]
