"""Competing risks by age, steadied where few were seen."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from funnel_analytics.forecast.model.incidence import incidence_curve, steadied_within, within
from funnel_analytics.outcomes import LOST, OPEN, WON

TEN = incidence_curve(
    np.array([10.0] * 5 + [20.0] * 5), np.array([WON, LOST, LOST, OPEN, OPEN] + [WON] * 5), at_least=5
)


def steadied(age: float, days: float) -> float:
    found = steadied_within(TEN, np.array([age]), days, rows=10, rate_won=0.004, rate_lost=0.006)
    return float(found[0])


def test_the_conditional_chance_is_drawn_to_the_overall_rate_by_fifteen() -> None:
    overall = 0.4 * (1 - np.exp(-0.01 * 10))
    # Of ten, one is won on day 10; all ten are there at age 0.
    assert steadied(0, 10) == pytest.approx((0.1 * 10 + 15 * overall) / 25)


def test_beyond_the_curve_only_the_overall_rate_is_left() -> None:
    assert steadied(500, 10) == pytest.approx(0.4 * (1 - np.exp(-0.1)))


def test_the_curve_stops_where_too_few_are_at_risk() -> None:
    curve = incidence_curve(np.array([10.0, 20.0, 30.0]), np.array([WON, WON, WON]), at_least=2)
    assert (curve.days.tolist(), curve.end) == ([10.0, 20.0], 20.0)


def test_without_a_floor_the_curve_follows_the_last_one_and_says_what_comes_before_its_end() -> None:
    curve = incidence_curve(np.array([10.0, 20.0, 30.0]), np.array([WON, LOST, WON]))
    assert curve.days.tolist() == [10.0, 20.0, 30.0]
    # Who is 25 days old is the third, and is won on day 30; beyond the end nothing was seen.
    assert within(curve, np.array([25.0, 30.0]), 10).tolist() == [pytest.approx(1), pytest.approx(np.nan, nan_ok=True)]


def test_no_rows_give_a_curve_that_says_nothing() -> None:
    curve = incidence_curve(np.array([]), np.array([], dtype="int64"))
    assert steadied_within(curve, np.array([5.0]), 90, rows=0, rate_won=0.0, rate_lost=0.0).tolist() == [0.0]


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.integers(1, 400), st.sampled_from([OPEN, WON, LOST])), min_size=1, max_size=40),
    st.floats(0, 500), st.floats(0, 400), st.floats(0, 400),
)  # fmt: skip
def test_chances_stay_in_bounds_and_grow_with_the_horizon(
    rows: list[tuple[int, int]], age: float, days: float, more: float
) -> None:
    leaving, event = np.array(rows, dtype=float)[:, 0], np.array(rows)[:, 1]
    curve = incidence_curve(leaving, event, at_least=5)
    rates = {"rate_won": (event == WON).sum() / leaving.sum(), "rate_lost": (event == LOST).sum() / leaving.sum()}
    near, far = (
        float(steadied_within(curve, np.array([age]), horizon, rows=len(rows), **rates)[0])
        for horizon in (days, days + more)
    )
    assert 0 <= near <= far + 1e-12
    assert far <= 1
