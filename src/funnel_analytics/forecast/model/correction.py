"""The correction of the chain's chances by what else is known of an opportunity.

A ridge regression on the logit, the chain's chance as offset: stage, time in it, age, close date, pushes and
amount move a chance only as far as past look-backs bear it out. Fitted once per horizon. Years teach the slopes; how
the newest look-backs turned out moves all chances together, so that a team whose win rate changes is not judged by
what it once was. Few wins leave many slopes possible: a chance is the mean over them, so that it is only as sure as
what was learned (MacKay 1992, "moderated output").
"""

from dataclasses import dataclass

import numpy as np

from .lookbacks import Facts

PENALTY, INTERCEPT_PENALTY = 6.7, 10.0
"""Strength by which slopes (of standardised facts) and the common shift are drawn to none."""
HALF_LIFE_DAYS, DRIFT_HALF_LIFE_DAYS = 1460.0, 180.0
"""Of a look-back's weight for the slopes, and for the drift."""
DRIFT_WINS = 5.0
"""Pseudo-wins, as expected, by which the drift is drawn to none."""
ROW_WEIGHT = 1 / 3
"""Weight of one of the monthly rows, because one opportunity stands in several."""
MIN_WINS = 4
LATE_SHARE = 0.5
AMOUNT = -3
"""The amount's column."""
_STEPS, TOLERANCE = 12, 1e-4
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(9)


def logit(p: np.ndarray) -> np.ndarray:
    """ln(p / (1 − p)), with p kept off 0 and 1."""
    bounded = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def expit(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^(−x))."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))


def logit_normal_mean(location: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """The mean chance where its logit is normal, by Gauss–Hermite quadrature.

    Examples
    --------
    >>> logit_normal_mean(np.array([2.0, 0.0, -2.0]), np.array([1.0, 1.0, 0.0])).round(3).tolist()
    [0.845, 0.5, 0.119]
    """
    spread = np.sqrt(variance)
    mean = np.zeros(len(location))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        mean += weight * expit(location + node * spread)
    return np.asarray(mean / _WEIGHTS.sum())


def features(
    facts: Facts, base: np.ndarray, stages: int, start: int, end: int, typical: float, largest: float
) -> np.ndarray:
    """The facts as columns of numbers, one row per opportunity and day; 0 where a fact is not known.

    Parameters
    ----------
    facts
        From `lookbacks`.
    base
        The chain's chance.
    stages
        Number of open stages.
    start, end
        The window in days.
    typical
        The amount against which others are compared.
    largest
        Larger amounts count as this one.
    """
    due, stage = facts.due, facts.stage
    inside = (due > start) & (due <= end)
    late = stage >= stages * LATE_SHARE
    size = np.where(facts.amount > 0, facts.amount, typical) / typical
    columns = [
        *(stage == number for number in range(stages)),
        np.log1p(np.nan_to_num(facts.days)),
        np.log1p(np.nan_to_num(facts.age)),
        inside,
        due <= 0,
        np.isnan(due),
        np.log1p(np.clip(np.nan_to_num(due), 0, 730)),
        inside & late,
        (due <= 0) & late,
        np.log1p(facts.pushes),
        np.log(size),
        # A slope on the amount itself makes what is expected come true in money, not only in number of wins.
        np.minimum(size, largest / typical),
        np.isnan(facts.amount),
        logit(base),
    ]
    return np.column_stack([np.asarray(column, dtype="float64") for column in columns])


@dataclass(frozen=True)
class Correction:
    """A fitted correction; ``wins`` are those of the look-backs, 0 slopes where they were too few.

    Attributes
    ----------
    centre, scale, slope : ndarray
        One per feature.
    shift : float
        Added to every logit: the common shift and the drift.
    wins : int
        Different won opportunities in the look-backs.
    covariance : ndarray
        Of the common shift and the slopes.
    """

    centre: np.ndarray
    scale: np.ndarray
    slope: np.ndarray
    shift: float
    wins: int
    covariance: np.ndarray

    def moves(self, x: np.ndarray) -> np.ndarray:
        """What each feature adds to the logit; shape like ``x``."""
        return np.asarray((x - self.centre) / self.scale * self.slope)

    def applied(self, base: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Corrected chances; an impossible win stays one."""
        if not self.wins:
            return base
        variance = _variance(_standardised(x, self.centre, self.scale), self.covariance)
        moved = logit_normal_mean(logit(base) + self.shift + self.moves(x).sum(axis=1), variance)
        return np.where(base > 0, moved, 0.0)


def fit_correction(
    x: np.ndarray, base: np.ndarray, won: np.ndarray, weight: np.ndarray, recent: np.ndarray, wins: int,
    amount: int | None = None,
) -> Correction:  # fmt: skip
    """Penalised logistic regression with offset, by Newton's method.

    Parameters
    ----------
    x
        From `features`, shape (rows, features).
    base, won, weight, recent
        One per row: the chain's chance, 1 or 0, weight for the slopes, weight for the drift.
    wins
        Different opportunities won; below `MIN_WINS` there is no correction.
    amount
        The column of the amount; `AMOUNT` where the columns are those of `features`.
    """
    count = x.shape[1]
    if wins < MIN_WINS:
        return Correction(np.zeros(count), np.ones(count), np.zeros(count), 0.0, 0, np.zeros((count + 1, count + 1)))
    total = weight.sum()
    centre = weight @ x / total
    scale = np.sqrt(weight @ (x - centre) ** 2 / total)
    scale = np.where(scale > 1e-9, scale, np.inf)
    z = _standardised(x, centre, scale)
    offset = logit(base)
    penalty = np.append(INTERCEPT_PENALTY, np.full(count, PENALTY))
    b = np.zeros(count + 1)
    for _ in range(_STEPS):
        p = expit(offset + z @ b)
        gradient = z.T @ (weight * (p - won)) + penalty * b
        curvature = (z * (weight * p * (1 - p))[:, None]).T @ z + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        b = b - np.clip(step, -2, 2)
        if np.abs(step).max() < TOLERANCE:
            break
    covariance = np.linalg.inv(curvature)
    b = b + _kept(z, offset + z @ b, weight, covariance, [0] if amount is None else [0, amount % count + 1])
    expected = recent @ logit_normal_mean(offset + z @ b, _variance(z, covariance))
    drift = np.log((recent @ won + DRIFT_WINS) / (expected + DRIFT_WINS))
    return Correction(centre, scale, b[1:], float(b[0] + drift), wins, covariance)


def _kept(
    z: np.ndarray, location: np.ndarray, weight: np.ndarray, covariance: np.ndarray, columns: list[int]
) -> np.ndarray:
    """What is added to shift and slopes so that the mean over them expects as much of some columns as they did.

    Averaged, small chances rise more than large ones fall: without it there would be more wins, and more money.
    """
    wanted, variance = expit(location), _variance(z, covariance)
    curvature = (z[:, columns] * (weight * wanted * (1 - wanted))[:, None]).T @ z[:, columns]
    added, taken = np.zeros(z.shape[1]), np.linalg.pinv(curvature, hermitian=True)
    for _ in range(_STEPS):
        excess = logit_normal_mean(location + z @ added, variance) - wanted
        step = taken @ (z[:, columns].T @ (weight * excess))
        added[columns] -= np.clip(step, -2, 2)
        if np.abs(step).max() < TOLERANCE:
            break
    return added


def _standardised(x: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Features with mean 0 and spread 1, after a column of ones."""
    return np.column_stack([np.ones(len(x)), (x - centre) / scale])


def _variance(z: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Of each row's logit."""
    return np.asarray(np.maximum(((z @ covariance) * z).sum(axis=1), 0.0))
