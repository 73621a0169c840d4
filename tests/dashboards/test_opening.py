"""The first screen in process: files are dropped, questions answered, and the book is the one that read_exports gives."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest

import funnel_analytics as fa
from funnel_analytics.dashboards._live_open import OpenPanel
from funnel_analytics.errors import ArgumentError, UnknownStageError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.messages import in_language
from funnel_analytics.words import word

HEAD = "Opportunity ID,Account Name,Stage,Amount,Close Date\n"
PLAIN = HEAD + "A1,Acme,Proof,500,2026-12-01\nA2,Birch,Qualify,700,2026-11-01\n"
NAME = "pipeline 2026-09-30.csv"
DAY = datetime(2026, 9, 30)


def drop(panel: OpenPanel, *files: tuple[str, str]) -> None:
    """What the browser sends when a person drops files."""
    panel._upload.value = tuple(
        {"name": name, "content": memoryview(text.encode()), "type": "", "size": len(text), "last_modified": DAY}
        for name, text in files
    )


def answer(panel: OpenPanel, **given: Any) -> None:
    """Operate the controls of questions, named as ``kind`` or ``kind__about``, and press the button."""
    for place, value in given.items():
        kind, _, about = place.partition("__")
        panel._inputs[kind, about].value = value
    panel._questions.children[-1].click()


def test_dropped_files_become_the_book_that_their_folder_would_and_no_copy_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    quotas = ("quotas 2026.csv", "Owner,Period,Quota\nLi Wei,2026Q4,9000\n")
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, PLAIN), quotas)
    assert panel.book.opportunities["opportunity_id"].tolist() == ["A1", "A2"]
    assert panel.book.quotas["quota"].tolist() == [9000.0]
    assert "role='alert'" not in panel._message.value
    assert NAME in panel._receipt.value
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_climbs_out_of_its_folder_is_only_a_name(tmp_path: Path) -> None:
    panel = fa.dashboards.open_exports()
    for name in ("../../../climbed 2026-09-30.csv", r"..\..\climbed 2026-09-30.csv"):
        drop(panel, (name, PLAIN))
        assert set(panel.book.receipt["file"]) == {"climbed 2026-09-30.csv"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_files_the_panel_says_what_to_do(lang: str) -> None:
    panel = fa.dashboards.open_exports(lang=lang)
    panel._read.click()
    assert word("dashboards.open.nothing_chosen", lang) in panel._message.value
    with pytest.raises(ArgumentError, match=word("dashboards.open.nothing_read", lang)[:10]):
        _ = panel.book


def test_a_typed_folder_is_read_and_one_that_is_missing_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(PLAIN)
    panel = fa.dashboards.open_exports()
    panel._folder.value = str(tmp_path)
    panel._read.click()
    assert len(panel.book.opportunities) == 2
    panel._folder.value = str(tmp_path / "<b>nowhere")
    panel._read.click()
    assert "role='alert'" in panel._message.value
    assert "<b>" not in panel._message.value
    assert "Traceback" not in panel._message.value
    with pytest.raises(ArgumentError):
        _ = panel.book


def test_dates_that_read_both_ways_are_asked_about_and_read_as_answered() -> None:
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, HEAD + "A1,Acme,Proof,500,03/11/2026\nA2,Acme,Proof,9,05/12/2026\n"))
    asked = panel._questions.children[1].children[1].value
    assert NAME in asked and "Close Date" in asked
    answer(panel, date_order="DMY")
    assert panel.book.opportunities["close_date"].dt.strftime("%m-%d").tolist() == ["11-03", "12-05"]
    # The answer can be changed.
    answer(panel, date_order="MDY")
    assert panel.book.opportunities["close_date"].dt.strftime("%m-%d").tolist() == ["03-11", "05-12"]


def test_an_unknown_stage_takes_the_stage_that_is_answered(tmp_path: Path) -> None:
    text = PLAIN + "A3,Acme,Haggling,500,2026-12-01\nA4,Acme,Gone,500,2026-08-01\n"
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, text))
    assert dict(panel._asked.stages) == {"Haggling": 1, "Gone": 1}
    answer(panel, stages__Haggling="Proof", stages__Gone="lost")
    rows = panel.book.opportunities.set_index("opportunity_id")
    assert rows["stage"]["A3"] == "Proof"
    assert rows["outcome"]["A4"] == "lost"
    # The answers are arguments: a notebook reads the same book without the panel.
    (tmp_path / NAME).write_text(text)
    again = fa.read_exports(tmp_path, **panel.answers)
    assert again.opportunities.drop(columns="source_file", errors="ignore").equals(
        panel.book.opportunities.drop(columns="source_file", errors="ignore")
    )


def test_an_export_whose_stages_are_all_unknown_is_asked_about_instead_of_lost(tmp_path: Path) -> None:
    text = HEAD + "A1,Acme,Alpha <i>,500,2026-12-01\nA2,Acme,Beta,9,2026-12-01\nA3,Acme,Beta,9,2026-12-01\n"
    (tmp_path / NAME).write_text(text)
    with pytest.raises(UnknownStageError) as refused:
        fa.read_exports(tmp_path)
    assert dict(refused.value.labels) == {"Alpha <i>": 1, "Beta": 2}
    assert "with the stages Discover, Qualify, Develop" in in_language(refused.value)
    assert "其阶段为 发现（Discover）, 机会确认（Qualify）, " in in_language(refused.value, "zh-Hans")
    panel = fa.dashboards.open_exports(tmp_path)
    assert "role='alert'" in panel._message.value
    assert [*panel._asked.stages] == ["Beta", "Alpha <i>"]
    assert not any("<i>" in line.children[1].value for line in panel._questions.children[1:-1])
    first, second = panel._asked.methodology.open_stages[:2]
    panel._inputs["stages", "Alpha <i>"].value = first
    answer(panel, stages__Beta=second)
    assert panel.book.opportunities["stage"].tolist() == [first, second, second]
    assert "role='alert'" not in panel._message.value


def test_a_teams_own_methodology_is_the_one_that_is_asked_about(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[stage]]\nkey = "Alpha"\nprobability = 0.3\n[[stage]]\nkey = "Beta"\nprobability = 0.6\n')
    (tmp_path / NAME).write_text(HEAD + "A1,Acme,Odd,500,2026-12-01\nA2,Acme,Odd,9,2026-12-01\n")
    panel = fa.dashboards.open_exports(tmp_path / NAME, methodology=str(own))
    answer(panel, stages__Odd="Beta")
    assert panel.book.opportunities["stage"].tolist() == ["Beta", "Beta"]


def test_amounts_of_several_currencies_are_added_with_the_rates_that_are_answered() -> None:
    text = "Opportunity ID,Account Name,Stage,Amount,Currency,Close Date\nA1,Acme,Proof,100,USD,2026-12-01\nA2,Acme,Proof,10,EUR,2026-12-01\n"
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, text))
    assert panel._asked.currencies == ("EUR", "USD")
    answer(panel, currency="USD", rates__EUR=1.1)
    assert panel.book.open_amount == pytest.approx(100 + 11)
    assert panel.book.currency == "USD"


def test_without_any_currency_the_answered_one_counts() -> None:
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, PLAIN))
    assert panel._asked.currencies == ()
    answer(panel, currency="eur")
    assert panel.book.currency == "EUR"


def test_a_wrong_answer_is_a_sentence_and_the_question_stays() -> None:
    panel = fa.dashboards.open_exports()
    text = PLAIN.replace("Amount", "Amount,Currency").replace(",500,", ",500,USD,").replace(",700,", ",700,EUR,")
    drop(panel, (NAME, text))
    answer(panel, currency="USD", rates__EUR=-2.0)
    assert "role='alert'" in panel._message.value
    assert "not positive" in panel._message.value
    answer(panel, rates__EUR=2.0)
    assert panel.book.open_amount == 500 + 1400


def test_other_files_begin_without_the_answers_of_the_earlier_ones() -> None:
    panel = fa.dashboards.open_exports()
    drop(panel, (NAME, PLAIN + "A3,Acme,Haggling,500,2026-12-01\n"))
    answer(panel, stages__Haggling="Proof")
    drop(panel, ("other 2026-09-30.csv", PLAIN))
    assert "stages" not in panel.answers
    assert not panel._asked.stages


def test_what_is_shown_below_follows_the_files_and_leaves_no_widgets_behind(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(PLAIN)
    shown: list[fa.Book] = []

    def show(book: fa.Book, *, lang: str) -> widgets.Widget:
        shown.append(book)
        return widgets.VBox([widgets.HTML(lang)])

    panel = fa.dashboards.open_exports(tmp_path, show=show, lang="zh-Hans")
    before = len(widgets.widget._instances)
    for _ in range(3):
        panel._read.click()
    assert len(shown) == 4 and shown[-1] is panel.book
    assert len(widgets.widget._instances) == before
    assert panel._below.children[0].children[0].value == "zh-Hans"
    panel._language.value = "zh-Hant"
    assert word("dashboards.open.files", "zh-Hant") == panel._upload.description
    assert panel._below.children[0].children[0].value == "zh-Hant"
