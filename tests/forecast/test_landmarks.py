"""Past standing stock: who stood where on which month-end, and what became of them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

from funnel_analytics.forecast.model.landmarks import (
    ROW_WEIGHT,
    _drawn,
    age_third,
    base_rates,
    eventual_probabilities,
    month_ends,
    standing_stock,
    third_edges,
    weighted_stock,
)
from funnel_analytics.forecast.model.visits import CENSORED

WON, LOST = 2, 3
AS_OF = pd.Timestamp("2026-06-15")


def visits(*rows: tuple[str, int, str, str, int]) -> pd.DataFrame:
    """Rows are (opportunity, stage, entered, end, destination), watched from entry."""
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "entered", "end", "destination"])
    frame["entered"], frame["end"] = pd.to_datetime(frame["entered"]), pd.to_datetime(frame["end"])
    return frame.assign(seen_from=frame["entered"], usable=True)


BOOK = visits(
    ("A", 0, "2026-01-10", "2026-02-20", 1),
    ("A", 1, "2026-02-20", "2026-04-10", WON),
    ("B", 0, "2026-01-31", "2026-03-31", LOST),
    ("C", 0, "2026-05-05", "2026-06-15", CENSORED),
)


def test_an_opportunity_stands_on_every_month_end_from_entry_to_before_its_exit() -> None:
    rows = standing_stock(BOOK, 2, AS_OF).rows
    stood = [(row.opportunity_id, row.stage, f"{row.on:%m-%d}", row.age) for row in rows.itertuples()]
    assert stood == [
        ("A", 0, "01-31", 21), ("A", 1, "02-28", 8), ("A", 1, "03-31", 39),
        ("B", 0, "01-31", 0), ("B", 0, "02-28", 28),
        ("C", 0, "05-31", 26),
    ]  # fmt: skip


def test_who_came_and_went_within_a_month_stood_on_no_month_end_and_that_of_the_book_is_not_past() -> None:
    short = visits(("A", 0, "2026-02-02", "2026-02-20", 1), ("B", 0, "2026-01-31", "2026-03-31", LOST))
    assert standing_stock(short, 2, AS_OF).rows["opportunity_id"].tolist() == ["B", "B"]
    ends = month_ends(pd.Timestamp("2026-01-15"), pd.Timestamp("2026-03-31"))
    assert [f"{day:%m-%d}" for day in ends] == ["01-31", "02-28"]


def test_each_row_knows_how_and_when_its_opportunity_closed() -> None:
    rows = standing_stock(BOOK, 2, AS_OF).rows
    assert rows["event"].tolist() == [1, 1, 1, 2, 2, 0]
    # From 31 January, 28 February and 31 March to 10 April; to 31 March; from 31 May to 15 June.
    assert rows["after"].tolist() == [69, 41, 10, 59, 31, 15]


def test_base_rates_count_an_opportunity_once_and_only_where_the_horizon_has_passed() -> None:
    stock = standing_stock(BOOK, 2, AS_OF)
    bases = base_rates(stock, AS_OF, 0, 45).groupby("stage").sum()
    # Stage 0: A (won after 69 days: not within 45), B twice in two thirds (lost); C's horizon has not passed.
    assert bases.loc[0].tolist() == [3, 0]
    # Stage 1: A on 28 February (41 days) and, older, on 31 March (10 days).
    assert bases.loc[1].tolist() == [2, 2]


def test_six_month_ends_of_one_opportunity_are_one_case_in_each_third() -> None:
    stock = standing_stock(visits(("A", 0, "2025-01-10", "2025-07-10", WON)), 2, AS_OF)
    bases = base_rates(stock, AS_OF, 0, 91)
    assert len(stock.rows) == 6
    # 21, 49, 80, 110, 141 and 171 days: a third of them lies at 49 + 2/3 · 31, two at 110 + 1/3 · 31.
    assert stock.edges[0].tolist() == pytest.approx([69.67, 120.33], abs=0.01)
    assert stock.rows["third"].tolist() == [0, 0, 1, 1, 2, 2]
    assert bases["base_opportunities"].tolist() == [1, 1, 1]
    # From the end of January it is 160 days to the win, of March 101, of May 40.
    assert bases["base_wins"].tolist() == [0, 0, 1]


def test_who_stands_on_the_edge_belongs_to_the_younger() -> None:
    edges = np.array([[10.0, 20.0]])
    assert age_third(np.zeros(4, dtype="int64"), np.array([10.0, 11.0, 20.0, 21.0]), edges).tolist() == [0, 1, 1, 2]


def test_what_is_open_when_watching_ends_early_is_won_as_the_parent_for_the_days_that_are_missing() -> None:
    """Of two one was won, the other is open after 438 of 730 days: half, and of the other half 0.3 for two fifths."""
    share = 0.5 + 0.5 * 0.4 * 0.3
    # Against six that are assumed.
    weight = 2 * ROW_WEIGHT
    found = _drawn(np.array([365.0, 438.0]), np.array([1, 0]), np.ones(2), np.ones(2), parent=0.3, pseudo=6)
    assert found == pytest.approx((share * weight + 0.3 * 6) / (weight + 6))


def test_without_stock_the_chance_is_the_prior() -> None:
    stock = standing_stock(BOOK.iloc[:0], 2, AS_OF)
    assert eventual_probabilities(weighted_stock(stock), np.array([0.1, 0.5])).tolist() == [
        [pytest.approx(0.06)] * 3,
        [pytest.approx(0.3)] * 3,
    ]


def test_much_stock_that_mostly_dies_overrules_the_percentage() -> None:
    rows = []
    for index in range(200):
        won = index % 10 == 0
        rows.append((f"O{index}", 0, "2023-01-10", "2023-09-20", WON - 1 if won else LOST - 1))
    ever = eventual_probabilities(weighted_stock(standing_stock(visits(*rows), 1, AS_OF)), np.array([0.8]))
    # 200 opportunities × 8 month-ends / 6 = 267 rows' worth of 0.1 against 6 of 0.48 and, per third, 8 of the stage.
    assert ever.min() == pytest.approx(0.1, abs=0.01)


def test_what_is_still_open_after_a_short_watch_is_not_taken_for_lost() -> None:
    rows = [(f"O{index}", 0, "2026-04-10", "2026-06-15", CENSORED) for index in range(100)]
    ever = eventual_probabilities(weighted_stock(standing_stock(visits(*rows), 1, AS_OF)), np.array([0.5]))
    assert ever.min() > 0.25  # the prior is 0.3; 46 of 730 days have been seen without a win


def test_what_stock_came_to_lately_outweighs_what_it_came_to_years_ago() -> None:
    """100 opportunities of 2020 all won, 100 of 2025 all lost: alike in number, but not one in ten is still expected to be won."""
    old = [(f"A{index}", 0, "2020-01-10", "2020-04-20", WON - 1) for index in range(100)]
    new = [(f"B{index}", 0, "2025-01-10", "2025-04-20", LOST - 1) for index in range(100)]
    ever = eventual_probabilities(weighted_stock(standing_stock(visits(*old, *new), 1, AS_OF)), np.array([0.5]))
    assert ever.max() < 0.1


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30))
def test_the_edges_from_counts_are_those_of_the_ages_laid_out(ages: list[int]) -> None:
    counted = pd.Series(ages, dtype="float64").value_counts().rename_axis("age").reset_index(name="rows")
    edges = third_edges(counted.assign(stage=0), 1)
    # To the last digit: an age on an edge is in the younger third.
    assert edges[0].tolist() == np.quantile(np.array(ages, dtype="float64"), [1 / 3, 2 / 3]).tolist()


def test_stock_that_is_added_up_says_what_it_says_row_by_row() -> None:
    rows = [(f"O{n}", n % 2, f"2025-{1 + n % 9:02}-10", f"2026-0{1 + n % 5}-20", 2 + n % 2) for n in range(60)]
    stock = weighted_stock(standing_stock(visits(*rows), 2, AS_OF))
    summed = stock.groupby(["stage", "third", "event", "after"], as_index=False)[["weight", "squares"]].sum()
    assert len(summed) < len(stock) / 2
    percentages = np.array([0.1, 0.5])
    np.testing.assert_allclose(
        eventual_probabilities(summed, percentages), eventual_probabilities(stock, percentages), rtol=1e-12
    )
