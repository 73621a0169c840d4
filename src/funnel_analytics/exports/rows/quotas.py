"""Rows of quotas, one period per row or per column, as `tables.QUOTAS`."""

import re
from collections.abc import Mapping

import pandas as pd

from ...errors import ArgumentError
from ...periods import FiscalCalendar, parse_period
from ..profiles.profile import heading_key
from ..receipt import Entry
from .amounts import Money, currency_codes
from .columns import Piece, column
from .period_headings import period_label, yearless, yearless_label

TOTAL = r"\s*(?:grand\s*)?(?:totals?|sum|all|合计|合計|总计|總計|小计|小計|全部|全体|全體)\s*"
_FISCAL = re.compile(r"(?i)(?<![a-z])fy|fiscal|财年|財年|会计年|會計年")
_MONTHS = {"month", "月", "月份"}
"""Headings under which 1 to 12 are months of the calendar."""
NO_PERIOD = "The period is not understood. Accepted: 2026Q4, 2026H2, 2026-10 or 2026."
_AMOUNTS = ("quota", "call", "seller_call", "manager_call")


def period_named(text: str, calendar: FiscalCalendar | int) -> str | None:
    """The label of the period that a cell names; None where it names none.

    Examples
    --------
    >>> period_named("Q4 FY26", 1), period_named("soon", 1)
    ('2026Q4', None)
    """
    try:
        return parse_period(period_label(text) or text, calendar).label
    except ArgumentError:
        return None


def newest_quotas(pieces: list[Piece], calendar: FiscalCalendar) -> pd.DataFrame | None:
    """`tables.QUOTAS` of several files, oldest first: a quota that a later file states again is taken from there."""
    by = ["owner", "team", "period"]
    frames: list[pd.DataFrame] = []
    for piece in pieces:
        frame = quota_frame([piece], calendar)
        if frame is None:
            continue
        stated = pd.MultiIndex.from_frame(frame[by].fillna(""))
        if stated.duplicated().any():
            message = f"{int(stated.duplicated().sum()):,} quotas are of an owner, team and period that has one already in this file: they are added up."
            piece.entry.issue("note", "added_up", message)
        for number, earlier in enumerate(frames):
            again = pd.MultiIndex.from_frame(earlier[by].fillna("")).isin(stated)
            if again.any():
                message = f"{int(again.sum()):,} quotas stand in an earlier file too: those of this file were taken."
                piece.entry.issue("note", "repeated", message)
            frames[number] = earlier[~again]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else None


def settle_quotas(pieces: list[Piece], money: Money, rates: Mapping[str, float] | None) -> None:
    """Quotas and calls in the currency of the amounts: converted where the rate is known, else left empty, and told.

    Parameters
    ----------
    pieces
        Sheets of quotas and of calls; their frames are changed.
    money
        The currency of the amounts.
    rates
        Units of it in one unit of each other code.
    """
    found = [_amounts(piece) for piece in pieces]
    stated = {code for columns in found for _, codes in columns.values() for code in codes.dropna().unique()}
    into = money.currency
    if into is None and not money.factors and len(stated) == 1:
        # The opportunities name no currency: these contradict none.
        into = str(next(iter(stated)))
    for piece, columns in zip(pieces, found, strict=True):
        foreign: list[pd.Series] = []
        for name, (values, codes) in columns.items():
            other = codes[values.notna() & codes.notna() & (codes != into)]
            worth = other.map(lambda code: (rates or {}).get(code, float("nan"))).astype("float64")
            values = values * worth.reindex(values.index).where(values.index.isin(other.index), 1.0)
            (piece.periods if name in piece.periods else piece.frame)[name] = values
            foreign.append(other)
        held = pd.concat(foreign) if foreign else pd.Series(dtype="str")
        for code, rows in held.groupby(held):
            rate = (rates or {}).get(str(code))
            told = "left empty, for no rate is known." if rate is None else f"converted, 1 {code} = {rate:g} {into}."
            message = f"{len(rows):,} amounts are in {code}: {told}"
            kind, first = "unreadable" if rate is None else "repaired", float(rows.index[0])
            piece.entry.issue(kind, "other_currency", message, row=first, value=str(code), count=len(rows))


def _amounts(piece: Piece) -> dict[str, tuple[pd.Series, pd.Series]]:
    """Each column of amounts with the currency of its cells: the row's own, else the mark with the amount."""
    stated = column(piece.frame, "currency")
    stated = currency_codes(stated, piece.entry, piece.fit.columns.get("currency"))
    marks = {name: column(piece.frame, f"{name}_currency") for name in _AMOUNTS if name in piece.frame}
    found = {name: (piece.frame[name], stated.fillna(codes)) for name, codes in marks.items()}
    for label, values in piece.periods.items():
        codes = piece.period_currencies.get(label, pd.Series(dtype="str")).reindex(values.index)
        found[label] = values, stated.reindex(values.index).fillna(codes)
    return found


def quota_frame(pieces: list[Piece], calendar: FiscalCalendar) -> pd.DataFrame | None:
    """`tables.QUOTAS` of every quota table; rows whose period is not understood are set aside."""
    frames = []
    for piece in pieces:
        base = whose(piece)
        if piece.periods:
            wide = pd.DataFrame(piece.periods).reindex(base.index)
            long = (
                base.join(wide)
                .melt(list(base.columns), list(piece.periods), "period", "quota")
                .dropna(subset=["quota"])
            )
            bare = long["period"].map({label: yearless(label) for label in piece.periods}).astype(bool)
            dated = _with_years(piece, long["period"].where(bare), long["year"], calendar)
            long["period"] = long["period"].mask(bare, dated)
            frames.append(long.drop(columns="year"))
            continue
        long = base.assign(period=periods_of(piece, base, calendar), quota=column(piece.frame, "quota", "float64"))
        frames.append(long.reindex(piece.frame.index).drop(columns="year"))
    return pd.concat(frames, ignore_index=True) if frames else None


def whose(piece: Piece) -> pd.DataFrame:
    """owner, team and year of each row; a row called "Total" is that of its team, or of all.

    Where quarters stand without a year and no column, file or sheet names one, the rows are set aside.
    """
    frame, entry = piece.frame, piece.entry
    base = pd.DataFrame({name: column(frame, name) for name in ("owner", "team", "year")}, index=frame.index)
    for name in ("owner", "team"):
        total = base[name].str.fullmatch(TOTAL, case=False).fillna(False).astype(bool)
        if total.any():
            entry.decide(f"{piece.fit.columns[name]}: rows called {base.loc[total, name].iloc[0]} are those of all")
            base[name] = base[name].mask(total)
    base["year"] = base["year"].str.replace(r"(?i)^\s*(?:fy|cy)\W?(\d\d)\s*$", r"20\1", regex=True)
    base["year"] = base["year"].str.extract(r"((?:19|20)\d{2})", expand=False)
    bare = [label.removeprefix("-") for label in piece.periods if yearless(label)]
    if bare:
        base["year"] = _year_of_name(entry, base["year"])
        lost = base.index[base["year"].isna()]
        message = f"The columns {', '.join(bare)} name no year. Call them 2026Q1 …, add a column Year, or put the year into the file's name."
        entry.set_aside(lost, "unknown_period", message)
        base = base.drop(index=lost)
        piece.frame = frame.drop(index=lost)
    return base


def _year_of_name(entry: Entry, year: pd.Series) -> pd.Series:
    """The years, and where one is missing that of the sheet's or the file's name."""
    named = re.search(r"(?<!\d)20\d{2}(?!\d)", f"{entry.sheet or ''} {entry.file}")
    if named and year.isna().any():
        entry.decide(f"year {named[0]}, as the file or sheet is called")
    return year.fillna(named[0] if named else None)


def _with_years(piece: Piece, parts: pd.Series, year: pd.Series, calendar: FiscalCalendar) -> pd.Series:
    """Quarters and months without a year behind the year; under a fiscal year the receipt says which months were meant."""
    plain = year.astype("str") + parts.astype("str")
    months = parts.astype("str").str.extract(r"^-(\d\d)$", expand=False)
    if calendar.start == 1 or not (months.notna() & year.notna()).any():
        return plain
    fiscal = _fiscal_years(piece, calendar)
    for text in sorted(year[months.notna()].dropna().unique()):
        first = f"{calendar.year_of_month(int(text), calendar.start)}-{calendar.start:02d}"
        piece.entry.decide(
            f"months without a year: of the fiscal year {text}, which begins in {first}"
            if fiscal
            else f"months without a year: of the calendar year {text}"
        )
    if not fiscal:
        return plain
    own = [
        None if pd.isna(month) or pd.isna(text) else f"{calendar.year_of_month(int(text), int(month))}-{month}"
        for text, month in zip(year, months, strict=True)
    ]
    return plain.mask(months.notna(), pd.Series(own, index=parts.index, dtype="str"))


def _fiscal_years(piece: Piece, calendar: FiscalCalendar) -> bool:
    """Whether years are said to be fiscal ones, by their heading, cells or names, or by months from the first to the last of one."""
    entry, stated = piece.entry, column(piece.frame, "year")
    said = [piece.fit.columns.get("year", ""), entry.sheet or "", entry.file, *stated.dropna().unique()]
    months = [int(label[1:]) for label in piece.periods if label.startswith("-")]
    return any(_FISCAL.search(text) for text in said) or (
        len(months) > 1 and months[0] == calendar.start and months != sorted(months)
    )


def periods_of(piece: Piece, base: pd.DataFrame, calendar: FiscalCalendar) -> pd.Series:
    """The period that each row names, by itself or together with its year; rows that name none are set aside."""
    words, year = column(piece.frame, "period"), base["year"]
    heading = piece.fit.columns.get("period", "")
    counted = heading_key(heading) in _MONTHS and not (calendar.start > 1 and _fiscal_years(piece, calendar))
    labels = words.map({text: period_named(str(text), calendar) for text in words.dropna().unique()}).astype("str")
    parts = words.map(
        {
            text: yearless_label(f"{text}月" if counted and str(text).isdecimal() else str(text))
            for text in words.dropna().unique()
        }
    ).astype("str")
    if (bare := parts.notna() & labels.isna()).any():
        year = year.fillna(_year_of_name(piece.entry, year[bare]))
    labels = labels.fillna(_with_years(piece, parts.where(bare), year, calendar)).fillna(year.where(words.isna()))
    strange = piece.frame.index[labels.isna()]
    piece.entry.set_aside(strange, "unknown_period", NO_PERIOD, words)
    piece.frame = piece.frame.drop(index=strange)
    return labels.drop(index=strange)
