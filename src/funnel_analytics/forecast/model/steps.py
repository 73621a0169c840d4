"""Step functions: what was last stated of each opportunity by a day."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

SPAN = 1 << 20
"""More days than any date has; opportunity × SPAN + day is one sortable number."""


@dataclass(frozen=True)
class Steps:
    """One step function per opportunity: a value from each statement's day on.

    Attributes
    ----------
    place : ndarray of int
        Opportunity × `SPAN` + day, rising.
    value : ndarray of float
        What is stated from then on.
    """

    place: np.ndarray
    value: np.ndarray

    def at(self, opportunity: np.ndarray, day: np.ndarray | int) -> np.ndarray:
        """The last value stated by a day; missing where nothing had been."""
        if not len(self.place):
            return np.full(len(opportunity), np.nan)
        first = opportunity * SPAN
        position = np.searchsorted(self.place, first + day, side="right") - 1
        known = (position >= 0) & (self.place[position] >= first)
        return np.where(known, self.value[position], np.nan)

    @cached_property
    def _spans(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The opportunity of each value, the day from which it stands, and the day from which another does."""
        opportunity, first = (part.astype("int32") for part in np.divmod(self.place, SPAN))
        again = opportunity[1:] == opportunity[:-1]
        return opportunity, first, np.append(np.where(again, first[1:], SPAN), SPAN)[: len(first)].astype("int32")

    def stated(self, value: float, day: int) -> np.ndarray:
        """The opportunities of which a value was the last stated by a day, rising.

        Examples
        --------
        >>> known = steps(np.array([0, 0, 1]), np.array([10, 30, 20]), np.array([1.0, 2.0, 1.0]))
        >>> known.stated(1.0, 29).tolist(), known.stated(1.0, 30).tolist()
        ([0, 1], [1])
        """
        opportunity, first, until = self._spans
        return np.asarray(opportunity[(first <= day) & (until > day) & (self.value == value)], dtype="int64")


def steps(opportunity: np.ndarray, day: np.ndarray, value: np.ndarray) -> Steps:
    """Step functions from statements; of several on one day the last one given stands.

    Examples
    --------
    >>> known = steps(np.array([0, 0, 1]), np.array([10, 30, 20]), np.array([1.0, 2.0, 7.0]))
    >>> known.at(np.array([0, 0, 1]), np.array([29, 30, 19])).tolist()
    [1.0, 2.0, nan]
    """
    stated = ~(np.isnan(value) | np.isnan(day) | (opportunity < 0))
    place = opportunity[stated].astype("int64") * SPAN + day[stated].astype("int64")
    order = np.argsort(place, kind="stable")
    place, value = place[order], value[stated][order].astype("float64")
    last = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, dtype=bool)
    return Steps(place[last], value[last])
