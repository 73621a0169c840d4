"""The stage log: who was in which stage, from when to when. The one event table the funnel analyses read.

Each opportunity takes its best source: a change log, else columns that date the stages, else the exports it
appears in, else a single look. Stands below `book` because a Book carries its log. Inside, opportunities, states and
outcomes are whole numbers: a log of millions is sorted and compared as such, and only the result has texts.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import tables
from .codes import codes_of, order_of
from .methodology import Methodology
from .outcomes import OPEN, OUTCOMES, WON

_BOUNDS = ["after", "seen_by"]
"""Where no source tells the day of a change: the last look before it, and the look that first shows it."""
_EVENT = ["opportunity", "at", *_BOUNDS, "state", "amount", "source"]
_FROM_EXPORTS = ("snapshots", "export")
EXITS = ("open", "advanced", "regressed", "won", "lost")
"""How a visit to a stage ended; open: it goes on, or was not seen again."""


def exit_codes(state: np.ndarray, following: np.ndarray, won: np.ndarray) -> np.ndarray:
    """How each visit to a stage ended, as its place in `EXITS`.

    Parameters
    ----------
    state
        (n,) array: the stage, 1 … K; K + 1 means closed as won, K + 2 closed as lost.
    following
        (n,) array: what the opportunity was in next; 0 where nothing followed.
    won
        (K + 3,) array: whether being in a state means that it is won.

    Examples
    --------
    >>> kinds = exit_codes(np.array([1, 2, 3, 2, 2]), np.array([3, 1, 4, 5, 0]), np.zeros(6, dtype=bool))
    >>> [EXITS[kind] for kind in kinds]
    ['advanced', 'regressed', 'won', 'lost', 'open']
    """
    size = len(won)
    # The answer depends on two small numbers: looked up, not decided row by row.
    here, there = np.divmod(np.arange(size * size), size)
    table = np.select(
        [won[here] | (there == size - 2), there == size - 1, there == 0, there > here, there < here],
        [EXITS.index(kind) for kind in ("won", "lost", "open", "advanced", "regressed")],
        EXITS.index("open"),
    ).astype("int8")
    return np.asarray(table[state * size + following])


@dataclass(frozen=True)
class _States:
    """What an opportunity can be in, as numbers: 1 … K the method's stages, K + 1 closed as won, K + 2 as lost."""

    stages: list[str]
    won: np.ndarray
    """(K + 3,) whether a state means that it was won by a stage."""

    @property
    def closings(self) -> int:
        """What the code of an outcome is added to, for the state of a closing."""
        return len(self.stages)

    def of(self, stages: pd.Series) -> np.ndarray:
        """The state of each stage; 0 where there is none."""
        return codes_of(stages, self.stages) + 1

    def outcome(self, states: np.ndarray) -> np.ndarray:
        """The outcome that a state means: a stage of the method is open unless it means won."""
        return np.where(self.won[states], WON, np.maximum(states - self.closings, OPEN))


def _states_of(methodology: Methodology) -> _States:
    won = [stage.outcome == "won" for stage in methodology.stages]
    return _States(methodology.stage_keys, np.array([False, *won, False, False]))


def ordered_history(history: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """History rows in order of time; rows of the same moment in order of stage, closings last.

    Some CRMs date a change to the day or write several in one second: the order of the stages is then the
    only order there is.
    """
    stage = _states_of(methodology).of(history["stage"])
    closes = codes_of(history["outcome"], OUTCOMES) > OPEN
    rank = np.where((stage == 0) & closes, len(methodology.stages) + 1, stage)
    ids = pd.factorize(history["opportunity_id"], sort=True, use_na_sentinel=False)[0]
    order = order_of(ids, _micros(history["changed_at"]), rank)
    return history.iloc[order].reset_index(drop=True)


def _micros(dates: pd.Series) -> np.ndarray:
    """Moments as whole numbers, missing ones last; a log by the day counts in days, which pack tighter."""
    moments = dates.to_numpy(dtype="datetime64[us]")
    whole = moments.astype("int64")
    unknown = np.isnat(moments)
    for unit in (86_400_000_000, 1_000_000):
        if not (whole[~unknown] % unit).any():
            whole = whole // unit
            break
    last = whole[~unknown].max(initial=0) + 1
    return np.asarray(np.where(unknown, last, whole))


def _joined(entries: pd.DataFrame, closings: pd.DataFrame) -> pd.DataFrame:
    """Entries into a stage and closings as one table of events."""
    kinds = dict.fromkeys(["at", *_BOUNDS], "datetime64[us]")
    return pd.concat([frame[_EVENT].astype(kinds) for frame in (entries, closings)])


def _from_history(history: pd.DataFrame, opportunities: pd.DataFrame, states: _States) -> pd.DataFrame:
    """Events of opportunities with a change log, or with dated stages where there is no log."""
    opportunity = codes_of(history["opportunity_id"], opportunities["opportunity_id"])
    state, outcome = states.of(history["stage"]), codes_of(history["outcome"], OUTCOMES)
    rows = pd.DataFrame(
        {
            "opportunity": opportunity,
            "state": state,
            "outcome": outcome,
            "amount": history["amount"].to_numpy(dtype="float64"),
        }
    )
    rows["at"] = history["changed_at"].dt.normalize().to_numpy()
    rows["source"] = history["source"].to_numpy()
    rows = rows[opportunity >= 0]
    rows["amount"] = rows.groupby("opportunity", sort=False)["amount"].ffill()
    rows = rows[(rows["state"] > 0) | (rows["outcome"] > OPEN)].assign(after=pd.NaT, seen_by=pd.NaT)
    is_log = codes_of(rows["source"], ["history"]) == 0
    has_log = np.zeros(len(opportunities), dtype=bool)
    has_log[rows["opportunity"].to_numpy()[is_log]] = True
    rows = rows[is_log | ~has_log[rows["opportunity"]]]
    latest = opportunities["amount"].to_numpy(dtype="float64")[rows["opportunity"]]
    rows["amount"] = np.where(rows["amount"].isna(), latest, rows["amount"])
    # One row may tell both, the last stage and that it was then closed: two events.
    closings = rows[(rows["outcome"] > OPEN) & ~states.won[rows["state"]]]
    closings = closings.assign(state=states.closings + closings["outcome"])
    return _joined(rows[rows["state"] > 0], closings).sort_index(kind="stable")


def _from_exports(snapshots: pd.DataFrame, opportunity: np.ndarray, states: _States) -> pd.DataFrame:
    """Events of opportunities that only exports show: a change lies between two of them.

    Its day is stated by the later export, or else not known: it is then put in the middle, with both ends kept.
    """
    order = order_of(opportunity, _micros(snapshots["as_of"]))
    columns = ["as_of", "amount", "close_date", "created_date", "stage_entered_date"]
    rows = snapshots[columns].iloc[order].reset_index(drop=True)
    rows["opportunity"] = opportunity[order]
    rows["state"] = states.of(snapshots["stage"])[order]
    rows["outcome"] = codes_of(snapshots["outcome"], OUTCOMES)[order]
    again = rows["opportunity"] == rows["opportunity"].shift()
    previous = rows["as_of"].shift().where(again)
    closed = rows["outcome"] > OPEN
    # A closed opportunity is exported again and again; only the first look at the closing is news.
    known = closed & again & (rows["outcome"].shift() == rows["outcome"])
    looks = np.bincount(rows["opportunity"])[rows["opportunity"]]
    rows["source"] = np.where(looks > 1, *_FROM_EXPORTS)

    stated_end = rows["close_date"].where(~(rows["close_date"] <= previous) & (rows["close_date"] <= rows["as_of"]))
    stated_end = stated_end.where(closed)
    middle = (previous + (rows["as_of"] - previous) / 2).dt.normalize()
    end = stated_end.fillna(middle).where(closed)
    until = end.fillna(rows["as_of"])
    # An opportunity in the method's first stage has been there since it was created; elsewhere entry is unknown.
    created = rows["created_date"].where((rows["state"] == 1) & previous.isna())
    stated = rows["stage_entered_date"].fillna(created)
    # What a closed opportunity states as its stage's date is often the closing's own: then it says nothing.
    usable = (stated <= until) & ~(stated <= previous) & ~(closed & (stated == end))
    entered = stated.where(usable).fillna((previous + (until - previous) / 2).dt.normalize())
    won_here = closed & states.won[rows["state"]]
    entered = entered.where(~won_here, end)
    dated = (usable & stated.notna() & ~won_here) | (won_here & stated_end.notna())

    entries = rows.assign(at=entered, after=previous.where(~dated))
    entries["seen_by"] = stated_end.fillna(rows["as_of"]).where(~dated)
    closings = rows.assign(at=end, state=states.closings + rows["outcome"], after=previous.where(stated_end.isna()))
    closings["seen_by"] = rows["as_of"].where(stated_end.isna())
    events = _joined(entries[(rows["state"] > 0) & ~known], closings[closed & ~known])
    return events.sort_index(kind="stable")


def _last_look(events: pd.DataFrame, opportunities: pd.DataFrame, states: _States) -> pd.DataFrame:
    """What the newest export states and the events lack: a stage reached since, a closing."""
    tail = events.drop_duplicates("opportunity", keep="last").set_index("opportunity").sort_index()
    latest = events.groupby("opportunity")["at"].max()
    stages = (
        events[events["state"] <= states.closings].drop_duplicates("opportunity", keep="last").set_index("opportunity")
    )
    held = stages["state"].reindex(tail.index, fill_value=0)
    look = opportunities.iloc[tail.index].set_axis(tail.index)
    now, outcome_now = states.of(look["stage"]), codes_of(look["outcome"], OUTCOMES)
    outcome = states.outcome(tail["state"].to_numpy())
    seen, close_date, stated = look["last_seen"], look["close_date"], look["stage_entered_date"]
    # An export older than the last recorded change has nothing to add.
    fresh = ~(latest > seen)
    closed = outcome_now > OPEN
    moved = fresh & ~(closed & (outcome == outcome_now)) & (now > 0)
    moved &= (now != held) | (~closed & (outcome > OPEN))
    entered = stated.where((stated >= latest) & (stated <= seen) & ~closed)
    at = close_date.where(close_date <= seen, seen)
    # A close date before the last recorded move would turn time around: the move is then the closing's date.
    at = at.where(~(at < latest), latest)
    won_here = closed & states.won[now]
    entered = entered.mask(won_here, at)
    # The day of the look itself says only that the closing had been by then.
    guessed = ~(close_date <= seen) & ~(seen < latest)
    unknown = (entered.isna() & ~won_here) | (guessed & won_here)
    news = pd.DataFrame(
        {"opportunity": tail.index, "amount": look["amount"], "source": tail["source"]}, index=tail.index
    )
    entries = news.assign(at=entered, after=latest.where(unknown), seen_by=seen.where(unknown), state=now)
    closings = news.assign(at=at, after=latest.where(guessed), seen_by=seen.where(guessed))
    closings["state"] = states.closings + outcome_now
    return _joined(entries[moved], closings[closed & (outcome != outcome_now)])


def _in_order(events: pd.DataFrame) -> pd.DataFrame:
    """One row per change of state, by opportunity; dates never run backwards."""
    # Stable: events keep their order inside an opportunity, what the newest export adds comes last.
    events = events.iloc[order_of(events["opportunity"].to_numpy())].reset_index(drop=True)
    same = (events["state"] == events["state"].shift()) & (events["opportunity"] == events["opportunity"].shift())
    events = events[~same].reset_index(drop=True)
    events["at"] = events.groupby("opportunity", sort=False)["at"].cummax()
    return events


def _visits(events: pd.DataFrame, opportunities: pd.DataFrame, states: _States) -> pd.DataFrame:
    """The events in which a stage was entered, each with what followed."""
    opportunity, state = events["opportunity"].to_numpy(), events["state"].to_numpy()
    follows = np.append(opportunity[1:] == opportunity[:-1], False)
    won_here, goes_on = states.won[state], np.append(state[1:], 0)
    kind = exit_codes(state, np.where(follows, goes_on, 0), states.won)
    follows = pd.Series(follows & ~won_here, index=events.index)
    left = events["at"].shift(-1).where(follows)
    # Only a visit that goes on has lasted up to the last look; one that ended on an unknown day has no length.
    seen = opportunities["last_seen"].iloc[opportunity].set_axis(events.index).astype(events["at"].dtype)
    end = left.where(kind != EXITS.index("open"), seen.where(~(seen < events["at"]), events["at"])).where(~won_here)
    stage_names = np.array([None, *states.stages, None, None], dtype=object)
    log = pd.DataFrame(
        {
            "opportunity_id": opportunities["opportunity_id"].array.take(opportunity),
            "stage": _texts(state, stage_names),
            "entered": events["at"],
            "left": left,
            "entered_after": events["after"],
            "entered_seen_by": events["seen_by"],
            "left_after": events["after"].shift(-1).where(follows),
            "left_seen_by": events["seen_by"].shift(-1).where(follows),
            "next": _texts(np.where(follows, goes_on, 0), stage_names),
            "exit": _texts(kind, np.array(EXITS, dtype=object)),
            "days": (end - events["at"]).dt.days,
            "amount": events["amount"],
            "outcome": opportunities["outcome"].array.take(opportunity),
            "source": events["source"],
        }
    )[state <= states.closings]
    log["visit"] = log.groupby(opportunity[state <= states.closings], sort=False).cumcount() + 1
    return log


def _texts(codes: np.ndarray, texts: np.ndarray) -> pd.Series:
    """The text of each code."""
    return pd.Series(pd.array(texts, dtype="str").take(codes))


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
    used = ["opportunity_id", "stage", "outcome", "amount", "close_date", "stage_entered_date", "last_seen"]
    every = pd.concat([opportunities[used], vanished[used]], ignore_index=True)
    every = every.sort_values("opportunity_id", kind="stable", ignore_index=True)
    states = _states_of(methodology)
    logged = _from_history(history, every, states)
    shown = codes_of(snapshots["opportunity_id"], every["opportunity_id"])
    unlogged = (shown >= 0) & ~np.isin(shown, logged["opportunity"])
    events = pd.concat([logged, _from_exports(snapshots[unlogged], shown[unlogged], states)], ignore_index=True)
    if events.empty:
        return tables.conform(pd.DataFrame(), tables.STAGE_LOG)
    events = _in_order(pd.concat([events, _last_look(events, every, states)], ignore_index=True))
    return tables.conform(_visits(events, every, states), tables.STAGE_LOG).reset_index(drop=True)
