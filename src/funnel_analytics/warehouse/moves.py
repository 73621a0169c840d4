"""Where opportunities went, how soon they got there and how long they stand, counted where a warehouse's data lie."""

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Value

from .. import tables
from ..funnel.ageing import age_counts
from ..funnel.cohorts import STEP_DAYS, cohort_counts, transition_counts
from ..funnel.counts import open_orders
from ..funnel.reach import CLOCK_OUTCOMES, lasted
from ..funnel.trend import SIDES, trend_counts
from ..hygiene import PLACEHOLDER
from ..outcomes import OPEN, WON
from ..periods import Period
from ..stage_log import EXITS
from .book_like import Warehouse
from .columns import dates_of, fetched
from .counts import checked, coded, fiscal_periods, flag, reached
from .opening import day_of
from .reach import at_stages, first_entries
from .stage_log import yes

_WON, _LOST, _OPEN = (EXITS.index(kind) for kind in ("won", "lost", "open"))


def _places(warehouse: Warehouse, state: Value) -> Value:
    """The place of a state among the open stages; missing where it is none of them."""
    return ibis.cases(*((state == order, place) for place, order in enumerate(open_orders(warehouse))))


def _group(warehouse: Warehouse, by: str | None) -> Value:
    return ibis.null("string") if by is None else warehouse.listed[by]


@age_counts.register
def _(warehouse: Warehouse, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    checked(warehouse, by, tables.PIPELINE_AGEING)
    every, visits = warehouse.listed.mutate(group=_group(warehouse, by)), warehouse.visits
    standing = visits.filter((visits.kind == _OPEN) & visits.days.notnull()).select("opportunity_id", "days")
    opportunities = every.filter(every.outcome == OPEN)
    rows = opportunities.left_join(standing, "opportunity_id")
    rows = rows.mutate(
        stage=_places(warehouse, rows.state).coalesce(len(open_orders(warehouse))),
        summed=ibis.cases((yes(rows.amount > PLACEHOLDER), rows.amount), else_=0.0),
    )
    counts = rows.group_by("group", "stage", "days").agg(opportunities=rows.count(), amount=rows.summed.sum())
    return _every_group(warehouse, fetched(counts), by)


def _every_group(warehouse: Warehouse, found: pd.DataFrame, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """The rows with their groups coded; a group of which nothing is counted is one nevertheless."""
    if by is None:
        return coded(found, by)
    groups = fetched(warehouse.listed.select(group=_group(warehouse, by)).distinct())
    rows, values = coded(pd.concat([found, groups], ignore_index=True), by)
    return rows.iloc[: len(found)], values


@transition_counts.register
def _(warehouse: Warehouse, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    checked(warehouse, by, tables.STAGE_TRANSITIONS)
    stages = len(open_orders(warehouse))
    opportunities = warehouse.listed.select("opportunity_id", group=_group(warehouse, by))
    log = warehouse.visits.inner_join(opportunities, "opportunity_id")
    # A move to a stage that means "won" is the win.
    ended = ibis.cases((log.kind == _LOST, stages + 1), (log.kind == _OPEN, stages + 2), else_=stages)
    log = log.mutate(place=_places(warehouse, log.state), to=_places(warehouse, log.next).coalesce(ended))
    log = log.filter(log.place.notnull())
    keys = ["group", "place", "to"]
    counts = log.group_by(*keys).agg(
        visits=log.count(), opportunities=log.opportunity_id.nunique(), amount=log.amount.sum().coalesce(0.0)
    )
    rows, values = _every_group(warehouse, fetched(counts), by)
    return rows.astype({"place": "int64", "to": "int64"}).sort_values(keys, ignore_index=True), values


@cohort_counts.register
def _(warehouse: Warehouse, order: int | None, by: str | None) -> tuple[pd.DataFrame, pd.Series, pd.Timestamp]:
    checked(warehouse, by, tables.CONVERSION_COHORTS)
    rows = warehouse.once(reached)
    got = ibis.cases((rows.outcome == WON, rows.closed_at))
    if order is not None:
        entries = first_entries(warehouse.visits)
        entries = entries.filter(entries.state >= order).group_by("opportunity_id")
        entries = entries.agg(there=lambda table: table.entered.min())
        rows = rows.mutate(got=got).left_join(entries, "opportunity_id").drop("opportunity_id_right")
        got = ibis.cases((yes(rows.there < rows.got) | rows.got.isnull(), rows.there), else_=rows.got)
    days = got - rows.created_date
    keyed = rows.select(
        group=ibis.null("string") if by is None else rows[by],
        cohort=fiscal_periods(warehouse, rows.created_date, warehouse.listed),
        step=ibis.cases((days <= STEP_DAYS, 1), (days.notnull(), (days + (STEP_DAYS - 1)) // STEP_DAYS)),
        last_seen=rows.last_seen,
    )
    found = fetched(
        keyed.group_by("group", "cohort", "step").agg(opportunities=keyed.count(), last_seen=keyed.last_seen.max())
    )
    rows, values = coded(found, by)
    return rows, values, pd.Timestamp(dates_of(pd.Series([found["last_seen"].max()])).iloc[0])


@trend_counts.register
def _(
    warehouse: Warehouse, by: str | None, counting: str, periods: tuple[Period, Period], within: float
) -> tuple[pd.DataFrame, pd.Series]:
    checked(warehouse, by, tables.CONVERSION_TREND)
    orders = open_orders(warehouse)
    rows = at_stages(warehouse.visits, warehouse.once(reached), orders, counting)
    rows = rows.filter(rows.counted & (rows.clock_days >= 0))
    spans = [rows.entered.between(day_of(period.start), day_of(period.end)) for period in periods]
    rows = rows.mutate(
        group=ibis.null("string") if by is None else rows[by],
        side=ibis.cases(*((span, place) for place, span in enumerate(spans))),
        followed=rows.last_seen - rows.entered >= int(np.ceil(within)),
    )
    rows = rows.filter(rows.side.notnull())
    # Whole days: what lasted none lasted half a day.
    most = next((day for day in range(int(within), -1, -1) if lasted(np.array([day]))[0] <= within), -1)
    in_time = rows.followed & (rows.clock_days <= most)
    came_of = {name: in_time & (rows.clock_outcome == CLOCK_OUTCOMES.index(name)) for name in ("advanced", "lost")}
    sums = {name: flag(one).sum() for name, one in {"followed": rows.followed, **came_of}.items()}
    found = fetched(rows.group_by("group", "state", "side").agg(entered=rows.count(), **sums))
    counts, values = _every_group(warehouse, found, by)
    place = np.asarray(
        counts["group"] * len(orders) + counts["state"].map({order: at for at, order in enumerate(orders)})
    )
    columns, size = {}, len(values) * len(orders)
    for at, side in enumerate(SIDES):
        here = (counts["side"] == at).to_numpy()
        for name in ("entered", *sums):
            summed = np.bincount(place[here].astype("int64"), counts[name].to_numpy()[here], size)
            columns[f"{name}_{side}"] = summed.astype("int64")
    return pd.DataFrame(columns), values
