"""The unit behind a heading or in a line above the table: 金额（万元）, Amount in kEUR, 单位：万元."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ..values.amounts_written import UNITS
from ..values.currencies import CODES, IBERIAN, SIGNS
from .labels import vocabulary

_SCALES = UNITS | {"百": 1e2, "ks": 1e3, "000": 1e3, "000s": 1e3, "1000": 1e3, "thousands": 1e3, "十万": 1e5, "十萬": 1e5, "백만": 1e6, "cr": 1e7, "billions": 1e9}  # fmt: skip
_SHORT = frozenset((*"kmbw", "tl", "ft"))
"""Too short to be a unit behind a heading without brackets: "Version K", "Owner TL"."""
_CURRENCY_OF_T = ("eur", "€", "chf", "usd", "$", "gbp", "£")
_FILLERS = ("in", "of", "en", "em", "de", "d", "unit", "units", "单位", "單位", "计", "x", "×", "원")
_LONGEST = 24
_LONGEST_HEADING = 500
"""Characters: in a longer heading no unit is looked for."""
_BRACKETS = re.compile(r"^(.+?)\s*(?:\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|\{([^{}]*)\})$")
_TAILS = re.compile(r"[\s/,:;_\-]+|(?<=[^\W\d_])(?=[十百千万萬亿億])|(?=[¥€£$])")
_UNIT_WORD = re.compile(r"\s*[,/]?\s*(?:单位|單位)\s*[:：]?\s*([(\[])")
_LINE = re.compile(
    r"(?:单位|單位|币种|幣別|幣種)\s*(?:[:：]|均?为|均?為)?\s*([^\s,，;；。|()（）]+)|\b(?:units?|currency)\s*[:=]\s*([^|,;.()]+)"
    r"|\b(?:amounts?|values?|figures?|revenues?|numbers?|all)\b[^|.]*?\bin\s+([^|.,;()]+)|\(\s*in\s+([^|()]+)\)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Unit:
    """What a heading or a line says about amounts.

    Attributes
    ----------
    factor
        What one unit is worth; None where no size is named.
    code
        ISO code; None where no currency is named, or several.
    """

    factor: float | None
    code: str | None


@lru_cache
def _words() -> dict[str, tuple[float | None, str]]:
    """Word → its size (None where it names none) and the currency it names ("" where it names none)."""
    known: dict[str, tuple[float | None, str]] = dict.fromkeys(_FILLERS, (None, ""))
    known |= {code.lower(): (None, code) for code in CODES}
    # A bare 元 is a unit in China and in Taiwan: it says that nothing multiplies, and names no currency.
    known |= {sign: (None if code else 1.0, code) for sign, code in SIGNS.items()}
    known |= {
        _squeezed(word): (None, code) for code, words in vocabulary()["currencies"].items() for word in words if word != "元"
    }  # fmt: skip
    known |= {f"t{sign}": (1e3, known[sign][1]) for sign in _CURRENCY_OF_T}
    return known | {word: (factor, "") for word, factor in _SCALES.items()}


def _squeezed(text: str) -> str:
    return re.sub(r"(?<=\d)[.,](?=\d{3})|[\s.,/:'’\-]+", "", unicodedata.normalize("NFKC", text).casefold())


def _parts(text: str) -> list[str] | None:
    """A text cut into words that all belong to a unit, the longest first; None where it holds anything else."""
    if not text:
        return []
    for length in range(min(len(text), _LONGEST), 0, -1):
        if text[:length] in _words() and (rest := _parts(text[length:])) is not None:
            return [text[:length], *rest]
    return None


@lru_cache(maxsize=4096)
def unit_named(text: str) -> Unit | None:
    """The unit that a text is; None where it is anything else.

    Examples
    --------
    >>> unit_named("in kEUR"), unit_named("单位：万元"), unit_named("weighted")
    (Unit(factor=1000.0, code='EUR'), Unit(factor=10000.0, code=None), None)
    """
    squeezed = _squeezed(text)
    parts = _parts(squeezed) if len(squeezed) <= _LONGEST else None
    if not parts:
        return None
    codes = {code for part in parts if (code := _words()[part][1])}
    found = [1e3 if part == "mil" and codes & IBERIAN else _words()[part][0] for part in parts]
    sizes = [size for size in found if size is not None]
    scales = [size for size in sizes if size != 1]
    if len(scales) > 1 or not (sizes or codes):
        return None
    factor = next(iter(scales or sizes), None)
    return Unit(factor, codes.pop() if len(codes) == 1 else None)


@lru_cache(maxsize=4096)
def parted(heading: str) -> tuple[str, Unit | None]:
    """A heading without the unit behind it, and that unit; the heading itself and None where it has none.

    Examples
    --------
    >>> parted("金额（万元）"), parted("Amount USD'000"), parted("Close Date")
    (('金额', Unit(factor=10000.0, code=None)), ('Amount', Unit(factor=1000.0, code='USD')), ('Close Date', None))
    >>> parted("金额（万元）(EUR)")
    ('金额', Unit(factor=10000.0, code='EUR'))
    """
    if len(heading) > _LONGEST_HEADING:
        return heading, None
    text = _UNIT_WORD.sub(r"\1", unicodedata.normalize("NFKC", heading).strip())
    if match := _BRACKETS.match(text):
        inside = next(part for part in match.groups()[1:] if part is not None)
        if unit := unit_named(inside):
            return _parted_again(match[1], unit)
        pieces = [piece.strip() for piece in re.split("[,、;]", inside)]
        if len(units := [unit for piece in pieces if (unit := unit_named(piece))]) == 1 < len(pieces):
            # 金额（含税，万元）: what else the brackets hold belongs to the name.
            rest = ", ".join(piece for piece in pieces if unit_named(piece) is None)
            return f"{match[1].strip()} ({rest})", units[0]
        before, unit = parted(match[1])
        if unit is not None:
            # 金额 万元 (含税): what the brackets hold belongs to the name.
            return f"{before} {text[match.end(1) :].strip()}", unit
    for place in _TAILS.finditer(text):
        before, tail = text[: place.start()], text[place.end() :]
        if before and tail.casefold() not in _SHORT and (unit := unit_named(tail)):
            return _parted_again(re.sub(r"\s+in$", "", before), unit)
    return heading, None


def _parted_again(before: str, unit: Unit) -> tuple[str, Unit]:
    """A heading before its unit, which may have another: 金额（万元）(EUR) is in ten thousands of euros."""
    name, inner = parted(before)
    if inner is None:
        return before, unit
    sizes = [size for size in (unit.factor, inner.factor) if size is not None]
    codes = {code for code in (unit.code, inner.code) if code is not None}
    return name, Unit(max(sizes, default=None), codes.pop() if len(codes) == 1 else None)


def stated_unit(lines: Iterable[object]) -> tuple[Unit, str] | None:
    """The unit that a line above or below a table states for its amounts, and that line; None where none does.

    Examples
    --------
    >>> stated_unit(["2024年销售漏斗", "单位：万元"])
    (Unit(factor=10000.0, code=None), '单位：万元')
    """
    for line in (str(line)[:_LONGEST_HEADING] for line in lines):
        if len(bare := line.strip(" ()[]（）")) > 1 and (unit := unit_named(bare)):
            return unit, line.strip()
        for match in _LINE.finditer(line):
            said = next(part for part in match.groups() if part is not None)
            if unit := unit_named(said.strip()):
                return unit, line.strip()
    return None
