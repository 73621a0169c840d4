"""The chain: counts by hand on four opportunities, and laws of its probabilities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from funnel_analytics.forecast.model.hazards import (
    AGE_UNKNOWN,
    Hazards,
    column_of,
    count_exits,
    fit_hazards,
    neutral_split,
    nominal_split,
    win_table,
)  # fmt: skip
from funnel_analytics.forecast.model.visits import CENSORED

START = pd.Timestamp("2026-01-01")
WON, LOST = 2, 3


def visits(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    """Rows are (stage, day watched from, day of the end, destination); every visit is entered on day 0."""
    stage, seen, end, destination = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "stage": stage,
            "entered": START,
            "seen_from": [START + pd.Timedelta(days=day) for day in seen],
            "end": [START + pd.Timedelta(days=day) for day in end],
            "destination": destination,
        }
    )


FOUR = visits(
    (0, 0, 10, 1),  # A advances after 10 days …
    (1, 0, 20, WON),  # … and is won after 20 more
    (0, 0, 30, LOST),  # B is lost on day 30
    (0, 5, 40, CENSORED),  # C is watched from day 5 and still there on day 40
    (1, 0, 14, 0),  # D falls back on day 14
)


def test_days_at_risk_by_hand() -> None:
    _, at_risk = count_exits(FOUR, 2)
    # Stage 0: A 10 + B 14 + C 9 (days 5 to 14); B 16 + C 16; C 10. Stage 1: A 14 + D 14; A 6.
    assert at_risk[0].tolist() == [33, 32, 10, 0, 0, 0, 0]
    assert at_risk[1].tolist() == [28, 6, 0, 0, 0, 0, 0]


def test_exits_by_hand_and_a_bin_holds_its_upper_edge() -> None:
    exits, _ = count_exits(FOUR, 2)
    assert exits.sum() == 4
    assert exits[0, 0, 1] == exits[0, 1, LOST] == exits[1, 0, 0] == exits[1, 1, WON] == 1


def test_hazards_by_hand() -> None:
    exits, at_risk = count_exits(FOUR, 2)
    hazards = fit_hazards(exits, at_risk, neutral_split(2))
    # Stage 0: 75 days at risk, one advance and one loss; prior 2 exits in 120 days, 0.6 and 0.4 of them.
    assert hazards.overall[0].tolist() == pytest.approx([0, 2.2 / 195, 0, 1.8 / 195])
    # Bin (0, 14]: 33 days, one advance; drawn by 3 exits of the stage's 4 / 195 a day, 0.55 of them advances.
    days = 33 + 3 * 195 / 4
    assert hazards.by_age[0, 0].tolist() == pytest.approx([0, (1 + 3 * 0.55) / days, 0, 3 * 0.45 / days])
    # Nothing was seen after day 60: the stage's hazard.
    assert hazards.by_age[0, 3].tolist() == pytest.approx(hazards.overall[0].tolist())


def test_a_visit_that_ends_on_its_first_day_lasts_half_a_day() -> None:
    exits, at_risk = count_exits(visits((0, 0, 0, LOST)), 1 + 1)
    assert at_risk[0, 0] == 0.5
    assert exits[0, 0, LOST] == 1


def test_one_stage_with_a_constant_hazard_wins_as_the_exponential_says() -> None:
    rate = np.array([[0.0, 0.006, 0.004]])  # one stage: itself, won, lost
    hazards = Hazards(np.repeat(rate[:, None, :], 7, axis=1), rate)
    for days in (7, 91, 364):
        expected = 0.6 * (1 - np.exp(-0.01 * days))
        assert win_table(hazards, days).ravel().tolist() == pytest.approx([expected] * (AGE_UNKNOWN + 1))


def test_the_hazard_changes_as_the_opportunity_ages_on_the_way() -> None:
    rate = np.array([[0.0, 0.05, 0.0]])
    by_age = np.repeat(rate[:, None, :], 7, axis=1)
    by_age[:, 0] = [0.0, 1e-12, 0.0]  # in the first 14 days nothing happens
    table = win_table(Hazards(by_age, rate), 28)[0]
    assert table[0] == pytest.approx(1 - np.exp(-0.05 * 14))
    assert table[7] == pytest.approx(1 - np.exp(-0.05 * 21))
    assert table[14] == pytest.approx(1 - np.exp(-0.05 * 28))


def test_the_nominal_chain_wins_at_the_percentages_in_the_long_run() -> None:
    percentages = [0.1, 0.2, 0.4, 0.6, 0.8]
    nothing = np.zeros((5, 7, 7))
    hazards = fit_hazards(nothing, nothing[:, :, 0], nominal_split(percentages))
    assert win_table(hazards, 40 * 365)[:, 0].tolist() == pytest.approx(percentages)


def test_days_in_stage() -> None:
    assert column_of(np.array([0.0, 6.5, 7, 5000, np.nan])).tolist() == [0, 6, 7, AGE_UNKNOWN - 1, AGE_UNKNOWN]


rows = st.tuples(
    st.integers(0, 2), st.integers(0, 100), st.integers(0, 400), st.sampled_from([CENSORED, 0, 1, 2, 3, 4])
).filter(lambda row: row[0] != row[3])
watched = st.lists(rows.map(lambda row: (row[0], row[1], row[1] + row[2], row[3])), min_size=1, max_size=30).map(
    lambda found: visits(*found)
)


@settings(max_examples=60)
@given(watched, st.floats(0, 800), st.floats(0, 400))
def test_chances_lie_between_0_and_1_and_a_longer_horizon_never_lowers_them(
    frame: pd.DataFrame, days: float, more: float
) -> None:
    exits, at_risk = count_exits(frame, 3)
    hazards = fit_hazards(exits, at_risk, neutral_split(3))
    near, far = win_table(hazards, days), win_table(hazards, days + more)
    assert (near >= 0).all()
    assert (far <= 1).all()
    assert (far >= near - 1e-12).all()


@settings(max_examples=40)
@given(watched, st.integers(0, 99))
def test_the_order_of_the_visits_does_not_matter(frame: pd.DataFrame, seed: int) -> None:
    shuffled = frame.sample(frac=1, random_state=seed)
    for one, other in zip(count_exits(frame, 3), count_exits(shuffled, 3), strict=True):
        assert np.allclose(one, other)
