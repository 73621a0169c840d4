"""Names beside points: each where it covers no other name and no point, or not at all."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from ._picture import whole
from ._style import beside
from ._text import shorten

_SIZE = 8.5
_PLACES = (("left", "center", 1, 0), ("right", "center", -1, 0), ("center", "bottom", 0, 1), ("center", "top", 0, -1))
"""Alignment of the text and the direction in which it leaves its point: right, left, above, below."""


def place_names(
    ax: Axes, points: Sequence[tuple[float, float, float, str]], taken: Sequence[Bbox], room: float = 120
) -> int:
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
    scale = whole(ax).dpi / 72
    frame = ax.get_window_extent()
    bubbles = []
    for x, y, radius, _ in points:
        across, up = ax.transData.transform((x, y))
        reach = radius * scale
        bubbles.append(Bbox.from_extents(across - reach, up - reach, across + reach, up + reach))
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
