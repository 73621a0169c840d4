"""Rows with one id: the same opportunity twice is set aside, opportunities that only share the id are kept apart."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pandas as pd

from ...codes import all_different
from .columns import Piece, column
from .known_ids import spelled, unlike
from .opportunities import described

_SHORT = 15
"""Characters of those Salesforce ids whose case counts."""
_LIKENESS = 0.6
"""How much two forms of one name have in common at least."""
_NIGHT = pd.Timedelta(days=1)
_NEAR = 20
"""With so many of those that share an id a row is compared: a column that is no id gives thousands the same."""
_FACTS = ["name", "account", "day"]


def tell_rows_apart(piece: Piece) -> None:
    """Rows of one table that share an id and are plainly different opportunities each get an id of their own.

    Parameters
    ----------
    piece
        Opportunities, every row with an id; the new ids count as made up, so that those of other files are found by name.
    """
    if all_different(piece.frame["opportunity_id"]):
        return
    met = _facts([piece], column(piece.frame, "as_of", "datetime64[us]"))
    rows = _give_own_ids([piece], met)
    piece.damaged_ids = piece.damaged_ids.union(rows)


def set_aside_duplicates(pieces: list[Piece]) -> None:
    """Of rows with one id in one export the newest by last change is kept, else the last."""
    ids = [piece.frame["opportunity_id"] for piece in pieces]
    if all_different(pd.concat(ids) if len(ids) > 1 else ids[0]):
        return
    if len(pieces) > 1:
        _give_own_ids(pieces, _facts(pieces, pd.concat([piece.frame["as_of"] for piece in pieces])))
    looks = [
        pd.DataFrame(
            {
                "id": piece.frame["opportunity_id"],
                "as_of": piece.frame["as_of"],
                # A row that found its id by its name is an excerpt of the one that states it.
                "own": ~piece.frame.index.isin(piece.stated_ids.index[piece.stated_ids.isna()]),
                "modified": column(piece.frame, "last_modified_date", "datetime64[us]"),
                "piece": number,
                "row": piece.frame.index,
            }
        )
        for number, piece in enumerate(pieces)
    ]
    rows = pd.concat(looks, ignore_index=True)
    if not rows.duplicated(["as_of", "id"]).any():
        return
    rows = rows.sort_values(["own", "modified"], kind="stable", na_position="first")
    repeated = rows[rows.duplicated(["as_of", "id"], keep="last")].sort_values(["piece", "row"])
    message = "The id stands twice in this export: of duplicate rows the newest by last change is kept, else the last."
    for number, lost in repeated.groupby("piece"):
        piece = pieces[int(str(number))]
        piece.entry.set_aside(pd.Index(lost["row"]), "duplicate_id", message, piece.frame["opportunity_id"])
        piece.repeated = piece.frame.loc[lost["row"]]
        piece.frame = piece.frame.drop(index=lost["row"])


def _facts(pieces: list[Piece], dates: pd.Series) -> pd.DataFrame:
    """What tells opportunities apart, of the rows that share an id and a date; piece, row, and ``title`` as written."""
    rows = pd.concat(
        [
            pd.DataFrame({"id": piece.frame["opportunity_id"], "piece": number, "row": piece.frame.index})
            for number, piece in enumerate(pieces)
        ],
        ignore_index=True,
    )
    rows["as_of"] = dates.to_numpy()
    rows = rows[rows.duplicated(["as_of", "id"], keep=False)]
    parts = []
    for number, held in rows.groupby("piece"):
        frame = pieces[int(str(number))].frame.loc[held["row"]].set_axis(held.index)
        accounts = column(frame, "account_name").fillna(column(frame, "account_id"))
        told = {"name": spelled(column(frame, "opportunity_name")), "account": spelled(accounts)}
        days = column(frame, "created_date", "datetime64[us]")
        parts.append(held.assign(**told, day=days, title=described(frame)))
    return pd.concat(parts) if parts else rows


def _give_own_ids(pieces: list[Piece], met: pd.DataFrame) -> pd.Index:
    """Ids of their own for rows that only share one; the rows, of a single table."""
    found = pd.Index([])
    if met.empty:
        return found
    looks = met.drop_duplicates(["as_of", "id", *_FACTS])
    several = looks[looks.duplicated(["as_of", "id"], keep=False)]
    shown: dict[object, str] = {}
    for _, alike in several.groupby(["as_of", "id"], sort=False, dropna=False):
        kinds: list[dict[str, Any]] = []
        for at, line in zip(alike.index, alike.to_dict("records"), strict=True):
            kind = next((held for held in kinds[-_NEAR:] if not _other_opportunity(held, line)), None)
            if kind is None:
                kinds.append(kind := line)
            shown[at] = str(kind["title"])
        if len(kinds) == 1:
            for at in alike.index:
                del shown[at]
    if not shown:
        return found
    own = looks.loc[list(shown)].assign(own=pd.Series(shown, dtype="str"))
    rows = met.merge(own[["as_of", "id", *_FACTS, "own"]], on=["as_of", "id", *_FACTS])
    for number, held in rows.groupby("piece"):
        piece = pieces[int(str(number))]
        held = held.set_index("row").sort_index()
        _say_apart(piece, held, rows)
        piece.keep_stated(held["id"])
        ids = piece.frame["opportunity_id"]
        piece.frame["opportunity_id"] = ids.mask(
            ids.index.isin(held.index), (held["id"] + " | " + held["own"]).reindex(ids.index)
        )
        found = found.union(held.index)
    return found


def _other_opportunity(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two rows with one id are plainly two opportunities: names, accounts and days of creation differ, at least two of them.

    Where one file tells a name and nothing else, it is enough that the two have little in common: no CRM lists one
    record under two names, but exports put together by hand may hold it before and after it was renamed.
    """
    told = {name: bool(one[name]) and bool(other[name]) for name in ("name", "account")}
    told["day"] = pd.notna(one["day"]) and pd.notna(other["day"])
    names = [name for name in ("name", "account") if told[name] and unlike(one[name], other[name])]
    differing = len(names)
    # A night lies between two days that only time zones tell apart.
    differing += bool(told["day"] and abs(one["day"] - other["day"]) > _NIGHT)
    if sum(told.values()) > 1 or one["piece"] != other["piece"]:
        return differing >= 2
    return any(_in_common(one[name], other[name]) < _LIKENESS for name in names)


def _in_common(one: str, other: str) -> float:
    """How much of two names is alike, from 0 to 1: pairs of neighbouring letters, for words change their places."""
    pairs = [Counter(map("".join, pairwise(name))) for name in (one, other)]
    return 2 * (pairs[0] & pairs[1]).total() / max(1, pairs[0].total() + pairs[1].total())


def _say_apart(piece: Piece, held: pd.DataFrame, rows: pd.DataFrame) -> None:
    first = held.iloc[0]
    other = rows.loc[(rows["id"] == first["id"]) & (rows["own"] != first["own"]), "own"].iloc[0]
    advice = (
        " Salesforce's ids of 15 characters are alike once a lookup has lost their case: export those of 18."
        if len(str(first["id"])) == _SHORT
        else " Check the ids in the CRM."
    )
    message = (
        f"{len(held):,} rows share an id with another opportunity, as '{first['id']}': '{first['own']}' and '{other}'. Both"
        f" were kept, told apart by name, account and day of creation.{advice}"
    )
    heading = piece.fit.columns.get("opportunity_id")
    piece.entry.issue(
        "contradiction", "one_id_of_several", message, row=float(held.index[0]), column=heading,
        value=str(first["id"]), count=len(held),
    )  # fmt: skip
