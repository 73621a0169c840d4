"""One forecast of one day by hand: what an opportunity counts for, what look-backs weigh, and what the record does to the draws."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.forecast.model import engine
from funnel_analytics.forecast.model.correction import Correction
from funnel_analytics.forecast.model.draws import AmountRatios
from funnel_analytics.forecast.model.engine import NO_NEW_BUSINESS, Estimate, _corrected, _without_amount, simulated
from funnel_analytics.forecast.model.lookbacks import Facts, Lookbacks
from funnel_analytics.forecast.model.new_business import NewBusiness
from funnel_analytics.forecast.model.probability import Probabilities
from funnel_analytics.forecast.model.view import Closed, View
from funnel_analytics.forecast.outlook import _reached, movers
from funnel_analytics.forecast.period_draws import Outlook, Window, drawn, window
from funnel_analytics.forecast.record.calibration import Calibration
from funnel_analytics.methodology import load_methodology
from funnel_analytics.outcomes import WON
from funnel_analytics.periods import parse_period

METHOD = load_methodology()
STAGES = len(METHOD.open_stages)
NOTHING = Closed(np.array([], dtype="int64"), np.array([], dtype=bool), *(np.array([]) for _ in range(3)))


def view(count: int) -> View:
    """So many opportunities in the first stage, of which nothing else is known."""
    rows = pd.DataFrame({"stage": np.zeros(count)})
    for name in ("chain_days", "age", "due_days", "amount"):
        rows[name] = np.nan
    return View(METHOD, 0, rows.assign(pushes=0.0), NOTHING, pd.DataFrame(), 0)


def estimate(probability: list[float], value: list[float], business: NewBusiness = NO_NEW_BUSINESS) -> Estimate:
    rows = pd.DataFrame({"probability": np.array(probability), "eventual": np.full(len(value), 0.4)})
    chances = Probabilities(rows, "semi_markov", 0, 0, (), 0.0)
    return Estimate(view(len(value)), 0, 91, chances, np.array(value), AmountRatios(np.array([1.0]), 0), business)


def lookbacks(day: list[int], amount: list[float]) -> Lookbacks:
    """One row of each of some opportunities in the first stage."""
    count = len(day)
    facts = Facts(
        np.zeros(count), np.zeros(count, dtype=int), *(np.full(count, np.nan) for _ in range(3)), np.zeros(count),
        np.array(amount),
    )  # fmt: skip
    lots = np.zeros(count, dtype="int64")
    return Lookbacks(np.array(day), np.arange(count), lots, facts)


class _Wins(SimpleNamespace):
    """A ledger that knows nothing but the days on which all were won, when that was booked, and amounts."""

    def closings(self, day: int) -> tuple[np.ndarray, np.ndarray]:
        known = np.array(self.booked) <= day
        return np.where(known, WON, np.nan), np.where(known, self.closed_on, np.nan)

    def amount_at(self, at: np.ndarray, day: int) -> tuple[np.ndarray, np.ndarray]:
        return self.amount[at], np.zeros(len(at), dtype=bool)


def test_what_is_expected_is_chance_times_amount_times_the_usual_ratio() -> None:
    half = replace(estimate([0.5, 0.25], [100.0, 40.0]), ratios=AmountRatios(np.array([0.5, 1.0]), 2))
    assert half.expected.tolist() == [0.5 * 100 * 0.75, 0.25 * 40 * 0.75]
    assert half.known
    assert not estimate([0.5, np.nan], [1.0, 1.0]).known


def test_what_has_no_amount_counts_as_such_ones_brought_once_five_were_won() -> None:
    """In days 11 to 20 after: six were won whose amount was not known. Others were won too early, too late or unseen."""
    after = [11.0, 12.0, 13.0, 14.0, 20.0, 10.0, 21.0, np.inf, 15.0, 15.0]
    booked = [50.0] * 8 + [101.0, 50.0]
    amount = [np.nan] * 9 + [70.0]
    brought = np.array([100.0, 200.0, 300.0, 400.0, 500.0, 9e9, 9e9, 9e9, 9e9, 9e9])
    won: Any = _Wins(closed_on=after, booked=booked, amount=brought)
    rows = lookbacks([0] * 10, amount)
    assert _without_amount(won, rows, 10, 100, 10, 20) == 300
    # Of the first four alone too few were won; a win at an amount of 1 tells no amount.
    assert _without_amount(won, rows, 4, 100, 10, 20) == 0
    won.amount[0] = 1.0
    assert _without_amount(won, rows, 10, 100, 10, 20) == 0
    won.amount[0] = 1.5
    assert _without_amount(won, rows, 10, 100, 10, 20) == pytest.approx(1401.5 / 5)


def test_look_backs_weigh_a_third_and_lose_half_of_it_in_four_years_and_in_half_a_year(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Look-backs of 1,460, 460 and 280 days ago, the last of which is the newest: it weighs whole for the drift."""
    given: list[Any] = []

    def fit(*asked: Any) -> Correction:
        given.extend(asked)
        return Correction(np.zeros(1), np.ones(1), np.zeros(1), np.log(4), 4, np.zeros((STAGES + 14, STAGES + 14)))

    monkeypatch.setattr(engine, "fit_correction", fit)
    rows = lookbacks([0, 1000, 1180], [100.0, 1e6, np.nan])
    ledger: Any = _Wins(closed_on=[91.0, 1092.0, 1181.0], booked=[91.0, 1092.0, 1181.0])
    chain = np.full((STAGES, 40), 0.2)
    plain = estimate([0.2, 0.5], [0.0, 0.0])
    found = _corrected(ledger, plain, chain, rows, 3, 1460)
    x, base, won, weight, recent, wins, amount = given
    assert (x.shape[0], base.tolist(), wins) == (3, [0.2] * 3, 2)
    # The amounts 100, a million (99% of the way from the one to the other) and none, in parts of the median.
    assert x[:, amount] == pytest.approx(np.array([100, 990_001, 500_050]) / 500_050)
    # Won within 91 days: not the second, whose win came a day too late.
    assert won.tolist() == [1, 0, 1]
    assert weight == pytest.approx(np.array([0.5, 0.5 ** (460 / 1460), 0.5 ** (280 / 1460)]) / 3)
    assert recent == pytest.approx(np.array([0.5 ** (1180 / 180), 0.5, 1]) / 3)
    # Odds of 1 to 4 and 1 to 1, times four; who will be won by then will be won some day.
    assert found.probability == pytest.approx([0.5, 0.8])
    assert found.chances.rows["eventual"].tolist() == pytest.approx([0.5, 0.8])


def test_draws_have_a_column_for_each_group_also_where_nothing_is_open() -> None:
    """Two certain ones of 100 and 50 in groups 0 and 1, one that counts for nothing in group 2, and a fourth group."""
    certain = estimate([1.0, 1.0, 1.0], [100.0, 50.0, 0.0])
    rng = np.random.default_rng(0)
    opened, new = simulated(certain, 3, rng, open_group=np.array([0, 1, 2]), new_group=np.array([], int), groups=4)
    assert opened.tolist() == [[100, 50, 0, 0]] * 3
    assert new.tolist() == [[0] * 4] * 3


Q4 = Window(parse_period("2026Q4"), 0, 92)
BLENDED = Calibration(0.25, 1.0, 8, 0)
PAST = np.full(200, 200.0)


def outlook_of(estimated: Estimate, naive: np.ndarray | None = PAST, learned: Estimate | None = None) -> Outlook:
    return Outlook(Q4, estimated, BLENDED, naive, estimated if learned is None else learned)


def test_the_blend_moves_what_is_expected_and_what_is_assumed_in_proportion() -> None:
    """A quarter of the model's 100 and three quarters of the 200 that past periods brought: 175."""
    model = estimate([1.0], [100.0])
    assert (outlook_of(model).mean, outlook_of(model).scale) == (175, 1.75)
    assert (outlook_of(model, None).mean, outlook_of(model, None).scale) == (100, 1)
    # Half as much assumed is half of it; where nothing was learned, past periods alone speak.
    assert outlook_of(estimate([0.5], [100.0]), learned=model).mean == 87.5
    nothing = outlook_of(estimate([0.0], [100.0]))
    assert (nothing.mean, nothing.scale) == (150, 1)


def test_draws_are_moved_as_the_record_says_and_what_nobody_knows_yet_is_new_business() -> None:
    groups = {"open_group": np.array([0, 1]), "new_group": np.array([], dtype="int64"), "groups": 2}
    # 60 and 40 are certain: each draw is 100 and becomes 175.
    moved = drawn(outlook_of(estimate([1.0, 1.0], [60.0, 40.0])), 3, 0, **groups)
    assert moved.open == pytest.approx(np.array([[105, 70]] * 3))
    assert moved.open_mean.tolist() == [105, 70]
    assert (moved.new.tolist(), moved.new_mean.tolist()) == ([[0, 0]] * 3, [0, 0])
    # Nothing is won: the 150 of past periods are shared out, alike where no amount tells how.
    nothing = drawn(outlook_of(estimate([0.0, 0.0], [60.0, 40.0])), 3, 0, **groups)
    assert nothing.new.tolist() == [[75, 75]] * 3
    assert (nothing.new_mean.tolist(), nothing.open.tolist()) == ([75, 75], [[0, 0]] * 3)
    # What is assumed beside the 100 learned is moved as those are, and not mixed with past periods.
    learned = estimate([1.0, 0.0], [100.0, 300.0])
    supposed = drawn(outlook_of(estimate([1.0, 1.0], [100.0, 300.0]), learned=learned), 3, 0, **groups)
    assert supposed.open == pytest.approx(np.array([[175, 525]] * 3))
    assert supposed.open_mean.tolist() == [175, 525]


def test_new_business_is_shared_by_the_amounts_it_is_drawn_from() -> None:
    """One win expected, of 30 or of 10: 20, moved by (5 + 150) ÷ 20; three quarters of it go to the second group."""
    business = NewBusiness(1.0, 1.0, np.array([10.0, 30.0]), 1, np.array([0, 1]))
    found = outlook_of(estimate([], [], business))
    made = drawn(found, 200, 0, open_group=np.array([], dtype="int64"), new_group=np.array([0, 1]), groups=2)
    assert found.mean == 155
    assert made.new_mean.tolist() == pytest.approx([155 / 4, 155 * 3 / 4])
    assert (made.new.sum(axis=1) > 0).all()


@pytest.mark.parametrize(
    ("as_of", "period", "days"),
    [
        ("2026-09-30", "2026Q3", (0, 0)),
        ("2026-09-30", "2026Q2", (0, 0)),
        ("2026-09-29", "2026Q3", (0, 1)),
        ("2026-09-30", "2026Q4", (0, 92)),
        ("2026-09-29", "2026Q4", (1, 93)),
        ("2026-09-30", "2027Q1", (92, 182)),
    ],
)
def test_a_window_excludes_its_start_and_includes_its_end(as_of: str, period: str, days: tuple[int, int]) -> None:
    rows = pd.DataFrame({"opportunity_id": ["1"], "outcome": ["open"], "stage": ["Proof"]})
    book = fa.assemble(fa.Parts(snapshots=rows), as_of=as_of)
    found = window(book, period)
    assert (found.start_days, found.end_days) == days
    assert found.over == (days == (0, 0))


def test_the_quota_is_reached_by_the_draws_that_reach_it() -> None:
    won, total = {"mean": 5.0}, {"sums": np.array([5.0, 10.0, 15.0, 20.0])}
    assert [_reached(won, total, quota) for quota in (10.0, 10.5, 20.0, 21.0)] == [0.75, 0.5, 0.25, 0]
    assert np.isnan([_reached(won, total, quota) for quota in (None, 0.0, -1.0, np.nan)]).all()
    unknown = {"sums": None}
    assert _reached(won, unknown, 5.0) == 1
    assert np.isnan(_reached(won, unknown, 5.5))


def test_the_three_strongest_facts_are_said_with_their_side() -> None:
    """Columns: the stages, days in stage, age, six of the close date, pushes, three of the amount."""
    plain = estimate([0.5, 0.5], [1.0, 1.0])
    x = np.zeros((2, STAGES + 12))
    # The stage raises by 0.5; the close date lowers by 0.3 − 0.9; pushes lower by 0.1; the amount raises by 0.3.
    x[0, 1], x[0, STAGES + 2], x[0, STAGES + 7], x[0, STAGES + 8], x[0, STAGES + 11] = 0.5, 0.3, -0.9, -0.1, 0.3
    # Below a tenth nothing is said; a tenth is.
    x[1, STAGES], x[1, STAGES + 1] = 0.1, -0.09
    fitted = Correction(np.zeros(STAGES + 12), np.ones(STAGES + 12), np.ones(STAGES + 12), 0.0, 4, np.zeros((1, 1)))
    said = movers(replace(plain, correction=fitted, x=x))
    assert said == ["-close_date +stage +amount", "+days_in_stage"]
    assert movers(replace(plain, correction=replace(fitted, wins=0), x=x)) == ["", ""]
    assert movers(plain) == ["", ""]
