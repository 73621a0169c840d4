"""Ids across files: one opportunity has one id however files write it, and two opportunities never share one."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePath

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Piece, column
from .joining import spelling

_NAMES = ["opportunity_name", "account_name"]
_MOST, _HARDLY = 0.8, 0.2
_NO_LABEL = re.compile(r"[\W\d_]+|[年月日第周季度]+")
"""What a file's name says beside whose export it is."""


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
    """One id for each opportunity in all tables, and one opportunity for each id.

    Parameters
    ----------
    opportunities
        Tables of opportunities, every row with an id.
    logs
        Change logs; a log that names opportunities by name has no ids yet.
    """
    if len(opportunities) > 1:
        _tell_systems_apart(opportunities, logs)
        _bring_spellings_together(opportunities)
        _adopt(opportunities)
    _follow_spellings(opportunities, [log for log in logs if "opportunity_id" in log.frame])


def _made_up(piece: Piece) -> pd.Index:
    """Rows whose id was made up, or was damaged by a spreadsheet."""
    return piece.stated_ids.index[piece.stated_ids.isna()].union(piece.damaged_ids)


def _owned(number: int, piece: Piece) -> pd.DataFrame:
    """piece, row, id and names of the rows that state an id of their own."""
    frame = piece.frame
    rows = pd.DataFrame({"id": frame["opportunity_id"], **{name: column(frame, name) for name in _NAMES}})
    return rows[~rows.index.isin(_made_up(piece))].dropna(subset=["id"]).assign(piece=number)


def _spelled(words: pd.Series) -> pd.Series:
    """Names as they are compared; a missing one is empty."""
    return words.map({word: spelling(word) for word in words.dropna().unique()}).astype("str").fillna("")


def _write(piece: Piece, ids: pd.Series, reason: str, said: Callable[[str, str, str], str]) -> None:
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
    rows = pd.concat([_owned(number, piece) for number, piece in enumerate(opportunities)])
    ids = rows["id"].drop_duplicates()
    cores = id_cores(ids)
    several = cores.duplicated(keep=False)
    if not several.any():
        return
    held = rows[rows["id"].isin(set(ids[several]))].drop_duplicates(["piece", "id", *_NAMES])
    held = held.assign(core=id_cores(held["id"]), **{name: _spelled(held[name]) for name in _NAMES})
    meant: dict[str, str] = {}
    for _, alike in held.groupby("core", sort=False):
        meant |= _same_named(alike)
    for piece in opportunities:
        found = piece.frame["opportunity_id"].map(meant).dropna().astype("str")
        _write(piece, found, "id_spelling", _said_spelling)


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
    for name in _NAMES:
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
        _write(log, found[_not_against(log, found, opportunities)], "id_spelling", _said_spelling)


def _not_against(log: Piece, found: pd.Series, opportunities: list[Piece]) -> pd.Series:
    """Whether the opportunity that a change is taken for has its name, as far as both tell it."""
    name = "opportunity_name"
    held = pd.concat(
        [pd.DataFrame({"id": p.frame["opportunity_id"], "name": column(p.frame, name)}) for p in opportunities]
    )
    pairs = set(zip(held["id"], _spelled(held["name"]), strict=True))
    named = set(held["id"][held["name"].notna()])
    words = _spelled(column(log.frame, name).reindex(found.index))
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
            left = rows[key].dropna()
            left = left[~left.duplicated(keep=False)]
            if key == "names":
                # A day of creation that both tell and that differs speaks against it.
                left = left[rows["names_and_day"][left.index].isna() | left.map(ids["names_and_day"]).isna()]
            found = left.map(ids["id"]).dropna().astype("str")
            # Two rows of one file are two records.
            found = found[~found.isin(known.loc[known["piece"] == number, "id"])]
            _write(piece, found, "missing_id", _said_adopted)
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
    words = [_spelled(column(frame, name)) for name in _NAMES]
    names = (words[0] + "\n" + words[1]).where((words[0] != "") & (words[1] != ""))
    day = column(frame, "created_date", "datetime64[us]").dt.strftime("%Y-%m-%d").astype("str")
    return pd.DataFrame({"id": frame["opportunity_id"], "names": names, "names_and_day": names + "\n" + day})


# Two systems that count alike


@dataclass
class _System:
    """Files whose ids name the same opportunities."""

    pieces: list[Piece] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    """id → name, account and owner as last stated, as they are compared, and ``title``, the name as written."""

    @property
    def label(self) -> str:
        """What its first file is called, without a date."""
        return _NO_LABEL.sub(" ", PurePath(self.pieces[0].entry.file).stem).strip()

    def add(self, piece: Piece, rows: pd.DataFrame) -> None:
        self.pieces.append(piece)
        self.rows = pd.concat([self.rows, rows])
        self.rows = self.rows[~self.rows.index.duplicated(keep="last")]


def _tell_systems_apart(opportunities: list[Piece], logs: list[Piece]) -> None:
    """Ids that stand in exports of two systems for other opportunities each get the name of the second behind."""
    every = pd.concat([_owned(number, piece) for number, piece in enumerate(opportunities)])
    if not every.drop_duplicates(["id", *_NAMES])["id"].duplicated().any():
        return
    systems: list[_System] = []
    for number, piece in enumerate(opportunities):
        own = every[every["piece"] == number]
        rows = own.assign(title=own["opportunity_name"], owner=column(piece.frame, "owner").reindex(own.index))
        for name in (*_NAMES, "owner"):
            rows[name] = _spelled(rows[name])
        rows = rows.drop_duplicates("id", keep="last").set_index("id")
        home = next((system for system in systems if not _others(system, piece, rows)), None)
        if home is None:
            home = _System()
            systems.append(home)
        home.add(piece, rows)
    for number, system in enumerate(systems[1:], 2):
        _mark(system, systems[: number - 1], number, logs)


def _others(system: _System, piece: Piece, rows: pd.DataFrame) -> bool:
    """Whether the ids that a file shares with a system name other opportunities, accounts and owners there.

    Where the names only changed places, or the owners are the same, it is one system: then it is told.
    """
    common = rows.index.intersection(system.rows.index)
    one, other = rows.loc[common], system.rows.loc[common]
    told = ((one[_NAMES] != "") & (other[_NAMES] != "")).all(axis=1)
    against = told & (one[_NAMES] != other[_NAMES]).all(axis=1)
    count = int(against.sum())
    same_layout = piece.fit.profile.key in {held.fit.profile.key for held in system.pieces}
    if count < (2 if same_layout else 1) or count < _MOST * told.sum():
        return False
    one, other = one[against], other[against]
    moved = float(one["opportunity_name"].isin(set(system.rows["opportunity_name"])).mean())
    owned = (one["owner"] != "") & (other["owner"] != "")
    one_team = bool(owned.any()) and float((one["owner"] == other["owner"])[owned].mean()) > _HARDLY
    if moved <= _HARDLY and not one_team:
        return True
    first, heading = str(one.index[0]), piece.fit.columns.get("opportunity_id")
    row = float(piece.frame.index[piece.frame["opportunity_id"] == first][0])
    message = (
        f"{count:,} ids name other opportunities and accounts than in an earlier file, as '{first}':"
        f" '{one['title'].iloc[0]}' here, '{other['title'].iloc[0]}' there. They were followed by their ids. Check whether"
        " a column was sorted alone, or the ids are only numbers of rows."
    )
    piece.entry.issue("contradiction", "other_names", message, row=row, column=heading, value=first, count=count)
    return False


def _mark(system: _System, earlier: list[_System], number: int, logs: list[Piece]) -> None:
    """The ids that a system shares with an earlier one, in all its tables."""
    taken = {other.label for other in earlier}
    profile = system.pieces[0].fit.profile.key
    label = next((text for text in (system.label, profile) if text and text not in taken), str(number))
    shared = set(system.rows.index) & {text for other in earlier for text in other.rows.index}
    first = earlier[0].pieces[0].entry.file

    def said(count: str, old: str, new: str) -> str:
        return (
            f"{count} ids stand in {first} for other opportunities, as '{old}': here they were given the name of their"
            f" system, as '{new}'."
        )

    profiles = {piece.fit.profile.key for other in earlier for piece in other.pieces}
    own = [log for log in logs if log.fit.profile.key == profile and profile not in profiles]
    for piece in [*system.pieces, *own]:
        ids = column(piece.frame, "opportunity_id")
        _write(piece, ids[ids.isin(shared)] + f" | {label}", "shared_id", said)
