"""New business: what was created and won inside a window like the one ahead."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.forecast.model.ledger import Ledger
from funnel_analytics.forecast.model.new_business import NewBusiness, new_business, new_business_draws
from funnel_analytics.forecast.model.view import View

AS_OF = pd.Timestamp("2026-12-31")


def known(*rows: tuple[int, int, float], outcome: str = "won") -> View:
    """Rows are (days before now of creation, of closing, amount); one loss 400 days ago starts the record."""
    frame = pd.DataFrame([*rows, (450, 400, 1.0)], columns=["created", "closed", "amount"])
    frame["opportunity_id"] = [f"O{index}" for index in range(len(frame))]
    frame["created_date"] = AS_OF - pd.to_timedelta(frame["created"], unit="D")
    frame["close_date"] = AS_OF - pd.to_timedelta(frame["closed"], unit="D")
    frame["outcome"] = [outcome] * len(rows) + ["lost"]
    return Ledger(fa.assemble(fa.Parts(snapshots=frame), as_of=AS_OF)).view()


def test_the_rate_counts_wins_created_and_won_inside_a_window() -> None:
    # Horizon 300 days, windows every 100: days 300–0 and 400–100 before now.
    business = new_business(known((200, 150, 50.0), (250, 50, 70.0), (350, 50, 90.0)), 0, 300)
    # First window: O0 and O1. Second: O0 (O1 closed after it, O2 took 300 days but closed after it too).
    older = 0.5 ** (100 / 730)
    assert business.windows == 2
    assert business.shape == pytest.approx((2 + older * 1) / 3 + 0.3)
    assert business.rate == pytest.approx((1 + older) / 3 + 0.3)


def test_a_later_period_counts_wins_of_its_own_days_only() -> None:
    # Days 100 to 300 from each window's start: O0 is won 50 days after the first window's start, O1 250 after.
    business = new_business(known((280, 250, 50.0), (280, 50, 70.0)), 100, 300)
    second = 0.5 ** (100 / 730) * 1  # the window of days 400–100: O0 is won on its day 150
    assert business.shape == pytest.approx((1 + second) / 3 + 0.3)


def test_a_win_on_the_last_day_before_a_later_period_is_not_of_it() -> None:
    """Won on day 100 of the first window, and on day 200 of the second: the period begins after day 100."""
    business = new_business(known((280, 200, 50.0)), 100, 300)
    assert business.shape == pytest.approx((0 + 0.5 ** (100 / 730)) / 3 + 0.3)


def test_a_record_shorter_than_the_window_teaches_nothing() -> None:
    business = new_business(known((200, 150, 50.0)), 0, 500)
    assert (business.windows, business.expected_wins, business.mean) == (0, 0.0, 0.0)
    assert new_business_draws(business, 3, np.random.default_rng(0)).tolist() == [[0.0], [0.0], [0.0]]


def test_few_amounts_inside_windows_widen_the_pool_to_all_won() -> None:
    business = new_business(known((200, 150, 50.0), (900, 100, 7.0)), 0, 300)
    assert business.amounts.tolist() == [7.0, 50.0]


def test_draws_keep_the_mean_in_any_chunk() -> None:
    rows = [(60 + day, day, 100.0 + day) for day in range(0, 300, 10)]
    business = new_business(known(*rows), 0, 91)
    sums = new_business_draws(business, 20_000, np.random.default_rng(3), chunk=1000)
    assert sums.mean() == pytest.approx(business.mean, rel=0.03)


def test_draws_are_the_same_in_any_chunk() -> None:
    # Sums of whole amounts are exact, so a draw whose wins fall into two chunks must not lose or move one.
    business = NewBusiness(40.0, 1.0, np.arange(1.0, 20.0), 3)
    group = np.arange(19) % 3
    whole, parts = (
        new_business_draws(business, 500, np.random.default_rng(3), group=group, groups=3, chunk=chunk)
        for chunk in (10**6, 7)
    )
    assert np.array_equal(whole, parts)


def test_draws_hold_a_chunk_of_the_wins_and_not_all() -> None:
    # 1,000 draws of 5,000 wins: their owners alone would be 40 MB.
    business = NewBusiness(5000.0, 1.0, np.ones(9), 3)
    tracemalloc.start()
    new_business_draws(business, 1000, np.random.default_rng(0), chunk=100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6


def test_no_wins_or_no_days_left_teach_nothing() -> None:
    assert new_business(known((200, 150, 50.0), outcome="lost"), 0, 91).windows == 0
    assert new_business(known((200, 150, 50.0)), 0, 0).windows == 0
