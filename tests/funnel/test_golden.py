"""Every golden value of these topics, from the three files as they lie there, read without a profile."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import funnel_analytics as fa
from funnel_analytics.funnel.survival import aalen_johansen
from lifetimes import kaplan_meier

COUNTS = [
    "entered", "advanced", "lost", "open", "skipped_over", "regressed_from", "started_here", "won_eventually", "lost_eventually",
]  # fmt: skip


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "golden" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def book(shared: Path) -> fa.Book:
    return fa.read_exports(shared / "golden")


def test_stage_conversion(book: fa.Book, golden: dict[str, Any]) -> None:
    table = fa.stage_conversion(book, counting="visited").set_index("stage")
    assert list(table.index) == list(golden["stage_conversion"])
    for stage, expected in golden["stage_conversion"].items():
        row = table.loc[stage]
        assert {name: row[name] for name in COUNTS} == {name: expected[name] for name in COUNTS}
        found = row[
            [
                "advance_rate",
                "advance_low",
                "advance_high",
                "wilson_low",
                "wilson_high",
                "win_rate_resolved",
                "win_mean",
                "win_low",
                "win_high",
            ]
        ]
        posterior = expected["win_posterior"]
        wanted = [
            expected["advance_rate_resolved"], *expected["advance_rate_bounds"], *expected["wilson80"],
            expected["win_rate_resolved"], posterior["mean"], *posterior["ci80"],
        ]  # fmt: skip
        np.testing.assert_allclose(found.to_numpy(dtype="float64"), wanted, atol=1e-6)


def test_time_in_stage(book: fa.Book, golden: dict[str, Any]) -> None:
    table = fa.time_in_stage(book).set_index("stage")
    log = book.stage_log
    for stage, expected in golden["time_in_stage"].items():
        row = table.loc[stage]
        assert (row["visits"], row["open_visits"]) == (expected["n_spells"], expected["n_censored"])
        found = row[["median_days", "completed_median_days", "median_low_days", "median_high_days"]].to_numpy(
            dtype="float64"
        )
        low, high = expected["median_ci95_loglog"]
        wanted = [expected["median"], expected["naive_median_completed"], low, np.nan if high is None else high]
        np.testing.assert_allclose(found, wanted)
        spells = log[log["stage"] == stage]
        found_spells = sorted(zip(spells["opportunity_id"], spells["days"], strict=True))
        assert found_spells == sorted((spell[0], spell[1]) for spell in expected["spells"])
        curve = kaplan_meier(spells["days"].to_numpy(), (spells["exit"] != "open").to_numpy())
        np.testing.assert_allclose(curve.share, list(expected["km"].values()), atol=1e-12)


def test_the_stall_line_of_discover_is_its_80th_percentile(book: fa.Book, golden: dict[str, Any]) -> None:
    table = fa.time_in_stage(book).set_index("stage")
    assert table.loc["Discover", "stall_days"] == golden["stuck"]["Discover"]["p80"]
    assert table.loc["Discover", "stalled_opportunities"] == 1
    assert np.isnan(table.loc["Develop", "stall_days"])


def test_cumulative_incidence(golden: dict[str, Any]) -> None:
    expected = golden["cumulative_incidence"]
    ids = list(expected["durations"])
    days = np.array([expected["durations"][key] for key in ids])
    outcomes = np.array([expected["event_code"][str(expected["events"][key])] for key in ids])
    curve = aalen_johansen(days, outcomes)
    for row in expected["table"]:
        found = (curve.by(row["day"], "won"), curve.by(row["day"], "lost"))
        np.testing.assert_allclose(found, (row["won"], row["lost"]), atol=1e-12)
    assert curve.error_by(120, "won") == pytest.approx(expected["se_won_day120_lifelines"], abs=1e-6)
    part = expected["from_first_Develop"]
    names = np.array(["open", "won", "lost"])[part["events"]]
    curve = aalen_johansen(np.array(part["durations"]), names)
    for day, share in part["cif_won"]:
        assert curve.by(day, "won") == pytest.approx(share)
    for day, share in part["cif_lost"]:
        assert curve.by(day, "lost") == pytest.approx(share)


@pytest.mark.parametrize("group", ["Maintained", "Nonmaintained"])
def test_published_medians_of_the_aml_study(shared: Path, group: str) -> None:
    expected = json.loads((shared / "golden" / "r_known_aml.json").read_text(encoding="utf-8"))[group]
    curve = kaplan_meier(np.array(expected["time"]), np.array(expected["status"]) == 1)
    assert curve.quantile(0.5) == expected["median"]


def test_waterfall(book: fa.Book, golden: dict[str, Any]) -> None:
    expected = golden["waterfall"]
    amounts = fa.pipeline_changes(book).set_index("cause")["amount"]
    wanted = {
        "opening": expected["start_open"], "new": expected["created"], "reopened": expected["reopened"],
        "increased": expected["amount_up"], "decreased": expected["amount_down"], "won": expected["won"],
        "lost": expected["lost"], "closing": expected["end_open"],
    }  # fmt: skip
    assert amounts[list(wanted)].to_dict() == wanted


def test_waterfall_of_what_is_due_in_a_period(book: fa.Book, golden: dict[str, Any]) -> None:
    expected = golden["waterfall_due"]
    amounts = fa.pipeline_changes(
        book, since=golden["previous_export"], until=golden["as_of"], period="2024Q3"
    ).set_index("cause")["amount"]
    wanted = {
        "opening": expected["start_due"], "new": expected["created_due"], "pulled_in": expected["pulled_in"],
        "pushed_out": expected["pushed_out"], "won": expected["won"], "lost": expected["lost"], "closing": expected["end_due"],
    }  # fmt: skip
    assert amounts[list(wanted)].to_dict() == wanted
    assert amounts["increased"] + amounts["decreased"] == expected["amount_change_stayers"]


def test_sales_velocity(book: fa.Book, golden: dict[str, Any]) -> None:
    expected = golden["velocity"]
    row = fa.sales_velocity(book).iloc[0]
    found = row[["open_opportunities", "win_rate", "mean_won_amount", "mean_won_cycle_days", "velocity"]].to_numpy(
        dtype="float64"
    )
    wanted = [
        expected[key]
        for key in ("open_deals", "win_rate_closed", "avg_won_amount", "mean_won_cycle_days", "value_per_day")
    ]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_pushes(book: fa.Book, golden: dict[str, Any]) -> None:
    counts = fa.push_counts(book).set_index("opportunity_id")
    for key, expected in golden["push"].items():
        assert counts.loc[key, list(expected)].to_dict() == expected
    assert not counts["lower_bound"].any()


def test_the_flow_between_the_exports_is_the_waterfall(book: fa.Book, golden: dict[str, Any]) -> None:
    flow = fa.pipeline_flow(book)
    whole = fa.pipeline_changes(book)
    assert flow[["cause", "amount", "opportunities"]].equals(whole[["cause", "amount", "opportunities"]])
    weekly = fa.pipeline_flow(book, every="week", since=golden["previous_export"]).set_index(["until", "cause"])
    assert weekly["amount"].iloc[0] == golden["waterfall"]["start_open"]
    assert weekly["amount"].iloc[-1] == golden["waterfall"]["end_open"]
    # With a full history nothing comes and goes unseen: the weeks add up to the whole.
    for cause in ("new", "increased", "decreased", "won", "lost"):
        assert weekly.xs(cause, level="cause")["amount"].sum() == whole.set_index("cause").loc[cause, "amount"]


def test_slippage_of_the_second_quarter(book: fa.Book, golden: dict[str, Any]) -> None:
    row = fa.slippage(book, period="2024Q2").iloc[0]
    assert row["amount_due"] == golden["coverage"]["yield_Q2"]["due_at_start"]
    # D1 (100 at the start) and D3 (200) were due, and both were won.
    assert row[["due", "won", "slipped", "amount_won", "slip_rate"]].tolist() == [2, 2, 0, 300, 0]
    row = fa.slippage(book, period="2024Q3").iloc[0]
    # On 30 June D4 is due in the fourth quarter: due in the third are D5, D7 and D8 (40 + 135 + 60).
    assert row[["due", "amount_due", "unmoved"]].tolist() == [3, golden["waterfall_due"]["end_due"], 3]


def test_the_incidence_by_day_of_discover_is_counted_by_hand(book: fa.Book) -> None:
    # Days to the first step on: 10, 20, 20, 10, 20, 10 of D1, D2, D4, D6, D7, D8; D5 is open for 152.
    row = fa.stage_conversion(book, counting="visited", within_days=10).iloc[0]
    assert row[["advance_by_day", "lost_by_day"]].tolist() == pytest.approx([3 / 7, 0])
    assert row["watched"] == 7
