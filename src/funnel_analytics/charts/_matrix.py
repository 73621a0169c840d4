"""Shares as a grid of shaded cells, each with its figure and its count."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from ._axes import rows_down
from ._layout import lay_out
from ._marks import mark
from ._points import points_wide
from ._style import INK, LINE, MAIN, SMALL
from ._text import wrapped

_SHADES = LinearSegmentedColormap.from_list("shares", ["white", MAIN])
_DARK = 0.55
"""From this share on a cell is so dark that its text is white."""
Cell = tuple[int, int, float | None, str]
"""Row, column, share (None for a cell that is not shaded), text."""


def draw_cells(
    ax: Axes,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Cell],
    *,
    small: bool = False,
    selections: Sequence[Mapping[str, str]] = (),
) -> None:
    """Draw the cells under column headings; a place without a cell stays empty.

    Parameters
    ----------
    ax
        Axes to draw on.
    rows, columns
        What stands beside the rows and above the columns.
    cells
        Those that exist.
    small
        One of several panels: the headings stand below, so that the panel's name has its place.
    selections
        What choosing each cell selects, in their order; empty for nothing.
    """
    rows_down(ax, rows)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    for (y, x, share, text), selection in zip(cells, selections or [{}] * len(cells), strict=True):
        face = "white" if share is None else _SHADES(min(share, 1.0))
        place = (x - 0.48, y - 0.46)
        cell = Rectangle(place, 0.96, 0.92, facecolor=face, edgecolor=LINE, linewidth=0.6, gid="cell")
        ax.add_artist(cell)
        mark(cell, f"{rows[y]} → {columns[x]}: {text}", **selection)
        colour = "white" if share is not None and share >= _DARK else INK
        ax.text(x, y, text, ha="center", va="center", fontsize=SMALL - 0.5, color=colour, linespacing=1.2, gid="share")
    ax.spines[["bottom", "left"]].set_visible(False)
    (ax.xaxis.tick_bottom if small else ax.xaxis.tick_top)()
    ax.tick_params(length=0, labelleft=True)
    lay_out(ax)
    room = points_wide(ax) / len(columns) * 0.94
    ax.set_xticks(range(len(columns)), [wrapped(ax, name, room, SMALL) for name in columns], fontsize=SMALL)
