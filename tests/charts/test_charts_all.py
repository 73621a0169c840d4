"""What holds for every chart: given axes, three languages, hostile names, empty tables, no mathematics."""

import re
import subprocess
import sys
import warnings
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.text import Text

import chart_tables
import funnel_analytics as fa
from funnel_analytics import charts, tables
from funnel_analytics.charts._agg import measuring
from funnel_analytics.charts._picture import figure
from funnel_analytics.charts._text import ELLIPSIS, drawable
from funnel_analytics.errors import ArgumentError, TableError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import builtin_methodologies, load_methodology
from funnel_analytics.words import label, word, word_keys

NAMES = sorted(chart_tables.ALL)
HOSTILE = [
    "$x$ and $\\bad$",
    "Überaus lange Firma " * 10,
    "深圳市某某科技发展股份有限公司" * 14,
    "a_{b}^c % # & ~",
    "Line\nbreak\tand\x00control",
    "🚀 Rocket สวัสดี",
    "",
]


@lru_cache
def drawn(name: str, lang: str = "en"):
    """A chart of its small table, drawn once for all tests that only look at it."""
    return getattr(charts, name)(chart_tables.ALL[name](), lang=lang)


def texts(ax) -> list[str]:
    """Everything written on the axes and its panels."""
    ax.get_figure(root=True).draw_without_rendering()
    return [text.get_text() for text in ax.findobj(Text) if text.get_text() and text.get_visible()]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_chart_draws_in_every_language_with_title_caption_and_counts(name: str, lang: str) -> None:
    ax = drawn(name, lang)
    title = word(f"charts.{name}.title", lang, **({"period": "2026Q4"} if name == "outlook" else {}))
    title += " · Acme" if name == "account_profile" else ""
    assert ax.get_title(loc="left") == title
    said = texts(ax)
    assert any(text.get_gid() == "caption" and text.get_text() for text in ax.texts)
    assert any("2026-09-30" in text or "2026年9月30日" in text for text in said)
    assert len(charts.png(ax)) > 10_000


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_written_outside_the_picture(name: str, lang: str) -> None:
    ax = drawn(name, lang)
    ax.get_figure(root=True).draw_without_rendering()
    all_inside(ax)


@pytest.mark.parametrize("dpi", [100, 220])
@pytest.mark.parametrize("name", NAMES)
def test_nor_outside_a_picture_saved_at_another_resolution(name: str, dpi: int) -> None:
    ax = drawn(name)
    sheet = ax.get_figure(root=True)
    # As savefig(…, dpi=…) and vector formats do.
    sheet.dpi = dpi
    sheet.canvas.draw()
    all_inside(ax)


def all_inside(ax: Axes) -> None:
    sheet = ax.get_figure(root=True)
    renderer = measuring(sheet.dpi)
    for text in ax.findobj(Text):
        if text.get_text() and text.get_visible():
            box = text.get_window_extent(renderer)
            inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= sheet.bbox.x1 + 1 and box.y1 <= sheet.bbox.y1 + 1
            assert inside, text.get_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_key_covers_no_text_above_the_axes(name: str) -> None:
    ax = drawn(name)
    ax.get_figure(root=True).draw_without_rendering()
    if ax.get_legend() is None:
        return
    key = ax.get_legend().get_window_extent()
    above = [text for part in (ax, *ax.child_axes) for text in part.texts if text.get_gid() in ("panel", "subtitle")]
    covered = [text.get_text() for text in above if text.get_window_extent().overlaps(key)]
    assert not covered


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_has_settled_when_a_chart_is_returned(name: str) -> None:
    ax = drawn(name)
    sheet = ax.get_figure(root=True)
    sheet.draw_without_rendering()
    first = ax.get_position().bounds
    sheet.draw_without_rendering()
    assert ax.get_position().bounds == pytest.approx(first, abs=0.002)


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_says_its_figures_where_it_is_pointed_at(name: str) -> None:
    regions = charts.regions(drawn(name, "zh-Hans"))
    assert regions
    for region in regions:
        assert any(sign in region.text for sign in ":→·"), region.text
        assert region.left >= -0.02
        assert region.left + region.width <= 1.02
        assert region.top >= -0.02
        assert region.top + region.height <= 1.02


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_draws_on_the_axes_it_is_given_and_returns_them(name: str) -> None:
    given_axes = figure(9, 6).add_subplot()
    assert getattr(charts, name)(chart_tables.ALL[name](), ax=given_axes) is given_axes


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_of_an_empty_table_says_so_in_a_sentence(name: str) -> None:
    table = chart_tables.ALL[name]()
    empty = table.iloc[:0]
    for lang in LANGUAGES:
        ax = getattr(charts, name)(empty, lang=lang)
        assert [text for text in texts(ax) if text.replace("\n", "").startswith(word("charts.nothing", lang)[:10])]
        assert not ax.axison


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_refuses_a_table_that_is_not_its_own(name: str) -> None:
    other = pd.DataFrame({"stage": ["Discover"]})
    own = "stage_conversion" if name == "stage_funnel" else name
    with pytest.raises(TableError, match=f"not a {own} table"):
        getattr(charts, name)(other)


def assert_plain(ax) -> None:
    for text in ax.findobj(Text):
        assert not text.get_parse_math()
        assert text.get_text() == drawable(text.get_text())


@pytest.mark.parametrize("name", ["account_segments", "account_assessment"])
def test_hostile_account_names_are_written_plainly(name: str) -> None:
    table = (
        chart_tables.ALL[name](names=HOSTILE)
        if name == "account_segments"
        else chart_tables.account_assessment(7, HOSTILE)
    )
    ax = getattr(charts, name)(table, lang="zh-Hans")
    charts.png(ax)
    assert_plain(ax)
    assert "$x$ and $\\bad$" in texts(ax)


@pytest.mark.parametrize(
    "name",
    [
        "stage_conversion",
        "time_in_stage",
        "win_rates",
        "pipeline_changes",
        "conversion_trend",
        "pipeline_flow",
        "conversion_cohorts",
        "stage_transitions",
        "stage_incidence",
        "stage_survival",
        "pipeline_ageing",
        "evidenced_pipeline",
    ],
)
def test_hostile_group_names_are_written_plainly_and_at_most_six_are_drawn(name: str) -> None:
    whole = chart_tables.ALL[name]()
    owners = [*HOSTILE, "a", "b", None]
    split = pd.concat([whole.assign(owner=owner) for owner in owners], ignore_index=True)
    table = tables.declare(split, tables.TABLES[name], chart_tables.CONTEXT, by="owner")
    ax = getattr(charts, name)(table)
    charts.png(ax)
    assert_plain(ax)
    assert len(ax.child_axes) == 6
    caption = next(text.get_text() for text in ax.texts if text.get_gid() == "caption")
    assert "(4)" in caption
    assert any(text.endswith(ELLIPSIS) for text in texts(ax))


def test_classes_stand_in_the_methodologys_order_the_best_first() -> None:
    book = fa.load_sample()
    ax = charts.stage_conversion(fa.stage_conversion(book, by="segment"))
    names = [text.get_text() for panel in ax.child_axes for text in panel.texts if text.get_gid() == "panel"]
    assert names == ["A+", "A", "B", "C", "D", "Unrated"]


def test_a_split_weighted_forecast_and_a_single_hostile_profile_are_written_plainly() -> None:
    table = chart_tables.weighted_forecast()
    table["period"] = ["$x$", "深圳" * 100]
    ax = charts.weighted_forecast(table)
    charts.png(ax)
    assert_plain(ax)
    profile = charts.account_assessment(chart_tables.account_assessment(1, ["$\\bad$ 公司" * 40]))
    charts.png(profile)
    assert_plain(profile)
    assert ELLIPSIS in profile.get_title(loc="left")


def test_hostile_names_in_the_ring_and_in_the_movement_are_written_plainly() -> None:
    for name in HOSTILE:
        ax = charts.account_profile(chart_tables.account_profile(name), lang="zh-Hant")
        charts.png(ax, dpi=30)
        assert_plain(ax)
    ax = charts.segment_changes(chart_tables.segment_changes(HOSTILE))
    charts.png(ax)
    assert_plain(ax)
    assert any(ELLIPSIS in text for text in texts(ax))
    ax = charts.whitespace_by_segment(chart_tables.whitespace_by_segment(HOSTILE))
    charts.png(ax)
    assert_plain(ax)


def test_hostile_opportunity_names_are_written_plainly_and_at_most_fifteen_are_drawn() -> None:
    whole = chart_tables.opportunity_inspection(HOSTILE)
    copies = [whole.assign(opportunity_id=whole["opportunity_id"] + f"/{n}") for n in range(6)]
    for name in HOSTILE:
        copies[0]["opportunity_name"] = name
        table = tables.declare(pd.concat(copies), tables.OPPORTUNITY_INSPECTION, chart_tables.CONTEXT)
        ax = charts.opportunity_inspection(table)
        charts.png(ax, dpi=30)
        assert_plain(ax)
        assert len([text for text in ax.texts if text.get_gid() == "reasons"]) == 15
    # Six times three opportunities, fifteen drawn.
    assert next(text.get_text() for text in ax.texts if text.get_gid() == "caption").endswith("not drawn: 3.")


@settings(max_examples=10)
@given(st.text(max_size=300))
def test_any_text_at_all_can_be_the_name_of_an_account(name: str) -> None:
    ax = charts.account_assessment(chart_tables.account_assessment(1, [name]))
    charts.png(ax, dpi=30)
    assert_plain(ax)


@settings(max_examples=5)
@given(
    st.lists(st.one_of(st.none(), st.floats(0, 1e12)), min_size=7, max_size=7),
    st.one_of(st.none(), st.floats(0, 1e12)),
)
def test_any_revenue_and_any_benchmark_can_be_drawn(revenue: list[float | None], benchmark: float | None) -> None:
    table = chart_tables.account_segments().assign(current_revenue=revenue, revenue_benchmark=benchmark)
    ax = charts.account_segments(tables.conform(table, tables.ACCOUNT_SEGMENTS))
    charts.png(ax, dpi=30)


def test_every_word_of_the_package_has_glyphs() -> None:
    words = {word(key, lang) for lang in LANGUAGES for key in word_keys(lang)}
    for method in map(load_methodology, builtin_methodologies()):
        texts_of_method = [method.name, *method.groups.values(), *method.labels.values(), *method.texts.values()]
        texts_of_method += [text for stage in method.stages for text in (stage.name, *stage.texts.values())]
        texts_of_method += [item.name for stage in method.stages for item in stage.evidence_items]
        texts_of_method += [text for criterion in method.criteria for text in (criterion.name, criterion.questions)]
        texts_of_method += [text for segment in method.segments for text in segment.texts.values()]
        words |= {text for by_language in texts_of_method for text in by_language.values()}
    without = sorted({character for text in words for character in text if drawable(character) != character})
    assert without == []
    sheet = figure(8, 6)
    with rc_context({"font.family": list(charts._text.font_chain()), "text.parse_math": False}):
        sheet.text(0, 0, "\n".join(sorted(words)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sheet.draw_without_rendering()


def test_a_character_without_a_glyph_becomes_a_box_and_an_invisible_one_goes() -> None:
    assert drawable("a\U0001f680b\u200bc\x00\n") == "a□bc\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_the_same_every_time_and_reads_without_fonts(name: str) -> None:
    first, second = (charts.svg(getattr(charts, name)(chart_tables.ALL[name](), lang="zh-Hant")) for _ in range(2))
    assert first == second
    assert first.startswith("<svg")
    assert "<text" not in first
    assert not re.search(r"<dc:date>|file:", first)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_drawn_stands_in_the_same_place_in_every_form(name: str) -> None:
    def places(ax: Axes) -> np.ndarray:
        return np.array(re.findall(r"translate\(([\d.]+) ([\d.]+)\)", charts.svg(ax)), dtype="float64")

    fresh, drawn = (getattr(charts, name)(chart_tables.ALL[name](), lang="zh-Hans") for _ in range(2))
    # A picture at the chart's own dots per inch settles everything.
    charts.png(drawn)
    np.testing.assert_allclose(places(fresh), places(drawn), atol=1)  # points


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_is_laid_out_as_a_png(name: str) -> None:
    fresh, drawn = (getattr(charts, name)(chart_tables.ALL[name](), lang="zh-Hans") for _ in range(2))
    charts.png(drawn)
    charts.picture(fresh, "pdf")
    sheets = [ax.get_figure(root=True) for ax in (fresh, drawn)]
    points = 72 * np.tile(sheets[0].get_size_inches(), 2)
    corners = [np.array([ax.get_position().extents for ax in sheet.axes]) * points for sheet in sheets]
    np.testing.assert_allclose(*corners, atol=1)


def test_a_chart_leaves_the_users_own_settings_alone() -> None:
    with rc_context({"font.family": ["DejaVu Serif"], "axes.facecolor": "black"}):
        import matplotlib

        before = dict(matplotlib.rcParams)
        ax = charts.time_in_stage(chart_tables.time_in_stage())
        assert dict(matplotlib.rcParams) == before
        assert ax.get_facecolor() == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_fill_a_users_own_figure_without_running_into_each_other(lang: str) -> None:
    sheet = figure(20, 12)
    axes = sheet.subplots(2, 2).flat
    names = ["stage_conversion", "outlook", "account_segments", "weighted_forecast"]
    for name, ax in zip(names, axes, strict=True):
        getattr(charts, name)(chart_tables.ALL[name](), ax=ax, lang=lang)
    charts.png(axes[0])
    boxes = [ax.get_tightbbox() for ax in axes]
    assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[index + 1 :])
    for ax in axes:
        assert_plain(ax)


def test_the_key_breaks_into_rows_where_it_is_wider_than_the_axes() -> None:
    narrow, wide = (
        charts.weighted_forecast(chart_tables.weighted_forecast(), ax=figure(width, 6).add_subplot()).get_legend()
        for width in (6, 14)
    )
    assert (narrow._ncols, wide._ncols) == (2, 3)


def test_axes_without_a_figure_are_refused_in_a_sentence() -> None:
    ax = figure(4, 3).add_subplot()
    ax.remove()
    with pytest.raises(ArgumentError, match="belong to no figure"):
        charts.png(ax)


def test_charts_need_no_pyplot() -> None:
    code = "import sys, funnel_analytics.charts; print('matplotlib.pyplot' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_chart_shows_itself_in_a_notebook() -> None:
    ax = charts.win_rates(chart_tables.win_rates())
    assert ax._repr_png_().startswith(b"\x89PNG")
    assert ax.figure._repr_png_().startswith(b"\x89PNG")


def test_labels_of_unknown_keys_are_the_keys_themselves() -> None:
    assert label("Nobody knows") == "Nobody knows"
