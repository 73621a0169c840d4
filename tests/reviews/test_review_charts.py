"""Charts of a review: the tables' own amounts in the units of each language, labelled, and told to those who cannot see."""

import html
import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from pptx import Presentation
from pptx.enum.dml import MSO_FILL

from books import team_book
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.reviews.contents import Contents, review_contents
from funnel_analytics.reviews.shown import Wording, wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.reviews.workbook import workbook
from funnel_analytics.words import word

# openpyxl does not know the data bars that xlsxwriter writes, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")


@pytest.fixture(scope="module")
def computed() -> Contents:
    return review_contents(team_book(150), period="2026Q4")


def charts(said: Wording) -> dict[str, Any]:
    """The native chart of each slide, by the slide's title."""
    deck = Presentation(io.BytesIO(slides(said)))
    return {slide.shapes.title.text: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_hold_the_amounts_of_the_tables_in_every_language(computed: Contents, lang: str) -> None:
    said = wording(computed, lang)
    found = charts(said)
    table = computed.table("weighted_forecast")
    assert table is not None
    title = next(page.title for page in said.pages if page.key == "weighted_forecast")
    plot = found[title].plots[0]
    values = {series.name: list(series.values) for series in plot.series}
    assert values[word("tables.amount", lang)] == table["amount"].tolist()
    sign = {"en": "k", "zh-Hans": "万", "zh-Hant": "萬"}[lang]
    assert f'"{sign}"' in plot.series[0].data_labels.number_format
    book = openpyxl.load_workbook(io.BytesIO(workbook(said)))
    forms = [chart.y_axis.numFmt.formatCode for chart in book[word("reviews.summary", lang)]._charts]
    assert any(f'"{sign}"' in form for form in forms)


def test_steps_of_a_waterfall_carry_their_numbers_above_them(computed: Contents) -> None:
    chart = next(chart for title, chart in charts(wording(computed, "en")).items() if " won, " in title)
    shown = {series.name: series for series in chart.plots[0].series}
    for sign, name in (("+", "increased"), ("−", "decreased")):
        assert list(shown[sign].values) == list(shown[word(f"values.{name}")].values)
        assert shown[sign].data_labels.number_format.startswith(f'"{sign}"')
        assert shown[sign].format.fill.type == MSO_FILL.BACKGROUND
    highest = max(sum(filter(None, column)) for column in zip(*(shown[name].values for name in (" ", word("reviews.level"), "+", "−")), strict=True))  # fmt: skip
    assert highest < chart.value_axis.maximum_scale


def test_charts_and_tables_are_described_for_those_who_cannot_see_them(
    computed: Contents,
) -> None:
    said = wording(computed, "en")
    titles = {page.title for page in said.pages}
    for slide in Presentation(io.BytesIO(slides(said))).slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table:
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr") == slide.shapes.title.text
    drawings = zipfile.ZipFile(io.BytesIO(workbook(said))).read("xl/drawings/drawing1.xml").decode("utf-8")
    described = set(re.findall(r'descr="([^"]+)"', drawings))
    assert described and {html.unescape(text) for text in described} <= titles
