"""How far each opportunity got, as one expression of a warehouse: `funnel.reach`, one row per opportunity and stage."""

import ibis
from ibis import Table

from ..funnel.reach import AtStage
from ..stage_log import EXITS
from .stage_log import States, yes

_UNKNOWN = -(1 << 40)
"""Stands for a day, or a number of days, that is not known where nothing missing may stand."""
_ADVANCED, _REGRESSED, _WON, _LOST = (EXITS.index(kind) for kind in ("advanced", "regressed", "won", "lost"))


def opportunity_reach(visits: Table, opportunities: Table, states: States) -> Table:
    """The opportunities with furthest, first, complete and closed_at, as `funnel.reach.Reach` has them."""
    by_stage = states.is_won(visits.state)
    exit_day = ibis.cases((by_stage, visits.entered), else_=visits.left)
    in_turn = ibis.window(group_by="opportunity_id", order_by="turn")
    told = visits.kind.isin([_WON, _LOST]) & exit_day.notnull()
    visits = visits.mutate(exit_day=exit_day, told=told, by_stage=by_stage)
    # A stage that means won, entered by one that is won already, is no second win: it was won when it was signed.
    signed = yes((visits.told & (visits.kind == _WON)).lag().over(in_turn))
    visits = visits.mutate(told=visits.told & ~(visits.by_stage & signed))
    reached = visits.group_by("opportunity_id").agg(
        furthest_stage=visits.state.max(),
        opening=visits.state.argmin(visits.turn),
        tells_all=visits.complete.cast("int64").max(),
        exit_day=visits.exit_day.argmax(visits.turn, where=visits.told),
    )
    rows = opportunities.left_join(reached, "opportunity_id").drop("opportunity_id_right")
    complete, won = yes(rows.tells_all == 1), rows.outcome == 1
    return rows.mutate(
        furthest=ibis.cases((won, states.count + 1), else_=rows.furthest_stage.coalesce(0)),
        first=ibis.cases((complete | yes(rows.opening == 1), rows.opening), else_=0),
        complete=complete,
        closed_at=ibis.cases((rows.outcome > 0, rows.exit_day.coalesce(rows.close_date))),
    )


def first_entries(visits: Table) -> Table:
    """opportunity_id, state and the day of the first entry into it; missing where no source tells that day."""
    filled = visits.mutate(entered=visits.entered.fill_null(_UNKNOWN))
    first = filled.group_by("opportunity_id", "state").agg(entered=filled.entered.argmin(filled.turn))
    return first.mutate(entered=first.entered.nullif(_UNKNOWN))


def _first_steps(visits: Table) -> Table:
    """For each opportunity and stage visited: the first entry, whether it then went beyond by a visit, and when."""
    filled = visits.mutate(entered=visits.entered.fill_null(_UNKNOWN), following=visits.following.fill_null(_UNKNOWN))
    first = filled.group_by("opportunity_id", "state").agg(
        turn=filled.turn.min(),
        entered=filled.entered.argmin(filled.turn),
        kind=filled.kind.argmin(filled.turn),
        following=filled.following.argmin(filled.turn),
        # Of visits to one stage the first whose amount a source tells.
        amount=filled.amount.argmin(filled.turn, where=filled.amount.notnull()),
        backward=(filled.kind == _REGRESSED).cast("int64").sum(),
    )
    # Most go on with their next visit; only after a step back or a closing the next one beyond is to be looked for.
    turned = first.filter(first.kind.isin([_REGRESSED, _WON, _LOST]))
    later = filled.select("opportunity_id", at="entered", later_turn="turn", later_state="state")
    pairs = turned.inner_join(
        later, ["opportunity_id", turned.turn < later.later_turn, turned.state < later.later_state]
    )
    beyond = pairs.group_by("opportunity_id", "state").agg(
        step=pairs.at.argmin(pairs.later_turn), went=pairs.later_turn.min()
    )
    rows = first.left_join(beyond, ["opportunity_id", "state"]).drop("opportunity_id_right", "state_right")
    direct = rows.kind == _ADVANCED
    return rows.select(
        "opportunity_id",
        "state",
        "amount",
        "backward",
        entered=rows.entered.nullif(_UNKNOWN),
        beyond=direct | rows.went.notnull(),
        step=ibis.cases((direct, rows.following), else_=rows.step).nullif(_UNKNOWN),
    )


def _in_order(visits: Table, orders: int) -> Table:
    """Up to which stage each opportunity visited 1, 2, 3 … one after the other, others between allowed."""
    rows = visits.mutate(matched=ibis.literal(-1, "int64"), in_order=ibis.literal(0, "int64"))
    everyone = ibis.window(group_by="opportunity_id")
    for order in range(1, orders + 1):
        fits = (rows.state == order) & (rows.turn > rows.matched) & (rows.in_order == order - 1)
        rows = rows.mutate(matched_now=rows.turn.min(where=fits).over(everyone))
        rows = rows.mutate(
            matched=rows.matched_now.coalesce(rows.matched),
            in_order=ibis.cases((rows.matched_now.notnull(), order), else_=rows.in_order),
        )
    return rows.group_by("opportunity_id").agg(in_order=rows.in_order.max())


def at_stages(visits: Table, opportunities: Table, orders: list[int], counting: str) -> Table:
    """One row per opportunity and stage, visited or not: who counts there under a rule, and what came of them.

    Parameters
    ----------
    visits
        What `stage_log.visits` gives.
    opportunities
        What `opportunity_reach` gives.
    orders
        The stages.
    counting
        One of `reach.COUNTING`.

    Returns
    -------
    Table
        The columns of ``opportunities``, state, counted, advanced, skipped, backward, amount_then (at the first entry where a
        source tells it, else the latest), entered, clock_days (−1 where not told) and clock_outcome.
    """
    if counting == "strict":
        depth = _in_order(visits, max(orders))
        opportunities = opportunities.left_join(depth, "opportunity_id").drop("opportunity_id_right")
        opportunities = opportunities.mutate(in_order=opportunities.in_order.coalesce(0))
    else:
        opportunities = opportunities.mutate(in_order=0)
    rows = opportunities.mutate(state=ibis.array(orders).unnest())
    rows = rows.left_join(_first_steps(visits), ["opportunity_id", "state"], rname="{name}_there")
    rows = rows.drop("state_there")
    won, lost = rows.outcome == 1, rows.outcome == 2
    visited = rows.opportunity_id_there.notnull()
    went_on = visited & (yes(rows.beyond) | won)
    won_at = ibis.cases((won, rows.closed_at))
    # A win is a step too; one on an unknown day came before it, so its own day would be too late.
    soonest = ibis.cases((yes(rows.step <= won_at) | won_at.isnull(), rows.step), else_=won_at)
    step = ibis.cases((~(yes(rows.beyond) & rows.step.isnull()), soonest))
    end = ibis.cases((went_on, step), (lost, rows.closed_at), else_=rows.last_seen)
    days = (end - rows.entered).fill_null(_UNKNOWN)
    here = AtStage(rows.state, rows.furthest, rows.first, rows.in_order, rows.complete, visited, went_on)
    return rows.mutate(
        counted=here.counted(counting),
        advanced=here.advanced(counting),
        skipped=here.skipped(),
        backward=rows.backward.coalesce(0),
        amount_then=rows.amount_there.coalesce(rows.amount),
        clock_days=ibis.cases((days == _UNKNOWN, -1), (days < 0, 0), else_=days),
        clock_outcome=ibis.cases((went_on, 1), (lost, 2), else_=0),
    )
