"""Joint draws: their mean, their spread, their seed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.forecast.model.draws import DRAWN_EACH, _shocked, amount_ratios, open_draws, quantiles
from funnel_analytics.forecast.model.ledger import Ledger
from funnel_analytics.forecast.model.view import View


def drawn(probability: list[float], amount: list[float], **options: object) -> np.ndarray:
    asked = {"draws": 4000, "shock": 0.25, "rng": np.random.default_rng(0)} | options
    return open_draws(np.array(probability), np.array(amount), **asked).sum(axis=1)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0.01, 1.5))
def test_the_common_shock_keeps_every_mean(probability: list[float], shock: float) -> None:
    shocked = _shocked(np.array(probability), shock, 64)
    assert shocked.mean(axis=0) == pytest.approx(probability, abs=1e-6)
    assert ((shocked >= 0) & (shocked <= 1)).all()


def test_the_common_shock_widens_the_sum_of_many() -> None:
    many = {"probability": [0.3] * 400, "amount": [1.0] * 400}
    alone, together = drawn(**many, shock=0.0), drawn(**many)
    assert alone.mean() == pytest.approx(120, abs=1)
    assert together.mean() == pytest.approx(120, abs=1.5)
    # Alone √(400 · 0.3 · 0.7) = 9.2; the shock adds 400 · 0.21 · 0.25 = 21.
    assert alone.std() == pytest.approx(9.2, abs=0.6)
    assert together.std() == pytest.approx(np.hypot(9.2, 21), abs=1.5)


def test_of_many_the_small_ones_together_have_the_mean_and_spread_of_each_drawn() -> None:
    rng = np.random.default_rng(4)
    chance, amount = rng.beta(1, 4, DRAWN_EACH + 1), rng.lognormal(0, 1.5, DRAWN_EACH + 1)
    many = open_draws(chance, amount, draws=8000, shock=0.25, rng=np.random.default_rng(0))[:, 0]
    each = open_draws(chance[:-1], amount[:-1], draws=8000, shock=0.25, rng=np.random.default_rng(0))[:, 0]
    assert many.mean() == pytest.approx(each.mean(), rel=0.01)
    assert np.quantile(many, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(each, [0.1, 0.5, 0.9]), rel=0.015)


def test_many_alike_spread_as_many_coins_do() -> None:
    """20,000 of chance 0.3 and amount 1: 6,000 ± √(20,000 · 0.3 · 0.7) = 64.8."""
    sums = drawn([0.3] * 20_000, [1.0] * 20_000, shock=0.0)
    assert sums.mean() == pytest.approx(6000, abs=5)
    assert sums.std() == pytest.approx(64.8, rel=0.06)


@pytest.mark.parametrize("count", [50, DRAWN_EACH + 500])
def test_groups_do_not_change_the_sum_of_a_draw(count: int) -> None:
    rng = np.random.default_rng(4)
    chance, amount, group = rng.random(count), rng.lognormal(0, 1, count), rng.integers(0, 5, count)
    one, five = (
        open_draws(chance, amount, draws=128, shock=0.25, rng=np.random.default_rng(1), group=where)
        for where in (None, group)
    )
    assert five.shape == (128, 5)
    assert five.sum(axis=1) == pytest.approx(one[:, 0])


def test_certain_and_impossible_wins_are_not_shaken() -> None:
    assert set(drawn([1.0, 0.0], [100.0, 7.0])) == {100.0}


def test_ratios_scale_what_is_won() -> None:
    assert drawn([0.5] * 50, [10.0] * 50, ratios=np.array([0.5, 0.7])).mean() == pytest.approx(150, rel=0.03)


def test_small_chunks_hold_the_same_distribution() -> None:
    whole, pieces = drawn([0.3] * 40, [1.0] * 40), drawn([0.3] * 40, [1.0] * 40, chunk=100)
    assert pieces.mean() == pytest.approx(whole.mean(), abs=0.3)
    assert pieces.std() == pytest.approx(whole.std(), abs=0.3)


def test_without_open_opportunities_nothing_is_won() -> None:
    assert drawn([], [], draws=3).tolist() == [0.0, 0.0, 0.0]


def test_quantiles_are_amounts_that_were_drawn() -> None:
    assert quantiles(np.array([0.0, 0.0, 100.0, 300.0]), (0.5, 0.51, 0.9)) == [0.0, 100.0, 300.0]


def wins(amounts: dict[str, tuple[float, float]]) -> View:
    """Won opportunities whose amount changed from the first to the second on the way."""
    history, rows = [], []
    for key, (early, late) in amounts.items():
        history += [
            (key, "2026-01-01", "Proof", early),
            (key, "2026-02-01", None, late),
            (key, "2026-03-01", "Deploy", None),
        ]
        rows.append((key, "Deploy", "won", late, "2026-03-01"))
    log = pd.DataFrame(history, columns=["opportunity_id", "changed_at", "stage", "amount"])
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "outcome", "amount", "close_date"])
    log["changed_at"], frame["close_date"] = pd.to_datetime(log["changed_at"]), pd.to_datetime(frame["close_date"])
    return Ledger(fa.assemble(fa.Parts(snapshots=frame, history=log), as_of="2026-04-01")).view()


def test_the_ratio_of_amounts_is_shrunk_by_ten_wins() -> None:
    ratios = amount_ratios(wins({f"O{index}": (100.0, 80.0) for index in range(10)}))
    # Ten wins at 0.8 and ten pseudo-wins at 1, on the logarithm: √0.8.
    assert ratios.wins == 10
    assert ratios.mean == pytest.approx(np.sqrt(0.8))


@pytest.mark.parametrize(("early", "late"), [(1.0, 500_000.0), (500_000.0, 1.0)])
def test_from_or_to_a_placeholder_is_no_ratio(early: float, late: float) -> None:
    assert amount_ratios(wins({"A": (early, late)})).values.tolist() == [1.0]
