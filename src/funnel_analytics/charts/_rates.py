"""Rates as dots with their intervals, one row each; few cases are shown as counts, never as a bare percentage."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from ..words import percent, word
from ._bars import dot, line, row_bar
from ._points import beside
from ._style import BODY, GREY, INK, MAIN, MUTED, PALE, SECOND

COUNTS_ONLY, GREYED = 5, 20
"""Below the first number of cases only counts are shown, below the second the rate is greyed."""


@dataclass(frozen=True)
class Rate:
    """One row: hits of cases, the rate with its interval, and the bounds or the rate by amount where known."""

    hits: int
    cases: int
    rate: float
    low: float
    high: float
    lowest: float = math.nan
    highest: float = math.nan
    by_amount: float = math.nan


def _known(*values: float) -> bool:
    return not any(math.isnan(value) for value in values)


def draw_rates(ax: Axes, rates: Sequence[Rate], lang: str | None, *, brief: bool = False) -> None:
    """Draw one rate per row (y = 0, 1, 2 …) on an axis from 0 to 100%, with its figures to the right.

    Parameters
    ----------
    ax
        Axes whose rows are set.
    rates
        One per row.
    lang
        Language code.
    brief
        Leave the interval's numbers out of the text: it is drawn.
    """
    for y, row in enumerate(rates):
        if _known(row.lowest, row.highest):
            row_bar(ax, y, row.highest - row.lowest, 0.42, left=row.lowest, color=PALE, gid="bounds", zorder=1)
        shown = row.cases >= COUNTS_ONLY and _known(row.rate)
        colour = MAIN if row.cases >= GREYED else GREY
        if shown:
            if _known(row.low, row.high):
                line(
                    ax,
                    [row.low, row.high],
                    [y, y],
                    color=colour,
                    lw=2.5,
                    solid_capstyle="butt",
                    gid="interval",
                    zorder=2,
                )
            face = colour if row.cases >= GREYED else "white"
            dot(ax, row.rate, y, "o", ms=8, mfc=face, mec=colour, mew=1.6, gid="rate", zorder=3, clip_on=False)
            if _known(row.by_amount) and row.by_amount <= 1:
                dot(
                    ax,
                    row.by_amount,
                    y,
                    "D",
                    ms=6,
                    mfc="white",
                    mec=SECOND,
                    mew=1.6,
                    gid="by_amount",
                    zorder=4,
                    clip_on=False,
                )
        _figures(ax, y, row, lang, shown=shown, brief=brief)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
    ax.xaxis.grid(True)
    ax.spines["bottom"].set_visible(False)


def _figures(ax: Axes, y: int, row: Rate, lang: str | None, *, shown: bool, brief: bool) -> None:
    counted = word("charts.n", lang, n=f"{row.cases:,}")
    if not shown:
        head, rest = "", word("charts.part_of", lang, part=f"{row.hits:,}", whole=f"{row.cases:,}")
        if row.cases == 0:
            rest = counted
        elif not _known(row.rate):
            # A rate that is not told is not to be worked out from its counts either.
            rest = "–"
    else:
        head, rest = percent(row.rate), counted
        if not brief and _known(row.low, row.high):
            rest = f"{percent(row.low)}–{percent(row.high)}   {counted}"
        if not brief and _known(row.by_amount):
            rest += "   " + word("charts.by_amount", lang, rate=percent(row.by_amount))
    strong = INK if row.cases >= GREYED else MUTED
    if head:
        beside(ax, head, (1, y), (10, 0), on="row", size=BODY + 1, color=strong, gid="rate_text")
    beside(ax, rest, (1, y), (46 if head else 10, 0), on="row", color=MUTED, gid="n")
