"""How a review looks: one accent colour, quiet greys, fonts for each script, number formats of native charts."""

from collections.abc import Iterable

import pandas as pd

ACCENT, INK, MUTED, LINE, WASH = "0B5A8F", "1F2933", "616E7C", "D5DBE1", "F3F6F9"
"""Six-digit colours without the number sign, as Office writes them."""

PAINT: dict[str, str | None] = {
    "base": None,
    "main": ACCENT,
    "second": "7FB0D3",
    "third": "C5DCEC",
    "quiet": "C3CAD2",
    "level": "3E4C59",
    "more": "3A8F6E",
    "less": "C8592B",
    "mark": "E0A030",
}
"""The colour of each role that a series can have; None is not painted."""
DARK = frozenset({"main", "level", "more", "less"})
"""Roles on which text must be white."""

LATIN = "Calibri"
EAST_ASIAN = {"en": "Microsoft YaHei", "zh-Hans": "Microsoft YaHei", "zh-Hant": "Microsoft JhengHei"}
OFFICE_LANGUAGE = {"en": "en-US", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
_BIG = {"en": None, "zh-Hans": ("亿", "万"), "zh-Hant": ("億", "萬")}


def money_format(values: Iterable[float | None], lang: str, sign: str = "") -> str:
    """A number format that shows amounts the way people say them, while the cell keeps the whole number.

    Parameters
    ----------
    values
        The amounts to be shown; the largest decides the unit.
    lang
        Language code. Chinese counts in ten thousands, for which a format has no divisor: dividing by a thousand
        and writing a point before the last digit comes to the same.
    sign
        Text in front, for amounts that a chart must hold as positive.

    Examples
    --------
    >>> money_format([18_400_000.0], "en"), money_format([18_400.0], "zh-Hans")
    ('0.0,,"M"', '0\\\\.0,"万"')
    """
    largest = max((abs(value) for value in values if value is not None and not pd.isna(value)), default=0.0)
    units = _BIG[lang]
    if units is None:
        shown = '0.0,,"M"' if largest >= 1e6 else '#,##0,"k"' if largest >= 1e4 else "#,##0"
    elif largest >= 1e8:
        shown = f'0\\.00,,"{units[0]}"'
    elif largest >= 1e4:
        shown = f'0\\.0,"{units[1]}"'
    else:
        shown = "#,##0"
    return f'"{sign}"{shown}' if sign else shown


def number_format(unit: str, values: Iterable[float | None], lang: str, sign: str = "") -> str:
    """The number format of a chart's unit: money, rate, count or days."""
    if unit == "money":
        return money_format(values, lang, sign)
    return {"rate": "0%", "count": "#,##0", "days": "#,##0"}[unit]
