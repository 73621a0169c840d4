"""Codes and invisible marks inside texts: what programs wrote for a character, and what no reader sees."""

import html
import re

_ENTITY = r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{2,6}|#x[0-9A-Fa-f]{2,5});"
_ESCAPED = r"_x00[01][0-9A-Fa-f]_"  # of control characters only: _x0041_ can be meant as it stands
_UNSEEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
ODD_TEXT = f"{_ENTITY}|{_ESCAPED}|{_UNSEEN}"
"""Finds texts that `restored` changes."""


def restored(text: str) -> str:
    r"""A text with HTML's entities as characters, without escapes of control characters and invisible marks.

    Examples
    --------
    >>> restored("Smith &amp; Sons"), restored("Line_x000D_"), restored("Ac\u200bme")
    ('Smith & Sons', 'Line', 'Acme')
    """
    if not re.search(ODD_TEXT, text):
        return text
    plain = re.sub(_ENTITY, lambda found: html.unescape(found[0]), text)
    return re.sub(f"{_ESCAPED}|{_UNSEEN}", "", plain).replace("\xa0", " ").strip()
