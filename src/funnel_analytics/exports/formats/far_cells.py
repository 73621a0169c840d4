"""Lone cells far from a sheet's table are left out and named: the reader would hold a place for each cell up to them."""

import re
import struct
import zipfile
from array import array
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from itertools import islice
from operator import ge

import numpy as np

from .hidden_parts import xls_records, xls_sheets, xls_start, xlsb_records
from .number_formats import column_number, letters
from .plain_sheets import is_unusual, reaches_beyond, repacked

_CELL = re.compile(rb"<((?:\w+:)?c)\b([^>]*?)>.*?</\1>", re.DOTALL)
_BLANK_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*/>")
_PLACE = re.compile(rb'\br="([A-Z]{1,4})(\d+)"')
_XLSB_ROW, _XLSB_BLANK, _XLSB_CELLS = 0, 1, (*range(1, 12), 62)
_ODS_TABLE = re.compile(r'(<table:table\b[^>]*?\btable:name="([^"]*)"[^>]*>)(.*?)(?=</table:table>)', re.DOTALL)
_ODS_ROW = re.compile(r"<table:table-row\b([^>]*)(?<!/)>(.*?)</table:table-row>", re.DOTALL)
_ODS_CELL = re.compile(r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(.*?)</table:(?:covered-)?table-cell>)", re.DOTALL)  # fmt: skip
_ODS_MANY = re.compile(r'(?:columns-repeated="\d{3,}"|rows-repeated="\d{5,}")')
_ODS_REACHING = re.compile(_ODS_MANY.pattern + r"[^>]*>.*?(?:office:value|<text:p)", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ROW = re.compile(rb'row [^>]*?\br="(\d+)"')
_CELL_ROW = re.compile(rb' r="[A-Z]{1,3}(\d+)"')
_WIDE_COLUMN = re.compile(rb' r="([A-Z]{2,4})\d')
_CELL_BYTES = 40  # of a filled cell, about
_MANY_COLUMNS, _MANY_PLACES, _SPARSE = 500, 5_000_000, 20
_XLSB_DIMENSION = 148
_XLS_DIMENSION, _XLS_BLANK, _XLS_CELLS = 0x200, 0x201, (0x06, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xFD)
_MANY_IN_XLS = 2_000_000
_SMALL = 1 << 20
_COLUMNS_APART, _ROWS_APART = 100, 10_000
_MOST, _NAMED = 1_000, 5
_LARGEST_PART = 200 * 1024**2


@dataclass
class Spread:
    """How far the cells of a part reach, and about how many there are."""

    rows: int = 0
    columns: int = 26
    cells: int = 0
    reaching: bool = False
    last: int = 0
    """The last row."""
    sheet: bool = False
    """Whether the part is a sheet of an xlsx file."""
    unusual: bool = False
    """Whether it is written in an unusual way, or its rows in no order."""
    miscounted: bool = False
    """Whether the part claims to hold more than it has room for."""

    @property
    def wide(self) -> bool:
        """Whether so many places up to the last cell are empty that lone cells must stand far away."""
        sparse = self.rows * self.columns > max(_MANY_PLACES, _SPARSE * self.cells)
        return self.reaching or self.columns > _MANY_COLUMNS or sparse

    def add(self, chunk: bytes) -> None:
        """Take note of a piece of an xlsx sheet."""
        heads = list(map(int, _ROW.findall(chunk)))
        self.unusual |= any(map(ge, [self.last, *heads[:-1]], heads)) or (
            self.cells == 0 and is_unusual(chunk, first=True)
        )
        self.last = heads[-1] if heads else self.last
        rows = [*heads, *_CELL_ROW.findall(chunk[-_SMALL // 256 :])]
        self.rows = max([self.rows, *map(int, rows)])
        self.cells += len(chunk) // _CELL_BYTES
        if reaches_beyond(chunk):
            self.unusual |= is_unusual(chunk, first=False)
            columns = set(_WIDE_COLUMN.findall(chunk))
            self.columns = max([self.columns, *(column_number(column.decode()) for column in columns)])


def spread_of_xlsb(part: bytes) -> Spread:
    """How far a binary sheet reaches: as its cells say, or where there are many as the sheet says (BrtWsDim)."""
    if len(part) <= _SMALL:
        places = _xlsb_cells(part)
        last_row, last_column = places[:, :2].max(axis=0, initial=0).tolist()
        return Spread(last_row, last_column, len(places))
    for record, data, _ in xlsb_records(part):
        if record == _XLSB_DIMENSION and len(data) >= 16:
            last_row, last_column = int.from_bytes(data[4:8], "little"), int.from_bytes(data[12:16], "little")
            return Spread(last_row + 1, last_column + 1, len(part) // _SPARSE)
    return Spread()


def spread_of_ods(part: bytes) -> Spread:
    """Whether anything in an ods file may stand behind many blank cells or rows."""
    return Spread(reaching=_ODS_REACHING.search(part.decode("utf-8", "replace")) is not None)


def without_far_cells(content: bytes, parts: list[str]) -> tuple[bytes, dict[str, str]]:
    """A workbook without the cells that stand far from the tables of these parts.

    Parameters
    ----------
    content
        A checked xlsx, xlsb or ods file.
    parts
        The parts whose cells are spread wide.

    Returns
    -------
    tuple of bytes and dict
        The file, and by part (by sheet in an ods file) what is said of the cells left out.
    """
    told, changed = dict[str, str](), dict[str, bytes]()
    with zipfile.ZipFile(BytesIO(content)) as package:
        for name in parts:
            if package.getinfo(name).file_size > _LARGEST_PART:
                continue
            part, left = package.read(name), dict[str, list[str]]()
            if name.endswith("content.xml"):
                changed[name] = _near_in_ods(part.decode("utf-8", "replace"), left).encode()
            else:
                near, left[name] = (_near_in_xlsb if name.endswith(".bin") else _near_in_xlsx)(part)
                changed |= {name: near} if near != part else {}
            told |= {sheet: said_of_far(cells) for sheet, cells in left.items() if cells}
    return repacked(content, changed) if changed else content, told


def said_of_far(cells: list[str]) -> str:
    """What is said of cells that were left out."""
    named = ", ".join(cells[:_NAMED]) + (" …" if len(cells) > _NAMED else "")
    if len(cells) == 1:
        return f"1 cell far from the table was not read: {named}"
    return f"{len(cells)} cells far from the table were not read: {named}"


def far_from_table(places: np.ndarray, filled: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Which cells stand far from where most of them do, and the names of those that are filled.

    Parameters
    ----------
    places
        The row and the column of each cell, from 1.
    filled
        Whether it holds anything.

    Examples
    --------
    >>> far, named = far_from_table(np.array([[1, 1], [2, 1], [2, 16_384]]), np.array([True, True, True]))
    >>> far.tolist(), named
    ([False, False, True], ['XFD2'])
    """
    far = np.zeros(len(places), dtype=bool)
    for at, apart in ((0, _ROWS_APART), (1, _COLUMNS_APART)) if filled.any() else ():
        numbers = np.unique(places[filled, at])
        stretch = np.cumsum(np.diff(numbers, prepend=numbers[0]) > apart)
        held = stretch[np.minimum(np.searchsorted(numbers, places[:, at]), len(numbers) - 1)]
        table = numbers[stretch == np.bincount(held[filled]).argmax()]
        far |= (places[:, at] < table[0]) | (places[:, at] > table[-1])
    named = [f"{letters(int(column))}{row}" for row, column in places[far & filled, :2].tolist()]
    # So many are no lone cells: they are another table.
    return (far, named) if len(named) <= _MOST else (np.zeros(len(places), dtype=bool), [])


def _kept(part: bytes, places: np.ndarray, filled: np.ndarray) -> tuple[bytes, list[str]]:
    """A part without its far cells, and their names; places hold the row, the column, the start and the end of each."""
    far, named = far_from_table(places[:, :2], filled)
    edges = [0, *places[far, 2:].ravel().tolist(), len(part)]
    return b"".join(part[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)), named


def _near_in_xlsx(part: bytes) -> tuple[bytes, list[str]]:
    # Millions of blank cells, which only have a style, hold nothing that could be lost.
    part, places = _BLANK_CELL.sub(b"", part), array("q")
    for cell in _CELL.finditer(part):
        if place := _PLACE.search(cell[2]):
            places.extend((int(place[2]), column_number(place[1].decode()), cell.start(), cell.end()))
    held = np.frombuffer(places, dtype=np.int64).reshape(-1, 4)
    return _kept(part, held, np.ones(len(held), dtype=bool))


def _near_in_xlsb(part: bytes) -> tuple[bytes, list[str]]:
    places = _xlsb_cells(part)
    return _kept(part, places[:, :4], places[:, 4] != _XLSB_BLANK)


def _xlsb_cells(part: bytes) -> np.ndarray:
    """Row, column, start, end and kind of each cell."""
    places, row, start = array("q"), 0, 0
    for record, data, end in xlsb_records(part):
        if record == _XLSB_ROW:
            row = int.from_bytes(data[:4], "little") + 1
        elif record in _XLSB_CELLS:
            places.extend((row, int.from_bytes(data[:4], "little") + 1, start, end, record))
        start = end
    return np.frombuffer(places, dtype=np.int64).reshape(-1, 5)


def _near_in_ods(content: str, left: dict[str, list[str]]) -> str:
    """What stands behind many blank rows, and in a row behind many blank cells, is far."""

    def near(table: re.Match[str]) -> str:
        cells, behind = left.setdefault(unescape(table[2]), []), False

        def near_in_row(row: re.Match[str]) -> str:
            nonlocal behind
            filled, cut = False, row.start(2) - row.start() if behind else None
            for cell in _ODS_CELL.finditer(row[0]):
                if cell[2] or "office:value" in cell[1]:
                    filled = True
                    cells.extend([] if cut is None else [f"'{unescape(_TAG.sub('', cell[2] or ''))}'"])
                elif cut is None and _ODS_MANY.search(cell[1]):
                    cut = cell.start()
            behind |= not filled and _ODS_MANY.search(row[1]) is not None
            return row[0] if cut is None else f"{row[0][:cut]}</table:table-row>"

        rows = _ODS_ROW.sub(near_in_row, table[3])
        if len(cells) > _MOST:
            cells.clear()
            return table[0]
        return table[1] + rows

    return _ODS_TABLE.sub(near, content) if _ODS_REACHING.search(content) else content


def xls_without_far_cells(content: bytes) -> tuple[bytes, dict[str, str]]:
    """An xls file whose far cells are turned into records that mean nothing, and by sheet what is said of them."""
    start, told, near = xls_start(content), dict[str, str](), bytearray()
    for name, offset in xls_sheets(content, start).items():
        if not _wide_in_xls(content, start + offset):
            continue
        places, at = list[tuple[int, int, int]](), list[int]()
        for record, data, end in xls_records(content, start + offset):
            if record in _XLS_CELLS and len(data) >= 4:
                row, column = struct.unpack_from("<HH", data)
                places.append((row + 1, column + 1, record))
                at.append(end - len(data) - 4)
        held = np.array(places, dtype=np.int64).reshape(-1, 3)
        far, named = far_from_table(held[:, :2], held[:, 2] != _XLS_BLANK)
        if named:
            near, told[name] = near or bytearray(content), said_of_far(named)
            for position in np.array(at)[far].tolist():
                near[position : position + 2] = struct.pack("<H", _XLS_BLANK)
    return (bytes(near), told) if told else (content, {})


def _wide_in_xls(content: bytes, start: int) -> bool:
    for record, data, _ in islice(xls_records(content, start), _MOST):
        if record == _XLS_DIMENSION and len(data) >= 12:
            rows, columns = int.from_bytes(data[4:8], "little"), int.from_bytes(data[10:12], "little")
            return rows * columns > max(_MANY_IN_XLS, _SPARSE * (len(content) // 14))
    return False
