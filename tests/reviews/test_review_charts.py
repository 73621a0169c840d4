"""Charts of a review: the tables' own amounts in the units of each language, labelled, and told to those who cannot see."""

import html
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import openpyxl
import pandas as pd
import pytest
from pptx import Presentation
from pptx.enum.dml import MSO_FILL
from pptx.oxml.ns import qn

import funnel_analytics as fa
from books import team_book
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import load_methodology
from funnel_analytics.reviews.contents import Contents, ReviewPage, review_contents
from funnel_analytics.reviews.fitting import told_apart, width
from funnel_analytics.reviews.shown import Wording, wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.reviews.workbook import workbook
from funnel_analytics.sample import load_sample
from funnel_analytics.tables import column_kind
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
        assert f']"{sign}"' in shown[sign].data_labels.number_format
        assert shown[sign].format.fill.type == MSO_FILL.BACKGROUND
    highest = max(sum(filter(None, column)) for column in zip(*(shown[name].values for name in (" ", word("reviews.level"), "+", "−")), strict=True))  # fmt: skip
    assert highest < chart.value_axis.maximum_scale


def test_every_painted_part_of_the_outlook_is_named_in_the_legend(computed: Contents) -> None:
    """None is left out of it: LibreOffice left out new business in place of the gap, which has no colour and no name."""
    chart = next(chart for title, chart in charts(wording(computed, "en")).items() if " outlook " in title)
    assert chart.has_legend
    assert not list(chart._chartSpace.iter(qn("c:legendEntry")))
    unnamed = [series for series in chart.plots[0].series if not series.name.strip()]
    assert [series.format.fill.type for series in unnamed] == [MSO_FILL.BACKGROUND]


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


def with_amounts(contents: Contents, factor: float, *keys: str) -> Contents:
    """The same pages with the money of some multiplied."""

    def scaled(page: ReviewPage) -> ReviewPage:
        money = [name for name in page.table if column_kind(page.table, name) == "money"]
        return replace(page, table=page.table.assign(**{name: page.table[name] * factor for name in money}))

    pages = tuple(scaled(page) if page.key in keys else page for page in contents.pages)
    return replace(contents, pages=pages)


def tables(content: bytes) -> list[list[list[str]]]:
    """The cells of each native table."""
    deck = Presentation(io.BytesIO(content))
    found = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in found]


def test_amounts_without_room_are_said_shortly_and_never_broken(computed: Contents) -> None:
    # Amounts of 12 to 13 digits, five columns in less than half a slide.
    content = slides(wording(with_amounts(computed, 1e6, "forecast_backtest"), "en"))
    track = next(rows for rows in tables(content) if rows[0][-1] == word("tables.actual"))
    amounts = [text for row in track[1:] for text in row[1:]]
    assert all(re.fullmatch(r"[\d,.]+[BT]|0|–", text) for text in amounts)


def test_a_way_below_0_is_a_table_because_columns_cannot_show_it(computed: Contents) -> None:
    said = wording(with_amounts(computed, -1.0, "pipeline_changes"), "en")
    title = next(page.title for page in said.pages if page.key == "pipeline_changes")
    assert title not in charts(said)
    causes = next(rows for rows in tables(slides(said)) if rows[0][0] == word("tables.cause"))
    assert causes[1][-1].startswith("-") and causes[-1][-1].startswith("-")


def test_slides_and_the_page_leave_out_what_is_empty_and_the_workbook_has_it(computed: Contents) -> None:
    said = wording(computed, "en")
    changes = next(page for page in said.pages if page.key == "pipeline_changes")
    empty = changes.table[(changes.table["opportunities"] == 0) & ~changes.table["cause"].isin(["opening", "closing"])]
    assert len(empty) and set(changes.telling["cause"]) == set(changes.table["cause"]) - set(empty["cause"])
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(said)))[word("reviews.pipeline_changes.name")]
    assert sheet.max_row - 4 == len(changes.table)


def test_names_that_begin_alike_are_told_apart() -> None:
    names = [f"某某智能科技股份有限公司华南区{part}" for part in ("一期", "二期", "三期")]
    # 20 half-width columns: the ends stay.
    assert [name[-2:] for name in told_apart(names, 20)] == ["一期", "二期", "三期"]
    assert all(width(name) <= 20 for name in told_apart(names, 20))
    # Alike at both ends: the beginnings are as good as anything.
    assert told_apart(["Northern A Automation", "Northern B Automation"], 12) == ["Northern A…", "Northern B…"]
    assert told_apart(["Northern x Automation", "Northern y Automation"], 8) == ["Norther…"] * 2


@pytest.mark.parametrize("outline", ["quarterly_review", "forecast_call", "account_review"])
def test_charts_of_quotas_calls_and_products_hold_the_numbers_of_their_tables(outline: str) -> None:
    contents = review_contents(load_sample(), outline=outline)
    said = wording(contents, "en")
    found = charts(said)
    drawn = {page.outline.table: (page.table, found[page.title]) for page in said.pages if page.title in found}
    seen = set()
    for name, (table, chart) in drawn.items():
        values = {
            series.name: [value for value in series.values if value is not None] for series in chart.plots[0].series
        }
        if name == "quota_pacing":
            for period in table["period"].unique()[-2:]:
                assert values[period] == table.loc[table["period"] == period, "won_amount"].dropna().tolist()
            assert set(values[word("tables.quota", "en")]) == {table.loc[table["current"], "quota"].iloc[0]}
        elif name == "call_accuracy":
            (bias,) = values.values()
            assert bias and set(bias) <= set(table["bias"])
        elif name == "whitespace_by_segment":
            untouched = table.groupby("product")["untouched_accounts"].sum()
            assert (
                values[word("tables.untouched_accounts", "en")] == untouched[list(chart.plots[0].categories)].tolist()
            )
        else:
            continue
        seen.add(name)
    wanted = {"quarterly_review": {"quota_pacing"}, "forecast_call": {"quota_pacing", "call_accuracy"},
              "account_review": {"whitespace_by_segment"}}  # fmt: skip
    assert seen == wanted[outline]


ROW = {
    "stage": "Proof",
    "outcome": "open",
    "close_date": "2026-11-30",
    "owner": "Ana",
    "as_of": pd.Timestamp("2026-09-30"),
}
QUOTA = pd.DataFrame({"period": ["2026Q3"], "quota": [400.0]})


def rows_of(*given: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame([{"opportunity_id": f"d{place}", **ROW, **one} for place, one in enumerate(given)])
    return frame.assign(close_date=pd.to_datetime(frame["close_date"]))


def drawn_of(book: fa.Book, key: str, period: str, outline: str = "quarterly_review") -> Any | None:
    """The chart of a page's slide; None where it is a table."""
    said = wording(review_contents(book, period=period, outline=outline), "en")
    title = next(page.title for page in said.pages if page.key == key)
    return charts(said).get(title)


def test_of_a_period_that_is_over_no_range_and_no_need_are_drawn() -> None:
    won = {"outcome": "won", "close_date": "2026-08-15", "amount": 100.0}
    book = fa.assemble(fa.Parts(snapshots=rows_of(won, {"amount": 50.0}), quotas=QUOTA), currency="EUR")
    outlook, coverage = (drawn_of(book, key, "2026Q3") for key in ("outlook", "pipeline_coverage"))
    assert list(outlook.plots[0].categories) == ["Won so far in the period", "Quota"]
    assert [list(one.values) for one in outlook.plots[0].series][-1] == [None, 400]
    assert list(coverage.plots[0].categories) == ["Open, due in the period", "Quota"]
    # Bars of parts begin at 0, however near each other they end.
    assert outlook.value_axis.minimum_scale == coverage.value_axis.minimum_scale == 0


def test_what_lies_below_0_is_a_table_because_bars_on_each_other_cannot_show_it() -> None:
    credit = {"outcome": "won", "close_date": "2026-08-15", "amount": -100.0}
    book = fa.assemble(fa.Parts(snapshots=rows_of(credit, {"amount": 50.0}), quotas=QUOTA), currency="EUR")
    assert drawn_of(book, "outlook", "2026Q3") is None
    assert drawn_of(book, "pipeline_coverage", "2026Q3") is None
    said = wording(review_contents(book, period="2026Q3"), "en")
    summary = openpyxl.load_workbook(io.BytesIO(workbook(said)))[word("reviews.summary", "en")]
    lowest = [chart.y_axis.scaling.min for chart in summary._charts]
    # Outlook and coverage reach below 0, the weighted pipeline and all others begin there.
    assert lowest.count(None) == 2 and set(lowest) == {None, 0}


def test_classes_of_one_account_are_drawn_before_the_lines_that_are_longer() -> None:
    criteria = [one.key for one in load_methodology().criteria]
    given = {"a": (900.0, 5.0), "b": (100.0, 1.0), "c": (100.0, 5.0)}
    accounts = pd.DataFrame(
        [(one, revenue) for one, (revenue, _) in given.items()], columns=["account_id", "current_revenue"]
    )
    ratings = pd.DataFrame([(one, key, rating) for one, (_, rating) in given.items() for key in criteria],
                           columns=["account_id", "criterion", "rating"])  # fmt: skip
    parts = fa.Parts(snapshots=rows_of({"amount": 50.0, "account_id": "a"}), accounts=accounts, ratings=ratings)
    book = fa.assemble(parts, currency="EUR", revenue_benchmark=500.0)
    series = drawn_of(book, "account_segments", "2026Q4").plots[0].series
    assert [(one.name, len(list(one.iter_values()))) for one in series] == [
        ("Revenue benchmark", 2), ("Potential level", 2), ("A+", 1), ("A", 1), ("C", 1),
    ]  # fmt: skip


def test_whoever_called_and_won_nothing_stands_in_the_chart_without_a_bar() -> None:
    won = rows_of({"outcome": "won", "close_date": "2026-08-15", "amount": 100.0})
    made = [("Ana", "2026Q3", 150.0), ("Ben", "2026Q3", 50.0), ("Cid", "2026Q4", 70.0)]
    calls = pd.DataFrame(made, columns=["owner", "period", "call"])
    calls = calls.assign(role="seller", called_on=pd.Timestamp("2026-06-30"))
    book = fa.assemble(fa.Parts(snapshots=won, calls=calls), currency="EUR")
    plot = drawn_of(book, "call_accuracy", "2026Q4", "forecast_call").plots[0]
    # Ana called 150 for 100; Ben nothing won; Cid's quarter still runs.
    assert dict(zip(plot.categories, plot.series[0].values, strict=True)) == {"Ana": 0.5, "Ben · Nothing won": None}
