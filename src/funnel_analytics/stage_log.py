"""The stage log: who was in which stage, from when to when. The one event table the funnel analyses read.

Each opportunity takes its best source: a change log, else columns that date the stages, else the exports it
appears in, else a single look. Stands below `book` because a Book carries its log.
"""

import numpy as np
import pandas as pd

from . import tables
from .methodology import Methodology

_EVENT = ["opportunity_id", "at", "stage", "outcome", "amount", "source"]
_CLOSED = ("won", "lost")


def ordered_history(history: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """History rows in order of time; rows of the same moment in order of stage, closings last.

    Some CRMs date a change to the day or write several in one second: the order of the stages is then the
    only order there is.
    """
    order = methodology.orders(history["stage"])
    order = order.fillna(history["outcome"].isin(_CLOSED).map({True: np.inf, False: 0.0}))
    keyed = history.assign(_order=order).sort_values(["opportunity_id", "changed_at", "_order"], kind="stable")
    return keyed.drop(columns="_order").reset_index(drop=True)


def _from_history(history: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    """Events of opportunities with a change log, or with dated stages where there is no log."""
    moves = history[history["stage"].notna() | history["outcome"].isin(_CLOSED)]
    logged = set(moves.loc[moves["source"] == "history", "opportunity_id"])
    best = (moves["source"] == "history") | ~moves["opportunity_id"].isin(logged)
    amounts = history.groupby("opportunity_id", sort=False)["amount"].ffill().reindex(moves.index)
    latest = moves["opportunity_id"].map(deals["amount"])
    events = pd.DataFrame(
        {
            "opportunity_id": moves["opportunity_id"],
            "at": moves["changed_at"].dt.normalize(),
            "stage": moves["stage"],
            "outcome": moves["outcome"],
            "amount": amounts.fillna(latest),
            "source": moves["source"],
        }
    )[best]
    return events[events["opportunity_id"].isin(deals.index)]


def _from_exports(snapshots: pd.DataFrame, first_stage: str) -> pd.DataFrame:
    """Events of opportunities that only exports show: a change lies between two of them."""
    rows = snapshots.sort_values(["opportunity_id", "as_of"], kind="stable")
    previous = rows.groupby("opportunity_id", sort=False)["as_of"].shift()
    looks = rows.groupby("opportunity_id", sort=False)["as_of"].transform("size")
    # A deal in the method's first stage has been there since it was created; elsewhere entry is unknown.
    created = rows["created_date"].where((rows["stage"] == first_stage) & previous.isna())
    stated = rows["stage_entered_date"].fillna(created)
    middle = previous + (rows["as_of"] - previous) / 2
    inside = stated.notna() & ((previous.isna()) | (stated > previous)) & (stated <= rows["as_of"])
    closed = rows["outcome"].isin(_CLOSED)
    entered = stated.where(inside).fillna(middle.dt.normalize())
    opened = pd.DataFrame(
        {
            "opportunity_id": rows["opportunity_id"],
            "at": entered,
            "stage": rows["stage"],
            "outcome": "open",
            "amount": rows["amount"],
            "source": np.where(looks > 1, "snapshots", "export"),
        }
    )[rows["stage"].notna()]
    end = rows["close_date"].where(previous.isna() | (rows["close_date"] > previous)).fillna(middle.dt.normalize())
    ended = opened.reindex(rows.index).assign(
        opportunity_id=rows["opportunity_id"], at=end, stage=None, outcome=rows["outcome"], amount=rows["amount"],
        source=np.where(looks > 1, "snapshots", "export"),
    )[closed]  # fmt: skip
    both = pd.concat([opened.assign(_turn=0), ended.assign(_turn=1)])
    both["_seen"] = rows["as_of"].reindex(both.index)
    both["stage"] = both["stage"].astype("str")
    return both.sort_values(["opportunity_id", "_seen", "_turn"], kind="stable")[_EVENT]


def _closing_events(events: pd.DataFrame, deals: pd.DataFrame, won_stages: set[str]) -> pd.DataFrame:
    """Closings that the export states and the events lack."""
    last = events.groupby("opportunity_id", sort=False).last()
    tail = events.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    holds = tail["outcome"].where(~tail["stage"].isin(won_stages), "won")
    state = deals.loc[deals.index.isin(tail.index) & deals["outcome"].isin(_CLOSED)]
    state = state[state["outcome"] != holds.reindex(state.index)]
    at = state["close_date"].fillna(state["last_seen"])
    # A close date before the last recorded move would turn time around: the move is then the closing's date.
    at = at.where(~(at < last["at"].reindex(state.index)), last["at"].reindex(state.index))
    return pd.DataFrame(
        {
            "opportunity_id": state.index,
            "at": at.to_numpy(),
            "stage": pd.Series([None] * len(state), dtype="str").to_numpy(),
            "outcome": state["outcome"].to_numpy(),
            "amount": state["amount"].to_numpy(),
            "source": tail["source"].reindex(state.index).to_numpy(),
        }
    )


def build_stage_log(
    opportunities: pd.DataFrame,
    vanished: pd.DataFrame,
    snapshots: pd.DataFrame,
    history: pd.DataFrame,
    methodology: Methodology,
) -> pd.DataFrame:
    """One row per visit of an opportunity to a stage.

    Parameters
    ----------
    opportunities, vanished
        `tables.OPPORTUNITIES`.
    snapshots
        `tables.SNAPSHOTS`.
    history
        `tables.HISTORY`, in order (`ordered_history`).
    methodology
        Gives the order of the stages.

    Returns
    -------
    DataFrame
        `tables.STAGE_LOG`, sorted by opportunity and visit. Visits of an opportunity do not overlap, and
        two visits in a row are of different stages.
    """
    deals = pd.concat([opportunities, vanished], ignore_index=True).set_index("opportunity_id")
    won_stages = {stage.key for stage in methodology.stages if stage.outcome == "won"}
    logged = _from_history(history, deals)
    unlogged = snapshots[
        snapshots["opportunity_id"].isin(deals.index) & ~snapshots["opportunity_id"].isin(logged["opportunity_id"])
    ]
    events = pd.concat([logged, _from_exports(unlogged, methodology.stages[0].key)], ignore_index=True)
    events = (
        pd.concat([events, _closing_events(events, deals, won_stages)], ignore_index=True) if len(events) else events
    )
    # Stable: events keep their order inside an opportunity, closings that were added come last.
    events = events.sort_values("opportunity_id", kind="stable").reset_index(drop=True)

    state = events["stage"].where(events["stage"].notna(), "<" + events["outcome"].astype("str") + ">")
    same = (state == state.shift()) & (events["opportunity_id"] == events["opportunity_id"].shift())
    events, state = events[~same].reset_index(drop=True), state[~same].reset_index(drop=True)

    follows = events["opportunity_id"] == events["opportunity_id"].shift(-1)
    next_state = state.shift(-1).where(follows)
    next_at = events["at"].shift(-1).where(follows)
    here, there = methodology.orders(events["stage"]), methodology.orders(next_state)
    won_here = events["stage"].isin(won_stages)
    exit_kind = np.select(
        [won_here, next_state == "<won>", next_state == "<lost>", there > here, there < here],
        ["won", "won", "lost", "advanced", "regressed"],
        "open",
    )
    ids = events["opportunity_id"]
    left = next_at.where(~won_here)
    end = left.fillna(ids.map(deals["last_seen"])).where(~won_here)
    log = pd.DataFrame(
        {
            "opportunity_id": ids,
            "stage": events["stage"],
            "entered": events["at"],
            "left": left,
            "next": next_state.where(there.notna() & ~won_here),
            "exit": exit_kind,
            "days": (end - events["at"]).dt.days,
            "amount": events["amount"],
            "outcome": ids.map(deals["outcome"]),
            "source": events["source"],
        }
    )[events["stage"].notna()]
    log["visit"] = log.groupby("opportunity_id", sort=False).cumcount() + 1
    return tables.conform(log, tables.STAGE_LOG).reset_index(drop=True)
