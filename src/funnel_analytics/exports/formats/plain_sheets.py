"""Sheets of an xlsx file written in unusual ways, written again in the usual one: what was checked is what is read."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from xml.sax.saxutils import escape

import lxml.etree

from ...errors import ExportError
from .number_formats import column_number, letters

_SHEET = re.compile(rb"<(?:\w+:)?worksheet\b")
_PREFIX = re.compile(rb"<(\w+):worksheet\b")
_OTHER_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding=[\"'](?!utf-8[\"']|us-ascii[\"'])", re.IGNORECASE)
_BEYOND = re.compile(rb'c(?! r="[A-Z]\d)(?<=[<:]c)[\s/>]')
_PLACELESS = re.compile(rb'c(?! r="[A-Z])(?<=[<:]c)[\s/>]')
_ODD = re.compile(rb"""t="inlineStr"[^>]*><v|<(?:row|col|c)\s[^>]*='""")
_PLACE = re.compile(r"\$?([A-Za-z]{1,4})\$?(\d{1,9})")
_ERRORS = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"}
"""What the reader knows as error values; newer ones, as #SPILL!, are given to it as text."""
_STATED = re.compile(rb' r="([A-Z]{1,4}\d{1,9})"')
_COLUMN = ("min", "max", "hidden", "width")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def is_sheet(beginning: bytes) -> bool:
    """Whether a part is a sheet, whatever its name: by its first element."""
    return _SHEET.search(beginning[:65_536]) is not None


def prefix_of(beginning: bytes) -> bytes | None:
    """The prefix of a sheet's element names, as in ``<x:worksheet>``."""
    found = _PREFIX.search(beginning[:65_536])
    return None if found is None else found[1]


def reaches_beyond(chunk: bytes) -> bool:
    """Whether any cell of a piece of a sheet stands beyond column Z, or is written unusually."""
    return _BEYOND.search(chunk) is not None


def is_unusual(chunk: bytes, *, first: bool) -> bool:
    """Whether a piece of a sheet is written so that a glance at its tags may miss what a reader finds in it.

    Cells without their place or with another attribute before it; in the first piece, which stands for all, also
    other quotation marks, other encodings, and texts where another element belongs.
    """
    odd = first and (_ODD.search(chunk) or _OTHER_ENCODING.search(chunk[:200]))
    return bool(odd) or _PLACELESS.search(chunk) is not None


def holds_a_place_twice(chunk: bytes) -> bool:
    """Whether two cells of a piece of a sheet state the same place: the reader would take the last without a word."""
    places = _STATED.findall(chunk)
    return len(set(places)) < len(places)


def repacked(content: bytes, changed: Mapping[str, bytes]) -> bytes:
    """A zip package with some of its parts changed."""
    target = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as package,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy,
    ):
        for name in package.namelist():
            held = changed.get(name)
            copy.writestr(name, package.read(name) if held is None else held)
    return target.getvalue()


def in_plain_form(content: bytes, parts: list[str], file: str) -> bytes:
    """A workbook in which these sheets are written in the usual way.

    Parameters
    ----------
    content
        A checked xlsx file.
    parts
        The parts that are written again.
    file
        Its name, for messages.

    Raises
    ------
    ExportError
        If a part is no XML, or gives one cell twice with two values.
    """
    with zipfile.ZipFile(BytesIO(content)) as package:
        changed = {}
        for part in parts:
            try:
                with package.open(part) as stream:
                    changed[part] = b"".join(_plain(stream, file))
            except lxml.etree.XMLSyntaxError as error:
                raise ExportError(
                    f"'{file}' is damaged: one of its sheets is no XML ({error.msg}). Download or export it again."
                ) from error
    return repacked(content, changed)


def _plain(stream: object, file: str) -> Iterator[bytes]:
    rows: dict[int, tuple[str, dict[int, str]]] = {}
    before, after, row = list[str](), list[str](), 0
    events = lxml.etree.iterparse(stream, ("end",), resolve_entities=False, no_network=True, huge_tree=False)
    for _, element in events:
        name = lxml.etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "row":
            stated = element.get("r") or ""
            row = int(stated) if re.fullmatch(r"\d{1,9}", stated) else row + 1
            _add_row(element, row, rows, file)
            element.clear()
        elif name == "col":
            before.append(f"<col{_attributes(element, _COLUMN)}/>")
        elif name == "sheetFormatPr":
            before.insert(0, f"<sheetFormatPr{_attributes(element, ('zeroHeight',))}/>")
        elif name == "mergeCell":
            after.append(f"<mergeCell{_attributes(element, ('ref',))}/>")
    yield f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}">'.encode()
    columns = "".join(text for text in before if text.startswith("<col"))
    yield "".join(text for text in before if not text.startswith("<col")).encode()
    yield f"<cols>{columns}</cols><sheetData>".encode() if columns else b"<sheetData>"
    for number in sorted(rows):
        attributes, cells = rows[number]
        yield f'<row r="{number}"{attributes}>{"".join(cells[at] for at in sorted(cells))}</row>'.encode()
    yield b"</sheetData>"
    yield f"<mergeCells>{''.join(after)}</mergeCells></worksheet>".encode() if after else b"</worksheet>"


def _attributes(element: lxml.etree._Element, names: tuple[str, ...]) -> str:
    held = {name: element.get(name) for name in names}
    return "".join(f' {name}="{_quoted(text)}"' for name, text in held.items() if text is not None)


def _quoted(text: str) -> str:
    return escape(text, {'"': "&quot;"})


def _add_row(element: lxml.etree._Element, number: int, rows: dict[int, tuple[str, dict[int, str]]], file: str) -> None:
    """The cells of a row, each where it says it stands, else behind the one before it."""
    column = 0
    for cell in element.iterchildren("{*}c"):
        place = _PLACE.fullmatch((cell.get("r") or "").strip())
        column = column_number(place[1].upper()) if place else column + 1
        at = int(place[2]) if place else number
        cells = rows.setdefault(at, ("", {}))[1]
        text = _cell(cell, f"{letters(column)}{at}")
        if cells.setdefault(column, text) != text:
            raise ExportError(
                f"'{file}' holds the cell {letters(column)}{at} twice (a duplicate) with different values, so it is not"
                " clear which one counts. Open it in Excel and save it again."
            )
    attributes = _attributes(element, ("hidden", "ht"))
    rows[number] = (attributes, rows[number][1] if number in rows else {})


def _cell(cell: lxml.etree._Element, place: str) -> str:
    kind, style = cell.get("t"), cell.get("s")
    formula, value = cell.find("{*}f"), cell.findtext("{*}v")
    inline = cell.find("{*}is")
    if inline is not None and kind in ("inlineStr", None):
        kind = "str"
        texts = (text for text in inline.iter("{*}t") if not any(True for _ in text.iterancestors("{*}rPh")))
        value = "".join(text.text or "" for text in texts)
    elif kind == "inlineStr" or (kind == "e" and value is not None and value.strip() not in _ERRORS):
        kind = "str"
    parts = [f'<c r="{place}"', f' s="{_quoted(style)}"' if style else "", f' t="{_quoted(kind)}"' if kind else ""]
    if formula is None and not value:
        return f"{''.join(parts[:2])}/>"
    if formula is not None:
        parts.append(f"><f>{escape(formula.text or '')}</f>")
    else:
        parts.append(">")
    parts.append("" if value is None else f"<v>{escape(value)}</v>")
    return f"{''.join(parts)}</c>"
