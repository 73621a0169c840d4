"""The eight golden opportunities, read from their three files without any profile."""

import json
from pathlib import Path

import pandas as pd
import pytest

from funnel_analytics.book import Book
from funnel_analytics.exports.reading import read_exports

FILES = ("export_2024-04-01.csv", "export_2024-07-01.csv", "history.csv")


@pytest.fixture(params=["folder", "three paths", "pattern"])
def book(shared: Path, request: pytest.FixtureRequest) -> Book:
    folder = shared / "golden"
    ways = {"folder": folder, "three paths": [folder / name for name in FILES], "pattern": str(folder / "*.csv")}
    return read_exports(ways[request.param])


def test_two_exports_are_dated_by_their_file_names(book: Book) -> None:
    assert len(book.opportunities) == 8
    assert [f"{date:%Y-%m-%d}" for date in book.export_dates] == ["2024-04-01", "2024-07-01"]
    assert book.as_of == pd.Timestamp("2024-07-01")
    opportunities = book.receipt[book.receipt["table"] == "opportunities"]
    assert set(opportunities["as_of_source"]) == {"file_name"}


def test_stages_are_the_large_account_methods(shared: Path, book: Book) -> None:
    expected = json.loads((shared / "golden" / "expected.json").read_text(encoding="utf-8"))
    assert book.methodology.stage_keys == expected["stages"]


def test_the_stage_log_is_the_histories(book: Book) -> None:
    visits = book.stage_log.groupby("opportunity_id")["stage"].agg(list)
    assert visits["D4"] == ["Discover", "Qualify", "Develop", "Qualify", "Develop"]
    assert visits["D2"] == ["Discover", "Qualify"]
    assert len(book.stage_log) == 32
    assert set(book.stage_log["source"]) == {"history"}


def test_a_lost_label_is_an_outcome_and_the_stage_comes_from_history(book: Book) -> None:
    lost = book.opportunities.set_index("opportunity_id").loc["D6"]
    assert (lost["outcome"], lost["stage"], lost["stage_label"]) == ("lost", "Solution", "Lost")


def test_other_files_of_the_folder_are_listed_as_ignored(shared: Path) -> None:
    receipt = read_exports(shared / "golden").receipt
    assert receipt.loc[receipt["table"] == "ignored", "file"].tolist() == ["expected.json", "r_known_aml.json"]
