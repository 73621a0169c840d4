"""The columns of one sheet's table, read as what the profile says they are."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from ...periods import FiscalCalendar
from ..profiles.fitting import Fit
from ..profiles.heading_units import Unit, parted, stated_unit
from ..profiles.labels import Named, vocabulary
from ..profiles.near_headings import near_headings
from ..profiles.profile import CALL_FIELDS, FIELDS, heading_key
from ..receipt import Entry
from ..sheets.table_inside import SheetTable
from ..values import parsing
from ..values.amounts_written import UNITS
from ..values.currencies import AMBIGUOUS
from ..values.date_second_look import periods_as_days
from .amount_hints import as_yen, say_hundredfold, yen_told
from .period_headings import day_label, period_label, yearless_label

_ENDS = ("close_date", "closed_date", "won_date", "lost_date", "as_of")
"""Dates of an end: a month or a quarter there means its last day."""
_IN_CURRENCY = ("amount", "converted_amount", "current_revenue", "quota", *sorted(CALL_FIELDS))
_OWN_UNIT = rf"(?i)[千万萬亿億]|\d\s*(?:{'|'.join(UNITS)})\b"


@dataclass
class Piece:
    """One table of one file, typed: fields as columns, indexed by the row in the file."""

    entry: Entry
    fit: Fit
    frame: pd.DataFrame
    joins: dict[str, pd.Series] = field(default_factory=dict)
    """Another table → the ids by which the rows point to it; the series is named by its heading."""
    key: pd.Series | None = None
    """The ids by which other tables point here."""
    stage_dates: dict[str, pd.Series] = field(default_factory=dict)
    """Stage label → dates."""
    ratings: dict[str, pd.Series] = field(default_factory=dict)
    """Criterion → ratings as written."""
    years: dict[str, pd.Series] = field(default_factory=dict)
    """Heading of a year → revenue with us in it."""
    year_currencies: dict[str, pd.Series] = field(default_factory=dict)
    """Heading of a year → currencies written with its amounts, where any are."""
    periods: dict[str, pd.Series] = field(default_factory=dict)
    """Period (or day of a call) → amount."""
    period_currencies: dict[str, pd.Series] = field(default_factory=dict)
    """Period → currencies written with its amounts, where any are."""
    evidence: dict[str, pd.Series] = field(default_factory=dict)
    """Heading, or the evidence that the profile says it is about → what the cells say."""
    damaged_ids: pd.Index = field(default_factory=lambda: pd.Index([]))
    """Rows whose id a spreadsheet has damaged: two of them may be alike and mean two opportunities."""
    order: str | None = None
    """How dates with numbers only are written in the file."""
    stated_ids: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    """What the file states as id in rows that have been given another one; missing where it states none."""
    repeated: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Rows set aside because their id stands twice."""

    def keep_stated(self, ids: pd.Series) -> None:
        """Remember the file's own ids before rows are given others."""
        new = ids[~ids.index.isin(self.stated_ids.index)]
        self.stated_ids = pd.concat([self.stated_ids, new]) if len(self.stated_ids) else new


def column(frame: pd.DataFrame, name: str, dtype: str = "str") -> pd.Series:
    """A field of the frame, empty where the export has none."""
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype=dtype)


def year_headings(headings: list[str]) -> dict[str, str]:
    """Heading → year, for columns that hold revenue with us in one year."""
    patterns = [
        re.compile(re.escape(heading_key(pattern.replace("{year}", "0000"))).replace("0000", r"(\d{4})"))
        for pattern in vocabulary()["revenue_years"]["patterns"]
    ]
    found = {}
    for heading in headings:
        key = re.sub(r"\([^()]*\)$", "", heading_key(heading))
        match = next((match for pattern in patterns if (match := pattern.fullmatch(key))), None)
        if match:
            found[heading] = match[1]
    return found


def implied_headings(headings: list[str], named: Named, *, quotas: bool = False) -> dict[str, dict[str, str]]:
    """Headings that mean something by themselves: criteria, evidence, amounts per period or day, revenue per year.

    Quarters and months without a year count only where ``quotas`` says that the sheet or file is about quotas.
    """
    rated, shown = (
        {heading: known[heading_key(heading)] for heading in headings if heading_key(heading) in known}
        for known in (named.criteria, named.evidence)
    )
    periods = {heading: label for heading in headings if (label := period_label(heading))}
    quarters = {heading: label for heading in headings if (label := yearless_label(heading))} if quotas else {}
    days = {heading: label for heading in headings if (label := day_label(heading))}
    return {
        "criteria": rated, "periods": periods, "quarters": quarters, "days": days, "years": year_headings(headings),
        "evidence_columns": shown,
    }  # fmt: skip


def _parse(column: pd.Series, kind: str, order: str | None, utc_offset: int | None, from_1904: bool) -> parsing.Parsed:
    if kind in ("date", "time"):
        timed = kind == "time"
        return parsing.parse_dates(column, order=order, with_time=timed, utc_offset=utc_offset, from_1904=from_1904)
    readers: Mapping[str, Callable[[pd.Series], parsing.Parsed]] = {
        "id": parsing.parse_id,
        "money": parsing.parse_money,
        "rate": parsing.parse_probability,
        "flag": parsing.parse_flag,
        "number": parsing.parse_number,
        "days": parsing.parse_number,
        "sign": parsing.parse_sign,
    }
    return readers.get(kind, parsing.parse_text)(column)


def date_columns(table: SheetTable, fit: Fit) -> list[pd.Series]:
    """The columns of a table that hold dates: together they say how dates are written in it."""
    kinds = FIELDS.get(fit.table.kind, {})
    # The values of a change log that names the changed field are dates where that field is one.
    told = ("date", "time") if "field" not in fit.columns else ("date", "time", "text")
    headings = [
        heading
        for name, heading in fit.columns.items()
        if kinds.get(name) in told and (kinds.get(name) != "text" or name in ("old_value", "new_value"))
    ]
    return [table.rows[heading] for heading in dict.fromkeys([*headings, *fit.stage_dates])]


class _Reader:
    """Reads columns of one table and writes down what happens to them."""

    def __init__(self, table: SheetTable, fit: Fit, entry: Entry, order: str | None, calendar: FiscalCalendar) -> None:
        self.rows, self.entry, self.order, self.calendar = table.rows, entry, order, calendar
        self.utc_offset = fit.profile.utc_offset
        self.merged, self.from_1904 = table.merged, table.from_1904
        self.stated = stated_unit(table.set_aside["value"].dropna())
        self.table, self.currency = table, fit.profile.currency

    @cached_property
    def yen(self) -> str | None:
        """Why a ¥ means JPY here; None where it does not."""
        return yen_told(self.table, self.currency)

    def read(self, heading: str, kind: str) -> parsing.Parsed:
        return self.noted(heading, kind, self.parsed(heading, kind))

    def parsed(self, heading: str, kind: str, last: bool = False) -> parsing.Parsed:
        """The column by itself: nothing is written down, so that several can be read beside one another."""
        parsed = _parse(self.rows[heading], kind, self.order, self.utc_offset, self.from_1904)
        if kind in ("date", "time") and (parsed.problems["reason"] == "unreadable_date").any():
            parsed = self._with_periods(heading, parsed, last)
        return parsed

    def noted(self, heading: str, kind: str, parsed: parsing.Parsed) -> parsing.Parsed:
        """The column with what happened to it written down, amounts in the unit of their heading."""
        if AMBIGUOUS["¥"] in parsed.decisions and (why := self.yen):
            parsed = as_yen(parsed, self.rows[heading], why)
        self.entry.issues_of(parsed.problems, heading)
        self.entry.decide(*(f"{heading}: {decision}" for decision in parsed.decisions))
        if parsed.question:
            self.entry.issue("note", "question", parsed.question, column=heading)
        return self._in_units(heading, self._counted_once(heading, parsed)) if kind == "money" else parsed

    def _counted_once(self, heading: str, parsed: parsing.Parsed) -> parsing.Parsed:
        """An amount in a cell merged down over several records is one amount: it stays with the first of them."""
        reached = pd.Index(sorted(self.merged.get(heading, ())))
        again = reached[parsed.values.reindex(reached).notna()]
        if again.empty:
            return parsed
        message = (
            f"An amount in merged cells reaches {len(again):,} further rows: it is counted once, in the first row;"
            " the others are left empty. Give each row its own amount."
        )
        self.entry.issue("unreadable", "merged_amount", message, row=float(again[0]), column=heading, count=len(again))
        return replace(parsed, values=parsed.values.mask(parsed.values.index.isin(again)))

    def _with_periods(self, heading: str, parsed: parsing.Parsed, last: bool) -> parsing.Parsed:
        """Dates with those that name a month or a quarter instead of a day."""
        texts, problems = self.rows[heading], parsed.problems
        unread = texts.index.isin(problems.loc[problems["reason"] == "unreadable_date", "row"])
        days, said = periods_as_days(texts, pd.Series(unread, index=texts.index), self.calendar, last=last)
        if said is None:
            return parsed
        filled = parsed.values.fillna(days.reindex(texts.index))
        left = problems[~problems["row"].isin(days.index)]
        return replace(parsed, values=filled, problems=left, decisions=(*parsed.decisions, said))

    def factor(self, heading: str) -> float:
        """What the amounts under a heading count: the unit behind it, else that of the report's own line."""
        unit = parted(heading)[1]
        stated = self.stated[0].factor if self.stated else None
        return (unit.factor if unit else None) or stated or 1.0

    def _in_units(self, heading: str, parsed: parsing.Parsed) -> parsing.Parsed:
        """Amounts times the unit of the heading, else of the report's own line, where the value names none itself."""
        unit, (stated, line) = parted(heading)[1] or Unit(None, None), self.stated or (Unit(None, None), "")
        amounts, currencies, factor = parsed.values, parsed.currencies, self.factor(heading)
        if factor != 1:
            own = self.rows[heading].astype("str").str.contains(_OWN_UNIT, regex=True, na=False)
            amounts = amounts.where(own, (amounts * factor).round(6))
            self.entry.decide(
                f"{heading}: times {factor:,.0f}, the unit in the heading"
                if unit.factor
                else f"{heading}: times {factor:,.0f}, the unit that the line '{line}' states"
            )
        code = unit.code or stated.code
        if code is not None:
            written = pd.Series(code, index=amounts.index, dtype="str")
            currencies = written if currencies is None else currencies.fillna(code)
            self.entry.decide(
                f"{heading}: {code}, as the heading says"
                if unit.code
                else f"{heading}: {code}, as the line '{line}' says"
            )
        return replace(parsed, values=amounts, currencies=currencies)


def read_columns(
    table: SheetTable, fit: Fit, entry: Entry, order: str | None, named: Named, calendar: FiscalCalendar
) -> Piece:
    """A sheet's table with every column that the profile names read as its kind.

    Parameters
    ----------
    table
        The rows as text.
    fit
        Which heading is which field.
    entry
        The receipt to write in.
    order
        How dates with numbers only are written in this file: DMY, MDY, YMD or None.
    named
        Headings that mean something in the methodology (`labels.named_of`).
    calendar
        What a quarter means where it stands instead of a day.
    """
    table = _only_records(table, fit, entry)
    reader = _Reader(table, fit, entry, order, calendar)
    kinds = FIELDS.get(fit.table.kind, {})
    data: dict[str, pd.Series] = {}
    damaged = pd.Index([])
    wanted = [(heading, kinds.get(name, "text"), name in _ENDS) for name, heading in fit.columns.items()]
    # Arrow leaves the interpreter free.
    with ThreadPoolExecutor() as beside:
        typed = list(beside.map(lambda asked: reader.parsed(*asked), wanted))
    for name, (heading, kind, _), alone in zip(fit.columns, wanted, typed, strict=True):
        parsed = reader.noted(heading, kind, alone)
        data[name] = _first_of_several(parsed.values, heading, entry) if name in fit.table.several else parsed.values
        if name == "opportunity_id":
            damaged = pd.Index(parsed.problems.loc[parsed.problems["reason"] == "damaged_id", "row"])
        if name in _IN_CURRENCY and parsed.currencies is not None and parsed.currencies.notna().any():
            data[f"{name}_currency"] = parsed.currencies
    for heading in _present(fit, fit.table.keep, table.headings):
        data[heading] = reader.read(heading, "text").values
    piece = Piece(entry, fit, pd.DataFrame(data, index=table.rows.index, copy=False), damaged_ids=damaged, order=order)
    piece.joins = {
        target: parsing.parse_id(table.rows[heading]).values.rename(heading)
        for wanted, target in fit.table.join.items()
        for heading in _present(fit, (wanted,), table.headings)
    }
    for heading in _present(fit, (fit.table.key,) if fit.table.key else (), table.headings):
        piece.key = parsing.parse_id(table.rows[heading]).values
    piece.stage_dates = {label: reader.read(heading, "time").values for heading, label in fit.stage_dates.items()}
    _check_totals(piece, table, reader)
    _read_implied(piece, reader, table.headings, named)
    _say_unread(piece, table)
    return piece


def _check_totals(piece: Piece, table: SheetTable, reader: _Reader) -> None:
    """Holds the report's own totals against the sums of what was read: a checksum that costs nothing."""
    kinds = FIELDS.get(piece.fit.table.kind, {})
    for name, heading in piece.fit.columns.items():
        if kinds.get(name) != "money":
            continue
        cells = table.totals[heading].dropna()
        stated = (parsing.parse_money(cells).values * reader.factor(heading)).dropna()
        found = float(piece.frame[name].sum())
        if stated.empty:
            continue
        # A total is rounded as it is shown, at most to whole units.
        if ((stated - found).abs() <= max(0.5, 1e-9 * abs(found))).any():
            piece.entry.decide(
                f"{heading}: the report's own total, {stated.iloc[-1]:,.2f}, is the sum of what was read"
            )
        else:
            message = (
                f"The report states {stated.iloc[-1]:,.2f} as the total of {heading}, but the rows that were read add"
                f" up to {found:,.2f}. Check whether the export is complete and how its amounts are written."
            )
            row = float(stated.index[-1])
            piece.entry.issue("contradiction", "total", message, row=row, column=heading, value=str(cells[row]))


def _only_records(table: SheetTable, fit: Fit, entry: Entry) -> SheetTable:
    """The table without the rows that its CRM marks as no valid record."""
    for wanted, accepted in fit.table.only.items():
        for heading in _present(fit, (wanted,), table.headings):
            words = table.rows[heading].astype("str").str.strip()
            held = words.isna() | (words == "") | words.str.casefold().isin([text.casefold() for text in accepted])
            message = f"{heading} is not {' or '.join(accepted)}: the CRM does not count this row as a valid record."
            entry.set_aside(table.rows.index[~held], "not_valid", message, words)
            table = replace(table, rows=table.rows[held])
    return table


def _first_of_several(texts: pd.Series, heading: str, entry: Entry) -> pd.Series:
    listed = texts.str.contains(";", regex=False, na=False)
    if listed.any():
        first = texts.index[listed][0]
        message = f"{int(listed.sum()):,} cells list several values, as '{texts[first]}': the first is taken."
        entry.issue("note", "several_values", message, row=float(first), column=heading, value=str(texts[first]))
    return texts.mask(listed, texts.str.split(";", n=1).str[0].str.strip())


def _present(fit: Fit, wanted: tuple[str, ...], headings: list[str]) -> list[str]:
    keys = {fit.profile.heading(text) for text in wanted}
    return [heading for heading in headings if fit.profile.heading(heading) in keys]


def _read_periods(piece: Piece, reader: _Reader, per: Mapping[str, str]) -> None:
    read = {label: reader.read(heading, "money") for heading, label in per.items()}
    piece.periods = {label: parsed.values for label, parsed in read.items()}
    marked = {label: parsed.currencies for label, parsed in read.items()}
    piece.period_currencies = {label: codes for label, codes in marked.items() if codes is not None}


def _read_implied(piece: Piece, reader: _Reader, headings: list[str], named: Named) -> None:
    kind, taken = piece.fit.table.kind, set(piece.fit.columns.values())
    free = [heading for heading in headings if heading not in taken]
    implied = implied_headings(free, named, quotas=kind == "quotas")
    if kind in ("accounts", "ratings"):
        piece.ratings = {key: reader.read(heading, "sign").values for heading, key in implied["criteria"].items()}
    if kind == "accounts":
        read = {heading: reader.read(heading, "money") for heading in implied["years"]}
        piece.years = {heading: parsed.values for heading, parsed in read.items()}
        marked = {heading: parsed.currencies for heading, parsed in read.items()}
        piece.year_currencies = {heading: codes for heading, codes in marked.items() if codes is not None}
    if kind == "quotas" and "quota" not in piece.fit.columns:
        per = implied["periods"] or (implied["quarters"] if len(implied["quarters"]) > 1 else {})
        _read_periods(piece, reader, per)
    if kind == "calls" and not piece.fit.columns.keys() & CALL_FIELDS:
        # Beside a column of periods each day is that of a call; else each period is a call's.
        per = implied["days"] if "period" in piece.fit.columns else implied["periods"]
        _read_periods(piece, reader, per)
    if kind in ("opportunities", "evidence"):
        # A sheet of evidence may name some that the methodology does not know: these are told, not passed over.
        about = {heading: heading for heading in (free if kind == "evidence" else implied["evidence_columns"])}
        about |= dict(piece.fit.evidence)
        piece.evidence = {name: reader.read(heading, "text").values for heading, name in about.items()}


def _say_unread(piece: Piece, table: SheetTable) -> None:
    """Columns that mean a field already found, and columns that nothing is known about."""
    fit, entry, headings = piece.fit, piece.entry, table.headings
    for name, heading in fit.spare:
        message = f"Two columns mean {name}: '{fit.columns[name]}' was taken, '{heading}' was not."
        entry.issue("note", "second_column", message, column=heading)
    for name, heading in fit.columns.items():
        twin = next((other for other in headings if re.fullmatch(re.escape(heading) + r"[ ._]*\(?\d+\)?", other)), None)
        if twin:
            message = f"Two columns are called '{heading}' and mean {name}: the first was taken, '{twin}' was not."
            entry.issue("note", "second_column", message, column=twin)
    read = {*fit.columns.values(), *fit.stage_dates, *piece.years, *(heading for _, heading in fit.spare)}
    read |= set(_present(fit, (*fit.table.join, *fit.table.keep, *fit.table.only, fit.table.key or ""), headings))
    read |= {*piece.evidence, *fit.evidence}
    unread = [heading for heading in headings if heading not in read]
    if piece.ratings or piece.periods:
        unread = []
    if (amount := fit.columns.get("amount")) and fit.table.kind == "opportunities":
        others = [heading for name, heading in fit.spare if name == "amount"] + unread
        say_hundredfold(piece.frame["amount"], amount, table.rows, others, entry)
        if amount in _present(fit, fit.table.cents, headings):
            message = (
                f"Some exports of {fit.profile.name} count '{amount}' in cents, others do not: it was read as it stands."
                " Compare one amount with the CRM; divide the column by 100 before reading if it is in cents."
            )
            entry.issue("note", "question", message, column=amount)
    for heading, (known, name) in near_headings(unread, fit).items():
        message = (
            f"'{heading}' is no known heading and was not read; it looks like '{known}' ({name}). If that is meant,"
            " correct the heading or name it in a profile (funnel-analytics profile FILE)."
        )
        entry.issue("note", "near_heading", message, column=heading, value=heading)
    if unread:
        entry.decide(f"columns not read: {', '.join(unread[:12])}{' …' if len(unread) > 12 else ''}")
