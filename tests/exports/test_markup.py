"""Tables in HTML and XML, web archives and zip archives: read cell by cell, or refused in one sentence."""

import zipfile
from pathlib import Path

import pytest

import funnel_analytics as fa
from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats import bundles
from funnel_analytics.exports.formats.opening import read_sheets

HEADINGS = ["Opportunity ID", "Opportunity Name", "Stage", "Amount", "Close Date", "Opportunity Owner"]
ROWS = [
    ["0061", "Line & more", "Prospecting", "1,200.50", "2026-10-01", "Ana"],
    ["0062", "客户 <二>", "Closed Won", "900", "2026-09-01", "Li"],
]
XML = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
{sheets}</Workbook>"""


def cells(path: Path) -> list[list[str | None]]:
    rows = read_sheets(path)[0].cells
    return rows.astype(object).where(rows.notna(), None).values.tolist()


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def html(rows: list[list[str]], head: str = "") -> str:
    from html import escape

    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<html><head>{head}</head><body><table border=1>{body}</table></body></html>"


def xml(rows: list[list[str]], name: str = "Deals", more: str = "") -> str:
    from html import escape

    body = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{escape(cell)}</Data></Cell>' for cell in row) + "</Row>"
        for row in rows
    )
    return f'<Worksheet ss:Name="{name}"><Table>{body}</Table>{more}</Worksheet>'


@pytest.mark.parametrize(
    "content",
    [
        html([HEADINGS, *ROWS]).encode(),
        html([HEADINGS, *ROWS], '<meta http-equiv="Content-Type" content="text/html; charset=gb2312">').encode("gbk"),
        ("\ufeff" + html([HEADINGS, *ROWS])).encode("utf-16-le"),
        html([HEADINGS, *ROWS]).removeprefix("<html><head></head><body>").encode(),
        XML.format(sheets=xml([HEADINGS, *ROWS])).encode(),
        ("\ufeff" + XML.format(sheets=xml([HEADINGS, *ROWS])).replace("1.0", '1.0" encoding="utf-16', 1)).encode(
            "utf-16-le"
        ),
    ],
    ids=["html", "html gb2312", "html utf-16", "bare table", "xml", "xml utf-16"],
)
def test_every_writing_of_one_table_reads_alike(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path / "deals.xls", content)
    assert cells(path) == [HEADINGS, *ROWS]
    book = fa.read_exports(path, as_of="2026-09-30")
    assert book.opportunities["amount"].tolist() == [1200.5, 900.0]
    assert book.opportunities["opportunity_id"].tolist() == ["0061", "0062"]


def test_what_a_person_sees_in_a_web_page_is_what_is_read(tmp_path: Path) -> None:
    page = """<table><tr><td><table>
      <tr><th colspan=2>Deal</th><th rowspan=2>Amount</th></tr><tr><th>Id<th>Name</tr>
      <tr><td rowspan=2>North<td>A<br>B<td x:num="1234.5678">1,235</tr>
      <tr><td>  C&nbsp;D<script>alert(1)</script> <td>7<!-- no --></tr>
    </table></td></tr></table>"""
    assert cells(write(tmp_path / "a.xls", page)) == [
        ["Deal", None, "Amount"],
        ["Id", "Name", "Amount"],
        ["North", "A\nB", "1234.5678"],
        ["North", "C D", "7"],
    ]


def test_several_tables_of_a_page_are_several_sheets(tmp_path: Path) -> None:
    page = "<table><tr><td>filter<td>all<tr><td>owner<td>me</table>" + html([HEADINGS, *ROWS])
    path = write(tmp_path / "two.xls", page)
    assert [sheet.name for sheet in read_sheets(path)] == ["table 1", "table 2"]
    assert len(fa.read_exports(path, as_of="2026-09-30").opportunities) == 2


def test_an_xml_spreadsheet_keeps_types_places_and_hidden_sheets(tmp_path: Path) -> None:
    rows = """<Row ss:Index="2"><Cell ss:Index="2"><Data ss:Type="DateTime">2026-09-30T00:00:00.000</Data></Cell>
      <Cell ss:MergeDown="1"><Data ss:Type="Boolean">1</Data></Cell><Cell><Data ss:Type="Error">#N/A</Data></Cell></Row>
      <Row><Cell><ss:Data ss:Type="String">a<B>b</B></ss:Data></Cell></Row>"""
    hide = '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel"><Visible>SheetHidden</Visible></WorksheetOptions>'
    sheets = f'<Worksheet ss:Name="S"><Table>{rows}</Table></Worksheet>' + xml([["x", "y"]], "Old", hide)
    path = write(tmp_path / "s.xls", XML.format(sheets=sheets))
    assert cells(path) == [
        [None, None, None, None],
        [None, "2026-09-30", "TRUE", "#N/A"],
        ["ab", None, "TRUE", None],
    ]
    assert [sheet.hidden for sheet in read_sheets(path)] == [False, True]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (XML.format(sheets=xml([HEADINGS]))[:-40], "damaged XML Spreadsheet"),
        (XML.replace("<Workbook", '<!DOCTYPE a [<!ENTITY b "c">]><Workbook').format(sheets=""), "DTD"),
        (XML.format(sheets='<Worksheet ss:Name="S"><Table/></Worksheet>'), "without any cells"),
        (XML.format(sheets='<Worksheet ss:Name="S"><Table><Row ss:Index="9999999"/></Table></Worksheet>'), None),
        (XML.format(sheets='<Worksheet ss:Name="S"><Table>' + '<Row><Cell ss:MergeAcross="9999999"/></Row></Table></Worksheet>'), "columns"),
        ("<table>" + "<tr><td colspan=1000>x" * 25_000 + "</table>", "cells"),
        ("MIME-Version: 1.0\nContent-Type: text/html\n\n<html><p>nothing</p></html>", "without a table"),
    ],
)  # fmt: skip
def test_damaged_and_hostile_ones_are_refused(tmp_path: Path, content: str, said: str | None) -> None:
    with pytest.raises(ExportError, match=said):
        fa.read_exports(write(tmp_path / "x.xls", content), as_of="2026-09-30")


def test_a_web_archive_gives_the_tables_of_its_pages(tmp_path: Path) -> None:
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    archive = MIMEMultipart("related")
    archive.attach(MIMEText("<html><frameset></frameset></html>", "html", "utf-8"))
    archive.attach(MIMEText(html([HEADINGS, *ROWS], '<meta charset="utf-8">'), "html", "utf-8"))
    path = write(tmp_path / "deals.xls", b"MIME-Version: 1.0\n" + archive.as_bytes())
    assert cells(path) == [HEADINGS, *ROWS]


def packed(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name.replace("__", "/"), body)
    return path


def test_a_zip_of_exports_reads_as_the_exports(tmp_path: Path) -> None:
    csv = "\n".join(",".join(f'"{cell}"' for cell in row) for row in [HEADINGS, *ROWS]).encode()
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("q3/opportunities 2026-06-30.csv", csv.replace(b"Closed Won", b"Prospecting"))
        archive.writestr("q3/opportunities 2026-09-30.csv", csv)
        archive.writestr("read me.pdf", b"%PDF-1.7")
        archive.writestr("__MACOSX/._x.csv", b"junk")
    book = fa.read_exports(path)
    assert [f"{date:%Y-%m-%d}" for date in book.export_dates] == ["2026-06-30", "2026-09-30"]
    assert book.receipt["file"].tolist() == [f"all.zip/q3/opportunities 2026-0{m}.csv" for m in ("6-30", "9-30")]
    assert book.receipt["decisions"].str.contains("read me.pdf").any()
    assert len(fa.read_exports(tmp_path).opportunities) == 2


def test_names_packed_on_chinese_windows_are_read() -> None:
    legacy = zipfile.ZipInfo("x.csv")
    legacy.filename, legacy.flag_bits = "商机.csv".encode("gbk").decode("cp437"), 0
    assert bundles._member_name(legacy) == "商机.csv"


@pytest.mark.parametrize(
    ("members", "said"),
    [({}, "It is empty"), ({"a.zip": b"PK\x03\x04"}, "without a table"), ({"a.pdf": b"%PDF"}, "PDF")],
)
def test_a_zip_without_a_table_says_what_it_holds(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with pytest.raises(ExportError, match=said):
        fa.read_exports(packed(tmp_path / "z.zip", **members))


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "_LARGEST", 1_000_000)
    with pytest.raises(ExportError, match="unpacks to more"):
        fa.read_exports(packed(tmp_path / "z.zip", **{"a.csv": b"a,b\n" * 300_000}))


@pytest.mark.parametrize("stated", ["iso-8859-1", "windows-1252", "utf-8"])
def test_a_page_in_utf_8_is_read_so_whatever_it_states(tmp_path: Path, stated: str) -> None:
    page = f"<meta charset={stated}><table><tr><th>id<th>name<tr><td>1<td>客户甲 Müller</table>"
    (tmp_path / "x.xls").write_bytes(page.encode())
    (sheet,) = read_sheets(tmp_path / "x.xls")
    assert sheet.cells.iloc[1, 1] == "客户甲 Müller" and "encoding utf-8" in sheet.notes


def test_what_a_page_hides_is_told_and_ids_keep_their_zeros(tmp_path: Path) -> None:
    rows = "<tr><th>id<th>amount<tr style='display:none'><td x:num=7>007<td x:num='5.25'>5<tr hidden><td>8<td>9"
    (tmp_path / "x.xls").write_text(f"<table>{rows}</table>", encoding="utf-8")
    (sheet,) = read_sheets(tmp_path / "x.xls")
    assert sheet.cells.values.tolist()[1:] == [["007", "5.25"], ["8", "9"]]
    assert "2 hidden or filtered rows read as well" in sheet.notes


def test_what_an_xml_spreadsheet_hides_and_formats_is_known(tmp_path: Path) -> None:
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    formats = ("[$€-407]#,##0.00", "000")
    styles = "".join(
        f'<Style ss:ID="s{n}"><NumberFormat ss:Format="{code}"/></Style>' for n, code in enumerate(formats)
    )

    def cell(text: str, kind: str = "Number", style: str = "") -> str:
        return f'<Cell{style}><Data ss:Type="{kind}">{text}</Data></Cell>'

    rows = f"<Row>{cell('id', 'String')}{cell('amount', 'String')}</Row>"
    rows += (
        '<Row ss:Hidden="1">' + cell("7", style=' ss:StyleID="s1"') + cell("5.5", style=' ss:StyleID="s0"') + "</Row>"
    )
    book = '<ExcelWorkbook xmlns="urn:schemas-microsoft-com:office:excel"><Date1904/></ExcelWorkbook>'
    table = f'<Table><Column ss:Index="2" ss:Hidden="1"/>{rows}</Table>'
    page = f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}">{book}<Styles>{styles}</Styles><Worksheet ss:Name="S">{table}</Worksheet></Workbook>'
    (tmp_path / "x.xls").write_text(page, encoding="utf-8")
    (sheet,) = read_sheets(tmp_path / "x.xls")
    assert sheet.cells.values.tolist()[1] == ["007", "EUR 5.5"] and sheet.from_1904
    assert sheet.notes[1:] == ("1 hidden or filtered rows read as well", "hidden columns B read as well")


def test_formulas_without_a_result_are_told_in_an_xml_spreadsheet(tmp_path: Path) -> None:
    value = '<Cell><Data ss:Type="String">x</Data></Cell>'
    content = XML.format(sheets=xml([["id", "amount"], ["A1", "5"], ["A2", "x"]]))
    assert value in content
    sheet = read_sheets(write(tmp_path / "x.xls", content.replace(value, '<Cell ss:Formula="=R[-1]C*2"/>')))[0]
    assert sheet.cells.to_numpy().tolist()[2][:1] == ["A2"]
    assert any(note.startswith("1 formulas have no stored result") for note in sheet.notes)


def test_a_page_with_headings_alone_holds_no_records_but_a_table(tmp_path: Path) -> None:
    headings = ["Opportunity ID", "Account Name", "Stage", "Amount", "Close Date"]
    assert cells(write(tmp_path / "x.xls", html([headings]))) == [headings]
    with pytest.raises(ExportError, match="without a table"):
        read_sheets(write(tmp_path / "y.xls", html([["Sign in", "Help"]])))
