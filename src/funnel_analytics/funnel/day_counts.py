"""Counts by stage, group, day of age and outcome: the small table from which all durations are estimated.

The one heavy step is to count; the estimates then take as long for ten million opportunities as for ten.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ..codes import counted
from .reach import lasted


@dataclass(frozen=True)
class DayCounts:
    """What became of some opportunities or visits, by the days it took."""

    days: np.ndarray
    """(d,) durations on which something happened or the watching ended, ascending."""
    counts: np.ndarray
    """(d, kinds) how many ended so after these days."""

    @property
    def watched(self) -> int:
        """How many there are."""
        return int(self.counts.sum())

    def of(self, *kinds: int) -> np.ndarray:
        """(d,) how many ended in one of some ways."""
        return np.asarray(self.counts[:, kinds].sum(axis=1))


def day_counts(cell: np.ndarray, days: np.ndarray, kind: np.ndarray, cells: int, kinds: int) -> list[DayCounts]:
    """One `DayCounts` per cell.

    Parameters
    ----------
    cell
        (n,) array of whole numbers: which cell (a stage of a group, say) each belongs to.
    days
        (n,) array of whole numbers from 0: days it took.
    kind
        (n,) array of whole numbers: how it ended.
    cells, kinds
        How many cells and kinds there are.

    Examples
    --------
    >>> zero = np.zeros(3, dtype="int64")
    >>> first, second = day_counts(zero, np.array([5, 0, 5]), np.array([1, 0, 1]), 2, 2)
    >>> first.days.tolist(), first.counts.tolist(), second.watched
    ([0.5, 5.0], [[1, 0], [0, 2]], 0)
    """
    span = int(days.max(initial=0)) + 1
    found, counts = counted((cell * span + days) * kinds + kind, cells * span * kinds)
    rows, ended = np.divmod(found, kinds)
    new = np.append(True, rows[1:] != rows[:-1])[: len(rows)]
    table = np.zeros((int(new.sum()), kinds), dtype="int64")
    table[np.cumsum(new) - 1, ended] = counts
    where, day = np.divmod(rows[new], span)
    edges = np.searchsorted(where, np.arange(cells + 1))
    return [DayCounts(lasted(day[at:to]), table[at:to]) for at, to in pairwise(edges)]


def quantile(days: np.ndarray, counts: np.ndarray, share: float) -> float:
    """The quantile of counted durations, between two neighbours in proportion, as `numpy.quantile`; NaN of none.

    Examples
    --------
    >>> quantile(np.array([1.0, 4.0]), np.array([2, 2]), 0.5)
    2.5
    """
    running = np.cumsum(counts)
    if not len(running) or not running[-1]:
        return float("nan")
    place = (running[-1] - 1) * share
    low = int(place)
    first, second = np.searchsorted(running, [low, min(low + 1, running[-1] - 1)], side="right")
    return float(days[first] + (days[second] - days[first]) * (place - low))
