"""Real exports, read with the profiles beside this file: the numbers that are known of them."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa

PROFILES = Path(__file__).parent / "profiles"
NAMES = ["maven", "regional_sales", "salesforce_history", "salesforce_demo_org", "loan_applications"]
_BOOKS: dict[str, fa.Book] = {}


def book_of(shared: Path, name: str) -> fa.Book:
    """Each export is read once for all tests; a Book cannot be changed."""
    if name not in _BOOKS:
        _BOOKS[name] = fa.read_exports(shared / "data" / "real" / name, profile=PROFILES / f"{name}.toml")
    return _BOOKS[name]


def won_by_quarter(book: fa.Book) -> dict[str, int]:
    won = book.opportunities[book.opportunities["outcome"] == "won"]
    sums = won.groupby(won["close_date"].dt.to_period("Q").astype("str"))["amount"].sum()
    return {quarter: round(amount) for quarter, amount in sums.items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_accounted_for(shared: Path, name: str) -> None:
    receipt = book_of(shared, name).receipt
    assert (receipt["rows_in"] == receipt["rows_kept"] + receipt["rows_set_aside"]).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_analysis_runs(shared: Path, name: str) -> None:
    book = book_of(shared, name)
    for analysis in (fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.account_segments, fa.account_assessment):
        assert len(analysis(book)) or not len(book.accounts)
    parts = fa.outlook(book).set_index("component")["mean"]
    assert parts["total"] >= 0


def test_maven_four_tables_joined(shared: Path) -> None:
    book = book_of(shared, "maven")
    assert len((PROFILES / "maven.toml").read_text(encoding="utf-8").splitlines()) <= 30
    assert len(book.opportunities) == 8800
    found = {quarter: amount for quarter, amount in won_by_quarter(book).items() if quarter.startswith("2017")}
    assert found == {"2017Q1": 1_134_672, "2017Q2": 3_086_111, "2017Q3": 2_982_255, "2017Q4": 2_802_496}
    assert book.opportunities["region"].notna().all()
    assert book.opportunities["manager"].nunique() == 6
    assert (book.opportunities["product"] == "GTX Pro").sum() == 1480
    spelling = book.issues[book.issues["reason"] == "spelling"]
    assert "GTXPro" in " ".join(spelling["value"]) + " ".join(spelling["message"])


def test_regional_sales_keeps_stage_and_status_apart(shared: Path) -> None:
    book = book_of(shared, "regional_sales")
    rows = book.opportunities
    assert len(rows) == 20_000
    assert rows.loc[rows["outcome"] == "won", "stage"].nunique() == 4
    won = won_by_quarter(book)
    assert [won[quarter] for quarter in ("2021Q1", "2021Q2", "2021Q3")] == [2_652_971, 4_454_500, 8_402_513]
    assert book.open_opportunities["amount"].sum() == 27_812_381
    assert round(fa.weighted_forecast(book)["weighted_crm"].sum() + 0.001) == 10_893_406


def test_salesforce_history_dates_are_found_and_contradictions_reported(shared: Path) -> None:
    book = book_of(shared, "salesforce_history")
    assert (len(book.opportunities), len(book.history)) == (219, 584)
    raw = pd.read_csv(shared / "data" / "real" / "salesforce_history" / "Opportunity.csv", dtype="str")
    expected = pd.to_datetime(raw.set_index("Id")["CreatedDate"], format="%d/%m/%Y")
    found = book.opportunities.set_index("opportunity_id")["created_date"]
    assert (found == expected.reindex(found.index)).all()
    assert fa.stage_conversion(book)["backward_moves"].sum() == 72
    assert (book.issues["kind"] == "contradiction").sum() > 0


def test_salesforce_history_needs_no_profile_of_its_own(shared: Path) -> None:
    folder = shared / "data" / "real" / "salesforce_history"
    book = fa.read_exports([folder / "Opportunity.csv", folder / "Opportunity History.csv"])
    assert (len(book.opportunities), len(book.history)) == (219, 584)
    assert fa.stage_conversion(book)["backward_moves"].sum() == 72


def test_the_demo_orgs_opportunity_history_is_a_stage_history(shared: Path) -> None:
    book = book_of(shared, "salesforce_demo_org")
    assert (len(book.opportunities), len(book.history)) == (36, 48)
    assert set(book.stage_log["source"]) == {"history"}
    # United Oil SLA and others: 36 opportunities, 12 of them won.
    assert (book.opportunities["outcome"] == "won").sum() == 12


def test_loan_applications_are_a_funnel_with_true_history(shared: Path) -> None:
    book = book_of(shared, "loan_applications")
    assert len(book.opportunities) == 13_087
    assert (book.opportunities["outcome"] == "won").sum() == 2246
    table = fa.stage_conversion(book)
    assert table["entered"].iloc[0] == 13_087
    assert (fa.time_in_stage(book)["visits"] > 0).all()


def test_golden_files_are_read_without_a_profile(shared: Path) -> None:
    folder = shared / "golden"
    by_folder = fa.read_exports(folder)
    by_paths = fa.read_exports(
        [folder / name for name in ("export_2024-04-01.csv", "export_2024-07-01.csv", "history.csv")]
    )
    for book in (by_folder, by_paths):
        assert [f"{date:%Y-%m-%d}" for date in book.export_dates] == ["2024-04-01", "2024-07-01"]
        assert len(book.opportunities) == 8
    pd.testing.assert_frame_equal(by_folder.stage_log, by_paths.stage_log)
