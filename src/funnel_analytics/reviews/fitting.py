"""Text that fits its place on a slide: widths are estimated, because the reader's fonts are not here to measure."""

import unicodedata

ELLIPSIS = "…"
_NARROW, _WIDE_LATIN = frozenset("iljtfrI.,:;'|!()[]- "), frozenset("mwMW@%&—…")


def _width(character: str) -> float:
    """Width in em; on the wide side, so that another sans-serif font fits as well."""
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in _NARROW:
        return 0.33
    if character in _WIDE_LATIN or ord(character) > 0x2FFF:
        return 0.9
    return 0.68 if character.isupper() else 0.56


def inches(text: str, points: float, *, bold: bool = False) -> float:
    """Estimated width of a line in inches.

    Examples
    --------
    >>> round(inches("客户", 72), 2)
    2.0
    """
    return sum(map(_width, text)) * points / 72 * (1.06 if bold else 1.0)


def one_line(text: str) -> str:
    """Text from a CRM as one line, without characters that no slide can hold.

    Examples
    --------
    >>> one_line(" Acme\\n\\x07Ltd ")
    'Acme Ltd'
    """
    seen = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character for character in text
    )
    # Direction marks could turn the order of a whole line around.
    return " ".join("".join(c for c in seen if unicodedata.category(c) != "Cf").split())


def fitted(text: str, width: float, points: float, *, lines: int = 1, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it would need more than some lines of a width in inches.

    Examples
    --------
    >>> fitted("Northern Automation Holding", 1.0, 12)
    'Northern Auto…'
    """
    text = one_line(text)
    # A line breaks between words, so that it is never filled to its very end.
    room = width if lines == 1 else width * (lines - 0.12 * (lines - 1))
    if inches(text, points, bold=bold) <= room:
        return text
    room -= inches(ELLIPSIS, points, bold=bold)
    taken = 0.0
    for position, character in enumerate(text):
        taken += inches(character, points, bold=bold)
        if taken > room:
            return text[:position].rstrip() + ELLIPSIS
    return text


def line_count(text: str, width: float, points: float) -> int:
    """How many lines a text takes, estimated."""
    return max(1, -(-int(inches(one_line(text), points) * 1000) // int(width * 940)))
