"""Which pages a review has, in which order: read from ``resources/outlines/*.toml`` and checked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

WORDS_ONLY = ("title", "summary", "definitions", "sources")
"""Pages that are made of the other pages' numbers and need no table of their own."""


@dataclass(frozen=True)
class Cell:
    """One column of a shown table: a plain column, or a value joined with its interval.

    ``cases`` names the count columns whose sum is the number of cases that a rate rests on.
    """

    heading: str
    value: str | None = None
    low: str | None = None
    high: str | None = None
    cases: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The columns of the table that this cell reads."""
        return [name for name in (self.value, self.low, self.high, *self.cases) if name is not None]


@dataclass(frozen=True)
class OutlinePage:
    """One page of a review, as the outline states it."""

    key: str
    table: str | None = None
    chart: str | None = None
    cells: tuple[Cell, ...] = ()
    rows: int = 10
    total: tuple[str, ...] = ()
    """Columns to add up in a last row."""
    unless_zero: str | None = None
    """A count column: rows where it is 0 are not shown."""


def _cell(column: str | Mapping[str, Any]) -> Cell:
    if isinstance(column, str):
        return Cell(column, column)
    return Cell(
        column["heading"],
        column.get("value"),
        column.get("low"),
        column.get("high"),
        tuple(column.get("cases", ())),
    )


@lru_cache
def load_outline(key: str = "quarterly_review") -> tuple[OutlinePage, ...]:
    """The pages of a review, in order.

    Parameters
    ----------
    key
        Name of the outline file, without its ending.

    Examples
    --------
    >>> [page.key for page in load_outline()][:3]
    ['title', 'summary', 'outlook']
    """
    path = files("funnel_analytics") / "resources" / "outlines" / f"{key}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        OutlinePage(
            key=row["key"],
            table=row.get("table"),
            chart=row.get("chart"),
            cells=tuple(_cell(column) for column in row.get("columns", ())),
            rows=row.get("rows", 10),
            total=tuple(row.get("total", ())),
            unless_zero=row.get("unless_zero"),
        )
        for row in data["page"]
    )
