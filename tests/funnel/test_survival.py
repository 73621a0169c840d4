"""Survival estimates against an independent implementation, on data without ties, and small cases by hand."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times

from books import team_book
from funnel_analytics.funnel.survival import aalen_johansen
from lifetimes import kaplan_meier

OUTCOMES = np.array(["open", "won", "lost"])


@st.composite
def untied(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    days = draw(st.lists(st.integers(1, 900), min_size=3, max_size=40, unique=True))
    kinds = draw(st.lists(st.integers(0, 2), min_size=len(days), max_size=len(days)))
    return np.array(days, dtype="float64"), np.array(kinds)


@settings(max_examples=25)
@given(untied())
def test_kaplan_meier_agrees_with_lifelines(data: tuple[np.ndarray, np.ndarray]) -> None:
    days, kinds = data
    ended = kinds > 0
    if not ended.any():
        assert np.isnan(kaplan_meier(days, ended).quantile(0.5))
        return
    curve = kaplan_meier(days, ended)
    oracle = KaplanMeierFitter().fit(days, ended)
    np.testing.assert_allclose(curve.share, oracle.survival_function_.loc[curve.days].to_numpy().ravel(), atol=1e-12)
    median = oracle.median_survival_time_
    # Where the curve meets one half exactly, the oracle's rounding may miss it; the definition says "at most one half".
    touches = np.isclose(curve.share, 0.5, atol=1e-9).any()
    assert touches or curve.quantile(0.5) == median or (np.isnan(curve.quantile(0.5)) and np.isinf(median))
    interval = median_survival_times(oracle.confidence_interval_).to_numpy().ravel()
    found = curve.median_interval()
    np.testing.assert_allclose(found, np.where(np.isinf(interval), np.nan, interval))


@settings(max_examples=25)
@given(untied())
def test_aalen_johansen_agrees_with_lifelines_and_adds_up_to_one(data: tuple[np.ndarray, np.ndarray]) -> None:
    days, kinds = data
    curve = aalen_johansen(days, OUTCOMES[kinds])
    total = curve.open + sum(curve.shares.values(), np.zeros(len(curve.days)))
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    if not (kinds == 1).any():
        assert curve.by(900, "won") == 0.0
        return
    oracle = AalenJohansenFitter(calculate_variance=False).fit(days, kinds, event_of_interest=1)
    expected = oracle.cumulative_density_.iloc[:, 0]
    for day in days:
        assert curve.by(day, "won") == pytest.approx(expected[:day].iloc[-1], abs=1e-9)


def test_late_entries_count_from_when_they_are_watched() -> None:
    # a: watched from 0 to its end at 10.  b: watched from 5 to its end at 20.  c: from 12, goes on at 30.
    # At 10 two are at risk (a, b), at 20 two (b, c): 1/2 is left, then 1/4.
    curve = aalen_johansen(np.array([10, 20, 30]), np.array(["won", "won", "open"]), np.array([0, 5, 12]))
    np.testing.assert_allclose(curve.shares["won"], [0.5, 0.75])
    # Watched only at the moment of its end: it says nothing.
    same = aalen_johansen(np.array([10, 20, 30, 7]), np.array(["won", "won", "open", "won"]), np.array([0, 5, 12, 7]))
    np.testing.assert_allclose(same.shares["won"], curve.shares["won"])


def test_weights_count_like_that_many_opportunities() -> None:
    days, kinds = np.array([10, 20, 20, 30]), np.array(["won", "lost", "won", "open"])
    weighted = aalen_johansen(days, kinds, weights=np.array([2, 1, 3, 1]))
    repeated = aalen_johansen(days.repeat([2, 1, 3, 1]), kinds.repeat([2, 1, 3, 1]))
    np.testing.assert_allclose(weighted.shares["won"], repeated.shares["won"])
    np.testing.assert_allclose(weighted.errors["won"], repeated.errors["won"])


def test_the_band_and_the_error_of_four_are_those_of_the_books() -> None:
    """Four that left after 1, 2, 3 and 4 days: R's survfit with conf.type log-log says 0.128 and 0.961 for day 1."""
    curve = kaplan_meier(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4, dtype=bool))
    lower, upper = curve.band()
    assert (lower[0], upper[0]) == (pytest.approx(0.128, abs=5e-4), pytest.approx(0.961, abs=5e-4))
    assert (lower[3], upper[3]) == (0, 0)
    assert curve.median_interval() == (1, 4)
    # One of four won: √(1/4 · 3/4 ÷ 4), since all were followed to the end.
    won = aalen_johansen(np.array([1.0, 2.0, 3.0, 4.0]), np.array(["won", "lost", "lost", "lost"]))
    assert won.error_by(1, "won") == pytest.approx(np.sqrt(3) / 8)


def test_at_equal_times_endings_come_before_censorings() -> None:
    # Both are at risk at 10, although one is censored on that day.
    assert kaplan_meier(np.array([10, 10]), np.array([True, False])).share.tolist() == [0.5]


def test_nothing_to_estimate_gives_nothing() -> None:
    none = np.array([])
    assert np.isnan(kaplan_meier(none, none).quantile(0.5))
    assert np.isnan(kaplan_meier(none, none).median_interval()).all()
    assert aalen_johansen(none, none).by(100, "won") == 0.0


def test_one_minus_kaplan_meier_would_overstate_the_chance_of_winning() -> None:
    rows = team_book(200).opportunities
    days = (rows["close_date"] - rows["created_date"]).dt.days.to_numpy()
    rows = rows.assign(days=np.maximum(days, 1))[rows["outcome"] != "open"]
    naive = 1 - kaplan_meier(rows["days"].to_numpy(), (rows["outcome"] == "won").to_numpy()).share[-1]
    assert aalen_johansen(rows["days"].to_numpy(), rows["outcome"].to_numpy()).by(1e6, "won") < naive
