"""What is drawn is what the table says: bars, dots, lines, labels and counts."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import chart_tables
import funnel_analytics as fa
from funnel_analytics import charts, tables
from funnel_analytics.charts._axes import number_axis
from funnel_analytics.charts._style import AGAINST, GREY, MAIN
from funnel_analytics.words import number, short_number

from .drawn import caption, labels, marked, said, spans


def test_the_funnel_bars_are_the_counts_of_each_stage_end_to_end() -> None:
    ax = charts.stage_conversion(chart_tables.stage_conversion())
    assert labels(ax.yaxis) == ["Discover", "Qualify", "Develop"]
    assert spans(ax, "advanced") == [(0, 60), (0, 6), (0, 2)]
    assert spans(ax, "lost") == [(60, 90), (6, 10), (2, 3)]
    assert spans(ax, "open") == [(90, 100), (10, 12), (3, 4)]


def test_of_a_stage_that_nobody_left_only_those_watched_on_its_first_day_are_counted() -> None:
    table = fa.stage_survival(fa.load_sample())
    first = table["stage"].iloc[0]
    ax = charts.stage_survival(table[(table["stage"] != first) | (table["days"] == 0)])
    assert said(ax.child_axes[0], "at_risk") == [number(table["visits"].iloc[0])]
    assert len(said(ax.child_axes[1], "at_risk")) > 1


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


def test_rates_that_the_exports_cannot_tell_are_not_drawn() -> None:
    # 30 + 4 + 1 were lost in known stages, and 36 the CRM lists as "Closed Lost" alone.
    table = chart_tables.stage_conversion()
    table["lost_stage_unknown"] = 36
    ax = charts.stage_conversion(table)
    assert not marked(ax, "rate")
    assert not marked(ax, "bounds")
    assert said(ax, "n")[-3:] == ["–", "–", "–"]
    assert "no source tells where they were lost: 36. Rates of stages are left out" in caption(ax)
    funnel = charts.stage_funnel(table)
    assert not [text for text in said(funnel, "n") if "%" in text]
    assert "Rates of stages are left out" in caption(funnel)
    # With as many in known stages as in none they are drawn.
    told = charts.stage_conversion(table.assign(lost_stage_unknown=35))
    assert len(marked(told, "rate")) == 2
    assert "left out" not in caption(told)


def test_a_win_rate_from_a_stage_that_no_loss_is_known_to_have_reached_is_not_drawn() -> None:
    table = chart_tables.win_rates()
    rates = len(marked(charts.win_rates(table), "rate"))
    unknown = table.assign(lost=table["lost"].mask(table["rate"] == "from_stage", 0))
    ax = charts.win_rates(unknown)
    assert len(marked(ax, "rate")) == rates - 1
    assert "From a stage: left out" in caption(ax)


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
    assert said(ax, "p50_text") + said(ax, "mean_text") == ["Median 1.3M", "Mean 1.3M"]
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


def test_what_stands_behind_a_bar_of_the_funnel_does_not_reach_the_rates() -> None:
    table = chart_tables.stage_conversion()
    counts = ["entered", "advanced", "lost", "open"]
    # In thousands: the texts are the longest that a team has.
    ax = charts.stage_conversion(table.assign(**{name: table[name] * 1000 + 1 for name in counts}))
    charts.picture(ax, "png")
    rates = ax.child_axes[0].get_window_extent().x0
    texts = [text for text in ax.texts if text.get_gid() == "n"]
    assert [text for text in texts if text.get_window_extent().x1 > rates] == []


def test_numbers_along_an_axis_are_not_written_twice() -> None:
    fig, ax = plt.subplots()
    for low, high, written in ((0, 1, ["0", "1"]), (9_381_000, 9_391_000, ["9,382,000", "9,384,000"])):
        ax.set_xlim(low, high)
        number_axis(ax, "x", lambda value: short_number(value, "zh-Hans"))
        assert labels(ax.xaxis)[:2] == written
    plt.close(fig)
