"""Encodings that write every character in ASCII: ISO-2022, HZ and UTF-7, known by their own marks."""

import re

_ENOUGH = 65_536
_JAPANESE = b"\x1b$"
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e])+~\}")
_UTF7 = re.compile(rb"\+[A-Za-z0-9+/]{3,}-?")
_FEWEST = 2


def seven_bit(content: bytes) -> str | None:
    """The encoding that writes these bytes' other characters in ASCII; None where they are what they look like.

    Examples
    --------
    >>> seven_bit("客户名称,金额".encode("utf-7")), seven_bit("客户名称,金额".encode("hz"))
    ('utf-7', 'hz')
    >>> seven_bit("商談名".encode("iso-2022-jp")), seven_bit(b"Phone,+8613800138000")
    ('iso2022_jp_2', None)
    """
    if _JAPANESE in content[:_ENOUGH]:
        return _if_it_fits(content, "iso2022_jp_2")
    if _HZ.search(content[:_ENOUGH]):
        return _if_it_fits(content, "hz")
    runs = _UTF7.findall(content[:_ENOUGH]) if b"+" in content[:_ENOUGH] else []
    return _if_it_fits(content, "utf-7") if len(runs) >= _FEWEST and all(map(_is_letters, runs)) else None


def _is_letters(run: bytes) -> bool:
    """Whether a run of UTF-7 is text beyond ASCII; a telephone number is none."""
    try:
        text = run.decode("utf-7")
    except UnicodeDecodeError:
        return False
    return not run[1:].isdigit() and any(mark.isalpha() for mark in text) and not text.isascii()


def _if_it_fits(content: bytes, encoding: str) -> str | None:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return None
    return encoding
