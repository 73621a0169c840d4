"""From columns of text to numbers, percentages, flags, ids, dates and money, decided by all their values."""

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .amounts_written import written_numbers
from .chinese_numbers import percentage
from .dates import date_order, parse_dates
from .letters import Letters
from .money import parse_money, read_numbers
from .parsed import NOTHING_WORDS, Distinct, Parsed, arrow_text, error_cell, is_error, no_problems, shown
from .text_second_look import ODD_TEXT, restored

__all__ = [
    "Parsed",
    "date_order",
    "parse_dates",
    "parse_flag",
    "parse_id",
    "parse_money",
    "parse_number",
    "parse_probability",
    "parse_sign",
    "parse_text",
]

_OUTER = " \t\r\n\x0b\x0c\xa0\u3000\u200b\ufeff\u2007\u202f"
# Among them TRUE and FALSE as Excel writes them in other languages.
_TRUE = frozenset([
    "true", "yes", "y", "t", "1", "-1", "1.0", "x", "✓", "√", "✔", "是", "是的", "真", "对", "對", "有", "ja", "oui",
    "sí", "sim", "да", "예", "네", "참", "wahr", "vrai", "verdadero", "verdadeiro", "vero", "waar", "истина", "on",
    "checked", "☑", "✅",
])  # fmt: skip
_FALSE = frozenset([
    "false", "no", "n", "f", "0", "0.0", "✗", "×", "✘", "否", "假", "错", "錯", "无", "無", "nein", "non", "não",
    "nee", "нет", "아니오", "아니요", "거짓", "falsch", "faux", "falso", "onwaar", "ложь", "off", "unchecked", "☐", "❌",
    "✖", "✕",
])  # fmt: skip
NOT_APPLICABLE = (
    "n/a",
    "N/A",
    "N/a",
    "-",
    "--",
    "---",
    "–",
    "—",
    "(blank)",
    "(empty)",
    "(空白)",
    "未填",
    "未填写",
    "未填寫",
    "--None--",
    "-None-",
    "- None -",
    "(none)",
    "(None)",
    "(No value)",
    "(null)",
    "<null>",
    "<NA>",
    "\\N",
    "NaN",
    "NaT",
    "undefined",
    "[object Object]",
    "无",
    "無",
    "暂无",
    "暫無",
    "请选择",
    "--请选择--",
    "請選擇",
    "--請選擇--",
    "-- Select --",
    "Please select",
)
"""No names; "NA", "None", "null" and "Nan" can be."""
_GARBLED = re.compile(r"\ufffd|^\?{2,}$|(?<=[^\x00-\x7f])\?{2,}|^[^/:?]*[^\W\d_]\?[^\W\d_]")
_FORMULA = re.compile(r"=[A-Z][A-Z.]{1,30}\(")
_LOOKED_AT = (
    r"^#[A-Z¡¿#]|^E(?:rr|RR):5\d\d$|\x{FFFD}|^\?\?+$|[^\x00-\x7f]\?\?|\p{L}\?\p{L}|^=[A-Z]|"
    + ODD_TEXT
    + "|^(?:"
    + "|".join(map(re.escape, NOT_APPLICABLE))
    + ")$"
)
"""Texts that need a second look; all others are kept as they are without one."""
_LOOKED_AT_FIRST = "#E?=" + "".join({text[0] for text in NOT_APPLICABLE if text[0].isascii()})
_LOOKED_AT_ODD = "&_?"
"""How such texts begin, and what they hold, where they are ASCII."""
_DAMAGED_ID = re.compile(
    r"^\d(?:[.,]\d+)?e\+?\d+$|^\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$"
    r"|^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2}$|^[1-9]\d{11,}0{4,}$",
    re.IGNORECASE,
)
_GUARDED_ID = r"^'(\d)"
_MAYBE_DAMAGED = r"(?i)e\+?\d+$|^\d{1,2}-[a-z]{3}$|^[a-z]{3}-\d{2}$|0000$|^[1-9]\d{15,}$"
_ONLY_ENDS = "The probabilities are only 0 and 1: 1 was read as 100%. If it means 1%, write 1% or export percentages from 0 to 100."
_LONG_NUMBER = re.compile(r"[1-9]\d{15,}")
_FEW = 100
_DAY_AND_MONTH = 6
"""Ids that end in no digit and are longer than "12-Jan" cannot be damaged."""


def parse_probability(column: pd.Series) -> Parsed:
    """Percentages as fractions 0–1; whether 10 means 10% is decided by the whole column.

    Returns
    -------
    Parsed
        ``float64``. Reasons: ``impossible_probability``, ``unreadable_probability``, ``probability_scale``
        (a fraction in a column of percentages).

    Examples
    --------
    >>> parse_probability(pd.Series(["10", "25", "100"])).values.tolist()
    [0.1, 0.25, 1.0]
    >>> parse_probability(pd.Series(["0.1", "0.25", "1"])).values.tolist()
    [0.1, 0.25, 1.0]
    """
    distinct = Distinct.of(column)
    said = [percentage(text) for text in distinct.texts]
    percent = np.array([text is not None for text in said], dtype=bool)
    bare = [text if other is None else other for text, other in zip(distinct.texts, said, strict=True)]
    numbers = written_numbers(bare, distinct.counts).values
    plain = ~percent & ~np.isnan(numbers)
    in_percent = bool((plain & (numbers > 1)).any())
    fractions = plain & (numbers > 0) & (numbers < 1)
    # "1" beside 10 and 25 is one per cent; beside 0.5 it is certainty.
    as_fraction = plain & (numbers <= 1) & (~np.array(in_percent) | fractions | fractions.any())
    values = np.round(np.where(as_fraction, numbers, numbers / 100), 12)
    found: dict[int, tuple[str, str, str]] = {}
    for number in np.flatnonzero(np.isnan(numbers) | (values > 1) | (values < 0)).tolist():
        text = distinct.texts[number]
        if is_error(text):
            found[number] = error_cell(text)
        elif text and text.lower() not in NOTHING_WORDS:
            unread = np.isnan(numbers[number])
            reason = "unreadable_probability" if unread else "impossible_probability"
            why = "could not be read as a probability" if unread else "is no probability (0% to 100%)"
            found[number] = ("unreadable", reason, f"{shown(text)} {why}; left empty.")
    values[(values > 1) | (values < 0)] = np.nan
    for number in np.flatnonzero(percent & ~np.isnan(values)).tolist():
        text = distinct.texts[number]
        if not text.endswith("%"):
            found[number] = (
                "repaired",
                "percent_in_words",
                f"{shown(text)} was read as {values[number]:.10g} (1 is 100%).",
            )
    if in_percent:
        for number in np.flatnonzero(as_fraction & (numbers > 0)).tolist():
            message = f"{shown(distinct.texts[number])} stands among percentages and was read as {values[number]:.0%}."
            found[number] = ("repaired", "probability_scale", message)
    decisions = []
    if plain.any() and (numbers[plain] > 0).any():
        decisions.append(
            "probabilities read as percentages (10 means 10%)"
            if in_percent
            else "probabilities read as fractions (0.1 means 10%)"
        )
    spread = distinct.spread(pd.Series(values, dtype="float64"))
    only_ends = plain.any() and set(numbers[plain]) <= {0, 1} and 1 in numbers[plain]
    return Parsed(spread, distinct.problems(found), tuple(decisions), _ONLY_ENDS if only_ends else None)


def parse_flag(column: pd.Series) -> Parsed:
    """Yes and no, in the words CRMs use.

    Returns
    -------
    Parsed
        A nullable ``boolean`` column. Reason: ``unreadable_flag``.

    Examples
    --------
    >>> parse_flag(pd.Series(["TRUE", "no", "是", "perhaps"])).values.tolist()
    [True, False, True, <NA>]
    """
    distinct = Distinct.of(column)
    values: list[bool | None] = []
    found: dict[int, tuple[str, str, str]] = {}
    for number, text in enumerate(distinct.texts):
        word = text.lower().strip("\ufe0e\ufe0f")
        values.append(True if word in _TRUE else False if word in _FALSE else None)
        if is_error(text):
            found[number] = error_cell(text)
        elif values[-1] is None and word and word not in NOTHING_WORDS:
            found[number] = ("unreadable", "unreadable_flag", f"{shown(text)} is neither yes nor no; left empty.")
    flags = distinct.spread(pd.Series(values, dtype="boolean"))
    if found or True not in values or False in values or not flags.isna().any():
        return Parsed(flags, distinct.problems(found))
    # Whoever only ticks leaves the others blank.
    said = f"{int(flags.isna().sum()):,} blanks beside {int(flags.sum()):,} ticks read as no"
    return Parsed(flags.fillna(False), distinct.problems(found), (said,))


def parse_number(column: pd.Series) -> Parsed:
    """Plain numbers as float; separators as in `parse_money`.

    Returns
    -------
    Parsed
        ``float64``. Reasons: ``unreadable_number``, ``ambiguous_separator``.

    Examples
    --------
    >>> parse_number(pd.Series(["1,200", "3.5", "many"])).values.tolist()
    [1200.0, 3.5, nan]
    """
    return read_numbers(column, "unreadable_number", "a number")


def parse_text(column: pd.Series) -> Parsed:
    """Text without outer blanks, no-break blanks made plain; empty becomes missing, everything else stays.

    Returns
    -------
    Parsed
        ``str``. Reasons: ``error_cell`` (an error value such as #REF!, left empty), ``garbled_text`` (kind
        ``note``: characters that were lost before the export).

    Examples
    --------
    >>> parse_text(pd.Series([" Acme ", "NA", "", "#REF!"])).values.tolist()
    ['Acme', 'NA', nan, nan]
    """
    return _text(*_trimmed(column))


def parse_sign(column: pd.Series) -> Parsed:
    """Text in which a dash is no placeholder but a sign, as − and + for a poor and a good rating.

    Returns
    -------
    Parsed
        As `parse_text`.

    Examples
    --------
    >>> parse_sign(pd.Series(["-", "++", ""])).values.tolist()
    ['-', '++', nan]
    """
    values, words = _trimmed(column)
    return Parsed(values, no_problems()) if _any_match(words, r"^[-–—−]{1,3}$") else _text(values, words)


def _text(values: pd.Series, words: pa.Array) -> Parsed:
    if not _any_match(Letters.of(words).worth_a_look(_LOOKED_AT_FIRST, _LOOKED_AT_ODD), _LOOKED_AT):
        return Parsed(values, no_problems())
    distinct = Distinct.of(values)
    found: dict[int, tuple[str, str, str]] = {}
    meant: list[str | None] = []
    for number, text in enumerate(distinct.raw):
        other = restored(text)
        meant.append(None if not other or is_error(text) or other in NOT_APPLICABLE else other)
        if is_error(text):
            found[number] = error_cell(text)
        elif _GARBLED.search(text):
            message = f"{shown(text)} holds garbled characters, lost before this file was written; kept as it is."
            found[number] = ("note", "garbled_text", message)
        elif other != text:
            message = f"{shown(text)} holds codes or marks that are not seen: read as {shown(other)}."
            found[number] = ("repaired", "escaped_text", message)
        elif _FORMULA.match(text):
            message = f"{shown(text)} is a formula, not its result; kept as it is. Export the values."
            found[number] = ("note", "formula_text", message)
    blank = values.isin(NOT_APPLICABLE)
    decisions: tuple[str, ...] = ()
    if blank.any():
        decisions = (f"{int(blank.sum())} placeholders such as '{values[blank].iloc[0]}' read as blank",)
    return Parsed(distinct.spread(pd.Series(meant, dtype="str")), distinct.problems(found), decisions)


def parse_id(column: pd.Series) -> Parsed:
    """Identifiers as text: leading zeros and case are kept.

    Returns
    -------
    Parsed
        ``str``. Reasons: ``error_cell``, ``garbled_text``, and ``damaged_id`` (kind ``note``, the value is kept):
        an id that a spreadsheet turned into 1.2E+11, a date, or a number with its last digits lost.

    Examples
    --------
    >>> parsed = parse_id(pd.Series(["00123", "1.40294E+18"]))
    >>> parsed.values.tolist(), parsed.problems["reason"].tolist()
    (['00123', '1.40294E+18'], ['damaged_id'])
    """
    trimmed, words = _trimmed(column)
    text = _text(trimmed, words)
    values, decisions = text.values, text.decisions
    if (Letters.of(words).first == ord("'")).any() and _any_match(words, _GUARDED_ID):
        values = values.str.replace(_GUARDED_ID, r"\1", regex=True)
        words = arrow_text(values)
        decisions = (*decisions, "apostrophes before ids, which keep their zeros in a spreadsheet, left out")
    if _are_all(values, r"^\d+(?:\.0)?$") and _any_match(words, r"\.0$"):
        values = values.str.removesuffix(".0")
        words = arrow_text(values)
        decisions = (*decisions, "ids stood as numbers (100.0) and are read without .0")
    if _are_all(values, r"^\d{1,3}(?:,\d{3})*$") and _any_match(words, ","):
        values = values.str.replace(",", "", regex=False)
        words = arrow_text(values)
        decisions = (*decisions, "ids stood as numbers with thousands (1,234) and are read without commas")
    if not _any_match(Letters.of(words).ending_in_digits(_DAY_AND_MONTH), _MAYBE_DAMAGED):
        return Parsed(values, text.problems, decisions)
    distinct = Distinct.of(values)
    rounded = _rounded(distinct.raw)
    found = {
        number: (
            "note",
            "damaged_id",
            f"{shown(raw)} looks like an id that a spreadsheet turned into scientific notation, a date or a rounded "
            "number; kept as it is, but different ids may have become the same.",
        )
        for number, raw in enumerate(distinct.raw)
        if _DAMAGED_ID.match(raw) or (rounded and _LONG_NUMBER.fullmatch(raw))
    }
    problems = distinct.problems(found)
    both = [frame for frame in (text.problems, problems) if len(frame)]
    return Parsed(values, pd.concat(both, ignore_index=True) if both else no_problems(), decisions)


def _rounded(texts: list[str]) -> bool:
    """Whether all ids of more digits than a spreadsheet keeps look like its numbers: 15 digits, or a binary number.

    Of other long ids hardly any do.
    """
    long = [text for text in texts if _LONG_NUMBER.fullmatch(text)]
    return bool(long) and all(
        text[15:].strip("0") == "" or (len(text) > 16 and int(float(text)) == int(text)) for text in long
    )


def _are_all(texts: pd.Series, pattern: str) -> bool:
    """Whether a column holds texts, and all of them fit; mostly the first few tell."""
    parts = (arrow_text(part).drop_null() for part in (texts.dropna().iloc[:_FEW], texts))
    return all(len(held) and pc.all(pc.match_substring_regex(held, pattern)).as_py() for held in parts)


def _any_match(texts: pa.Array, pattern: str) -> bool:
    return bool(pc.any(pc.match_substring_regex(texts, pattern)).as_py())


def _without_blanks(words: pa.Array) -> pa.Array:
    """Texts without outer blanks and with plain ones inside; missing where nothing is left."""
    words = pc.utf8_trim(words, characters=_OUTER)
    if not pc.all(pc.string_is_ascii(words)).as_py():
        words = pc.replace_substring_regex(words, "[\xa0\u2007\u202f]", " ")
    return pc.if_else(pc.equal(words, ""), pa.scalar(None, words.type), words)


def _trimmed(column: pd.Series) -> tuple[pd.Series, pa.Array]:
    """The column without outer blanks, and its texts, each once where they repeat; the work is done on these."""
    texts = arrow_text(column)
    repeated = pa.types.is_dictionary(texts.type)
    words = texts.dictionary if repeated else texts
    letters = Letters.of(words)
    if not letters.is_tidy() or len(letters.texts) + words.null_count < len(words):
        words = _without_blanks(words)
    values = (words.take(texts.indices) if repeated else words).to_pandas()
    return pd.Series(values.array, index=column.index, name=column.name, dtype="str"), words
