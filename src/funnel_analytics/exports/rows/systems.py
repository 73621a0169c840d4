"""Two systems that count alike: one id of two opportunities, or of two accounts, gets the name of its system behind."""

import re
from dataclasses import dataclass, field
from pathlib import PurePath

import pandas as pd

from .columns import Piece, column
from .known_ids import NAMES, owned, spelled, unlike, write_ids

_MOST, _HALF, _HARDLY = 0.8, 0.5, 0.2
_HAN = re.compile(r"[\u3400-\u9fff]")
_NO_LABEL = re.compile(r"[\W\d_]+|[年月日第周季度]+")
"""What a file's name says beside whose export it is."""


@dataclass
class _System:
    """Files whose ids name the same opportunities, or the same accounts."""

    pieces: list[Piece] = field(default_factory=list)
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    """id → what it names as last stated, as it is compared, and ``title``, the name as written."""

    @property
    def first(self) -> str:
        """The file that it is known by."""
        return self.pieces[0].entry.file

    @property
    def label(self) -> str:
        """What its first file is called, without a date."""
        return _NO_LABEL.sub(" ", PurePath(self.first).stem).strip()

    def add(self, piece: Piece, rows: pd.DataFrame) -> None:
        self.pieces.append(piece)
        self.rows = pd.concat([self.rows, rows])
        self.rows = self.rows[~self.rows.index.duplicated(keep="last")]

    def has_layout(self, piece: Piece) -> bool:
        """Whether one of its files is laid out as another one."""
        return piece.fit.profile.key in {held.fit.profile.key for held in self.pieces}

    def named_beside(self, earlier: list["_System"], number: int) -> str:
        """What its ids get behind them: a name that no earlier system has."""
        taken, profile = {other.label for other in earlier}, self.pieces[0].fit.profile.key
        return next((text for text in (self.label, profile) if text and text not in taken), str(number))


# Opportunities


def tell_opportunities_apart(opportunities: list[Piece], logs: list[Piece]) -> None:
    """Ids that stand in exports of two systems for other opportunities each get the name of the second behind.

    Parameters
    ----------
    opportunities
        Tables of opportunities, every row with an id.
    logs
        Change logs.
    """
    if len(opportunities) < 2:
        return
    every = pd.concat([owned(number, piece) for number, piece in enumerate(opportunities)])
    if not every.drop_duplicates(["id", *NAMES])["id"].duplicated().any():
        return
    systems: list[_System] = []
    for number, piece in enumerate(opportunities):
        own = every[every["piece"] == number]
        rows = own.assign(title=own["opportunity_name"], owner=column(piece.frame, "owner").reindex(own.index))
        for name in (*NAMES, "owner"):
            rows[name] = spelled(rows[name])
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
    told = ((one[NAMES] != "") & (other[NAMES] != "")).all(axis=1)
    against = told & (one[NAMES] != other[NAMES]).all(axis=1)
    count = int(against.sum())
    if count < (2 if system.has_layout(piece) else 1) or count < _MOST * told.sum():
        return False
    one, other = one[against], other[against]
    moved = float(one["opportunity_name"].isin(set(system.rows["opportunity_name"])).mean())
    owners = (one["owner"] != "") & (other["owner"] != "")
    one_team = bool(owners.any()) and float((one["owner"] == other["owner"])[owners].mean()) > _HARDLY
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
    label = system.named_beside(earlier, number)
    shared = set(system.rows.index) & {text for other in earlier for text in other.rows.index}

    def said(count: str, old: str, new: str) -> str:
        return (
            f"{count} ids stand in {earlier[0].first} for other opportunities, as '{old}': here they were given the name"
            f" of their system, as '{new}'."
        )

    own = [log for log in logs if system.has_layout(log) and not any(other.has_layout(log) for other in earlier)]
    for piece in [*system.pieces, *own]:
        ids = column(piece.frame, "opportunity_id")
        write_ids(piece, ids[ids.isin(shared)] + f" | {label}", "shared_id", said)


# Accounts


def tell_accounts_apart(pieces: list[Piece]) -> None:
    """Ids that stand in exports of two systems for other accounts each get the name of the second behind.

    What a system calls an account decides: an id whose names are alike is one account, also in two systems.

    Parameters
    ----------
    pieces
        Every table of every file, as it was read.
    """
    facts = [(piece, rows) for piece in pieces if (rows := _accounts_of(piece)) is not None]
    if not facts:
        return
    pairs = pd.concat([rows for _, rows in facts]) if len(facts) > 1 else facts[0][1]
    if not pairs.drop_duplicates()["id"].duplicated().any():
        return
    systems: list[_System] = []
    # Opportunities show which systems there are; a table without names goes where others have shown that it belongs.
    for piece, rows in sorted(
        facts, key=lambda fact: (fact[1]["title"].isna().all(), fact[0].fit.table.kind == "accounts")
    ):
        named = rows.assign(name=spelled(rows["title"]))
        last = named.drop_duplicates("id", keep="last").set_index("id")
        home = _home(systems, piece, last)
        if home is None:
            home = _System()
            systems.append(home)
        _say_other_names(piece, named, home)
        home.add(piece, last)
    _mark_accounts(systems, [piece for piece in pieces if piece.fit.table.kind == "ratings"])


def _accounts_of(piece: Piece) -> pd.DataFrame | None:
    """Id and name (``title``) of every account that a table names by an id, each pair once."""
    frame = piece.frame
    if piece.fit.table.kind not in ("opportunities", "accounts") or "account_id" not in frame:
        return None
    rows = pd.DataFrame({"id": frame["account_id"], "title": column(frame, "account_name")})
    rows = rows.dropna(subset=["id"]).drop_duplicates()
    return rows if len(rows) else None


def _unlike(one: pd.Series, other: pd.Series, *, translated: bool = False) -> pd.Series:
    """Whether names are not alike; ``translated``: a Chinese name and one in letters may mean one account."""

    def apart(a: str, b: str) -> bool:
        return unlike(a, b) and not (translated and bool(_HAN.search(a)) != bool(_HAN.search(b)))

    pairs = zip(one.to_numpy(), other.to_numpy(), strict=True)
    return pd.Series([apart(a, b) for a, b in pairs], index=one.index, dtype=bool)


def _home(systems: list[_System], piece: Piece, rows: pd.DataFrame) -> _System | None:
    """The system that a table belongs to: of those that it does not speak against, the one it agrees with most."""
    if (rows["name"] == "").all() and len(systems) > 1:
        alike = [system for system in systems if system.has_layout(piece)]
        if len(alike) != 1:
            _say_doubtful(piece, rows, systems)
        return (alike or systems)[0]
    fitting = [system for system in systems if not _other_accounts(system, piece, rows)]

    def agreement(system: _System) -> tuple[int, bool]:
        common = rows.index.intersection(system.rows.index)
        return int((rows.loc[common, "name"] == system.rows.loc[common, "name"]).sum()), system.has_layout(piece)

    return max(fitting, key=agreement, default=None)


def _other_accounts(system: _System, piece: Piece, rows: pd.DataFrame) -> bool:
    """Whether the ids of accounts that a table shares with a system have other names there."""
    common = rows.index.intersection(system.rows.index)
    one, other = rows.loc[common, "name"], system.rows.loc[common, "name"]
    # A table of accounts may have them in another language than the opportunities: 华东钢铁 and East Steel.
    beside = piece.fit.table.kind == "accounts"
    told = int(((one != "") & (other != "")).sum())
    count = int(_unlike(one, other, translated=beside).sum())
    if count < (2 if beside or system.has_layout(piece) else 1) or count < _HALF * told:
        return False
    return not any(_same_opportunities(piece, held) for held in system.pieces)


def _same_opportunities(one: Piece, other: Piece) -> bool:
    """Whether ids that two tables of opportunities share have one name in both: then it is one system."""
    if any("opportunity_id" not in piece.frame or "opportunity_name" not in piece.frame for piece in (one, other)):
        return False
    names = [piece.frame.drop_duplicates("opportunity_id").set_index("opportunity_id") for piece in (one, other)]
    common = names[0].index.intersection(names[1].index).dropna()
    alike = [spelled(frame.loc[common, "opportunity_name"]) for frame in names]
    return len(common) > 0 and float((alike[0] == alike[1]).mean()) > _HARDLY


def _say_doubtful(piece: Piece, rows: pd.DataFrame, systems: list[_System]) -> None:
    """Tell that ids stand for accounts of two systems, in a table that does not say of which."""
    first = systems[0]
    for other in systems[1:]:
        both = rows.index[rows.index.isin(first.rows.index) & rows.index.isin(other.rows.index)]
        both = both[_unlike(first.rows.loc[both, "name"], other.rows.loc[both, "name"])]
        if len(both):
            message = (
                f"{len(both):,} ids of accounts, as '{both[0]}', stand for other accounts in {first.first} than in"
                f" {other.first}, and nothing tells which are meant here: taken as those of {first.first}. Export the names"
                " of the accounts too."
            )
            piece.entry.issue("contradiction", "shared_account_id", message, value=str(both[0]), count=len(both))


def _say_other_names(piece: Piece, named: pd.DataFrame, home: _System) -> None:
    """Tell which ids of accounts have unlike names in one system: each stays one account."""
    known = home.rows[["name", "title"]].reset_index() if len(home.rows) else named.iloc[:0]
    known = pd.concat([known, named[["id", "name", "title"]]], ignore_index=True)
    known = known[known["id"].isin(named["id"]) & (known["name"] != "")].drop_duplicates(["id", "name"])
    before = known.groupby("id", sort=False)[["name", "title"]].shift()
    again = known.assign(before=before["title"])[before["name"].notna()]
    again = again[_unlike(again["name"], before.loc[again.index, "name"], translated=True)].drop_duplicates("id")
    if len(again):
        line = again.iloc[0]
        message = (
            f"{len(again):,} ids of accounts have names that are not alike, as '{line['id']}': '{line['before']}' and"
            f" '{line['title']}'. Each was counted as one account. Check whether the ids are right."
        )
        heading = piece.fit.columns.get("account_id")
        piece.entry.issue(
            "contradiction", "other_account_names", message, column=heading, value=str(line["id"]), count=len(again)
        )


def _mark_accounts(systems: list[_System], ratings: list[Piece]) -> None:
    """The ids that name another account in an earlier system, in all tables of a system and in sheets of ratings."""
    for number, system in enumerate(systems[1:], 2):
        earlier = systems[: number - 1]
        label = system.named_beside(earlier, number)
        names = system.rows["name"]
        meant: dict[str, str] = {}
        for other in earlier:
            common = names.index.intersection(other.rows.index)
            there = other.rows.loc[common, "name"]
            # An id without a name in one of two systems that count alike is another account as well.
            apart = _unlike(names[common], there) | (names[common] == "") | (there == "")
            meant |= {text: f"{text} | {label}" for text in common[apart]}
        for piece in system.pieces:
            _write_accounts(piece, meant, earlier[0].first)
        for piece in ratings:
            # A sheet that the team keeps by itself tells row by row which account is meant.
            ids, words = column(piece.frame, "account_id"), spelled(column(piece.frame, "account_name"))
            own = ids.isin(list(meant)) & (words != "") & (words == ids.map(names))
            if own.any():
                _write_accounts(piece, meant, earlier[0].first, own)


def _write_accounts(piece: Piece, meant: dict[str, str], first: str, rows: pd.Series | None = None) -> None:
    """Other ids for the accounts of a table, of all its rows or of some."""
    for name in ("account_id", "parent_account"):
        ids = column(piece.frame, name)
        found = ids.isin(list(meant)) if rows is None else ids.isin(list(meant)) & rows
        if not found.any():
            continue
        piece.frame[name] = ids.mask(found, ids.map(meant).astype("str"))
        row, count, value = float(found.index[found][0]), int(found.sum()), str(ids[found].iloc[0])
        message = (
            f"{count:,} rows have ids of accounts that stand in {first} for other accounts, as '{value}': here these were"
            f" given the name of their system, as '{meant[value]}'. If they are the same accounts, give them the same names."
        )
        heading = piece.fit.columns.get(name)
        piece.entry.issue("repaired", "shared_account_id", message, row=row, column=heading, value=value, count=count)
