"""The track record: rows, scores, what counts, the method that is named, odd books."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import AmountError, ArgumentError, TableError
from funnel_analytics.forecast.model.ledger import ledger_of
from funnel_analytics.forecast.model.naive import SHARES, past_mean
from funnel_analytics.forecast.record.calibration import Record, calibrate
from funnel_analytics.forecast.record.rivals import rival_chances
from funnel_analytics.forecast.record.scores import brier, crps_parts, pinball
from funnel_analytics.forecast.record.track_record import is_settled, late_booked, spans_of

TEAM = team_book(150, seed=2)
BACKTEST = fa.forecast_backtest(TEAM)


def rebuilt(snapshots: pd.DataFrame, **parts: pd.DataFrame) -> fa.Book:
    return fa.assemble(fa.Parts(snapshots=snapshots, **parts), as_of=TEAM.as_of)


def latest() -> pd.DataFrame:
    return TEAM.snapshots[TEAM.snapshots["as_of"] == TEAM.as_of]


def test_scores_are_the_golden_ones(shared: Path) -> None:
    golden = json.loads((shared / "golden" / "expected.json").read_text(encoding="utf-8"))["scores"]
    distance, spread = crps_parts(np.array(golden["crps"]["sample"], dtype=float), golden["crps"]["obs"])
    assert distance - spread == pytest.approx(golden["crps"]["value"])
    for case in golden["pinball"]:
        assert pinball(np.array([case["q"]]), np.array([case["y"]]), case["tau"])[0] == pytest.approx(case["value"])
    assert brier(np.array(golden["brier"]["p"]), np.array(golden["brier"]["y"])) == pytest.approx(
        golden["brier"]["value"]
    )


def test_each_past_quarter_is_forecast_at_three_horizons_and_nothing_later() -> None:
    ours = BACKTEST[BACKTEST["method"] == "outlook"]
    assert list(BACKTEST.columns) == tables.FORECAST_BACKTEST.names
    assert set(ours["horizon"]) == {"first_day", "week_5", "week_9"}
    assert "2026Q4" not in set(BACKTEST["period"])
    assert not BACKTEST.duplicated(["method", "period", "horizon"]).any()
    last = ours[(ours["period"] == "2026Q3") & (ours["horizon"] == "week_5")].iloc[0]
    assert last["origin"] == pd.Timestamp("2026-07-28")


def test_actuals_are_what_was_won_and_forecasts_hold_what_had_been_won() -> None:
    opportunities = TEAM.opportunities
    for period, rows in BACKTEST.groupby("period"):
        span = TEAM.period(period)
        won = opportunities[
            (opportunities["outcome"] == "won") & opportunities["close_date"].between(span.start, span.end)
        ]
        assert rows["actual"].to_numpy() == pytest.approx(won["amount"].sum())
        before = [won.loc[won["close_date"] <= origin, "amount"].sum() for origin in rows["origin"]]
        assert rows["won_before"].to_numpy() == pytest.approx(before)
    assert (BACKTEST["forecast"] >= BACKTEST["won_before"] - 1e-6).all()
    assert BACKTEST["crps"].to_numpy() == pytest.approx(BACKTEST["crps_distance"] - BACKTEST["crps_spread"])


def test_the_last_period_and_the_mean_are_those_of_the_periods_before() -> None:
    first = BACKTEST[BACKTEST["horizon"] == "first_day"].set_index(["method", "period"])
    actual = first.loc["outlook", "actual"]
    assert first.loc[("last_period", "2026Q3"), "forecast"] == pytest.approx(actual["2026Q2"])
    past = ledger_of(TEAM).closed_on
    begun = [label for label in actual.index if TEAM.period(label).start >= pd.Timestamp(np.nanmin(past), unit="D")]
    known = np.array([actual[label] for label in begun if label < "2026Q3"])
    assert first.loc[("mean_of_periods", "2026Q3"), "forecast"] == pytest.approx(past_mean(known))


def test_a_point_methods_interval_is_its_own_past_errors_once_there_are_four() -> None:
    """The last period's first forecasts were 0, 1.46, 0.64 and 0.51 million: the fifth has an interval."""
    rows = BACKTEST[(BACKTEST["horizon"] == "first_day") & (BACKTEST["method"] == "last_period")]
    missed = (rows["actual"] - rows["forecast"]).to_numpy()
    assert rows["p50"].isna().tolist() == [place < 4 for place in range(len(rows))]
    for place in range(4, len(rows)):
        row = rows.iloc[place]
        worn = np.maximum(row["forecast"] + np.quantile(missed[:place], SHARES), 0)
        assert row[["p10", "p50", "p90"]].tolist() == pytest.approx(np.quantile(worn, [0.1, 0.5, 0.9]).tolist())


def test_what_a_change_log_tells_is_not_reconstructed() -> None:
    assert not BACKTEST["reconstructed"].any()


def test_the_nominal_pipeline_counts_what_is_due_at_the_stage_percentages() -> None:
    """A book of one export: on its quarter's eve stages are not known, so the method says nothing then."""
    alone = fa.forecast_backtest(rebuilt(latest()))
    assert alone["reconstructed"].all()
    assert not (alone["method"] == "nominal").any()
    assert (BACKTEST["method"] == "nominal").any()


def test_the_newest_period_counts_once_two_exports_after_it_agree() -> None:
    once = rebuilt(latest(), history=TEAM.history)
    ended = next(span for span in spans_of(once, "quarter") if span.label == "2026Q3")
    assert not is_settled(ledger_of(once), ended, newest=True)
    assert is_settled(ledger_of(once), ended, newest=False)
    assert not is_settled(ledger_of(once), replace(ended, end=ended.end + 1), newest=False)
    again = latest().assign(as_of=TEAM.as_of + pd.Timedelta(days=20))
    twice = fa.assemble(fa.Parts(snapshots=pd.concat([latest(), again]), history=TEAM.history))
    assert is_settled(ledger_of(twice), ended, newest=True)
    more = again.assign(amount=again["amount"] * 1.5)
    other = fa.assemble(fa.Parts(snapshots=pd.concat([latest(), more])))
    assert not is_settled(ledger_of(other), ended, newest=True)


def test_what_is_due_on_the_last_day_of_a_window_counts() -> None:
    view = ledger_of(TEAM).view()
    due = view.open["due_days"].reset_index(drop=True)
    one = due[due > 0].idxmin()
    with_it, without = (rival_chances(view, int(due[one]) - before) for before in (0, 1))
    for name in ("nominal", "crm"):
        assert with_it[name][one] > 0
        assert without[name][one] == 0
        # Overdue ones count in any window.
        assert (without[name][due < 0] > 0).all()


def test_a_leap_year_is_final_on_the_last_day_of_the_year_after_it() -> None:
    """A won in 2022, B in 2024 (366 days), C in 2025 (365 days); one export on the last day of 2025."""
    rows = [("A", "2021-03-01", "2022-03-01"), ("B", "2023-03-01", "2024-03-01"), ("C", "2024-03-01", "2025-03-01")]
    frame = pd.DataFrame(rows, columns=["opportunity_id", "created_date", "close_date"])
    for name in ("created_date", "close_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame = frame.assign(as_of=pd.Timestamp("2025-12-31"), outcome="won", amount=100.0)
    backtest = fa.forecast_backtest(fa.assemble(fa.Parts(snapshots=frame)), period="year", horizons=["first_day"])
    scored = backtest[backtest["method"] == "mean_of_periods"].set_index("period")["scored"]
    assert scored.loc[["2024", "2025"]].tolist() == [True, False]


def test_the_share_booked_late_counts_wins_that_the_export_after_them_shows_open() -> None:
    rows = [("2026-06-30", "A", "open", "2026-09-30"), ("2026-06-30", "B", "won", "2026-06-01"),
            ("2026-09-30", "A", "won", "2026-06-20"), ("2026-09-30", "B", "won", "2026-06-01")]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["as_of", "opportunity_id", "outcome", "close_date"])
    for name in ("as_of", "close_date"):
        frame[name] = pd.to_datetime(frame[name])
    book = fa.assemble(fa.Parts(snapshots=frame.assign(amount=10.0, created_date=pd.Timestamp("2026-01-01"))))
    assert late_booked(ledger_of(book)) == 0.5
    assert np.isnan(late_booked(ledger_of(rebuilt(latest()))))


def test_accuracy_sums_the_backtest_up_and_names_one_method_at_each_horizon() -> None:
    accuracy = fa.forecast_accuracy(TEAM)
    assert list(accuracy.columns) == tables.FORECAST_ACCURACY.names
    assert accuracy["horizon"].drop_duplicates().tolist() == ["first_day", "week_5", "week_9"]
    row = accuracy[(accuracy["method"] == "outlook") & (accuracy["horizon"] == "first_day")].iloc[0]
    rows = BACKTEST[(BACKTEST["method"] == "outlook") & (BACKTEST["horizon"] == "first_day") & BACKTEST["scored"]]
    assert row["periods"] == len(rows)
    assert row["wape"] == pytest.approx(rows["point_error"].abs().sum() / rows["actual"].sum())
    assert row["bias"] == pytest.approx(rows["point_error"].sum() / rows["actual"].sum())
    assert row["bias_low"] <= row["bias"] <= row["bias_high"]
    assert (accuracy.groupby("horizon")["best"].sum() == 1).all()
    without = fa.forecast_accuracy(BACKTEST).drop(columns="late_booked")
    pd.testing.assert_frame_equal(without, accuracy.drop(columns="late_booked"))
    assert (accuracy["crps_ratio"][accuracy["method"] == "mean_of_periods"] == 1).all()


def test_reliability_counts_every_opportunity_of_every_scored_period_once() -> None:
    reliability = fa.forecast_reliability(TEAM)
    ours = BACKTEST[(BACKTEST["method"] == "outlook") & BACKTEST["scored"]]
    both = reliability[reliability["horizon"] == "all"]
    assert both["opportunities"].sum() == ours["opportunities"].sum()
    assert both["wins"].sum() == ours["wins"].sum()
    assert reliability["mean_probability"].between(reliability["bin_low"], reliability["bin_high"]).all()


def test_the_same_book_gives_the_same_numbers_and_months_are_replayed_too() -> None:
    again = team_book(150, seed=2)
    pd.testing.assert_frame_equal(fa.forecast_backtest(again), BACKTEST)
    assert set(fa.forecast_backtest(again, period="month")["horizon"]) == {"first_day", "week_3"}


@pytest.mark.parametrize(
    ("period", "horizons"), [("half", {"first_day", "week_14"}), ("year", {"first_day", "week_14", "week_27"})]
)
def test_halves_and_years_are_replayed_as_quarters_are(period: str, horizons: set[str]) -> None:
    backtest = fa.forecast_backtest(TEAM, period=period)
    assert set(backtest["horizon"]) == horizons
    opportunities = TEAM.opportunities[TEAM.opportunities["outcome"] == "won"]
    for label, rows in backtest.groupby("period"):
        span = TEAM.period(label)
        assert span.end <= TEAM.as_of
        won = opportunities.loc[opportunities["close_date"].between(span.start, span.end), "amount"].sum()
        assert rows["actual"].to_numpy() == pytest.approx(won)
    assert fa.forecast_accuracy(backtest)["horizon"].is_monotonic_increasing


def test_one_period_does_not_decide_for_years_whether_the_model_is_trusted() -> None:
    """Scores of past periods: 1 and six times 2, of the model: 90 and six times 0; the mean of all 14 is 103/14.

    The first speaks against the model with 89 ÷ 103/14 = 12.1, counted as 2; each other for it with 28/103.
    """
    right = np.full(200, 10.0)
    whale = Record(right, np.full(200, 99.0), 100.0)
    ordinary = Record(right, np.full(200, 12.0), 10.0)
    leads = np.array([-2.0] + [28 / 103] * 6) * 0.95 ** np.arange(6, -1, -1)
    odds = np.exp(leads.sum())
    assert calibrate([whale, *[ordinary] * 6]).share == pytest.approx(odds / (1 + odds))


def test_trust_in_the_model_is_lost_faster_than_won() -> None:
    """One period in which one of the two was right and the other off by 4: the mean score is 2, the lead 2.

    For the model it counts as 1, against it as 2; so does a period without wins that past periods foretold.
    """
    right, wrong = np.full(200, 10.0), np.full(200, 14.0)
    assert calibrate([]).share == 0.5
    assert calibrate([Record(right, wrong, 10.0)]).share == pytest.approx(1 / (1 + np.exp(-1)))
    assert calibrate([Record(wrong, right, 10.0)]).share == pytest.approx(1 / (1 + np.exp(2)))
    assert calibrate([Record(wrong, np.zeros(200), 0.0)]).share == pytest.approx(1 / (1 + np.exp(2)))


def test_errors_of_the_record_widen_the_range_and_raise_an_alarm_when_one_sided() -> None:
    model = np.linspace(90.0, 110.0, 200)
    right = calibrate([Record(model, model, 100.0)] * 8)
    wrong = calibrate([Record(model, model, 150.0)] * 8)
    assert right.width == 1 < wrong.width
    assert (right.one_sided, wrong.one_sided) == (0, -1)
    assert calibrate([]).width == 1
    better = calibrate([Record(model, model + 80, 100.0)] * 5)
    worse = calibrate([Record(model + 80, model, 100.0)] * 5)
    assert worse.share < calibrate([]).share < better.share


ODD = {
    "all_open": lambda frame: frame[frame["outcome"] == "open"],
    "all_won": lambda frame: frame[frame["outcome"] == "won"],
    "all_lost": lambda frame: frame[frame["outcome"] == "lost"],
    "one": lambda frame: frame.head(1),
    "eight": lambda frame: frame.head(8),
    "no_close_dates": lambda frame: frame.assign(close_date=pd.NaT),
    "no_created_dates": lambda frame: frame.assign(created_date=pd.NaT),
    "no_stages": lambda frame: frame.assign(stage=None, stage_label=None),
    "placeholders": lambda frame: frame.assign(amount=1.0),
    "one_owner": lambda frame: frame.assign(owner="Ana"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("history", [True, False])
def test_odd_books_give_tables_without_holes_or_none_at_all(name: str, history: bool) -> None:
    frame = ODD[name](latest())
    log = TEAM.history[TEAM.history["opportunity_id"].isin(frame["opportunity_id"])]
    book = rebuilt(frame, **({"history": log} if history else {}))
    backtest = fa.forecast_backtest(book)
    assert backtest[["forecast", "actual", "crps", "point_error"]].notna().all(axis=None)
    fa.forecast_accuracy(book)
    assert fa.forecast_reliability(book)["won_share"].notna().all()


def test_one_horizon_alone_gives_its_rows_of_the_whole() -> None:
    whole = fa.forecast_backtest(TEAM)
    alone = fa.forecast_backtest(TEAM, horizons=["week_5"])
    expected = whole[whole["horizon"] == "week_5"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected, check_like=True)


def test_an_empty_book_has_no_record() -> None:
    empty = fa.Book(TEAM.methodology, TEAM.as_of, frames={key: frame.iloc[:0] for key, frame in TEAM.frames.items()})
    assert fa.forecast_backtest(empty).empty
    assert fa.forecast_accuracy(empty).empty
    assert fa.forecast_reliability(empty).empty


def test_without_amounts_and_with_bad_arguments_it_refuses_plainly() -> None:
    with pytest.raises(AmountError):
        fa.forecast_backtest(team_book(30, money=False))
    with pytest.raises(ArgumentError, match=r"'week' are not replayed\. Accepted: half, month, quarter, year\.$"):
        fa.forecast_backtest(TEAM, period="week")
    with pytest.raises(ArgumentError, match="'week_4' is not a horizon of a quarter"):
        fa.forecast_backtest(TEAM, horizons=["week_4"])
    with pytest.raises(TableError, match="forecast_backtest"):
        fa.forecast_accuracy(latest())


def test_forecasts_of_days_before_1970_are_replayed(tmp_path: Path) -> None:
    lines = ["Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Amount Currency,Created Date,Close Date"]
    for opportunity in range(40):
        created = pd.Timestamp("1967-01-01") + pd.Timedelta(days=45 * opportunity)
        closed, stage = created + pd.Timedelta(days=60), "Closed Won" if opportunity % 2 else "Closed Lost"
        lines.append(
            f"006{opportunity:012d}AAA,Deal {opportunity},Acme,{stage},{1000 + opportunity},USD,{created:%Y-%m-%d},{closed:%Y-%m-%d}"
        )
    path = tmp_path / "opportunities 1972-06-30.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    record = fa.forecast_backtest(fa.read_exports(path), horizons=["first_day"])
    assert record["origin"].min() < pd.Timestamp("1970-01-01")
