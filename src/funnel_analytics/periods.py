"""Fiscal periods: what "2026Q4" means in the team's own calendar.

A period is a closed range of days; a deal closed on the last day counts.
"""

import re
from dataclasses import dataclass

import pandas as pd

from .errors import ArgumentError, nearest

ACCEPTED = "a quarter like 2026Q4, a half like 2026H2, a month like 2026-10 or a year like 2026"
_LENGTH = {"Q": 3, "H": 6}
_FREQUENCIES = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True)
class Period:
    """A named range of days, both ends included."""

    label: str
    start: pd.Timestamp
    end: pd.Timestamp

    @property
    def days(self) -> int:
        """How many days the period has."""
        return int((self.end - self.start).days) + 1


def _months(label: str, year: int, first: int, length: int) -> Period:
    start = pd.Timestamp(year=year, month=1, day=1) + pd.DateOffset(months=first)
    return Period(label, start, start + pd.DateOffset(months=length) - pd.Timedelta(days=1))


def parse_period(text: str, fiscal_start: int = 1) -> Period:
    """The days that a period's name stands for.

    Parameters
    ----------
    text
        ``"2026Q4"``, ``"2026H2"``, ``"2026"`` (fiscal) or ``"2026-10"`` (a calendar month).
    fiscal_start
        First month of the fiscal year, 1 to 12. A fiscal year is named after the calendar year in
        which it ends (a year that starts in April 2026 is 2027), as most CRMs do.

    Raises
    ------
    ArgumentError
        If the text names no period.

    Examples
    --------
    >>> parse_period("2026Q4").end.date()
    datetime.date(2026, 12, 31)
    >>> parse_period("2027Q1", fiscal_start=4).start.date()
    datetime.date(2026, 4, 1)
    """
    cleaned = re.sub(r"\s|^FY", "", str(text).upper()).replace("_", "-")
    if match := re.fullmatch(r"(\d{4})-?(\d{2})", cleaned):
        year, month = int(match[1]), int(match[2])
        if 1 <= month <= 12:
            return _months(f"{year}-{month:02d}", year, month - 1, 1)
    shift = 0 if fiscal_start == 1 else fiscal_start - 13
    if match := re.fullmatch(r"(\d{4})-?([QH])([1-4])", cleaned):
        year, kind, number = int(match[1]), match[2], int(match[3])
        length = _LENGTH[kind]
        if number * length <= 12:
            return _months(f"{year}{kind}{number}", year, shift + (number - 1) * length, length)
    if re.fullmatch(r"\d{4}", cleaned):
        return _months(cleaned, int(cleaned), shift, 12)
    raise ArgumentError(f"'{text}' is not a period. Accepted: {ACCEPTED}.")


def period_of(date: pd.Timestamp, frequency: str = "quarter", fiscal_start: int = 1) -> Period:
    """The fiscal period of a length that holds a date.

    Parameters
    ----------
    date
        Any day.
    frequency
        ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``.
    fiscal_start
        First month of the fiscal year.

    Examples
    --------
    >>> period_of(pd.Timestamp("2026-11-24")).label
    '2026Q4'
    """
    return parse_period(str(period_labels(pd.Series([date]), frequency, fiscal_start).iloc[0]), fiscal_start)


def period_labels(dates: pd.Series, frequency: str = "quarter", fiscal_start: int = 1) -> pd.Series:
    """The label of the fiscal period that holds each date (missing where the date is).

    Examples
    --------
    >>> period_labels(pd.to_datetime(pd.Series(["2026-11-24", None]))).tolist()
    ['2026Q4', nan]
    """
    if frequency not in _FREQUENCIES:
        raise ArgumentError(f"'{frequency}' is not a period length.{nearest(frequency, _FREQUENCIES)}")
    days = pd.to_datetime(dates)
    if frequency == "month":
        return days.dt.strftime("%Y-%m").astype("str").where(days.notna())
    shift = 0 if fiscal_start == 1 else 13 - fiscal_start
    month = days.dt.year * 12 + days.dt.month - 1 + shift
    year, index = month // 12, (month % 12) // _FREQUENCIES[frequency] + 1
    text = year.astype("Int64").astype("str")
    if frequency != "year":
        text = text + {"quarter": "Q", "half": "H"}[frequency] + index.astype("Int64").astype("str")
    return text.where(days.notna())
