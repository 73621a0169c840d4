"""What can be watched in a stage log: from when, to when, and whether the days in stage are known."""

import pandas as pd

import funnel_analytics as fa
from books import team_book
from funnel_analytics.forecast.model.visits import CENSORED, ages, observed_visits, outcomes


def exports(*rows: tuple[str, str, str, str, str | None, str]) -> fa.Book:
    """Rows are (export date, id, stage, outcome, stage entered, close date)."""
    frame = pd.DataFrame(
        rows, columns=["as_of", "opportunity_id", "stage", "outcome", "stage_entered_date", "close_date"]
    )
    for column in ("as_of", "stage_entered_date", "close_date"):
        frame[column] = pd.to_datetime(frame[column])
    return fa.assemble(fa.Parts(snapshots=frame.assign(amount=10.0, currency="EUR")))


TWO = exports(
    ("2026-03-31", "A", "Proof", "open", "2026-01-15", "2026-06-30"),
    ("2026-06-30", "A", "Close", "open", "2026-06-01", "2026-09-30"),
    ("2026-06-30", "B", "Proof", "open", "2026-05-01", "2026-09-30"),
)


def test_without_a_change_log_watching_starts_with_the_first_export() -> None:
    first = observed_visits(TWO).iloc[0]
    assert (f"{first.entered:%m-%d}", f"{first.seen_from:%m-%d}", f"{first.end:%m-%d}") == ("01-15", "03-31", "06-01")


def test_an_opportunity_that_only_one_export_shows_tells_nothing_about_rates() -> None:
    visits = observed_visits(TWO).set_index("opportunity_id")
    assert visits.loc["A", "usable"].all()
    assert not visits.loc["B", "usable"]
    assert visits.loc["B", "destination"] == CENSORED


def test_a_closed_opportunity_seen_in_one_more_export_is_closed_once() -> None:
    book = exports(
        ("2026-03-31", "A", "Proof", "open", "2026-01-15", "2026-06-30"),
        ("2026-06-30", "A", "Proof", "lost", "2026-01-15", "2026-05-20"),
        ("2026-09-30", "A", "Proof", "lost", "2026-01-15", "2026-05-20"),
    )
    visits = observed_visits(book)
    lost = visits[visits["destination"] == len(book.methodology.open_stages) + 1]
    assert lost["end"].dt.strftime("%m-%d").tolist() == ["05-20"]


def test_with_a_change_log_every_visit_is_watched_from_its_entry_and_closes_as_its_opportunity_does() -> None:
    book = team_book(60)
    visits = observed_visits(book)
    assert visits["usable"].all()
    assert (visits["seen_from"] == visits["entered"]).all()
    closing = outcomes(visits, len(book.methodology.open_stages)).assign(opportunity_id=visits["opportunity_id"])
    outcome = book.opportunities.set_index("opportunity_id")["outcome"].map({"open": 0, "won": 1, "lost": 2})
    assert (closing.groupby("opportunity_id")["event"].last() == outcome).all()


def test_an_empty_book_has_no_visits() -> None:
    book = team_book(20)
    none = book.where(owner="Ana Ruiz")
    empty = type(none)(none.methodology, none.as_of, frames={key: frame.iloc[:0] for key, frame in none.frames.items()})
    assert observed_visits(empty).empty


def test_a_move_on_the_day_of_the_book_counts_and_a_visit_within_a_day_lasts_half_of_it() -> None:
    moves = [("2026-06-01", "Discover"), ("2026-06-30", "Qualify"), ("2026-06-30", "Develop")]
    history = pd.DataFrame(moves, columns=["changed_at", "stage"]).assign(opportunity_id="A")
    history["changed_at"] = pd.to_datetime(history["changed_at"]) + pd.to_timedelta([0, 0, 1], unit="h")
    rows = pd.DataFrame({"opportunity_id": ["A"], "as_of": [pd.Timestamp("2026-06-30")]})
    visits = observed_visits(fa.assemble(fa.Parts(snapshots=rows, history=history)))
    assert visits["destination"].tolist() == [1, 2, CENSORED]
    entry, leaving = ages(visits)
    assert (entry.tolist(), leaving.tolist()) == ([0, 0, 0], [29, 0.5, 0])
