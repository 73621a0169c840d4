"""The sheet a chart is drawn on, and the chart as a PNG, SVG or PDF picture."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from ..errors import ArgumentError
from ._agg import ChartCanvas
from ._ticks import TwinAxes

PNG_DPI = 144
"""Sharp on a wide screen and on a slide; a figure has it from the start, or every text would be measured twice."""


def png(ax: Axes, dpi: int = PNG_DPI) -> bytes:
    r"""The chart's figure as a PNG picture.

    Parameters
    ----------
    ax
        What a chart returned.
    dpi
        Dots per inch.

    Examples
    --------
    >>> png(figure(4, 3).add_subplot())[:4]
    b'\x89PNG'
    """
    return _saved(ax, format="png", dpi=dpi)


def svg(ax: Axes) -> str:
    """The chart's figure as an ``<svg>`` element whose text is drawn as paths, so that it reads without any font.

    The same chart gives the same text: it holds no date and no random identifier.

    Parameters
    ----------
    ax
        What a chart returned.

    Examples
    --------
    >>> svg(figure(4, 3).add_subplot())[:4]
    '<svg'
    """
    sheet, target = whole(ax), io.StringIO()
    canvas = sheet.canvas
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "funnel_analytics"}), _laid_out(sheet):
        try:
            # savefig would draw everything twice, the first time for nothing.
            FigureCanvasSVG(sheet).print_svg(target, metadata={"Date": None})  # type: ignore[no-untyped-call]
        finally:
            sheet.set_canvas(canvas)
    text = target.getvalue()
    return text[text.index("<svg") :]


FORMS = ("png", "svg", "pdf")
"""The forms that a picture can have."""


def picture(ax: Axes, form: str) -> bytes:
    r"""The chart's figure as the bytes of a file; the same chart gives the same bytes.

    Parameters
    ----------
    ax
        What a chart returned.
    form
        png, svg or pdf.

    Examples
    --------
    >>> picture(figure(4, 3).add_subplot(), "pdf")[:5]
    b'%PDF-'
    """
    if form == "png":
        return png(ax)
    if form == "svg":
        return svg(ax).encode("utf-8")
    with _laid_out(whole(ax)):
        return _saved(ax, format="pdf", metadata={"CreationDate": None})


@contextmanager
def _laid_out(sheet: Figure) -> Iterator[None]:
    """A figure laid out as for PNG: others are printed at other dots per inch, at which no text has been measured."""
    engine = sheet.get_layout_engine()
    if engine is None:
        yield
        return
    engine.execute(sheet)
    sheet.set_layout_engine("none")
    try:
        yield
    finally:
        sheet.set_layout_engine(engine)


def _saved(ax: Axes, **how: Any) -> bytes:
    target = io.BytesIO()
    whole(ax).savefig(target, **how)
    return target.getvalue()


def whole(ax: Axes) -> Figure:
    """The figure that holds the axes.

    Raises
    ------
    ArgumentError
        If they were taken off their figure.
    """
    root = ax.get_figure(root=True)
    if root is None:
        raise ArgumentError("These axes belong to no figure any more. Pass axes of a figure, or leave ax out.")
    return root


class Sheet(Figure):
    """A figure that a notebook shows as a picture, without pyplot."""

    def _repr_png_(self) -> bytes:
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=PNG_DPI)
        return target.getvalue()


class ChartAxes(TwinAxes):
    """Axes that a notebook shows as their whole figure, so that a chart can be the last line of a cell."""

    def _repr_png_(self) -> bytes:
        return png(self)


def figure(width: float, height: float) -> Figure:
    """An empty figure in inches that lays itself out and belongs to no pyplot state.

    Examples
    --------
    >>> figure(4, 3).get_size_inches().tolist()
    [4.0, 3.0]
    """
    sheet = Sheet(figsize=(width, height), layout="constrained")
    # With a canvas of its own a figure measures every text once, not once for each time it is laid out.
    ChartCanvas(sheet)
    return sheet
