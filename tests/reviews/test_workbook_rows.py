"""The rows that are put into a workbook: what is read back is what the table holds, whatever its texts are."""

import io
import re
import zipfile

import openpyxl
import pandas as pd
from hypothesis import given, settings, strategies as st

from funnel_analytics.reviews.workbook import clean_text, table_workbook
from funnel_analytics.words import word

DAY = pd.Timestamp("2026-09-30")
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=12)


def cells(frame: pd.DataFrame, lang: str = "en") -> list[tuple[object, ...]]:
    """The headings and the rows as another program reads them."""
    frame.attrs = {"as_of": DAY}
    sheet = openpyxl.load_workbook(io.BytesIO(table_workbook(frame, lang, "Deals"))).active
    assert sheet is not None
    return list(sheet.iter_rows(values_only=True))


def test_every_cell_is_read_back_with_its_kind_and_gaps_stay_gaps() -> None:
    frame = pd.DataFrame(
        {
            "opportunity_name": ["=1+1", None, "客户—甲 & <b>", " spaces "],
            "amount": [1234567.891, 0.0, None, -5.0],
            "probability": [0.25, None, 1.0, 0.0],
            "close_date": [DAY, pd.NaT, pd.Timestamp("1850-01-01"), DAY],
            "stage": ["won", "lost", None, "won"],
        }
    )
    assert cells(frame) == [
        tuple(word(f"tables.{name}") for name in frame),
        ("=1+1", 1234567.891, 0.25, "2026-09-30", "Won"),
        (None, 0, None, None, "Lost"),
        ("客户—甲 & <b>", None, 1, "1850-01-01", None),
        (" spaces ", -5, 0, "2026-09-30", "Won"),
    ]  # a day that Excel cannot count makes its column text
    dated = cells(frame[["close_date"]].drop(index=2))
    assert dated[1:] == [(DAY.to_pydatetime(),), (None,), (DAY.to_pydatetime(),)]


@settings(max_examples=25)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_any_text_is_text_and_comes_back_as_it_was(texts: list[str]) -> None:
    content = table_workbook(_named(texts), "en", "Deals")
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert "<f>" not in sheet
    read = [row[0] for row in cells(_named(texts))[1:]]
    assert read == [clean_text(text) for text in texts]


def _named(texts: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({"owner": texts, "amount": range(len(texts))})
    frame.attrs = {"as_of": DAY}
    return frame


def test_what_looks_like_an_escape_of_excel_is_escaped_itself() -> None:
    content = table_workbook(_named(["line_x000A_break"]), "en", "Deals")
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert "line_x005F_x000A_break" in sheet


def test_a_table_without_rows_keeps_its_headings_and_a_long_one_says_how_large_it_is() -> None:
    empty = cells(_named([]).astype({"owner": "str"}))
    assert empty[0] == (word("tables.owner"), word("tables.amount"))
    assert all(value is None for row in empty[1:] for value in row)
    content = table_workbook(_named([f"Ann {at}" for at in range(300)]), "en", "Deals")
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode("utf-8")
    assert re.search(r'<dimension ref="A1:B301"', sheet)


def test_whole_numbers_have_no_decimals_and_others_have_two() -> None:
    frame = pd.DataFrame({"rating": [1.0, 3.0], "expected_wins": [0.02, 107.02]})
    frame.attrs = {"as_of": DAY}
    sheet = openpyxl.load_workbook(io.BytesIO(table_workbook(frame, "en", "Ratings"))).active
    assert sheet is not None
    assert [cell.number_format for cell in sheet[2]] == ["#,##0", "#,##0.00"]


def test_a_row_is_as_high_as_its_sentences_and_text_keeps_off_the_number_before_it() -> None:
    # 90 columns less the indent hold 86 half-width characters: 300 take four lines, one word takes one.
    frame = pd.DataFrame({"amount": [1.0, 2.0], "reasons": ["x" * 300, "stalled"]})
    frame.attrs = {"as_of": DAY}
    sheet = openpyxl.load_workbook(io.BytesIO(table_workbook(frame, "en", "Deals"))).active
    assert sheet is not None
    assert [sheet.row_dimensions[row].height for row in (2, 3)] == [4 * 15, None]
    text = sheet.cell(2, 2).alignment
    assert (text.horizontal, text.indent, text.wrap_text) == ("left", 1, True)
