"""The chance of each open opportunity: of being won within a period, and of ever being won.

A ladder of methods, the best that the book allows:

==================== ======================================================================================
semi_markov          stages, days in them and where opportunities went, from a stage history or several exports
age_only             created → closed, competing risks, tilted by the methodology's stage percentages
prior_only           no closed opportunities: the percentages themselves, with assumed stage times
insufficient_history open opportunities of no known stage and nothing closed: no number is given
==================== ======================================================================================

The chain alone: `correction` moves it by close date, amount, pushes and age, `calibration` by the team's own record.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...book import Book
from ...outcomes import LOST, OPEN, WON
from .assumed import under_assumptions
from .hazards import BIN_DAYS, column_of, count_exits, fit_hazards, neutral_split, nominal_split, win_table
from .incidence import incidence_curve, steadied_within
from .landmarks import (
    AGE_GROUPS,
    EVENTUAL_DAYS,
    NOMINAL_SHARE,
    age_third,
    base_rates,
    eventual_probabilities,
    standing_stock,
    weighted_stock,
)
from .ledger import date_of, ledger_of
from .view import View
from .visits import CENSORED

LEARNED = ("semi_markov", "age_only")
"""Methods that learn from the team's own past."""
MIN_COMPLETED_VISITS, MIN_CLOSED, MIN_WINS = 5, 5, 1
"""Floors: completed visits for semi_markov, closed opportunities for age_only, and wins for both."""
FEW_WINS = 10
"""Below this many past wins the warning ``few_wins`` is given."""
SHOCK, WIDE_SHOCK = 0.25, 1.0
"""Standard deviation, on the logit, of what moves all opportunities of a period together; wide where
nothing has been calibrated."""
TILT = 0.5
"""Strength with which age_only follows the stage percentages, on the logit."""
MIN_AT_RISK = 5


@dataclass(frozen=True)
class Probabilities:
    """What the ladder gave.

    Attributes
    ----------
    rows : DataFrame
        Indexed like ``book.open_opportunities``: ``probability`` (won within the period), ``eventual`` (won
        within 24 months, at least the former), ``days_in_stage``, ``base_opportunities``, ``base_wins``.
    method : str
        A key of the ladder.
    basis_opportunities, basis_wins : int
        Past opportunities learned from, and wins among them.
    warnings : tuple of str
        Warning keys.
    shock : float
        Standard deviation of the common shock on the logit.
    chain : ndarray or None
        The chances by stage and day in it, where they come from the chain alone; see `window_chances`.
    """

    rows: pd.DataFrame
    method: str
    basis_opportunities: int
    basis_wins: int
    warnings: tuple[str, ...]
    shock: float
    chain: np.ndarray | None = None


@dataclass(frozen=True)
class Basis:
    """A key of the ladder, past opportunities learned from and wins among them."""

    method: str
    opportunities: int
    wins: int


def opportunity_probabilities(book: Book, start_days: int, end_days: int) -> Probabilities:
    """Chance of each open opportunity to be won after ``start_days`` and within ``end_days`` from now.

    Parameters
    ----------
    book
        The book; "now" is its ``as_of``.
    start_days, end_days
        The window in days from now, start excluded, end included; 0 and the days left for the running period.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> result = opportunity_probabilities(fa.load_sample(), 0, 91)
    >>> bool((result.rows["probability"] <= result.rows["eventual"]).all())
    True
    """
    view = ledger_of(book).view()
    result = view_probabilities(view, start_days, end_days)
    number = pd.Index(view.open["opportunity_id"]).get_indexer(book.open_opportunities["opportunity_id"])
    rows = result.rows.iloc[number].set_axis(book.open_opportunities.index)
    return replace(result, rows=under_assumptions(book, rows, start_days, end_days))


def view_probabilities(view: View, start_days: int, end_days: int, *, ever: bool = True) -> Probabilities:
    """The same for what was known on a day; rows are those of ``view.open``.

    Parameters
    ----------
    view
        From `ledger.Ledger.view`.
    start_days, end_days
        The window in days from the view's day.
    ever
        Whether the chance of ever being won is asked too; without it ``eventual`` is the window's chance.
    """
    basis = method_basis(view)
    chain = None
    if basis.method == "semi_markov":
        chain = window_chances(view, start_days, end_days)
        rows = _semi_markov(view, chain, start_days, end_days, ever=ever)
    elif basis.method == "age_only":
        rows = _age_only(view, start_days, end_days)
    elif basis.method == "prior_only":
        rows = _prior_only(view, start_days, end_days)
    else:
        rows = pd.DataFrame({"probability": np.nan, "eventual": np.nan}, index=view.open.index, dtype="float64")
    result = rows.assign(days_in_stage=view.open["days_in_stage"])
    for column in ("base_opportunities", "base_wins"):
        result[column] = rows[column].fillna(0).astype("int64") if column in rows else 0
    shock = WIDE_SHOCK if basis.method in ("prior_only", "insufficient_history") else SHOCK
    return Probabilities(result, basis.method, basis.opportunities, basis.wins, _warnings(view, basis), shock, chain)


def method_basis(view: View) -> Basis:
    """The best method of the ladder, and how much it has to learn from."""
    number, destination = (view.usable[name].to_numpy() for name in ("number", "destination"))
    won_visits, closed = len(np.unique(number[destination == view.stages])), view.cycles
    won, known = int(closed.won.sum()), bool(view.open["stage"].notna().any())
    method = ladder(int((destination != CENSORED).sum()), won_visits, len(closed), won, known=known)
    if method == "semi_markov":
        return Basis(method, len(np.unique(number)), won_visits)
    return Basis(method, len(closed), won)


def ladder(completed: int, won_visits: int, closed: int, won: int, *, known: bool) -> str:
    """The best method that the counts allow.

    Parameters
    ----------
    completed, won_visits
        Completed visits of known length, and opportunities won in them.
    closed, won
        Opportunities whose days from creation to closing are known, and the won ones among them.
    known
        Whether an open opportunity's stage is known.

    Examples
    --------
    >>> ladder(40, 3, 12, 5, known=True), ladder(0, 0, 12, 5, known=True), ladder(0, 0, 0, 0, known=False)
    ('semi_markov', 'age_only', 'insufficient_history')
    """
    if completed >= MIN_COMPLETED_VISITS and won_visits >= MIN_WINS:
        return "semi_markov"
    if closed >= MIN_CLOSED and won >= MIN_WINS:
        return "age_only"
    return "prior_only" if known else "insufficient_history"


def _warnings(view: View, basis: Basis) -> tuple[str, ...]:
    learned = basis.method in LEARNED
    said = {
        "few_wins": learned and basis.wins < FEW_WINS,
        "no_losses": learned and bool(view.closed.won.all()),
        "assumed_stage_split": basis.method == "age_only",
        "rebuilt_from_exports": basis.method == "semi_markov" and not view.usable["logged"].any(),
        "uncalibrated": basis.method == "prior_only",
        "insufficient_history": basis.method == "insufficient_history",
        "unknown_stage": bool(view.open["stage"].isna().any()),
    }
    return tuple(key for key, holds in said.items() if holds)


def cells(table: np.ndarray, stage: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Values of a stage × column table; an unknown stage gets the mean of the known ones.

    Examples
    --------
    >>> cells(np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([0.0, 1.0, np.nan]), np.array([0, 1, 0])).tolist()
    [0.1, 0.4, 0.25]
    """
    known = ~np.isnan(stage)
    values = np.full(len(stage), np.nan)
    values[known] = table[stage[known].astype("int64"), column[known]]
    values[~known] = values[known].mean() if known.any() else table[:, -1].mean()
    return values


def window_chances(view: View, start: int, end: int) -> np.ndarray:
    """The chain's chance of being won in a window, by stage and day in it; see `hazards.win_table`."""
    exits, at_risk = count_exits(view.usable, view.stages)
    hazards = fit_hazards(exits, at_risk, neutral_split(view.stages))
    late = win_table(hazards, end)
    return late - win_table(hazards, start) if start > 0 else late


def _semi_markov(view: View, chain: np.ndarray, start: int, end: int, *, ever: bool) -> pd.DataFrame:
    """The chain for the window, past standing stock for ever."""
    opportunities = view.open
    probability = cells(chain, opportunities["stage"].to_numpy(), column_of(opportunities["chain_days"].to_numpy()))
    rows = pd.DataFrame({"probability": probability, "eventual": probability}, index=opportunities.index)
    if not ever:
        return rows
    stock = standing_stock(view.visits, view.stages, date_of(view.day))
    days = opportunities["chain_days"].to_numpy()
    stage = opportunities["stage"].fillna(0).to_numpy(dtype="int64")
    third = np.where(np.isfinite(days), age_third(stage, np.nan_to_num(days), stock.edges), AGE_GROUPS)
    chance = stock_chances(weighted_stock(stock), view.percentages, opportunities["stage"].to_numpy(), third)
    rows["eventual"] = np.maximum(chance, probability)
    bases = base_rates(stock, date_of(view.day), start, end)
    where = pd.MultiIndex.from_arrays([opportunities["stage"].fillna(-1).astype("int64"), third])
    return rows.assign(**{name: bases[name].reindex(where).to_numpy() for name in bases})


def stock_chances(rows: pd.DataFrame, percentages: np.ndarray, stage: np.ndarray, third: np.ndarray) -> np.ndarray:
    """Chance of ever being won of opportunities in a stage and third of its age (`AGE_GROUPS`: not known).

    Parameters
    ----------
    rows, percentages
        As `landmarks.eventual_probabilities` takes them.
    stage, third
        Of each opportunity; a stage that is not known is missing.
    """
    table = eventual_probabilities(rows, percentages)
    return cells(np.column_stack([table, table.mean(axis=1)]), stage, third)


def _age_only(view: View, start: int, end: int) -> pd.DataFrame:
    """`age_chances` of the opportunities of a view."""
    opportunities, closed = view.open, view.cycles
    ages = opportunities["age"].to_numpy()
    still = ages[~np.isnan(ages)]
    # What closed before the first closing in the export may have been left out of it: watching starts there.
    first = closed.closed_on.min() - 1
    entry = np.maximum(first - np.append(closed.created, view.day - still), 0.0)
    leaving = np.append(np.maximum(closed.closed_on - closed.created, 0.5), still)
    event = np.append(np.where(closed.won, WON, LOST), np.full(len(still), OPEN))
    within, ever = age_chances(leaving, entry, event, ages, view.nominal, start, end)
    return pd.DataFrame({"probability": within, "eventual": ever}, index=opportunities.index)


def age_chances(
    leaving: np.ndarray,
    entry: np.ndarray,
    event: np.ndarray,
    age: np.ndarray,
    nominal: np.ndarray,
    start: int,
    end: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Competing risks by days since creation, tilted by the stage percentages with the mean kept.

    Parameters
    ----------
    leaving, entry, event
        Of what is learned from: days since creation until closed (or now), days from which on it was watched, and
        `WON`, `LOST` or `OPEN`.
    age, nominal
        Of the open opportunities: days since creation and the methodology's percentage; missing where not known.
    start, end
        The window in days from now.

    Returns
    -------
    tuple of ndarray
        Chance of being won in the window, and within 24 months.
    """
    curve = incidence_curve(leaving, event, entry=entry, at_least=MIN_AT_RISK)
    at_risk = float(np.maximum(leaving - entry, 0.5).sum())
    age = np.where(np.isnan(age), np.inf, age)

    def by(days: int) -> np.ndarray:
        return steadied_within(
            curve, age, days, rows=len(leaving),
            rate_won=float((event == WON).sum()) / at_risk, rate_lost=float((event == LOST).sum()) / at_risk,
        )  # fmt: skip

    lean = TILT * _logit(np.clip(nominal, 0.02, 0.98))
    ever = by(max(EVENTUAL_DAYS, end))
    shift = _mean_keeping_shift(ever, lean)
    late = _tilted(by(end), lean, shift)
    early = _tilted(by(start), lean, shift) if start > 0 else np.zeros(len(age))
    return late - early, _tilted(ever, lean, shift)


def _logit(p: np.ndarray) -> np.ndarray:
    bounded = np.clip(p, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def _tilted(p: np.ndarray, lean: np.ndarray, shift: float) -> np.ndarray:
    """Probabilities moved on the logit; a row that leans to no side (unknown stage) stays."""
    return _shifted(p, _logit(p) + lean, shift)


def _shifted(p: np.ndarray, leaning: np.ndarray, shift: float) -> np.ndarray:
    moved = 1 / (1 + np.exp(-(leaning - shift)))
    return np.where(np.isnan(leaning), p, np.where(p > 0, moved, 0.0))


def _mean_keeping_shift(p: np.ndarray, lean: np.ndarray) -> float:
    """The shift at which tilting leaves the sum of the probabilities as it was, by bisection."""
    known = lean[~np.isnan(lean)]
    if not len(known):
        return 0.0
    low, high = float(known.min()), float(known.max())
    whole, moved = p.sum(), _logit(p) + lean
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _shifted(p, moved, middle).sum() > whole else (low, middle)
    return (low + high) / 2


def _prior_only(view: View, start: int, end: int) -> pd.DataFrame:
    """The percentages as a chain with assumed stage times, scaled by what stock has been seen to win."""
    opportunities, stages = view.open, view.stages
    nothing = np.zeros((stages, len(BIN_DAYS) - 1, stages + 2))
    hazards = fit_hazards(nothing, nothing[:, :, 0], nominal_split(view.percentages))
    chance = NOMINAL_SHARE * (win_table(hazards, end) - win_table(hazards, start))
    probability = cells(chance, opportunities["stage"].to_numpy(), column_of(opportunities["chain_days"].to_numpy()))
    ever = NOMINAL_SHARE * np.clip(view.percentages[:, None], 0.02, 0.98)
    eventual = cells(ever, opportunities["stage"].to_numpy(), np.zeros(len(opportunities), dtype="int64"))
    return pd.DataFrame(
        {"probability": probability, "eventual": np.maximum(eventual, probability)}, index=opportunities.index
    )  # fmt: skip
