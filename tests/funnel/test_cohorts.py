"""Cohorts, next steps and incidence curves on a few opportunities counted by hand."""

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError, MethodologyError

# Created on 5 January: a Qualify after 80 days, won after 100; b Qualify after 100, lost after 110; c open.
# Created on 5 May: d Discover → Qualify after 20 days → Discover after 40, open.  Export of 30 September.
MOVES = [
    ("a", 0, "Discover", None), ("a", 80, "Qualify", None), ("a", 100, None, "won"),
    ("b", 0, "Discover", None), ("b", 100, "Qualify", None), ("b", 110, None, "lost"),
    ("c", 0, "Discover", None),
    ("d", 120, "Discover", None), ("d", 140, "Qualify", None), ("d", 160, "Discover", None),
]  # fmt: skip


def book() -> fa.Book:
    start = pd.Timestamp("2026-01-05")
    history = pd.DataFrame(MOVES, columns=["opportunity_id", "day", "stage", "outcome"])
    history["changed_at"] = start + pd.to_timedelta(history.pop("day"), unit="D")
    rows = pd.DataFrame({"opportunity_id": list("abcd"), "outcome": ["won", "lost", "open", "open"], "amount": 10.0})
    rows["created_date"] = [start, start, start, start + pd.Timedelta(days=120)]
    rows["close_date"] = [start + pd.Timedelta(days=day) for day in (100, 110, 400, 400)]
    return fa.assemble(fa.Parts(snapshots=rows.assign(as_of=pd.Timestamp("2026-09-30")), history=history))


def test_cohorts_are_compared_at_the_same_age_and_only_as_far_as_the_whole_quarter_is_known() -> None:
    # The first quarter ended 183 days before the export, the second 92: ages 90 and 180, and 90.
    won = fa.conversion_cohorts(book())
    assert won[["cohort", "within_days", "opportunities", "reached"]].to_numpy().tolist() == [
        ["2026Q1", 90, 3, 0], ["2026Q1", 180, 3, 1], ["2026Q2", 90, 1, 0],
    ]  # fmt: skip
    qualify = fa.conversion_cohorts(book(), stage="Qualify")
    assert qualify["reached"].tolist() == [1, 2, 1]
    # Develop was never visited; the win counts.
    assert fa.conversion_cohorts(book(), stage="Develop")["reached"].tolist() == [0, 1, 0]
    with pytest.raises(MethodologyError):
        fa.conversion_cohorts(book(), stage="Nowhere")


def test_each_cohort_of_a_split_says_whose_it_is() -> None:
    # b was lost and c is open; a and d are of North: a won on day 100, d is of the second quarter.
    snapshots = book().snapshots
    regions = snapshots["opportunity_id"].map({"a": "North", "b": "South", "c": "South", "d": "North"})
    split = fa.conversion_cohorts(fa.assemble(fa.Parts(snapshots=snapshots.assign(region=regions))), by="region")
    assert split[["region", "cohort", "within_days", "opportunities", "reached"]].to_numpy().tolist() == [
        ["North", "2026Q1", 90, 1, 0], ["North", "2026Q1", 180, 1, 1], ["North", "2026Q2", 90, 1, 0],
        ["South", "2026Q1", 90, 2, 0], ["South", "2026Q1", 180, 2, 0],
    ]  # fmt: skip


def test_who_enters_the_stage_that_means_won_is_won_that_day_whatever_the_close_date_says() -> None:
    start = pd.Timestamp("2026-01-05")
    moves = pd.DataFrame({"opportunity_id": "a", "stage": ["Discover", "Deploy"], "changed_at": [start, start]})
    moves.loc[1, "changed_at"] += pd.Timedelta(days=80)
    row = pd.DataFrame({"opportunity_id": ["a"], "outcome": "won", "amount": 10.0, "created_date": start})
    row = row.assign(close_date=start + pd.Timedelta(days=150), as_of=pd.Timestamp("2026-09-30"))
    won = fa.conversion_cohorts(fa.assemble(fa.Parts(snapshots=row, history=moves)))
    assert won["reached"].tolist() == [1, 1]


def test_every_next_step_is_counted_once_per_visit() -> None:
    steps = fa.stage_transitions(book())
    # Discover: a, b and d went on; c and, back again, d are there.  Qualify: d back, a won, b lost.
    assert steps[["stage", "next", "visits", "opportunities"]].to_numpy().tolist() == [
        ["Discover", "Qualify", 3, 3], ["Discover", "open", 2, 2],
        ["Qualify", "Discover", 1, 1], ["Qualify", "won", 1, 1], ["Qualify", "lost", 1, 1],
    ]  # fmt: skip
    assert steps["share"].dropna().tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


def test_visits_add_up_to_the_stage_log_and_moves_back_to_those_of_the_conversion() -> None:
    team = team_book(120)
    steps = fa.stage_transitions(team)
    open_stages = team.methodology.open_stages
    log = team.stage_log
    assert steps["visits"].sum() == log["stage"].isin(open_stages).sum()
    place = {stage: index for index, stage in enumerate(open_stages)}
    back = steps[steps["next"].map(place) < steps["stage"].map(place)]
    assert back["visits"].sum() == fa.stage_conversion(team)["backward_moves"].sum()
    assert steps.loc[steps["next"] == "won", "visits"].sum() == (team.opportunities["outcome"] == "won").sum()


def test_the_curve_ends_at_the_incidence_of_the_conversion_table() -> None:
    team = team_book(200)
    curves = fa.stage_incidence(team, counting="visited")
    for row in fa.stage_conversion(team, counting="visited").itertuples():
        curve = curves[curves["stage"] == row.stage]
        assert curve["watched"].iloc[0] == row.watched
        assert (curve["at_risk"] >= 5).all()
        first = curve[["days", "advance_by_day", "by_day_low", "by_day_high", "lost_by_day"]].iloc[0]
        assert first.tolist() == [0, 0, 0, 0, 0]
        by_then = curve[curve["days"] <= row.within_days].iloc[-1]
        assert by_then["advance_by_day"] == pytest.approx(row.advance_by_day, abs=1e-12)
        total = curve[["advance_by_day", "lost_by_day", "undecided_by_day"]].sum(axis=1)
        assert ((total - 1).abs() < 1e-12).all()
    with pytest.raises(ArgumentError, match="visited"):
        fa.stage_incidence(team, counting="visitd")
    assert fa.stage_incidence(book()).empty
    assert "owner" in fa.stage_incidence(book().where(outcome="open"), by="owner")
