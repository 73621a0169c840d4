"""Slippage where a warehouse's data lie: what was due on one date and how it stands, and what close dates did."""

import ibis
import pandas as pd
from ibis import Table

from .. import tables
from ..funnel.pushes import due_counts, held_moves
from ..outcomes import OUTCOMES
from ..periods import Period
from .book_like import Warehouse
from .changes import stood_on
from .columns import fetched
from .counts import checked, fiscal_periods, flag
from .opening import day_of
from .stage_log import ORDER, ranked, turn_of, yes


@due_counts.register
def _(warehouse: Warehouse, opening: pd.Timestamp, last: pd.Timestamp, period: Period, by: str | None) -> pd.DataFrame:
    checked(warehouse, by, tables.SLIPPAGE)
    before, end = stood_on(warehouse, opening, by), day_of(period.end)
    before = before.filter((before.outcome == 0) & before.close_date.between(day_of(period.start), end))
    known = stood_on(warehouse, last, None).select("opportunity_id", now="outcome", due="close_date")
    rows = before.left_join(known, "opportunity_id")
    keyed = rows.select(
        group=rows[by] if by else ibis.null("string"),
        outcome=rows.now,
        in_time=yes(rows.due <= end),
        later=yes(rows.due > end),
        amount=ibis.cases((yes(rows.amount > 0), rows.amount), else_=0.0),
    )
    found = fetched(
        keyed.group_by("group", "outcome", "in_time", "later").agg(
            opportunities=keyed.count(), amount=keyed.amount.sum()
        )
    )
    words = dict(enumerate(OUTCOMES))
    return found.assign(outcome=found["outcome"].map(words).astype("str")).astype({"group": "str"})


def _statements(warehouse: Warehouse) -> Table:
    """Every close date that a source states of an open opportunity, one a day; as `funnel.pushes` has them."""
    names = ["opportunity_id", "at", "close_date", "outcome", "told", "turn"]
    looks = warehouse.looks.mutate(told=0, turn=1 << 40).rename(at="as_of").select(*names)
    said = looks
    if warehouse.log is not None:
        log = ranked(warehouse.log, warehouse.states)
        log = log.mutate(turn=turn_of(*ORDER), told=1)
        running = ibis.cumulative_window(group_by="opportunity_id", order_by="turn")
        log = log.mutate(stretch=log.outcome.count().over(running))
        # A row that tells neither stage nor outcome leaves the outcome as it was.
        outcome = log.outcome.max().over(ibis.window(group_by=["opportunity_id", "stretch"])).coalesce(0)
        said = ibis.union(log.mutate(outcome=outcome).rename(at="day").select(*names), looks)
    said = said.filter((said.outcome == 0) & said.close_date.notnull()).drop("outcome")
    opportunities = warehouse.listed
    closed = opportunities.select(
        "opportunity_id", closed_at=ibis.cases((opportunities.outcome > 0, opportunities.close_date))
    )
    said = said.inner_join(closed, "opportunity_id")
    # The CRM sets the date to the day of the closing: that is no pull. Nothing of that day or later is taken.
    said = said.filter(~yes(said.at >= said.closed_at))
    newest = ibis.window(group_by=["opportunity_id", "at"], order_by=said.turn.desc())
    said = said.mutate(nth=ibis.row_number().over(newest))
    return said.filter(said.nth == 0).select("opportunity_id", "at", "close_date", "told")


def _moves(warehouse: Warehouse) -> Table:
    """What the close date of each opportunity did, from one statement to the next."""
    said = _statements(warehouse)
    label = fiscal_periods(warehouse, said.close_date, said)
    said = said.mutate(place=label.left(4).cast("int64") * 4 + label.right(1).cast("int64"))
    order = ibis.window(group_by="opportunity_id", order_by="at")
    days, quarters = (said[name] - said[name].lag().over(order) for name in ("close_date", "place"))
    said = said.mutate(days=days.coalesce(0), quarters=quarters.coalesce(0))
    return said.group_by("opportunity_id").agg(
        pushes=flag(said.days > 0).sum(),
        period_pushes=flag(said.quarters > 0).sum(),
        days_pushed=ibis.cases((said.days > 0, said.days), else_=0).sum(),
        pulls=flag(said.days < 0).sum(),
        told=said.told.sum(),
    )


@held_moves.register
def _(warehouse: Warehouse, by: str | None) -> pd.DataFrame:
    opportunities, moves = warehouse.listed, warehouse.once(_moves)
    rows = opportunities.left_join(moves, "opportunity_id")
    overdue = (rows.outcome == 0) & yes(rows.close_date < day_of(warehouse.as_of))
    keyed = rows.mutate(
        group=rows[by] if by else ibis.null("string"),
        overdue=flag(overdue),
        late=ibis.cases((overdue, rows.amount), else_=0.0).coalesce(0.0),
    )
    sums = {name: keyed[name].sum().coalesce(0) for name in ("pushes", "period_pushes", "days_pushed", "pulls")}
    found = keyed.group_by("group").agg(
        opportunities=keyed.count(),
        pushed_opportunities=flag(keyed.pushes > 0).sum(),
        lower_bound_opportunities=flag(keyed.told.coalesce(0) == 0).sum(),
        overdue_opportunities=keyed.overdue.sum(),
        overdue_amount=keyed.late.sum(),
        **sums,
    )
    return fetched(found).astype({"group": "str"})
