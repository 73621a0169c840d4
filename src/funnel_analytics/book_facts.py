"""What a book tells of its exports: the facts it is shown by, what travels with its tables, every row as it was read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import tables
from .methodology import Methodology
from .words import label, language, number, word

if TYPE_CHECKING:
    from .book import Book


def context_of(methodology: Methodology, currency: str | None, as_of: pd.Timestamp) -> dict[str, Any]:
    """What travels with every table: currency, date, and the methodology's words, classes, rating scale and cut."""
    return {
        "currency": currency,
        "as_of": as_of,
        "words": methodology.words(),
        "segments": methodology.segment_order,
        "rating_scale": (methodology.rating_low, methodology.rating_high),
        "potential_cut": methodology.potential_cut,
    }


def facts_of(book: "Book", lang: str | None = None) -> list[tuple[str, str]]:
    """What a book holds, as names and values in a language."""
    rows = book.frames["opportunities"]
    outcomes = rows["outcome"].value_counts()
    between = word("book.between", lang)
    ended = between.join(f"{number(outcomes.get(key, 0))} {label(key, lang)}" for key in ("open", "won", "lost"))
    dates = [f"{date:%Y-%m-%d}" for date in book.export_dates]
    kinds = book.frames["issues"]["kind"].value_counts()
    issues = between.join(f"{number(count)} {label(kind, lang)}" for kind, count in kinds.items())
    facts = {
        "opportunities": word("book.outcomes", lang, count=number(len(rows)), outcomes=ended),
        "accounts": number(len(book.frames["accounts"])),
        "exports": word("book.dates", lang, count=len(dates), dates=between.join(dates)),
        "as_of": f"{book.as_of:%Y-%m-%d}",
        "currency": book.currency or word("book.not_stated", lang),
        "methodology": book.methodology.name[language(lang)],
        "history": word("book.changes", lang, count=number(len(book.frames["history"]))),
        "vanished": number(len(book.frames["vanished"])),
        "issues": issues or word("book.no_issues", lang),
    }
    return [(word(f"book.{name}", lang), fact) for name, fact in facts.items()]


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
