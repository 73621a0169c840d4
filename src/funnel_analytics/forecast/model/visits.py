"""What the stage log allows us to observe: visits, with the age at which watching began and ended.

A visit is watched from its entry where a change log tells it, else from the first export that shows the
opportunity: what closed before that export was never there to be counted.
"""

import numpy as np
import pandas as pd

from ...book import Book
from ...codes import codes_of

CENSORED = -1
"""Destination of a visit that has not ended (or whose end is not known)."""


def observed_visits(book: Book) -> pd.DataFrame:
    """Every visit to an open stage, with what is needed to count events and time at risk.

    Parameters
    ----------
    book
        The book; only facts up to its ``as_of`` count.

    Returns
    -------
    DataFrame
        One row per visit, in order of opportunity and time: ``opportunity_id``; ``stage`` (0 … S−1 in the
        method's order of open stages); ``entered`` (missing where not known); ``seen_from`` and ``end``
        (dates between which it was watched); ``destination`` (a stage number, S for won, S+1 for lost,
        `CENSORED`); ``amount``; ``amount_known`` (the amount is that of the entry, not the latest);
        ``logged`` (a change log tells it); ``entered_seen_by``, ``left_seen_by`` (the first export that shows
        it, where no source tells the day); ``usable`` (the days in stage are known, and more than one look at the opportunity was taken).
    """
    open_stages = book.methodology.open_stages
    number = {key: index for index, key in enumerate(open_stages)}
    won = {stage.key for stage in book.methodology.stages if stage.outcome == "won"}
    ends = {key: number.get(key, len(open_stages)) for key in [*number, *won]}
    opportunities = pd.concat([book.opportunities, book.vanished], ignore_index=True)
    log = book.stage_log
    log = log[log["stage"].isin(open_stages)]

    ids = log["opportunity_id"]
    last_seen = looked_up(opportunities.set_index("opportunity_id")["last_seen"], ids)
    first_seen = looked_up(book.snapshots.groupby("opportunity_id")["as_of"].min(), ids)
    left = log["left"].where(log["left"] <= book.as_of)
    moved = log["next"].map(ends).astype("float64")
    closing = log["exit"].map({"won": len(open_stages), "lost": len(open_stages) + 1}).astype("float64")
    destination = moved.fillna(closing).where(left.notna()).fillna(CENSORED).astype("int64")
    watched = log["source"].isin(["history", "stage_dates"])
    entered = log["entered"].where(log["entered"] <= book.as_of)
    seen_from = entered.where(watched, np.maximum(entered.fillna(first_seen), first_seen)).fillna(first_seen)
    end = left.fillna(last_seen)
    end = end.where(~(end > book.as_of), book.as_of)
    frame = pd.DataFrame(
        {
            "opportunity_id": ids,
            "stage": codes_of(log["stage"], open_stages),
            "entered": entered,
            "seen_from": seen_from,
            "end": end,
            "destination": destination,
            "amount": log["amount"],
            "amount_known": log["source"].isin(["history", "snapshots"]),
            "logged": watched,
            "entered_seen_by": log["entered_seen_by"],
            "left_seen_by": log["left_seen_by"].where(left.notna()),
            "usable": entered.notna() & (log["source"] != "export") & (end >= seen_from),
        }
    )
    return frame.reset_index(drop=True)


def looked_up(values: pd.Series, ids: pd.Series) -> pd.Series:
    """The value of each id, missing where there is none; unlike a map it keeps the kind of an empty column."""
    return values.reindex(ids).set_axis(ids.index)


def ages(visits: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Days in stage when watching began and when it ended.

    A visit that ended on the day it began lasted half a day; so no ended visit is without time at risk.
    """
    entry = (visits["seen_from"] - visits["entered"]).dt.days.to_numpy(dtype=float)
    leaving = (visits["end"] - visits["entered"]).dt.days.to_numpy(dtype=float)
    short = (leaving <= entry) & (visits["destination"].to_numpy() != CENSORED)
    return entry, np.where(short, entry + 0.5, leaving)


def outcomes(visits: pd.DataFrame, stages: int) -> pd.DataFrame:
    """How and when each visit's opportunity closed next, seen from that visit.

    Returns
    -------
    DataFrame
        Aligned with the visits: ``event`` (1 won, 2 lost, 0 still open when last seen) and ``at`` (the date
        of it, or the last date on which the opportunity was seen).
    """
    closed = visits["destination"] >= stages
    event = (visits["destination"] - stages + 1).where(closed)
    at = visits["end"].where(closed)
    groups = visits["opportunity_id"]
    last = visits.groupby("opportunity_id", sort=False)["end"].transform("max")
    return pd.DataFrame(
        {
            "event": event.groupby(groups, sort=False).bfill().fillna(0).astype("int64"),
            "at": at.groupby(groups, sort=False).bfill().fillna(last),
        }
    )
