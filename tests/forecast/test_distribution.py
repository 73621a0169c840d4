"""The whole distribution of the outlook: its steps, its chances, what it says without a quota or a history."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import chart_tables
import funnel_analytics as fa
from books import team_book
from funnel_analytics import charts, tables
from funnel_analytics.forecast.distribution import _steps

TEAM = team_book(60)
DRAWS = 400


def test_steps_count_the_draws_that_lie_in_them() -> None:
    """0, 10, 10, 25 and 40: a step of 1 from 0 on; at least 10 brought four of five."""
    rows = pd.DataFrame(_steps(np.array([10.0, 0.0, 25.0, 10.0, 40.0]))).set_index("from_amount")
    assert rows["chance"][rows["chance"] > 0].to_dict() == pytest.approx({0.0: 0.2, 10.0: 0.4, 25.0: 0.2, 39.0: 0.2})
    assert rows["at_least"][[0.0, 10.0, 11.0, 25.0, 39.0]].tolist() == pytest.approx([1.0, 0.8, 0.4, 0.4, 0.2])


@settings(max_examples=60)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=50))
def test_every_draw_lies_in_one_step(sums: list[float]) -> None:
    rows = pd.DataFrame(_steps(np.array(sums)))
    assert rows["chance"].sum() == pytest.approx(1)
    assert rows["at_least"].iloc[0] == 1
    assert rows["from_amount"].iloc[0] <= min(sums) and rows["to_amount"].iloc[-1] >= max(sums)
    assert rows["to_amount"].iloc[:-1].tolist() == rows["from_amount"].iloc[1:].tolist()
    assert len(rows) <= 90


def test_the_distribution_is_that_of_the_outlook() -> None:
    rows = fa.outlook_distribution(TEAM, draws=DRAWS)
    total = fa.outlook(TEAM, draws=DRAWS).iloc[3]
    for name in ("mean", "p10", "p50", "p90", "quota", "p_quota"):
        assert rows[name].iloc[0] == pytest.approx(total[name], nan_ok=True)
    for name, share in {"p10": 0.9, "p50": 0.5, "p90": 0.1}.items():
        assert (rows.loc[rows["from_amount"] > total[name], "at_least"] <= share).all()


def test_a_quota_of_nothing_and_no_quota_give_no_chance_and_a_word() -> None:
    none = fa.assemble(fa.Parts(snapshots=TEAM.snapshots))
    for book, quota, said in ((TEAM, 0.0, "The quota is 0"), (none, None, "No quota is known for the period")):
        table = fa.outlook(book, quota=quota, draws=DRAWS)
        assert table["p_quota"].isna().all()
        assert ("zero_quota" in table["warnings"].iloc[0].split()) == (quota == 0)
        for ax in (
            charts.outlook(table, lang="en"),
            charts.outlook_distribution(fa.outlook_distribution(book, quota=quota, draws=DRAWS), lang="en"),
        ):
            caption = next(text.get_text() for text in ax.texts if text.get_gid() == "caption")
            assert said in " ".join(caption.split())


def test_with_too_little_history_there_is_no_distribution_and_the_chart_says_so() -> None:
    rows = TEAM.snapshots[TEAM.snapshots["as_of"] == TEAM.as_of].assign(outcome="open", stage=None)
    table = fa.outlook_distribution(fa.assemble(fa.Parts(snapshots=rows)), draws=DRAWS)
    assert table.empty and list(table.columns) == tables.OUTLOOK_DISTRIBUTION.names
    assert charts.outlook_distribution(table, lang="en").texts[0].get_gid() == "nothing"


def test_a_period_that_is_over_is_certain() -> None:
    rows = fa.outlook_distribution(TEAM, period="2026Q1", draws=DRAWS)
    assert rows[["chance", "at_least"]].to_numpy().tolist() == [[1.0, 1.0]]
    assert rows["from_amount"].iloc[0] == fa.outlook(TEAM, period="2026Q1", draws=DRAWS)["mean"].iloc[3]


def test_the_chart_draws_every_step_but_the_open_end_which_it_tells() -> None:
    ax = charts.outlook_distribution(chart_tables.outlook_distribution(), lang="en")
    steps = [bar for group in ax.containers for bar in group]
    assert [bar.get_height() / steps[2].get_height() for bar in steps] == pytest.approx([0.25, 0.75, 1, 0.25])
    curve = next(line for line in ax.lines if line.get_gid() == "at_least")
    assert list(curve.get_ydata())[1:-1] == pytest.approx([1.0, 0.9, 0.6, 0.2, 0.1])
    caption = next(text.get_text() for text in ax.texts if text.get_gid() == "caption")
    assert "from 2.5M to 4M: 10.0%" in " ".join(caption.split())
    quota = next(line for line in ax.lines if line.get_gid() == "quota")
    assert list(quota.get_xdata()) == [1500e3, 1500e3]
