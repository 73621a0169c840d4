"""Golden values of the forecast, from the three files as they lie there, read without a profile."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import funnel_analytics as fa
from funnel_analytics.forecast.model.draws import open_draws
from funnel_analytics.forecast.model.incidence import incidence_curve, within


@pytest.fixture
def golden(shared: Path) -> dict[str, Any]:
    return json.loads((shared / "golden" / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def book(shared: Path) -> fa.Book:
    return fa.read_exports(shared / "golden")


def test_weighted_pipeline(book: fa.Book, golden: dict[str, Any]) -> None:
    due = fa.weighted_forecast(book).set_index("period").loc["2024Q3"]
    assert due["amount"] == golden["weighted"]["due_Q3_unweighted"]
    assert due["weighted_nominal"] == pytest.approx(golden["weighted"]["nominal_weighted_due_Q3"])
    total = fa.weighted_forecast(book, by=None).iloc[0]
    assert total["weighted_nominal"] == pytest.approx(golden["weighted"]["nominal_weighted_all"])


def test_in_period_chance_by_age(golden: dict[str, Any]) -> None:
    risks, expected = golden["cumulative_incidence"], golden["in_period"]
    curve = incidence_curve(
        np.array(list(risks["durations"].values()), dtype=float), np.array(list(risks["events"].values()))
    )
    for opportunity in ("D8", "D7", "D5"):
        found = within(curve, np.array([float(expected[opportunity]["age"])]), expected["H"])[0]
        wanted = expected[opportunity]["p"]
        assert np.isnan(found) if wanted is None else found == pytest.approx(wanted)


def exact(opportunities: list[list[float]]) -> dict[float, float]:
    """The distribution of the sum, by going through every way it can end."""
    chances: dict[float, float] = {}
    for wins in product([0, 1], repeat=len(opportunities)):
        value = sum(amount * won for (amount, _), won in zip(opportunities, wins, strict=True))
        chance = np.prod([p if won else 1 - p for (_, p), won in zip(opportunities, wins, strict=True)])
        chances[value] = chances.get(value, 0.0) + float(chance)
    return chances


def test_draws_of_two_opportunities_follow_their_exact_distribution(golden: dict[str, Any]) -> None:
    expected = golden["poisson_binomial"]
    chances = exact(expected["deals"])
    assert {str(int(value)): pytest.approx(p) for value, p in chances.items()} == expected["pmf"]
    amount, probability = np.array(expected["deals"], dtype=float).T
    sums = open_draws(probability, amount, draws=100_000, shock=0.0, rng=np.random.default_rng(5))[:, 0]
    for value, chance in expected["pmf"].items():
        assert (sums == float(value)).mean() == pytest.approx(chance, abs=0.005)
    assert sums.mean() == pytest.approx(expected["mean"], abs=1.0)
    assert sums.std() == pytest.approx(expected["sd"], abs=1.0)
    assert (sums >= 150).mean() == pytest.approx(expected["prob_at_least_150"], abs=0.005)
    # The golden median and P90 lie exactly on a step (F = 0.5, F = 0.9): ask just below it.
    near = np.quantile(sums, [0.1, 0.49, 0.89], method="inverted_cdf")
    assert near.tolist() == [expected["p10"], expected["p50"], expected["p90"]]


def test_the_golden_team_gets_an_outlook_that_says_how_little_it_rests_on(book: fa.Book) -> None:
    table = fa.outlook(book, period="2024Q3").set_index("component")
    assert set(table["method"]) == {"semi_markov"}
    assert table["basis_opportunities"].unique().tolist() == [8]
    assert table["basis_wins"].unique().tolist() == [2]
    assert "few_wins" in table.loc["total", "warnings"].split()
    assert table.loc["open", "opportunities"] == 4
