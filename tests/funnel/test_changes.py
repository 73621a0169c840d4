"""Pipeline changes: known traps by hand, and laws that always hold."""

import pandas as pd
import pytest
from books import team_book
from hypothesis import given, settings
from hypothesis import strategies as st

import funnel_analytics as fa
from funnel_analytics.errors import AmountError, ArgumentError, HistoryError

FIRST, LAST = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")


def two_exports(before: list[tuple[object, ...]], after: list[tuple[object, ...]]) -> fa.Book:
    """A book of two exports; rows are (id, outcome, amount, close date, owner)."""
    columns = ["opportunity_id", "outcome", "amount", "close_date", "owner"]
    parts = [pd.DataFrame(rows, columns=columns).assign(as_of=date) for rows, date in ((before, FIRST), (after, LAST))]
    rows = pd.concat(parts, ignore_index=True)
    rows["close_date"] = pd.to_datetime(rows["close_date"])
    return fa.assemble(fa.Parts(snapshots=rows.assign(stage="Proof", currency="EUR")), as_of=LAST)


def causes(book: fa.Book, **options: object) -> dict[str, float]:
    table = fa.pipeline_changes(book, since=FIRST, until=LAST, **options)
    return {cause: amount for cause, amount in zip(table["cause"], table["amount"], strict=True) if amount}


def test_an_amount_that_changed_before_the_win_is_a_change_and_a_larger_win() -> None:
    book = two_exports([("1", "open", 100, "2026-09-01", "Ana")], [("1", "won", 130, "2026-08-20", "Ana")])
    assert causes(book) == {"opening": 100, "increased": 30, "won": -130}


def test_pulled_in_and_won_comes_and_goes() -> None:
    book = two_exports([("1", "open", 100, "2026-12-01", "Ana")], [("1", "won", 120, "2026-08-20", "Ana")])
    assert causes(book, period="2026Q3") == {"pulled_in": 120, "won": -120}


def test_pushed_out_leaves_at_the_old_amount() -> None:
    book = two_exports([("1", "open", 100, "2026-08-01", "Ana")], [("1", "open", 150, "2026-11-20", "Ana")])
    assert causes(book, period="2026Q3") == {"opening": 100, "pushed_out": -100}
    assert causes(book) == {"opening": 100, "increased": 50, "closing": 150}


def test_created_and_closed_between_the_exports_is_new_and_lost() -> None:
    book = two_exports([("0", "open", 5, "2026-12-01", "Ana")], [("0", "open", 5, "2026-12-01", "Ana"), ("1", "lost", 70, "2026-08-01", "Ben")])
    assert causes(book) == {"opening": 5, "new": 70, "lost": -70, "closing": 5}


def test_missing_in_the_later_export_is_vanished_not_lost() -> None:
    book = two_exports([("0", "open", 5, "2026-12-01", "Ana"), ("1", "open", 70, "2026-08-01", "Ben")], [("0", "open", 5, "2026-12-01", "Ana")])
    assert causes(book) == {"opening": 75, "vanished": -70, "closing": 5}
    assert book.vanished["opportunity_id"].tolist() == ["1"]


def test_reopened_comes_back_at_its_new_amount() -> None:
    book = two_exports([("1", "lost", 70, "2026-05-01", "Ben")], [("1", "open", 80, "2026-12-01", "Ben")])
    assert causes(book) == {"reopened": 80, "closing": 80}


def test_a_change_of_owner_moves_between_the_owners_waterfalls() -> None:
    book = two_exports([("1", "open", 70, "2026-12-01", "Ana")], [("1", "open", 80, "2026-12-01", "Ben")])
    table = fa.pipeline_changes(book, since=FIRST, until=LAST, by="owner")
    moved = table[table["cause"].isin(["moved_out", "moved_in"]) & (table["amount"] != 0)]
    assert moved[["owner", "cause", "amount"]].to_numpy().tolist() == [["Ana", "moved_out", -70.0], ["Ben", "moved_in", 80.0]]


def test_opportunities_without_an_amount_are_counted() -> None:
    book = two_exports([("0", "open", 5, "2026-12-01", "Ana")], [("0", "open", 5, "2026-12-01", "Ana"), ("1", "open", None, "2026-12-01", "Ana")])
    table = fa.pipeline_changes(book).set_index("cause")
    assert table.loc["new", ["amount", "opportunities"]].tolist() == [0, 1]
    assert table.loc["closing", "opportunities"] == 2


ROW = st.tuples(
    st.sampled_from(["open", "won", "lost"]),
    st.one_of(st.none(), st.integers(-500, 10**9).map(lambda cents: cents / 100)),
    st.dates(pd.Timestamp("2026-04-01").date(), pd.Timestamp("2027-03-31").date()),
    st.sampled_from(["Ana", "Ben", None]),
)
SIDES = st.dictionaries(st.integers(0, 12).map(str), ROW, min_size=1)


@settings(max_examples=120, deadline=None)
@given(before=SIDES, after=SIDES, period=st.sampled_from([None, "2026Q3", "2026Q4"]), by=st.sampled_from([None, "owner"]))
def test_opening_and_causes_make_closing_to_the_cent(before: dict, after: dict, period: str | None, by: str | None) -> None:
    sides = [[(key, *row) for key, row in side.items()] for side in (before, after)]
    book = two_exports(*sides)
    if not book.has_money:
        with pytest.raises(AmountError):
            fa.pipeline_changes(book)
        return
    table = fa.pipeline_changes(book, since=FIRST, until=LAST, period=period, by=by)
    groups = table.groupby(table[by].fillna("nobody")) if by else [("all", table)]
    for _, rows in groups:
        cents = (rows.set_index("cause")["amount"] * 100).round().astype("int64")
        assert cents.drop("closing").sum() == cents["closing"]
    shuffled = two_exports(sides[0][::-1], sides[1][::-1])
    pd.testing.assert_frame_equal(fa.pipeline_changes(shuffled, since=FIRST, until=LAST, period=period, by=by), table)
    lines = fa.pipeline_change_lines(book, since=FIRST, until=LAST, period=period)
    whole = fa.pipeline_changes(book, since=FIRST, until=LAST, period=period).set_index("cause")
    sums = lines.groupby("cause")["amount"].sum().reindex(whole.index).fillna(0.0)
    assert ((sums - whole["amount"]).abs() < 0.005).all()
    assert lines["cause"].value_counts().reindex(whole.index).fillna(0).astype("int64").tolist() == whole["opportunities"].tolist()


def test_the_history_knows_dates_between_exports_and_agrees_with_them() -> None:
    book = team_book(150)
    dates = book.export_dates
    direct = fa.pipeline_changes(book, since=dates[0], until=dates[-1]).set_index("cause")["amount"]
    middle = dates[0] + pd.Timedelta(days=40)
    first = fa.pipeline_changes(book, since=dates[0], until=middle).set_index("cause")["amount"]
    second = fa.pipeline_changes(book, since=middle, until=dates[-1]).set_index("cause")["amount"]
    assert first["opening"] == direct["opening"]
    assert second["closing"] == direct["closing"]
    assert first["closing"] == second["opening"]
    assert first["won"] + second["won"] == pytest.approx(direct["won"])


def test_unknown_dates_columns_and_orders_are_explained() -> None:
    book = team_book(40, history=False)
    with pytest.raises(HistoryError, match="2026-06-30"):
        fa.pipeline_changes(book, since="2026-07-15")
    with pytest.raises(HistoryError, match="first before the second"):
        fa.pipeline_changes(book, since="2026-09-30", until="2026-06-30")
    with pytest.raises(ArgumentError, match="owner"):
        fa.pipeline_changes(book, by="ownr")
    with pytest.raises(HistoryError, match="does not know"):
        fa.pipeline_changes(team_book(40, exports=1, history=False))
