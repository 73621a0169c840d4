"""The semi-Markov chain: how fast opportunities leave a stage at each age, and where they go.

Piecewise-constant cause-specific hazards with delayed entry and censoring, shrunk towards the stage's overall
hazard and that towards a weak prior, so that thirty opportunities do not produce nonsense and five hundred
drown the prior. Source: semi-Markov multi-state models, Andersen & Keiding (2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .visits import CENSORED, ages

BIN_DAYS = np.array([0.0, 14.0, 30.0, 60.0, 90.0, 150.0, 240.0, np.inf])
"""Edges of the bins of days in stage; a bin holds its upper edge."""
STAGE_EXITS, BIN_EXITS = 2.0, 3.0
"""Pseudo-exits by which a stage is drawn to the prior (k1) and a bin to its stage (k0)."""
PRIOR_STAGE_DAYS = 60.0
ADVANCE_SHARE = 0.6

_AGES = 241
"""Whole days in stage that the chain tells apart; from 240 on the hazard no longer changes."""
AGE_UNKNOWN = _AGES
"""Column of a win table for opportunities whose days in stage are not known: the stage's overall hazard."""


@dataclass(frozen=True)
class Hazards:
    """Hazards per day.

    Attributes
    ----------
    by_age : ndarray of shape (stages, bins, destinations)
        Per bin of `BIN_DAYS`. Destinations are the stages, then won, then lost.
    overall : ndarray of shape (stages, destinations)
        The stage's hazard whatever the age.
    """

    by_age: np.ndarray
    overall: np.ndarray


def _chain_split(advance: Sequence[float]) -> np.ndarray:
    stages = len(advance)
    split = np.zeros((stages, stages + 2))
    rows = np.arange(stages)
    # The stage after the last is "won": column S.
    split[rows, rows + 1] = advance
    split[rows, stages + 1] = 1 - np.asarray(advance, dtype=float)
    return split


def neutral_split(stages: int) -> np.ndarray:
    """The prior share of exits: 0.6 to the next stage, 0.4 lost; shape (stages, stages + 2)."""
    return _chain_split([ADVANCE_SHARE] * stages)


def nominal_split(probabilities: Sequence[float] | np.ndarray) -> np.ndarray:
    """The shares at which every stage's chance of ever winning is the methodology's percentage.

    Parameters
    ----------
    probabilities
        Nominal probability (0–1) of each open stage, in order; kept within 0.02 and 0.98.
    """
    nominal = np.append(np.clip(np.asarray(probabilities, dtype=float), 0.02, 0.98), 1.0)
    return _chain_split(list(np.minimum(nominal[:-1] / nominal[1:], 1.0)))


def count_exits(visits: pd.DataFrame, stages: int) -> tuple[np.ndarray, np.ndarray]:
    """Exits and days at risk per stage and bin of days in stage.

    Parameters
    ----------
    visits
        Usable rows of `visits.observed_visits`.
    stages
        Number of open stages.

    Returns
    -------
    tuple of ndarray
        Exits, shape (stages, bins, stages + 2), and days at risk, shape (stages, bins).
    """
    entry, leaving = ages(visits)
    stage = visits["stage"].to_numpy()
    destination = visits["destination"].to_numpy()
    lower, upper = BIN_DAYS[:-1], BIN_DAYS[1:]
    days = np.clip(leaving[:, None], lower, upper) - np.clip(entry[:, None], lower, upper)
    at_risk = np.zeros((stages, len(lower)))
    np.add.at(at_risk, stage, days)
    ended = destination != CENSORED
    bins = np.searchsorted(BIN_DAYS, leaving[ended], side="left") - 1
    exits = np.zeros((stages, len(lower), stages + 2))
    np.add.at(exits, (stage[ended], bins, destination[ended]), 1.0)
    return exits, at_risk


def fit_hazards(exits: np.ndarray, at_risk: np.ndarray, split: np.ndarray) -> Hazards:
    """Hazards from counts, shrunk bin → stage → prior.

    Stage: (N_s·j + k1·q_sj) / (E_s· + k1·τ), where τ is the prior mean of days in a stage; bin: (N_sbj + k0·h_sj/h_s) / (E_sb + k0/h_s).

    Parameters
    ----------
    exits, at_risk
        From `count_exits`.
    split
        Prior shares q of the exits, shape (stages, stages + 2).
    """
    overall = (exits.sum(axis=1) + STAGE_EXITS * split) / (at_risk.sum(axis=1) + STAGE_EXITS * PRIOR_STAGE_DAYS)[
        :, None
    ]
    any_exit = overall.sum(axis=1)
    shares = overall / any_exit[:, None]
    by_age = (exits + BIN_EXITS * shares[:, None, :]) / (at_risk + BIN_EXITS / any_exit[:, None])[:, :, None]
    return Hazards(by_age, overall)


def win_table(hazards: Hazards, days: float) -> np.ndarray:
    """Chance of being won within a number of days, for every stage and day in it.

    The recursion V_k(s, a) = e^(−h) V_{k−1}(s, a+1) + (1 − e^(−h)) [share_won + Σ_j share_j V_{k−1}(j, 0)] by days, so
    that a fortnight can hold several stages; between two whole days it is interpolated.

    Parameters
    ----------
    hazards
        From `fit_hazards`.
    days
        The horizon; 0 or less gives zeros.

    Returns
    -------
    ndarray of shape (stages, `AGE_UNKNOWN` + 1)
        Columns: whole days in stage (see `column_of`), last the column `AGE_UNKNOWN`. It never falls when the
        horizon grows.
    """
    stages = hazards.overall.shape[0]
    middle = np.arange(_AGES) + 0.5
    bins = np.searchsorted(BIN_DAYS, middle, side="left") - 1
    rates = np.concatenate([hazards.by_age[:, bins, :], hazards.overall[:, None, :]], axis=1)
    any_exit = rates.sum(axis=2)
    shares = rates / any_exit[:, :, None]
    stay = np.exp(-any_exit)
    following = np.append(np.minimum(np.arange(1, _AGES + 1), _AGES - 1), AGE_UNKNOWN)
    whole, rest = divmod(max(days, 0.0), 1.0)
    value = later = np.zeros_like(any_exit)
    for _ in range(int(whole) + 1):
        value = later
        moved = shares[:, :, stages] + shares[:, :, :stages] @ value[:, 0]
        later = stay * value[:, following] + (1 - stay) * moved
    return np.asarray(np.clip((1 - rest) * value + rest * later, 0.0, 1.0))


def column_of(days_in_stage: np.ndarray) -> np.ndarray:
    """The win table's column for days in stage; missing days give `AGE_UNKNOWN`."""
    known = np.isfinite(days_in_stage)
    ages = np.clip(np.where(known, days_in_stage, 0.0), 0, _AGES - 1)
    return np.where(known, ages, AGE_UNKNOWN).astype("int64")
