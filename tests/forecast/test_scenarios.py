"""Assumptions about named opportunities and stages, and the outlook under them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError, EvidenceError
from funnel_analytics.forecast.assumptions import assumptions_of
from funnel_analytics.forecast.model.assumed import _shifted
from funnel_analytics.forecast.record.track_record import replays_of

TEAM = team_book(150, seed=2)
PERIOD = "2026Q4"


def chances(book: fa.Book, period: str = PERIOD) -> pd.DataFrame:
    return fa.outlook_opportunities(book, period=period).set_index("opportunity_id")


TOP = list(chances(TEAM).index[:3])


def test_lost_and_won_are_certain_and_all_others_stay_as_they_are() -> None:
    before, after = chances(TEAM), chances(fa.assume(TEAM, lost=TOP[:1], won=TOP[1:2]))
    assert after.loc[TOP[0], ["probability", "eventual_probability", "expected"]].tolist() == [0, 0, 0]
    assert after.loc[TOP[1], ["probability", "eventual_probability"]].tolist() == [1, 1]
    others = before.index.drop(TOP[:2])
    pd.testing.assert_frame_equal(before.loc[others], after.loc[others])


def test_the_first_opportunity_of_a_book_can_be_assumed_lost_like_any_other() -> None:
    first = TEAM.open_opportunities["opportunity_id"].iloc[0]
    assert chances(TEAM).loc[first, "probability"] > 0
    assert chances(fa.assume(TEAM, lost=[first])).loc[first, "probability"] == 0


def test_nothing_is_learned_from_an_assumption_and_the_book_is_not_changed() -> None:
    everything = list(TEAM.open_opportunities["opportunity_id"])
    other = fa.assume(TEAM, lost=everything)
    columns = ["method", "basis_opportunities", "basis_wins"]
    same, all_lost = (fa.outlook(book, period=PERIOD, draws=200) for book in (TEAM, other))
    pd.testing.assert_frame_equal(same[columns], all_lost[columns])
    assert all_lost.set_index("component").loc["open", "mean"] == 0
    assert fa.assume(TEAM) is TEAM


def test_what_slips_moves_forward() -> None:
    for days in (-1, 0):
        with pytest.raises(ArgumentError, match=rf"slip_days is {days}\. Accepted: a whole number of days from 1"):
            fa.assume(TEAM, slipped=TOP[:1], slip_days=days)


def test_where_a_close_date_has_passed_or_is_missing_the_days_count_from_today() -> None:
    """Today is 30 September: due in August, without a date, due in October."""
    rows = pd.DataFrame({"opportunity_id": ["1", "2", "3"], "outcome": "open", "stage": "Proof", "amount": 10.0})
    rows["close_date"] = pd.to_datetime(["2026-08-01", None, "2026-10-10"])
    three = fa.assemble(fa.Parts(snapshots=rows), as_of="2026-09-30")
    slipped = fa.assume(three, slipped=["1", "2", "3"], slip_days=1)
    assert slipped.opportunities["close_date"].dt.strftime("%m-%d").tolist() == ["10-01", "10-01", "10-11"]
    won = assumptions_of(fa.assume(three, won=["1", "2", "3"]))
    # What is won is won from tomorrow on: what was won until today is known.
    assert won["not_before"].dt.strftime("%m-%d").tolist() == ["10-01", "10-01", "10-10"]


def test_what_slips_is_not_won_in_this_period_and_its_close_date_moves() -> None:
    slipped = fa.assume(TEAM, slipped=TOP[:1], slip_days=91)
    assert chances(slipped).loc[TOP[0], "probability"] == 0
    was, now = (book.opportunities.set_index("opportunity_id").loc[TOP[0], "close_date"] for book in (TEAM, slipped))
    assert now == max(was, TEAM.as_of) + pd.Timedelta(days=91)
    year = "2027"
    assert chances(slipped, year).loc[TOP[0], "probability"] == chances(TEAM, year).loc[TOP[0], "probability"]


def test_a_win_falls_into_the_period_of_its_close_date() -> None:
    dates = TEAM.open_opportunities.set_index("opportunity_id")["close_date"]
    later = dates.index[dates > "2027-01-01"][0]
    won = fa.assume(TEAM, won=[later])
    assert chances(won).loc[later, "probability"] == 0
    quarter = fa.Book.period(TEAM, None).label
    assert quarter == PERIOD
    when = f"{dates[later].year}Q{dates[later].quarter}"
    assert chances(won, when).loc[later, "probability"] == 1


def test_a_win_on_the_last_day_of_a_quarter_is_not_of_the_next() -> None:
    rows = TEAM.opportunities
    moved = rows.assign(
        close_date=rows["close_date"].mask(rows["opportunity_id"] == TOP[0], pd.Timestamp("2026-12-31"))
    )
    won = fa.assume(replace(TEAM, frames={**TEAM.frames, "opportunities": moved}), won=TOP[:1])
    assert [chances(won, period).loc[TOP[0], "probability"] for period in (PERIOD, "2027Q1")] == [1, 0]


def test_a_stage_rate_is_the_mean_chance_of_its_open_opportunities() -> None:
    other = chances(fa.assume(TEAM, stage_rates={"Proof": 0.6}))
    before = chances(TEAM)
    here = other["stage"] == "Proof"
    assert other.loc[here, "eventual_probability"].mean() == pytest.approx(0.6)
    share = other.loc[here, "probability"] / other.loc[here, "eventual_probability"]
    usual = (before["probability"] / before["eventual_probability"])[other.index[here]]
    assert share.to_numpy() == pytest.approx(usual.to_numpy())
    pd.testing.assert_series_equal(other.loc[~here, "probability"], before.loc[other.index[~here], "probability"])


def test_a_rate_of_none_or_all_is_reached_and_so_is_any_between() -> None:
    p = np.array([0.0, 0.1, 0.9, 1.0])
    for mean in (0.0, 0.001, 0.5, 0.999, 1.0):
        assert _shifted(p, mean).mean() == pytest.approx(mean, abs=1e-9)


def test_assumptions_add_up_and_a_later_one_about_the_same_replaces_the_earlier() -> None:
    twice = fa.assume(fa.assume(TEAM, lost=TOP[:2]), won=TOP[:1])
    rows = chances(twice)
    assert rows.loc[TOP[1], "probability"] == 0
    assert rows.loc[TOP[0], "eventual_probability"] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"lost": ["O000"]}, "Did you mean 'O0"),
        ({"lost": TOP[:1], "won": TOP[:1]}, "both won and lost"),
        ({"stage_rates": {"Prof": 0.5}}, "Did you mean 'Proof'"),
        ({"stage_rates": {"Proof": 40}}, "0.4 for 40%"),
        ({"stage_rates": {"Proof": 1.5}}, "0.4 for 40%"),
        ({"won": [TEAM.opportunities.query("outcome == 'lost'")["opportunity_id"].iloc[0]]}, "is lost already"),
    ],
)
def test_what_cannot_be_assumed_is_said(asked: dict[str, object], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        fa.assume(TEAM, **asked)


def test_scenarios_stand_beside_the_base() -> None:
    table = fa.scenario_outlook(TEAM, {"worse": fa.assume(TEAM, lost=TOP), "same": TEAM}, period=PERIOD, draws=500)
    assert list(table.columns) == tables.SCENARIO_OUTLOOK.names
    assert table["scenario"].tolist() == ["base", "worse", "same"]
    assert table["assumptions"].tolist() == [0, 3, 0]
    expected = chances(TEAM).loc[TOP, "expected"].sum()
    assert table["difference"].tolist() == [0, pytest.approx(-expected), 0]
    assert table.loc[0, ["mean", "p90", "p_quota"]].tolist() == table.loc[2, ["mean", "p90", "p_quota"]].tolist()


def test_scenarios_replay_the_past_once_with_their_base() -> None:
    assert replays_of(fa.assume(TEAM, lost=TOP[:1]), "quarter", 0) is replays_of(TEAM, "quarter", 0)
    assert replays_of(replace(TEAM), "quarter", 0) is not replays_of(TEAM, "quarter", 0)


def test_a_scenario_of_another_date_or_kind_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no book"):
        fa.scenario_outlook(TEAM, {"x": 3})
    past = fa.assemble(fa.Parts(snapshots=TEAM.snapshots), as_of="2026-06-30")
    with pytest.raises(ArgumentError, match="2026-06-30"):
        fa.scenario_outlook(TEAM, {"x": past})


def test_the_outlook_without_the_three_that_matter_most_is_what_the_scenario_gives() -> None:
    drivers = fa.outlook_drivers(TEAM, period=PERIOD, top=5)
    assert list(drivers.columns) == tables.OUTLOOK_DRIVERS.names
    # By full amount × √(p · (1 − p)), the largest first.
    rows = chances(TEAM)
    swing = rows["expected"] * np.sqrt(1 / rows["probability"] - 1)
    assert drivers["opportunity_id"].tolist() == swing.sort_values(ascending=False).index[:5].tolist()
    named = drivers["opportunity_id"].head(3).tolist()
    rows = fa.scenario_outlook(TEAM, {"without": fa.assume(TEAM, lost=named)}, period=PERIOD, draws=100)
    assert rows["mean"].tolist() == [pytest.approx(drivers["mean"].iloc[0]), pytest.approx(drivers["without"].iloc[2])]
    alone = fa.outlook(fa.assume(TEAM, lost=named[:1]), period=PERIOD, draws=100).set_index("component")
    assert alone.loc["total", "mean"] == pytest.approx(drivers["if_lost"].iloc[0])


def test_an_outlook_without_open_opportunities_has_no_drivers() -> None:
    with pytest.raises(ArgumentError, match=r"top is 0\. Accepted: 1 or more; 8 is usual"):
        fa.outlook_drivers(TEAM, period=PERIOD, top=0)
    assert fa.outlook_drivers(TEAM.where(outcome=["won", "lost"]), period=PERIOD).empty


def test_the_evidenced_book_holds_the_supported_stages_and_the_same_past() -> None:
    evidenced = fa.as_evidenced(TEAM)
    pipeline = fa.evidenced_pipeline(TEAM).set_index("stage")
    counts = evidenced.open_opportunities["stage"].value_counts()
    for stage in TEAM.methodology.open_stages[1:]:
        assert counts.get(stage, 0) == pipeline.loc[stage, "evidenced_opportunities"]
    first = pipeline.loc[["Discover", "not_evidenced"], "evidenced_opportunities"].sum()
    assert counts["Discover"] == first
    pd.testing.assert_frame_equal(evidenced.stage_log, TEAM.stage_log)
    part = evidenced.where(region="North")
    assert set(part.stage_log["opportunity_id"]) == set(TEAM.where(region="North").stage_log["opportunity_id"])


def test_the_evidenced_outlook_compares_three_readings() -> None:
    table = fa.evidenced_outlook(TEAM, period=PERIOD, draws=300)
    assert list(table.columns) == tables.EVIDENCED_OUTLOOK.names
    assert table["reading"].tolist() == ["claimed", "evidenced", "validated"]
    assert table.loc[0, ["lower", "higher", "difference"]].tolist() == [0, 0, 0]
    assert table["open_mean"].is_monotonic_decreasing


def test_without_evidence_the_message_says_what_to_add() -> None:
    bare = fa.assemble(fa.Parts(snapshots=TEAM.snapshots))
    with pytest.raises(EvidenceError, match="Add a sheet"):
        fa.evidenced_outlook(bare)
