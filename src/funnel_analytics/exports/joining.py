"""One table points to another: keys followed, and names that differ only in spelling brought together."""

import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from .columns import Piece
from .opportunity_rows import column


def _spelling(name: object) -> str:
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
        by_spelling[_spelling(word)] = None if _spelling(word) in by_spelling else word
    counts = words.value_counts()
    strange = [str(word) for word in counts.index if word not in known]
    repaired = {word: other for word in strange if (other := by_spelling.get(_spelling(word)))}
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


def account_frame(pieces: list[Piece]) -> pd.DataFrame | None:
    """`tables.ACCOUNTS` of every accounts table, with revenue per year folded into current revenue."""
    frames: list[pd.DataFrame] = []
    for piece in pieces:
        frame = piece.frame
        if "account_id" not in frame:
            frame["account_id"] = (column(frame, "account_name") if piece.key is None else piece.key).reindex(
                frame.index
            )
        frame["account_id"] = frame["account_id"].fillna(column(frame, "account_name"))
        nameless = frame.index[frame["account_id"].isna()]
        piece.entry.set_aside(nameless, "missing_id", "The row names no account.")
        frame = frame.drop(index=nameless)
        if piece.years:
            years = pd.DataFrame(piece.years).reindex(frame.index)
            mean = years.mean(axis=1)
            stated = column(frame, "current_revenue", "float64")
            frame["revenue_rule"] = np.where(stated.notna(), "export", np.where(mean.notna(), "mean_of_years", "none"))
            frame["current_revenue"] = stated.fillna(mean)
            piece.entry.decide(f"current revenue: mean of {', '.join(piece.years)}")
        repeated = frame.index[frame["account_id"].duplicated(keep="last")]
        message = "The account stands twice in this table: the last row is kept."
        piece.entry.set_aside(repeated, "duplicate_id", message, frame["account_id"])
        piece.frame = frame.drop(index=repeated)
        _with_earlier_columns(piece, frames)
        frames.append(piece.frame)
    return pd.concat(frames, ignore_index=True) if frames else None


def _with_earlier_columns(piece: Piece, earlier: list[pd.DataFrame]) -> None:
    """Columns that only earlier tables of accounts have; a blank cell of a column that is there stays blank."""
    if not earlier:
        return
    known = pd.concat(earlier, ignore_index=True).drop_duplicates("account_id", keep="last").set_index("account_id")
    lacking = [name for name in known.columns if name not in piece.frame and known[name].notna().any()]
    for name in lacking:
        piece.frame[name] = piece.frame["account_id"].map(known[name])
    if lacking and piece.frame["account_id"].isin(known.index).any():
        piece.entry.decide(f"from an earlier table of accounts: {', '.join(lacking)}")


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


def rating_frame(pieces: list[Piece], criteria: Mapping[str, str], low: float, high: float) -> pd.DataFrame | None:
    """`tables.RATINGS` of ratings tables, long or wide, and of accounts tables with rated criteria."""
    from .profiles import heading_key

    frames = []
    for piece in pieces:
        frame, entry = piece.frame, piece.entry
        ids = column(frame, "account_id").fillna(column(frame, "account_name"))
        base = pd.DataFrame({"account_id": ids, "rated_on": column(frame, "rated_on", "datetime64[us]"), "rated_by": column(frame, "rated_by")})  # fmt: skip
        if "criterion" in frame and "rating" in frame:
            words = frame["criterion"]
            keys = words.map({text: criteria.get(heading_key(text)) for text in words.dropna().unique()}).astype("str")
            strange = frame.index[keys.isna()]
            entry.set_aside(strange, "unknown_criterion", "The row rates no criterion of the methodology.", words)
            long = base.assign(criterion=keys, rating=frame["rating"]).drop(index=strange)
        elif piece.ratings:
            wide = pd.DataFrame(piece.ratings).reindex(frame.index)
            long = base.join(wide).melt(
                ["account_id", "rated_on", "rated_by"], list(piece.ratings), "criterion", "rating"
            )
        else:
            continue
        outside = long["rating"].notna() & ~long["rating"].between(low, high)
        if outside.any():
            first = long.loc[outside].iloc[0]
            message = f"{int(outside.sum()):,} ratings are outside {low:g} to {high:g} (the first: {first['rating']:g}): left empty."
            entry.issue(
                "unreadable", "rating_out_of_range", message, value=f"{first['rating']:g}", count=int(outside.sum())
            )
            long["rating"] = long["rating"].mask(outside)
        frames.append(long.dropna(subset=["account_id", "rating"]))
    return pd.concat(frames, ignore_index=True) if frames else None
