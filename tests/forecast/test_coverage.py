"""Coverage by hand: gap, yield, what is needed, whose quota; and the words for what cannot be said."""

import json
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book, team_parts
from funnel_analytics import tables
from funnel_analytics.errors import ArgumentError
from funnel_analytics.forecast.quotas import period_quota
from funnel_analytics.forecast.record.earlier import earlier_periods, past_yields
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.periods import FiscalCalendar
from funnel_analytics.words import word_keys

ROWS = [
    # id, owner, team, outcome, amount, close date
    ("1", "Ana", "North", "won", 100, "2026-10-05"),
    ("2", "Ana", "North", "open", 300, "2026-12-31"),
    ("3", "Ben", "North", "open", 200, "2026-11-30"),
    ("4", "Ben", "North", "open", 900, "2027-01-15"),  # due later
    ("5", "Cai", "South", "open", 1, "2026-11-30"),  # a placeholder
    ("6", "Cai", "South", "open", 50, None),
    ("7", None, None, "open", 40, "2026-08-01"),  # overdue, not due in the period
]


def book(
    *quotas: tuple[str | None, str | None, str, float],
    as_of: str = "2026-10-15",
    regions: dict[str, str] | None = None,
    categories: dict[str, str] | None = None,
) -> fa.Book:
    frame = pd.DataFrame(ROWS, columns=["opportunity_id", "owner", "team", "outcome", "amount", "close_date"])
    frame = frame.assign(stage="Proof", currency="EUR", close_date=pd.to_datetime(frame["close_date"]))
    frame["region"] = frame["opportunity_id"].map(regions or {})
    frame["forecast_category"] = frame["opportunity_id"].map(categories or {})
    listed = pd.DataFrame(quotas, columns=["owner", "team", "period", "quota"])
    return fa.assemble(fa.Parts(snapshots=frame, quotas=listed), as_of=as_of)


def test_the_gap_and_what_covers_it() -> None:
    row = fa.pipeline_coverage(book((None, None, "2026Q4", 600))).iloc[0]
    assert row[["quota", "won_amount", "gap", "open_amount"]].tolist() == [600, 100, 500, 500]
    assert row[["coverage", "coverage_of_quota", "attainment"]].tolist() == [
        1.0,
        pytest.approx(500 / 600),
        pytest.approx(1 / 6),
    ]
    assert row[["placeholders", "without_close_date", "overdue_opportunities"]].tolist() == [1, 1, 1]


def test_what_a_seller_omits_counts_here_and_is_not_summed_in_the_weighted_pipeline() -> None:
    # Of 300 and 200 that are due, the 200 are omitted.
    team = book((None, None, "2026Q4", 600), categories={"3": "omitted"})
    assert fa.pipeline_coverage(team).iloc[0][["open_amount", "coverage"]].tolist() == [500, 1.0]
    assert fa.weighted_forecast(team, by=None, period="2026Q4").iloc[0][["amount", "omitted"]].tolist() == [300, 1]


def test_without_history_one_in_four_is_assumed_and_the_row_says_from_how_many_periods() -> None:
    row = fa.pipeline_coverage(book((None, None, "2026Q4", 600))).iloc[0]
    # 500 ÷ 0.25 = 2,000 needed, 500 there.
    assert row[["yield_periods", "required_coverage", "required_amount", "to_create"]].tolist() == [
        0,
        4.0,
        2000.0,
        1500.0,
    ]
    assert row["status"] == "short"


@pytest.mark.parametrize(
    ("quota", "status"),
    [
        (100.0, "quota_met"),
        (80.0, "quota_met"),
        (0.0, "zero_quota"),
        (None, "no_quota"),
        (110.0, "covered"),
        # A gap of 125 needs four times as much: 500, which is there; one more is too much.
        (225.0, "covered"),
        (226.0, "short"),
    ],
)
def test_what_cannot_be_divided_is_a_word(quota: float | None, status: str) -> None:
    row = fa.pipeline_coverage(book() if quota is None else book((None, None, "2026Q4", quota))).iloc[0]
    assert row["status"] == status
    assert pd.isna(row["coverage"]) == (status not in ("covered", "short"))
    assert pd.isna(row["attainment"]) == (status in ("no_quota", "zero_quota"))
    assert row["to_create"] == 4.0 if status == "short" else not row["to_create"] > 0
    assert all(f"values.{status}" in word_keys(lang) for lang in LANGUAGES)


def test_a_period_that_is_over_is_met_or_missed_and_needs_nothing_more() -> None:
    past = fa.pipeline_coverage(book((None, None, "2026Q3", 600)), period="2026Q3").iloc[0]
    assert (past["status"], past["gap"]) == ("missed", 600)
    assert past[["coverage", "required_coverage", "to_create"]].isna().all()


def test_a_period_is_over_on_its_last_day_and_what_closes_today_is_not_overdue() -> None:
    eve, last = (
        fa.pipeline_coverage(book((None, None, "2026Q4", 600), as_of=day), period="2026Q4").iloc[0]
        for day in ("2026-12-30", "2026-12-31")
    )
    assert (eve["status"], last["status"]) == ("short", "missed")
    assert eve[["required_coverage", "yield_rate", "expected_from_due"]].tolist() == [4.0, 0.25, 125.0]
    assert last[["required_coverage", "yield_rate", "expected_from_due"]].isna().all()
    # 3, 5 and 7 are overdue on either day; 2 closes on the last.
    assert (eve["overdue_opportunities"], last["overdue_opportunities"]) == (3, 3)


def test_owners_and_teams_have_their_own_quotas_also_without_an_opportunity() -> None:
    table = fa.pipeline_coverage(book(("Ana", None, "2026Q4", 300), ("Dee", None, "2026Q4", 200)), by="owner")
    assert table["owner"].tolist()[:4] == ["Ana", "Ben", "Cai", "Dee"]
    assert table["owner"].isna().tolist() == [False, False, False, False, True]
    assert table["status"].tolist() == ["short", "no_quota", "no_quota", "short", "no_quota"]
    # Dee has a quota and nothing else.
    assert table["won_amount"].tolist() == [100, 0, 0, 0, 0]
    assert table["open_amount"].tolist() == [300, 200, 0, 0, 0]
    teams = fa.pipeline_coverage(
        book(("Ana", None, "2026Q4", 300), ("Ben", None, "2026Q4", 200), (None, "South", "2026Q4", 70)), by="team"
    ).set_index("team")
    assert teams.loc[["North", "South"], "quota"].tolist() == [500, 70]


def test_a_quota_of_the_whole_is_not_compared_with_a_part() -> None:
    table = fa.pipeline_coverage(book((None, None, "2026Q4", 600)), by="owner")
    assert set(table["status"]) == {"no_quota"}


def test_months_make_a_quarter_and_a_quarter_is_never_divided() -> None:
    months = book(*(("Ana", None, f"2026-{month}", 100.0) for month in (10, 11, 12)), ("Ben", None, "2026-10", 70.0))
    assert period_quota(months, months.period("2026Q4")) == 300
    assert period_quota(months, months.period("2026-10")) == 170
    year = book(("Ana", None, "2026", 1200.0))
    assert period_quota(year, year.period("2026Q4")) is None


def test_a_label_that_is_no_period_counts_nowhere() -> None:
    told = book(("Ana", None, "soon", 5.0), ("Ana", None, "2026Q4", 300))
    assert period_quota(told, told.period("2026Q4")) == 300


def test_another_part_has_the_quotas_of_the_sellers_that_lie_wholly_within_it() -> None:
    quotas = [("Ana", None, "2026Q4", 300.0), ("Ben", None, "2026Q4", 200.0)]
    regions = {"1": "East", "2": "East", "3": "East", "4": "West"}
    parts = fa.pipeline_coverage(book(*quotas, regions=regions), by="region").set_index("region")
    # One of Ben's two opportunities is in the West: his quota belongs to neither, and Ana's says too little of the East.
    assert parts["quota"].isna().all()
    parts = fa.pipeline_coverage(book(*quotas, regions=regions | {"4": "East"}), by="region").set_index("region")
    assert parts.loc["East", "quota"] == 500


def test_what_is_stated_for_the_quarter_goes_before_its_months() -> None:
    both = book(("Ana", None, "2026Q4", 250), *(("Ana", None, f"2026-{month}", 100.0) for month in (10, 11, 12)))
    assert period_quota(both, both.period("2026Q4")) == 250


def test_parts_add_up_to_the_whole() -> None:
    team = team_book(200)
    total = fa.pipeline_coverage(team).iloc[0]
    for by in ("owner", "region", "stage"):
        parts = fa.pipeline_coverage(team, by=by)
        assert list(parts.columns) == [by, *tables.PIPELINE_COVERAGE.names]
        for column in ("won_amount", "open_amount", "open_opportunities", "overdue_opportunities"):
            assert parts[column].sum() == pytest.approx(total[column])


def test_the_yield_looks_at_earlier_quarters_on_the_same_day_and_only_at_what_was_due() -> None:
    team = team_book(300)
    found = past_yields(team, team.period("2026Q4"))
    assert [one.period.label for one in found][:2] == ["2026Q3", "2026Q2"]
    # By hand for 2026Q3: open at the end of June and due in the quarter; won in it.
    june = team.snapshots[team.snapshots["as_of"] == "2026-06-30"]
    due = june[
        (june["outcome"] == "open") & june["close_date"].between("2026-07-01", "2026-09-30") & (june["amount"] > 1)
    ]
    rows = team.opportunities
    won = rows[(rows["outcome"] == "won") & rows["close_date"].between("2026-07-01", "2026-09-30")]
    assert found[0].due == pytest.approx(due["amount"].sum())
    assert found[0].won == pytest.approx(won["amount"].sum())
    assert found[0].won_from_due == pytest.approx(
        won.loc[won["opportunity_id"].isin(due["opportunity_id"]), "amount"].sum()
    )


@pytest.mark.parametrize(
    ("first", "due", "known"),
    [
        ("2026-06-30", "2026-08-31", True),
        # Ten days before and after tell how the pipeline stood, eleven do not.
        ("2026-06-20", "2026-08-31", True), ("2026-06-19", "2026-08-31", False),
        ("2026-07-10", "2026-08-31", True), ("2026-07-11", "2026-08-31", False),
        # Nothing was due in the quarter that was won in it.
        ("2026-06-30", "2026-10-01", False),
    ],
)  # fmt: skip
def test_an_earlier_quarter_is_known_from_an_export_near_its_eve(first: str, due: str, known: bool) -> None:
    rows = pd.DataFrame(
        [("1", first, "open", due), ("1", "2026-09-30", "won", "2026-08-15")],
        columns=["opportunity_id", "as_of", "outcome", "close_date"],
    )
    dates = {name: pd.to_datetime(rows[name]) for name in ("as_of", "close_date")}
    opportunities = fa.assemble(fa.Parts(snapshots=rows.assign(amount=100.0, stage="Proof", **dates)))
    found = past_yields(opportunities, opportunities.period("2026Q4"))
    assert [(one.period.label, one.due, one.won, one.won_from_due) for one in found] == (
        [("2026Q3", 100, 100, 100)] if known else []
    )
    row = fa.pipeline_coverage(opportunities, period="2026Q4").iloc[0]
    # 100 of 100, and 0.25 of four periods of 100: 200 of 500.
    assert row["yield_rate"] == (0.4 if known else 0.25)
    assert row["yield_periods"] == known
    assert row["won_from_due"] == 1 if known else pd.isna(row["won_from_due"])


def test_a_part_of_a_team_is_logged_since_the_whole_team_is() -> None:
    """Both were open on 30 June and won in August; the log begins with Ana's in June, Li's first change is in September."""
    history = pd.DataFrame({"opportunity_id": ["1", "2"], "changed_at": pd.to_datetime(["2026-06-01", "2026-09-01"])})
    rows = pd.DataFrame(
        {"opportunity_id": ["1", "2"], "owner": ["Ana", "Li"], "close_date": pd.Timestamp("2026-08-20")}
    )
    rows = rows.assign(
        as_of=pd.Timestamp("2026-09-30"),
        created_date=pd.Timestamp("2026-05-01"),
        outcome="won",
        amount=100.0,
        stage="Proof",
    )
    history = history.assign(stage="Proof", close_date=pd.to_datetime(["2026-08-20", None]))
    team = fa.assemble(fa.Parts(snapshots=rows, history=history))
    for part, amount in ((team, 200), (team.where(owner="Ana"), 100), (team.where(owner="Li"), 100)):
        found = past_yields(part, team.period("2026Q4"))
        assert [(one.period.label, one.due, one.won_from_due) for one in found] == [("2026Q3", amount, amount)]
    # A log without close dates does not know what was due: those that were put off since would be missing.
    bare = fa.assemble(fa.Parts(snapshots=rows, history=history.drop(columns="close_date")))
    assert past_yields(bare, bare.period("2026Q4")) == []


def test_a_quarter_that_is_over_learns_from_none() -> None:
    """The last day of a quarter of 90 days: the 90th of the quarter before it had two more to come."""
    rows = pd.DataFrame(
        [("1", "2025-12-29", "open", "2025-12-31"), ("1", "2026-03-31", "won", "2025-12-30")],
        columns=["opportunity_id", "as_of", "outcome", "close_date"],
    )
    dates = {name: pd.to_datetime(rows[name]) for name in ("as_of", "close_date")}
    opportunities = fa.assemble(fa.Parts(snapshots=rows.assign(amount=100.0, stage="Proof", **dates)))
    assert len(past_yields(opportunities, opportunities.period("2026Q1"))) == 1
    assert fa.pipeline_coverage(opportunities, period="2026Q1").iloc[0]["yield_periods"] == 0


def test_on_its_last_day_a_quarter_has_nothing_to_come_and_far_ahead_none_came_before() -> None:
    team = team_book(60)
    assert past_yields(team, team.period("2026Q3")) == []
    assert past_yields(team, team.period("2050Q1")) == []
    empty = team.where(owner="Ana Ruiz", region="South")
    assert past_yields(empty, team.period("2026Q4")) == []


def test_a_calendar_month_is_held_against_months_of_weeks() -> None:
    weeks = fa.assemble(team_parts(60), calendar=FiscalCalendar(2, "4-5-4", "nearest saturday", "start"))
    assert [period.label for period in earlier_periods(weeks, weeks.period("2026-10"), 2)] == ["2026M07", "2026M06"]


def test_a_quarter_of_the_calendar_year_that_is_no_fiscal_one_is_held_against_quarters() -> None:
    # Fiscal quarters begin in February, May, August and November: October to December is none of them.
    book = fa.assemble(team_parts(60), calendar=2)
    assert [period.label for period in earlier_periods(book, book.period("CY2026Q4"), 2)] == ["2027Q2", "2027Q1"]


def test_what_is_due_is_expected_to_yield_what_it_yielded_before() -> None:
    row = fa.pipeline_coverage(team_book(200), period="2026Q4").iloc[0]
    assert row["open_amount"] > 0
    assert row["expected_from_due"] == pytest.approx(row["open_amount"] * row["yield_rate"])


def test_golden_coverage(shared: Path) -> None:
    golden = json.loads((shared / "golden" / "expected.json").read_text(encoding="utf-8"))["coverage"]
    row = fa.pipeline_coverage(fa.read_exports(shared / "golden"), period="2024Q3", quota=golden["quota_Q3"]).iloc[0]
    assert (row["won_amount"], row["gap"]) == (golden["won_to_date"], golden["gap"])
    assert row["coverage"] == pytest.approx(golden["coverage_ratio"], abs=1e-6)
    assert row["yield_rate"] == pytest.approx(golden["shrunk_yield"]["value"], abs=1e-6)
    assert row["required_coverage"] == pytest.approx(golden["coverage_needed"], abs=1e-6)
    assert row["required_amount"] == pytest.approx(golden["pipeline_needed"], abs=0.05)
    past = past_yields(fa.read_exports(shared / "golden"), fa.read_exports(shared / "golden").period("2024Q3"))
    assert [(one.due, one.won) for one in past] == [(golden["yield_Q2"]["due_at_start"], golden["yield_Q2"]["won"])]


def test_a_quota_for_all_cannot_be_split() -> None:
    with pytest.raises(ArgumentError, match="leave out by="):
        fa.pipeline_coverage(book(), by="owner", quota=5.0)
    with pytest.raises(ArgumentError, match="Did you mean 'owner'"):
        fa.pipeline_coverage(book(), by="ownr")


def test_levels_of_quotas_are_not_added_and_two_quarters_are_a_half() -> None:
    told = book((None, "North", "2026Q3", 600), ("Ana", "North", "2026Q3", 100), (None, "North", "2026Q4", 50))
    assert period_quota(told, told.period("2026Q3")) == 600
    assert period_quota(told, told.period("2026H2")) == 650
