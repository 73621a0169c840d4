"""The word for a key in each language; numbers, money and dates in words.

Words live in ``resources/words/<language>.toml``, one table per room (tables, charts, reviews …);
stage, criterion and segment words come from the methodology.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pandas as pd

from .errors import ArgumentError, nearest
from .methodology import LANGUAGES, builtin_methodologies, load_methodology

DEFAULT_LANGUAGE = "en"
MISSING = "–"
"""What stands where there is no number."""


def language(lang: str | None) -> str:
    """A supported language code; None means English.

    Raises
    ------
    ArgumentError
        If the language has no words file.

    Examples
    --------
    >>> language("zh-hans")
    'zh-Hans'
    """
    if lang is None:
        return DEFAULT_LANGUAGE
    for code in LANGUAGES:
        if code.lower() == str(lang).replace("_", "-").lower():
            return code
    raise ArgumentError(f"'{lang}' is not a language of this package.{nearest(str(lang), LANGUAGES)}")


@lru_cache
def _all_words(lang: str) -> Mapping[str, str]:
    path = files("funnel_analytics") / "resources" / "words" / f"{lang}.toml"
    flat: dict[str, str] = {}

    def collect(prefix: str, table: Mapping[str, Any]) -> None:
        for key, value in table.items():
            if isinstance(value, Mapping):
                collect(f"{prefix}{key}.", value)
            else:
                flat[f"{prefix}{key}"] = value

    collect("", tomllib.loads(path.read_text(encoding="utf-8")))
    return flat


def word_keys(lang: str) -> list[str]:
    """Every key of a language's words file, dotted."""
    return list(_all_words(language(lang)))


def word(key: str, lang: str | None = None, **values: object) -> str:
    """The text of a dotted key in a language, with its ``{placeholders}`` filled.

    Parameters
    ----------
    key
        For example ``"tables.amount"``.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means English.
    **values
        What the placeholders stand for.

    Raises
    ------
    ArgumentError
        If the key has no text: a mistake in the package, found by its tests.

    Examples
    --------
    >>> word("tables.amount", "zh-Hans")
    '金额'
    """
    words = _all_words(language(lang))
    if key not in words:
        raise ArgumentError(f"There is no text for '{key}'.{nearest(key, words)[:300]}")
    return words[key].format(**values) if values else words[key]


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
    text, code = str(key), language(lang)
    own: Mapping[str, Mapping[str, str]] = table.attrs.get("words", {}) if table is not None else {}
    if text in own:
        return own[text][code]
    values = _all_words(code)
    if f"values.{text}" in values:
        return values[f"values.{text}"]
    built_in = _builtin_labels()
    return built_in[text][code] if text in built_in else text


def number(value: float | None, digits: int = 0) -> str:
    """A number with thousands separators, or a dash.

    Examples
    --------
    >>> number(1234567.8), number(None)
    ('1,234,568', '–')
    """
    return MISSING if value is None or pd.isna(value) else f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 0) -> str:
    """A fraction as a percentage, or a dash.

    Examples
    --------
    >>> percent(0.256), percent(0.256, 1)
    ('26%', '25.6%')
    """
    return MISSING if value is None or pd.isna(value) else f"{100 * value:.{digits}f}%"


_SHORT = {
    "en": ((1e9, "B"), (1e6, "M"), (1e3, "k")),
    "zh-Hans": ((1e8, "亿"), (1e4, "万")),
    "zh-Hant": ((1e8, "億"), (1e4, "萬")),
}


def short_number(value: float | None, lang: str | None = None) -> str:
    """A large number the way people say it: 18.4M, 1,840万.

    Examples
    --------
    >>> short_number(18_400_000), short_number(18_400_000, "zh-Hans")
    ('18.4M', '1,840万')
    """
    if value is None or pd.isna(value):
        return MISSING
    for size, unit in _SHORT[language(lang)]:
        if abs(value) >= size:
            scaled = value / size
            return f"{scaled:,.0f}{unit}" if abs(scaled) >= 100 else f"{scaled:,.1f}".removesuffix(".0") + unit
    return f"{value:,.0f}"


def money(value: float | None, currency: str | None = None, lang: str | None = None) -> str:
    """An amount the way people say it, with its currency code.

    Examples
    --------
    >>> money(18_400_000, "EUR")
    'EUR 18.4M'
    """
    text = short_number(value, lang)
    return f"{currency} {text}" if currency and text != MISSING else text


def date(value: pd.Timestamp | None, lang: str | None = None) -> str:
    """A day, unambiguous in every country: 2026-11-24; 2026年11月24日 in Chinese.

    Examples
    --------
    >>> date(pd.Timestamp("2026-11-24"), "zh-Hans")
    '2026年11月24日'
    """
    if value is None or pd.isna(value):
        return MISSING
    day = pd.Timestamp(value)
    return f"{day:%Y-%m-%d}" if language(lang) == "en" else f"{day.year}年{day.month}月{day.day}日"


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
    if kind == "flag":
        return word("values.yes" if value else "values.no", lang)
    return label(value, lang, table=table) if kind == "key" else str(value)
