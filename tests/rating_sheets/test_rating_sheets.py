"""The ratings workbook and the template: rows are added, nobody is overwritten, and the ordinary reader reads both."""

from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.cli import main
from funnel_analytics.errors import ArgumentError, OutputError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import load_methodology, parse_methodology
from funnel_analytics.rating_sheets.log import read_log, save_ratings, with_ratings
from funnel_analytics.rating_sheets.template import write_template

DAY = pd.Timestamp("2026-11-23")
BOOK = team_book(20)
OPPORTUNITIES = "Opportunity ID,Account ID,Account Name,Stage,Amount,Close Date\n1,A3,Account 3,Proof,500,2026-12-01\n2,A4,=Account 4,Close,900,2026-12-01\n"


def save(
    path: Path, ratings: dict[str, float], by: str = "Li", account: str = "A3", day: pd.Timestamp = DAY, **options: Any
) -> list[Any]:
    seen = options.pop("seen", None)
    seen = read_log(path, BOOK).last(account) if seen is None else seen
    return save_ratings(path, BOOK, account, ratings, rated_by=by, rated_on=day, seen=seen, **options)


def rows(path: Path) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(path).active
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_saved_is_read_again_with_who_and_when(tmp_path: Path, lang: str) -> None:
    path = tmp_path / "ratings.xlsx"
    assert save(path, {"sponsorship": 4.0, "track_record": 2.0}, lang=lang) == []
    assert save(path, {"sponsorship": 5.0}, by="Mo", day=DAY + pd.Timedelta(days=1), lang=lang) == []
    last = read_log(path, BOOK).last("A3")
    assert last == {"sponsorship": (5.0, DAY + pd.Timedelta(days=1), "Mo"), "track_record": (2.0, DAY, "Li")}
    (tmp_path / "pipeline 2026-09-30.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    table = fa.account_assessment(book).dropna(subset=["rating"]).set_index("criterion")
    assert table["rating"].to_dict() == {"track_record": 2, "sponsorship": 5}
    assert table["account_name"].unique().tolist() == ["Account 3"]
    assert len(book.ratings) == 3


def test_somebody_elses_newer_rating_is_not_overwritten_and_both_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    save(path, {"sponsorship": 3.0})
    seen = read_log(path, BOOK).last("A3")
    save(path, {"sponsorship": 5.0}, by="Mo")
    conflicts = save(
        path, {"sponsorship": 1.0, "track_record": 2.0}, by="Li", seen=seen, day=DAY + pd.Timedelta(days=2)
    )
    assert [(c.criterion, c.rating, c.other, c.other_by, c.other_on) for c in conflicts] == [
        ("sponsorship", 1, 5, "Mo", DAY)
    ]
    log = read_log(path, BOOK)
    assert log.last("A3")["sponsorship"] == (5.0, DAY, "Mo")
    assert log.last("A3")["track_record"][0] == 2
    assert log.waiting[["criterion", "rating", "rated_by"]].values.tolist() == [["sponsorship", 1.0, "Li"]]
    assert len(rows(path)) == 4
    # Whoever has seen the other's rating and saves again is counted.
    assert save(path, {"sponsorship": 1.0}, day=DAY + pd.Timedelta(days=2)) == []
    assert read_log(path, BOOK).last("A3")["sponsorship"][0] == 1


def test_the_same_judgement_and_ones_own_rating_are_no_conflict(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    save(path, {"sponsorship": 3.0})
    assert save(path, {"sponsorship": 4.0}, seen={}) == []
    save(path, {"track_record": 3.0}, by="Mo")
    assert save(path, {"track_record": 3.0}, seen={}) == []


def test_everything_else_in_the_workbook_stays(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    save(path, {"sponsorship": 3.0})
    workbook = openpyxl.load_workbook(path)
    workbook.create_sheet("Notes")["A1"] = "ask in spring"
    sheet = workbook["Ratings"]
    sheet.cell(1, 9, "Remark")
    sheet.cell(2, 9, "after the visit")
    sheet.append(["A4", "Account 4", "Culture", "good", "2026-11-01", "Mo"])
    workbook.save(path)
    save(path, {"track_record": 2.0})
    again = openpyxl.load_workbook(path)
    assert again["Notes"]["A1"].value == "ask in spring"
    assert again["Ratings"].cell(2, 9).value == "after the visit"
    assert read_log(path, BOOK).last("A4") == {"cultural_compatibility": (5.0, pd.Timestamp("2026-11-01"), "Mo")}
    assert len(rows(path)) == 3


def test_a_name_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    (tmp_path / "pipeline 2026-09-30.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    save_ratings(path, book, "A4", {"sponsorship": 3.0}, rated_by="=Li", rated_on=DAY, seen={})
    sheet = openpyxl.load_workbook(path).active
    assert [(cell.value, cell.data_type) for cell in (sheet["B2"], sheet["F2"])] == [("=Account 4", "s"), ("=Li", "s")]


def test_what_cannot_be_saved_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    with pytest.raises(ArgumentError, match="Nobody is named"):
        save(path, {"sponsorship": 3.0}, by=" ")
    with pytest.raises(ArgumentError, match="cannot be rated 7"):
        save(path, {"sponsorship": 7.0})
    with pytest.raises(OutputError, match=r"ends in \.xlsx"):
        save(tmp_path / "ratings.csv", {"sponsorship": 3.0})
    assert not path.exists()
    write_template(path, load_methodology(), BOOK)
    before = path.read_bytes()
    with pytest.raises(OutputError, match="holds no ratings row by row"):
        save(path, {"sponsorship": 3.0}, seen={})
    assert path.read_bytes() == before


def test_a_crash_while_writing_leaves_the_old_workbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ratings.xlsx"
    save(path, {"sponsorship": 3.0})
    before = path.read_bytes()

    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OutputError, match="No space left"):
        save(path, {"sponsorship": 4.0})
    assert path.read_bytes() == before
    assert sorted(file.name for file in tmp_path.iterdir()) == [".ratings.xlsx.lock", "ratings.xlsx"]


def test_ratings_of_a_workbook_stand_beside_those_of_the_book(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    assert with_ratings(BOOK, path) is BOOK
    save(path, {"sponsorship": 1.0})
    whole = with_ratings(BOOK, path)
    assert len(whole.ratings) == len(BOOK.ratings) + 1
    ours = fa.account_assessment(whole)
    assert ours[(ours["account_id"] == "A3") & (ours["criterion"] == "sponsorship")]["rating"].tolist() == [1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_filled_in_template_is_read_like_any_export(tmp_path: Path, lang: str) -> None:
    (tmp_path / "pipeline 2026-09-30.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    path = tmp_path / "ratings.xlsx"
    assert main(["ratings", "template", "-o", str(path), "--lang", lang, str(tmp_path)]) == 0
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    assert [sheet["B2"].value, sheet["B3"].value] == ["=Account 4", "Account 3"]
    assert sheet["B2"].data_type == "s"
    ten = load_methodology().criteria
    for number, criterion in enumerate(ten, start=5):
        assert criterion.name["en"] in sheet.cell(1, number).value
        assert criterion.questions[lang] in sheet.cell(1, number).comment.text
        sheet.cell(3, number, 1 + number % 5)
    lists = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 10
    assert lists[0].formula1 == '"1,2,3,4,5"'
    assert all(len(rule.prompt) <= 255 and len(rule.promptTitle) <= 32 for rule in lists)
    sheet["C3"], sheet["D3"] = "Li", DAY.to_pydatetime()
    workbook.save(path)
    book = fa.read_exports(tmp_path)
    table = fa.account_assessment(book).dropna(subset=["rating"])
    assert table["account_name"].unique().tolist() == ["Account 3"]
    assert table["rating"].tolist() == [1 + number % 5 for number in range(5, 15)]
    assert book.ratings[["rated_by", "rated_on"]].drop_duplicates().values.tolist() == [["Li", DAY]]
    assert not book.issues["kind"].isin(["unreadable", "set_aside", "contradiction"]).any()


def test_the_command_writes_an_empty_template_and_replaces_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "template.xlsx"
    assert main(["ratings", "template", "-o", str(path)]) == 0
    assert "with 0 accounts" in capsys.readouterr().out
    assert main(["ratings", "template", "-o", str(path)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["ratings", "template", "-o", str(path), "--force"]) == 0


def test_a_fine_scale_has_a_range_instead_of_a_list(tmp_path: Path) -> None:
    method = parse_methodology(
        {"stage": [{"key": "Offer", "probability": 0.5}], "rating": {"low": 0, "high": 100}}, "own"
    )
    sheet = openpyxl.load_workbook(write_template(tmp_path / "t.xlsx", method)).active
    assert {rule.type for rule in sheet.data_validations.dataValidation} == {"decimal"}
