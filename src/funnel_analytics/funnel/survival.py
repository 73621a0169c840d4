"""Kaplan–Meier and Aalen–Johansen estimates: durations that count what has not ended yet.

Our own, because CRM dates tie heavily and common implementations jitter ties at random; ten lines each, with
delayed entry.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri


@dataclass(frozen=True)
class Survival:
    """A Kaplan–Meier curve: the share still there just after each day on which someone left."""

    days: np.ndarray
    share: np.ndarray
    variance: np.ndarray
    """Greenwood's sum d / (n (n − d)) up to each day; infinite once nobody is left."""

    def quantile(self, left: float) -> float:
        """The first day by which a share has left; NaN if fewer have."""
        # 1e-12: 1 - 1/3 - 1/3 must count as one third.
        reached = self.share <= 1 - left + 1e-12
        return float(self.days[reached.argmax()]) if reached.any() else np.nan

    def median_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Ends of the median's interval, by inverting the log-log confidence band.

        Brookmeyer & Crowley, "A confidence interval for the median survival time", Biometrics 38 (1982).
        """
        z = ndtri(0.5 + level / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            log_share = np.log(self.share)
            half = z * np.sqrt(self.variance) / np.abs(log_share)
            upper = self.share ** np.exp(-half)
            lower = self.share ** np.exp(half)
        ended = self.share <= 0
        upper, lower = np.where(ended, 0.0, upper), np.where(ended, 0.0, lower)
        return _first_day(self.days, lower <= 0.5), _first_day(self.days, upper <= 0.5)


def _first_day(days: np.ndarray, reached: np.ndarray) -> float:
    return float(days[reached.argmax()]) if reached.any() else np.nan


def _at_risk(times: np.ndarray, entries: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """How many have entered before each moment and not left before it (events come before censorings)."""
    entered = np.searchsorted(np.sort(entries), moments, side="left")
    gone = np.searchsorted(np.sort(times), moments, side="left")
    return entered - gone


def kaplan_meier(durations: np.ndarray, ended: np.ndarray, entries: np.ndarray | None = None) -> Survival:
    """The Kaplan–Meier curve of durations, some of which have not ended.

    Parameters
    ----------
    durations
        (n,) array: length of each visit so far.
    ended
        (n,) array of booleans: False for a visit that goes on (censored).
    entries
        (n,) array: duration at which each visit came under observation; None means 0 for all.

    Returns
    -------
    Survival

    Notes
    -----
    E. L. Kaplan & P. Meier, JASA 53 (1958). At equal times events come before censorings.

    Examples
    --------
    >>> curve = kaplan_meier(np.array([10, 20, 20, 30]), np.array([True, True, False, True]))
    >>> curve.days, curve.share.round(2)
    (array([10., 20., 30.]), array([0.75, 0.5 , 0.  ]))
    """
    times = np.asarray(durations, dtype="float64")
    start = np.full_like(times, -np.inf) if entries is None else np.asarray(entries, dtype="float64")
    moments, events = np.unique(times[np.asarray(ended, dtype=bool)], return_counts=True)
    risk = _at_risk(times, start, moments)
    share = np.cumprod(1 - events / risk)
    with np.errstate(divide="ignore"):
        variance = np.cumsum(np.where(risk > events, events / (risk * np.maximum(risk - events, 1)), np.inf))
    return Survival(moments, share, variance)


@dataclass(frozen=True)
class Incidence:
    """Aalen–Johansen cumulative incidences of competing outcomes."""

    days: np.ndarray
    shares: dict[str, np.ndarray]
    open: np.ndarray
    at_risk: np.ndarray
    errors: dict[str, np.ndarray]
    """Standard error of each share (Gaynor's form of Aalen's variance)."""

    def by(self, day: float, outcome: str) -> float:
        """The share with an outcome by a day."""
        index = np.searchsorted(self.days, day, side="right") - 1
        return float(self.shares[outcome][index]) if index >= 0 else 0.0

    def error_by(self, day: float, outcome: str) -> float:
        """The standard error of that share."""
        index = np.searchsorted(self.days, day, side="right") - 1
        return float(self.errors[outcome][index]) if index >= 0 else 0.0


def aalen_johansen(durations: np.ndarray, outcomes: np.ndarray, entries: np.ndarray | None = None) -> Incidence:
    """Cumulative incidence of each outcome when the outcomes exclude each other.

    One minus Kaplan–Meier, with the other outcomes as censored, overstates: a lost opportunity cannot be won later.

    Parameters
    ----------
    durations
        (n,) array.
    outcomes
        (n,) array of keys; ``"open"`` is censored.
    entries
        (n,) array: duration at which each came under observation; None means 0 for all.

    Notes
    -----
    O. O. Aalen & S. Johansen, Scandinavian Journal of Statistics 5 (1978).

    Examples
    --------
    >>> curve = aalen_johansen(np.array([50, 90, 100]), np.array(["lost", "won", "open"]))
    >>> round(curve.by(90, "won"), 3), round(curve.by(90, "lost"), 3)
    (0.333, 0.333)
    """
    times, kinds = np.asarray(durations, dtype="float64"), np.asarray(outcomes, dtype=object)
    start = np.full_like(times, -np.inf) if entries is None else np.asarray(entries, dtype="float64")
    moments = np.unique(times[kinds != "open"])
    risk = _at_risk(times, start, moments)
    names = sorted({str(kind) for kind in kinds if kind != "open"})
    counts = {name: np.bincount(np.searchsorted(moments, times[kinds == name]), minlength=len(moments)) for name in names}
    total = sum(counts.values(), np.zeros(len(moments), dtype="int64"))
    share = np.cumprod(1 - total / risk) if len(moments) else np.empty(0)
    before = np.concatenate([[1.0], share[:-1]]) if len(moments) else share
    shares = {name: np.cumsum(before * counts[name] / risk) for name in names}
    errors = {name: _incidence_error(shares[name], before, counts[name], total, risk) for name in names}
    return Incidence(moments, shares, share, risk, errors)


def _incidence_error(
    incidence: np.ndarray, before: np.ndarray, events: np.ndarray, total: np.ndarray, risk: np.ndarray
) -> np.ndarray:
    """Standard errors of a cumulative incidence at each moment (delta method)."""
    n = risk.astype("float64")
    decay = np.where(risk > total, total / (n * np.maximum(n - total, 1)), 0.0)
    own = before**2 * events * (n - events) / n**3
    cross = before * events / n**2
    # Var(t) = Σ (F(t) − F(u))² decay + Σ own − 2 Σ (F(t) − F(u)) cross, expanded into running sums.
    s0, s1, s2 = np.cumsum(decay), np.cumsum(incidence * decay), np.cumsum(incidence**2 * decay)
    c0, c1 = np.cumsum(cross), np.cumsum(incidence * cross)
    variance = incidence**2 * s0 - 2 * incidence * s1 + s2 + np.cumsum(own) - 2 * (incidence * c0 - c1)
    return np.sqrt(np.maximum(variance, 0.0))
