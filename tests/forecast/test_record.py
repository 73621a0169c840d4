"""The record by hand: what windows brought, what the methods to beat expect, how past errors move a forecast."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

import funnel_analytics as fa
from funnel_analytics import tables
from funnel_analytics.forecast.accuracy import _bins
from funnel_analytics.forecast.model.ledger import ledger_of
from funnel_analytics.forecast.model.naive import SHARES, naive_sample, past_mean
from funnel_analytics.forecast.model.view import Closed, View
from funnel_analytics.forecast.record.calibration import Calibration, Record, calibrate, shrunk
from funnel_analytics.forecast.record.replay import (
    Replay,
    Replays,
    Span,
    first_closing,
    grid_days,
    past_windows,
    records,
    window_of,
    won_amount,
)
from funnel_analytics.forecast.record.rivals import dressed, rival_chances, rival_points, stage_win_rates
from funnel_analytics.forecast.record.scores import brier, crps, crps_parts
from funnel_analytics.forecast.record.track_record import (
    HORIZONS,
    horizons_of,
    is_settled,
    late_booked,
    replays_of,
    spans_of,
)
from funnel_analytics.methodology import load_methodology

WON = [
    # id, amount by the export of June, amount by that of September, close date
    ("A", 100, 100, "2025-11-10"),
    ("B", 200, 200, "2026-02-20"),
    ("C", 300, 350, "2026-05-15"),
    ("D", 400, 400, "2026-08-01"),  # open in June
    ("E", 1000, 1000, "2026-06-20"),  # open in June: booked late
]


def day(date: str) -> int:
    return (pd.Timestamp(date) - pd.Timestamp(0)).days


def team(*exports: str, won: list[tuple[str, float, float, str]] = WON) -> fa.Book:
    """Two exports, or only those that are named: the first with the earlier amounts, D and E open in it."""
    looks = exports or ("2026-06-30", "2026-09-30")
    frames = []
    for place, look in enumerate(looks):
        frame = pd.DataFrame(won, columns=["opportunity_id", "before", "after", "close_date"])
        still = frame["opportunity_id"].isin(["D", "E"]) & (place == 0)
        frame["outcome"] = np.where(still, "open", "won")
        frame["close_date"] = pd.to_datetime(frame["close_date"]).mask(still, pd.Timestamp("2026-12-01"))
        frame["amount"] = frame["after" if place else "before"].astype("float64")
        frames.append(frame.drop(columns=["before", "after"]).assign(as_of=pd.Timestamp(look)))
    rows = pd.concat(frames, ignore_index=True)
    return fa.assemble(fa.Parts(snapshots=rows.assign(created_date=pd.Timestamp("2025-10-20"))))


BOOK = team()
LEDGER = ledger_of(BOOK)
SPANS = spans_of(BOOK, "quarter")


def span(label: str) -> Span:
    return next(one for one in SPANS if one.label == label)


def test_the_mean_of_periods_weighs_the_last_most_and_spreads_as_one_expects_of_a_few() -> None:
    """100 and then 200: (0.9 · 100 + 200) ÷ 1.9; one period of 100: a spread of 60% assumed, twice for 1 + 1 period."""
    assert past_mean(np.array([100.0, 200.0])) == pytest.approx(290 / 1.9)
    assert np.isnan(past_mean(np.array([])))
    once = naive_sample(np.array([100.0]))
    variance = 2 * 60**2 / 2 * 2
    assert once == pytest.approx(gamma.ppf(SHARES, 100**2 / variance, scale=variance / 100))
    # Two periods of weights 0.9 and 1 are worth 1.9² ÷ 1.81 of equal ones.
    mean, periods = 290 / 1.9, 1.9**2 / 1.81
    squares = (0.9 * (100 - mean) ** 2 + (200 - mean) ** 2) / 1.9 * periods
    variance = (squares + 2 * (0.6 * mean) ** 2) / (periods - 1 + 2) * (1 + 1 / periods)
    twice = naive_sample(np.array([100.0, 200.0]))
    assert twice == pytest.approx(gamma.ppf(SHARES, mean**2 / variance, scale=variance / mean))
    assert naive_sample(np.zeros(3)).tolist() == [0.0] * 200
    assert (SHARES[0], SHARES[-1]) == (0.0025, 0.9975)


def test_a_window_is_what_is_left_of_a_period_and_begins_with_it() -> None:
    quarter = Span("q", 100, 189)
    assert window_of(quarter, 99) == (0, 90)
    assert window_of(quarter, 120) == (0, 69)
    assert window_of(quarter, 50) == (49, 139)
    # The eve, and two more thirds of the ninety days on.
    assert grid_days([quarter], 0).tolist() == [99, 129, 159]
    assert grid_days([quarter], 28).tolist() == [127, 157, 187]


def test_what_was_won_is_as_it_was_known() -> None:
    """In June C stood at 300, and nobody knew that E had been won."""
    quarter = span("2026Q2")
    assert won_amount(LEDGER, quarter.start - 1, quarter.end, day("2026-06-30")) == 300
    assert won_amount(LEDGER, quarter.start - 1, quarter.end, day("2026-09-30")) == 350 + 1000
    assert won_amount(LEDGER, quarter.start - 1, quarter.end) == 350 + 1000
    # After a day, that day not included; by another, that day included.
    assert won_amount(LEDGER, day("2026-02-19"), day("2026-02-20")) == 200
    assert won_amount(LEDGER, day("2026-02-20"), day("2026-05-14")) == 0
    assert first_closing(LEDGER) == day("2025-11-10")


def test_past_windows_are_those_of_whole_periods_since_the_first_closing() -> None:
    """The fourth quarter of 2025 began before it; on day 50 B (20 February) is still to come, on day 51 it is not."""
    index, eve = SPANS.index(span("2026Q3")), day("2026-06-30")
    assert past_windows(LEDGER, SPANS, index, 0, eve).tolist() == [200, 300]
    assert past_windows(LEDGER, SPANS, index, 50, eve).tolist() == [200, 0]
    assert past_windows(LEDGER, SPANS, index, 51, eve).tolist() == [0, 0]
    assert past_windows(LEDGER, SPANS, index, -30, eve).tolist() == [200, 300]
    assert past_windows(LEDGER, SPANS, index, 0, eve - 1).tolist() == [200]
    # From the day of a closing on, the period of that day counts.
    exact = [Span("a", day("2025-11-10"), day("2025-12-31"))]
    assert past_windows(LEDGER, exact, 1, 0, eve).tolist() == [100]


def replay(of: Span, *, on: int, model: np.ndarray | None = None, past: np.ndarray | None = None) -> Replay:
    start, end = window_of(of, on)
    nobody = np.array([], dtype="int32")
    past = np.array([]) if past is None else past
    return Replay(of, on, start, end, nobody, np.array([]), "age_only", model, past)


def test_a_record_holds_what_came_of_a_window_once_its_period_is_over() -> None:
    """A month before the second quarter its window is that quarter: not what February brought."""
    early = replay(span("2026Q2"), on=day("2026-03-01"), past=np.array([5.0]))
    running = replay(span("2026Q3"), on=day("2026-06-30"))
    (before,) = records(LEDGER, [early, running], day("2026-06-30"))
    assert (before.actual, before.model) == (300, None)
    assert before.naive == pytest.approx(naive_sample(np.array([5.0])))
    assert records(LEDGER, [early], day("2026-06-29")) == []
    assert [one.actual for one in records(LEDGER, [early, running], day("2026-09-30"))] == [1350, 400]
    # Won in the window: C and E; B in February was not.
    everyone = replace(early, opportunities=np.arange(len(LEDGER.index)))
    assert sorted(LEDGER.index[everyone.outcome(LEDGER)]) == ["C", "E"]


def test_no_forecast_is_made_before_the_first_closing_or_after_the_books_date() -> None:
    made = Replays(LEDGER, SPANS, 0)
    assert [one.span.label for one in made.last()] == ["2026Q1", "2026Q2", "2026Q3"]
    assert [one.span.label for one in made.last(1)] == ["2026Q3"]
    assert [one.day for one in made.last()] == [day("2025-12-31"), day("2026-03-31"), day("2026-06-30")]
    # The eve of 2025Q4 is before it, its day 41 is the day of it.
    assert [one.span.label for one in Replays(LEDGER, SPANS, 41).last()] == [one.label for one in SPANS]
    assert Replays(LEDGER, SPANS, 92).last(1) == []


def test_weeks_begin_after_so_many_times_seven_days_and_offsets_are_days_after_the_eve() -> None:
    for length, horizons in HORIZONS.items():
        weeks = {name: int(name.removeprefix("week_")) for name in horizons if name != "first_day"}
        assert horizons == {"first_day": 0} | {name: 7 * (week - 1) for name, week in weeks.items()}
        assert horizons_of(length) == horizons
    assert horizons_of("quarter", ["week_9"]) == {"week_9": 56}


def test_periods_reach_from_the_first_creation_to_the_books_date_and_as_far_beyond_as_is_asked() -> None:
    assert [one.label for one in SPANS] == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    assert (SPANS[-1].start, SPANS[-1].end) == (day("2026-07-01"), day("2026-09-30"))
    assert [one.label for one in spans_of(BOOK, "quarter", 2)][4:] == ["2026Q4", "2027Q1"]
    # Sixty days before a period those of the next three are forecast already: 1 + ⌊60 ÷ 28⌋.
    assert [one.label for one in replays_of(BOOK, "quarter", -60).spans][4:] == ["2026Q4", "2027Q1", "2027Q2"]


@pytest.mark.parametrize(("last", "settled"), [(1000, True), (1010, True), (1020, False), (990, True), (980, False)])
def test_a_period_is_settled_where_two_exports_differ_by_no_more_than_a_hundredth(last: float, settled: bool) -> None:
    """1,000 won on the first day of the third quarter, by the export of October; ``last`` by that of November."""
    won = [("A", 1000.0, last, "2026-07-01"), ("B", 1.0, 1.0, "2025-01-01")]
    book = team("2026-10-31", "2026-11-30", won=won)
    quarter = next(one for one in spans_of(book, "quarter") if one.label == "2026Q3")
    assert is_settled(ledger_of(book), quarter, newest=True) == settled


def test_of_three_exports_the_last_two_settle_a_period() -> None:
    won = [("A", 1000.0, 2000.0, "2026-07-01")]
    book = team("2026-10-31", "2026-11-30", "2026-12-31", won=won)
    quarter = next(one for one in spans_of(book, "quarter") if one.label == "2026Q3")
    assert is_settled(ledger_of(book), quarter, newest=True)


def test_wins_of_a_year_tell_how_many_are_booked_late() -> None:
    """By the export of June A, B and C were known and E was not; D was won after it."""
    assert late_booked(LEDGER) == pytest.approx(1 / 4)
    # A win of a year ago to the day does not count.
    older = [*WON[1:], ("A", 100, 100, "2025-06-30")]
    assert late_booked(ledger_of(team(won=older))) == pytest.approx(1 / 3)


def view(stage: list[float], due: list[float], category: list[float], amount: list[float]) -> View:
    """Four open opportunities; 0 won after stages 0 and 1, 1 lost after stage 0, 2 and 3 open there and in 2."""
    rows = pd.DataFrame({"stage": stage, "due_days": due, "category": category, "amount": amount})
    visits = pd.DataFrame({"number": [0, 0, 0, 1, 2, 3], "stage": [0, 1, 0, 0, 0, 2]})
    closed = Closed(np.array([0, 1]), np.array([True, False]), *(np.array([1.0, 2.0]) for _ in range(3)))
    return View(load_methodology(), 0, rows.assign(crm=[0.5, 0.6, 0.7, np.nan]), closed, visits, 0)


NOW = view([0, 1, np.nan, 2], [10, 11, -3, 5], [0, 2, 0, np.nan], [100.0, 50.0, 300.0, 1.0])


def test_the_weighted_pipelines_count_what_is_due_at_their_percentages() -> None:
    """Due within ten days: the first, the third, which is overdue and in no stage, and the last, which nobody won from."""
    rates = stage_win_rates(NOW)
    assert rates[:2].tolist() == [1 / 2, 1 / 1]
    assert np.isnan(rates[2:]).all()
    nominal = [load_methodology().stage(key).probability for key in load_methodology().open_stages[:3]]
    chances = rival_chances(NOW, 10)
    assert chances["nominal"] == pytest.approx([nominal[0], 0, np.nan, nominal[2]], nan_ok=True)
    assert chances["crm"] == pytest.approx([0.5, 0, 0.7, np.nan], nan_ok=True)
    assert chances["stage_win_rate"] == pytest.approx([0.5, 0, np.nan, np.nan], nan_ok=True)
    assert chances["commit"] == pytest.approx([1, 0, 1, np.nan], nan_ok=True)


def test_what_the_methods_to_beat_expect() -> None:
    """An amount of 1 is none; a method that says something of one says something of all."""
    points = rival_points(NOW, rival_chances(NOW, 10), np.array([100.0, 200.0]))
    nominal = load_methodology().stage(load_methodology().open_stages[0]).probability
    assert points["nominal"] == pytest.approx(100 * nominal)
    assert points["crm"] == pytest.approx(0.5 * 100 + 0.7 * 300)
    assert points["stage_win_rate"] == pytest.approx(50)
    assert points["commit"] == 400
    assert (points["last_period"], points["mean_of_periods"]) == (200, pytest.approx(290 / 1.9))
    silent = rival_points(NOW, {"crm": np.full(4, np.nan)}, np.array([]))
    assert np.isnan(list(silent.values())).all()


def test_a_point_wears_its_past_errors_once_there_are_four() -> None:
    assert dressed(10.0, np.array([1.0, 2.0, 3.0])) is None
    assert dressed(np.nan, np.arange(4.0)) is None
    worn = dressed(10.0, np.array([-40.0, 0.0, 10.0, 20.0]))
    assert worn is not None
    # Never below 0; the middle of the errors is 5.
    assert (worn.min(), np.median(worn)) == (0, pytest.approx(15))


def test_the_score_of_a_sample_and_of_a_point() -> None:
    """1 and 5 against 2: mean distance 2, half the mean distance within ((0 + 4 + 4 + 0) ÷ 4) ÷ 2 = 1."""
    assert crps_parts(np.array([5.0, 1.0]), 2.0) == (2.0, 1.0)
    assert crps(np.array([5.0, 1.0]), 2.0) == 1.0
    assert crps(np.array([5.0]), 2.0) == 3.0
    # Chances of 0.25 and 0.5, the first came true: (0.75² + 0.5²) ÷ 2.
    assert brier(np.array([0.25, 0.5]), np.array([1.0, 0.0])) == (0.5625 + 0.25) / 2


def test_a_blend_is_made_quantile_by_quantile_in_the_order_of_the_model() -> None:
    """Of two values the quarter and three quarters of past periods' quantiles are met: 25 and 75."""
    past = 100 * SHARES
    some = Calibration(0.25, 2.0, 0, 0)
    assert some.blended(np.array([30.0, 10.0]), past) == pytest.approx([7.5 + 56.25, 2.5 + 18.75])
    assert some.blended(np.array([30.0, 10.0]), None).tolist() == [30, 10]
    # The mean 42.5 stays, the distance of 21.25 doubles; threefold it would fall below 0.
    assert some.applied(np.array([30.0, 10.0]), past) == pytest.approx([85, 0])
    assert replace(some, width=3.0).applied(np.array([30.0, 10.0]), past) == pytest.approx([106.25, 0])
    assert shrunk(np.array([0.0, 100.0])) == pytest.approx(100 * SHARES)


def errors(*sizes: float) -> list[Record]:
    """Forecasts of 90 to 110 that were so far off, without past periods."""
    model = np.linspace(90.0, 110.0, 200)
    return [Record(model, None, 100.0 + size) for size in sizes]


@pytest.mark.parametrize(
    ("sizes", "alarm"),
    [
        ((50, 50, 50), 0),  # three say nothing yet
        ((50, 50, 50, 50), -1),
        ((-50, -50, -50, -50), 1),
        ((-50, 50, 50, 50, 50), -1),  # the last four count
        ((1, 1, 1, -1), 0),  # 2 of 4 on one side
        ((7, 1, 0, 0), -1),  # all of it on one side
        ((7, 0, 0, -1), 0),  # 6 of 8: not more than three quarters
        ((40, 40, 40, -90), -1),  # balanced, but three of four beyond the range
        ((-40, -40, -40, 90), 1),
        ((40, 40, -40, -40), 0),
    ],
)
def test_an_alarm_is_raised_where_the_last_four_errors_lie_on_one_side(sizes: tuple[float, ...], alarm: int) -> None:
    found = calibrate(errors(*sizes))
    assert (found.one_sided, found.forecasts) == (alarm, len(sizes))


def test_a_record_without_a_model_teaches_nothing_about_it() -> None:
    past = np.full(200, 10.0)
    assert calibrate([Record(None, past, 40.0)] * 5) == calibrate([])
    # Without a spread there is no error in spreads, but an alarm.
    certain = calibrate([Record(past, None, 40.0)] * 5)
    assert (certain.width, certain.forecasts, certain.one_sided) == (1, 0, -1)


PERIODS = ["2025Q1", "2025Q2", "2025Q3", "2025Q4"]


def backtest(periods: list[str] = PERIODS) -> pd.DataFrame:
    """Four quarters of 100, 200, 300 and 400: the outlook 10 too high, 20 too low, 30 too high, right; a rival 40 too low."""
    made = []
    for place, period in enumerate(periods):
        common = {
            "period": period, "horizon": "first_day", "origin": pd.Timestamp("2024-12-31") + pd.DateOffset(months=3 * place),
            "actual": 100.0 * (place + 1), "scored": True, "opportunities": 10.0 + 20 * place, "wins": 2 + place,
            "reconstructed": False,
        }  # fmt: skip
        ours = [10.0, -20.0, 30.0, 0.0][place]
        made.append(
            common
            | {"method": "outlook", "point_error": ours, "crps": 5.0, "one_sided": float(place % 2), "expected_wins": 4.0,
               "p10": 110.0, "p50": common["actual"], "p90": 300.0, "brier": 0.1 + 0.1 * place, "brier_base": 0.4}
        )  # fmt: skip
        made.append(common | {"method": "mean_of_periods", "point_error": -40.0, "crps": 10.0})
    frame = pd.DataFrame(made).reindex(columns=tables.FORECAST_BACKTEST.names)
    return tables.declare(frame, tables.FORECAST_BACKTEST, BOOK.context)


def test_accuracy_by_hand() -> None:
    accuracy = fa.forecast_accuracy(backtest()).set_index("method")
    ours, base = accuracy.loc["outlook"], accuracy.loc["mean_of_periods"]
    assert ours[["periods", "mean_actual", "intervals", "one_sided"]].tolist() == [4, 250, 4, 1]
    assert ours["wape"] == pytest.approx(60 / 1000)
    assert ours["bias"] == pytest.approx(20 / 1000)
    assert ours["crps"] == pytest.approx(20 / 1000)
    assert ours["crps_ratio"] == pytest.approx(20 / 40)
    assert base[["bias", "wape", "crps_ratio"]].tolist() == [-160 / 1000, 160 / 1000, 1]
    # 100 lies below 110 to 300, 300 on its end, 400 above it: two of four; Wilson's interval of 80%.
    assert ours["held"] == 2 / 4
    z = 1.2815515655446004
    middle, half = (0.5 + z**2 / 8) / (1 + z**2 / 4), z * np.sqrt(0.25 / 4 + z**2 / 64) / (1 + z**2 / 4)
    assert ours[["held_low", "held_high"]].tolist() == pytest.approx([middle - half, middle + half])
    # Below the P10 by 10 (weighs 0.9), above it by 90, 190 and 290 (0.1); the P50 is always met.
    assert ours["pinball10"] == pytest.approx((0.9 * 10 + 0.1 * (90 + 190 + 290)) / 4 / 250)
    assert ours["pinball50"] == 0
    assert ours["pinball90"] == pytest.approx((0.1 * (200 + 100) + 0.9 * 100) / 4 / 250)
    # Of 10, 30, 50 and 70 opportunities; 2, 3, 4 and 5 were won, 4 expected each time.
    assert ours["brier"] == pytest.approx((0.1 * 10 + 0.2 * 30 + 0.3 * 50 + 0.4 * 70) / 160)
    assert ours["brier_skill"] == pytest.approx(1 - 50 / (0.4 * 160))
    assert ours[["expected_wins", "wins"]].tolist() == [16, 14]
    assert ours["expected_to_observed"] == pytest.approx(16 / 14)
    assert accuracy["best"].to_dict() == {"outlook": True, "mean_of_periods": False}
    assert pd.isna(base["brier"])


def test_the_best_is_named_from_four_periods_that_two_methods_share_and_the_ratio_is_of_those() -> None:
    three = fa.forecast_accuracy(backtest(PERIODS[:3]))
    assert not three["best"].any()
    alone = backtest()[lambda table: table["method"] == "outlook"]
    assert not fa.forecast_accuracy(alone)["best"].any()
    # Without the rival's last period three are shared: 15 against 30.
    table = backtest()
    short = fa.forecast_accuracy(table.drop(index=table.index[-1])).set_index("method")
    assert short.loc["outlook", "crps_ratio"] == pytest.approx(15 / 30)
    assert not short["best"].any()


def test_a_quarter_of_nothing_has_no_shares_of_it() -> None:
    nothing = fa.forecast_accuracy(backtest().assign(actual=0.0, wins=0)).set_index("method").loc["outlook"]
    assert nothing[["wape", "bias", "crps", "pinball10", "held", "expected_to_observed"]].isna().all()
    assert nothing["mean_actual"] == 0


def test_chances_are_counted_in_the_range_that_begins_with_them() -> None:
    """0 and 0.04; 0.05; 0.3 and 0.39; 1."""
    chance, won = np.array([0.0, 0.04, 0.05, 0.3, 0.39, 1.0]), np.array([0, 0, 1, 1, 0, 1])
    rows = pd.DataFrame(_bins("all", chance, won))
    assert rows[["bin_low", "bin_high"]].to_numpy().tolist() == [[0, 0.05], [0.05, 0.1], [0.3, 0.4], [0.8, 1.0]]
    assert rows["opportunities"].tolist() == [2, 1, 2, 1]
    assert rows["wins"].tolist() == [0, 1, 1, 1]
    assert rows["won_share"].tolist() == [0, 1, 0.5, 1]
    assert rows["mean_probability"].tolist() == pytest.approx([0.02, 0.05, 0.345, 1])
