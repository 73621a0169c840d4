"""The three files of a review: the numbers of the tables, hostile names as text, the same bytes, all or nothing."""

import io
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from lxml import html
from pptx import Presentation

import funnel_analytics as fa
from books import team_book
from funnel_analytics import atomic
from funnel_analytics.errors import ExportError, OutputError
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.reasons import inspected
from funnel_analytics.reviews import write_reviews
from funnel_analytics.reviews.contents import Contents, review_contents
from funnel_analytics.reviews.fitting import shortened
from funnel_analytics.reviews.native_charts import CHARTS
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.words import label, word

# openpyxl does not know the data bars that xlsxwriter writes, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")

BOOK = team_book(150)
PERIOD = "2026Q4"
HOSTILE = ["<script>alert(1)</script>", '=HYPERLINK("http://x.test","y")', "$x^2$ & \x07bell", "@SUM(1+1)", "客户—甲"]


def hostile_book() -> fa.Book:
    frames = dict(BOOK.frames)
    for name in ("opportunities", "snapshots"):
        rows = frames[name].copy()
        for column in ("opportunity_name", "account_name", "owner"):
            rows[column] = [HOSTILE[at % len(HOSTILE)] for at in range(len(rows))]
        frames[name] = rows
    frames["accounts"] = frames["accounts"].assign(account_name=(HOSTILE * 3)[: len(frames["accounts"])])
    return fa.Book(
        BOOK.methodology, BOOK.as_of, BOOK.currency, 1, BOOK.revenue_benchmark, BOOK.proposed_benchmark, frames
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("review")
    return {
        suffix: fa.write_review(BOOK, folder / f"r{suffix}", period=PERIOD) for suffix in (".pptx", ".xlsx", ".html")
    }


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, book = tmp_path_factory.mktemp("hostile"), hostile_book()
    return {
        suffix: fa.write_review(book, folder / f"r{suffix}", period=PERIOD) for suffix in (".pptx", ".xlsx", ".html")
    }


@pytest.fixture(scope="module")
def computed() -> Contents:
    return review_contents(BOOK, period=PERIOD)


def deck_of(contents: Contents, lang: str) -> Any:
    return Presentation(io.BytesIO(slides(wording(contents, lang))))


def charts(deck: Any) -> dict[str, Any]:
    """The first native chart of each slide, by the slide's title."""
    return {slide.shapes.title.text: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


def titled(found: dict[str, Any], part: str) -> Any:
    return next(chart for title, chart in found.items() if part in title)


def test_native_charts_hold_the_numbers_of_the_tables(written: dict[str, Path]) -> None:
    found = charts(Presentation(str(written[".pptx"])))
    conversion = fa.stage_conversion(BOOK)
    chart = titled(found, "loses most")
    values = {series.name: list(series.values) for series in chart.plots[0].series}
    for name in ("advanced", "lost", "open"):
        assert values[word(f"tables.{name}")] == [float(value) for value in conversion[name]]
    assert list(chart.plots[0].categories) == [label(stage, table=conversion) for stage in conversion["stage"]]
    changes = fa.pipeline_changes(BOOK).set_index("cause")["amount"]
    opening = next(series for series in titled(found, " won, ").plots[0].series if series.name == word("reviews.level"))
    assert (opening.values[0], opening.values[-1]) == (changes["opening"], changes["closing"])


def test_every_chart_is_editable_its_workbook_holds_the_same_numbers(written: dict[str, Path]) -> None:
    found = charts(Presentation(str(written[".pptx"])))
    pages = {page.outline.table for page in review_contents(BOOK, period=PERIOD).pages}
    assert len(found) == len(pages & set(CHARTS))
    for chart in found.values():
        blob = chart.part.chart_workbook.xlsx_part.blob
        cells = {
            round(cell, 6)
            for row in openpyxl.load_workbook(io.BytesIO(blob)).active.iter_rows(values_only=True)
            for cell in row
            if isinstance(cell, (int, float))
        }
        shown = {round(value, 6) for series in chart.plots[0].series for value in series.values if value is not None}
        assert shown and shown <= cells


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_waterfall_of_the_deck_balances_in_every_language(computed: Contents, lang: str) -> None:
    found = charts(deck_of(computed, lang))
    level, up, down = word("reviews.level", lang), word("values.increased", lang), word("values.decreased", lang)
    chart = next(
        chart for chart in found.values() if {level, up, down} <= {series.name for series in chart.plots[0].series}
    )
    parts = {series.name: [value or 0.0 for value in series.values] for series in chart.plots[0].series}
    ends = [value for value in parts[level] if value]
    assert ends[0] + sum(parts[up]) - sum(parts[down]) == pytest.approx(ends[-1], abs=0.01)


@pytest.mark.parametrize(("lang", "face"), [("zh-Hans", "Microsoft YaHei"), ("zh-Hant", "Microsoft JhengHei")])
def test_chinese_text_names_a_chinese_font(computed: Contents, lang: str, face: str) -> None:
    for slide in deck_of(computed, lang).slides:
        runs = slide._element.findall(".//{*}r")
        assert runs
        for shape in slide.shapes:
            assert not shape.has_chart or f'<a:ea typeface="{face}"/>'.encode() in shape.chart.part.blob
        assert {run.find("{*}rPr/{*}ea").get("typeface") for run in runs} == {face}


def test_the_what_if_sheet_calculates_and_shows_its_numbers_at_once(written: dict[str, Path]) -> None:
    name = word("reviews.what_if")
    formulas = openpyxl.load_workbook(written[".xlsx"])[name]
    values = openpyxl.load_workbook(written[".xlsx"], data_only=True)[name]
    where = {row[0].value: row[0].row for row in values.iter_rows(max_col=1) if row[0].value}
    row = where[word("reviews.what_if_weighted")]
    assert str(formulas.cell(row, 4).value).startswith("=SUM(")
    weighted = fa.weighted_forecast(BOOK, by="quarter").set_index("period").loc[PERIOD, "weighted_nominal"]
    assert values.cell(row, 4).value == pytest.approx(weighted)
    assert values.cell(where[word("tables.quota")], 4).value == 3.5e6


def test_what_if_begins_with_the_weighted_pipeline_whatever_its_stages(tmp_path: Path) -> None:
    # Due in the period: 100 in Proof (60%), 50 in no stage, and none of a credit, a placeholder and an omitted 70.
    rows = pd.DataFrame(
        [
            ("Proof", 100.0, None),
            (None, 50.0, None),
            ("Proof", -30.0, None),
            ("Proof", 1.0, None),
            ("Proof", 70.0, "omitted"),
        ],
        columns=["stage", "amount", "forecast_category"],
    )
    rows = rows.assign(opportunity_id=list("abcde"), outcome="open", close_date=pd.Timestamp("2026-11-30"))
    team = fa.assemble(fa.Parts(snapshots=rows), as_of="2026-09-30", currency="EUR")
    path = fa.write_review(team, tmp_path / "r.xlsx", period=PERIOD)
    cells = openpyxl.load_workbook(path, data_only=True)[word("reviews.what_if")]
    lines = {row[0]: row[1:] for row in cells.iter_rows(min_row=5, max_col=4, values_only=True) if row[0]}
    assert lines["Proof"] == (100, 0.6, 60)
    assert lines[word("values.unknown")] == (50, None, 0)
    assert lines[word("reviews.what_if_weighted")][-1] == 60
    total = fa.weighted_forecast(team, by=None, period=PERIOD).iloc[0]
    assert (total["amount"], total["weighted_nominal"]) == (150, 60)
    # What is over asks no what if.
    past = fa.write_review(team, tmp_path / "past.xlsx", period="2026Q2")
    assert word("reviews.what_if") not in openpyxl.load_workbook(past).sheetnames


def test_the_workbook_holds_every_table_whole(written: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(written[".xlsx"])
    for page in review_contents(BOOK, period=PERIOD).pages:
        sheet = book[word(f"reviews.{page.key}.name")[:28].strip()]
        table = page.table
        if page.key == "opportunity_inspection":
            table = inspected(table)
        assert sheet.max_row - 4 == len(table) or table.empty
        assert next(iter(sheet.tables.values())).name
    assert book[word("tables.receipt")] is not None


def test_excel_draws_the_waterfall_from_formulas_that_balance(written: dict[str, Path]) -> None:
    name = word("reviews.pipeline_changes.name")
    formulas = openpyxl.load_workbook(written[".xlsx"])[name]
    values = openpyxl.load_workbook(written[".xlsx"], data_only=True)[name]
    first = next(cell.column for cell in values[4] if cell.value == word("reviews.level"))
    rows = range(5, 5 + len(fa.pipeline_changes(BOOK)))
    level, up, down = ([values.cell(row, first + part).value for row in rows] for part in range(3))
    assert level[0] + sum(up) - sum(down) == pytest.approx(level[-1], abs=0.01)
    assert all(str(formulas.cell(row, first + part).value).startswith("=") for row in rows for part in range(-1, 3))


def test_excel_charts_show_the_cells_of_their_tables(written: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(written[".xlsx"], data_only=True)
    drawn = [series for chart in book[word("reviews.summary")]._charts for series in chart.series]
    assert len(drawn) > 15
    for series in drawn:
        sheet, cells = series.val.numRef.f.rsplit("!", 1)
        heading, named = series.tx.strRef.f.rsplit("!", 1)
        assert sheet == heading
        first, last = (cells.replace("$", "").split(":") * 2)[:2]  # one cell, or from … to
        table = book[sheet.strip("'")]
        assert table[named.replace("$", "")].row == 4
        assert table[named.replace("$", "")].column == table[first].column
        assert (table[first].row, table[last].row) == (5, table.max_row)


def test_bars_in_the_workbook_begin_at_0(written: dict[str, Path]) -> None:
    charts = openpyxl.load_workbook(written[".xlsx"])[word("reviews.summary")]._charts
    assert len(charts) > 5
    # Axis y is that of the numbers, also where the bars lie.
    assert {chart.y_axis.scaling.min for chart in charts} == {0}


def test_the_last_slide_says_how_to_make_the_review_again(computed: Contents) -> None:
    last = list(deck_of(computed, "en").slides)[-1]
    said = " ".join(shape.text_frame.text for shape in last.shapes if shape.has_text_frame)
    assert f"funnel-analytics review EXPORTS -o DIR --period {PERIOD} --lang en --outline quarterly_review" in said
    assert f"funnel-analytics {fa.__version__}" in said and "pandas" in said and "2026-09-30" in said


def test_formulas_and_links_of_a_crm_stay_text(hostile: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(hostile[".xlsx"])
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    formulas = [str(cell.value) for cell in cells if cell.data_type == "f"]
    assert formulas
    assert not [formula for formula in formulas if "HYPERLINK" in formula or "SUM(1" in formula]
    assert [cell for cell in cells if cell.value == HOSTILE[1]]
    # The summary links to the sheets, and nothing links out of the file.
    assert not [cell for cell in cells if cell.hyperlink and (cell.hyperlink.target or not cell.hyperlink.location)]
    titles = [shape.text_frame.text for slide in Presentation(str(hostile[".pptx"])).slides for shape in slide.shapes
              if shape.has_text_frame]  # fmt: skip
    assert titles


def test_the_page_shows_markup_as_text_and_asks_for_nothing_outside(hostile: dict[str, Path]) -> None:
    text = hostile[".html"].read_text(encoding="utf-8")
    tree = html.fromstring(text)
    assert len(tree.findall(".//script")) == 1
    assert "alert" not in tree.findall(".//script")[0].text
    assert HOSTILE[0] in tree.text_content()
    assert not tree.xpath("//*[@src]|//link|//iframe|//form|//*[@onclick]")
    assert not re.findall(r"(?:href|url\()\s*=?\s*[\"']?https?:", text)


@pytest.mark.parametrize("suffix", [".pptx", ".xlsx", ".html"])
def test_the_same_book_gives_the_same_bytes(tmp_path: Path, written: dict[str, Path], suffix: str) -> None:
    again = fa.write_review(team_book(150), tmp_path / f"r{suffix}", period=PERIOD)
    assert again.read_bytes() == written[suffix].read_bytes()
    if suffix != ".html":
        core = zipfile.ZipFile(again).read("docProps/core.xml").decode()
        assert "2026-09-30" in core


def test_nothing_is_overwritten_without_being_told(tmp_path: Path) -> None:
    target = tmp_path / "review-2026Q4.xlsx"
    target.write_text("mine")
    with pytest.raises(OutputError, match="--force"):
        write_reviews(BOOK, tmp_path, period=PERIOD)
    assert target.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_an_interrupted_run_leaves_the_old_files_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = {tmp_path / name: f"old {name}".encode() for name in ("a.txt", "b.txt")}
    atomic.write_whole(old)
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        atomic.write_whole(dict.fromkeys(old, b"new"), force=True)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_a_page_that_cannot_be_made_is_named_with_its_reason(tmp_path: Path) -> None:
    book = team_book(30, exports=1, history=False)
    contents = review_contents(book, period=PERIOD)
    assert "pipeline_changes" in {page.key for page in contents.left_out}
    path = fa.write_review(book, tmp_path / "r.pptx", period=PERIOD)
    last = [shape.text_frame.text for shape in list(Presentation(str(path)).slides)[-1].shapes if shape.has_text_frame]
    assert any(word("reviews.pipeline_changes.name") in text for text in last)


@pytest.mark.parametrize("count", [3, 300])
def test_few_and_many_opportunities_fit_on_the_slides(tmp_path: Path, count: int) -> None:
    path = fa.write_review(team_book(count), tmp_path / "r.pptx", period=PERIOD, lang="zh-Hant")
    deck = Presentation(str(path))
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= deck.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= deck.slide_height
            if shape.has_table:
                assert len(shape.table.rows) <= 12


def test_a_title_says_when_the_period_is_over_and_when_the_benchmark_is_only_proposed(tmp_path: Path) -> None:
    book = fa.Book(BOOK.methodology, BOOK.as_of, BOOK.currency, 1, None, 500_000.0, BOOK.frames)
    path = fa.write_review(book, tmp_path / "r.html", period="2026Q2")
    text = html.fromstring(path.read_text(encoding="utf-8")).text_content()
    assert "2026Q2 is over" in text
    assert "only proposed" in text


def test_names_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=re.escape("'.pptx'")):
        fa.write_review(BOOK, tmp_path / "r.ppt")
    assert list(tmp_path.iterdir()) == []


def test_long_names_are_shortened_by_their_width() -> None:
    assert shortened("短", 2) == "短"
    assert shortened("北方自动化设备有限公司", 10) == "北方自动…"


def test_every_page_of_the_outline_lists_columns_of_its_table() -> None:
    for page in wording(review_contents(BOOK, period=PERIOD), "en").pages:
        assert set(page.outline.columns) <= set(page.listed.columns), page.key
        assert set(page.outline.beside) <= set(page.table.columns)
        assert isinstance(page.table, pd.DataFrame)


def test_a_review_among_the_exports_is_not_read_as_one(tmp_path: Path) -> None:
    rows = BOOK.opportunities[["opportunity_id", "stage", "outcome", "amount", "close_date"]]
    rows.to_csv(tmp_path / "opportunities 2026-09-30.csv", index=False)
    before = fa.read_exports(tmp_path)
    paths = write_reviews(before, tmp_path, period=PERIOD)
    again = fa.read_exports(tmp_path)
    assert len(again.opportunities) == len(before.opportunities)
    assert again.issues["message"].str.contains("a review written by").sum() == 1
    for path in (path for path in paths if path.suffix != ".pptx"):
        with pytest.raises(ExportError, match="not an export"):
            fa.read_exports(path)
