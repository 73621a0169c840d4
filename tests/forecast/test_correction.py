"""The correction of the chances: the drift of the newest look-backs beside the slopes of all."""

import numpy as np
import pytest
from scipy.optimize import minimize

from funnel_analytics.forecast.model.correction import (
    AMOUNT,
    DRIFT_WINS,
    INTERCEPT_PENALTY,
    PENALTY,
    _kept,
    expit,
    features,
    fit_correction,
    logit,
    logit_normal_mean,
)
from funnel_analytics.forecast.model.lookbacks import Facts
from funnel_analytics.forecast.model.naive import SHARES
from funnel_analytics.forecast.record.calibration import MEAN_ERROR, PRIOR_WIDTH, Record, calibrate

NO_FACT = np.zeros((100, 1))
BASE = np.full(100, 0.2)


def test_where_the_newest_look_backs_were_won_less_often_all_chances_fall() -> None:
    """Of a hundred rows twenty were won, as the chain says; of the newest fifty none, where ten were expected."""
    won = np.repeat([1.0, 0.0], [20, 80])
    newest = np.repeat([0.0, 1.0], [50, 50])
    fitted = fit_correction(NO_FACT, BASE, won, np.ones(100), newest, wins=20)
    drift = np.log((0 + DRIFT_WINS) / (10 + DRIFT_WINS))
    assert fitted.applied(BASE, NO_FACT) == pytest.approx(expit(logit(BASE) + drift), abs=1e-3)


def test_where_they_were_won_as_often_nothing_moves() -> None:
    won = np.tile(np.repeat([1.0, 0.0], [1, 4]), 20)
    fitted = fit_correction(NO_FACT, BASE, won, np.ones(100), np.repeat([0.0, 1.0], [50, 50]), wins=20)
    assert fitted.applied(BASE, NO_FACT) == pytest.approx(BASE, abs=1e-3)


def test_where_few_large_ones_are_won_seldom_their_money_is_not_expected() -> None:
    """Of 1,900 small ones three tenths are won whatever their size, of 100 forty times as large four: the chain
    says 0.287 of all. A slope on the logarithm alone would expect half as much money again."""
    rng = np.random.default_rng(0)
    amount = np.append(rng.lognormal(0, 0.8, 1900), 40 * rng.lognormal(0, 0.8, 100))
    won = np.zeros(2000)
    won[:1900:10] = won[3:1900:10] = won[6:1900:10] = won[1900::25] = 1.0
    nothing, chain = np.full(2000, np.nan), np.full(2000, won.mean())
    facts = Facts(np.zeros(2000), np.zeros(2000, dtype=int), nothing, nothing, nothing, np.zeros(2000), amount)
    x = features(facts, chain, 1, 0, 91, float(np.median(amount)), float(np.quantile(amount, 0.99)))
    expected = fit_correction(x, chain, won, np.full(2000, 1 / 3), np.zeros(2000), 574, AMOUNT).applied(chain, x)
    assert expected.sum() == pytest.approx(won.sum(), rel=0.02)
    assert amount @ expected == pytest.approx(amount @ won, rel=0.15)


def test_few_wins_leave_a_chance_less_sure_and_many_do_not() -> None:
    """One fact holds for half the rows: of those nine in ten were won, of the others one in ten; the chain says a half.

    From twenty rows the ridge takes the chance to 0.667, the logit ln 2 with a variance of 0.16: the mean over it is
    expit(ln 2 ÷ √(1 + π/8 · 0.16)) = 0.662. Two thousand rows leave 0.01 and move nothing. In both as many wins are
    expected as there were.
    """
    less_sure = {}
    for times in (1, 100):
        won = np.tile(np.repeat([1.0, 0.0, 1.0, 0.0], [9, 1, 1, 9]), times)
        x, chain = np.tile(np.repeat([[1.0], [0.0]], 10, axis=0), (times, 1)), np.full(20 * times, 0.5)
        fitted = fit_correction(x, chain, won, np.ones(20 * times), np.zeros(20 * times), wins=10)
        chance = fitted.applied(chain, x)
        assert chance.mean() == pytest.approx(0.5, abs=1e-3)
        less_sure[times] = expit(fitted.shift + fitted.moves(x[:1]).sum()) - chance[0]
    assert less_sure[1] == pytest.approx(0.667 - 0.662, abs=1e-3)
    assert less_sure[100] == pytest.approx(0, abs=5e-4)


@pytest.mark.parametrize("columns", [[0], [0, 1]])
def test_the_mean_over_slopes_expects_as_many_of_the_columns_that_are_kept(columns: list[int]) -> None:
    """Two rows of chances 0.119 and 0.5; a shift moves both, a slope the second. The mean alone would raise the first."""
    z, location, covariance = np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([-2.0, 0.0]), np.diag([0.5, 0.5])
    added = _kept(z, location, np.ones(2), covariance, columns)
    found = logit_normal_mean(location + z @ added, np.array([0.5, 1.0]))
    assert found.sum() == pytest.approx(expit(location).sum(), abs=1e-3)
    assert (found[1] == pytest.approx(0.5, abs=1e-3)) == (columns == [0, 1])
    assert (added[1] == 0) == (columns == [0])


@pytest.mark.parametrize("amount", [None, -1])
def test_wins_and_money_are_expected_as_by_the_likeliest_slopes(amount: int | None) -> None:
    """Sixty rows, two facts; the likeliest slopes by another minimiser than ours."""
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.random(60) < 0.3, rng.lognormal(0, 1, 60)]).astype(float)
    won, chain = (rng.random(60) < 0.1 + 0.5 * x[:, 0]).astype(float), np.full(60, 0.2)
    z = np.column_stack([np.ones(60), (x - x.mean(axis=0)) / x.std(axis=0)])
    penalty = np.array([INTERCEPT_PENALTY, PENALTY, PENALTY]) / 2

    def loss(b: np.ndarray) -> float:
        p = expit(logit(chain) + z @ b)
        return float(-(won * np.log(p) + (1 - won) * np.log(1 - p)).sum() + penalty @ b**2)

    likeliest = expit(logit(chain) + z @ minimize(loss, np.zeros(3)).x)
    chance = fit_correction(x, chain, won, np.ones(60), np.zeros(60), 15, amount).applied(chain, x)
    assert chance.sum() == pytest.approx(likeliest.sum(), abs=1e-2)
    assert (x[:, 1] @ chance == pytest.approx(x[:, 1] @ likeliest, abs=1e-2)) == (amount is not None)


def test_a_close_date_counts_as_within_the_window_past_or_unknown_and_more_so_in_a_late_stage() -> None:
    """Two stages; close dates 5 days ago, today, in 91 and in 92 days and unknown; each in the first and in the last."""
    due, stage = np.tile([-5.0, 0.0, 91.0, 92.0, np.nan], 2), np.repeat([0.0, 1.0], 5)
    nothing = np.zeros(10)
    facts = Facts(stage, np.zeros(10, dtype=int), nothing, nothing, due, nothing, np.ones(10))
    inside, past_due, unknown, _, inside_late, past_late = features(facts, np.full(10, 0.2), 2, 0, 91, 1.0, 1.0).T[4:10]
    assert inside.tolist() == [0, 0, 1, 0, 0] * 2
    assert past_due.tolist() == [1, 1, 0, 0, 0] * 2
    assert unknown.tolist() == [0, 0, 0, 0, 1] * 2
    assert inside_late.tolist() == [0] * 5 + [0, 0, 1, 0, 0]
    assert past_late.tolist() == [0] * 5 + [1, 1, 0, 0, 0]


def past(errors: list[float]) -> list[Record]:
    """Forecasts of mean 100 and spread 10 that were so many spreads off."""
    sample = np.sort(np.random.default_rng(0).normal(size=len(SHARES)))
    sample = 100 + 10 * (sample - sample.mean()) / sample.std()
    return [Record(sample, None, 100 + 10 * error) for error in errors]


def test_errors_as_large_as_the_spread_promises_leave_the_width() -> None:
    assert calibrate(past([MEAN_ERROR, -MEAN_ERROR] * 20)).width == pytest.approx(PRIOR_WIDTH)


def test_errors_twice_as_large_double_it_and_one_whale_hardly_moves_it() -> None:
    """Ten periods are remembered beside the four that are assumed: (4 + 10 · 2) ÷ 14."""
    twice = calibrate(past([2 * MEAN_ERROR, -2 * MEAN_ERROR] * 40)).width
    assert twice == pytest.approx((4 + 10 * 2) / 14, abs=0.01)
    whale = calibrate(past([MEAN_ERROR, -MEAN_ERROR] * 10 + [50.0] + [MEAN_ERROR, -MEAN_ERROR] * 2)).width
    assert 1 < whale < 1.2


def test_four_wins_are_enough_to_learn_from_and_three_are_not() -> None:
    won = np.repeat([1.0, 0.0], [4, 96])
    few, enough = (fit_correction(NO_FACT, BASE, won, np.ones(100), np.ones(100), wins=wins) for wins in (3, 4))
    assert few.applied(BASE, NO_FACT).tolist() == BASE.tolist()
    # Four of a hundred won where the chain says twenty.
    assert (enough.applied(BASE, NO_FACT) < 0.1).all()


def test_no_amount_and_an_amount_of_nothing_count_as_the_typical_one() -> None:
    nothing = np.full(3, np.nan)
    facts = Facts(
        np.zeros(3), np.zeros(3, dtype=int), nothing, nothing, nothing, np.zeros(3), np.array([0.0, np.nan, 50.0])
    )
    size = features(facts, np.full(3, 0.2), 1, 0, 91, 50.0, 1000.0)[:, 9]
    assert size.tolist() == [0, 0, 0]
