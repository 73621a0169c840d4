"""Pipeline changes: known traps by hand, and laws that always hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
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
    book = two_exports(
        [("0", "open", 5, "2026-12-01", "Ana")],
        [("0", "open", 5, "2026-12-01", "Ana"), ("1", "lost", 70, "2026-08-01", "Ben")],
    )
    assert causes(book) == {"opening": 5, "new": 70, "lost": -70, "closing": 5}


def test_missing_in_the_later_export_is_vanished_not_lost() -> None:
    book = two_exports(
        [("0", "open", 5, "2026-12-01", "Ana"), ("1", "open", 70, "2026-08-01", "Ben")],
        [("0", "open", 5, "2026-12-01", "Ana")],
    )
    assert causes(book) == {"opening": 75, "vanished": -70, "closing": 5}
    assert book.vanished["opportunity_id"].tolist() == ["1"]


def test_reopened_comes_back_at_its_new_amount() -> None:
    book = two_exports([("1", "lost", 70, "2026-05-01", "Ben")], [("1", "open", 80, "2026-12-01", "Ben")])
    assert causes(book) == {"reopened": 80, "closing": 80}


def test_a_change_of_owner_moves_between_the_owners_waterfalls() -> None:
    book = two_exports([("1", "open", 70, "2026-12-01", "Ana")], [("1", "open", 80, "2026-12-01", "Ben")])
    table = fa.pipeline_changes(book, since=FIRST, until=LAST, by="owner")
    moved = table[table["cause"].isin(["moved_out", "moved_in"]) & (table["amount"] != 0)]
    assert moved[["owner", "cause", "amount"]].to_numpy().tolist() == [
        ["Ana", "moved_out", -70.0],
        ["Ben", "moved_in", 80.0],
    ]


def test_lost_before_and_won_since_is_reopened_and_won() -> None:
    book = two_exports([("1", "lost", 70, "2026-05-01", "Ben")], [("1", "won", 80, "2026-08-01", "Ben")])
    assert causes(book) == {"reopened": 80, "won": -80}


def test_what_was_closed_before_the_first_date_and_is_only_listed_later_is_no_change() -> None:
    row = ("0", "open", 5, "2026-12-01", "Ana")
    book = two_exports([row], [row, ("1", "won", 70, "2026-06-30", "Ben"), ("2", "won", 90, "2026-07-01", "Ben")])
    assert causes(book) == {"opening": 5, "new": 90, "won": -90, "closing": 5}


def test_a_closed_opportunity_that_exports_stop_listing_is_still_closed() -> None:
    # Lost in July, not listed in August, not in September: lost, not vanished.
    rows = [
        ("2026-06-30", "0", "open"), ("2026-06-30", "1", "open"),
        ("2026-07-31", "0", "open"), ("2026-07-31", "1", "lost"),
        ("2026-09-30", "0", "open"),
    ]  # fmt: skip
    snapshots = pd.DataFrame(rows, columns=["as_of", "opportunity_id", "outcome"]).assign(amount=10.0, stage="Proof")
    snapshots["as_of"] = pd.to_datetime(snapshots["as_of"])
    book = fa.assemble(fa.Parts(snapshots=snapshots))
    assert causes(book) == {"opening": 20, "lost": -10, "closing": 10}


def test_a_win_under_a_new_owner_counts_for_the_new_owner() -> None:
    book = two_exports([("1", "open", 70, "2026-12-01", "Ana")], [("1", "won", 80, "2026-08-01", "Ben")])
    table = fa.pipeline_changes(book, since=FIRST, until=LAST, by="owner")
    found = table[table["amount"] != 0][["owner", "cause", "amount"]].to_numpy().tolist()
    assert found == [
        ["Ana", "opening", 70.0], ["Ana", "moved_out", -70.0], ["Ben", "moved_in", 80.0], ["Ben", "won", -80.0],
    ]  # fmt: skip
    lines = fa.pipeline_change_lines(book, since=FIRST, until=LAST, by="owner")
    assert lines[["owner", "cause", "amount"]].to_numpy().tolist() == found


def test_a_part_of_the_book_knows_the_dates_of_the_whole() -> None:
    book = two_exports([("0", "open", 5, "2026-12-01", "Ana")], [("1", "open", 70, "2026-12-01", "Ben")])
    assert causes(book.where(owner="Ben")) == {"new": 70, "closing": 70}


def test_the_default_is_the_export_before_or_the_quarter_so_far() -> None:
    table = fa.pipeline_changes(team_book(30))
    assert (table.attrs["since"], table.attrs["until"]) == (FIRST, LAST)
    table = fa.pipeline_changes(team_book(30, exports=1))
    assert (table.attrs["since"], table.attrs["until"]) == (FIRST, LAST)


def test_a_day_that_is_no_export_takes_what_history_and_exports_last_stated() -> None:
    # The history knows stages only; the amount is that of the export before, 100, until the next export says 130.
    days = pd.to_datetime(["2026-05-01", "2026-07-10"])
    history = pd.DataFrame({"opportunity_id": "1", "changed_at": days, "stage": ["Qualify", "Develop"]})
    rows = pd.DataFrame({"opportunity_id": "1", "as_of": [FIRST, LAST], "outcome": ["open", "won"]})
    rows = rows.assign(amount=[100.0, 130.0], close_date=pd.to_datetime(["2026-12-01", "2026-08-15"]))
    # Two without any change: one created in July and still open, one that the next export says was lost in July.
    new = pd.DataFrame({"opportunity_id": ["2", "3"], "as_of": LAST, "outcome": ["open", "lost"], "amount": [7.0, 9.0]})
    new = new.assign(created_date=pd.to_datetime(["2026-07-05", "2026-01-05"]))
    new["close_date"] = pd.to_datetime(["2026-12-01", "2026-07-15"])
    book = fa.assemble(fa.Parts(snapshots=pd.concat([rows, new]), history=history))
    amounts = fa.pipeline_changes(book, since=FIRST, until="2026-08-01").set_index("cause")["amount"]
    assert amounts[amounts != 0].to_dict() == {"opening": 100, "new": 16, "lost": -9, "closing": 107}
    amounts = fa.pipeline_changes(book, since="2026-08-01", until=LAST).set_index("cause")["amount"]
    assert amounts[amounts != 0].to_dict() == {"opening": 107, "increased": 30, "won": -130, "closing": 7}


def test_what_the_last_export_lists_no_more_is_gone_on_the_days_after_it_too() -> None:
    # a, b and c are listed on 30 September, a and d on 10 October; of c and d the log tells more on 12 October.
    days = {"2026-09-30": "abc", "2026-10-10": "ad"}
    looks = pd.DataFrame(
        {"as_of": pd.Timestamp(day), "opportunity_id": key, "amount": 100.0}
        for day, keys in days.items()
        for key in keys
    ).assign(stage="Proof", outcome="open", currency="EUR", created_date=pd.Timestamp("2026-01-01"))
    log = pd.DataFrame({"opportunity_id": ["a", "c", "d"], "stage": "Close"})
    log["changed_at"] = pd.to_datetime(["2026-01-01", "2026-10-12", "2026-10-12"])
    book = fa.assemble(fa.Parts(snapshots=looks, history=log), as_of="2026-10-15")
    # Opening a, b, c; new d; b and c are gone.
    for until in ("2026-10-10", "2026-10-11", "2026-10-15"):
        table = fa.pipeline_changes(book, since="2026-09-30", until=until).set_index("cause")["opportunities"]
        assert table[["opening", "new", "vanished", "closing"]].tolist() == [3, 1, 2, 2]
    assert book.open_opportunities["opportunity_id"].tolist() == ["a", "d"]
    # Where a later export lists c again, the change tells of it before.
    again = looks[looks["opportunity_id"] == "c"].assign(as_of=pd.Timestamp("2026-10-20"))
    later = fa.assemble(fa.Parts(snapshots=pd.concat([looks, again]), history=log))
    for until, closing in (("2026-10-11", 2), ("2026-10-15", 3), ("2026-10-20", 1)):
        table = fa.pipeline_changes(later, since="2026-09-30", until=until).set_index("cause")["opportunities"]
        assert table["closing"] == closing


@pytest.mark.parametrize("seed", [1, 2])
def test_what_closes_a_waterfall_is_the_open_pipeline_whatever_exports_leave_out(seed: int) -> None:
    team = team_book(60, seed)
    left_out = np.random.default_rng(seed).random(len(team.snapshots)) < 0.2
    parts = fa.Parts(snapshots=team.snapshots[~left_out], history=team.history)
    book = fa.assemble(parts, methodology=team.methodology, as_of=team.as_of + pd.Timedelta(days=20))
    closing = fa.pipeline_changes(book, since="2026-05-10").set_index("cause").loc["closing"]
    assert closing["amount"] == book.open_amount
    assert closing["opportunities"] == len(book.open_opportunities) < len(team.open_opportunities)


def test_opportunities_without_an_amount_are_counted() -> None:
    book = two_exports(
        [("0", "open", 5, "2026-12-01", "Ana")],
        [("0", "open", 5, "2026-12-01", "Ana"), ("1", "open", None, "2026-12-01", "Ana")],
    )
    table = fa.pipeline_changes(book).set_index("cause")
    assert table.loc["new", ["amount", "opportunities"]].tolist() == [0, 1]
    assert table.loc["closing", "opportunities"] == 2


MOVES = ("moved_in", "moved_out")
ROW = st.tuples(
    st.sampled_from(["open", "won", "lost"]),
    st.one_of(st.none(), st.integers(-500, 10**9).map(lambda cents: cents / 100)),
    st.dates(pd.Timestamp("2026-04-01").date(), pd.Timestamp("2027-03-31").date()),
    st.sampled_from(["Ana", "Ben", None]),
)
SIDES = st.dictionaries(st.integers(0, 12).map(str), ROW, min_size=1)


@settings(max_examples=40)
@given(
    before=SIDES, after=SIDES, period=st.sampled_from([None, "2026Q3", "2026Q4"]), by=st.sampled_from([None, "owner"])
)
def test_opening_and_causes_make_closing_to_the_cent(
    before: dict, after: dict, period: str | None, by: str | None
) -> None:
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
    whole = fa.pipeline_changes(book, since=FIRST, until=LAST, period=period).set_index("cause")
    if by:
        # The groups add up to the whole but for what moved between them.
        parts = table.groupby("cause")["amount"].sum()
        assert (
            ((parts - whole["amount"]).drop(list(MOVES)).abs() < 0.005).all() or parts["moved_in"] or parts["moved_out"]
        )
        for cause in ("opening", "won", "lost", "vanished", "closing"):
            assert abs(parts[cause] - whole.loc[cause, "amount"]) < 0.005
    lines = fa.pipeline_change_lines(book, since=FIRST, until=LAST, period=period)
    sums = lines.groupby("cause")["amount"].sum().reindex(whole.index).fillna(0.0)
    assert ((sums - whole["amount"]).abs() < 0.005).all()
    assert (
        lines["cause"].value_counts().reindex(whole.index).fillna(0).astype("int64").tolist()
        == whole["opportunities"].tolist()
    )


CHANGED = st.tuples(
    st.sampled_from(["open", "won", "lost"]),
    st.integers(0, 10**9).map(lambda cents: cents / 100),
    st.sampled_from(["EUR", "USD", "CNY"]),
    st.sampled_from(["Ana", "Ben", None]),
)


@settings(max_examples=12)
@given(sides=st.tuples(*[st.dictionaries(st.integers(0, 6).map(str), CHANGED, min_size=1)] * 2))
def test_a_change_of_currency_with_rates_balances_to_the_cent_too(sides: tuple[dict, dict]) -> None:
    rates = {"EUR": 1.0, "USD": 1 / 1.0837, "CNY": 1 / 7.8123}
    columns = ["opportunity_id", "outcome", "amount_original", "currency", "owner"]
    looks = [
        pd.DataFrame([(key, *row) for key, row in side.items()], columns=columns).assign(as_of=date)
        for side, date in zip(sides, (FIRST, LAST), strict=True)
    ]
    rows = pd.concat(looks, ignore_index=True).assign(stage="Proof", close_date=pd.Timestamp("2026-08-01"))
    # Not rounded: thirds of a cent on either side must not add up to one.
    rows["amount"] = rows["amount_original"] * rows["currency"].map(rates)
    book = fa.assemble(fa.Parts(snapshots=rows), as_of=LAST, currency="EUR")
    for by in (None, "owner", "currency"):
        table = fa.pipeline_changes(book, by=by)
        for _, part in table.groupby(table[by].fillna("none")) if by else [("all", table)]:
            cents = (part.set_index("cause")["amount"] * 100).round().astype("int64")
            assert cents.drop("closing").sum() == cents["closing"]


def test_lost_at_amount_0_takes_its_amount_off_first_and_is_counted_as_lost() -> None:
    book = two_exports(
        [("1", "open", 100, "2026-09-01", "Ana"), ("2", "open", 7, "2026-12-01", "Ana")],
        [("1", "lost", 0, "2026-08-20", "Ana"), ("2", "open", 7, "2026-12-01", "Ana")],
    )
    assert causes(book) == {"opening": 107, "decreased": -100, "closing": 7}
    table = fa.pipeline_changes(book).set_index("cause")
    assert table.loc["lost", ["opportunities", "amount"]].tolist() == [1, 0]
    # In the funnel it counts with the amount at the stage's entry.
    assert fa.stage_conversion(book).set_index("stage").loc["Proof", ["lost", "amount_lost"]].tolist() == [1, 100]


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
    with pytest.raises(ArgumentError, match="Accepted: a date"):
        fa.pipeline_changes(book, since="last week")
