"""One table points to another: keys followed, and names that differ only in spelling brought together."""

import unicodedata

import pandas as pd

from .columns import Piece, column


def spelling(name: object) -> str:
    """A name without what people spell differently: width, case, blanks, marks."""
    text = unicodedata.normalize("NFKC", str(name)).casefold()
    return "".join(mark for mark in text if mark.isalnum()) or text


def bring_together(piece: Piece, name: str, accepted: pd.Series, table: str) -> None:
    """Names of a field that another table spells with other blanks, case or marks take that table's spelling.

    Reported once per spelling, with the number of rows; names that fit no row of the other table are noted.
    """
    if name not in piece.frame or accepted.dropna().empty:
        return
    words = piece.frame[name]
    known = set(accepted.dropna().unique())
    by_spelling: dict[str, str | None] = {}
    for word in known:
        # Two accepted names that differ in nothing else leave the choice open.
        by_spelling[spelling(word)] = None if spelling(word) in by_spelling else word
    counts = words.value_counts()
    strange = [str(word) for word in counts.index if word not in known]
    repaired = {word: other for word in strange if (other := by_spelling.get(spelling(word)))}
    heading = piece.fit.columns.get(name)
    for word, other in repaired.items():
        row, count = float(words.index[words == word][0]), int(counts[word])
        message = f"'{word}' ({count:,} rows) is spelled '{other}' in {table}: taken as the same."
        piece.entry.issue("repaired", "spelling", message, row=row, column=heading, value=word, count=count)
    if repaired:
        piece.frame[name] = words.replace(repaired)
    alone = [word for word in strange if word not in repaired]
    if alone:
        rows = words.index[words.isin(alone)]
        listed = ", ".join(f"'{word}'" for word in alone[:8]) + (" …" if len(alone) > 8 else "")
        message = f"{listed} ({len(rows):,} rows) stands in no row of {table}: kept without what {table} says."
        piece.entry.issue("note", "not_joined", message, row=float(rows[0]), column=heading, value=alone[0])


def follow(piece: Piece, table: str, targets: list[Piece], fields: tuple[str, ...]) -> None:
    """Fields that another table holds, by the key that the rows point to it with; nothing stated is overwritten."""
    keys = piece.joins.get(table)
    held = [target for target in targets if target.key is not None]
    if keys is None or not held:
        return
    looked_up = pd.concat([target.frame.assign(_key=target.key) for target in held], ignore_index=True)
    looked_up = looked_up.dropna(subset=["_key"]).drop_duplicates("_key", keep="last").set_index("_key")
    wanted = keys.reindex(piece.frame.index)
    lost = wanted.dropna()[~wanted.dropna().isin(looked_up.index)]
    if len(lost):
        message = f"{len(lost):,} rows point to a row that {table} does not hold, the first to '{lost.iloc[0]}'."
        piece.entry.issue(
            "note", "not_joined", message, row=float(lost.index[0]), column=str(keys.name), value=str(lost.iloc[0])
        )
    for name in fields:
        if name in looked_up.columns:
            found = wanted.map(looked_up[name])
            own = piece.frame[name] if name in piece.frame and piece.fit.columns.get(name) != keys.name else None
            stated = column(piece.frame, name, str(found.dtype)) if own is None else own
            piece.frame[name] = found.fillna(stated) if own is None else own.fillna(found)


def owner_frame(pieces: list[Piece]) -> pd.DataFrame | None:
    """owner, manager, team, region of every owners table, the newest table first."""
    frames = []
    for piece in pieces:
        nameless = piece.frame.index[column(piece.frame, "owner").isna()]
        piece.entry.set_aside(nameless, "missing_id", "The row names no owner.")
        piece.frame = piece.frame.drop(index=nameless)
        frames.append(piece.frame)
    # Who joins by owner takes the first row of a name.
    return pd.concat(frames[::-1], ignore_index=True) if frames else None
