"""Several sheets of one workbook: parts, exports of several dates, copies, excerpts, notes and hidden ones."""

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import funnel_analytics as fa
from funnel_analytics.errors import ExportError

HEADINGS = ["Opportunity ID", "Opportunity Name", "Account Name", "Stage", "Amount", "Close Date"]
PIVOT = [["Row Labels", "Sum of Amount"], ["Proof", 2100], ["Grand Total", 2100]]


def opportunities(first: int, last: int, amount: int = 100) -> list[list[object]]:
    rows = range(first, last + 1)
    return [HEADINGS, *([f"O-{n}", f"Deal {n}", f"Acc {n % 3}", "Proof", amount, "2026-12-01"] for n in rows)]


def workbook(path: Path, sheets: dict[str, list[list[object]]], hidden: str = "") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            if name == hidden:
                sheet.hide()
    return path


def test_sheets_with_other_opportunities_are_parts_of_one_export(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"North": opportunities(1, 4), "South": opportunities(5, 9), "Pivot": PIVOT})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert len(book.opportunities) == 9
    assert book.receipt["decisions"].str.contains("parts of one export").sum() == 2


def test_sheets_named_after_dates_are_exports_of_these_dates(tmp_path: Path) -> None:
    book = fa.read_exports(
        workbook(tmp_path / "x.xlsx", {"2026Q2": opportunities(1, 6), "2026Q3": opportunities(2, 8, 200)})
    )
    assert book.export_dates == [pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")]
    assert book.vanished["opportunity_id"].tolist() == ["O-1"]
    assert set(book.opportunities["amount"]) == {200}


def test_quarters_with_other_opportunities_each_are_no_history(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"2026Q2": opportunities(1, 6), "2026Q3": opportunities(7, 9)})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert (len(book.opportunities), len(book.export_dates)) == (9, 1)


def test_names_that_another_sheet_spells_otherwise_are_the_same_and_unknown_ones_are_told(tmp_path: Path) -> None:
    accounts = [
        ["Account Name", "Industry"],
        ["ACC  1", "Tools"],
        ["Acc 2", "Ships"],
        ["acc 9", "Toys"],
        ["Acc 9", "Tin"],
    ]
    # Opportunities 1 to 6 name "Acc 1", "Acc 2" and "Acc 0" twice each; "ACC 9" could be either of two.
    rows = [*opportunities(1, 6), ["O-7", "Deal 7", "ACC 9", "Proof", 100, "2026-12-01"]]
    book = fa.read_exports(workbook(tmp_path / "x.xlsx", {"Deals": rows, "Accounts": accounts}), as_of="2026-09-30")
    said = book.issues.set_index("reason")["message"]
    assert said["spelling"] == "'Acc 1' (2 rows) is spelled 'ACC  1' in accounts: taken as the same."
    assert said["not_joined"] == (
        "'Acc 0', 'ACC 9' (3 rows) stands in no row of accounts: kept without what accounts says."
    )
    industry = book.opportunities.set_index("opportunity_id")["industry"].fillna("")
    assert industry.tolist() == ["Tools", "Ships", "", "Tools", "Ships", "", ""]


def test_keys_into_another_sheet_bring_its_fields_and_those_that_lead_nowhere_are_told(tmp_path: Path) -> None:
    headings = ["Id", "Name", "StageName", "Amount", "CloseDate", "OwnerId"]
    rows = [[f"006A{n}", f"Deal {n}", "Prospecting", 100, "2026-12-01", f"005A{n}"] for n in (1, 2)]
    users = [["Id", "Name", "ManagerId", "Department"], ["005A1", "Ann Lee", None, "North"]]
    path = workbook(tmp_path / "x.xlsx", {"Opportunity": [headings, *rows], "User": users})
    book = fa.read_exports(path, as_of="2026-09-30")
    # Nobody is called by the key that led nowhere but by what the cell states.
    assert book.opportunities[["owner", "team"]].fillna("").to_numpy().tolist() == [["Ann Lee", "North"], ["005A2", ""]]
    assert "1 rows point to a row that owners does not hold, the first to '005A2'." in book.issues["message"].tolist()


def test_sheets_with_the_same_opportunities_are_asked_about_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Opps": opportunities(1, 6), "Opps (2)": opportunities(1, 6, 300)})
    book = fa.read_exports(path, as_of="2026-09-30")
    asked = book.issues.loc[book.issues["reason"] == "question", "message"].item()
    assert "'Opps'" in asked and "'Opps (2)'" in asked and "--sheet" in asked
    assert book.opportunities["amount"].sum() == 6 * 300
    assert fa.read_exports(path, as_of="2026-09-30", sheet="opps").opportunities["amount"].sum() == 6 * 100
    with pytest.raises(ExportError, match=r"has no sheet 'Ops'\. Did you mean 'Opps'"):
        fa.read_exports(path, as_of="2026-09-30", sheet="Ops")


@pytest.mark.parametrize(
    "excerpt",
    [
        [["Account Name", "Stage", "Amount"], ["Acc 1", "Proof", 200], ["Acc 2", "Proof", 200]],
        [HEADINGS[1:], *(row[1:] for row in opportunities(1, 3)[1:])],
    ],
)
def test_a_sheet_that_lists_or_sums_up_another_is_not_counted_twice(
    tmp_path: Path, excerpt: list[list[object]]
) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Summary": excerpt, "Data": opportunities(1, 6)})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert book.opportunities["amount"].sum() == 600
    assert book.issues["message"].str.contains("'Summary' lists or sums up").any()
    assert (book.receipt["rows_in"] == book.receipt["rows_kept"] + book.receipt["rows_set_aside"]).all()


def test_a_workbook_with_nothing_but_a_hidden_table_names_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Notes": [["Owner", "Dana"]], "Data": opportunities(1, 3)}, hidden="Data")
    with pytest.raises(ExportError, match="sheet='Data'"):
        fa.read_exports(path, as_of="2026-09-30")
    assert len(fa.read_exports(path, as_of="2026-09-30", sheet="Data").opportunities) == 3
