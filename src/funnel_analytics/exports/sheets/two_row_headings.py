"""Headings in two rows: names that stand beneath what they have in common, or reach down over both rows."""

import re

import numpy as np
import pandas as pd

from ..profiles.heading_units import unit_named
from .lines import clean_heading

VALUE = re.compile(r"[-+(]?\s*[^\w\s]?\s*[\d.,\s'’]+\s*[%)]?(?:\s*[A-Z]{3})?")


def sub_headings(cells: pd.DataFrame, filled: np.ndarray, top: int) -> bool:
    """Whether the line below the headings names the columns that a heading spreads over.

    It holds words where the headings are blank, nothing where a heading reaches down over both lines, and words
    where the record below has values.
    """
    if top + 2 >= len(cells):
        return False
    upper, lower, record = filled[top], filled[top + 1], filled[top + 2]
    # A heading merged over both lines has been filled into both.
    merged = upper & lower & (cells.iloc[top] == cells.iloc[top + 1]).to_numpy(dtype=bool, na_value=False)
    texts = [str(cells.iat[top + 1, column]) for column in np.flatnonzero(lower)]
    words = all(re.search(r"[^\W\d_]", text) and not VALUE.fullmatch(text.strip()) for text in texts)
    apart = np.flatnonzero(upper & lower & ~merged)
    if words and len(apart) and not (lower & ~upper).any():
        # Only the currency or the size of amounts has a line of its own.
        over, under = (
            [unit_named(clean_heading(cells.iat[line, at])) is not None for at in apart] for line in (top, top + 1)
        )
        return all(over) or (bool(merged.any()) and all(np.logical_or(over, under)))
    reached = upper & (~lower | merged) & record
    valued = [column for column in np.flatnonzero(lower & ~merged & record)
              if re.fullmatch(r"[^a-zA-Z]*\d[^a-zA-Z]*", str(cells.iat[top + 2, column]))]  # fmt: skip
    return bool(
        texts and words and valued and (lower & ~upper).any() and reached.any() and not (record & ~upper & ~lower).any()
    )


def led_from_above(raw: list[str], cells: pd.DataFrame, filled: np.ndarray, top: int) -> list[str] | None:
    """The headings with those of the line above where they have none; None unless it names every such column.

    A heading that reaches down over two lines stands in the upper one only, unless its cells are merged.
    """
    blank = [at for at, heading in enumerate(raw) if not heading and filled[top + 1 :, at].any()]
    above = [clean_heading(cells.iat[top - 1, at]) for at in blank]
    if not blank or not all(re.search(r"[^\W\d_]", text) for text in above):
        return None
    named = dict(zip(blank, above, strict=True))
    return [named.get(at, heading) for at, heading in enumerate(raw)]


def units_above(
    raw: list[str], cells: pd.DataFrame, filled: np.ndarray, top: int, across: list[tuple[int, int]]
) -> list[str] | None:
    """The headings with the units that the line above states for some of them; None where it holds anything else.

    A unit that is merged over several columns, of which `across` has the first and the last, is that of all of them.
    """
    places = np.flatnonzero(filled[top - 1]).tolist()
    texts = [clean_heading(cells.iat[top - 1, at]) for at in places]
    # A lone one in the corner is said of all amounts.
    if (
        not places
        or places == [0]
        or not all(raw[at] and unit_named(text) for at, text in zip(places, texts, strict=True))
    ):
        return None
    units = dict(zip(places, texts, strict=True))
    for first, last in across:
        units |= dict.fromkeys(range(first, last + 1), units[first]) if first in units else {}
    return [f"{heading} ({units[at]})" if heading and at in units else heading for at, heading in enumerate(raw)]


def joined_headings(upper: list[str], lower: list[str]) -> list[str]:
    """One heading for each column of two lines: the lower one, led by the upper one where it stands twice.

    Where one of them is a unit, it stands in brackets behind the other.

    Examples
    --------
    >>> joined_headings(["ID", "EUR", "", "Amount", ""], ["", "Amount", "Budget", "USD", "CNY"])
    ['ID', 'Amount (EUR)', 'Budget (EUR)', 'Amount (USD)', 'Amount (CNY)']
    """
    spread, above = "", []
    for text, below in zip(upper, lower, strict=True):
        spread = text or (spread if below else "")
        above.append(spread)
    return [_joined(over, text, lower.count(text) > 1) for over, text in zip(above, lower, strict=True)]


def _joined(over: str, text: str, repeated: bool) -> str:
    if over and text and over != text:
        if unit_named(over):
            return f"{text} ({over})"
        if unit_named(text):
            return f"{over} ({text})"
    return f"{over} {text}".strip() if text and repeated and over != text else text or over
