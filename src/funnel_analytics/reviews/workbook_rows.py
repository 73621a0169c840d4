"""The rows of tables as cells of a sheet, column by column: cell by cell, XlsxWriter takes six times as long.

XlsxWriter writes the headings, a first row that shows each column's format and a last one that says how large the
sheet is; what stands in the rows is put in here.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

_ROW = re.compile(r'<row r="(\d+)"(?: spans="[\d:]+")?([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(r'<c r="([A-Z]+)\d+"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
_STYLE = re.compile(r'^<c r="[A-Z]+\d+" s="(\d+)"')
_WRITTEN = '<row r="{}"{}>{}</row>'
LINE = 15
"""Height of a line, in points."""
_HEIGHT = ' ht="{}"'
"""A height that programs may change when a person makes the column wider."""
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Excel reads _x000A_ as a line feed."""


@dataclass(frozen=True)
class Rows:
    """The records of one table."""

    sheet: int
    """The sheet's number in the workbook, from 1."""
    top: int
    """The first record's row, as Excel counts."""
    columns: Mapping[int, Sequence[str]]
    """By the place of a column, what stands in each of its cells after their attributes; empty where nothing does."""
    heights: Sequence[int] = ()
    """Of each record, in points; without any they are as high as a line."""


def number_cells(values: pd.Series) -> list[str]:
    """Numbers as cells hold them; missing ones are empty.

    Examples
    --------
    >>> number_cells(pd.Series([1.5, None]))
    ['><v>1.5</v></c>', '']
    """
    return ["" if value != value else f"><v>{value:.16G}</v></c>" for value in values.astype("float64").tolist()]


def text_cells(values: pd.Series, say: Callable[[object], str]) -> list[str]:
    """Texts as cells hold them, each different one said once; missing ones are empty.

    Examples
    --------
    >>> text_cells(pd.Series(["<a>", None]), str)
    [' t="inlineStr"><is><t xml:space="preserve">&lt;a&gt;</t></is></c>', '']
    """
    codes, known = pd.factorize(values)
    said = [
        f' t="inlineStr"><is><t xml:space="preserve">{_LOOKS_ESCAPED.sub("_x005F_", escape(say(value)))}</t></is></c>'
        for value in known.tolist()
    ]
    said.append("")  # Missing values have the code -1.
    return [said[code] for code in codes.tolist()]


def filled(content: bytes, tables: Iterable[Rows]) -> bytes:
    """A workbook with the rows of its tables put in.

    Parameters
    ----------
    content
        The bytes of an .xlsx file that holds the first and the last row of each table as empty cells with formats.
    tables
        The rows, at most one table a sheet.
    """
    parts = {f"xl/worksheets/sheet{table.sheet}.xml": table for table in tables}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename in parts:
                part = _with_rows(part.decode("utf-8"), parts[entry.filename]).encode("utf-8")
            new.writestr(entry, part)
    return target.getvalue()


def _with_rows(sheet: str, table: Rows) -> str:
    begin, end = sheet.index("<sheetData>") + len("<sheetData>"), sheet.index("</sheetData>")
    there = {int(row): (attributes, cells) for row, attributes, cells in _ROW.findall(sheet, begin, end)}
    first = {cell[1]: cell[0] for cell in _CELL.finditer(there[table.top][1])}
    columns = []
    for place, texts in table.columns.items():
        letters = xl_col_to_name(place)
        style = _STYLE.match(first[letters])
        begun = f'" s="{style[1]}"' if style else '"'
        columns.append(
            [f'<c r="{letters}{row}{begun}{text}' if text else "" for row, text in enumerate(texts, table.top)]
        )
    rows = [_WRITTEN.format(row, *there[row]) for row in there if row < table.top]
    tall = {row: height for row, height in enumerate(table.heights, table.top) if height > LINE}
    for row, cells in enumerate(zip(*columns, strict=True), table.top):
        attributes, others = there.get(row, ("", ""))
        if tall.get(row):
            attributes += _HEIGHT.format(tall[row])
        rows.append(_WRITTEN.format(row, attributes, _merged(cells, others) if others else "".join(cells)))
    return sheet[:begin] + "".join(rows) + sheet[end:]


def _merged(cells: Iterable[str], others: str) -> str:
    """The cells of a row in order: those of the table, and what XlsxWriter wrote in other columns."""
    found = {cell[1]: cell[0] for cell in _CELL.finditer(others)}
    found |= {match[1]: cell for cell in cells if (match := _CELL.match(cell))}
    return "".join(found[letters] for letters in sorted(found, key=lambda name: (len(name), name)))
