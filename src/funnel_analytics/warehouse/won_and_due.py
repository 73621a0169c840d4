"""What was closed on which day, what is due in a period and what such pipeline brought, where a warehouse's data lie."""

import ibis
import pandas as pd

from .. import tables
from ..forecast.coverage import due_sums
from ..forecast.quotas import sellers
from ..forecast.record.earlier import closings, yield_sums
from ..hygiene import PLACEHOLDER
from ..outcomes import OUTCOMES
from ..periods import Period
from .book_like import Warehouse
from .changes import stood_on
from .columns import dates_of, fetched
from .counts import checked, coded, flag
from .opening import day_of
from .stage_log import yes


@closings.register
def _(warehouse: Warehouse) -> pd.DataFrame:
    rows = warehouse.listed
    rows = rows.filter(rows.outcome > 0)
    counts = rows.group_by("outcome", "close_date").agg(
        opportunities=rows.count(), amount=rows.amount.sum().coalesce(0.0)
    )
    found = fetched(counts).sort_values(["close_date", "outcome"], ignore_index=True)
    words = dict(enumerate(OUTCOMES))
    return found.assign(outcome=found["outcome"].map(words).astype("str"), close_date=dates_of(found["close_date"]))


@due_sums.register
def _(warehouse: Warehouse, period: Period, by: str | None) -> pd.DataFrame:
    checked(warehouse, by, tables.PIPELINE_COVERAGE)
    rows, now = warehouse.listed, day_of(warehouse.as_of)
    start, end = day_of(period.start), day_of(period.end)
    still = rows.outcome == OUTCOMES.index("open")
    due = still & yes(rows.close_date.between(start, end))
    won = (rows.outcome == OUTCOMES.index("won")) & yes(rows.close_date.between(start, min(end, now)))
    counted = due & yes(rows.amount > PLACEHOLDER)
    keyed = rows.select(
        group=rows[by] if by else ibis.null("string"),
        won_opportunities=flag(won),
        won_amount=ibis.cases((won, rows.amount), else_=0.0).coalesce(0.0),
        open_opportunities=flag(counted),
        open_amount=ibis.cases((counted, rows.amount), else_=0.0),
        placeholders=flag(due & ~counted),
        without_close_date=flag(still & rows.close_date.isnull()),
        overdue_opportunities=flag(still & yes(rows.close_date < now)),
    )
    sums = {name: keyed[name].sum() for name in keyed.columns if name != "group"}
    found, values = coded(fetched(keyed.group_by("group").agg(**sums)), by)
    found = found.sort_values("group", ignore_index=True)
    return found.assign(group=values.reindex(found["group"]).to_numpy())


@yield_sums.register
def _(warehouse: Warehouse, period: Period, look: pd.Timestamp) -> tuple[float, float, float, int]:
    start, end, day = day_of(period.start), day_of(period.end), day_of(look)
    due = stood_on(warehouse, look, None)
    due = due.filter((due.outcome == 0) & due.close_date.between(start, end) & (due.amount > PLACEHOLDER))
    won = warehouse.listed
    won = won.filter((won.outcome == 1) & (won.amount > 0) & won.close_date.between(start, end))
    won = won.filter(won.close_date > day).select("opportunity_id", final="amount")
    both = due.select("opportunity_id", "amount").outer_join(won, "opportunity_id")
    found = fetched(
        both.agg(
            due=both.amount.sum().coalesce(0.0),
            won=both.final.sum().coalesce(0.0),
            from_due=both.final.sum(where=both.amount.notnull()).coalesce(0.0),
            placed=both.amount.count(),
        )
    ).iloc[0]
    return float(found["due"]), float(found["won"]), float(found["from_due"]), int(found["placed"])


@sellers.register
def _(warehouse: Warehouse, by: str) -> pd.DataFrame:
    names = list(dict.fromkeys(["owner", "team", by]))
    rows = warehouse.listed.group_by(*names).agg(created=lambda table: table.created_date.max())
    found = fetched(rows).sort_values(["created", *names], na_position="first", ignore_index=True)
    return found[names].astype("str")
