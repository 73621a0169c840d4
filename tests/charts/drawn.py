"""What an axes shows: its marked artists, texts, bars and caption."""

from typing import Any

from matplotlib.text import Text


def marked(ax: Any, gid: str) -> list[Any]:
    """The artists with a mark, on the axes or on its panels, in the order drawn."""
    return [artist for artist in ax.findobj() if artist.get_gid() == gid]


def said(ax: Any, gid: str) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_gid() == gid]


def spans(ax: Any, gid: str) -> list[tuple[float, float]]:
    """(from, to) of horizontal bars."""
    return [(round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6)) for bar in marked(ax, gid)]


def labels(axis: Any) -> list[str]:
    return [tick.get_text() for tick in axis.get_ticklabels()]


def caption(ax: Any) -> str:
    return said(ax, "caption")[0].replace("\n", " ")
