"""What several exports of one team tell of each other: what stands in them no more, and which of them has no date."""

from itertools import pairwise

import pandas as pd

from ..outcomes import CLOSED
from .receipt import Entry
from .rows.columns import Piece, column
from .several_sheets import common

_FEW = 1 / 3
"""From this share of the open opportunities on, an export that lists them no more may be incomplete."""
_SCALED = 0.8
"""From this share of common amounts on, a factor between two exports is one of units."""
_UNITS, _EXACT, _FEWEST = (1e2, 1e3, 1e4, 1e6, 1e8), 1e-6, 3
_LISTED = 5
_APART = " None of these opportunities is in it: files that are parts of one export are added together, in one step."


def compare_exports(opportunities: list[Piece], now: pd.Timestamp | None) -> None:
    """Say what only the exports together show; nothing is changed.

    Parameters
    ----------
    opportunities
        Tables of opportunities with the date of each row, duplicates set aside.
    now
        The day of the book; later exports are no part of it.
    """
    _say_empty(opportunities)
    _say_undated(opportunities)
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "id": piece.frame["opportunity_id"],
                    "as_of": piece.frame["as_of"],
                    "open": ~piece.frame["outcome"].isin(CLOSED),
                    "owner": column(piece.frame, "owner"),
                    "amount": column(piece.frame, "amount", "float64"),
                    "piece": number,
                }
            )
            for number, piece in enumerate(opportunities)
        ],
        ignore_index=True,
    )
    # Whole numbers are compared faster than texts.
    rows["code"] = pd.factorize(rows["id"])[0]
    rows = rows if now is None else rows[~(rows["as_of"] > now)]
    dates = sorted(rows["as_of"].dropna().unique())
    if len(dates) < 2:
        return
    _say_gone(opportunities, rows, dates[-1])
    for before, after in pairwise(dates):
        _say_scaled(opportunities, rows[rows["as_of"] == before], rows[rows["as_of"] == after])


def _say_empty(opportunities: list[Piece]) -> None:
    for piece in opportunities:
        if piece.entry.rows_in == 0:
            message = (
                "The export has headings but no rows: it does not count as an export of its date, and nothing is taken for"
                " gone. Export it again with its records."
            )
            piece.entry.issue("note", "empty_export", message)


def _say_undated(opportunities: list[Piece]) -> None:
    """Files whose date had to be guessed among others: which of them is newer decides what is true."""
    guessed = [piece for piece in opportunities if piece.entry.as_of_source == "newest_change"]
    files = list(dict.fromkeys(piece.entry.file for piece in guessed))
    if len(files) > 1 and common(
        [set(piece.frame["opportunity_id"]) | set(piece.repeated.get("opportunity_id", ())) for piece in guessed]
    ):
        listed = ", ".join(f"'{name}'" for name in files[:_LISTED]) + (" …" if len(files) > _LISTED else "")
        message = (
            f"The files {listed} hold the same opportunities and state no date: is one a copy, or an earlier state? Of each"
            " opportunity the row changed last was taken, else that of the last file. Put the date of the export into the"
            " name of each file, as 'pipeline 2026-09-30.csv'."
        )
        guessed[-1].entry.issue("note", "question", message)
    elif files and len(files) < len({piece.entry.file for piece in opportunities}):
        for piece in guessed:
            message = (
                f"Neither the report nor the name of the file states its date: taken as of {piece.entry.as_of:%Y-%m-%d}, the"
                " newest change in it. Beside other exports the date decides which of them is the newest: put it into the"
                " name of the file, as 'pipeline 2026-09-30.csv'."
            )
            piece.entry.issue("note", "question", message)


def _say_gone(opportunities: list[Piece], rows: pd.DataFrame, newest: pd.Timestamp) -> None:
    """Open opportunities that the newest export lists no more."""
    now, before = rows[rows["as_of"] == newest], rows[rows["as_of"] < newest]
    last = before.sort_values("as_of", kind="stable").drop_duplicates("code", keep="last")
    held = last[last["open"]]
    gone = held[~held["code"].isin(now["code"])]
    if gone.empty:
        return
    entry = opportunities[int(now["piece"].iloc[-1])].entry
    message = (
        f"{len(gone):,} open opportunities of earlier exports, as '{gone['id'].iloc[0]}', are not in that of"
        f" {newest:%Y-%m-%d}: they count neither as open nor as won or lost.{_why_gone(now, last, held, gone)}"
    )
    entry.issue("note", "not_listed", message, value=str(gone["id"].iloc[0]), count=len(gone))


def _why_gone(now: pd.DataFrame, last: pd.DataFrame, held: pd.DataFrame, gone: pd.DataFrame) -> str:
    """What the exports have in common with one that was filtered, or is a part."""
    if not now["code"].isin(last["code"]).any():
        return " It has no opportunity in common with them: if they are parts of one export, name their files after one date."
    owners = set(now["owner"].dropna())
    if len(gone) > 1 and owners and gone["owner"].notna().all() and not gone["owner"].isin(owners).any():
        return " None of their owners is in it: is it the export of a part of the team?"
    if now["open"].all():
        return " It lists open ones only: what was closed since is missing. Export won and lost ones too."
    if len(gone) > _FEW * len(held):
        return " These are many: check whether it is complete, or was filtered."
    return ""


def _say_scaled(opportunities: list[Piece], before: pd.DataFrame, after: pd.DataFrame) -> None:
    """Amounts that differ by one factor of units between two exports: 元 in one, 万元 in the other."""
    both = before.merge(after, on="code", suffixes=("_before", "_after")).dropna(
        subset=["amount_before", "amount_after"]
    )
    both = both[(both["amount_before"] != 0) & (both["amount_after"] != 0)]
    if len(both) < _FEWEST:
        return
    days = [f"{rows['as_of'].iloc[0]:%Y-%m-%d}" for rows in (before, after)]
    ratio = both["amount_after"] / both["amount_before"]
    for small, large, times in ((*days, ratio), (*days[::-1], 1 / ratio)):
        factor = next((unit for unit in _UNITS if ((times / unit - 1).abs() < _EXACT).mean() >= _SCALED), None)
        if factor is not None:
            piece = opportunities[int(both["piece_after"].iloc[0])]
            message = (
                f"Most amounts of {large} are {factor:,.0f} times those of {small}, as that of '{both['id_after'].iloc[0]}': is one"
                " of the exports in another unit? Write the unit into its heading, as Amount (万元)."
            )
            piece.entry.issue("contradiction", "other_unit", message, column=piece.fit.columns.get("amount"))


def without_replaced(pieces: list[Piece]) -> list[Piece]:
    """Of two exports that an archive keeps for one date the one added later is taken, and the receipt says so."""
    kept = [piece for piece in pieces if piece.fit.table.kind == "opportunities" and piece.entry.number is not None]
    dates = [_export_dates(piece) for piece in kept]
    newest: dict[pd.Timestamp, Entry] = {}
    for piece, days in zip(kept, dates, strict=True):
        for day in days.dropna().unique():
            held = newest.setdefault(day, piece.entry)
            newest[day] = piece.entry if (piece.entry.number or 0) > (held.number or 0) else held
    emptied = set()
    for piece, days in zip(kept, dates, strict=True):
        for day, held in days.groupby(days):
            later = newest[pd.Timestamp(str(day))]
            if later.number != piece.entry.number:
                apart = "" if _shared(piece, held.index, later, kept) else _APART
                message = f"{later.file} was added later for {day:%Y-%m-%d}: it is taken instead.{apart}"
                piece.entry.set_aside(held.index, "replaced", message)
                piece.frame = piece.frame.drop(index=held.index)
        if piece.frame.empty:
            emptied.add(id(piece))
    return [piece for piece in pieces if id(piece) not in emptied]


def _shared(piece: Piece, rows: pd.Index, later: Entry, kept: list[Piece]) -> bool:
    """Whether an entry that was added later holds one of some rows' opportunities, as far as they have ids."""
    others = [other.frame for other in kept if other.entry.number == later.number]
    if any("opportunity_id" not in frame for frame in (piece.frame, *others)):
        return True
    return any(frame["opportunity_id"].isin(piece.frame.loc[rows, "opportunity_id"]).any() for frame in others)


def _export_dates(piece: Piece) -> pd.Series:
    """The date of the export that each row belongs to."""
    stated = piece.frame.get("as_of")
    if stated is None:
        return pd.Series(piece.entry.as_of, index=piece.frame.index, dtype="datetime64[us]")
    return stated.fillna(piece.entry.as_of)
