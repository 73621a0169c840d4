"""What leaves a dashboard: the table as a workbook without formulas, views kept for the deck; and the way back."""

import importlib
import io
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from pptx import Presentation

import funnel_analytics as fa
from books import team_book
from funnel_analytics.dashboards._content import Content
from funnel_analytics.dashboards._kept import keep_view, kept_views
from funnel_analytics.dashboards._live import Dashboard
from funnel_analytics.errors import ArgumentError, ExportError
from funnel_analytics.words import word

BOOK = team_book(60)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table_of(rows: pd.DataFrame) -> Dashboard:
    """A dashboard that shows a table and nothing else."""

    def build(_book: fa.Book, **_state: Any) -> Content:
        return Content(table=rows)

    return Dashboard(BOOK, build, [])


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # data bars, which openpyxl does not know
def test_the_table_is_saved_with_all_its_rows_and_no_text_becomes_a_formula(tmp_path: Path) -> None:
    names = ["=HYPERLINK(1)", "+1", "@x", "-2", "plain\x07"] + ["Press line"] * 2500
    rows = pd.DataFrame({"opportunity_name": names, "amount": [100.5] * len(names)})
    rows.attrs["table"] = "opportunities"
    made = table_of(rows)._table_file()
    assert made is not None and made[0] == "opportunities.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(made[1])).active
    assert sheet.max_row == 1 + len(names)
    assert [sheet.cell(row, 1).value for row in range(2, 7)] == ["=HYPERLINK(1)", "+1", "@x", "-2", "plain "]
    assert {sheet.cell(row, 1).data_type for row in range(2, 7)} == {"s"}
    assert sheet.cell(2, 2).value == 100.5
    # It is no export of the CRM: read as one, it would count twice.
    (tmp_path / made[0]).write_bytes(made[1])
    with pytest.raises(ExportError, match="not an export"):
        fa.read_exports(tmp_path / made[0])


def test_a_table_that_cannot_be_saved_is_a_sentence() -> None:
    rows = pd.DataFrame({"no_such_column": ["x"]})
    dashboard = table_of(pd.DataFrame())
    dashboard._content = Content(table=rows)
    assert dashboard._table_file() is None
    assert "role='alert'" in dashboard._message.value


def test_the_button_sends_the_file_to_the_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pd.DataFrame({"opportunity_name": ["Press line"]})
    rows.attrs["table"] = "opportunities"
    button = table_of(rows)._file
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(button, "send", lambda content, buffers: sent.append((content, buffers)))
    button._handle_custom_msg({"wanted": True}, [])
    assert sent[0][0]["name"] == "opportunities.xlsx"
    assert sent[0][1][0].startswith(b"PK")


def test_a_view_is_kept_once_and_pressing_again_takes_it_out() -> None:
    dashboard = fa.dashboards.changes(BOOK, region="North", cause="won")
    dashboard._keep.click()
    assert word("dashboards.kept", file="review_views.json", count=1) in dashboard._message.value
    [(name, state)] = kept_views()
    assert name == "changes" and state["region"] == "North"
    assert state["since"] == f"{dashboard.state['since']:%Y-%m-%d}"
    again = fa.dashboards.changes(BOOK, **state)
    assert again.state == dashboard.state
    again._keep.click()
    assert kept_views() == []


def test_a_file_of_views_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    Path("review_views.json").write_text('{"odd": 1}', encoding="utf-8")
    with pytest.raises(ArgumentError, match="Delete it"):
        kept_views()


def test_kept_views_stand_in_the_deck_before_its_sources_and_one_that_no_longer_fits_is_named(tmp_path: Path) -> None:
    keep_view("changes", {"region": "North", "cause": "won"})
    keep_view("changes", {"region": "<Atlantis>"})
    dashboard = fa.dashboards.review(BOOK, folder=tmp_path / "out", lang="zh-Hans")
    dashboard._button.click()
    said = dashboard._message.value
    assert word("dashboards.views_added", "zh-Hans", count=1) in said
    assert "&lt;Atlantis&gt;" in said and "<Atlantis>" not in said
    [deck] = (tmp_path / "out").glob("*.pptx")
    slides = list(Presentation(deck).slides)
    title = word("charts.pipeline_changes.title", "zh-Hans")
    assert slides[-2].shapes.title.text == title
    assert slides[-1].shapes.title.text == word("reviews.sources", "zh-Hans")
    [picture] = [shape for shape in slides[-2].shapes if shape.shape_type == 13]
    described = picture._element.nvPicPr.cNvPr.get("descr")
    assert described.startswith(title) and any(sign.isdigit() for sign in described)
    texts = [shape.text_frame.text for shape in slides[-2].shapes if shape.has_text_frame]
    assert any("North" in text for text in texts)
    width, height = Presentation(deck).slide_width, Presentation(deck).slide_height
    assert picture.left >= 0 and picture.left + picture.width <= width
    assert picture.top + picture.height <= height


def test_reset_sets_every_control_as_in_the_beginning_but_keeps_the_language() -> None:
    dashboard = fa.dashboards.changes(BOOK, lang="zh-Hant")
    first = dashboard.state
    later = fa.dashboards.changes(BOOK, lang="zh-Hant", region="North", cause="won", view="pipeline_flow")
    assert later.state != first
    later._reset.click()
    assert later.state == first
    assert later._tiles.value == dashboard._tiles.value


def test_what_was_looked_at_is_not_computed_again_and_a_fault_is() -> None:
    asked: list[dict[str, Any]] = []

    def build(book: fa.Book, **state: Any) -> Content:
        asked.append(state)
        if state["region"] == "South" and len(asked) == 2:
            raise ZeroDivisionError
        return Content(notes=[str(state["region"])])

    controls = importlib.import_module("funnel_analytics.dashboards.changes")._controls(BOOK)
    dashboard = Dashboard(BOOK, build, [spec for spec in controls if spec.name == "region"])
    dashboard._inputs["region"].value = "South"
    assert "role='alert'" in dashboard._message.value
    dashboard._inputs["region"].value = "North"
    assert dashboard._message.value == "<p>North</p>"
    dashboard._inputs["region"].value = "South"
    assert dashboard._message.value == "<p>South</p>"
    dashboard._inputs["region"].value = "North"
    assert dashboard._message.value == "<p>North</p>"
    assert [state["region"] for state in asked] == [None, "South", "North", "South"]
