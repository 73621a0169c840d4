"""Files of every kind become sheets of text cells, or one plain sentence."""

import datetime
import gzip
import struct
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings, strategies as st

from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.cells import blanks_to_missing, spreadsheet_text
from funnel_analytics.exports.formats.encodings import decode
from funnel_analytics.exports.formats.hidden_parts import Hidden, in_ods, in_xls
from funnel_analytics.exports.formats.opening import read_sheets
from funnel_analytics.exports.formats.text_repairs import repaired_records


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def cells(path: Path) -> list[list[str | None]]:
    frame = read_sheets(path)[0].cells
    # Texts that repeat are held once, as categories.
    assert all(dtype == "str" or getattr(dtype, "categories", pd.Index([0])).dtype == "str" for dtype in frame.dtypes)
    return [[None if pd.isna(cell) else cell for cell in row] for row in frame.to_numpy(dtype=object)]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        # Fifteen digits are what Excel keeps; fewer are left as they are written.
        (["0.30000000000000004", "2024-01-15 00:00:00"], ["0.3", "2024-01-15"]),
        (["1.0000000001", "-2.5"], ["1.0000000001", "-2.5"]),
        (["true", "false", "true"], ["TRUE", "FALSE", "TRUE"]),
        (["a", " ", ""], ["a", None, None]),
    ],
)
def test_a_column_of_a_spreadsheet_is_what_a_person_sees(written, shown):
    assert spreadsheet_text(pa.chunked_array([written])).to_pylist() == shown
    assert blanks_to_missing(pa.chunked_array([["a", " "]]).dictionary_encode()).to_pylist() == ["a", None]


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


def test_short_rows_empty_rows_and_rows_of_another_delimiter(tmp_path):
    text = "id,name,amount,owner\n1,Acme,5,Ann\n2,Beta,6\n3,Gamma,7,Ann,,\n,,\n4;Delta;8;Ann\n5\n"
    sheet = read_sheets(write(tmp_path / "x.csv", text))[0]
    assert [[None if pd.isna(cell) else cell for cell in row] for row in sheet.cells.to_numpy(dtype=object)[2:]] == [
        ["2", "Beta", "6", None], ["3", "Gamma", "7", "Ann"], [None] * 4, ["4", "Delta", "8", "Ann"], ["5", *[None] * 3],
    ]  # fmt: skip
    # Empty fields at the end say nothing; a line that is less than half full is no row that lost a field.
    assert [note for note in sheet.notes if note.startswith("row")] == [
        "row 3: 3 fields instead of 4, the last ones left empty", "row 6: delimiter ; instead of ,",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ('1,"Acme,5', ["1", "Acme", "5"]),
        ('1,5" disk,7', ["1", "5 disk", "7"]),
        # No mark alone is too many, and the fields are more than usual: all of them are kept.
        ('1,"a"b"c",d"e,5,6', ["1", 'a"b"c', 'd"e', "5", "6"]),
    ],
)
def test_a_line_whose_quotes_do_not_balance_loses_a_mark_and_no_field(line, record):
    mended = []
    assert list(repaired_records(f'{line}\n2,"Be ""ta""",6\n', ",", 3, mended)) == [record, ["2", 'Be "ta"', "6"]]
    assert mended == [1]


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


def test_a_blank_before_a_quotation_mark_is_no_part_of_the_cell(tmp_path):
    path = write(tmp_path / "a.csv", b'id, name, amount\n1, "Fabrikam, Inc.", 5\n2, Beta, 6\n')
    cells = read_sheets(path)[0].cells
    assert [[cell.strip() for cell in row] for row in cells.values.tolist()] == [
        ["id", "name", "amount"], ["1", "Fabrikam, Inc.", "5"], ["2", "Beta", "6"]]  # fmt: skip


def test_garbled_names_are_named(tmp_path):
    path = write(tmp_path / "a.csv", "id,name\n1,Müller GmbH\n2,Beta\n".encode().decode("cp1252").encode())
    assert any("'MÃ¼ller', perhaps 'Müller'" in note for note in read_sheets(path)[0].notes)


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
    assert {name: told.hidden for name, told in found.items()} == {"A & B": Hidden(3, {3}), "C": Hidden()}

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    begin, end = record(0x809, b"\x00\x06" + b"\x10\x00" * 7), record(0x0A, b"")
    begin = b"\x09\x08\x10\x00" + begin[4:20]
    named = record(0x85, b"\x00" * 6 + b"\x02\x00ab") + record(0x85, b"\x00" * 6 + b"\x01\x01\x2d\x4e")
    row = record(0x208, b"\x00" * 12 + b"\x20\x01\x00\x00")
    column = record(0x7D, struct.pack("<HHHHHH", 1, 2, 0, 0, 1, 0))
    found = in_xls(begin + named + end + begin + row + end + begin + column + row + row + end).sheets
    assert {name: told.hidden for name, told in found.items()} == {"ab": Hidden(1), "中": Hidden(2, {2, 3})}
    assert in_xls(begin[:10]).sheets == in_xls(b"").sheets == {}


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
