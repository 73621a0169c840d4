"""One picture of the whole, or one panel per group of a split table."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes

from ._style import groups_shown, panels

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
