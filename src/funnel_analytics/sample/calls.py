"""The sample's calls sheet: what sellers and their managers said three times a quarter would be won in it.

Follows from the team as it stood on the day, so that nothing else of the team is drawn anew.
"""

import pandas as pd

from ..hygiene import is_placeholder
from ..periods import Period, parse_period, period_labels
from . import people
from .dialects import Dialect
from .simulation import Team, state_of

_FIRST = "2025-01-01"
_DAYS = (9, 40, 74)
"""Days into the quarter: one call in each of its thirds."""
_MANAGER = 0.7
"""A manager takes this share of what a seller expects from open opportunities."""
_ROUNDED = -4


def call_table(team: Team, as_of: pd.Timestamp, dialect: Dialect) -> pd.DataFrame:
    """Calls up to a date, one row per seller and day, with the names that the sheet shows.

    Parameters
    ----------
    team
        The simulated truth.
    as_of
        The end of this day.
    dialect
        The language of names.
    """
    days = pd.Series(pd.date_range(max(pd.Timestamp(_FIRST), pd.Timestamp(team.scenario.start)), as_of))
    quarters = [parse_period(label) for label in period_labels(days).unique()]
    parts = [
        _called(team, quarter, day)
        for quarter in quarters
        for offset in _DAYS
        if (day := quarter.start + pd.Timedelta(days=offset)) <= as_of
    ]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["owner", "period", "called_on", "seller_call", "manager_call"])  # fmt: skip
    names = {index: seller.name[dialect.turn] for index, seller in enumerate(people.SELLERS)}
    return rows.assign(owner=rows["owner"].map(names).astype("str"))


def _called(team: Team, quarter: Period, day: pd.Timestamp) -> pd.DataFrame:
    """Each seller's won amount so far and what is expected of the open opportunities due in the quarter."""
    state = state_of(team, day)
    state = state[~is_placeholder(state["amount"])]
    inside = state["close_date"].between(quarter.start, quarter.end)
    won = state[inside & (state["outcome"] == "won")].groupby("owner")["amount"].sum()
    due = state[inside & (state["outcome"] == "open")]
    expected = (due["amount"] * due["probability"]).groupby(due["owner"]).sum()
    active = sorted(state.loc[state["outcome"] == "open", "owner"].unique())
    rows = pd.DataFrame({"owner": active, "period": quarter.label, "called_on": day})
    sure, hoped = (rows["owner"].map(values).fillna(0.0) for values in (won, expected))
    rows["seller_call"] = (sure + hoped).round(_ROUNDED)
    rows["manager_call"] = (sure + _MANAGER * hoped).round(_ROUNDED)
    return rows


def canonical_calls(calls: pd.DataFrame) -> pd.DataFrame:
    """`tables.CALLS` of a calls sheet with a column for the seller's and one for the manager's call."""
    both = [calls.assign(role=role, call=calls[f"{role}_call"]) for role in ("seller", "manager")]
    return pd.concat(both, ignore_index=True).drop(columns=["seller_call", "manager_call"])
