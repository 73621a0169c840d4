"""Names beside points: each where it covers no other name and no point, or not at all."""

from collections.abc import Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from ._picture import whole
from ._points import beside
from ._text import shorten

_SIZE = 8.5
_PLACES: tuple[tuple[Literal["left", "center", "right"], Literal["bottom", "center", "top"], float, float], ...] = (
    ("left", "center", 1, 0),
    ("right", "center", -1, 0),
    ("center", "bottom", 0, 1),
    ("center", "top", 0, -1),
    ("left", "bottom", 0.7, 0.7),
    ("left", "top", 0.7, -0.7),
    ("right", "bottom", -0.7, 0.7),
    ("right", "top", -0.7, -0.7),
)
"""Alignment of the text and the direction in which it leaves its point: right, left, above, below, corners."""
_SHARES = (0.0, 1.0, 0.1, 0.2, 0.3, 0.6, 0.7, 0.8)
Point = tuple[float, float, float, str]
"""x, y, radius in points, name."""


def bubble_boxes(ax: Axes, points: Sequence[Point]) -> list[Bbox]:
    """The box of each bubble in pixels; the axes are laid out."""
    scale = whole(ax).dpi / 72
    centres = [(ax.transData.transform((x, y)), radius * scale) for x, y, radius, _ in points]
    return [Bbox.from_extents(at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach) for at, reach in centres]


def name_line(ax: Axes, y: float, name: str, color: str, taken: Sequence[Bbox]) -> None:
    """Name a horizontal line where its name covers no bubble; at its beginning if it must cover one."""
    for share in _SHARES:
        for vertical, up in (("bottom", 3), ("top", -3)):
            text = beside(
                ax, name, (share, y), (-4 if share > 0.5 else 4, up), on="row", color=color,
                ha="right" if share > 0.5 else "left", va=vertical, gid="line_label", zorder=4,
            )  # fmt: skip
            box = text.get_window_extent()
            if not any(box.overlaps(other) for other in taken):
                return
            text.remove()
    beside(ax, name, (0, y), (4, 3), on="row", color=color, va="bottom", gid="line_label", zorder=4)


def place_names(ax: Axes, points: Sequence[Point], taken: Sequence[Bbox], room: float = 120) -> int:
    """Write as many names as fit, the first ones first; returns how many found no place.

    Parameters
    ----------
    ax
        Axes that are laid out.
    points
        (x, y, radius in points, name), the most important first.
    taken
        Boxes in pixels that must stay free.
    room
        How many points wide a name may be; longer ones are shortened.
    """
    frame = ax.get_window_extent()
    bubbles = bubble_boxes(ax, points)
    boxes = list(taken)
    homeless = 0
    for index, (x, y, radius, name) in enumerate(points):
        shown = shorten(ax, name, room, _SIZE)
        others = [*boxes, *bubbles[:index], *bubbles[index + 1 :]]
        for horizontal, vertical, right, up in _PLACES:
            text = beside(
                ax, shown, (x, y), (right * (radius + 3), up * (radius + 3)), size=_SIZE, ha=horizontal, va=vertical,
                gid="account", zorder=5,
            )  # fmt: skip
            box = text.get_window_extent()
            inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
            if inside and not any(box.overlaps(other) for other in others):
                text.set_in_layout(False)
                boxes.append(box)
                break
            text.remove()
        else:
            homeless += 1
    return homeless
