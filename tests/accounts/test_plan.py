"""The account plan, effort, whitespace and families: small books with the hand count beside them."""

from dataclasses import replace

import pandas as pd
import pytest

import funnel_analytics as fa
from account_books import PIPELINE, PROFILE, RELATION, alike, book_of, rated
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError, MethodologyError
from funnel_analytics.methodology import load_methodology

DAY = pd.Timestamp("2026-09-20")
OPPORTUNITIES = pd.DataFrame(
    [
        # id, account, outcome, amount, product, last activity
        ("1", "01", "won", 300.0, "Robots", "2026-06-01"),
        ("2", "01", "lost", 100.0, "Software", "2026-05-01"),
        ("3", "02", "open", 100.0, "Robots", "2026-09-20"),
        ("4", "04", "open", 600.0, "Robots", "2026-09-20"),
        ("5", "05", "open", 200.0, "Software", "2026-09-20"),
        ("6", "02", "won", 10.0, "Software", "2026-09-10"),
        ("7", "02", "open", 100.0, "Software", "2026-09-10"),
    ],
    columns=["opportunity_id", "account_id", "outcome", "amount", "product", "last_activity_date"],
)
OPPORTUNITIES["last_activity_date"] = pd.to_datetime(OPPORTUNITIES["last_activity_date"])
# Benchmark 1,000: open pipeline 1,000 in all, an equal share 200; the usual opportunity is the median of
# 100, 600, 200 and 100: 150.
CASES = {
    "01": (2_000, alike(5, 5, 5)),  #     A+, nothing open, idle since 2026-06-01: 121 days
    "02": (500, alike(4, 4, 4)),  #       A, 200 open: 40 % of a year
    "03": (5_000, {}),  #                 unrated, nothing open
    "04": (100, alike(1, 2, 1)),  #       C with 600 of 1,000
    "05": (100, {PROFILE[0]: 3.0}),  #    D, 200 ≥ 2 × 150? no
}
BOOK = book_of(CASES, benchmark=1_000, opportunities=OPPORTUNITIES)


def plan_of(book: fa.Book) -> pd.DataFrame:
    return fa.account_plan(book).set_index("account_id")


def test_the_plan_counts_what_is_open_won_and_lost_and_how_long_nothing_happened() -> None:
    plan = plan_of(BOOK)
    first = plan.loc["01"]
    assert (first["segment"], first["strategy"], first["win_rate"], first["idle_days"]) == (
        "A+",
        "develop_business",
        0.5,
        121,
    )
    second = plan.loc["02"]
    assert second[["open_opportunities", "open_amount", "pipeline_share", "pipeline_to_revenue"]].tolist() == [
        2,
        200,
        0.2,
        0.4,
    ]
    assert second["win_rate"] == 1
    assert plan.loc["03", "unknown"] == "none_closed; no_activity_dates"


def test_the_rules_speak_of_the_accounts_whose_effort_does_not_match() -> None:
    assert plan_of(BOOK)["findings"].dropna().to_dict() == {
        "01": "no_open_opportunity; idle",
        "03": "not_assessed",
        "04": "over_served",
    }
    # With a second 200 the usual opportunity is 200, and 400 is twice that.
    again = pd.concat([OPPORTUNITIES, OPPORTUNITIES[OPPORTUNITIES["opportunity_id"] == "5"].assign(opportunity_id="8")])
    assert plan_of(book_of(CASES, benchmark=1_000, opportunities=again)).loc["05", "findings"] == "large_unassessed"


def test_the_findings_are_said_with_their_numbers() -> None:
    plan = fa.account_plan(BOOK)
    said = dict(zip(plan["account_id"], fa.plan_reasons(plan), strict=True))
    assert (
        said["01"] == "Deserves the most resources; open opportunities: 0; No activity since 2026-06-01, for 121 days"
    )
    assert said["04"] == "Class C, yet 60% of the open pipeline"
    assert said["03"] == "High revenue 5k, but only 0 criteria rated"
    assert said["02"] == ""
    assert "占进行中金额的 60%" in fa.plan_reasons(plan, "zh-Hans").str.cat()


def test_old_ratings_are_named() -> None:
    ratings = pd.DataFrame(rated("01", **alike(5, 5, 5)), columns=["account_id", "criterion", "rating"])
    book = book_of(
        {"01": (2_000, {})},
        benchmark=1_000,
        opportunities=OPPORTUNITIES,
        ratings=ratings.assign(rated_on=pd.Timestamp("2025-01-01")),
    )
    plan = fa.account_plan(book)
    assert "ratings_outdated" in plan["findings"].iloc[0]
    assert "Last rated on 2025-01-01" in fa.plan_reasons(plan).iloc[0]


def test_the_weakest_criteria_and_the_questions_that_open_an_assessment_come_first() -> None:
    plan = plan_of(BOOK)
    assert plan.loc["04", "weakest"] == "; ".join(PROFILE[:3])
    # Group 1 has a rating; one question of each of the other two comes first, then the weakest.
    assert plan.loc["05", "ask_next"] == f"{PIPELINE[0]}; {RELATION[0]}; {PROFILE[0]}"
    assert pd.isna(plan.loc["01", "weakest"]) and pd.isna(plan.loc["01", "ask_next"])
    table = fa.account_plan(BOOK)
    asked = fa.account_questions(table[table["account_id"] == "05"], "zh-Hans").iloc[0]
    assert asked.startswith("机会：未来一年内可能出现哪些机会")
    assert asked.count("\n") == 2


def test_other_rules_come_from_the_methodology() -> None:
    from funnel_analytics.methodology import parse_methodology

    stages = [{"key": "Offer", "probability": 0.5}]
    method = parse_methodology(
        {"stage": stages, "effort": [{"key": "idle", "threshold": 5, "resources": ["low"]}]}, "own"
    )
    assert [(rule.key, rule.resources, rule.threshold) for rule in method.effort] == [("idle", ("low",), 5.0)]
    assert parse_methodology({"stage": stages}, "own").effort == load_methodology().effort
    assert parse_methodology({"stage": stages, "effort": []}, "own").effort == ()
    for wrong, why in (
        ({"key": "ilde"}, "Did you mean 'idle'"),
        ({"key": "idle", "resources": ["A+"]}, "Accepted: a list of high, medium, low, none"),
        ({"key": "idle", "threshold": -1}, "a number, 0 or more"),
        ({"key": "idle", "weight": 1}, "does not know 'weight'"),
    ):
        with pytest.raises(MethodologyError, match=why):
            parse_methodology({"stage": stages, "effort": [wrong]}, "own")


@pytest.mark.parametrize("money", [True, False])
def test_the_plan_stands_on_any_book(money: bool) -> None:
    plan = fa.account_plan(team_book(60, money=money))
    assert len(plan) == 12
    assert plan["unknown"].str.contains("no_amounts").fillna(False).all() == (not money)
    empty = fa.account_plan(book_of({}, opportunities=pd.DataFrame({"opportunity_id": ["1"], "outcome": ["open"]})))
    assert empty.empty and empty.columns.tolist() == tables.ACCOUNT_PLAN.names
    assert fa.plan_reasons(empty).empty and fa.account_questions(empty).empty


def test_effort_and_potential_are_shares_that_add_up() -> None:
    table = fa.segment_effort(BOOK).set_index("segment")
    assert table.index.tolist() == ["A+", "A", "C", "D", "unrated"]
    # Potential 1 + 0.75 + (0 + 0.25 + 0) / 3 = 1.8333
    assert table.loc["A+", "potential_share"] == pytest.approx(1 / (1 + 0.75 + 0.25 / 3))
    assert table["pipeline_share"].to_dict() == {"A+": 0, "A": 0.2, "C": 0.6, "D": 0.2, "unrated": 0}
    assert table["opportunity_share"].sum() == 1
    nothing = fa.segment_effort(book_of({"1": (0, {}), "2": (0, alike(1, 1, 1))}, opportunities=OPPORTUNITIES[:2]))
    assert nothing[["revenue_share", "opportunity_share", "pipeline_share"]].isna().all(axis=None)


def test_whitespace_says_what_each_account_bought_and_where_nothing_was_offered() -> None:
    table = fa.whitespace(BOOK).set_index(["account_id", "product"])
    assert table["standing"].unstack().to_dict("index") == {
        "01": {"Robots": "won", "Software": "lost"},
        "02": {"Robots": "open", "Software": "won"},
        "03": {"Robots": "untouched", "Software": "untouched"},
        "04": {"Robots": "open", "Software": "untouched"},
        "05": {"Robots": "untouched", "Software": "open"},
    }
    assert table.loc[("02", "Software"), ["won_amount", "open_amount"]].tolist() == [10, 100]
    by = fa.whitespace_by_segment(BOOK).set_index(["segment", "product"])
    assert by.loc[("A+", "Robots"), "penetration"] == 1
    assert by.loc[("unrated", "Software"), "untouched_accounts"] == 1
    assert by.loc[("unrated", "Robots"), "penetration"] == 0
    assert table.loc[("03", "Software"), ["won_amount", "open_amount"]].tolist() == [0, 0]
    # All five in one class: Robots was won by 01 alone, Software by 02 alone.
    nobody_rated = book_of({f"0{number}": (0, {}) for number in range(1, 6)}, opportunities=OPPORTUNITIES)
    assert fa.whitespace_by_segment(nobody_rated)["penetration"].tolist() == [1 / 5, 1 / 5]


def test_without_amounts_whitespace_counts_and_sums_nothing_up() -> None:
    book = book_of(CASES, benchmark=1_000, opportunities=OPPORTUNITIES.drop(columns="amount"))
    table = fa.whitespace(book).set_index(["account_id", "product"])
    assert table.loc[("02", "Software"), ["won_opportunities", "open_opportunities"]].tolist() == [1, 1]
    assert table[["won_amount", "open_amount"]].isna().all(axis=None)


def test_without_products_there_is_no_whitespace() -> None:
    assert fa.whitespace(team_book(20)).empty
    assert fa.whitespace_by_segment(team_book(20)).empty


def test_a_profile_stands_beside_the_others_of_its_class() -> None:
    book = book_of({"1": (10, alike(5, 5, 5)), "2": (10, alike(4, 4, 4)), "3": (10, {**alike(3, 3, 3), PROFILE[0]: 5.0}), "4": (10, alike(1, 1, 1))},
                   benchmark=1_000)  # fmt: skip
    table = fa.account_profile(book, "Account 1").set_index("criterion")
    assert table.loc[PROFILE[0], ["rating", "class_rating", "class_accounts"]].tolist() == [5, 4.5, 2]
    assert table.loc[PROFILE[1], "class_rating"] == 3.5
    alone = fa.account_profile(book, "4")
    assert alone["class_rating"].isna().all() and (alone["class_accounts"] == 0).all()
    with pytest.raises(ArgumentError, match="Did you mean 'Account 1'"):
        fa.account_profile(book, "Acount 1")
    named = book.accounts.assign(account_name=["Acme", "Acme", "Birch", "Cork"])
    alike_called = fa.assemble(fa.Parts(snapshots=book.snapshots, accounts=named))
    with pytest.raises(ArgumentError, match=r"2 accounts are called 'Acme'\. Give the id: 1, 2"):
        fa.account_profile(alike_called, "Acme")


def family_book(parents: dict[str, str | None], **revenue: float | None) -> fa.Book:
    accounts = pd.DataFrame({"account_id": list(parents), "account_name": [f"Account {key}" for key in parents],
                             "parent_account": list(parents.values()), "current_revenue": [revenue.get(key) for key in parents]})  # fmt: skip
    opportunities = pd.DataFrame(
        {"opportunity_id": list(parents), "account_id": list(parents), "outcome": "open", "amount": 1.0}
    )
    ratings = pd.DataFrame(
        [("a", "sponsorship", 2.0), ("b", "sponsorship", 5.0), ("b", "track_record", 4.0), ("c", "track_record", 1.0)],
        columns=["account_id", "criterion", "rating"],
    )
    return fa.assemble(fa.Parts(snapshots=opportunities.assign(as_of=DAY), accounts=accounts, ratings=ratings))


def test_subsidiaries_roll_up_into_the_topmost_parent_by_id_or_name() -> None:
    book = fa.roll_up_accounts(
        family_book({"a": None, "b": "a", "c": "Account b", "d": None}, a=10, b=20, c=30, d=None)
    )
    table = fa.account_segments(book).set_index("account_id")
    assert table["current_revenue"].to_dict() == pytest.approx({"a": 60, "d": float("nan")}, nan_ok=True)
    assert table["open_amount"].to_dict() == {"a": 3, "d": 1}
    # Sponsorship is the parent's own; the track record is that of the largest subsidiary that has one.
    assert dict(zip(book.ratings["criterion"], book.ratings["rating"], strict=True)) == {
        "sponsorship": 2,
        "track_record": 1,
    }
    assert set(book.opportunities["account_name"]) == {"Account a", "Account d"}
    assert book.issues.empty


def test_circles_and_unknown_parents_stand_alone_and_are_listed() -> None:
    book = fa.roll_up_accounts(family_book({"a": "b", "b": "a", "c": "a", "d": "Nobody", "e": "e"}))
    assert sorted(book.accounts["account_id"]) == ["a", "b", "d", "e"]
    assert book.opportunities.set_index("opportunity_id")["account_id"].to_dict() == {
        "a": "a",
        "b": "b",
        "c": "a",
        "d": "d",
        "e": "e",
    }
    assert sorted(book.issues["reason"]) == ["parent_circle", "parent_circle", "unknown_parent"]
    assert "Account d names the parent 'Nobody'" in book.issues["message"].str.cat()
    again = fa.roll_up_accounts(book)
    pd.testing.assert_frame_equal(again.issues, book.issues)
    # Beneath what was listed before, numbered on.
    other = family_book({"x": "Nowhere"})
    told = fa.roll_up_accounts(replace(other, frames={**other.frames, "issues": book.issues}))
    assert told.issues.index.tolist() == [0, 1, 2, 3]


def test_rolling_up_twice_changes_nothing_more() -> None:
    sample = fa.load_sample()
    once = fa.roll_up_accounts(sample)
    # No column that the ratings had not.
    assert once.ratings.columns.tolist() == sample.ratings.columns.tolist()
    twice = fa.roll_up_accounts(once)
    pd.testing.assert_frame_equal(fa.account_segments(once), fa.account_segments(twice))
