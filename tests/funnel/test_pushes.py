"""Pushes and slippage on a few opportunities counted by hand."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.text import Text

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import HistoryError

FIRST, LAST = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-10-31")


def looks(*exports: tuple[str, dict[str, tuple[object, ...]]], history: pd.DataFrame | None = None) -> fa.Book:
    """Exports of some days; rows are id: (outcome, amount, close date, owner)."""
    rows = [(date, key, *row) for date, look in exports for key, row in look.items()]
    frame = pd.DataFrame(rows, columns=["as_of", "opportunity_id", "outcome", "amount", "close_date", "owner"])
    for column in ("as_of", "close_date"):
        frame[column] = pd.to_datetime(frame[column])
    parts = fa.Parts(snapshots=frame.assign(stage="Proof", currency="EUR"), history=history)
    return fa.assemble(parts, as_of=frame["as_of"].max())


# Due in the third quarter of 2026 when it began, by Ana but for f:
# a won in it; b lost; c pushed to November; d still August and open (overdue); e closed in October, after it;
# f vanished.  g was due in December: not concerned.
BEFORE = {
    "a": ("open", 100, "2026-08-01", "Ana"), "b": ("open", 50, "2026-08-01", "Ana"),
    "c": ("open", 40, "2026-09-01", "Ana"), "d": ("open", 30, "2026-08-15", "Ana"),
    "e": ("open", 20, "2026-09-30", "Ana"), "f": ("open", 10, "2026-07-01", "Ben"),
    "g": ("open", 5, "2026-12-01", "Ben"),
}  # fmt: skip
AFTER = {
    "a": ("won", 110, "2026-09-30", "Ana"), "b": ("lost", 0, "2026-08-20", "Ana"),
    "c": ("open", 45, "2026-11-10", "Ana"), "d": ("open", 30, "2026-08-15", "Ana"),
    "e": ("won", 20, "2026-10-01", "Ana"), "g": ("open", 5, "2026-12-31", "Ben"),
}  # fmt: skip
BOOK = looks(("2026-06-30", BEFORE), ("2026-10-31", AFTER))


def test_what_was_due_is_won_lost_slipped_unmoved_or_vanished() -> None:
    row = fa.slippage(BOOK, period="2026Q3").iloc[0]
    assert row[["due", "won", "lost", "slipped", "unmoved", "vanished"]].tolist() == [6, 1, 1, 2, 1, 1]
    assert row[["amount_due", "amount_won", "amount_lost", "amount_slipped"]].tolist() == [250, 100, 50, 60]
    assert (row["slip_rate"], row["slip_rate_value"]) == (2 / 6, 60 / 250)
    assert row[["overdue_opportunities", "overdue_amount"]].tolist() == [1, 30]
    # c and g were pushed, c into a later quarter: 70 and 30 days; a, b and e are closed, their dates are no moves.
    assert row[["pushes", "period_pushes", "days_pushed", "pushed_opportunities"]].tolist() == [2, 1, 100, 2]
    assert row["lower_bound_opportunities"] == row["opportunities"] == 6


def test_a_negative_amount_counts_as_none_so_that_no_more_slips_than_was_due() -> None:
    before = {"a": ("open", 100, "2026-09-01", "Ana"), "b": ("open", -60, "2026-09-01", "Ana")}
    after = {"a": ("open", 100, "2026-12-01", "Ana"), "b": ("won", -60, "2026-09-20", "Ana")}
    row = fa.slippage(looks(("2026-06-30", before), ("2026-10-31", after)), period="2026Q3").iloc[0]
    # 100 of 100 slipped; with the −60 it would be 100 of 40.
    assert row[["due", "slipped", "amount_due", "slip_rate_value"]].tolist() == [2, 1, 100, 1]


def test_an_owner_answers_for_what_was_his_at_the_start() -> None:
    table = fa.slippage(BOOK, period="2026Q3", by="owner").set_index("owner")
    assert table["due"].to_dict() == {"Ana": 5, "Ben": 1}
    assert table.loc["Ben", "vanished"] == 1
    assert table["slip_rate"].to_dict() == {"Ana": 2 / 5, "Ben": 0.0}


def test_a_part_is_told_to_the_same_day_as_the_whole() -> None:
    # Only a, in the North, has a history; "now" is after the last export, which c, in the South, has left.
    due = pd.Timestamp("2026-10-20")
    rows = pd.DataFrame(
        {"opportunity_id": ["a", "b", "c", "a", "b"], "region": ["North", "South", "South", "North", "South"]}
    )
    rows["as_of"] = pd.to_datetime(["2026-09-30"] * 3 + ["2026-10-10"] * 2)
    history = pd.DataFrame({"opportunity_id": ["a"], "changed_at": [pd.Timestamp("2026-01-01")], "close_date": [due]})
    parts = fa.Parts(snapshots=rows.assign(outcome="open", amount=100.0, close_date=due), history=history)
    book = fa.assemble(parts, as_of="2026-10-15", currency="EUR")
    ends = ["due", "won", "lost", "slipped", "unmoved", "vanished"]
    split = fa.slippage(book, period="2026Q4", by="region").set_index("region").loc["South", ends]
    assert split.tolist() == fa.slippage(book.where(region="South"), period="2026Q4")[ends].iloc[0].tolist()


def test_without_a_look_at_the_start_the_export_before_is_taken_and_named() -> None:
    row = fa.slippage(looks(("2026-06-12", BEFORE), ("2026-10-31", AFTER)), period="2026Q3").iloc[0]
    assert (row["opening"], row["due"]) == (pd.Timestamp("2026-06-12"), 6)
    with pytest.raises(HistoryError, match="2026-06-30"):
        fa.slippage(looks(("2026-07-12", BEFORE), ("2026-10-31", AFTER)), period="2026Q3")


def test_a_log_of_stages_alone_does_not_know_what_was_due() -> None:
    days = pd.to_datetime(["2026-05-01", "2026-05-02", "2026-08-01"])
    stages = pd.DataFrame({"opportunity_id": ["c", "d", "d"], "changed_at": days, "stage": ["Proof", "Proof", "Close"]})
    book = looks(("2026-10-31", AFTER), history=stages)
    asked = {"since": FIRST, "until": LAST, "period": "2026Q3"}
    # Today's dates would say that d alone was due, and that nothing slipped.
    for look in (
        lambda: fa.slippage(book, period="2026Q3"),
        lambda: fa.pipeline_changes(book, **asked),
        lambda: fa.pipeline_flow(book, every="month", **asked),
    ):
        with pytest.raises(HistoryError, match=r"stood on 2026-06-30 is not known.*are of 2026-10-31"):
            look()
    changes = fa.pipeline_changes(book, since=FIRST, until=LAST)
    assert changes.attrs["amounts_from"] == LAST
    said = [text.get_text() for text in fa.charts.pipeline_changes(changes).findobj(Text)]
    assert any("No source tells an amount before" in text for text in said)
    # One date told in May is enough to know of it; what the closing itself says is not.
    told = stages.assign(close_date=pd.to_datetime([None, "2026-08-15", None]), outcome=[None, None, None])
    assert fa.slippage(looks(("2026-10-31", AFTER), history=told), period="2026Q3").iloc[0]["due"] == 1
    closed = stages.assign(close_date=pd.to_datetime(["2026-05-01", None, None]), outcome=["won", None, None])
    assert looks(("2026-10-31", AFTER), history=closed).told_from("close_date") == LAST


def test_two_exports_hide_the_pushes_between_them_and_a_history_does_not() -> None:
    counts = fa.push_counts(BOOK).set_index("opportunity_id")
    columns = ["pushes", "period_pushes", "quarters_pushed", "days_pushed"]
    assert counts.loc["c", columns].tolist() == [1, 1, 1, 70]
    assert counts.loc["g", columns].tolist() == [1, 0, 0, 30]
    assert counts["lower_bound"].all()
    days = ["2026-07-01", "2026-07-20", "2026-07-20", "2026-08-05", "2026-08-06"]
    dates = ["2026-09-01", "2027-01-15", "2026-10-20", "2026-10-01", "2026-11-10"]
    history = pd.DataFrame({"opportunity_id": "c", "changed_at": pd.to_datetime(days), "close_date": dates})
    history["close_date"] = pd.to_datetime(history["close_date"])
    known = looks(("2026-06-30", BEFORE), ("2026-10-31", AFTER), history=history)
    row = fa.push_counts(known).set_index("opportunity_id").loc["c"]
    # 1 September → 20 October (the last edit of its day; 49 days, one quarter) → 1 October (a pull of 19 days)
    # → 10 November (40 days, the same quarter).
    assert row[[*columns, "pulls", "days_pulled"]].tolist() == [2, 1, 1, 89, 1, 19]
    assert not row["lower_bound"]


def test_the_date_that_a_closing_sets_is_no_move_and_a_reopening_starts_again() -> None:
    days = ["2026-01-10", "2026-02-01", "2026-03-01", "2026-03-20"]
    history = pd.DataFrame(
        {
            "opportunity_id": "1",
            "changed_at": pd.to_datetime(days),
            "outcome": [None, "lost", "open", None],
            "close_date": pd.to_datetime(["2026-05-01", "2026-02-01", "2026-05-15", "2026-06-20"]),
        }
    )
    book = looks(("2026-04-01", {"1": ("open", 10, "2026-06-20", "Ana")}), history=history)
    row = fa.push_counts(book).iloc[0]
    # 1 May → 15 May after it was opened again → 20 June; 1 February was the loss.
    assert row[["pushes", "days_pushed", "pulls"]].tolist() == [2, 50, 0]


@settings(max_examples=8)
@given(seed=st.integers(0, 10_000), history=st.booleans())
def test_counts_agree_with_one_another_and_do_not_depend_on_the_order_of_rows(seed: int, history: bool) -> None:
    book = team_book(40, seed, history=history)
    counts, row = fa.push_counts(book), fa.slippage(book).iloc[0]
    assert row[["won", "lost", "slipped", "unmoved", "vanished"]].sum() == row["due"]
    for name in ("pushes", "period_pushes", "days_pushed", "pulls"):
        assert counts[name].sum() == row[name]
    assert (counts["period_pushes"] <= counts["pushes"]).all()
    turned = fa.Parts(snapshots=book.snapshots.iloc[::-1], history=book.history if history else None)
    pd.testing.assert_frame_equal(
        fa.push_counts(fa.assemble(turned, methodology=book.methodology)).drop(columns="segment"),
        counts.drop(columns="segment"),
    )
    parts = fa.slippage(book, by="owner")
    assert parts[["due", "slipped", "pushes"]].sum().tolist() == row[["due", "slipped", "pushes"]].tolist()
