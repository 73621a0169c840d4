"""What was known on a day, by hand: views of the ledger, and the look-backs that are learned from."""

from dataclasses import replace
from zlib import crc32

import numpy as np
import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.forecast.model import lookbacks
from funnel_analytics.forecast.model.ledger import day_of, ledger_of
from funnel_analytics.forecast.model.lookbacks import look_back, looked_back, thinning, view_facts

LOG = [
    ("2026-01-10", "Discover", "open", 100, "2026-06-30"),
    ("2026-02-10", "Proof", None, None, None),
    ("2026-03-05", None, None, None, "2026-08-31"),  # pushed
    ("2026-04-01", None, None, 150, "2026-07-31"),  # pulled in
    ("2026-05-01", None, None, None, "2026-12-31"),  # pushed again
    ("2026-06-20", "Deploy", "won", 160, "2026-06-20"),
]
"""Of a; the others are told by exports alone."""
EXPORTS = [
    ("2026-03-31", "a", "open", "Proof", 100, "2026-08-31"),
    ("2026-03-31", "b", "open", "Discover", 50, "2026-06-30"),
    ("2026-06-30", "a", "won", "Deploy", 160, "2026-06-20"),
    ("2026-06-30", "b", "lost", None, 55, "2026-06-15"),
    ("2026-06-30", "c", "open", "Qualify", 1, "2026-09-30"),
    ("2026-06-30", "d", "open", "Qualify", 70, "2026-09-30"),  # listed no more in September
    ("2026-09-30", "a", "won", "Deploy", 160, "2026-06-20"),
    ("2026-09-30", "b", "lost", None, 55, "2026-06-15"),
    ("2026-09-30", "c", "open", "Qualify", 20, "2026-10-31"),
]
CREATED = {"a": "2026-01-10", "b": "2026-02-15", "c": "2026-05-10", "d": "2026-05-10"}


def day(date: str) -> int:
    return (pd.Timestamp(date) - pd.Timestamp(0)).days


def book() -> fa.Book:
    log = pd.DataFrame(LOG, columns=["changed_at", "stage", "outcome", "amount", "close_date"])
    rows = pd.DataFrame(EXPORTS, columns=["as_of", "opportunity_id", "outcome", "stage", "amount", "close_date"])
    rows["created_date"] = pd.to_datetime(rows["opportunity_id"].map(CREATED))
    for frame in (log, rows):
        for name in {"changed_at", "as_of", "close_date"} & set(frame.columns):
            frame[name] = pd.to_datetime(frame[name])
        frame["amount"] = frame["amount"].astype("float64")
    return fa.assemble(fa.Parts(snapshots=rows, history=log.assign(opportunity_id="a")))


LEDGER = ledger_of(book())
NAN = float("nan")
COLUMNS = ["stage", "days_in_stage", "chain_days", "age", "amount", "due_days", "pushes"]


@pytest.mark.parametrize(
    ("date", "known"),
    [
        ("2026-01-09", {}),
        ("2026-01-10", {"a": [0, 0, 0, 0, 100, 171, 0]}),
        # a has been in Proof since 10 February and was pushed once; b stood in the first stage from its creation on.
        ("2026-03-31", {"a": [4, 49, 49, 80, 100, 153, 1], "b": [0, 44, 44, 44, 50, 91, 0]}),
        # Pulling in is no push.
        ("2026-04-20", {"a": [4, 69, 69, 100, 150, 102, 1], "b": [0, 64, 64, 64, 50, 71, 0]}),
        # Of c and d no source tells a stage or a close date yet; their amounts are those of the export to come.
        (
            "2026-05-10",
            {
                "a": [4, 89, 89, 120, 150, 235, 2],
                "b": [0, 84, 84, 84, 50, 51, 0],
                "c": [NAN, NAN, NAN, 0, 1, NAN, 0],
                "d": [NAN, NAN, NAN, 0, 70, NAN, 0],
            },
        ),
        # b was lost on the 15th, a won on the 20th.
        (
            "2026-06-15",
            {
                "a": [4, 125, 125, 156, 150, 199, 2],
                "c": [NAN, NAN, NAN, 36, 1, NAN, 0],
                "d": [NAN, NAN, NAN, 36, 70, NAN, 0],
            },
        ),
        ("2026-06-20", {"c": [NAN, NAN, NAN, 41, 1, NAN, 0], "d": [NAN, NAN, NAN, 41, 70, NAN, 0]}),
        # First seen in Qualify on 30 June, by then for nobody knows how long.
        ("2026-06-30", {"c": [1, NAN, NAN, 51, 1, 92, 0], "d": [1, NAN, NAN, 51, 70, 92, 0]}),
        ("2026-08-15", {"c": [1, NAN, 46, 97, 1, 46, 0], "d": [1, NAN, 46, 97, 70, 46, 0]}),
        # d is listed no more; c was pushed by a month, and its amount is known now.
        ("2026-09-30", {"c": [1, NAN, 92, 143, 20, 31, 1]}),
    ],
)
def test_a_view_holds_what_was_known_at_the_end_of_its_day(date: str, known: dict[str, list[float]]) -> None:
    view = LEDGER.view(day(date))
    assert view.open["opportunity_id"].tolist() == list(known)
    found = view.open[COLUMNS].to_numpy(dtype="float64")
    assert found == pytest.approx(np.array(list(known.values())).reshape(-1, len(COLUMNS)), nan_ok=True)


def test_amounts_of_a_later_source_are_counted_where_they_say_something() -> None:
    """On 10 May d's 70 is one; c's 1 says nothing."""
    assert [LEDGER.view(day(date)).amounts_assumed for date in ("2026-03-31", "2026-05-10", "2026-06-30")] == [0, 1, 0]


def test_closings_are_those_of_their_day_with_the_amounts_of_the_time() -> None:
    closed = LEDGER.view(day("2026-06-20")).closed
    assert (closed.number.tolist(), closed.won.tolist()) == ([0, 1], [True, False])
    assert closed.closed_on.tolist() == [day("2026-06-20"), day("2026-06-15")]
    # b's 55 came with the export of 30 June.
    assert closed.amount.tolist() == [160, 50]
    assert LEDGER.view().closed.amount.tolist() == [160, 55]
    assert len(LEDGER.view(day("2026-06-14")).closed) == 0
    assert LEDGER.view(day("2026-06-15")).closed.number.tolist() == [1]


def test_wins_lie_after_one_day_and_by_another() -> None:
    won = day("2026-06-20")
    spans = [(won - 1, won, None), (won, won + 9, None), (won - 9, won - 1, None), (0, won, won), (0, won, won - 1)]
    assert [LEDGER.won_between(*span).tolist()[0] for span in spans] == [True, False, False, True, False]
    assert not LEDGER.won_between(0, day("2027-01-01"))[1:].any()


def test_visits_end_for_now_on_the_day_or_with_the_last_export_that_showed_them() -> None:
    """On 20 April a still is in Proof, by its log; b was last seen in Discover on 31 March."""
    visits = LEDGER.view(day("2026-04-20")).visits
    assert visits["number"].tolist() == [0, 0, 1]
    assert visits["destination"].tolist() == [4, -1, -1]
    assert visits["end"].dt.strftime("%m-%d").tolist() == ["02-10", "04-20", "03-31"]
    assert visits["logged"].tolist() == [True, True, False]


def test_look_backs_hold_what_their_day_knew() -> None:
    """An amount of 1 is none."""
    days = np.array([day("2026-03-31"), day("2026-05-10")])
    rows = look_back(LEDGER, days)
    assert rows.opportunity.tolist() == [0, 1, 0, 1, 2, 3]
    assert rows.day.tolist() == [days[0]] * 2 + [days[1]] * 4
    assert rows.facts.amount == pytest.approx([100, 50, 150, 50, NAN, 70], nan_ok=True)
    assert rows.facts.days == pytest.approx([49, 44, 89, 84, NAN, NAN], nan_ok=True)
    for which, at in enumerate(days):
        then = view_facts(LEDGER.view(int(at)))
        for name in then.__dataclass_fields__:
            looked = getattr(rows.facts[rows.day == days[which]], name)
            assert looked == pytest.approx(getattr(then, name), nan_ok=True), name


def test_look_backs_teach_once_their_whole_horizon_has_passed() -> None:
    days = np.array([day("2026-03-31"), day("2026-05-10")])
    rows = look_back(LEDGER, days)
    assert [rows.complete(int(days[1]) + 30, horizon) for horizon in (29, 30, 31, 70, 71)] == [6, 6, 2, 2, 0]


def test_days_before_the_first_creation_and_the_books_own_teach_nothing_and_are_asked_once() -> None:
    days = np.array([day("2026-01-09"), day("2026-01-10"), day("2026-09-29"), day("2026-09-30")])
    found = looked_back(LEDGER, days)
    assert np.unique(found.day).tolist() == days[1:3].tolist()
    assert looked_back(LEDGER, days) is found
    assert looked_back(LEDGER, days[:2]).day.tolist() == [days[1]]


def test_of_many_rows_a_half_a_quarter_and_so_on_is_taken_by_the_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [0, 1, 2000, 2001, 4000, 4001, 8000, 8001]
    assert [thinning(count, 2000) for count in counts] == [1, 1, 1, 2, 2, 4, 4, 8]
    rows = replace(look_back(LEDGER, np.array([day("2026-05-10")])), lot=np.array([5, 8, 6, 7]))
    assert rows.fitted(4).tolist() == [0, 1, 2, 3]
    monkeypatch.setattr(lookbacks, "ROWS_FITTED", 2)
    assert rows.fitted(4).tolist() == [1, 2]
    monkeypatch.setattr(lookbacks, "ROWS_A_DAY", 2)
    # Of the four open on that day those whose ids have an even checksum.
    kept = look_back(LEDGER, np.array([day("2026-05-10")])).opportunity
    assert ["abcd"[number] for number in kept] == [key for key in "abcd" if crc32(key.encode()) % 2 == 0]


def test_days_are_counted_from_1970_and_missing_ones_are_missing() -> None:
    assert day_of(pd.to_datetime(pd.Series(["1970-01-02", None, "1969-12-31"]))) == pytest.approx(
        [1, NAN, -1], nan_ok=True
    )
