"""The golden grid: every pair of levels and the values on either side of each boundary give the documented class."""

import math

import pytest

import funnel_analytics as fa
from account_books import PIPELINE, PROFILE, RELATION, alike, book_of, classes
from funnel_analytics.methodology import load_methodology

BENCHMARK = 1_000_000.0
REVENUES = {
    "low": [0.0, 999_999.99, -5.0],
    "high": [1_000_000.0, 1_000_000.01, 5e9],
    "unknown": [None],
}
# On the scale of 1 to 5 a rating r counts (r − 1) / 4; the cut of 0.5 itself is high.
RATINGS = {
    "low": [alike(1, 1, 1), alike(2.9, 3, 3), alike(5, 1, 2.99)],
    "high": [alike(3, 3, 3), alike(1, 3, 5), alike(5, 5, 5), {PROFILE[0]: 3, PIPELINE[0]: 3, RELATION[0]: 3}],
    "not_assessable": [{}, dict.fromkeys(PROFILE + PIPELINE, 5), dict.fromkeys(RELATION, 1)],
}
GRID = {
    ("high", "high"): "A+",
    ("low", "high"): "A",
    ("high", "low"): "B",
    ("low", "low"): "C",
    ("low", "not_assessable"): "D",
    ("unknown", "not_assessable"): "D",
    ("high", "not_assessable"): "unrated",
    ("unknown", "high"): "unrated",
    ("unknown", "low"): "unrated",
}


def test_every_pair_of_levels_and_every_boundary_gives_the_documented_class() -> None:
    cases = {
        f"{revenue_level}/{level}/{x}/{y}": (revenue, ratings)
        for (revenue_level, level) in GRID
        for x, revenue in enumerate(REVENUES[revenue_level])
        for y, ratings in enumerate(RATINGS[level])
    }
    table = fa.account_segments(book_of(cases), revenue_benchmark=BENCHMARK)
    expected = {name: GRID[tuple(name.split("/")[:2])] for name in cases}  # type: ignore[index]  # two levels
    assert len(cases) == 70
    assert classes(table) == expected
    levels = table.set_index("account_id")[["revenue_level", "potential_level"]]
    assert {name: tuple(levels.loc[name]) for name in cases} == {name: tuple(name.split("/")[:2]) for name in cases}


@pytest.mark.parametrize("ratings", [alike(3, 3, 3), alike(2.9999999, 3, 3)])
def test_the_cut_itself_is_high(ratings: dict[str, float]) -> None:
    row = fa.account_segments(book_of({"1": (0.0, ratings)}), revenue_benchmark=BENCHMARK).iloc[0]
    assert (row["potential_level"] == "high") == math.isclose(row["potential"], 0.5, abs_tol=1e-12)


def test_the_grid_is_the_methodologys() -> None:
    method = load_methodology()
    assert {cell: segment.key for segment in method.segments for cell in segment.cells} == {
        cell: key for cell, key in GRID.items() if key != "unrated"
    }


def test_every_class_says_why() -> None:
    cases = {"1": (2e6, alike(5, 5, 5)), "2": (None, dict.fromkeys(PROFILE, 4.0))}
    table = fa.account_segments(book_of(cases), revenue_benchmark=BENCHMARK)
    assert table.set_index("account_id")["missing_groups"].to_dict()["2"] == "opportunity_potential; relationship"
    assert fa.segment_reasons(table).tolist() == [
        "Revenue 2M reaches the benchmark 1M, potential 100% reaches 50%",
        "Revenue is not known, potential not assessable: 4 criteria rated, too few in Opportunity pipeline, Relationship",
    ]
    assert all(fa.segment_reasons(table, lang).str.len().gt(8).all() for lang in ("zh-Hans", "zh-Hant"))
