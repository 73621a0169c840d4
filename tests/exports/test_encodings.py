"""Encodings of before Unicode: names of many languages come out right, and what is a guess is said to be one."""

from pathlib import Path

import pytest

from funnel_analytics.exports.formats.encodings import decode
from funnel_analytics.exports.formats.opening import read_sheets
from funnel_analytics.exports.formats.text_files import read_text

NAMES = {
    "cp932": ["株式会社東芝", "ソニー株式会社", "三菱重工業", "ﾄｼﾊﾞ", "田中太郎"],
    "euc-jp": ["株式会社東芝", "ソニー株式会社", "トヨタ自動車", "田中太郎"],
    "cp949": ["삼성전자", "현대자동차", "엘지화학", "김철수"],
    "cp1251": ["Газпром", "Лукойл", "Иванов Иван", "Петрова Анна"],
    "koi8-r": ["Газпром", "Лукойл", "Иванов Иван", "Петрова Анна"],
    "cp1250": ["Škoda Auto", "České dráhy", "Třinecké železárny", "Jiří Dvořák"],
    "iso8859-2": ["Łódź Fabryka", "Śląska Huta", "Paweł Wiśniewski", "Małgorzata Dąbrowska"],
    "mac-roman": ["Müller & Söhne", "Größe AG", "Société Générale", "François Noël"],
    "cp850": ["Müller & Söhne", "Größe AG", "Société Générale", "François Noël"],
    "cp1253": ["Εθνική Τράπεζα", "Ελληνικά Πετρέλαια", "Γιώργος Παπαδόπουλος"],
    "cp1254": ["Şişecam", "Türkiye İş Bankası", "Gülşah Öztürk", "Mehmet Yılmaz"],
    "cp874": ["ธนาคารกรุงเทพ", "สมชาย ใจดี", "ไทยเบฟ"],
}
OURS = {
    "gb18030": ["华为技术有限公司", "阿里巴巴（中国）", "欧阳娜娜", "鑫淼喆科技"],
    "cp950": ["臺灣積體電路", "鴻海精密", "陳美玲", "許功蓋"],
    "cp1252": ["Müller & Söhne", "Größe AG", "Jörg Weiß", "Bäcker – Köln"],
    "big5hkscs": ["鰂魚涌物流", "深水埗㗎食品", "香港中華電力", "紅磡置業"],
}


def table(names: list[str]) -> str:
    return "Account Name,Stage,Amount\n" + "".join(f"{name},Proof,{n}.5\n" for n, name in enumerate(names))


@pytest.mark.parametrize(("encoding", "names"), [*NAMES.items(), *OURS.items()])
def test_names_come_out_as_they_were_written(encoding: str, names: list[str]) -> None:
    text, notes = decode(table(names).encode(encoding), "x.csv")
    assert text == table(names)
    assert ("a guess" in " ".join(notes)) == (encoding in NAMES)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        # Customers of several Western countries: no one language has all their letters, but each word is of one.
        ("cp1252", ["Müller – Söhne", "L’Oréal “Paris”", "Škoda €", "Œuvre & Fils", "Naïve™", "Citroën…"]),
        ("cp1252", ["Café Brûlé", "Zoë Müller"]),
        ("cp1252", ["Señor López", "Crème Brûlée", "Groß"]),
        ("cp1252", ["José García", "Hélène", "Jürgen Groß", "Françoise"]),
        ("cp1250", ["Kőbánya", "Székesfehérvár", "Győri Keksz"]),
        ("cp1250", ["Timişoara", "Constanţa", "Brăneasa"]),
        ("cp1250", ["Kovačević", "Đurić"]),
        ("cp1250", ["Škoda Plzeň", "Brno"]),
    ],
)
def test_letters_of_several_western_languages_are_no_eastern_ones(encoding: str, names: list[str]) -> None:
    assert decode(table(names).encode(encoding), "x.csv")[0] == table(names)


@pytest.mark.parametrize("other", [1, 4])
def test_one_line_of_utf_8_among_lines_of_big5_is_read_as_it_is(other: int) -> None:
    lines = table(
        ["臺灣積體電路", "鴻海精密", "臺中物流股份有限公司", "許功蓋", "高雄港務集團股份", "陳美玲"]
    ).splitlines()
    lines[other] = f"高雄港務集團股份有限公司,Proof,{other - 1}.5"
    content = b"\n".join(line.encode("utf-8" if at == other else "cp950") for at, line in enumerate(lines))
    text, notes = decode(content, "x.csv")
    assert text == "\n".join(lines)
    assert "cp950" in " ".join(notes) and "unlike the rest" in " ".join(notes)


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("utf-7", ["华为技术", "Müller + Söhne", "R&D"]),
        ("hz", ["华为技术", "宁德时代", "A~B"]),
        ("iso2022_jp", ["株式会社東芝", "ソニー株式会社", "ABC"]),
    ],
)
def test_characters_written_in_ascii_come_out_as_they_were_meant(encoding: str, names: list[str]) -> None:
    sheet = read_text(table(names).encode(encoding), "x.csv")
    assert sheet.cells[0].tolist() == ["Account Name", *names]
    assert encoding in sheet.notes[0]


@pytest.mark.parametrize("name", ["+8613800138000", "R+D+E", "~{open", "a+b-c", "+ABC- Ltd", "~{"])
def test_ascii_that_only_looks_like_other_characters_stays(name: str) -> None:
    sheet = read_text(table([name, name]).encode(), "x.csv")
    assert sheet.cells[0].tolist() == ["Account Name", name, name] and sheet.notes[0] == "encoding utf-8"


def test_japanese_without_kana_is_not_taken_for_chinese_nor_chinese_for_japanese() -> None:
    japanese = table(["東京電力株式会社", "大阪瓦斯", "山田太郎", "日本製鉄"])
    text, notes = decode(japanese.encode("euc-jp"), "x.csv")
    assert text == japanese and notes[0].startswith("encoding euc-jp, a guess")
    for names in (["华为", "比亚迪"], ["请稍候"], ["涉及", "截止"], ["株式会社", "山田太郎", "东京电力"]):
        assert decode(table(names).encode("gbk"), "x.csv")[0] == table(names)


@pytest.mark.parametrize("name", ["Müller", "MÜLLER", "L’Oréal", "Peña", "Ørsted", "João", "À la carte"])
def test_one_western_name_is_enough(name: str) -> None:
    assert decode(table(["Contoso", name]).encode("cp1252"), "x.csv") == (
        table(["Contoso", name]),
        ("encoding cp1252",),
    )


def test_one_short_name_is_rather_chinese_and_a_guess_where_it_could_be_korean() -> None:
    assert decode(table(["华为"]).encode("gbk"), "x.csv")[0] == table(["华为"])
    assert "a guess: check the names, as '" in decode(table(["현대"]).encode("cp949"), "x.csv")[1][0]


def test_lines_in_another_encoding_are_read_together() -> None:
    polish = "Wójcik,1\nŁódź Śląska,2\nPaweł Żak,3\n"
    text, notes = decode("Größe AG,0\n".encode() + polish.encode("cp1250"), "x.csv")
    assert text == "Größe AG,0\n" + polish
    assert any("cp1250" in note and "lines 2, 3, 4" in note for note in notes)


def test_a_file_cut_inside_a_character_says_so() -> None:
    text, notes = decode(table(["华为技术", "宁德时代"]).encode()[:-7], "x.csv")
    assert text.splitlines()[-1].startswith("宁德时")
    assert not any("cut" in note or "ends inside" in note for note in notes)
    cut = "名称,负责人\n华为,欧阳".encode()[:-1]
    text, notes = decode(cut, "x.csv")
    assert text == "名称,负责人\n华为,欧\ufffd" and "ends inside a character" in notes[1]


def test_chinese_that_was_once_read_as_western_is_named() -> None:
    garbled = table(["华为技术", "宁德时代"]).encode("gbk").decode("latin-1")
    assert any("perhaps '华为技术'" in note for note in read_text(garbled.encode(), "x.csv").notes)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("name", ["x.xls", "x.txt"])
def test_utf_16_without_a_mark_is_read_where_nearly_all_is_chinese(tmp_path: Path, encoding: str, name: str) -> None:
    rows = [
        "商机名称\t客户名称\t创建日期",
        *(f"数据中心扩容项目\t上海东方明珠集团\t二〇二六年{day}月十日上午" for day in "一二三"),
    ]
    (tmp_path / name).write_bytes("\r\n".join(rows).encode(encoding))
    (sheet,) = read_sheets(tmp_path / name)
    assert sheet.cells.values.tolist() == [row.split("\t") for row in rows] and f"encoding {encoding}" in sheet.notes


def test_korean_of_a_short_report_is_no_damaged_chinese() -> None:
    lines = "영업기회 ID,고객사,단계,금액,생성일,마감일,담당자\nO-1,삼성물산,발굴\nO-2,현대건설,제안\nO-3,쿠팡,협상\nO-4,네이버,수주\n"
    text, notes = decode(lines.encode("cp949"), "x.csv")
    assert text == lines and notes[0].startswith("encoding cp949, a guess")
