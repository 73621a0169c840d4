"""Rows of opportunities with where they stand, and the ids that their files state."""

import pandas as pd

from . import amounts
from .columns import Piece, column


def as_snapshots(piece: Piece, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of a piece with their amounts as exported, currency and origin."""
    return frame.assign(
        amount_original=column(frame, "amount", "float64"),
        currency=amounts.currency_of(piece, frame),
        source_file=piece.entry.file,
        source_sheet=piece.entry.sheet,
        source_row=frame.index.astype("float64"),
    )


def stated_ids(pieces: list[Piece]) -> pd.DataFrame:
    """What files state as id in rows that have been given another one: by file, sheet and row."""
    parts = [
        pd.DataFrame(
            {
                "opportunity_id": piece.stated_ids,
                "source_file": piece.entry.file,
                "source_sheet": piece.entry.sheet,
                "source_row": piece.stated_ids.index.astype("float64"),
            }
        )
        for piece in pieces
        if len(piece.stated_ids)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
