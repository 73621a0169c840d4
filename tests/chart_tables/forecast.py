"""Forecast: small result tables with numbers one can check by hand."""

from typing import Any

import pandas as pd

from .declared import declared


def weighted_forecast() -> pd.DataFrame:
    """Two periods, the first overdue; no measured weighting."""
    rows = [
        {"period": "2026Q2", "overdue": True, "opportunities": 2, "amount": 300_000, "weighted_nominal": 90_000,
         "weighted_crm": 150_000, "placeholders": 1, "without_crm": 1},
        {"period": "2026Q4", "overdue": False, "opportunities": 5, "amount": 1_200_000, "weighted_nominal": 480_000,
         "weighted_crm": 600_000, "omitted": 2},
    ]  # fmt: skip
    return declared("weighted_forecast", rows)


def outlook(**total: Any) -> pd.DataFrame:
    """Won 500, open 700, new 100 thousand; the total between 900 and 1,800."""
    same = {"period": "2026Q4", "method": "semi_markov", "basis_opportunities": 120, "basis_wins": 40,
            "warnings": "overdue_close_dates placeholder_amounts"}  # fmt: skip
    rows = [
        same | {"component": "won", "opportunities": 3, "mean": 500e3},
        same | {"component": "open", "opportunities": 20, "mean": 700e3, "p10": 350e3, "p90": 1100e3},
        same | {"component": "new_business", "opportunities": 1.5, "mean": 100e3, "p10": 0, "p90": 300e3},
        same | {"component": "total", "opportunities": 24.5, "mean": 1300e3, "p10": 900e3, "p25": 1050e3, "p50": 1250e3,
                "p75": 1500e3, "p90": 1800e3, "quota": 1500e3, "p_quota": 0.27} | total,
    ]  # fmt: skip
    return declared("outlook", rows)


def outlook_distribution(**total: Any) -> pd.DataFrame:
    """Ten draws: 1, 3, 4 and 1 in steps of 500 thousand from 500 thousand on, and one of 4 million."""
    same = {
        "period": "2026Q4",
        "mean": 1700e3,
        "p10": 900e3,
        "p50": 1600e3,
        "p90": 2200e3,
        "quota": 1500e3,
        "p_quota": 0.6,
    }
    counts = [1, 3, 4, 1, 1]
    rows = [
        {"from_amount": 500e3 * (at + 1), "to_amount": 500e3 * (at + 2) if at < 4 else 4000e3, "chance": count / 10,
         "at_least": sum(counts[at:]) / 10} | same | total
        for at, count in enumerate(counts)
    ]  # fmt: skip
    return declared("outlook_distribution", rows)


def forecast_backtest() -> pd.DataFrame:
    """Two quarters at two horizons; the second is not final. The range holds 1 of 1 on the first day, 0 of 1 in week 5."""
    rows = [
        {"method": "outlook", "period": period, "horizon": horizon, "origin": pd.Timestamp(origin), "forecast": 1e6,
         "p10": low, "p50": 1e6, "p90": 1.4e6, "actual": actual, "scored": scored, "opportunities": 30, "crps": 1e5}
        for period, horizon, origin, low, actual, scored in (
            ("2026Q2", "first_day", "2026-03-31", 0.7e6, 0.8e6, True), ("2026Q2", "week_5", "2026-04-28", 0.9e6, 0.8e6, True),
            ("2026Q3", "first_day", "2026-06-30", 0.7e6, 1.1e6, False), ("2026Q3", "week_5", "2026-07-28", 0.9e6, 1.1e6, False),
        )
    ]  # fmt: skip
    rows.append(rows[0] | {"method": "nominal", "forecast": 3e6, "p10": None, "p90": None})
    return declared("forecast_backtest", rows)


def forecast_accuracy() -> pd.DataFrame:
    """The outlook nearly right, the stage percentages three times too high at the quarter's start."""
    rows = [
        {"method": method, "horizon": horizon, "periods": 10, "wape": abs(bias) + 0.1, "bias": bias, "bias_low": bias - 0.1,
         "bias_high": bias + 0.1, "best": method == "outlook", "late_booked": 0.12, "one_sided": 1.0}
        for method, horizon, bias in (("outlook", "first_day", 0.04), ("outlook", "week_5", -0.02),
                                      ("nominal", "first_day", 3.0), ("nominal", "week_5", 0.9))
    ]  # fmt: skip
    return declared("forecast_accuracy", rows)


def forecast_reliability() -> pd.DataFrame:
    """Of 100 with a chance near 5 % four were won, of 40 near 70 % thirty."""
    rows = [
        {"horizon": "all", "bin_low": 0.0, "bin_high": 0.1, "opportunities": 100, "mean_probability": 0.05, "wins": 4,
         "won_share": 0.04, "won_low": 0.02, "won_high": 0.07},
        {"horizon": "all", "bin_low": 0.6, "bin_high": 0.8, "opportunities": 40, "mean_probability": 0.7, "wins": 30,
         "won_share": 0.75, "won_low": 0.65, "won_high": 0.83},
    ]  # fmt: skip
    return declared("forecast_reliability", rows)


def pipeline_coverage() -> pd.DataFrame:
    """Ana covers her gap of 400 at 2.0 of 4.0 needed; Ben has met his quota; Cai has none."""
    same = {"period": "2026Q4", "yield_rate": 0.25, "yield_periods": 3, "required_coverage": 4.0}
    rows = [
        same | {"owner": "Ana", "status": "short", "quota": 500e3, "won_amount": 100e3, "attainment": 0.2, "gap": 400e3,
                "open_opportunities": 4, "open_amount": 800e3, "coverage": 2.0, "required_amount": 1600e3},
        same | {"owner": "Ben", "status": "quota_met", "quota": 300e3, "won_amount": 320e3, "attainment": 1.07, "gap": 0.0,
                "open_opportunities": 2, "open_amount": 100e3, "required_amount": 0.0},
        same | {"owner": "Cai", "status": "no_quota", "won_amount": 0.0, "open_amount": 50e3, "placeholders": 1},
    ]  # fmt: skip
    return declared("pipeline_coverage", rows, by="owner")


def quota_pacing() -> pd.DataFrame:
    """Two earlier months of four weeks, and two weeks of the present one."""
    rows = [
        {"period": period, "current": False, "week": week, "until": pd.Timestamp("2026-09-30"), "won_amount": 100e3 * amount, "share_of_final": 0.5}
        for period, amounts in (("2026-07", (1, 1, 3, 4)), ("2026-08", (0, 2, 2, 6)))
        for week, amount in enumerate(amounts, start=1)
    ]  # fmt: skip
    usual = {"usual_amount": 150e3, "usual_amount_low": 100e3, "usual_amount_high": 200e3, "usual_share": 0.3,
             "usual_share_low": 0.2, "usual_share_high": 0.4, "periods": 2}  # fmt: skip
    rows += [
        {"period": "2026-09", "current": True, "week": week, "elapsed": 0.23 * week, "won_amount": 120e3 * week, "quota": 500e3}
        | usual
        for week in (1, 2)
    ]  # fmt: skip
    table = declared("quota_pacing", rows)
    table.attrs["asked_period"] = "2026-09"
    return table


def _outlook_rows() -> list[dict[str, Any]]:
    same = {"period": "2026Q4", "quota": 1500e3, "won_mean": 500e3}
    return [
        same | {"mean": 1300e3, "difference": 0.0, "p10": 900e3, "p50": 1250e3, "p90": 1800e3, "p_quota": 0.27},
        same | {"mean": 1000e3, "difference": -300e3, "p10": 700e3, "p50": 980e3, "p90": 1400e3, "p_quota": 0.06},
        same | {"mean": None, "difference": None},
    ]


def scenario_outlook(names: list[str] | None = None) -> pd.DataFrame:
    """As it stands, one scenario 300 thousand lower, one without a number."""
    called = names or ["base", "Three slip", "Nothing known"]
    rows = [row | {"scenario": called[at], "assumptions": at} for at, row in enumerate(_outlook_rows())]
    return declared("scenario_outlook", rows)


def evidenced_outlook() -> pd.DataFrame:
    """Claimed, evidenced with 7 in an earlier stage, validated without a number."""
    readings = ("claimed", "evidenced", "validated")
    rows = [row | {"reading": readings[at], "lower": 7 * at, "higher": at} for at, row in enumerate(_outlook_rows())]
    return declared("evidenced_outlook", rows)


def outlook_drivers(names: list[str] | None = None) -> pd.DataFrame:
    """Expected 1.3 M: 1.0 to 1.5 by the first, 1.25 to 1.8 by the second."""
    same = {"period": "2026Q4", "mean": 1300e3, "stage": "Proof", "owner": "Ana"}
    rows = [
        same | {"place": 1, "opportunity_id": "1", "amount": 500e3, "probability": 0.6, "expected": 300e3, "if_lost": 1000e3,
                "if_won": 1500e3, "without": 1000e3},
        same | {"place": 2, "opportunity_id": "2", "amount": 550e3, "probability": 0.09, "expected": 50e3, "if_lost": 1250e3,
                "if_won": 1800e3, "without": 950e3},
    ]  # fmt: skip
    for at, row in enumerate(rows):
        row["opportunity_name"] = names[at % len(names)] if names else f"Project {at}"
    return declared("outlook_drivers", rows)


def call_accuracy(names: list[str] | None = None) -> pd.DataFrame:
    """Ana is 20 % over on eight calls, then 10 % under on four; her manager's calls are about a period without a win."""
    rows = [
        {"role": "seller", "person": "Ana", "horizon": "first_third", "calls": 8, "bias": 0.2, "wape": 0.3, "direction": "over", "standing": "ranked", "rank": 1},
        {"role": "seller", "person": "Ana", "horizon": "last_third", "calls": 4, "bias": -0.1, "direction": "under", "standing": "too_few", "pending": 1},
        {"role": "manager", "person": "Mo", "horizon": "first_third", "calls": 1, "standing": "nothing_won"},
    ]  # fmt: skip
    for at, row in enumerate(rows):
        row["person"] = names[at % len(names)] if names else row["person"]
    table = declared("call_accuracy", rows)
    table.attrs["min_calls"] = 6
    return table
