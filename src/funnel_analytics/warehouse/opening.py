"""The canonical expressions of a warehouse's tables, put together: what holds now, by a date."""

from collections.abc import Mapping

import ibis
import pandas as pd
from ibis import Table

from ..arguments import day_asked
from ..errors import WarehouseError
from ..exports.profiles.profile import Profile
from ..methodology import Methodology
from ..periods import FiscalCalendar
from .book_like import Warehouse
from .canonical import dates_of, fetched, history_of, opportunities_of, with_accounts


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
    rows = opportunities_of(held[kind], profile, methodology, kind, dated=dated)
    history = history_of(held["history"], profile, methodology, "history") if "history" in held else None
    now = _now(rows, history, as_of, dated=dated)
    today = day_of(now)
    rows = rows.filter(rows.as_of <= today) if dated else rows.mutate(as_of=ibis.literal(today, "int64"))
    if history is not None:
        history = history.filter(history.day <= today)
    if "accounts" in held:
        rows = with_accounts(rows, held["accounts"], profile, "accounts")
    deals, dates = _latest(rows) if dated else (rows.mutate(last_seen=rows.as_of), [now])
    facts = deals.agg(
        rows=deals.count(),
        stated=deals.amount.count(),
        currencies=deals.currency.nunique() if "currency" in deals.columns else ibis.literal(0),
        currency=deals.currency.max() if "currency" in deals.columns else ibis.null("string"),
    )
    seen = fetched(facts).iloc[0]
    first = None if history is None else history.day.min().to_pyarrow().as_py()
    since = None if first is None else pd.Timestamp(dates_of(pd.Series([first])).iloc[0])
    several = 1 if currency is not None else int(seen["currencies"])
    stated = currency or (str(seen["currency"]) if several == 1 else None)
    return Warehouse(
        methodology=methodology,
        as_of=now,
        currency=stated,
        calendar=calendar,
        export_dates=dates,
        history_from=since,
        amounts=(int(seen["rows"]), int(seen["stated"])),
        currencies=several,
        deals=deals,
        snapshots=rows,
        history=history,
    )


def _now(rows: Table, history: Table | None, as_of: pd.Timestamp | str | None, *, dated: bool) -> pd.Timestamp:
    if as_of is not None:
        return day_asked(as_of, "as_of")
    newest = rows.as_of.max() if dated else None if history is None else history.day.max()
    day = None if newest is None else newest.to_pyarrow().as_py()
    if day is None or pd.isna(day):
        raise WarehouseError('The date of the data is not known. Give it: connect(…, as_of="2026-09-30").')
    return pd.Timestamp(dates_of(pd.Series([day])).iloc[0])


def _latest(snapshots: Table) -> tuple[Table, list[pd.Timestamp]]:
    """Each opportunity as last seen, without those that were open and are missing in the newest export; the dates."""
    newest_first = ibis.window(group_by="opportunity_id", order_by=ibis.desc("as_of"))
    rows = snapshots.mutate(nth=ibis.row_number().over(newest_first))
    rows = rows.filter(rows.nth == 0).drop("nth").mutate(last_seen=lambda table: table.as_of)
    dates = fetched(snapshots.select("as_of").distinct())["as_of"].sort_values()
    newest = int(dates.max()) if len(dates) else 0
    kept = rows.filter((rows.outcome > 0) | (rows.last_seen == newest))
    return kept, [pd.Timestamp(date) for date in dates_of(dates)]
