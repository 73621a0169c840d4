"""Salesforce's ids of 15 and 18 characters are one record in every table, and their case is never lost."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.exports.rows import duplicates
from funnel_analytics.exports.rows.salesforce_ids import long_id, restored_id
from funnel_analytics.messages import in_language

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


HEADING = "Opportunity ID,Opportunity Name,Account Name,Opportunity Owner,Stage,Amount,Close Date,Created Date"
ALDER, BIRCH = (
    "Alder press,Alder,Ann,Proof,1,2026-12-01,2026-01-01",
    "Birch press,Birch,Ann,Proof,2,2026-12-01,2026-02-01",
)


def read(folder: Path, **files: list[str]) -> fa.Book:
    """The book of exports called after a month of 2026."""
    for name, lines in files.items():
        (folder / f"{name} 2026-{'08-31' if name == 'august' else '09-30'}.csv").write_text(
            "\n".join([HEADING, *lines])
        )
    return fa.read_exports(folder)


def said(book: fa.Book) -> list[str]:
    messages = book.issues.loc[book.issues["reason"] == "one_id_of_several", "message"].tolist()
    assert all(in_language(message, "zh-Hans") != message for message in messages)
    return messages


def test_two_opportunities_whose_ids_lost_their_case_are_both_kept_and_found_in_other_weeks(tmp_path: Path) -> None:
    proper = [f"{UPPER},{ALDER}", f"{LOWER},{BIRCH}"]
    # Birch stands twice: that is a duplicate.
    alike = [f"{UPPER.upper()},{row}" for row in (ALDER, BIRCH, BIRCH.replace(",2,", ",3,"))]
    book = read(tmp_path, august=proper, september=alike)
    assert book.opportunities.set_index("opportunity_id")["amount"].to_dict() == {UPPER: 1, LOWER: 3}
    assert (len(book.vanished), len(book.frames["repeated"])) == (0, 1)
    (message,) = said(book)
    assert message.startswith(
        f"3 rows share an id with another opportunity, as '{UPPER.upper()}': 'Alder press | Alder |"
    )
    assert "export those of 18" in message
    assert book.records["opportunity_id"].tolist() == [UPPER, LOWER, *[UPPER.upper()] * 3]


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ("Alder press,Alder,2026-01-01", "Birch press,Birch,2026-01-01", 2),  # name and account
        ("Renewal,Alder,2026-01-01", "Renewal,Birch,2026-02-01", 2),  # account and day
        ("Alder press,Alder,2026-01-01", "Birch press,Alder,2026-02-01", 2),  # name and day
        ("Alder press,,", "Birch press,,", 2),  # all that both tell
        ("Alder press,Alder,2026-01-01", "Alder press II,Alder AG,2026-01-01", 1),  # written longer
        ("Alder press,Alder,2026-01-01", "Elm press,Alder,2026-01-02", 1),  # renamed; a night that time zones make
        ("Alder press,Alder,", "Alder press,Birch,", 1),  # sold on to another account
        ("Alder press,,", ",Birch,", 1),  # nothing that both tell
    ],
)
def test_what_makes_two_rows_of_one_id_two_opportunities(tmp_path: Path, first: str, second: str, count: int) -> None:
    rows = [f"{n},{a},Ann,Proof,1,2026-12-01,{day}" for n, a, day in (row.split(",") for row in (first, second))]
    book = read(tmp_path, september=[f"7,{row}" for row in rows])
    assert (len(book.opportunities), len(book.frames["repeated"]), len(said(book))) == (count, 2 - count, count - 1)


def test_parts_of_one_day_that_share_an_id_lose_no_opportunity(tmp_path: Path) -> None:
    book = read(tmp_path, north=[f"7,{ALDER}", f"8,{ALDER}"], south=[f"7,{BIRCH}"])
    assert sorted(book.opportunities["opportunity_name"]) == ["Alder press", "Alder press", "Birch press"]
    assert len(said(book)) == 2
    # A row of another day is the same opportunity, whatever it is called.
    (tmp_path / "north 2026-09-30.csv").rename(tmp_path / "north 2026-08-31.csv")
    book = fa.read_exports(tmp_path)
    assert (len(said(book)), set(book.snapshots["opportunity_id"])) == (0, {"7", "8"})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("78"), st.sampled_from("ABCD")), min_size=1, max_size=8))
def test_no_opportunity_is_lost_whatever_ids_they_share(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    lines = [f"{text},{mark * 3} press,{mark * 3},Ann,Proof,1,2026-12-01,2026-01-01" for text, mark in rows]
    book = read(tmp_path_factory.mktemp("desk"), september=lines)
    assert len(book.opportunities) == len(set(rows))
    assert len(book.opportunities) + len(book.frames["repeated"]) == len(rows)
    assert pd.Series(book.records["opportunity_id"]).tolist() == [text for text, _ in rows]


@pytest.mark.parametrize(
    ("names", "kept"), [(("Acme renewal Q3", "Q3 renewal Acme"), 1), (("Acme renewal", "Birch press"), 2)]
)
def test_where_only_a_name_is_told_it_must_be_quite_another(tmp_path: Path, names: tuple[str, str], kept: int) -> None:
    rows = [f"D-1,{name},Proof,5,2026-12-01" for name in names]
    path = tmp_path / "deals 2026-09-30.csv"
    path.write_text(
        "\n".join(["Opportunity ID,Opportunity Name,Stage,Amount,Close Date", *rows, "D-2,Oak,Proof,1,2026-12-01"])
    )
    book = fa.read_exports(path)
    assert len(book.opportunities) == kept + 1
    assert len(said(book)) == kept - 1


def test_a_column_that_is_no_id_costs_no_comparison_of_each_row_with_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[object] = []
    plain = duplicates._other_opportunity
    monkeypatch.setattr(
        duplicates, "_other_opportunity", lambda one, other: (compared.append(one), plain(one, other))[1]
    )
    words = ["".join(chr(97 + (7 * number + 3 * place * place) % 26) for place in range(9)) for number in range(26)]
    rows = [f"P1,{one}{two},{two}{one},Ann,Proof,1,2026-12-01,2026-01-01" for one in words for two in words[:10]]
    book = read(tmp_path, september=rows)
    assert len(book.opportunities) == len(set(rows)) == 260
    # 20 for each row in every of the two looks that are taken; each with each would be 33,670.
    assert len(compared) <= 2 * 20 * 260
