"""One forecast on one day: the corrected chance of each open opportunity, and the draws of what a window brings."""

from dataclasses import dataclass, replace

import numpy as np

from ...hygiene import PLACEHOLDER
from ...outcomes import WON
from .correction import (
    AMOUNT,
    DRIFT_HALF_LIFE_DAYS,
    HALF_LIFE_DAYS,
    ROW_WEIGHT,
    Correction,
    features,
    fit_correction,
)
from .draws import AmountRatios, amount_ratios, open_draws
from .ledger import Ledger
from .lookbacks import Facts, Lookbacks, view_facts
from .new_business import NewBusiness, new_business, new_business_draws
from .probability import LEARNED, Probabilities, cells, view_probabilities
from .view import View

MIN_UNKNOWN = 5
"""Wins from which is learned what an opportunity without an amount brings."""
LARGEST_SHARE = 0.99
"""Share of the look-backs' amounts above which all count alike: one whale must not set the slope of all."""
NO_NEW_BUSINESS = NewBusiness(0.0, 1.0, np.array([]), 0)


@dataclass(frozen=True)
class Estimate:
    """What is expected of a window, before the record of past forecasts moves it.

    Attributes
    ----------
    view : View
        What was known.
    start, end : int
        The window in days from the view's day, start excluded, end included.
    chances : Probabilities
        Corrected chances of the open opportunities.
    value : ndarray
        What each open opportunity counts for: its amount, or what such without an amount brought, or 0.
    ratios : AmountRatios
        Won amount to earlier amount.
    business : NewBusiness
        What is not created yet.
    correction : Correction or None
        The fitted correction, where there is one.
    x : ndarray or None
        The open opportunities' features.
    """

    view: View
    start: int
    end: int
    chances: Probabilities
    value: np.ndarray
    ratios: AmountRatios
    business: NewBusiness
    correction: Correction | None = None
    x: np.ndarray | None = None

    @property
    def probability(self) -> np.ndarray:
        """Chance of each open opportunity."""
        return np.asarray(self.chances.rows["probability"])

    @property
    def known(self) -> bool:
        """Whether a number can be given at all."""
        return not bool(np.isnan(self.probability).any())

    @property
    def expected(self) -> np.ndarray:
        """Expected amount of each open opportunity."""
        return np.asarray(self.probability * self.value * self.ratios.mean)


def estimate(ledger: Ledger, lookbacks: Lookbacks, day: int, start: int, end: int, *, ever: bool = False) -> Estimate:
    """The estimate of a window, from what was known on a day.

    Parameters
    ----------
    ledger
        The book's facts.
    lookbacks
        Rows of past days; only those whose horizon had passed teach.
    day
        Days since 1970-01-01.
    start, end
        The window in days from there.
    ever
        Whether the chance of ever being won is asked too.
    """
    view = ledger.view(day)
    chances = view_probabilities(view, start, end, ever=ever)
    amount = view.open["amount"].to_numpy()
    rows = lookbacks.complete(day, end)
    unknown = _without_amount(ledger, lookbacks, rows, day, start, end)
    value = np.where(amount > PLACEHOLDER, amount, unknown)
    business = new_business(view, start, end) if chances.method in LEARNED else NO_NEW_BUSINESS
    plain = Estimate(view, start, end, chances, value, amount_ratios(view), business)
    if chances.chain is None or not rows or not len(view.open):
        return plain
    return _corrected(ledger, plain, chances.chain, lookbacks, rows, day)


def _won(ledger: Ledger, lookbacks: Lookbacks, rows: int, day: int, start: int, end: int) -> np.ndarray:
    """Which of the first rows were won in the window that began on their day, as far as known by another."""
    outcome, closed_on = ledger.closings(day)
    opportunity = lookbacks.opportunity[:rows]
    after = closed_on[opportunity] - lookbacks.day[:rows]
    return np.asarray((outcome[opportunity] == WON) & (after > start) & (after <= end))


def _without_amount(ledger: Ledger, lookbacks: Lookbacks, rows: int, day: int, start: int, end: int) -> float:
    """What opportunities without an amount brought where they were won; 0 where few were seen."""
    won = _won(ledger, lookbacks, rows, day, start, end) & np.isnan(lookbacks.facts.amount[:rows])
    at = np.unique(lookbacks.opportunity[:rows][won])
    amount, _ = ledger.amount_at(at, day)
    amount = amount[amount > PLACEHOLDER]
    return float(amount.mean()) if len(amount) >= MIN_UNKNOWN else 0.0


def _corrected(
    ledger: Ledger, plain: Estimate, chain: np.ndarray, lookbacks: Lookbacks, rows: int, day: int
) -> Estimate:
    view, start, end = plain.view, plain.start, plain.end
    won = _won(ledger, lookbacks, rows, day, start, end)
    wins = len(np.unique(lookbacks.opportunity[:rows][won]))
    taken = lookbacks.fitted(rows)
    facts = lookbacks.facts[taken]
    base = cells(chain, facts.stage, facts.column)
    stated = facts.amount[~np.isnan(facts.amount)]
    typical, largest = np.quantile(stated, [0.5, LARGEST_SHARE]) if len(stated) else (1.0, 1.0)

    def columns(of: Facts, chance: np.ndarray) -> np.ndarray:
        return features(of, chance, view.stages, start, end, typical, largest)

    x = columns(view_facts(view), plain.probability)
    ago, each = day - lookbacks.day[taken], ROW_WEIGHT * rows / max(len(taken), 1)
    weight = each * 0.5 ** (ago / HALF_LIFE_DAYS)
    recent = each * 0.5 ** ((ago - ago.min()) / DRIFT_HALF_LIFE_DAYS)
    fitted = fit_correction(columns(facts, base), base, won[taken].astype("float64"), weight, recent, wins, AMOUNT)
    probability = fitted.applied(plain.probability, x)
    chances = plain.chances.rows
    eventual = np.maximum(chances["eventual"], probability)
    moved = replace(plain.chances, rows=chances.assign(probability=probability, eventual=eventual))
    return replace(plain, chances=moved, correction=fitted, x=x)


def simulated(
    estimated: Estimate, draws: int, rng: np.random.Generator, *, open_group: np.ndarray | None = None,
    new_group: np.ndarray | None = None, groups: int = 1,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Amounts from open opportunities and from new business, one per draw and group.

    Parameters
    ----------
    estimated
        From `estimate`, with known chances.
    draws
        How many.
    rng
        Where the randomness comes from.
    open_group, new_group
        Number of the group of each open opportunity, and of each amount that new business is drawn from.
    groups
        How many groups.

    Returns
    -------
    tuple of ndarray of shape (draws, groups)
    """
    counted = estimated.value > 0
    sums = open_draws(
        estimated.probability[counted], estimated.value[counted], draws=draws, shock=estimated.chances.shock, rng=rng,
        ratios=estimated.ratios.values if estimated.ratios.wins else None,
        group=None if open_group is None else open_group[counted],
    )  # fmt: skip
    sums = np.pad(sums, ((0, 0), (0, max(groups - sums.shape[1], 0))))
    return sums, new_business_draws(estimated.business, draws, rng, group=new_group, groups=groups)
