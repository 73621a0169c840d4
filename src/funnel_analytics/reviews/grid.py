"""A table as headings and cells of text, with the columns that the outline asks for; slides and page show it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..words import MISSING, cell, label, number, percent, short_number, word, word_keys
from .contents import ReviewPage, column_kind
from .outline import Cell

FEW = 5
"""With fewer cases a rate is not shown, only counted."""
NUMERIC = frozenset({"money", "rate", "count", "days", "number"})


@dataclass(frozen=True)
class Grid:
    """What is shown of a table: texts only."""

    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    raw: tuple[tuple[str, ...], ...]
    """The values by which a column can be sorted, as text."""
    more: int
    """How many rows are not shown."""
    total: tuple[str, ...] | None


def heading(name: str, lang: str) -> str:
    """The heading of a column; a column that no words file knows (one a team split by) keeps its own name."""
    keys = word_keys(lang)
    for key in (f"tables.{name}", f"reviews.columns.{name}"):
        if key in keys:
            return word(key, lang)
    return name


def short_date(value: Any) -> str:
    """A day as people write it in tables, in every language; a dash where there is none."""
    return MISSING if pd.isna(value) else f"{value:%Y-%m-%d}"


def row_name(row: Any, name: str, table: pd.DataFrame, lang: str) -> str:
    """The name of a key, with the stage or the days that belong to a way of counting."""
    text = label(getattr(row, name), lang, table=table)
    if name == "rate":
        if pd.notna(row.stage):
            return word("reviews.of_stage", lang, name=text, stage=label(row.stage, lang, table=table))
        if pd.notna(row.within_days):
            return word("reviews.within_days", lang, name=text, days=number(row.within_days))
    return text


def _plain(value: Any, kind: str, table: pd.DataFrame, lang: str, *, short: bool) -> str:
    if kind == "date":
        return short_date(value)
    if kind == "money" and short:
        return short_number(value, lang)
    return cell(value, kind, lang, table=table)


def _ends(low: Any, high: Any, kind: str) -> str:
    """An interval; an end that is not known stays open."""
    show = percent if kind == "rate" else number
    if pd.isna(low) and pd.isna(high):
        return ""
    if pd.isna(high):
        return f"≥ {show(low)}"
    if pd.isna(low):
        return f"≤ {show(high)}"
    return f"{show(low).removesuffix('%')}–{show(high)}"


def _joined(row: Any, column: Cell, table: pd.DataFrame) -> str:
    """A value with its interval; a dash with too few cases."""
    if column.cases and sum(getattr(row, name) for name in column.cases) < FEW:
        return MISSING
    first = column.value or column.low
    kind = column_kind(table, str(first))
    value = None if column.value is None else getattr(row, column.value)
    ends = "" if column.low is None else _ends(getattr(row, column.low), getattr(row, str(column.high)), kind)
    if column.value is None:
        return ends or MISSING
    if pd.isna(value):
        return f"{MISSING} ({ends})" if ends else MISSING
    shown = percent(value) if kind == "rate" else number(value)
    return f"{shown} ({ends})" if ends else shown


def _text(row: Any, column: Cell, table: pd.DataFrame, lang: str, *, short: bool) -> str:
    if column.low is not None or column.cases:
        return _joined(row, column, table)
    name = str(column.value)
    kind = column_kind(table, name)
    if kind == "key":
        return row_name(row, name, table, lang)
    return _plain(getattr(row, name), kind, table, lang, short=short)


def _raw(row: Any, column: Cell) -> str:
    value = getattr(row, str(column.value or column.low))
    return "" if pd.isna(value) else str(value)


def kept_rows(page: ReviewPage) -> pd.DataFrame:
    """The rows worth showing: without causes that concern no opportunity (the two ends stay)."""
    table = page.table
    if table is None:
        return pd.DataFrame()
    column = page.outline.unless_zero
    if column is None:
        return table
    kept = table[(table[column] != 0) | table["cause"].isin(["opening", "closing"])].reset_index(drop=True)
    kept.attrs = table.attrs
    return kept


def grid(page: ReviewPage, lang: str, *, limit: int | None = None, short: bool = False) -> Grid:
    """A page's table as text.

    Parameters
    ----------
    page
        A page with a table.
    lang
        Language code.
    limit
        How many rows at most; None shows all.
    short
        Write amounts the way people say them (18.4M).
    """
    table = kept_rows(page)
    cells = [column for column in page.outline.cells if column.value is None or _known(table, column.value)]
    shown = table if limit is None or len(table) <= limit else table.head(limit)
    rows = list(shown.itertuples(index=False))
    total = None
    if page.outline.total and len(table) > 1:
        sums = [table[str(c.value)].sum() if c.value in page.outline.total else None for c in cells]
        total = tuple(
            word("reviews.total", lang) if place == 0 else _total(value, column, table, lang, short=short)
            for place, (value, column) in enumerate(zip(sums, cells, strict=True))
        )
    return Grid(
        headings=tuple(heading(column.heading, lang) for column in cells),
        numeric=tuple(column_kind(table, str(column.value or column.low)) in NUMERIC for column in cells),
        rows=tuple(tuple(_text(row, column, table, lang, short=short) for column in cells) for row in rows),
        raw=tuple(tuple(_raw(row, column) for column in cells) for row in rows),
        more=len(table) - len(rows),
        total=total,
    )


def _known(table: pd.DataFrame, name: str) -> bool:
    """Whether a column says anything: an export without owners needs no empty column of them."""
    return bool(table[name].notna().any())


def _total(value: float | None, column: Cell, table: pd.DataFrame, lang: str, *, short: bool) -> str:
    return "" if value is None else _plain(value, column_kind(table, str(column.value)), table, lang, short=short)
