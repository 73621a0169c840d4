"""Six win rates on seven opportunities, each counted by hand; velocity."""

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import AmountError, ArgumentError, MethodologyError

# id, outcome, amount, created, closed or expected. As of 30 September 2026.
ROWS = [
    ("1", "won", 100, "2026-01-01", "2026-03-02"),  # after 60 days
    ("2", "won", 300, "2026-01-01", "2026-08-29"),  # after 240 days
    ("3", "lost", 200, "2026-02-01", "2026-03-03"),  # after 30 days
    ("4", "lost", 0, "2026-02-01", "2026-05-02"),  # after 90 days, without an amount
    ("5", "open", 400, "2026-03-01", "2026-08-31"),  # overdue
    ("6", "open", 50, "2026-03-01", "2026-12-31"),
    ("7", "open", 60, "2026-09-01", "2026-12-31"),  # 29 days old
]


@pytest.fixture
def book() -> fa.Book:
    rows = pd.DataFrame(ROWS, columns=["opportunity_id", "outcome", "amount", "created_date", "close_date"])
    rows[["created_date", "close_date"]] = rows[["created_date", "close_date"]].apply(pd.to_datetime)
    stages = {"3": "Discover", "4": "Proof", "1": "Deploy", "2": "Deploy"}
    rows["stage"] = rows["opportunity_id"].map(stages).fillna("Qualify")
    return fa.assemble(fa.Parts(snapshots=rows.assign(as_of=pd.Timestamp("2026-09-30"))))


def test_six_ways_of_counting(book: fa.Book) -> None:
    table = fa.win_rates(book, within_days=100).set_index("rate")
    assert list(table.index) == ["closed", "created", "created_mature", "from_stage", "by_day", "overdue_as_lost"]
    counts = {rate: tuple(row) for rate, row in table[["opportunities", "won", "lost", "open"]].iterrows()}
    assert counts["closed"] == (4, 2, 2, 0)
    assert counts["created"] == (7, 2, 2, 3)
    # 7 is too young; 2 was still open on its 100th day.
    assert counts["created_mature"] == (6, 1, 2, 3)
    # 3 was lost in the first stage and never reached the second.
    assert counts["from_stage"] == (3, 2, 1, 0)
    assert table.loc["from_stage", "stage"] == "Qualify"
    assert counts["overdue_as_lost"] == (5, 2, 2, 1)
    # 29 days: one leaves unobserved, 6 of 7 are watched on. 30: 1/6 lost. 60: 5 at risk, won 5/6 · 1/5 = 1/6.
    assert table.loc["by_day", "win_rate"] == pytest.approx(1 / 6)
    assert table["win_rate"].round(4).tolist() == [0.5, 0.2857, 0.1667, 0.6667, 0.1667, 0.4]


def test_one_opportunity_won_on_the_day_of_its_creation_counts_in_every_way() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1"], "outcome": ["won"], "amount": [100.0], "stage": ["Deploy"]})
    rows[["created_date", "close_date"]] = pd.Timestamp("2026-01-05")
    table = fa.win_rates(fa.assemble(fa.Parts(snapshots=rows), as_of="2026-09-30"), within_days=100)
    assert table["opportunities"].tolist() == [1] * 6
    assert table["win_rate"].tolist() == [1] * 6


def test_the_horizon_counts_what_was_won_on_the_day_of_its_creation() -> None:
    """Ten won at once and one after 20 days: nine of ten, the ninth step of ten between eleven, took half a day: 1."""
    rows = pd.DataFrame({"opportunity_id": [str(number) for number in range(11)], "outcome": "won", "amount": 100.0})
    rows["created_date"] = pd.Timestamp("2026-01-05")
    rows["close_date"] = [pd.Timestamp("2026-01-05")] * 10 + [pd.Timestamp("2026-01-25")]
    table = fa.win_rates(fa.assemble(fa.Parts(snapshots=rows), as_of="2026-09-30")).set_index("rate")
    assert table.loc["created_mature", "within_days"] == 1


def test_the_value_rate_says_how_many_have_no_amount(book: fa.Book) -> None:
    row = fa.win_rates(book).set_index("rate").loc["closed"]
    # 400 won of 600; the lost one without an amount does not lower it.
    assert row[["amount", "amount_won", "without_amount"]].tolist() == [600, 400, 1]
    assert row["win_rate_value"] == pytest.approx(2 / 3)


def test_the_rate_by_day_is_weighted_with_amounts_too(book: fa.Book) -> None:
    row = fa.win_rates(book, within_days=100).set_index("rate").loc["by_day"]
    # 60 leaves unobserved; 200 of 1050 lost; then 100 of 850 won: 850/1050 · 100/850.
    assert row["win_rate_value"] == pytest.approx(100 / 1050)


def test_the_rate_from_a_stage_agrees_with_the_conversion_table() -> None:
    book = team_book(150)
    conversion = fa.stage_conversion(book).set_index("stage")["win_rate_resolved"]
    for stage in book.methodology.open_stages:
        row = fa.win_rates(book, from_stage=stage).set_index("rate").loc["from_stage"]
        assert (row["stage"], row["win_rate"]) == (stage, pytest.approx(conversion[stage]))


def test_the_horizon_is_the_age_by_which_nine_of_ten_wins_had_come(book: fa.Book) -> None:
    # 90th percentile of 60 and 240 days: 222.
    assert fa.win_rates(book)["within_days"].dropna().tolist() == [222, 222]
    nothing_won = book.where(outcome=["lost", "open"])
    assert fa.win_rates(nothing_won)["within_days"].dropna().tolist() == [180, 180]


def test_unknown_stages_and_horizons_are_explained(book: fa.Book) -> None:
    with pytest.raises(MethodologyError, match="Qualify"):
        fa.win_rates(book, from_stage="Qualfy")
    with pytest.raises(ArgumentError, match="above 0"):
        fa.win_rates(book, within_days=0)


def test_velocity_by_hand(book: fa.Book) -> None:
    row = fa.sales_velocity(book).iloc[0]
    # 3 open × 1/2 × mean 200 ÷ mean of 60 and 240 days.
    assert row["velocity"] == pytest.approx(3 * 0.5 * 200 / 150)
    # All seven: 29+ | 30, 60, 90 ended | 213+, 213+ | 240: S after 60 = 5/6·4/5 = 2/3, after 90 = 1/2.
    assert row["median_cycle_days"] == 90


def test_a_win_without_an_amount_does_not_lower_what_a_win_is_worth(book: fa.Book) -> None:
    rows = book.opportunities[["opportunity_id", "stage", "outcome", "amount", "created_date", "close_date"]]
    more = rows.iloc[[0, 0, 0]].assign(opportunity_id=["x", "y", "z"], amount=[0.0, -50.0, np.nan])
    both = pd.concat([rows, more], ignore_index=True).assign(as_of=book.as_of)
    row = fa.sales_velocity(fa.assemble(fa.Parts(snapshots=both))).iloc[0]
    # 100 and 300 are stated; the cycle and the rate are of all five.
    assert (row["mean_won_amount"], row["win_rate"]) == (200, pytest.approx(5 / 7))


def test_what_was_won_by_the_horizon_is_told_by_count_and_by_amount_alike(book: fa.Book) -> None:
    row = fa.win_rates(book, within_days=100).set_index("rate").loc["by_day"]
    # 1 after 60 days, 3 and 4 lost after 30 and 90; 2 was won after 240 and still open on its 100th day.
    assert row[["opportunities", "won", "lost", "open", "amount_won"]].tolist() == [7, 1, 2, 4, 100]


def test_velocity_needs_amounts_and_says_nothing_without_closings(book: fa.Book) -> None:
    with pytest.raises(AmountError):
        fa.sales_velocity(team_book(20, money=False))
    row = fa.sales_velocity(book.where(outcome="open")).iloc[0]
    assert row["open_opportunities"] == 3
    assert np.isnan(row["velocity"])
