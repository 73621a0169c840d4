"""Numbers in words as digits: 十二万, 三百五十, 壹佰万元整, 1亿2000万, 十二点五万; percentages as 百分之十, 三成, 10 percent."""

import re

_FORMAL = str.maketrans(
    "壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億两兩〇○조만억천백십", "一二二三三四五六六七八九十百千万亿二二零零兆万亿千百十"
)
_DIGITS = {numeral: value for value, numeral in enumerate("零一二三四五六七八九")}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_RUN = re.compile(r"[零一二三四五六七八九十百千万亿兆点\d.,]+")
_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?|.")
_PERCENT = re.compile(
    r"^(?:%\s*(?P<behind>.+)|百分之(?P<parts>.+)|(?P<tenths>.+)成"
    r"|(?P<thousandths>.+?)\s*‰|(?P<before>.+?)\s*(?:%|pct\.?|per\s?cent|percent|prozent|pour\s?cent|por\s?ciento))$",
    re.IGNORECASE,
)
_TENTHS = re.compile(r"(\d+)([十百千万亿]?[万亿兆]|[百千])(\d)")
_FOUR_BEHIND = re.compile(r"\d[\d,]*万(?:[1-9]\d{3}|[1-9],\d{3})")
"""All four places that 万 leaves: 1万2500 is 12,500, and 5万80 may be anything."""
_GAP = re.compile(r"(?<=[十百千万亿兆])\s+(?=[\d一二三四五六七八九])")
_TAIL = re.compile(r"[整正]$")
_SMALL_CHANGE = re.compile(
    r"^(?P<sign>\D*?)(?:(?P<whole>[零一二三四五六七八九十百千万亿兆点\d.,]+)[元圆圓块塊])?零?"
    r"(?:(?P<tenths>[零一二三四五六七八九\d])[角毛])?零?(?:(?P<hundredths>[一二三四五六七八九\d])分)?[整正]?$"
)


def in_digits(text: str) -> str | None:
    """A text with its one Chinese number in digits; None where it has none, several, or one that reads two ways.

    Examples
    --------
    >>> in_digits("三百五十万元"), in_digits("1亿2000万"), in_digits("美元十二点五万"), in_digits("一万五"), in_digits("12万")
    ('3500000元', '120000000', '美元125000', None, None)
    >>> in_digits("1억 2천만원"), in_digits("1億2千万円"), in_digits("3천5백만")
    ('120000000원', '120000000円', '35000000')
    >>> in_digits("1조 2천억원"), in_digits("1兆5000億円")
    ('1200000000000원', '1500000000000円')
    >>> in_digits("5万8"), in_digits("1亿2"), in_digits("5万80")
    ('58000', '120000000', None)
    """
    text = _GAP.sub("", text.translate(_FORMAL)) if _GAP.search(text.translate(_FORMAL)) else text
    plain = text.translate(_FORMAL)
    runs = [run for run in _RUN.finditer(plain) if _in_numerals(run[0])]
    if len(runs) != 1:
        return None
    tenths = _TENTHS.fullmatch(runs[0][0])
    # Whoever writes 5万8 in digits says 5.8万, as it is spoken.
    value = number_of(f"{tenths[1]}点{tenths[3]}{tenths[2]}" if tenths else runs[0][0])
    if value is None:
        return None
    before, after = text[: runs[0].start()], _TAIL.sub("", text[runs[0].end() :])
    return f"{before}{value:f}".rstrip("0").rstrip(".") + after


def with_small_change(text: str) -> str | None:
    """An amount in 元, 角 and 分 in digits; None where it has neither 角 nor 分.

    Examples
    --------
    >>> with_small_change("5元8角"), with_small_change("壹万贰仟元零伍分"), with_small_change("5元")
    ('5.8元', '12000.05元', None)
    """
    found = _SMALL_CHANGE.match(text.translate(_FORMAL))
    if found is None or not (found["tenths"] or found["hundredths"]):
        return None
    whole = number_of(found["whole"]) if found["whole"] else 0.0
    if whole is None:
        return None
    small = [number_of(found[part]) or 0.0 if found[part] else 0.0 for part in ("tenths", "hundredths")]
    return f"{text[: found.end('sign')]}{round(whole + small[0] / 10 + small[1] / 100, 2):.15g}元"


def _in_numerals(run: str) -> bool:
    """Whether a number is more than digits with one unit behind them."""
    return (
        _TENTHS.fullmatch(run) is not None
        or any(mark in _DIGITS or mark in _SMALL for mark in run)
        or sum(mark in _LARGE for mark in run) > 1
        or _FOUR_BEHIND.fullmatch(run) is not None
    )


def number_of(numerals: str) -> float | None:
    """The value of Chinese numerals, digits among them allowed; None where they make no number or read two ways.

    Examples
    --------
    >>> number_of("十二万"), number_of("一千零五"), number_of("三五零"), number_of("百千"), number_of("二百五")
    (120000.0, 1005.0, 350.0, None, None)
    """
    whole, point, decimals = numerals.partition("点")
    if point:
        return _with_decimals(whole, decimals)
    if len(numerals) > 1 and all(mark in _DIGITS for mark in numerals):
        return float("".join(str(_DIGITS[mark]) for mark in numerals))
    total = section = 0.0
    digit: float | None = None
    last_small, last_large, gap = 10**4, 10**16, True
    for mark in _TOKEN.findall(numerals):
        if mark in _SMALL:
            if _SMALL[mark] >= last_small:
                return None
            # 十二 leaves out the one, 百 and 千 do not.
            section += (1.0 if digit is None and mark == "十" else digit or 0.0) * _SMALL[mark]
            if digit is None and mark != "十":
                return None
            digit, last_small, gap = None, _SMALL[mark], mark == "十"
        elif mark in _LARGE:
            section += digit or 0.0
            if _LARGE[mark] >= last_large or not section:
                return None
            total, section, digit = total + section * _LARGE[mark], 0.0, None
            last_small, last_large, gap = 10**4, _LARGE[mark], False
        elif mark == "零":
            gap, digit = True, digit if digit is not None else (0.0 if len(numerals) == 1 else None)
        elif digit is not None or mark in ".,":
            return None
        else:
            digit = float(_DIGITS[mark]) if mark in _DIGITS else float(mark.replace(",", ""))
    gap = gap or _FOUR_BEHIND.search(numerals) is not None
    # 二百五 is 250 to one reader and 205 to another.
    return None if digit is not None and not gap else total + section + (digit or 0.0)


def _with_decimals(whole: str, decimals: str) -> float | None:
    """The value of 十二点五万: decimals and what multiplies the whole."""
    found = re.fullmatch(r"([零一二三四五六七八九\d]+)([十百千]?[万亿兆]?)", decimals)
    before = number_of(whole) if whole else None
    if found is None or before is None:
        return None
    places = "".join(str(_DIGITS.get(mark, mark)) for mark in found[1])
    factor = _SMALL.get(found[2][:1], 1) * _LARGE.get(found[2][-1:], 1)
    return round((before + float(f"0.{places}")) * factor, 6)


def percentage(text: str) -> str | None:
    """The number of per cent that a text names, in digits or words; None where it names no percentage.

    Examples
    --------
    >>> percentage("10 pct"), percentage("百分之十二点五"), percentage("三成"), percentage("25 %"), percentage("0.25")
    ('10', '12.5', '30', '25', None)
    >>> percentage("5‰")
    '0.5'
    """
    found = _PERCENT.match(text)
    if found is None:
        return None
    words = next(part for part in found.groups() if part is not None).strip()
    digits = in_digits(words) or words
    if found["thousandths"] is not None:
        return f"{float(digits) / 10:.12g}" if re.fullmatch(r"\d+(?:\.\d+)?", digits) else None
    if found["tenths"] is None:
        return digits
    return f"{float(digits) * 10:g}" if re.fullmatch(r"\d(?:\.\d)?", digits) else None
