"""What each format of workbook hides and computes, and cells whose format or merge says more than their value."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple

from .formulas import Formulas, in_ods_table, note_xls_formula, note_xlsb_formula
from .number_formats import SpecialCells, letters, meant_by
from .ods_cells import special_ods_cells

_ROW = re.compile(rb'<row\b[^>]*?\s(?:hidden="(?:1|true)"|ht="0(?:\.0+)?")')
_COLUMN = re.compile(rb'<col\b[^>]*?\s(?:hidden="(?:1|true)"|width="0(?:\.0+)?")[^>]*>')
_HIDING = (b"hidden=", b' ht="0', b' width="0')
_ODS_TABLE = re.compile(r'<table:table\b[^>]*?\btable:name="([^"]*)"')
_ODS_COLUMN = re.compile(r"<table:table-column\b[^>]*>")
_ODS_ROW = re.compile(r"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_ODS_HIDDEN = re.compile(r'\btable:visibility="(?:collapse|filter)"')
_MOST_COLUMNS = 1_000
XLS_BEGINNING = b"\x09\x08\x10\x00"
OLD_XLS_BEGINNING = b"\x09\x08\x08\x00\x00\x05\x05\x00"
"""Of Excel 5 and 95."""
_NO_LETTERS = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
WESTERN = tuple(chr(code) if code in _NO_LETTERS else bytes([code]).decode("cp1252") for code in range(256))
"""Byte → letter, as the reader takes the Western code page."""
_LARGEST_BINARY = 50 * 1024**2
_XLSB_ROW, _XLSB_COLUMN, _XLSB_SHEET, _XLSB_MERGE, _XLSB_WORKBOOK = 0, 60, 156, 176, 153
_XLSB_VALUES = (2, 5, 6, 7, 9)
_XLSB_FORMAT, _XLSB_STYLES, _XLSB_STYLES_END, _XLSB_STYLE = 44, 617, 618, 47
_XLS_SHEET, _XLS_BEGIN, _XLS_END, _XLS_ROW, _XLS_COLUMN, _XLS_FORMULA = 0x85, 0x809, 0x0A, 0x208, 0x7D, 0x06
_XLS_VALUES, _XLS_SEVERAL, _XLS_MERGES = (0x06, 0x203, 0x204, 0x27E, 0xFD), 0xBD, 0xE5
_XLS_FORMAT, _XLS_STYLE, _XLS_1904 = 0x41E, 0xE0, 0x22


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


class Told(NamedTuple):
    """What is said of one sheet beyond its values."""

    hidden: Hidden
    formulas: Formulas
    cells: SpecialCells


def _note_meaning(meaning: str | None, row: int, column: int, cells: SpecialCells) -> None:
    if meaning is not None:
        cells.formats.append((row, column, meaning))


def note_xlsx(chunk: bytes, hidden: Hidden) -> None:
    """Take note of what a piece of an xlsx sheet hides."""
    if not any(mark in chunk for mark in _HIDING):
        return
    hidden.rows += len(_ROW.findall(chunk))
    for tag in _COLUMN.findall(chunk):
        first, last = re.search(rb'\bmin="(\d+)"', tag), re.search(rb'\bmax="(\d+)"', tag)
        if first and last:
            hidden.add_columns(int(first[1]), int(last[1]))


def in_ods(content: str, styles: str = "") -> dict[str, Told]:
    """Sheet name → what is said of it, of the content and the common styles of an ods file."""
    found, special = dict[str, Told](), special_ods_cells(content, styles)
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
        name = unescape(table[1])
        found[name] = Told(hidden, in_ods_table(part), special.get(name, SpecialCells()))
    return found


def xlsb_styles(part: bytes) -> dict[int, str]:
    """Style number → what its format says, of an xlsb file (MS-XLSB 2.4.697 BrtFmt, 2.4.876 BrtXF)."""
    codes, styles, inside = dict[int, str](), list[int](), False
    for record, data, _ in xlsb_records(part):
        if record == _XLSB_FORMAT and len(data) >= 6:
            codes[int.from_bytes(data[:2], "little")] = data[6:].decode("utf-16-le", "replace")
        elif record in (_XLSB_STYLES, _XLSB_STYLES_END):
            inside = record == _XLSB_STYLES
        elif record == _XLSB_STYLE and inside and len(data) >= 4:
            styles.append(int.from_bytes(data[2:4], "little"))
    return meant_by(codes, styles)


def xlsb_counts_from_1904(workbook: bytes) -> bool:
    """Whether an xlsb file counts days from 1904 (MS-XLSB 2.4.822 BrtWbProp)."""
    return any(
        record == _XLSB_WORKBOOK and bool(data[:1]) and bool(data[0] & 1) for record, data, _ in xlsb_records(workbook)
    )


def in_xlsb_sheet(part: bytes, styles: dict[int, str]) -> Told:
    """What a sheet of an xlsb file hides (MS-XLSB 2.4.741 BrtRowHdr, 2.4.323 BrtColInfo), merges and means by styles."""
    hidden, formulas, cells, row = Hidden(), Formulas(), SpecialCells(), 0
    for record, data, _ in xlsb_records(part) if len(part) <= _LARGEST_BINARY else ():
        if styles and record in _XLSB_VALUES and len(data) >= 8:
            column, style = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:7], "little")
            _note_meaning(styles.get(style), row, column + 1, cells)
        if record == _XLSB_ROW and len(data) > 11:
            hidden.rows += bool(data[11] & 0x10)
            row = int.from_bytes(data[:4], "little") + 1
        elif record == _XLSB_COLUMN and len(data) >= 18 and data[16] & 1:
            first, last = struct.unpack_from("<II", data)
            hidden.add_columns(first + 1, last + 1)
        elif record == _XLSB_MERGE and len(data) >= 16:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            cells.note_merge((top + 1, bottom + 1), (left + 1, right + 1))
        else:
            note_xlsb_formula(record, data, row, formulas)
    return Told(hidden, formulas, cells)


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


def xls_start(content: bytes) -> int:
    """Where the workbook begins in an xls file; -1 where it is not found."""
    return max(content.find(XLS_BEGINNING), content.find(OLD_XLS_BEGINNING))


def xls_workbook(content: bytes, start: int) -> Iterator[tuple[int, bytes, int]]:
    """The records of the workbook that begins at a place, to the end of its last sheet."""
    inside = 0
    for record, data, end in xls_records(content, start):
        inside += (record == _XLS_BEGIN) - (record == _XLS_END)
        if not inside and record != _XLS_END:
            return
        yield record, data, end


def old_sheet_name(data: bytes) -> bytes:
    """The name of a sheet in the record of a workbook of Excel 5 or 95."""
    return data[7 : 7 + data[6]] if len(data) > 6 else b""


def xls_sheets(content: bytes, start: int) -> dict[str, int]:
    """Sheet name → where it begins behind the start, of an xls file (MS-XLS 2.4.28 BoundSheet8)."""
    found, old = {}, content.startswith(OLD_XLS_BEGINNING, max(start, 0))
    for record, data, _ in xls_records(content, start):
        if record == _XLS_SHEET and len(data) >= 8:
            name = data[8:].decode("utf-16-le" if data[7] & 1 else "latin-1", "replace")
            name = "".join(WESTERN[code] for code in old_sheet_name(data)) if old else name
            found[name] = int.from_bytes(data[:4], "little")
        elif record == _XLS_END:
            break
    return found


class XlsTold(NamedTuple):
    """What is said of the sheets of an xls file, and whether it counts days from 1904."""

    sheets: dict[str, Told]
    from_1904: bool


def in_xls(content: bytes) -> XlsTold:
    """What is said of an xls file (MS-XLS 2.4.221 Row, 2.4.53 ColInfo, 2.4.126 Format, 2.4.353 XF, 2.4.168 MergeCells).

    The workbook is looked for in one piece, as spreadsheet programs write it; elsewhere nothing is found.
    """
    start, found, inside, from_1904 = xls_start(content), list[Told](), 0, False
    old = content.startswith(OLD_XLS_BEGINNING, max(start, 0))
    codes, styles, meaning = dict[int, str](), list[int](), dict[int, str]()
    for record, data, _ in xls_records(content, start):
        if record == _XLS_BEGIN:
            inside += 1
            meaning = meant_by(codes, styles) if inside == 1 else meaning
            found += [Told(Hidden(), Formulas(), SpecialCells())] if inside == 1 else []
        elif record == _XLS_END:
            inside -= 1
        elif not inside:
            break
        elif record == _XLS_1904:
            from_1904 |= data[:1] == b"\x01"
        elif record == _XLS_FORMAT and len(data) >= 5:
            text = data[3:] if old else data[5:]
            codes[int.from_bytes(data[:2], "little")] = text.decode(
                "cp1252" if old else "utf-16-le" if data[4] & 1 else "latin-1", "replace"
            )
        elif record == _XLS_STYLE and len(data) >= 4:
            styles.append(int.from_bytes(data[2:4], "little"))
        else:
            _note_xls(record, data, found[-1], meaning)
    # The first stretch holds what is common to all sheets.
    return XlsTold(dict(zip(xls_sheets(content, start), found[1:], strict=False)), from_1904)


def _note_xls(record: int, data: bytes, told: Told, meaning: dict[int, str]) -> None:
    """Take note of a record of a sheet of an xls file."""
    hidden, formulas, cells = told
    if record == _XLS_ROW and len(data) >= 14:
        hidden.rows += bool(data[12] & 0x20)
    elif record == _XLS_COLUMN and len(data) >= 10 and data[8] & 1:
        first, last = struct.unpack_from("<HH", data)
        hidden.add_columns(first + 1, last + 1)
    elif record == _XLS_MERGES:
        for at in range(2, len(data) - 7, 8):
            top, bottom, left, right = struct.unpack_from("<HHHH", data, at)
            cells.note_merge((top + 1, bottom + 1), (left + 1, right + 1))
    elif meaning and record in _XLS_VALUES and len(data) >= 6:
        row, column, style = struct.unpack_from("<HHH", data)
        _note_meaning(meaning.get(style), row + 1, column + 1, cells)
    elif meaning and record == _XLS_SEVERAL and len(data) >= 6:
        row, column = struct.unpack_from("<HH", data)
        for number, at in enumerate(range(4, len(data) - 7, 6)):
            _note_meaning(meaning.get(int.from_bytes(data[at : at + 2], "little")), row + 1, column + 1 + number, cells)
    if record == _XLS_FORMULA:
        note_xls_formula(data, formulas)
