"""Joint draws of what the open opportunities will bring: they rise and fall together.

Independent opportunities would give an interval far too narrow; one common shock per draw, on the logit, makes
it honest. A shock per opportunity and draw that is independent of all others leaves each win a plain coin toss
of the same mean, so it is not simulated.
"""

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import pandas as pd

from ...hygiene import PLACEHOLDER
from .view import View
from .visits import CENSORED

RATIO_WEIGHT = 10.0
"""Pseudo-wins at ratio 1 by which the mean log-ratio of amounts is shrunk."""
LARGEST_LOG_RATIO = 1.5
_SHOCK_LEVELS, _GRID = 64, 2001
DRAWN_EACH, HEAVIEST = 4000, 1000
"""Up to how many opportunities each is drawn; how many are where there are more."""


@dataclass(frozen=True)
class AmountRatios:
    """How the amount at the win compares with the amount some time before it.

    Attributes
    ----------
    values : ndarray
        Ratios to draw from; ``[1.0]`` where no earlier amounts are known.
    wins : int
        Won opportunities learned from.
    """

    values: np.ndarray
    wins: int

    @property
    def mean(self) -> float:
        """Mean ratio."""
        return float(self.values.mean())


def amount_ratios(view: View) -> AmountRatios:
    """Ratio of won amount to the amounts stated on the way, shrunk to 1 by ten pseudo-wins.

    Parameters
    ----------
    view
        What was known; an amount of a change log or of an earlier export counts, one that is only the latest
        does not. Placeholders (0 or 1) are left out.
    """
    nothing = AmountRatios(np.array([1.0]), 0)
    visits = view.visits
    visits = visits[visits["amount_known"] & (visits["amount"] > PLACEHOLDER) & (visits["destination"] != CENSORED)]
    if visits.empty:
        return nothing
    won = view.ended[view.ended.won & (view.ended.amount > PLACEHOLDER)]
    final = pd.Series(won.amount, won.number).reindex(visits["number"]).set_axis(visits.index)
    logs = np.log((final / visits["amount"]).dropna()).clip(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
    each = logs.groupby(visits["number"].reindex(logs.index)).mean().sort_values().to_numpy()
    if not len(each):
        return nothing
    centre = each.mean() * len(each) / (len(each) + RATIO_WEIGHT)
    return AmountRatios(np.exp(centre + each - each.mean()), len(each))


def _shocked(probability: np.ndarray, sd: float, levels: int) -> np.ndarray:
    """Probabilities under equally likely levels of the common shock; their mean is the given probability.

    Returns an array of shape (levels, opportunities).
    """
    normal = NormalDist()
    shock = sd * np.array([normal.inv_cdf((level + 0.5) / levels) for level in range(levels)])[:, None]
    target = np.clip(probability, 1e-9, 1 - 1e-9)
    centre = np.log(target) - np.log1p(-target)
    for _ in range(4):  # Newton: the mean over the levels is smooth and rising in the centre
        shocked = 1 / (1 + np.exp(-(centre + shock)))
        slope = (shocked * (1 - shocked)).mean(axis=0)
        centre = centre - (shocked.mean(axis=0) - target) / slope
    result = 1 / (1 + np.exp(-(centre + shock)))
    return np.asarray(np.where((probability > 0) & (probability < 1), result, probability))


@lru_cache(maxsize=2)
def _shocked_grid(sd: float, levels: int) -> np.ndarray:
    """`_shocked` of chances from 0 to 1: the same for every forecast of a book."""
    return _shocked(np.linspace(0.0, 1.0, _GRID), sd, levels)


def open_draws(
    probability: np.ndarray,
    amount: np.ndarray,
    *,
    draws: int,
    shock: float,
    rng: np.random.Generator,
    ratios: np.ndarray | None = None,
    group: np.ndarray | None = None,
    chunk: int = 4_000_000,
) -> np.ndarray:
    """Amounts won from open opportunities, one per draw and group.

    Up to `DRAWN_EACH` opportunities each is drawn. Of more, the `HEAVIEST` that sway the sum most are; the many
    small others add, under each level of the shock, a normally distributed amount of their exact mean and
    variance. The random numbers do not depend on the groups: the sum over groups is the same for every grouping.

    Parameters
    ----------
    probability, amount
        One per opportunity.
    draws
        How many.
    shock
        Standard deviation of the common shock on the logit.
    rng
        Where the randomness comes from.
    ratios
        Ratios of won to present amount to draw from; None leaves amounts as they are.
    group
        Number of each opportunity's group, from 0; None puts all into one.
    chunk
        Coin tosses held in memory at once.

    Returns
    -------
    ndarray of shape (draws, groups)

    Examples
    --------
    >>> sums = open_draws(np.array([0.2, 0.5]), np.array([100.0, 200.0]), draws=4000, shock=0.0,
    ...                   rng=np.random.default_rng(0))[:, 0]
    >>> sorted({float(value) for value in sums}), bool(abs(sums.mean() - 120) < 6)
    ([0.0, 100.0, 200.0, 300.0], True)
    """
    where = np.zeros(len(probability), dtype="int64") if group is None else group
    groups = int(where.max()) + 1 if len(where) else 1
    each = np.arange(len(probability))
    sums = np.zeros((draws, groups))
    levels = max(1, min(_SHOCK_LEVELS, draws)) if shock > 0 else 1
    if len(probability) > DRAWN_EACH:
        sway = amount**2 * probability * (1 - probability)
        order = np.argsort(-sway, kind="stable")
        each = np.sort(order[:HEAVIEST])
        small = np.sort(order[HEAVIEST:])
        sums += _small_sums(probability[small], amount[small], where[small], groups, draws, levels, shock, rng, ratios)
    if not len(each):
        return sums
    chances = _shocked(probability[each], shock, levels).astype("float32")
    rows = max(1, chunk // len(each))
    for level in range(levels):
        places = np.arange(level, draws, levels)
        for start in range(0, len(places), rows):
            part = places[start : start + rows]
            won = rng.random((len(part), len(each)), dtype="float32") < chances[level]
            draw, which = np.divmod(np.flatnonzero(won), len(each))
            value = amount[each[which]]
            if ratios is not None:
                value = value * ratios[rng.integers(len(ratios), size=len(which))]
            cell = draw * groups + where[each[which]]
            sums[part] += np.bincount(cell, value, minlength=len(part) * groups).reshape(len(part), groups)
    return sums


def _small_sums(
    probability: np.ndarray, amount: np.ndarray, where: np.ndarray, groups: int, draws: int, levels: int,
    shock: float, rng: np.random.Generator, ratios: np.ndarray | None,
) -> np.ndarray:  # fmt: skip
    """The many small ones together: normal with their exact mean and variance under each level of the shock."""
    mean, square = (1.0, 1.0) if ratios is None else (float(ratios.mean()), float((ratios**2).mean()))
    lower = np.minimum((probability * (_GRID - 1)).astype("int64"), _GRID - 2)
    upper_share = probability * (_GRID - 1) - lower
    chances = _shocked_grid(shock, levels)

    def weighed(weight: np.ndarray) -> np.ndarray:
        """Weights of each group spread over the grid of chances, shape (groups, grid)."""
        flat = np.bincount(where * _GRID + lower, weight * (1 - upper_share), minlength=groups * _GRID)
        flat += np.bincount(where * _GRID + lower + 1, weight * upper_share, minlength=groups * _GRID)
        return flat.reshape(groups, _GRID)

    centre = mean * chances @ weighed(amount).T
    variance = np.maximum((square * chances - (mean * chances) ** 2) @ weighed(amount**2).T, 0.0)
    level = np.arange(draws) % levels
    whole = rng.standard_normal(draws) * np.sqrt(variance.sum(axis=1))[level]
    if groups == 1:
        return np.asarray(centre[level] + whole[:, None])
    # The groups' parts are drawn given their sum, by a stream of their own, so that the sum stays what it is.
    own = rng.spawn(1)[0].standard_normal((draws, groups)) * np.sqrt(variance)[level]
    share = variance / np.maximum(variance.sum(axis=1, keepdims=True), 1e-300)
    return np.asarray(centre[level] + own + share[level] * (whole - own.sum(axis=1))[:, None])


def quantiles(sums: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    """The smallest drawn amounts that at least these shares of the draws do not exceed."""
    return [float(value) for value in np.quantile(sums, shares, method="inverted_cdf")]
