"""Periods and days in headings and cells: "Q4 FY26", "2026年第四季度指标", "Oct 2026", "2026-10-05"."""

import re

from ...periods import period_name
from ..profiles.profile import heading_key
from ..values.date_second_look import MONTHS

_ABOUT = (
    r"quotas?|targets?|goals?|calls?|commits?|forecasts?|销售目标|業績目標|业绩目标|銷售目標|目标|目標|销售指标|銷售指標|指标|指標"
    r"|任务|任務|预测|預測|承诺|承諾"
)
_UNIT = re.compile(r"[(\[][^()\[\]]*[)\]]$")
_NUMBER = r"(?P<number>[1-4一二三四])"
_QUARTER = rf"(?:q{_NUMBER}|第?{_NUMBER.replace('number', 'other')}季度?|{_NUMBER.replace('number', 'third')}q)"
_MONTH_YEAR = re.compile(r"(?P<name>[^\W\d]+)\.?(?P<year>20\d{2}|\d{2})")
_YEAR_MONTH = re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?")


def quota_name(text: str) -> bool:
    """Whether a file's or sheet's name says that it is about quotas.

    Examples
    --------
    >>> quota_name("Quotas 2026.xlsx"), quota_name("opportunities.csv")
    (True, False)
    """
    return re.search(r"quota|target|指标|指標|目标|目標|任务|任務", heading_key(text)) is not None


def call_name(text: str) -> bool:
    """Whether a file's name says that it is about calls.

    Examples
    --------
    >>> call_name("Forecast calls 2026-10-05.csv"), call_name("forecast.csv")
    (True, False)
    """
    return re.search(r"calls?|commits?|承诺|承諾", heading_key(text)) is not None


def period_label(text: str) -> str | None:
    """The period that a heading or a cell names, as `periods.parse_period` accepts it; None where none.

    A year alone counts only beside a word for quotas: "2026" may be anything.

    Examples
    --------
    >>> [period_label(text) for text in ("2026 Q4", "Q4 FY26", "2026年第四季度指标(万元)", "Oct 2026", "2026 Quota", "Amount")]
    ['2026Q4', '2026Q4', '2026Q4', '2026-10', '2026', None]
    """
    key = _UNIT.sub("", heading_key(text)).replace("'", "").replace('"', "")
    plain = re.sub(rf"^(?:{_ABOUT})+|(?:{_ABOUT})+$", "", key)
    name = period_name(plain)
    if name is not None and (plain != key or not plain.isdigit() or len(plain) != 4):
        return name
    if (match := _MONTH_YEAR.fullmatch(plain)) and (month := MONTHS.get(match["name"])):
        return f"{int(match['year']) % 100 + 2000}-{month:02d}"
    if (match := _YEAR_MONTH.fullmatch(plain)) and 1 <= int(match["month"]) <= 12:
        return f"{match['year']}-{int(match['month']):02d}"
    if match := _DAY.fullmatch(str(text).strip()):
        # A spreadsheet keeps a month's name as its first day.
        return f"{match[1]}-{int(match[2]):02d}" if int(match[3]) == 1 else None
    return None


def yearless_label(text: str) -> str | None:
    """The quarter or month that a heading names without a year, as it is written behind one; None where none.

    Examples
    --------
    >>> [yearless_label(text) for text in ("Q4", "第四季度", "Oct", "10月", "2026Q4")]
    ['Q4', 'Q4', '-10', '-10', None]
    """
    key = _UNIT.sub("", heading_key(text)).rstrip(".")
    match = re.fullmatch(_QUARTER, key)
    number = match and (match["number"] or match["other"] or match["third"])
    if number:
        return f"Q{'一二三四'.find(number) + 1 or number}"
    chinese = re.fullmatch(r"(0?[1-9]|1[0-2])月份?", key)
    month = int(chinese[1]) if chinese else MONTHS.get(key)
    return f"-{month:02d}" if month else None


def yearless(label: str) -> bool:
    """Whether a period's label lacks its year.

    Examples
    --------
    >>> yearless("Q4"), yearless("2026Q4")
    (True, False)
    """
    return label.startswith(("Q", "-"))


def day_label(text: str) -> str | None:
    """The day that a heading names, as year-month-day; None where none.

    Examples
    --------
    >>> day_label("2026-10-05"), day_label("2026年10月5日"), day_label("2026-10")
    ('2026-10-05', '2026-10-05', None)
    """
    match = _DAY.fullmatch(str(text).strip())
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else None
