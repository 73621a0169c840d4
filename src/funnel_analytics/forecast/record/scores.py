"""Scores of a forecast against what happened: CRPS, pinball loss and Brier score.

Gneiting & Raftery, "Strictly proper scoring rules, prediction, and estimation", JASA 102 (2007).
"""

import numpy as np


def crps_parts(sample: np.ndarray, actual: float) -> tuple[float, float]:
    """Mean distance to the actual, and half the mean distance within the sample; CRPS is their difference.

    Parameters
    ----------
    sample
        Equally likely values.
    actual
        What happened.

    Examples
    --------
    >>> distance, spread = crps_parts(np.array([1.0, 2.0, 4.0]), 3.0)
    >>> round(distance, 6), round(spread, 6), round(distance - spread, 6)
    (1.333333, 0.666667, 0.666667)
    """
    ordered = np.sort(sample)
    count = len(ordered)
    rank = 2 * np.arange(1, count + 1) - count - 1
    return float(np.abs(ordered - actual).mean()), float(rank @ ordered) / count**2


def crps(sample: np.ndarray, actual: float) -> float:
    """Continuous ranked probability score; for a single value the absolute error."""
    distance, spread = crps_parts(sample, actual)
    return distance - spread


def pinball(quantile: np.ndarray, actual: np.ndarray, share: float) -> np.ndarray:
    """Pinball loss of a quantile.

    Examples
    --------
    >>> pinball(np.array([10.0, 10.0]), np.array([12.0, 8.0]), 0.9).round(6).tolist()
    [1.8, 0.2]
    """
    error = actual - quantile
    return np.asarray(np.maximum(share * error, (share - 1) * error))


def brier(chance: np.ndarray, happened: np.ndarray) -> float:
    """Mean squared difference of chances and outcomes (1 or 0)."""
    return float(((chance - happened) ** 2).mean())
