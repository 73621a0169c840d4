"""Formulas whose results a workbook does not hold: many programs write formulas and never calculate them."""

import re
import struct
from collections import defaultdict
from dataclasses import dataclass, field

from .number_formats import column_number, letters

_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_ZERO = re.compile(rb"0(?:\.0+)?")
_ODS_FORMULA = re.compile(r"<table:table-cell\b[^>]*\btable:formula=[^>]*>")
_XLSB_TEXT, _XLSB_NUMBER, _XLSB_FORMULAS = 8, 9, (8, 9, 10, 11)
_ENOUGH = 2


@dataclass
class Results:
    """What is stored as the results of one column's formulas."""

    none: int = 0
    blank: int = 0
    """Empty texts: the result of ``=IF(A2="","",…)``, or no result at all."""
    other: int = 0
    zeros: list[int] = field(default_factory=list)
    """Rows with the result 0, which some programs write for every formula."""


@dataclass
class Formulas:
    """The formulas of one sheet, by the number of their column (0 where the file does not say)."""

    columns: defaultdict[int, Results] = field(default_factory=lambda: defaultdict(Results))
    awaited: bool = False
    """Whether the workbook asks to be calculated when it is opened: what it stores only stands for a result."""

    def uncalculated(self) -> list[tuple[int, int]]:
        """Row and column of the cells whose 0 stands for a result that nobody has calculated."""
        held = self.columns.items() if self.awaited else ()
        return [(row, column) for column, results in held if not results.other for row in results.zeros]

    def notes(self) -> list[str]:
        """What is said of them, as phrases."""
        missing, said = len(self.uncalculated()), list[str]()
        for column, results in sorted(self.columns.items()):
            zeros = len(results.zeros)
            missing += results.none + (0 if results.other or zeros else results.blank)
            if not self.awaited and zeros >= _ENOUGH and not (results.other or results.none or results.blank):
                said.append(
                    f"all {zeros} formulas of column {letters(column)} have the stored result 0: if they were never "
                    "calculated, open the file in Excel, save it, and read it again"
                )
        lost = (
            f"{missing} formulas have no stored result and read as blank: open the file in Excel, "
            "save it, and read it again"
        )
        return [lost, *said] if missing else said


def note_xlsx_formulas(chunk: bytes, formulas: Formulas) -> None:
    """Take note of the formulas in a piece of an xlsx sheet."""
    if b"f>" not in chunk and not (formulas.columns and b"f " in chunk):
        return
    for found in _FORMULA.finditer(chunk):
        attributes, result = found[1], found[2]
        place = _PLACE.search(attributes)
        results = formulas.columns[column_number(place[1].decode()) if place else 0]
        if not result:
            results.blank += b't="str"' in attributes
            results.none += b't="str"' not in attributes
        elif place and _ZERO.fullmatch(result) and b't="' not in attributes.replace(b't="n"', b""):
            results.zeros.append(int(place[2]))
        else:
            results.other += 1


def note_xlsb_formula(record: int, data: bytes, row: int, formulas: Formulas) -> None:
    """Take note of a record of an xlsb sheet (MS-XLSB 2.4.655 BrtFmlaNum and its neighbours)."""
    if record not in _XLSB_FORMULAS or len(data) < 12:
        return
    results = formulas.columns[int.from_bytes(data[:4], "little") + 1]
    if record == _XLSB_NUMBER and data[8:16] == bytes(8):
        results.zeros.append(row)
    elif record == _XLSB_TEXT and data[8:12] == bytes(4):
        results.blank += 1
    else:
        results.other += 1


def note_xls_formula(data: bytes, formulas: Formulas) -> None:
    """Take note of a formula record of an xls sheet (MS-XLS 2.4.127 Formula, 2.5.133 FormulaValue)."""
    if len(data) < 14:
        return
    row, column = struct.unpack_from("<HH", data)
    results, result = formulas.columns[column + 1], data[6:14]
    if result == bytes(8):
        results.zeros.append(row + 1)
    elif result[6:] == b"\xff\xff" and result[0] == 3:
        results.blank += 1
    else:
        results.other += 1


def in_ods_table(content: str) -> Formulas:
    """The formulas of one table of an ods file that hold neither a value nor a text."""
    formulas = Formulas()
    formulas.columns[0].none = sum(1 for tag in _ODS_FORMULA.findall(content) if "office:value" not in tag)
    return formulas
