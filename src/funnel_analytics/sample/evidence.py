"""The sample's evidence sheet: what sellers claim of each open opportunity, and what their managers found.

Follows from the opportunity's number, so that the rest of the team stays as it was drawn.
"""

import numpy as np
import pandas as pd

from ..methodology import load_methodology
from . import people
from .dialects import Dialect
from .simulation import Team, state_of

_DAYS_TO_VALIDATE = 6


def _claims(number: pd.Series, item: pd.Series, ahead: pd.Series) -> np.ndarray:
    """What the seller says: nearly all of earlier stages is there, of the present stage most."""
    lot = number * 5 + item * 3
    here = ahead == 0
    choices = [here & (lot % 11 == 1), (here & (lot % 11 == 4)) | (~here & (lot % 53 == 0))]
    return np.select(choices, ["in_progress", "no"], "yes")


def evidence_table(team: Team, as_of: pd.Timestamp, dialect: Dialect) -> pd.DataFrame:
    """`tables.EVIDENCE` of the open opportunities on a date, with the names that the sheet shows.

    Parameters
    ----------
    team
        The simulated truth.
    as_of
        The end of this day.
    dialect
        The language of names; ``evidence_label`` is the evidence in words.
    """
    method = load_methodology()
    items = pd.DataFrame(
        [
            (stage.order, item.key, item.name[dialect.language])
            for stage in method.stages
            for item in stage.evidence_items
            if item.required
        ],
        columns=["order", "evidence", "evidence_label"],
    ).reset_index(names="item")
    state = state_of(team, as_of)
    state = state[state["outcome"] == "open"]
    number = state["opportunity_id"].str[-3:].astype("int64")
    # Some sellers have not filled in the sheet for every opportunity.
    listed = state.assign(number=number, order_now=method.orders(state["stage"]))[number % 17 != 5]
    rows = listed.merge(items, how="cross")
    rows = rows[rows["order"] <= rows["order_now"]].reset_index(drop=True)
    status = _claims(rows["number"], rows["item"], rows["order_now"] - rows["order"])
    # What earlier stages asked for was noted when the present one began.
    told = rows["last_activity_date"].where(rows["order"] == rows["order_now"], rows["stage_entered_date"])
    sellers = rows["owner"].map(dict(enumerate(people.SELLERS)))
    validated_on = told + pd.Timedelta(days=_DAYS_TO_VALIDATE)
    looked = (rows["number"] % 3 != 1) & (validated_on <= as_of)
    doubted = (status == "yes") & (rows["number"] % 13 == 4) & (rows["order"] == rows["order_now"])
    return pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"],
            "evidence": rows["evidence"],
            "evidence_label": rows["evidence_label"],
            "status": status,
            "stated_by": sellers.map(lambda seller: seller.name[dialect.turn]).astype("str"),
            "stated_on": told,
            "validation": pd.Series(np.where(doubted, "no", status), dtype="str").where(looked),
            "validated_by": sellers.map(lambda seller: people.TEAMS[seller.team][1][dialect.turn])
            .astype("str")
            .where(looked),
            "validated_on": validated_on.where(looked),
        }
    )
