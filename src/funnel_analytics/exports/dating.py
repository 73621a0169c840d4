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
_MONTH = "jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march|april|august|september|october|november|december"  # fmt: skip
_CLOCK = r"(?:[ t_-]?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?"
_NAME_DAY = re.compile(
    rf"(?<!\d)(20\d{{2}})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]){_CLOCK}(?!\d)"
    r"|(?<!\d)(20\d{2})([-_. ])(0?[1-9]|1[0-2])\5(0?[1-9]|[12]\d|3[01])(?!\d)"
)
_NAME_COUNTED = re.compile(r"(?<![a-z])report(1\d{12})(?!\d)")  # Salesforce names a report by its milliseconds
_NAME_YEAR_LAST = re.compile(r"(?<!\d)(\d{1,2})([-_.])(\d{1,2})\2(20\d{2})(?!\d)|(?<!\d)(\d{2})(\d{2})(20\d{2})(?!\d)")
_NAME_WORDS = re.compile(
    rf"(?:(?<!\d)(\d{{1,2}})[-_ .]?)?(?<![a-z])({_MONTH})(?![a-z])[-_ .,]*(?:(\d{{1,2}})(?!\d)[-_ .,]+)?(20\d{{2}})(?!\d)"
)
_NAME_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})[-_ .]?({_MONTH})[-_ .]?(\d{{2}})(?!\d)")
_NAME_YEAR_FIRST = re.compile(rf"(?<!\d)(20\d{{2}})[-_ .]?({_MONTH})(?![a-z])[-_ .]?(?:(\d{{1,2}})(?!\d))?")
_NAME_CHINESE = re.compile(r"(?<!\d)(20\d{2}|1[01]\d)年 ?(\d{1,2})月(?: ?(\d{1,2})[日号號])?")
_NAME_WEEK = re.compile(
    r"(?<!\d)(20\d{2})(?:年第?|[-_. ]*(?:w|wk|week|kw|cw)[-_. ]?)(0?[1-9]|[1-4]\d|5[0-3])(?:周|週|(?![\d月]))"
    r"|(?<![a-z])(?:w|wk|week|kw|cw)[-_. ]?(0?[1-9]|[1-4]\d|5[0-3])[-_. ]+(20\d{2})(?!\d)"
)
_NAME_PERIOD = re.compile(
    r"(?<!\d)(?<![a-z])(?:[fc]y[-_ ]?)?20\d{2}[-_ ]?[qh][1-4](?!\d)|(?<![a-z])[fc]y[-_ ]?\d{2}[-_ ]?[qh][1-4](?!\d)"
    r"|(?<![a-z])[qh][1-4][-_ ]*(?:[fc]y[-_ ]?)?20\d{2}(?!\d)|(?<![a-z])[qh][1-4][-_ ]?(?:[fc]y|[-'])[-_ ]?\d{2}(?!\d)"
    r"|(?<![a-z\d])[1-4][qh](?:20)?\d{2}(?!\d)|(?<!\d)20\d{2}[-_ ]?年?第?[1-4一二三四]季度?|(?<!\d)20\d{2}[-_ ]?年?[上下]半年"
)
_NAME_MONTH = re.compile(r"(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])(?!\d)(?![-_.]\d)")
_REPUBLIC = 1911
"""What years of Taiwan's calendar lack: 113年 is 2024."""
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
    """The date that a file's name states, else that of its folder in a zip archive; of a period its last day.

    Examples
    --------
    >>> date_in_name("pipeline 2024-04-01.xlsx").date(), date_in_name("export_2024Q1.csv").date()
    (datetime.date(2024, 4, 1), datetime.date(2024, 3, 31))
    >>> date_in_name("report1730332800000.xls").date(), date_in_name("deals 31.10.2024.csv").date()
    (datetime.date(2024, 10, 31), datetime.date(2024, 10, 31))
    >>> date_in_name("deals 2024-W40.csv").date(), date_in_name("weeks.zip/2024-10-04/deals.csv").date()
    (datetime.date(2024, 10, 6), datetime.date(2024, 10, 4))
    """
    *folders, text = PurePath(name.lower()).parts
    if (day := day_in_name(text)) is not None or (day := _period_end(text, calendar)) is not None:
        return day
    # A folder in a zip archive that is called after a day; one called after a quarter only says what it is about.
    return next((day for folder in folders[::-1] if (day := day_in_name(folder)) is not None), None)


def day_in_name(name: str) -> pd.Timestamp | None:
    """The day that a name states; of several, as the first and the last of a period, the last.

    Examples
    --------
    >>> day_in_name("opportunities 20240901-20240930.csv").date(), day_in_name("opportunities 2024Q3")
    (datetime.date(2024, 9, 30), None)
    """
    text = name.lower()
    found = [_day("-".join(filter(None, match.group(1, 2, 3, 4, 6, 7)))) for match in _NAME_DAY.finditer(text)]
    found += [pd.Timestamp(int(match[1]), unit="ms").normalize() for match in _NAME_COUNTED.finditer(text)]
    found += [_year_last(match) for match in _NAME_YEAR_LAST.finditer(text)]
    found += [
        _day(f"{match[4]}-{MONTHS[match[2]]:02d}-{int(match[1] or match[3]):02d}")
        for match in _NAME_WORDS.finditer(text)
        if match[1] or match[3]
    ]
    found += [
        _day(f"20{match[3]}-{MONTHS[match[2]]:02d}-{int(match[1]):02d}") for match in _NAME_DAY_FIRST.finditer(text)
    ]
    found += [
        _day(f"{match[1]}-{MONTHS[match[2]]:02d}-{int(match[3]):02d}")
        for match in _NAME_YEAR_FIRST.finditer(text)
        if match[3]
    ]
    found += [
        _day(f"{_western(match[1])}-{int(match[2]):02d}-{int(match[3]):02d}")
        for match in _NAME_CHINESE.finditer(text)
        if match[3]
    ]
    return max((day for day in found if day is not None), default=None)


def _period_end(text: str, calendar: FiscalCalendar | int) -> pd.Timestamp | None:
    """The last day of the week, month, quarter or half that a name states."""
    if match := _NAME_WEEK.search(text):
        # The Sunday; week 53 of a year that has none is the first of the next.
        first = pd.Timestamp.fromisocalendar(int(match[1] or match[4]), 1, 7)
        return first + pd.Timedelta(weeks=int(match[2] or match[3]) - 1)
    if match := _NAME_PERIOD.search(text):
        return parse_period(match[0], calendar).end
    for pattern, year, month in (
        (_NAME_WORDS, 4, 2),
        (_NAME_YEAR_FIRST, 1, 2),
        (_NAME_CHINESE, 1, 2),
        (_NAME_MONTH, 1, 2),
    ):
        if match := pattern.search(text):
            first = _day(f"{_western(match[year])}-{MONTHS.get(match[month]) or int(match[month]):02d}-01")
            return None if first is None else first + pd.offsets.MonthEnd(0)
    return None


def _western(year: str) -> int:
    """A year of the common calendar; one of three digits is Taiwan's."""
    return int(year) + (_REPUBLIC if len(year) == 3 else 0)


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
