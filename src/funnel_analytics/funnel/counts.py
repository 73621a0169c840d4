"""The reductions: the small tables of counts and sums from which the analyses estimate.

Here they are made in process, from a book's own arrays. A warehouse makes the same tables where its data lie
(`warehouse` registers its own way of making each), so that every number has one definition and two places to run.
"""

from functools import singledispatch
from typing import Any, Protocol

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..book_part import PartFrames, places
from ..codes import codes_of, packed
from ..methodology import Methodology
from ..outcomes import CLOSED, OPEN, OUTCOMES
from ..periods import FiscalCalendar, Period, period_labels
from .day_counts import DayCounts, day_counts
from .groups import group_codes, opportunity_groups
from .reach import CLOCK_OUTCOMES, Reach, lasted, reach_of

COHORTS = ("created_quarter", "entered_quarter")
"""Splits that are no columns of the opportunities: the quarter of creation, and that of the first entry to the stage."""
CAME_OF = ("advanced", "lost", "open")
"""What came of an opportunity that counts at a stage."""
VISIT_KINDS = ("standing", "open", "advanced", "won", "regressed", "lost")
"""How a visit ended: the exits of the stage log, and of those that go on, those in which an open opportunity stands."""
CYCLE_KEYS = ("group", "outcome", "days", "valued", "overdue", "mature", "at_stage")
"""What a row of `cycle_counts` is about; outcome as its place in `outcomes.OUTCOMES`."""


class Source(Protocol):
    """What the analyses of counts ask of a book, or of a warehouse."""

    @property
    def methodology(self) -> Methodology:
        """The sales method."""

    @property
    def as_of(self) -> pd.Timestamp:
        """The date of the newest data."""

    @property
    def calendar(self) -> FiscalCalendar | int:
        """How the team cuts its fiscal years."""

    @property
    def export_dates(self) -> list[pd.Timestamp]:
        """Dates of the exports, oldest first."""

    @property
    def history_from(self) -> pd.Timestamp | None:
        """The first day that the change history tells; None without one."""

    def told_from(self, field: str) -> pd.Timestamp | None:
        """The first day on which a source tells a field of open opportunities; None without one."""

    @property
    def quotas(self) -> pd.DataFrame:
        """`tables.QUOTAS`."""

    @property
    def context(self) -> dict[str, Any]:
        """What travels with every table."""

    @property
    def has_money(self) -> bool:
        """Whether amounts can be added up."""

    def require_money(self) -> None:
        """Refuse to add up amounts that cannot be added."""

    def period(self, name: str | None = None) -> Period:
        """A period in the team's fiscal calendar."""


def open_orders(source: Source) -> list[int]:
    """The places in the method of the stages that an open opportunity can hold."""
    return [stage.order for stage in source.methodology.stages if stage.outcome is None]


@singledispatch
def stage_counts(source: Source, by: str | None, counting: str) -> tuple[pd.DataFrame, pd.Series]:
    """How many count at each stage, and what came of them, by count and by amount.

    Parameters
    ----------
    source
        A book or a warehouse.
    by
        A column of the opportunities, one of `COHORTS`, or None.
    counting
        One of `reach.COUNTING`.

    Returns
    -------
    counts : DataFrame
        Group by group, the stages that an open opportunity can hold in order: entered, advanced, lost, open and the
        sums of their amounts, won_eventually, lost_eventually, skipped_over, regressed_from, started_here,
        backward_moves, lost_stage_unknown.
    groups : Series
        What the groups are called.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> counts, groups = stage_counts(fa.load_sample(), "region", "reached")
    >>> len(counts) == len(groups) * 6
    True
    """
    raise NotImplementedError(type(source).__name__)


@singledispatch
def clock_counts(
    source: Source, by: str | None, counting: str, table: tables.Table = tables.STAGE_CONVERSION
) -> tuple[list[DayCounts], pd.Series]:
    """What came of those who count at each stage by days since their first entry; kinds `reach.CLOCK_OUTCOMES`.

    Only of those that were in the stage on a known day. Arguments and order as in `stage_counts`; ``table`` is the one
    that is being made, whose own columns cannot be split by.
    """
    raise NotImplementedError(type(source).__name__)


@singledispatch
def visit_counts(source: Source, by: str | None, table: tables.Table) -> tuple[list[DayCounts], pd.Series]:
    """The visits of known length to each stage by days and by how they ended; kinds `VISIT_KINDS`.

    Order as in `stage_counts`; ``table`` as in `clock_counts`.
    """
    raise NotImplementedError(type(source).__name__)


@singledispatch
def cycle_counts(
    source: Source,
    by: str | None,
    table: tables.Table,
    *,
    within: float = np.inf,
    stage: int | None = None,
    until: str = "as_of",
) -> tuple[pd.DataFrame, pd.Series]:
    """The opportunities by outcome and days from creation to closing, with the sums of their amounts.

    Parameters
    ----------
    source, by, table
        As in `visit_counts`.
    within
        Days from which on an opportunity is ``mature``: created at least so long ago.
    stage
        The order of the stage for ``at_stage``: whether it counts there as reached; None leaves it at no.
    until
        To when the days of open ones count: ``"as_of"``, or ``"last_seen"``, the newest export that holds them.

    Returns
    -------
    counts : DataFrame
        `CYCLE_KEYS` (outcome as its place in `outcomes.OUTCOMES`; whole days, −1 where not known; ``valued``: the amount
        is above 0; ``overdue``: open, and the close date has passed), ``opportunities``, ``amount`` (the sum of those
        that are known). The order is not defined.
    groups : Series
    """
    raise NotImplementedError(type(source).__name__)


def _stage_groups(
    book: Book, by: str | None, orders: list[int], table: tables.Table = tables.STAGE_CONVERSION
) -> tuple[list[np.ndarray], pd.Series]:
    """The group of each opportunity at each stage, and what the groups are called."""
    if by not in COHORTS:
        codes, values = opportunity_groups(book, by, table)
        return [codes] * len(orders), values
    if by == "created_quarter":
        labels = period_labels(book.column("created_date"), "quarter", book.calendar)
        codes, values = group_codes(labels.to_frame(by), by, table)
        return [codes] * len(orders), values
    # The cohort of a stage is its own: the same opportunity entered two stages in two quarters.
    entered = reach_of(book).entered
    days = pd.Series(np.concatenate([entered[:, order - 1] for order in orders]))
    labels = period_labels(days, "quarter", book.calendar)
    codes, values = group_codes(labels.to_frame(by), by, table)
    return np.split(codes, len(orders)), values


@stage_counts.register
def _(book: Book, by: str | None, counting: str) -> tuple[pd.DataFrame, pd.Series]:
    reach, orders = reach_of(book), open_orders(book)
    codes, values = _stage_groups(book, by, orders)
    groups, width = len(values), len(orders)
    found = {name: np.zeros(groups * width, dtype="int64") for name in _PLAIN}
    # Three things that came of those who are counted, times the outcome by now: nine cells of a stage of a group.
    counts, sums = np.zeros((groups * width, 3, 3), dtype="int64"), np.zeros((groups * width, 3))
    unknown = reach.outcome("lost") & (reach.furthest == 0)
    for place, (order, code) in enumerate(zip(orders, codes, strict=True)):
        rows = slice(place, groups * width, width)
        counts[rows], sums[rows] = _what_came(reach, order, counting, code, groups)
        backward = reach.backward[:, order - 1]
        found["skipped_over"][rows] = np.bincount(code[reach.skipped(order)], minlength=groups)
        found["regressed_from"][rows] = np.bincount(code[backward > 0], minlength=groups)
        found["started_here"][rows] = np.bincount(code[reach.first == order], minlength=groups)
        found["backward_moves"][rows] = np.bincount(code, backward, minlength=groups).astype("int64")
        found["lost_stage_unknown"][rows] = np.bincount(code[unknown], minlength=groups)
    return pd.DataFrame(named_counts(counts, sums) | found), values


_PLAIN = ("skipped_over", "regressed_from", "started_here", "backward_moves", "lost_stage_unknown")


def _what_came(reach: Reach, order: int, counting: str, code: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Of those who count at a stage: counts by group, what came of them and outcome, and sums by the first two."""
    at = np.flatnonzero(reach.counted(order, counting))
    advanced, lost = reach.advanced(order, counting)[at], reach.outcome("lost")[at]
    cell = code[at] * 3 + np.where(advanced, 0, np.where(lost, 1, 2))
    counts = np.bincount(cell * 3 + reach.outcomes[at], minlength=groups * 9).reshape(groups, 3, 3)
    # A negative amount is a slip of the pen or a credit note: in a sum it would push a rate by value above 1.
    worth = np.nan_to_num(reach.amount[at, order - 1]).clip(min=0)
    sums = np.bincount(cell, worth, groups * 3).reshape(groups, 3)
    return counts, sums


def named_counts(counts: np.ndarray, sums: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of `stage_counts` that are about those who count, from their cells.

    Parameters
    ----------
    counts
        (n, 3, 3) array: by `CAME_OF` and outcome.
    sums
        (n, 3) array: amounts by `CAME_OF`.
    """
    found = {"entered": counts.sum(axis=(1, 2)), "amount_entered": sums.sum(axis=1)}
    for kind, name in enumerate(CAME_OF):
        found[name], found[f"amount_{name}"] = counts[:, kind].sum(axis=1), sums[:, kind]
    for outcome in CLOSED:
        found[f"{outcome}_eventually"] = counts[:, :, OUTCOMES.index(outcome)].sum(axis=1)
    return found


@clock_counts.register
def _(
    book: Book, by: str | None, counting: str, table: tables.Table = tables.STAGE_CONVERSION
) -> tuple[list[DayCounts], pd.Series]:
    reach, orders = reach_of(book), open_orders(book)
    codes, values = _stage_groups(book, by, orders, table)
    cells, days, kinds = [], [], []
    for place, (order, code) in enumerate(zip(orders, codes, strict=True)):
        at = np.flatnonzero(reach.on_the_clock(order, counting))
        cells.append(code[at] * len(orders) + place)
        days.append(reach.clock_days[at, order - 1].astype("int64"))
        kinds.append(reach.clock_outcome[at, order - 1].astype("int64"))
    cell, day, kind = (np.concatenate(part) for part in (cells, days, kinds))
    return day_counts(cell, day, kind, len(values) * len(orders), len(CLOCK_OUTCOMES)), values


@visit_counts.register
def _(book: Book, by: str | None, table: tables.Table) -> tuple[list[DayCounts], pd.Series]:
    codes, values = opportunity_groups(book, by, table)
    stages = len(book.methodology.open_stages)
    place = book.once(places, "stage_log")
    stage, days, kind = book.once(_coded_visits)
    kept = (place >= 0) & (place < book.size) & (stage >= 0) & (days >= 0)
    cell = codes[place[kept]] * stages + stage[kept]
    return day_counts(cell, days[kept], kind[kept], len(values) * stages, len(VISIT_KINDS)), values


def _coded_visits(book: Book) -> tuple[np.ndarray, ...]:
    """The stage, the days (−1 where not known) and the ending of each visit of the stage log, as whole numbers."""
    frames = book.frames
    if isinstance(frames, PartFrames):
        held = frames.holds_row("stage_log")
        return tuple(part[held] for part in frames.whole.once(_coded_visits))
    log = book.stage_log
    kind = codes_of(log["exit"], VISIT_KINDS)
    kind[stands(log)] = VISIT_KINDS.index("standing")
    days = log["days"].fillna(-1.0).to_numpy(dtype="int64")
    return codes_of(log["stage"], book.methodology.open_stages), days, kind


def stands(log: pd.DataFrame) -> np.ndarray:
    """Visits in which an open opportunity is today."""
    return np.asarray((codes_of(log["exit"], ["open"]) == 0) & (codes_of(log["outcome"], ["open"]) == 0))


@cycle_counts.register
def _(
    book: Book,
    by: str | None,
    table: tables.Table,
    *,
    within: float = np.inf,
    stage: int | None = None,
    until: str = "as_of",
) -> tuple[pd.DataFrame, pd.Series]:
    codes, values = opportunity_groups(book, by, table)
    outcome = codes_of(book.column("outcome"), OUTCOMES)
    is_open = outcome == OPEN
    created, close = book.column("created_date"), book.column("close_date")
    amount = book.column("amount").to_numpy(dtype="float64")
    end = close.where(~is_open, book.as_of if until == "as_of" else book.column("last_seen"))
    keys = {
        "group": codes,
        "outcome": outcome,
        "days": (end - created).dt.days.clip(lower=0).fillna(-1).to_numpy(dtype="int64"),
        "valued": amount > 0,
        "overdue": is_open & (close < book.as_of).to_numpy(dtype=bool),
        "mature": ((book.as_of - created).dt.days >= within).to_numpy(dtype=bool),
        "at_stage": np.zeros(book.size, dtype=bool) if stage is None else reach_of(book).counted(stage),
    }
    whole = [keys[name].astype("int64") for name in CYCLE_KEYS]
    cell = packed(*whole)
    assert cell is not None, "days, groups and flags fit into 63 bits"
    found, first, place = np.unique(cell, return_index=True, return_inverse=True)
    frame = pd.DataFrame({name: key[first] for name, key in zip(CYCLE_KEYS, whole, strict=True)})
    return frame.assign(
        opportunities=np.bincount(place, minlength=len(found)),
        amount=np.bincount(place, np.nan_to_num(amount), len(found)),
    ), values


def days_of(rows: pd.DataFrame, groups: int, measure: str = "opportunities") -> list[DayCounts]:
    """One `DayCounts` per group from rows of `cycle_counts` with known days; kinds `outcomes.OUTCOMES`.

    Parameters
    ----------
    rows
        Rows of `cycle_counts`.
    groups
        How many groups there are.
    measure
        What is added up: ``"opportunities"``, or ``"amount"``, which makes counts of money.
    """
    rows = rows[rows["days"] >= 0]
    summed = rows.groupby(["group", "days", "outcome"])[measure].sum().unstack("outcome", fill_value=0)
    summed = summed.reindex(columns=range(len(OUTCOMES)), fill_value=0)
    found = []
    for group in range(groups):
        held = group in summed.index.get_level_values("group")
        part = summed.xs(group, level="group") if held else summed.iloc[:0].droplevel("group")
        found.append(DayCounts(lasted(part.index.to_numpy()), part.to_numpy()))
    return found
