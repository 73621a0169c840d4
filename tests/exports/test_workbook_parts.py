"""What the parts of a workbook tell and its cells do not: formulas that nobody calculated, cells far from the table."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

import funnel_analytics as fa
from funnel_analytics.exports.formats.cells import Sheet
from funnel_analytics.exports.formats.far_cells import far_from_table, xls_without_far_cells
from funnel_analytics.exports.formats.formulas import Formulas, in_ods_table, note_xls_formula, note_xlsb_formula
from funnel_analytics.exports.formats.hidden_parts import (
    in_xls,
    in_xlsb_sheet,
    xlsb_counts_from_1904,
    xlsb_styles,
)
from funnel_analytics.exports.formats.number_formats import SpecialCells, format_meaning, shown_as
from funnel_analytics.exports.formats.opening import read_sheets


def rewrite(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, change(content) if name == part else content)


def binary_with_a_far_cell(source: Path, path: Path) -> Path:
    """An xlsb file with one more row, the last of all, in which only the last cell of all holds a number."""
    row = struct.pack("<IIHHI", 1_048_575, 0, 300, 0, 0) + b"\0" + struct.pack("<III", 1, 16_383, 16_383)
    cell = struct.pack("<IId", 16_383, 0, 7.0)
    more, end = bytes([0, len(row)]) + row + bytes([5, len(cell)]) + cell, b"\x92\x01\x00"
    path.write_bytes(source.read_bytes())
    rewrite(path, "xl/worksheets/sheet1.bin", lambda part: part.replace(end, more + end))
    return path


def open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<manifest/>")
        spaces = "".join(
            f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
        )
        table = f'<table:table table:name="S">{rows}</table:table>'
        package.writestr(
            "content.xml",
            f"<office:document-content{spaces}><office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def formula_notes(path: Path) -> list[str]:
    return [note for note in read_sheets(path)[0].notes if "formulas" in note]


def test_a_zero_that_only_stands_for_a_result_reads_as_blank(tmp_path):
    # xlsxwriter stores 0 for each formula and asks Excel to calculate on opening.
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b", "c", "d"])
        for row in range(1, 4):
            sheet.write_row(row, 0, [row, 0])
            sheet.write_formula(row, 2, f"=A{row + 1}*2")
            sheet.write_formula(row, 3, "=A2-1", value=row - 1)
    (read,) = read_sheets(tmp_path / "x.xlsx")
    assert read.cells.iloc[1:].map(lambda cell: cell if isinstance(cell, str) else None).to_numpy().tolist() == [
        ["1", "0", None, "0"], ["2", "0", None, "1"], ["3", "0", None, "2"]
    ]  # fmt: skip
    assert formula_notes(tmp_path / "x.xlsx")[0].startswith("3 formulas have no stored result")


def test_zeros_of_a_whole_column_of_formulas_are_kept_and_told(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        for row in range(1, 4):
            sheet.write_number(row, 0, row)
            sheet.write_formula(row, 1, "=A2-A2")
    rewrite(tmp_path / "x.xlsx", "xl/workbook.xml", lambda part: part.replace(b' fullCalcOnLoad="1"', b""))
    assert read_sheets(tmp_path / "x.xlsx")[0].cells[1].tolist() == ["b", "0", "0", "0"]
    (told,) = formula_notes(tmp_path / "x.xlsx")
    assert told.startswith("all 3 formulas of column B have the stored result 0")


def test_no_formula_is_missed_between_two_pieces_of_a_large_sheet(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(40_000):
            sheet.write_formula(row, 0, f"=B{row + 1}*2")
            sheet.write_number(row, 1, row)
    (read,) = read_sheets(tmp_path / "x.xlsx")
    assert read.cells[0].isna().all()
    assert formula_notes(tmp_path / "x.xlsx")[0].startswith("40000 formulas have no stored result")


def test_formulas_of_older_formats_that_nobody_calculated_are_told():
    zero, blank, one = bytes(8), b"\x03" + bytes(5) + b"\xff\xff", struct.pack("<d", 1.0)
    old, binary = Formulas(), Formulas()
    for row, result in enumerate((zero, zero, zero)):
        note_xls_formula(struct.pack("<HHH", row, 0, 0) + result, old)
        note_xlsb_formula(9, struct.pack("<II", 0, 0) + result, row + 1, binary)
    for row, result in enumerate((blank, blank)):
        note_xls_formula(struct.pack("<HHH", row, 1, 0) + result, old)
        note_xlsb_formula(8, struct.pack("<IIII", 1, 0, 0, 0), row + 1, binary)
    note_xls_formula(struct.pack("<HHH", 9, 2, 0) + one, old)
    note_xlsb_formula(9, struct.pack("<II", 2, 0) + one, 9, binary)
    for found in (old, binary):
        assert [note.split(":")[0] for note in found.notes()] == [
            "2 formulas have no stored result and read as blank",
            "all 3 formulas of column A have the stored result 0",
        ]
    table = '<table:table-cell table:formula="of:=[.A1]*2"/><table:table-cell table:formula="of:=1" office:value="1">'
    assert in_ods_table(table).columns[0].none == 1


def far_notes(sheet: Sheet) -> list[str]:
    return [note for note in sheet.notes if "far from the table" in note]


@pytest.mark.parametrize("place", ["XFD1048576", "XFD1", "ZZ3", "A1048576", "AZ900000"])
def test_a_lone_cell_far_away_is_left_out_and_named(tmp_path, place):
    book = openpyxl.Workbook()
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.active[place] = " "
    book.save(tmp_path / "x.xlsx")
    (read,) = read_sheets(tmp_path / "x.xlsx")
    assert read.cells.to_numpy().tolist() == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert far_notes(read) == [f"1 cell far from the table was not read: {place}"]


def test_a_lone_cell_far_away_in_a_binary_workbook_costs_neither_memory_nor_the_table(tmp_path, shared):
    source = shared / "corpus" / "dev" / "binary.xlsb"
    read, plain = read_sheets(binary_with_a_far_cell(source, tmp_path / "x.xlsb"))[0], read_sheets(source)[0]
    assert read.cells.equals(plain.cells)
    assert far_notes(read) == ["1 cell far from the table was not read: XFD1048576"]


def test_a_lone_cell_far_away_in_an_open_document(tmp_path):
    def cell(text: str) -> str:
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    blank = '<table:table-cell table:number-columns-repeated="16380"/>'
    rows = [cell("a") + cell("b"), cell("1") + cell("2") + blank + cell("far"), cell("3") + cell("4")]
    rows_around = f'<table:table-row table:number-rows-repeated="1048000">{blank}</table:table-row>'
    lines = [f"<table:table-row>{row}</table:table-row>" for row in rows]
    path = open_document(
        tmp_path / "x.ods", f"{''.join(lines)}{rows_around}<table:table-row>{cell('low')}</table:table-row>"
    )
    (read,) = read_sheets(path)
    assert read.cells.to_numpy().tolist() == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert far_notes(read) == ["2 cells far from the table were not read: 'far', 'low'"]


def test_a_lone_cell_far_away_in_an_xml_spreadsheet(tmp_path):
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    cell = '<Cell><Data ss:Type="String">a</Data></Cell>'
    far = f'<Row ss:Index="1048576">{cell}</Row>'.replace("<Cell", '<Cell ss:Index="16384"')
    rows = f"<Row>{cell}{cell}</Row>" * 3 + far
    (tmp_path / "x.xml").write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{name}" xmlns:ss="{name}"><Worksheet ss:Name="S"><Table>{rows}</Table></Worksheet></Workbook>'
    )
    (read,) = read_sheets(tmp_path / "x.xml")
    assert read.cells.shape == (3, 2) and far_notes(read) == ["1 cell far from the table was not read: XFD1048576"]


def test_a_lone_cell_far_away_in_an_old_workbook():
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def number(row: int, column: int) -> bytes:
        return record(0x203, struct.pack("<HHHd", row, column, 0, 1.0))

    begin, end = b"\x09\x08\x10\x00" + bytes(16), record(0x0A, b"")
    listed = record(0x85, struct.pack("<IHBB", len(begin) + 14 + len(end), 0, 2, 0) + b"ab")
    wide = record(0x200, struct.pack("<IIHHH", 0, 65_536, 0, 256, 0))
    sheet = begin + wide + number(0, 0) + number(0, 1) + number(65_535, 255) + end
    read, told = xls_without_far_cells(begin + listed + end + sheet)
    assert told == {"ab": "1 cell far from the table was not read: IV65536"}
    assert read[-22:-20] == b"\x01\x02" and read[:-22] + b"\x03\x02" + read[-20:] == begin + listed + end + sheet


def test_many_cells_far_away_are_another_table_and_no_lone_cells():
    places = np.array([(row, column) for row in range(1, 1_500) for column in (1, 2, 900)])
    far, named = far_from_table(places, np.ones(len(places), dtype=bool))
    assert not far.any() and named == []


SPECIAL = SpecialCells(formats=[(2, 4, "EUR {}"), (2, 1, "\0" * 5)], merges=[(8, 2, 3)], across=[(1, 1, 3)], ranges=2)
"""Row 2: an id shown with five digits in column A, euros in D; merged: H2:H3, and A1:C1, which is a heading."""


def test_formats_and_merges_of_an_old_workbook_are_known() -> None:
    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def code(number: int, text: str) -> bytes:
        return record(0x41E, struct.pack("<HHB", number, len(text), 1) + text.encode("utf-16-le"))

    begin, end = b"\x09\x08\x10\x00" + b"\x00\x06" + b"\x10\x00" * 7, record(0x0A, b"")
    styles = b"".join(record(0xE0, struct.pack("<HH", 0, number) + bytes(16)) for number in (0, 164, 165))
    common = code(164, "[$€-407]#,##0.00") + code(165, "00000") + styles + record(0x22, b"\x01\x00")
    named = record(0x85, bytes(6) + b"\x01\x00S")
    cells = record(0x203, struct.pack("<HHHd", 1, 3, 1, 5.5)) + record(
        0xBD, struct.pack("<HHHIHIH", 1, 0, 2, 0, 0, 0, 1)
    )
    merged = record(0xE5, struct.pack("<H8H", 2, 1, 2, 7, 7, 0, 0, 0, 2))
    found = in_xls(begin + common + named + end + begin + cells + merged + end)
    assert found.from_1904 and found.sheets["S"].cells == SPECIAL


def test_formats_and_merges_of_a_binary_workbook_are_known() -> None:
    def record(kind: int, data: bytes) -> bytes:
        return (bytes([kind & 0x7F | 0x80, kind >> 7]) if kind > 127 else bytes([kind])) + bytes([len(data)]) + data

    def code(number: int, text: str) -> bytes:
        return record(44, struct.pack("<HI", number, len(text)) + text.encode("utf-16-le"))

    kinds = b"".join(record(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 164, 165))
    other = record(47, struct.pack("<HH", 0, 164) + bytes(12))
    part = code(164, "[$€-407]#,##0.00") + code(165, "00000") + other + record(617, bytes(4)) + kinds + record(618, b"")
    styles = xlsb_styles(part)
    assert styles == {1: "EUR {}", 2: "\0" * 5}
    row = record(0, struct.pack("<II", 1, 0) + bytes(9))
    cells = (
        record(5, struct.pack("<IId", 3, 1, 5.5))
        + record(2, struct.pack("<III", 0, 2, 0))
        + record(2, struct.pack("<III", 5, 0, 0))
    )
    merged = record(176, struct.pack("<4I", 1, 2, 7, 7)) + record(176, struct.pack("<4I", 0, 0, 0, 2))
    assert in_xlsb_sheet(row + cells + merged, styles).cells == SPECIAL
    assert [xlsb_counts_from_1904(record(153, bytes([flags]) + bytes(11))) for flags in (0, 1)] == [False, True]


def test_what_an_open_document_shows_and_its_values_lack_is_read(tmp_path: Path) -> None:
    def cell(shown: str, value: str = 'office:value-type="string"') -> str:
        return f"<table:table-cell {value}><text:p>{shown}</text:p></table:table-cell>"

    def row(*cells: str) -> str:
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    number, error = 'office:value-type="float" office:value="%s"', 'office:value-type="string" office:string-value=""'
    euros = 'office:value-type="currency" office:currency="EUR" office:value="5.5"'
    down = 'table:number-rows-spanned="2" table:number-columns-spanned="1" office:value-type="string"'
    rows = row(cell("id"), cell("amount"), cell("owner"))
    rows += row(cell("007", number % 7), cell("5,50 €", euros), cell("Dana", down))
    rows += row(cell("8", number % 8), cell("9.5 HKD", number % 9.5), "<table:covered-table-cell/>")
    rows += row(cell("009", number % 9), cell("#N/A", error), cell("0123"))
    (sheet,) = read_sheets(open_document(tmp_path / "x.ods", rows))
    assert sheet.cells.values.tolist()[1:] == [
        ["007", "EUR 5.5", "Dana"], ["8", "HKD 9.5", "Dana"], ["009", "#N/A", "0123"]]  # fmt: skip
    assert any("1 merged" in note for note in sheet.notes)


@pytest.mark.parametrize("styled", [True, False])
def test_days_counted_from_1904_are_right_with_and_without_a_date_format(tmp_path: Path, styled: bool) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx", {"date_1904": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["Opportunity ID", "Stage", "Amount", "Close Date"])
        for row, days in enumerate((43_950, 43_967), start=1):
            sheet.write_row(row, 0, [f"O-{row}", "Prospecting", 500])
            sheet.write_number(row, 3, days, day if styled else None)
    read = fa.read_exports(tmp_path / "x.xlsx", as_of="2024-12-31")
    # 43,950 days after 1904-01-01; Excel's own count from 1900 is 45,412.
    assert read.opportunities["close_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-04-30", "2024-05-17"]
    assert "dates counted from 1904" in read.receipt["decisions"].iloc[0]


@pytest.mark.parametrize(
    ("code", "number", "shown"),
    [
        ('"OPP-"00000', "42", "OPP-00042"), ('"OPP-"00000', "1234567", "OPP-1234567"), ("\\A\\-0", "7", "A-7"),
        ('"C"General', "42", "C42"), ('"编号"#', "42", "编号42"), ('0000"-EU"', "42", "0042-EU"),
        ("000\\-000", "42", "000-042"), ('#,##0"万"', "12", "12万"), ('0.0"万元"', "1.5", "1.5万元"),
        ('"$"0"k"', "45", "45k"), ('[$€-407]0"k"', "45", "EUR 45k"), ("[$¥-411]#,##0", "500", "JPY 500"),
        ("[$￥-804]#,##0", "500", "CNY 500"), ("[$¥]#,##0", "500", "¥ 500"), ("[$$-80A]#,##0", "5", "MXN 5"),
        # Shown in other units than they are, as days, shares or thousands: the number itself counts.
        ('#,##0,"k"', "45000", "45000"), ('0\\.0,"万"', "12000", "12000"), ('0" days"', "30", "30"), ('0"%"', "20", "20"),
        ('0"m"', "12", "12"), ("# ##0", "1200", "1200"), ("#,##0.00", "5.5", "5.5"), ('"$"#,##0', "5", "5"),
        ('#,##0 "kg"', "5", "5"), ("#,##0;[$€-407]0", "5", "5"), ("[$$-C04]#,##0", "5", "HKD 5"), ('#,##0 "EUR"', "5", "EUR 5"), ('"S/"0', "5", "5"), ("yyyy-mm-dd", "46000", "46000"),
        # A text that is shown with letters before it; the heading of a column that is formatted as a whole stays.
        ('"OPP-"@', "0123", "OPP-0123"), ("\\A\\-@", "B7", "A-B7"), ('"OPP-"@', "Opportunity ID", "Opportunity ID"),
        ("@", "0123", "0123"), ("_(@_)", "0123", "0123"), ('#,##0;-#,##0;0;"x"@', "5", "5"),
    ],
)  # fmt: skip
def test_a_number_format_tells_letters_zeros_units_and_currencies(code: str, number: str, shown: str) -> None:
    meaning = format_meaning(code)
    assert (number if meaning is None else shown_as(number, meaning)) == shown


def test_ids_whose_letters_only_the_format_shows_are_those_of_other_exports(tmp_path: Path) -> None:
    headings = ["Opportunity ID", "Stage", "Amount", "Close Date"]
    with xlsxwriter.Workbook(tmp_path / "deals 2026-06-30.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        sheet.write_row(1, 0, ["", "Prospecting", 500, "2026-12-01"])
        sheet.write_number(1, 0, 42, book.add_format({"num_format": '"OPP-"00000'}))
    text = f"{','.join(headings)}\nOPP-00042,Prospecting,600,2026-12-01\n"
    (tmp_path / "deals 2026-09-30.csv").write_text(text, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert book.opportunities["opportunity_id"].tolist() == ["OPP-00042"]
    assert "ids taken as the number format of the cells shows them" in book.receipt["decisions"].iloc[0]


def test_an_open_document_shows_ids_units_and_whose_yen_they_are(tmp_path: Path) -> None:
    def cell(shown: str, value: str, style: str = "") -> str:
        kind = 'value-type="currency" office:currency="¥"' if style else 'value-type="float"'
        named = f'table:style-name="{style}" ' if style else ""
        return (
            f'<table:table-cell {named}office:{kind} office:value="{value}"><text:p>{shown}</text:p></table:table-cell>'
        )

    rows = [
        cell("OPP-00042", "42") + cell("12万", "12") + cell("¥1,000", "1000", "ce6"),
        cell("OPP-00043", "43") + cell("2万", "1.5") + cell("¥2,000", "2000", "ce7"),
        cell("30 days", "30") + cell("12万", "120000") + cell("1,200", "1200"),
    ]
    path = open_document(tmp_path / "x.ods", "".join(f"<table:table-row>{row}</table:table-row>" for row in rows))
    sign = '<number:currency-symbol number:language="ja" number:country="JP">'
    styles = f'<number:currency-style style:name="N1">{sign}¥</number:currency-style>'
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("styles.xml", styles + '<style:style style:name="ce6" style:data-style-name="N1"/>')
    assert read_sheets(path)[0].cells.values.tolist() == [
        ["OPP-00042", "12万", "JPY 1000"], ["OPP-00043", "1.5万", "¥ 2000"], ["30", "120000", "1200"]]  # fmt: skip


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_a_unit_merged_over_several_columns_is_that_of_all_of_them(tmp_path: Path, kind: str) -> None:
    lines: list[list[object]] = [
        [None, None, None, "万元", None, None, "USD", None],
        ["商机编号", "商机名称", "阶段", "预算", "金额", "预计成交日期", "List price", "Cost price"],
        *([number, f"商机{number}", "Proof", 20, amount, "2026-12-01", 7, 8] for number, amount in ((1, 12), (2, 5))),
    ]
    path = tmp_path / f"商机 2026-09-30.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for line in lines:
            book.active.append(line)
        book.active.merge_cells("D1:E1")
        book.active.merge_cells("G1:H1")
        book.save(path)
    elif kind == "ods":

        def cell(value: object) -> str:
            if value is None:
                return "<table:covered-table-cell/>"
            wide = ' table:number-columns-spanned="2"' if value in {"万元", "USD"} else ""
            stated = (
                f'office:value-type="float" office:value="{value}"'
                if isinstance(value, int)
                else 'office:value-type="string"'
            )
            return f"<table:table-cell {stated}{wide}><text:p>{value}</text:p></table:table-cell>"

        open_document(path, "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in lines))
    else:
        page = "<tr><td></td><td></td><td></td><td colspan=2>万元</td><td></td><td colspan=2>USD</td></tr>"
        rows = ("".join(f"<td>{value}</td>" for value in line) for line in lines[1:])
        path.write_text(f"<table>{page}{''.join(f'<tr>{row}</tr>' for row in rows)}</table>", encoding="utf-8")
    assert fa.read_exports(path).opportunities["amount"].tolist() == [120_000, 50_000]
