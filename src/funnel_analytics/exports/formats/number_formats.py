"""What only a cell's number format tells: currency and unit of an amount, letters and zeros of an id; filled merges."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from ..values.amounts_written import UNITS
from ..values.currencies import currency_code

_FORMAT = re.compile(r"<(?:\w+:)?numFmt\b[^>]*>")
_FORMAT_CODE = re.compile(r'\bformatCode="([^"]*)"')
_CELL_STYLES = re.compile(r"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(r"<(?:\w+:)?xf\b[^>]*>")
_FORMAT_ID = re.compile(r'\bnumFmtId="(\d+)"')
_TAGGED = re.compile(r"\[\$([^\]-]+)(?:-([^\]]*))?\]")
_QUOTED = re.compile(r'"([^"]+)"')
_SHARED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "¥": {"JPY": ("411", "JA-JP"), "CNY": ("804", "ZH-CN")},
    "$": {
        "USD": ("409", "540A", "300A", "440A", "500A", "EN-US"), "HKD": ("C04", "3C09", "ZH-HK", "EN-HK"),
        "TWD": ("404", "ZH-TW"), "SGD": ("1004", "4809", "ZH-SG", "EN-SG"), "AUD": ("C09", "EN-AU"),
        "CAD": ("1009", "C0C", "EN-CA", "FR-CA"), "NZD": ("1409", "EN-NZ"), "MXN": ("80A", "ES-MX"),
        "ARS": ("2C0A", "ES-AR"), "CLP": ("340A", "ES-CL"), "COP": ("240A", "ES-CO"), "UYU": ("380A", "ES-UY"),
    },
}  # fmt: skip
"""Signs of several currencies → ISO code → countries of a format, by number (MS-LCID) and by name."""
_MOST_DIGITS = 40
_DIGIT, _TEXT = "\0", "\1"
_PIECE = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|([#0,.]+|general|standard)|([-+() :\'])|(.)', re.IGNORECASE
)
_UNITS = re.compile(
    rf"(?:{'|'.join(sorted((u for u in UNITS if len(u) > 1 or not u.isascii() or u == 'k'), key=len, reverse=True))})",
    re.IGNORECASE,
)
"""Not the m of "12m", which can be months or metres."""
_AMOUNT = re.compile(r"[#0,]*[#0](?:\.[#0]+)?")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_NAMING = re.compile(r"(?:[^\W\d_].*)?[^\W_][-_#]?", re.DOTALL)


@dataclass
class SpecialCells:
    """Cells of one sheet whose format or merge says more than their value; rows and columns count from 1."""

    formats: list[tuple[int, int, str]] = field(default_factory=list)
    """Row, column, and how the number is shown, as `special_styles` says."""
    merges: list[tuple[int, int, int]] = field(default_factory=list)
    """Column, first row, last row of a merge down one column."""
    across: list[tuple[int, int, int]] = field(default_factory=list)
    """Row, first column, last column of a merge within one row."""
    ranges: int = 0
    """How many ranges of cells are merged, in whatever direction."""
    texts: list[tuple[int, int, str]] = field(default_factory=list)
    """Row, column and text of cells whose value the reader does not give, as errors in an ods file."""
    uncalculated: list[tuple[int, int]] = field(default_factory=list)
    """Row and column of formulas whose 0 is no result."""

    def note_merge(self, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        """Take note of a merged range: its first and last row and column."""
        self.ranges += 1
        if columns[0] == columns[1] and rows[0] < rows[1]:
            self.merges.append((columns[0], *rows))
        elif rows[0] == rows[1] and columns[0] < columns[1]:
            self.across.append((rows[0], *columns))


def special_styles(styles: str) -> dict[int, str]:
    """Style number → how its numbers are shown: ``EUR {}``, ``{}万``, or an id with a NUL for each digit.

    Formats with a bare ``$`` or ``¥`` follow the reader's own country settings and say nothing.

    Examples
    --------
    >>> special_styles('<numFmt numFmtId="164" formatCode="[$€-407]#,##0"/><cellXfs><xf numFmtId="164"/></cellXfs>')
    {0: 'EUR {}'}
    """
    codes = dict[int, str]()
    for tag in _FORMAT.findall(styles):
        number, code = _FORMAT_ID.search(tag), _FORMAT_CODE.search(tag)
        if number and code:
            codes[int(number[1])] = unescape(code[1])
    block = _CELL_STYLES.search(styles)
    numbers = [_FORMAT_ID.search(style) for style in _STYLE.findall(block[0])] if block else []
    return meant_by(codes, [int(number[1]) if number else 0 for number in numbers])


def meant_by(codes: Mapping[int, str], styles: Sequence[int]) -> dict[int, str]:
    """Style number → what `special_styles` says, from the codes of formats by number and the format of each style."""
    meaning = {number: found for number, code in codes.items() if (found := format_meaning(code))}
    return {style: meaning[number] for style, number in enumerate(styles) if number in meaning}


def format_meaning(code: str) -> str | None:
    """How a number format shows numbers, where it tells more than their values; None where it does not.

    Examples
    --------
    >>> format_meaning('0.0"万"'), format_meaning('#,##0,"k"'), format_meaning('[$€-407]#,##0')
    ('{}万', None, 'EUR {}')
    >>> shown_as("42", format_meaning('"OPP-"00000'))
    'OPP-00042'
    """
    positive = code.split(";")[0]
    # Cut at a semicolon inside quotation marks, which is none between sections.
    positive = code if positive.count('"') % 2 else positive
    pieces = list[tuple[str, bool]]()
    for quoted, escaped, tagged, digits, sign, other in _PIECE.findall(positive):
        if other:
            return _text_pattern(positive)
        text, counts = (digits, True) if digits else (quoted or escaped or tagged or sign, False)
        if text and pieces and pieces[-1][1] == counts:
            pieces[-1] = (pieces[-1][0] + text, counts)
        elif text:
            pieces.append((text, counts))
    currency, unit = _currency(positive), _unit(pieces)
    if currency or unit:
        return f"{currency} {{}}{unit}".strip()
    return _id_pattern(pieces)


def _text_pattern(code: str) -> str | None:
    """A text as a format such as "OPP-"@ shows it, with a mark where it stands; None where nothing is added to it."""
    parts = list[str]()
    for quoted, escaped, tagged, digits, sign, other in _PIECE.findall(code):
        if digits or tagged or (other and other != "@"):
            return None
        parts.append(_TEXT if other else quoted or escaped or sign)
    pattern = "".join(parts)
    return pattern if pattern.count(_TEXT) == 1 and _NAMING.fullmatch(pattern.partition(_TEXT)[0]) else None


def _unit(pieces: list[tuple[str, bool]]) -> str:
    """The unit behind the digits, as in 0"万元"; "" where a format has none, or shows fewer digits than there are."""
    if len(pieces) < 2 or pieces[-1][1] or not _AMOUNT.fullmatch(pieces[-2][0]) or not pieces[-2][1]:
        return ""
    if len(pieces) > 3 or (len(pieces) == 3 and currency_code(pieces[0][0].strip()) is None):
        return ""
    text = pieces[-1][0].strip()
    found = _UNITS.match(text)
    return text if found and currency_code(text[found.end() :].strip()) is not None else ""


def _id_pattern(pieces: list[tuple[str, bool]]) -> str | None:
    """An id as it is shown, a NUL for each digit: letters before it, or zeros that fill it up."""
    digits = "".join(text for text, counts in pieces if counts).lower()
    if digits in ("general", "standard"):
        digits, pieces = "#", [("#" if counts else text, counts) for text, counts in pieces]
    zeros = digits.lstrip("#")
    if not digits or set(zeros) - {"0", "#"} or len(zeros) > _MOST_DIGITS:
        return None
    naming = not pieces[0][1] and _NAMING.fullmatch(pieces[0][0]) is not None
    if not naming and len(zeros) < 2:
        return None
    lead, parts = len(digits) - len(zeros), list[str]()
    for text, counts in pieces:
        left = min(lead, len(text)) if counts else 0
        lead -= left
        parts.append(_DIGIT * (len(text) - left) if counts else text)
    pattern = "".join(parts)
    # A format of # alone shows the digits there are.
    return pattern if _DIGIT in pattern else pattern + _DIGIT


def _currency(positive: str) -> str:
    """The ISO code that a format names, or a sign that several share; "" where it names none."""
    for sign, country in _TAGGED.findall(positive):
        if code := code_of_sign(sign, country):
            return code
    for text in _QUOTED.findall(positive):
        stripped = text.strip()
        if stripped not in ("$", "¥", "￥") and (found := currency_code(stripped)):
            return found
    return ""


def code_of_sign(sign: str, country: str) -> str:
    """The ISO code of a currency's sign in a country, the sign where several share it; "" where it is none.

    Examples
    --------
    >>> code_of_sign("￥", "411"), code_of_sign("$", "es-MX"), code_of_sign("¥", ""), code_of_sign("€", "407")
    ('JPY', 'MXN', '¥', 'EUR')
    """
    sign, place = sign.strip().replace("￥", "¥"), country.upper().lstrip("0")
    codes = _SHARED[sign].items() if sign in _SHARED else ()
    return next((code for code, places in codes if place in places), sign if codes else currency_code(sign) or "")


def shown_as(text: str, meaning: str) -> str:
    r"""A number's text as its format shows it, as `format_meaning` says; itself where it is no such number.

    Examples
    --------
    >>> shown_as("5.5", "EUR {}"), shown_as("42", "A-" + "\0" * 4), shown_as("n/a", "EUR {}")
    ('EUR 5.5', 'A-0042', 'n/a')
    >>> shown_as("0042", format_meaning('"OPP-"@'))
    'OPP-0042'
    """
    if "{}" in meaning:
        return meaning.replace("{}", text) if _NUMBER.fullmatch(text) else text
    if _TEXT in meaning:
        # Not the heading, which the format of a whole column dresses as well.
        return meaning.replace(_TEXT, text) if any(mark.isdigit() for mark in text) else text
    count = meaning.count(_DIGIT)
    if not (text.isdecimal() and text.isascii()):
        return text
    digits = text.zfill(count)
    # More digits than places stand before the first.
    filled = meaning.replace(_DIGIT, digits[: len(digits) - count + 1], 1)
    for digit in digits[len(digits) - count + 1 :]:
        filled = filled.replace(_DIGIT, digit, 1)
    return filled


def shows_more(value: str, shown: str) -> bool:
    """Whether a text shows an id's letters, signs or zeros around a number, of which the value has none.

    Examples
    --------
    >>> shows_more("42", "OPP-00042"), shows_more("42", "00042"), shows_more("1200", "1,200"), shows_more("5", "5 days")
    (True, True, False, False)
    """
    digits = re.sub(r"\D", "", shown)
    if not (value.isdecimal() and digits) or int(digits) != int(value) or re.search(r"\d[.,'’\s]\d", shown):
        return False
    before = re.match(r"\D*", shown)
    lead = "" if before is None else before[0]
    if lead and currency_code(lead.strip()) is not None:
        return False
    return (digits.startswith("0") and len(digits) > 1) or bool(lead and _NAMING.fullmatch(lead))


def unit_shown(value: str, shown: str) -> str:
    """The unit shown behind a number that is shown as it is, at most rounded; "" where there is none.

    Examples
    --------
    >>> unit_shown("12", "12万"), unit_shown("1250.5", "1.250,5k"), unit_shown("120000", "12万"), unit_shown("12", "12 days")
    ('万', 'k', '', '')
    """
    found = re.fullmatch(r"(-?\d[\d.,]*)\s*([^\d.,]+)", shown)
    if found is None or not _NUMBER.fullmatch(value):
        return ""
    whole, mark, decimals = found[1].rpartition(max(found[1], key=lambda sign: (sign in ".,", found[1].rfind(sign))))
    ways = [(re.sub("[.,]", "", found[1]), "")]
    ways += [(re.sub("[.,]", "", whole), decimals)] if mark in (".", ",") else []
    near = (
        abs(float(f"{whole}.{decimals}0") - float(value)) <= 0.5 * 10.0 ** -len(decimals) for whole, decimals in ways
    )
    return _unit([("0", True), (found[2], False)]) if any(near) else ""


def said_of_formats(cells: SpecialCells) -> list[str]:
    """What the formats of a sheet's cells gave, as phrases."""
    kinds = {meaning for _, _, meaning in cells.formats}
    amounts = {meaning for meaning in kinds if "{}" in meaning}
    zeros = {meaning for meaning in kinds - amounts if not meaning.strip(_DIGIT)}
    found = (
        (any(meaning[0] != "{" for meaning in amounts), "currency taken from the number format of the cells"),
        (any(meaning[-1] != "}" for meaning in amounts), "units of amounts taken from the number format of the cells"),
        (bool(zeros), "leading zeros of ids taken from the number format of the cells"),
        (bool(kinds - amounts - zeros), "ids taken as the number format of the cells shows them"),
    )
    return [phrase for said, phrase in found if said]


def fill_cells(values: list[str | None], column: int, cells: SpecialCells) -> list[str | None]:
    """A column's texts with currencies and units beside amounts, ids as they are shown, merged values in all their rows, no false 0.

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
    for row, at, meaning in cells.formats:
        text = values[row - 1] if at == column and row <= len(values) else None
        if text is not None:
            values[row - 1] = shown_as(text, meaning)
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
