"""What a mark of a chart stands for: the words a reader sees when pointing at it, and what choosing it selects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from ..words import number, percent, word
from ._agg import ChartCanvas
from ._picture import PNG_DPI, whole
from ._quick_png import quick_png

_MARKS: "WeakKeyDictionary[Artist, Sequence[tuple[str, Mapping[str, str]]]]" = WeakKeyDictionary()
_SMALLEST = 9.0
"""A thin bar or a small bubble can still be hit: so many points wide and high, at least."""
_STRIPS = 12
"""Curves are told in so many strips."""


@dataclass(frozen=True)
class Region:
    """A part of the picture that can be pointed at, as fractions of its width and height from the upper left.

    Examples
    --------
    >>> Region(0.1, 0.2, 0.5, 0.1, "Proof: 12", {"stage": "Proof"}).selection
    {'stage': 'Proof'}
    """

    left: float
    top: float
    width: float
    height: float
    text: str
    selection: Mapping[str, str]


def mark(artist: Artist, text: str, **selection: str) -> None:
    """Say what a bar stands for.

    Parameters
    ----------
    artist
        A bar, a line, a text.
    text
        What a reader sees when pointing at it.
    **selection
        Columns and the values that it stands for: what a dashboard selects when it is chosen.
    """
    _MARKS[artist] = [(text, selection)]


def mark_row(ax: Axes, y: float, *said: str, **selection: str) -> None:
    """Say what a whole row of a chart stands for: pointing anywhere in it shows the words.

    Parameters
    ----------
    ax
        Axes whose limits are set.
    y
        The row.
    *said
        What a reader sees; empty parts are left out.
    **selection
        As for `mark`.
    """
    span = Rectangle((0, y - 0.46), 1, 0.92, transform=ax.get_yaxis_transform(), alpha=0, linewidth=0)
    _mark_span(ax, span, said, selection)


def mark_column(ax: Axes, left: float, right: float, *said: str) -> None:
    """Say what stands between two places of the x axis, from bottom to top; arguments as for `mark_row`."""
    span = Rectangle((left, 0), right - left, 1, transform=ax.get_xaxis_transform(), alpha=0, linewidth=0)
    _mark_span(ax, span, said, {})


def mark_days(ax: Axes, curves: pd.DataFrame, shares: Mapping[str, str], lang: str | None) -> None:
    """Say what curves over days stand at, in strips from the left to the right of the axes.

    Parameters
    ----------
    ax
        Axes whose limits are set.
    curves
        Rows with ``days``, rising, and a column for each curve; a curve keeps its value until the next row.
    shares
        The name of each curve and its column.
    lang
        Language code.
    """
    edges = np.linspace(*ax.get_xlim(), _STRIPS + 1)
    at = np.searchsorted(curves["days"].to_numpy(), edges[1:], side="right") - 1
    rows = curves.iloc[at.clip(min=0)].to_dict("records")
    for left, right, row in zip(edges[:-1], edges[1:], rows, strict=True):
        figures = [f"{name}: {percent(row[column])}" for name, column in shares.items()]
        mark_column(ax, left, right, word("charts.time_in_stage.in_days", lang, days=number(right)), *figures)


def _mark_span(ax: Axes, span: Artist, said: Sequence[str], selection: Mapping[str, str]) -> None:
    ax.add_artist(span)
    span.set_in_layout(False)
    span.set_gid("region")
    mark(span, " · ".join(part.replace("\n", ", ") for part in said if part), **selection)


def mark_points(points: PathCollection, texts: Sequence[str], selections: Sequence[Mapping[str, str]]) -> None:
    """Say what each point of a scatter stands for, in the order of its offsets."""
    _MARKS[points] = list(zip(texts, selections, strict=True))


def regions(ax: Axes) -> list[Region]:
    """The regions of a chart's picture that stand for something, in drawing order.

    Parameters
    ----------
    ax
        What a chart returned.

    Examples
    --------
    >>> from funnel_analytics.charts import figure
    >>> ax = figure(4, 3).add_subplot()
    >>> mark(ax.bar(["Proof"], [3])[0], "Proof: 3", stage="Proof")
    >>> [(region.text, region.selection) for region in regions(ax)]
    [('Proof: 3', {'stage': 'Proof'})]
    """
    figure = whole(ax)
    if not isinstance(figure.canvas, ChartCanvas):
        ChartCanvas(figure)
    # A layout engine moves the axes when the figure is drawn: only then is it known where things stand.
    figure.draw_without_rendering()
    return _found(figure)


def png_with_regions(ax: Axes) -> tuple[bytes, list[Region]]:
    r"""The same picture as `png` makes and its `regions`, for one drawing instead of three.

    Parameters
    ----------
    ax
        What a chart returned.

    Examples
    --------
    >>> from funnel_analytics.charts import figure
    >>> ax = figure(4, 3).add_subplot()
    >>> mark(ax.bar(["Proof"], [3])[0], "Proof: 3", stage="Proof")
    >>> picture, found = png_with_regions(ax)
    >>> picture[:4], [region.text for region in found]
    (b'\x89PNG', ['Proof: 3'])
    """
    figure = whole(ax)
    before = figure.dpi
    figure.set_dpi(PNG_DPI)
    canvas = figure.canvas if isinstance(figure.canvas, ChartCanvas) else ChartCanvas(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    picture = quick_png(np.asarray(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]
    found = _found(figure)
    figure.set_dpi(before)
    return picture, found


def _found(figure: Figure) -> list[Region]:
    """The regions of a figure as it was last drawn."""
    size, smallest = figure.bbox, _SMALLEST * figure.dpi / 72
    found = []
    for artist in figure.findobj(lambda artist: artist in _MARKS):
        for box, (text, selection) in zip(_boxes(artist), _MARKS[artist], strict=True):
            wide, high = max(box.width, smallest), max(box.height, smallest)
            left, top = (box.x0 + box.x1 - wide) / 2, (box.y0 + box.y1 + high) / 2
            found.append(
                Region(left / size.width, 1 - top / size.height, wide / size.width, high / size.height, text, selection)
            )
    return found


def _boxes(artist: Artist) -> list[Bbox]:
    if isinstance(artist, Rectangle) and not artist.get_angle():
        corners = artist.get_data_transform().transform(artist.get_bbox().get_points())
        return [Bbox([corners.min(axis=0), corners.max(axis=0)])]
    if not isinstance(artist, PathCollection):
        return [artist.get_window_extent()]
    places = artist.get_offset_transform().transform(artist.get_offsets())
    sizes = artist.get_sizes()
    figure = artist.get_figure(root=True)
    pixels = (figure.dpi if figure else 72) / 72
    half = [pixels * sizes[number % len(sizes)] ** 0.5 / 2 for number in range(len(places))]
    return [Bbox([[x - r, y - r], [x + r, y + r]]) for (x, y), r in zip(places, half, strict=True)]
