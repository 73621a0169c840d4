"""What is said around the axes: title, setting and definition, the key of the marks, and that there is nothing to draw."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import ScaledTranslation

from ..words import date, word
from ._layout import lay_out
from ._picture import whole
from ._points import beside, points_wide
from ._style import BODY, MUTED, NOTE, SMALL, SUBTITLE, TITLE
from ._text import width, wrapped

_SLACK = 0.96
"""Share of the room that a caption takes: saved at a lower resolution its letters are wider by some hundredths."""


def _slot(ax: Axes) -> float:
    """Points that a caption may take beside other axes of the same figure: it must not push them aside."""
    sheet, place = whole(ax), ax.get_subplotspec()
    if len(sheet.axes) < 2 or place is None:
        return math.inf
    return place.get_position(sheet).width * sheet.get_figwidth() * 72


def headings(ax: Axes, title: str, subtitle: str, notes: Sequence[str]) -> None:
    """Title and subtitle above, the definition in small print below, all flush with the labels' left edge.

    Called last: the texts are wrapped to the width of what is drawn, which must be known by then.
    """
    scale = 72 / whole(ax).dpi
    beyond = lay_out(ax)
    left, right = -beyond.left * scale, points_wide(ax) + beyond.right * scale
    above, below = beyond.above * scale, -beyond.below * scale
    room = min(right - left, _slot(ax))
    lines = wrapped(ax, " ".join(notes), room * _SLACK, NOTE)
    if lines:
        beside(ax, lines, (0, 0), (left, below - 8), on="corner", size=NOTE, color=MUTED, va="top", gid="caption")
    lift = above + 8
    if subtitle:
        text = wrapped(ax, subtitle, room, SUBTITLE)
        beside(ax, text, (0, 1), (left, lift), on="corner", size=SUBTITLE, color=MUTED, va="bottom", gid="subtitle")
        lift += 15 * (text.count("\n") + 1)
    # In points from the corner, not in shares of the width: that may change once the texts have their room.
    corner = ax.transAxes + ScaledTranslation(left / 72, (lift + 2) / 72, whole(ax).dpi_scale_trans)
    ax.set_title(wrapped(ax, title, room, TITLE), loc="left", y=1.0, fontsize=TITLE, transform=corner)


def setting(table: pd.DataFrame, lang: str | None, *more: str, money: bool = True) -> str:
    """The subtitle: what the rows are about, the currency and the date, as far as the table knows them."""
    parts = [text for text in more if text]
    currency, as_of = table.attrs.get("currency"), table.attrs.get("as_of")
    if money and currency:
        parts.append(str(currency))
    if as_of is not None and not pd.isna(as_of):
        parts.append(word("charts.as_of", lang, date=date(as_of, lang)))
    return " · ".join(parts)


def nothing(ax: Axes, title: str, lang: str | None) -> None:
    """One sentence instead of an empty frame."""
    ax.set_axis_off()
    ax.text(
        0.5, 0.5, wrapped(ax, word("charts.nothing", lang), points_wide(ax) * 0.9, BODY), transform=ax.transAxes,
        ha="center", va="center", color=MUTED, fontsize=BODY, gid="nothing",
    )  # fmt: skip
    ax.set_title(title, loc="left")


def key(ax: Axes, handles: Sequence[Any], lift: float = 3) -> None:
    """What the marks mean, some points above the axes in as many columns as fit side by side."""
    room, wide = points_wide(ax), [width(ax, handle.get_label(), SMALL) + 32 for handle in handles]
    fitting = (n for n in range(len(wide), 1, -1) if sum(part.max() for part in np.array_split(wide, n)) <= room)
    columns = next(fitting, 1)
    corner = ax.transAxes + ScaledTranslation(0, lift / 72, whole(ax).dpi_scale_trans)
    ax.legend(handles=list(handles), loc="lower left", bbox_to_anchor=(0, 1), bbox_transform=corner, ncols=columns)
