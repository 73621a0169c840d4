"""The stage log as one expression of a warehouse: `funnel_analytics.stage_log`, said in windows and groups.

Days are whole numbers since 1970 and states whole numbers, as there: such arithmetic means the same everywhere.
"""

from dataclasses import dataclass

import ibis
from ibis import Table
from ibis.expr.types import BooleanValue, IntegerColumn, Value

from ..methodology import Methodology
from ..stage_log import EXITS

_LAST_LOOK = 1 << 29
"""The turn of what the newest look adds: after every other event."""
ORDER = ("changed_at", "rank", "outcome", "amount", "close_date")
"""Changes of an opportunity in order of time and stage; a table has no order of its own that could tell more."""
_STATES = 64
"""Above every state, so that a turn and a state fit into one number."""


@dataclass(frozen=True)
class States:
    """What an opportunity can be in: 1 … K the method's stages, K + 1 closed as won, K + 2 as lost."""

    count: int
    """K."""
    won: tuple[int, ...]
    """Stages that mean won."""

    def is_won(self, state: Value) -> BooleanValue:
        """Whether being in a state means that it was won by a stage."""
        return state.isin(self.won) if self.won else ibis.literal(False)

    def outcome(self, state: Value) -> Value:
        """The outcome that a state means: 0 open, 1 won, 2 lost."""
        return ibis.cases((self.is_won(state), 1), (state > self.count, state - self.count), else_=0)


def states_of(methodology: Methodology) -> States:
    """The states of a method."""
    won = tuple(stage.order for stage in methodology.stages if stage.outcome == "won")
    return States(len(methodology.stages), won)


def yes(condition: Value) -> BooleanValue:
    """A comparison with something missing is no, as in pandas."""
    return condition.fill_null(False)


def turn_of(*order: str) -> IntegerColumn:
    """The place of each row among those of its opportunity, from 0."""
    return ibis.row_number().over(ibis.window(group_by="opportunity_id", order_by=list(order)))


def ranked(history: Table, states: States) -> Table:
    """Changes with their place among those of one moment: in order of stage, closings last."""
    closes = (history.state == 0) & yes(history.outcome > 0)
    return history.mutate(rank=ibis.cases((closes, states.count + 1), else_=history.state))


def _stack(
    rows: Table, entries: BooleanValue, closings: BooleanValue, entered: Value, ended: Value, closing: Value
) -> Table:
    """Entries into a stage and closings as one table of events; of one row, the entry comes first."""
    both = [
        rows.filter(which).select(
            "opportunity_id", "amount", "complete", turn=rows.turn * 2 + part, state=state.cast("int64"), day=day
        )
        for which, part, state, day in ((entries, 0, rows.state, entered), (closings, 1, closing, ended))
    ]
    return ibis.union(*both)


def _from_history(history: Table, opportunities: Table, states: States) -> Table:
    """Events of opportunities with a change log, or with dated stages where there is no log."""
    rows = ranked(history, states)
    rows = rows.mutate(turn=turn_of(*ORDER), outcome=rows.outcome.coalesce(0))
    running = ibis.cumulative_window(group_by="opportunity_id", order_by="turn")
    rows = rows.mutate(told=rows.amount.count().over(running))
    # Without amounts so far there is nothing to carry on; a run of changes has the amount that began it.
    rows = rows.mutate(amount=rows.amount.max().over(ibis.window(group_by=["opportunity_id", "told"])))
    rows = rows.filter((rows.state > 0) | (rows.outcome > 0))
    rows = rows.mutate(complete=True, has_log=rows.is_log.max().over(ibis.window(group_by="opportunity_id")))
    rows = rows.filter((rows.is_log == 1) | (rows.has_log == 0))
    rows = rows.inner_join(opportunities.select("opportunity_id", latest="amount"), "opportunity_id")
    rows = rows.mutate(amount=rows.amount.coalesce(rows.latest))
    closes = (rows.outcome > 0) & ~states.is_won(rows.state)
    return _stack(rows, rows.state > 0, closes, rows.day, rows.day, rows.outcome + states.count)


def _from_exports(snapshots: Table, states: States) -> Table:
    """Events of opportunities that only exports show: a change lies between two of them."""
    looks = ibis.window(group_by="opportunity_id", order_by="as_of")
    rows = snapshots.mutate(
        previous=snapshots.as_of.lag().over(looks),
        outcome_before=snapshots.outcome.lag().over(looks),
        turn=turn_of("as_of"),
        complete=False,
    )
    closed = rows.outcome > 0
    # A closed opportunity is exported again and again; only the first look at the closing is news.
    known = closed & yes(rows.outcome_before == rows.outcome)
    in_time = closed & yes(rows.close_date <= rows.as_of) & ~yes(rows.close_date <= rows.previous)
    rows = rows.mutate(known=known, closed=closed, won_here=closed & states.is_won(rows.state))
    middle = (rows.previous + rows.as_of) // 2
    end = ibis.cases((in_time, rows.close_date), (rows.closed, middle))
    rows = rows.mutate(end=end)
    until = rows.end.coalesce(rows.as_of)
    # An opportunity in the method's first stage has been there since it was created; elsewhere entry is unknown.
    created = ibis.cases(((rows.state == 1) & rows.previous.isnull(), rows.created_date))
    stated = rows.stage_entered_date.coalesce(created)
    # What a closed opportunity states as its stage's date is often the closing's own: then it says nothing.
    usable = yes(stated <= until) & ~yes(stated <= rows.previous) & ~(rows.closed & yes(stated == rows.end))
    entered = ibis.cases((rows.won_here, rows.end), (usable, stated), else_=(rows.previous + until) // 2)
    rows = rows.mutate(entered=entered)
    return _stack(
        rows,
        (rows.state > 0) & ~rows.known,
        rows.closed & ~rows.known,
        rows.entered,
        rows.end,
        rows.outcome + states.count,
    )


def _last_look(events: Table, opportunities: Table, states: States) -> Table:
    """What the newest look states and the events lack: a stage reached since, a closing."""
    both = events.turn * _STATES + events.state
    tails = events.group_by("opportunity_id").agg(
        latest=events.day.max(),
        tail=both.max() % _STATES,
        held=(both.max(where=events.state <= states.count) % _STATES).coalesce(0),
        complete=events.complete.cast("int64").max() == 1,
    )
    rows = tails.inner_join(opportunities, "opportunity_id")
    before, seen, latest = states.outcome(rows.tail), rows.last_seen, rows.latest
    # An export older than the last recorded change has nothing to add.
    fresh, closed = ~yes(latest > seen), rows.outcome > 0
    moved = fresh & ~(closed & (before == rows.outcome)) & (rows.state > 0)
    moved &= (rows.state != rows.held) | (~closed & (before > 0))
    stated = rows.stage_entered_date
    usable = yes(stated >= latest) & yes(stated <= seen) & ~closed
    at = ibis.cases((yes(rows.close_date <= seen), rows.close_date), else_=seen)
    # A close date before the last recorded move would turn time around: the move is then the closing's date.
    at = ibis.cases((yes(at < latest), latest), else_=at)
    entered = ibis.cases((closed & states.is_won(rows.state), at), (usable, stated))
    rows = rows.mutate(turn=_LAST_LOOK, moved=moved, news=closed & (before != rows.outcome), at=at, entered=entered)
    return _stack(rows, rows.moved, rows.news, rows.entered, rows.at, rows.outcome + states.count)


def _in_order(events: Table) -> Table:
    """One row per change of state, by opportunity; dates never run backwards."""
    turns = ibis.window(group_by="opportunity_id", order_by="turn")
    rows = events.mutate(state_before=events.state.lag().over(turns))
    rows = rows.filter(~yes(rows.state_before == rows.state))
    running = ibis.cumulative_window(group_by="opportunity_id", order_by="turn")
    return rows.mutate(day=ibis.cases((rows.day.notnull(), rows.day.max().over(running))))


def visits(history: Table | None, snapshots: Table, opportunities: Table, states: States) -> Table:
    """One row per visit of an opportunity to a stage, as `tables.STAGE_LOG` has them.

    Parameters
    ----------
    history
        opportunity_id, changed_at, day, state, outcome (missing: none told), amount, close_date, is_log (1: a change
        log, 0: columns that date a stage); None where there is none.
    snapshots
        opportunity_id, as_of, state, outcome, amount, close_date, created_date, stage_entered_date.
    opportunities
        The opportunities as last seen: as ``snapshots``, with last_seen.
    states
        What the numbers of states mean.

    Returns
    -------
    Table
        opportunity_id, turn (the order of the visits), state, next (the state after it, 0 where none followed), entered,
        following (the day of the next event), kind (its place in `stage_log.EXITS`), left, days, amount, complete (a source tells every visit).
    """
    looks = snapshots.semi_join(opportunities, "opportunity_id")
    if history is None:
        events = _from_exports(looks, states)
    else:
        logged = _from_history(history, opportunities, states)
        events = ibis.union(logged, _from_exports(looks.anti_join(logged, "opportunity_id"), states))
    events = _in_order(ibis.union(events, _last_look(events, opportunities, states)))
    turns = ibis.window(group_by="opportunity_id", order_by="turn")
    rows = events.mutate(next=events.state.lead().over(turns).fill_null(0), following=events.day.lead().over(turns))
    rows = rows.filter(rows.state <= states.count).inner_join(
        opportunities.select("opportunity_id", "last_seen"), "opportunity_id"
    )
    won_here = states.is_won(rows.state)
    kind = ibis.cases(
        (won_here | (rows.next == states.count + 1), EXITS.index("won")),
        (rows.next == states.count + 2, EXITS.index("lost")),
        (rows.next == 0, EXITS.index("open")),
        (rows.next > rows.state, EXITS.index("advanced")),
        else_=EXITS.index("regressed"),
    )
    rows = rows.mutate(kind=kind, left=ibis.cases((~won_here, rows.following)))
    watched = ibis.cases((yes(rows.last_seen < rows.day), rows.day), else_=rows.last_seen)
    end = ibis.cases(
        (states.is_won(rows.state), ibis.null("int64")), (rows.kind == EXITS.index("open"), watched), else_=rows.left
    )
    return rows.select(
        "opportunity_id",
        "turn",
        "state",
        "next",
        "kind",
        "left",
        "following",
        "amount",
        "complete",
        entered="day",
        days=end - rows.day,
    )
