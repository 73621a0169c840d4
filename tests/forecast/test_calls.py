"""Calls against results by hand: who, when, how far off; and what is not scored, with its reason."""

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import HistoryError
from funnel_analytics.forecast.calls import MIN_CALLS

WON = [
    # owner, team, amount, close date
    ("Ana", "North", 100, "2026-02-10"),
    ("Ben", "North", 300, "2026-03-31"),
    ("Ana", "North", 200, "2026-05-05"),
]


def book(calls: list[tuple[str | None, str | None, str, str, str | None, float]], as_of: str = "2026-07-10") -> fa.Book:
    opportunities = pd.DataFrame(WON, columns=["owner", "team", "amount", "close_date"])
    opportunities = opportunities.assign(outcome="won", currency="EUR", manager="Mo", opportunity_id=["1", "2", "3"])
    opportunities["close_date"] = pd.to_datetime(opportunities["close_date"])
    frame = pd.DataFrame(calls, columns=["owner", "team", "role", "period", "called_on", "call"])
    frame["called_on"] = pd.to_datetime(frame["called_on"])
    return fa.assemble(fa.Parts(snapshots=opportunities, calls=frame), as_of=as_of)


def test_bias_and_error_are_sums_over_sums() -> None:
    table = fa.call_accuracy(
        book(
            [("Ana", None, "seller", "2026Q1", "2026-01-05", 160), ("Ana", None, "seller", "2026Q2", "2026-04-05", 170)]
        )
    )
    row = table.iloc[0]
    # +60 and −30 on 100 + 200.
    assert row[["person", "horizon", "calls", "periods"]].tolist() == ["Ana", "first_third", 2, 2]
    assert row[["bias", "wape", "mean_error"]].tolist() == [pytest.approx(0.1), pytest.approx(0.3), 15]
    assert row[["direction", "standing"]].tolist() == ["over", "too_few"]
    assert pd.isna(row["rank"])


def test_a_call_is_held_against_what_it_is_about() -> None:
    lines = fa.call_errors(
        book(
            [
                ("Ana", None, "seller", "2026Q1", "2026-01-05", 100),
                ("Ana", None, "manager", "2026Q1", "2026-01-05", 90),
                (None, "North", "manager", "2026Q1", "2026-01-05", 500),
                (None, None, "manager", "2026Q1", "2026-01-05", 600),
            ]
        )
    )
    assert lines["won_amount"].tolist() == [100, 100, 400, 400]
    assert lines["error"].tolist() == [0, -10, 100, 200]
    assert lines["person"].fillna("").tolist() == ["Ana", "Mo", "Mo", ""]


def test_each_third_counts_its_last_call_and_the_rest_has_a_reason() -> None:
    days = ["2025-12-20", "2026-01-05", "2026-01-20", "2026-02-15", "2026-03-31", "2026-04-02", None]
    made = [("Ana", None, "seller", "2026Q1", day, 100.0) for day in days]
    lines = fa.call_errors(book([*made, ("Ana", None, "seller", "2026Q3", "2026-07-03", 10.0)]))
    found = lines.set_index(lines["called_on"].dt.strftime("%m-%d").fillna(""))
    assert found["horizon"].to_dict() == {
        "12-20": "before", "01-05": "first_third", "01-20": "first_third", "02-15": "second_third",
        "03-31": "last_third", "04-02": "after_end", "": "undated", "07-03": "first_third",
    }  # fmt: skip
    assert found["standing"].to_dict() == {
        "12-20": "scored", "01-05": "replaced", "01-20": "scored", "02-15": "scored",
        "03-31": "scored", "04-02": "after_end", "": "undated", "07-03": "pending",
    }  # fmt: skip
    table = fa.call_accuracy(book([*made, ("Ana", None, "seller", "2026Q3", "2026-07-03", 10.0)]))
    assert table["horizon"].tolist() == ["before", "first_third", "second_third", "last_third"]
    assert table.set_index("horizon").loc["first_third", ["calls", "pending"]].tolist() == [1, 1]


def test_nothing_won_has_no_bias_but_a_word() -> None:
    row = fa.call_accuracy(book([("Ben", None, "seller", "2026Q2", "2026-04-05", 50)])).iloc[0]
    assert row["standing"] == "nothing_won"
    assert row[["bias", "wape", "direction"]].isna().all()
    assert row["mean_error"] == 50


def test_who_has_only_open_calls_is_pending() -> None:
    row = fa.call_accuracy(book([("Ana", None, "seller", "2026Q3", "2026-07-03", 10.0)])).iloc[0]
    assert row[["standing", "calls", "pending"]].tolist() == ["pending", 0, 1]
    assert row[["bias", "wape", "mean_error", "rank", "direction"]].isna().all()


@pytest.mark.parametrize(("day", "standing"), [("2026-06-29", "pending"), ("2026-06-30", "scored")])
def test_a_period_is_over_on_its_last_day(day: str, standing: str) -> None:
    lines = fa.call_errors(book([("Ana", None, "seller", "2026Q2", "2026-06-03", 10.0)], as_of=day))
    assert lines["standing"].tolist() == [standing]


def test_nobody_is_ranked_below_the_floor() -> None:
    table = fa.call_accuracy(fa.load_sample())
    assert list(table.columns) == tables.CALL_ACCURACY.names
    assert (table["rank"].notna() == (table["calls"] >= MIN_CALLS)).all()
    few = [("Ana", None, "seller", f"{2020 + n}Q1", f"{2020 + n}-01-05", 1.0) for n in range(MIN_CALLS - 1)]
    many = [("Ben", None, "seller", f"{2020 + n}Q1", f"{2020 + n}-01-05", 1.0) for n in range(MIN_CALLS + 1)]
    ranks = fa.call_accuracy(book([*few, *many])).set_index("person")["rank"]
    assert ranks.to_dict() == {"Ana": pytest.approx(float("nan"), nan_ok=True), "Ben": 1.0}


def test_a_book_without_calls_says_what_to_add() -> None:
    with pytest.raises(HistoryError, match="Add a sheet"):
        fa.call_accuracy(team_book(30))
