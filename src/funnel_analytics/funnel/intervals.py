"""Intervals for shares: Wilson for a count out of a count, a Beta posterior for a shrunken one."""

import numpy as np
from scipy.special import betaincinv, ndtri

PSEUDO_OPPORTUNITIES = 6.0
"""Weight of the methodology's nominal probability as a prior: a weak one."""


def wilson(successes: np.ndarray, trials: np.ndarray, level: float = 0.8) -> tuple[np.ndarray, np.ndarray]:
    """The Wilson score interval of a share; missing where there is no trial.

    Parameters
    ----------
    successes, trials
        (n,) arrays of counts.
    level
        Two-sided confidence, 0–1.

    Returns
    -------
    tuple of (n,) arrays
        Lower and upper ends, 0–1.

    Notes
    -----
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson(np.array([6]), np.array([7]))
    >>> low.round(6), high.round(6)
    (array([0.62231]), array([0.956234]))
    """
    z = ndtri(0.5 + level / 2)
    n = np.where(np.asarray(trials) > 0, trials, np.nan).astype("float64")
    share = np.asarray(successes) / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.clip(centre - half, 0.0, 1.0), np.clip(centre + half, 0.0, 1.0)


def shrunken_share(
    successes: np.ndarray, failures: np.ndarray, prior: np.ndarray, level: float = 0.8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and interval of a share, shrunk towards a prior mean by six pseudo-opportunities.

    Parameters
    ----------
    successes, failures
        (n,) arrays of counts.
    prior
        (n,) array of prior means, 0–1; kept within 0.02 and 0.98.
    level
        Two-sided probability of the interval.

    Returns
    -------
    tuple of (n,) arrays
        Mean, lower and upper end of the Beta posterior.

    Examples
    --------
    >>> mean, low, high = shrunken_share(np.array([2]), np.array([2]), np.array([0.1]))
    >>> float(mean[0].round(3)), float(low[0].round(6))
    (0.26, 0.100305)
    """
    share = np.clip(np.asarray(prior, dtype="float64"), 0.02, 0.98)
    alpha = PSEUDO_OPPORTUNITIES * share + successes
    beta = PSEUDO_OPPORTUNITIES * (1 - share) + failures
    tail = (1 - level) / 2
    return alpha / (alpha + beta), betaincinv(alpha, beta, tail), betaincinv(alpha, beta, 1 - tail)
