"""Salesforce's ids of 15 and 18 characters are one record in every table, and their case is never lost."""

from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.exports.rows.salesforce_ids import long_id, restored_id

UPPER, LOWER, OTHER = "006Hs00001AbCdE", "006Hs00001abcde", "006Hs00001XyZq1"
ACME, BETA = "001Hs00001AbCdE", "001Hs00001abcdE"


@given(st.text("abcXYZ019", min_size=15, max_size=15))
@settings(max_examples=60)
def test_the_checksum_brings_back_any_case(short: str) -> None:
    assert restored_id(long_id(short).lower()) == restored_id(long_id(short).upper()) == long_id(short)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    report = [f"{UPPER},P1,Acme,Dana,Proof,500,2026-12-01", f"{LOWER},P2,Beta,Dana,Proof,700,2026-12-01"]
    report += [f"{OTHER},P3,Beta,Dana,Proof,100,2026-12-01", "006Hs00001OnlyH,P4,Beta,Dana,Proof,5,2026-12-01"]
    heading = "Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Close Date"
    (tmp_path / "report 2026-06-30.csv").write_text("\n".join([heading, *report]))
    loader = [f"{long_id(UPPER)},P1,Proof,2026-12-01,600,{ACME}", f"{long_id(LOWER)},P2,Proof,2026-12-01,700,{BETA}"]
    loader += [f"{long_id(OTHER)},P3,Proof,2026-12-01,100,{BETA}"]
    (tmp_path / "loader 2026-09-30.csv").write_text(
        "\n".join(["Id,Name,StageName,CloseDate,Amount,AccountId", *loader])
    )
    accounts = f"Id,Name,Industry\n{long_id(ACME)},Acme,Power\n{long_id(BETA)},Beta,Steel\n"
    (tmp_path / "accounts 2026-09-30.csv").write_text(accounts)
    log = f"OpportunityId,CreatedDate,StageName\n{UPPER},2026-05-01,Qualify\n{LOWER},2026-05-03,Proof\n"
    (tmp_path / "history.csv").write_text(log)
    return tmp_path


def test_reports_and_data_loader_name_one_record(folder: Path) -> None:
    book = fa.read_exports(folder)
    rows = book.snapshots.groupby("opportunity_id")["account_name"].agg(list).to_dict()
    assert rows == {
        long_id(UPPER): ["Acme", "Acme"],
        long_id(LOWER): ["Beta", "Beta"],  # differs from the first in case only
        long_id(OTHER): ["Beta", "Beta"],
        "006Hs00001OnlyH": ["Beta"],  # stands in one form only: as written
    }
    assert book.history["opportunity_id"].tolist() == [long_id(UPPER), long_id(LOWER)]
    assert set(book.accounts["account_id"]) == {long_id(ACME), long_id(BETA)}
    assert {"report 2026-06-30.csv", "history.csv"} <= set(
        book.issues.loc[book.issues["reason"] == "salesforce_id", "file"]
    )


def test_a_lookup_that_lost_the_case_is_undone(folder: Path) -> None:
    loader = folder / "loader 2026-09-30.csv"
    heading, *lines = loader.read_text().splitlines()
    loader.write_text("\n".join([heading, *(line.lower().replace("proof", "Proof") for line in lines)]))
    book = fa.read_exports(folder)
    assert set(book.opportunities["opportunity_id"]) == {long_id(UPPER), long_id(LOWER), long_id(OTHER)}
    said = book.issues.loc[book.issues["file"] == loader.name, "message"].str.cat()
    assert "have lost their case" in said


def test_both_forms_in_one_table_are_one_opportunity(tmp_path: Path) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    heading = "Opportunity ID,Account Name,Stage,Amount,Close Date"
    path.write_text(f"{heading}\n{UPPER},Acme,Proof,5,2026-12-01\n{long_id(UPPER)},Acme,Proof,6,2026-12-01\n")
    book = fa.read_exports(path)
    assert book.opportunities["amount"].tolist() == [6]
    assert "duplicate_id" in set(book.issues["reason"])


def test_both_forms_under_different_names_are_kept_and_told(tmp_path: Path) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    heading = "Opportunity ID,Account Name,Stage,Amount,Close Date"
    path.write_text(f"{heading}\n{UPPER},Acme,Proof,5,2026-12-01\n{long_id(UPPER)},Beta,Proof,6,2026-12-01\n")
    book = fa.read_exports(path)
    assert book.opportunities["opportunity_id"].tolist() == [UPPER, long_id(UPPER)]
    assert book.issues.loc[book.issues["kind"] == "contradiction", "message"].str.contains("15 and 18").any()


def test_each_pair_under_different_names_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "deals 2026-09-30.csv"
    heading = "Opportunity ID,Account Name,Stage,Amount,Close Date"
    rows = [f"{form},{name},Proof,5,2026-12-01" for short in (UPPER, OTHER) for form, name in ((short, "Acme"), (long_id(short), "Beta"))]  # fmt: skip
    path.write_text("\n".join([heading, *rows]))
    book = fa.read_exports(path)
    assert len(book.opportunities) == 4
    told = book.issues[book.issues["kind"] == "contradiction"]
    assert sorted(told["row"]) == [3, 5]
