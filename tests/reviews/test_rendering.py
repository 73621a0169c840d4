"""Deck and workbook as LibreOffice shows them, and the strings that break programs, in every output."""

import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from lxml import html
from pptx import Presentation
from pptx.util import Pt

import funnel_analytics as fa
from books import team_book
from funnel_analytics.reviews.contents import Contents, review_contents
from funnel_analytics.reviews.page import page
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.reviews.workbook import clean_text, workbook
from funnel_analytics.words import word

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")
PERIOD = "2026Q4"
LONG = [
    "深圳市某某智能科技发展股份有限公司华南区数字化工厂一期扩建及配套设备采购与安装调试服务总承包项目（二标段）合同续签",
    "Northern Automation Holding International GmbH & Co. KG – greenfield plant, lot 2",
    "上海某某汽車零部件製造有限公司",
]


def renamed(names: list[str]) -> fa.Book:
    """A team's book in which every opportunity, account and owner has one of these names."""
    book = team_book(80)
    frames = dict(book.frames)
    for name in ("opportunities", "snapshots"):
        rows = frames[name].copy()
        for place, column in enumerate(("opportunity_name", "account_name", "owner")):
            rows[column] = [names[(3 * at + place) % len(names)] for at in range(len(rows))]
        frames[name] = rows
    accounts = frames["accounts"]
    frames["accounts"] = accounts.assign(account_name=[names[at % len(names)] for at in range(len(accounts))])
    return fa.Book(
        book.methodology, book.as_of, book.currency, 1, book.revenue_benchmark, book.proposed_benchmark, frames
    )


@pytest.fixture(scope="module")
def long_names() -> Contents:
    return review_contents(renamed(LONG), period=PERIOD)


Word = tuple[float, float, float, float, str]


def pages(content: bytes, suffix: str, folder: Path) -> list[list[Word]]:
    """Every word of every page with its box in points: left, top, right, bottom."""
    for tool in ("soffice", "pdftotext"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed: nothing can be rendered")
    source = folder / f"r{suffix}"
    source.write_bytes(content)
    settings = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    convert = ["soffice", settings, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(convert, check=True, capture_output=True, timeout=180)
    made = subprocess.run(["pdftotext", "-bbox", str(folder / "r.pdf"), "-"], check=True, capture_output=True)
    found = []
    for part in made.stdout.decode("utf-8").split("<page ")[1:]:
        boxes = re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', part
        )
        found.append([(float(a), float(b), float(c), float(d), text) for a, b, c, d, text in boxes])
    return found


def overlap(one: Word, other: Word) -> float:
    """Share of the smaller word that the other covers."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((word[2] - word[0]) * (word[3] - word[1]) for word in (one, other))
    return wide * high / smaller if wide > 0 and high > 0 and smaller > 0 else 0.0


def test_no_text_of_a_deck_leaves_its_box_or_lies_on_another(long_names: Contents, tmp_path: Path) -> None:
    content = slides(wording(long_names, "zh-Hans"))
    deck, slack = Presentation(io.BytesIO(content)), 3.0
    rendered = pages(content, ".pptx", tmp_path)
    assert len(rendered) == len(deck.slides)
    for slide, words in zip(deck.slides, rendered, strict=True):
        shapes = [(s.left / Pt(1), s.top / Pt(1), (s.left + s.width) / Pt(1), (s.top + s.height) / Pt(1), s) for s in slide.shapes]  # fmt: skip
        charts = [shape for shape in shapes if shape[4].has_chart]
        written = [w for w in words if not any(c[0] <= w[0] and w[2] <= c[2] and c[1] <= w[1] and w[3] <= c[3] for c in charts)]  # fmt: skip
        title = slide.shapes.title.text
        for at, one in enumerate(written):
            inside = [s for s in shapes if s[0] - slack <= one[0] and one[2] <= s[2] + slack
                      and s[1] - slack <= one[1] and one[3] <= s[3] + slack]  # fmt: skip
            assert inside, (title, one)
            assert not [other for other in written[at + 1 :] if overlap(one, other) > 0.3], (title, one)
        # A character without a glyph is not found again in the page's text.
        assert {sign for sign in title if not sign.isspace()} <= set("".join(word[4] for word in words)), title


def test_the_workbook_opens_and_prints_its_titles(long_names: Contents, tmp_path: Path) -> None:
    rendered = pages(workbook(wording(long_names, "zh-Hant")), ".xlsx", tmp_path)
    text = "".join(word[4] for words in rendered for word in words)
    assert not re.findall(r"#(?:REF|NAME|VALUE|DIV/0|N/A)|Err:5\d\d", text)
    assert len(rendered) >= len(long_names.pages)
    assert "商機回顧" in text and "深圳市某某智能科技" in text


def test_a_table_without_a_single_number_has_no_chart_and_breaks_no_workbook() -> None:
    contents = review_contents(team_book(40), period=PERIOD)
    times = contents.table("time_in_stage")
    assert times is not None
    times[["median_days", "stall_days"]] = float("nan")
    assert openpyxl.load_workbook(io.BytesIO(workbook(wording(contents, "en")))).sheetnames


def test_visits_without_a_median_or_a_stall_are_no_page() -> None:
    contents = review_contents(team_book(40, exports=1, history=False), period=PERIOD)
    assert {left.key: left.reason for left in contents.left_out}["time_in_stage"] == "insufficient_history"


def test_strings_that_break_programs_are_text_in_every_output(shared: Path) -> None:
    folder = shared / "data" / "messy" / "hostile_strings"
    payloads = (folder / "csv-injection-payloads.txt").read_text("utf-8", errors="replace").splitlines()
    naughty = json.loads((folder / "blns.json").read_text("utf-8"))
    names = [name for name in [*payloads, *naughty] if name.strip()]
    contents = review_contents(renamed(names), period=PERIOD)
    book = openpyxl.load_workbook(io.BytesIO(workbook(wording(contents, "en"))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    hostile = {clean_text(name) for name in names}
    assert not [cell for cell in cells if cell.data_type == "f" and cell.value in hostile]
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]
    assert [cell for cell in cells if cell.value in hostile]
    tree = html.fromstring(page(wording(contents, "en")).decode("utf-8"))
    assert len(tree.findall(".//script")) == 1
    assert not tree.xpath("//*[@src]|//iframe|//object|//embed|//*[starts-with(name(@*), 'on')]")
    deck = Presentation(io.BytesIO(slides(wording(contents, "en"))))
    assert [cell.text for slide in deck.slides for shape in slide.shapes if shape.has_table for cell in shape.table.iter_cells()]  # fmt: skip


def test_another_probability_and_quota_move_the_forecast_when_the_workbook_calculates(
    long_names: Contents, tmp_path: Path
) -> None:
    if shutil.which("soffice") is None:
        pytest.skip("soffice is not installed: nothing calculates the workbook")
    name = word("reviews.what_if")
    book = openpyxl.load_workbook(io.BytesIO(workbook(wording(long_names, "en"))))
    book[name]["C6"], book[name]["D15"] = 0.9, 5_000_000
    for title in [title for title in book.sheetnames if title != name]:
        del book[title]
    book.save(tmp_path / "r.xlsx")
    settings = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    convert = ["soffice", settings, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(tmp_path / "r.xlsx")]  # fmt: skip
    subprocess.run(convert, check=True, capture_output=True, timeout=180)
    sheet = openpyxl.load_workbook(tmp_path / "out" / "r.xlsx", data_only=True).active
    assert sheet is not None
    stages = [[float(str(cell.value)) for cell in row] for row in sheet["B5:C10"]]
    weighted = sum(amount * probability for amount, probability in stages)
    assert stages[1][1] == 0.9
    assert [sheet["A12"].value, sheet["D12"].value] == [word("reviews.what_if_weighted"), pytest.approx(weighted)]
    assert sheet["D16"].value == pytest.approx(5_000_000 - weighted - float(str(sheet["D13"].value)))
