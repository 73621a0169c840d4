"""Lines of text tables that lost or won a field, a mark or a line end are put right, and that is said."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.text_files import read_text

from .test_odd_files import ENGLISH, ROWS, SIMPLIFIED, found, read, said, table, text

BROKEN = {
    "a line break inside a name": (lambda t: t.replace("Contoso", "Con\ntoso"), ["Con\ntoso"], "a line break inside a value"),
    "two lines run together": (lambda t: t.replace("Dana Lee\nO-2", "Dana Lee,O-2"), ["Contoso"], "each counts as a row"),
    "a field lost": (lambda t: t.replace("O-2,Contoso,", "O-2,"), [None], "left empty where one is missing"),
    "two commas in one row": (lambda t: t.replace("Contoso", "Contoso, Inc").replace("Sam Ortiz", "Ortiz, Sam"), ["Contoso, Inc"], "put together"),
    "decimal comma in one row": (lambda t: t.replace("48000.50", "48000,50"), ["Contoso"], "put together"),
    "decimal commas in all rows": (lambda t: re.sub(r"(\d)\.(\d\d),", r"\1,\2,", t), ["Contoso"], "put together"),
    "a mark never closed in the headings": (lambda t: t.replace("Account Name", '"Account Name'), ["Contoso"], "row 1"),
    "a name with marks": (lambda t: t.replace("Contoso", '"Con" toso'), ['"Con" toso'], "row 3"),
    "marks inside marks": (lambda t: re.sub(r"([^,\n]+)", r'"\1"', t).replace("Contoso", 'The "Con" toso'), ['The "Con" toso'], "row 3"),
    "marks and a comma inside marks": (lambda t: t.replace("Contoso", '"The "Con", toso"'), ['The "Con", toso'], "row 3"),
    "curly marks": (lambda t: re.sub(r"([^,\n]+)", r"“\1”", t), ["Contoso"], "curly quotation marks"),
    "single marks": (lambda t: re.sub(r"([^,\n]+)", r"'\1'", t).replace("Contoso", 'O\'\'Brien "B"'), ["O'Brien \"B\""], "single quotation marks"),
    "blanks behind marks": (lambda t: re.sub(r"([^,\n]+)", r'"\1"', t).replace(",", " , "), ["Contoso"], ""),
    "headings in Chinese again": (lambda t: t.replace("O-3", ",".join(SIMPLIFIED) + "\nO-3"), ["Contoso"], "repeated heading"),
    "headings behind the last owner": (lambda t: t.replace("Ortiz\n", "Ortiz" + ",".join(ENGLISH) + "\n"), ["Contoso"], "2 records on one line"),
}  # fmt: skip


@pytest.mark.parametrize(("broken", "name", "told"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_costs_no_record(
    tmp_path: Path, broken: Callable[[str], str], name: list[str | None], told: str
) -> None:
    rows = [[*row] for row in ROWS]
    rows[1][1] = name[0]
    book = read(tmp_path / "x.csv", broken(text(table())))
    if "Ortiz, Sam" in broken(text(table())):
        rows[1][6] = "Ortiz, Sam"
    assert found(book) == rows
    assert told in said(book)


@pytest.mark.parametrize("marks", [",，", ";；"])
def test_a_line_with_full_width_marks_is_a_record_and_a_remark_is_none(tmp_path: Path, marks: str) -> None:
    lines = ["商机编号,客户名称,销售阶段,金额", *(f"A{n},甲{n},初步接触,{n}" for n in range(1, 6))]
    lines = [line.replace(",", marks[0]) for line in lines]
    lines[3] = lines[3].replace(*marks)
    (tmp_path / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    sheet = read_text((tmp_path / "x.csv").read_bytes(), "x.csv")
    assert sheet.cells.iloc[3].tolist() == ["A3", "甲3", "初步接触", "3"] and "row 4: delimiter" in " ".join(
        sheet.notes
    )
    (tmp_path / "x.csv").write_text(
        "\n".join([*lines, f"注：甲{marks[1]}乙{marks[1]}丙{marks[1]}丁"]), encoding="utf-8"
    )
    sheet = read_text((tmp_path / "x.csv").read_bytes(), "x.csv")
    assert sheet.cells[0].iloc[-1] == f"注：甲{marks[1]}乙{marks[1]}丙{marks[1]}丁"


def test_nulls_of_a_database_are_blank_where_backslashes_escape(tmp_path: Path) -> None:
    lines = [[f'"{cell}"' for cell in line] for line in table()]
    lines[1][1], lines[2][6] = '"The \\"Big\\" One"', "\\N"
    book = read(tmp_path / "x.csv", "\n".join(map(",".join, lines)))
    assert found(book)[0][1] == 'The "Big" One' and found(book)[1][6] is None


def test_headings_again_in_another_language_and_order_are_another_table(tmp_path: Path) -> None:
    turned = [SIMPLIFIED[at] for at in (0, 1, 2, 3, 5, 4, 6)]
    lines = table()
    book = read(tmp_path / "x.csv", text([*lines[:3], turned, *lines[3:]]))
    assert found(book) == ROWS[:2] and "was not read" in said(book)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (text(table()).encode().replace(b"Contoso", b"Con\xfftoso"), 3),
        (text([SIMPLIFIED, *table()[1:]]).replace("Contoso", "腾讯科技").replace("Dana Lee", "王芳").encode("gbk").replace(b"O-3,", b"O-3,\xff"), 4),
        (text(table()).replace("Contoso", "Müller Söhne").encode().replace(b" S", b"\x96S", 1), 3),
    ],
)  # fmt: skip
def test_a_damaged_byte_is_named_with_its_line(tmp_path: Path, content: bytes, line: int) -> None:
    book = read(tmp_path / "x.csv", content)
    assert f"(encoding) became \ufffd in line {line}" in said(book)
    assert [row[3:6] for row in found(book)] == [row[3:6] for row in ROWS]


@pytest.mark.parametrize("mark", ["\x01", "\x1f", "｜", "¦", "§"])
def test_rare_delimiters(tmp_path: Path, mark: str) -> None:
    assert found(read(tmp_path / "x.csv", text(table(), mark))) == ROWS


def test_a_text_without_columns_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="holds no table: no line of it has two columns"):
        read(tmp_path / "x.csv", "Your session has expired.\nPlease log in.\n")


def test_a_delimiter_in_one_of_several_texts_moves_no_amount(tmp_path: Path) -> None:
    # "North,wind" without a blank: the account or the stage can hold it, amounts and dates are the same either way.
    book = read(tmp_path / "x.csv", text(table()).replace("Contoso", "North,wind").replace(",Dana Lee", ",Dana"))
    rows = [[*row] for row in ROWS]
    assert [row[3:6] for row in found(book)] == [row[3:6] for row in rows]
    assert "row 3: 8 fields instead of 7, a value with the delimiter in it put together" in said(book)


def test_a_last_line_of_labelled_values_is_a_footer(tmp_path: Path) -> None:
    book = read(tmp_path / "x.csv", text(table()) + "Prepared by: Dana Lee,On: 2026-09-30,,,,,\n")
    assert len(found(book)) == 4
    assert "Prepared by: Dana Lee | On: 2026-09-30" in said(book)


def test_delimiters_alone_are_an_empty_file(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is empty"):
        read(tmp_path / "x.csv", "\n \n\t\n,,,\n;;\n")
