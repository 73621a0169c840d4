"""Kaplan–Meier and Aalen–Johansen estimates: durations that count what has not ended yet.

Our own, because CRM dates tie heavily and common implementations jitter ties at random; ten lines each, with
delayed entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

STILL_WATCHED = 5
"""A curve is told up to the day to which at least so many were followed."""


@dataclass(frozen=True)
class Survival:
    """A Kaplan–Meier curve: the share still there just after each day on which someone left."""

    days: np.ndarray
    share: np.ndarray
    variance: np.ndarray
    """Greenwood's sum d / (n (n − d)) up to each day; infinite once nobody is left."""
    at_risk: np.ndarray
    """How many were still there just before each day."""

    def quantile(self, left: float) -> float:
        """The first day by which a share has left; NaN if fewer have."""
        # 1e-12: 1 - 1/3 - 1/3 must count as one third.
        reached = self.share <= 1 - left + 1e-12
        return _first_day(self.days, reached)

    def band(self, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends of the log-log confidence band, day by day."""
        z = ndtri(0.5 + level / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_share = np.log(self.share)
            half = z * np.sqrt(self.variance) / np.abs(log_share)
            upper = self.share ** np.exp(-half)
            lower = self.share ** np.exp(half)
        ended = self.share <= 0
        return np.where(ended, 0.0, lower), np.where(ended, 0.0, upper)

    def median_interval(self) -> tuple[float, float]:
        """Ends of the median's 95% interval, by inverting the log-log confidence band.

        Brookmeyer & Crowley, "A confidence interval for the median survival time", Biometrics 38 (1982).
        """
        lower, upper = self.band(0.95)
        return _first_day(self.days, lower <= 0.5), _first_day(self.days, upper <= 0.5)


def _first_day(days: np.ndarray, reached: np.ndarray) -> float:
    return float(days[reached.argmax()]) if reached.any() else np.nan


def _at_risk(times: np.ndarray, entries: np.ndarray, weights: np.ndarray | None, moments: np.ndarray) -> np.ndarray:
    """The weight that entered before each moment and did not leave before it (events come before censorings)."""

    def before(dates: np.ndarray) -> np.ndarray:
        if weights is None:
            return np.searchsorted(np.sort(dates), moments, side="left").astype("float64")
        order = np.argsort(dates, kind="stable")
        running = np.concatenate([[0.0], np.cumsum(weights[order])])
        return np.asarray(running[np.searchsorted(dates[order], moments, side="left")])

    return np.asarray(before(entries) - before(times))


def _observed(
    durations: np.ndarray, entries: np.ndarray | None, weights: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray]:
    """Times, entries and weights (None where all are alike) as numbers, and which were watched for any time at all."""
    times = np.asarray(durations, dtype="float64")
    start = np.full_like(times, -np.inf) if entries is None else np.asarray(entries, dtype="float64")
    watched = start < times
    weight = None if weights is None else np.asarray(weights, dtype="float64")[watched]
    return times[watched], start[watched], weight, watched


def survival_of_counts(days: np.ndarray, ended: np.ndarray, censored: np.ndarray) -> Survival:
    """The Kaplan–Meier curve of durations that are counted already, all watched from their beginning.

    Parameters
    ----------
    days
        (d,) array: different durations, ascending.
    ended, censored
        (d,) arrays: how many ended after each, and how many were watched no longer.

    Notes
    -----
    E. L. Kaplan & P. Meier, JASA 53 (1958). At equal times events come before censorings.

    Examples
    --------
    >>> survival_of_counts(np.array([10, 20, 30]), np.array([1, 1, 1]), np.array([0, 0, 1])).share.round(2)
    array([0.75, 0.5 , 0.25])
    """
    happened = ended > 0
    moments, events, risk = days[happened], ended[happened], _still_there(ended + censored)[happened]
    share = np.cumprod(1 - events / risk)
    variance = np.cumsum(np.where(risk > events, events / (risk * np.maximum(risk - events, 1)), np.inf))
    return Survival(moments, share, variance, risk)


def _still_there(left: np.ndarray) -> np.ndarray:
    """How many had not left before each day, from how many left on it."""
    return np.asarray(left[::-1].cumsum()[::-1])


@dataclass(frozen=True)
class Incidence:
    """Aalen–Johansen cumulative incidences of competing outcomes."""

    days: np.ndarray
    shares: dict[str, np.ndarray]
    open: np.ndarray
    at_risk: np.ndarray
    errors: dict[str, np.ndarray]
    """Standard error of each share (delta method), for opportunities of equal weight."""

    def by(self, day: float, outcome: str) -> float:
        """The share with an outcome by a day."""
        return self._at(self.shares, day, outcome)

    def error_by(self, day: float, outcome: str) -> float:
        """The standard error of that share."""
        return self._at(self.errors, day, outcome)

    def _at(self, curves: dict[str, np.ndarray], day: float, outcome: str) -> float:
        index = np.searchsorted(self.days, day, side="right") - 1
        return float(curves[outcome][index]) if index >= 0 and outcome in curves else 0.0


def aalen_johansen(
    durations: np.ndarray,
    outcomes: np.ndarray | Mapping[str, np.ndarray],
    entries: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> Incidence:
    """Cumulative incidence of each outcome when the outcomes exclude each other.

    One minus Kaplan–Meier, with the other outcomes as censored, overstates: a lost opportunity cannot be won later.

    Parameters
    ----------
    durations
        (n,) array.
    outcomes
        (n,) array of keys, ``"open"`` is censored; or for each outcome (n,) booleans: which durations ended so.
    entries
        (n,) array: duration at which each came under observation; None means 0 for all.
    weights
        (n,) array: how much each counts, for example its amount; None means all alike.

    Returns
    -------
    Incidence
        Shares of the weight, by outcome; with what is still open they add up to one.

    Notes
    -----
    O. O. Aalen & S. Johansen, Scandinavian Journal of Statistics 5 (1978).

    Examples
    --------
    >>> curve = aalen_johansen(np.array([50, 90, 100]), np.array(["lost", "won", "open"]))
    >>> round(curve.by(90, "won"), 3), round(curve.by(90, "lost"), 3)
    (0.333, 0.333)
    """
    times, start, weight, watched = _observed(durations, entries, weights)
    ends = outcomes if isinstance(outcomes, Mapping) else _ends(np.asarray(outcomes, dtype=object))
    ends = {name: happened[watched] for name, happened in ends.items()}
    moments = np.unique(np.concatenate([times[happened] for happened in ends.values()] or [times[:0]]))
    counts = {
        name: np.bincount(
            np.searchsorted(moments, times[happened]), None if weight is None else weight[happened], len(moments)
        )
        for name, happened in ends.items()
    }
    return _incidence(moments, counts, _at_risk(times, start, weight, moments))


def _ends(kinds: np.ndarray) -> dict[str, np.ndarray]:
    return {name: kinds == name for name in sorted({str(kind) for kind in set(kinds)} - {"open"})}


def incidence_of_counts(days: np.ndarray, events: Mapping[str, np.ndarray], censored: np.ndarray) -> Incidence:
    """Cumulative incidences of durations that are counted already, all watched from their beginning.

    Parameters
    ----------
    days
        (d,) array: different durations, ascending.
    events
        For each outcome (d,) array: how many had it after each duration.
    censored
        (d,) array: how many were watched no longer.

    Examples
    --------
    >>> events = {"won": np.array([0, 1, 0]), "lost": np.array([1, 0, 0])}
    >>> round(incidence_of_counts(np.array([50, 90, 100]), events, np.array([0, 0, 1])).by(90, "won"), 3)
    0.333
    """
    total = sum(events.values(), np.zeros(len(days), dtype="int64"))
    happened = total > 0
    risk = _still_there(total + censored)[happened].astype("float64")
    return _incidence(days[happened], {name: counts[happened] for name, counts in events.items()}, risk)


def _incidence(moments: np.ndarray, counts: Mapping[str, np.ndarray], risk: np.ndarray) -> Incidence:
    total = sum(counts.values(), np.zeros(len(moments)))
    share = np.cumprod(1 - total / risk)
    before = np.concatenate([[1.0], share[:-1]])[: len(moments)]
    shares = {name: np.cumsum(before * counts[name] / risk) for name in counts}
    errors = {name: _incidence_error(shares[name], before, counts[name], total, risk) for name in counts}
    return Incidence(moments, shares, share, risk, errors)


def _incidence_error(
    incidence: np.ndarray, before: np.ndarray, events: np.ndarray, total: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Standard errors of a cumulative incidence at each moment (delta method)."""
    decay = np.where(risk > total, total / (risk * np.maximum(risk - total, 1)), 0.0)
    own = before**2 * events * (risk - events) / risk**3
    cross = before * events / risk**2
    # Var(t) = Σ (F(t) − F(u))² decay + Σ own − 2 Σ (F(t) − F(u)) cross, expanded into running sums.
    s0, s1, s2 = np.cumsum(decay), np.cumsum(incidence * decay), np.cumsum(incidence**2 * decay)
    c0, c1 = np.cumsum(cross), np.cumsum(incidence * cross)
    variance = incidence**2 * s0 - 2 * incidence * s1 + s2 + np.cumsum(own) - 2 * (incidence * c0 - c1)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
