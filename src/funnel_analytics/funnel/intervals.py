"""Intervals and tests for shares: Wilson for one, Newcombe and Fisher for two, a Beta posterior for a shrunken one."""

import numpy as np
from scipy.special import betaincinv, gammaln, ndtri

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


def normal_interval(
    share: np.ndarray, error: np.ndarray, level: float, watched: np.ndarray | int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Share ± its standard error times the normal quantile, kept within 0 and 1.

    Where none or all were counted the standard error is 0, which would claim to be sure: of those watched, if their
    number is given, Wilson's interval stands there.

    Examples
    --------
    >>> [end.round(3).tolist() for end in normal_interval(np.array([0.5, 1.0]), np.array([0.1, 0.1]), 0.8)]
    [[0.372, 0.872], [0.628, 1.0]]
    >>> [end.round(3).tolist() for end in normal_interval(np.array([0.0, 1.0]), np.array([0.0, 0.0]), 0.8, 60)]
    [[0.0, 0.973], [0.027, 1.0]]
    """
    half = ndtri(0.5 + level / 2) * error
    low, high = np.maximum(share - half, 0.0), np.minimum(share + half, 1.0)
    certain = (np.asarray(error) == 0) & np.isin(share, (0.0, 1.0)) & (np.asarray(watched) > 0)
    wide_low, wide_high = wilson(np.nan_to_num(share) * watched, np.broadcast_to(watched, np.shape(share)), level)
    # Rounding may put Wilson's end a hair inside of 0 or 1.
    return np.where(certain, np.minimum(wide_low, share), low), np.where(certain, np.maximum(wide_high, share), high)


def newcombe(
    successes: tuple[np.ndarray, np.ndarray], trials: tuple[np.ndarray, np.ndarray], level: float = 0.8
) -> tuple[np.ndarray, np.ndarray]:
    """The interval of the difference of two independent shares, second minus first.

    Parameters
    ----------
    successes, trials
        The counts of the first and of the second group, (n,) arrays each.
    level
        Two-sided confidence, 0–1.

    Returns
    -------
    tuple of (n,) arrays
        Lower and upper ends, −1 to 1; missing where a group has no trial.

    Notes
    -----
    R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17 (1998), method 10: from the Wilson intervals of both shares.

    Examples
    --------
    >>> low, high = newcombe((np.array([48]), np.array([56])), (np.array([80]), np.array([70])), 0.95)
    >>> low.round(4), high.round(4)
    (array([0.0524]), array([0.3339]))
    """
    shares, ends = [], []
    for hits, cases in zip(successes, trials, strict=True):
        shares.append(np.asarray(hits) / np.where(np.asarray(cases) > 0, cases, np.nan))
        ends.append(wilson(hits, cases, level))
    (first, second), ((low1, high1), (low2, high2)) = shares, ends
    difference = second - first
    down = np.sqrt((second - low2) ** 2 + (high1 - first) ** 2)
    up = np.sqrt((high2 - second) ** 2 + (first - low1) ** 2)
    return difference - down, difference + up


def fisher_exact(hits: tuple[int, int], misses: tuple[int, int]) -> float:
    """How probable a table at least as uneven would be if both groups had one share (two-sided); NaN without cases.

    Parameters
    ----------
    hits, misses
        The counts of the first and of the second group.

    Notes
    -----
    R. A. Fisher, Statistical Methods for Research Workers (1934): tables no more probable than the one seen.

    Examples
    --------
    >>> round(fisher_exact((8, 1), (2, 5)), 6)
    0.034965
    """
    cases = (hits[0] + misses[0], hits[1] + misses[1])
    if not min(cases):
        return float("nan")
    total = sum(hits)
    possible = np.arange(max(0, total - cases[1]), min(cases[0], total) + 1)

    def log_ways(of: int, taken: np.ndarray) -> np.ndarray:
        return np.asarray(gammaln(of + 1) - gammaln(taken + 1) - gammaln(of - taken + 1))

    weight = log_ways(cases[0], possible) + log_ways(cases[1], total - possible)
    chance = np.exp(weight - weight.max())
    # 1e-7: equally probable tables differ in their last digits.
    as_uneven = chance <= chance[possible == hits[0]] * (1 + 1e-7)
    return float(chance[as_uneven].sum() / chance.sum())


def holm(chances: np.ndarray) -> np.ndarray:
    """Probabilities of several tests, raised so that all of them together err no more often than one would.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).

    Examples
    --------
    >>> holm(np.array([0.01, 0.04, np.nan, 0.03]))
    array([0.03, 0.06,  nan, 0.06])
    """
    known = np.flatnonzero(~np.isnan(chances))
    ranked = known[np.argsort(chances[known], kind="stable")]
    raised = np.full(len(chances), np.nan)
    factors = np.arange(len(ranked), 0, -1)
    raised[ranked] = np.minimum(np.maximum.accumulate(chances[ranked] * factors), 1.0)
    return raised
