"""Look-backs: every opportunity that was open on past days of one grid, as it was known then, and its win.

The rows do not depend on when one looks at them: a replay of the past takes those whose horizon had passed.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary
from zlib import crc32

import numpy as np

from ...hygiene import PLACEHOLDER
from .hazards import column_of
from .ledger import Ledger
from .view import View

ROWS_A_DAY, ROWS_FITTED = 2_000, 20_000
"""Of more, a share chosen by their ids is enough to learn from."""


@dataclass(frozen=True)
class Facts:
    """What was known of opportunities on one or more days; all arrays are of one length.

    Attributes
    ----------
    stage : ndarray
        Stage number; missing where not known.
    column : ndarray of int
        Column of the win table (`hazards.column_of`).
    days, age, due, pushes, amount : ndarray
        Days in stage, days since creation, days to the close date (negative if overdue), pushes so far,
        amount; missing where not known, amounts that say nothing too.
    """

    stage: np.ndarray
    column: np.ndarray
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
        rows["stage"].to_numpy(), column_of(rows["chain_days"].to_numpy()), rows["chain_days"].to_numpy(),
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
    lot : ndarray of int
        A number of the opportunity's id by which shares are drawn.
    facts : Facts
        As known on that day.
    """

    day: np.ndarray
    opportunity: np.ndarray
    lot: np.ndarray
    facts: Facts

    def fitted(self, rows: int) -> np.ndarray:
        """Which of the first rows are learned from."""
        return np.flatnonzero(self.lot[:rows] % thinning(rows, ROWS_FITTED) == 0)

    def complete(self, today: int, end_days: int) -> int:
        """How many rows, from the first, had their whole horizon behind them by a day."""
        return int(np.searchsorted(self.day, today - end_days, side="right"))


def thinning(count: int, limit: int) -> int:
    """The power of two by which a count is divided so that it comes near a limit."""
    return 1 << int(np.ceil(np.log2(count / limit))) if count > limit else 1


_LAST: WeakKeyDictionary[Ledger, tuple[bytes, Lookbacks]] = WeakKeyDictionary()


def looked_back(ledger: Ledger, days: np.ndarray) -> Lookbacks:
    """The opportunities open on each of some days; of a ledger the last ones are kept, for they can be many.

    Parameters
    ----------
    ledger
        The book's facts.
    days
        Days since 1970-01-01, rising; those before the first creation are left out, and those that nothing has
        followed yet.
    """
    begin = ledger.created.min() if len(ledger.created) else np.inf
    days = days[(days >= begin) & (days < ledger.today)]
    asked, known = days.tobytes(), _LAST.get(ledger)
    if known is None or known[0] != asked:
        known = _LAST[ledger] = (asked, look_back(ledger, days))
    return known[1]


def look_back(ledger: Ledger, days: np.ndarray) -> Lookbacks:
    """The opportunities open on each of some days, all of them known to the ledger."""
    lots = np.array([crc32(str(key).encode()) for key in ledger.index.to_numpy(dtype=object)], dtype="int64")
    open_on = []
    for day in days:
        # How many are kept of a day depends on that day alone: what came later must not change what is learned.
        there = ledger.opportunities_open(int(day))
        open_on.append(there[lots[there] % thinning(len(there), ROWS_A_DAY) == 0])
    at = np.concatenate([*open_on, np.zeros(0, dtype="int64")]).astype("int64")
    day = np.repeat(days, [len(rows) for rows in open_on]).astype("int64")
    return Lookbacks(day, at, lots[at], _facts(ledger, at, day))


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
    return Facts(
        stage, column_of(days), days, np.maximum(day - ledger.created_stated[at], 0), ledger.close.at(at, day) - day,
        np.nan_to_num(ledger.pushes.at(at, day)), np.where(amount > PLACEHOLDER, amount, np.nan),
    )  # fmt: skip
