"""The canonical expressions of a warehouse's tables, put together: what holds now, by a date."""

from collections.abc import Mapping

import ibis
import pandas as pd
from ibis import Table

from .. import tables
from ..arguments import day_asked
from ..errors import WarehouseError
from ..exports.profiles.profile import Profile
from ..exports.receipt import Entry, issues_of
from ..exports.rows.amounts import blank_currency
from ..methodology import Methodology
from ..periods import FiscalCalendar
from .book_like import Warehouse
from .canonical import history_of, opportunities_of, with_accounts
from .columns import dates_of, fetched
from .filling import filled, without_duplicates
from .quotas import quotas_of
from .stage_log import states_of


def day_of(date: pd.Timestamp) -> int:
    """A date as days since 1970.

    Examples
    --------
    >>> day_of(pd.Timestamp("1970-02-01"))
    31
    """
    return int((date.normalize() - pd.Timestamp(0)).days)


def opened(
    held: Mapping[str, Table],
    profile: Profile,
    methodology: Methodology,
    as_of: pd.Timestamp | str | None,
    currency: str | None,
    calendar: FiscalCalendar | int,
) -> Warehouse:
    """A warehouse from its tables by kind; arguments as in `connect`."""
    dated = "snapshots" in held
    kind = "snapshots" if dated else "opportunities"
    states = states_of(methodology)
    rows, entry = opportunities_of(held[kind], profile, methodology, kind, dated=dated)
    entries, history = [entry], None
    if "history" in held:
        history, told = history_of(held["history"], profile, methodology, "history")
        entries.append(told)
    now = _now(rows, history, as_of, dated=dated)
    today = day_of(now)
    rows = rows.filter(rows.as_of <= today) if dated else rows.mutate(as_of=ibis.literal(today, "int64"))
    if not rows.count().to_pyarrow().as_py():
        raise WarehouseError(f"The table '{kind}' has no rows up to {now:%Y-%m-%d}. Give one with opportunities.")
    # Every analysis starts from these rows: cells are read once, as the stage log is made once, and queries stay short.
    rows = without_duplicates(rows.cache(), entry)
    if history is not None:
        history = history.filter(history.day <= today).cache()
        _say_unlisted(history, rows, told)
    rows = filled(rows, history, states, dated=dated)
    if "accounts" in held:
        rows, told = with_accounts(rows, held["accounts"], profile, methodology)
        entries.append(told)
        rows = rows.cache()
    known, dates = _latest(rows) if dated else (rows.mutate(last_seen=rows.as_of, vanished=False), [now])
    seen = _amounts(known.filter(~known.vanished), entry)
    several = 1 if currency is not None else int(seen["currencies"])
    if several > 1:
        # Not comparable: as in a book, no amount is then one.
        rows, known = (table.mutate(amount=ibis.null("float64")) for table in (rows, known))
    first = None if history is None else history.day.min().to_pyarrow().as_py()
    since = None if first is None else pd.Timestamp(dates_of(pd.Series([first])).iloc[0])
    stated = currency or (str(seen["currency"]) if several == 1 else None)
    quotas = tables.conform(pd.DataFrame(), tables.QUOTAS)
    if "quotas" in held:
        quotas, told = quotas_of(held["quotas"], profile, calendar, stated, "quotas")
        entries.append(told)
    return Warehouse(
        methodology=methodology,
        as_of=now,
        currency=stated,
        calendar=calendar,
        export_dates=dates,
        history_from=since,
        amounts=(int(seen["rows"]), 0 if several > 1 else int(seen["stated"])),
        currencies=several,
        known=known,
        looks=rows,
        log=history,
        issues=issues_of(entries),
        quotas=quotas,
    )


def _amounts(opportunities: Table, entry: Entry) -> pd.Series:
    """How many opportunities there are, how many state an amount, and in which currencies."""
    amount, codes = opportunities.amount, opportunities.currency
    facts = opportunities.agg(
        rows=opportunities.count(), stated=amount.count(), currencies=codes.nunique(), currency=codes.max(),
        blank=amount.count(where=codes.isnull()),
    )  # fmt: skip
    seen = fetched(facts).iloc[0]
    if seen["currencies"] == 1 and seen["blank"]:
        message = blank_currency(int(seen["blank"]), str(seen["currency"]))
        entry.issue("repaired", "blank_currency", message, count=int(seen["blank"]))
    return seen


def _say_unlisted(history: Table, rows: Table, entry: Entry) -> None:
    """Tell of changes whose opportunity no row lists; they count nowhere, as in a book."""
    other = history.anti_join(rows, "opportunity_id")
    found = fetched(
        other.agg(rows=other.count(), ids=other.opportunity_id.nunique(), one=other.opportunity_id.min())
    ).iloc[0]
    if found["rows"]:
        message = (
            f"{int(found['rows']):,} changes are of {int(found['ids']):,} opportunities that no table of opportunities"
            f" lists, as '{found['one']}': check whether the export of opportunities is complete."
        )
        entry.issue("note", "unlisted_opportunity", message, value=str(found["one"]), count=int(found["rows"]))


def _now(rows: Table, history: Table | None, as_of: pd.Timestamp | str | None, *, dated: bool) -> pd.Timestamp:
    if as_of is not None:
        return day_asked(as_of, "as_of")
    newest = rows.as_of.max() if dated else None if history is None else history.day.max()
    day = None if newest is None else newest.to_pyarrow().as_py()
    if day is None or pd.isna(day):
        raise WarehouseError('The date of the data is not known. Give it: connect(…, as_of="2026-09-30").')
    return pd.Timestamp(dates_of(pd.Series([day])).iloc[0])


def _latest(snapshots: Table) -> tuple[Table, list[pd.Timestamp]]:
    """Each opportunity as last seen, and whether it was open and is missing in the newest export; the dates."""
    newest_first = ibis.window(group_by="opportunity_id", order_by=ibis.desc("as_of"))
    rows = snapshots.mutate(nth=ibis.row_number().over(newest_first))
    rows = rows.filter(rows.nth == 0).drop("nth").mutate(last_seen=lambda table: table.as_of)
    dates = fetched(snapshots.select("as_of").distinct())["as_of"].sort_values()
    newest = int(dates.max()) if len(dates) else 0
    rows = rows.mutate(vanished=(rows.outcome == 0) & (rows.last_seen != newest))
    return rows.cache(), [pd.Timestamp(date) for date in dates_of(dates)]
