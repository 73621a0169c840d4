"""Look-backs: every opportunity that was open on past days of one grid, as it was known then, and its win.

The rows do not depend on when one looks at them: a replay of the past takes those whose horizon had passed.
"""

from dataclasses import dataclass

import numpy as np

from ..hygiene import PLACEHOLDER
from .hazards import week_of
from .ledger import WON, Ledger, View

MAX_ROWS = 40_000


@dataclass(frozen=True)
class Facts:
    """What was known of opportunities on one or more days; all arrays are of one length.

    Attributes
    ----------
    stage : ndarray
        Stage number; missing where not known.
    week : ndarray of int
        Column of the win table (`hazards.week_of`).
    days, age, due, pushes, amount : ndarray
        Days in stage, days since creation, days to the close date (negative if overdue), pushes so far,
        amount; missing where not known, amounts that say nothing too.
    """

    stage: np.ndarray
    week: np.ndarray
    days: np.ndarray
    age: np.ndarray
    due: np.ndarray
    pushes: np.ndarray
    amount: np.ndarray

    def __getitem__(self, rows: np.ndarray | slice) -> "Facts":
        return Facts(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def view_facts(view: View) -> Facts:
    """The facts of a view's open opportunities."""
    rows = view.open
    amount = rows["amount"].to_numpy()
    return Facts(
        rows["stage"].to_numpy(), week_of(rows["chain_days"].to_numpy()), rows["chain_days"].to_numpy(),
        rows["age"].to_numpy(), rows["due_days"].to_numpy(), rows["pushes"].to_numpy(),
        np.where(amount > PLACEHOLDER, amount, np.nan),
    )  # fmt: skip


@dataclass(frozen=True)
class Lookbacks:
    """Rows of past days, in order of the day.

    Attributes
    ----------
    day, opportunity : ndarray of int
        The day looked back to, and the opportunity's number in the ledger.
    facts : Facts
        As known on that day.
    won_after, booked : ndarray
        Days from there to the win (infinite without one), and the day on which the win was known.
    """

    day: np.ndarray
    opportunity: np.ndarray
    facts: Facts
    won_after: np.ndarray
    booked: np.ndarray

    def complete(self, today: int, end_days: int) -> int:
        """How many rows, from the first, had their whole horizon behind them by a day."""
        return int(np.searchsorted(self.day, today - end_days, side="right"))


def look_back(ledger: Ledger, days: np.ndarray) -> Lookbacks:
    """The opportunities open on each of some days.

    Parameters
    ----------
    ledger
        The book's facts.
    days
        Days since 1970-01-01, rising.
    """
    number = np.arange(len(ledger.deals))
    span = ledger.created.min() if len(number) else 0
    days = days[(days >= span) & (days <= ledger.today)] if len(number) else days[:0]
    every = 1
    open_on: list[np.ndarray] = []
    if len(days):
        # Of very many opportunities a fixed share is enough to learn from.
        sizes = sum(int((ledger.status.at(number, int(day)) == 0).sum()) for day in days[:: max(1, len(days) // 8)])
        every = max(1, sizes * max(1, len(days) // 8) // MAX_ROWS)
        open_on = [np.flatnonzero(ledger.status.at(number[::every], int(day)) == 0) * every for day in days]
    at = np.concatenate([*open_on, np.zeros(0, dtype="int64")]).astype("int64")
    day = np.repeat(days, [len(rows) for rows in open_on]).astype("int64")
    won = ledger.outcome[at] == WON
    after = np.where(won & (ledger.closed_on[at] > day), ledger.closed_on[at] - day, np.inf)
    return Lookbacks(day, at, _facts(ledger, at, day), after, ledger.booked[at])


def _facts(ledger: Ledger, at: np.ndarray, day: np.ndarray) -> Facts:
    visit = ledger.stage_at.at(at, day)
    held = ~np.isnan(visit)
    place = np.where(held, visit, 0).astype("int64")
    nothing = np.full(len(at), np.nan)
    stage = np.where(held, ledger.visit_stage[place], np.nan) if held.any() else nothing
    days = nothing
    if held.any():
        since = np.fmin(ledger.visit_entered[place], ledger.visit_from[place])
        days = np.where(held & (ledger.visit_ended[place] > day), np.maximum(day - since, 0), np.nan)
    amount, _ = ledger.amount_at(at, day)
    created = np.where(ledger.created_known[at], ledger.created[at], np.nan)
    return Facts(
        stage, week_of(days), days, np.maximum(day - created, 0), ledger.close.at(at, day) - day,
        np.nan_to_num(ledger.pushes.at(at, day)), np.where(amount > PLACEHOLDER, amount, np.nan),
    )  # fmt: skip
