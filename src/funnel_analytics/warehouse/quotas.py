"""Quotas of a warehouse: few rows, brought as they stand and understood as those of a sheet."""

import pandas as pd
from ibis import Table

from .. import tables
from ..exports.profiles.profile import Profile, load_profile
from ..exports.receipt import Entry
from ..exports.rows.quotas import NO_PERIOD, TOTAL, period_named
from ..periods import FiscalCalendar
from .columns import Columns, fetched

_TEXTS = ("owner", "team", "period", "currency")


def quotas_of(
    table: Table, profile: Profile, calendar: FiscalCalendar | int, currency: str | None, name: str
) -> tuple[pd.DataFrame, Entry]:
    """`tables.QUOTAS`, and what was left empty or set aside.

    Parameters
    ----------
    table
        The warehouse's table: period and quota, with owner, team and currency where there are any.
    profile
        Says which column means what; one that does not speak of quotas leaves them their canonical names.
    calendar
        The team's fiscal calendar.
    currency
        That of the amounts.
    name
        What to call the table in messages.

    Raises
    ------
    ProfileError, WarehouseError
        If a column is missing, or quotas are no numbers.
    """
    columns = Columns(table, "quotas", profile if "quotas" in profile.tables else load_profile("canonical"), name)
    columns.require("period", "quota")
    rows = table.select(quota=columns.number("quota"), **{field: columns.text(field) for field in _TEXTS})
    columns.settle()
    frame, entry = fetched(rows).astype(dict.fromkeys(_TEXTS, "str")), columns.entry
    for who in ("owner", "team"):
        frame[who] = frame[who].mask(frame[who].str.fullmatch(TOTAL, case=False).fillna(False).astype(bool))
    words = frame["period"]
    frame["period"] = words.map({text: period_named(str(text), calendar) for text in words.dropna().unique()})
    strange = frame["period"].isna()
    if strange.any():
        shown = words[strange].dropna()
        first = str(shown.iloc[0]) if len(shown) else None
        entry.issue("set_aside", "unknown_period", NO_PERIOD, value=first, count=int(strange.sum()))
    stated = frame["currency"].str.upper()
    foreign = stated.notna() & (stated != currency) & (currency is not None)
    for code, held in stated[foreign].groupby(stated[foreign]):
        message = f"{len(held):,} amounts are in {code}: left empty, for no rate is known."
        entry.issue("unreadable", "other_currency", message, value=str(code), count=len(held))
    frame["quota"] = frame["quota"].mask(foreign)
    return tables.conform(frame[~strange].reset_index(drop=True), tables.QUOTAS), entry
