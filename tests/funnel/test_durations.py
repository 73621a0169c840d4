"""Time in stage on visits counted by hand."""

import numpy as np
import pandas as pd

import funnel_analytics as fa
from books import team_book

AS_OF = pd.Timestamp("2026-06-30")


def book_of(visits: list[tuple[str, int, str, str | None]]) -> fa.Book:
    """Opportunities that entered Discover on 1 January; (id, days there, what followed, region)."""
    start = pd.Timestamp("2026-01-01")
    changes, rows = [], []
    for key, days, followed, region in visits:
        changes.append((key, start, "Discover", None))
        if followed == "lost":
            changes.append((key, start + pd.Timedelta(days=days), None, "lost"))
        elif followed != "open":
            changes.append((key, start + pd.Timedelta(days=days), followed, None))
        # An open visit of 180 days lasts to the export.
        rows.append((key, "lost" if followed == "lost" else "open", region, start + pd.Timedelta(days=days)))
    history = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    snapshots = pd.DataFrame(rows, columns=["opportunity_id", "outcome", "region", "close_date"]).assign(as_of=AS_OF)
    return fa.assemble(fa.Parts(snapshots=snapshots, history=history))


ADVANCING = [("1", 10, "Qualify", "North"), ("2", 20, "Qualify", "North"), ("3", 30, "Qualify", "North"),
             ("4", 40, "Qualify", "North"), ("5", 50, "Qualify", None)]  # fmt: skip


def test_open_visits_count_as_at_least_so_long() -> None:
    # 10, 20 ended; two go on at 180: S = 3/4, 1/2, so the median is 20; of the ended alone it would be 15.
    table = fa.time_in_stage(book_of([*ADVANCING[:2], ("8", 180, "open", None), ("9", 180, "open", None)]))
    row = table.set_index("stage").loc["Discover"]
    assert row[["visits", "open_visits", "median_days", "completed_median_days", "longest_days"]].tolist() == [
        4, 2, 20, 15, 180,
    ]  # fmt: skip
    assert np.isnan(row["p75_days"])


def test_the_stall_line_needs_five_visits_that_advanced() -> None:
    stuck = ("9", 180, "open", None)
    few = fa.time_in_stage(book_of([*ADVANCING[:4], ("6", 5, "lost", None), stuck])).set_index("stage").loc["Discover"]
    assert np.isnan(few["stall_days"])
    assert few[["advancing_visits", "stalled_opportunities"]].tolist() == [4, 0]
    # The 80th percentile of 10 … 50 lies at 42 (linear); the lost visit of 5 days is not among them.
    row = fa.time_in_stage(book_of([*ADVANCING, ("6", 5, "lost", None), stuck])).set_index("stage").loc["Discover"]
    assert row[["advancing_visits", "stall_days", "stalled_opportunities"]].tolist() == [5, 42, 1]


def test_a_visit_that_ends_on_the_day_it_began_lasted_half_a_day() -> None:
    row = fa.time_in_stage(book_of([("1", 0, "Qualify", None)])).set_index("stage").loc["Discover"]
    assert row["median_days"] == 0.5


def test_a_visit_with_an_unknown_entry_is_left_out() -> None:
    rows = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": "Proof", "outcome": "open", "as_of": AS_OF})
    rows["stage_entered_date"] = pd.to_datetime([None, "2026-06-01"])
    table = fa.time_in_stage(fa.assemble(fa.Parts(snapshots=rows))).set_index("stage")
    assert table.loc["Proof", ["visits", "open_visits"]].tolist() == [1, 1]


def test_a_missing_region_is_a_group_of_its_own() -> None:
    table = fa.time_in_stage(book_of(ADVANCING), by="region")
    visits = table[table["stage"] == "Discover"].set_index("region")["visits"]
    assert visits["North"] == 4
    assert visits[visits.index.isna()].tolist() == [1]


def test_every_stage_has_a_row_also_those_that_nobody_entered() -> None:
    book = team_book(5)
    assert fa.time_in_stage(book)["stage"].tolist() == book.methodology.open_stages


def test_who_stands_as_long_as_the_stall_line_is_not_stalled_yet() -> None:
    """Five advanced after 180 days each; one has stood for so long."""
    slow = [(str(number), 180, "Qualify", None) for number in range(5)]
    row = fa.time_in_stage(book_of([*slow, ("9", 180, "open", None)])).set_index("stage").loc["Discover"]
    assert row[["stall_days", "stalled_opportunities"]].tolist() == [180, 0]


def test_visits_end_by_advancing_being_won_going_back_or_being_lost() -> None:
    """In Qualify for 10, 20, 25, 30 and 40 days; the first three got further."""
    start = pd.Timestamp("2026-01-01")
    ends = {
        "1": (10, "Develop", None),
        "2": (20, None, "won"),
        "5": (25, None, "won"),
        "3": (30, "Discover", None),
        "4": (40, None, "lost"),
    }
    changes = [(key, start, "Qualify", None) for key in ends] + [
        (key, start + pd.Timedelta(days=days), stage, outcome) for key, (days, stage, outcome) in ends.items()
    ]
    history = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    rows = pd.DataFrame(
        {"opportunity_id": list(ends), "outcome": ["open", "won", "won", "open", "lost"], "as_of": AS_OF}
    )
    rows["close_date"] = [start + pd.Timedelta(days=days) for days, _, _ in ends.values()]
    table = fa.time_in_stage(fa.assemble(fa.Parts(snapshots=rows, history=history))).set_index("stage")
    assert table.loc["Qualify", ["visits", "open_visits", "advancing_visits"]].tolist() == [5, 0, 3]
    assert table.loc["Qualify", "completed_median_days"] == 25
