"""From columns of text to dates, in the order of day and month that fits all their values."""

import numpy as np
import pandas as pd

from .date_forms import DateForms, date_forms, full_year
from .parsed import NOTHING_WORDS, Distinct, Parsed, error_cell, is_error, shown

_EARLIEST_YEAR = 1900  # Excel's own beginning; "0000-00-00" and 1899-12-30 are placeholders
_DAY = 86_400
_COUNTED = (
    "numbers read as dates (Excel serial numbers, or seconds since 1970)",
    "numbers read as dates (days since 1904, as the workbook counts)",
)
_FROM_1904 = 1_462
"""Days between what Excel counts from 1900 and from 1904."""
_FAR = 2200
_ZEROS = (-25_567, 0)  # 1900-01-01 and 1970-01-01: counters at zero
_NO_END = 47_481  # 2099-12-31
_THAI = (2480, 2643)  # 1937 to 2100
_ENOUGH = 3
_DECADE = 10
ORDER_QUESTIONS = (
    "Are the dates day/month or month/day?",
    "Some dates can only be day/month, others only month/day.",
)
"""How the questions begin that an order of day and month answers."""
_READINGS = {"DMY": "day/month/year", "MDY": "month/day/year", "YMD": "year/month/day"}


def date_order(columns: list[pd.Series]) -> str | None:
    """DMY, MDY or YMD where the values of these columns together leave no choice; else None.

    One value above 12 settles a file: ``13/02/2024`` can only be day first.

    Examples
    --------
    >>> date_order([pd.Series(["03/04/2024"]), pd.Series(["28/02/2024"])])
    'DMY'
    """
    first, second, fixed, is_open = 0, 0, 0, False
    for column in columns:
        forms = date_forms(Distinct.of(column).texts)
        if _year_first(forms):
            continue
        day_first, month_first = _evidence(forms)
        first, second = first + int(day_first.sum()), second + int(month_first.sum())
        fixed += int(((forms.form == "fixed") & (forms.separator != "")).sum())
        is_open |= bool((forms.form == "open").any())
    if first and second:
        return None
    if first or second:
        return "DMY" if first else "MDY"
    return "YMD" if fixed and not is_open else None


def parse_dates(
    column: pd.Series,
    *,
    order: str | None = None,
    with_time: bool = False,
    utc_offset: int | None = None,
    from_1904: bool = False,
) -> Parsed:
    """Dates in any usual form.

    Parameters
    ----------
    column
        Text; any index.
    order
        DMY, MDY or YMD for values that leave it open; None decides by all values of the column.
    with_time
        Keep the time of day as written; otherwise dates are midnight timestamps. Time zones are not converted:
        the calendar date that was written is the date.
    utc_offset
        Seconds from UTC of the place where numbers counted since 1970 were dates; None reads them as UTC.
    from_1904
        Whether the workbook counts days from 1904, as Excel for Mac did, and not from 1900.

    Returns
    -------
    Parsed
        ``datetime64[us]`` values. Reasons: ``unreadable_date``, ``impossible_date``, ``placeholder_date``
        (1970-01-01, left empty; 9999-12-31, kind ``note``, kept), ``other_date_order``, ``date_as_number``, ``error_cell``.

    Examples
    --------
    >>> parsed = parse_dates(pd.Series(["28/02/2024", "03/04/2024", "30/02/2024", "TBD"]))
    >>> parsed.values.dt.strftime("%Y-%m-%d").tolist()
    ['2024-02-28', '2024-04-03', nan, nan]
    >>> parsed.problems["reason"].tolist(), parsed.decisions
    (['impossible_date', 'unreadable_date'], ('dates read as day/month/year',))
    """
    distinct = Distinct.of(column)
    forms = date_forms(distinct.texts)
    chosen, decisions, question = _choose(forms, order)
    question = question or _midnight_elsewhere(forms, utc_offset)
    forms.seconds += np.where(forms.form == "epoch", utc_offset or 0, 0)
    forms.seconds += np.where(forms.form == "serial", _DAY * _FROM_1904 * from_1904, 0)
    other = _resolve(forms, chosen)
    buddhist = _buddhist(forms)
    days, possible = _calendar(forms)
    no_day = possible & np.isin(days, _ZEROS)
    no_end = possible & ((days >= _first_day(_FAR)) | (days == _NO_END))
    values = pd.Series(_stamps(forms, days, with_time), dtype="datetime64[us]").where(possible & ~no_day)
    found: dict[int, tuple[str, str, str]] = {}
    serial = np.isin(forms.form, ("serial", "epoch"))
    mixed = bool(serial.any() and (possible & ~serial).any())
    blanks = 0
    for number in np.flatnonzero(~possible).tolist():
        text = distinct.texts[number]
        if not text or text.lower() in NOTHING_WORDS:
            blanks += int(distinct.counts[number]) if text else 0
        elif is_error(text):
            found[number] = error_cell(text)
        elif forms.form[number]:
            found[number] = ("unreadable", "impossible_date", f"{shown(text)} is no date of the calendar; left empty.")
        else:
            found[number] = ("unreadable", "unreadable_date", f"{shown(text)} could not be read as a date; left empty.")
    for number in np.flatnonzero(no_day).tolist():
        message = f"{shown(distinct.texts[number])} is a counter's zero and stands for no date; left empty."
        found[number] = ("unreadable", "placeholder_date", message)
    for number in np.flatnonzero(no_end).tolist():
        message = f"{shown(distinct.texts[number])} is how systems write 'no end'; kept as it is."
        found[number] = ("note", "placeholder_date", message)
    for number in np.flatnonzero(other & possible & ~no_day).tolist():
        found[number] = _repaired(
            "other_date_order", distinct.texts[number], values[number], "unlike the rest of its column"
        )
    for number in np.flatnonzero(serial & possible & ~no_day & mixed).tolist():
        found[number] = _repaired("date_as_number", distinct.texts[number], values[number], "a serial number")
    if serial.any():
        decisions.append(_COUNTED[from_1904])
    if (forms.minguo & possible).any():
        decisions.append("years read as 民國 years (113 is 2024)")
    if buddhist:
        decisions.append("years read as Buddhist years (2567 is 2024)")
    if forms.zoned.any():
        decisions.append("time zones not converted: the date as written is kept")
    if blanks:
        decisions.append(f"{blanks} placeholders such as '-' read as no date")
    return Parsed(distinct.spread(values), distinct.problems(found), tuple(decisions), question)


def _buddhist(forms: DateForms) -> bool:
    """Turn the years of a column that counts as in Thailand, where no year can be one of ours."""
    years = np.where(np.isin(forms.form, ("fixed", "open")), forms.year, 0)
    thai = (years >= _THAI[0]) & (years <= _THAI[1])
    if not thai.any() or ((years >= 1900) & (years < 2200)).any():
        return False
    forms.year = np.where(thai, forms.year - 543, forms.year)
    return True


def _midnight_elsewhere(forms: DateForms, utc_offset: int | None) -> str | None:
    """What to ask where all counted seconds are midnights, but not those of UTC."""
    times = np.unique(forms.seconds[forms.form == "epoch"] % _DAY)
    if utc_offset is not None or len(times) != 1 or times[0] == 0 or (forms.form == "epoch").sum() < _ENOUGH:
        return None
    hours, minutes = divmod(int(times[0]) // 60, 60)
    return (
        f"All dates, counted in seconds since 1970, are {hours:02d}:{minutes:02d} in UTC, which looks like midnight"
        ' elsewhere. They were read in UTC: give time_zone = "+08:00" (or yours) in the profile if they are a day early.'
    )


def _repaired(reason: str, text: str, value: pd.Timestamp, why: str) -> tuple[str, str, str]:
    return "repaired", reason, f"{shown(text)} ({why}) was read as {value:%Y-%m-%d}."


def _evidence(forms: DateForms) -> tuple[np.ndarray, np.ndarray]:
    """Which open texts can only be day first, and which only month first."""
    is_open = forms.form == "open"
    first, second = forms.year, forms.month
    day_first = is_open & (first > 12) & (first <= 31) & (second >= 1) & (second <= 12)
    month_first = is_open & (second > 12) & (second <= 31) & (first >= 1) & (first <= 12)
    return day_first, month_first


def _year_first(forms: DateForms) -> bool:
    """Whether open dates with years of two digits, 24-04-30, lead with the year.

    As the last part the year would run over decades, as the first it stays within a few years.
    """
    is_open = forms.form == "open"
    first, second, third = forms.year[is_open], forms.month[is_open], forms.day[is_open]
    if not is_open.any() or not forms.short_year[is_open].all() or (second > 12).any() or (third > 31).any():
        return False
    if (whole := forms.year[forms.form == "fixed"]).size:
        # 26.12.13 among dates of 2026 and 2027 is in 2026, and not in 2013.
        near = [(full_year(part) >= whole.min() - 1) & (full_year(part) <= whole.max() + 1) for part in (first, third)]
        if near[0].all() and not near[1].any():
            return True
    return bool(np.ptp(first) + _DECADE <= np.ptp(third) and len(np.unique(first)) < len(np.unique(third)))


def _choose(forms: DateForms, order: str | None) -> tuple[str, list[str], str | None]:
    """The order for open texts, the decision in words, and the question where two orders fit."""
    is_open = forms.form == "open"
    if not is_open.any():
        return order or "YMD", [], None
    day_first, month_first = _evidence(forms)
    if _year_first(forms):
        return "YMD", ["dates read as year/month/day"], None
    if order == "YMD" and forms.short_year[is_open].all():
        return "YMD", ["dates read as year/month/day"], None
    if order in ("DMY", "MDY"):
        return order, [f"dates read as {_READINGS[order]}"], None
    if (forms.year[is_open] > 31).any() and forms.short_year[is_open].all():
        return "YMD", ["dates read as year/month/day"], None
    days, months = int(day_first.sum()), int(month_first.sum())
    if days or months:
        chosen = "DMY" if days >= months else "MDY"
        question = None
        if days and months:
            question = f"{ORDER_QUESTIONS[1]} Read as {_READINGS[chosen]}: is that right?"
        return chosen, [f"dates read as {_READINGS[chosen]}"], question
    if (forms.separator[is_open] == ".").all():
        return "DMY", ["dates read as day/month/year (written with dots)"], None
    if forms.american_time[is_open].any():
        return "MDY", ["dates read as month/day/year (written with AM and PM)"], None
    chosen = "MDY" if (forms.separator[is_open] == "/").any() else "DMY"
    both = f"ambiguous dates: every one fits day/month and month/day (dd/mm or mm/dd); read as {_READINGS[chosen]}"
    return chosen, [both], f"{ORDER_QUESTIONS[0]} They were read as {_READINGS[chosen]}."


def _resolve(forms: DateForms, order: str) -> np.ndarray:
    """Give open texts their year, month and day; True where only the other order of day and month fits."""
    is_open = forms.form == "open"
    first, second, third = forms.year.copy(), forms.month.copy(), forms.day.copy()
    if order == "YMD" and forms.short_year[is_open].all():
        forms.year = np.where(is_open, full_year(first), first)
        return np.zeros(len(first), dtype=bool)
    day_first, month_first = _evidence(forms)
    other = month_first if order == "DMY" else day_first
    by_day = np.where(other, order != "DMY", order == "DMY")
    forms.year = np.where(is_open, np.where(forms.short_year, full_year(third), third), first)
    forms.month = np.where(is_open, np.where(by_day, second, first), second)
    forms.day = np.where(is_open, np.where(by_day, first, second), third)
    return other


def _calendar(forms: DateForms) -> tuple[np.ndarray, np.ndarray]:
    """Days since 1970 of the written parts, and whether there is such a day."""
    counted = np.isin(forms.form, ("serial", "epoch"))
    written = np.isin(forms.form, ("fixed", "open"))
    sound = written & (forms.month >= 1) & (forms.month <= 12) & (forms.day >= 1) & (forms.year >= _EARLIEST_YEAR)
    year, month = np.where(sound, forms.year, 1970), np.where(sound, forms.month, 1)
    starts = (year - 1970) * 12 + month - 1
    start = starts.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (starts + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    sound &= forms.day <= following - start
    days = np.where(sound, start + forms.day - 1, 0)
    return np.where(counted, forms.seconds // 86_400, days), sound | counted


def _first_day(year: int) -> int:
    return int(np.datetime64(f"{year}-01-01", "D").astype(np.int64))


def _stamps(forms: DateForms, days: np.ndarray, with_time: bool) -> np.ndarray:
    time = forms.seconds % 86_400 if with_time else 0
    return (days * 86_400 + time).astype("datetime64[s]").astype("datetime64[us]")
