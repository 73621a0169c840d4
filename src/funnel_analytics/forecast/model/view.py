"""What was known of all opportunities at the end of a day."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...methodology import Methodology


@dataclass(frozen=True)
class Closed:
    """Won and lost opportunities as they were known on a day; all arrays of one length, in order of the ids.

    Attributes
    ----------
    number : ndarray of int
        The opportunity's number in the ledger.
    won : ndarray of bool
        Whether it was won.
    created, closed_on : ndarray
        Days since 1970-01-01; the creation missing where it is not stated.
    amount : ndarray
        As stated by then.
    """

    number: np.ndarray
    won: np.ndarray
    created: np.ndarray
    closed_on: np.ndarray
    amount: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Closed":
        return Closed(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __len__(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class View:
    """What was known at the end of a day.

    Attributes
    ----------
    methodology : Methodology
        Gives the stages.
    day : int
        Days since 1970-01-01.
    open : DataFrame
        Open opportunities in order of their id, indexed by their number in the ledger: ``opportunity_id``,
        ``stage`` (number; missing if not known), ``days_in_stage``, ``chain_days`` (at least that long),
        ``age``, ``amount``, ``due_days`` (days to the close date, negative if overdue), ``pushes``, ``crm``,
        ``category``.
    closed : Closed
        Won and lost.
    visits : DataFrame
        `visits.observed_visits` as they were known, with the opportunity's ``number``.
    amounts_assumed : int
        Open opportunities whose amount is that of a later source.
    """

    methodology: Methodology
    day: int
    open: pd.DataFrame
    closed: Closed
    visits: pd.DataFrame
    amounts_assumed: int

    @property
    def stages(self) -> int:
        """Number of open stages."""
        return len(self.methodology.open_stages)

    @property
    def percentages(self) -> np.ndarray:
        """(stages,) the methodology's percentage of each open stage."""
        return np.array([stage.probability for stage in self.methodology.stages if stage.outcome is None])

    @cached_property
    def nominal(self) -> np.ndarray:
        """The methodology's percentage of each open opportunity; missing where its stage is."""
        stage = self.open["stage"].to_numpy()
        return np.where(np.isnan(stage), np.nan, self.percentages[np.nan_to_num(stage).astype("int64")])

    @cached_property
    def usable(self) -> pd.DataFrame:
        """The visits whose days in stage are known, without ids."""
        return self.visits.loc[self.visits["usable"], ["number", "stage", "entered", "seen_from", "end", "destination", "logged"]]  # fmt: skip

    @cached_property
    def ended(self) -> Closed:
        """The closed ones whose close date had come."""
        return self.closed[self.closed.closed_on <= self.day]

    @cached_property
    def cycles(self) -> Closed:
        """Those of them whose days from creation to closing are known."""
        return self.ended[~np.isnan(self.ended.created)]
