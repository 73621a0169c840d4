"""The rows of the exports as read: with the file's own ids, also where they are missing, damaged or stand twice."""

from pathlib import Path

import pandas as pd

import funnel_analytics as fa
from funnel_analytics import tables

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
