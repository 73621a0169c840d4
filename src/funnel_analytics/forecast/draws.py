"""Joint draws of what the open opportunities will bring: they rise and fall together.

Independent opportunities would give an interval far too narrow; one common shock per draw, on the logit, makes
it honest. A shock per opportunity and draw that is independent of all others leaves each win a plain coin toss
of the same mean, so it is not simulated.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from ..hygiene import is_placeholder
from .ledger import View
from .visits import CENSORED, looked_up

RATIO_WEIGHT = 10.0
"""Pseudo-wins at ratio 1 by which the mean log-ratio of amounts is shrunk."""
LARGEST_LOG_RATIO = 1.5
_SHOCK_LEVELS = 64


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
    closed = view.closed
    won = closed[(closed["outcome"] == "won") & (closed["close_date"] <= view.as_of) & (closed["amount"] > 1)]
    visits = view.visits
    visits = visits[visits["amount_known"] & (visits["amount"] > 1) & (visits["destination"] != CENSORED)]
    final = looked_up(won.set_index("opportunity_id")["amount"], visits["opportunity_id"])
    logs = np.log((final / visits["amount"]).dropna()).clip(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
    each = logs.groupby(visits["opportunity_id"].reindex(logs.index)).mean().sort_values().to_numpy()
    if not len(each):
        return AmountRatios(np.array([1.0]), 0)
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


def open_draws(
    probability: np.ndarray,
    amount: np.ndarray,
    *,
    draws: int,
    shock: float,
    rng: np.random.Generator,
    ratios: np.ndarray | None = None,
    chunk: int = 4_000_000,
) -> np.ndarray:
    """Amounts won from open opportunities, one per draw.

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
    chunk
        Coin tosses held in memory at once.

    Examples
    --------
    >>> sums = open_draws(np.array([0.2, 0.5]), np.array([100.0, 200.0]), draws=4000, shock=0.0,
    ...                   rng=np.random.default_rng(0))
    >>> sorted({float(value) for value in sums}), bool(abs(sums.mean() - 120) < 6)
    ([0.0, 100.0, 200.0, 300.0], True)
    """
    sums = np.zeros(draws)
    if not len(probability):
        return sums
    levels = max(1, min(_SHOCK_LEVELS, draws)) if shock > 0 else 1
    chances = _shocked(probability, shock, levels).astype("float32")
    rows = max(1, chunk // len(probability))
    for level in range(levels):
        places = np.arange(level, draws, levels)
        for start in range(0, len(places), rows):
            part = places[start : start + rows]
            won = rng.random((len(part), len(probability)), dtype="float32") < chances[level]
            draw, which = np.nonzero(won)
            value = amount[which]
            if ratios is not None:
                value = value * ratios[rng.integers(len(ratios), size=len(which))]
            sums[part] = np.bincount(draw, value, minlength=len(part))
    return sums


def quantiles(sums: np.ndarray, shares: tuple[float, ...]) -> list[float]:
    """The smallest drawn amounts that at least these shares of the draws do not exceed."""
    return [float(value) for value in np.quantile(sums, shares, method="inverted_cdf")]


def value_of(deals: pd.DataFrame) -> np.ndarray:
    """Amounts that count: missing, 0, 1 and negative ones are placeholders and count as nothing."""
    amount = deals["amount"]
    return np.asarray(amount.mask(is_placeholder(amount)).fillna(0.0), dtype="float64")
