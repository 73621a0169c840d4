"""The flow from date to date: by hand, and its balance for any exports."""

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics.errors import AmountError, ArgumentError, HistoryError
from funnel_analytics.funnel.states import state_at

DATES = pd.to_datetime(["2026-09-06", "2026-09-13", "2026-09-27"])


def exports(*looks: dict[str, tuple[object, ...]]) -> fa.Book:
    """Exports of three Sundays; rows are id: (outcome, amount, close date, owner)."""
    rows = [
        (date, key, *row) for date, look in zip(DATES[: len(looks)], looks, strict=True) for key, row in look.items()
    ]
    frame = pd.DataFrame(rows, columns=["as_of", "opportunity_id", "outcome", "amount", "close_date", "owner"])
    frame["close_date"] = pd.to_datetime(frame["close_date"])
    return fa.assemble(fa.Parts(snapshots=frame.assign(stage="Proof", currency="EUR")), as_of=DATES[len(looks) - 1])


def happened(flow: pd.DataFrame) -> list[list[dict[str, float]]]:
    return [
        {cause: amount for cause, amount in zip(step["cause"], step["amount"], strict=True) if amount}
        for _, step in flow.groupby("until")
    ]


def test_each_step_tells_what_happened_in_it() -> None:
    book = exports(
        {"1": ("open", 100, "2026-12-01", "Ana"), "2": ("open", 70, "2026-12-01", "Ana")},
        {"1": ("open", 130, "2026-12-01", "Ana"), "2": ("open", 70, "2026-12-01", "Ben")},
        {"1": ("won", 130, "2026-09-20", "Ana"), "3": ("lost", 0, "2026-09-25", "Ana")},
    )
    flow = fa.pipeline_flow(book)
    assert happened(flow) == [
        {"opening": 170, "increased": 30, "closing": 200},
        {"opening": 200, "won": -130, "vanished": -70},
    ]
    # Created and lost between two exports, with amount 0: it moves no money, but it is counted in both causes.
    last = flow[flow["until"] == DATES[2]].set_index("cause")["opportunities"]
    assert last[["new", "lost", "vanished"]].tolist() == [1, 1, 1]
    # The week of 20 September has no export: its step is joined to the next.
    pd.testing.assert_frame_equal(fa.pipeline_flow(book, every="week"), flow)
    by_owner = fa.pipeline_flow(book, by="owner")
    assert by_owner.columns[0] == "owner"
    ana = by_owner[(by_owner["owner"] == "Ana") & (by_owner["until"] == DATES[1])]
    assert happened(ana) == [{"opening": 170, "increased": 30, "moved_out": -70, "closing": 130}]


def test_the_known_traps_of_a_due_period() -> None:
    book = exports(
        {"in": ("open", 100, "2026-12-01", "Ana"), "changed": ("open", 50, "2026-09-20", "Ana")},
        {"in": ("won", 120, "2026-09-10", "Ana"), "changed": ("won", 80, "2026-09-12", "Ana")},
    )
    # Pulled in and won: + then −.  Amount changed, then won: the change, and the win at the final amount.
    assert happened(fa.pipeline_flow(book, period="2026Q3")) == [
        {"opening": 50, "pulled_in": 120, "increased": 30, "won": -200}
    ]


def test_ids_of_18_characters_that_differ_in_case_only_stay_apart() -> None:
    one, other = "006A000000LtXwPIAV", "006A000000LtXwpIAV"
    book = exports(
        {one: ("open", 100, "2026-12-01", "Ana"), other: ("open", 7, "2026-12-01", "Ana")},
        {one: ("won", 100, "2026-09-10", "Ana"), other: ("open", 7, "2026-12-01", "Ana")},
    )
    assert happened(fa.pipeline_flow(book)) == [{"opening": 107, "won": -100, "closing": 7}]


def test_weeks_from_a_history_add_up_to_the_whole() -> None:
    book = team_book(80)
    since, until = pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")
    weeks = fa.pipeline_flow(book, every="week", since=since, until=until)
    ends = weeks["until"].drop_duplicates().tolist()
    # Sundays, and the day on which the flow was asked to end.
    assert (ends[0], ends[-2], ends[-1], len(ends)) == (
        pd.Timestamp("2026-07-05"), pd.Timestamp("2026-09-27"), until, 14,
    )  # fmt: skip
    whole = fa.pipeline_changes(book, since=since, until=until).set_index("cause")["amount"]
    sums = weeks.groupby("cause")["amount"].sum()
    assert sums[["won", "lost"]].tolist() == pytest.approx(whole[["won", "lost"]].tolist())
    assert weeks["amount"].iloc[0] == whole["opening"]
    assert weeks["amount"].iloc[-1] == whole["closing"]
    monthly = fa.pipeline_flow(book, every="month", since=since)
    assert monthly["until"].nunique() == 3
    assert fa.pipeline_flow(team_book(20, exports=1))["until"].nunique() > 100


def test_the_weeks_of_a_part_begin_where_those_of_the_whole_do() -> None:
    book = team_book(60, exports=1)
    last = book.history.groupby("opportunity_id")["changed_at"].min().idxmax()
    part = book.where(opportunity_id=last)
    whole, weeks = (fa.pipeline_flow(one, every="week") for one in (book, part))
    assert part.history_from == book.history_from
    assert weeks["until"].unique().tolist() == whole["until"].unique().tolist()
    # Before its own history begins it is not there yet.
    assert weeks.loc[weeks["cause"] == "opening", "opportunities"].iloc[0] == 0


def test_what_cannot_be_told_is_explained() -> None:
    with pytest.raises(HistoryError, match="needs two dates"):
        fa.pipeline_flow(team_book(20, exports=1, history=False))
    with pytest.raises(HistoryError, match="does not know"):
        fa.pipeline_flow(team_book(20), every="week", since="2019-01-01")
    with pytest.raises(ArgumentError, match="Accepted: export, month, quarter, week"):
        fa.pipeline_flow(team_book(20), every="weekly")


ROW = st.tuples(
    st.sampled_from(["open", "open", "won", "lost"]),
    st.one_of(st.none(), st.just(0.0), st.integers(-500, 10**9).map(lambda cents: cents / 100)),
    st.dates(pd.Timestamp("2026-07-01").date(), pd.Timestamp("2027-03-31").date()),
    st.sampled_from(["Ana", "Ben", None]),
)
LOOK = st.dictionaries(st.integers(0, 8).map(str), ROW, min_size=1)


@settings(max_examples=30)
@given(LOOK, LOOK, LOOK, st.sampled_from([None, "2026Q3"]), st.sampled_from([None, "owner"]))
def test_every_step_balances_and_hands_its_closing_on(
    first: dict, second: dict, third: dict, period: str | None, by: str | None
) -> None:
    book = exports(first, second, third)
    if not book.has_money:
        with pytest.raises(AmountError):
            fa.pipeline_flow(book)
        return
    flow = fa.pipeline_flow(book, period=period, by=by)
    flow["cents"] = (flow["amount"] * 100).round().astype("int64")
    whole = flow.groupby(["until", "cause"])["cents"].sum().unstack()
    assert (whole.drop(columns="closing").sum(axis=1) == whole["closing"]).all()
    if period is None and by is None:
        # One look knows closed opportunities that the next no longer lists, and that changes no balance.
        assert whole["closing"].iloc[0] == whole["opening"].iloc[1]
    for _, step in flow.groupby([flow[by].fillna("nobody") if by else flow["cause"].notna(), "until"]):
        cents = step.set_index("cause")["cents"]
        assert cents.drop("closing").sum() == cents["closing"]


def test_two_exports_are_one_step_also_where_a_history_tells_every_week() -> None:
    assert fa.pipeline_flow(team_book(20, exports=2))["until"].nunique() == 1


def test_a_closing_that_only_a_later_export_tells_counts_from_its_day_on_and_today_is_known() -> None:
    """Closed on 20 May, first listed so on 30 June; the book is of 10 July, its log of others."""
    rows = pd.DataFrame({"opportunity_id": ["1", "2"], "outcome": ["won", "open"]})
    rows = rows.assign(stage="Proof", amount=10.0, as_of=pd.Timestamp("2026-06-30"))
    rows["created_date"] = pd.Timestamp("2026-01-10")
    rows["close_date"] = pd.to_datetime(["2026-05-20", "2026-12-01"])
    history = pd.DataFrame({"opportunity_id": "2", "changed_at": [pd.Timestamp("2026-02-01")], "stage": "Proof"})
    book = fa.assemble(fa.Parts(snapshots=rows, history=history), as_of="2026-07-10")
    outcomes = [state_at(book, pd.Timestamp(day))["outcome"]["1"] for day in ("2026-05-19", "2026-05-20", "2026-07-10")]
    assert outcomes == ["open", "won", "won"]


def test_a_day_between_exports_is_what_the_log_said_by_its_end_and_what_a_later_export_tells_of_it() -> None:
    """The export of 31 March and a log from 5 January; asked is 15 February, on which no export was made.

    `moved` changed its amount that afternoon. `overdue` was to close on 1 February and is open still: its amount is that
    of the log, not of the export. `lost` ended on 10 February, which only the export tells; what the log says of the same
    day stands against nothing. `later` ended a day after.
    """
    open_then, day = ("open", "2026-06-30"), pd.Timestamp("2026-02-15")
    looks = {
        "moved": (*open_then, 300.0), "overdue": ("open", "2026-02-01", 250.0),
        "lost": ("lost", "2026-02-10", 90.0), "later": ("won", "2026-02-16", 70.0),
    }  # fmt: skip
    export = pd.DataFrame(
        [(key, "Proof", *row) for key, row in looks.items()],
        columns=["opportunity_id", "stage", "outcome", "close_date", "amount"],
    ).assign(as_of=pd.Timestamp("2026-03-31"), created_date=pd.Timestamp("2026-01-05"), currency="EUR")
    log = pd.DataFrame(
        [(key, "2026-01-05 09:00", "Discover", "2026-02-01", 100.0) for key in looks]
        + [("moved", "2026-02-15 17:00", "Develop", None, 200.0), ("lost", "2026-02-10 11:00", "Develop", None, None)],
        columns=["opportunity_id", "changed_at", "stage", "close_date", "amount"],
    )
    for frame, columns in ((export, ["close_date"]), (log, ["changed_at", "close_date"])):
        frame[columns] = frame[columns].apply(pd.to_datetime)
    book = fa.assemble(fa.Parts(snapshots=export, history=log), as_of="2026-03-31")
    state = state_at(book, day)
    assert state["outcome"].to_dict() == {"moved": "open", "overdue": "open", "lost": "lost", "later": "open"}
    assert state["amount"].to_dict() == {"moved": 200, "overdue": 100, "lost": 90, "later": 100}
    assert state.loc["moved", "stage"] == "Develop"
    assert state_at(book, day - pd.Timedelta(days=1)).loc["moved", "amount"] == 100
