"""Books of a few opportunities under one rule of inspection, and what it finds."""

from dataclasses import replace
from typing import Any

import pandas as pd

import funnel_analytics as fa
from funnel_analytics.methodology import Methodology, load_methodology
from funnel_analytics.methodology_parts import InspectionRule

AS_OF = pd.Timestamp("2026-09-30")


def only(key: str, threshold: float | None = None, weight: float = 0.5) -> Methodology:
    """The large-account method with one rule of inspection."""
    usual = {rule.key: rule.threshold for rule in load_methodology().inspection}
    rule = InspectionRule(key, weight, usual[key] if threshold is None else threshold)
    return replace(load_methodology(), inspection=(rule,))


def book_of(rows: list[dict[str, Any]], method: Methodology | None = None, **parts: pd.DataFrame) -> fa.Book:
    """Open opportunities 1, 2, 3 … of 100 each on 30 September 2026, unless a row says otherwise."""
    base = {"outcome": "open", "stage": "Proof", "amount": 100.0, "currency": "EUR", "as_of": AS_OF}
    frame = pd.DataFrame([base | {"opportunity_id": str(n)} | row for n, row in enumerate(rows, start=1)])
    for column in [name for name in frame if str(name).endswith("_date") or name == "as_of"]:
        frame[column] = pd.to_datetime(frame[column])
    return fa.assemble(fa.Parts(snapshots=frame, **parts), methodology=method)


def found(book: fa.Book) -> dict[str, float]:
    """Opportunity → the number found."""
    table = fa.opportunity_inspection(book)
    return dict(zip(table["opportunity_id"], table["found"], strict=True))


UP_TO_QUALIFY = ["opportunity_plan", "potential_sponsor", "key_facts", "strategy_understood"]


UP_TO_PROOF = [*UP_TO_QUALIFY, "executive_sponsor", "budget_identified", "relationship_built", "requirements_confirmed",
               "vision_set", "solution_demonstrated", "requirements_met", "verbal_approval"]  # fmt: skip


def shown(opportunity: str, keys: list[str], **facts: Any) -> pd.DataFrame:
    """Evidence of one opportunity, claimed unless said otherwise."""
    return pd.DataFrame({"opportunity_id": opportunity, "evidence": keys, "status": "yes", **facts})
