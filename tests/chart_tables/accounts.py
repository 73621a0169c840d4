"""Accounts: small result tables with numbers one can check by hand."""

import pandas as pd

from .declared import METHOD, declared


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
        "segments": METHOD.segment_order,
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


def whitespace_by_segment(names: list[str] | None = None) -> pd.DataFrame:
    """Two classes, twelve products: of four A+ accounts three bought the first product and none was left out."""
    rows = [
        {"segment": segment, "product": names[at % len(names)] + str(at) if names else f"Product {at:02d}", "accounts": size,
         "won_accounts": max(3 - at, 0), "open_accounts": 1, "lost_accounts": 0,
         "untouched_accounts": size - 1 - max(3 - at, 0), "penetration": max(3 - at, 0) / size}
        for segment, size in (("A+", 4), ("B", 10)) for at in range(12)
    ]  # fmt: skip
    return declared("whitespace_by_segment", rows)
