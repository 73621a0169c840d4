"""What stands along the axes: names of rows, and numbers that can be read."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..words import number
from ._style import BODY, SMALL
from ._text import drawable, shorten, wrapped


def rows_down(ax: Axes, labels: Sequence[str], points: float = 150, *, lines: int = 1) -> None:
    """One row per label from top to bottom, at y = 0, 1, 2 …; long labels are shortened or wrapped."""
    if lines == 1:
        shown = [shorten(ax, text, points, BODY) for text in labels]
    else:
        shown = [wrapped(ax, text, points, SMALL) for text in labels]
    ax.set_yticks(range(len(labels)), shown, fontsize=BODY if lines == 1 else SMALL)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)


def number_axis(ax: Axes, which: str, show: Callable[[float], str], *, count: int = 5, whole: bool = False) -> None:
    """Fixed, readable numbers along an axis that keeps its present limits, with a quiet grid."""
    axis = ax.xaxis if which == "x" else ax.yaxis
    low, high = sorted(ax.get_xlim() if which == "x" else ax.get_ylim())
    limits = ax.get_xlim() if which == "x" else ax.get_ylim()

    def places(*, whole: bool) -> list[float]:
        locator = MaxNLocator(count, integer=whole, steps=[1, 2, 2.5, 5, 10])
        return [float(tick) for tick in locator.tick_values(low, high) if low <= tick <= high]

    ticks = places(whole=whole)
    if len({show(tick) for tick in ticks}) < len(ticks):
        # Steps smaller than what is written: 0, 0, 1, 1 tells nothing.
        ticks = places(whole=True)
    said = [show(tick) for tick in ticks]
    if len(set(said)) < len(said) and min(map(abs, ticks)) >= 1:
        # 938万, 938万, 939万: units that are too coarse for what is drawn.
        said = [number(tick) for tick in ticks]
    axis.set_ticks(ticks, [drawable(text) for text in said])
    (ax.set_xlim if which == "x" else ax.set_ylim)(limits)
    axis.grid(True)
