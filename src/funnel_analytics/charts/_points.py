"""Places measured in points: a text some points away from what it is about, and how many points there are."""

from collections.abc import Callable
from typing import Any

from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import ScaledTranslation

from ._picture import whole
from ._style import INK, SMALL

_COORDINATES: dict[str, Callable[[Axes], Any]] = {
    "data": lambda ax: ax.transData,
    "row": lambda ax: ax.get_yaxis_transform(),
    "column": lambda ax: ax.get_xaxis_transform(),
    "corner": lambda ax: ax.transAxes,
}


def points_wide(ax: Axes) -> float:
    """Width of the axes in points, as laid out."""
    return ax.get_window_extent().width * 72 / whole(ax).dpi


def beside(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    *,
    on: str = "data",
    size: float = SMALL,
    color: str = INK,
    ha: Any = "left",
    va: Any = "center",
    gid: str | None = None,
    zorder: float = 3,
) -> Text:
    """A text some points away from a place, never clipped.

    ``on`` says what the place is: ``data``; ``row`` (x as a share of the width, y a row); ``column`` (x a
    column, y as a share of the height); ``corner`` (both as shares).
    """
    away = ScaledTranslation(offset[0] / 72, offset[1] / 72, whole(ax).dpi_scale_trans)
    return ax.text(
        *at, text, transform=_COORDINATES[on](ax) + away, fontsize=size, color=color, ha=ha, va=va, gid=gid, zorder=zorder,
        linespacing=1.35,
    )  # fmt: skip
