"""Rows as a declared table, with the context of a team."""

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
