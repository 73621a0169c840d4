"""Odd cells of real exports: amounts in words, marks of ledgers, placeholders, codes that programs leave in texts."""

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from funnel_analytics.exports.values import parsing
from funnel_analytics.exports.values.chinese_numbers import number_of
from funnel_analytics.exports.values.currencies import currency_code
from funnel_analytics.exports.values.date_second_look import period_of_text, periods_as_days
from funnel_analytics.exports.values.parsed import Parsed
from funnel_analytics.periods import FiscalCalendar


def read(reader: str, *cells: str) -> Parsed:
    parsed: Parsed = getattr(parsing, reader)(pd.Series(cells, dtype="str"))
    return parsed


def only(parsed: Parsed) -> tuple[object, str | None]:
    """The one value (None where missing) and the reason of its line among the issues."""
    value = parsed.values.iloc[0]
    return None if pd.isna(value) else value, next(iter(parsed.problems["reason"]), None)


@pytest.mark.parametrize(
    ("written", "amount", "reason"),
    [
        ("十二万", 120_000, "chinese_numerals"),
        ("三百五十万元", 3_500_000, "chinese_numerals"),
        ("1千2百万", 12_000_000, "chinese_numerals"),
        ("一亿零五百万", 105_000_000, "chinese_numerals"),
        ("壹佰贰拾万元整", 1_200_000, "chinese_numerals"),
        ("十二点五万", 125_000, "chinese_numerals"),
        ("约两万", 20_000, "approximate"),
        ("不超过500万", 5_000_000, "approximate"),
        ("up to 500k", 500_000, "approximate"),
        ("[1,234.50]", -1234.5, "bracketed_amount"),
        ("1,234.50 CR", -1234.5, "credit"),
        ("Cr 1,234.50", -1234.5, "credit"),
        ("1,234.50 DR", 1234.5, "debit"),
        ("5 TEUR", 5_000, "thousands"),
        ("₹1.2 lakh", 120_000, None),
        ("3 crore", 30_000_000, None),
        ("Fr. 500.–", 500, None),
        ("130 250:-", 130_250, None),  # kronor without öre, no negative
        ("48.000,-- EUR", 48_000, None),
        ("12 500,50 kr", 12_500.5, None),  # no thousand of "r"
        ("12 MXN", 12, None),
        ("RM 1,200", 1_200, None),
        ("5 mkr", 5_000_000, None),
        ("2,5 Md€", 2.5e9, None),
        ("1.3 Millionen", 1_300_000, None),
        ("9800元整", 9_800, None),
        ("1亿2000万", 120_000_000, "chinese_numerals"),
        ("\u2011130,250", -130_250, None),
        ("12,500*", 12_500, "footnote_mark"),
        ("12,500¹", 12_500, "footnote_mark"),  # not 12.5001
        ("48,000②", 48_000, "footnote_mark"),
        ("5万8", 58_000, "chinese_numerals"),  # 5.8万, as it is spoken
        ("1亿2", 120_000_000, "chinese_numerals"),
        ("5万8千", 58_000, "chinese_numerals"),
        ("1억 2천만", 120_000_000, "chinese_numerals"),
        ("3천5백만원", 35_000_000, "chinese_numerals"),
        ("1억 2,000만원", 120_000_000, "chinese_numerals"),
        ("1億2千万円", 120_000_000, "chinese_numerals"),
        ("1조 2천억원", 1.2e12, "chinese_numerals"),
        ("1兆5000億円", 1.5e12, "chinese_numerals"),
        ("10만 5천", 105_000, "chinese_numerals"),
        ("99 (USD)", 99, "bracketed_currency"),
        ("[EUR] 500", 500, "bracketed_currency"),
        ("△1,200", -1_200, "triangle"),
        ("5元8角", 5.8, "small_change"),
        ("￥12块5毛", 12.5, "small_change"),
        ("壹万贰仟叁佰元伍角整", 12_300.5, "small_change"),
        ("贰佰圆零伍分", 200.05, "small_change"),
        ("3角", 0.3, "small_change"),
        ("₹5,00,000/-", 500_000, None),
        ("2천만원", 20_000_000, None),
        ("3조원", 3e12, None),
        ("1.5兆", 1.5e12, None),
        ("2万亿元", 2e12, None),
        ("5억원정", 500_000_000, None),
        ("1 200,50 Kč", 1_200.5, None),
        ("500 TL", 500, None),
        ("R$ 1,2 mil", 1_200, None),  # a thousand in Portuguese
        ("$5 mil", 5_000_000, None),
        ("5 miles €", 5_000, None),
        ("1만 2,500원", 12_500, "chinese_numerals"),
        ("1万2500円", 12_500, "chinese_numerals"),
        ("일금 500만원정", 5_000_000, None),
        ("金500万円也", 5_000_000, None),
    ],
)
def test_a_rarer_amount_is_read_and_told(written: str, amount: float, reason: str | None) -> None:
    assert only(read("parse_money", written)) == (amount, reason)


@pytest.mark.parametrize(
    "written",
    [
        "1200 1300",  # two numbers in a cell, not 12,001,300
        "500\n600",
        "1.2.3",  # a version, not 123
        *["1,2,3", "26.04.2018", "26.04.18", "10.000.00", "1,23,45.00"],  # no thousands: a day is not 26 million
        "12 34,5",
        "一万五",  # 15,000 as people speak, 10,005 as it stands
        "百千",
        "2.5 Cr",  # a credit, or 25 million rupees
        "[500",
        "10-20万",
        "5万80",
        "1亿2500",  # 100,002,500, or 125,000,000 as people speak
        "48000.50 130250",
        "1e400",
        "9" * 400,
        "inf",
    ],
)
def test_what_is_no_one_amount_is_left_empty_and_listed(written: str) -> None:
    assert only(read("parse_money", written)) == (None, "unreadable_amount")


def test_the_column_tells_a_credit_from_a_crore() -> None:
    assert read("parse_money", "₹5 lakh", "2.5 Cr").values.tolist() == [500_000, 25_000_000]
    assert read("parse_money", "90.00 Dr", "2.50 Cr").values.tolist() == [90, -2.5]
    assert read("parse_money", "₹5 lakh", "98 L").values.tolist() == [500_000, 9_800_000]


def test_three_digits_behind_every_point_are_rather_thousands_and_asked_about() -> None:
    parsed = read("parse_money", "12.500", "48.000", "130.250")
    assert parsed.values.tolist() == [12_500, 48_000, 130_250] and parsed.question is not None
    assert read("parse_money", "1.234", "2.125", "0.750").values.tolist() == [1.234, 2.125, 0.75]
    assert read("parse_money", "12.500", "48.000", "130.250", "48000").values.tolist() == [12.5, 48, 130.25, 48_000]


SECTIONS = "零一二三四五六七八九"


def in_words(number: int) -> str:
    """A whole number below a hundred million as Chinese write it out."""

    def section(part: int) -> str:
        digits = f"{part:04d}"
        words = "".join(
            SECTIONS[int(digit)] + unit if digit != "0" else "零" for digit, unit in zip(digits, "千百十 ", strict=True)
        )
        while "零零" in words:
            words = words.replace("零零", "零")
        return words.replace(" ", "").strip("零") if part else ""

    high, low = divmod(number, 10_000)
    gap = "零" if high and 0 < low < 1000 else ""
    return (f"{section(high)}万" if high else "") + gap + section(low)


@given(st.integers(1, 99_999_999))
def test_every_number_in_words_reads_back(number: int) -> None:
    assert number_of(in_words(number)) == number


@pytest.mark.parametrize(
    ("numerals", "number"),
    [
        ("三五零", 350), ("点五", None), ("十二点五万", 125_000),
        # A unit of nothing, units that grow, two digits side by side.
        ("万", None), ("百", None), ("十百", None), ("一万一亿", None), ("五五百", None),
    ],
)  # fmt: skip
def test_numerals_that_make_no_number_are_none(numerals: str, number: float | None) -> None:
    assert number_of(numerals) == number


@pytest.mark.parametrize(
    ("written", "code"),
    [("USD$", "USD"), ("CNY¥", "CNY"), ("美元$", "USD"), ("USDEUR", None), ("$ net", None), ("", "")],
)
def test_a_code_beside_a_sign_decides_and_two_codes_are_none(written: str, code: str | None) -> None:
    assert currency_code(written) == code


@pytest.mark.parametrize(
    ("written", "fraction"),
    [
        ("10 pct", 0.1),
        ("10 percent", 0.1),
        ("百分之十", 0.1),
        ("百分之十二点五", 0.125),
        ("三成", 0.3),
        ("%25", 0.25),
        ("5‰", 0.005),
        ("250 ‰", 0.25),
    ],
)
def test_a_percentage_in_words_is_read_and_told(written: str, fraction: float) -> None:
    assert only(read("parse_probability", written)) == (fraction, "percent_in_words")


@pytest.mark.parametrize(
    ("written", "asked"),
    [(("0", "1"), True), (("1", "100%"), True), (("0", "0.5", "1"), False), (("0", "100"), False), (("0", "0"), False)],
)
def test_only_0_and_1_are_certain_and_asked_about(written: tuple[str, ...], asked: bool) -> None:
    parsed = read("parse_probability", *written)
    assert (parsed.question is not None) == asked
    assert parsed.values.iloc[-1] == (0 if written[-1] == "0" else 1)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("29 mrt 2024", "2024-03-29"),
        ("17 Mayıs 2024", "2024-05-17"),
        ("28. června 2024", "2024-06-28"),
        ("2024-04-30 23:00 CST", "2024-04-30"),  # the day that is written, wherever that zone is
        ("2024-04-30 23:00 GMT+8", "2024-04-30"),
        ("30 04 2024", "2024-04-30"),
        ("2024-W18-2", "2024-04-30"),
        ("Tue Apr 30 10:00:00 2024", "2024-04-30"),
        ("1130430", "2024-04-30"),
        ("R6.4.30", "2024-04-30"),
        ("r06/04/30", "2024-04-30"),
        ("H31.4.30", "2019-04-30"),
        ("令6・4・30", "2024-04-30"),
        ("令和六年四月三十日", "2024-04-30"),
        ("民國一百一十三年四月三十日", "2024-04-30"),
    ],
)
def test_a_rarer_day_is_read(written: str, day: str) -> None:
    assert str(only(read("parse_dates", written))[0])[:10] == day


@pytest.mark.parametrize(
    ("written", "days", "asked"),
    [
        (("30042024", "05062024"), ["2024-04-30", "2024-06-05"], False),
        (("04302024", "05062024"), ["2024-04-30", "2024-05-06"], False),
        (("05042024", "05062024"), ["2024-04-05", "2024-06-05"], True),
        (("20122024", "20240430"), ["2024-12-20", "2024-04-30"], False),
        (("32042024", "00132024"), [None, None], False),
    ],
)
def test_eight_digits_that_end_in_the_year(written: tuple[str, ...], days: list[str | None], asked: bool) -> None:
    parsed = read("parse_dates", *written)
    assert [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in parsed.values] == days
    assert (parsed.question is not None) == asked


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("2024", "2024-12-31"), ("24Q2", "2024-06-30"), ("Q2'24", "2024-06-30"), ("2Q24", "2024-06-30"), ("Q1/24", "2024-03-31"),
        ("24年Q2", "2024-06-30"), ("2024年下半年", "2024-12-31"), ("2024W23", "2024-06-09"), ("KW 23/2024", "2024-06-09"),
        ("CY24 Q1", "2024-03-31"), ("FY24Q1", "2024-03-31"), ("1Q24", "2024-03-31"), ("2H24", "2024-12-31"),
        ("2024年第23周", "2024-06-09"), ("2024W54", None), ("2204", None), ("Q5 24", None), ("23周", None),
    ],
)  # fmt: skip
def test_what_names_a_span_of_days(written: str, last: str | None) -> None:
    span = period_of_text(written, FiscalCalendar())
    assert (None if span is None else f"{span.end:%Y-%m-%d}") == last


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["Apr 24", "May 24", "Jun 25"], ["2024-04-30", "2024-05-31", "2025-06-30"]),
        (["Apr 30", "May 17", "Jun 28"], []),  # days without a year
    ],
)
def test_two_digits_behind_a_month_are_years_where_they_lie_together(cells: list[str], read_as: list[str]) -> None:
    days, said = periods_as_days(pd.Series(cells, dtype="str"), pd.Series([True] * 3), FiscalCalendar(), last=True)
    assert days.dt.strftime("%Y-%m-%d").tolist() == read_as
    assert (said is not None) == bool(read_as)


@pytest.mark.parametrize("written", ["1970-01-01", "1900-01-01"])
def test_a_counter_at_zero_is_no_date(written: str) -> None:
    assert only(read("parse_dates", written)) == (None, "placeholder_date")


@pytest.mark.parametrize("written", ["9999-12-31", "2999-12-31", "31/12/9999", "2099-12-31"])
def test_a_day_that_means_no_end_is_kept_and_told(written: str) -> None:
    value, reason = only(read("parse_dates", written))
    assert str(value)[:4] in written and reason == "placeholder_date"


def test_a_day_that_means_no_end_does_not_turn_a_buddhist_year() -> None:
    parsed = read("parse_dates", "2567-01-15", "9999-12-31")
    assert parsed.values.dt.year.tolist() == [2024, 9999]


@pytest.mark.parametrize(
    ("written", "meant", "reason"),
    [
        ("Smith &amp; Sons", "Smith & Sons", "escaped_text"),
        ("Acme_x000D_", "Acme", "escaped_text"),
        ("Ac\u200bme", "Acme", "escaped_text"),
        ("Contoso _x0041_ Ltd", "Contoso _x0041_ Ltd", None),  # as it was typed
        ("#WERT!", None, "error_cell"),
        ("Err:502", None, "error_cell"),
        ("########", None, "error_cell"),  # the column was too narrow
        ("=VLOOKUP(A2,B:C,2,0)", "=VLOOKUP(A2,B:C,2,0)", "formula_text"),
        ("--None--", None, None),
        ("\\N", None, None),
        ("请选择", None, None),
        ("NA", "NA", None),  # a name
        ("Nan", "Nan", None),
        ("#1 Motors", "#1 Motors", None),
    ],
)
def test_codes_and_placeholders_are_no_names(written: str, meant: str | None, reason: str | None) -> None:
    parsed = read("parse_text", written)
    assert only(parsed) == (meant, reason)
    assert bool(parsed.decisions) == (meant is None and reason is None)


def test_what_a_code_stood_for_can_be_a_placeholder() -> None:
    assert only(read("parse_text", "&nbsp;-")) == (None, "escaped_text")


def test_an_apostrophe_that_keeps_zeros_is_no_part_of_an_id() -> None:
    parsed = read("parse_id", "'00123", "'t Hart")
    assert parsed.values.tolist() == ["00123", "'t Hart"] and len(parsed.decisions) == 1


def test_minus_one_is_how_databases_write_yes() -> None:
    assert read("parse_flag", "-1", "0").values.tolist() == [True, False]


def test_true_and_false_as_excel_writes_them_in_other_languages() -> None:
    true = ("WAHR", "VRAI", "VERDADERO", "VERDADEIRO", "VERO", "WAAR", "ИСТИНА", "예", "да")
    false = ("FALSCH", "FAUX", "FALSO", "ONWAAR", "ЛОЖЬ", "아니오", "нет", "nee")
    assert read("parse_flag", *true).values.tolist() == [True] * len(true)
    assert read("parse_flag", *false).values.tolist() == [False] * len(false)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2026-12-05 오후 3:15", "15:15:00"), ("2026년 12월 5일 오전 9:05", "09:05:00"), ("2026. 12. 5. 오후 3:15:20", "15:15:20"),
        ("2026.12.05 오후 3시 15분", "15:15:00"), ("2026/12/05 下午3:15", "15:15:00"), ("2026年12月5日下午3点", "15:00:00"),
        ("2026年12月5日15时30分", "15:30:00"), ("2026/12/05 晚上8:30", "20:30:00"), ("2026/12/05 午後3:15", "15:15:00"),
        ("2026/12/05 午前 9時5分7秒", "09:05:07"), ("2026/12/05 12:00 午前", "00:00:00"), ("05.12.2026 3:15 p. m.", "15:15:00"),
        ("05.12.2026 3:15:07 μμ", "15:15:07"), ("2026-12-05 3:15 م", "15:15:00"),
        # The end of the day that is written, and not the beginning of the next.
        ("2026-12-05 24:00", "23:59:59"), ("2026年12月5日24时", "23:59:59"), ("05.12.2026 24:00:00", "23:59:59"),
    ],
)  # fmt: skip
def test_the_half_of_a_day_is_read_in_each_language(written: str, time: str) -> None:
    parsed = parsing.parse_dates(pd.Series([written]), with_time=True)
    assert parsed.values.dt.strftime("%Y-%m-%d %H:%M:%S").tolist() == [f"2026-12-05 {time}"] and parsed.problems.empty


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (("2026. 10. 2", "27.01.20", "26.12.13"), "2026-12-13"),  # 13 is no year of this column
        (("2026-10-02", "13.12.26"), "2026-12-13"),
        (("2013-10-02", "26.12.13"), "2013-12-26"),
    ],
)
def test_short_years_are_those_of_the_whole_years_beside_them(written: tuple[str, ...], day: str) -> None:
    assert str(parsing.parse_dates(pd.Series(written)).values.iloc[-1].date()) == day


def test_spanish_halves_of_a_day_do_not_make_a_date_american() -> None:
    american, spanish = (parsing.parse_dates(pd.Series([f"05/12/2026 3:15 {half}"])) for half in ("PM", "p. m."))
    assert american.question is None and american.values[0] == pd.Timestamp("2026-05-12")
    assert spanish.question is not None


@pytest.mark.parametrize(
    "written",
    [
        "24 дек. 2026", "24 декабря 2026 г.", "чт, 24 дек. 2026 г.", "24 gru 2026", "24 grudnia 2026 r.", "2026. dec. 24.",
        "24 ara 2026", "24. pro 2026", "24 des 2026", "Thu 2026-12-24", "24 Dec 2026 (Thu)", "24-Dec-2026, Thursday", "jue 24/12/2026",
        "2026/12/24(四)", "2026年12月24日 礼拜四", "星期四 2026-12-24", "2026/12/24(木)", "2026年12月24日木曜日", "2026. 12. 24. (목)", "2026년 12월 24일 목요일",
    ],
)  # fmt: skip
def test_weekdays_and_short_months_of_other_languages_are_read(written: str) -> None:
    assert only(read("parse_dates", written)) == (pd.Timestamp("2026-12-24"), None)


@pytest.mark.parametrize(
    ("written", "damaged"),
    [
        # 1234567890123456789 in a cell of numbers is kept as 1234567890123456768, or with 15 digits.
        (("1234567890123456768", "1234567890123460096"), True),
        (("12345678901234500", "98765432109876500"), True),
        (("1234567890123450", "9876543210987650"), True),
        (("1234567890123456789", "4876876000000333045"), False),
        (("1234567890123456768", "4876876000000333045"), False),
        (("1234567890123451", "9876543210987650"), False),
        (("123456789012345", "987654321098765"), False),
    ],
)
def test_long_ids_that_a_spreadsheet_kept_as_numbers_are_noted(written: tuple[str, ...], damaged: bool) -> None:
    parsed = read("parse_id", *written)
    assert parsed.values.tolist() == list(written)
    assert parsed.problems["reason"].tolist() == ["damaged_id"] * len(written) * damaged
