"""Ids across files: one opportunity has one id however files write it."""

from collections.abc import Callable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Piece, column
from .joining import spelling

NAMES = ["opportunity_name", "account_name"]


def id_cores(ids: pd.Series) -> pd.Series:
    """Ids without what files add and lose: a prefix, zeros in front, case, marks.

    Examples
    --------
    >>> id_cores(pd.Series(["000123", "#123", "zcrm_123", "OPP-0123", "006aB"], dtype="str")).tolist()
    ['123', '123', '123', '123', '6ab']
    """
    cores = pa.array(ids.str.lower(), type=pa.large_string(), from_pandas=True)
    # By Arrow itself: what Python calls a letter, pandas may ask either of.
    for found, left in ((r"^[^0-9]*[-_:# ]+([0-9])", r"\1"), (r"[^\pL\pN]+", ""), (r"^0+(.)", r"\1")):
        cores = pc.replace_substring_regex(cores, found, left)
    return pd.Series(cores, index=ids.index, dtype="str")


def bring_ids_together(opportunities: list[Piece], logs: list[Piece]) -> None:
    """One id for each opportunity in all tables; what two systems call alike is told apart before (`systems`).

    Parameters
    ----------
    opportunities
        Tables of opportunities, every row with an id.
    logs
        Change logs; a log that names opportunities by name has no ids yet.
    """
    if len(opportunities) > 1:
        _bring_spellings_together(opportunities)
        _adopt(opportunities)
    _follow_spellings(opportunities, [log for log in logs if "opportunity_id" in log.frame])


def _made_up(piece: Piece) -> pd.Index:
    """Rows whose id was made up, or was damaged by a spreadsheet."""
    return piece.stated_ids.index[piece.stated_ids.isna()].union(piece.damaged_ids)


def owned(number: int, piece: Piece) -> pd.DataFrame:
    """piece, row, id and names of the rows that state an id of their own."""
    frame = piece.frame
    rows = pd.DataFrame({"id": frame["opportunity_id"], **{name: column(frame, name) for name in NAMES}})
    return rows[~rows.index.isin(_made_up(piece))].dropna(subset=["id"]).assign(piece=number)


def spelled(words: pd.Series) -> pd.Series:
    """Names as they are compared; a missing one is empty."""
    return words.map({word: spelling(word) for word in words.dropna().unique()}).astype("str").fillna("")


def unlike(one: str, other: str) -> bool:
    """Whether two compared names are told and neither is a part of the other, as "Acme" is of "Acme Holding".

    Examples
    --------
    >>> unlike("acme", "acmeholding"), unlike("acme", "birch"), unlike("acme", "")
    (False, True, False)
    """
    return bool(one and other) and one not in other and other not in one


def write_ids(piece: Piece, ids: pd.Series, reason: str, said: Callable[[str, str, str], str]) -> None:
    """Other ids for some rows; said once, with their number, the first old and the first new one."""
    if ids.empty:
        return
    row = ids.index[0]
    before = piece.frame.loc[ids.index, "opportunity_id"]
    piece.keep_stated(before)
    piece.frame["opportunity_id"] = ids.reindex(piece.frame.index).fillna(piece.frame["opportunity_id"])
    value, heading = str(before[row]), piece.fit.columns.get("opportunity_id")
    message = said(f"{len(ids):,}", value, str(ids[row]))
    piece.entry.issue("repaired", reason, message, row=float(row), column=heading, value=value, count=len(ids))


def _said_spelling(count: str, old: str, new: str) -> str:
    return f"{count} ids are written otherwise than in another file, as '{old}' for '{new}': taken as the same."


# Ids that one file writes otherwise


def _bring_spellings_together(opportunities: list[Piece]) -> None:
    """Ids that differ in prefix, zeros in front, case or marks are one, where the rows also have one name."""
    rows = pd.concat([owned(number, piece) for number, piece in enumerate(opportunities)])
    ids = rows["id"].drop_duplicates()
    cores = id_cores(ids)
    several = cores.duplicated(keep=False)
    if not several.any():
        return
    held = rows[rows["id"].isin(set(ids[several]))].drop_duplicates(["piece", "id", *NAMES])
    held = held.assign(core=id_cores(held["id"]), **{name: spelled(held[name]) for name in NAMES})
    meant: dict[str, str] = {}
    for _, alike in held.groupby("core", sort=False):
        meant |= _same_named(alike)
    for piece in opportunities:
        found = piece.frame["opportunity_id"].map(meant).dropna().astype("str")
        write_ids(piece, found, "id_spelling", _said_spelling)


def _same_named(alike: pd.DataFrame) -> dict[str, str]:
    """Of ids that are alike: id → the one that most files have, else the longest, for those with its names."""
    kept: dict[str, pd.DataFrame] = {}
    meant: dict[str, str] = {}
    files = alike.groupby("id")["piece"].nunique()
    for text in sorted(files.index, key=lambda text: (-files[text], text.startswith("#"), -len(text), text)):
        own = alike[alike["id"] == text]
        # A file that writes both means two.
        fits = [
            other for other, rows in kept.items()
            if not set(rows["piece"]) & set(own["piece"]) and _one_name(rows, own)
        ]  # fmt: skip
        if len(fits) == 1:
            meant[text] = fits[0]
            kept[fits[0]] = pd.concat([kept[fits[0]], own])
        else:
            kept[text] = own
    return meant


def _one_name(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two ids have a name of the opportunity in common, or that of the account where there is none."""
    for name in NAMES:
        words = [set(rows[name]) - {""} for rows in (one, other)]
        if all(words):
            return bool(words[0] & words[1])
    return False


def _follow_spellings(opportunities: list[Piece], logs: list[Piece]) -> None:
    """Ids of change logs that no table of opportunities holds, as one of them writes them."""
    if not logs:
        return
    known = pd.concat([piece.frame["opportunity_id"] for piece in opportunities]).drop_duplicates()
    for log in logs:
        strange = log.frame["opportunity_id"].dropna().drop_duplicates()
        strange = strange[~strange.isin(known)]
        if strange.empty:
            continue
        listed = known[~known.isin(log.frame["opportunity_id"])]
        by_core = pd.Series(listed.to_numpy(), index=id_cores(listed))
        cores = pd.Series(id_cores(strange).to_numpy(), index=strange.to_numpy())
        alone = by_core[~by_core.index.duplicated(keep=False)]
        meant = cores[~cores.duplicated(keep=False)].map(alone).dropna()
        found = log.frame["opportunity_id"].map(meant).dropna().astype("str")
        write_ids(log, found[_not_against(log, found, opportunities)], "id_spelling", _said_spelling)


def _not_against(log: Piece, found: pd.Series, opportunities: list[Piece]) -> pd.Series:
    """Whether the opportunity that a change is taken for has its name, as far as both tell it."""
    name = "opportunity_name"
    held = pd.concat(
        [pd.DataFrame({"id": p.frame["opportunity_id"], "name": column(p.frame, name)}) for p in opportunities]
    )
    pairs = set(zip(held["id"], spelled(held["name"]), strict=True))
    named = set(held["id"][held["name"].notna()])
    words = spelled(column(log.frame, name).reindex(found.index))
    fits = [not word or text not in named or (text, word) in pairs for text, word in zip(found, words, strict=True)]
    return pd.Series(fits, index=found.index, dtype=bool)


# Rows without an id of their own


def _adopt(opportunities: list[Piece]) -> None:
    """Rows whose id is missing or damaged take that of the one opportunity of another file with their names."""
    if not any(len(_made_up(piece)) for piece in opportunities):
        return
    known = pd.concat([_keyed(piece, own=True).assign(piece=number) for number, piece in enumerate(opportunities)])
    for number, piece in enumerate(opportunities):
        rows = _keyed(piece, own=False)
        for key in ("names_and_day", "names"):
            # One key is one opportunity, on both sides.
            ids = known.dropna(subset=[key]).drop_duplicates([key, "id"])
            ids = ids[~ids.duplicated(key, keep=False)].set_index(key)
            one = rows.dropna(subset=[key]).drop_duplicates([key, "id"])
            left = rows[key].dropna()
            left = left[~left.isin(one.loc[one[key].duplicated(), key])]
            if key == "names":
                # A day of creation that both tell and that differs speaks against it.
                left = left[rows["names_and_day"][left.index].isna() | left.map(ids["names_and_day"]).isna()]
            found = left.map(ids["id"]).dropna().astype("str")
            # Two rows of one file are two records.
            found = found[~found.isin(known.loc[known["piece"] == number, "id"])]
            write_ids(piece, found, "missing_id", _said_adopted)
            rows = rows.drop(index=found.index)


def _said_adopted(count: str, old: str, new: str) -> str:
    return (
        f"{count} rows without an id that can be used have the names of one opportunity of another file, as '{old}' those"
        f" of '{new}': taken as that one."
    )


def _keyed(piece: Piece, *, own: bool) -> pd.DataFrame:
    """id, and the names, with and without day of creation, by which an opportunity is found; both names are needed."""
    frame = piece.frame
    frame = frame[frame.index.isin(_made_up(piece)) != own]
    words = [spelled(column(frame, name)) for name in NAMES]
    names = (words[0] + "\n" + words[1]).where((words[0] != "") & (words[1] != ""))
    day = column(frame, "created_date", "datetime64[us]").dt.strftime("%Y-%m-%d").astype("str")
    return pd.DataFrame({"id": frame["opportunity_id"], "names": names, "names_and_day": names + "\n" + day})
