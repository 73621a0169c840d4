"""What the parts of a workbook tell and its cells do not: formulas that nobody calculated."""

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import xlsxwriter

from funnel_analytics.exports.formats.formulas import Formulas, in_ods_table, note_xls_formula, note_xlsb_formula
from funnel_analytics.exports.formats.opening import read_sheets


def rewrite(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in held.items():
            package.writestr(name, change(content) if name == part else content)


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
