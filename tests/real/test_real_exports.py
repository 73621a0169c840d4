"""Real files of five makers, each read with a profile of its own, against numbers counted from the raw files."""

from pathlib import Path

import pandas as pd
import pytest

from funnel_analytics.book import Book
from funnel_analytics.exports.reading import read_exports
from funnel_analytics.funnel.conversion import stage_conversion

PROFILES = Path(__file__).parent / "profiles"


def read(shared: Path, name: str) -> Book:
    return read_exports(shared / "data" / "real" / name, profile=PROFILES / f"{name}.toml")


def receipt_of(book: Book, table: str) -> pd.Series:
    return book.receipt.set_index("table").loc[table]


def won_by_quarter(book: Book) -> dict[str, float]:
    rows = book.opportunities
    won = rows[rows["outcome"] == "won"]
    sums = won.groupby(won["close_date"].dt.to_period("Q").astype("str"))["amount"].sum()
    return {str(quarter): float(total) for quarter, total in sums.items()}


@pytest.mark.parametrize(
    "name", ["maven", "regional_sales", "salesforce_history", "salesforce_demo_org", "loan_applications"]
)
def test_every_receipt_balances(shared: Path, name: str) -> None:
    receipt = read(shared, name).receipt
    assert (receipt["rows_in"] == receipt["rows_kept"] + receipt["rows_set_aside"]).all()
    assert (receipt["rows_in"] > 0).any()


class TestMaven:
    def test_the_profile_is_short(self) -> None:
        assert len((PROFILES / "maven.toml").read_text(encoding="utf-8").splitlines()) <= 30

    def test_four_tables_make_one_book_and_lose_no_row(self, shared: Path) -> None:
        book = read(shared, "maven")
        assert len(book.opportunities) == 8800
        assert receipt_of(book, "opportunities")["rows_kept"] == 8800
        assert book.opportunities[["manager", "region"]].notna().all().all()
        # 1,425 opportunities name no account; every other has the account's industry.
        assert book.opportunities["industry"].isna().sum() == 1425

    def test_won_amounts_by_close_quarter(self, shared: Path) -> None:
        assert won_by_quarter(read(shared, "maven")) == {
            "2017Q1": 1_134_672, "2017Q2": 3_086_111, "2017Q3": 2_982_255, "2017Q4": 2_802_496,
        }  # fmt: skip

    def test_a_product_spelled_in_two_ways_is_reported_and_not_lost(self, shared: Path) -> None:
        book = read(shared, "maven")
        issue = book.issues[book.issues["value"] == "GTXPro"].iloc[0]
        assert (issue["kind"], issue["reason"]) == ("repaired", "spelling")
        assert "GTX Pro" in issue["message"]
        assert (book.opportunities["product"] == "GTX Pro").sum() == 1480
        assert receipt_of(book, "opportunities")["repaired"] == 1480

    def test_a_companys_own_turnover_is_not_revenue_with_us(self, shared: Path) -> None:
        accounts = read(shared, "maven").accounts.set_index("account_name")
        assert accounts.loc["Acme Corporation", "company_revenue"] == 1100.04
        assert set(accounts["revenue_rule"]) == {"won_last_12_months"}


class TestRegionalSales:
    def test_stage_and_outcome_are_kept_apart(self, shared: Path) -> None:
        rows = read(shared, "regional_sales").opportunities
        assert len(rows) == 20_000
        won = rows[rows["outcome"] == "won"]["stage"].value_counts()
        assert won.to_dict() == {"Propose": 2683, "Develop": 2572, "Close": 1214, "Qualify": 813}

    def test_won_open_and_weighted_sums(self, shared: Path) -> None:
        book = read(shared, "regional_sales")
        won = won_by_quarter(book)
        assert [won[f"2021Q{quarter}"] for quarter in (1, 2, 3)] == [2_652_971, 4_454_500, 8_402_513]
        rows = book.open_opportunities
        assert rows["amount"].sum() == 27_812_381
        assert (rows["amount"] * rows["probability"]).sum() == pytest.approx(10_893_406, abs=1)

    def test_owner_region_and_industry_come_through_numbered_keys(self, shared: Path) -> None:
        rows = read(shared, "regional_sales").opportunities
        assert rows[["owner", "manager", "account_name", "region", "product"]].notna().all().all()
        # Industry 0 is called "n/a" in the lookup: those accounts have none.
        assert 0.8 < rows["industry"].notna().mean() < 1
        assert rows["region"].value_counts().index[0] == "North America"


class TestSalesforceHistory:
    def test_day_first_dates_are_found_from_the_dates(self, shared: Path) -> None:
        book = read(shared, "salesforce_history")
        assert (len(book.opportunities), len(book.history)) == (219, 584)
        first = book.opportunities.set_index("opportunity_id").loc["0068d000002OrZqAAK"]
        assert first["close_date"] == pd.Timestamp("2022-03-24")
        assert book.history["changed_at"].max() == pd.Timestamp("2022-12-24")

    def test_72_moves_go_back(self, shared: Path) -> None:
        assert stage_conversion(read(shared, "salesforce_history"))["backward_moves"].sum() == 72

    def test_flags_that_contradict_the_stage_are_reported_row_by_row(self, shared: Path) -> None:
        book = read(shared, "salesforce_history")
        issues = book.issues[book.issues["reason"] == "flags_against_stage"]
        # Closed Lost: 50 flagged open, 7 won. Closed Won: 65 open, 10 lost. Open stages: 2 won or lost + 3 won.
        assert len(issues) == 50 + 7 + 65 + 10 + 5
        assert set(issues["kind"]) == {"contradiction"}
        assert book.opportunities["outcome"].value_counts().to_dict() == {"won": 89, "open": 73, "lost": 57}


class TestSalesforceDemoOrg:
    def test_opportunity_history_is_read_as_stage_history(self, shared: Path) -> None:
        book = read(shared, "salesforce_demo_org")
        assert (len(book.opportunities), len(book.history)) == (36, 48)
        assert set(book.stage_log["source"]) == {"history"}
        assert book.as_of == pd.Timestamp("2026-03-07")

    def test_the_layout_is_recognised_without_a_profile(self, shared: Path) -> None:
        book = read_exports(shared / "data" / "real" / "salesforce_demo_org")
        read_tables = book.receipt[book.receipt["table"] != "ignored"].set_index("table")["profile"]
        assert read_tables.to_dict() == dict.fromkeys(["accounts", "opportunities", "history"], "salesforce_api")
        assert book.methodology.key == "salesforce"


class TestLoanApplications:
    def test_an_event_log_is_a_funnel_with_true_history(self, shared: Path) -> None:
        book = read(shared, "loan_applications")
        assert len(book.opportunities) == 13_087
        assert (book.opportunities["outcome"] == "won").sum() == 2246
        log = receipt_of(book, "history")
        assert (log["rows_in"], log["rows_kept"]) == (92_093, 43_270)
        entered = book.stage_log.groupby("stage")["opportunity_id"].nunique()
        assert (entered["A_SUBMITTED"], entered["A_PREACCEPTED"], entered["A_ACCEPTED"]) == (13_087, 7367, 5113)
