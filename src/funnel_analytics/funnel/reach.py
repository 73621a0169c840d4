"""How far each opportunity got: the stages it visited, its furthest, where it began; and who counts at a stage."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd

from ..book import Book
from ..book_part import PartFrames, places
from ..codes import codes_of
from ..outcomes import CLOSED, LOST, OUTCOMES, WON

COUNTING = ("reached", "visited", "strict", "any")
"""When an opportunity counts at a stage. reached: its furthest stage is this or a later one, or it was won, and it did
not start beyond. visited: it was in the stage; advanced means that it went further after it came here. strict: it was
in this and every earlier stage, in order. any: it was in the stage, whatever the order: having been further before
counts as advanced too."""

SHORTEST_DAYS = 0.5
"""What began and ended on one day lasted half a day, not none."""
_TELLS_ALL = ("history", "stage_dates")


CLOCK_OUTCOMES = ("open", "advanced", "lost")
"""What came of an opportunity after its first entry into a stage; advanced: further than the stage, or won."""


@dataclass(frozen=True)
class AtStage:
    """What is known of opportunities at a stage, and who counts there.

    The fields are (n,) arrays, or columns of a warehouse's table: the rules are written once, for both.
    """

    order: Any
    furthest: Any
    first: Any
    in_order: Any
    complete: Any
    visited: Any
    went_on: Any

    def counted(self, counting: str) -> Any:
        """Who counts at the stage under a rule of `COUNTING`."""
        if counting == "reached":
            return (self.furthest >= self.order) & (self.first <= self.order)
        if counting == "strict":
            return self.in_order >= self.order
        return self.visited

    def advanced(self, counting: str) -> Any:
        """Which of them went further, in the sense of the rule."""
        return self.counted(counting) & (self.went_on if counting == "visited" else self.furthest > self.order)

    def skipped(self) -> Any:
        """Who began before the stage, got beyond it and never was in it."""
        passed = (self.first > 0) & (self.first < self.order) & (self.furthest > self.order)
        return passed & self.complete & ~self.visited


@dataclass(frozen=True)
class Reach:
    """What the stage log says of n opportunities and K stages of the method; shared, not to be written to."""

    outcomes: np.ndarray
    """(n,) places in `outcomes.OUTCOMES`."""
    last_seen: np.ndarray
    """(n,) the day of the newest export that holds it."""
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
    entered: np.ndarray
    """(n, K) day of its first entry into the stage; NaT where it was not there or no source tells."""
    went_on: np.ndarray
    """(n, K) whether it went beyond the stage, or was won, after that entry."""
    clock_days: np.ndarray
    """(n, K) whole days from that entry to what came of it, for an open one as long as it has been watched; −1 where it
    passed the stage without a visit, or no source tells the days."""
    clock_outcome: np.ndarray
    """(n, K) what came of it, as its place in `CLOCK_OUTCOMES`."""
    closed_at: np.ndarray
    """(n,) the day on which it was won or lost; NaT while open."""

    def outcome(self, key: str) -> np.ndarray:
        """(n,) which opportunities have an outcome."""
        return np.asarray(self.outcomes == OUTCOMES.index(key))

    def at(self, order: int) -> "AtStage":
        """What the rules ask of a stage."""
        place = order - 1
        return AtStage(
            order,
            self.furthest,
            self.first,
            self.in_order,
            self.complete,
            self.visited[:, place],
            self.went_on[:, place],
        )

    def counted(self, order: int, counting: str = "reached") -> np.ndarray:
        """(n,) which opportunities count at a stage under a rule of `COUNTING`."""
        return np.asarray(self.at(order).counted(counting))

    def advanced(self, order: int, counting: str = "reached") -> np.ndarray:
        """(n,) which of those that count at a stage went further, in the sense of the rule."""
        return np.asarray(self.at(order).advanced(counting))

    def on_the_clock(self, order: int, counting: str = "reached") -> np.ndarray:
        """(n,) which of those that count at a stage were in it on a known day, so that days since then can be told."""
        return np.asarray(self.counted(order, counting) & (self.clock_days[:, order - 1] >= 0))

    def skipped(self, order: int) -> np.ndarray:
        """(n,) which opportunities began before a stage, got beyond it and never were in it."""
        return np.asarray(self.at(order).skipped())


def lasted(days: np.ndarray) -> np.ndarray:
    """Whole days as durations: what began and ended on one day lasted half a day.

    Examples
    --------
    >>> lasted(np.array([0, 3])).tolist()
    [0.5, 3.0]
    """
    return np.asarray(np.maximum(days.astype("float64"), SHORTEST_DAYS))


def reach_of(book: Book) -> Reach:
    """How far each opportunity of a book got, from one pass over its stage log, made once for a book and its parts.

    Where only exports tell, the first look is not the start: an opportunity that was in a later stage when first
    seen has passed the stages before, and one more export that shows nothing new changes no count.
    """
    return book.once(_reach)


def _reach(book: Book) -> Reach:
    if isinstance(book.frames, PartFrames):
        # An opportunity's reach does not depend on the others.
        whole, rows = reach_of(book.frames.whole), book.frames.rows
        return Reach(**{one.name: getattr(whole, one.name)[rows] for one in fields(Reach)})
    rows, log = book.opportunities, book.stage_log
    place = book.once(places, "stage_log")
    held = (place >= 0) & (place < book.size)
    log, position = log[held], place[held]
    count, width = len(rows), len(book.methodology.stages)
    order = codes_of(log["stage"], book.methodology.stage_keys) + 1

    visited = np.zeros((count, width), dtype=bool)
    visited[position, order - 1] = True
    amount = np.repeat(rows["amount"].to_numpy(dtype="float64")[:, None], width, axis=1)
    # Visits are in order of time; writing them backwards leaves the amount of the first visit to each stage.
    stated = np.flatnonzero(log["amount"].notna().to_numpy())[::-1]
    amount[position[stated], order[stated] - 1] = log["amount"].to_numpy(dtype="float64")[stated]
    moved = codes_of(log["exit"], ["regressed"]) == 0
    cell = position[moved] * width + order[moved] - 1
    backward = np.bincount(cell, minlength=count * width).reshape(count, width)

    furthest = np.zeros(count, dtype="int64")
    np.maximum.at(furthest, position, order)
    complete = np.zeros(count, dtype=bool)
    complete[position] = codes_of(log["source"], _TELLS_ALL) >= 0
    first = np.zeros(count, dtype="int64")
    opening = (log["visit"] == 1).to_numpy() & (complete[position] | (order == 1))
    first[position[opening]] = order[opening]
    outcomes = codes_of(rows["outcome"], OUTCOMES)
    won, lost = outcomes == WON, outcomes == LOST
    by_stage = np.isin(order, [stage.order for stage in book.methodology.stages if stage.outcome == "won"])
    closed_at = _closed_at(rows, log, position, by_stage)
    entered, went_on, went_on_at = _first_steps(log, position, order, np.where(won, closed_at, _NEVER), visited)
    went_on = went_on | (visited & won[:, None])
    last_seen = rows["last_seen"].to_numpy(dtype="datetime64[us]")
    end = np.where(went_on, went_on_at, np.where(lost, closed_at, last_seen)[:, None])
    return Reach(
        outcomes=outcomes.astype("int8"),
        last_seen=last_seen,
        visited=visited,
        amount=amount,
        backward=backward,
        furthest=np.where(won, width + 1, furthest),
        first=first,
        in_order=_in_order(position, order, count, width),
        complete=complete,
        entered=entered,
        went_on=went_on,
        clock_days=_whole_days(entered, end),
        clock_outcome=np.where(went_on, 1, np.where(lost, 2, 0)[:, None]).astype("int8"),
        closed_at=closed_at,
    )


def _whole_days(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Days from one midnight to another, not below 0; −1 where one is not known."""
    days = (end - start).astype("timedelta64[D]").astype("int64")
    return np.where(np.isnat(start) | np.isnat(end), -1, np.maximum(days, 0)).astype("int32")


_NEVER = np.datetime64("NaT", "us")


def _closed_at(rows: pd.DataFrame, log: pd.DataFrame, position: np.ndarray, by_stage: np.ndarray) -> np.ndarray:
    """The day of each closing, as the stage log dates it, else the close date; ``by_stage``: visits that mean won."""
    closed_at = rows["close_date"].to_numpy(dtype="datetime64[us]").copy()
    exit_day = log["left"].where(~by_stage, log["entered"]).to_numpy(dtype="datetime64[us]")
    told = (codes_of(log["exit"], CLOSED) >= 0) & ~np.isnat(exit_day)
    # A stage that means won, entered by one that is won already, is no second win: it was won when it was signed.
    signed = told & (codes_of(log["exit"], ["won"]) == 0)
    told[1:] &= ~(by_stage[1:] & signed[:-1] & (position[1:] == position[:-1]))
    # In order of time: what stays is the last closing; an earlier one was undone by re-opening.
    closed_at[position[told]] = exit_day[told]
    closed_at[(rows["outcome"] == "open").to_numpy(dtype=bool)] = _NEVER
    return np.asarray(closed_at)


def _first_steps(
    log: pd.DataFrame, position: np.ndarray, order: np.ndarray, won_at: np.ndarray, visited: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each opportunity and stage: the first entry, whether it then went beyond by a visit, and when (or was won)."""
    days = log["entered"].to_numpy(dtype="datetime64[us]")
    moment, never = np.arange(len(order)), len(order)
    entered = np.full(visited.shape, _NEVER)
    went_on, went_on_at = np.zeros_like(visited), np.full(visited.shape, _NEVER)
    for stage in range(1, visited.shape[1] + 1):
        here, beyond = (np.full(len(visited), never) for _ in range(2))
        np.minimum.at(here, position[order == stage], moment[order == stage])
        later = (order > stage) & (moment > here[position])
        np.minimum.at(beyond, position[later], moment[later])
        was, left = here < never, beyond < never
        entered[was, stage - 1] = days[here[was]]
        went_on[left, stage - 1] = True
        step = np.full(len(visited), _NEVER)
        step[left] = days[beyond[left]]
        # A win is a step too; one on an unknown day came before it, so its own day would be too late.
        went_on_at[was, stage - 1] = np.where(left & np.isnat(step), _NEVER, np.fmin(step, won_at))[was]
    return entered, went_on, went_on_at


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
