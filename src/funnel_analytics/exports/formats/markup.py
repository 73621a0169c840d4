"""From tables written in HTML or XML (web pages, web archives, XML Spreadsheet 2003) to sheets of text cells.

Many systems write such files and call them .xls. Nothing in them is run, fetched or expanded.
"""

import email
import email.policy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import zip_longest

import lxml.etree
import lxml.html
import numpy as np
import pyarrow as pa

from ...errors import ExportError, OwnReviewError
from .cells import Sheet, spreadsheet_text, text_frame
from .encodings import decode
from .far_cells import far_from_table, said_of_far
from .formulas import Formulas
from .hidden_parts import Hidden
from .number_formats import meant_by, shown_as, shows_more

_LARGEST = 256 * 1024**2
_MOST_COLUMNS = 16_384
_HEADINGS = 4
_MOST_CELLS = 20_000_000
_MANY_PLACES, _SPARSE = 200_000, 2
_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_ONE_BYTE = re.compile(r"(?:iso-?8859|windows-125|cp125|latin|us-ascii)", re.IGNORECASE)
_LAST_ROW = 1_048_576
_UNSEEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MIDNIGHT = re.compile(r"T00:00:00(?:\.0+)?$")

Rows = list[list[str | None]]


def _refuse_large(content: bytes, file: str) -> None:
    if len(content) > _LARGEST:
        raise ExportError(
            f"'{file}' is a table in HTML or XML of more than {_LARGEST // 1024**2} MB. Export it as CSV."
        )


def _sheet(file: str, name: str | None, grid: "_Grid", notes: tuple[str, ...], hidden: bool = False) -> Sheet:
    far = grid.leave_far_cells()
    columns = [pa.chunked_array([pa.array(cells, pa.large_string())]) for cells in zip_longest(*grid.rows)]
    frame = text_frame([spreadsheet_text(column) for column in columns])
    unseen = grid.hidden.notes(1, frame.shape[1])
    return Sheet(
        file,
        name,
        frame,
        1,
        (*notes, *unseen, *grid.formulas.notes(), *far),
        hidden,
        tuple(grid.merged),
        tuple(grid.across),
    )


class _Grid:
    """Rows being filled from left to right, with cells that reach over several rows or columns."""

    def __init__(self, file: str) -> None:
        self.file, self.count = file, 0
        self.rows: Rows = []
        self.hidden = Hidden()
        self.formulas = Formulas()
        self.merged: list[tuple[int, int, int]] = []
        self.across: list[tuple[int, int, int]] = []
        self._carried: dict[int, str | None] = {}
        self._below: dict[int, tuple[int, str | None]] = {}

    def start_row(self, number: int | None = None) -> None:
        """A new row; a number (from 1) leaves blank rows before it."""
        if number is not None and number > _LAST_ROW:
            self._count(_MOST_CELLS + 1)
        while number is not None and len(self.rows) < number - 1:
            self._count(1)
            self.rows.append([])
        self._carried = {column: text for column, (left, text) in self._below.items() if left > 0}
        self._below = {column: (left - 1, text) for column, (left, text) in self._below.items() if left > 1}
        self.rows.append([])

    def add(self, text: str | None, *, column: int | None = None, wide: int = 1, high: int = 1) -> None:
        """A cell at the next free column, or at a given one (from 1)."""
        row = self.rows[-1]
        if column is not None:
            self._count(max(column - 1 - len(row), 0))
            while len(row) < column - 1:
                row.append(self._carried.pop(len(row), None))
        while len(row) in self._carried:
            row.append(self._carried.pop(len(row)))
        place = len(row)
        if place + wide > _MOST_COLUMNS:
            raise ExportError(f"'{self.file}' has a row of more than {_MOST_COLUMNS:,} columns. Export it again.")
        self._count(wide)
        row += [text, *[None] * (wide - 1)]
        if wide > 1 and high == 1:
            self.across.append((len(self.rows), place, place + wide - 1))
        if high > 1:
            self.merged += [(place, len(self.rows), len(self.rows) + high - 1)] if wide == 1 else []
            # A value merged down one column belongs to all its rows; one over several columns is a heading.
            for at in range(place, place + wide):
                self._below[at] = (high - 1, text if wide == 1 else None)

    def end_row(self) -> None:
        """Cells from rows above that reach into this row behind its last own cell."""
        row = self.rows[-1]
        while self._carried:
            row.append(self._carried.pop(len(row), None))

    def leave_far_cells(self) -> list[str]:
        """Leave out lone cells far from the table, which would stretch it, and say so."""
        if len(self.rows) * max(map(len, self.rows), default=0) <= max(_MANY_PLACES, _SPARSE * self.count):
            return []
        held = [(row, at) for row, cells in enumerate(self.rows, 1) for at, text in enumerate(cells, 1) if text]
        far, named = far_from_table(np.array(held).reshape(-1, 2), np.ones(len(held), dtype=bool))
        for (row, at), is_far in zip(held, far.tolist(), strict=True):
            self.rows[row - 1][at - 1] = None if is_far else self.rows[row - 1][at - 1]
        for cells in self.rows:
            while cells and not cells[-1]:
                cells.pop()
        while self.rows and not self.rows[-1]:
            self.rows.pop()
        return [said_of_far(named)] if named else []

    def _count(self, cells: int) -> None:
        self.count += cells
        if self.count > _MOST_CELLS:
            raise ExportError(f"'{self.file}' holds more than {_MOST_CELLS:,} cells. Export it as CSV.")


def read_html(content: bytes, file: str) -> list[Sheet]:
    """Every table of a web page, nested ones for themselves; tables that only lay out the page are left out.

    Parameters
    ----------
    content
        The file's bytes.
    file
        Its name, for messages.

    Raises
    ------
    ExportError
        If it holds no table.

    Examples
    --------
    >>> page = b"<table><tr><th>id<th>amount<tr><td>007<td>1,200.50</table>"
    >>> read_html(page, "deals.xls")[0].cells.values.tolist()
    [['id', 'amount'], ['007', '1,200.50']]
    """
    _refuse_large(content, file)
    if OwnReviewError.MARK.encode() in content[:2048]:
        raise OwnReviewError(file)
    text, notes = _page_text(content, file)
    document = lxml.html.document_fromstring(text) if text.strip() else None
    tables = [] if document is None else [_html_rows(table, file) for table in document.iter("table")]
    # A row of headings alone is an export without records; one or two cells only lay out the page.
    headings_only = [
        grid for grid in tables if len(grid.rows) == 1 and len(grid.rows[0]) >= _HEADINGS and all(grid.rows[0])
    ]
    tables = [grid for grid in tables if len(grid.rows) > 1 and max(map(len, grid.rows)) > 1] or headings_only
    if not tables:
        raise ExportError(f"'{file}' is a web page (HTML) without a table in it. Export it as .xlsx or CSV.")
    said = ("a web page (HTML), read as a table", *notes, *_cut_off(text))
    return [
        _sheet(file, None if len(tables) == 1 else f"table {number}", grid, said)
        for number, grid in enumerate(tables, start=1)
    ]


def _cut_off(text: str) -> tuple[str, ...]:
    """What to say of a page that ends inside its table, as after a download that was interrupted."""
    end = text[text.lower().rfind("<tr") :].lower()
    whole = "</table" in end or "</html" in end or ("</table" not in text.lower() and end.rstrip().endswith("</tr>"))
    return (
        ()
        if whole
        else ("the page ends in the middle of its table, rows can be missing: get the file from its source again",)
    )


def _page_text(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """The page's text; the encoding that it states counts where its bytes fit it."""
    stated = _CHARSET.search(content[:8192])
    if stated and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = stated[1].decode("ascii")
        # Browsers read gb2312 as its superset, and so do those who write it.
        name = "gb18030" if name.lower() in ("gb2312", "gbk") else name
        try:
            if _ONE_BYTE.match(name) and not content.isascii():
                # Any bytes fit these encodings; UTF-8 does not fit by accident.
                content.decode("utf-8")
                name = "utf-8"
        except UnicodeDecodeError:
            pass
        try:
            return _DECLARATION.sub("", content.decode(name)), (f"encoding {name.lower()}",)
        except (UnicodeDecodeError, LookupError):
            pass
    text, notes = decode(content, file)
    return _DECLARATION.sub("", text.removeprefix("\ufeff")).replace("\x00", ""), notes


def _span(cell: lxml.html.HtmlElement, name: str, most: int) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), most) if re.fullmatch(r"\d{1,6}", text) else 1


def _html_rows(table: lxml.html.HtmlElement, file: str) -> _Grid:
    grid = _Grid(file)
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    for left, row in zip(range(len(rows), 0, -1), rows, strict=True):
        grid.start_row()
        grid.hidden.rows += row.get("hidden") is not None or _UNSEEN.search(row.get("style") or "") is not None
        for cell in row.iterchildren("td", "th"):
            wide, high = _span(cell, "colspan", 1000), _span(cell, "rowspan", left)
            grid.add(_html_text(cell), wide=wide, high=high)
        grid.end_row()
    return grid


def _html_text(cell: lxml.html.HtmlElement) -> str | None:
    parts: list[str] = []
    for node in cell.iter():
        if node is not cell and node.tag in ("br", "p", "div", "tr", "li"):
            parts.append("\n")
        if isinstance(node.tag, str) and node.tag not in ("script", "style"):
            parts.append(_BLANKS.sub(" ", node.text or ""))
        if node is not cell:
            parts.append(_BLANKS.sub(" ", node.tail or ""))
    lines = "".join(parts).replace("\xa0", " ").split("\n")
    shown = "\n".join(line for line in map(str.strip, lines) if line) or None
    # Excel writes the unrounded number beside the displayed one; an id shown with its letters is more than its number.
    number = (cell.get("x:num") or "").strip()
    return number if number and not shows_more(number, shown or "") else shown


def read_web_archive(content: bytes, file: str) -> list[Sheet]:
    """The tables of every page in a web archive (MIME, "Single File Web Page").

    Raises
    ------
    ExportError
        If no page in it holds a table.
    """
    _refuse_large(content, file)
    message = email.message_from_bytes(content, policy=email.policy.compat32)
    pages = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/html"]
    sheets: list[Sheet] = []
    for page in pages:
        try:
            sheets += read_html(page, file) if isinstance(page, bytes) else []
        except ExportError:
            # The frame around the sheets has no table of its own.
            continue
    if not sheets:
        raise ExportError(f"'{file}' is a web archive (MIME) without a table in it. Export it as .xlsx or CSV.")
    return [
        replace(sheet, name=f"table {number}" if len(sheets) > 1 else None, notes=("a web archive", *sheet.notes))
        for number, sheet in enumerate(sheets, start=1)
    ]


def read_xml_spreadsheet(content: bytes, file: str) -> list[Sheet]:
    """The sheets of an XML Spreadsheet 2003.

    Raises
    ------
    ExportError
        If it is damaged, holds a DTD, or has no cells.
    """
    _refuse_large(content, file)
    if any("<!DOCTYPE".encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
        raise ExportError(
            f"'{file}' holds a document type definition (DTD, entities), which no spreadsheet program writes "
            "and which is unsafe to open. Get the file from its source again."
        )
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = lxml.etree.fromstring(content.lstrip(b"\r\n\t "), parser)
    except lxml.etree.XMLSyntaxError as error:
        raise ExportError(
            f"'{file}' is a damaged XML Spreadsheet 2003 ({error.msg}). Open it in Excel, save it as .xlsx."
        ) from error
    sheets, meaning = list[Sheet](), _xml_styles(root)
    from_1904 = next(root.iter("{*}Date1904"), None) is not None
    for number, sheet in enumerate(root.iter(f"{_SS}Worksheet"), start=1):
        hidden = any((mark.text or "").startswith("Sheet") for mark in sheet.iter("{*}Visible"))
        name = sheet.get(f"{_SS}Name") or f"Sheet{number}"
        grid = _xml_rows(sheet, file, meaning)
        read = _sheet(file, name, grid, ("XML Spreadsheet 2003",), hidden)
        sheets.append(replace(read, from_1904=from_1904))
    if not any(len(sheet.cells) for sheet in sheets):
        raise ExportError(f"'{file}' is an XML Spreadsheet 2003 without any cells. Export it again.")
    return sheets


def _number(element: lxml.etree._Element, name: str) -> int | None:
    text = element.get(f"{_SS}{name}") or ""
    return int(text) if re.fullmatch(r"\d{1,7}", text) else None


def _xml_styles(root: lxml.etree._Element) -> dict[str, str]:
    """Style → what its number format says of a number."""
    styles = [
        (style.get(f"{_SS}ID") or "", form.get(f"{_SS}Format") or "")
        for style in root.iter(f"{_SS}Style")
        for form in style.iterchildren(f"{_SS}NumberFormat")
    ]
    meaning = meant_by({number: code for number, (_, code) in enumerate(styles)}, range(len(styles)))
    return {styles[number][0]: meant for number, meant in meaning.items()}


def _xml_rows(sheet: lxml.etree._Element, file: str, meaning: Mapping[str, str]) -> _Grid:
    grid, column = _Grid(file), 0
    for wide in sheet.iter(f"{_SS}Column"):
        first = _number(wide, "Index") or column + 1
        column = first + (_number(wide, "Span") or 0)
        if wide.get(f"{_SS}Hidden") == "1":
            grid.hidden.add_columns(first, column)
    for row in sheet.iter(f"{_SS}Row"):
        grid.start_row(_number(row, "Index"))
        grid.hidden.rows += row.get(f"{_SS}Hidden") == "1"
        for cell in row.iterchildren(f"{_SS}Cell"):
            wide, high = (_number(cell, "MergeAcross") or 0) + 1, (_number(cell, "MergeDown") or 0) + 1
            meant = meaning.get(cell.get(f"{_SS}StyleID") or "")
            text = _xml_text(cell, meant)
            grid.formulas.columns[0].none += text is None and cell.get(f"{_SS}Formula") is not None
            grid.add(text, column=_number(cell, "Index"), wide=wide, high=high)
        grid.end_row()
    return grid


def _xml_text(cell: lxml.etree._Element, meant: str | None) -> str | None:
    texts = list(_data_texts(cell))
    if not texts:
        return None
    kind, text = texts[0]
    if kind in ("Number", "String") and text and meant is not None:
        return shown_as(text, meant)
    if kind == "Boolean":
        return {"1": "TRUE", "0": "FALSE"}.get(text, text)
    return _MIDNIGHT.sub("", text) if kind == "DateTime" else text or None


def _data_texts(cell: lxml.etree._Element) -> Iterator[tuple[str, str]]:
    for data in cell.iterchildren(f"{_SS}Data"):
        yield data.get(f"{_SS}Type") or "String", "".join(data.itertext())
