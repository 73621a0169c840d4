"""Salesforce's ids in their two forms: 15 characters whose case counts, 18 with a checksum of that case.

Reports write 15 characters, Data Loader writes 18: the same record in two files. Spreadsheets' lookups lose the
case; of 18 characters the last three bring it back.
"""

import re
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .columns import Piece
from .parsed import arrow_text

_SHORT, _LONG = 15, 18
_CODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
# Standard objects begin with 0, custom ones with a letter and a digit; GUIDs and numbers are no such ids.
_ID = re.compile(r"(?:0[0-9A-Za-z]{2}|[a-z]0[0-9A-Za-z])[0-9A-Za-z]{12}(?:[A-Za-z0-5]{3})?")
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


def _ids(column: pd.Series) -> list[str]:
    """The distinct ids of a column that can be Salesforce's; columns of other lengths cost one look."""
    texts = arrow_text(column)
    length = pc.utf8_length(texts)
    sized = texts.filter(pc.fill_null(pc.is_in(length, pa.array([_SHORT, _LONG], length.type)), False))
    return [text for text in pc.unique(sized).to_pylist() if _ID.fullmatch(text)]


def _lost_case(ids: list[str]) -> dict[str, str]:
    """Damaged id → the id it was, where the checksums of all long ids of the column bear it out."""
    meant = {text: text if long_id(text[:_SHORT]) == text else restored_id(text) for text in ids if len(text) == _LONG}
    if None in meant.values():
        return {}
    return {text: was for text, was in meant.items() if was is not None and was != text}


def _contradicting(piece: Piece) -> set[str]:
    """Ids that one table of opportunities holds in both forms, under different names."""
    ids = piece.frame["opportunity_id"]
    held = set(_ids(ids))
    both = {short for short in held if len(short) == _SHORT and long_id(short) in held}
    names = [name for name in _NAMES if name in piece.frame]
    apart = set()
    for short in sorted(both):
        one, other = (piece.frame.loc[ids == form, names].iloc[-1] for form in (short, long_id(short)))
        if names and one.notna().all() and other.notna().all() and (one != other).all():
            apart.add(short)
            message = (
                f"'{short}' and '{long_id(short)}' are one Salesforce id in its forms of 15 and 18 characters, but name"
                f" '{one.iloc[0]}' and '{other.iloc[0]}': both rows were kept. Check which of them is right."
            )
            row = float(ids.index[ids == long_id(short)][0])
            piece.entry.issue(
                "contradiction", "salesforce_id", message, row=row,
                column=piece.fit.columns.get("opportunity_id"), value=long_id(short),
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
    seen: set[str] = set()
    for place in places:
        ids = _ids(place.ids)
        if meant := _lost_case(ids):
            place.write(meant, "have lost their case, which the checksum of 18 characters states")
        seen |= {meant.get(text, text) for text in ids}
    longer = {short: long_id(short) for short in seen if len(short) == _SHORT and long_id(short) in seen}
    if not longer:
        return
    for piece in pieces:
        if piece.fit.table.kind == "opportunities" and "opportunity_id" in piece.frame:
            longer = {short: full for short, full in longer.items() if short not in _contradicting(piece)}
    for place in places:
        place.write(longer, "stand elsewhere with 18 characters")
