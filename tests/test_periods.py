"""Fiscal periods: published calendars of retailers and others, names as people write them, and laws."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.errors import ArgumentError, ProfileError
from funnel_analytics.exports.profiles.profile import parse_profile
from funnel_analytics.periods import FiscalCalendar, parse_period, period_labels, period_of

# The National Retail Federation's calendar, and a company whose year ends on the last Saturday of September.
RETAIL = FiscalCalendar(2, "4-5-4", "nearest saturday", "start")
SEPTEMBER = FiscalCalendar(10, "4-4-5", "last saturday")
CALENDARS = [FiscalCalendar(), FiscalCalendar(4), FiscalCalendar(7, named_after="start"), RETAIL, SEPTEMBER]


def days(text: str, calendar: FiscalCalendar | int = 1) -> list[str]:
    period = parse_period(text, calendar)
    return [f"{period.start:%Y-%m-%d}", f"{period.end:%Y-%m-%d}"]


@pytest.mark.parametrize(
    ("text", "calendar", "expected"),
    [
        ("2023", RETAIL, ["2023-01-29", "2024-02-03"]),  # 53 weeks
        ("2024", RETAIL, ["2024-02-04", "2025-02-01"]),
        ("2025", RETAIL, ["2025-02-02", "2026-01-31"]),
        ("2025Q1", RETAIL, ["2025-02-02", "2025-05-03"]),
        ("2025M01", RETAIL, ["2025-02-02", "2025-03-01"]),  # 4 weeks
        ("2025M02", RETAIL, ["2025-03-02", "2025-04-05"]),  # 5 weeks
        ("2023M12", RETAIL, ["2023-12-31", "2024-02-03"]),  # the 53rd week
        ("2023", SEPTEMBER, ["2022-09-25", "2023-09-30"]),
        ("2024Q1", SEPTEMBER, ["2023-10-01", "2023-12-30"]),
        ("2024Q2", SEPTEMBER, ["2023-12-31", "2024-03-30"]),
        ("2024H2", SEPTEMBER, ["2024-03-31", "2024-09-28"]),
        ("2026Q1", FiscalCalendar(4), ["2025-04-01", "2025-06-30"]),
        ("2026Q1", FiscalCalendar(4, named_after="start"), ["2026-04-01", "2026-06-30"]),
        ("2026M12", FiscalCalendar(4), ["2026-03-01", "2026-03-31"]),
        ("2026-02", FiscalCalendar(4), ["2026-02-01", "2026-02-28"]),
    ],
)
def test_published_calendars(text: str, calendar: FiscalCalendar, expected: list[str]) -> None:
    assert days(text, calendar) == expected


@pytest.mark.parametrize(
    "text",
    ["2026Q4", "2026-Q4", "2026 q4", "FY2026Q4", "FY26 Q4", "Q4 2026", "Q4 FY26", "Q4 FY'26", "FY2026-Q4", "2026年第四季度", "2026年第4季度", "2026年Q4",
     "26Q4", "4Q26", "4Q FY26", "Q4/26", "Q4.2026", "4. Quartal 2026", "4th Quarter 2026", "第四季度2026", "CY26 Q4", "Q4 CY2026"],
)  # fmt: skip
def test_a_quarter_is_understood_as_people_write_it(text: str) -> None:
    assert parse_period(text).label == "2026Q4"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("FY26", "2026"),
        ("2026年", "2026"),
        ("2026财年", "2026"),
        ("H1 2026", "2026H1"),
        ("202610", "2026-10"),
        ("1H26", "2026H1"),
        ("2026年下半年", "2026H2"),
        ("CY26", "2026"),
    ],
)
def test_other_periods_are_understood_as_people_write_them(text: str, label: str) -> None:
    assert parse_period(text).label == label


@pytest.mark.parametrize(
    "text",
    ["2026Q5", "2026H3", "2026M13", "2026-13", "26", "24M1", "12M24", "0000Q1", "20.26", "Q4", "next quarter", ""],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="2026Q4"):
        parse_period(text)


def test_a_year_of_the_calendar_is_no_fiscal_one() -> None:
    assert days("CY26 Q1", FiscalCalendar(4)) == ["2026-01-01", "2026-03-31"]
    assert days("FY26 Q1", FiscalCalendar(4)) == ["2025-04-01", "2025-06-30"]
    named = parse_period("CY26 Q1", FiscalCalendar(4)).label
    assert days(named, FiscalCalendar(4)) == ["2026-01-01", "2026-03-31"]


@pytest.mark.parametrize(
    "settings_",
    [
        {"start": 13},
        {"weeks": "4-4-4"},
        {"ends_on": "saturday"},
        {"ends_on": "last caturday"},
        {"named_after": "middle"},
    ],
)
def test_a_calendar_that_cannot_be_says_what_is_accepted(settings_: dict[str, object]) -> None:
    with pytest.raises(ArgumentError):
        FiscalCalendar(**settings_)
    with pytest.raises(ProfileError, match="mine"):
        parse_profile({"fiscal_calendar": settings_}, "mine.toml")


def test_a_profile_declares_the_calendar_and_the_caller_its_start() -> None:
    declared = {"start": 2, "weeks": "4-5-4", "ends_on": "nearest saturday", "named_after": "start"}
    assert parse_profile({"fiscal_calendar": declared}, "mine.toml").calendar == RETAIL
    assert parse_profile({"fiscal_start": 4}, "mine.toml").calendar == FiscalCalendar(4)
    assert parse_profile({}, "mine.toml").calendar is None
    with pytest.raises(ProfileError, match="fiscal_calendar"):
        parse_profile({"fiscal_calendar": {"begin": 2}}, "mine.toml")


def test_analyses_follow_a_calendar_of_weeks() -> None:
    rows = pd.DataFrame(
        {"opportunity_id": ["1", "2"], "stage": "Proof", "amount": [10.0, 20.0], "outcome": "open",
         # The last day of the retail year 2025 and the first of 2026.
         "close_date": pd.to_datetime(["2026-01-31", "2026-02-01"])},
    )  # fmt: skip
    book = fa.assemble(fa.Parts(snapshots=rows), as_of="2025-12-01", calendar=RETAIL)
    assert book.period().label == "2025Q4"
    table = fa.weighted_forecast(book, by="quarter").set_index("period")["amount"]
    assert table.to_dict() == {"2025Q4": 10.0, "2026Q1": 20.0}


@settings(max_examples=200, derandomize=True)
@given(
    st.dates(min_value=pd.Timestamp("1990-01-01").date(), max_value=pd.Timestamp("2060-12-31").date()),
    st.sampled_from(CALENDARS),
    st.sampled_from(["month", "quarter", "half", "year"]),
)
def test_every_day_lies_in_the_period_it_is_labelled_with_and_periods_adjoin(day, calendar, frequency) -> None:
    stamp = pd.Timestamp(day)
    period = period_of(stamp, frequency, calendar)
    assert period.start <= stamp <= period.end
    assert period.length == frequency
    following = period_of(period.end + pd.Timedelta(days=1), frequency, calendar)
    assert following.start == period.end + pd.Timedelta(days=1)
    assert following.label != period.label
    labels = period_labels(pd.Series([stamp, pd.NaT]), frequency, calendar)
    assert labels.iloc[0] == period.label
    assert pd.isna(labels.iloc[1])
