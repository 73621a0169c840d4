"""Rows of calls (what a seller or manager said would be won), long or wide, as `tables.CALLS`."""

import pandas as pd

from ...errors import nearest
from ...periods import FiscalCalendar
from ..profiles.labels import vocabulary
from ..profiles.profile import heading_key
from .columns import Piece, column
from .quotas import periods_of, whose

ROLES = ("seller", "manager")


def call_frame(pieces: list[Piece], calendar: FiscalCalendar) -> pd.DataFrame | None:
    """`tables.CALLS` of every calls sheet.

    Parameters
    ----------
    pieces
        Calls sheets, oldest file first: one column of calls, one for the seller's and one for the manager's, or a
        column per period or per day.
    calendar
        The team's fiscal calendar.

    Returns
    -------
    DataFrame or None
        None where no sheet holds calls. Cells left blank are no calls. Rows whose period is not understood, and words
        that name no role, stand in the issues; the same call in two files is taken once; of calls that differ in nothing but the amount the last, and it is told.
    """
    frames = [rows for piece in pieces if len(rows := _calls(piece, calendar))]
    if not frames:
        return None
    calls = pd.concat(frames, ignore_index=True)
    same = ["owner", "team", "role", "called_by", "period", "called_on"]
    kept = calls.drop_duplicates(same, keep="last")
    both = calls.merge(kept[[*same, "call", "source_file"]], on=same, suffixes=("", "_kept"))
    other = both[both["call"] != both["call_kept"]]
    for piece in pieces:
        count = int((other["source_file_kept"] == piece.entry.file).sum())
        if count:
            message = (
                f"{count:,} calls stand twice with other amounts, and no day tells which is newer: the last was taken. Add a"
                " column Called On, or put the day into the file's name."
            )
            piece.entry.issue("note", "repeated", message)
    return kept.reset_index(drop=True)


def _calls(piece: Piece, calendar: FiscalCalendar) -> pd.DataFrame:
    base = whose(piece)
    named = "period" in piece.fit.columns
    base["period"] = periods_of(piece, base, calendar) if named else pd.Series(dtype="str")
    base = base.reindex(piece.frame.index)
    base["called_by"] = column(piece.frame, "called_by")
    base["called_on"] = column(piece.frame, "called_on", "datetime64[us]")
    parts = []
    for role in ROLES:
        if f"{role}_call" in piece.frame:
            parts.append(base.assign(role=role, call=piece.frame[f"{role}_call"]))
    if "call" in piece.frame:
        parts.append(base.assign(role=_roles(piece, base), call=piece.frame["call"]))
    for label, amounts in piece.periods.items():
        where = {"called_on": pd.Timestamp(label)} if named else {"period": label}
        parts.append(base.assign(role=_roles(piece, base), call=amounts.reindex(base.index), **where))
    # A role named beside columns for both says nothing more about them.
    calls = pd.concat(parts) if parts else base.assign(role=None, call=pd.Series(dtype="float64"))
    exported = piece.entry.as_of or piece.entry.filed
    calls["called_on"] = calls["called_on"].astype("datetime64[us]")
    if exported is not None:
        calls["called_on"] = calls["called_on"].fillna(exported)
    calls = calls.assign(source_file=piece.entry.file, source_row=calls.index.astype("float64"))
    return calls.dropna(subset=["call"]).drop(columns="year")


def _roles(piece: Piece, base: pd.DataFrame) -> pd.Series:
    """Seller or manager of each row: as the sheet says; else a call about one seller is taken as the seller's own."""
    words = column(piece.frame, "role")
    known = {heading_key(word): key for key, named in vocabulary()["call_roles"].items() for word in named}
    roles = words.map({text: known.get(heading_key(str(text))) for text in words.dropna().unique()}).astype("str")

    def said(text: str, count: int) -> str:
        return f"'{text}' ({count:,} rows) says not whose call it is.{nearest(text, ROLES)}"

    piece.entry.unreadable_texts(
        "unknown_role", words[words.notna() & roles.isna()], said, piece.fit.columns.get("role")
    )
    guessed = pd.Series("seller", index=base.index, dtype="str").where(base["owner"].notna(), "manager")
    return roles.fillna(guessed)
