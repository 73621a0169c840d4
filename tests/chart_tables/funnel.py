"""Funnel: small result tables with numbers one can check by hand."""

import pandas as pd

from .declared import declared


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
