"""Stage conversion on a few opportunities counted by hand, and its laws."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError

AS_OF = pd.Timestamp("2026-09-30")


def book_of(histories: dict[str, list[str]], outcomes: dict[str, str]) -> fa.Book:
    """Opportunities with one stage a week from January on."""
    changes = [
        (key, pd.Timestamp("2026-01-05") + pd.Timedelta(weeks=week), stage)
        for key, stages in histories.items()
        for week, stage in enumerate(stages)
    ]
    history = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage"])
    rows = pd.DataFrame({"opportunity_id": list(histories), "amount": 10.0, "as_of": AS_OF})
    rows["outcome"] = rows["opportunity_id"].map(outcomes)
    rows["close_date"] = pd.Timestamp("2026-09-01")
    return fa.assemble(fa.Parts(snapshots=rows, history=history))


# a: Discover → Qualify → lost.  b: Discover → Develop (skips Qualify), open.  c: Qualify → Develop → Qualify, open.
# d: Discover, open.  e: Develop → won.
BOOK = book_of(
    {
        "a": ["Discover", "Qualify"],
        "b": ["Discover", "Develop"],
        "c": ["Qualify", "Develop", "Qualify"],
        "d": ["Discover"],
        "e": ["Develop"],
    },
    {"a": "lost", "b": "open", "c": "open", "d": "open", "e": "won"},
)


@pytest.mark.parametrize(
    ("counting", "discover", "qualify", "develop"),
    [
        # reached: Qualify is reached by a (visited), b (passed), c (started); not by e, which started beyond.
        ("reached", (3, 2, 0, 1), (3, 2, 1, 0), (3, 1, 0, 2)),
        # visited: b never was in Qualify.
        ("visited", (3, 2, 0, 1), (2, 1, 1, 0), (3, 1, 0, 2)),
        # strict: only a went Discover, Qualify in order; nobody also visited Develop.
        ("strict", (3, 2, 0, 1), (1, 0, 1, 0), (0, 0, 0, 0)),
    ],
)
def test_each_rule_counts_what_it_says(
    counting: str, discover: tuple[int, ...], qualify: tuple[int, ...], develop: tuple[int, ...]
) -> None:
    table = fa.stage_conversion(BOOK, counting=counting).set_index("stage")
    for stage, expected in (("Discover", discover), ("Qualify", qualify), ("Develop", develop)):
        assert tuple(table.loc[stage, ["entered", "advanced", "lost", "open"]]) == expected


def test_skips_and_backward_moves_are_reported() -> None:
    table = fa.stage_conversion(BOOK).set_index("stage")
    assert table.loc["Qualify", "skipped_over"] == 1
    assert table.loc["Develop", ["regressed_from", "backward_moves"]].tolist() == [1, 1]
    assert table.loc["Qualify", "started_here"] == 1


def test_a_lost_opportunity_without_a_known_stage_is_counted_apart() -> None:
    rows = pd.DataFrame(
        {"opportunity_id": ["1", "2"], "outcome": ["lost", "open"], "stage": [None, "Proof"], "as_of": AS_OF}
    )
    table = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows)))
    assert set(table["lost_stage_unknown"]) == {1}
    assert table["lost"].sum() == 0
    # The start of an opportunity seen once is unknown: it has passed the stages before.
    assert table["entered"].tolist() == [1, 1, 1, 1, 1, 0]


def test_strict_wants_the_stages_one_after_the_other() -> None:
    # Both visited the first three stages; b was in the third before the second and did not return to it.
    book = book_of(
        {"a": ["Discover", "Qualify", "Develop"], "b": ["Discover", "Develop", "Qualify"]}, {"a": "open", "b": "open"}
    )
    assert fa.stage_conversion(book, counting="strict")["entered"].tolist()[:3] == [2, 2, 1]
    assert fa.stage_conversion(book, counting="visited")["entered"].tolist()[:3] == [2, 2, 2]


def test_the_first_look_of_an_export_is_not_the_start() -> None:
    rows = pd.DataFrame({"opportunity_id": "1", "outcome": "open", "stage": "Proof", "as_of": [AS_OF]})
    once = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows)))
    again = pd.concat([rows.assign(as_of=pd.Timestamp("2026-06-30")), rows])
    twice = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=again)))
    assert once["entered"].tolist() == [1, 1, 1, 1, 1, 0]
    pd.testing.assert_frame_equal(once, twice)
    # Stages passed between two exports were not seen; that does not make them skipped.
    moved = again.assign(stage=["Discover", "Proof"])
    table = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=moved)))
    assert table["skipped_over"].sum() == 0
    assert table["started_here"].tolist() == [1, 0, 0, 0, 0, 0]


def test_the_amount_is_that_of_the_entry_where_history_tells() -> None:
    days = pd.to_datetime(["2026-01-05", "2026-02-05", "2026-03-05"])
    stages = ["Discover", "Qualify", "Proof"]
    history = pd.DataFrame({"opportunity_id": "1", "changed_at": days, "stage": stages, "amount": [10.0, 20.0, None]})
    rows = pd.DataFrame({"opportunity_id": ["1"], "amount": [30.0], "as_of": [AS_OF]})
    table = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows, history=history))).set_index("stage")
    # Develop was passed without a visit: the latest amount stands for it.
    assert table["amount_entered"].tolist() == [10, 20, 30, 30, 20, 0]
    assert table.loc["Proof", "amount_open"] == 20
    # Back in Discover at another amount: that of the first entry stays.
    again = pd.DataFrame({"opportunity_id": "1", "changed_at": [days[1] + pd.Timedelta(days=9)], "stage": "Discover"})
    history = pd.concat([history, again.assign(amount=15.0)])
    table = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows, history=history))).set_index("stage")
    assert table.loc["Discover", ["amount_entered", "backward_moves"]].tolist() == [10, 0]
    assert table.loc["Qualify", "backward_moves"] == 1


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    counting=st.sampled_from(["reached", "visited", "strict", "any"]),
    by=st.sampled_from([None, "region", "segment"]),
)
def test_counts_add_up_and_rates_lie_within_their_bounds(seed: int, counting: str, by: str | None) -> None:
    book = team_book(40, seed)
    table = fa.stage_conversion(book, counting=counting, by=by)
    assert (table["entered"] == table["advanced"] + table["lost"] + table["open"]).all()
    some = table[table["entered"] > 0]
    assert (some["advance_low"] <= some["advance_high"]).all()
    decided = table.dropna(subset=["advance_rate"])
    assert (
        (decided["advance_rate"] >= decided["advance_low"] - 1e-12)
        & (decided["advance_rate"] <= decided["advance_high"] + 1e-12)
    ).all()
    assert (
        (decided["wilson_low"] <= decided["advance_rate"] + 1e-12)
        & (decided["wilson_high"] >= decided["advance_rate"] - 1e-12)
    ).all()
    if by is not None:
        whole = fa.stage_conversion(book, counting=counting)
        parts = table.groupby("stage")["entered"].sum()
        assert parts[whole["stage"]].tolist() == whole["entered"].tolist()


def test_filters_and_splits_give_the_same_numbers() -> None:
    book = team_book(120)
    split = fa.stage_conversion(book, by="region")
    north = fa.stage_conversion(book.where(region="North"))
    pd.testing.assert_frame_equal(
        split[split["region"] == "North"].drop(columns="region").reset_index(drop=True), north, check_like=True
    )


def test_an_unknown_rule_or_column_names_the_nearest() -> None:
    with pytest.raises(ArgumentError, match="visited"):
        fa.stage_conversion(BOOK, counting="visitd")
    with pytest.raises(ArgumentError, match="segment"):
        fa.stage_conversion(BOOK, by="segmnt")


def test_amounts_are_left_out_where_they_cannot_be_added() -> None:
    table = fa.stage_conversion(team_book(30, money=False))
    assert table["amount_entered"].isna().all()
    assert table["entered"].sum() > 0
