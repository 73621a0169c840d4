"""Rows as read, with the file's own ids where these are damaged; files that are not there or contradict themselves."""

from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

import funnel_analytics as fa
from funnel_analytics import tables
from funnel_analytics.errors import ExportError

HEADING = "Opportunity ID,Account Name,Stage,Amount,Close Date,Region\n"


def read(folder: Path, *lines: str) -> fa.Book:
    path = folder / "deals 2026-09-30.csv"
    path.write_text(HEADING + "".join(f"{line}\n" for line in lines))
    return fa.read_exports(path)


def test_ids_that_are_missing_or_damaged_stay_as_they_are_read(tmp_path: Path) -> None:
    book = read(tmp_path, "A1,Acme,Proof,1,2026-12-01,N", ",Beta,Proof,2,2026-12-01,N",
                "1.4E+18,Gamma,Proof,3,2026-12-01,S", "1.4E+18,Delta,Proof,4,2026-12-01,S")  # fmt: skip
    assert book.records["opportunity_id"].fillna("").tolist() == ["A1", "", "1.4E+18", "1.4E+18"]
    assert book.opportunities["opportunity_id"].is_unique
    assert book.opportunities["opportunity_id"].notna().all()
    assert book.records["reason"].isna().all()


def test_rows_set_aside_as_duplicates_are_still_there_to_compare(tmp_path: Path) -> None:
    book = read(
        tmp_path, "A1,Acme,Qualify,1,2026-12-01,N", "A2,Beta,Proof,2,2026-12-01,S", "A1,Acme,Proof,5,2026-12-01,N"
    )
    records = book.records
    assert records["amount"].tolist() == [1, 2, 5]
    assert records["reason"].fillna("").tolist() == ["duplicate_id", "", ""]
    assert records["stage"].tolist() == ["Qualify", "Proof", "Proof"]
    assert book.opportunities["amount"].tolist() == [2, 5]
    part = book.where(region="S")
    assert part.records["opportunity_id"].tolist() == ["A2"]


def test_an_ordinary_export_has_its_snapshots_as_records(tmp_path: Path) -> None:
    book = read(tmp_path, "A1,Acme,Proof,1,2026-12-01,N")
    wanted = tables.conform(book.snapshots, tables.RECORDS, keep_extra=True)
    pd.testing.assert_frame_equal(book.records, wanted)
    assert fa.load_sample().records["reason"].isna().all()


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    (tmp_path / "empty" / "2026").mkdir(parents=True)
    path = tmp_path / "pipeline.csv"
    path.write_text(f"{HEADING}1,Acme,Proof,5,2026-12-01,North\n", encoding="utf-8")
    for asked, said in (
        ([], "No export was given"),
        (tmp_path / "pipelne.csv", r"There is no file .* Did you mean 'pipeline\.csv'\? Check the path"),
        (tmp_path / "nowhere" / "x.csv", r"the folder .*nowhere does not exist\. Check the path"),
        (tmp_path / "empty", r"holds no export\. Accepted: .*\.xlsx.* It holds the folders 2026: give one of them"),
    ):
        with pytest.raises(ExportError, match=said):
            fa.read_exports(asked)
    assert len(fa.read_exports(tmp_path / "pipe*.csv", as_of="2026-09-30").opportunities) == 1
    with pytest.raises(fa.FunnelError, match=r"date_order 'DYM' is not known\..* Accepted: DMY, MDY, YMD"):
        fa.read_exports(path, date_order="DYM")


STATED = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date"


def issues(folder: Path, **files: str) -> dict[str, str]:
    """Reason and sentence of each issue."""
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    told = fa.read_exports(folder, as_of="2026-09-30").issues
    return dict(zip(told["reason"], told["message"], strict=True))


def test_what_a_file_says_against_itself_or_in_words_of_its_own_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    own = f"{STATED},Status,Forecast Category\n1,A,Acme,Prospecting,5,2026-12-01,green,Commit\n2,B,Acme,Prospecting,5,2026-12-01,red,Zorp\n"
    assert issues(tmp_path / "a", opportunities=own) == {
        "unknown_forecast_category": "'Zorp' (1 rows) is no forecast category: left empty. Accepted: commit, best_case, pipeline,"
        " omitted, closed.",
        "not_an_outcome": "The column holds 'green', 'red', which are no outcomes: not used.",
    }  # fmt: skip
    # Where the stages say how an opportunity ended, they are believed.
    against = f"{STATED},Closed,Won\n1,A,Acme,Prospecting,5,2026-12-01,TRUE,TRUE\n2,B,Acme,Closed Won,5,2026-08-01,TRUE,TRUE\n"
    assert issues(tmp_path / "b", opportunities=against) == {
        "flags_against_stage": "Stage 'Prospecting' means open, but Won and Closed say won: the stage was believed."
    }


def test_a_stage_of_the_change_log_that_nobody_knows_is_left_empty_and_told(tmp_path: Path) -> None:
    log = "Opportunity ID,Changed At,Field,Old Value,New Value\n1,2026-02-01,Stage,Discover,Qualify\n1,2026-03-01,Stage,Qualify,Zorp\n"
    opportunities = f"{STATED}\n1,A,Acme,Proof,5,2026-12-01\n2,B,Acme,Proof,5,2026-12-01\n"
    assert issues(tmp_path, opportunities=opportunities, log=log) == {
        "unknown_stage": "Stage 'Zorp' of the change log is not known (1 rows): left empty."
    }


def test_a_stage_that_nobody_knows_and_a_close_before_the_creation_are_told(tmp_path: Path) -> None:
    row = "Acme,Prospecting,5,2026-12-01,2026-01-22"
    opportunities = f"{STATED},Created Date\n1,A,{row}\n2,B,{row}\n3,C,{row.replace('Prospecting', 'Zorp')}\n4,D,{row.replace('2026-12-01', '2026-01-02')}\n"
    told = issues(tmp_path, opportunities=opportunities)
    assert told.keys() == {"unknown_stage", "close_before_created"}
    assert told["unknown_stage"].startswith("Stage 'Zorp' is not known (1 rows): left empty.")
    assert told["close_before_created"] == "Close date 2026-01-02 is before the creation on 2026-01-22: both were kept."


def test_long_ids_that_a_workbook_kept_as_numbers_merge_no_opportunities(tmp_path: Path) -> None:
    # Both are 1234567890123456768 as a number.
    with xlsxwriter.Workbook(tmp_path / "deals 2026-09-30.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, HEADING.strip().split(","))
        for row, (number, account) in enumerate(
            ((1234567890123456789, "Acme"), (1234567890123456790, "Beta")), start=1
        ):
            sheet.write_row(row, 0, [number, account, "Proof", 1, "2026-12-01", "N"])
    book = fa.read_exports(tmp_path)
    assert book.opportunities["account_name"].tolist() == ["Acme", "Beta"]
    assert (book.issues["reason"] == "damaged_id").any()
