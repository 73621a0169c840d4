"""Panels of curves over days, one per stage, or one per group of one stage."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes

from ..words import label, number, percent, word
from ._axes import number_axis
from ._panels import groups_shown, panels


def curve_panels(
    axes: Axes,
    rows: pd.DataFrame,
    split: str,
    counted: str,
    draw: Callable[[Axes, pd.DataFrame], None],
    most: int,
    lang: str | None,
) -> str:
    """Draw each part of the rows on a panel called after it and its count; what is said of parts left out."""
    shown, left_out = groups_shown(rows, split, counted, lang, most=most)
    titles = [f"{name} · {word('charts.n', lang, n=number(part[counted].iloc[0]))}" for name, part in shown]
    for panel, (_, part) in zip(panels(axes, titles, text_share=0.16), shown, strict=True):
        draw(panel, part)
    return left_out


def shares_by_day(ax: Axes, end: float) -> None:
    """A scale of shares over so many days."""
    ax.set_xlim(0, end)
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], [percent(tick) for tick in (0, 0.5, 1)])
    ax.yaxis.grid(True)
    number_axis(ax, "x", number, count=4)


def about_curves(table: pd.DataFrame, rows: pd.DataFrame, by: str | None, days: str, lang: str | None) -> list[str]:
    """What the days are counted from, behind the stage that a split table shows."""
    return [days] if by is None else [label(rows["stage"].iloc[0], lang, table=table), days]
