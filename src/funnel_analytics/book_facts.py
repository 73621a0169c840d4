"""What a book tells of its exports: the facts it is shown by, what travels with its tables, every row as it was read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import tables
from .errors import AmountError, CurrencyError
from .methodology import Methodology
from .outcomes import CLOSED, OUTCOMES
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


def first_told(book: "Book", field: str) -> pd.Timestamp | None:
    """The first day on which an export or the change log tells a field of open opportunities."""
    log = book.frames["history"]
    ends = [stage.key for stage in book.methodology.stages if stage.outcome is not None]
    closes = log["outcome"].isin(CLOSED) | log["stage"].isin(ends)
    logged = log["changed_at"].where(log[field].notna() & ~closes).min()
    days = [*book.export_dates[:1], *([] if pd.isna(logged) else [pd.Timestamp(logged).normalize()])]
    return min(days, default=None)


def facts_of(book: "Book", lang: str | None = None) -> list[tuple[str, str]]:
    """What a book holds, as names and values in a language."""
    rows = book.frames["opportunities"]
    outcomes = rows["outcome"].value_counts()
    between = word("book.between", lang)
    ended = between.join(f"{number(outcomes.get(key, 0))} {label(key, lang)}" for key in OUTCOMES)
    dates = [f"{date:%Y-%m-%d}" for date in book.export_dates]
    kinds = book.frames["issues"]["kind"].value_counts()
    issues = between.join(f"{number(count)} {label(kind, lang)}" for kind, count in kinds.items())
    facts = {
        "opportunities": word("book.outcomes", lang, count=number(len(rows)), outcomes=ended),
        "accounts": number(len(book.frames["accounts"])),
        "exports": word("book.dates", lang, count=len(dates), dates=between.join(dates)),
        "as_of": f"{book.as_of:%Y-%m-%d}",
        "currency": _currency(book, lang),
        "methodology": book.methodology.name[language(lang)],
        "history": word("book.changes", lang, count=number(len(book.frames["history"]))),
        "vanished": number(len(book.frames["vanished"])),
        "issues": issues or word("book.no_issues", lang),
    }
    return [(word(f"book.{name}", lang), fact) for name, fact in facts.items()]


def _currency(book: "Book", lang: str | None) -> str:
    """The one currency of all amounts, or that they cannot be added up."""
    try:
        book.require_money()
    except CurrencyError:
        return word("book.no_rates", lang, currency=book.currency or "–")
    except AmountError:
        pass
    return book.currency or word("book.not_stated", lang)


def missing_rates(rows: pd.DataFrame, currency: str | None) -> CurrencyError:
    """What stands in the way of adding up amounts that could not be converted into a book's currency."""
    sums = rows.fillna({"currency": "(none stated)"}).groupby("currency")["amount_original"].agg(["size", "sum"])
    listed = ", ".join(f"{code} {number(total)} in {count} opportunities" for code, count, total in sums.itertuples())
    codes = [code for code in sums.index if code != "(none stated)"]
    if currency and not codes:
        return CurrencyError(
            f"Amounts cannot be given in {currency}: no currency is stated for {listed}. State it in the export, or in"
            f' a profile as currency = "{currency}".'
        )
    if currency:
        return CurrencyError(
            f"Amounts cannot be given in {currency}: no rate is known for {listed}. Give what one {codes[0]} is worth:"
            f" read_exports(…, currency='{currency}', rates={{'{codes[0]}': …}}), on the command line"
            f" --currency {currency} --rate {codes[0]}=…"
        )
    return CurrencyError(
        f"Amounts are in several currencies and cannot be added up: {listed}. Choose the one to report in and give what"
        f" the others are worth in it: read_exports(…, currency='{codes[0]}', rates={{'{codes[-1]}': …}}), on the"
        f" command line --currency {codes[0]} --rate {codes[-1]}=…; or export one currency."
    )


def records_as_read(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`tables.RECORDS` from the frames of a book; see `Book.records`."""
    rows = tables.conform(frames["snapshots"], tables.RECORDS, keep_extra=True)
    repeated = frames.get("repeated", pd.DataFrame())
    if len(repeated):
        rows = pd.concat([rows, repeated.astype(rows[repeated.columns].dtypes.to_dict())], ignore_index=True)
        rows = rows.sort_values(["as_of", "source_row"], kind="stable", ignore_index=True)
    stated = frames.get("stated_ids", pd.DataFrame())
    if len(stated):
        place = ["source_file", "source_sheet", "source_row"]
        own = stated.set_index(pd.MultiIndex.from_frame(stated[place].fillna("")))["opportunity_id"]
        at = pd.MultiIndex.from_frame(rows[place].fillna(""))
        named = own.reindex(at).to_numpy()
        rows["opportunity_id"] = rows["opportunity_id"].mask(at.isin(own.index), pd.Series(named, index=rows.index))
    return rows
