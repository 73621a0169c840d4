"""A look into the zip parts of a workbook before it is opened: whether it is safe, and what its cells do not tell.

Files are checked in one streaming pass of bounded memory before they are opened, because a few kilobytes can
unpack to gigabytes and because the fast reader aborts on some of them instead of raising. Notes are taken in a
second pass, which may run beside the reader.
"""

import codecs
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO

from ...errors import ExportError, OwnReviewError
from .far_cells import Spread, spread_of_ods, spread_of_xlsb, without_far_cells
from .formulas import Formulas, note_xlsx_formulas
from .hidden_parts import (
    Hidden,
    Told,
    in_ods,
    in_xls,
    in_xlsb_sheet,
    note_xlsx,
    xlsb_counts_from_1904,
    xlsb_sheets,
    xlsb_styles,
)
from .number_formats import SpecialCells, column_number, said_of_formats, special_styles
from .plain_sheets import holds_a_place_twice, in_plain_form, is_sheet, prefix_of, repacked

_MOST_PARTS = 10_000
_LARGEST_PART = 4 * 1024**3
_LARGEST_CELLS = 100_000_000
_LARGEST_STRINGS = 1024**3
_LARGE_PART, _LARGEST_RATIO = 100 * 1024**2, 150
_CHUNK = 1 << 20
_OVERLAP = 4096  # longer than nearly any cell, so that none is cut between two chunks

_MERGE = re.compile(rb'<mergeCell\b[^>]*?\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_COUNT = re.compile(rb'\s(?:uniqueCount|count)="(\d+)"')
_MOST_COLUMNS = 16_384
_SPACES = re.compile(rb"""<(?:\w+:)?s\s[^<>]*?:c\s*=\s*["']([^"'>]{4,})""")
"""Blanks that an ods file writes as one element, whatever their number."""
_MOST_SPACES = 10_000_000
_LARGEST_STYLES = 50 * 1024**2


@dataclass
class PartNotes:
    """What the parts say and the cells do not: per sheet part, hidden rows, merges, formulas."""

    macros: bool = False
    dates_1904: bool = False
    styles: bool = True
    hidden: dict[str, Hidden] = field(default_factory=dict)
    """Part name → what the sheet hides."""
    formulas: dict[str, Formulas] = field(default_factory=dict)
    """Part name → its formulas."""
    far: dict[str, str] = field(default_factory=dict)
    """Part name → what is said of the cells left out."""
    awaits: bool = False
    """Whether the workbook asks to be calculated when it is opened."""
    sheet_parts: dict[str, str] = field(default_factory=dict)
    """Sheet name → part name."""
    cells: dict[str, SpecialCells] = field(default_factory=dict)
    """Part name → cells whose format or merge says more than their value."""
    special: dict[int, str] = field(default_factory=dict)
    """Style number → how its numbers are shown."""
    styled: re.Pattern[bytes] | None = None
    """Finds cells of these styles."""

    def cells_of(self, sheet: str) -> SpecialCells:
        """The special cells of one sheet."""
        part = self.sheet_parts.get(sheet, "")
        cells = self.cells.get(part, SpecialCells())
        cells.uncalculated = self._formulas(part).uncalculated()
        return cells

    def _formulas(self, part: str) -> Formulas:
        formulas = self.formulas.get(part, Formulas())
        formulas.awaited = self.awaits
        return formulas

    def of(self, sheet: str, first: int, columns: int) -> tuple[str, ...]:
        """The notes on one sheet that holds so many columns from one on, as phrases."""
        part = self.sheet_parts.get(sheet, "")
        notes = []
        if self.macros:
            notes.append("workbook holds macros (VBA): they were not run")
        if self.dates_1904:
            notes.append("dates counted from 1904")
        if not self.styles:
            notes.append("workbook has no styles: dates may stand as serial numbers")
        cells = self.cells.get(part, SpecialCells())
        notes += self.hidden.get(part, Hidden()).notes(first, first + columns - 1)
        if cells.ranges:
            notes.append(f"{cells.ranges} merged ranges of cells; those down one column filled with their value")
        notes += said_of_formats(cells)
        notes += [self.far[part]] if part in self.far else []
        return (*notes, *self._formulas(part).notes())


@contextmanager
def _opened(content: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            yield package
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise ExportError(
            f"'{name}' is damaged or incomplete: its zip parts cannot be unpacked. Download or export it again."
        ) from error
    except RuntimeError as error:
        raise ExportError(
            f"'{name}' is protected by a password (encrypted zip). Save it without a password."
        ) from error


def check_package(content: bytes, name: str) -> tuple[bytes, dict[str, str]]:
    """Whether the zip parts of an xlsx, xlsm, xlsb or ods file are safe to open.

    Returns
    -------
    tuple of bytes and dict
        The file without lone cells far from its tables, and by part (by sheet of an ods file) what is said of them.

    Raises
    ------
    ExportError
        If the package is damaged, holds a part twice, unpacks to an unreasonable size or holds a DTD.
    """
    with _opened(content, name) as package:
        parts = package.infolist()
        _check_directory(parts, name)
        spreads = {part.filename: _check_part(package, part, name) for part in parts}
        if "docProps/core.xml" in package.namelist() and OwnReviewError.MARK.encode() in package.read(
            "docProps/core.xml"
        ):
            raise OwnReviewError(name)
        counted = {part: package.read(part) for part, spread in spreads.items() if spread.miscounted}
    if counted:
        content = repacked(content, {part: _COUNT.sub(b"", text, count=2) for part, text in counted.items()})
    unusual = [part for part, spread in spreads.items() if spread.unusual]
    if unusual:
        content = in_plain_form(content, unusual, name)
        with _opened(content, name) as package:
            spreads |= {part: _check_part(package, package.getinfo(part), name) for part in unusual}
    wide = [part for part, spread in spreads.items() if spread.wide]
    if not wide:
        return content, {}
    content, told = without_far_cells(content, wide)
    with _opened(content, name) as package:
        for part in wide:
            spread = _check_part(package, package.getinfo(part), name)
            if spread.rows * spread.columns > _LARGEST_CELLS or spread.columns > _MOST_COLUMNS:
                raise ExportError(
                    f"'{name}' has a sheet whose cells are spread over {spread.rows:,} rows and {spread.columns:,} "
                    "columns. Delete what stands far below and to the right of the table, save it, and read it again."
                )
    return content, told


def all_in_plain_form(content: bytes, name: str) -> bytes | None:
    """A checked xlsx file with all its sheets written in the usual way; None where it is none, or cannot be."""
    if not zipfile.is_zipfile(BytesIO(content)):
        return None
    with _opened(content, name) as package:
        sheets = [part.filename for part in package.infolist() if is_sheet(next(_chunks(package, part), b""))]
    return in_plain_form(content, sheets, name) if sheets else None


def package_notes(content: bytes, name: str, kind: str, far: dict[str, str]) -> PartNotes:
    """What the parts of a checked package, or of an xls file, say and its cells do not; and what was left out."""
    notes = PartNotes(far=far)
    if kind == "xls":
        told = in_xls(content)
        _keep(told.sheets, notes)
        notes.dates_1904 = told.from_1904
        notes.sheet_parts = {sheet: sheet for sheet in notes.hidden}
        return notes
    with _opened(content, name) as package:
        parts = package.infolist()
        names = {part.filename.lower() for part in parts}
        notes.macros = any(part.endswith("vbaproject.bin") for part in names)
        notes.styles = "xl/workbook.xml" not in names or "xl/styles.xml" in names
        _read_styles(package, notes)
        binary = xlsb_styles(package.read("xl/styles.bin")) if "xl/styles.bin" in names else {}
        for part in parts:
            path = _path(part)
            if path.endswith("workbook.xml"):
                workbook = package.read(part)
                notes.dates_1904 |= re.search(rb'date1904\s*=\s*["\'](1|true|on)["\']', workbook) is not None
                notes.awaits |= re.search(rb'fullCalcOnLoad="(1|true)"', workbook) is not None
            elif "/worksheets/" in path and path.endswith(".bin"):
                _keep({part.filename: in_xlsb_sheet(package.read(part), binary)}, notes)
            elif path.endswith("workbook.bin"):
                notes.dates_1904 |= xlsb_counts_from_1904(package.read(part))
            elif path == "content.xml" and part.file_size <= _LARGEST_STYLES:
                text = package.read(part).decode("utf-8", "replace")
                notes.dates_1904 |= '<table:null-date table:date-value="1904' in text
                styles = package.read("styles.xml").decode("utf-8", "replace") if "styles.xml" in names else ""
                _keep(in_ods(text, styles), notes)
                notes.sheet_parts = {sheet: sheet for sheet in notes.hidden}
            else:
                _note_sheet(package, part, notes)
        _name_sheets(package, notes)
    return notes


def _keep(found: dict[str, Told], notes: PartNotes) -> None:
    for part, told in found.items():
        notes.hidden[part], notes.formulas[part], notes.cells[part] = told


def _read_styles(package: zipfile.ZipFile, notes: PartNotes) -> None:
    if "xl/styles.xml" not in package.namelist() or package.getinfo("xl/styles.xml").file_size > _LARGEST_STYLES:
        return
    notes.special = special_styles(package.read("xl/styles.xml").decode("utf-8", "replace"))
    if notes.special:
        numbers = b"|".join(str(style).encode() for style in notes.special)
        notes.styled = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"[^>]*? s="(' + numbers + rb')"')


def _check_directory(parts: list[zipfile.ZipInfo], name: str) -> None:
    twice = [part for part, count in Counter(part.filename.lower() for part in parts).items() if count > 1]
    if twice:
        raise ExportError(
            f"'{name}' holds the entry '{twice[0]}' twice (a duplicate), so it is not clear which one counts. "
            "Open it in Excel and save it again."
        )
    if len(parts) > _MOST_PARTS:
        raise ExportError(f"'{name}' holds {len(parts):,} parts; a workbook has a few dozen. It was not opened.")
    if sum(part.file_size for part in parts) > _LARGEST_PART:
        raise ExportError(f"'{name}' would unpack to more than 4 GB. Export fewer columns or a shorter time span.")


def _chunks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part's bytes in pieces that end before a cell, where one begins near the end, or at least before a tag.

    UTF-16 is turned into UTF-8, and sheets lose the prefix of their element names.
    """
    rest, decode, prefix = b"", None, None
    with package.open(part) as stream:
        for number, block in enumerate(iter(lambda: stream.read(_CHUNK), b"")):
            if number == 0 and (wide := _wide(block)):
                decode = codecs.getincrementaldecoder(wide)("replace").decode
            if decode is not None:
                block = decode(block).encode()
            piece = rest + block
            prefix = prefix_of(piece) if number == 0 else prefix
            near = max(0, len(piece) - _OVERLAP)
            cut = max(piece.rfind(b"<c ", near), 0) or piece.rfind(b"<", near)
            rest = piece[cut:] if cut > 0 else b""
            yield _without(prefix, piece[:cut] if cut > 0 else piece)
    if rest:
        yield _without(prefix, rest)


def _without(prefix: bytes | None, chunk: bytes) -> bytes:
    return chunk if prefix is None else chunk.replace(b"<%b:" % prefix, b"<").replace(b"</%b:" % prefix, b"</")


def _wide(beginning: bytes) -> str | None:
    """The encoding of XML whose characters take two bytes each."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(beginning[:2])


def _path(part: zipfile.ZipInfo) -> str:
    return part.filename.replace("\\", "/").lower()


def _check_part(package: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> Spread:
    """How far the cells of a part reach, once it is known to be safe."""
    path, spread, size, spaces = _path(part), Spread(), 0, 0
    for number, chunk in enumerate(_chunks(package, part)):
        size += len(chunk)
        if b"<!DOCTYPE" in (chunk.upper() if number == 0 else chunk):
            raise ExportError(
                f"'{name}' holds a document type definition (DTD, entities), which no spreadsheet program writes "
                "and which is unsafe to open. Get the file from its source again."
            )
        if size > _LARGE_PART and size > _LARGEST_RATIO * max(part.compress_size, 1):
            raise ExportError(
                f"'{name}' unpacks to more than {_LARGEST_RATIO} times its size, as no export does: it was not opened. "
                "Get the file from its source again."
            )
        if "sharedstrings" in path and size > _LARGEST_STRINGS:
            raise ExportError(f"'{name}' unpacks to more than 1 GB of text. Export fewer columns.")
        spaces += sum(map(_count, _SPACES.findall(chunk))) if path == "content.xml" else 0
        if spaces > _MOST_SPACES:
            raise ExportError(
                f"'{name}' holds texts of more than {_MOST_SPACES:,} spaces, as no export does: it was not opened. "
                "Get the file from its source again."
            )
        if number == 0:
            spread.sheet = is_sheet(chunk)
            spread.miscounted = any(int(count) > part.file_size for count in _COUNT.findall(chunk[:_OVERLAP]))
        if spread.sheet:
            # Whatever writes a cell twice does so in every row: the first piece stands for all.
            spread.unusual |= number == 0 and holds_a_place_twice(chunk)
            spread.add(chunk)
    if spread.sheet:
        with package.open(part) as stream:
            spread.unusual |= _wide(stream.read(2)) is not None
    if "/worksheets/" in path and path.endswith(".bin"):
        return spread_of_xlsb(package.read(part))
    return spread_of_ods(package.read(part)) if path == "content.xml" and size <= _LARGEST_STYLES else spread


def _count(written: bytes) -> int:
    """A number of blanks; what is written in no usual way counts as too many."""
    return int(written) if written.isdigit() and len(written) < 12 else _MOST_SPACES + 1


def _note_sheet(package: zipfile.ZipFile, part: zipfile.ZipInfo, notes: PartNotes) -> None:
    """Take notes on a part, if it is a sheet."""
    for number, chunk in enumerate(_chunks(package, part)):
        if number == 0 and not is_sheet(chunk):
            return
        _note_cells(chunk, part.filename, notes)


def _note_cells(chunk: bytes, part: str, notes: PartNotes) -> None:
    """Take notes on a piece of a sheet."""
    note_xlsx(chunk, notes.hidden.setdefault(part, Hidden()))
    cells = notes.cells.setdefault(part, SpecialCells())
    if b"mergeCell " in chunk:
        for left, top, right, bottom in _MERGE.findall(chunk):
            columns = column_number(left.decode()), column_number(right.decode())
            cells.note_merge((int(top), int(bottom)), columns)
    if notes.styled:
        for column, row, style in notes.styled.findall(chunk):
            cells.formats.append((int(row), column_number(column.decode()), notes.special[int(style)]))
    note_xlsx_formulas(chunk, notes.formulas.setdefault(part, Formulas()))


def _name_sheets(package: zipfile.ZipFile, notes: PartNotes) -> None:
    """Which part holds which sheet; left empty where the package is unusual, which only costs the notes."""
    names = set(package.namelist())
    workbook = next((f"xl/workbook.{end}" for end in ("xml", "bin") if f"xl/workbook.{end}" in names), None)
    if workbook is None or f"xl/_rels/{workbook[3:]}.rels" not in names:
        return
    relations = package.read(f"xl/_rels/{workbook[3:]}.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        ident, target = re.search(r'\bId="([^"]*)"', tag), re.search(r'\bTarget="([^"]*)"', tag)
        if ident and target:
            targets[ident[1]] = target[1].lstrip("/") if target[1].startswith("/") else f"xl/{target[1]}"
    if workbook.endswith(".bin"):
        sheets = xlsb_sheets(package.read(workbook))
        notes.sheet_parts = {sheet: targets.get(relation, "") for sheet, relation in sheets.items()}
        return
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", package.read(workbook).decode("utf-8", "replace")):
        title, ident = re.search(r'\bname="([^"]*)"', tag), re.search(r'\b\w+:id="([^"]*)"', tag)
        if title and ident:
            notes.sheet_parts[_unescape(title[1])] = targets.get(ident[1], "")


def _unescape(text: str) -> str:
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text
