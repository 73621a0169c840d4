"""What a book tells of its exports: the facts it is shown by, what travels with its tables, every row as it was read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import tables
from .methodology import Methodology

if TYPE_CHECKING:
    from .book import Book


def context_of(methodology: Methodology, currency: str | None, as_of: pd.Timestamp) -> dict[str, Any]:
    """What travels with every table: currency, date, and the methodology's words, rating scale and cut."""
    return {
        "currency": currency,
        "as_of": as_of,
        "words": methodology.words(),
        "rating_scale": (methodology.rating_low, methodology.rating_high),
        "potential_cut": methodology.potential_cut,
    }


def facts_of(book: "Book") -> list[tuple[str, str]]:
    """What a book holds, as names and values."""
    rows = book.frames["opportunities"]
    counts = rows["outcome"].value_counts()
    dates = [f"{date:%Y-%m-%d}" for date in book.export_dates]
    kinds = book.frames["issues"]["kind"].value_counts()
    return [
        (
            "opportunities",
            f"{len(rows):,} ({', '.join(f'{counts.get(key, 0):,} {key}' for key in ('open', 'won', 'lost'))})",
        ),
        ("accounts", f"{len(book.frames['accounts']):,}"),
        ("exports", f"{len(dates)}: {', '.join(dates)}"),
        ("as of", f"{book.as_of:%Y-%m-%d}"),
        ("currency", book.currency or "not stated"),
        ("methodology", book.methodology.key),
        ("history", f"{len(book.frames['history']):,} recorded changes"),
        ("vanished", f"{len(book.frames['vanished']):,}"),
        ("issues", ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "none"),
    ]


def records_as_read(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`tables.RECORDS` from the frames of a book; see `Book.records`."""
    rows = tables.conform(frames["snapshots"], tables.RECORDS, keep_extra=True)
    stated = frames.get("stated_ids", pd.DataFrame())
    if len(stated):
        place = ["source_file", "source_sheet", "source_row"]
        own = stated.set_index(pd.MultiIndex.from_frame(stated[place].fillna("")))["opportunity_id"]
        at = pd.MultiIndex.from_frame(rows[place].fillna(""))
        named = own.reindex(at).to_numpy()
        rows["opportunity_id"] = rows["opportunity_id"].mask(at.isin(own.index), pd.Series(named, index=rows.index))
    repeated = frames.get("repeated", pd.DataFrame())
    if not len(repeated):
        return rows
    both = pd.concat([rows, repeated.astype(rows[repeated.columns].dtypes.to_dict())], ignore_index=True)
    return both.sort_values(["as_of", "source_row"], kind="stable", ignore_index=True)
