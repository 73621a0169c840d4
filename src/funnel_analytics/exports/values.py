"""From columns of text to numbers, percentages, flags, ids, dates and money, decided by all their values."""

import pandas as pd

from .dates import date_order, parse_dates
from .money import parse_money
from .parsed import Parsed

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


def parse_probability(column: pd.Series) -> Parsed:
    """Percentages as fractions 0–1; whether 10 means 10 % is decided by the whole column."""
    raise NotImplementedError(column)


def parse_flag(column: pd.Series) -> Parsed:
    """Yes and no, in the words CRMs use; values are a nullable ``boolean`` column."""
    raise NotImplementedError(column)


def parse_number(column: pd.Series) -> Parsed:
    """Plain numbers as float."""
    raise NotImplementedError(column)


def parse_text(column: pd.Series) -> Parsed:
    """Text without outer blanks; empty becomes missing."""
    raise NotImplementedError(column)


def parse_id(column: pd.Series) -> Parsed:
    """Identifiers as text; ids that a spreadsheet has damaged are reported."""
    raise NotImplementedError(column)
