"""The languages, one for each ``resources/words/<language>.toml``, and the text of a key in each.

Needs the standard library only, so that the command line can answer a call for help at once.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .errors import ArgumentError, nearest

DEFAULT_LANGUAGE = "en"


def _languages() -> tuple[str, ...]:
    found = (path.name for path in (files("funnel_analytics") / "resources" / "words").iterdir())
    codes = {name.removesuffix(".toml") for name in found if name.endswith(".toml")}
    return (DEFAULT_LANGUAGE, *sorted(codes - {DEFAULT_LANGUAGE}))


LANGUAGES = _languages()
"""Codes of the languages that have words, English first: a new file is a new language."""


_spoken = DEFAULT_LANGUAGE
"""What a call that names no language gets."""


def set_language(lang: str) -> None:
    """From now on charts, dashboards, reviews and messages that name no language are in this one.

    Parameters
    ----------
    lang
        Language code; English is spoken until this is called.

    Raises
    ------
    ArgumentError
        If the language has no words file.

    Examples
    --------
    >>> set_language("zh-Hans")
    >>> word("tables.amount"), word("tables.amount", "en")
    ('金额', 'Amount')
    >>> set_language("en")
    """
    global _spoken  # a setting of the process, as a locale is
    _spoken = language(lang)


def language(lang: str | None) -> str:
    """A supported language code; None means the one set with `set_language`, English if none was.

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
        return _spoken
    for code in LANGUAGES:
        if code.lower() == str(lang).replace("_", "-").lower():
            return code
    raise ArgumentError(f"'{lang}' is not a language of this package.{nearest(str(lang), LANGUAGES)}")


@lru_cache
def texts(lang: str) -> Mapping[str, str]:
    """Every text of a language by dotted key."""
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
    return list(texts(language(lang)))


_FORMS = re.compile(r"\{(\w+)\|([^|{}]*)\|([^|{}]*)\}")


def word(key: str, lang: str | None = None, **values: object) -> str:
    """The text of a dotted key in a language, with its ``{placeholders}`` filled.

    Parameters
    ----------
    key
        For example ``"tables.amount"``.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.
    **values
        What the placeholders stand for; ``{count|file|files}`` takes its first form where ``count`` is 1.

    Raises
    ------
    ArgumentError
        If the key has no text: a mistake in the package, found by its tests.

    Examples
    --------
    >>> word("tables.amount", "zh-Hans")
    '金额'
    >>> word("reviews.more", count=1), word("reviews.more", count=2)
    ('… and 1 more file', '… and 2 more files')
    """
    words = texts(language(lang))
    if key not in words:
        raise ArgumentError(f"There is no text for '{key}'.{nearest(key, words)[:300]}")
    if not values:
        return words[key]
    # {count|deal is|deals are}: the first where the count is 1.
    text = _FORMS.sub(lambda form: form[2 if str(values[form[1]]) == "1" else 3], words[key])
    return text.format(**values)
