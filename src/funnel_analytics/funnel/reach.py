"""How far each opportunity got: the stages it visited, its furthest, where it began; and who counts at a stage."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..book import Book

COUNTING = ("reached", "visited", "strict", "any")
"""When an opportunity counts at a stage. reached: its furthest stage is this or a later one, or it was won, and it did
not start beyond. visited: it was in the stage. strict: it was in this and every earlier stage, in order. any: it was
in the stage, whatever the order; the same opportunities as visited, under the name by which other tools offer it."""

_TELLS_ALL = ("history", "stage_dates")


@dataclass(frozen=True)
class Reach:
    """What the stage log says of n opportunities and K stages of the method."""

    opportunities: pd.DataFrame
    visited: np.ndarray
    """(n, K) whether it was in the stage."""
    amount: np.ndarray
    """(n, K) amount at its first entry into the stage where a source tells it, else the latest."""
    backward: np.ndarray
    """(n, K) how often it moved from the stage to an earlier one."""
    furthest: np.ndarray
    """(n,) order 1 … K of its furthest stage; K + 1 when won; 0 where no source tells a stage."""
    first: np.ndarray
    """(n,) order of the stage in which it began; 0 where no source tells."""
    in_order: np.ndarray
    """(n,) the stage up to which it visited every stage in order."""
    complete: np.ndarray
    """(n,) whether its source tells every visit, so that a stage that is missing was skipped."""

    def outcome(self, key: str) -> np.ndarray:
        """(n,) which opportunities have an outcome."""
        return np.asarray(self.opportunities["outcome"] == key, dtype=bool)

    def counted(self, order: int, counting: str = "reached") -> np.ndarray:
        """(n,) which opportunities count at a stage under a rule of `COUNTING`."""
        if counting == "reached":
            return np.asarray((self.furthest >= order) & (self.first <= order))
        if counting == "strict":
            return np.asarray(self.in_order >= order)
        return np.asarray(self.visited[:, order - 1])

    def skipped(self, order: int) -> np.ndarray:
        """(n,) which opportunities began before a stage, got beyond it and never were in it."""
        passed = (self.first > 0) & (self.first < order) & (self.furthest > order)
        return np.asarray(passed & self.complete & ~self.visited[:, order - 1])


def reach_of(book: Book) -> Reach:
    """How far each opportunity of a book got, from one pass over its stage log.

    Where only exports tell, the first look is not the start: an opportunity that was in a later stage when first
    seen has passed the stages before, and one more export that shows nothing new changes no count.
    """
    rows, log = book.opportunities, book.stage_log
    position = pd.Index(rows["opportunity_id"]).get_indexer(log["opportunity_id"])
    log, position = log[position >= 0], position[position >= 0]
    count, width = len(rows), len(book.methodology.stages)
    order = book.methodology.orders(log["stage"]).to_numpy(dtype="int64")

    visited = np.zeros((count, width), dtype=bool)
    visited[position, order - 1] = True
    amount = np.repeat(rows["amount"].to_numpy(dtype="float64")[:, None], width, axis=1)
    # Visits are in order of time; writing them backwards leaves the amount of the first visit to each stage.
    stated = np.flatnonzero(log["amount"].notna().to_numpy())[::-1]
    amount[position[stated], order[stated] - 1] = log["amount"].to_numpy(dtype="float64")[stated]
    backward = np.zeros((count, width), dtype="int64")
    moved = (log["exit"] == "regressed").to_numpy()
    np.add.at(backward, (position[moved], order[moved] - 1), 1)

    furthest = np.zeros(count, dtype="int64")
    np.maximum.at(furthest, position, order)
    complete = np.zeros(count, dtype=bool)
    complete[position] = log["source"].isin(_TELLS_ALL).to_numpy()
    first = np.zeros(count, dtype="int64")
    opening = (log["visit"] == 1).to_numpy() & (complete[position] | (order == 1))
    first[position[opening]] = order[opening]
    won = (rows["outcome"] == "won").to_numpy(dtype=bool)
    return Reach(
        opportunities=rows,
        visited=visited,
        amount=amount,
        backward=backward,
        furthest=np.where(won, width + 1, furthest),
        first=first,
        in_order=_in_order(position, order, count, width),
        complete=complete,
    )


def _in_order(position: np.ndarray, order: np.ndarray, count: int, width: int) -> np.ndarray:
    """Up to which stage each opportunity visited 1, 2, 3 … one after the other, others between allowed."""
    moment = np.arange(len(order))
    matched = np.full(count, -1)
    depth = np.zeros(count, dtype="int64")
    for stage in range(1, width + 1):
        fits = np.flatnonzero((order == stage) & (moment > matched[position]) & (depth[position] == stage - 1))[::-1]
        # Backwards, so that the earliest visit that fits is the one that stays.
        matched[position[fits]] = moment[fits]
        depth[position[fits]] = stage
    return depth
