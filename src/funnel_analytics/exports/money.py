"""From a column of text to amounts: separators of every locale, currencies, units such as 万 and k."""

import re

import numpy as np
import pandas as pd

from .parsed import EXCEL_ERRORS, NOTHING_WORDS, Distinct, Parsed, shown

_CODES = "USD|EUR|CNY|RMB|GBP|JPY|TWD|NTD|HKD|SGD|CHF|CAD|AUD|INR|KRW|SEK|NOK|DKK|PLN|BRL|MXN"
_CURRENCIES = (
    (re.compile(r"NT\$|新台币|新臺幣|新台幣"), "TWD"),
    (re.compile(r"HK\$|港币|港幣"), "HKD"),
    (re.compile(r"US\$|美元|美金"), "USD"),
    (re.compile(r"人民币|人民幣"), "CNY"),
    (re.compile(r"欧元|歐元|€"), "EUR"),
    (re.compile(r"£"), "GBP"),
    (re.compile(r"[¥￥]"), "CNY"),
    (re.compile(r"\$"), "USD"),
)
_CODE = re.compile(rf"(?<![A-Za-z])({_CODES})(?![A-Za-z])", re.IGNORECASE)
_ALIAS = {"RMB": "CNY", "NTD": "TWD"}
_UNITS = {
    "k": 1e3,
    "千": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "百万": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "万": 1e4,
    "萬": 1e4,
    "亿": 1e8,
    "億": 1e8,
}
_CORE = re.compile(r"^([+-]?)([\d.,'’\s]*\d[\d.,'’\s]*)(百万|[km]|mn|mio|bn?|[千万萬亿億])?元?([+-]?)$", re.IGNORECASE)


def _split(text: str) -> tuple[str, float, float, str | None] | None:
    """Digits with their separators, sign, unit and currency; None where the text is no amount."""
    currency = None
    for pattern, code in _CURRENCIES:
        if pattern.search(text):
            text, currency = pattern.sub("", text), code
            break
    if match := _CODE.search(text):
        text, currency = _CODE.sub("", text), match[1].upper()
    negative = bool(re.fullmatch(r"\(.*\)", text.strip()))
    match = _CORE.match(text.strip().strip("()").strip().replace("\u2212", "-"))
    if match is None:
        return None
    sign = -1.0 if negative or "-" in (match[1] + match[4]) else 1.0
    unit = _UNITS.get((match[3] or "").lower(), 1.0)
    return re.sub(r"[\s'’]", "", match[2]), sign, unit, _ALIAS.get(currency or "", currency)


def _decimal_mark(numbers: list[str]) -> tuple[str, bool]:
    """The decimal mark of a column, and whether its values left two readings."""
    comma = point = open_comma = open_point = 0
    for digits in numbers:
        commas, points = digits.count(","), digits.count(".")
        if commas and points:
            comma, point = (comma + 1, point) if digits.rfind(",") > digits.rfind(".") else (comma, point + 1)
        elif commas > 1:
            point += 1
        elif points > 1:
            comma += 1
        elif commas or points:
            mark = "," if commas else "."
            three = len(digits) - digits.rfind(mark) - 1 == 3 and not digits.startswith(("0", mark))
            if three:
                open_comma, open_point = open_comma + (mark == ","), open_point + (mark == ".")
            else:
                comma, point = comma + (mark == ","), point + (mark == ".")
    if comma != point:
        return ("," if comma > point else "."), False
    # Only values such as 1.234: in a column of whole thousands the mark separates groups.
    return ("." if not open_point else ","), bool(open_point and not open_comma)


def parse_money(column: pd.Series) -> Parsed:
    """Amounts in any usual writing.

    Parameters
    ----------
    column
        Text; any index.

    Returns
    -------
    Parsed
        ``float64`` values in units of the currency; ``currencies`` where codes or signs are written. Reason:
        ``unreadable_amount``, ``error_cell``.

    Examples
    --------
    >>> parse_money(pd.Series(["$1,200.50", "(300)", "120万", "45k"])).values.tolist()
    [1200.5, -300.0, 1200000.0, 45000.0]
    """
    distinct = Distinct.of(column)
    parts = [_split(text) for text in distinct.texts]
    mark, unsure = _decimal_mark([part[0] for part in parts if part is not None])
    other = "." if mark == "," else ","
    values = np.full(len(parts), np.nan)
    found: dict[int, tuple[str, str, str]] = {}
    for number, (text, part) in enumerate(zip(distinct.texts, parts, strict=True)):
        if part is not None:
            try:
                values[number] = part[1] * part[2] * float(part[0].replace(other, "").replace(mark, "."))
            except ValueError:
                part = None
        if part is None and text and text.lower() not in NOTHING_WORDS:
            reason = "error_cell" if text.upper() in EXCEL_ERRORS else "unreadable_amount"
            found[number] = ("unreadable", reason, f"{shown(text)} could not be read as an amount; left empty.")
    codes = [part[3] if part is not None else None for part in parts]
    currencies = distinct.spread(pd.Series(codes, dtype="str")) if any(codes) else None
    decisions = (f"amounts read with '{mark}' as decimal mark",) if mark == "," else ()
    question = "Does the point in amounts such as 1.234 separate thousands? It was read so." if unsure else None
    if unsure:
        decisions = ("ambiguous amounts: 1.234 could be 1234 or 1.234; read as 1234",)
    return Parsed(distinct.spread(pd.Series(values)), distinct.problems(found), decisions, question, currencies)
