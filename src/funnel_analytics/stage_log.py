"""The stage log: who was in which stage, from when to when. The one event table the funnel analyses read.

Each opportunity takes its best source: a change log, else columns that date the stages, else the exports it
appears in, else a single look. Stands below `book` because a Book carries its log.
"""

import numpy as np
import pandas as pd

from . import tables
from .methodology import Methodology

_BOUNDS = ["after", "seen_by"]
"""Where no source tells the day of a change: the last look before it, and the look that first shows it."""
_EVENT = ["opportunity_id", "at", *_BOUNDS, "stage", "outcome", "amount", "source"]
_CLOSED = ("won", "lost")


def _among(ids: pd.Series, others: pd.Series | pd.Index) -> pd.Series:
    """Which ids are among others; on many texts several times as fast as ``isin``."""
    return pd.Series(pd.Index(others.unique()).get_indexer(ids) >= 0, index=ids.index)


def ordered_history(history: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """History rows in order of time; rows of the same moment in order of stage, closings last.

    Some CRMs date a change to the day or write several in one second: the order of the stages is then the
    only order there is.
    """
    order = methodology.orders(history["stage"])
    order = order.fillna(history["outcome"].isin(_CLOSED).map({True: np.inf, False: 0.0}))
    keyed = history.assign(_order=order).sort_values(["opportunity_id", "changed_at", "_order"], kind="stable")
    return keyed.drop(columns="_order").reset_index(drop=True)


def _joined(entries: pd.DataFrame, closings: pd.DataFrame) -> pd.DataFrame:
    """Entries into a stage and closings as one table of events."""
    kinds = dict.fromkeys(["at", *_BOUNDS], "datetime64[us]") | {"stage": "str"}
    return pd.concat([frame[_EVENT].astype(kinds) for frame in (entries, closings)])


def _from_history(history: pd.DataFrame, deals: pd.DataFrame, won_stages: set[str]) -> pd.DataFrame:
    """Events of opportunities with a change log, or with dated stages where there is no log."""
    moves = history[history["stage"].notna() | history["outcome"].isin(_CLOSED)]
    is_log = moves["source"] == "history"
    best = is_log | ~_among(moves["opportunity_id"], moves.loc[is_log, "opportunity_id"])
    amounts = history.groupby("opportunity_id", sort=False)["amount"].ffill().reindex(moves.index)
    moves = moves.assign(
        at=moves["changed_at"].dt.normalize(),
        after=pd.NaT,
        seen_by=pd.NaT,
        amount=amounts.fillna(moves["opportunity_id"].map(deals["amount"])),
    )[best & _among(moves["opportunity_id"], deals.index)]
    entries = moves[moves["stage"].notna()]
    # One row may tell both, the last stage and that it was then closed: two events.
    closings = moves[moves["outcome"].isin(_CLOSED) & ~moves["stage"].isin(won_stages)].assign(stage=None)
    return _joined(entries, closings).sort_index(kind="stable")


def _from_exports(snapshots: pd.DataFrame, first_stage: str, won_stages: set[str]) -> pd.DataFrame:
    """Events of opportunities that only exports show: a change lies between two of them.

    Its day is stated by the later export, or else not known: it is then put in the middle, with both ends kept.
    """
    rows = snapshots.sort_values(["opportunity_id", "as_of"], kind="stable").reset_index(drop=True)
    looks_before = rows.groupby("opportunity_id", sort=False)
    previous = looks_before["as_of"].shift()
    closed = rows["outcome"].isin(_CLOSED)
    # A closed opportunity is exported again and again; only the first look at the closing is news.
    known = closed & (looks_before["outcome"].shift() == rows["outcome"])
    source = np.where(looks_before["as_of"].transform("size") > 1, "snapshots", "export")
    rows = rows.assign(source=source)

    stated_end = rows["close_date"].where(~(rows["close_date"] <= previous) & (rows["close_date"] <= rows["as_of"]))
    stated_end = stated_end.where(closed)
    middle = (previous + (rows["as_of"] - previous) / 2).dt.normalize()
    end = stated_end.fillna(middle).where(closed)
    until = end.fillna(rows["as_of"])
    # A deal in the method's first stage has been there since it was created; elsewhere entry is unknown.
    created = rows["created_date"].where((rows["stage"] == first_stage) & previous.isna())
    stated = rows["stage_entered_date"].fillna(created)
    # What a closed deal states as its stage's date is often the closing's own: then it says nothing.
    usable = (stated <= until) & ~(stated <= previous) & ~(closed & (stated == end))
    entered = stated.where(usable).fillna((previous + (until - previous) / 2).dt.normalize())
    won_here = closed & rows["stage"].isin(won_stages)
    entered = entered.where(~won_here, end)
    dated = (usable & stated.notna() & ~won_here) | (won_here & stated_end.notna())

    entries = rows.assign(at=entered, after=previous.where(~dated))
    entries["seen_by"] = stated_end.fillna(rows["as_of"]).where(~dated)
    closings = rows.assign(at=end, stage=None, after=previous.where(stated_end.isna()))
    closings["seen_by"] = rows["as_of"].where(stated_end.isna())
    events = _joined(entries[rows["stage"].notna() & ~known], closings[closed & ~known])
    return events.sort_index(kind="stable")


def _last_look(events: pd.DataFrame, deals: pd.DataFrame, won_stages: set[str]) -> pd.DataFrame:
    """What the newest export states and the events lack: a stage reached since, a closing."""
    tail = events.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    latest = events.groupby("opportunity_id", sort=False)["at"].max()
    held = events.dropna(subset=["stage"]).drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    state = deals.loc[tail.index]
    latest = latest.reindex(state.index)
    outcome = tail["outcome"].where(~tail["stage"].isin(won_stages), "won")
    # An export older than the last recorded change has nothing to add.
    fresh = ~(latest > state["last_seen"])
    closed = state["outcome"].isin(_CLOSED)
    moved = fresh & ~(closed & (outcome == state["outcome"])) & state["stage"].notna()
    moved &= (state["stage"] != held["stage"].reindex(state.index)) | (~closed & outcome.isin(_CLOSED))
    stated = state["stage_entered_date"]
    entered = stated.where((stated >= latest) & (stated <= state["last_seen"]) & ~closed)
    at = state["close_date"].where(state["close_date"] <= state["last_seen"], state["last_seen"])
    # A close date before the last recorded move would turn time around: the move is then the closing's date.
    at = at.where(~(at < latest), latest)
    won_here = closed & state["stage"].isin(won_stages)
    entered = entered.mask(won_here, at)
    # The day of the look itself says only that the closing had been by then.
    guessed = ~(state["close_date"] <= state["last_seen"]) & ~(state["last_seen"] < latest)
    unknown = (entered.isna() & ~won_here) | (guessed & won_here)
    look = state["last_seen"]
    state = state.assign(source=tail["source"])
    entries = state.assign(at=entered, after=latest.where(unknown), seen_by=look.where(unknown))[moved]
    closings = state.assign(at=at, stage=None, after=latest.where(guessed), seen_by=look.where(guessed))
    closings = closings[closed & (outcome != state["outcome"])]
    return _joined(*(frame.reset_index(names="opportunity_id") for frame in (entries, closings)))


def _in_order(events: pd.DataFrame) -> pd.DataFrame:
    """One row per change of state, by opportunity; dates never run backwards."""
    # Stable: events keep their order inside an opportunity, what the newest export adds comes last.
    events = events.sort_values("opportunity_id", kind="stable").reset_index(drop=True)
    events["state"] = events["stage"].where(events["stage"].notna(), "<" + events["outcome"].astype("str") + ">")
    ids = events["opportunity_id"]
    same = (events["state"] == events["state"].shift()) & (ids == ids.shift())
    events = events[~same].reset_index(drop=True)
    events["at"] = events.groupby("opportunity_id", sort=False)["at"].cummax()
    return events


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
        two visits in a row are of different stages, unless it was closed and re-opened between them.
    """
    deals = pd.concat([opportunities, vanished], ignore_index=True).set_index("opportunity_id")
    won_stages = {stage.key for stage in methodology.stages if stage.outcome == "won"}
    logged = _from_history(history, deals, won_stages)
    unlogged = snapshots[
        _among(snapshots["opportunity_id"], deals.index)
        & ~_among(snapshots["opportunity_id"], logged["opportunity_id"])
    ]
    events = pd.concat([logged, _from_exports(unlogged, methodology.stages[0].key, won_stages)], ignore_index=True)
    if events.empty:
        return tables.conform(events[[]], tables.STAGE_LOG)
    events = _in_order(pd.concat([events, _last_look(events, deals, won_stages)], ignore_index=True))
    state = events["state"]

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
    # Only a visit that goes on has lasted up to the last look; one that ended on an unknown day has no length.
    seen = ids.map(deals["last_seen"]).astype(events["at"].dtype)
    end = left.where(exit_kind != "open", seen.where(~(seen < events["at"]), events["at"])).where(~won_here)
    log = pd.DataFrame(
        {
            "opportunity_id": ids,
            "stage": events["stage"],
            "entered": events["at"],
            "left": left,
            "entered_after": events["after"],
            "entered_seen_by": events["seen_by"],
            "left_after": events["after"].shift(-1).where(follows & ~won_here),
            "left_seen_by": events["seen_by"].shift(-1).where(follows & ~won_here),
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
