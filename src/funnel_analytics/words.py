"""Values in words: stages, outcomes, numbers, money and dates as a person reads them in each language.

Stage, criterion and segment words come from the methodology, all others from `languages`.
"""

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from .languages import language as language, texts, word as word, word_keys as word_keys
from .messages import in_language
from .methodology import builtin_methodologies, load_methodology

_SECTIONS = ("outlook.warnings", "outlook.facts", "effort")
"""Where the words of keys stand that are no value of a column of their own."""
MISSING = "–"
"""What stands where there is no number."""
_WHOLE = 2.0**52
"""From here on there are only whole numbers."""


@lru_cache
def _builtin_labels() -> Mapping[str, Mapping[str, str]]:
    labels: dict[str, Mapping[str, str]] = {}
    for key in builtin_methodologies():
        labels = load_methodology(key).words() | labels
    return labels


def label(key: object, lang: str | None = None, *, table: pd.DataFrame | None = None) -> str:
    """How to call a value that stands in a table: a stage, a segment, a cause, an owner's name.

    Looks in the methodology words that travel with the table, then in ``[values]`` of the words file,
    then in the built-in methodologies; a value that has no word (a person's name) is its own word.

    Parameters
    ----------
    key
        The value; missing gives a dash.
    lang
        Language code.
    table
        The table that holds the value.

    Examples
    --------
    >>> label("Discover", "zh-Hans"), label("won", "zh-Hant"), label("Ms Li")
    ('发现', '已贏單', 'Ms Li')
    """
    if key is None or (not isinstance(key, str) and pd.isna(key)):
        return MISSING
    text = str(key)
    known = _known(text, language(lang), table)
    return text if known is None else known


def _known(key: str, lang: str, table: pd.DataFrame | None) -> str | None:
    own: Mapping[str, Mapping[str, str]] = table.attrs.get("words", {}) if table is not None else {}
    if key in own:
        return own[key][lang]
    values, built_in = texts(lang), _builtin_labels()
    if f"values.{key}" in values:
        return values[f"values.{key}"]
    return built_in[key][lang] if key in built_in else None


def _rounded(value: float, digits: int) -> float:
    """A half goes away from 0, as in Excel, where a deck's charts and a workbook's cells are rounded; 0 has no sign."""
    scaled = abs(value) * 10**digits
    if not scaled < _WHOLE:
        return value
    # Of 100 × 0.145 are 14.499999999999998 left.
    return math.copysign(math.floor(round(scaled, 9) + 0.5) / 10**digits, value) + 0.0


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separators, or a dash.

    Examples
    --------
    >>> number(1234567.8), number(2.5), number(-0.2), number(None)
    ('1,234,568', '3', '0', '–')
    """
    return MISSING if value is None or pd.isna(value) else f"{_rounded(value, digits):,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A fraction as a percentage with so many digits behind the point, or a dash.

    Examples
    --------
    >>> percent(0.256), percent(-0.125)
    ('26%', '−13%')
    """
    if value is None or pd.isna(value):
        return MISSING
    return f"{_rounded(100 * value, digits):.{digits}f}%".replace("-", "−")


@lru_cache
def units(lang: str) -> tuple[tuple[float, str], ...]:
    """Size and sign of the units of large numbers, the largest first."""
    pairs = (unit.split() for unit in word("language.units", lang).split(","))
    return tuple((float(size), sign) for size, sign in pairs)


def short_number(value: float | None, lang: str | None = None) -> str:
    """A large number the way people say it: 18.4M, 1,840万.

    Examples
    --------
    >>> short_number(18_400_000), short_number(-18_400_000, "zh-Hans")
    ('18.4M', '−1,840万')
    """
    if value is None or pd.isna(value):
        return MISSING
    sign, size_of = ("−" if value < 0 else ""), abs(value)
    for size, unit in units(language(lang)):
        if size_of >= size:
            scaled = size_of / size
            text = number(scaled) if scaled >= 100 else number(scaled, 1).removesuffix(".0")
            return f"{sign}{text}{unit}"
    text = number(size_of)
    return text if text == "0" else sign + text


def money(value: float | None, currency: str | None = None, lang: str | None = None) -> str:
    """An amount the way people say it, with its currency code behind the sign.

    Examples
    --------
    >>> money(18_400_000, "EUR"), money(-18_400_000, "EUR", "zh-Hans")
    ('EUR 18.4M', '−EUR 1,840万')
    """
    text = short_number(value, lang)
    if not currency or text == MISSING:
        return text
    return f"−{currency} {text[1:]}" if text.startswith("−") else f"{currency} {text}"


def date(value: pd.Timestamp | None, lang: str | None = None) -> str:
    """A day, unambiguous in every country: 2026-11-24; 2026年11月24日 in Chinese.

    Examples
    --------
    >>> date(pd.Timestamp("2026-11-24"), "zh-Hans")
    '2026年11月24日'
    """
    if value is None or pd.isna(value):
        return MISSING
    return _written(pd.Timestamp(value), word("language.date", lang))


@lru_cache(maxsize=4096)
def _written(day: pd.Timestamp, form: str) -> str:
    parts = {"YYYY": f"{day:%Y}", "MM": f"{day:%m}", "DD": f"{day:%d}", "M": f"{day.month}", "D": f"{day.day}"}
    return re.sub("YYYY|MM|DD|M|D", lambda part: parts[part[0]], form)


def cell(value: Any, kind: str, lang: str | None = None, *, table: pd.DataFrame | None = None) -> str:
    """A table's value as a person reads it, by the kind of its column (see `tables`).

    Parameters
    ----------
    value
        The value; missing gives a dash.
    kind
        The column's kind: money, rate, date, key …
    lang
        Language code.
    table
        The table that holds it, for its own words.

    Examples
    --------
    >>> cell(0.25, "rate"), cell(pd.NaT, "date"), cell("won", "key", "zh-Hans")
    ('25%', '–', '已赢单')
    >>> cell("+close_date -amount", "keys"), cell("no_revenue; none_closed", "keys")
    ('+close date −amount', 'revenue not known; nothing closed yet')
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return MISSING
    if kind == "rate":
        return percent(value)
    if kind in ("money", "count", "days"):
        return number(value)
    if kind == "number":
        return number(value, 0 if float(value).is_integer() else 1)
    if kind == "date":
        return date(value, lang)
    if kind == "time":
        return f"{value:%Y-%m-%d %H:%M}"
    if kind == "message":
        return in_language(value, lang)
    if kind == "flag":
        return word("values.yes" if value else "values.no", lang)
    if kind == "keys":
        return _several(str(value), language(lang), table)
    return label(value, lang, table=table) if kind == "key" else str(value)


def _several(keys: str, lang: str, table: pd.DataFrame | None) -> str:
    """Each key of a cell in words, a sign before a key staying with it; a cell of anything else stays as it is."""
    parted, said = "; " in keys, []
    for text in keys.split("; ") if parted else keys.split():
        key = text.lstrip("+-")
        words = [_known(key, lang, table), *(texts(lang).get(f"{section}.{key}") for section in _SECTIONS)]
        found = next((found for found in words if found is not None), None)
        if found is None:
            return keys
        said.append(text.removesuffix(key).replace("-", "−") + found)
    return word("effort.between", lang).join(said) if parted else " ".join(said)
