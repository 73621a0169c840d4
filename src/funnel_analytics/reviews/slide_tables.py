"""How a table stands on a slide: its texts, the room of each column and the size of the type."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pptx.util import Inches, Pt

from ..tables import column_kind
from ..words import cell, short_number, word
from .fitting import (
    SMALLEST,
    column_widths,
    columns_in,
    heading_width,
    longest_word,
    told_apart,
    unbroken_width,
    width,
)
from .native_parts import Box

NUMERIC = {"money", "rate", "count", "days", "number"}
"""Kinds of columns that stand on the right of their cells."""
_TEXTS = {"id", "key", "text"}
_PADDING = 3
"""Half-width columns that the margins of a cell take."""
_LIMITS = {"reasons": 48, "next_step": 60}
_LIMIT = 34
"""Half-width columns that a column of text is given at most; what does not fit is shortened, so that no row wraps."""
_SHORTEST = 14
"""Half-width columns below which no name is cut."""
_TWO_LINES = {"reasons"}
"""Columns whose sentences take two lines."""
_LIST_SIZE = 10
_LARGEST = 14
_ROW_HEIGHT = Inches(0.34)
LINE_INCHES = 1.2 / 72
"""Inches of a line for each point of the type's size."""


class Column:
    """One column of a native table: its heading, its texts, and the room that it needs in half-width columns."""

    def __init__(self, name: str, rows: pd.DataFrame, lang: str, *, short: bool = False) -> None:
        self.name, self.kind = name, column_kind(rows, name)
        self.heading = word(f"tables.{name}", lang)
        self.lines = 2 if name in _TWO_LINES else 1
        if short and self.kind == "money":
            self.texts = [short_number(value, lang) for value in rows[name]]
        else:
            self.texts = [cell(value, self.kind, lang, table=rows) for value in rows[name]]
        words = self.kind in _TEXTS
        widest = max(map(width if words else unbroken_width, self.texts), default=0)
        # Bold headings are wider than what stands below them.
        heading = heading_width(self.heading) + 1
        self.least = max(min(widest, _SHORTEST) if words else widest, longest_word(self.heading) + 1) + _PADDING
        limit = _LIMITS.get(name, _LIMIT) if words else widest
        self.needed = max(self.least, min(widest, limit) + _PADDING, heading + _PADDING)

    def cut(self, room: int) -> bool:
        """Whether texts do not fit so much room in one line."""
        return self.kind in _TEXTS and max(map(width, self.texts), default=0) > room - _PADDING

    def shown(self, room: int) -> list[str]:
        """The texts as far as their column holds them."""
        # A line that ends with a word leaves some room.
        held = self.lines * (room - _PADDING) - (self.lines - 1) * 6
        return told_apart(self.texts, held) if self.kind in _TEXTS else self.texts


def row_height(size: int, *, tall: bool) -> Any:
    """Height of a row of one line, or ``tall`` of two."""
    return max(_ROW_HEIGHT, Inches((2 if tall else 1.3) * size * LINE_INCHES + 0.07))


def laid_out(columns: Sequence[Column], rows: int, box: Box) -> tuple[int, list[int]]:
    """Type size and half-width columns of each column: as large as texts, rows and the headings' words allow."""
    needed, least = [column.needed for column in columns], [column.least for column in columns]
    points = box[2] / Pt(1)
    for size in range(_LARGEST, SMALLEST, -1):
        # Large type is for few rows, and for texts that need not be cut: who reads a list must know the opportunity.
        fits = (rows + 2) * row_height(size, tall=False) <= box[3] or size <= _LIST_SIZE
        if fits and sum(needed) <= columns_in(points, size):
            return size, column_widths(needed, least, columns_in(points, size)) or least
    for size in range(_LIST_SIZE, SMALLEST - 2, -1):
        found = column_widths(needed, least, columns_in(points, size))
        if found is not None:
            return size, found
    return SMALLEST - 1, least


def heading_lines(heading: str, columns: int) -> int:
    """Lines of a heading, word by word; Chinese breaks anywhere."""
    room, lines, used = max(1, columns - _PADDING), 1, 0
    for part in heading.split():
        wide = width(part)
        if used and used + 1 + wide > room:
            lines, used = lines + 1, 0
        used += wide + (1 if used else 0)
        lines, used = lines + (used - 1) // room, (used - 1) % room + 1
    return lines
