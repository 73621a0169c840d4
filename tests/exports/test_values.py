"""Columns of text become typed columns, decided by all their values; what cannot be read is listed."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from funnel_analytics.exports.dating import date_in_lines, date_in_name, newest, newest_change
from funnel_analytics.exports.values import parsing
from funnel_analytics.exports.values.parsing import (
    date_order,
    parse_dates,
    parse_flag,
    parse_id,
    parse_money,
    parse_number,
    parse_probability,
    parse_text,
)

NAN = float("nan")


def text(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype="str", index=pd.RangeIndex(2, 2 + len(cells), name="row"))


def days(parsed: parsing.Parsed) -> list[str | None]:
    return [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in parsed.values]


def reasons(parsed: parsing.Parsed) -> dict[int, str]:
    return dict(zip(parsed.problems["row"], parsed.problems["reason"], strict=True))


# --- dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-01-15", "2024-01-15"),
        ("2024/1/5", "2024-01-05"),
        ("2024.1.5", "2024-01-05"),
        ("2024-01-15 08:00:00", "2024-01-15"),
        ("2024-01-15T23:30:00-05:00", "2024-01-15"),
        ("2011-10-01T00:38:44.546+02:00", "2011-10-01"),
        ("20240115", "2024-01-15"),
        ("15-Jan-24", "2024-01-15"),
        ("April 30, 2024", "2024-04-30"),
        ("Mon, 3 June 2024", "2024-06-03"),
        ("1st March 2024", "2024-03-01"),
        ("3. März 2024", "2024-03-03"),
        ("2024年1月15日", "2024-01-15"),
        ("２０２４年１月１５日", "2024-01-15"),
        ("2024年1月15日 下午3:20", "2024-01-15"),
        ("31.12.24", "2024-12-31"),
        ("31.12.69", "2069-12-31"),
        ("31.12.70", "1970-12-31"),
        ("45306", "2024-01-15"),
        ("45306.75", "2024-01-15"),
        ("1705312800", "2024-01-15"),
        ("1705312800000", "2024-01-15"),
        ("29/02/2024", "2024-02-29"),
        ("2024_01_15", "2024-01-15"),
        ("15th of January 2024", "2024-01-15"),
    ],
)
def test_a_date_in_each_usual_form_is_read(written, day):
    parsed = parse_dates(text(written))
    assert days(parsed) == [day] and parsed.problems.empty
    assert parsed.values.dtype == "datetime64[us]"


def test_one_value_above_twelve_settles_the_whole_column():
    day_first = parse_dates(text("03/02/2024", "28/02/2024"))
    month_first = parse_dates(text("03/02/2024", "02/28/2024"))
    assert days(day_first) == ["2024-02-03", "2024-02-28"] and day_first.question is None
    assert days(month_first) == ["2024-03-02", "2024-02-28"] and month_first.question is None


def test_a_year_of_two_digits_leads_where_it_can_be_nothing_else_or_where_that_is_stated():
    assert days(parse_dates(text("99-04-03", "98-05-04"))) == ["1999-04-03", "1998-05-04"]
    assert days(parse_dates(text("24-04-03"), order="YMD")) == ["2024-04-03"]
    assert days(parse_dates(text("二〇二四年十二月二十一日", "二〇二四年十月三日"))) == ["2024-12-21", "2024-10-03"]


def test_dates_that_fit_both_ways_are_asked_about():
    parsed = parse_dates(text("03/04/2024", "05/06/2024"))
    assert parsed.question is not None and "ambiguous" in parsed.decisions[0]
    assert days(parse_dates(text("03/04/2024"), order="DMY")) == ["2024-04-03"]
    assert parse_dates(text("03/04/2024"), order="DMY").question is None


def test_dots_and_am_pm_say_where_a_date_was_written():
    assert days(parse_dates(text("03.04.2024"))) == ["2024-04-03"]
    assert days(parse_dates(text("03/04/24 01:00 PM"))) == ["2024-03-04"]


def test_columns_of_one_file_decide_together():
    assert date_order([text("03/04/2024"), text("28/02/2024")]) == "DMY"
    assert date_order([text("03/04/2024"), text("02/28/2024")]) == "MDY"
    assert date_order([text("2024-01-15")]) == "YMD"
    assert date_order([text("03/04/2024")]) is None
    assert date_order([text("13/04/2024"), text("04/13/2024")]) is None
    assert date_order([text(None, "TBD")]) is None and date_order([]) is None


def test_a_date_that_fits_only_the_other_order_is_read_and_listed():
    parsed = parse_dates(text("13/02/2024", "14/02/2024", "02/15/2024"))
    assert days(parsed) == ["2024-02-13", "2024-02-14", "2024-02-15"]
    assert reasons(parsed) == {4: "other_date_order"} and parsed.question is not None


def test_impossible_and_unreadable_dates_are_missing_and_listed_with_their_row():
    parsed = parse_dates(
        text("30/02/2024", "0000-00-00", "TBD", "2024-13-45", "31-Apr-2024", "#N/A", "Q1 2024", "2024")
    )
    assert days(parsed) == [None] * 8
    assert reasons(parsed) == {
        2: "impossible_date", 3: "impossible_date", 4: "unreadable_date", 5: "impossible_date", 6: "impossible_date",
        7: "error_cell", 8: "unreadable_date", 9: "unreadable_date",
    }  # fmt: skip
    assert parsed.problems["kind"].unique().tolist() == ["unreadable"]
    assert "30/02/2024" in parsed.problems["message"].iloc[0]


def test_ways_to_write_nothing_are_no_problem():
    parsed = parse_dates(text("2024-01-15", "-", "n/a", "", None))
    assert parsed.problems.empty and "2 placeholders" in parsed.decisions[0]


def test_serial_numbers_among_written_dates_are_listed_as_repaired():
    assert reasons(parse_dates(text("45306", "2024-01-15"))) == {2: "date_as_number"}
    assert parse_dates(text("45306", "45307")).problems.empty


def test_times_are_kept_on_request_as_written():
    parsed = parse_dates(text("2024-01-15 23:30:05 -05:00", "02/23/26 08:55 PM", "45306.5"), with_time=True)
    assert parsed.values.dt.strftime("%H:%M:%S").tolist() == ["23:30:05", "20:55:00", "12:00:00"]
    assert any("time zones" in decision for decision in parsed.decisions)


# Later years are no years of an opportunity, and two days stand for "none": a counter's zero and "no end".
NO_DAY = {datetime.date(1970, 1, 1), datetime.date(2099, 12, 31)}
DAYS = st.dates(datetime.date(1950, 1, 1), datetime.date(2199, 12, 31)).filter(lambda day: day not in NO_DAY)


@given(st.lists(DAYS, min_size=1, max_size=20))
@settings(max_examples=50)
def test_every_day_written_in_iso_reads_back(dates):
    parsed = parse_dates(text(*(day.isoformat() for day in dates)))
    assert parsed.problems.empty and days(parsed) == [day.isoformat() for day in dates]


@given(st.lists(DAYS, min_size=1, max_size=20))
@settings(max_examples=50)
def test_every_day_written_day_first_reads_back_when_told(dates):
    parsed = parse_dates(text(*(f"{day:%d/%m}/{day.year:04d}" for day in dates)), order="DMY")
    assert days(parsed) == [day.isoformat() for day in dates]


# --- money ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "amount", "code"),
    [
        ("12500", 12500, None),
        ("12,500.00", 12500, None),
        ("1,234,567", 1234567, None),
        ("12.500,75", 12500.75, None),
        ("1.234.567", 1234567, None),
        ("1 234,50 €", 1234.5, "EUR"),
        ("1'234.50", 1234.5, None),
        ("12,34,567.00", 1234567, None),
        ("(1,234.50)", -1234.5, None),
        ("($1,234.50)", -1234.5, "USD"),
        ("48000.50-", -48000.5, None),
        ("−9", -9, None),
        ("-$7", -7, "USD"),
        ("¥1,200,000", 1_200_000, "CNY"),
        ("￥３５，０００.５０", 35000.5, "CNY"),
        ("人民币 8,800元", 8800, "CNY"),
        ("NT$ 3,000", 3000, "TWD"),
        ("HK$5", 5, "HKD"),
        ("USD 1,000", 1000, "USD"),
        ("1000 eur", 1000, "EUR"),
        ("£5", 5, "GBP"),
        ("CHF 1'000.-", 1000, "CHF"),
        ("120万", 1_200_000, None),
        ("35.6万元", 356_000, None),
        ("1.2亿", 120_000_000, None),
        ("3萬", 30_000, None),
        ("2億", 200_000_000, None),
        ("45k", 45_000, None),
        ("1.2M", 1_200_000, None),
        ("3 mio EUR", 3_000_000, "EUR"),
        ("9.80075E+03", 9800.75, None),
        ("0,5", 0.5, None),
    ],
)
def test_an_amount_in_each_usual_form_is_read(written, amount, code):
    parsed = parse_money(text(written))
    assert parsed.values.tolist() == [amount] and parsed.problems.empty
    assert (None if parsed.currencies is None else parsed.currencies.iloc[0]) == code


def test_the_role_of_point_and_comma_is_decided_by_the_whole_column():
    assert parse_money(text("1.234,56", "1.234")).values.tolist() == [1234.56, 1234]
    assert parse_money(text("1,234.56", "1.234")).values.tolist() == [1234.56, 1.234]
    assert parse_money(text("1,5", "2,125")).values.tolist() == [1.5, 2.125]
    assert parse_money(text("1,234", "20,000")).values.tolist() == [1234, 20000]


def test_a_column_that_leaves_it_open_is_asked_about_and_listed():
    parsed = parse_money(text("1,234", "1.234", "5,600"))
    assert parsed.question is not None and "ambiguous" in parsed.question
    assert set(parsed.problems["reason"]) == {"ambiguous_separator"} and set(parsed.problems["kind"]) == {"repaired"}


@pytest.mark.parametrize(
    "written", ["TBD", "12 apples", "5-5", "1/2", "--5", "USD EUR 5", "(5", "12%", "#N/A", "1e999999"]
)
def test_what_is_no_amount_is_missing_and_listed(written):
    parsed = parse_money(text("5", written))
    assert parsed.values.iloc[0] == 5 and np.isnan(parsed.values.iloc[1])
    assert parsed.problems[["row", "value", "kind"]].to_numpy().tolist() == [[3, written, "unreadable"]]


def test_currencies_stand_beside_their_amounts():
    parsed = parse_money(text("$5", "7", "€ 9", None))
    assert [None if pd.isna(code) else code for code in parsed.currencies] == ["USD", None, "EUR", None]
    assert any("'$'" in decision for decision in parsed.decisions)
    assert parse_money(text("5")).currencies is None


@given(st.lists(st.integers(-(10**9), 10**9).map(lambda cents: cents / 100), min_size=1, max_size=20))
@settings(max_examples=50)
def test_amounts_written_with_two_decimals_read_back(amounts):
    plain, grouped = (parse_money(text(*(format(amount, form) for amount in amounts))) for form in (".2f", ",.2f"))
    assert plain.values.tolist() == grouped.values.tolist() == pytest.approx(amounts)


@given(st.lists(st.text(max_size=8), max_size=6))
@settings(max_examples=100)
def test_no_text_makes_any_reader_fail_and_every_loss_has_a_line(cells):
    column = text(*cells)
    for read in (parse_dates, parse_money, parse_probability, parse_flag, parse_number, parse_text, parse_id):
        parsed = read(column)
        assert parsed.values.index.equals(column.index)
        assert set(parsed.problems["row"]) <= set(column.index)


# --- probabilities, flags, text, ids --------------------------------------------------------------------------


def test_the_scale_of_probabilities_is_decided_by_the_whole_column():
    assert parse_probability(text("10", "25", "100", "0")).values.tolist() == [0.1, 0.25, 1, 0]
    assert parse_probability(text("0.1", "0.25", "1", "0")).values.tolist() == [0.1, 0.25, 1, 0]
    assert parse_probability(text("10 %", "25%", "0.5%")).values.tolist() == [0.1, 0.25, 0.005]
    assert parse_probability(text("1", "5", "100")).values.tolist() == [0.01, 0.05, 1]


def test_a_fraction_among_percentages_is_listed():
    parsed = parse_probability(text("10%", "25 %", "0.5", "100", "0"))
    assert parsed.values.tolist() == [0.1, 0.25, 0.5, 1, 0]
    assert reasons(parsed) == {4: "probability_scale"}


def test_impossible_probabilities_are_missing_and_listed():
    parsed = parse_probability(text("150", "-5", "high", "50"))
    assert np.isnan(parsed.values.iloc[:3]).all() and parsed.values.iloc[3] == 0.5
    assert list(reasons(parsed).values()) == [
        "impossible_probability",
        "impossible_probability",
        "unreadable_probability",
    ]


def test_flags_in_the_words_of_crms():
    parsed = parse_flag(text("TRUE", "false", "1", "0", "Yes", "否", "", "perhaps"))
    assert parsed.values.tolist() == [True, False, True, False, True, False, pd.NA, pd.NA]
    assert reasons(parsed) == {9: "unreadable_flag"}


def test_names_that_look_like_nothing_stay_names():
    parsed = parse_text(text(" NA ", "null", "None", "TRUE", "", "\xa0Acme\xa0Ltd\xa0"))
    assert [None if pd.isna(name) else name for name in parsed.values] == [
        "NA",
        "null",
        "None",
        "TRUE",
        None,
        "Acme Ltd",
    ]


def test_error_values_and_garbled_names_are_listed():
    parsed = parse_text(text("#REF!", "上海\ufffd\ufffd", "??", "#1 Tools"))
    assert pd.isna(parsed.values.iloc[0]) and parsed.values.iloc[3] == "#1 Tools"
    assert reasons(parsed) == {2: "error_cell", 3: "garbled_text", 4: "garbled_text"}


def test_ids_keep_zeros_and_case_and_damage_is_listed():
    parsed = parse_id(text("00123", "AbC", "1.40294E+18", "12-Jan", "1402940000000000000", "100234"))
    assert parsed.values.tolist() == ["00123", "AbC", "1.40294E+18", "12-Jan", "1402940000000000000", "100234"]
    assert reasons(parsed) == {4: "damaged_id", 5: "damaged_id", 6: "damaged_id"}


def test_ids_that_went_through_a_float_column_lose_the_point_zero():
    assert parse_id(text("100234.0", "5.0", None)).values.dropna().tolist() == ["100234", "5"]
    assert parse_id(text("100234.0", "5.1")).values.tolist() == ["100234.0", "5.1"]


@pytest.mark.parametrize(
    "read", [parse_dates, parse_money, parse_probability, parse_flag, parse_number, parse_text, parse_id]
)
@pytest.mark.parametrize("column", [text(), text(None, None), text("", " ")])
def test_columns_without_values_give_columns_without_values(read, column):
    parsed = read(column)
    assert parsed.values.isna().all() and parsed.values.index.equals(column.index) and parsed.problems.empty


@pytest.mark.parametrize("text", ["民國113年1月15日", "中華民國113年01月15日", "113/01/15", "113.1.15", "113年1月15日"])
def test_years_of_taiwan_are_read(text):
    parsed = parse_dates(pd.Series([text]))
    assert parsed.values.tolist() == [pd.Timestamp("2024-01-15")]
    assert any("民國" in decision for decision in parsed.decisions)


def test_an_apostrophe_that_guards_a_number_is_no_part_of_it():
    assert parse_money(pd.Series(["'-1200.50", "'$5", "'(3)"])).values.tolist() == [-1200.5, 5.0, -3.0]
    assert parse_text(pd.Series(["'t Hooft"])).values.tolist() == ["'t Hooft"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("pipeline 31.10.2024.csv", "2024-10-31"),
        ("pipeline 03.04.2024.csv", "2024-04-03"),  # points: the day comes first
        ("pipeline_10-31-2024.csv", "2024-10-31"),
        ("pipeline_03-04-2024.csv", None),  # March or April
        ("opps-31102024.csv", "2024-10-31"),
        ("export (31 Oct 2024).csv", "2024-10-31"),
        ("Oct 31, 2024 pipeline.csv", "2024-10-31"),
        ("Pipeline Oct 2024.csv", "2024-10-31"),
        ("2024年10月 商机.xlsx", "2024-10-31"),
        ("商机 2024年10月5日.xlsx", "2024-10-05"),
        ("pipeline 2024-10.csv", "2024-10-31"),
        ("report1730332800000.xls", "2024-10-31"),  # Salesforce's own name for a report
        ("decimal 2024.csv", None),
        ("market 12 2024.csv", None),
    ],
)
def test_the_date_in_a_file_name(name, day):
    found = date_in_name(name)
    assert (found and str(found.date())) == day


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        (["Pipeline", "As of 2024-04-02 10:15"], "2024-04-02"),
        (["截至：2024年4月2日"], "2024-04-02"),
        (["As of 2024-13-02", "Generated 2 Apr 2024"], "2024-04-02"),  # the first is no day
        (["Total 2024-04-02"], None),
    ],
)
def test_the_date_in_a_line_of_the_report(lines, day):
    found = date_in_lines(lines, None)
    assert (found and str(found.date())) == day


def stated(*told: tuple[str, int]) -> pd.Series:
    return pd.Series(pd.to_datetime([day for day, count in told for _ in range(count)]))


def test_a_few_days_far_after_all_others_are_slips_of_the_pen():
    # One of a hundred may be a slip, one of few always; a year and a day after the others is not far.
    assert newest(stated(("2026-09-01", 198), ("2031-01-01", 2))) == pd.Timestamp("2026-09-01")
    assert newest(stated(("2026-09-01", 197), ("2031-01-01", 3))) == pd.Timestamp("2031-01-01")
    assert newest(stated(("2026-09-01", 2), ("2027-09-02", 1))) == pd.Timestamp("2027-09-02")
    assert newest(stated(("2026-09-01", 2), ("2027-09-03", 1))) == pd.Timestamp("2026-09-01")
    assert newest(stated()) is None


def test_the_newest_change_is_what_a_machine_wrote_and_close_dates_count_only_without_it():
    recorded, created = stated(("2026-09-30", 1)), stated(("2026-10-02", 1))
    closed = stated(("2026-12-31", 2), ("2027-10-04", 2))
    assert newest_change([recorded], [created], [closed]) == pd.Timestamp("2026-10-02")
    # 366 days after 2 October 2026 end on 3 October 2027.
    assert newest_change([stated()], [created], [closed]) == pd.Timestamp("2026-12-31")
    assert newest_change([], [created], [stated(("2027-10-03", 1))]) == pd.Timestamp("2027-10-03")
    assert newest_change([], [], [closed]) == pd.Timestamp("2027-10-04")
    assert newest_change([], [], []) is None
