"""Who changed class between two dates: small books with the two states written beside them."""

import pandas as pd
import pytest

import funnel_analytics as fa
from account_books import alike
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError, HistoryError

OLD, NEW = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")
Rating = tuple[str, str, float, str | None]


def book_of(
    ratings: list[Rating],
    revenue: dict[str, tuple[float | None, float | None]],
    opportunities: pd.DataFrame | None = None,
) -> fa.Book:
    """Accounts with revenue on two dates, and dated ratings; benchmark 100."""
    stated = [
        (day, account, values[turn]) for account, values in revenue.items() for turn, day in enumerate((OLD, NEW))
    ]
    frame = pd.DataFrame(ratings, columns=["account_id", "criterion", "rating", "rated_on"])
    rows = pd.DataFrame({"opportunity_id": ["1"], "account_id": ["a"], "outcome": ["open"], "as_of": [NEW]})
    return fa.assemble(
        fa.Parts(
            snapshots=rows if opportunities is None else opportunities,
            accounts=pd.DataFrame(
                {"account_id": list(revenue), "account_name": [f"Account {key}" for key in revenue],
                 "current_revenue": pd.Series([after for _, after in revenue.values()], dtype="float64")}
            ),
            ratings=frame.assign(rated_on=pd.to_datetime(frame["rated_on"])),
            account_snapshots=pd.DataFrame(stated, columns=["as_of", "account_id", "current_revenue"]),
        ),
        revenue_benchmark=100,
    )  # fmt: skip


def every(account: str, rating: float, day: str | None) -> list[Rating]:
    return [(account, criterion, rating, day) for criterion in alike(0, 0, 0)]


# account  revenue before → after   ratings before → after     class         moved by
#   a      50 → 50                  2 → 5                      C → A         ratings
#   b      50 → 200                 5 (undated)                A → A+        revenue
#   c      50 → 200                 2 → 5                      C → A+        both
#   d      50 → 50                  none → 2                   D → C         ratings
#   e      50 → 60                  2, then 2 again            C → C         unmoved
BOOK = book_of(
    [*every("a", 2, "2026-05-01"), *every("a", 5, "2026-07-01"), *every("b", 5, None), *every("c", 2, "2026-05-01"),
     *every("c", 5, "2026-07-02"), *every("d", 2, "2026-09-30"), *every("e", 2, "2026-05-01"), *every("e", 2, "2026-08-01")],
    {"a": (50, 50), "b": (50, 200), "c": (50, 200), "d": (50, 50), "e": (50, 60)},
)  # fmt: skip


def test_each_account_stands_in_its_class_on_both_dates_with_what_moved_it() -> None:
    table = fa.segment_changes(BOOK, since=OLD, until=NEW).set_index("account_id")
    said = {key: (row.segment_before, row.segment_after, row.moved_by, row.changed) for key, row in table.iterrows()}
    assert said == {
        "a": ("C", "A", "by_ratings", True),
        "b": ("A", "A+", "by_revenue", True),
        "c": ("C", "A+", "by_both", True),
        "d": ("D", "C", "by_ratings", True),
        "e": ("C", "C", "unmoved", False),
    }
    assert table.index.tolist()[-1] == "e"
    assert table.attrs["since"] == OLD
    assert table.loc["d", ["criteria_rated_before", "criteria_rated_after"]].tolist() == [0, 10]


def test_the_lines_name_each_rating_and_revenue_that_differs() -> None:
    lines = fa.segment_change_lines(BOOK, since=OLD, until=NEW)
    assert lines.groupby("account_id").size().to_dict() == {"a": 10, "b": 1, "c": 11, "d": 10, "e": 1}
    revenue = lines[lines["moved"] == "current_revenue"].set_index("account_id")[["before", "after"]]
    assert revenue.loc["c"].tolist() == [50, 200]
    first = lines[lines["account_id"] == "a"].iloc[0]
    assert (first["moved"], first["before"], first["after"]) == ("organization", 2, 5)
    assert first["rated_on"] == pd.Timestamp("2026-07-01")


def test_revenue_that_becomes_known_is_a_line_and_what_stays_unknown_is_none() -> None:
    lines = fa.segment_change_lines(
        book_of([], {"a": (None, 50), "b": (50, None), "c": (None, None)}), since=OLD, until=NEW
    )
    assert lines[["account_id", "moved"]].to_numpy().tolist() == [["a", "current_revenue"], ["b", "current_revenue"]]
    assert lines["before"].isna().tolist() == [True, False]
    assert lines["after"].isna().tolist() == [False, True]


def test_the_second_date_gives_the_classes_of_the_segments() -> None:
    now = fa.account_segments(BOOK).set_index("account_id")["segment"]
    then = fa.segment_changes(BOOK, since=OLD).set_index("account_id")["segment_after"]
    assert then.to_dict() == now.to_dict()


def test_revenue_that_is_what_was_won_is_counted_anew_for_each_date() -> None:
    opportunities = pd.DataFrame(
        [("1", "a", "won", 80.0, "2025-08-15"), ("2", "a", "won", 70.0, "2026-06-30"), ("3", "a", "won", 20.0, "2026-08-01"),
         # A year before the first date to the day: no longer within the year.
         ("4", "a", "won", 500.0, "2025-06-30")],
        columns=["opportunity_id", "account_id", "outcome", "amount", "close_date"],
    ).assign(as_of=NEW)  # fmt: skip
    opportunities["close_date"] = pd.to_datetime(opportunities["close_date"])
    book = fa.assemble(fa.Parts(snapshots=opportunities), revenue_benchmark=100)
    # On 2026-06-30: 80 + 70 = 150; on 2026-09-30 the 80 are more than a year old: 70 + 20 = 90.
    row = fa.segment_changes(book, since=OLD, until=NEW).iloc[0]
    assert (row["current_revenue_before"], row["current_revenue_after"]) == (150, 90)
    assert (row["segment_before"], row["segment_after"], row["moved_by"]) == ("unrated", "D", "by_revenue")


def test_where_nothing_is_dated_nobody_is_said_to_have_moved() -> None:
    with pytest.raises(HistoryError, match="'Rated on'"):
        fa.segment_changes(team_book(30))


def test_dates_that_make_no_sense_are_answered_with_those_that_do() -> None:
    with pytest.raises(HistoryError, match=r"2026-09-30, is not before the second, 2026-06-30\. Known dates: "):
        fa.segment_changes(BOOK, since=NEW, until=OLD)
    with pytest.raises(HistoryError, match="is not before the second"):
        fa.segment_changes(BOOK, since=NEW, until=NEW)
    with pytest.raises(ArgumentError, match="since is 'soon'"):
        fa.segment_changes(BOOK, since="soon")


def test_no_difference_gives_an_empty_table_of_lines() -> None:
    book = book_of(every("e", 2, "2026-05-01"), {"e": (50, 50)})
    lines = fa.segment_change_lines(book, since=OLD, until=NEW)
    assert lines.empty
    assert lines.columns.tolist() == tables.SEGMENT_CHANGE_LINES.names
