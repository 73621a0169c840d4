"""Accounts of two real makers, without ratings: every one says why it has its class, and nothing of theirs is lost."""

from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa

PROFILES = Path(__file__).parent / "profiles"


@lru_cache
def read(folder: Path, name: str) -> fa.Book:
    return fa.read_exports(folder / "data" / "real" / name, profile=PROFILES / f"{name}.toml")


@pytest.fixture
def maven(shared: Path) -> fa.Book:
    return read(shared, "maven")


@pytest.fixture
def regional_sales(shared: Path) -> fa.Book:
    return read(shared, "regional_sales")


@pytest.mark.parametrize(("name", "accounts"), [("maven", 85), ("regional_sales", 300)])
def test_no_account_can_be_assessed_and_each_says_why(shared: Path, name: str, accounts: int) -> None:
    table = fa.account_segments(read(shared, name))
    assert len(table) == accounts
    assert set(table["potential_level"]) == {"not_assessable"}
    low = table["revenue_level"] == "low"
    # Low revenue is D; high revenue without ratings is a gap in the data, not a class.
    assert (table["segment"] == low.map({True: "D", False: "unrated"})).all()
    reasons = fa.segment_reasons(table)
    assert reasons.str.contains("not assessable: 0 criteria rated, too few in Account profile").all()
    assert (reasons.str.contains("is below the benchmark") == low).all()


def test_maven_accounts_are_joined_with_their_opportunities(maven: fa.Book, shared: Path) -> None:
    raw = pd.read_csv(shared / "data" / "real" / "maven" / "sales_pipeline.csv")
    table = fa.account_segments(maven).set_index("account_name")
    won = raw[raw["deal_stage"] == "Won"].groupby("account")["close_value"].sum()
    pd.testing.assert_series_equal(
        table["won_amount"].sort_index(), won.sort_index(), check_names=False, check_dtype=False
    )
    still_open = raw[raw["deal_stage"].isin(["Prospecting", "Engaging"])].groupby("account").size()
    opened = table["open_opportunities"]
    assert opened[opened > 0].to_dict() == still_open.to_dict()
    # 1,425 opportunities, all open, name no account.
    assert len(maven.open_opportunities) - int(opened.sum()) == 1425
    assert table["revenue_rule"].unique().tolist() == ["won_last_12_months"]


def test_maven_plan_asks_for_an_assessment_of_every_account(maven: fa.Book) -> None:
    plan = fa.account_plan(maven)
    assert plan["ask_next"].unique().tolist() == ["organization; opportunities; track_record"]
    high = plan["segment"] == "unrated"
    assert plan.loc[high, "findings"].str.contains("not_assessed").all()
    assert fa.plan_reasons(plan)[high].str.contains("but only 0 criteria rated").all()
    assert plan["win_rate"].between(0.4, 0.8).all()


def test_maven_products_and_accounts_are_counted_as_in_the_file(maven: fa.Book, shared: Path) -> None:
    raw = pd.read_csv(shared / "data" / "real" / "maven" / "sales_pipeline.csv")
    raw["product"] = raw["product"].replace("GTXPro", "GTX Pro")
    table = fa.whitespace(maven)
    assert len(table) == 85 * 7
    won = raw[raw["deal_stage"] == "Won"].groupby(["account", "product"]).size()
    found = table[table["won_opportunities"] > 0].set_index(["account_name", "product"])["won_opportunities"]
    assert found.to_dict() == won.to_dict()


def test_maven_subsidiaries_roll_up(maven: fa.Book, shared: Path) -> None:
    raw = pd.read_csv(shared / "data" / "real" / "maven" / "accounts.csv")
    subsidiaries = raw["subsidiary_of"].notna()
    whole = fa.roll_up_accounts(maven)
    assert len(whole.accounts) == int((~subsidiaries).sum())
    assert whole.accounts["current_revenue"].sum() == pytest.approx(maven.accounts["current_revenue"].sum())
    assert len(whole.opportunities) == len(maven.opportunities)
    assert whole.issues["reason"].isin(["unknown_parent", "parent_circle"]).sum() == 0


@pytest.mark.parametrize("name", ["maven", "regional_sales"])
def test_the_account_dashboard_stands_on_real_accounts(shared: Path, name: str) -> None:
    book = read(shared, name)
    content = fa.dashboards.accounts_content(book, lang="zh-Hans")
    assert len(content.table) == len(book.accounts)
    one = str(book.accounts["account_name"].iloc[0])
    assert len(fa.dashboards.accounts_content(book, account=one).table) == 1


def test_regional_sales_effort_adds_up(regional_sales: fa.Book) -> None:
    effort = fa.segment_effort(regional_sales)
    assert effort["accounts"].sum() == 300
    assert effort["potential_share"].isna().all()
    assert effort["open_amount"].sum() == pytest.approx(regional_sales.open_amount)
    assert effort["pipeline_share"].sum() == pytest.approx(1)


def test_ratings_typed_for_real_accounts_place_them(maven: fa.Book, shared: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "ratings.csv"
    names = ["Kan-code", "acme corporation"]
    criteria = ["Opportunities", "Sponsorship", "Market growth position"]
    rows = "".join(f"{name},{criterion},good\n" for name in names for criterion in criteria)
    sheet.write_text("Account,Criterion,Rating\n" + rows, encoding="utf-8")
    book = fa.read_exports([shared / "data" / "real" / "maven", sheet], profile=PROFILES / "maven.toml")
    table = fa.account_segments(book).set_index("account_name")
    assert set(table.loc[["Kan-code", "Acme Corporation"], "segment"]) <= {"A+", "A"}
    assert (table["potential_level"] == "not_assessable").sum() == 83
