"""What a table leaves open or says twice: one row an opportunity and date, blanks filled from the history, as in a book."""

import ibis
from ibis import Table

from ..errors import WarehouseError
from ..exports.receipt import Entry
from .columns import fetched
from .stage_log import ORDER, States, ranked, turn_of, yes

_KEY = ("opportunity_id", "as_of")


def without_duplicates(rows: Table, entry: Entry) -> Table:
    """Of rows with one id and date the newest by last change; those that are alike but for nothing count once.

    Parameters
    ----------
    rows
        What `canonical.opportunities_of` gives, with ``as_of``.
    entry
        Where rows that are set aside are told.

    Raises
    ------
    WarehouseError
        If rows with one id contradict each other and none is the newest: a table has no order.
    """
    ids = rows.group_by(*_KEY).agg(times=rows.count())
    seen = fetched(ids.agg(rows=ids.times.sum(), ids=ids.count())).iloc[0]
    repeated = int(seen["rows"] or 0) - int(seen["ids"] or 0)
    if not repeated:
        return rows.drop("modified")
    rows = rows.distinct()
    newest = ibis.window(group_by=_KEY, order_by=[rows.modified.isnull(), rows.modified.desc()])
    rows = rows.mutate(place=ibis.rank().over(newest))
    rows = rows.filter(rows.place == 0).drop("place")
    refuse_contradictions(rows, _KEY, entry.file)
    message = f"{repeated:,} rows of the table '{entry.file}' repeat an id: of duplicate rows the newest by last change is kept."
    entry.issue("set_aside", "duplicate_id", message, count=repeated)
    return rows.drop("modified")


def refuse_contradictions(rows: Table, keys: tuple[str, ...], name: str) -> None:
    """Refuse different rows with one id: a table has no order that could tell which is the newest.

    Raises
    ------
    WarehouseError
        If there are any.
    """
    left = rows.group_by(*keys).agg(times=rows.count())
    left = left.filter(left.times > 1)
    found = fetched(left.agg(ids=left.count(), one=left[keys[0]].min())).iloc[0]
    if found["ids"]:
        raise WarehouseError(
            f"{int(found['ids']):,} ids stand in several rows of the table '{name}' that contradict each other, as"
            f" '{found['one']}', and no time of last change says which is the newest. Give a view with one row each."
        )


def filled(rows: Table, history: Table | None, states: States, *, dated: bool) -> Table:
    """Stage, outcome, amount and close date that rows leave blank, from changes known by their date; as `assembly`.

    Parameters
    ----------
    rows
        opportunity_id, as_of, state (0: blank), outcome, amount, close_date, and others.
    history
        What `canonical.history_of` gives.
    states
        What the numbers of states mean.
    dated
        Whether one opportunity can have several rows: a stage that is still blank is then the one before.
    """
    blank = (rows.state == 0) | rows.outcome.isnull() | rows.amount.isnull() | rows.close_date.isnull()
    if not rows.filter(blank).count().to_pyarrow().as_py():
        return rows
    if history is not None:
        rows = _from_history(rows, rows.filter(blank).select(*_KEY), history, states)
    rows = rows.mutate(outcome=rows.outcome.coalesce(0))
    if dated:
        order = ibis.cumulative_window(group_by="opportunity_id", order_by="as_of")
        rows = rows.mutate(stretch=(rows.state > 0).cast("int64").sum().over(order))
        known = rows.state.max().over(ibis.window(group_by=["opportunity_id", "stretch"]))
        rows = rows.mutate(state=known).drop("stretch")
    return rows.cache()


def _from_history(rows: Table, looks: Table, history: Table, states: States) -> Table:
    said = ranked(history, states)
    said = said.mutate(turn=turn_of(*ORDER))
    said = said.rename(
        changed_close="close_date", changed_amount="amount", changed_state="state", changed_outcome="outcome"
    )
    known = looks.inner_join(said, ["opportunity_id", looks.as_of >= said.day])
    closed = yes(known.changed_outcome > 0)
    last = known.group_by(*_KEY).agg(
        last_state=known.changed_state.argmax(known.turn, where=known.changed_state > 0),
        last_outcome=known.changed_outcome.argmax(known.turn, where=known.changed_outcome.notnull()),
        last_amount=known.changed_amount.argmax(known.turn, where=known.changed_amount.notnull()),
        expected=known.changed_close.argmax(known.turn, where=known.changed_close.notnull()),
        closed=known.day.argmax(known.turn, where=closed),
    )
    rows = rows.left_join(last, list(_KEY)).drop("opportunity_id_right", "as_of_right")
    outcome = rows.outcome.coalesce(rows.last_outcome, 0)
    rows = rows.mutate(
        state=ibis.cases((rows.state == 0, rows.last_state.coalesce(0)), else_=rows.state),
        outcome=outcome,
        amount=rows.amount.coalesce(rows.last_amount),
        close_date=rows.close_date.coalesce(ibis.cases((outcome > 0, rows.closed), else_=rows.expected)),
    )
    return rows.drop("last_state", "last_outcome", "last_amount", "expected", "closed")
