"""The stage log: visits from a change log, from exports and from a single look, counted by hand; and its laws."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.methodology import load_methodology

MARCH, JUNE, SEPTEMBER = (pd.Timestamp(day) for day in ("2026-03-31", "2026-06-30", "2026-09-30"))


def looks(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of exports: (as_of, stage, outcome, close_date, stage_entered_date) of opportunity 1."""
    frame = pd.DataFrame(rows, columns=["as_of", "stage", "outcome", "close_date", "stage_entered_date"])
    for column in ("as_of", "close_date", "stage_entered_date"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.assign(opportunity_id="1", created_date=pd.Timestamp("2026-01-10"), amount=10.0)


def changes(*rows: tuple[object, ...]) -> pd.DataFrame:
    """Rows of a change log: (changed_at, stage, outcome) of opportunity 1."""
    frame = pd.DataFrame(rows, columns=["changed_at", "stage", "outcome"])
    return frame.assign(opportunity_id="1", changed_at=pd.to_datetime(frame["changed_at"]))


def visits(snapshots: pd.DataFrame, history: pd.DataFrame | None = None) -> list[tuple[object, ...]]:
    """(stage, entered, left, exit, days) of each visit, dates as text."""
    log = fa.assemble(fa.Parts(snapshots=snapshots, history=history)).stage_log
    dates = [log[column].dt.strftime("%m-%d") for column in ("entered", "left")]
    rows = zip(log["stage"], *dates, log["exit"], log["days"], strict=True)
    return [tuple(None if pd.isna(value) else value for value in row) for row in rows]


def test_a_change_log_gives_every_visit_and_the_open_one_lasts_to_the_last_look() -> None:
    history = changes(
        ("2026-01-10", "Discover", None), ("2026-02-10", "Develop", None), ("2026-03-02", "Qualify", None)
    )
    assert visits(looks((JUNE, "Qualify", "open", None, None)), history) == [
        ("Discover", "01-10", "02-10", "advanced", 31),
        ("Develop", "02-10", "03-02", "regressed", 20),
        ("Qualify", "03-02", None, "open", 120),
    ]


def test_changes_of_one_moment_are_ordered_by_stage_and_the_closing_comes_last() -> None:
    history = changes(("2026-02-01", None, "lost"), ("2026-02-01", "Qualify", None), ("2026-02-01", "Discover", None))
    assert visits(looks((JUNE, None, "lost", "2026-02-01", None)), history) == [
        ("Discover", "02-01", "02-01", "advanced", 0),
        ("Qualify", "02-01", "02-01", "lost", 0),
    ]


def test_a_row_that_tells_the_last_stage_and_the_loss_is_a_visit_that_was_lost() -> None:
    history = changes(("2026-02-01", "Discover", None), ("2026-02-11", "Proof", "lost"))
    assert visits(looks((JUNE, None, "lost", "2026-02-11", None)), history)[-1] == (
        "Proof",
        "02-11",
        "02-11",
        "lost",
        0,
    )


def test_a_reopened_opportunity_starts_a_new_visit() -> None:
    history = changes(("2026-02-01", "Proof", None), ("2026-03-01", None, "lost"), ("2026-04-01", "Proof", None))
    assert visits(looks((JUNE, "Proof", "open", None, None)), history) == [
        ("Proof", "02-01", "03-01", "lost", 28),
        ("Proof", "04-01", None, "open", 90),
    ]


def test_what_the_export_knows_beyond_the_change_log_is_added() -> None:
    history = changes(("2026-02-01", "Discover", None))
    # The day of entry is stated; a stage without a day ends the visit before on an unknown day; a closing has its date.
    assert visits(looks((JUNE, "Proof", "open", None, "2026-06-01")), history) == [
        ("Discover", "02-01", "06-01", "advanced", 120),
        ("Proof", "06-01", None, "open", 29),
    ]
    assert visits(looks((JUNE, "Proof", "open", None, None)), history) == [
        ("Discover", "02-01", None, "advanced", None),
        ("Proof", None, None, "open", None),
    ]
    assert visits(looks((JUNE, None, "lost", "2026-03-01", None)), history) == [
        ("Discover", "02-01", "03-01", "lost", 28)
    ]
    assert visits(looks((JUNE, "Deploy", "won", "2026-03-01", None)), history) == [
        ("Discover", "02-01", "03-01", "advanced", 28),
        ("Deploy", "03-01", None, "won", None),
    ]


def test_a_closing_dated_before_the_last_move_is_moved_to_it() -> None:
    history = changes(("2026-02-01", "Discover", None), ("2026-04-01", "Proof", None))
    assert visits(looks((JUNE, None, "lost", "2026-03-01", None)), history)[-1] == (
        "Proof",
        "04-01",
        "04-01",
        "lost",
        0,
    )


def test_a_change_between_two_exports_lies_in_the_middle_unless_its_day_is_stated() -> None:
    first = (MARCH, "Qualify", "open", None, "2026-03-11")
    # Half of the 91 days from 31 March to 30 June is 15 May.
    assert visits(looks(first, (JUNE, "Develop", "open", None, None))) == [
        ("Qualify", "03-11", "05-15", "advanced", 65),
        ("Develop", "05-15", None, "open", 46),
    ]
    assert visits(looks(first, (JUNE, "Develop", "open", None, "2026-04-10")))[1] == (
        "Develop",
        "04-10",
        None,
        "open",
        81,
    )
    # A day before the earlier look, which saw another stage, cannot be right.
    assert visits(looks(first, (JUNE, "Develop", "open", None, "2026-02-10")))[1] == (
        "Develop",
        "05-15",
        None,
        "open",
        46,
    )


def bounds(snapshots: pd.DataFrame, history: pd.DataFrame | None = None) -> list[tuple[str | None, ...]]:
    """(entered after, entry seen by, left after, exit seen by) of each visit, as text."""
    log = fa.assemble(fa.Parts(snapshots=snapshots, history=history)).stage_log
    columns = ["entered_after", "entered_seen_by", "left_after", "left_seen_by"]
    dates = [log[column].dt.strftime("%m-%d") for column in columns]
    return [tuple(None if pd.isna(day) else day for day in row) for row in zip(*dates, strict=True)]


def test_a_move_that_only_exports_show_is_seen_by_and_a_dated_one_happened_on() -> None:
    first = (MARCH, "Qualify", "open", None, "2026-03-11")
    known = (None, None)
    between = ("03-31", "06-30")
    assert bounds(looks(first, (JUNE, "Develop", "open", None, None))) == [(*known, *between), (*between, *known)]
    assert bounds(looks(first, (JUNE, "Develop", "open", None, "2026-04-10"))) == [(*known, *known), (*known, *known)]
    # A closing without a usable day was seen by the later export; with one it happened on that day.
    assert bounds(looks(first, (JUNE, None, "lost", None, None))) == [(*known, *between)]
    assert bounds(looks(first, (JUNE, None, "lost", "2026-04-10", None))) == [(*known, *known)]
    # A stage reached before a dated closing was entered by that day.
    assert bounds(looks(first, (JUNE, "Develop", "lost", "2026-04-10", None))) == [
        (*known, "03-31", "04-10"),
        ("03-31", "04-10", *known),
    ]
    # What the first export shows had happened by then, nobody knows after when.
    assert bounds(looks((MARCH, "Proof", "open", None, None))) == [(None, "03-31", *known)]
    # The newest export shows more than the change log tells.
    history = changes(("2026-02-01", "Discover", None))
    assert bounds(looks((JUNE, "Proof", "open", None, None)), history) == [
        (*known, "02-01", "06-30"),
        ("02-01", "06-30", *known),
    ]
    assert bounds(looks((JUNE, None, "lost", None, None)), history) == [(*known, "02-01", "06-30")]


def test_a_closing_between_two_exports_has_its_close_date() -> None:
    first = (MARCH, "Qualify", "open", None, "2026-03-11")
    assert visits(looks(first, (JUNE, "Deploy", "won", "2026-04-10", None))) == [
        ("Qualify", "03-11", "04-10", "advanced", 30),
        ("Deploy", "04-10", None, "won", None),
    ]
    # The day that a lost opportunity states for its stage is that of the loss, not of the stage.
    assert visits(looks(first, (JUNE, None, "lost", "2026-04-10", "2026-04-10"))) == [
        ("Qualify", "03-11", "04-10", "lost", 30)
    ]
    # A stage reached between the looks was entered before the closing: half way from 31 March to 10 April.
    assert visits(looks(first, (JUNE, "Develop", "lost", "2026-04-10", None))) == [
        ("Qualify", "03-11", "04-05", "advanced", 25),
        ("Develop", "04-05", "04-10", "lost", 5),
    ]


def test_a_single_look_knows_the_entry_only_where_it_is_stated() -> None:
    assert visits(looks((MARCH, "Proof", "open", None, None))) == [("Proof", None, None, "open", None)]
    assert visits(looks((MARCH, "Proof", "open", None, "2026-03-01"))) == [("Proof", "03-01", None, "open", 30)]
    # In the method's first stage since it was created.
    assert visits(looks((MARCH, "Discover", "open", None, None))) == [("Discover", "01-10", None, "open", 80)]
    assert visits(looks((MARCH, "Proof", "lost", "2026-03-20", "2026-03-20"))) == [
        ("Proof", None, "03-20", "lost", None)
    ]
    assert visits(looks((MARCH, None, "lost", "2026-03-20", None))) == []


def test_one_more_export_of_a_closed_opportunity_changes_nothing() -> None:
    first = (MARCH, "Qualify", "open", None, "2026-03-11")
    for closing in ((JUNE, "Deploy", "won", "2026-04-10", None), (JUNE, None, "lost", "2026-04-10", None)):
        again = (SEPTEMBER, *closing[1:])
        assert visits(looks(first, closing, again)) == visits(looks(first, closing))


def test_dated_stage_columns_serve_where_there_is_no_change_log() -> None:
    dates = changes(("2026-02-01", "Discover", None), ("2026-02-15", "Qualify", None)).assign(source="stage_dates")
    log = fa.assemble(fa.Parts(snapshots=looks((JUNE, "Qualify", "open", None, None)), history=dates)).stage_log
    assert log["source"].tolist() == ["stage_dates", "stage_dates"]
    both = pd.concat([dates, changes(("2026-02-02", "Discover", None), ("2026-02-15", "Qualify", None))])
    log = fa.assemble(fa.Parts(snapshots=looks((JUNE, "Qualify", "open", None, None)), history=both)).stage_log
    assert log["source"].tolist() == ["history", "history"]
    assert log["entered"].iloc[0] == pd.Timestamp("2026-02-02")


def test_a_book_without_stages_has_an_empty_log() -> None:
    assert fa.assemble(fa.Parts(snapshots=looks((JUNE, None, "open", None, None)))).stage_log.empty


STAGES = [*load_methodology().stage_keys, None]
DAY = st.integers(0, 270).map(lambda days: pd.Timestamp("2026-01-01") + pd.Timedelta(days=days))
LOOK = st.tuples(st.sampled_from(STAGES), st.sampled_from(["open", "won", "lost"]), st.none() | DAY, st.none() | DAY)
CHANGE = st.tuples(DAY, st.sampled_from(STAGES), st.sampled_from([None, "open", "won", "lost"]))


@settings(max_examples=40)
@given(
    exports=st.lists(st.dictionaries(st.sampled_from("abc"), LOOK, min_size=1), min_size=1, max_size=3),
    log=st.dictionaries(st.sampled_from("abc"), st.lists(CHANGE, max_size=5)),
)
def test_whatever_the_sources_say_visits_follow_each_other(exports: list[dict], log: dict[str, list]) -> None:
    rows = [
        (key, date, *look)
        for look_at, date in zip(exports, (MARCH, JUNE, SEPTEMBER), strict=False)
        for key, look in look_at.items()
    ]
    snapshots = pd.DataFrame(
        rows, columns=["opportunity_id", "as_of", "stage", "outcome", "close_date", "stage_entered_date"]
    )
    history = pd.DataFrame(
        [(key, *change) for key, found in log.items() for change in found],
        columns=["opportunity_id", "changed_at", "stage", "outcome"],
    )
    for frame, columns in ((snapshots, ["close_date", "stage_entered_date"]), (history, ["changed_at"])):
        frame[columns] = frame[columns].apply(pd.to_datetime)
    book = fa.assemble(fa.Parts(snapshots=snapshots, history=history), as_of=SEPTEMBER)
    visited = book.stage_log
    ids = visited["opportunity_id"]
    assert not (visited["days"] < 0).any()
    assert not (visited["left"] < visited["entered"]).any()
    for day in ("entered", "left"):
        after, seen_by = visited[f"{day}_after"], visited[f"{day}_seen_by"]
        assert not (after > visited[day]).any()
        assert not (seen_by < visited[day]).any()
        assert not (after.notna() & seen_by.isna()).any()
    for _, entered in visited.groupby("opportunity_id")["entered"]:
        assert entered.dropna().is_monotonic_increasing
    follows = ids == ids.shift(-1)
    assert not (visited["left"] > visited["entered"].shift(-1).where(follows)).any()
    # Only the last visit can go on; an earlier one ended, and names what followed unless it was closed.
    assert (visited.loc[visited["exit"] == "open", "opportunity_id"].map(ids.value_counts())
            == visited.loc[visited["exit"] == "open", "visit"]).all()  # fmt: skip
    moved = visited["exit"].isin(["advanced", "regressed"])
    assert (visited["next"] == visited["stage"].shift(-1))[moved].all()
    last = visited[~follows]
    closed = last["outcome"].isin(["won", "lost"])
    # An export that calls a lost opportunity won contradicts its log: the visit then keeps the closing that ended it.
    assert last["exit"].isin(["won", "lost"])[closed].all()
    assert visited[["stage", "exit", "source"]].notna().all().all()


@settings(max_examples=40)
@given(looked=st.lists(st.lists(st.sampled_from(load_methodology().open_stages), min_size=1, max_size=6), max_size=4))
def test_every_change_that_exports_show_appears_once(looked: list[list[str]]) -> None:
    dates = pd.date_range("2026-01-31", periods=6, freq="ME")
    rows = [(str(key), dates[at], stage) for key, stages in enumerate(looked) for at, stage in enumerate(stages)]
    if not rows:
        return
    snapshots = pd.DataFrame(rows, columns=["opportunity_id", "as_of", "stage"])
    log = fa.assemble(fa.Parts(snapshots=snapshots)).stage_log
    for key, stages in enumerate(looked):
        visited = log[log["opportunity_id"] == str(key)]
        changes_seen = [at for at in range(1, len(stages)) if stages[at] != stages[at - 1]]
        assert visited["stage"].tolist() == [stages[0], *(stages[at] for at in changes_seen)]
        assert visited["entered_after"].tolist()[1:] == [dates[at - 1] for at in changes_seen]
        assert visited["entered_seen_by"].tolist()[1:] == [dates[at] for at in changes_seen]
        assert set(visited["source"]) == {"snapshots" if len(stages) > 1 else "export"}


@pytest.mark.parametrize("history", [True, False])
def test_row_order_of_the_sources_does_not_matter(history: bool) -> None:
    book = team_book(60, history=history)
    parts = fa.Parts(snapshots=book.snapshots.iloc[::-1], history=book.history.iloc[::-1])
    shuffled = fa.assemble(parts, methodology=book.methodology).stage_log
    pd.testing.assert_frame_equal(shuffled, book.stage_log)
