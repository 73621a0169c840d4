"""Assessment and segments: twelve accounts worked out by hand, then laws that always hold."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from account_books import PIPELINE, PROFILE, RELATION, alike, book_of, classes, rated
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError
from funnel_analytics.methodology import load_methodology

# Benchmark 1,000,000; scale 1–5, so that a rating r counts (r − 1) / 4; the cut is 0.5.
#   account  revenue    profile pipeline relation   potential                     class
ACCOUNTS = {
    "01": (1_000_000, alike(3, 3, 3)),  #           0.5, both on the cut          A+
    "02": (999_999, alike(5, 5, 5)),  #             1                             A
    "03": (2_000_000, alike(2, 2, 2)),  #           0.25                          B
    "04": (0, alike(1, 1, 1)),  #                   0                             C
    "05": (500_000, {}),  #                         not assessable                D
    "06": (None, {}),  #                            not assessable                D
    "07": (2_000_000, {}),  #                       not assessable                unrated
    "08": (None, alike(4, 4, 4)),  #                0.75, revenue unknown         unrated
    "09": (None, alike(1, 1, 1)),  #                0, revenue unknown            unrated
    "10": (10, dict.fromkeys(PROFILE + PIPELINE, 5)),  # one group without rating D
    "11": (10, {PROFILE[0]: 5, PIPELINE[0]: 4, RELATION[0]: 1}),  # (1 + .75 + 0) / 3 = 0.5833   A
    "12": (3_000_000, alike(1, 4, 4)),  #           (0 + .75 + .75) / 3 = 0.5; the ten alike would give 0.45   A+
}
CLASSES = {
    "01": "A+", "02": "A", "03": "B", "04": "C", "05": "D", "06": "D",
    "07": "unrated", "08": "unrated", "09": "unrated", "10": "D", "11": "A", "12": "A+",
}  # fmt: skip


def test_twelve_accounts_get_the_classes_worked_out_by_hand() -> None:
    table = fa.account_segments(book_of(ACCOUNTS), revenue_benchmark=1_000_000)
    assert classes(table) == CLASSES
    row = table.set_index("account_id").loc["11"]
    assert row["potential"] == pytest.approx(1.75 / 3)
    assert row["criteria_rated"] == 3
    assert (row["resources"], row["involvement"], row["strategy"]) == ("high", "deep_involvement", "develop_business")


def test_the_best_class_stands_first_and_the_largest_revenue_first_in_it() -> None:
    table = fa.account_segments(book_of(ACCOUNTS), revenue_benchmark=1_000_000)
    assert table["account_id"].tolist() == ["12", "01", "02", "11", "03", "04", "05", "10", "06", "07", "08", "09"]


def test_an_unrated_account_gets_no_advice() -> None:
    row = fa.account_segments(book_of(ACCOUNTS), revenue_benchmark=1_000_000).set_index("account_id").loc["07"]
    assert row[["resources", "involvement", "strategy"]].isna().all()


def test_the_assessment_has_ten_rows_for_every_account_rated_or_not() -> None:
    table = fa.account_assessment(book_of(ACCOUNTS))
    assert table.groupby("account_id").size().tolist() == [10] * 12
    nobody = table[table["account_id"] == "05"]
    assert nobody[["rating", "group_potential", "potential"]].isna().all(axis=None)
    assert nobody["criteria_rated"].unique().tolist() == [0]


def test_a_group_has_a_potential_although_the_account_has_none() -> None:
    table = fa.account_assessment(book_of(ACCOUNTS))
    partly = table[table["account_id"] == "10"]
    by_group = partly.drop_duplicates("group").set_index("group")["group_potential"]
    assert by_group["account_profile"] == 1
    assert pd.isna(by_group["relationship"])
    assert partly["potential"].isna().all()


def test_the_latest_rating_of_a_criterion_counts_and_a_blank_does_not_undo_it() -> None:
    ratings = pd.DataFrame(
        [("01", key, rating, day) for key in alike(0, 0, 0)
         for rating, day in ((5.0, "2026-06-30"), (1.0, "2025-06-30"), (None, "2026-09-30"))],
        columns=["account_id", "criterion", "rating", "rated_on"],
    )  # fmt: skip
    ratings["rated_on"] = pd.to_datetime(ratings["rated_on"])
    book = book_of({"01": (10, {})}, ratings=ratings)
    assert fa.account_segments(book, revenue_benchmark=100)["potential"].tolist() == [1.0]
    assert fa.account_assessment(book)["rating"].unique().tolist() == [5.0]


def test_the_caller_is_stronger_than_the_book_and_the_book_than_a_proposal() -> None:
    own = book_of(ACCOUNTS, benchmark=2_000_000)
    told = fa.account_segments(own, revenue_benchmark=500_000)
    assert told["revenue_benchmark"].unique().tolist() == [500_000]
    assert told["benchmark_source"].unique().tolist() == ["caller"]
    assert fa.account_segments(own)["revenue_benchmark"].unique().tolist() == [2_000_000]
    # Accounts with revenue: 10, 10, 500,000, 999,999, 1,000,000, 2,000,000, 2,000,000, 3,000,000 → (999,999 + 1,000,000) / 2
    proposed = fa.account_segments(book_of(ACCOUNTS))
    assert proposed["revenue_benchmark"].unique().tolist() == [999_999.5]
    assert proposed["benchmark_source"].unique().tolist() == ["proposed"]


def test_without_any_revenue_there_is_no_benchmark_to_propose() -> None:
    table = fa.account_segments(book_of({"01": (None, alike(4, 4, 4)), "02": (None, {})}))
    assert table["benchmark_source"].unique().tolist() == ["none"]
    assert table["revenue_benchmark"].isna().all()
    assert classes(table) == {"01": "unrated", "02": "D"}


@pytest.mark.parametrize("benchmark", [0, -1, float("nan")])
def test_a_benchmark_must_be_an_amount_above_zero(benchmark: float) -> None:
    with pytest.raises(ArgumentError, match="Accepted: an annual revenue above 0"):
        fa.account_segments(book_of(ACCOUNTS), revenue_benchmark=benchmark)


def test_the_class_of_the_export_is_shown_beside_the_class_of_the_grid() -> None:
    opportunities = pd.DataFrame({"opportunity_id": ["1"], "account_id": ["01"], "segment": ["C"], "outcome": ["open"]})
    table = fa.account_segments(book_of({"01": (10, alike(5, 5, 5))}, opportunities=opportunities), revenue_benchmark=5)
    assert (table["segment"].tolist(), table["segment_in_export"].tolist()) == (["A+"], ["C"])


def test_open_and_won_amounts_are_counted_by_account() -> None:
    opportunities = pd.DataFrame(
        [("1", "01", "open", 100.0), ("2", "01", "open", 50.0), ("3", "01", "won", 7.0), ("4", "01", "lost", 9.0)],
        columns=["opportunity_id", "account_id", "outcome", "amount"],
    )
    table = fa.account_segments(book_of({"01": (10, {}), "02": (10, {})}, opportunities=opportunities)).set_index(
        "account_id"
    )
    assert table.loc["01", ["open_opportunities", "open_amount", "won_amount"]].tolist() == [2, 150, 7]
    assert table.loc["02", ["open_opportunities", "open_amount", "won_amount"]].tolist() == [0, 0, 0]


def test_without_money_the_amounts_are_missing_and_the_classes_stand() -> None:
    table = fa.account_segments(team_book(60, money=False))
    assert table[["open_amount", "won_amount"]].isna().all(axis=None)
    assert table["open_opportunities"].sum() > 0
    assert set(table["segment"]) <= {"A+", "A", "B", "C", "D", "unrated"}


def test_a_book_without_accounts_gives_empty_tables() -> None:
    book = book_of({}, opportunities=pd.DataFrame({"opportunity_id": ["1"], "outcome": ["open"]}))
    for table, declared in (
        (fa.account_segments(book), tables.ACCOUNT_SEGMENTS),
        (fa.account_assessment(book), tables.ACCOUNT_ASSESSMENT),
    ):
        assert table.empty
        assert table.columns.tolist() == declared.names


RATINGS = st.dictionaries(st.sampled_from(list(alike(0, 0, 0))), st.integers(1, 5).map(float), min_size=1)


@given(ratings=RATINGS, data=st.data())
@settings(max_examples=60)
def test_a_better_rating_never_lowers_the_potential(ratings: dict[str, float], data: st.DataObject) -> None:
    method = load_methodology()
    raised = data.draw(st.sampled_from(sorted(ratings)))
    better = ratings | {raised: data.draw(st.integers(int(ratings[raised]), 5).map(float))}

    def potential(given: dict[str, float]) -> pd.Series:
        frame = pd.DataFrame(rated("1", **given), columns=["account_id", "criterion", "rating"])
        return method.potential(frame).drop(columns="criteria_rated").loc["1"].fillna(-1)

    assert (potential(better) >= potential(ratings)).all()


@given(order=st.permutations(list(ACCOUNTS)))
@settings(max_examples=15)
def test_the_order_of_the_rows_does_not_matter(order: list[str]) -> None:
    turned = {key: (ACCOUNTS[key][0], dict(reversed(ACCOUNTS[key][1].items()))) for key in order}
    left = fa.account_segments(book_of(ACCOUNTS), revenue_benchmark=1_000_000)
    right = fa.account_segments(book_of(turned), revenue_benchmark=1_000_000)
    pd.testing.assert_frame_equal(left, right)


@given(revenue=st.none() | st.integers(0, 10**7), ratings=RATINGS | st.just({}))
@settings(max_examples=20)
def test_another_account_changes_no_class_when_the_benchmark_is_given(
    revenue: int | None, ratings: dict[str, float]
) -> None:
    table = fa.account_segments(book_of(ACCOUNTS | {"new": (revenue, ratings)}), revenue_benchmark=1_000_000)
    found = classes(table)
    found.pop("new")
    assert found == CLASSES
