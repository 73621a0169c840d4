"""A part of a book: which opportunities it keeps; its frames are cut from the whole's when they are asked for.

A dashboard filters on every click and reads one analysis: cutting ten frames of every column for it would take longer
than the analysis.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .codes import codes_of

if TYPE_CHECKING:
    from .book import Book

_BY_OPPORTUNITY = ("snapshots", "history", "evidence", "repeated")
_OF_THE_WHOLE = ("exports", "held", "evidence_stated")
"""What a part must know of the whole team's exports."""


class PartFrames(Mapping[str, pd.DataFrame]):
    """The frames of a part of a book, each made on first use.

    Attributes
    ----------
    whole : Book
        The book of which it is a part; itself perhaps a part.
    kept : (n,) array of int
        Places of the kept opportunities among the whole's opportunities, followed by its vanished, in order.
    asked : mapping
        The columns filtered by, and the values kept of each.
    """

    def __init__(self, whole: "Book", kept: np.ndarray, asked: Mapping[str, list[Any]]) -> None:
        self.whole, self.kept, self.asked = whole, kept, asked
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            if name not in self:
                raise KeyError(name)
            self._made[name] = self._make(name).reset_index(drop=True)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self.whole.frames or name in (*_OF_THE_WHOLE, "evidence")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self.whole.frames, "evidence", *_OF_THE_WHOLE]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def rows(self) -> np.ndarray:
        """Places of the kept among the whole's opportunities, without the vanished."""
        return self.kept[self.kept < self.whole.size]

    def column(self, name: str) -> pd.Series:
        """One column of the opportunities, without making the others."""
        if "opportunities" in self._made:
            return self._made["opportunities"][name]
        return self.whole.column(name).iloc[self.rows].reset_index(drop=True)

    def _make(self, name: str) -> pd.DataFrame:
        frames = self.whole.frames
        if name == "opportunities":
            return frames[name].iloc[self.rows]
        if name == "vanished":
            return frames[name].iloc[self.kept[self.kept >= self.whole.size] - self.whole.size]
        if name in _BY_OPPORTUNITY:
            frame = self.whole.evidence if name == "evidence" else frames[name]
            return frame[self.holds_row(name)]
        if name == "accounts":
            return frames[name][self._accounts()]
        if name in ("ratings", "account_snapshots"):
            return frames[name][frames[name]["account_id"].isin(self["accounts"]["account_id"].dropna())]
        if name == "quotas":
            return self._quotas()
        if name == "calls":
            return self._calls()
        return frames[name] if name in frames else _told(self.whole, name)

    def holds_row(self, name: str) -> np.ndarray:
        """Which rows of a frame of the whole, or of its stage log, are about opportunities of the part."""
        member = np.zeros(self.whole.size + len(self.whole.frames["vanished"]) + 1, dtype=bool)
        member[self.kept] = True
        return np.asarray(member[self.whole.once(places, name)])

    def _accounts(self) -> pd.Series:
        """Which accounts have a kept opportunity; if the filters are about accounts alone, also those without one that fit."""
        accounts = self.whole.frames["accounts"]
        held = accounts["account_id"].isin(self.column("account_id").dropna())
        if set(self.asked) <= set(accounts.columns):
            held |= np.logical_and.reduce([accounts[column].isin(wanted) for column, wanted in self.asked.items()])
        return held

    @cached_property
    def _answered_for(self) -> pd.DataFrame:
        """Owner and team of each of the whole's opportunities, and whether it is kept."""
        rows = pd.DataFrame({column: self.whole.column(column) for column in ("owner", "team")}).assign(kept=False)
        rows.iloc[self.rows, rows.columns.get_loc("kept")] = True
        return rows

    def _calls(self) -> pd.DataFrame:
        """The calls that are about a part: those whose every opportunity is in it."""
        calls, rows = self.whole.calls, self._answered_for
        keep = rows["kept"].to_numpy(dtype=bool)
        alike = calls.groupby(["owner", "team"], dropna=False)
        kept = [at for who, listed in alike if _holds_all(keep, _about(rows, *who)) for at in listed.index]
        return calls.loc[sorted(kept)]

    def _quotas(self) -> pd.DataFrame:
        return quotas_of_part(self.whole.frames["quotas"], self._answered_for)


def _about(rows: pd.DataFrame, owner: Any, team: Any) -> np.ndarray:
    """Which opportunities a quota or a call of an owner and a team is about; missing means any."""
    about = np.ones(len(rows), dtype=bool)
    for column, name in (("owner", owner), ("team", team)):
        if pd.notna(name):
            about &= (rows[column] == name).to_numpy(dtype=bool)
    return about


def _holds_all(keep: np.ndarray, about: np.ndarray) -> bool:
    return bool(about.any() and keep[about].all())


def quotas_of_part(quotas: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The quotas that stand for a part: those whose every opportunity is in it.

    A quota cannot be split: where part of a seller's opportunities is kept, the part of that period has none.

    Parameters
    ----------
    quotas
        `tables.QUOTAS` of the whole.
    rows
        owner, team and kept of every opportunity of the whole, or of every different three of these.

    Examples
    --------
    >>> quotas = pd.DataFrame({"owner": ["Ana", "Li"], "team": None, "period": "2026Q4", "quota": [5.0, 7.0]})
    >>> rows = pd.DataFrame({"owner": ["Ana", "Li"], "team": None, "kept": [True, False]})
    >>> quotas_of_part(quotas, rows)["quota"].tolist()
    [5.0]
    """
    keep = rows["kept"].to_numpy(dtype=bool)
    kept: list[Any] = []
    for _, listed in quotas.groupby("period"):
        covered, whole = np.zeros(len(rows), dtype=bool), []
        for at, owner, team in listed[["owner", "team"]].itertuples():
            about = _about(rows, owner, team)
            if _holds_all(keep, about):
                whole.append(at)
                covered |= about
        if covered[keep].all():
            kept += whole
    return quotas.loc[sorted(kept)]


def _told(book: "Book", name: str) -> pd.DataFrame:
    """What the exports of a whole book tell, for its parts."""
    if name == "exports":
        return pd.DataFrame({"as_of": book.export_dates})
    if name == "held":
        held = [column for column in book.frames["opportunities"] if book.holds(str(column))]
        return pd.DataFrame({"column": held}, dtype="str")
    return pd.DataFrame({"evidence": book.evidence_stated}, dtype="str")


def places(book: "Book", name: str) -> np.ndarray:
    """For each row of a frame, or of the stage log, the place of its opportunity in the book.

    Parameters
    ----------
    book
        The book; ask through ``book.once(places, name)``, which looks them up once.
    name
        ``snapshots``, ``history``, ``evidence`` or ``stage_log``.

    Returns
    -------
    (n,) array of int64
        Places among the opportunities, followed by the vanished; −1 where the book has no such opportunity.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> at = book.once(places, "stage_log")
    >>> ids = book.opportunities["opportunity_id"].to_numpy()
    >>> bool((ids[at[at < book.size]] == book.stage_log["opportunity_id"][at < book.size]).all())
    True
    """
    frames = book.frames
    if isinstance(frames, PartFrames):
        number = np.full(frames.whole.size + len(frames.whole.frames["vanished"]) + 1, -1)
        number[frames.kept] = np.arange(len(frames.kept))
        return np.asarray(number[frames.whole.once(places, name)[frames.holds_row(name)]])
    rows = book.stage_log if name == "stage_log" else book.evidence if name == "evidence" else frames[name]
    ids = pd.concat([frames[part]["opportunity_id"] for part in ("opportunities", "vanished")], ignore_index=True)
    return codes_of(rows["opportunity_id"], pd.Index(ids))


def column_codes(book: "Book", column: str) -> tuple[np.ndarray, pd.Index]:
    """A column of the opportunities, followed by the vanished, as whole numbers.

    Parameters
    ----------
    book
        The book; ask through ``book.once(column_codes, column)``.
    column
        A column of the opportunities.

    Returns
    -------
    codes : (n,) array of int64
        The place of each value; −1 where it is missing.
    values : Index
        The different values of the whole team, sorted; a part of it may lack some.
    """
    frames = book.frames
    if isinstance(frames, PartFrames):
        codes, values = frames.whole.once(column_codes, column)
        return codes[frames.kept], values
    parts = [frames[name][column] for name in ("opportunities", "vanished") if len(frames[name])]
    stacked = pd.concat(parts, ignore_index=True) if parts else frames["opportunities"][column]
    codes, values = pd.factorize(stacked, sort=True)
    return codes.astype("int64"), pd.Index(values)


def code_of_value(book: "Book", column: str) -> dict[Any, int]:
    """The code of each value in `column_codes`."""
    return {value: code for code, value in enumerate(book.once(column_codes, column)[1].tolist())}
