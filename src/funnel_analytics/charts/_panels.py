"""Small multiples: one picture of the whole, or one panel per group of a split table."""

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from ..words import label, word
from ._layout import lay_out
from ._points import beside, points_wide
from ._style import BODY
from ._text import shorten

MAX_GROUPS = 6
PANEL_NAME = 24
"""Points above a panel that its name needs."""
_LABELS = 8
Draw = Callable[[Axes, pd.DataFrame, bool], None]
"""Draws some rows on axes; True: small, as a panel."""


def draw_split(
    ax: Axes,
    table: pd.DataFrame,
    by: str | None,
    size: str,
    lang: str | None,
    draw: Draw,
    *,
    columns: int = 3,
    text_share: float = 0.42,
) -> str:
    """Draw a table that may be split; returns a note that names the groups left out, empty where there are none.

    Parameters
    ----------
    ax
        Axes to draw on.
    table, by
        The table and the column it is split by; None for the whole.
    size
        The count column by which the largest groups are kept.
    lang
        Language code.
    draw
        What draws the whole or a group.
    columns, text_share
        Panels side by side, and the share of each that its texts need.
    """
    if by is None:
        draw(ax, table, False)
        return ""
    shown, left_out = groups_shown(table, by, size, lang)
    for panel, (_, rows) in zip(
        panels(ax, [name for name, _ in shown], columns=columns, text_share=text_share), shown, strict=True
    ):
        draw(panel, rows, True)
    return left_out


def groups_shown(
    table: pd.DataFrame, column: str, size: str, lang: str | None, most: int = MAX_GROUPS
) -> tuple[list[tuple[str, Any]], str]:
    """The groups to draw, (name, rows), and a note that names those left out.

    They stand in the table's order; the largest by a count column are kept where there are more than fit on one picture.
    """
    missing = object()
    keys = table[column].astype("object").where(table[column].notna(), missing)
    parts = {key: table[keys == key] for key in keys.unique()}
    largest = sorted(parts, key=lambda key: -float(parts[key][size].max()))[:most]
    names = {key: label(None if key is missing else key, lang, table=table) for key in parts}
    left_out = [names[key] for key in parts if key not in largest]
    note = ""
    if left_out:
        listed = ", ".join(left_out[:_LABELS]) + (" …" if len(left_out) > _LABELS else "")
        note = word("charts.groups_left_out", lang, count=len(left_out), names=listed)
    return [(names[key], parts[key]) for key in parts if key in largest], note


def panel_grid(count: int, columns: int = 3) -> tuple[int, int]:
    """How many panels stand across and down; four make a square."""
    across = 2 if count == 4 else max(min(columns, count), 1)
    return across, -(-count // across)


def panels_down(table: pd.DataFrame, by: str | None, columns: int = 3) -> int:
    """How many rows of panels a split table needs; one for a table that is not split."""
    return 1 if by is None else max(panel_grid(min(table[by].nunique(dropna=False), MAX_GROUPS), columns)[1], 1)


def panels(ax: Axes, titles: Sequence[str], *, columns: int = 3, text_share: float = 0.42) -> list[Axes]:
    """Small multiples inside the axes: one panel per title, each with room for texts on its right.

    Only panels in the first column keep their row labels.
    """
    ax.set_axis_off()
    across, down = panel_grid(len(titles), columns)
    cell_width = 1 / across
    # Between two rows of panels a third of a panel stays free for the axis of one and the name of the other.
    height = 1 / (down + (down - 1) / 3)
    lay_out(ax)
    result = []
    for index, title in enumerate(titles):
        row, column = divmod(index, across)
        box = (column * cell_width, 1 - row * height * 4 / 3 - height, cell_width * (1 - text_share), height)
        panel = ax.inset_axes(box)
        shown = shorten(ax, title, points_wide(ax) * cell_width * 0.9, BODY)
        beside(panel, shown, (0, 1), (0, 5), on="corner", size=BODY, va="bottom", gid="panel")
        if column:
            panel.tick_params(labelleft=False)
        result.append(panel)
    return result
