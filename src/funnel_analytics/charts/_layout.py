"""The room a chart takes: how far it reaches beyond its frame, and the engine that fits it into its figure."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import LayoutEngine
from matplotlib.spines import Spine
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from ._agg import measuring
from ._picture import whole

_MARGIN = 0.12
"""Inches left free around a chart."""


class Reach(NamedTuple):
    """Pixels that are drawn beyond the frame of some axes, on each side."""

    left: float
    below: float
    right: float
    above: float


def reach(ax: Axes) -> Reach:
    """How far the labels, texts and panels of axes reach beyond their frame.

    `Axes.get_tightbbox` tells the same, at several times the cost: it also measures what the frame cuts off. The width of
    titles does not count, which are wrapped to what is there.
    """
    frame = ax.get_window_extent()
    drawn = Bbox.union(list(_boxes(ax, measuring(whole(ax).dpi))))
    return Reach(frame.x0 - drawn.x0, frame.y0 - drawn.y0, drawn.x1 - frame.x1, drawn.y1 - frame.y1)


def _boxes(ax: Axes, renderer: RendererAgg) -> Iterator[Bbox]:
    """The boxes of all that is drawn of axes, unless the frame cuts it off."""
    # A panel has a locator: without it a panel would still be measured where it stood before.
    place: Any = ax.get_axes_locator()
    ax.apply_aspect(place(ax, None) if place else None)
    yield ax.get_window_extent()
    texts = set(ax.texts)
    for artist in ax.get_children():
        if not artist.get_visible() or not artist.get_in_layout() or isinstance(artist, Spine):
            continue
        if isinstance(artist, Axes):
            yield from _boxes(artist, renderer)
        elif isinstance(artist, Axis):
            yield from _axis_boxes(ax, artist, renderer)
        elif isinstance(artist, Text):
            if artist.get_text():
                box = artist.get_window_extent(renderer)
                yield box if artist in texts else Bbox.from_extents(box.x0, box.y0, box.x0, box.y1)
        elif not _cut_off(artist) and (found := artist.get_tightbbox(renderer)) is not None:
            yield found


def _cut_off(artist: Artist) -> bool:
    return artist.get_clip_on() and artist.get_clip_box() is not None


def _axis_boxes(ax: Axes, axis: Axis, renderer: RendererAgg) -> Iterator[Bbox]:
    if not ax.axison:
        return
    if axis.label.get_text():
        if (box := axis.get_tightbbox(renderer, for_layout_only=True)) is not None:
            yield box
        return
    low, high = sorted(axis.get_view_interval())
    for label in axis.get_ticklabels():
        at = label.get_position()[axis is ax.yaxis]
        if label.get_text() and low <= at <= high:
            yield label.get_window_extent(renderer)


class OneChart(LayoutEngine):
    """The axes of a figure that holds one chart are as large as their labels and texts let them be.

    These have sizes in points, so that measuring them once is enough; matplotlib's own engine measures for many axes
    and twice.
    """

    _adjust_compatible = True
    _colorbar_gridspec = False

    def execute(self, fig: Figure) -> None:
        """Place the axes."""
        (ax,) = fig.axes
        self.reach = reach(ax)
        margin, sheet = _MARGIN * fig.dpi, fig.bbox
        fig.subplots_adjust(
            left=(self.reach.left + margin) / sheet.width,
            right=1 - (self.reach.right + margin) / sheet.width,
            bottom=(self.reach.below + margin) / sheet.height,
            top=1 - (self.reach.above + margin) / sheet.height,
        )


def lay_out(ax: Axes) -> Reach:
    """Give the axes their place on the figure, so that widths can be measured; returns how far they reach beyond it."""
    sheet = whole(ax)
    engine = sheet.get_layout_engine()
    if engine is not None:
        engine.execute(sheet)
    return engine.reach if isinstance(engine, OneChart) else reach(ax)
