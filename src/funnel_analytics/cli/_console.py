"""What the command line prints: results on stdout, progress on stderr, columns that line up in Chinese too."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import datetime, time
from typing import Any
from unicodedata import east_asian_width

from ..languages import word


def tell(text: str) -> None:
    """A message beside the result, on stderr."""
    print(text, file=sys.stderr, flush=True)


def reading_progress(lang: str, *, quiet: bool) -> Callable[[str], None] | None:
    """Names each file as it is read; None where nothing shall be said."""
    return None if quiet else lambda name: tell(word("cli.reading", lang, name=name))


def print_json(content: Any) -> None:
    """The result for another program: dates as ISO text, missing values as null."""
    print(json.dumps(content, ensure_ascii=False, indent=2, default=_plain))


def print_result(options: argparse.Namespace, content: Any, sentence: str) -> None:
    """The result as JSON where it was asked for, else as a sentence."""
    print_json(content) if options.json else print(sentence)


def _plain(value: Any) -> str:
    """A day as 2026-09-30, a moment with its time, all else as text."""
    if not isinstance(value, datetime):
        return str(value)
    return value.date().isoformat() if value.time() == time() else value.isoformat()


def aligned(lines: list[list[str]]) -> list[str]:
    """Lines of cells as columns; a Chinese sign takes two places on a terminal.

    Examples
    --------
    >>> aligned([["赢单", "1"], ["lost", "2"]])
    ['赢单  1', 'lost  2']
    """
    widths = [max(map(_screen_width, cells)) for cells in zip(*lines, strict=True)]
    return [
        "  ".join(cell + " " * (width - _screen_width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _screen_width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
