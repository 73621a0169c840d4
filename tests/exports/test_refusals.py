"""What is no table, damaged, locked or too much to be one is refused in one plain sentence."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.opening import read_sheets


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zipped(path: Path, *names: str, body: str = "<x/>") -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name in names:
            package.writestr(name, body)
    return path


def locked_archive(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.csv", "id,name")
        package.filelist[0].flag_bits |= 1
    return path


def tarred(mode: str) -> bytes:
    """A tar archive of one table: read as text it would lose the first heading."""
    target, table = io.BytesIO(), b"Opportunity ID,Stage\n1,Proof\n"
    with tarfile.open(fileobj=target, mode=mode) as archive:
        member = tarfile.TarInfo("a.csv")
        member.size = len(table)
        archive.addfile(member, io.BytesIO(table))
    return target.getvalue()


def far_cell(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_number(1_048_575, 16_383, 1)
    return path


def of_blanks(path: Path, written: str = '"2000000000"') -> Path:
    """An ods file of a few bytes whose one text is two billion blanks: the reader would end the whole program."""
    return of_cell(path, "", f"a<text:s text:c={written}/>b")


def wide_ods(path: Path) -> Path:
    return of_cell(path, 'table:number-columns-repeated="1000000000"', "a")


def of_cell(path: Path, attribute: str, text: str) -> Path:
    """An ods file of one cell."""
    cell = f'<table:table-cell {attribute} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    row = f'<table:table table:name="S"><table:table-row>{cell}</table:table-row></table:table>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", "<x/>")
        body = f"<office:body><office:spreadsheet>{row}</office:spreadsheet></office:body>"
        package.writestr("content.xml", f"<office:document-content {names}>{body}</office:document-content>")
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
        (lambda p: write(p, bz2.compress(b"a,b\n1,2\n")), "a bzip2 archive"),
        (lambda p: write(p, lzma.compress(b"a,b\n1,2\n")), "an xz archive"),
        (lambda p: write(p, tarred("w")), "a tar archive"),
        (lambda p: write(p, tarred("w:gz")), "a tar archive"),
        (lambda p: write(p, b"{\\rtf1\\ansi a,b}"), "an RTF document"),
        (lambda p: write(p, bytes(range(1, 32)) * 50), "unknown kind"),
        (lambda p: write(p, b"PK\x03\x04" + bytes(50)), "damaged or incomplete"),
        (lambda p: zipped(p, "[Content_Types].xml", "word/document.xml"), "Word document"),
        (lambda p: zipped(p, "[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint"),
        (lambda p: zipped(p, "a.pdf", body="%PDF-1.7"), "zip archive without a table"),
        (lambda p: zipped(p, "[Content_Types].xml", "xl/workbook.xml"), "damaged"),
        (lambda p: write(p, OLE + "EncryptedPackage".encode("utf-16-le")), "password"),
        (lambda p: write(p, OLE + "WordDocument".encode("utf-16-le")), "Word document"),
        (lambda p: write(p, OLE + "PowerPoint Document".encode("utf-16-le")), "PowerPoint presentation"),
        (lambda p: write(p, b"\x09\x08\x10\x00" + bytes(600)), "Excel 4 or older"),
        (
            lambda p: write(
                p,
                b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
            ),
            "flat OpenDocument.*LibreOffice",
        ),
        (
            lambda p: write(p, b'<?xml version="1.0"?>\n<deals><deal id="1;2"/>\n<deal id="3;4"/></deals>'),
            "an XML file without a table",
        ),
        (lambda p: zipped(p, "Index/Document.iwa"), "Apple Numbers"),
        (lambda p: zipped(p, "mimetype", body="application/vnd.oasis.opendocument.text"), "OpenDocument text"),
        (lambda p: zipped(p, "a.zip", body=zipped(p, "a.csv").read_bytes()), "zip archive inside a zip archive"),
        (lambda p: zipped(p, *(f"{number}.csv" for number in range(1001))), "holds 1,001 files"),
        (locked_archive, "protected by a password"),
        (lambda p: write(p, OLE), "damaged"),
        (lambda p: write(p, b"<html><p>Session expired</p></html>"), "without a table"),
        (with_dtd, "DTD"),
        (far_cell, "spread over"),
        (of_blanks, "more than 10,000,000 spaces"),
        (wide_ods, "16,384 columns"),
        (lambda p: of_blanks(p, " '2000000000'"), "more than 10,000,000 spaces"),
        (lambda p: of_blanks(p, '"&#50;000000000"'), "more than 10,000,000 spaces"),
        (
            lambda p: write(p, b",".join(b"c%d" % n for n in range(60_000)) + b"\n" + b"1," * 59_999 + b"1\n"),
            "60,000 columns",
        ),
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


def test_a_zip_archive_with_two_files_of_one_name_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "x.zip", "a.csv", "a.csv", body="Opportunity ID,Stage,Amount\n1,Proof,5\n")
    with pytest.raises(ExportError, match="twice"):
        read_sheets(path)
