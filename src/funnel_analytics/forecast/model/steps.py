"""Step functions: what was last stated of each opportunity by a day."""

from dataclasses import dataclass

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
