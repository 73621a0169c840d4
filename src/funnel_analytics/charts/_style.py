"""The common look: colours, fills, sizes of text, and axes to draw on in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from typing import Any

from matplotlib import rc_context, rc_params_from_file
from matplotlib.axes import Axes
from matplotlib.text import Text

from ._layout import OneChart
from ._picture import ChartAxes, figure, whole
from ._text import drawable, font_chain

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
