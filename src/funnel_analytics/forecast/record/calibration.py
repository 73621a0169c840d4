"""What the team's own record does to a forecast: blended with past periods, and as wide as past errors ask.

The spread is moved, never the centre: a correction of the bias helps some teams and hurts others, so one-sided
errors raise an alarm instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..model.naive import SHARES
from .scores import crps

PRIOR_SHARE = 0.5
"""Weight of the model against past periods before any record."""
MAX_LEAD, MAX_LAG = 1.0, 2.0
"""What one past period can say for and against the model at most, in mean scores: one whale or one ignorant first
forecast must not decide for years. Trust is lost faster than won: the first periods of a history, in which past periods
say little yet, speak for any model."""
FORGETTING = 0.95
ERROR_FORGETTING = 0.9
PRIOR_ERRORS, PRIOR_WIDTH, LARGEST_ERROR, NARROWEST = 4.0, 1.0, 3.0, 1.0
"""Periods' worth of the width that is assumed, that width, the largest error (in spreads) that counts, and the least
width."""
MEAN_ERROR = 0.7979
"""Mean absolute error, in spreads, of a normal forecast that is as wide as it should be: √(2/π)."""
ALARM_ERRORS, ALARM_SHARE, ALARM_MISSES = 4, 0.75, 3


@dataclass(frozen=True)
class Record:
    """One past forecast and what came of it, as known when it is looked at.

    Attributes
    ----------
    model : ndarray or None
        `POINTS` quantiles of the model; None where it could give no number.
    naive : ndarray or None
        `POINTS` quantiles of past periods; None before the first.
    actual : float
        What happened.
    """

    model: np.ndarray | None
    naive: np.ndarray | None
    actual: float


@dataclass(frozen=True)
class Calibration:
    """What a record teaches.

    Attributes
    ----------
    share : float
        Weight of the model against past periods.
    width : float
        Factor on the distance to the mean.
    forecasts : int
        Past forecasts behind the width.
    one_sided : int
        1 where the last forecasts were too high one after another, −1 too low, else 0.
    """

    share: float
    width: float
    forecasts: int
    one_sided: int

    def blended(self, model: np.ndarray, naive: np.ndarray | None) -> np.ndarray:
        """Values of the model mixed, quantile by quantile, with those of past periods.

        Parameters
        ----------
        model
            Any number of drawn values; the result is in their order.
        naive
            `POINTS` quantiles; None leaves the model.
        """
        if naive is None:
            return model
        rank = np.argsort(np.argsort(model, kind="stable"), kind="stable")
        other = np.interp((rank + 0.5) / len(model), SHARES, naive)
        return np.asarray(self.share * model + (1 - self.share) * other)

    def applied(self, model: np.ndarray, naive: np.ndarray | None) -> np.ndarray:
        """Blended and widened values, in the order of the model's."""
        mixed = self.blended(model, naive)
        mean = mixed.mean()
        return np.asarray(np.maximum(mean + self.width * (mixed - mean), 0.0))


def shrunk(sample: np.ndarray) -> np.ndarray:
    """`POINTS` quantiles of drawn values."""
    return np.asarray(np.quantile(sample, SHARES))


def calibrate(records: Sequence[Record]) -> Calibration:
    """Weight, width and alarm from past forecasts, oldest first; each is judged as it would have been made.

    Parameters
    ----------
    records
        Complete ones only.
    """
    scores = [
        (crps(record.model, record.actual), crps(record.naive, record.actual))
        if record.model is not None and record.naive is not None
        else (0.0, 0.0)
        for record in records
    ]
    sizes: list[float] = []
    signs: list[tuple[float, int]] = []
    for index, record in enumerate(records):
        if record.model is None:
            continue
        then = Calibration(_share(scores[:index]), _width(sizes), len(sizes), 0)
        mixed = then.blended(record.model, record.naive)
        error = record.actual - mixed.mean()
        spread = mixed.std()
        made = then.applied(record.model, record.naive)
        if spread > 0:
            sizes.append(abs(error) / spread)
        low, high = np.quantile(made, [0.1, 0.9])
        signs.append((error, int(record.actual < low) - int(record.actual > high)))
    return Calibration(_share(scores), _width(sizes), len(sizes), _one_sided(signs))


def _share(scores: Sequence[tuple[float, float]]) -> float:
    known = [pair for pair in scores if sum(pair) > 0]
    start = np.log(PRIOR_SHARE / (1 - PRIOR_SHARE))
    if not known:
        return PRIOR_SHARE
    both = np.array(known)
    weight = FORGETTING ** np.arange(len(both) - 1, -1, -1)
    leads = np.clip((both[:, 1] - both[:, 0]) / both.mean(), -MAX_LAG, MAX_LEAD)
    return float(1 / (1 + np.exp(-(start + weight @ leads))))


def _width(sizes: Sequence[float]) -> float:
    """The factor at which past errors (in spreads) are as large as they should be, drawn to the assumed one."""
    if not len(sizes):
        return PRIOR_WIDTH
    # Absolute errors, not squares: one period of a whale must not widen the interval for years; and errors of the
    # first years, when little was known, not for ever.
    weight = ERROR_FORGETTING ** np.arange(len(sizes) - 1, -1, -1)
    total = PRIOR_ERRORS * PRIOR_WIDTH + weight @ np.minimum(sizes, LARGEST_ERROR) / MEAN_ERROR
    return max(NARROWEST, float(total / (PRIOR_ERRORS + weight.sum())))


def _one_sided(signs: Sequence[tuple[float, int]]) -> int:
    """Whether the last errors lie on one side: 1 too high, −1 too low."""
    if len(signs) < ALARM_ERRORS:
        return 0
    error = np.array([sign[0] for sign in signs[-ALARM_ERRORS:]])
    size = np.abs(error).sum()
    if size > 0 and abs(error.sum()) / size > ALARM_SHARE:
        return -int(np.sign(error.sum()))
    missed = [sign[1] for sign in signs[-ALARM_ERRORS:]]
    return next((side for side in (1, -1) if missed.count(side) >= ALARM_MISSES), 0)
