"""The weighted pipeline by hand: periods, columns, and what is counted apart."""

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.errors import AmountError, ArgumentError

ROWS = [
    # id, stage, amount, close date, probability, category, owner
    ("1", "Proof", 100, "2026-11-30", 0.5, "commit", "Ana"),  # 0.6
    ("2", "Develop", 200, "2026-12-31", None, "pipeline", "Ana"),  # 0.2
    ("3", "Close", 300, "2027-01-01", 0.9, "commit", "Ben"),  # 0.8
    ("4", "Close", 50, "2026-08-01", 0.1, "commit", "Ben"),  # overdue
    ("5", "Qualify", 400, None, None, "pipeline", None),  # no date, no owner
    ("6", "Close", 1, "2026-11-30", 0.5, "pipeline", "Ana"),  # placeholder
    ("7", "Close", 0, "2026-11-30", 0.5, "pipeline", "Ana"),  # placeholder
    ("8", "Close", None, "2026-11-30", 0.5, "pipeline", "Ana"),  # placeholder
    ("9", "Close", 900, "2026-11-30", 0.5, "omitted", "Ana"),  # omitted
]


def book(**options: object) -> fa.Book:
    columns = ["opportunity_id", "stage", "amount", "close_date", "probability", "forecast_category", "owner"]
    frame = pd.DataFrame(ROWS, columns=columns).assign(outcome="open", currency="EUR")
    frame["close_date"] = pd.to_datetime(frame["close_date"])
    return fa.assemble(fa.Parts(snapshots=frame), as_of="2026-10-15", **options)


def test_rows_are_periods_in_order_of_time_and_no_date_comes_last() -> None:
    table = fa.weighted_forecast(book())
    assert table["period"].tolist() == ["2026Q3", "2026Q4", "2027Q1", "no_date"]
    assert table["overdue"].tolist() == [True, False, False, False]
    assert table["amount"].tolist() == [50, 300, 300, 400]
    assert table["period_start"].dt.strftime("%Y-%m-%d").tolist()[:2] == ["2026-07-01", "2026-10-01"]
    assert table["period_end"].isna().tolist() == [False, False, False, True]


def test_each_probability_weighs_for_itself() -> None:
    quarter = fa.weighted_forecast(book()).set_index("period").loc["2026Q4"]
    assert quarter["weighted_nominal"] == pytest.approx(0.6 * 100 + 0.2 * 200)
    assert quarter["weighted_crm"] == pytest.approx(0.5 * 100)
    assert quarter["without_crm"] == 1
    # Nothing is closed: there is nothing to measure with.
    assert pd.isna(quarter["weighted_measured"])


def test_placeholders_and_omitted_are_counted_apart_and_not_summed() -> None:
    quarter = fa.weighted_forecast(book()).set_index("period").loc["2026Q4"]
    assert (quarter["opportunities"], quarter["placeholders"], quarter["omitted"]) == (2, 3, 1)
    assert quarter["largest"] == 200


def test_without_its_three_largest_the_total_is_what_the_small_ones_bring() -> None:
    total = fa.weighted_forecast(book(), by=None).iloc[0]
    # 400, 300 and 200 go; 100 · 0.6 and 50 · 0.8 stay.
    assert total["period"] == "total"
    assert total["weighted_nominal_without_largest"] == pytest.approx(100)
    assert total["amount"] == 1050


def test_every_split_adds_up_to_the_total() -> None:
    team = team_book(200)
    total = fa.weighted_forecast(team, by=None).iloc[0]
    sums = [
        "opportunities",
        "amount",
        "weighted_nominal",
        "weighted_crm",
        "weighted_measured",
        "placeholders",
        "omitted",
    ]
    for by in ("month", "quarter", "half", "year", "owner", "region", "forecast_category", "stage"):
        table = fa.weighted_forecast(team, by=by)
        assert list(table.columns) == tables.WEIGHTED_FORECAST.names
        assert table[sums].sum().to_numpy(dtype=float) == pytest.approx(total[sums].to_numpy(dtype=float))


def test_a_column_gives_one_row_per_value_and_one_for_none() -> None:
    table = fa.weighted_forecast(book(), by="owner")
    assert table["period"].isna().tolist() == [False, False, True]
    assert table["period"].tolist()[:2] == ["Ana", "Ben"]


def test_months_and_a_fiscal_year_of_its_own() -> None:
    assert fa.weighted_forecast(book(), by="month")["period"].tolist() == [
        "2026-08",
        "2026-11",
        "2026-12",
        "2027-01",
        "no_date",
    ]
    assert fa.weighted_forecast(book(calendar=4), by="year")["period"].tolist() == ["2027", "no_date"]


def test_the_measured_weight_appears_with_history() -> None:
    assert fa.weighted_forecast(team_book(200), by=None)["weighted_measured"].notna().all()


def test_an_unknown_split_names_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"Did you mean 'quarter'\? Accepted: .*owner.*quarter"):
        fa.weighted_forecast(book(), by="quater")


def test_without_amounts_there_is_no_weighted_pipeline() -> None:
    with pytest.raises(AmountError):
        fa.weighted_forecast(team_book(30, money=False))


def test_a_book_without_open_opportunities_gives_an_empty_table() -> None:
    closed = team_book(60).where(outcome=["won", "lost"])
    assert fa.weighted_forecast(closed).empty
    assert fa.weighted_forecast(closed, by=None)["amount"].tolist() == [0.0]


def test_each_weighting_stands_without_the_largest_too() -> None:
    total = fa.weighted_forecast(book(), by=None, without_largest=1).iloc[0]
    # Without 400 (Qualify, no CRM probability): 650; nominal 0.6 · 100 + 0.2 · 200 + 0.8 · 350; CRM 50 + 270 + 5.
    assert total["amount_without_largest"] == 650
    assert total["weighted_nominal_without_largest"] == pytest.approx(380)
    assert total["weighted_crm_without_largest"] == pytest.approx(325)
    assert pd.isna(total["weighted_measured_without_largest"])
    assert total["method"] == "prior_only"
    with pytest.raises(ArgumentError, match="without_largest"):
        fa.weighted_forecast(book(), without_largest=-1)


def test_single_categories_stand_in_their_own_order() -> None:
    table = fa.weighted_forecast(book(), by="forecast_category")
    assert table["period"].tolist() == ["commit", "pipeline", "omitted"]
    assert table["amount"].tolist() == [450, 600, 0]
    assert table["omitted"].tolist() == [0, 0, 1]


def test_cumulative_categories_hold_all_that_are_surer() -> None:
    table = fa.weighted_forecast(book(), by="forecast_category", rollup="cumulative")
    assert table["period"].tolist() == ["commit", "commit_best_case", "commit_best_case_pipeline", "omitted"]
    assert table["amount"].tolist() == [450, 450, 1050, 0]


def test_of_a_period_what_was_won_is_the_surest() -> None:
    rows = book().snapshots
    won = rows.iloc[:1].assign(opportunity_id="W", outcome="won", amount=70.0, close_date=pd.Timestamp("2026-10-02"))
    part = fa.assemble(fa.Parts(snapshots=pd.concat([rows, won])), as_of="2026-10-15")
    single = fa.weighted_forecast(part, by="forecast_category", period="2026Q4")
    assert single[["period", "amount"]].to_numpy().tolist() == [
        ["won", 70],
        ["commit", 100],
        ["pipeline", 200],
        ["omitted", 0],
    ]
    table = fa.weighted_forecast(part, by="forecast_category", period="2026Q4", rollup="cumulative").set_index("period")
    assert table.loc["won_commit", ["amount", "weighted_nominal"]].tolist() == [170, pytest.approx(70 + 60)]
    assert table.loc["won_commit_best_case_pipeline", "amount"] == 370


def test_what_was_won_is_the_same_sum_wherever_it_stands() -> None:
    rows = book().snapshots
    won = rows.iloc[[0] * 4].assign(opportunity_id=list("WXYZ"), outcome="won", close_date=pd.Timestamp("2026-10-02"))
    # 70 and 1 won, 20 credited, and one win of which no amount is known: 51 in three.
    team = fa.assemble(
        fa.Parts(snapshots=pd.concat([rows, won.assign(amount=[70.0, 1.0, -20.0, None])])), as_of="2026-10-15"
    )
    row = fa.weighted_forecast(team, by="forecast_category", period="2026Q4").iloc[0]
    assert row[["period", "opportunities", "amount", "weighted_nominal", "placeholders"]].tolist() == [
        "won",
        3,
        51,
        51,
        1,
    ]
    assert fa.pipeline_coverage(team, period="2026Q4")["won_amount"].iloc[0] == 51
    assert fa.outlook(team, period="2026Q4", draws=10)["mean"].iloc[0] == 51


def test_only_categories_roll_up() -> None:
    with pytest.raises(ArgumentError, match='by="forecast_category"'):
        fa.weighted_forecast(book(), rollup="cumulative")
    with pytest.raises(ArgumentError, match="Did you mean 'cumulative'"):
        fa.weighted_forecast(book(), by="forecast_category", rollup="cumulativ")


def test_the_lines_say_what_is_summed_and_why_the_rest_is_not() -> None:
    lines = fa.weighted_forecast_opportunities(book())
    assert list(lines.columns) == tables.WEIGHTED_FORECAST_OPPORTUNITIES.names
    assert lines["opportunity_id"].tolist()[:3] == ["9", "5", "3"]
    counted = lines.set_index("opportunity_id")["counted"]
    assert counted.loc[["6", "7", "8", "9"]].tolist() == ["placeholder"] * 3 + ["omitted"]
    total = fa.weighted_forecast(book(), by=None).iloc[0]
    for name in ("weighted_nominal", "weighted_crm"):
        assert lines[name].sum() == pytest.approx(total[name])
    due = fa.weighted_forecast_opportunities(book(), period="2026Q4")
    assert sorted(due["opportunity_id"]) == ["1", "2", "6", "7", "8", "9"]


def test_stages_stand_in_their_own_order() -> None:
    stages = fa.weighted_forecast(team_book(200), by="stage")["period"].tolist()
    assert stages == [key for key in team_book(200).methodology.open_stages if key in stages]
