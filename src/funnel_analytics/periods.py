"""Fiscal periods: what "2026Q4" means in the team's own calendar.

A period is a closed range of days; an opportunity closed on the last day counts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from .errors import ArgumentError, nearest

ACCEPTED = "a quarter like 2026Q4, a half like 2026H2, a month like 2026-10 or a year like 2026"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEK_PATTERNS = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
NAMED_AFTER = ("end", "start")
_PARTS = {"Q": 4, "H": 2, "M": 12}
_FREQUENCIES = {"month": "M", "quarter": "Q", "half": "H", "year": ""}
_MOST_DAYS = {"month": 45, "quarter": 120, "half": 250}
_LETTERS = {"季": "Q", "半": "H"}
_NUMBERS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_YEAR = r"(?P<era>[FC]Y)?(?P<year>[12]\d{3}|\d{2})(?:年度?|财年|財年)?"
_SHORT_MONTHS = r"(?!\d{2}M)"  # 12M24 is as well a duration
_NAMES = (
    re.compile(rf"{_SHORT_MONTHS}{_YEAR}(?:[FC]Y)?(?P<part>[QHM])(?P<number>\d{{1,2}})(?:季度?)?"),
    re.compile(rf"(?P<part>[QHM])(?P<number>\d{{1,2}}){_YEAR}"),
    re.compile(rf"(?P<number>[1-4])(?P<part>[QH]){_YEAR}"),
    re.compile(rf"{_YEAR}第?(?P<number>[1-4一二三四])(?P<part>季)度?"),
    re.compile(rf"第(?P<number>[1-4一二三四])(?P<part>季)度?{_YEAR}"),
    re.compile(rf"{_YEAR}(?P<number>[上下])(?P<part>半)年?"),
)
"""Periods in capitals, without blanks and signs between their parts, "quarter" written as Q."""


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

    @property
    def length(self) -> str:
        """``"month"``, ``"quarter"``, ``"half"`` or ``"year"``, by its days: in a calendar of weeks they vary."""
        return next((name for name, most in _MOST_DAYS.items() if self.days <= most), "year")


@dataclass(frozen=True)
class FiscalCalendar:
    """How a team cuts its fiscal years.

    Attributes
    ----------
    start
        First month of the fiscal year, 1 to 12.
    weeks
        ``"4-4-5"``, ``"4-5-4"`` or ``"5-4-4"``: quarters of thirteen whole weeks, in months of so many weeks; a
        53rd week belongs to the year's last month. None means calendar months.
    ends_on
        With ``weeks``: ``"last saturday"``, the last one of the month before ``start``, or ``"nearest saturday"``,
        the one nearest to that month's end; any weekday.
    named_after
        ``"end"``: a year is named after the calendar year in which it ends, as most CRMs do (a year that starts in
        April 2026 is 2027); ``"start"``: in which it starts, as retailers do.

    Examples
    --------
    >>> retail = FiscalCalendar(2, "4-5-4", "nearest saturday", "start")
    >>> period = parse_period("2026Q4", retail)
    >>> str(period.start.date()), str(period.end.date())
    ('2026-11-01', '2027-01-30')
    """

    start: int = 1
    weeks: str | None = None
    ends_on: str = "last saturday"
    named_after: str = "end"

    def __post_init__(self) -> None:
        rule, _, day = self.ends_on.partition(" ")
        if self.start not in range(1, 13):
            raise ArgumentError(f"The fiscal year starts in month {self.start!r}. Accepted: a month, 1 to 12.")
        if self.weeks is not None and self.weeks not in WEEK_PATTERNS:
            raise ArgumentError(f"'{self.weeks}' is no pattern of weeks.{nearest(str(self.weeks), WEEK_PATTERNS)}")
        if rule not in ("last", "nearest") or day not in WEEKDAYS:
            raise ArgumentError(
                f"'{self.ends_on}' says not on which day the fiscal year ends. Accepted: last saturday, nearest sunday …"
            )
        if self.named_after not in NAMED_AFTER:
            raise ArgumentError(f"'{self.named_after}' is not known.{nearest(self.named_after, NAMED_AFTER)}")

    @property
    def _shift(self) -> int:
        """Months from the January of a year's name to its first month."""
        return self.start - 1 if self.start == 1 or self.named_after == "start" else self.start - 13

    def year_start(self, year: int) -> pd.Timestamp:
        """The first day of the fiscal year of that name."""
        first = pd.Timestamp(year=year, month=1, day=1) + pd.DateOffset(months=self._shift)
        if self.weeks is None:
            return first
        rule, _, day = self.ends_on.partition(" ")
        nominal = first - pd.Timedelta(days=1)
        back = (nominal.weekday() - WEEKDAYS.index(day)) % 7
        ahead = rule == "nearest" and back > 3
        return nominal - pd.Timedelta(days=back - 7 if ahead else back) + pd.Timedelta(days=1)

    def year_of_month(self, year: int, month: int) -> int:
        """The calendar year of a month of the fiscal year of that name.

        Examples
        --------
        >>> FiscalCalendar(4).year_of_month(2026, 4), FiscalCalendar(4).year_of_month(2026, 3)
        (2025, 2026)
        """
        return year + self._shift // 12 + (month < self.start)

    def part_start(self, year: int, parts: int, number: int) -> pd.Timestamp:
        """The first day of a part of a year that is cut into so many; part ``parts + 1`` is the next year's first."""
        if number > parts:
            return self.year_start(year + 1)
        if self.weeks is None:
            return self.year_start(year) + pd.DateOffset(months=(number - 1) * 12 // parts)
        weeks = np.cumsum([0, *WEEK_PATTERNS[self.weeks] * 4])[(number - 1) * 12 // parts]
        return self.year_start(year) + pd.Timedelta(weeks=int(weeks))


def calendar_of(calendar: FiscalCalendar | int) -> FiscalCalendar:
    """A calendar; a number is the first month of one that knows no weeks."""
    return calendar if isinstance(calendar, FiscalCalendar) else FiscalCalendar(calendar)


def _part(calendar: FiscalCalendar, label: str, year: int, parts: int, number: int) -> Period:
    end = calendar.part_start(year, parts, number + 1) - pd.Timedelta(days=1)
    return Period(label, calendar.part_start(year, parts, number), end)


def period_name(text: str) -> str | None:
    """The name of a period, however it is written; None where the text names none.

    Parameters
    ----------
    text
        As people write it: ``"Q4 FY26"``, ``"1Q24"``, ``"2026年第四季度"``; ``CY`` before a year says that it is one
        of the calendar and no fiscal one.

    Examples
    --------
    >>> [period_name(text) for text in ("Q4 FY26", "4Q26", "2026年下半年", "CY26 Q4", "October")]
    ['2026Q4', '2026Q4', '2026H2', 'CY2026Q4', None]
    """
    plain = re.sub(r"\s|['’]", "", str(text).upper())
    if match := re.fullmatch(r"(?:FY)?([12]\d{3})[-_]?(0[1-9]|1[0-2])", plain):
        return f"{match[1]}-{match[2]}"
    bare = re.sub(r"QUARTER|QUARTAL|QTR", "Q", re.sub(r"[-_/.]", "", plain)).replace("HALF", "H")
    bare = re.sub(r"(?<=\d)(?:ST|ND|RD|TH)(?=[QH])", "", bare)
    for pattern in _NAMES:
        if match := pattern.fullmatch(bare):
            letter = _LETTERS.get(match["part"], match["part"])
            number = _NUMBERS.get(match["number"]) or int(match["number"])
            if 1 <= number <= _PARTS[letter]:
                return f"{_year(match)}{letter}{number:0{2 if letter == 'M' else 1}d}"
    match = re.fullmatch(_YEAR, plain)
    return _year(match) if match and (match["era"] or len(match["year"]) == 4) else None


def _year(match: re.Match[str]) -> str:
    """The year that a period's name is led by, in four digits, with CY before one of the calendar."""
    calendar = "CY" if match["era"] == "CY" else ""
    return f"{calendar}{match['year'] if len(match['year']) == 4 else '20' + match['year']}"


def parse_period(text: str, calendar: FiscalCalendar | int = 1) -> Period:
    """The days that a period's name stands for.

    Parameters
    ----------
    text
        ``"2026Q4"``, ``"2026H2"``, ``"2026M10"``, ``"2026"`` (fiscal) or ``"2026-10"`` (a calendar month); also as
        people write it: ``"Q4 FY26"``, ``"4Q26"``, ``"CY26 Q4"`` (of the calendar year), ``"2026年第四季度"``.
    calendar
        The team's fiscal calendar, or the first month of its fiscal year.

    Raises
    ------
    ArgumentError
        If the text names no period.

    Examples
    --------
    >>> parse_period("2026Q4").end.date()
    datetime.date(2026, 12, 31)
    >>> parse_period("2027Q1", 4).start.date(), parse_period("CY27 Q1", 4).start.date()
    (datetime.date(2026, 4, 1), datetime.date(2027, 1, 1))
    """
    name = period_name(text)
    if name is None:
        raise ArgumentError(f"'{text}' is not a period. Accepted: {ACCEPTED}.")
    own = calendar_of(calendar)
    cal = FiscalCalendar() if name.startswith("CY") else own
    label = name.removeprefix("CY") if cal == own else name
    year, letter, number = re.findall(r"(\d{4})(\D?)(\d*)", name)[0]
    if letter == "-":
        start = pd.Timestamp(year=int(year), month=int(number), day=1)
        return Period(label, start, start + pd.offsets.MonthEnd(0))
    return _part(cal, label, int(year), _PARTS.get(letter, 1), int(number or 1))


def period_of(date: pd.Timestamp, frequency: str = "quarter", calendar: FiscalCalendar | int = 1) -> Period:
    """The fiscal period of a length that holds a date.

    Parameters
    ----------
    date
        Any day.
    frequency
        ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``.
    calendar
        The team's fiscal calendar, or the first month of its fiscal year.

    Examples
    --------
    >>> period_of(pd.Timestamp("2026-11-24")).label
    '2026Q4'
    """
    return parse_period(_labels(pd.DatetimeIndex([date]), frequency, calendar_of(calendar))[0], calendar)


def period_labels(dates: pd.Series, frequency: str = "quarter", calendar: FiscalCalendar | int = 1) -> pd.Series:
    """The label of the fiscal period that holds each date (missing where the date is).

    Months are those of the calendar, ``"2026-10"``; in a calendar of weeks they are the team's own, ``"2026M10"``.

    Examples
    --------
    >>> period_labels(pd.to_datetime(pd.Series(["2026-11-24", None]))).tolist()
    ['2026Q4', nan]
    """
    days = pd.to_datetime(dates)
    # Thousands of dates are few different days: each is written once.
    place, different = pd.factorize(days)
    labels = pd.Series(_labels(pd.DatetimeIndex(different), frequency, calendar_of(calendar)), dtype="str")
    return labels.reindex(place).set_axis(days.index).rename(days.name)


def _labels(days: pd.DatetimeIndex, frequency: str, calendar: FiscalCalendar) -> list[str]:
    """The label of the period that holds each day."""
    if frequency not in _FREQUENCIES:
        raise ArgumentError(f"'{frequency}' is not a period length.{nearest(frequency, _FREQUENCIES)}")
    if frequency == "month" and calendar.weeks is None:
        return [f"{day:%Y-%m}" for day in days]
    letter = _FREQUENCIES[frequency]
    parts = _PARTS.get(letter, 1)
    if calendar.weeks is None:
        month = days.year * 12 + days.month - 1 - calendar._shift
        found: Iterable[tuple[int, int]] = zip(month // 12, (month % 12) // (12 // parts) + 1, strict=True)
    else:
        found = _week_parts(days, calendar, parts)
    width = 2 if letter == "M" else 1
    return [f"{year}{letter}{number:0{width}d}" if letter else str(year) for year, number in found]


def _week_parts(days: pd.DatetimeIndex, calendar: FiscalCalendar, parts: int) -> Iterable[tuple[int, int]]:
    """Fiscal year and number of the part that holds each day, in a calendar of weeks."""
    if days.empty:
        return []
    years = range(days.min().year - 2, days.max().year + 3)
    starts = [(calendar.part_start(year, parts, part), year, part) for year in years for part in range(1, parts + 1)]
    edges = np.array([start.to_datetime64() for start, _, _ in starts])
    return [starts[place][1:] for place in np.searchsorted(edges, days.to_numpy(), side="right") - 1]
