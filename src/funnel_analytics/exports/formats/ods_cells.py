"""Cells of an ods file of which the reader gives less than they show: currencies, units, ids, merges, errors, hours."""

import re
from collections.abc import Iterator, Mapping
from html import unescape

from ..values.currencies import currency_code
from ..values.parsed import is_error
from .number_formats import SpecialCells, code_of_sign, shows_more, unit_shown

_TABLE = re.compile(r'<table:table\b[^>]*?\btable:name="([^"]*)"')
_ROW = re.compile(r"<table:table-row\b([^>]*)(?:/>|(?<!/)>(.*?)</table:table-row>)", re.DOTALL)
_CELL = re.compile(r"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(.*?)</table:(?:covered-)?table-cell>)", re.DOTALL)
_TELLING = re.compile(
    r'office:currency=|spanned="(?!1")|value-type="(?:error|time)"|<text:p>(?:#|Err:|0\d|[A-Z]{3} ?[\d-])|\d ?[A-Z]{3}</text:p>'
    r'|value-type="float"[^>]*>\s*<text:p>(?:[^\W\d]|[\d.,]*\d ?[^\W\d])'
)
_CODED = re.compile(r"([A-Z]{3}) ?-?[\d.,]+|-?[\d.,]+ ?([A-Z]{3})")
_TAG = re.compile(r"<[^>]+>")
_SIGNED = re.compile(
    r'<number:currency-style style:name="([^"]+)"(?:(?!</number:currency-style>).)*?<number:currency-symbol([^>]*)>',
    re.DOTALL,
)
_STYLED = re.compile(r'<style:style\b(?=[^>]*\bstyle:name="([^"]+)")(?=[^>]*\bstyle:data-style-name="([^"]+)")[^>]*>')
_MOST = 1_024
_MOST_REPEATED = 10_000


def _value(tag: str, name: str) -> str | None:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return None if found is None else found[1]


def _times(tag: str, what: str) -> int:
    return int(_value(tag, f"table:number-{what}-repeated") or 1)


def special_ods_cells(content: str, styles: str = "") -> dict[str, SpecialCells]:
    """Sheet name → its special cells, of the content and the common styles of an ods file.

    Examples
    --------
    >>> cell = '<table:table-cell office:value-type="currency" office:currency="EUR" office:value="5"/>'
    >>> found = special_ods_cells(f'<table:table table:name="S"><table:table-row>{cell}</table:table-row>')
    >>> found["S"].formats
    [(1, 1, 'EUR {}')]
    """
    found, countries = dict[str, SpecialCells](), _countries(styles + content)
    tables = list(_TABLE.finditer(content))
    for table, end in zip(tables, [*(other.start() for other in tables[1:]), len(content)], strict=True):
        part, row = content[table.end() : end], 1
        if not _TELLING.search(part):
            continue
        cells = found.setdefault(unescape(table[1]), SpecialCells())
        for attributes, held in _ROW.findall(part):
            times = _times(attributes, "rows")
            for column, cell, text in _cells(held) if _TELLING.search(held) else ():
                for at in range(row, row + min(times, _MOST_REPEATED)):
                    _note(cell, text, (at, column), cells, countries)
            row += times
    return found


def _cells(row: str) -> Iterator[tuple[int, str, str]]:
    """Column, attributes and content of each cell that holds anything or reaches further."""
    column = 1
    for attributes, text in _CELL.findall(row):
        times = _times(attributes, "columns")
        if text or "office:value" in attributes or "spanned=" in attributes:
            yield from ((at, attributes, text) for at in range(column, column + min(times, _MOST)))
        column += times


def _countries(styles: str) -> dict[str, str]:
    """Style of cells → the country whose currency it writes, as "ja-JP"."""
    signed = {
        name: f"{_value(sign, 'number:language') or ''}-{_value(sign, 'number:country') or ''}"
        for name, sign in _SIGNED.findall(styles)
    }
    return {style: signed[form] for style, form in _STYLED.findall(styles) if form in signed}


def _note(cell: str, content: str, place: tuple[int, int], cells: SpecialCells, countries: Mapping[str, str]) -> None:
    high, wide = (int(_value(cell, f"table:number-{what}-spanned") or 1) for what in ("rows", "columns"))
    if high > 1 or wide > 1:
        cells.note_merge((place[0], place[0] + high - 1), (place[1], place[1] + wide - 1))
    text = unescape(_TAG.sub("", content)).strip()
    coded = _CODED.fullmatch(text)
    number = 'value-type="float"' in cell
    if code := _value(cell, "office:currency") or (number and coded and currency_code(coded[1] or coded[2])):
        # Where a country has no code of its own for it, the sign stands there: ¥.
        country = countries.get(_value(cell, "table:style-name") or "", "")
        cells.formats.append((*place, f"{code_of_sign(code, country) or code} {{}}"))
    # What is shown is more than the value: hours beyond a day, an error, an id with its letters and zeros, a unit.
    value = (_value(cell, "office:value") or "") if number else ""
    value = value.removesuffix(".0")
    if unit := unit_shown(value, text):
        cells.formats.append((*place, f"{{}}{unit}"))
    error = is_error(text) and ('value-type="error"' in cell or 'office:string-value=""' in cell)
    if shows_more(value, text) or error or ('value-type="time"' in cell and text):
        cells.texts.append((*place, text))
