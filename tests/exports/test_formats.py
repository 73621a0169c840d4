"""Files of every kind become sheets of text cells, or one plain sentence."""

import datetime
import gzip
import struct
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings, strategies as st

from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.encodings import decode
from funnel_analytics.exports.formats.hidden_parts import Hidden, in_ods, in_xls
from funnel_analytics.exports.formats.opening import read_sheets


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path) -> list[list[str | None]]:
    frame = read_sheets(path)[0].cells
    # Texts that repeat are held once, as categories.
    assert all(dtype == "str" or getattr(dtype, "categories", pd.Index([0])).dtype == "str" for dtype in frame.dtypes)
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object)]


# --- text -----------------------------------------------------------------------------------------------------


def test_text_stays_text(tmp_path):
    path = write(tmp_path / "x.csv", "id,name,amount\n007,NA,1.50\n12345678901234567890,null,\n")
    assert cells(path)[1:] == [["007", "NA", "1.50"], ["12345678901234567890", "null", None]]


@pytest.mark.parametrize(
    ("text", "encoding", "note"),
    [
        ("客户名称,负责人,金额\n上海远景科技有限公司,王芳,5\n", "gb18030", "encoding gb18030"),
        ("客戶名稱,負責人,金額\n許功蓋電子股份有限公司,林怡君,5\n", "big5", "encoding cp950"),
        ("Account,Owner\nMüller “Söhne” – Köln,René\n", "cp1252", "encoding cp1252"),
        ("客户名称,金额\n远景,5\n", "utf-8-sig", "encoding utf-8"),
        ("客户名称\t金额\n远景\t5\n", "utf-16", "encoding utf-16"),
        ("Account,Amount\nAcme,5\n", "utf-16-le", "encoding utf-16-le"),
    ],
)
def test_the_encoding_is_found_and_named(tmp_path, text, encoding, note):
    sheet = read_sheets(write(tmp_path / "x.csv", text, encoding))[0]
    assert note in sheet.notes
    separator = "\t" if "\t" in text else ","
    assert sheet.cells.to_numpy(dtype=object).tolist() == [line.split(separator) for line in text.splitlines()]


def test_lines_in_another_encoding_are_read_and_named(tmp_path):
    content = "客户,金额\n上海远景科技,1\n".encode() + "深圳未来芯片有限公司,2\n".encode("gbk")
    sheet = read_sheets(write(tmp_path / "x.csv", content))[0]
    assert sheet.cells[0].tolist() == ["客户", "上海远景科技", "深圳未来芯片有限公司"]
    assert any("gb18030" in note and "line 3" in note for note in sheet.notes)


def test_a_single_bad_byte_costs_one_character_not_the_line(tmp_path):
    content = "客户,金额\n上海远".encode() + b"\xff" + "景科技,1\n".encode()
    sheet = read_sheets(write(tmp_path / "x.csv", content))[0]
    assert sheet.cells[0].tolist() == ["客户", "上海远\ufffd景科技"]
    assert any("line 2" in note for note in sheet.notes)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path, delimiter):
    rows = [["id", "name", "amount"], ["1", "Acme Ltd", "5"], ["2", "Fabrikam", "6"]]
    path = write(tmp_path / "x.csv", "\n".join(delimiter.join(row) for row in rows))
    assert cells(path) == rows


def test_decimal_commas_do_not_beat_the_semicolon(tmp_path):
    assert cells(write(tmp_path / "x.csv", "id;amount\n1;1.234,56\n2;9,50\n"))[1] == ["1", "1.234,56"]


def test_the_separator_hint_of_excel_is_obeyed_and_not_a_row(tmp_path):
    assert cells(write(tmp_path / "x.csv", "sep=;\nid;name\n1;a,b,c\n")) == [["id", "name"], ["1", "a,b,c"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quoted_line_ends_quotes_and_delimiters_stay_inside_their_cell(tmp_path, end):
    text = f'id,name{end}1,"Acme{end}""Best"", Ltd"{end}2,Beta{end}'
    assert cells(write(tmp_path / "x.csv", text)) == [["id", "name"], ["1", f'Acme{end}"Best", Ltd'], ["2", "Beta"]]


def test_blank_lines_keep_their_row_so_that_rows_are_excels(tmp_path):
    assert cells(write(tmp_path / "x.csv", "a,b\n\n1,2\n,\n3,4\n"))[4] == ["3", "4"]


def test_an_unclosed_quote_does_not_swallow_the_rest(tmp_path):
    sheet = read_sheets(write(tmp_path / "x.csv", 'id,name,x\n1,"Acme,5\n2,"Beta, Inc.",6\n3,C,7\n'))[0]
    assert sheet.cells[1].tolist() == ["name", "Acme", "Beta, Inc.", "C"]
    assert any("quote" in note and "row 2" in note for note in sheet.notes)


def test_quotes_escaped_by_backslashes(tmp_path):
    assert cells(write(tmp_path / "x.csv", 'id,name\n"1","The \\"Best\\" Co"\n'))[1] == ["1", 'The "Best" Co']


def test_a_comma_in_an_unquoted_name_is_put_back(tmp_path):
    text = "id,name,amount,date\n1,Acme,5.00,2024-01-01\n2,Fabrikam, Inc.,6.00,2024-01-02\n3,Beta,7.00,2024-01-03\n"
    sheet = read_sheets(write(tmp_path / "x.csv", text))[0]
    assert sheet.cells.iloc[2].tolist() == ["2", "Fabrikam, Inc.", "6.00", "2024-01-02"]
    assert any("row 3" in note and "5 fields instead of 4" in note for note in sheet.notes)


def test_a_row_that_cannot_be_mended_is_kept_whole_and_named(tmp_path):
    sheet = read_sheets(write(tmp_path / "x.csv", "a,b\nx,y\nx,y,z\nx,y\n"))[0]
    assert sheet.cells.iloc[2].tolist() == ["x", "y", "z"]
    assert any("row 3" in note for note in sheet.notes)


def test_a_row_with_another_delimiter_is_read(tmp_path):
    sheet = read_sheets(write(tmp_path / "x.csv", "a,b,c\n1,2,3\n4;5;6\n7,8,9\n"))[0]
    assert sheet.cells.iloc[2].tolist() == ["4", "5", "6"]
    assert any("delimiter ;" in note and "row 3" in note for note in sheet.notes)


def test_gzip_is_unpacked_whatever_its_name(tmp_path):
    sheet = read_sheets(write(tmp_path / "x.csv", gzip.compress(b"a,b\n1,2\n")))[0]
    assert sheet.cells.iloc[1].tolist() == ["1", "2"]
    assert any("gzip" in note for note in sheet.notes)


def test_nul_bytes_are_removed_and_named(tmp_path):
    sheet = read_sheets(write(tmp_path / "x.csv", b"a,b\n1,Con\x00toso\n2,x\n3,y\n"))[0]
    assert sheet.cells.iloc[1, 1] == "Contoso"
    assert any("NUL" in note for note in sheet.notes)


CELL = st.text(
    st.characters(exclude_characters="\x00\ufffd\ufeff", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6))
def test_what_is_written_with_quotes_is_read_back(tmp_path, rows):
    lines = [("id", "name", "stage"), *rows]
    text = "\r\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in lines)
    read = cells(write(tmp_path / "x.csv", text))
    assert read == [[cell if cell.strip() else None for cell in row] for row in lines]


def test_guarded_ids_beside_names_that_repeat_keep_their_zeros(tmp_path):
    text = "编号,客户,阶段\n" + "".join(f'"=""00{n}""","常青生物","=""签约"""\n' for n in range(1, 9))
    read = cells(write(tmp_path / "x.csv", text))
    assert read[1:] == [[f"00{n}", "常青生物", "签约"] for n in range(1, 9)]


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=200))
def test_decoding_never_fails_in_a_foreign_way(content):
    try:
        text, notes = decode(content, "x.csv")
    except ExportError:
        return
    assert isinstance(text, str) and notes[0].startswith("encoding")


# --- workbooks ------------------------------------------------------------------------------------------------


def test_numbers_dates_and_flags_are_the_text_a_person_sees(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "number", "half", "noise", "big", "day", "time", "flag", "text"])
    day, time = datetime.date(2024, 1, 15), datetime.datetime(2024, 1, 15, 9, 30)
    sheet.append(["007", 12500.0, 48000.5, 0.1 + 0.2, 123456789012345, day, time, True, "true North"])
    book.save(tmp_path / "x.xlsx")
    assert cells(tmp_path / "x.xlsx")[1] == [
        "007", "12500", "48000.5", "0.3", "123456789012345", "2024-01-15", "2024-01-15 09:30:00", "TRUE", "true North",
    ]  # fmt: skip


def test_text_after_a_thousand_numbers_is_not_lost(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(3000):
            sheet.write_number(row, 0, row)
        sheet.write_string(3000, 0, "TBD")
    assert cells(tmp_path / "x.xlsx")[3000] == ["TBD"]


def test_workbooks_that_count_from_1904_are_four_years_right(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx", {"date_1904": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet().write_datetime(0, 0, datetime.datetime(2024, 1, 15), day)
    sheet = read_sheets(tmp_path / "x.xlsx")[0]
    assert sheet.cells.iloc[0, 0] == "2024-01-15"
    assert any("1904" in note for note in sheet.notes)


def test_rows_are_counted_as_excel_counts_even_below_blank_rows(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        book.add_worksheet().write_string(4, 2, "here")
    sheet = read_sheets(tmp_path / "x.xlsx")[0]
    assert sheet.cells.index[sheet.cells[0] == "here"].tolist() == [5 - sheet.first_row]


def test_hidden_sheets_rows_and_empty_formulas_are_mentioned(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append([1, "=A2*2"])
    book.active.row_dimensions[2].hidden = True
    old = book.create_sheet("Old")
    old.append(["x"])
    old.sheet_state = "hidden"
    book.save(tmp_path / "x.xlsx")
    first, second = read_sheets(tmp_path / "x.xlsx")
    assert (first.hidden, second.hidden, second.name) == (False, True, "Old")
    assert any("1 hidden" in note for note in first.notes)
    assert any("formulas have no stored result" in note for note in first.notes)


def test_hidden_columns_are_read_and_named(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet("R & D")
        sheet.write_row(1, 1, ["a", "b", "c", "d"])
        sheet.write_row(2, 1, [1, 2, 3, 4])
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.set_column(4, 16_383, None, None, {"hidden": True})
    (read,) = read_sheets(tmp_path / "x.xlsx")
    assert read.cells.iloc[-1].tolist() == ["1", "2", "3", "4"]
    assert read.notes == ("hidden columns C, E read as well",)


def test_filtered_rows_of_binary_workbooks_are_counted(shared):
    sheets = read_sheets(shared / "corpus" / "dev" / "real" / "sheetjs_AutoFilter.xlsb")
    notes = {sheet.name: sheet.notes for sheet in sheets}
    assert notes["Two Cond"] == ("17 hidden or filtered rows read as well",) and notes["No Filter"] == ()


def test_what_open_document_spreadsheets_and_old_workbooks_hide():
    content = (
        '<table:table table:name="A &amp; B"><table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/><table:table-row><table:table-cell/></table:table-row>'
        '<table:table-row table:visibility="filter" table:number-rows-repeated="3"><text:p>x</text:p></table:table-row>'
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="99"><table:table-cell/></table:table-row>'
        '</table:table><table:table table:name="C"></table:table>'
    )
    found = in_ods(content)
    assert found == {"A & B": Hidden(3, {3}), "C": Hidden()}

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin, end = record(0x809, b"\x00\x06" + b"\x10\x00" * 7), record(0x0A, b"")
    begin = b"\x09\x08\x10\x00" + begin[4:20]
    named = record(0x85, b"\x00" * 6 + b"\x02\x00ab") + record(0x85, b"\x00" * 6 + b"\x01\x01\x2d\x4e")
    row = record(0x208, b"\x00" * 12 + b"\x20\x01\x00\x00")
    column = record(0x7D, struct.pack("<HHHHHH", 1, 2, 0, 0, 1, 0))
    assert in_xls(begin + named + end + begin + row + end + begin + column + row + row + end) == {
        "ab": Hidden(1),
        "中": Hidden(2, {2, 3}),
    }
    assert in_xls(begin[:10]) == in_xls(b"") == {}


def test_error_values_are_not_blanks(shared):
    sheet = read_sheets(shared / "corpus" / "dev" / "error_cells.xlsx")[0]
    found = set(sheet.cells.to_numpy(dtype=object).ravel().tolist())
    assert {"#N/A", "#REF!", "#DIV/0!", "#VALUE!"} <= found


def test_merged_cells_hold_their_value_in_every_row(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 1, ["owner", "id"])
        sheet.merge_range(1, 1, 3, 1, "Dana")
        for row in (1, 2, 3):
            sheet.write_string(row, 2, str(row))
    sheet = read_sheets(tmp_path / "x.xlsx")[0]
    assert sheet.cells[0].tolist() == ["owner", "Dana", "Dana", "Dana"]
    assert any("merged" in note for note in sheet.notes)


def test_currencies_and_zeros_that_only_the_format_shows_are_kept(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "amount"])
        sheet.write_number(1, 0, 123, book.add_format({"num_format": "00000"}))
        sheet.write_number(1, 1, 5.5, book.add_format({"num_format": "[$€-407]#,##0.00"}))
        sheet.write_number(2, 1, 7, book.add_format({"num_format": "$#,##0"}))
    assert cells(tmp_path / "x.xlsx")[1:] == [["00123", "EUR 5.5"], [None, "7"]]


# --- refusals -------------------------------------------------------------------------------------------------


def zipped(path: Path, *names: str, body: str = "<x/>") -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name in names:
            package.writestr(name, body)
    return path


def far_cell(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_number(1_048_575, 16_383, 1)
    return path


def with_dtd(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><workbook/>')
    return path


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p, "does not exist"),
        (lambda p: p.parent, "is a folder"),
        (lambda p: write(p, b""), "is empty"),
        (lambda p: write(p, b" \r\n\n"), "is empty"),
        (lambda p: write(p, gzip.compress(b"")), "is empty"),
        (lambda p: write(p, gzip.compress(b"a,b\n" * 99)[:-12]), "damaged or incomplete"),
        (lambda p: write(p, b"\x89PNG\r\n\x1a\n" + bytes(99)), "PNG image"),
        (lambda p: write(p, b"%PDF-1.7 ..."), "PDF"),
        (lambda p: write(p, b"Attachment not found!"), "not a workbook"),
        (lambda p: write(p, bytes(range(1, 32)) * 50), "unknown kind"),
        (lambda p: write(p, b"PK\x03\x04" + bytes(50)), "damaged or incomplete"),
        (lambda p: zipped(p, "[Content_Types].xml", "word/document.xml"), "Word document"),
        (lambda p: zipped(p, "[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint"),
        (lambda p: zipped(p, "a.pdf", body="%PDF-1.7"), "zip archive without a table"),
        (lambda p: zipped(p, "[Content_Types].xml", "xl/workbook.xml"), "damaged"),
        (lambda p: write(p, OLE + "EncryptedPackage".encode("utf-16-le")), "password"),
        (lambda p: write(p, OLE + "WordDocument".encode("utf-16-le")), "Word document"),
        (lambda p: write(p, OLE), "damaged"),
        (lambda p: write(p, b"<html><p>Session expired</p></html>"), "without a table"),
        (with_dtd, "DTD"),
        (far_cell, "spread over"),
        (lambda p: openpyxl.Workbook().save(p) or p, "no data"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, make, said):
    with pytest.raises(ExportError, match=said) as caught:
        read_sheets(make(tmp_path / "x.xlsx"))
    assert "Traceback" not in str(caught.value)


def test_an_entry_that_stands_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "x.xlsx", "[Content_Types].xml", "xl/workbook.xml", "xl/workbook.xml")
    with pytest.raises(ExportError, match="twice"):
        read_sheets(path)


def test_a_flipped_bit_is_damage_not_data(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet = book.add_worksheet()
        for row in range(2000):
            sheet.write_number(row, 0, int(np.random.default_rng(row).integers(1e9)))
    content = bytearray((tmp_path / "x.xlsx").read_bytes())
    with zipfile.ZipFile(tmp_path / "x.xlsx") as package:
        start = package.getinfo("xl/worksheets/sheet1.xml").header_offset
    content[start + 200] ^= 0xFF
    with pytest.raises(ExportError, match="damaged"):
        read_sheets(write(tmp_path / "y.xlsx", bytes(content)))


def test_a_blank_before_a_quotation_mark_is_no_part_of_the_cell(tmp_path):
    path = write(tmp_path / "a.csv", b'id, name, amount\n1, "Fabrikam, Inc.", 5\n2, Beta, 6\n')
    cells = read_sheets(path)[0].cells
    assert [[cell.strip() for cell in row] for row in cells.values.tolist()] == [
        ["id", "name", "amount"], ["1", "Fabrikam, Inc.", "5"], ["2", "Beta", "6"]]  # fmt: skip


def test_garbled_names_are_named(tmp_path):
    path = write(tmp_path / "a.csv", "id,name\n1,Müller GmbH\n2,Beta\n".encode().decode("cp1252").encode())
    assert any("'MÃ¼ller', perhaps 'Müller'" in note for note in read_sheets(path)[0].notes)
