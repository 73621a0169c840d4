"""Rows of quotas, one period per row or per column, as `tables.QUOTAS`."""

import pandas as pd

from ..errors import ArgumentError
from ..periods import FiscalCalendar, parse_period
from .columns import Piece, period_label
from .opportunity_rows import column


def _period(text: str, calendar: FiscalCalendar) -> str | None:
    try:
        return parse_period(period_label(text) or text, calendar).label
    except ArgumentError:
        return None


def newest_quotas(pieces: list[Piece], calendar: FiscalCalendar) -> pd.DataFrame | None:
    """`tables.QUOTAS` of several files, oldest first: a quota that a later file states again is taken from there."""
    by = ["owner", "team", "period"]
    frames: list[pd.DataFrame] = []
    for piece in pieces:
        frame = quota_frame([piece], calendar)
        if frame is None:
            continue
        stated = pd.MultiIndex.from_frame(frame[by].fillna(""))
        for number, earlier in enumerate(frames):
            again = pd.MultiIndex.from_frame(earlier[by].fillna("")).isin(stated)
            if again.any():
                message = f"{int(again.sum()):,} quotas stand in an earlier file too: those of this file were taken."
                piece.entry.issue("note", "repeated", message)
            frames[number] = earlier[~again]
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else None


def quota_frame(pieces: list[Piece], calendar: FiscalCalendar) -> pd.DataFrame | None:
    """`tables.QUOTAS` of every quota table; rows whose period is not understood are set aside."""
    frames = []
    for piece in pieces:
        frame = piece.frame
        base = pd.DataFrame({"owner": column(frame, "owner"), "team": column(frame, "team")}, index=frame.index)
        if piece.periods:
            wide = pd.DataFrame(piece.periods).reindex(frame.index)
            long = base.join(wide).melt(["owner", "team"], list(piece.periods), "period", "quota")
            frames.append(long.dropna(subset=["quota"]))
            continue
        words = column(frame, "period")
        labels = words.map({text: _period(str(text), calendar) for text in words.dropna().unique()}).astype("str")
        strange = frame.index[labels.isna()]
        message = "The period is not understood. Accepted: 2026Q4, 2026H2, 2026-10 or 2026."
        piece.entry.set_aside(strange, "unknown_period", message, words)
        long = base.assign(period=labels, quota=column(frame, "quota", "float64")).drop(index=strange)
        piece.frame = frame.drop(index=strange)
        frames.append(long)
    return pd.concat(frames, ignore_index=True) if frames else None
