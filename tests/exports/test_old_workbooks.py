"""Workbooks of Excel 5 and 95: texts in code pages, number formats and passwords; none is garbled without a word."""

import struct
from pathlib import Path

import pytest

import funnel_analytics as fa
from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.opening import read_sheets

ROWS = [
    ["商机编号", "商机名称", "销售阶段", "金额"],
    [42.0, "华为云平台扩容", "报价", 1200.0],
    [43.0, "中兴数据中心", "谈判", 5.5],
]
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def workbook(rows: list[list[str | float]], encoding: str, page: int, more: bytes = b"") -> bytes:
    """The stream of a workbook of one sheet, whose first column is shown as OPP-00042."""
    begin = [record(0x809, struct.pack("<4H", 0x500, kind, 0, 0)) for kind in (5, 0x10)]
    code = '"OPP-"00000'
    styles = b"".join(record(0xE0, struct.pack("<3H", 0, number, 1) + bytes(10)) for number in (0, 164))
    common = begin[0] + more + record(0x42, struct.pack("<H", page)) + styles
    common += record(0x41E, struct.pack("<HB", 164, len(code)) + code.encode())
    name = "漏斗".encode(encoding, "replace")
    place = len(common) + 4 + 7 + len(name) + 4
    common += record(0x85, struct.pack("<IHB", place, 0, len(name)) + name) + record(0x0A)
    cells = b""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            at = struct.pack("<3H", row, column, 1 if column == 0 else 0)
            text = value.encode(encoding) if isinstance(value, str) else b""
            cells += (
                record(0x204, at + struct.pack("<H", len(text)) + text)
                if isinstance(value, str)
                else record(0x203, at + struct.pack("<d", value))
            )
    return common + begin[1] + cells + record(0x0A)


def compound(stream: bytes) -> bytes:
    """A compound file with one stream, called Book (MS-CFB)."""
    held = stream.ljust(-(-max(len(stream), 4096) // 512) * 512, b"\0")
    count = len(held) // 512
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<9I", 1, 1, 0, 4096, END, 0, END, 0, 0) + struct.pack("<I", FREE) * 108
    table = [FAT, END, *range(3, count + 2), END]

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBB3I", len(text) if name else 0, kind, 1, FREE, FREE, child)
        return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, END, 0) + entry("Book", 2, FREE, 2, len(held)) + entry("", 0, FREE, 0, 0) * 2
    return header + struct.pack("<128I", *table, *[FREE] * (128 - len(table))) + directory + held


@pytest.mark.parametrize(
    ("encoding", "page"),
    [("gbk", 936), ("gbk", 1252), ("gb18030", 65001), ("utf-8", 65001)],
    ids=["Chinese", "Chinese that states Western", "Chinese that states UTF-8", "UTF-8"],
)
def test_texts_are_read_in_the_code_page_they_are_written_in(tmp_path: Path, encoding: str, page: int) -> None:
    (tmp_path / "漏斗 2026-09-30.xls").write_bytes(compound(workbook(ROWS, encoding, page)))
    book = fa.read_exports(tmp_path)
    rows = book.opportunities
    assert rows["opportunity_name"].tolist() == ["华为云平台扩容", "中兴数据中心"]
    assert rows["opportunity_id"].tolist() == ["OPP-00042", "OPP-00043"] and rows["amount"].tolist() == [1200, 5.5]
    assert book.receipt["sheet"].tolist() == ["漏斗"]
    assert f"encoding {'utf-8' if encoding == 'utf-8' else 'gb18030'}" in book.receipt["decisions"].iloc[0]


@pytest.mark.parametrize(
    ("text", "encoding", "page"),
    [("Müller & Söhne", "cp1252", 1252), ("Łódź Gdańsk", "cp1250", 1250), ("Проект Москва", "cp1251", 1251),
     ("株式会社サクラ", "cp932", 932), ("Žluťoučký kůň", "cp1250", 1250), ("plain", "ascii", 1252)],
)  # fmt: skip
def test_each_code_page_gives_its_letters(tmp_path: Path, text: str, encoding: str, page: int) -> None:
    rows: list[list[str | float]] = [["id", "name"], [1.0, text], [2.0, text]]
    stream = workbook(rows, encoding, page)
    (tmp_path / "x.xls").write_bytes(compound(stream))
    assert read_sheets(tmp_path / "x.xls")[0].cells[1].tolist() == ["name", text, text]


def test_a_password_is_seen(tmp_path: Path) -> None:
    (tmp_path / "x.xls").write_bytes(compound(workbook(ROWS, "gbk", 936, more=record(0x2F, bytes(4)))))
    with pytest.raises(ExportError, match="password"):
        read_sheets(tmp_path / "x.xls")
