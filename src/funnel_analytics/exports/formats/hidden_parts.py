"""Which rows and columns each format of workbook hides, and its formulas: both are read, and that is said."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from .formulas import Formulas, in_ods_table, note_xls_formula, note_xlsb_formula
from .number_formats import letters

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\bhidden="(?:1|true)"')
_COLUMN = re.compile(rb'<(?:\w+:)?col\b[^>]*?\bhidden="(?:1|true)"[^>]*>')
_ODS_TABLE = re.compile(r'<table:table\b[^>]*?\btable:name="([^"]*)"')
_ODS_COLUMN = re.compile(r"<table:table-column\b[^>]*>")
_ODS_ROW = re.compile(r"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_ODS_HIDDEN = re.compile(r'\btable:visibility="(?:collapse|filter)"')
_MOST_COLUMNS = 1_000
XLS_BEGINNING = b"\x09\x08\x10\x00"
_LARGEST_BINARY = 50 * 1024**2
_XLSB_ROW, _XLSB_COLUMN, _XLSB_SHEET = 0, 60, 156
_XLS_SHEET, _XLS_BEGIN, _XLS_END, _XLS_ROW, _XLS_COLUMN, _XLS_FORMULA = 0x85, 0x809, 0x0A, 0x208, 0x7D, 0x06


@dataclass
class Hidden:
    """What one sheet hides: the number of rows, and the columns, counted from 1."""

    rows: int = 0
    columns: set[int] = field(default_factory=set)

    def add_columns(self, first: int, last: int) -> None:
        """Take note of a range of columns; one without end hides what is empty."""
        self.columns.update(range(first, min(last, _MOST_COLUMNS) + 1))

    def notes(self, first: int, last: int) -> list[str]:
        """What is said of a sheet that holds these columns, as phrases."""
        held = [letters(number) for number in sorted(self.columns) if first <= number <= last]
        said = [f"{self.rows} hidden or filtered rows read as well"] if self.rows else []
        return [*said, f"hidden columns {', '.join(held)} read as well"] if held else said


def note_xlsx(chunk: bytes, hidden: Hidden) -> None:
    """Take note of what a piece of an xlsx sheet hides."""
    if b"hidden=" not in chunk:
        return
    hidden.rows += len(_ROW.findall(chunk))
    for tag in _COLUMN.findall(chunk):
        first, last = re.search(rb'\bmin="(\d+)"', tag), re.search(rb'\bmax="(\d+)"', tag)
        if first and last:
            hidden.add_columns(int(first[1]), int(last[1]))


def in_ods(content: str) -> dict[str, tuple[Hidden, Formulas]]:
    """Sheet name → what it hides and its formulas, of the content of an ods file."""
    found: dict[str, tuple[Hidden, Formulas]] = {}
    tables = list(_ODS_TABLE.finditer(content))
    for table, end in zip(tables, [*(other.start() for other in tables[1:]), len(content)], strict=True):
        part, hidden, column = content[table.end() : end], Hidden(), 1
        for tag in _ODS_COLUMN.findall(part):
            repeated = re.search(r'columns-repeated="(\d+)"', tag)
            count = int(repeated[1]) if repeated else 1
            if _ODS_HIDDEN.search(tag):
                hidden.add_columns(column, column + count - 1)
            column += count
        for tag, cells in _ODS_ROW.findall(part) if _ODS_HIDDEN.search(part) else []:
            if _ODS_HIDDEN.search(tag) and ("office:value-type" in cells or "<text:p" in cells):
                repeated = re.search(r'rows-repeated="(\d+)"', tag)
                hidden.rows += int(repeated[1]) if repeated else 1
        found[unescape(table[1])] = hidden, in_ods_table(part)
    return found


def in_xlsb_sheet(part: bytes) -> tuple[Hidden, Formulas]:
    """What a sheet of an xlsb file hides (MS-XLSB 2.4.741 BrtRowHdr, 2.4.323 BrtColInfo), and its formulas."""
    hidden, formulas, row = Hidden(), Formulas(), 0
    for record, data, _ in xlsb_records(part) if len(part) <= _LARGEST_BINARY else ():
        if record == _XLSB_ROW and len(data) > 11:
            hidden.rows += bool(data[11] & 0x10)
            row = int.from_bytes(data[:4], "little") + 1
        elif record == _XLSB_COLUMN and len(data) >= 18 and data[16] & 1:
            first, last = struct.unpack_from("<II", data)
            hidden.add_columns(first + 1, last + 1)
        else:
            note_xlsb_formula(record, data, row, formulas)
    return hidden, formulas


def xlsb_sheets(workbook: bytes) -> dict[str, str]:
    """Sheet name → relation of its part, of an xlsb file's workbook (MS-XLSB 2.4.311 BrtBundleSh)."""
    found = {}
    for record, data, _ in xlsb_records(workbook):
        if record == _XLSB_SHEET and len(data) >= 12:
            (size,) = struct.unpack_from("<I", data, 8)
            relation, rest = data[12 : 12 + 2 * size], data[12 + 2 * size :]
            found[rest[4:].decode("utf-16-le", "replace")] = relation.decode("utf-16-le", "replace")
    return found


def xlsb_records(part: bytes) -> Iterator[tuple[int, bytes, int]]:
    """The records of a part of an xlsb file: kind, content, and where each ends (MS-XLSB 2.1.4)."""
    position = 0
    while position + 2 <= len(part):
        record = part[position]
        position += 1
        if record & 0x80:
            record = (record & 0x7F) | (part[position] & 0x7F) << 7
            position += 1
        size = 0
        for shift in range(0, 28, 7):
            if position >= len(part):
                return
            byte = part[position]
            position += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        start = position
        position += size
        yield record, part[start:position], position


def xls_records(content: bytes, position: int) -> Iterator[tuple[int, bytes, int]]:
    """The records of an xls file from a position on: kind, content, and where each ends (MS-XLS 2.1.4)."""
    while 0 <= position <= min(len(content), _LARGEST_BINARY) - 4:
        record, size = struct.unpack_from("<HH", content, position)
        data = content[position + 4 : position + 4 + size]
        if len(data) < size:
            return
        position += 4 + size
        yield record, data, position


def xls_sheets(content: bytes, start: int) -> dict[str, int]:
    """Sheet name → where it begins behind the start, of an xls file (MS-XLS 2.4.28 BoundSheet8)."""
    found = {}
    for record, data, _ in xls_records(content, start):
        if record == _XLS_SHEET and len(data) >= 8:
            name = data[8:].decode("utf-16-le" if data[7] & 1 else "latin-1", "replace")
            found[name] = int.from_bytes(data[:4], "little")
        elif record == _XLS_END:
            break
    return found


def in_xls(content: bytes) -> dict[str, tuple[Hidden, Formulas]]:
    """Sheet name → what it hides and its formulas, of an xls file (MS-XLS 2.4.221 Row, 2.4.53 ColInfo).

    The workbook is looked for in one piece, as spreadsheet programs write it; elsewhere nothing is found.
    """
    start, found, inside = content.find(XLS_BEGINNING), list[tuple[Hidden, Formulas]](), 0
    for record, data, _ in xls_records(content, start):
        if record == _XLS_BEGIN:
            inside += 1
            found += [(Hidden(), Formulas())] if inside == 1 else []
        elif record == _XLS_END:
            inside -= 1
        elif not inside:
            break
        elif record == _XLS_ROW and len(data) >= 14:
            found[-1][0].rows += bool(data[12] & 0x20)
        elif record == _XLS_COLUMN and len(data) >= 10 and data[8] & 1:
            first, last = struct.unpack_from("<HH", data)
            found[-1][0].add_columns(first + 1, last + 1)
        elif record == _XLS_FORMULA:
            note_xls_formula(data, found[-1][1])
    # The first stretch holds what is common to all sheets.
    return dict(zip(xls_sheets(content, start), found[1:], strict=False))
