"""The trend between two periods: counts by hand, and tests of chance against an independent implementation."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import ArgumentError
from funnel_analytics.funnel.intervals import fisher_exact, holm, newcombe
from funnel_analytics.funnel.trend import _periods


def quarters(first: tuple[int, int, int], second: tuple[int, int, int], *, late: int = 0) -> fa.Book:
    """Entries to Discover in February and in May: (advanced after 10 days, lost after 20, open) of each.

    ``late`` more enter Discover on 25 June 2026 and advance on the next day; the export is of 31 August.
    """
    history, rows = [], []
    for start, counts in (("2026-02-02", first), ("2026-05-04", second)):
        for kind, count in zip(("advanced", "lost", "open"), counts, strict=True):
            rows += [(f"{start}{kind}{index}", pd.Timestamp(start), kind) for index in range(count)]
    rows += [(f"late{index}", pd.Timestamp("2026-06-25"), "late") for index in range(late)]
    for key, start, kind in rows:
        history.append((key, start, "Discover", None))
        if kind in ("advanced", "late"):
            history.append((key, start + pd.Timedelta(days=10 if kind == "advanced" else 1), "Qualify", None))
        if kind == "lost":
            history.append((key, start + pd.Timedelta(days=20), None, "lost"))
    snapshots = pd.DataFrame(rows, columns=["opportunity_id", "created_date", "outcome"])
    snapshots["close_date"] = snapshots["created_date"] + pd.Timedelta(days=20)
    snapshots["outcome"] = snapshots["outcome"].where(snapshots["outcome"] == "lost", "open")
    snapshots["as_of"] = pd.Timestamp("2026-08-31")
    log = pd.DataFrame(history, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    return fa.assemble(fa.Parts(snapshots=snapshots, history=log))


def discover(book: fa.Book, **options: object) -> pd.Series:
    return fa.conversion_trend(book, before="2026Q1", after="2026Q2", **options).iloc[0]


def test_counts_rates_and_difference_are_what_one_counts_by_hand() -> None:
    row = discover(quarters((6, 2, 2), (3, 5, 0)))
    assert row[["entered_before", "followed_before", "advanced_before", "lost_before"]].tolist() == [10, 10, 6, 2]
    assert row[["entered_after", "followed_after", "advanced_after", "lost_after"]].tolist() == [8, 8, 3, 5]
    assert (row["advance_rate_before"], row["advance_rate_after"]) == (6 / 8, 3 / 8)
    assert (row["advance_by_day_before"], row["advance_by_day_after"]) == (6 / 10, 3 / 8)
    assert row["difference"] == -3 / 8
    assert row["difference_low"] < row["difference"] < row["difference_high"]


def test_only_what_happened_within_the_days_counts_and_only_those_followed_so_long() -> None:
    book = quarters((6, 2, 2), (3, 5, 0), late=4)
    # Within 15 days nobody is lost yet.
    row = discover(book, within_days=15)
    assert row[["advanced_before", "lost_before", "advanced_after", "lost_after"]].tolist() == [6, 0, 7, 0]
    # 67 days have passed since 25 June: with 90 days asked for, these four say nothing, though they have advanced.
    row = discover(book, within_days=90)
    assert row[["entered_after", "followed_after", "advanced_after"]].tolist() == [12, 8, 3]


def test_a_small_change_could_be_chance_and_a_large_one_not() -> None:
    assert discover(quarters((6, 4, 0), (5, 5, 0)))["could_be_chance"]
    row = discover(quarters((36, 4, 0), (10, 30, 0)))
    assert not row["could_be_chance"]
    assert row["p_value"] == pytest.approx(stats.fisher_exact([[36, 4], [10, 30]]).pvalue, rel=1e-9)
    # The other stages have nobody decided: nothing can be said, and that is chance too.
    rest = fa.conversion_trend(quarters((36, 4, 0), (10, 30, 0)), before="2026Q1", after="2026Q2").iloc[1:]
    assert rest["could_be_chance"].all()
    assert rest["p_value"].isna().all()


def test_the_default_is_the_newest_quarter_followed_long_enough_and_the_one_before() -> None:
    book = team_book(60)
    # 30 September less 90 days is 2 July: the second quarter is over, and its last entries were followed for 90 days.
    table = fa.conversion_trend(book)
    assert set(zip(table["period_before"], table["period_after"], strict=True)) == {("2026Q1", "2026Q2")}
    assert (table["followed_after"] == table["entered_after"]).all()
    table = fa.conversion_trend(book, within_days=180, after="2026H1")
    assert set(table["period_before"]) == {"2025H2"}
    assert set(fa.conversion_trend(book, after="2026-05")["period_before"]) == {"2026-04"}


def test_a_quarter_whose_last_entry_was_followed_just_long_enough_is_the_newest() -> None:
    """30 June is 92 days before 30 September."""
    team = team_book(60)
    assert [one.label for one in _periods(team, None, None, 92)] == ["2026Q1", "2026Q2"]
    assert [one.label for one in _periods(team, None, None, 93)] == ["2025Q4", "2026Q1"]


def test_a_single_case_has_a_rate() -> None:
    assert discover(quarters((1, 0, 0), (3, 5, 0)))["advance_rate_before"] == 1


def test_mistakes_are_explained() -> None:
    book = team_book(20)
    with pytest.raises(ArgumentError, match="before the second begins"):
        fa.conversion_trend(book, before="2026Q2", after="2026Q1")
    with pytest.raises(ArgumentError, match="visited"):
        fa.conversion_trend(book, counting="visitd")
    with pytest.raises(ArgumentError, match="above 0"):
        fa.conversion_trend(book, within_days=0)
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        fa.conversion_trend(book, level=95)


COUNT = st.integers(0, 60)


@settings(max_examples=60)
@given(COUNT, COUNT, COUNT, COUNT)
def test_fishers_test_agrees_with_scipy(a: int, b: int, c: int, d: int) -> None:
    found = fisher_exact((a, c), (b, d))
    if not (a + b and c + d):
        assert np.isnan(found)
        return
    assert found == pytest.approx(stats.fisher_exact([[a, b], [c, d]]).pvalue, rel=1e-9)


def test_fisher_counts_the_tables_that_are_no_more_probable() -> None:
    # Two hits among three and two cases: 1, 6 and 3 ways of ten; seen is the one of 3 ways.
    assert fisher_exact((2, 0), (1, 2)) == pytest.approx(0.4)


def test_newcombes_published_example_and_his_zero_cells() -> None:
    # Newcombe (1998), table II, method 10: 56/70 − 48/80, and 10/10 − 0/10; 95 %.
    low, high = newcombe((np.array([48, 0]), np.array([56, 10])), (np.array([80, 10]), np.array([70, 10])), 0.95)
    np.testing.assert_allclose(low, [0.0524, 0.6075], atol=5e-5)
    np.testing.assert_allclose(high, [0.3339, 1.0], atol=5e-5)


def test_holm_raises_the_smallest_most() -> None:
    np.testing.assert_allclose(holm(np.array([0.2, 0.01, np.nan])), [0.2, 0.02, np.nan])


def test_noise_alone_is_called_a_change_no_more_often_than_the_level_allows() -> None:
    # Same rate of 60 % in both quarters, six stages each time: at least one false alarm in fewer than 20 % of teams.
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(300):
        hits = rng.binomial(30, 0.6, size=(6, 2))
        chances = np.array([fisher_exact((a, b), (30 - a, 30 - b)) for a, b in hits])
        alarms += bool((holm(chances) < 0.2).any())
    assert alarms / 300 < 0.2
