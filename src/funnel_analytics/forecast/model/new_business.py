"""What will be won from opportunities that do not exist yet: created and won inside one window.

Compound Poisson: a gamma posterior on the rate, learned from past windows of the same length with a half-life
of two years; amounts resampled from those that were won that way.
"""

from dataclasses import dataclass, field

import numpy as np

from ...hygiene import PLACEHOLDER
from .view import View

HALF_LIFE_DAYS = 730.0
PRIOR_EVENTS = PRIOR_WINDOWS = 0.3
WINDOWS_PER_LENGTH = 3
"""Windows start every third of their length, so three overlap and each weighs a third."""
MIN_POOL = 5
"""With fewer amounts won inside a window, all won amounts are resampled."""


@dataclass(frozen=True)
class NewBusiness:
    """The gamma posterior on the number of wins and the amounts to resample.

    Attributes
    ----------
    shape, rate : float
        Of the gamma distribution of the expected number of wins.
    amounts : ndarray
        Won amounts to draw from, sorted; without any, new business has a number and no value.
    windows : int
        Past windows learned from; 0 means that nothing could be learned.
    sources : ndarray of int
        The ledger's number of the opportunity that brought each amount.
    """

    shape: float
    rate: float
    amounts: np.ndarray
    windows: int
    sources: np.ndarray = field(default_factory=lambda: np.array([], dtype="int64"))

    @property
    def expected_wins(self) -> float:
        """Expected number of wins."""
        return self.shape / self.rate if self.windows else 0.0

    @property
    def mean(self) -> float:
        """Expected amount."""
        return self.expected_wins * float(self.amounts.mean()) if len(self.amounts) else 0.0


def new_business(view: View, start_days: int, end_days: int) -> NewBusiness:
    """Wins of the window that opens after ``start_days`` from opportunities created from now on.

    Parameters
    ----------
    view
        What was known; closed opportunities that state when they were created teach.
    start_days, end_days
        The window in days from now; past windows look alike: created after their first day, won after
        ``start_days`` and within ``end_days`` of it.
    """
    won = view.cycles[view.cycles.won]
    nothing = NewBusiness(0.0, 1.0, np.array([]), 0)
    if end_days <= start_days or not len(won):
        return nothing
    # Before the first closing that the export shows, closings may have been left out of it.
    reach = view.day - view.ended.closed_on.min()
    step = max(end_days / WINDOWS_PER_LENGTH, 1.0)
    opened = np.arange(int(max(reach - end_days, -step) // step) + 1) * step + end_days  # days before now
    if not len(opened):
        return nothing
    created, ended = view.day - won.created, view.day - won.closed_on
    counts = np.zeros(len(opened))
    inside = np.zeros(len(won), dtype=bool)
    for index, day in enumerate(opened):
        fits = (created < day) & (ended < day - start_days) & (ended >= day - end_days)
        counts[index] = fits.sum()
        inside |= fits
    weight = 0.5 ** ((opened - end_days) / HALF_LIFE_DAYS) * min(step / end_days, 1.0)
    # Placeholders are no amounts to resample.
    pool = won[inside & (won.amount > PLACEHOLDER)]
    if len(pool) < MIN_POOL:
        pool = won[won.amount > PLACEHOLDER]
    pool = pool[np.argsort(pool.amount, kind="stable")]
    return NewBusiness(
        float((weight * counts).sum() + PRIOR_EVENTS),
        float(weight.sum() + PRIOR_WINDOWS),
        pool.amount,
        len(opened),
        pool.number,
    )


def new_business_draws(
    business: NewBusiness,
    draws: int,
    rng: np.random.Generator,
    *,
    group: np.ndarray | None = None,
    groups: int = 1,
    chunk: int = 500_000,
) -> np.ndarray:
    """Amounts won from new business, one per draw and group.

    Parameters
    ----------
    business
        From `new_business`.
    draws
        How many.
    rng
        Where the randomness comes from.
    group
        Number of the group of each amount that is drawn from; None puts all into the first.
    groups
        How many groups.
    chunk
        Amounts held in memory at once.

    Returns
    -------
    ndarray of shape (draws, groups)
    """
    sums = np.zeros(draws * groups)
    if not business.windows or not len(business.amounts):
        return sums.reshape(draws, groups)
    where = np.zeros(len(business.amounts), dtype="int64") if group is None else group
    until = np.cumsum(rng.poisson(rng.gamma(business.shape, 1 / business.rate, draws)))
    for start in range(0, int(until[-1]), chunk):
        # The draw that each win belongs to, of these wins alone: all are wins times draws, hundreds of megabytes.
        ends = np.append(start, np.clip(until, start, start + chunk))
        part = np.repeat(np.arange(draws), ends[1:] - ends[:-1])
        pick = rng.integers(len(business.amounts), size=len(part))
        sums += np.bincount(part * groups + where[pick], business.amounts[pick], minlength=draws * groups)
    return sums.reshape(draws, groups)
