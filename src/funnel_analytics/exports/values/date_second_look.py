"""A second look at texts that are no usual date: rarer writings put into usual ones, months and quarters as days."""

import re
from collections.abc import Mapping
from datetime import date

import pandas as pd

from ...errors import ArgumentError
from ...periods import FiscalCalendar, Period, parse_period
from .chinese_numbers import number_of

MONTHS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero ene janeiro gennaio gen januari stycznia ocak ledna января янв sty oca led",
            "feb february februar février févr fevrier febrero fevereiro fev febbraio februari lutego şubat února февраля фев февр lut şub úno",
            "mar march märz mär mrz mars marzo março maart mrt marca mart března марта мар márc marec bře",
            "apr april avril avr abril abr aprile kwietnia nisan dubna апреля апр kwi nis ápr dub",
            "may mai mayo maio maggio mag mei maj maja mayıs května мая май máj kvě",
            "jun june juni juin junio junho giugno giu czerwca haziran června июня июн cze haz jún čvn",
            "jul july juli juillet juil julio julho luglio lug lipca temmuz července июля июл lip tem júl čvc",
            "aug august août aout agosto ago augustus augusti sierpnia ağustos srpna августа авг sie ağu srp",
            "sep sept september septembre septiembre setembro settembre set września eylül září сентября сен сент wrz eyl szept zář",
            "oct october okt oktober octobre octubre outubro ottobre ott out października ekim října октября окт paź eki říj",
            "nov november novembre noviembre novembro listopada kasım listopadu ноября ноя нояб lis kas",
            "dec december desember dez dezember décembre decembre déc diciembre dic dezembro dicembre grudnia aralık prosince декабря дек gru ara des pro",
        ),
        start=1,
    )
    for name in names.split()
}
_NUMERALS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE = re.compile(
    r"^([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十〇\d]{1,3})月([一二三四五六七八九十〇\d]{1,3})[日号號]?$"
)
_ERAS = {"令": 2018, "r": 2018, "平": 1988, "h": 1988, "昭": 1925, "s": 1925}
_ERA = re.compile(
    r"^([令平昭]|[rhs]\.?(?=\s*\d{1,2}[./-]\d{1,2}[./-]\d{1,2}$))[和成]?\s*(元|\d{1,2})(?=[年./・-])", re.IGNORECASE
)
_ERA_IN_NUMERALS = re.compile(
    r"^((?:中[華华])?民[國国]|令和|平成|昭和)([〇零一二三四五六七八九十百]{1,6})年([一二三四五六七八九十\d]{1,3})月([一二三四五六七八九十\d]{1,3})日"
)
_ERA_IN_SEVEN_DIGITS = re.compile(r"^(1[0-4]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
"""As Taiwan's offices write them: 1130430."""
_STAMPED = re.compile(r"^((?:19|20)\d{6})[t\s]?(\d{2})(\d{2})(\d{2})(z?)$", re.IGNORECASE)
_OTHER_WEEKDAY = re.compile(
    r"^(?:(?:mo|di|mi|do|fr|sa|so|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lun|mar|mer|jeu|ven"
    r"|sam|dim|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|mié|jueves|jue|viernes|vie|sábado"
    r"|sáb|domingo|dom|seg|ter|qua|qui|sex|ma|wo|vr|za|zo|gio|sab|пн|вт|ср|чт|пт|сб|вс|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*)"
    r"\.?,?\s+|(?:星期|礼拜|禮拜|周|週)[一二三四五六日天]\s*[,，]?\s*)(?=\d)",
    re.IGNORECASE,
)
_WEEKDAY_BEHIND = re.compile(r"(?<=\d)\s*[,(（]\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?\s*[)）]?$", re.IGNORECASE)
_YEAR_WORD = re.compile(r"(?<=\d)\s*(?:г\.?|года|r\.)(?=\s|,|$)", re.IGNORECASE)
"""The year's own word in Russian and Polish."""
_JSON = re.compile(r"^/?Date\((-?\d+)(?:[+-]\d{4})?\)/?$", re.IGNORECASE)
_ZONE = re.compile(r"(?<=\d)\s*(?:(?:GMT|UTC)\s*[+-]\d{1,2}:?\d{0,2}|[+-]\d{2})(?:\s*\([^()]*\))?$")
_XML_DAY = re.compile(r"^(\d{4}-\d\d-\d\d)(?:z|[+-]\d\d:\d\d)$", re.IGNORECASE)
_COUNTED = re.compile(r"^([2-7]\d{4}),(\d{1,6})$")
_PARTED = re.compile(r"^([2-7]\d),(\d{3})(\.\d+)?$")
_PARTED_OTHERWISE = re.compile(r"^((?:19|20)\d{2})[_\s]+(\d{1,2})[_\s]+(\d{1,2})((?:\s.*)?)$")
_IN_BLANKS = re.compile(r"^(\d{1,2})\s(\d{1,2})\s((?:19|20)\d{2})$")
_WEEKDAY_OF_ISO = re.compile(r"^(20\d{2})-?W(\d{2})-?([1-7])$", re.IGNORECASE)
_CTIME = re.compile(r"^[a-z]{3}\s+([a-z]{3})\s+(\d{1,2})\s+(\d{2}:\d{2}:\d{2})\s+(\d{4})$", re.IGNORECASE)
_NAME_BEFORE = re.compile(
    r"^(?:[^\W\d_][\w.'’-]*\s+){1,5}(?=[a-z]{3} \d{1,2}, \d{4},? \d{1,2}:\d\d(?::\d\d)? [ap]m$)", re.IGNORECASE
)
"""Who created a record, before when: monday.com's log."""
_DAY_OR_YEAR = re.compile(r"^[^\W\d_]{3,10}\.?\s+(\d\d)$")
_MONTH_YEAR = re.compile(r"^([a-zäéûôç]{3,10})\.?[\s\-/.,']*(\d{4}|\d{2})$", re.IGNORECASE)
_YEAR_MONTH = re.compile(r"^(\d{4})[\s\-/.]*([a-zäéûôç]{3,10})\.?$", re.IGNORECASE)
_NUMBERS = re.compile(r"^(?:(?P<y>(?:19|20)\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*月?(?:份|底|末)?|(?P<m2>\d{1,2})[-/.](?P<y2>(?:19|20)\d{2}))$")  # fmt: skip
_WEEK = re.compile(
    r"^(?P<y>20\d{2})\s*年?[\s\-/]*(?:(?:cw|kw|wk|week|w)\s*(?P<w>\d{1,2})|第(?P<w2>\d{1,2})[周週])$"
    r"|^(?:cw|kw|wk|week|w)\.?\s*(?P<w3>\d{1,2})[\s\-/,]+(?P<y2>20\d{2})$",
    re.IGNORECASE,
)
_YEARS = (1990, 2060)
_SEVERAL = 3
_FIRST_YEAR = 20


def _count(text: str) -> str:
    """A Chinese number up to 31 in digits."""
    if "十" not in text:
        return text.translate(_NUMERALS)
    tens, _, ones = text.partition("十")
    return str((int(tens.translate(_NUMERALS)) if tens else 1) * 10 + (int(ones.translate(_NUMERALS)) if ones else 0))


def rewritten(text: str) -> str | None:
    """A rarer writing of a date as a usual one; None where it is none.

    Examples
    --------
    >>> rewritten("令和6年1月15日"), rewritten("45306,75"), rewritten("15 de enero de 2024"), rewritten("TBD")
    ('2024年1月15日', '45306.75', '15 enero 2024', None)
    >>> rewritten("Jo Kim Apr 11, 2017 03:15 PM"), rewritten("2026-01-05+08:00")
    ('Apr 11, 2017 03:15 PM', '2026-01-05')
    """
    if not any(mark.isdigit() or mark in "〇零一二三四五六七八九" for mark in text):
        return None
    other = re.sub(r"(?<=\d)일", "日", text.replace("년", "年").replace("월", "月"))
    other = re.sub(r"(?<=[日号號])(?=\d)", " ", other)
    if match := _CHINESE.match(other):
        other = f"{match[1].translate(_NUMERALS)}年{_count(match[2])}月{_count(match[3])}日"
    if (match := _ERA_IN_NUMERALS.match(other)) and (counted := number_of(match[2].replace("〇", "零"))):
        other = f"{match[1]}{counted:.0f}年{_count(match[3])}月{_count(match[4])}日{other[match.end() :]}"
    if match := _ERA_IN_SEVEN_DIGITS.match(other):
        other = f"民國{match[1]}年{match[2]}月{match[3]}日"
    if match := _ERA.match(other):
        year = _ERAS[match[1][0].lower()] + (1 if match[2] == "元" else int(match[2]))
        other = f"{year}{other[match.end() :].replace('・', '.')}"
    if match := _JSON.match(other):
        other = match[1]
    if match := _WEEKDAY_OF_ISO.match(other):
        week = _week(int(match[1]), int(match[2]))
        other = other if week is None else f"{week.start + pd.Timedelta(days=int(match[3]) - 1):%Y-%m-%d}"
    other = _NAME_BEFORE.sub("", other)
    other = _CTIME.sub(r"\2 \1 \4 \3", _IN_BLANKS.sub(r"\1/\2/\3", other))
    if match := _STAMPED.match(other):
        day = match[1]
        other = f"{day[:4]}-{day[4:6]}-{day[6:]} {match[2]}:{match[3]}:{match[4]}{match[5]}"
    other = _YEAR_WORD.sub("", _WEEKDAY_BEHIND.sub("", _OTHER_WEEKDAY.sub("", other)))
    other = _COUNTED.sub(r"\1.\2", _PARTED.sub(r"\1\2\3", other))
    other = re.sub(r"(?<=[\w])\s+(?:of|de|del|di|do)\s+(?=\w)", " ", other, flags=re.IGNORECASE)
    other = _XML_DAY.sub(r"\1", _ZONE.sub("", other) if ":" in other else other)
    other = re.sub(r"(?<=\d)\.$", "", other)
    other = _PARTED_OTHERWISE.sub(r"\1-\2-\3\4", other)
    other = re.sub(r"(?<=[\s,])['’](?=\d\d$)", "", other)
    return other if other != text else None


def period_of_text(text: str, calendar: FiscalCalendar) -> Period | None:
    """The week (of ISO 8601), month, quarter or year that a text names instead of a day; None where it names none.

    Examples
    --------
    >>> from funnel_analytics.periods import FiscalCalendar
    >>> [str(period_of_text(text, FiscalCalendar()).end.date()) for text in ("FY26 Q3", "Apr 2024", "2024年4月")]
    ['2026-09-30', '2024-04-30', '2024-04-30']
    """
    plain = text.strip()
    if match := _NUMBERS.match(plain):
        return _period(f"{match['y'] or match['y2']}-{int(match['m'] or match['m2']):02d}", calendar)
    for pattern, name, year in ((_MONTH_YEAR, 1, 2), (_YEAR_MONTH, 2, 1)):
        match = pattern.match(plain)
        if match and match[name].lower() in MONTHS:
            full = match[year] if len(match[year]) == 4 else f"20{match[year]}"
            return _period(f"{full}-{MONTHS[match[name].lower()]:02d}", calendar)
    if match := _WEEK.match(plain):
        return _week(int(match["y"] or match["y2"]), int(match["w"] or match["w2"] or match["w3"]))
    # Any other bare number is a year only by chance.
    a_year = len(plain) == 4 and plain.isdecimal() and _YEARS[0] <= int(plain) <= _YEARS[1]
    return None if plain.isdigit() and len(plain) != 6 and not a_year else _period(plain, calendar)


def _week(year: int, number: int) -> Period | None:
    try:
        start = pd.Timestamp(date.fromisocalendar(year, number, 1))
    except ValueError:
        return None
    return Period(f"{year}W{number:02d}", start, start + pd.Timedelta(days=6))


def _years_behind_names(texts: list[str]) -> bool:
    """Whether "Apr 24" names a year in these texts, which lie close together, and not a day as "Apr 30" among others."""
    numbers = [int(match[1]) for text in texts if (match := _DAY_OR_YEAR.match(text.strip()))]
    return len(numbers) >= _SEVERAL and min(numbers) >= _FIRST_YEAR and max(numbers) - min(numbers) <= _SEVERAL


def _period(name: str, calendar: FiscalCalendar) -> Period | None:
    try:
        period = parse_period(name, calendar)
    except (ArgumentError, ValueError, OverflowError):
        return None
    return period if 1950 <= period.start.year <= 2100 else None


def periods_as_days(
    column: pd.Series, unread: pd.Series, calendar: FiscalCalendar, *, last: bool
) -> tuple[pd.Series, str | None]:
    """Days for the texts of a column that name a week, a month, a quarter or a year, and what to say about them.

    Parameters
    ----------
    column
        The raw texts.
    unread
        True where no day could be read.
    calendar
        The team's fiscal calendar.
    last
        Take the last day of the period; else the first.
    """
    texts = column[unread].dropna()
    meant: dict[str, pd.Timestamp] = {}
    named = [str(text) for text in texts.unique()]
    years = _years_behind_names(named)
    for text in named:
        period = period_of_text(text, calendar) if years or not _DAY_OR_YEAR.match(text.strip()) else None
        if period is not None:
            meant[text] = period.end if last else period.start
    days = texts.map(meant).astype("datetime64[us]").dropna()
    if days.empty:
        return days, None
    example = str(texts[days.index[0]])
    which = "last" if last else "first"
    said = f"{len(days):,} values name a week, month, quarter or year and no day, as '{example}': read as its {which} day, {days.iloc[0]:%Y-%m-%d}"
    return days, said
