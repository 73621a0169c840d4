"""What the charts of the forecast draw, read back from their artists."""

from itertools import combinations

import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

import chart_tables
from funnel_analytics import charts
from funnel_analytics.languages import LANGUAGES


def bars(ax: Axes, gid: str) -> list[tuple[float, float]]:
    """Left edge and width of the bars with a mark, from top to bottom."""
    return [(patch.get_x(), patch.get_width()) for patch in ax.patches if patch.get_gid() == gid]


def lines(ax: Axes, gid: str) -> list[Line2D]:
    return [line for line in ax.lines if line.get_gid() == gid]


def said(ax: Axes, gid: str) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_gid() == gid]


def test_coverage_stacks_won_and_open_and_marks_quota_and_need() -> None:
    ax = charts.pipeline_coverage(chart_tables.pipeline_coverage())
    assert bars(ax, "won_amount") == [(0, 100e3), (0, 320e3), (0, 0)]
    assert bars(ax, "open_amount") == [(100e3, 800e3), (320e3, 100e3), (0, 50e3)]
    assert [float(line.get_xdata()[0]) for line in lines(ax, "quota")] == [500e3, 300e3]
    # Won 100 and needed 1,600 more; who has met the quota needs nothing.
    assert [float(line.get_xdata()[0]) for line in lines(ax, "required_amount")] == [1700e3]
    assert said(ax, "status") == ["Too little pipeline\n2.0× of the gap; needed 4.0×", "Quota met", "No quota known"]


def test_pacing_draws_every_earlier_period_the_band_and_the_present() -> None:
    ax = charts.quota_pacing(chart_tables.quota_pacing())
    assert [list(line.get_ydata()) for line in lines(ax, "earlier")] == [[0, 1e5, 1e5, 3e5, 4e5], [0, 0, 2e5, 2e5, 6e5]]
    assert list(lines(ax, "current")[0].get_ydata()) == [0, 120e3, 240e3]
    assert [float(line.get_ydata()[0]) for line in lines(ax, "quota")] == [500e3]
    assert len([part for part in ax.collections if part.get_gid() == "usual"]) == 1
    assert "usually won 30%" in said(ax, "caption")[0].replace("\n", " ")


@pytest.mark.parametrize("other, names", [(400e3, 2), (575e3, 1)])
def test_names_of_earlier_periods_that_end_alike_do_not_cover_one_another(other: float, names: int) -> None:
    table = chart_tables.quota_pacing()
    first = table.loc[~table["current"], "period"].iloc[0]
    table.loc[(table["period"] == first) & (table["week"] == table["week"].max()), "won_amount"] = other
    ax = charts.quota_pacing(table)  # the other period ends at 600k
    ax.get_figure(root=True).draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_gid() == "earlier_name"]
    assert len(boxes) == names
    assert not any(one.overlaps(two) for one, two in combinations(boxes, 2))


def test_pacing_of_a_period_that_has_not_begun_says_so() -> None:
    table = chart_tables.quota_pacing()
    earlier = table[~table["current"]]
    earlier.attrs = table.attrs
    ax = charts.quota_pacing(earlier)
    assert not lines(ax, "current")
    assert "has not begun" in said(ax, "caption")[0]


def test_the_tornado_opens_at_the_expected_total() -> None:
    ax = charts.outlook_drivers(chart_tables.outlook_drivers())
    assert bars(ax, "if_lost") == [(1000e3, 300e3), (1250e3, 50e3)]
    assert bars(ax, "if_won") == [(1300e3, 200e3), (1300e3, 500e3)]
    assert said(ax, "chance") == ["500k, chance 60%", "550k, chance 9%"]
    assert "Without the first 2: EUR 950k" in said(ax, "caption")[0]


def test_each_scenario_has_its_range_and_its_difference_or_a_word() -> None:
    for name in ("scenario_outlook", "evidenced_outlook"):
        ax = getattr(charts, name)(getattr(chart_tables, name)())
        assert bars(ax, "p10_p90") == [(900e3, 900e3), (700e3, 700e3)]
        assert said(ax, "said") == ["1.3M\nchance of the quota 27%", "1M (−300k)\nchance of the quota 6%"]
        assert said(ax, "too_little") == ["Too little history for a range"]


def test_calls_below_the_floor_are_hollow_and_every_figure_has_its_count() -> None:
    ax = charts.call_accuracy(chart_tables.call_accuracy())
    first, last = lines(ax, "first_third")[0], lines(ax, "last_third")[0]
    assert (float(first.get_xdata()[0]), float(last.get_xdata()[0])) == (0.2, -0.1)
    assert (first.get_markerfacecolor() != "white", last.get_markerfacecolor()) == (True, "white")
    assert said(ax, "counts") == ["+20% (8) · −10% (4)", "Nothing won"]


def test_hostile_names_are_written_plainly() -> None:
    names = ["$x$ and \\bad$", "深圳市某某科技发展股份有限公司" * 9, ""]
    for lang in LANGUAGES:
        for name in ("outlook_drivers", "call_accuracy", "scenario_outlook"):
            ax = getattr(charts, name)(getattr(chart_tables, name)(names), lang=lang)
            assert len(charts.png(ax)) > 10_000


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("p10", [0.0, 1000.0, -900e3])
def test_the_lower_end_of_a_range_covers_no_name_of_a_row(p10: float, lang: str) -> None:
    ax = charts.outlook(chart_tables.outlook(p10=p10), lang=lang)
    ax.get_figure(root=True).draw_without_rendering()
    (end,) = (text.get_window_extent() for text in ax.texts if text.get_gid() == "p10")
    assert not any(end.overlaps(name.get_window_extent()) for name in ax.get_yticklabels())


def test_what_was_credited_is_drawn_left_of_0() -> None:
    table = chart_tables.outlook(p10=-200e3)
    won = table["component"] == "won"
    ax = charts.outlook(table.assign(mean=table["mean"].mask(won, -300e3)))
    assert bars(ax, "won") == [(0, -300e3)]
    # The next part begins at 0 and not at −300k.
    assert [left for left, _ in bars(ax, "open")] == [0]
    assert ax.get_xlim()[0] <= -300e3
    weighted = chart_tables.weighted_forecast()
    first = weighted.index == 0
    lower = charts.weighted_forecast(weighted.assign(amount=weighted["amount"].mask(first, -50e3)))
    assert bars(lower, "amount")[0] == (0, -50e3)
    assert lower.get_xlim()[0] <= -50e3
    covered = chart_tables.pipeline_coverage()
    assert charts.pipeline_coverage(covered.assign(won_amount=-100e3)).get_xlim()[0] <= -100e3
