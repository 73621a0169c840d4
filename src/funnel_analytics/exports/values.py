"""From columns of text to numbers, percentages, flags, ids, dates and money, decided by all their values."""

import re

import numpy as np
import pandas as pd

from .dates import date_order, parse_dates
from .money import parse_money
from .parsed import EXCEL_ERRORS, NOTHING_WORDS, Distinct, Parsed, no_problems, shown

__all__ = [
    "Parsed",
    "date_order",
    "parse_dates",
    "parse_flag",
    "parse_id",
    "parse_money",
    "parse_number",
    "parse_probability",
    "parse_text",
]


_YES = frozenset({"true", "yes", "y", "1", "t", "x", "✓", "是", "已", "对", "真"})
_NO = frozenset({"false", "no", "n", "0", "f", "否", "未", "错", "假"})
_NUMBER = re.compile(r"^[+-]?(\d[\d,\s']*\.?\d*|\.\d+)(e[+-]?\d+)?$", re.IGNORECASE)
_DAMAGED_ID = re.compile(r"^\d(\.\d+)?e\+\d+$", re.IGNORECASE)


def _numbers(distinct: Distinct) -> np.ndarray:
    plain = [re.sub(r"[,\s']", "", text) if _NUMBER.match(text) else "nan" for text in distinct.texts]
    return np.array([float(text) for text in plain], dtype="float64")


def _unread(distinct: Distinct, unread: np.ndarray, what: str, reason: str) -> dict[int, tuple[str, str, str]]:
    """A line for each text that is neither read nor a way of writing nothing."""
    found = {}
    for number in np.flatnonzero(unread):
        text = distinct.texts[number]
        if text and text.lower() not in NOTHING_WORDS:
            key = "error_cell" if text.upper() in EXCEL_ERRORS else reason
            found[int(number)] = ("unreadable", key, f"{shown(text)} could not be read as {what}; left empty.")
    return found


def parse_probability(column: pd.Series) -> Parsed:
    """Percentages as fractions 0–1; whether 10 means 10 % is decided by the whole column.

    Examples
    --------
    >>> parse_probability(pd.Series(["10", "75 %", "100"])).values.tolist()
    [0.1, 0.75, 1.0]
    """
    distinct = Distinct.of(column)
    signed = np.array([text.endswith("%") for text in distinct.texts], dtype=bool)
    bare = Distinct(
        distinct.column,
        distinct.codes,
        distinct.raw,
        [text.removesuffix("%").strip() for text in distinct.texts],
        distinct.counts,
    )
    numbers = _numbers(bare)
    plain = numbers[~signed]
    plain = plain[~np.isnan(plain)]
    hundred = bool((plain > 1).any())
    fractions = bool(((plain > 0) & (plain < 1)).any())
    values = np.where(signed | hundred, numbers / 100, numbers)
    found = _unread(distinct, np.isnan(numbers), "a probability", "unreadable_probability")
    question, decisions = None, []
    if hundred and fractions:
        # Per column, never per cell: 0.5 among whole percentages is half a percent, and that is worth a question.
        question = (
            "Probabilities are mixed: some look like 0.5, others like 50. All were read as percentages (50 = 50 %)."
        )
        decisions.append("mixed scale of probabilities: all read as percentages")
    elif hundred:
        decisions.append("probabilities read as percentages (10 = 10 %)")
    for number in np.flatnonzero((values > 1) | (values < 0)):
        values[number] = np.nan
        found[int(number)] = (
            "unreadable",
            "impossible_probability",
            f"{shown(distinct.texts[number])} is no probability (0 to 100 %); left empty.",
        )
    return Parsed(distinct.spread(pd.Series(values)), distinct.problems(found), tuple(decisions), question)


def parse_flag(column: pd.Series) -> Parsed:
    """Yes and no, in the words CRMs use; values are a nullable ``boolean`` column.

    Examples
    --------
    >>> parse_flag(pd.Series(["TRUE", "否", ""])).values.tolist()
    [True, False, <NA>]
    """
    distinct = Distinct.of(column)
    read = [True if text.lower() in _YES else False if text.lower() in _NO else None for text in distinct.texts]
    found = _unread(distinct, np.array([flag is None for flag in read], dtype=bool), "yes or no", "unreadable_flag")
    return Parsed(distinct.spread(pd.Series(read, dtype="boolean")), distinct.problems(found))


def parse_number(column: pd.Series) -> Parsed:
    """Plain numbers as float.

    Examples
    --------
    >>> parse_number(pd.Series(["1,200", "3.5", "many"])).values.tolist()
    [1200.0, 3.5, nan]
    """
    distinct = Distinct.of(column)
    numbers = _numbers(distinct)
    found = _unread(distinct, np.isnan(numbers), "a number", "unreadable_number")
    return Parsed(distinct.spread(pd.Series(numbers)), distinct.problems(found))


def _stripped(column: pd.Series) -> pd.Series:
    distinct = Distinct.of(column)
    texts = [re.sub(r"[\u00a0\u3000]", " ", text).strip() or None for text in distinct.raw]
    return distinct.spread(pd.Series(texts, dtype="str"))


def parse_text(column: pd.Series) -> Parsed:
    """Text without outer blanks; empty becomes missing, and nothing else does: "NA" and "null" can be names."""
    return Parsed(_stripped(column), no_problems())


def parse_id(column: pd.Series) -> Parsed:
    """Identifiers as text; ids that a spreadsheet has damaged are reported.

    Examples
    --------
    >>> parse_id(pd.Series(["00123", "1.23457E+11"])).problems["reason"].tolist()
    ['damaged_id']
    """
    distinct = Distinct.of(column)
    damaged = [number for number, text in enumerate(distinct.texts) if _DAMAGED_ID.match(text)]
    found = {
        number: (
            "repaired",
            "damaged_id",
            f"{shown(distinct.texts[number])} is an id that a spreadsheet has turned into a number; kept as it stands.",
        )
        for number in damaged
    }
    return Parsed(_stripped(column), distinct.problems(found))
