"""Numbers as people write them: separators of every locale, signs, units such as 万 or k, currencies around them."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .currencies import AMBIGUOUS, IBERIAN, currency_code
from .letters import Letters

_PLAIN = r"^-?\d+(?:\.\d+)?$"
_PLAIN_DOUBTFUL = r"^-?[1-9]\d{0,2}\.\d{3}$"
_PLAIN_DECIMAL = r"^-?(?:0|\d{4,})\.\d+$|\.\d{1,2}$|\.\d{4,}$"
UNITS = {
    "k": 1e3, "thousand": 1e3, "tsd": 1e3, "miles": 1e3, "milhares": 1e3, "milliers": 1e3, "mila": 1e3, "千": 1e3, "тыс": 1e3, "w": 1e4, "万": 1e4, "萬": 1e4, "만": 1e4,
    "lakh": 1e5, "lakhs": 1e5, "lac": 1e5, "lacs": 1e5, "m": 1e6, "mm": 1e6, "mn": 1e6, "mio": 1e6, "mln": 1e6,
    "mil": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6, "millones": 1e6, "milhões": 1e6, "mi": 1e6, "млн": 1e6,
    "百万": 1e6, "百萬": 1e6, "千万": 1e7, "千萬": 1e7, "crore": 1e7, "crores": 1e7, "천": 1e3, "백만": 1e6, "천만": 1e7, "亿": 1e8, "億": 1e8, "억": 1e8,
    "b": 1e9, "bn": 1e9, "md": 1e9, "mds": 1e9, "mrd": 1e9, "billion": 1e9, "milliarde": 1e9, "milliarden": 1e9,
    "milliard": 1e9, "milliards": 1e9, "млрд": 1e9, "十亿": 1e9, "十億": 1e9,
    "trillion": 1e12, "trillions": 1e12, "万亿": 1e12, "萬億": 1e12, "兆": 1e12, "조": 1e12,
    "京": 1e16, "경": 1e16,
}  # fmt: skip
_DOUBTFUL = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_BETWEEN_DIGITS = re.compile(r"[\s'’_]")
_DASHED = re.compile(r"(?<=\d)[.,:/][-–—]+(?=[^\d]*$)")  # CHF 1000.–, 1000,-- EUR, 1000:- and ₹1000/- have no cents
_POINTED = re.compile(r"^(rs|fr|sfr|kr|rp)\.(?=\s*\d)")  # Fr. 500, Rs. 500
# 1,234,567 and 1.234.567; 12,34,567 in India; 123,4567 in East Asia. 26.04.2018 and 10.000.00 are none of these.
_IN_THOUSANDS = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*|\d{1,2}(?:,\d{2})*,\d{3}|\d{1,4}(?:,\d{4})+|\d+")
_IN_BLANKS = re.compile(r"\d{1,3}(?:[\s'’_]\d{3})+")
_SEVERAL = 3
LONGEST = 200
"""Characters of an amount: a longer text is none, and would take a pattern minutes."""
_MINUS = "\\-−–‐‒"
_WRITTEN = re.compile(
    rf"^(?P<open>\()?\s*(?P<sign>[+{_MINUS}])?\s*(?P<before>[^\d()+{_MINUS}.,']*?)\s*(?P<open2>\()?\s*"
    rf"(?P<sign2>[+{_MINUS}])?\s*(?P<body>\d[\d.,'’\s_]*\d|\d|[.,]\d+)[.,]?(?P<power>e[+-]?\d{{1,2}})?\s*"
    rf"(?P<unit>{'|'.join(sorted(UNITS, key=len, reverse=True))})?"
    rf"(?P<dot>\.)?\s*(?P<after>[^\d()+{_MINUS}]*?)\s*(?P<sign3>[{_MINUS}])?\s*(?P<close>\))?\s*(?P<after2>[^\d()+{_MINUS}]*)$"
)


@dataclass
class Written:
    """Distinct texts as numbers: value (NaN where unreadable), ISO code, and what was decided."""

    values: np.ndarray
    codes: list[str]
    doubtful: list[int]
    """Texts with one separator before three digits that could be thousands or decimals."""
    decisions: list[str]
    question: str | None


@dataclass(frozen=True)
class _Piece:
    body: str
    negative: bool
    factor: float
    code: str
    sign: str


def plain_numbers(texts: pa.Array) -> pa.Array | None:
    """Numbers of a column that holds nothing but plain, undoubtful ones, the usual case; else None."""
    letters = Letters.of(texts)
    if not letters.are_plain_numbers() or len(letters.texts) + texts.null_count < len(texts):
        return None
    # Three digits behind a point: only these can be doubtful.
    pointed = letters.data[np.maximum(letters.ends - 4, letters.starts)] == ord(".")
    if pc.any(pc.match_substring_regex(letters.texts.filter(pa.array(pointed)), _PLAIN_DOUBTFUL)).as_py():
        return None
    try:
        numbers = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        # Two points in one.
        return None
    return numbers if pc.all(pc.is_finite(numbers)).as_py() is not False else None


def written_numbers(texts: list[str], counts: np.ndarray) -> Written:
    """Distinct texts as numbers, the role of point and comma decided by all of them.

    Parameters
    ----------
    texts
        Narrowed texts.
    counts
        Rows that carry each.
    """
    size = len(texts)
    values = np.full(size, np.nan)
    lowered = pc.utf8_lower(pa.array(texts, pa.string()))
    plain = np.asarray(pc.match_substring_regex(lowered, _PLAIN)) if size else np.zeros(0, dtype=bool)
    if plain.any():
        values[plain] = np.asarray(lowered.filter(pa.array(plain)).cast(pa.float64()))
    pieces = {
        int(number): piece for number in np.flatnonzero(~plain) if (piece := _piece(texts[number].lower())) is not None
    }
    comma, point, thousands_point, doubtful_plain = _evidence(lowered, plain, pieces)
    doubtful = [number for number, piece in pieces.items() if _doubtful(piece.body)]
    doubtful += doubtful_plain.tolist()
    points_group = comma or thousands_point or (not point and any("," in texts[number] for number in doubtful))
    points_group = points_group or (not point and _rather_thousands(texts, plain, doubtful_plain.tolist()))
    for number, piece in pieces.items():
        factor = piece.factor / (1e3 if comma and not point and "mil" in piece.sign.split() else 1)
        scaled = _number(piece.body, comma and not point, points_group and not point) * factor
        values[number] = (-1 if piece.negative else 1) * (round(scaled, 6) if abs(scaled) < 1e9 else scaled)
    if points_group and not point:
        values[doubtful_plain] = np.round(values[doubtful_plain] * 1000)
    values[np.isinf(values)] = np.nan
    alone = np.asarray(lowered)[plain].tolist()
    marked = [piece.body for piece in pieces.values() if piece.factor == 1]
    question = _question(texts, doubtful, (comma, point, thousands_point), alone, marked)
    codes = [pieces[number].code if number in pieces else "" for number in range(size)]
    decisions = _decisions(pieces, counts, comma and not point)
    return Written(values, codes, doubtful if question else [], decisions, question)


def unit_size(unit: str, code: str) -> float:
    """What a unit counts, 1 where there is none: "mil" is a million in English, a thousand in Spanish and Portuguese.

    Examples
    --------
    >>> unit_size("mil", "BRL"), unit_size("mil", "USD"), unit_size("万", "")
    (1000.0, 1000000.0, 10000.0)
    """
    return 1e3 if unit == "mil" and code in IBERIAN else UNITS.get(unit, 1.0)


def _piece(text: str) -> _Piece | None:
    """A text taken apart; None where it is no number."""
    if len(text) > LONGEST:
        return None
    # A comma that stands alone before the dash is the decimal sign: the point in 1.000,- parts thousands.
    cents = ",00" if text.count(",") == 1 else ""
    found = _WRITTEN.match(_POINTED.sub(r"\1 ", _DASHED.sub(lambda dash: cents if dash[0][0] == "," else "", text)))
    if found is None or not _one_number(found["body"]):
        return None
    part = found.groupdict("")
    opened, closed = bool(part["open"] or part["open2"]), bool(part["close"])
    signs = part["sign"] + part["sign2"] + part["sign3"]
    if opened != closed or len(signs) > 1:
        return None
    code, unit, behind = "", part["unit"], part["after"] + part["after2"]
    if unit and currency_code(behind) is None and currency_code(unit + behind) is not None:
        # The m of "12 MXN" and the k of "12 kr" count nothing.
        unit, behind = "", unit + behind
    for written in (part["before"], behind):
        found_code = currency_code(written)
        if found_code is None or (code and found_code and code != found_code):
            return None
        code = code or found_code
    factor = unit_size(unit, code) * 10.0 ** int(part["power"][1:] or 0 if part["power"] else 0)
    body = _BETWEEN_DIGITS.sub("", part["body"])
    signs_told = [s for s in AMBIGUOUS if s in (part["before"] + part["after"]).split()]
    sign = " ".join([*signs_told[:1], *(["mil"] if unit == "mil" and factor >= UNITS["mil"] else [])])
    # ¥12,500- ends with a dash so that nothing can be written behind it; SAP's minus stands behind bare numbers.
    closed_by_dash = bool(part["sign3"]) and part["before"] in ("¥", "￥") and not opened
    sign = f"{sign} ¥-".strip() if closed_by_dash else sign
    return _Piece(body, opened or (signs not in ("", "+") and not closed_by_dash), factor, code, sign)


def _one_number(body: str) -> bool:
    """Whether separators and blanks part digits as in one number: "1200 1300" are two, "1.2.3" is none."""
    if "\n" in body or "\r" in body:
        return False
    if re.search(r"[.,]\d+\s", body) and not re.search(r"[.,]\d{3}(?:[\s.,]\d{3})*(?:[.,]\d*)?$", body):
        return False
    whole = re.split(r"[.,]", body)[0] if _BETWEEN_DIGITS.search(body) else ""
    if whole and not whole.isdecimal() and not _IN_BLANKS.fullmatch(whole):
        return False
    plain = _BETWEEN_DIGITS.sub("", body)
    signs = [mark for mark in plain if mark in ".,"]
    if len(signs) < 2:
        return True
    # The last of two kinds of separators is the decimal sign, the others part thousands.
    if signs[-1] != signs[0]:
        plain = plain[: plain.rfind(signs[-1])]
    return _IN_THOUSANDS.fullmatch(plain) is not None


def _rather_thousands(texts: list[str], plain: np.ndarray, doubtful: list[int]) -> bool:
    """Whether points rather part thousands: three digits behind every one, 12.500 among them.

    As decimals they would be three for each amount, with zeros kept at the end; an unparted 12500 speaks against it.
    """
    unparted = any(len(texts[number].lstrip("-")) > 3 for number in set(np.flatnonzero(plain)) - set(doubtful))
    return len(doubtful) >= _SEVERAL and not unparted and any(texts[number].endswith("0") for number in doubtful)


def _doubtful(body: str) -> bool:
    return _DOUBTFUL.fullmatch(body) is not None


def _decimal_sign(body: str) -> str:
    """The separator that can only be the decimal sign in this number; "" where there is none."""
    comma, point = body.rfind(","), body.rfind(".")
    if comma >= 0 and point >= 0:
        return "," if comma > point else "."
    sign = "," if comma >= 0 else "." if point >= 0 else ""
    if not sign or body.count(sign) > 1 or _doubtful(body):
        return ""
    return sign


def _evidence(lowered: pa.Array, plain: np.ndarray, pieces: dict[int, _Piece]) -> tuple[bool, bool, bool, np.ndarray]:
    """Is a comma a decimal sign; is a point; does a point part thousands; plain texts that leave it open."""
    signs = {_decimal_sign(piece.body) for piece in pieces.values()}
    decimal_plain = plain & np.asarray(pc.match_substring_regex(lowered, _PLAIN_DECIMAL)) if len(plain) else plain
    doubtful = plain & np.asarray(pc.match_substring_regex(lowered, _PLAIN_DOUBTFUL)) if len(plain) else plain
    grouped = any(piece.body.count(".") > 1 for piece in pieces.values())
    return "," in signs, "." in signs or bool(decimal_plain.any()), grouped, np.flatnonzero(doubtful)


def _number(body: str, comma_decimal: bool, points_group: bool) -> float:
    sign = _decimal_sign(body)
    if not sign and _doubtful(body):
        comma = "," in body
        sign = "," if comma and comma_decimal else "." if not comma and not points_group else ""
    for other in ",.":
        if other != sign:
            body = body.replace(other, "")
    return float(body.replace(",", "."))


def _question(
    texts: list[str],
    doubtful: list[int],
    evidence: tuple[bool, bool, bool],
    plain: list[str],
    marked: list[str],
) -> str | None:
    """What to ask where nothing in the column tells thousands from decimals.

    Plain numbers, and those with separators or a currency that no unit multiplies, are what the others are held against.
    """
    comma, point, grouped = evidence
    if not doubtful or grouped:
        return None
    zeros_kept = point and not comma and _zeros_kept(texts, doubtful, [*plain, *marked])
    if comma != point and not zeros_kept:
        return None
    kinds = {"," if "," in texts[number] else "." for number in doubtful}
    # Commas before three digits part thousands all over the world of spreadsheets, and plain long numbers
    # beside "1.234" show that thousands are not parted: neither is worth a question.
    long_plain = any(len(text.split(".")[0].lstrip("-")) >= 4 for text in plain)
    if kinds == {","} and not comma:
        return None
    if kinds == {"."} and not comma and (long_plain or point) and not zeros_kept:
        return None
    example = texts[doubtful[0]]
    return f"ambiguous separator: is '{example}' a thousand or more, or a number with decimals?"


def _zeros_kept(texts: list[str], doubtful: list[int], others: list[str]) -> bool:
    """Whether 98.000 stands among decimals as 350000.5: no machine keeps the zeros of one and not of the other."""
    places = {len(text.rpartition(".")[2]) for text in others if "." in text}
    return bool(places - {3}) and any(re.search(r"\.\d\d0\D*$", texts[number]) for number in doubtful)


def _decisions(pieces: dict[int, _Piece], counts: np.ndarray, comma: bool) -> list[str]:
    decisions = []
    negative = sum(int(counts[number]) for number, piece in pieces.items() if piece.negative)
    if negative:
        decisions.append(f"{negative} amounts with a minus or in parentheses read as negative")
    if comma:
        decisions.append("comma read as the decimal sign")
    for sign in sorted(
        {sign for piece in pieces.values() for sign in piece.sign.split()} - ({"mil"} if comma else set())
    ):
        decisions.append(AMBIGUOUS[sign])
    return decisions
