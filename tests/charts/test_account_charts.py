"""The charts of accounts draw what their tables say: places, names, classes, counts."""

import math

import pandas as pd
import pytest
from matplotlib.transforms import Bbox

import chart_tables
from funnel_analytics import charts, tables

from .drawn import caption, labels, marked, said


def test_accounts_stand_at_their_potential_and_revenue_in_the_quadrants() -> None:
    table = chart_tables.account_segments()
    ax = charts.account_segments(table)
    placed = {tuple(point) for scatter in marked(ax, "accounts") for point in scatter.get_offsets().tolist()}
    known = table.dropna(subset=["potential", "current_revenue"])
    assert placed == set(zip(known["potential"], known["current_revenue"], strict=True))
    assert sorted(said(ax, "class")) == ["A  n = 1", "A+  n = 1", "B  n = 1", "C  n = 1"]
    assert [line.get_ydata()[0] for line in marked(ax, "benchmark")] == [8e5]
    assert [line.get_xdata()[0] for line in marked(ax, "cut")] == [0.5]


def test_accounts_without_a_place_stand_in_strips_or_are_counted() -> None:
    ax = charts.account_segments(chart_tables.account_segments())
    assert sorted(said(ax, "strip")) == ["Not assessed\nn = 1", "Revenue not known\nn = 1"]
    assert [s.get_offsets().tolist() for s in marked(ax, "no_potential")] == [[[0.0, 4e5]]]
    assert [s.get_offsets().tolist() for s in marked(ax, "no_revenue")] == [[[0.6, 0.0]]]
    assert "nowhere in the picture: 1." in caption(ax)
    assert "another class in the export: 1." in caption(ax)


def test_names_of_accounts_never_cover_each_other_and_those_without_room_are_counted() -> None:
    table = pd.concat([chart_tables.account_segments().head(1)] * 40, ignore_index=True)
    table["potential"] = [0.5 + 0.01 * (index % 8) for index in range(40)]
    table.attrs = chart_tables.CONTEXT
    ax = charts.account_segments(table)
    ax.get_figure(root=True).draw_without_rendering()
    boxes = [text.get_window_extent() for text in marked(ax, "account")]
    assert not any(one.overlaps(other) for index, one in enumerate(boxes) for other in boxes[index + 1 :])
    assert f"no room: {40 - len(boxes)}." in caption(ax)


def test_no_name_of_an_account_stands_on_the_cut_or_the_benchmark() -> None:
    table = pd.concat([chart_tables.account_segments().head(1)] * 12, ignore_index=True)
    table["potential"] = [0.44 + 0.01 * index for index in range(12)]
    table["current_revenue"] = [1e5 * index + 5e4 for index in range(12)]
    table.attrs = chart_tables.CONTEXT
    ax = charts.account_segments(table)
    ax.get_figure(root=True).draw_without_rendering()
    lines = [artist.get_window_extent() for gid in ("cut", "benchmark") for artist in marked(ax, gid)]
    names = [text.get_window_extent() for text in marked(ax, "account")]
    assert len(lines) == 2
    assert len(names) >= 6
    assert not any(name.overlaps(line) for name in names for line in lines)


def test_no_bubble_covers_the_names_of_the_lines_and_classes() -> None:
    table = pd.concat([chart_tables.account_segments().head(4)] * 8, ignore_index=True)
    table["potential"] = [index / 31 for index in range(32)]
    table["current_revenue"] = [0.0, 2e6, 8e5, 1e4] * 4 + [0.0, 2e6, 5e5, 1e4] * 4
    table.attrs = chart_tables.CONTEXT
    ax = charts.account_segments(table)
    ax.get_figure(root=True).draw_without_rendering()
    names = [artist.get_window_extent() for gid in ("class", "strategy", "line_label") for artist in marked(ax, gid)]
    for scatter in marked(ax, "accounts"):
        for (x, y), size in zip(scatter.get_offsets(), scatter.get_sizes(), strict=True):
            across, up = ax.transData.transform((x, y))
            reach = (size / 3.1416) ** 0.5 * ax.figure.dpi / 72
            bubble = Bbox.from_extents(across - reach, up - reach, across + reach, up + reach)
            assert not any(bubble.overlaps(name) for name in names)


def test_a_proposed_benchmark_is_called_proposed() -> None:
    ax = charts.account_segments(chart_tables.account_segments().assign(benchmark_source="proposed"))
    assert "Benchmark EUR 800k, only proposed (median): agree on one" in said(ax, "subtitle")[0]


def test_accounts_without_any_amounts_are_drawn_in_one_size() -> None:
    table = chart_tables.account_segments()
    table["open_amount"] = None
    ax = charts.account_segments(tables.conform(table, tables.ACCOUNT_SEGMENTS))
    assert {size for scatter in marked(ax, "accounts") for size in scatter.get_sizes()} == {36.0}


def test_accounts_without_any_revenue_are_drawn_by_potential_alone() -> None:
    table = chart_tables.account_segments()
    table[["current_revenue", "revenue_benchmark"]] = None
    ax = charts.account_segments(tables.conform(table, tables.ACCOUNT_SEGMENTS))
    assert marked(ax, "benchmark") == []
    assert said(ax, "strip") == ["Revenue not known\nn = 5"]


def test_one_account_is_a_profile_of_its_ten_criteria() -> None:
    ax = charts.account_assessment(chart_tables.account_assessment(1))
    assert ax.get_title(loc="left") == "Account assessment · Account 0"
    assert len(labels(ax.yaxis)) == 10
    assert said(ax, "rating") == ["1", "2", "3", "4", "5", "1", "2", "3", "4"]
    assert said(ax, "not_rated") == ["not rated"]
    assert said(ax, "group") == ["Account profile\n50%", "Opportunity pipeline\n50%", "Relationship\n50%"]


def test_several_accounts_are_a_heat_map_with_the_best_first() -> None:
    ax = charts.account_assessment(chart_tables.account_assessment(30))
    assert labels(ax.yaxis)[:2] == ["Account 0", "Account 1"]
    assert said(ax, "rating")[:9] == ["1", "2", "3", "4", "5", "1", "2", "3", "4"]
    assert len(marked(ax, "not_rated")) == 25
    assert said(ax, "potential")[0] == "90%"
    assert caption(ax).endswith("not drawn: 5.")


def test_the_ring_has_one_mark_per_rating_between_hub_and_rim() -> None:
    ax = charts.account_profile(chart_tables.account_profile())
    marks = [line for line in ax.lines if line.get_gid() == "profile"]
    # Joined within each of the three groups only; 4 + 3 + 2 rated criteria.
    assert [len(line.get_xdata()) for line in marks] == [4, 3, 2]
    radii = [math.hypot(x, y) for line in marks for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]
    # 1 to 5 in turn: the hub at 0.28, the rim at 1.
    assert radii == pytest.approx([0.28, 0.46, 0.64, 0.82, 1.0, 0.28, 0.46, 0.64, 0.82])
    assert [text.get_text() for text in ax.texts if text.get_gid() == "rating"] == list("123451234")
    assert len([line for line in ax.lines if line.get_gid() == "not_rated"]) == 1
    assert len([patch for patch in ax.patches if patch.get_gid() == "group"]) == 3


def test_the_movement_names_who_moved_and_counts_who_stayed() -> None:
    ax = charts.segment_changes(chart_tables.segment_changes())
    said = [text.get_text() for text in ax.texts if text.get_gid() == "share"]
    assert said == ["Account 0\nAccount 1\nAccount 2\n… and 1 more", "Account 4", "1", "1"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["A+", "A", "B", "C"]


def test_the_whitespace_counts_who_bought_and_who_was_never_asked() -> None:
    ax = charts.whitespace_by_segment(chart_tables.whitespace_by_segment())
    said = [text.get_text() for text in ax.texts if text.get_gid() == "share"]
    assert said[:3] == ["3 bought\n0 not offered", "2 bought\n1 not offered", "1 bought\n2 not offered"]
    assert len(said) == 20  # ten of the twelve products, in two classes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["A+ · n = 4", "B · n = 10"]
    assert any("not drawn: 2." in text.get_text() for text in ax.texts)


def test_effort_and_potential_stand_side_by_side_with_their_shares() -> None:
    ax = charts.segment_effort(chart_tables.segment_effort())
    bars = {
        gid: [bar.get_width() for bar in ax.patches if bar.get_gid() == gid]
        for gid in ("potential_share", "pipeline_share")
    }
    assert bars == {"potential_share": [0.7, 0.3], "pipeline_share": [0.2, 0.75, 0.05]}
    assert [text.get_text() for text in ax.texts if text.get_gid() == "share"] == [
        "70%",
        "30%",
        "–",
        "20%",
        "75%",
        "5%",
    ]
