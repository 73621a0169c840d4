"""Workbooks whose XML is written in unusual ways hold what they hold in the usual one, or are refused; none ends the process."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.cells import Sheet
from funnel_analytics.exports.formats.opening import read_sheets

SPACES = (
    'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ROWS = (
    '<row r="1"><c r="B1" t="inlineStr"><is><t>id</t></is></c><c r="C1" t="inlineStr"><is><t>amount</t></is></c></row>'
    '<row r="2"><c r="B2" s="2"><v>7</v></c><c r="C2" s="1"><v>5.5</v></c></row>'
    '<row r="3"><c r="B3" s="2"><v>8</v></c><c r="C3" s="1"><v>9</v></c></row>'
)
READ = [["id", "amount"], ["007", "EUR 5.5"], ["008", "EUR 9"]]
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
STYLES = (
    f'<styleSheet {SPACES}><numFmts><numFmt numFmtId="164" formatCode="[$€-407]#,##0.00"/>'
    '<numFmt numFmtId="165" formatCode="000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/></cellXfs></styleSheet>'
)


def sheet(rows: str = ROWS, more: str = "", before: str = "") -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f"{head}<worksheet {SPACES}>{before}<sheetData>{rows}</sheetData>{more}</worksheet>"


def workbook(path: Path, part: str | bytes, *, at: str = "worksheets/sheet1.xml", **others: str) -> Path:
    """An xlsx file of one sheet, with styles and whatever other parts."""
    relation = f'<Relationship Id="rId%s" Type="{KIND}/%s" Target="%s"/>'
    strings = relation % (3, "sharedStrings", "sharedStrings.xml") if "sharedStrings" in others else ""
    links = relation % (1, "worksheet", at) + relation % (2, "styles", "styles.xml") + strings
    top = relation % (1, "officeDocument", "xl/workbook.xml")
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("_rels/.rels", f'<Relationships xmlns="{space}">{top}</Relationships>')
        package.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{space}">{links}</Relationships>')
        listed = '<sheet name="Deals" sheetId="1" r:id="rId1"/>'
        package.writestr("xl/workbook.xml", f"<workbook {SPACES}><sheets>{listed}</sheets></workbook>")
        package.writestr("xl/styles.xml", STYLES)
        package.writestr(f"xl/{at}", part)
        for name, text in others.items():
            package.writestr(f"xl/{name}.xml", text)
    return path


def read(path: Path) -> Sheet:
    (found,) = read_sheets(path)
    return found


def cells(found: Sheet) -> list[list[str | None]]:
    return [[None if text != text else text for text in row] for row in found.cells.values.tolist()]


def prefixed(xml: str) -> str:
    return re.sub(r"<(/?)(?=[a-z])", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")


WRITINGS: dict[str, Callable[[str], str | bytes]] = {
    "as usual": lambda xml: xml,
    "a prefix": prefixed,
    "style before place": lambda xml: re.sub(r'(r="\w+") (s="\d")', r"\2 \1", xml),
    "type between place and style": lambda xml: re.sub(r'(<c r="\w+") (s="\d")', r'\1 t="n" \2', xml),
    "single quotation marks": lambda xml: re.sub(r'(r|s)="(\w+)"', r"\1='\2'", xml),
    "blanks around the sign": lambda xml: re.sub(r' r="(\w+)"', r' r = "\1"', xml),
    "tabs and line ends": lambda xml: re.sub(r' (r|s)="', '\n\t\\1="', xml),
    "small letters": lambda xml: re.sub(r'r="([A-Z]\d)"', lambda found: found[0].lower(), xml),
    "no rows' numbers": lambda xml: re.sub(r'<row r="\d"', "<row", xml),
    "rows in no order": lambda xml: re.sub(r"(<row.*</row>)(<row.*?</row>)(?=</sheetData>)", r"\2\1", xml),
    "UTF-16": lambda xml: xml.replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 without a mark": lambda xml: xml.replace(' encoding="UTF-8"', "").encode("utf-16-le"),
    "blank cells before": lambda xml: re.sub(r'(<row r="(\d)">)', r'\1<c r="A\2" s="1"><v></v></c>', xml),
    "a text where another element belongs": lambda xml: re.sub(
        r't="inlineStr"><is><t>(\w+)</t></is>', r't="inlineStr"><v>\1</v>', xml
    ),
    "an extension in a cell": lambda xml: xml.replace("<v>9</v>", "<v>9</v><extLst/>"),
}


@pytest.mark.parametrize("name", WRITINGS)
def test_the_same_cells_written_otherwise_are_read_alike(tmp_path: Path, name: str) -> None:
    found = read(workbook(tmp_path / "x.xlsx", WRITINGS[name](sheet())))
    assert cells(found) == READ
    assert "currency taken from the number format of the cells" in found.notes


def test_cells_that_do_not_say_where_they_stand_follow_each_other(tmp_path: Path) -> None:
    found = read(workbook(tmp_path / "x.xlsx", sheet(re.sub(r' r="[A-Z]\d"', "", ROWS))))
    assert cells(found) == READ


def test_what_is_hidden_and_merged_is_told_of_other_writings_too(tmp_path: Path) -> None:
    rows = ROWS.replace('<row r="3">', "<row r='3' hidden='1'>").replace('<c r="B3" s="2"><v>8</v></c>', "")
    part = sheet(rows, '<mergeCells><mergeCell ref="B2:B3"/></mergeCells>', "<cols><col min='3' max='3' hidden='1'/></cols>")  # fmt: skip
    found = read(workbook(tmp_path / "x.xlsx", part))
    assert cells(found)[1:] == [["007", "EUR 5.5"], ["007", "EUR 9"]]
    assert found.notes[:2] == ("1 hidden or filtered rows read as well", "hidden columns C read as well")


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!"])
def test_newer_error_values_stand_in_their_cells(tmp_path: Path, error: str) -> None:
    rows = ROWS.replace('s="1"><v>9</v>', f't="e"><v>{error}</v>')
    assert cells(read(workbook(tmp_path / "x.xlsx", sheet(rows))))[2] == ["008", error]


@pytest.mark.parametrize("name", ["single quotation marks", "blanks around the sign", "tabs and line ends",
                                  "small letters", "a prefix", "UTF-16"])  # fmt: skip
def test_a_cell_far_away_is_found_in_every_writing(tmp_path: Path, name: str) -> None:
    # A reader that makes room for each place up to it ends the whole process.
    found = read(workbook(tmp_path / "x.xlsx", WRITINGS[name](sheet(ROWS + FAR))))
    assert cells(found) == READ and any("XFD1048576" in note for note in found.notes)


@pytest.mark.parametrize("at", ["sheet1.xml", "worksheets/sheet1.dat"])
def test_a_sheet_is_known_by_what_it_holds(tmp_path: Path, at: str) -> None:
    found = read(workbook(tmp_path / "x.xlsx", sheet(ROWS + FAR), at=at))
    assert cells(found) == READ and any("XFD1048576" in note for note in found.notes)


def test_columns_that_no_spreadsheet_has_are_left_out_and_named(tmp_path: Path) -> None:
    rows = ROWS + '<row r="4"><c r="ZZZZ4"><v>1</v></c></row>'
    found = read(workbook(tmp_path / "x.xlsx", sheet(rows)))
    assert cells(found) == READ and any("ZZZZ4" in note for note in found.notes)


def test_a_blank_cell_far_away_is_none(tmp_path: Path) -> None:
    rows = ROWS + '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert cells(read(workbook(tmp_path / "x.xlsx", sheet(rows)))) == READ


def test_texts_that_claim_to_be_billions_are_counted(tmp_path: Path) -> None:
    strings = (
        f'<sst {SPACES} count="4294967295" uniqueCount="4294967295"><si><t>id</t></si><si><t>amount</t></si></sst>'
    )
    rows = ROWS.replace('t="inlineStr"><is><t>id</t></is>', 't="s"><v>0</v>').replace(
        't="inlineStr"><is><t>amount</t></is>', 't="s"><v>1</v>'
    )
    assert cells(read(workbook(tmp_path / "x.xlsx", sheet(rows), sharedStrings=strings))) == READ


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (sheet(ROWS.replace('<row r="3">', '<row r="2">').replace("B3", "B2").replace("C3", "C2")), "B2 twice"),
        (sheet(ROWS.replace('<c r="B2" s="2">', '<c r="B2"><v>6</v></c><c r="B2" s="2">')), "B2 twice"),
        (sheet().replace("<worksheet", f"<!--{'x' * 1_100_000}--><!DOCTYPE a [<!ENTITY b 'c'>]><worksheet"), "DTD"),
        (sheet().replace("UTF-8", "UTF-16").replace("<work", "<!DOCTYPE a [<!ENTITY b 'c'>]><work").encode("utf-16"), "DTD"),
        (sheet(ROWS.replace(' r="B2"', "").replace("</row>", "", 1)), "no XML"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_is_unsafe_is_refused(tmp_path: Path, part: str | bytes, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        read_sheets(workbook(tmp_path / "x.xlsx", part))
