"""Small books of accounts with revenue and ratings, for the account tests."""

import pandas as pd

import funnel_analytics as fa
from funnel_analytics.methodology import load_methodology

AS_OF = pd.Timestamp("2026-09-30")
GROUPS = {
    group: [criterion.key for criterion in load_methodology().criteria if criterion.group == group]
    for group in load_methodology().groups
}
PROFILE, PIPELINE, RELATION = GROUPS.values()


def rated(account: str, **ratings: float) -> list[tuple[str, str, float]]:
    return [(account, criterion, rating) for criterion, rating in ratings.items()]


def alike(profile: float, pipeline: float, relation: float) -> dict[str, float]:
    """The same rating for every criterion of a group."""
    return dict.fromkeys(PROFILE, profile) | dict.fromkeys(PIPELINE, pipeline) | dict.fromkeys(RELATION, relation)


def book_of(
    accounts: dict[str, tuple[float | None, dict[str, float]]],
    *,
    benchmark: float | None = None,
    opportunities: pd.DataFrame | None = None,
    ratings: pd.DataFrame | None = None,
) -> fa.Book:
    """Accounts with revenue and ratings, and one opportunity each unless told."""
    ids = list(accounts)
    usual = pd.DataFrame(
        {"opportunity_id": ids, "account_id": ids, "stage": "Discover", "outcome": "open", "amount": 100.0}
    )
    rows = [row for account, (_, given) in accounts.items() for row in rated(account, **given)]
    return fa.assemble(
        fa.Parts(
            snapshots=(usual if opportunities is None else opportunities).assign(as_of=AS_OF),
            accounts=pd.DataFrame(
                {"account_id": ids, "account_name": [f"Account {key}" for key in ids],
                 "current_revenue": pd.Series([revenue for revenue, _ in accounts.values()], dtype="float64")}
            ),
            ratings=pd.DataFrame(rows, columns=["account_id", "criterion", "rating"]) if ratings is None else ratings,
        ),
        revenue_benchmark=benchmark,
    )  # fmt: skip


def classes(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["account_id"], table["segment"], strict=True))
