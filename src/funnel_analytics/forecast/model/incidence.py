"""Competing risks by age: the chance of being won, when losses and open opportunities are told apart.

Reads the Aalen–Johansen curve of `funnel.survival` and asks it about opportunities that are open at an age.
"""

from dataclasses import dataclass

import numpy as np

from ...funnel.survival import aalen_johansen
from ...outcomes import LOST, WON

OVERALL_WEIGHT = 15.0
"""Opportunities' worth of the overall rate by which a conditional probability is steadied."""


@dataclass(frozen=True)
class IncidenceCurve:
    """Shares won and still open by days, as far as enough were seen.

    Attributes
    ----------
    days : ndarray
        Days on which something was won or lost, rising.
    won, open : ndarray
        Shares from each of these days on.
    end : float
        The last day that the curve speaks about.
    """

    days: np.ndarray
    won: np.ndarray
    open: np.ndarray
    end: float

    def at(self, days: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Shares won and still open by each number of days; after ``end`` as at the end."""
        position = np.searchsorted(self.days, days, side="right")
        return np.append(0.0, self.won)[position], np.append(1.0, self.open)[position]


def incidence_curve(
    leaving: np.ndarray,
    event: np.ndarray,
    *,
    entry: np.ndarray | None = None,
    weights: np.ndarray | None = None,
    at_least: int = 1,
) -> IncidenceCurve:
    """The curve of opportunities that were won, lost or are still open.

    Parameters
    ----------
    leaving
        Days until won, lost or last seen.
    event
        `WON`, `LOST` or `OPEN`.
    entry
        Days from which each was watched; None means from the start.
    weights
        How much each counts; None means all alike.
    at_least
        The curve stops before the first day on which fewer are at risk.

    Examples
    --------
    One of four is lost on day 10, one of the three left is won on day 20:

    >>> from funnel_analytics.outcomes import OPEN
    >>> curve = incidence_curve(np.array([10, 20, 30, 30]), np.array([LOST, WON, OPEN, OPEN]))
    >>> curve.days.tolist(), curve.won.tolist(), curve.open.tolist()
    ([10.0, 20.0], [0.0, 0.25], [0.75, 0.5])
    """
    full = aalen_johansen(leaving, {"lost": event == LOST, "won": event == WON}, entry, weights)
    # Weights are added up: a sum that is short of a whole one by rounding alone ends nothing.
    few = np.flatnonzero(full.at_risk < at_least - 1e-9)
    stop = int(few[0]) if len(few) else len(full.days)
    last = float(leaving.max()) if len(leaving) else 0.0
    end = last if stop == len(full.days) else float(full.days[stop - 1]) if stop else 0.0
    return IncidenceCurve(full.days[:stop], full.shares["won"][:stop], full.open[:stop], end)


def within(curve: IncidenceCurve, age: np.ndarray, days: float) -> np.ndarray:
    """Chance of being won within some days, for opportunities open at an age: (F(a + H) − F(a)) / S(a).

    Missing from the last age on at which anything was seen to happen, and where nothing is open: what was
    never seen is not guessed. Where the curve ends inside the horizon it is a lower bound.

    Examples
    --------
    >>> from funnel_analytics.outcomes import OPEN
    >>> curve = incidence_curve(np.array([10, 20, 30, 30]), np.array([LOST, WON, OPEN, OPEN]))
    >>> within(curve, np.array([15.0, 25.0]), 10).tolist()
    [0.3333333333333333, nan]
    """
    return _within(curve, age, days, curve.at(age))


def _within(curve: IncidenceCurve, age: np.ndarray, days: float, at_age: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    now, still = at_age
    then, _ = curve.at(age + days)
    last = curve.days[-1] if len(curve.days) else -np.inf
    seen = (age < last) & (still > 0)
    return np.where(seen, (then - now) / np.where(still > 0, still, 1.0), np.nan)


def steadied_within(
    curve: IncidenceCurve, age: np.ndarray, days: float, *, rows: int, rate_won: float, rate_lost: float
) -> np.ndarray:
    """The same, drawn to the overall rate where few were seen at that age: (p n_a + 15 p̄) / (n_a + 15).

    n_a = S(a) × rows. Where the curve ends inside the horizon p counts the part that was seen; beyond the
    curve's end only p̄ is left. So the result never falls when the horizon grows.

    Parameters
    ----------
    curve
        From `incidence_curve`.
    age
        Days since creation.
    days
        The horizon.
    rows
        Opportunities behind the curve.
    rate_won, rate_lost
        Overall events per day at risk.
    """
    any_rate = rate_won + rate_lost
    overall = rate_won / any_rate * -np.expm1(-any_rate * days) if any_rate > 0 else 0.0
    at_age = curve.at(age)
    counted = np.where(age < curve.end, at_age[1] * rows, 0.0)
    # Between the last event and the curve's end opportunities were watched and none was won.
    seen = np.nan_to_num(_within(curve, age, days, at_age))
    return np.asarray((seen * counted + OVERALL_WEIGHT * overall) / (counted + OVERALL_WEIGHT))
