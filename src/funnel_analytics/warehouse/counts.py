"""The reductions of `funnel.counts` where a warehouse's data lie: one query each, and only its small result comes out."""

from itertools import pairwise

import ibis
import numpy as np
import pandas as pd
from ibis import Table
from ibis.expr.types import Value

from .. import tables
from ..funnel.counts import (
    CAME_OF,
    COHORTS,
    CYCLE_KEYS,
    VISIT_KINDS,
    clock_counts,
    cycle_counts,
    named_counts,
    open_orders,
    stage_counts,
    visit_counts,
)
from ..funnel.day_counts import DayCounts
from ..funnel.groups import group_codes
from ..funnel.reach import CLOCK_OUTCOMES, AtStage, lasted
from ..outcomes import LOST, OPEN
from ..periods import period_labels
from ..stage_log import EXITS
from .book_like import Warehouse
from .columns import dates_of, fetched
from .opening import day_of
from .reach import at_stages, opportunity_reach
from .stage_log import yes


def flag(condition: Value) -> Value:
    """A condition as 1 or 0; what is missing is no."""
    return condition.fill_null(False).cast("int64")


def reached(warehouse: Warehouse) -> Table:
    """How far each opportunity got; see `reach.opportunity_reach`."""
    return opportunity_reach(warehouse.visits, warehouse.listed, warehouse.states)


def checked(warehouse: Warehouse, by: str | None, table: tables.Table, *, accepted: tuple[str, ...] = ()) -> None:
    """Refuse to split by what is neither a column nor accepted beside the columns, or is one of the table's own."""
    if by is None or by in accepted:
        return
    # Also what is no text, as the amount: in process it is a column as well.
    if by in warehouse.listed.columns:
        tables.refuse_own(by, table)
    tables.check_split(warehouse.texts, by)


def fiscal_periods(warehouse: Warehouse, day: Value, every: Table, length: str = "quarter") -> Value:
    """The fiscal period of a day; ``every`` has all such days, of which the different ones are looked up."""
    name = day.get_name()
    days = fetched(every.select(day=every[name]).distinct())["day"].dropna().astype("int64").sort_values()
    if days.empty:
        return ibis.null("string")
    labels = period_labels(dates_of(days), length, warehouse.calendar)
    # Between the first and the last day that there is of a period, every day is of that period.
    spans = days.groupby(labels.to_numpy()).agg(["min", "max"])
    return ibis.cases(*((day.between(int(one["min"]), int(one["max"])), str(label)) for label, one in spans.iterrows()))


def coded(found: pd.DataFrame, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """The rows with their group as a whole number, and what the groups are called; as `groups.opportunity_groups`."""
    if by is None:
        return found.assign(group=0), pd.Series([None], dtype=object)
    texts = found["group"].astype("str").where(found["group"].notna())
    codes, values = group_codes(texts.to_frame(by), by, tables.PIPELINE_CHANGES)
    return found.assign(group=codes), values


def _stage_rows(warehouse: Warehouse, by: str | None, counting: str) -> tuple[pd.DataFrame, pd.Series]:
    """Rows by group, stage, what came of those who count, outcome and days: what both reductions of stages add up."""
    opportunities = warehouse.once(reached)
    rows = at_stages(warehouse.visits, opportunities, open_orders(warehouse), counting)
    group: Value = ibis.null("string")
    if by == "created_quarter":
        group = fiscal_periods(warehouse, rows.created_date, warehouse.listed)
    elif by == "entered_quarter":
        group = fiscal_periods(warehouse, rows.entered, warehouse.visits)
    elif by is not None:
        group = rows[by]
    came_of = ibis.cases((~rows.counted, -1), (rows.advanced, 0), (rows.outcome == LOST, 1), else_=2)
    rows = rows.mutate(
        group=group,
        came_of=came_of,
        clock_days=ibis.cases((rows.counted, rows.clock_days), else_=-1),
        clock_outcome=ibis.cases((rows.counted & (rows.clock_days >= 0), rows.clock_outcome), else_=0),
        skipped_over=flag(rows.skipped),
        regressed_from=flag(rows.backward > 0),
        started_here=flag(rows["first"] == rows.state),
        lost_stage_unknown=flag((rows.outcome == LOST) & (rows.furthest == 0)),
        amount_counted=ibis.cases((rows.counted & yes(rows.amount_then > 0), rows.amount_then), else_=0.0),
    )
    found = rows.group_by("group", "state", "came_of", "outcome", "clock_days", "clock_outcome").agg(
        opportunities=rows.count(),
        amount=rows.amount_counted.sum(),
        backward_moves=rows.backward.sum(),
        **{name: rows[name].sum() for name in _FLAGS},
    )
    return coded(fetched(found), by)


_FLAGS = ("skipped_over", "regressed_from", "started_here", "lost_stage_unknown")


@stage_counts.register
def _(warehouse: Warehouse, by: str | None, counting: str) -> tuple[pd.DataFrame, pd.Series]:
    checked(warehouse, by, tables.STAGE_CONVERSION, accepted=COHORTS)
    rows, values = warehouse.once(_stage_rows, by, counting)
    orders = open_orders(warehouse)
    size = len(values) * len(orders)
    place = np.asarray(rows["group"] * len(orders) + rows["state"].map({order: at for at, order in enumerate(orders)}))
    here = rows["came_of"].to_numpy() >= 0
    cell = (place * 3 + rows["came_of"])[here].to_numpy(dtype="int64")
    wide = len(CAME_OF)
    counts = np.bincount(cell * 3 + rows["outcome"][here], rows["opportunities"][here], size * wide * 3)
    sums = np.bincount(cell, rows["amount"][here], size * wide)
    named = named_counts(counts.astype("int64").reshape(size, wide, 3), sums.reshape(size, wide))
    plain = {name: np.bincount(place, rows[name], size).astype("int64") for name in (*_FLAGS, "backward_moves")}
    return pd.DataFrame(named | plain), values


def _day_counts(cell: np.ndarray, rows: pd.DataFrame, kind: str, cells: int, kinds: int) -> list[DayCounts]:
    """One `DayCounts` per cell from rows that are counted already."""
    table = pd.DataFrame(
        {
            "cell": cell,
            "days": rows["days"].to_numpy(),
            "kind": rows[kind].to_numpy(),
            "n": rows["opportunities"].to_numpy(),
        }
    )
    summed = table.groupby(["cell", "days", "kind"])["n"].sum().unstack("kind", fill_value=0)
    summed = summed.reindex(columns=range(kinds), fill_value=0)
    where = summed.index.get_level_values("cell").to_numpy()
    days, counts = lasted(summed.index.get_level_values("days").to_numpy()), summed.to_numpy(dtype="int64")
    edges = np.searchsorted(where, np.arange(cells + 1))
    return [DayCounts(days[at:to], counts[at:to]) for at, to in pairwise(edges)]


@clock_counts.register
def _(
    warehouse: Warehouse, by: str | None, counting: str, table: tables.Table = tables.STAGE_CONVERSION
) -> tuple[list[DayCounts], pd.Series]:
    checked(warehouse, by, table, accepted=COHORTS)
    rows, values = warehouse.once(_stage_rows, by, counting)
    orders = open_orders(warehouse)
    rows = rows[rows["clock_days"] >= 0].rename(columns={"clock_days": "days"})
    cell = np.asarray(rows["group"] * len(orders) + rows["state"].map({order: at for at, order in enumerate(orders)}))
    return _day_counts(cell, rows, "clock_outcome", len(values) * len(orders), len(CLOCK_OUTCOMES)), values


def _visit_rows(warehouse: Warehouse, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    opportunities = warehouse.listed
    group = ibis.null("string") if by is None else opportunities[by]
    owners = opportunities.select("opportunity_id", "outcome", group=group)
    log = warehouse.visits.inner_join(owners, "opportunity_id")
    log = log.filter((log.days >= 0) & log.state.isin(open_orders(warehouse)))
    kinds = [(log.kind == place, VISIT_KINDS.index(name)) for place, name in enumerate(EXITS)]
    standing = (log.kind == EXITS.index("open")) & (log.outcome == OPEN)
    log = log.mutate(ended=ibis.cases((standing, VISIT_KINDS.index("standing")), *kinds))
    found = fetched(log.group_by("group", "state", "days", "ended").agg(opportunities=log.count()))
    if by is None:
        return coded(found, by)
    # A group without a visit is one nevertheless.
    every = fetched(owners.select("group").distinct())
    rows, values = coded(pd.concat([found, every], ignore_index=True), by)
    return rows.iloc[: len(found)], values


@visit_counts.register
def _(warehouse: Warehouse, by: str | None, table: tables.Table) -> tuple[list[DayCounts], pd.Series]:
    checked(warehouse, by, table)
    rows, values = warehouse.once(_visit_rows, by)
    stages = warehouse.methodology.open_stages
    orders = {warehouse.methodology.stage(key).order: place for place, key in enumerate(stages)}
    rows = rows.astype(dict.fromkeys(("state", "days", "ended", "opportunities"), "int64"))
    cell = np.asarray(rows["group"] * len(stages) + rows["state"].map(orders))
    return _day_counts(cell, rows, "ended", len(values) * len(stages), len(VISIT_KINDS)), values


@cycle_counts.register
def _(
    warehouse: Warehouse,
    by: str | None,
    table: tables.Table,
    *,
    within: float = np.inf,
    stage: int | None = None,
    until: str = "as_of",
) -> tuple[pd.DataFrame, pd.Series]:
    checked(warehouse, by, table)
    rows = warehouse.listed if stage is None else warehouse.once(reached)
    today = day_of(warehouse.as_of)
    end = ibis.cases(
        (rows.outcome > 0, rows.close_date), else_=ibis.literal(today, "int64") if until == "as_of" else rows.last_seen
    )
    days = end - rows.created_date
    here = None if stage is None else AtStage(stage, rows.furthest, rows["first"], None, None, None, None)
    at_stage = ibis.literal(0) if here is None else flag(here.counted("reached"))
    old = ibis.literal(0) if np.isinf(within) else flag(today - rows.created_date >= within)
    keyed = rows.select(
        "outcome",
        "amount",
        group=ibis.null("string") if by is None else rows[by],
        days=ibis.cases((days.isnull(), -1), (days < 0, 0), else_=days),
        valued=flag(rows.amount > 0),
        overdue=flag((rows.outcome == 0) & (rows.close_date < today)),
        mature=old,
        at_stage=at_stage,
    )
    found = keyed.group_by(*CYCLE_KEYS).agg(opportunities=keyed.count(), amount=keyed.amount.sum().coalesce(0.0))
    return coded(fetched(found), by)
