"""What only a cell's number format tells: the currency of an amount, the leading zeros of an id, filled merges."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from ..values.currencies import currency_code

_FORMAT = re.compile(r"<(?:\w+:)?numFmt\b[^>]*>")
_FORMAT_CODE = re.compile(r'\bformatCode="([^"]*)"')
_CELL_STYLES = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(r"<(?:\w+:)?xf\b[^>]*>")
_FORMAT_ID = re.compile(r'\bnumFmtId="(\d+)"')
_TAGGED = re.compile(r"\[\$([^\]-]+)(?:-([0-9A-Fa-f]+))?\]")
_QUOTED = re.compile(r'"([^"]+)"')
_YEN_OF_JAPAN = "411"
_DOLLARS = {
    "C04": "HKD",
    "404": "TWD",
    "1004": "SGD",
    "4809": "SGD",
    "C09": "AUD",
    "1009": "CAD",
    "C0C": "CAD",
    "1409": "NZD",
}
_MOST_ZEROS = 40


@dataclass
class SpecialCells:
    """Cells of one sheet whose format or merge says more than their value; rows and columns count from 1."""

    currencies: list[tuple[int, int, str]] = field(default_factory=list)
    zeros: list[tuple[int, int, int]] = field(default_factory=list)
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    """Column, first row, last row of a merge down one column."""
    ranges: int = 0
    """How many ranges of cells are merged, in whatever direction."""
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    """Row, column and text of cells whose value the reader does not give, as errors in an ods file."""
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    """Row and column of formulas whose 0 is no result."""


def special_styles(styles: str) -> dict[int, str | int]:
    """Style number → ISO code of its currency, or the digits it pads with zeros.

    Formats with a bare ``$`` or ``¥`` follow the reader's own country settings and say nothing.

    Examples
    --------
    >>> special_styles('<numFmt numFmtId="164" formatCode="[$€-407]#,##0"/><cellXfs><xf numFmtId="164"/></cellXfs>')
    {0: 'EUR'}
    """
    codes = dict[int, str]()
    for tag in _FORMAT.findall(styles):
        number, code = _FORMAT_ID.search(tag), _FORMAT_CODE.search(tag)
        if number and code:
            codes[int(number[1])] = unescape(code[1])
    block = _CELL_STYLES.search(styles)
    numbers = [_FORMAT_ID.search(style) for style in _STYLE.findall(block[0])] if block else []
    return meant_by(codes, [int(number[1]) if number else 0 for number in numbers])


def meant_by(codes: Mapping[int, str], styles: Sequence[int]) -> dict[int, str | int]:
    """Style number → what `special_styles` says, from the codes of formats by number and the format of each style."""
    meaning = {number: found for number, code in codes.items() if (found := _meaning(code))}
    return {style: meaning[number] for style, number in enumerate(styles) if number in meaning}


def _meaning(code: str) -> str | int | None:
    """ISO code, number of padded digits, or None."""
    positive = code.split(";")[0]
    # A country, a colour and a blank as wide as a sign change nothing about the digits.
    digits = re.sub(r"\[[^\]]*\]|_.", "", positive).strip()
    if re.fullmatch(r"0{2,40}", digits):
        return len(digits)
    for sign, country in _TAGGED.findall(positive):
        country = country.upper().lstrip("0")
        if sign == "¥" and country == _YEN_OF_JAPAN:
            return "JPY"
        if sign == "$" and country in _DOLLARS:
            return _DOLLARS[country]
        if found := currency_code(sign):
            return found
    for text in _QUOTED.findall(positive):
        stripped = text.strip()
        if stripped not in ("$", "¥", "￥") and (found := currency_code(stripped)):
            return found
    return None


def fill_cells(values: list[str | None], column: int, cells: SpecialCells) -> list[str | None]:
    """A column's texts with currencies before amounts, zeros before ids, merged values in all their rows, no false 0.

    Parameters
    ----------
    values
        The column's texts from row 1.
    column
        Its number in the sheet, from 1.
    cells
        What was found.
    """
    values = list(values)
    for row, at in cells.uncalculated:
        if at == column and row <= len(values):
            values[row - 1] = None
    for row, at, code in cells.currencies:
        text = values[row - 1] if at == column and row <= len(values) else None
        if text is not None and re.fullmatch(r"-?\d+(\.\d+)?", text):
            values[row - 1] = f"{code} {text}"
    for row, at, digits in cells.zeros:
        text = values[row - 1] if at == column and row <= len(values) else None
        if text is not None and text.isdecimal():
            values[row - 1] = text.zfill(min(digits, _MOST_ZEROS))
    for row, at, text in cells.texts:
        if at == column and row <= len(values):
            values[row - 1] = text
    for at, first, last in cells.merges:
        if at == column and first <= len(values):
            for row in range(first, min(last, len(values))):
                values[row] = values[row] if values[row] is not None else values[first - 1]
    return values


def column_number(letters: str) -> int:
    """The number of a column from its letters.

    Examples
    --------
    >>> column_number("A"), column_number("AB")
    (1, 28)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def letters(number: int) -> str:
    """The letters of a column from its number.

    Examples
    --------
    >>> letters(1), letters(28)
    ('A', 'AB')
    """
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
