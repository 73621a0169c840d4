"""Salesforce's ids in their two forms: 15 characters whose case counts, 18 with a checksum of that case.

Reports write 15 characters, Data Loader writes 18: the same record in two files. Spreadsheets' lookups lose the
case; of 18 characters the last three bring it back.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...codes import fixed_marks
from ..values.parsed import arrow_text
from .columns import Piece

_SHORT, _LONG = 15, 18
_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_FIELDS = ("opportunity_id", "account_id", "parent_account")
_NAMES = ("account_name", "opportunity_name")


def long_id(short: str) -> str:
    """The form of 18 characters: for every five characters one that says which of them are capitals.

    Examples
    --------
    >>> long_id("006Hs00001AbCdE")
    '006Hs00001AbCdEIAV'
    """
    groups = (short[at : at + 5] for at in range(0, _SHORT, 5))
    return short + "".join(_CODES[sum(1 << n for n, mark in enumerate(part) if mark.isupper())] for part in groups)


def restored_id(damaged: str) -> str | None:
    """An id of 18 characters with the case that its checksum states; None where it states none.

    Examples
    --------
    >>> restored_id("006hs00001abcdeiav"), restored_id("006hs00001abcdebav")
    ('006Hs00001AbCdEIAV', None)
    """
    plain, checksum = damaged[:_SHORT].lower(), damaged[_SHORT:].upper()
    bits = [_CODES.index(code) >> place & 1 for code in checksum for place in range(5)]
    cased = "".join(mark.upper() if bit else mark for mark, bit in zip(plain, bits, strict=True))
    return cased + checksum if long_id(cased) == cased + checksum else None


@dataclass(frozen=True)
class _Place:
    """A column of ids in a piece: a field, the key that others point to, or a pointer to another table."""

    piece: Piece
    kind: str
    name: str

    @property
    def ids(self) -> pd.Series:
        if self.kind == "field":
            return self.piece.frame[self.name]
        return self.piece.joins[self.name] if self.piece.key is None or self.kind == "join" else self.piece.key

    @property
    def heading(self) -> str | None:
        return self.piece.fit.columns.get(self.name) if self.kind == "field" else str(self.ids.name)

    def write(self, meant: dict[str, str], what: str) -> None:
        """Put other ids in the place of some, and say so once."""
        ids = self.ids
        found = ids.isin(list(meant))
        if not found.any():
            return
        row, count = float(ids.index[found][0]), int(found.sum())
        value = str(ids[found].iloc[0])
        message = f"{count:,} ids as '{value}' {what}: taken as '{meant[value]}'."
        self.piece.entry.issue(
            "repaired", "salesforce_id", message, row=row, column=self.heading, value=value, count=count
        )
        written = ids.mask(found, ids.map(meant).astype("str"))
        if self.kind == "field":
            if self.name == "opportunity_id":
                self.piece.keep_stated(ids[found])
            self.piece.frame[self.name] = written
        elif self.kind == "join":
            self.piece.joins[self.name] = written
        else:
            self.piece.key = written


def _places(piece: Piece) -> list[_Place]:
    places = [_Place(piece, "field", name) for name in _FIELDS if name in piece.frame]
    places += [_Place(piece, "key", "")] if piece.key is not None else []
    return places + [_Place(piece, "join", name) for name in piece.joins]


def _ids(column: pd.Series, length: int) -> pa.Array:
    """The ids of a length that can be Salesforce's; columns of other lengths cost one look."""
    texts = arrow_text(column).cast(pa.large_string())
    sized = texts.filter(pc.fill_null(pc.equal(pc.binary_length(texts), length), False))
    marks = _marks(sized, length)
    # Standard objects begin with 0, custom ones with a letter and a digit; GUIDs and numbers are no such ids.
    fits = (marks[0] == ord("0")) | (_within(marks[0], "a", 26) & (marks[1] == ord("0")))
    for place, line in enumerate(marks):
        digits = _within(line, "0", 10 if place < _SHORT else 6)
        fits &= digits | _within(line, "A", 26) | _within(line, "a", 26)
    return sized if fits.all() else sized.filter(pa.array(fits))


def _within(marks: np.ndarray, first: str, count: int) -> np.ndarray:
    """Whether each letter is one of some that follow one another; smaller ones wrap round to larger than all."""
    return np.asarray((marks - np.uint8(ord(first))) < count)


def _marks(ids: pa.Array, length: int) -> np.ndarray:
    """The letters of ids that all have one length: all first ones, then all second ones and so on."""
    return np.ascontiguousarray(fixed_marks(ids, length).T)


def _checksums(marks: np.ndarray) -> np.ndarray:
    """What `long_id` adds, for many ids at once: three lines of letters."""
    capitals = _within(marks[:_SHORT], "A", 26).view(np.uint8).reshape(3, 5, -1)
    codes = sum(capitals[:, place] << place for place in range(5))
    return np.where(codes < 26, codes + ord("A"), codes + ord("0") - 26).astype(np.uint8)


def _lost_case(ids: pa.Array) -> dict[str, str]:
    """Damaged id → the id it was, where the checksums of all long ids of the column bear it out."""
    marks = _marks(ids, _LONG)
    wrong = (_checksums(marks) != marks[_SHORT:]).any(axis=0)
    meant: dict[str, str] = {}
    for text in pc.unique(ids.filter(pa.array(wrong))).to_pylist() if wrong.any() else []:
        was = restored_id(text)
        if was is None:
            return {}
        meant[text] = was
    return meant


def _forms(places: list[_Place]) -> dict[str, str]:
    """Ids of 15 characters → their form of 18, for those that stand somewhere in both."""
    short = pa.chunked_array([_ids(place.ids, _SHORT) for place in places], pa.large_string())
    if not len(short):
        return {}
    long = pa.chunked_array([_ids(place.ids, _LONG) for place in places], pa.large_string())
    short = pc.unique(short)
    marks = _marks(short, _SHORT)
    full = np.vstack([marks, _checksums(marks)]).T.tobytes().decode("ascii")
    made = pa.array([full[at : at + _LONG] for at in range(0, len(full), _LONG)], pa.large_string())
    both = pc.is_in(made, value_set=long)
    return dict(zip(short.filter(both).to_pylist(), made.filter(both).to_pylist(), strict=True))


def _contradicting(piece: Piece) -> set[str]:
    """Ids that one table of opportunities holds in both forms, under different names."""
    forms = _forms([_Place(piece, "field", "opportunity_id")])
    names = [name for name in _NAMES if name in piece.frame]
    if not forms or not names:
        return set()
    held = piece.frame[piece.frame["opportunity_id"].isin([*forms, *forms.values()])]
    last = held.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")[names]
    first_row = dict(zip(held["opportunity_id"][::-1], held.index[::-1], strict=True))
    apart = set()
    for short, full in sorted(forms.items()):
        one, other = last.loc[short], last.loc[full]
        if one.notna().all() and other.notna().all() and (one != other).all():
            apart.add(short)
            message = (
                f"'{short}' and '{full}' are one Salesforce id in its forms of 15 and 18 characters, but name"
                f" '{one.iloc[0]}' and '{other.iloc[0]}': both rows were kept. Check which of them is right."
            )
            piece.entry.issue(
                "contradiction", "salesforce_id", message, row=float(first_row[full]),
                column=piece.fit.columns.get("opportunity_id"), value=full,
            )  # fmt: skip
    return apart


def bring_forms_together(pieces: list[Piece]) -> None:
    """One record has one id in all tables: lost case comes back, and 15 characters become the 18 seen elsewhere.

    Parameters
    ----------
    pieces
        Every table of every file. An id that stands in one form only stays as it is written.
    """
    places = [place for piece in pieces for place in _places(piece)]
    for place in places:
        if meant := _lost_case(_ids(place.ids, _LONG)):
            place.write(meant, "have lost their case, which the checksum of 18 characters states")
    longer = _forms(places)
    if not longer:
        return
    for piece in pieces:
        if piece.fit.table.kind == "opportunities" and "opportunity_id" in piece.frame:
            apart = _contradicting(piece)
            longer = {short: full for short, full in longer.items() if short not in apart}
    for place in places:
        place.write(longer, "stand elsewhere with 18 characters")
