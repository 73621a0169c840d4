"""The rating form in process: what is chosen is saved, reloaded and changes the class; nobody is overwritten."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from books import team_book
from funnel_analytics.dashboards._live_form import NOT_RATED, RatingForm
from funnel_analytics.errors import ArgumentError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import load_methodology
from funnel_analytics.rating_sheets.log import read_log, save_ratings
from funnel_analytics.words import word

BOOK = team_book(60)
DAY = pd.Timestamp("2026-10-05")
TEN = [criterion.key for criterion in load_methodology().criteria]


def form(path: Path, account: str = "Account 10", **options: object) -> RatingForm:
    """Account 10: revenue 1,500,000, above the benchmark, and no ratings."""
    return fa.dashboards.ratings(BOOK, file=path, account=account, rated_by="Li", rated_on=DAY, **options)  # type: ignore[arg-type]  # options of the form


def rate(sheet: RatingForm, rating: float) -> None:
    for key in TEN:
        sheet._inputs[key].value = rating
    sheet._save.click()


def test_saving_ratings_changes_the_class_and_the_pictures(tmp_path: Path) -> None:
    sheet = form(tmp_path / "ratings.xlsx")
    assert ">Unrated<" in sheet._tiles.value
    before = [bytes(picture.picture) for picture in sheet._charts.children]
    rate(sheet, 5.0)
    assert "10 ratings of Account 10" in sheet._message.value
    assert ">A+<" in sheet._tiles.value
    after = [bytes(picture.picture) for picture in sheet._charts.children]
    assert all(new != old for new, old in zip(after, before, strict=True))
    assert "Li" in sheet._told["sponsorship"].value
    again = form(tmp_path / "ratings.xlsx")
    assert {again._inputs[key].value for key in TEN} == {5.0}
    assert again._tiles.value == sheet._tiles.value


def test_only_what_was_changed_is_saved(tmp_path: Path) -> None:
    sheet = form(tmp_path / "ratings.xlsx", "Account 1")
    sheet._save.click()
    assert word("ratings.nothing") in sheet._message.value
    old = sheet._inputs["sponsorship"].value
    sheet._inputs["sponsorship"].value = 1.0 if old != 1.0 else 2.0
    sheet._save.click()
    assert len(read_log(tmp_path / "ratings.xlsx", BOOK).ratings) == 1


def test_a_rating_that_met_somebody_elses_is_shown_and_counts_after_saving_again(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    sheet = form(path)
    save_ratings(path, BOOK, "A10", {"sponsorship": 4.0}, rated_by="Mo", rated_on=DAY, seen={})
    sheet._inputs["sponsorship"].value = 2.0
    sheet._save.click()
    assert "you rated 2, but Mo rated 4 (2026-10-05) in the meantime" in sheet._message.value
    assert read_log(path, BOOK).last("A10")["sponsorship"][0] == 4
    assert sheet._inputs["sponsorship"].value == 2.0
    assert "wait: 1" in sheet._notes.value
    sheet._save.click()
    assert read_log(path, BOOK).last("A10")["sponsorship"][0] == 2


def test_a_rating_on_an_earlier_day_than_somebody_elses_is_kept_and_this_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ratings.xlsx"
    save_ratings(path, BOOK, "A10", {"sponsorship": 4.0}, rated_by="Mo", rated_on=DAY + pd.Timedelta(days=3), seen={})
    sheet = form(path)
    sheet._inputs["sponsorship"].value = 2.0
    sheet._save.click()
    assert "Mo rated 4 on a later day (2026-10-08)" in sheet._message.value
    log = read_log(path, BOOK)
    assert (len(log.ratings), log.last("A10")["sponsorship"][0]) == (2, 4)


def test_the_language_changes_the_questions_but_not_what_is_chosen(tmp_path: Path) -> None:
    sheet = form(tmp_path / "ratings.xlsx")
    sheet._inputs["sponsorship"].value = 3.0
    sheet._language.value = "zh-Hant"
    assert "誰希望我們贏" in sheet._told["sponsorship"].value
    assert sheet._inputs["sponsorship"].value == 3.0
    assert sheet._save.description == word("ratings.save", "zh-Hant")


def test_problems_are_sentences(tmp_path: Path) -> None:
    sheet = form(tmp_path / "ratings.xlsx")
    sheet._inputs["sponsorship"].value = 3.0
    sheet._by.value = ""
    sheet._save.click()
    assert "role='alert'" in sheet._message.value and "Nobody is named" in sheet._message.value
    sheet._by.value, sheet._on.value = "Li", None
    sheet._save.click()
    assert word("ratings.choose_day") in sheet._message.value
    assert not (tmp_path / "ratings.xlsx").exists()
    with pytest.raises(ArgumentError, match="Did you mean 'Account 10'"):
        form(tmp_path / "ratings.xlsx", "Acount 10")


def test_another_account_shows_its_own_ratings(tmp_path: Path) -> None:
    sheet = form(tmp_path / "ratings.xlsx")
    sheet._account.value = "A1"
    known = fa.account_assessment(BOOK).set_index(["account_id", "criterion"])["rating"]
    assert sheet._inputs["sponsorship"].value == known["A1", "sponsorship"]
    sheet._account.value = "A11"
    assert sheet._inputs["sponsorship"].value == NOT_RATED


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_headless_twin_shows_the_same(tmp_path: Path, lang: str) -> None:
    sheet = form(tmp_path / "ratings.xlsx", lang=lang)
    rate(sheet, 4.0)
    content = fa.dashboards.ratings_content(BOOK, account="Account 10", file=tmp_path / "ratings.xlsx", lang=lang)
    assert content.tiles[0][1] == "A+"
    assert len(content.charts) == 2
    assert content.table["rated_by"].unique().tolist() == ["Li"]
    for _, value in content.tiles:
        assert f">{value}<" in sheet._tiles.value
