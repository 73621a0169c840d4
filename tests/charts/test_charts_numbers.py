"""What is drawn is what the table says: bars, dots, lines, labels and counts."""

import math
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import chart_tables
from funnel_analytics import charts, tables
from funnel_analytics.charts._style import AGAINST, GREY, MAIN


def marked(ax: Any, gid: str) -> list[Any]:
    """The artists with a mark, on the axes or on its panels, in the order drawn."""
    return [artist for artist in ax.findobj() if artist.get_gid() == gid]


def said(ax: Any, gid: str) -> list[str]:
    return [text.get_text() for text in ax.findobj(Text) if text.get_gid() == gid]


def spans(ax: Any, gid: str) -> list[tuple[float, float]]:
    """(from, to) of horizontal bars."""
    return [(round(bar.get_x(), 6), round(bar.get_x() + bar.get_width(), 6)) for bar in marked(ax, gid)]


def labels(axis: Any) -> list[str]:
    return [tick.get_text() for tick in axis.get_ticklabels()]


def caption(ax: Any) -> str:
    return said(ax, "caption")[0].replace("\n", " ")


def test_the_funnel_bars_are_the_counts_of_each_stage_end_to_end() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion())
    assert labels(ax.yaxis) == ["Discover", "Qualify", "Develop"]
    assert spans(ax, "advanced") == [(0, 60), (0, 6), (0, 2)]
    assert spans(ax, "lost") == [(60, 90), (6, 10), (2, 3)]
    assert spans(ax, "open") == [(90, 100), (10, 12), (3, 4)]


def test_every_count_of_the_funnel_is_printed_inside_its_bar_or_behind_it() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion())
    behind = said(ax, "n")
    assert said(ax, "advanced_count")[0] == "60"
    assert behind[0].startswith("n = 100")
    assert behind[1].startswith("n = 12")
    assert "Lost 4" in behind[1]
    assert "Open 2" in behind[1]


def test_a_rate_with_fewer_than_twenty_cases_is_grey_and_with_fewer_than_five_only_counted() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion())
    dots = marked(ax, "rate")
    assert [round(dot.get_xdata()[0], 3) for dot in dots] == [0.667, 0.6]
    assert [to_hex(dot.get_markeredgecolor()) for dot in dots] == [MAIN.lower(), GREY.lower()]
    assert said(ax, "rate_text") == ["67%", "60%"]
    assert said(ax, "n")[-3:] == ["60%–73%   n = 90", "40%–77%   n = 10", "2 of 3"]


def test_the_bounds_of_a_rate_are_drawn_under_it() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion())
    assert spans(ax, "bounds") == [(0.6, 0.7), (0.5, round(8 / 12, 6)), (0.5, 0.75)]


def test_the_caption_names_the_counting_rule_and_what_is_counted_nowhere() -> None:
    table = chart_tables.stage_conversion()
    text = caption(charts.stage_conversion(table))
    assert "reached it or went beyond" in text
    assert text.endswith("where they were lost: 3.")
    assert "that were in it" in caption(charts.stage_conversion(table.assign(counting="visited")))


def test_groups_stand_side_by_side_and_a_missing_one_has_a_dash() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion(["North", "South", None]))
    assert said(ax, "panel") == ["North", "South", "–"]
    assert len(marked(ax, "rate")) == 6


def test_a_stage_shows_quartiles_median_interval_and_stall_line() -> None:
    ax = charts.time_in_stage(chart_tables.time_in_stage())
    end = ax.get_xlim()[1]
    assert spans(ax, "quartiles") == [(10, 33), (30, round(end, 6))]
    assert [list(line.get_xdata()) for line in marked(ax, "interval")] == [[15, 26]]
    assert [list(dot.get_xdata()) for dot in marked(ax, "median")] == [[20]]
    assert [list(line.get_xdata()) for line in marked(ax, "stall")] == [[45]]
    assert len(marked(ax, "beyond")) == 1
    assert said(ax, "median_text") == ["20 d"]
    assert said(ax, "n") == [
        "15–26   n = 40, 5 still here   2 past the stall line",
        "more than half are still here   n = 15, 9 still here",
        "n = 3",
    ]


def test_an_open_upper_end_of_the_median_runs_to_the_edge() -> None:
    table = chart_tables.time_in_stage()
    table.loc[0, "median_high_days"] = None
    ax = charts.time_in_stage(table)
    assert list(marked(ax, "interval")[0].get_xdata()) == [15, ax.get_xlim()[1]]


@pytest.mark.parametrize(("longest", "end"), [(None, 1.0), (0, 1.0), (50, 53.0)])
def test_a_stage_that_nobody_has_left_has_an_empty_scale_and_its_count(longest: float | None, end: float) -> None:
    table = chart_tables.declared("time_in_stage", [{"stage": "Discover", "visits": 6, "longest_days": longest}])
    ax = charts.time_in_stage(table)
    assert ax.get_xlim() == (0, end)
    assert said(ax, "n") == ["more than half are still here   n = 6"]


def test_six_win_rates_stand_under_their_definitions() -> None:
    ax = charts.win_rates(chart_tables.win_rates())
    names = [name.replace("\n", " ") for name in labels(ax.yaxis)]
    assert names[0] == "Closed: won ÷ (won + lost), by close date"
    assert "180 days" in names[2]
    assert "Qualify" in names[3]
    assert said(ax, "rate_text") == ["40%", "25%", "35%", "47%", "31%"]
    assert said(ax, "n")[0] == "20%–50%   n = 50   by amount 30%"
    assert said(ax, "n")[5] == "1 of 4"
    assert len(marked(ax, "by_amount")) == 4
    assert "ignored there: 2." in caption(ax)


def test_a_period_shows_each_weighting_that_the_table_holds() -> None:
    ax = charts.weighted_forecast(chart_tables.weighted_forecast())
    assert spans(ax, "amount") == [(0, 300_000), (0, 1_200_000)]
    assert spans(ax, "weighted_nominal") == [(0, 90_000), (0, 480_000)]
    assert spans(ax, "weighted_crm") == [(0, 150_000), (0, 600_000)]
    assert marked(ax, "weighted_measured") == []
    assert said(ax, "amount_text") == ["300k", "1.2M"]
    text = caption(ax)
    assert "“Weighted: measured” is not available" in text
    assert "0 or 1: 1." in text
    assert "“omitted”: 2." in text
    assert "in the CRM: 1." in text


def test_an_overdue_period_says_so_in_words_and_colour() -> None:
    ax = charts.weighted_forecast(chart_tables.weighted_forecast())
    assert labels(ax.yaxis) == ["2026Q2\noverdue · n = 2", "2026Q4\nn = 5"]
    assert to_hex(ax.get_yticklabels()[0].get_color()) == AGAINST.lower()
    assert len(marked(ax, "overdue")) == 1


def test_rows_beyond_twelve_are_counted_in_the_caption() -> None:
    table = pd.concat([chart_tables.weighted_forecast()] * 7, ignore_index=True)
    ax = charts.weighted_forecast(table)
    assert len(marked(ax, "amount")) == 12
    assert caption(ax).endswith("not drawn: 2.")


def test_the_waterfall_climbs_and_falls_by_each_cause_and_leaves_out_those_without_any() -> None:
    ax = charts.pipeline_changes(chart_tables.pipeline_changes())
    # In thousands: 1000, +400 → 1400, +100 → 1500, −50 → 1450, −300 → 1150, −150 → 1000.
    levels = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches if bar.get_gid()]
    expected = [(0, 1000), (1000, 1400), (1400, 1500), (1500, 1450), (1450, 1150), (1150, 1000), (0, 1000)]
    assert levels == [(1000 * low, 1000 * high) for low, high in expected]
    assert said(ax, "amount") == ["1M", "+400k", "+100k", "−50k", "−300k", "−150k", "1M"]
    assert [name.split("\n")[-1] for name in labels(ax.xaxis)] == [f"n = {n}" for n in (10, 4, 2, 1, 3, 2, 9)]
    assert marked(ax, "pulled_in") == []


def test_the_waterfall_says_between_which_dates_where_the_table_knows() -> None:
    table = chart_tables.pipeline_changes()
    table.attrs |= {"since": pd.Timestamp("2026-06-30"), "until": pd.Timestamp("2026-09-30"), "period": "2026Q4"}
    subtitle = said(charts.pipeline_changes(table), "subtitle")[0]
    assert subtitle == "2026-06-30 → 2026-09-30 · due in 2026Q4 · EUR · as of 2026-09-30"


def test_the_outlook_stacks_its_parts_and_draws_the_range_of_the_total() -> None:
    ax = charts.outlook(chart_tables.outlook())
    assert spans(ax, "won") == [(0, 500e3)]
    assert spans(ax, "open") == [(500e3, 1200e3)]
    assert spans(ax, "new_business") == [(1200e3, 1300e3)]
    assert spans(ax, "p10_p90") == [(900e3, 1800e3)]
    assert spans(ax, "p25_p75") == [(1050e3, 1500e3)]
    assert list(marked(ax, "mean")[0].get_xdata()) == [1300e3]
    assert said(ax, "p10") + said(ax, "p90") == ["P10 900k", "P90 1.8M"]
    assert said(ax, "p50_text") + said(ax, "mean_text") == ["Median 1.2M", "Mean 1.3M"]
    assert list(marked(ax, "quota")[0].get_xdata()) == [1500e3, 1500e3]
    assert said(ax, "quota_text") == ["Quota 1.5M (chance 27%)"]


def test_an_outlook_without_enough_history_shows_what_is_won_and_says_why_there_is_no_more() -> None:
    table = chart_tables.outlook(mean=None, p10=None, p25=None, p50=None, p75=None, p90=None, p_quota=None)
    table.loc[table["component"].isin(["open", "new_business"]), ["mean", "p10", "p90"]] = None
    ax = charts.outlook(table)
    assert spans(ax, "won") == [(0, 500e3)]
    assert marked(ax, "p10_p90") == []
    assert said(ax, "quota_text") == ["Quota 1.5M"]
    assert said(ax, "too_little") != []


@pytest.mark.parametrize("missing", ["p10", "p50", "quota"])
def test_an_outlook_lacking_one_number_still_draws_the_others(missing: str) -> None:
    ax = charts.outlook(chart_tables.outlook(**{missing: None}))
    assert marked(ax, "won") != []


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


def test_amounts_are_in_wan_in_chinese_and_in_millions_in_english() -> None:
    assert said(charts.weighted_forecast(chart_tables.weighted_forecast(), lang="zh-Hans"), "amount_text") == [
        "30万",
        "120万",
    ]
    assert said(charts.pipeline_changes(chart_tables.pipeline_changes(), lang="zh-Hant"), "amount")[1] == "+40萬"


def test_a_trend_shows_both_periods_and_says_what_could_be_chance() -> None:
    ax = charts.conversion_trend(chart_tables.conversion_trend())
    assert [round(dot.get_xdata()[0], 3) for dot in marked(ax, "rate_before")] == [0.9, 0.5]
    assert [round(dot.get_xdata()[0], 3) for dot in marked(ax, "rate_after")] == [0.25, 0.6]
    assert [to_hex(dot.get_markeredgecolor()) for dot in marked(ax, "rate_after")] == [MAIN.lower(), GREY.lower()]
    assert said(ax, "rate_text") == ["90% → 25%", "50% → 60%"]
    assert said(ax, "n") == [
        "−65 (−74 … −53) points, more than chance\nn = 40 → 40",
        "+10 (−10 … +29) points, could be chance\nn = 20 → 20",
        "3 of 4 → 5 of 7",
    ]
    assert "within 90 days" in caption(ax)
    assert "that were in it" in caption(ax)


def test_a_flow_rises_from_the_opening_and_falls_to_the_closing() -> None:
    ax = charts.pipeline_flow(chart_tables.pipeline_flow())
    bars = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in marked(ax, "more") + marked(ax, "less")]
    assert bars == [(1e6, 1.4e6), (1.1e6, 1.15e6), (1.4e6, 1.1e6), (1.15e6, 9e5)]
    assert labels(ax.xaxis) == ["2026-09-20\nn = 11", "2026-09-27\nn = 9"]


def test_a_flow_of_many_weeks_draws_the_newest_and_counts_the_others() -> None:
    week = chart_tables.pipeline_flow().iloc[4:]
    shifts = [pd.Timedelta(weeks=count) for count in range(40)]
    weeks = [week.assign(since=week["since"] + shift, until=week["until"] + shift) for shift in shifts]
    ax = charts.pipeline_flow(tables.declare(pd.concat(weeks), tables.PIPELINE_FLOW, chart_tables.CONTEXT))
    assert len(marked(ax, "more")) == 26
    assert caption(ax).endswith("not drawn: 14.")
    assert labels(ax.xaxis)[-1].startswith("2027-06-27")


def test_slippage_shows_what_became_of_the_due_and_where_counts_are_lower_bounds() -> None:
    ax = charts.slippage(chart_tables.slippage())
    assert spans(ax, "won") == [(0, 8)]
    assert spans(ax, "slipped") == [(8, 12)]
    assert spans(ax, "vanished") == [(19, 20)]
    assert said(ax, "n")[0].startswith("n = 20 · slip rate 20%, by amount 35%")
    assert "2026-06-30" in caption(ax)
    assert "of 6 opportunities only exports tell" in caption(ax)


def test_the_triangle_holds_shares_at_the_same_age_and_counts_where_there_are_few() -> None:
    ax = charts.conversion_cohorts(chart_tables.conversion_cohorts())
    assert said(ax, "share") == ["10%", "75%", "25%", "60%", "1 of 4"]
    assert labels(ax.yaxis) == ["2025Q4 · n = 20", "2026Q1 · n = 20", "2026Q2 · n = 4"]
    assert len(marked(ax, "cell")) == 5


def test_next_steps_stand_with_their_number_and_share() -> None:
    ax = charts.stage_transitions(chart_tables.stage_transitions())
    assert said(ax, "share") == ["12\n60%", "8\n40%", "3", "1", "2"]
    assert labels(ax.yaxis) == ["Discover · n = 20", "Qualify · n = 3"]
    assert labels(ax.xaxis) == ["Discover", "Qualify", "Won", "Lost", "Open"]


def test_each_stage_has_its_two_curves_and_the_number_followed() -> None:
    ax = charts.stage_incidence(chart_tables.stage_incidence())
    assert said(ax, "panel") == ["Discover · n = 40", "Qualify · n = 12"]
    assert [list(line.get_ydata()) for line in marked(ax, "advanced")] == [[0, 0.3, 0.5]] * 2
    assert [list(line.get_ydata()) for line in marked(ax, "lost")] == [[0, 0.1, 0.2]] * 2
    assert "reached it or went beyond" in caption(ax)


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
