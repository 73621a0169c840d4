"""Pipeline changes where a warehouse's data lie: how every opportunity stood on two dates, counted by what that means."""

from collections.abc import Iterator
from itertools import pairwise

import ibis
import pandas as pd
from ibis import Table
from ibis.expr.types import Value

from .. import tables
from ..errors import HistoryError
from ..funnel.changes import Question, change_counts
from ..funnel.flow import flow_counts
from ..outcomes import OUTCOMES
from ..periods import Period
from .book_like import Warehouse
from .columns import fetched
from .counts import checked
from .opening import day_of
from .stage_log import ranked, turn_of, yes

_SIDES = ("before", "after")
_FIELDS = ("outcome", "amount", "close_date")


def _newest(rows: Table, *order: Value) -> Table:
    """The last row of each opportunity in an order."""
    window = ibis.window(group_by="opportunity_id", order_by=[key.desc() for key in order])
    rows = rows.mutate(nth=ibis.row_number().over(window))
    return rows.filter(rows.nth == 0).drop("nth")


def _exported(warehouse: Warehouse, day: int, by: str | None) -> Table:
    """The state on the date of an export: what it lists, and what an earlier one listed as closed."""
    rows = warehouse.looks.filter(warehouse.looks.as_of <= day)
    seen = _newest(rows, rows.as_of)
    seen = seen.filter((seen.as_of == day) | (seen.outcome > 0))
    return seen.select("opportunity_id", "outcome", "amount", "close_date", *([by] if by else []))


def _statements(warehouse: Warehouse) -> Table:
    """What history and exports state, in order: what an export says stands after the changes of its day.

    Made once, as the stage log is: many days are asked about, and putting the statements in order is the work.
    """
    history, snapshots = warehouse.log, warehouse.looks
    assert history is not None, "asked only where there is one"
    # What the log tells of opportunities that no export lists counts nowhere.
    told = ranked(history.semi_join(snapshots, "opportunity_id"), warehouse.states)
    told = told.mutate(listed=0, close_date=told.close_date.coalesce(ibis.cases((yes(told.outcome > 0), told.day))))
    untimed = ibis.null(told.changed_at.type())
    shown = snapshots.mutate(listed=1, rank=snapshots.state, day=snapshots.as_of, changed_at=untimed)
    order = ["day", "listed", "changed_at", "rank"]
    said = ibis.union(*(rows.select("opportunity_id", *order, *_FIELDS) for rows in (told, shown)))
    said = said.mutate(turn=turn_of(*order, *_FIELDS))
    return said.select("opportunity_id", "day", "turn", *_FIELDS, is_export=said.listed == 1).cache()


def _stated(warehouse: Warehouse, day: int, by: str | None) -> Table:
    """What history and exports last stated of each field by a day; what they had not, as in the next export."""
    said, snapshots = (warehouse.whole or warehouse).once(_statements), warehouse.looks
    said = said.filter(said.day <= day)
    if warehouse.whole is not None:
        said = said.semi_join(warehouse.known, "opportunity_id")
    state = said.group_by("opportunity_id").agg(
        changed=said.day.max(),
        listed=said.day.max(where=said.is_export),
        **{name: said[name].argmax(said.turn, where=said[name].notnull()) for name in _FIELDS},
    )
    fields = list(_FIELDS)
    if by is not None:
        # The history tells no split: it is the last that an export says by the day, else the first after it.
        listed = snapshots.filter((snapshots.as_of <= day) & snapshots[by].notnull())
        earlier = _newest(listed, listed.as_of).select("opportunity_id", by)
        state = state.left_join(earlier, "opportunity_id").drop("opportunity_id_right")
        fields.append(by)
    later = snapshots.filter(snapshots.as_of > day)
    later = later.mutate(nth=turn_of("as_of"))
    later = later.filter(later.nth == 0).select("opportunity_id", "created_date", *fields)
    both = state.outer_join(later, "opportunity_id", rname="{name}_next")
    both = both.mutate(opportunity_id=both.opportunity_id.coalesce(both.opportunity_id_next))
    both = both.filter(both.changed.notnull() | yes(both.created_date <= day))
    # Closed by then, though only a later export tells it.
    told_later = (
        ~yes(both.outcome > 0)
        & yes(both.outcome_next > 0)
        & yes(both.close_date_next <= day)
        & ~yes(both.changed > both.close_date_next)
    )
    found = {
        name: ibis.cases((told_later, both[f"{name}_next"]), else_=both[name]).coalesce(both[f"{name}_next"])
        for name in fields
        if name != "outcome"
    }
    outcome = ibis.cases((told_later, both.outcome_next), else_=both.outcome).coalesce(0)
    # The newest export lists it no more; a change since tells of one that comes back.
    newest = max((day_of(date) for date in warehouse.export_dates if day_of(date) <= day), default=day)
    returned = yes(both.changed > newest) & both.outcome_next.notnull()
    gone = (outcome == 0) & yes(both.listed < newest) & ~returned
    return both.filter(~gone).select("opportunity_id", outcome=outcome, **found)


def stood_on(warehouse: Warehouse, date: pd.Timestamp, by: str | None) -> Table:
    """How each known opportunity stood at the end of a day; as `funnel.states.state_at`."""
    day = day_of(date)
    if date in warehouse.export_dates:
        return _exported(warehouse, day, by)
    first = warehouse.history_from
    if first is None or date < first or date > warehouse.as_of:
        known = ", ".join(f"{one:%Y-%m-%d}" for one in warehouse.export_dates) or "none"
        told = "" if first is None else f", and any day from {first:%Y-%m-%d} to {warehouse.as_of:%Y-%m-%d}"
        raise HistoryError(
            f"The warehouse does not know how the pipeline stood on {date:%Y-%m-%d}. It knows the exports: {known}{told}."
            " Choose one of these dates."
        )
    return _stated(warehouse, day, by)


@change_counts.register
def _(warehouse: Warehouse, asked: Question) -> pd.DataFrame:
    by = asked.by
    checked(warehouse, by, tables.PIPELINE_CHANGES)
    sides = []
    for name, date in zip(_SIDES, (asked.first, asked.last), strict=True):
        rows = stood_on(warehouse, date, by)
        due: Value = ibis.literal(True)
        if asked.period is not None:
            due = yes(rows.close_date.between(day_of(asked.period.start), day_of(asked.period.end)))
        late = ~yes(rows.close_date <= day_of(asked.first))
        sides.append(
            rows.select(
                "opportunity_id",
                **{
                    f"outcome_{name}": rows.outcome,
                    f"due_{name}": due,
                    f"recent_{name}": late,
                    f"cents_{name}": (rows.amount.coalesce(0.0) * 100).round().cast("int64"),
                    f"group_{name}": rows[by] if by else ibis.null("string"),
                },
            )
        )
    both = sides[0].outer_join(sides[1], "opportunity_id")
    both = both.mutate(cents_before=both.cents_before.coalesce(0), cents_after=both.cents_after.coalesce(0))
    same = yes(both.group_before == both.group_after) | (both.group_before.isnull() & both.group_after.isnull())
    both = both.mutate(
        moved=both.outcome_before.notnull() & both.outcome_after.notnull() & ~same,
        due_before=yes(both.due_before),
        due_after=yes(both.due_after),
        recent=yes(both.recent_after),
        direction=(both.cents_after - both.cents_before).sign(),
    )
    keys = ["outcome_before", "outcome_after", "due_before", "due_after", "recent", "moved", "direction", "group_before",
            "group_after"]  # fmt: skip
    found = fetched(
        both.group_by(*keys).agg(
            opportunities=both.count(), cents_before=both.cents_before.sum(), cents_after=both.cents_after.sum()
        )
    )
    words = dict(enumerate(OUTCOMES))
    return found.assign(
        **{f"outcome_{name}": found[f"outcome_{name}"].map(words).astype("str") for name in _SIDES},
    ).astype(dict.fromkeys(("cents_before", "cents_after", "opportunities"), "int64"))


@flow_counts.register
def _(
    warehouse: Warehouse, dates: list[pd.Timestamp], due: Period | None, by: str | None
) -> Iterator[tuple[Question, pd.DataFrame]]:
    checked(warehouse, by, tables.PIPELINE_FLOW)
    for first, last in pairwise(dates):
        asked = Question(first, last, due, by)
        yield asked, change_counts(warehouse, asked)
