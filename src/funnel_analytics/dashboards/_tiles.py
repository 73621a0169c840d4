"""The tiles of a dashboard: measures in words, and what became of them since the previous export."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..book import Book
from ..errors import FunnelError
from ..forecast.as_known import book_as_of
from ..words import date, money, number, percent, word
from ._content import filtered


@dataclass(frozen=True)
class Measure:
    """One number of a tile."""

    key: str
    """Finds its name: ``dashboards.<key>``."""
    value: float | None
    kind: str = "number"
    """``number``, ``money`` or ``percent`` (a fraction)."""
    instead: str | None = None
    """What is told where there is no value: counts too small for a rate."""

    def told(self, currency: str | None, lang: str | None) -> tuple[str, str]:
        """Name and value in words."""
        said = money(self.value, currency, lang) if self.kind == "money" else _plain(self.value, self.kind)
        return word(f"dashboards.{self.key}", lang), (self.instead if self.value is None else None) or said

    def difference(self, earlier: "Measure", currency: str | None, lang: str | None) -> str | None:
        """What was added or lost since, with its sign; None where one of the two is not known."""
        if self.value is None or earlier.value is None or pd.isna(self.value) or pd.isna(earlier.value):
            return None
        change = float(self.value) - float(earlier.value)
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        if self.kind == "money":
            return sign + money(abs(change), currency, lang)
        if self.kind == "percent":
            return sign + word("dashboards.points", lang, points=number(100 * abs(change)))
        return sign + number(abs(change))


def _plain(value: float | None, kind: str) -> str:
    return percent(value) if kind == "percent" else number(value)


def previous_part(book: Book, filters: dict[str, Any]) -> Book | None:
    """The same part of the book as the export before its own knew it; None where there is none."""
    earlier = [day for day in book.export_dates if day < book.as_of]
    if not earlier:
        return None
    try:
        part = filtered(book.once(book_as_of, earlier[-1]), filters)
    except FunnelError:
        # Nobody of this selection was there yet.
        return None
    return part if part.size else None


def changes_since(
    measures: Sequence[Measure],
    earlier: Book | None,
    measure: Callable[[Book], Sequence[Measure]],
    currency: str | None,
    lang: str | None,
) -> dict[str, str]:
    """For each tile that was also known earlier: what it gained or lost since, as a sentence.

    Parameters
    ----------
    measures
        The present measures.
    earlier
        From `previous_part`.
    measure
        What makes the measures of a book.
    """
    if earlier is None:
        return {}
    try:
        before = {one.key: one for one in measure(earlier)}
    except FunnelError:
        # An earlier day that cannot be measured has nothing to be compared with.
        return {}
    said = {}
    for one in measures:
        change = one.difference(before[one.key], currency, lang) if one.key in before else None
        if change is not None:
            said[one.told(currency, lang)[0]] = word(
                "dashboards.since_then", lang, change=change, date=date(earlier.as_of, lang)
            )
    return said
