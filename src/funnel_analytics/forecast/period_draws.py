"""The joint draws of a period: won so far, open opportunities and new business, by group, moved by the record."""

from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ..book import Book
from ..periods import Period
from .assumptions import assumptions_of
from .model.assumed import under_assumptions
from .model.engine import Estimate, estimate, simulated
from .model.ledger import day_number, ledger_of
from .model.naive import naive_sample
from .model.probability import LEARNED
from .record.calibration import Calibration
from .record.replay import Replays, Span, past_windows
from .record.track_record import calibration_today, replays_of

NO_RECORD = Calibration(1.0, 1.0, 0, 0)


@dataclass(frozen=True)
class Window:
    """A period as days from now: start excluded, end included; both 0 when it is over."""

    period: Period
    start_days: int
    end_days: int

    @property
    def over(self) -> bool:
        """Whether the period has ended."""
        return self.end_days == 0


def window(book: Book, name: str | None) -> Window:
    """The days of a period from the book's date."""
    period = book.period(name)
    end = max((period.end - book.as_of).days, 0)
    return Window(period, max((period.start - book.as_of).days - 1, 0) if end else 0, end)


@dataclass(frozen=True)
class Outlook:
    """What is expected of a period, and how far the record moves it.

    Attributes
    ----------
    window : Window
        The period.
    estimated : Estimate
        Of today.
    calibration : Calibration
        From the replays of past periods as of the like day.
    naive : ndarray or None
        Quantiles of what such a window brought in the past.
    learned : Estimate
        The estimate before assumptions: the record is about what was learned, not about what is assumed.
    """

    window: Window
    estimated: Estimate
    calibration: Calibration
    naive: np.ndarray | None
    learned: Estimate

    @property
    def model_mean(self) -> float:
        """Expected amount still to be won, before the record moves it."""
        return _model_mean(self.estimated)

    @property
    def mean(self) -> float:
        """The same as blended with past periods."""
        model = _model_mean(self.learned)
        return self.model_mean * self.scale if model > 0 else self._blended

    @property
    def _blended(self) -> float:
        model = _model_mean(self.learned)
        if self.naive is None:
            return model
        share = self.calibration.share
        return share * model + (1 - share) * float(self.naive.mean())

    @property
    def scale(self) -> float:
        """Factor by which the blend moves each part's expected amount."""
        model = _model_mean(self.learned)
        return self._blended / model if model > 0 else 1.0


def _model_mean(estimated: Estimate) -> float:
    return float(estimated.expected.sum() + estimated.business.mean)


def outlook_of(book: Book, span: Window, *, ever: bool = False) -> Outlook:
    """The estimate of a period and what the record does to it; of a book the last one is kept, for it can be large.

    Parameters
    ----------
    book
        The book.
    span
        From `window`.
    ever
        Whether the chance of ever being won is asked too.
    """
    known = _LAST.get(book)
    if known is None or known[0] != span or (ever and not known[1]):
        _LAST.pop(book, None)
        known = _LAST[book] = (span, ever, _outlook_of(book, span, ever))
    return known[2]


_LAST: WeakKeyDictionary[Book, tuple[Window, bool, Outlook]] = WeakKeyDictionary()


def _outlook_of(book: Book, span: Window, ever: bool) -> Outlook:
    ledger = ledger_of(book)
    length = span.period.length
    start, end = day_number(span.period.start), day_number(span.period.end)
    offset = ledger.today - start + 1
    made = replays_of(book, length, offset)
    if not any((one.start, one.end) == (start, end) for one in made.spans):
        before = [one for one in made.spans if one.end < start]
        made = Replays(ledger, [*before, Span(span.period.label, start, end)], offset)
    learned = estimate(ledger, made.lookbacks, ledger.today, span.start_days, span.end_days, ever=ever)
    estimated = _assumed(book, learned)
    if span.over or estimated.chances.method not in LEARNED:
        return Outlook(span, estimated, NO_RECORD, None, learned)
    calibration = calibration_today(book, length, offset)
    index = next(place for place, one in enumerate(made.spans) if one.start == start)
    past = past_windows(ledger, made.spans, index, offset, ledger.today)
    return Outlook(span, estimated, calibration, naive_sample(past) if len(past) else None, learned)


def _assumed(book: Book, estimated: Estimate) -> Estimate:
    """The estimate if what the book assumes comes true."""
    if assumptions_of(book).empty:
        return estimated
    opportunities, chances = book.open_opportunities, estimated.chances.rows
    place = pd.Index(opportunities["opportunity_id"]).get_indexer(estimated.view.open["opportunity_id"])
    known = place >= 0
    of_book = chances[known].set_axis(opportunities.index[place[known]])
    moved = under_assumptions(book, of_book, estimated.start, estimated.end)
    rows = chances.copy()
    rows.loc[known, moved.columns] = moved.to_numpy()
    return replace(estimated, chances=replace(estimated.chances, rows=rows.astype(chances.dtypes)))


@dataclass(frozen=True)
class Drawn:
    """Draws of what open opportunities and new business bring, shape (draws, groups); with exact means."""

    open: np.ndarray
    new: np.ndarray
    open_mean: np.ndarray
    new_mean: np.ndarray


def drawn(
    outlook: Outlook, draws: int, seed: int, *, open_group: np.ndarray, new_group: np.ndarray, groups: int
) -> Drawn:
    """The joint draws by group; in every draw the groups add up to the whole.

    Parameters
    ----------
    outlook
        From `outlook_of`, with known chances.
    draws, seed
        How many, and from which seed.
    open_group, new_group
        Number of the group of each open opportunity, and of each amount that new business is drawn from.
    groups
        How many groups.
    """
    estimated, business = outlook.estimated, outlook.estimated.business
    rng = np.random.default_rng(seed)
    opened, new = simulated(
        estimated, draws, rng, open_group=open_group, new_group=new_group, groups=groups
    )  # fmt: skip
    open_mean = np.bincount(open_group, estimated.expected, minlength=groups) * outlook.scale
    share = np.bincount(new_group, business.amounts, minlength=groups) if len(business.amounts) else np.zeros(groups)
    share = share / share.sum() if share.sum() > 0 else np.full(groups, 1 / groups)
    missing = outlook.mean if outlook.model_mean <= 0 else business.mean * outlook.scale
    total = opened.sum(axis=1) + new.sum(axis=1)
    if outlook.learned is not estimated:
        # The record moves what was learned, draw by draw; what is assumed is not mixed with past periods.
        before = simulated(
            outlook.learned, draws, np.random.default_rng(seed), open_group=open_group, new_group=new_group, groups=groups
        )  # fmt: skip
        base = before[0].sum(axis=1) + before[1].sum(axis=1)
        ratio = outlook.calibration.applied(base, outlook.naive) / np.where(base > 0, base, np.nan)
        factor = np.nan_to_num(ratio, nan=1.0)[:, None]
        return Drawn(opened * factor, new * factor, open_mean, missing * share)
    moved = outlook.calibration.applied(total, outlook.naive)
    factor = np.where(total > 0, moved / np.where(total > 0, total, 1.0), 0.0)[:, None]
    # Where nothing was drawn, what past periods add is business that nobody knows yet.
    new = new * factor + np.where(total > 0, 0.0, moved)[:, None] * share
    return Drawn(opened * factor, new, open_mean, missing * share)
