"""The honest naive forecast: the mean of past periods, recent ones weighing more, with a gamma spread."""

import numpy as np
from scipy.special import gammaincinv

DISCOUNT = 0.9
"""Weight of a period against the one after it."""
PRIOR_VARIATION, PRIOR_PERIODS = 0.6, 2.0
"""Spread ÷ mean that is assumed, and the periods' worth of that assumption."""
POINTS = 200
"""Values that stand for a distribution."""
SHARES = (np.arange(POINTS) + 0.5) / POINTS


def past_mean(actual: np.ndarray) -> float:
    """The weighted mean of what past periods brought, oldest first; missing without any."""
    if not len(actual):
        return float("nan")
    weight = DISCOUNT ** np.arange(len(actual) - 1, -1, -1)
    return float(weight @ actual / weight.sum())


def naive_sample(actual: np.ndarray) -> np.ndarray:
    """`POINTS` equally likely amounts of the next period, from those of past periods (oldest first).

    Parameters
    ----------
    actual
        What past periods brought; at least one.
    """
    weight = DISCOUNT ** np.arange(len(actual) - 1, -1, -1)
    mean = past_mean(actual)
    if mean <= 0:
        return np.zeros(POINTS)
    periods = weight.sum() ** 2 / (weight**2).sum()
    squares = weight @ (actual - mean) ** 2 / weight.sum() * periods
    variance = (squares + PRIOR_PERIODS * (PRIOR_VARIATION * mean) ** 2) / (periods - 1 + PRIOR_PERIODS)
    variance *= 1 + 1 / periods
    shape = mean**2 / variance
    return np.asarray(gammaincinv(shape, SHARES) * mean / shape)
