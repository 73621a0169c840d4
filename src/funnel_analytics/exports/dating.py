"""The date of an export: from its report line, its file name or its newest change; the clock is never asked."""

import re
from pathlib import PurePath

import pandas as pd

from ..periods import FiscalCalendar, parse_period
from .values.date_second_look import MONTHS
from .values.parsing import parse_dates

_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}年\d{1,2}月\d{1,2}日|[A-Z][a-z]+\.? \d{1,2},? \d{4}|\d{1,2}[ -][A-Z][a-z]+[ -]\d{4})"  # fmt: skip
_REPORT_LINE = re.compile(
    r"(?:as\s+of|as\s+at|report\s+date|generated|exported|printed|run)(?:\s+(?:on|at|date))?\s*[:：]?\s*" + _DAY
    + r"|(?:截至|截止|截至日期|截止日期|导出时间|导出日期|報表日期|报表日期|匯出時間|匯出日期|生成时间|產生時間)\s*[:：]?\s*" + _DAY,
    re.IGNORECASE,
)  # fmt: skip
_NAME_DAY = re.compile(r"(?<!\d)(20\d{2})([-_. ]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_NAME_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-_.])(\d{1,2})\2(20\d{2})(?!\d)|(?<!\d)(\d{2})(\d{2})(20\d{2})(?!\d)")
_MONTH = "jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september|october|november|december"  # fmt: skip
_NAME_WORDS = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})[-_ .]?)?(?<![a-z])({_MONTH})(?![a-z])[-_ .,]*(?:(\d{{1,2}})(?!\d)[-_ .,]+)?(20\d{{2}})(?!\d)"
)
_NAME_COUNTED = re.compile(r"(?<![a-z])report(1\d{12})(?!\d)")  # Salesforce names a report by its milliseconds
_NAME_CHINESE = re.compile(r"(20\d{2})年(\d{1,2})月(?:(\d{1,2})日)?")
_NAME_QUARTER = re.compile(
    r"(?<!\d)(20\d{2})[-_ ]?(?:年第?([1-4一二三四])季度?|q([1-4])(?!\d))|(?<![a-z])q([1-4])[-_ ]?(20\d{2})(?!\d)"
)
_NAME_MONTH = re.compile(r"(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])(?!\d)(?![-_.]\d)")
_GAP = pd.Timedelta(days=366)


def date_in_lines(lines: list[str], order: str | None) -> pd.Timestamp | None:
    """The date that a report states above or below its table ("As of 2024-04-02 10:15")."""
    for line in lines:
        match = _REPORT_LINE.search(str(line))
        if match:
            day = parse_dates(pd.Series([match[1] or match[2]], dtype="str", name="as of"), order=order).values.iloc[0]
            if pd.notna(day):
                return pd.Timestamp(day).normalize()
    return None


def date_in_name(name: str, calendar: FiscalCalendar | int = 1) -> pd.Timestamp | None:
    """The date that a file's name states; of a quarter or a month its last day.

    Examples
    --------
    >>> date_in_name("pipeline 2024-04-01.xlsx").date(), date_in_name("export_2024Q1.csv").date()
    (datetime.date(2024, 4, 1), datetime.date(2024, 3, 31))
    >>> date_in_name("report1730332800000.xls").date(), date_in_name("deals 31.10.2024.csv").date()
    (datetime.date(2024, 10, 31), datetime.date(2024, 10, 31))
    """
    text = PurePath(name).name.lower()
    if match := _NAME_DAY.search(text):
        return _day(f"{match[1]}-{match[3]}-{match[4]}")
    if match := _NAME_COUNTED.search(text):
        return pd.Timestamp(int(match[1]), unit="ms").normalize()
    if (match := _NAME_YEAR_LAST.search(text)) and (day := _year_last(match)) is not None:
        return day
    if match := _NAME_WORDS.search(text):
        in_month = match[1] or match[3]
        day = _day(f"{match[4]}-{MONTHS[match[2]]:02d}-{int(in_month or 1):02d}")
        return day if in_month or day is None else day + pd.offsets.MonthEnd(0)
    if match := _NAME_CHINESE.search(text):
        month = _day(f"{match[1]}-{int(match[2]):02d}-{int(match[3] or 1):02d}")
        return month if match[3] or month is None else month + pd.offsets.MonthEnd(0)
    if match := _NAME_QUARTER.search(text):
        number = match[2] or match[3] or match[4]
        label = f"{match[1] or match[5]}Q{'一二三四'.find(number) + 1 or number}"
        return parse_period(label, calendar).end
    if match := _NAME_MONTH.search(text):
        month = _day(f"{match[1]}-{match[2]}-01")
        return None if month is None else month + pd.offsets.MonthEnd(0)
    return None


def _year_last(match: re.Match[str]) -> pd.Timestamp | None:
    """The day of a name such as 31.10.2024; None where day and month can change places, but for points between them."""
    first, second, year = (match[1], match[3], match[4]) if match[2] else (match[5], match[6], match[7])
    day, month = int(first), int(second)
    if month > 12 >= day:
        day, month = month, day
    elif day <= 12 and day != month and match[2] != ".":
        return None
    return _day(f"{year}-{month:02d}-{day:02d}")


def _day(text: str) -> pd.Timestamp | None:
    day = pd.to_datetime(text, errors="coerce")
    return None if pd.isna(day) else pd.Timestamp(day)


def newest(days: pd.Series) -> pd.Timestamp | None:
    """The newest of the days, passing over a few that stand more than a year after all others (slips of the pen)."""
    counts = days.dropna().dt.normalize().value_counts().sort_index()
    if counts.empty:
        return None
    dates, after = list(counts.index), counts[::-1].cumsum()[::-1]
    rare = max(1.0, 0.01 * float(counts.sum()))
    for position in range(len(dates) - 1, 0, -1):
        if after.iloc[position] > rare:
            break
        if dates[position] - dates[position - 1] > _GAP:
            return newest(days[days < dates[position]])
    return pd.Timestamp(dates[-1])


def newest_change(recorded: list[pd.Series], created: list[pd.Series], closed: list[pd.Series]) -> pd.Timestamp | None:
    """The day of the newest change that an export shows.

    Parameters
    ----------
    recorded
        Days that a machine wrote: change log, last modified.
    created
        Days on which something was created or last done.
    closed
        Close dates of won and lost opportunities: people write them, so that they count only up to a year after
        everything else.
    """
    known = [day for days in (*recorded, *created) if (day := newest(days)) is not None]
    if any(len(days.dropna()) for days in recorded):
        return max(known)
    if known and closed:
        limit = max(known) + _GAP
        closed = [days[days <= limit] for days in closed]
    return max([*known, *(day for days in closed if (day := newest(days)) is not None)], default=None)
