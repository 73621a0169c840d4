"""The written forms of dates, told apart for whole columns at once."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .date_second_look import MONTHS, rewritten

_MORNING = "上午|凌晨|早上|午前|오전"
_AFTERNOON = "下午|中午|晚上|午後|午后|오후"
_HALVES = rf"(?:[ap]\.?\s?m\.?|[πμ]\.?\s?μ\.?|[صم]|{_MORNING}|{_AFTERNOON})"
"""Halves of the day, as English, Spanish, Greek, Arabic, Chinese, Japanese and Korean systems write them."""
_REST = rf"(?P<rest>(?:[\st,].*|(?:{_MORNING}|{_AFTERNOON}|星期|礼拜|禮拜|周|週|[月火水木金土日월화수목금토일](?:曜日|요일)|\().*)?)$"
_NUMERIC = (
    r"^(?P<era>(?:中[華华])?民[國国])?\s*(?P<a>\d{1,4})\s*(?P<sep>[-/.年])\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,4})\s*[日号號.]?"
    + _REST
)
_WEEKDAY = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_DAY_NAME = (
    _WEEKDAY
    + r"(?P<d>\d{1,2})(?:st|nd|rd|th|er)?[\s\-/.]*(?P<m>[a-zà-ÿą-žа-я]{3,12})\.?[\s\-/.,]*(?P<y>\d{4}|\d{2})"
    + _REST
)
_NAME_DAY = (
    _WEEKDAY
    + r"(?P<m>[a-zà-ÿą-žа-я]{3,12})\.?[\s\-/]*(?P<d>\d{1,2})(?:st|nd|rd|th)?[\s,\-/]+(?P<y>\d{4}|\d{2})"
    + _REST
)
_YEAR_NAME = r"^(?P<y>\d{4})[\s\-/.]*(?P<m>[a-zà-ÿą-žа-я]{3,12})\.?[\s\-/.]*(?P<d>\d{1,2})" + _REST
_TIME = (
    rf"^[\st,]*(?P<before>{_HALVES})?\s*(?P<h>\d{{1,2}})[:.](?P<mi>\d{{2}})(?:[:.](?P<s>\d{{2}})(?:[.,]\d+)?)?"
    rf"\s*(?P<after>{_HALVES}|uhr)?\s*"
    r"(?P<zone>z|(?:utc|gmt)(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}:?\d{2}|(?:ae|[ecmph])[sd]t|ce?s?t|[bij]st|kst|hkt|sgt|msk|\([a-z0-9:+\-\s]*\))?$"
)
_CLOCK = "[时時시点點]"
_IN_COLONS = (
    (rf"\s*(?:{_CLOCK}|[分분])\s*", ":"), (r"[秒초:]+\s*$", ""), (r":(\d)(:|$)", r":0\1\2"), (r":(\d)(:|$)", r":0\1\2"),
    (r"(^|[^\d:])(\d{1,2})$", r"\1\2:00"),
)  # fmt: skip
"""Steps by which 9時5分7秒 becomes 9:05:07 and 下午3点 下午3:00."""
_NO_TIME = (
    r"^\s*(?:\(?(?:星期|礼拜|禮拜|周|週)[一二三四五六日天]\)?|\([一二三四五六日天]\)|\([月火水木金土日](?:曜日)?\)|[月火水木金土日]曜日"
    r"|\([월화수목금토일](?:요일)?\)|[월화수목금토일]요일)?$"
)
_DIGITS = r"^\d+(?:\.\d*)?$"
_COMPACT = r"^(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])$"
_COMPACT_OPEN = r"^(?P<a>0[1-9]|[12]\d|3[01])(?P<b>0[1-9]|[12]\d|3[01])(?P<c>(?:19|20)\d{2})$"
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000  # 1954 to 2119
_EPOCH_SECONDS = (100_000_000, 9_999_999_999)
_EPOCH_MILLISECONDS = (100_000_000_000, 9_999_999_999_999)
_EPOCH_MICROSECONDS = (100_000_000_000_000, 9_999_999_999_999_999)
_DAY = 86_400
_MINGUO = 1911


@dataclass
class DateForms:
    """For every distinct text: the form it is written in and its parts; 0 where there is none.

    ``form`` is ``""`` (no date), ``fixed`` (the parts are year, month, day), ``open`` (first, second, third
    stand in an order that the text does not tell), ``serial`` or ``epoch`` (days and seconds are known).
    """

    form: np.ndarray
    year: np.ndarray
    month: np.ndarray
    day: np.ndarray
    seconds: np.ndarray
    zoned: np.ndarray
    separator: np.ndarray
    american_time: np.ndarray
    short_year: np.ndarray
    minguo: np.ndarray
    """Years counted from 1912, as in Taiwan."""


def date_forms(texts: list[str]) -> DateForms:
    """The forms of distinct texts; `year`, `month`, `day` hold first, second, third part of an open form."""
    forms = _usual_forms(texts)
    unread = np.flatnonzero(forms.form == "").tolist()
    again = {number: other for number in unread if (other := rewritten(texts[number])) is not None}
    if again:
        positions, second = list(again), _usual_forms(list(again.values()))
        for part in fields(DateForms):
            getattr(forms, part.name)[positions] = getattr(second, part.name)
    return forms


def _usual_forms(texts: list[str]) -> DateForms:
    size = len(texts)
    lowered = pc.utf8_lower(pa.array(texts, pa.string()))
    forms = DateForms(
        np.full(size, "", dtype="<U6"),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=bool),
        np.full(size, "", dtype="<U1"),
        np.zeros(size, dtype=bool),
        np.zeros(size, dtype=bool),
        np.zeros(size, dtype=bool),
    )
    if size:
        _numeric(forms, lowered)
        for pattern in (_DAY_NAME, _NAME_DAY, _YEAR_NAME):
            _named(forms, lowered, pattern)
        _digits(forms, lowered)
    return forms


def _extract(texts: pa.Array, pattern: str, among: np.ndarray) -> tuple[np.ndarray, dict[str, pa.Array]]:
    """Positions of the texts (among the given ones) that match, and their named parts."""
    matched = pc.extract_regex(texts, pattern)
    positions = np.flatnonzero(np.asarray(matched.is_valid()) & among)
    taken = matched.take(pa.array(positions))
    return positions, {field.name: taken.field(field.name) for field in taken.type}


def _integers(part: pa.Array) -> np.ndarray:
    filled = pc.if_else(pc.equal(part, ""), "0", part)
    return np.asarray(filled.cast(pa.int64()))


def _numeric(forms: DateForms, texts: pa.Array) -> None:
    positions, parts = _extract(texts, _NUMERIC, forms.form == "")
    if not len(positions):
        return
    first, second, third = (_integers(parts[name]) for name in "abc")
    long_first, long_third = (np.asarray(pc.utf8_length(parts[name])) for name in "ac")
    era = np.asarray(pc.not_equal(parts["era"], ""))
    minguo = (era | ((long_first == 3) & (first < 200))) & (long_first <= 3) & (long_third <= 2)
    fixed = ((long_first == 4) & (long_third <= 2) & ~era) | minguo
    # A year of two digits before 年 cannot be anything else.
    chinese = np.asarray(pc.equal(parts["sep"], "年")) & (long_first == 2)
    is_open = ~fixed & ~chinese & ~era & (long_first <= 2) & ((long_third == 4) | (long_third == 2))
    readable = _times(forms, positions, parts["rest"]) & (fixed | chinese | is_open)
    forms.form[positions] = np.where(readable, np.where(is_open, "open", "fixed"), "")
    forms.year[positions] = np.where(minguo, first + _MINGUO, np.where(chinese & ~minguo, full_year(first), first))
    forms.minguo[positions] = minguo
    forms.month[positions], forms.day[positions] = second, third
    forms.separator[positions] = np.asarray(parts["sep"].to_pylist(), dtype="<U1")
    forms.short_year[positions] = is_open & (long_third == 2)


def _named(forms: DateForms, texts: pa.Array, pattern: str) -> None:
    positions, parts = _extract(texts, pattern, forms.form == "")
    if not len(positions):
        return
    months = np.array([MONTHS.get(name, 0) for name in parts["m"].to_pylist()], dtype=np.int64)
    years = _integers(parts["y"])
    short = np.asarray(pc.utf8_length(parts["y"])) == 2
    readable = _times(forms, positions, parts["rest"]) & (months > 0)
    forms.form[positions] = np.where(readable, "fixed", "")
    forms.year[positions] = np.where(short, full_year(years), years)
    forms.month[positions], forms.day[positions] = months, _integers(parts["d"])


def _digits(forms: DateForms, texts: pa.Array) -> None:
    """Excel's serial days, dates written as 20240115 or 15012024, and seconds or milliseconds since 1970."""
    positions, parts = _extract(texts, _COMPACT, forms.form == "")
    forms.form[positions] = "fixed"
    if len(positions):
        forms.year[positions], forms.month[positions], forms.day[positions] = (_integers(parts[p]) for p in "ymd")
    positions, parts = _extract(texts, _COMPACT_OPEN, forms.form == "")
    if len(positions):
        forms.form[positions] = "open"
        forms.year[positions], forms.month[positions], forms.day[positions] = (_integers(parts[p]) for p in "abc")
    matched = np.asarray(pc.match_substring_regex(texts, _DIGITS)) & (forms.form == "")
    positions = np.flatnonzero(matched)
    if not len(positions):
        return
    numbers = np.asarray(texts.take(pa.array(positions)).cast(pa.float64()))
    serial = (numbers >= _FIRST_SERIAL) & (numbers < _LAST_SERIAL)
    micro = (numbers >= _EPOCH_MICROSECONDS[0]) & (numbers <= _EPOCH_MICROSECONDS[1])
    numbers = np.where(micro, numbers / 1000, numbers)
    epoch = micro | ((numbers >= _EPOCH_SECONDS[0]) & (numbers <= _EPOCH_MILLISECONDS[1]))
    days = np.datetime64("1970-01-01") - np.datetime64("1899-12-30")
    thousandths = numbers >= _EPOCH_MILLISECONDS[0]
    seconds = np.where(epoch, np.where(thousandths, numbers / 1000, numbers), (numbers - days.astype(int)) * _DAY)
    forms.form[positions] = np.where(serial, "serial", np.where(epoch, "epoch", ""))
    forms.seconds[positions] = np.where(serial | epoch, np.round(seconds), 0).astype(np.int64)


def _times(forms: DateForms, positions: np.ndarray, rest: pa.Array) -> np.ndarray:
    """Fill the time of day from what follows the date; False where that is no time."""
    nothing = np.asarray(pc.match_substring_regex(rest, _NO_TIME))
    if nothing.all():
        return nothing
    if pc.any(pc.match_substring_regex(rest, _CLOCK)).as_py():
        for pattern, put in _IN_COLONS:
            rest = pc.replace_substring_regex(rest, pattern, put)
    matched = pc.extract_regex(rest, _TIME)
    found = np.asarray(matched.is_valid())
    inside = matched.filter(pa.array(found))
    if len(inside):
        hour, minute, second = (_integers(inside.field(name)) for name in ("h", "mi", "s"))
        half = pc.binary_join_element_wise(inside.field("before"), inside.field("after"), "")
        afternoon = np.asarray(pc.match_substring_regex(half, rf"{_AFTERNOON}|p|μ\.?\s?μ|م"))
        twelve = np.asarray(pc.match_substring_regex(half, rf"{_HALVES}"))
        hour = np.where(twelve, hour % 12, hour) + 12 * afternoon
        # 24:00 is the end of the day that is written, and not a time of the next.
        ends = (hour == 24) & (minute == 0) & (second == 0)
        hour, minute, second = (np.where(ends, last, part) for last, part in ((23, hour), (59, minute), (59, second)))
        clock = (hour < 24) & (minute < 60) & (second < 60)
        hour, minute, second = (np.where(clock, part, 0) for part in (hour, minute, second))
        at = positions[found]
        forms.seconds[at] = hour * 3600 + minute * 60 + second
        forms.zoned[at] = np.asarray(pc.not_equal(inside.field("zone"), ""))
        forms.american_time[at] = np.asarray(pc.match_substring_regex(half, r"[ap]\.?m"))
        found[found] = clock
    readable: np.ndarray = nothing | found
    return readable


def full_year(year: np.ndarray) -> np.ndarray:
    """Years of two digits: 00–69 are 2000–2069, 70–99 are 1970–1999."""
    return np.where(year < 70, 2000 + year, 1900 + year)
