"""Counts by day, the survival curves and the ageing of the open pipeline, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError
from funnel_analytics.funnel.conversion import incidence_of
from funnel_analytics.funnel.day_counts import day_counts, quantile
from funnel_analytics.funnel.survival import aalen_johansen, survival_of_counts
from lifetimes import kaplan_meier

AS_OF = pd.Timestamp("2026-09-30")
LIVES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 2)), max_size=60)


@settings(max_examples=40)
@given(LIVES)
def test_estimates_from_counts_are_those_from_the_single_ones(lives: list[tuple[int, int, int]]) -> None:
    cell, days, kind = (np.array(part, dtype="int64") for part in (zip(*lives, strict=True) if lives else ([], [], [])))
    for number, counts in enumerate(day_counts(cell, days, kind, 4, 3)):
        own, lasted = cell == number, np.maximum(days[cell == number].astype("float64"), 0.5)
        assert counts.watched == own.sum()
        curve = kaplan_meier(lasted, kind[own] > 0)
        found = survival_of_counts(counts.days, counts.of(1, 2), counts.of(0))
        np.testing.assert_allclose(found.share, curve.share, atol=1e-12)
        np.testing.assert_array_equal(found.days, curve.days)
        np.testing.assert_array_equal(found.at_risk, curve.at_risk)
        outcomes = np.array(["open", "advanced", "lost"])[kind[own]]
        expected, incidence = aalen_johansen(lasted, outcomes), incidence_of(counts)
        for day in (0.5, 7, 40):
            for outcome in ("advanced", "lost"):
                assert incidence.by(day, outcome) == pytest.approx(expected.by(day, outcome), abs=1e-12)
                assert incidence.error_by(day, outcome) == pytest.approx(expected.error_by(day, outcome), abs=1e-9)
        if own.any():
            everyone = counts.counts.sum(axis=1)
            assert quantile(counts.days, everyone, 0.8) == pytest.approx(np.quantile(lasted, 0.8))


def team(*lives: tuple[int, str, float | None]) -> fa.Book:
    """Opportunities in Discover: (days since the entry, outcome now, amount); closed ones were so today."""
    rows = pd.DataFrame(lives, columns=["days", "outcome", "amount"])
    rows["opportunity_id"] = [str(number) for number in range(len(rows))]
    rows["created_date"] = AS_OF - pd.to_timedelta(rows["days"], unit="D")
    closed = rows["outcome"] != "open"
    history = rows.assign(changed_at=rows["created_date"], stage="Discover")[["opportunity_id", "changed_at", "stage"]]
    ends = rows[closed].assign(changed_at=AS_OF)[["opportunity_id", "changed_at", "outcome"]]
    rows = rows.assign(stage="Discover", as_of=AS_OF, close_date=AS_OF, region="North")
    return fa.assemble(fa.Parts(snapshots=rows, history=pd.concat([history, ends], ignore_index=True)))


def test_the_survival_curve_counts_open_ones_as_long_as_they_were_watched() -> None:
    # Ten: lost after 10 and 20 days, watched for 15 and 30 (six) so far.
    book = team((10, "lost", 1), (15, "open", 1), (20, "won", 1), *[(30, "open", 1)] * 6, (40, "open", 1))
    curve = fa.stage_survival(book)
    discover = curve[curve["stage"] == "Discover"]
    assert discover["days"].tolist() == [0, 10, 20]
    assert discover["at_risk"].tolist() == [10, 10, 8]
    # 1 − 1/10, then × (1 − 1/8): the one watched for 15 days is not at risk any more.
    assert discover["still_there"].tolist() == pytest.approx([1, 0.9, 0.9 * 7 / 8])
    assert (discover["still_low"] <= discover["still_there"]).all()
    assert discover["median_days"].isna().all()
    whole = curve[curve["stage"] == "whole_cycle"]
    assert whole["still_there"].tolist() == pytest.approx(discover["still_there"].tolist())
    with pytest.raises(ArgumentError, match="level"):
        fa.stage_survival(book, level=80)
    # Fewer than five visits give no curve.
    assert fa.stage_survival(team((10, "lost", 1), (15, "open", 1))).empty


def test_open_opportunities_stand_in_the_band_of_their_age() -> None:
    book = team((0, "open", 100), (14, "open", 1), (15, "open", 50), (400, "open", None), (20, "won", 9))
    table = fa.pipeline_ageing(book)
    rows = table[table["opportunities"] > 0]
    # 100 + a placeholder of 1 in the first fortnight, 50 in the next, one without amount beyond half a year.
    assert rows[["stage", "from_days", "opportunities", "amount"]].to_numpy().tolist() == [
        ["Discover", 0, 2, 100], ["Discover", 15, 1, 50], ["Discover", 181, 1, 0],
    ]  # fmt: skip


def test_a_band_of_age_ends_on_the_day_before_the_next_begins() -> None:
    days = (0, 14, 15, 30, 31, 60, 61, 90, 91, 180, 181, 400)
    table = fa.pipeline_ageing(team(*((day, "open", 1.0) for day in days)))
    rows = table[table["stage"] == "Discover"].fillna(-1)
    assert rows[["from_days", "to_days", "opportunities"]].to_numpy().tolist() == [
        [0, 14, 2], [15, 30, 2], [31, 60, 2], [61, 90, 2], [91, 180, 2], [181, -1, 2], [-1, -1, 0],
    ]  # fmt: skip


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.25, 2.5), (0.75, 6.5), (1.0, 9.0)])
def test_a_quantile_lies_between_two_neighbours_in_proportion(share: float, expected: float) -> None:
    """1, 4 and 9 stand at 0, a half and 1."""
    assert quantile(np.array([1.0, 4.0, 9.0]), np.array([1, 1, 1]), share) == expected


def test_an_age_that_no_source_tells_and_a_stage_that_none_names_have_their_own_place() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": ["Proof", None], "amount": [10.0, 20.0]})
    table = fa.pipeline_ageing(fa.assemble(fa.Parts(snapshots=rows), as_of=AS_OF))
    found = table[table["opportunities"] > 0]
    assert found["stage"].tolist() == ["Proof", "unknown"]
    assert found["from_days"].isna().all()
    assert found["amount"].tolist() == [10, 20]


def test_the_ages_add_up_to_the_open_pipeline_in_every_split() -> None:
    book = team_book(120, exports=2, history=False)
    for by in (None, "owner", "segment"):
        table = fa.pipeline_ageing(book, by=by)
        assert table["opportunities"].sum() == len(book.open_opportunities)
        assert table["amount"].sum() == pytest.approx(book.open_amount)
    assert fa.pipeline_ageing(team_book(30, money=False))["amount"].isna().all()
