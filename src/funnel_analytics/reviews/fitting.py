"""How much text a box holds: half-width columns, lines, and the size at which everything fits.

Fonts are not at hand when a deck is written, so widths are estimated, a little too wide rather than too narrow: a
Chinese character takes two half-width columns, a half-width column takes 0.64 of the type size.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

_COLUMN = 0.64
_LEADING = 1.2
SMALLEST = 8
"""Below so many points nobody in the room can read it."""
_BEFORE_DOTS = " .,;:·–。，；：、"
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?] )(?=[^a-z])")
_CJK = re.compile(r"[\u2e80-\uffff]")
_WORD = 8
_BORDER = re.compile(r"(?<=[0-9A-Za-z])(?=[\u2e80-\uffff])|(?<=[\u2e80-\uffff])(?=[0-9A-Za-z])")
_BORDER_COLUMNS = 0.4
"""Between a Chinese character and a digit or letter programs leave a quarter of the type size free."""


def width(text: str) -> int:
    """Half-width columns of a text.

    Examples
    --------
    >>> width("Q4"), width("季度")
    (2, 4)
    """
    return len(text) if text.isascii() else sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def unbroken_width(text: str) -> int:
    """Half-width columns that a number or a date needs to stand in one line.

    Examples
    --------
    >>> unbroken_width("2026-12-31"), width("2026年12月31日"), unbroken_width("2026年12月31日")
    (10, 14, 16)
    """
    return width(text) + math.ceil(_BORDER_COLUMNS * len(_BORDER.findall(text)))


def shortened(text: str, limit: int) -> str:
    """Text of at most so many half-width columns.

    Examples
    --------
    >>> shortened("Northern Automation Holding", 12)
    'Northern Au…'
    """
    if width(text) <= limit:
        return text
    taken = 0
    for position, character in enumerate(text):
        taken += width(character)
        if taken > limit - 1:
            return text[:position].rstrip(_BEFORE_DOTS) + "…"
    return text


def told_apart(texts: Sequence[str], limit: int) -> list[str]:
    """Texts of at most so many half-width columns; those whose beginnings are alike keep their ends, too.

    Examples
    --------
    >>> told_apart(["Northern Automation, plant 1", "Northern Automation, plant 2", "Oak"], 16)
    ['Norther… plant 1', 'Norther… plant 2', 'Oak']
    """
    short = [shortened(text, limit) for text in texts]
    counts = Counter(dict(zip(texts, short, strict=True)).values())
    whole = {text: _middle_out(text, limit) for text, kept in zip(texts, short, strict=True) if counts[kept] > 1}
    if len(set(whole.values())) < len(whole):
        return short
    return [whole.get(text, kept) for text, kept in zip(texts, short, strict=True)]


def _middle_out(text: str, limit: int) -> str:
    """The beginning and the end of a text, the end a little longer."""
    tail = ""
    for character in reversed(text):
        if width(character + tail) > limit * 0.55:
            break
        tail = character + tail
    return shortened(text, limit - width(tail)) + tail


def longest_word(text: str) -> int:
    """Columns that a column needs so that no word of a text is broken; Chinese breaks anywhere.

    Examples
    --------
    >>> longest_word("Advance rate, 80% from"), longest_word("推进率")
    (7, 2)
    """
    return max((2 if _CJK.search(part) else len(part) for part in text.split()), default=1)


def heading_width(heading: str) -> int:
    """Half-width columns for a heading in one line, or in two of like length; no Chinese word of four is parted.

    Examples
    --------
    >>> heading_width("Quota"), heading_width("Still to create"), heading_width("达成概率"), heading_width("按实测概率加权")
    (5, 9, 8, 9)
    """
    whole = width(heading)
    if whole <= _WORD and _CJK.search(heading) and " " not in heading:
        return whole
    return max(longest_word(heading), whole // 2 + 2)


def columns_in(points: float, size: float) -> int:
    """Half-width columns that fit side by side in so many points."""
    return max(1, int(points / (_COLUMN * size)))


def line_count(texts: Sequence[str], points: float, size: float) -> int:
    """Lines that paragraphs take at a type size in so many points of width."""
    room = columns_in(points, size)
    return sum(max(1, math.ceil(width(text) / room)) for text in texts)


def fitted(
    texts: Sequence[str], points_wide: float, points_high: float, size: int, gap: float
) -> tuple[list[str], int]:
    """Paragraphs and the largest size, from ``size`` down, at which they fit; at the smallest the last ones are cut.

    Parameters
    ----------
    texts
        The paragraphs.
    points_wide, points_high
        The room, in points.
    size
        The largest size, in points.
    gap
        Space after each paragraph, in points.

    Examples
    --------
    >>> fitted(["one", "two"], 200, 100, 12, 4)
    (['one', 'two'], 12)
    >>> fitted(["much too long for so little room"], 60, 12, 12, 0)
    (['much too l…'], 8)
    """
    for tried in range(size, SMALLEST - 1, -1):
        if line_count(texts, points_wide, tried) * tried * _LEADING + gap * (len(texts) - 1) <= points_high:
            return list(texts), tried
    size, left, kept = SMALLEST, points_high, []
    room = columns_in(points_wide, size)
    for text in texts:
        most = int(left / (size * _LEADING))
        if most < 1:
            break
        kept.append(shortened(text, most * room))
        left -= line_count([kept[-1]], points_wide, size) * size * _LEADING + gap
    if len(kept) < len(texts) and kept:
        kept[-1] = "…"
    return kept, size


def sentences_that_fit(text: str, points_wide: float, points_high: float, size: float) -> str:
    """The sentences of a text that fit at a type size, from the first on; an ellipsis where some are left out.

    Examples
    --------
    >>> sentences_that_fit("One line. Another line. A third.", 100, 13, 10)
    'One line. …'
    """
    kept, sentences = "", _SENTENCE.split(text)
    for number, sentence in enumerate(sentences, start=1):
        more = "" if number == len(sentences) else " …"
        if line_count([kept + sentence + more], points_wide, size) * size * _LEADING > points_high:
            return kept.rstrip() + " …" if kept else shortened(text, columns_in(points_wide, size))
        kept += sentence
    return kept


def column_widths(needed: Sequence[int], least: Sequence[int], room: int) -> list[int] | None:
    """Half-width columns for each column of a table, in all exactly ``room``; None where not even the least fits.

    Parameters
    ----------
    needed
        What each column would need to show all its text.
    least
        What it cannot do without.
    room
        What there is.

    Examples
    --------
    >>> column_widths([10, 40], [10, 8], 30)
    [10, 20]
    >>> column_widths([10, 10], [10, 8], 40)
    [20, 20]
    """
    if sum(least) > room:
        return None
    if sum(needed) <= room:
        spread = [int(room * one / sum(needed)) for one in needed]
    else:
        give, take = room - sum(least), sum(needed) - sum(least)
        spread = [low + int(give * (high - low) / take) for high, low in zip(needed, least, strict=True)]
    spread[spread.index(max(spread))] += room - sum(spread)
    return spread
