"""Several sheets of one workbook: parts, exports of several dates, copies, excerpts, notes and hidden ones."""

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import funnel_analytics as fa
from funnel_analytics.errors import ExportError

HEADINGS = ["Opportunity ID", "Opportunity Name", "Account Name", "Stage", "Amount", "Close Date"]
PIVOT = [["Row Labels", "Sum of Amount"], ["Proof", 2100], ["Grand Total", 2100]]


def deals(first: int, last: int, amount: int = 100) -> list[list[object]]:
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
    path = workbook(tmp_path / "x.xlsx", {"North": deals(1, 4), "South": deals(5, 9), "Pivot": PIVOT})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert len(book.opportunities) == 9
    assert book.receipt["decisions"].str.contains("parts of one export").sum() == 2


def test_sheets_named_after_dates_are_exports_of_these_dates(tmp_path: Path) -> None:
    book = fa.read_exports(workbook(tmp_path / "x.xlsx", {"2026Q2": deals(1, 6), "2026Q3": deals(2, 8, 200)}))
    assert book.export_dates == [pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30")]
    assert book.vanished["opportunity_id"].tolist() == ["O-1"]
    assert set(book.opportunities["amount"]) == {200}


def test_quarters_with_other_opportunities_each_are_no_history(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"2026Q2": deals(1, 6), "2026Q3": deals(7, 9)})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert (len(book.opportunities), len(book.export_dates)) == (9, 1)


def test_sheets_with_the_same_opportunities_are_asked_about_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Opps": deals(1, 6), "Opps (2)": deals(1, 6, 300)})
    book = fa.read_exports(path, as_of="2026-09-30")
    asked = book.issues.loc[book.issues["reason"] == "question", "message"].item()
    assert "'Opps'" in asked and "'Opps (2)'" in asked and "--sheet" in asked
    assert book.opportunities["amount"].sum() == 6 * 300
    assert fa.read_exports(path, as_of="2026-09-30", sheet="opps").opportunities["amount"].sum() == 6 * 100


@pytest.mark.parametrize(
    "excerpt",
    [
        [["Account Name", "Stage", "Amount"], ["Acc 1", "Proof", 200], ["Acc 2", "Proof", 200]],
        [HEADINGS[1:], *(row[1:] for row in deals(1, 3)[1:])],
    ],
)
def test_a_sheet_that_lists_or_sums_up_another_is_not_counted_twice(
    tmp_path: Path, excerpt: list[list[object]]
) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Summary": excerpt, "Data": deals(1, 6)})
    book = fa.read_exports(path, as_of="2026-09-30")
    assert book.opportunities["amount"].sum() == 600
    assert book.issues["message"].str.contains("'Summary' lists or sums up").any()
    assert (book.receipt["rows_in"] == book.receipt["rows_kept"] + book.receipt["rows_set_aside"]).all()


def test_a_workbook_with_nothing_but_a_hidden_table_names_it(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Notes": [["Owner", "Dana"]], "Data": deals(1, 3)}, hidden="Data")
    with pytest.raises(ExportError, match="sheet='Data'"):
        fa.read_exports(path, as_of="2026-09-30")
    assert len(fa.read_exports(path, as_of="2026-09-30", sheet="Data").opportunities) == 3
