"""Small result tables with numbers one can check by hand, as the analyses would return them."""

from typing import Any

import pandas as pd

from funnel_analytics import tables
from funnel_analytics.methodology import load_methodology

METHOD = load_methodology()
CONTEXT: dict[str, Any] = {
    "currency": "EUR",
    "as_of": pd.Timestamp("2026-09-30"),
    "words": METHOD.words(),
    "rating_scale": (METHOD.rating_low, METHOD.rating_high),
    "potential_cut": METHOD.potential_cut,
}


def declared(name: str, rows: list[dict[str, Any]], by: str | None = None) -> pd.DataFrame:
    """Rows as the table of a name, with a team's context."""
    return tables.declare(pd.DataFrame(rows), tables.TABLES[name], CONTEXT, by=by)


def stage_conversion(groups: list[str | None] | None = None) -> pd.DataFrame:
    """Three stages: 100 = 60 + 30 + 10, 12 = 6 + 4 + 2 (greyed), 4 = 2 + 1 + 1 (counts only)."""
    rows = [
        {"stage": "Discover", "counting": "reached", "entered": 100, "advanced": 60, "lost": 30, "open": 10,
         "advance_rate": 60 / 90, "wilson_low": 0.60, "wilson_high": 0.73, "advance_low": 0.6, "advance_high": 0.7,
         "lost_stage_unknown": 3},
        {"stage": "Qualify", "counting": "reached", "entered": 12, "advanced": 6, "lost": 4, "open": 2,
         "advance_rate": 0.6, "wilson_low": 0.40, "wilson_high": 0.77, "advance_low": 0.5, "advance_high": 8 / 12,
         "lost_stage_unknown": 3},
        {"stage": "Develop", "counting": "reached", "entered": 4, "advanced": 2, "lost": 1, "open": 1,
         "advance_rate": 2 / 3, "wilson_low": 0.3, "wilson_high": 0.9, "advance_low": 0.5, "advance_high": 0.75,
         "lost_stage_unknown": 3},
    ]  # fmt: skip
    if groups is None:
        return declared("stage_conversion", rows)
    return declared("stage_conversion", [row | {"owner": group} for group in groups for row in rows], by="owner")


def time_in_stage() -> pd.DataFrame:
    """A full row, one whose median and quartile are not reached, one with too few visits."""
    rows = [
        {"stage": "Discover", "visits": 40, "open_visits": 5, "median_days": 20, "median_low_days": 15,
         "median_high_days": 26, "p25_days": 10, "p75_days": 33, "longest_days": 90, "stall_days": 45,
         "stalled_opportunities": 2},
        {"stage": "Qualify", "visits": 15, "open_visits": 9, "p25_days": 30, "longest_days": 60},
        {"stage": "Develop", "visits": 3, "open_visits": 0, "median_days": 5, "longest_days": 9},
    ]  # fmt: skip
    return declared("time_in_stage", rows)


def win_rates() -> pd.DataFrame:
    """The six ways of counting."""
    base = {"win_low": 0.2, "win_high": 0.5, "win_rate_value": 0.3, "without_amount": 2}
    rows = [
        base | {"rate": "closed", "opportunities": 50, "won": 20, "lost": 30, "win_rate": 0.4},
        base | {"rate": "created", "opportunities": 80, "won": 20, "lost": 30, "open": 30, "win_rate": 0.25},
        base | {"rate": "created_mature", "within_days": 180, "opportunities": 40, "won": 14, "win_rate": 0.35},
        base | {"rate": "from_stage", "stage": "Qualify", "opportunities": 19, "won": 9, "lost": 10, "win_rate": 9 / 19},
        base | {"rate": "by_day", "within_days": 180, "opportunities": 80, "won": 18, "win_rate": 0.31, "win_rate_value": None},
        base | {"rate": "overdue_as_lost", "opportunities": 4, "won": 1, "lost": 3, "win_rate": 0.25},
    ]  # fmt: skip
    return declared("win_rates", rows)


def weighted_forecast() -> pd.DataFrame:
    """Two periods, the first overdue; no measured weighting."""
    rows = [
        {"period": "2026Q2", "overdue": True, "opportunities": 2, "amount": 300_000, "weighted_nominal": 90_000,
         "weighted_crm": 150_000, "placeholders": 1, "without_crm": 1},
        {"period": "2026Q4", "overdue": False, "opportunities": 5, "amount": 1_200_000, "weighted_nominal": 480_000,
         "weighted_crm": 600_000, "omitted": 2},
    ]  # fmt: skip
    return declared("weighted_forecast", rows)


def pipeline_changes() -> pd.DataFrame:
    """1,000 + 400 + 100 − 50 − 300 − 150 = 1,000 thousand; nothing was pulled in."""
    steps = [("opening", 1000, 10), ("new", 400, 4), ("pulled_in", 0, 0), ("increased", 100, 2), ("decreased", -50, 1),
             ("won", -300, 3), ("lost", -150, 2), ("closing", 1000, 9)]  # fmt: skip
    rows = [{"cause": cause, "amount": 1000.0 * amount, "opportunities": count} for cause, amount, count in steps]
    return declared("pipeline_changes", rows)


def conversion_trend() -> pd.DataFrame:
    """Discover fell from 36 of 40 to 10 of 40, Qualify rose within chance, Develop has too few cases."""
    same = {"counting": "visited", "within_days": 90, "period_before": "2026Q1", "period_after": "2026Q2"}
    rows = [
        same | {"stage": "Discover", "entered_before": 45, "advanced_before": 36, "lost_before": 4, "advance_rate_before": 0.9,
                "wilson_low_before": 0.83, "wilson_high_before": 0.94, "entered_after": 50, "advanced_after": 10,
                "lost_after": 30, "advance_rate_after": 0.25, "wilson_low_after": 0.17, "wilson_high_after": 0.35,
                "difference": -0.65, "difference_low": -0.74, "difference_high": -0.53, "could_be_chance": False},
        same | {"stage": "Qualify", "entered_before": 20, "advanced_before": 10, "lost_before": 10, "advance_rate_before": 0.5,
                "wilson_low_before": 0.36, "wilson_high_before": 0.64, "entered_after": 20, "advanced_after": 12,
                "lost_after": 8, "advance_rate_after": 0.6, "wilson_low_after": 0.46, "wilson_high_after": 0.73,
                "difference": 0.1, "difference_low": -0.1, "difference_high": 0.29, "could_be_chance": True},
        same | {"stage": "Develop", "entered_before": 4, "advanced_before": 3, "lost_before": 1, "entered_after": 9,
                "advanced_after": 5, "lost_after": 2, "could_be_chance": True},
    ]  # fmt: skip
    return declared("conversion_trend", rows)


def pipeline_flow() -> pd.DataFrame:
    """Two weeks: 1,000 + 400 − 300 = 1,100, then 1,100 + 50 − 250 = 900 thousand."""
    weeks = [
        ("2026-09-13", "2026-09-20", 1000, 400, -300, 1100, 11),
        ("2026-09-20", "2026-09-27", 1100, 50, -250, 900, 9),
    ]
    rows = [
        {"since": pd.Timestamp(since), "until": pd.Timestamp(until), "cause": cause, "amount": 1000.0 * amount,
         "opportunities": count}
        for since, until, opening, new, won, closing, left in weeks
        for cause, amount, count in (("opening", opening, 10), ("new", new, 2), ("won", won, 1), ("closing", closing, left))
    ]  # fmt: skip
    return declared("pipeline_flow", rows)


def slippage() -> pd.DataFrame:
    """20 due: 8 won, 5 lost, 4 slipped, 2 not moved, 1 vanished."""
    row = {"period": "2026Q3", "opening": pd.Timestamp("2026-06-30"), "due": 20, "won": 8, "lost": 5, "slipped": 4,
           "unmoved": 2, "vanished": 1, "slip_rate": 0.2, "slip_rate_value": 0.35, "pushes": 17,
           "lower_bound_opportunities": 6, "overdue_opportunities": 2}  # fmt: skip
    return declared("slippage", [row])


def conversion_cohorts() -> pd.DataFrame:
    """Two quarters of 20 and one of 4; the youngest is known at 90 days only."""
    cells = [
        ("2025Q4", 90, 20, 2),
        ("2025Q4", 180, 20, 15),
        ("2026Q1", 90, 20, 5),
        ("2026Q1", 180, 20, 12),
        ("2026Q2", 90, 4, 1),
    ]
    rows = [
        {"cohort": cohort, "within_days": days, "stage": "won", "opportunities": n, "reached": k, "reach_rate": k / n}
        for cohort, days, n, k in cells
    ]  # fmt: skip
    return declared("conversion_cohorts", rows)


def stage_transitions() -> pd.DataFrame:
    """Discover: 12 to Qualify, 8 lost, 3 there; Qualify: 1 back, 2 won, too few for a share."""
    steps = [("Discover", "Qualify", 12, 0.6), ("Discover", "lost", 8, 0.4), ("Discover", "open", 3, None),
             ("Qualify", "Discover", 1, 1 / 3), ("Qualify", "won", 2, 2 / 3)]  # fmt: skip
    rows = [{"stage": stage, "next": step, "visits": n, "share": share} for stage, step, n, share in steps]
    return declared("stage_transitions", rows)


def stage_incidence() -> pd.DataFrame:
    """Two stages with two steps each."""
    points = [(0, 0, 0, 0, 0), (10, 0.3, 0.2, 0.4, 0.1), (30, 0.5, 0.4, 0.6, 0.2)]
    rows = [
        {"stage": stage, "counting": "reached", "watched": n, "days": day, "at_risk": 5, "advance_by_day": share,
         "by_day_low": low, "by_day_high": high, "lost_by_day": lost, "undecided_by_day": 1 - share - lost}
        for stage, n in (("Discover", 40), ("Qualify", 12))
        for day, share, low, high, lost in points
    ]  # fmt: skip
    return declared("stage_incidence", rows)


def stage_survival() -> pd.DataFrame:
    """A stage of 40 visits and the whole cycle of 30, each with two steps."""
    rows = [
        {"stage": stage, "visits": n, "days": day, "at_risk": at_risk, "still_there": share, "still_low": share * 0.9,
         "still_high": min(share * 1.1, 1), "median_days": 30}
        for stage, n in (("Discover", 40), ("whole_cycle", 30))
        for day, at_risk, share in ((0, n, 1.0), (10, n - 5, 0.7), (30, n - 15, 0.5))
    ]  # fmt: skip
    return declared("stage_survival", rows)


def pipeline_ageing() -> pd.DataFrame:
    """7 fresh ones in Discover, 3 old ones in Qualify of which one on an unknown day; none without a stage."""
    bands = [(0, 14), (15, None), (None, None)]
    counts = {"Discover": (7, 0, 0), "Qualify": (0, 2, 1), "unknown": (0, 0, 0)}
    rows = [
        {"stage": stage, "from_days": first, "to_days": last, "opportunities": count, "amount": count * 1e5}
        for stage, numbers in counts.items()
        for (first, last), count in zip(bands, numbers, strict=True)
    ]
    return declared("pipeline_ageing", rows)


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


def account_segments(names: list[str] | None = None) -> pd.DataFrame:
    """An account in each quadrant, one not assessed, one without revenue, one with neither."""
    rows = [
        {"current_revenue": 2e6, "potential": 0.8, "revenue_level": "high", "potential_level": "high", "segment": "A+"},
        {"current_revenue": 3e5, "potential": 0.7, "revenue_level": "low", "potential_level": "high", "segment": "A"},
        {"current_revenue": 1e6, "potential": 0.2, "revenue_level": "high", "potential_level": "low", "segment": "B"},
        {"current_revenue": 0.0, "potential": 0.3, "revenue_level": "low", "potential_level": "low", "segment": "C"},
        {"current_revenue": 4e5, "potential": None, "revenue_level": "low", "potential_level": "not_assessable", "segment": "D"},
        {"current_revenue": None, "potential": 0.6, "revenue_level": "unknown", "potential_level": "high", "segment": "unrated"},
        {"current_revenue": None, "potential": None, "revenue_level": "unknown", "potential_level": "not_assessable", "segment": "D"},
    ]  # fmt: skip
    for index, row in enumerate(rows):
        row |= {
            "account_id": f"A{index}", "account_name": names[index % len(names)] if names else f"Account {index}",
            "revenue_benchmark": 8e5, "benchmark_source": "caller", "open_opportunities": index, "open_amount": index * 1e5,
            "strategy": "develop_business", "segment_in_export": "A+" if index == 1 else None,
        }  # fmt: skip
    return declared("account_segments", rows)


def account_assessment(accounts: int = 3, names: list[str] | None = None) -> pd.DataFrame:
    """Accounts rated 1 to 5 in turn; the last criterion is rated nowhere."""
    rows = []
    for account in range(accounts):
        for index, criterion in enumerate(METHOD.criteria):
            rows.append({
                "account_id": f"A{account}", "account_name": names[account % len(names)] if names else f"Account {account}",
                "group": criterion.group, "criterion": criterion.key,
                "rating": None if index == 9 else 1 + (index + account) % 5, "group_potential": 0.5,
                "potential": 0.9 - account * 0.01, "criteria_rated": 9,
            })  # fmt: skip
    return declared("account_assessment", rows)


def account_profile(name: str = "Acme") -> pd.DataFrame:
    """Ratings 1 to 5 in turn against a class mean of 3; the last criterion is rated nowhere in the account."""
    rows = [
        {"account_id": "A1", "account_name": name, "segment": "A", "group": criterion.group, "criterion": criterion.key,
         "rating": None if index == 9 else 1 + index % 5, "class_rating": 3.0, "class_accounts": 4, "group_potential": 0.5,
         "potential": 0.55, "criteria_rated": 9}
        for index, criterion in enumerate(METHOD.criteria)
    ]  # fmt: skip
    return declared("account_profile", rows)


def segment_changes(names: list[str] | None = None) -> pd.DataFrame:
    """Five of seven moved: four from C to A, one from A+ to B."""
    steps = [("C", "A")] * 4 + [("A+", "B"), ("A+", "A+"), ("C", "C")]
    rows = [
        {"account_id": f"A{index}", "account_name": names[index % len(names)] if names else f"Account {index}",
         "segment_before": old, "segment_after": new, "changed": old != new, "moved_by": "by_ratings"}
        for index, (old, new) in enumerate(steps)
    ]  # fmt: skip
    table = declared("segment_changes", rows)
    table.attrs |= {
        "since": pd.Timestamp("2026-06-30"),
        "until": pd.Timestamp("2026-09-30"),
        "segments": [*METHOD.segment_keys, "unrated"],
    }
    return table


def segment_effort() -> pd.DataFrame:
    """Potential 70 to 30, pipeline 20 to 75; D cannot be assessed."""
    rows = [
        {"segment": "A+", "resources": "high", "accounts": 3, "potential": 0.8, "potential_share": 0.7, "pipeline_share": 0.2},
        {"segment": "C", "resources": "low", "accounts": 9, "potential": 0.3, "potential_share": 0.3, "pipeline_share": 0.75},
        {"segment": "D", "resources": "low", "accounts": 2, "pipeline_share": 0.05},
    ]  # fmt: skip
    return declared("segment_effort", rows)


def opportunity_inspection(names: list[str] | None = None) -> pd.DataFrame:
    """Three opportunities: two findings, one finding, and one without an amount."""
    first = {
        "place": 1,
        "opportunity_id": "1",
        "amount": 400e3,
        "stage": "Proof",
        "evidenced_stage": "Develop",
        "amount_at_risk": 200e3,
    }
    second = {"place": 2, "opportunity_id": "2", "amount": 250e3, "stage": "Close", "amount_at_risk": 75e3}
    rows = [
        first | {"finding": "evidence_missing", "weight": 0.5, "found": 2, "compared": 12, "finding_at_risk": 200e3,
                 "missing": "vision_set; verbal_approval"},
        first | {"finding": "pushed", "weight": 0.3, "found": 4, "finding_at_risk": 120e3},
        second | {"finding": "no_activity", "weight": 0.3, "found": 60, "finding_date": pd.Timestamp("2026-08-01"), "finding_at_risk": 75e3},
        {"place": 3, "opportunity_id": "3", "finding": "amount_placeholder", "weight": 1.0},
    ]  # fmt: skip
    for row in rows:
        number = int(row["place"]) - 1
        row |= {
            "opportunity_name": names[number % len(names)] if names else f"Project {number}",
            "account_name": "Acme",
        }
    table = declared("opportunity_inspection", rows)
    table.attrs["evidence"] = True
    return table


def evidenced_pipeline() -> pd.DataFrame:
    """1.0 M claimed in two stages, of which 0.4 M is supported there; 0.1 M supports no stage."""
    rows = [
        {"stage": "Discover", "claimed_opportunities": 4, "claimed_amount": 300e3, "evidenced_opportunities": 6,
         "evidenced_amount": 500e3, "validated_opportunities": 3, "validated_amount": 200e3},
        {"stage": "Qualify", "claimed_opportunities": 5, "claimed_amount": 700e3, "claimed_weighted": 70e3,
         "evidenced_opportunities": 2, "evidenced_amount": 400e3, "evidenced_weighted": 40e3},
        {"stage": "not_evidenced", "evidenced_opportunities": 1, "evidenced_amount": 100e3, "validated_opportunities": 6,
         "validated_amount": 800e3},
        {"stage": "unknown"},
    ]  # fmt: skip
    table = declared("evidenced_pipeline", rows)
    table.attrs["unstated_evidence"] = ["verbal_approval"]
    return table


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


def whitespace_by_segment(names: list[str] | None = None) -> pd.DataFrame:
    """Two classes, twelve products: of four A+ accounts three bought the first product and none was left out."""
    rows = [
        {"segment": segment, "product": names[at % len(names)] + str(at) if names else f"Product {at:02d}", "accounts": size,
         "won_accounts": max(3 - at, 0), "open_accounts": 1, "lost_accounts": 0,
         "untouched_accounts": size - 1 - max(3 - at, 0), "penetration": max(3 - at, 0) / size}
        for segment, size in (("A+", 4), ("B", 10)) for at in range(12)
    ]  # fmt: skip
    return declared("whitespace_by_segment", rows)


ALL = {
    "call_accuracy": call_accuracy,
    "evidenced_outlook": evidenced_outlook,
    "outlook_drivers": outlook_drivers,
    "pipeline_coverage": pipeline_coverage,
    "quota_pacing": quota_pacing,
    "scenario_outlook": scenario_outlook,
    "account_assessment": account_assessment,
    "account_profile": account_profile,
    "segment_changes": segment_changes,
    "segment_effort": segment_effort,
    "whitespace_by_segment": whitespace_by_segment,
    "account_segments": account_segments,
    "conversion_cohorts": conversion_cohorts,
    "conversion_trend": conversion_trend,
    "evidenced_pipeline": evidenced_pipeline,
    "forecast_accuracy": forecast_accuracy,
    "forecast_backtest": forecast_backtest,
    "forecast_reliability": forecast_reliability,
    "opportunity_inspection": opportunity_inspection,
    "outlook": outlook,
    "outlook_distribution": outlook_distribution,
    "pipeline_ageing": pipeline_ageing,
    "pipeline_changes": pipeline_changes,
    "pipeline_flow": pipeline_flow,
    "slippage": slippage,
    "stage_conversion": stage_conversion,
    "stage_funnel": stage_conversion,
    "stage_incidence": stage_incidence,
    "stage_survival": stage_survival,
    "stage_transitions": stage_transitions,
    "time_in_stage": time_in_stage,
    "weighted_forecast": weighted_forecast,
    "win_rates": win_rates,
}
"""A maker of a full table per chart."""
