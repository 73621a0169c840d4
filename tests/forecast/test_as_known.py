"""Nothing that happened after a day may move a forecast made on it."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import HistoryError
from funnel_analytics.forecast.as_known import book_as_of
from funnel_analytics.forecast.model.ledger import ledger_of
from funnel_analytics.forecast.period_draws import outlook_of, window
from funnel_analytics.forecast.record.track_record import track_record

TEAM = team_book(150, seed=5)
DAY = pd.Timestamp("2026-03-31")


def with_another_future(book: fa.Book, day: pd.Timestamp, seed: int) -> fa.Book:
    """The same book up to a day; after it amounts, stages, outcomes and close dates are made up."""
    rng = np.random.default_rng(seed)
    history, snapshots = book.history, book.snapshots
    history = history[(history["changed_at"] <= day) | (rng.random(len(history)) < 0.8)]
    after = (history["changed_at"] > day).to_numpy()
    keys = book.methodology.open_stages
    moved = after & history["stage"].isin(keys).to_numpy()
    history = history.assign(
        amount=history["amount"].where(~after, history["amount"] * rng.lognormal(0, 2, len(history))),
        close_date=history["close_date"].where(~after, history["close_date"] + pd.Timedelta(days=200)),
        stage=history["stage"].where(~moved, pd.Series(rng.choice(keys, len(history)), index=history.index)),
        outcome=history["outcome"].where(~after | history["outcome"].eq("open"), rng.choice(["won", "lost"])),
    )
    newer = (snapshots["as_of"] > day).to_numpy()
    newest = snapshots["as_of"].max()
    # What was open is lost in the end, what was lost is won.
    turned = newer & (snapshots["as_of"] == newest).to_numpy() & (rng.random(len(snapshots)) < 0.3)
    snapshots = snapshots.assign(
        amount=snapshots["amount"].where(~newer, snapshots["amount"] * 7),
        close_date=snapshots["close_date"].mask(turned, newest),
        outcome=snapshots["outcome"].mask(
            turned, snapshots["outcome"].map({"open": "lost", "lost": "won", "won": "won"})
        ),
    )
    return fa.assemble(fa.Parts(snapshots=snapshots, history=history), as_of=book.as_of)


def made_by(book: fa.Book, day: pd.Timestamp) -> Iterator[pd.DataFrame]:
    """Rows of the backtest that were forecast by a day, without what tells how they ended."""
    table = fa.forecast_backtest(book)
    told = ["actual", "scored", "crps_distance", "crps_spread", "crps", "point_error", "wins", "brier", "brier_base"]
    yield table[table["origin"] <= day].drop(columns=told).reset_index(drop=True)


@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), day=st.sampled_from(["2025-12-31", "2026-03-31", "2026-07-15"]))
def test_another_future_changes_no_forecast(seed: int, day: str) -> None:
    when = pd.Timestamp(day)
    (before,), (after,) = made_by(TEAM, when), made_by(with_another_future(TEAM, when, seed), when)
    assert len(before) > 10
    pd.testing.assert_frame_equal(after, before)


def test_another_future_changes_no_forecast_of_the_sample() -> None:
    sample = fa.load_sample()
    day = pd.Timestamp("2026-06-30")
    history, snapshots = sample.history, sample.snapshots
    after, newer = history["changed_at"] > day, snapshots["as_of"] > day
    other = fa.assemble(
        fa.Parts(
            snapshots=snapshots.assign(amount=snapshots["amount"].mask(newer, 9e9)),
            history=history.assign(amount=history["amount"].mask(after, 9e9)),
        ),
        as_of=sample.as_of,
    )
    (one,), (two,) = made_by(sample, day), made_by(other, day)
    pd.testing.assert_frame_equal(two, one)


def test_the_backtest_says_what_the_outlook_of_that_day_would_have_said() -> None:
    then = book_as_of(TEAM, DAY)
    said = outlook_of(then, window(then, "2026Q2"))
    replay = next(one for one in track_record(TEAM, "quarter", 0).replays if one.span.label == "2026Q2")
    ids = ledger_of(TEAM).index[replay.opportunities]
    assert said.estimated.view.open["opportunity_id"].tolist() == ids.tolist()
    assert said.estimated.probability == pytest.approx(replay.probability)


@pytest.mark.parametrize("day", ["2026-03-31", "2026-05-20"])
def test_a_book_of_an_earlier_day_holds_what_was_there_then(day: str) -> None:
    then = book_as_of(TEAM, day)
    assert then.as_of == pd.Timestamp(day)
    assert then.opportunities["created_date"].max() <= then.as_of
    assert then.history["changed_at"].max() <= then.as_of
    closed = TEAM.opportunities[TEAM.opportunities["outcome"] != "open"]
    later = set(closed.loc[closed["close_date"] > then.as_of, "opportunity_id"])
    assert later & set(then.opportunities["opportunity_id"]) <= set(then.open_opportunities["opportunity_id"])
    assert fa.outlook(then, draws=50)["mean"].notna().all()


@pytest.mark.parametrize(
    ("day", "known"),
    [
        ("2026-03-31", {"a": ("open", "Discover"), "b": ("open", "Proof")}),
        # c has been created since; a moves at the next midnight.
        ("2026-05-20", {"a": ("open", "Discover"), "b": ("open", "Proof"), "c": ("open", None)}),
        # b is listed no more.
        ("2026-06-30", {"a": ("open", "Proof"), "c": ("open", None)}),
        # a was won on 1 August, d in a stage that does not mean won; e was lost, and won in September; f is open again.
        (
            "2026-08-15",
            {
                "a": ("won", "Deploy"),
                "c": ("open", None),
                "d": ("won", "Proof"),
                "e": ("lost", "Proof"),
                "f": ("lost", None),
            },
        ),
    ],
)
def test_an_earlier_day_by_hand(day: str, known: dict[str, tuple[str, str | None]]) -> None:
    rows = pd.DataFrame(
        [
            ("2026-03-31", "a", "open", "Discover"), ("2026-03-31", "b", "open", "Proof"),
            ("2026-06-30", "a", "open", "Proof"), ("2026-06-30", "c", "open", None),
            ("2026-07-31", "a", "open", "Proof"), ("2026-07-31", "c", "open", None),
            ("2026-07-31", "d", "won", "Proof"), ("2026-07-31", "e", "lost", "Proof"), ("2026-07-31", "f", "lost", None),
            ("2026-09-30", "a", "won", "Deploy"), ("2026-09-30", "c", "open", None),
            ("2026-09-30", "d", "won", "Proof"), ("2026-09-30", "e", "won", "Deploy"), ("2026-09-30", "f", "open", "Proof"),
        ],
        columns=["as_of", "opportunity_id", "outcome", "stage"],
    )  # fmt: skip
    created = {"a": "01-10", "b": "01-10", "c": "05-10", "d": "07-01", "e": "07-01", "f": "07-01"}
    rows["created_date"] = pd.to_datetime("2026-" + rows["opportunity_id"].map(created))
    rows["close_date"] = pd.to_datetime(rows["outcome"].map({"open": "2026-12-01", "won": "2026-08-01"}))
    rows.loc[rows["opportunity_id"].isin(["d", "e"]) | (rows["outcome"] == "lost"), "close_date"] = pd.Timestamp(
        "2026-07-20"
    )
    rows.loc[(rows["opportunity_id"] == "e") & (rows["outcome"] == "won"), "close_date"] = pd.Timestamp("2026-09-10")
    moves = {"changed_at": pd.to_datetime(["2026-02-01", "2026-05-21"]), "stage": ["Discover", "Proof"]}
    history = pd.DataFrame({"opportunity_id": "a", **moves})
    rows["as_of"] = pd.to_datetime(rows["as_of"])
    book = fa.assemble(fa.Parts(snapshots=rows.assign(amount=10.0), history=history))
    then = book_as_of(book, day)
    assert set(then.opportunities.columns) == set(book.opportunities.columns)
    found = then.opportunities[["opportunity_id", "outcome", "stage"]].itertuples(index=False, name=None)
    assert {key: (outcome, stage if isinstance(stage, str) else None) for key, outcome, stage in found} == known
    assert len(then.history) == (2 if day > "2026-05-20" else 1)
    closed = then.opportunities[then.opportunities["outcome"] != "open"].set_index("opportunity_id")["close_date"]
    then_closed = {"a": "08-01", "d": "07-20", "e": "07-20", "f": "07-20"}
    assert closed.dt.strftime("%m-%d").to_dict() == (then_closed if len(known) > 3 else {})
    assert ledger_of(book).view().open["opportunity_id"].tolist() == ["c", "f"]


EXPORTS = pd.to_datetime(["2026-03-31", "2026-06-30", "2026-09-30"])
LOOKS = st.tuples(
    st.sampled_from(["open", "won", "lost"]), st.sampled_from(["Discover", "Proof", None]), st.integers(-300, 40)
)


@settings(max_examples=25)
@given(lives=st.lists(st.lists(LOOKS, min_size=1, max_size=3), min_size=1, max_size=5))
def test_whatever_exports_say_of_closings_the_last_one_stands_now(lives: list[list[tuple]]) -> None:
    """Closings, taken back, corrected, dated otherwise: those that are open now are those that the book holds as open."""
    rows = [
        (
            EXPORTS[3 - len(life) + place],
            f"O{number}",
            outcome,
            stage,
            EXPORTS[3 - len(life) + place] + pd.Timedelta(days=days),
        )
        for number, life in enumerate(lives)
        for place, (outcome, stage, days) in enumerate(life)
    ]
    looks = pd.DataFrame(rows, columns=["as_of", "opportunity_id", "outcome", "stage", "close_date"])
    looks["stage"] = looks["stage"].astype("str").where(looks["stage"].notna())
    book = fa.assemble(fa.Parts(snapshots=looks.assign(amount=10.0, created_date=pd.Timestamp("2025-01-01"))))
    ledger = ledger_of(book)
    ledger.view(ledger.today - 100)
    view = ledger.view()
    assert view.open["opportunity_id"].tolist() == sorted(book.open_opportunities["opportunity_id"])
    kept = book.opportunities
    closed = kept[(kept["outcome"] != "open") & (kept["close_date"] <= book.as_of)].sort_values("opportunity_id")
    assert ledger.index[view.closed.number].tolist() == closed["opportunity_id"].tolist()
    assert view.closed.won.tolist() == (closed["outcome"] == "won").tolist()
    for day in EXPORTS[:-1]:
        if (looks["as_of"] <= day).any():
            then = book_as_of(book, str(day.date())).opportunities.set_index("opportunity_id")["outcome"]
            shown = looks[looks["as_of"] == day].set_index("opportunity_id")["outcome"]
            assert then.reindex(shown.index).tolist() == shown.tolist()


def test_a_day_before_the_first_or_after_the_last_is_refused_plainly() -> None:
    with pytest.raises(HistoryError, match="had been created"):
        book_as_of(TEAM, "2019-01-01")
    with pytest.raises(HistoryError, match="after the book's date"):
        book_as_of(TEAM, "2030-01-01")
