"""Pacing by hand: weeks, earlier periods on the same day, what is usual."""

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError

ROWS = [
    # amount won, on
    (100, "2026-01-07"),  # 2026Q1, week 1
    (300, "2026-03-31"),  # 2026Q1, the last day
    (50, "2026-04-08"),  # 2026Q2, week 2
    (150, "2026-06-30"),
    (80, "2026-07-03"),  # 2026Q3
]


def book(rows: list[tuple[float, str]] = ROWS, as_of: str = "2026-07-10", **parts: pd.DataFrame) -> fa.Book:
    frame = pd.DataFrame(rows, columns=["amount", "close_date"])
    frame = frame.assign(outcome="won", currency="EUR", close_date=pd.to_datetime(frame["close_date"]))
    frame["opportunity_id"] = [str(number) for number in range(len(frame))]
    return fa.assemble(fa.Parts(snapshots=frame, **parts), as_of=as_of)


def test_each_week_adds_up_what_was_won_until_its_end() -> None:
    table = fa.quota_pacing(book(), period="2026Q3")
    first = table[table["period"] == "2026Q1"].set_index("week")
    # 90 days: thirteen weeks, the last one ends with the quarter.
    assert first.index.tolist() == list(range(1, 14))
    assert (first.loc[1, "won_amount"], first.loc[12, "won_amount"], first.loc[13, "won_amount"]) == (100, 100, 400)
    assert str(first.loc[13, "until"].date()) == "2026-03-31"
    assert first.loc[1, "share_of_final"] == pytest.approx(0.25)


def test_the_period_asked_for_ends_with_the_books_date_and_is_held_against_the_same_day() -> None:
    now = fa.quota_pacing(book(), period="2026Q3")
    now = now[now["current"]].set_index("week")
    assert now.index.tolist() == [1, 2]
    assert str(now.loc[2, "until"].date()) == "2026-07-10"
    assert now["won_amount"].tolist() == [80, 80]
    # On the tenth day 100 of 400 and 50 of 200 had been won.
    assert now.loc[2, ["usual_amount", "usual_share", "periods"]].tolist() == [75, 0.25, 2]
    assert now.loc[2, ["usual_amount_low", "usual_amount_high"]].tolist() == [62.5, 87.5]


def test_a_period_without_a_win_has_no_share_and_counts_in_the_amounts() -> None:
    table = fa.quota_pacing(book([(100, "2026-01-07"), (80, "2026-07-03")]), period="2026Q3")
    now = table[table["current"]].iloc[-1]
    assert now[["usual_amount", "usual_share", "periods"]].tolist() == [50, 1.0, 2]
    assert table.loc[table["period"] == "2026Q2", "share_of_final"].isna().all()


def test_the_quota_gives_the_attainment_of_each_week() -> None:
    quotas = pd.DataFrame({"period": ["2026Q3", "2026Q1"], "quota": [160.0, 0.0]})
    table = fa.quota_pacing(book(quotas=quotas), period="2026Q3")
    assert table.loc[table["current"], "attainment"].tolist() == [0.5, 0.5]
    # A quota of 0 is one, as in the coverage; there is no share of it.
    first = table[table["period"] == "2026Q1"]
    assert (first["quota"] == 0).all() and first["attainment"].isna().all()
    assert table.loc[table["period"] == "2026Q2", "quota"].isna().all()


def test_without_earlier_periods_or_before_the_period_begins_nothing_is_invented() -> None:
    alone = fa.quota_pacing(book([(80, "2026-07-03")]), period="2026Q3")
    assert alone["current"].all()
    assert alone["periods"].tolist() == [0, 0]
    with pytest.raises(ArgumentError, match="Accepted: 0 or more; 8 is usual"):
        fa.quota_pacing(book(), earlier=-1)
    future = fa.quota_pacing(book(), period="2026Q4")
    assert not future["current"].any()


def test_a_win_without_an_amount_is_a_win_of_nothing() -> None:
    rows = [(80, "2026-07-03"), (None, "2026-07-04")]
    now = fa.quota_pacing(book(rows), period="2026Q3", earlier=0)
    assert now["period"].unique().tolist() == ["2026Q3"]
    assert now[["won_opportunities", "won_amount"]].to_numpy().tolist() == [[2, 80], [2, 80]]


def test_the_quarter_in_whose_last_day_the_first_closing_falls_is_an_earlier_one() -> None:
    table = fa.quota_pacing(book([(100, "2026-03-31"), (80, "2026-07-03")]), period="2026Q3")
    assert table["period"].unique().tolist() == ["2026Q1", "2026Q2", "2026Q3"]


def test_months_are_compared_with_months() -> None:
    table = fa.quota_pacing(book(), period="2026-07", earlier=2)
    assert table["period"].unique().tolist() == ["2026-05", "2026-06", "2026-07"]
    assert table[table["period"] == "2026-06"]["week"].tolist() == [1, 2, 3, 4]


def test_the_table_of_a_team_is_as_declared() -> None:
    table = fa.quota_pacing(team_book(200), period="2026Q3")
    assert list(table.columns) == tables.QUOTA_PACING.names
    assert table.groupby("period")["won_amount"].is_monotonic_increasing.all()
    final = table[table["current"]].iloc[-1]
    assert final["won_amount"] == fa.pipeline_coverage(team_book(200), period="2026Q3")["won_amount"].iloc[0]
