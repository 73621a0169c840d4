"""Stage conversion on a few opportunities counted by hand, and its laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError
from funnel_analytics.funnel.intervals import shrunken_share

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
        # any: as visited here; the rules part in the test below.
        ("any", (3, 2, 0, 1), (2, 1, 1, 0), (3, 1, 0, 2)),
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


def test_the_bounds_take_the_open_ones_as_lost_and_as_advanced() -> None:
    """Of three in Discover two advanced and one is open: 2/3 to 3/3; of three in Qualify two advanced, one was lost: 2/3."""
    table = fa.stage_conversion(BOOK, counting="reached").set_index("stage")
    assert table.loc["Discover", ["advance_low", "advance_high"]].tolist() == [2 / 3, 1]
    assert table.loc["Qualify", ["advance_low", "advance_high"]].tolist() == [2 / 3, 2 / 3]


def test_a_percentage_of_none_or_all_is_taken_for_2_or_98() -> None:
    """Six opportunities' worth of it beside two won and two lost: (5.88 + 2) ÷ 10 and (0.12 + 2) ÷ 10."""
    two = np.array([2, 2])
    assert shrunken_share(two, two, np.array([1.0, 0.0]))[0].tolist() == pytest.approx([0.788, 0.212])


def test_the_next_rate_is_missing_where_nobody_came_before() -> None:
    """Strict: nobody was in Develop after Discover and Qualify; of two that began in Qualify one went on to Develop."""
    late = book_of({"a": ["Qualify", "Develop"], "b": ["Qualify"]}, {"a": "open", "b": "open"})
    table = fa.stage_conversion(late, counting="visited").set_index("stage")
    assert table["entered"].tolist()[:3] == [0, 2, 1]
    assert table["next_rate"].isna().tolist() == [True, False, False, True, True, True]
    assert table.loc["Qualify", "next_rate"] == 0.5


def test_a_part_is_split_into_its_own_groups_only() -> None:
    team = team_book(60)
    assert set(fa.stage_conversion(team.where(region="North"), by="region")["region"]) == {"North"}


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


@settings(max_examples=20)
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


def test_the_four_rules_part_on_an_opportunity_that_came_back_and_on_one_that_skipped() -> None:
    # back: Develop → Qualify, open: it has not gone further since it came to Qualify, but it has been further before.
    # skip: Discover → Develop, open.
    book = book_of({"back": ["Develop", "Qualify"], "skip": ["Discover", "Develop"]}, {"back": "open", "skip": "open"})
    rows = {
        rule: fa.stage_conversion(book, counting=rule).set_index("stage")[["entered", "advanced", "open"]]
        for rule in ("reached", "visited", "strict", "any")
    }
    # Qualify: reached counts skip (passed) and not back (it started beyond).
    assert rows["reached"].loc["Qualify"].tolist() == [1, 1, 0]
    assert rows["visited"].loc["Qualify"].tolist() == [1, 0, 1]
    assert rows["strict"].loc["Qualify"].tolist() == [0, 0, 0]
    assert rows["any"].loc["Qualify"].tolist() == [1, 1, 0]
    # any is not monotone: two were in Develop, one in Qualify.
    table = fa.stage_conversion(book, counting="any").set_index("stage")
    assert table.loc["Qualify", "next_rate"] == 2.0


# Six enter Discover on 5 January; the export is of 9 February, 35 days later.
# a, b: on to Qualify after 7 days.  c: lost after 14.  d: won after 21, never anywhere else.  e, f: open for 35.
# At risk 6, 4, 3: advanced 2/6 by 7; lost 4/6·1/4 = 1/6 by 14; advanced + 3/6·1/3 = 1/6 by 21; undecided 1/3.
CLOCK_DAYS = {"c": ("lost", 14), "d": ("won", 21)}


def clock_book(as_of: str = "2026-02-09") -> fa.Book:
    start = pd.Timestamp("2026-01-05")
    moves = [(key, start, "Discover", None) for key in "abcdef"]
    moves += [(key, start + pd.Timedelta(days=7), "Qualify", None) for key in "ab"]
    moves += [(key, start + pd.Timedelta(days=days), None, kind) for key, (kind, days) in CLOCK_DAYS.items()]
    history = pd.DataFrame(moves, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    rows = pd.DataFrame({"opportunity_id": list("abcdef"), "as_of": pd.Timestamp(as_of), "amount": 10.0})
    rows["outcome"] = [CLOCK_DAYS.get(key, ("open", 0))[0] for key in "abcdef"]
    rows["close_date"] = [start + pd.Timedelta(days=CLOCK_DAYS.get(key, ("open", 300))[1]) for key in "abcdef"]
    rows["created_date"] = pd.to_datetime(["2025-12-30", *["2026-01-05"] * 5])
    return fa.assemble(fa.Parts(snapshots=rows, history=history))


@pytest.mark.parametrize(
    ("within", "advanced", "lost", "undecided"),
    [(6, 0, 0, 1), (7, 1 / 3, 0, 2 / 3), (14, 1 / 3, 1 / 6, 1 / 2), (21, 1 / 2, 1 / 6, 1 / 3)],
)
def test_the_incidence_by_day_is_what_one_counts_by_hand(
    within: float, advanced: float, lost: float, undecided: float
) -> None:
    row = fa.stage_conversion(clock_book(), within_days=within).iloc[0]
    found = row[["advance_by_day", "lost_by_day", "undecided_by_day"]].to_numpy(dtype="float64")
    # Told only up to the day to which five were followed: 7; beyond, nothing is said.
    if within > 7:
        assert pd.isna(found).all()
        row = pd.concat([fa.stage_conversion(big_clock(5), within_days=within)]).iloc[0]
        found = row[["advance_by_day", "lost_by_day", "undecided_by_day"]].to_numpy(dtype="float64")
    assert found == pytest.approx([advanced, lost, undecided])
    assert row["by_day_low"] <= row["advance_by_day"] <= row["by_day_high"]


def big_clock(times: int) -> fa.Book:
    """The six opportunities, each several times."""
    small = clock_book()
    parts = [
        {name: frame.assign(opportunity_id=frame["opportunity_id"] + str(copy)) for name, frame in frames.items()}
        for copy in range(times)
        for frames in [{"snapshots": small.snapshots, "history": small.history}]
    ]
    return fa.assemble(fa.Parts(**{name: pd.concat([part[name] for part in parts]) for name in parts[0]}))


def test_without_a_horizon_the_last_day_to_which_five_were_followed_is_taken() -> None:
    row = fa.stage_conversion(clock_book()).iloc[0]
    # Lengths 7, 7, 14, 21, 35, 35: five of them are at least 7.
    assert row[["watched", "within_days"]].tolist() == [6, 7]
    assert fa.stage_conversion(big_clock(5)).iloc[0]["within_days"] == 35
    # Fewer than five were in Qualify.
    row = fa.stage_conversion(clock_book()).iloc[1]
    assert row["watched"] == 2
    assert pd.isna(row["advance_by_day"])
    assert pd.isna(row["within_days"])


def test_cohorts_are_the_quarter_of_creation_and_of_the_first_entry() -> None:
    book = clock_book("2026-04-30")
    created = fa.stage_conversion(book, by="created_quarter")
    assert created.loc[created["stage"] == "Discover", ["created_quarter", "entered"]].to_numpy().tolist() == [
        ["2025Q4", 1], ["2026Q1", 5],
    ]  # fmt: skip
    entered = fa.stage_conversion(book, by="entered_quarter", counting="visited")
    assert set(entered["entered_quarter"]) == {"2026Q1"}
    assert entered["entered"].tolist()[:2] == [6, 2]
    # d was won from Discover: it passed the rest without a day of entry.
    passed = fa.stage_conversion(book, by="entered_quarter").set_index("stage")
    assert passed.loc[passed["entered_quarter"].isna(), "entered"].tolist() == [0, 1, 1, 1, 1, 1]


def test_rates_by_amount_weigh_the_decided_with_their_amounts() -> None:
    history = pd.DataFrame(
        {
            "opportunity_id": ["1", "2", "2"],
            "stage": ["Discover", "Discover", "Qualify"],
            "amount": [300.0, 100.0, 500.0],
        }
    ).assign(changed_at=pd.to_datetime(["2026-01-05", "2026-01-05", "2026-02-05"]))
    rows = pd.DataFrame({"opportunity_id": ["1", "2"], "outcome": ["lost", "open"], "amount": [300.0, 500.0]})
    rows = rows.assign(as_of=AS_OF, close_date=pd.Timestamp("2026-03-01"))
    row = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows, history=history))).iloc[0]
    # One of two by count; by amount at entry 100 of 400.
    assert (row["advance_rate"], row["advance_rate_value"]) == (0.5, 0.25)


@settings(max_examples=10, phases=[Phase.explicit, Phase.generate])
@given(
    seed=st.integers(0, 10_000),
    counting=st.sampled_from(["reached", "visited", "strict", "any"]),
    data=st.data(),
)
def test_the_bounds_hold_whatever_becomes_of_the_open_ones(seed: int, counting: str, data: st.DataObject) -> None:
    book = team_book(40, seed, exports=1)
    bounds = fa.stage_conversion(book, counting=counting).set_index("stage")
    ends = data.draw(st.lists(st.sampled_from(["won", "lost"]), min_size=40, max_size=40))
    rows = book.snapshots
    still = (rows["outcome"] == "open").to_numpy()
    rows["outcome"] = [end if waits else was for end, waits, was in zip(ends, still, rows["outcome"], strict=False)]
    rows["close_date"] = rows["close_date"].mask(still, rows["as_of"])
    done = fa.assemble(fa.Parts(snapshots=rows, history=book.history), methodology=book.methodology)
    after = fa.stage_conversion(done, counting=counting).set_index("stage")
    same = after["entered"] == bounds["entered"]
    # Where a win passes stages that it had not reached, the rule counts more; the bounds are about those counted now.
    assert same.iloc[0] and (counting == "reached" or same.all())
    settled = after[same & (after["entered"] > 0)]
    assert (settled["open"] == 0).all()
    low, high = bounds.loc[settled.index, "advance_low"], bounds.loc[settled.index, "advance_high"]
    assert ((settled["advance_rate"] >= low - 1e-12) & (settled["advance_rate"] <= high + 1e-12)).all()


@settings(max_examples=5)
@given(seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant_and_filters_commute(seed: int, order: object) -> None:
    book = team_book(40, seed)
    places = list(range(len(book.snapshots)))
    order.shuffle(places)
    parts = fa.Parts(snapshots=book.snapshots.iloc[places], accounts=book.accounts, history=book.history)
    shuffled = fa.assemble(parts, methodology=book.methodology)
    columns = [name for name in fa.stage_conversion(book) if not name.startswith("amount_")]
    for by in (None, "owner", "entered_quarter"):
        one, other = fa.stage_conversion(book, by=by), fa.stage_conversion(shuffled, by=by)
        pd.testing.assert_frame_equal(one[columns], other[columns], check_exact=False, rtol=1e-12)
    first = book.where(region="North").where(owner="Ana Ruiz")
    second = book.where(owner="Ana Ruiz").where(region="North")
    pd.testing.assert_frame_equal(fa.stage_conversion(first), fa.stage_conversion(second))


def test_the_level_is_that_of_the_intervals() -> None:
    # Discover: both that were decided advanced. Of 2 of 2 Wilson's lower end is 2 / (2 + z²); z is 1.2816 or 1.9600.
    for level, low in ((0.8, 2 / (2 + 1.2816**2)), (0.95, 2 / (2 + 1.9600**2))):
        row = fa.stage_conversion(BOOK, level=level).iloc[0]
        assert row["wilson_low"] == pytest.approx(low, abs=1e-4)
    curves = [fa.stage_incidence(team_book(), level=level) for level in (0.8, 0.95)]
    narrow, wide = ((curve["by_day_high"] - curve["by_day_low"]).sum() for curve in curves)
    assert narrow < wide


def test_an_opportunity_is_won_on_the_day_of_signing_not_when_its_delivery_stage_is_recorded() -> None:
    # Discover on 1 January, Close on the 11th, signed on the 31st (20 days later), Deploy recorded on 1 April.
    changes = [("2026-01-01", "Discover", None), ("2026-01-11", "Close", None), ("2026-01-31", None, "won"), ("2026-04-01", "Deploy", "won")]  # fmt: skip
    history = pd.DataFrame(changes, columns=["changed_at", "stage", "outcome"])
    history["changed_at"] = pd.to_datetime(history["changed_at"])
    history = pd.concat([history.assign(opportunity_id=str(number)) for number in range(5)])
    rows = pd.DataFrame({"opportunity_id": [str(number) for number in range(5)], "stage": "Deploy", "outcome": "won"})
    rows = rows.assign(amount=10.0, as_of=AS_OF, created_date=pd.Timestamp("2026-01-01"))
    rows["close_date"] = pd.Timestamp("2026-01-31")
    book = fa.assemble(fa.Parts(snapshots=rows, history=history))
    curve = fa.stage_incidence(book)
    assert curve.loc[curve["stage"] == "Close", "days"].tolist() == [0.0, 20.0]
    trend = fa.conversion_trend(book, before="2025Q4", after="2026Q1", within_days=30).set_index("stage")
    assert trend.loc["Close", "advanced_after"] == 5
    # Signed again after a loss: the last signing is the one that holds.
    again = history[history["stage"] != "Deploy"]
    undone = [("2026-03-01", None, "lost"), ("2026-04-01", "Proof", None), ("2026-05-31", None, "won"), ("2026-06-30", "Deploy", "won")]  # fmt: skip
    undone = pd.DataFrame(undone, columns=["changed_at", "stage", "outcome"]).astype({"changed_at": "datetime64[us]"})
    again = pd.concat([again, *(undone.assign(opportunity_id=str(number)) for number in range(5))])
    book = fa.assemble(fa.Parts(snapshots=rows, history=again))
    curve = fa.stage_incidence(book)
    assert curve.loc[curve["stage"] == "Proof", "days"].tolist() == [0.0, 60.0]


def test_a_win_on_an_unknown_day_is_not_dated_by_the_entry_into_its_stage() -> None:
    # In Close since 1 February and won, but no source says when: followed on no known number of days.
    rows = pd.DataFrame({"opportunity_id": list("abcde"), "stage": "Close", "outcome": "won", "amount": 10.0})
    rows = rows.assign(created_date=pd.Timestamp("2026-01-01"), stage_entered_date=pd.Timestamp("2026-02-01"))
    book = fa.assemble(fa.Parts(snapshots=rows.assign(as_of=AS_OF)))
    close = fa.stage_conversion(book).set_index("stage").loc["Close"]
    assert (close["advanced"], close["watched"]) == (5, 0)
    assert int(fa.conversion_cohorts(book)["reached"].sum()) == 0


def test_a_negative_amount_counts_as_none_so_that_no_rate_by_value_exceeds_1() -> None:
    rows = pd.DataFrame({"opportunity_id": list("abc"), "stage": "Discover", "outcome": ["won", "lost", "lost"]})
    rows["amount"] = [100.0, -50.0, 25.0]
    rows["close_date"] = pd.Timestamp("2026-03-01")
    first = fa.stage_conversion(fa.assemble(fa.Parts(snapshots=rows.assign(as_of=AS_OF)))).iloc[0]
    # 100 ÷ (100 + 25); with the −50 it would be 100 ÷ 75.
    assert (first["amount_entered"], first["amount_lost"], first["advance_rate_value"]) == (125, 25, 0.8)
