"""The common look: colours, titles, captions, axes with readable numbers, panels of small multiples."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, BboxTransformTo, ScaledTranslation, blended_transform_factory

from ..words import date, label, number, word
from ._layout import OneChart, lay_out
from ._picture import ChartAxes, figure, whole
from ._text import drawable, font_chain, shorten, width, wrapped

MAIN, AGAINST, GAIN, SECOND, THIRD = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9"
"""Colours that colour-blind people tell apart; every one also comes with a word or a hatch."""
INK, MUTED, GREY, PALE, LINE = "#1F2933", "#52606D", "#7B8794", "#E4E7EB", "#9AA5B1"
TITLE, SUBTITLE, NOTE, SMALL, BODY = 14, 10, 8.5, 9, 10
"""Sizes of text in points."""
AGAINST_HATCH = "////"
HATCHED: dict[str, Any] = {"facecolor": AGAINST, "hatch": AGAINST_HATCH, "edgecolor": "white"}
"""What was lost or became less: hatched, so that it does not depend on the colour alone."""
OUTLINED: dict[str, Any] = {"facecolor": PALE, "edgecolor": LINE, "linewidth": 0.8}
"""What is still open, or is only the background: pale, with an outline."""
MAX_GROUPS = 6
_NAME_POINTS = 150
_SLACK = 0.96
"""Share of the room that a caption takes: saved at a lower resolution its letters are wider by some hundredths."""
_LABELS = 8
PANEL_NAME = 24
"""Points above a panel that its name needs."""


@lru_cache
def style() -> Any:
    """The parameters of ``funnel.mplstyle`` with the full chain of fonts."""
    path = str(files("funnel_analytics") / "resources" / "funnel.mplstyle")
    return dict(rc_params_from_file(path, use_default_template=False)) | {"font.family": list(font_chain())}


@contextmanager
def chart(ax: Axes | None, width: float, height: float) -> Iterator[Axes]:
    """Axes to draw a chart on, in the common style: the given ones, cleared, or new ones of a size in inches.

    On leaving, every text is made safe: no mathematics, no character without a glyph.
    """
    with rc_context(style()):
        axes = _new(width, height) if ax is None else _cleared(ax)
        yield axes
        for text in axes.findobj(Text):
            written, safe = text.get_text(), drawable(text.get_text())
            if written != safe:
                text.set_text(safe)


def _new(width: float, height: float) -> Axes:
    """Axes that have a figure of their own."""
    sheet = figure(width, height)
    sheet.set_layout_engine(OneChart())
    return sheet.add_subplot(axes_class=ChartAxes)


def _cleared(ax: Axes) -> Axes:
    """The user's axes in our style: ticks, fonts and frame were made in theirs."""
    whole(ax)
    ax.clear()
    ax.set_facecolor(style()["axes.facecolor"])
    for side, spine in ax.spines.items():
        spine.set(visible=side in ("left", "bottom"), color=style()["axes.edgecolor"])
    return ax


def points_wide(ax: Axes) -> float:
    """Width of the axes in points, as laid out."""
    return ax.get_window_extent().width * 72 / whole(ax).dpi


_COORDINATES: dict[str, Callable[[Axes], Any]] = {
    "data": lambda ax: ax.transData,
    "row": lambda ax: ax.get_yaxis_transform(),
    "column": lambda ax: ax.get_xaxis_transform(),
    "corner": lambda ax: ax.transAxes,
}


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


def rows_down(ax: Axes, labels: Sequence[str], points: float = _NAME_POINTS, *, lines: int = 1) -> None:
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


def strip_beside(ax: Axes, side: str, gap: float, thickness: float, **shared: Any) -> Axes:
    """Axes along the right or the upper side, some points away and some points thick.

    Measured in points so that the layout settles: a share of the axes would change with the room it takes.
    """
    points = Affine2D().scale(1 / 72) + whole(ax).dpi_scale_trans
    if side == "right":
        across = points + ScaledTranslation(1, 0, BboxTransformTo(ax.bbox))
        place = blended_transform_factory(across, ax.transAxes)
        return ax.inset_axes((gap, 0, thickness, 1), transform=place, **shared)
    up = points + ScaledTranslation(0, 1, BboxTransformTo(ax.bbox))
    place = blended_transform_factory(ax.transAxes, up)
    return ax.inset_axes((0, gap, 1, thickness), transform=place, **shared)


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
