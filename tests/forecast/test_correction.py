"""The correction of the chances: the drift of the newest look-backs beside the slopes of all."""

import numpy as np
import pytest

from funnel_analytics.forecast.model.correction import AMOUNT, DRIFT_WINS, expit, features, fit_correction, logit
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
