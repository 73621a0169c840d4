"""From a workbook (xlsx, xlsm, xlsb, xls, ods) to sheets of text cells, through the calamine reader."""

import os
import struct
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import fastexcel
import pyarrow as pa

from ...errors import ExportError
from .cells import Sheet, refuse_wide, spreadsheet_text, text_frame
from .far_cells import xls_without_far_cells
from .hidden_parts import xls_start
from .number_formats import SpecialCells, fill_cells
from .old_workbooks import in_western_bytes
from .workbook_parts import PartNotes, all_in_plain_form, check_package, package_notes

_ERROR_TEXT = {
    "NA": "#N/A",
    "Ref": "#REF!",
    "Div0": "#DIV/0!",
    "Value": "#VALUE!",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "GettingData": "#GETTING_DATA",
}
_BIFF_FILEPASS = 0x2F
_MOST_COLUMNS = 8_000
"""That hold anything. Tables have fewer, but those are found later."""


def read_workbook(content: bytes, file: str, kind: str) -> list[Sheet]:
    """Every sheet of a workbook, hidden ones included.

    Parameters
    ----------
    content
        The file's bytes.
    file
        Its name, for messages.
    kind
        xlsx, xlsb, ods or xls.

    Raises
    ------
    ExportError
        If it is protected, damaged, unsafe, or holds no cells at all.
    """
    content, far = xls_without_far_cells(content) if kind == "xls" else check_package(content, file)
    if kind == "xls" and _has_password(content):
        raise ExportError(f"'{file}' is protected by a password (encrypted). Save it without a password.")
    if kind == "ods" and b"encryption-data" in content:
        raise ExportError(f"'{file}' is protected by a password (encrypted). Save it without a password.")
    content, old = in_western_bytes(content) if kind == "xls" else (content, None)
    with ThreadPoolExecutor() as beside:
        # The reader leaves the interpreter free while it works: the notes cost no time.
        notes = beside.submit(package_notes, content, file, kind, far)
        sheets = _load(content, file, notes, beside)
    sheets = [old.sheet(sheet) for sheet in sheets] if old is not None else sheets
    if not any(len(sheet.cells) for sheet in sheets):
        named = ", ".join(f"'{sheet.name}'" for sheet in sheets)
        raise ExportError(f"'{file}' is empty: there is no data in its sheets ({named or 'none'}). Export it again.")
    return sheets


def _load(content: bytes, file: str, notes: Future[PartNotes], beside: ThreadPoolExecutor) -> list[Sheet]:
    try:
        return _loaded(content, file, notes, beside)
    except fastexcel.FastExcelError as error:
        again = all_in_plain_form(content, file)
        if again is not None:
            try:
                return _loaded(again, file, notes, beside)
            except fastexcel.FastExcelError:
                pass
        first = str(error).splitlines()[0].removeprefix("calamine error: ")
        raise ExportError(
            f"'{file}' cannot be opened as a workbook: it is damaged or protected by a password ({first}). "
            "Open it in Excel, save it as .xlsx, and read it again."
        ) from error
    except BaseException as error:
        # The reader is written in Rust: its "panics" derive from BaseException and are not importable.
        if type(error).__name__ != "PanicException":
            raise
        raise ExportError(
            f"'{file}' is damaged: the workbook reader gave up on it. Open it in Excel, save it as .xlsx, try again."
        ) from error


def _loaded(content: bytes, file: str, notes: Future[PartNotes], beside: ThreadPoolExecutor) -> list[Sheet]:
    with _silent_reader():
        reader = fastexcel.read_excel(content)
    return [_sheet(reader, name, file, notes, beside) for name in reader.sheet_names]


def _sheet(
    reader: fastexcel.ExcelReader, name: str, file: str, noted: Future[PartNotes], beside: ThreadPoolExecutor
) -> Sheet:
    # dtypes="string" for every cell: a reader that samples types turns later text into nothing without a word.
    # skip_rows=0 keeps leading blank rows, so that row numbers are Excel's.
    with _silent_reader():
        loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = loaded.to_arrow_with_errors()
    columns = [pa.chunked_array([column]) for column in _without_empty_end(batch.columns)]
    refuse_wide(f"{file} [{name}]", sum(column.null_count < len(column) for column in columns), _MOST_COLUMNS)
    found = {} if errors is None else _errors_by_column(errors.errors)
    columns = [_with_errors(column, found[i]) if i in found else column for i, column in enumerate(columns)]
    notes = noted.result()
    special = notes.cells_of(name)
    # The reader begins with the first column that holds anything.
    begin = loaded.selected_columns[0].absolute_index + 1 if columns else 1
    columns = _with_formats(list(beside.map(spreadsheet_text, columns)), begin, special)
    merged = tuple((at - begin, first, last) for at, first, last in special.merges)
    across = tuple((row, first - begin, last - begin) for row, first, last in special.across)
    frame = text_frame(columns)
    hidden = loaded.visible != "visible"
    said = notes.of(name, begin, len(columns))
    return Sheet(file, name, frame, 1, said, hidden, merged, across, notes.dates_1904)


def _without_empty_end(columns: list[pa.Array]) -> list[pa.Array]:
    """The columns up to the last that holds anything: formats alone can reach thousands of columns further."""
    last = next(
        (number for number in reversed(range(len(columns))) if columns[number].null_count < len(columns[number])), -1
    )
    return columns[: last + 1]


@contextmanager
def _silent_reader() -> Iterator[None]:
    """Keeps what the Rust reader prints about its own faults from the person's screen; they get our sentence."""
    try:
        screen = os.dup(2)
    except OSError:
        # No screen to keep clean (a program without a console).
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        sys.stderr.flush()
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(screen, 2)
        os.close(screen)
        os.close(nowhere)


def _errors_by_column(errors: list[fastexcel.CellError]) -> dict[int, dict[int, str]]:
    """Column → row → error text as Excel shows it, for the cells that hold an error value."""
    found: dict[int, dict[int, str]] = {}
    for error in errors:
        row, column = error.offset_position
        code = error.detail.partition("Error(")[2].rstrip("')")
        found.setdefault(column, {})[row] = _ERROR_TEXT.get(code, f"#{code.upper()}!")
    return found


def _with_errors(column: pa.ChunkedArray, errors: dict[int, str]) -> pa.ChunkedArray:
    """Error values stand in their cells as text: blank would be taken for "not filled in"."""
    values = column.to_pylist()
    for row, text in errors.items():
        values[row] = text
    return pa.chunked_array([pa.array(values, type=column.type)])


def _with_formats(columns: list[pa.ChunkedArray], first: int, cells: SpecialCells) -> list[pa.ChunkedArray]:
    """Columns, of which the first has a number in the sheet, with what only the cells' formats and merges say."""
    concerned = {at for _, at, _ in (*cells.formats, *cells.texts)}
    concerned |= {at for at, _, _ in cells.merges} | {at for _, at in cells.uncalculated}
    filled = []
    for number, column in enumerate(columns, start=first):
        if number in concerned:
            values = fill_cells(column.to_pylist(), number, cells)
            column = pa.chunked_array([pa.array(values, type=pa.large_string())])
        filled.append(column)
    return filled


def _has_password(content: bytes) -> bool:
    """Whether the workbook stream of an .xls starts with a FILEPASS record (MS-XLS 2.4.117)."""
    position = xls_start(content)
    for _ in range(8):
        if position < 0 or position + 4 > len(content):
            return False
        record, length = struct.unpack_from("<HH", content, position)
        if record == _BIFF_FILEPASS:
            return True
        position += 4 + length
    return False
