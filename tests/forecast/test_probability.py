"""The ladder of methods, and laws of the chances it gives."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.forecast.model.probability import Probabilities, ladder, opportunity_probabilities

LOGGED = team_book(120, seed=3)
EXPORTS = team_book(120, seed=3, history=False)
ONE = team_book(120, seed=3, exports=1, history=False)
BOOKS = {
    "semi_markov": LOGGED,
    "rebuilt": EXPORTS,
    "age_only": ONE,
    "prior_only": fa.assemble(fa.Parts(snapshots=ONE.open_opportunities.rename(columns={"last_seen": "as_of"}))),
}


def by_id(book: fa.Book, start: int, end: int) -> pd.DataFrame:
    rows = opportunity_probabilities(book, start, end).rows
    return rows.set_axis(book.open_opportunities["opportunity_id"]).sort_index()


def changed(book: fa.Book, **columns: object) -> fa.Book:
    return fa.assemble(fa.Parts(snapshots=book.snapshots.assign(**columns)), as_of=book.as_of)


def method(book: fa.Book) -> Probabilities:
    return opportunity_probabilities(book, 0, 91)


@pytest.mark.parametrize("name", BOOKS)
def test_each_rung_of_the_ladder_is_taken_where_the_book_allows_it(name: str) -> None:
    result = method(BOOKS[name])
    assert result.method == {"rebuilt": "semi_markov"}.get(name, name)
    assert ("rebuilt_from_exports" in result.warnings) == (name == "rebuilt")
    assert ("uncalibrated" in result.warnings) == (name == "prior_only")
    assert ("assumed_stage_split" in result.warnings) == (name == "age_only")


def test_the_ladder_is_climbed_from_exactly_the_floors() -> None:
    # Five completed visits and one win; five closed and one of them won; one less of each.
    assert ladder(5, 1, 5, 1, known=True) == "semi_markov"
    assert ladder(4, 1, 5, 1, known=True) == ladder(5, 0, 5, 1, known=True) == "age_only"
    assert ladder(4, 1, 4, 1, known=True) == ladder(5, 0, 5, 0, known=True) == "prior_only"


def test_chances_that_nothing_was_learned_for_are_shaken_more() -> None:
    shocks = {name: method(book).shock for name, book in BOOKS.items()}
    assert shocks["semi_markov"] == shocks["rebuilt"] == shocks["age_only"] < shocks["prior_only"]


def test_open_opportunities_of_no_known_stage_and_nothing_closed_get_no_number() -> None:
    result = method(changed(BOOKS["prior_only"], stage=None, stage_label=None))
    assert result.method == "insufficient_history"
    assert result.rows["probability"].isna().all()


def test_a_team_that_records_no_losses_is_warned() -> None:
    rows = ONE.snapshots[ONE.snapshots["outcome"] != "lost"]
    assert "no_losses" in method(fa.assemble(fa.Parts(snapshots=rows))).warnings


def test_an_unknown_stage_counts_as_the_mean_of_the_others() -> None:
    ids = LOGGED.open_opportunities["opportunity_id"]
    rows = LOGGED.snapshots.assign(
        stage=LOGGED.snapshots["stage"].where(LOGGED.snapshots["opportunity_id"] != ids.iloc[0])
    )
    book = fa.assemble(fa.Parts(snapshots=rows.drop(columns="stage_label")), as_of=LOGGED.as_of)
    found = by_id(book, 0, 91)["probability"]
    assert found[ids.iloc[0]] == pytest.approx(found.drop(ids.iloc[0]).mean())


@pytest.mark.parametrize("name", BOOKS)
@settings(max_examples=8)
@given(start=st.integers(0, 200), length=st.integers(0, 400), more=st.integers(0, 300))
def test_chances_are_in_bounds_grow_with_the_horizon_and_stay_below_ever(
    name: str, start: int, length: int, more: int
) -> None:
    near, far = by_id(BOOKS[name], 0, length), by_id(BOOKS[name], 0, length + more)
    later = by_id(BOOKS[name], start, start + length)
    for rows in (near, far, later):
        assert rows["probability"].between(0, 1).all()
        assert (rows["probability"] <= rows["eventual"] + 1e-12).all()
        assert (rows["base_wins"] <= rows["base_opportunities"]).all()
    assert (far["probability"] >= near["probability"] - 1e-9).all()


@pytest.mark.parametrize("name", BOOKS)
def test_two_periods_in_a_row_add_up_to_the_longer_one(name: str) -> None:
    first, second, both = by_id(BOOKS[name], 0, 90), by_id(BOOKS[name], 90, 180), by_id(BOOKS[name], 0, 180)
    assert (first["probability"] + second["probability"]).to_numpy() == pytest.approx(both["probability"].to_numpy())


@pytest.mark.parametrize("name", BOOKS)
@given(seed=st.integers(0, 1000))
@settings(max_examples=3)
def test_the_order_of_the_rows_does_not_matter(name: str, seed: int) -> None:
    book = BOOKS[name]
    parts = fa.Parts(
        snapshots=book.snapshots.sample(frac=1, random_state=seed),
        history=book.history.sample(frac=1, random_state=seed) if len(book.history) else None,
    )
    pd.testing.assert_frame_equal(
        by_id(fa.assemble(parts, as_of=book.as_of), 0, 91), by_id(book, 0, 91), check_exact=False, rtol=1e-12
    )


def test_stages_tilt_the_chances_by_age_and_leave_their_sum() -> None:
    tilted, plain = by_id(ONE, 0, 91), by_id(changed(ONE, stage=None, stage_label=None), 0, 91)
    assert tilted["eventual"].sum() == pytest.approx(plain["eventual"].sum())
    assert tilted["probability"].to_numpy() != pytest.approx(plain["probability"].to_numpy(), rel=0.05)


def test_with_nothing_closed_ever_winning_is_six_tenths_of_the_percentage_even_over_years() -> None:
    book = BOOKS["prior_only"]
    rows = opportunity_probabilities(book, 0, 20 * 365).rows
    nominal = book.methodology.nominal(book.open_opportunities["stage"]).clip(lower=0.02)
    assert rows["eventual"].to_numpy() == pytest.approx(0.6 * nominal.to_numpy())
    assert rows["probability"].to_numpy() == pytest.approx(0.6 * nominal.to_numpy(), rel=0.01)


def test_a_later_stage_has_the_better_chance() -> None:
    rows = opportunity_probabilities(LOGGED, 0, 91).rows.join(LOGGED.open_opportunities["stage"])
    means = rows.groupby("stage")["probability"].mean().reindex(LOGGED.methodology.open_stages).dropna()
    assert means.iloc[-1] > means.iloc[0]


def test_past_stock_and_not_the_flow_gives_the_chance_of_ever_winning() -> None:
    """Of many that enter, half are won at once and half then stand for ever: the stock is worth nothing."""
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(0, 720, 6), unit="D")
    rows, history = [], []
    for index, day in enumerate(days):
        won = index % 2 == 0
        key, end = f"O{index:03d}", day + pd.Timedelta(days=3)
        history.append((key, day, "Proof"))
        if won:
            history.append((key, end, "Deploy"))
        rows.append((key, "Deploy" if won else "Proof", "won" if won else "open", day, end if won else pd.NaT))
    rows.append(("LOST", "Proof", "lost", days[0], days[5]))
    history.append(("LOST", days[0], "Proof"))
    frame = pd.DataFrame(rows, columns=["opportunity_id", "stage", "outcome", "created_date", "close_date"])
    log = pd.DataFrame(history, columns=["opportunity_id", "changed_at", "stage"])
    book = fa.assemble(fa.Parts(snapshots=frame.assign(amount=10.0), history=log), as_of="2026-12-31")
    flow = 60 / 61
    old = by_id(book, 0, 91)["eventual"]
    assert old.max() < 0.2 * flow
