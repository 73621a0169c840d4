"""Text that fits and can be drawn: fonts for every language, shortening and wrapping by measured width."""

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from ._agg import ChartCanvas
from ._picture import whole

ELLIPSIS = "…"
_SUBSET = "NotoSansSC-subset.otf"
_ELSEWHERE = ("Microsoft YaHei", "Microsoft JhengHei", "Malgun Gothic", "Noto Sans CJK SC")
"""Fonts that many machines have: they know rarer characters than the shipped subset."""
_OPENING, _WIDE, _CLOSING = "（「『《", "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef", "、。，；：！？）」』》"
_TOKENS = re.compile(f"[{_OPENING}]*[{_WIDE}][{_CLOSING}]*|[^\\s{_WIDE}]+[{_CLOSING}]*|\\s+")


@lru_cache
def font_chain() -> tuple[str, ...]:
    """Font families in the order in which a character is looked up; the shipped font is made known first."""
    fontManager.addfont(str(files("funnel_analytics") / "resources" / "fonts" / _SUBSET))
    installed = set(fontManager.get_font_names())
    return ("DejaVu Sans", "Noto Sans SC", *(name for name in _ELSEWHERE if name in installed))


@lru_cache
def _covered() -> frozenset[int]:
    paths = [fontManager.findfont(FontProperties(family=[family])) for family in font_chain()]
    return frozenset(code for path in paths for code in FT2Font(path).get_charmap())


@lru_cache(maxsize=4096)
def drawable(text: str) -> str:
    """The same text with □ for characters that no font has, and without invisible ones; line breaks stay.

    Examples
    --------
    >>> drawable("Łódź 镕基 🚀")
    'Łódź 镕基 □'
    """
    shown = []
    for character in text:
        if character == "\n" or (ord(character) in _covered() and character.isprintable()):
            shown.append(character)
        elif unicodedata.category(character) not in ("Cf", "Cc", "Mn", "Me"):
            shown.append(" " if character.isspace() else "□")
    return "".join(shown)


def one_line(text: str) -> str:
    r"""Text from a CRM as one drawable line.

    Examples
    --------
    >>> one_line("Acme\n  Ltd")
    'Acme Ltd'
    """
    return drawable(" ".join(text.split()))


def width(ax: Axes, text: str, size: float) -> float:
    """Width of a line in points, as its fonts draw it."""
    return _measured(text, size, whole(ax).dpi)


@lru_cache(maxsize=8192)
def _measured(text: str, size: float, dpi: float) -> float:
    probe = Text(0, 0, text, fontsize=size, parse_math=False, usetex=False, fontfamily=list(font_chain()))
    probe.set_figure(_gauge(dpi))
    return probe.get_window_extent().width * 72 / dpi


@lru_cache
def _gauge(dpi: float) -> Figure:
    """A figure that exists to measure texts on."""
    sheet = Figure(dpi=dpi)
    ChartCanvas(sheet)
    return sheet


def shorten(ax: Axes, text: str, points: float, size: float = 10) -> str:
    """The text on one line, cut with an ellipsis where it is wider than some points."""
    line = one_line(text)
    # No letter is narrower than a quarter of its size: a name of 10,000 characters is not measured in full.
    line = line if len(line) <= points / size * 4 + 1 else line[: int(points / size * 4) + 1] + ELLIPSIS
    if width(ax, line, size) <= points:
        return line
    low, high = 0, len(line)
    while low < high - 1:
        middle = (low + high) // 2
        if width(ax, line[:middle].rstrip() + ELLIPSIS, size) <= points:
            low = middle
        else:
            high = middle
    return line[:low].rstrip() + ELLIPSIS


def wrapped(ax: Axes, text: str, points: float, size: float = 10) -> str:
    """The text broken into lines no wider than some points; Chinese breaks between any two characters."""
    lines, line, filled = [], "", 0.0
    blank = width(ax, "a a", size) - width(ax, "aa", size)
    for token in _TOKENS.findall(drawable(text.replace("\n", " "))):
        if token.isspace():
            taken = blank if line else 0.0
            token = " " if line else ""
        else:
            taken = width(ax, token, size)
        if line and token.strip() and filled + taken > points:
            lines.append(line.rstrip())
            line, filled = "", 0.0
        line, filled = line + token, filled + taken
    return "\n".join([*lines, line.rstrip()] if line.strip() else lines)
