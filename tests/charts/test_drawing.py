"""What makes drawing quick changes nothing that is seen: remembered texts, measured room, pictures of bytes."""

import io

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageFilter

import chart_tables
import funnel_analytics as fa
from funnel_analytics.charts._agg import ChartCanvas
from funnel_analytics.charts._layout import reach
from funnel_analytics.charts._picture import ChartAxes
from funnel_analytics.charts._quick_png import quick_png
from funnel_analytics.charts._style import style

TEXTS = ("Advanced", "阶段转化 86%", "n = 1,250\n86 % advance\nÅgpj", "   ", "$x$")


def _sheet(canvas, **look):
    """Texts of several sizes at whole pixels on a figure with a canvas."""
    sheet = Figure(figsize=(4, 3), dpi=100)
    canvas(sheet)
    family = style()["font.family"]
    for row, text in enumerate(TEXTS):
        sheet.text(0.1, 0.1 + 0.2 * row, text, fontsize=8 + row, family=family, parse_math=False, **look)
    sheet.canvas.draw()
    return sheet, np.asarray(sheet.canvas.buffer_rgba()).astype(int)


@pytest.mark.parametrize(
    "look", [{"color": "#D55E00"}, {"rotation": 90}, {"alpha": 0.5}, {"linespacing": 1.35}], ids=str
)
def test_a_remembered_text_is_the_picture_that_matplotlib_draws_moved_by_less_than_a_pixel(look) -> None:
    _, plain = _sheet(FigureCanvasAgg, **look)
    _, first = _sheet(ChartCanvas, **look)
    _, second = _sheet(ChartCanvas, **look)
    assert (first == second).all()
    assert plain.min() < 200
    assert np.abs(_seen_from_afar(first) - _seen_from_afar(plain)).max() < 30


def _seen_from_afar(pixels):
    picture = Image.fromarray(pixels.astype(np.uint8)).convert("L")
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(2)), float)


def test_a_text_takes_the_room_that_matplotlib_gives_it() -> None:
    (plain, _), (ours, _) = _sheet(FigureCanvasAgg), _sheet(ChartCanvas)
    for text, other in zip(plain.texts, ours.texts, strict=True):
        assert np.allclose(text.get_window_extent().extents, other.get_window_extent().extents)


@pytest.mark.parametrize("name", chart_tables.ALL)
def test_ticks_that_are_copies_are_drawn_as_ticks_that_matplotlib_made(name) -> None:
    pictures = []
    for kind in (Axes, ChartAxes):
        with rc_context(style()):
            ax = fa.charts.figure(9, 6).add_subplot(axes_class=kind)
        getattr(fa.charts, name)(chart_tables.ALL[name](), ax=ax, lang="zh-Hans")
        ax.figure.canvas.draw()
        pictures.append(np.asarray(ax.figure.canvas.buffer_rgba()))
    assert (pictures[0] == pictures[1]).all()


def test_one_tick_is_changed_without_its_copies() -> None:
    with rc_context(style()):
        ax = fa.charts.figure(4, 3).add_subplot(axes_class=ChartAxes)
    ax.set_yticks(range(3), ["a", "b", "c"])
    first, second, _ = ax.get_yticklabels()
    second.set(fontsize=30, color="red")
    ax.yaxis.get_major_ticks()[2].gridline.set_visible(True)
    assert first.get_fontsize() < 20
    assert first.get_color() != "red"
    assert [tick.gridline.get_visible() for tick in ax.yaxis.get_major_ticks()] == [False, False, True]
    assert [tick.get_loc() for tick in ax.yaxis.get_major_ticks()] == [0, 1, 2]
    ax.tick_params(axis="y", labelcolor="blue")
    assert {label.get_color() for label in ax.get_yticklabels()} == {"blue"}


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4))))
def test_a_quick_picture_holds_every_pixel(pixels) -> None:
    assert (np.asarray(Image.open(io.BytesIO(quick_png(pixels)))) == pixels).all()


@pytest.mark.parametrize("name", chart_tables.ALL)
def test_a_chart_reaches_as_far_as_matplotlib_measures_it(name) -> None:
    ax = getattr(fa.charts, name)(chart_tables.ALL[name](), lang="en")
    ax.figure.draw_without_rendering()
    frame, box, beyond = ax.get_window_extent(), ax.get_tightbbox(for_layout_only=True), reach(ax)
    measured = (frame.x0 - box.x0, frame.y0 - box.y0, box.x1 - frame.x1, box.y1 - frame.y1)
    # A marker that stands on the frame reaches some pixels beyond it, less than the margin around the chart.
    assert np.allclose(beyond, measured, atol=12)


def test_a_bar_that_falls_can_be_pointed_at_in_its_whole_height() -> None:
    ax = fa.charts.pipeline_changes(chart_tables.pipeline_changes(), lang="en")
    found = {region.selection.get("cause"): region for region in fa.charts.regions(ax)}
    table = chart_tables.pipeline_changes().set_index("cause")["amount"]
    falling = table[table < 0].drop(["opening", "closing"], errors="ignore").idxmin()
    share = found[falling].height / found["opening"].height
    assert share == pytest.approx(abs(table[falling]) / table["opening"], rel=0.05)
