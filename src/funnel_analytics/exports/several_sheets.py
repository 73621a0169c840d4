"""Several sheets of opportunities in one workbook: parts of one export, exports of several dates, or copies."""

import pandas as pd

from ..periods import FiscalCalendar
from .dating import date_in_name
from .profiles.fitting import Fit
from .receipt import Entry
from .sheets.table_inside import SheetTable

_SAME = 1 / 3
"""From this share of common opportunities two sheets show the same ones."""
_MOST = 0.8
_NAMES = ("opportunity_name", "account_name")

Fitted = tuple[Entry, SheetTable, Fit]


def _keys(table: SheetTable, found: Fit, fields: list[str]) -> set[str]:
    """What tells the rows of a sheet apart, by some of its fields."""
    columns = [table.rows[found.columns[name]].fillna("").str.strip() for name in fields]
    keys = columns[0].str.cat(columns[1:], sep="|") if columns else pd.Series(dtype="str")
    return set(keys) - {"", "|"}


def _opportunities_in(table: SheetTable, found: Fit) -> set[str]:
    fields = ("opportunity_id",) if "opportunity_id" in found.columns else _NAMES
    return _keys(table, found, [name for name in fields if name in found.columns])


def _excerpt_of(fitted: Fitted, others: list[Fitted]) -> Entry | None:
    """The sheet whose opportunities another one without ids lists again, or sums up; None where it has its own."""
    entry, table, found = fitted
    if "opportunity_id" in found.columns:
        return None
    for other, full, known in others:
        fields = [name for name in _NAMES if name in found.columns and name in known.columns]
        if other is not entry and "opportunity_id" in known.columns and fields:
            keys = _keys(table, found, fields)
            if keys and len(keys & _keys(full, known, fields)) >= _MOST * len(keys):
                return other
    return None


def common(held: list[set[str]]) -> bool:
    """Whether two of several tables show the same opportunities.

    Examples
    --------
    >>> common([{"1", "2"}, {"2", "3"}]), common([{"1", "2"}, {"3"}])
    (True, False)
    """
    return any(
        len(one & other) >= _SAME * max(1, min(len(one), len(other)))
        for place, one in enumerate(held)
        for other in held[:place]
    )


def settle_sheets(fits: list[Fitted], calendar: FiscalCalendar) -> list[Fitted]:
    """What the sheets of one workbook are to each other, by their opportunities and their names.

    Sheets with the same opportunities and dates as names ("2026Q2", "2026-06-30") are exports of these dates; with
    other opportunities each they are parts of one export; the same without dates is asked about. A sheet without
    ids that lists or sums up what another one holds ("Top 10", a pivot table) is not read again.
    """
    opportunities = [
        fitted for fitted in fits if fitted[2].table.kind == "opportunities" and fitted[0].sheet is not None
    ]
    for fitted in list(opportunities):
        entry, full = fitted[0], _excerpt_of(fitted, opportunities)
        if full is not None:
            entry.table, entry.rows_set_aside = "ignored", entry.rows_in
            message = (
                f"Sheet '{entry.sheet}' lists or sums up opportunities of sheet '{full.sheet}' without their ids: not"
                " read, so that nothing counts twice. Name it with sheet= (--sheet) to read it alone."
            )
            entry.issue("note", "sheet_not_read", message)
            opportunities.remove(fitted)
            fits = [other for other in fits if other is not fitted]
    _date_sheets(opportunities, calendar)
    return fits


def _date_sheets(opportunities: list[Fitted], calendar: FiscalCalendar) -> None:
    named = [(entry, date_in_name(str(entry.sheet), calendar)) for entry, _, _ in opportunities]
    if len(named) == 1:
        entry, date = named[0]
        if entry.as_of is None and date is not None:
            _date(entry, date)
        return
    if len(named) < 2:
        return
    listed = ", ".join(f"'{entry.sheet}'" for entry, _ in named)
    if not common([_opportunities_in(table, found) for _, table, found in opportunities]):
        for entry, _ in named:
            entry.decide(f"sheets {listed}: other opportunities in each, taken as parts of one export")
        return
    for entry, date in named:
        if date is not None and entry.as_of_source != "report":
            _date(entry, date)
    if len({entry.as_of for entry, _ in named}) == len(named):
        return
    message = (
        f"The sheets {listed} hold the same opportunities: is one a copy, or an earlier state? Of each opportunity the"
        " row changed last was taken, else that of the last sheet. Choose one sheet with sheet= (--sheet), or name the"
        " sheets after their dates, as 2026-06-30."
    )
    named[-1][0].issue("note", "question", message)


def _date(entry: Entry, date: pd.Timestamp) -> None:
    entry.as_of, entry.as_of_source = date, "report"
    entry.decide(f"dated {date:%Y-%m-%d} by the name of its sheet")
