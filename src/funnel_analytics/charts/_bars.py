"""Bars and lines on axes whose limits are set by hand: what `Axes.barh` and `Axes.plot` make, without their search for limits."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle


def row_bar(ax: Axes, y: float, length: float, thick: float, *, left: float = 0.0, **look: Any) -> Rectangle:
    """A bar along a row."""
    return _added(ax, Rectangle((left, y - thick / 2), length, thick, **look))


def column_bar(ax: Axes, x: float, length: float, thick: float, *, bottom: float = 0.0, **look: Any) -> Rectangle:
    """A bar that stands on a column."""
    return _added(ax, Rectangle((x - thick / 2, bottom), thick, length, **look))


def _added(ax: Axes, drawn: Rectangle) -> Rectangle:
    ax.add_artist(drawn)
    return drawn


def line(ax: Axes, x: Sequence[float], y: Sequence[float], **look: Any) -> Line2D:
    """A line through points."""
    drawn = Line2D(x, y, **look)
    ax.add_artist(drawn)
    return drawn


def dot(ax: Axes, x: float, y: float, marker: str, **look: Any) -> Line2D:
    """A marker at a point."""
    return line(ax, [x], [y], marker=marker, ls="none", **look)
