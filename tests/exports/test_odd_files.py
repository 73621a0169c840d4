"""One small table, written in many odd ways, is read back right, or what is odd about it is said."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlsxwriter

import funnel_analytics as fa
from funnel_analytics.errors import ExportError

ENGLISH = ["Opportunity ID", "Account Name", "Stage", "Amount", "Created Date", "Close Date", "Opportunity Owner"]
SIMPLIFIED = ["商机编号", "客户名称", "销售阶段", "金额", "创建日期", "预计成交日期", "负责人"]
TRADITIONAL = ["商機編號", "客戶名稱", "銷售階段", "金額", "建立日期", "預計成交日期", "負責人"]
ROWS = [
    ["O-1", "Northwind", "Prospecting", 12_500.0, "2024-01-15", "2024-04-30", "Dana Lee"],
    ["O-2", "Contoso", "Qualification", 48_000.5, "2024-01-22", "2024-05-17", "Sam Ortiz"],
    ["O-3", "Fabrikam", "Prospecting", 130_250.0, "2024-02-03", "2024-06-28", "Dana Lee"],
    ["O-4", "Adventure", "Qualification", 9_800.75, "2024-02-19", "2024-03-29", "Priya Nair"],
]
READ = ["opportunity_id", "account_name", "stage_label", "amount", "created_date", "close_date", "owner"]
Table = list[list[str]]


def table(headings: list[str] = ENGLISH, *, day: Callable[[pd.Timestamp], str] = lambda d: f"{d:%Y-%m-%d}",
          money: Callable[[float], str] = lambda a: f"{a:.2f}") -> Table:  # fmt: skip
    lines = [[*row[:3], money(row[3]), *(day(pd.Timestamp(text)) for text in row[4:6]), row[6]] for row in ROWS]
    return [[*headings], *lines]


def text(lines: Table, delimiter: str = ",", end: str = "\n") -> str:
    def cell(value: str) -> str:
        return f'"{value}"' if delimiter in value else value

    return "".join(delimiter.join(map(cell, line)) + end for line in lines)


def read(path: Path, content: str | bytes, **how: Any) -> fa.Book:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return fa.read_exports(path, **{"as_of": "2024-12-31", **how})


def found(book: fa.Book) -> list[list[Any]]:
    rows = book.snapshots[READ].copy()
    for name in ("created_date", "close_date"):
        rows[name] = rows[name].dt.strftime("%Y-%m-%d")
    return [[None if pd.isna(value) else value for value in row] for row in rows.to_numpy().tolist()]


def said(book: fa.Book) -> str:
    return " ".join([*book.receipt["decisions"].dropna(), *book.issues["message"], *book.issues["value"].dropna()])


def serial(day: pd.Timestamp) -> int:
    return (day - pd.Timestamp("1899-12-30")).days


DAYS: dict[str, Callable[[pd.Timestamp], str]] = {
    "weekday": lambda d: f"{d:%A, %B %d, %Y}",
    "weekday in Chinese": lambda d: f"{d.year}年{d.month}月{d.day}日 星期{'一二三四五六日'[d.weekday()]}",
    "twelve hours": lambda d: f"{d:%m/%d/%Y} 11:30 PM",
    "twelve hours in Chinese": lambda d: f"{d:%Y/%m/%d} 下午 03:30",
    "serial": lambda d: f"{serial(d)}.0",
    "serial with a decimal comma": lambda d: f"{serial(d)},75",
    "serial with thousands": lambda d: f"{serial(d):,}",
    "milliseconds": lambda d: f"{int(d.timestamp() * 1000)}",
    "milliseconds in JSON": lambda d: f"/Date({int(d.timestamp() * 1000)})/",
    "JavaScript": lambda d: f"{d:%a %b %d %Y} 00:00:00 GMT+0800 (China Standard Time)",
    "PostgreSQL": lambda d: f"{d:%Y-%m-%d} 10:00:00.123456+00",
    "Oracle": lambda d: f"{d:%d-%b-%y} 12.00.00.000000 AM".upper(),
    "民國": lambda d: f"民國{d.year - 1911}年{d.month}月{d.day}日",
    "民國 with slashes": lambda d: f"{d.year - 1911}/{d.month:02d}/{d.day:02d}",
    "Buddhist": lambda d: f"{d.day:02d}/{d.month:02d}/{d.year + 543}",
    "Reiwa": lambda d: f"令和{d.year - 2018}年{d.month}月{d.day}日",
    "Chinese digits": lambda d: f"二〇二四年{d.month}月{d.day}日",
    "Korean": lambda d: f"{d.year}년 {d.month}월 {d.day}일",
    "Spanish": lambda d: f"{d.day} de {['enero', 'febrero', 'marzo', 'abril', 'mayo', 'junio'][d.month - 1]} de {d.year}",
    "German": lambda d: f"{d.day}. {['Januar', 'Februar', 'März', 'April', 'Mai', 'Juni'][d.month - 1]} {d.year}",
    "microseconds": lambda d: f"{int(d.timestamp() * 1_000_000)}",
    "digits with a time": lambda d: f"{d:%Y%m%d}101500",
    "digits with T and Z": lambda d: f"{d:%Y%m%d}T101500Z",
    "German with a clock": lambda d: f"{d:%d.%m.%Y}, 14:05 Uhr",
    "French with a weekday": lambda d: f"lundi {d.day} {['janvier', 'février', 'mars', 'avril', 'mai', 'juin'][d.month - 1]} {d.year}",
    "Japanese weekday": lambda d: f"{d.year}年{d.month}月{d.day}日(月)",
    "Polish": lambda d: f"{d.day} {['stycznia', 'lutego', 'marca', 'kwietnia', 'maja', 'czerwca'][d.month - 1]} {d.year}",
    "Russian": lambda d: f"{d.day} {['января', 'февраля', 'марта', 'апреля', 'мая', 'июня'][d.month - 1]} {d.year}",
    "year of two digits first": lambda d: f"{d:%y-%m-%d}",
    "dots behind": lambda d: f"{d:%Y.%m.%d}.",
}  # fmt: skip


def test_without_any_date_of_its_own_an_export_is_of_its_newest_change(tmp_path: Path) -> None:
    # All four are open: nothing later than the newest creation is known to have happened.
    book = read(tmp_path / "x.csv", text(table()), as_of=None)
    assert book.as_of == pd.Timestamp("2024-02-19")
    assert book.receipt["as_of_source"].item() == "newest_change"


def test_a_first_column_without_a_heading_holds_the_ids_if_all_differ(tmp_path: Path) -> None:
    book = read(tmp_path / "x.csv", text(table(["", *ENGLISH[1:]])))
    assert book.opportunities["opportunity_id"].tolist() == ["O-1", "O-2", "O-3", "O-4"]
    assert "The first column has no heading" in said(book)
    again = [line if number != 2 else ["O-1", *line[1:]] for number, line in enumerate(table(["", *ENGLISH[1:]]))]
    assert "The first column has no heading" not in said(read(tmp_path / "y.csv", text(again)))


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_days_in_rare_writings(tmp_path: Path, day: Callable[[pd.Timestamp], str]) -> None:
    assert found(read(tmp_path / "x.csv", text(table(day=day), ";"))) == ROWS


@pytest.mark.parametrize(
    ("close", "read_as"),
    [
        (lambda d: f"FY{d.year % 100} Q{d.quarter}", ["2024-06-30", "2024-06-30", "2024-06-30", "2024-03-31"]),
        (lambda d: f"{d.year}年第{'一二三四'[d.quarter - 1]}季度", ["2024-06-30", "2024-06-30", "2024-06-30", "2024-03-31"]),
        (lambda d: f"{d:%b %Y}", ["2024-04-30", "2024-05-31", "2024-06-30", "2024-03-31"]),
        (lambda d: f"{d:%b-%y}", ["2024-04-30", "2024-05-31", "2024-06-30", "2024-03-31"]),
        (lambda d: f"{d.year}年{d.month}月", ["2024-04-30", "2024-05-31", "2024-06-30", "2024-03-31"]),
        (lambda d: "Q2 2024" if d.month == 5 else f"{d:%Y-%m-%d}", ["2024-04-30", "2024-06-30", "2024-06-28", "2024-03-29"]),
    ],
)  # fmt: skip
def test_a_month_or_quarter_as_close_date_means_its_last_day(
    tmp_path: Path, close: Callable[[pd.Timestamp], str], read_as: list[str]
) -> None:
    lines = [[*line[:5], close(pd.Timestamp(line[5])), line[6]] for line in table()[1:]]
    book = read(tmp_path / "x.csv", text([ENGLISH, *lines]))
    assert [row[5] for row in found(book)] == read_as
    assert "read as its last day" in said(book)


def test_a_quarter_is_that_of_the_teams_fiscal_year(tmp_path: Path) -> None:
    lines = [[*line[:5], "FY25 Q1", line[6]] for line in table()[1:]]
    book = read(tmp_path / "x.csv", text([ENGLISH, *lines]), fiscal_start=4)
    # The fiscal year 2025 begins in April 2024.
    assert set(book.snapshots["close_date"]) == {pd.Timestamp("2024-06-30")}


@pytest.mark.parametrize(
    ("cells", "read_as", "mention"),
    [
        (["1.234.567,89 €", "12,5", "3.000 €", "99 €"], [1_234_567.89, 12.5, 3_000, 99], "decimal"),
        (["($1,200.50)", "$(300)", "US$ 1,000", "-$45"], [-1_200.5, -300, 1_000, -45], "negative"),
        (["—", "n/a", "未填", "1,000"], [None, None, None, 1_000], "未填"),
        (["约120万", "~2,000", "3,000+", ">1,000"], [1_200_000, 2_000, 3_000, 1_000], "约120万"),
        (["10%", "1,000", "20%", "2,000"], [None, 1_000, None, 2_000], "10%"),
        (["10,000-20,000", "1.2M", "45k", "2,000"], [None, 1_200_000, 45_000, 2_000], "10,000-20,000"),
        (["12,34,567.50", "1'000.00", "1 000.00", "$250K"], [1_234_567.5, 1_000, 1_000, 250_000], ""),
    ],
)
def test_amounts_in_rare_writings(tmp_path: Path, cells: list[str], read_as: list[float | None], mention: str) -> None:
    lines = [[*line[:3], cell, *line[4:]] for line, cell in zip(table()[1:], cells, strict=True)]
    book = read(tmp_path / "x.csv", text([ENGLISH, *lines], ";"))
    assert [None if pd.isna(value) else value for value in book.snapshots["amount_original"]] == read_as
    assert mention in said(book)


TOTAL = f"{sum(row[3] for row in ROWS):.2f}"
SUMMARY = "\nSummary\nOwner,Deals,Amount\nDana Lee,2,142750\nSam Ortiz,1,48000.5\n"
SHAPES: dict[str, tuple[str, str]] = {
    "total, label last": (text([*table(), ["", "", "", TOTAL, "", "", "Total"]]), "total"),
    "total without label": (text([*table(), ["", "", "", TOTAL, "", "", ""]]), "neither"),
    "total, Chinese": (text([*table(SIMPLIFIED), ["", "合计", "", TOTAL, "", "", ""]]), "total"),
    "average and maximum": (text([*table(), ["Average", "", "", "5", "", "", ""], ["Max", "", "", "5", "", "", ""]]), "total"),
    "headings again in other case": (text(table()[:3]) + text(table()).replace("Opportunity ID", "OPPORTUNITY ID ").split("\n", 3)[0] + "\n" + text(table()[3:]), "repeated heading"),
    "mark of the encoding in the middle": (text(table()[:3]) + "\ufeff" + text([ENGLISH, *table()[3:]]), "repeated heading"),
    "API names under the headings": (text([ENGLISH, ["Id", "Account.Name", "StageName", "Amount", "CreatedDate", "CloseDate", "Owner.Name"], *table()[1:]]), "repeated heading"),
    "units under the headings": (text([ENGLISH, ["(id)", "(text)", "(picklist)", "(USD)", "(date)", "(day)", ""], *table()[1:]]), "repeated heading"),
    "rule under the headings": (text([ENGLISH, ["---"] * 7, *table()[1:]], "|"), "repeated heading"),
    "a second table beneath": (text(table()) + SUMMARY, "a second table beneath"),
    "a second table of the same width": (text(table()) + "\n" + text([["Account ID", "Account Name", "Industry", "Revenue", "Since", "Until", "Contact"], ["A1", "Acme", "Steel", "1000", "2020-01-01", "2021-01-01", "Bob"]]), "a second table beneath"),
    "lines that name a team": (text([*table()[:3], ["Team South"], *table()[3:]]), "group"),
    "blank columns first": (text([["", "", *line] for line in table()]), ""),
    "every line in quotation marks": ("".join(f'"{line}"\n' for line in text(table()).splitlines()), "quotation marks"),
    "single quotation marks": ("".join(",".join(f"'{cell}'" for cell in line) + "\n" for line in table()), "single"),
    "guarded values": ("".join(",".join(f'="{cell}"' for cell in line) + "\n" for line in table()), '="'),
    "amounts cut at their thousands": (",".join(ENGLISH) + "\n" + "".join(",".join(line) + "\n" for line in table(money=lambda a: f"{a:,.2f}")[1:]), "put together"),
    "one amount cut at its thousands": (text(table()).replace("130250", "130,250"), "put together"),
    "full-width commas": (text(table(SIMPLIFIED), "，"), ""),
    "a mark and a number before headings": (text([[f"{n}. *{cell}" for n, cell in enumerate(ENGLISH, 1)], *table()[1:]]), ""),
    "headings in two languages": (text([[f"{one} {two}" for one, two in zip(SIMPLIFIED, ENGLISH, strict=True)], *table()[1:]]), ""),
    "headings in another order": (text(table()) + text([[line[1], line[0], *line[2:]] for line in table()]), "a second table beneath"),
    "a separator that is not used": ("sep=;\n" + text(table()), "does not use"),
    "total in an unknown word": (text([*table(), ["Yekun", "", "", TOTAL, "", "", ""]]), "total"),
    "carried forward": (text([*table()[:3], ["Carry", "", "", "60500.50", "", "", ""], *table()[3:]]), "total"),
    "totals of two parts": (text([*table()[:3], ["Part", "", "", "60500.50", "", "", ""], *table()[3:], ["Part", "", "", "140050.75", "", "", ""]]), "total"),
    "total of a page, Chinese": (text([*table(SIMPLIFIED)[:3], ["本页合计", "", "", "1", "", "", ""], *table()[3:]]), "total"),
    "comment lines": ("# exported by a tool\n# 2024-07-01\n" + text(table()), ""),
}  # fmt: skip


@pytest.mark.parametrize(("content", "mention"), SHAPES.values(), ids=SHAPES)
def test_shapes_of_text_tables(tmp_path: Path, content: str, mention: str) -> None:
    book = read(tmp_path / "x.csv", content)
    assert found(book) == ROWS
    assert mention in said(book)
    assert (book.receipt["rows_in"] == book.receipt["rows_kept"] + book.receipt["rows_set_aside"]).all()


@pytest.mark.parametrize("amounts", [["1", "2", "4", "5", "12"], ["100", "200", "400", "500", "777"]])
def test_a_short_record_is_no_total(tmp_path: Path, amounts: list[str]) -> None:
    lines = [*table()[1:], ["O-5", "", "", "", "", "", ""]]
    lines = [[*line[:3], amount, *line[4:]] for line, amount in zip(lines, amounts, strict=True)]
    assert len(found(read(tmp_path / "x.csv", text([ENGLISH, *lines])))) == 5


def test_units_beneath_the_headings_count(tmp_path: Path) -> None:
    lines = [ENGLISH, ["", "", "", "in kEUR", "day", "day", ""], *table()[1:]]
    book = read(tmp_path / "x.csv", text(lines))
    assert book.snapshots["amount_original"].tolist() == [row[3] * 1000 for row in ROWS]
    assert book.currency == "EUR"


def test_a_table_with_the_same_headings_to_the_right_is_told(tmp_path: Path) -> None:
    lines = [[*one, "", *two] for one, two in zip(table(), [ENGLISH, *table()[1:]], strict=True)]
    book = read(tmp_path / "x.csv", text(lines))
    assert found(book) == ROWS and "a second table to the right" in said(book)


def test_a_group_line_with_its_sum_names_the_group(tmp_path: Path) -> None:
    order = [2, 0, 1, 3, 4, 5, 6]
    head, *rows = [[line[place] for place in order] for line in table()]
    parts = [
        [[f"{stage} (2)", "", "", total, "", "", ""], *(["", *row[1:]] for row in rows if row[0] == stage)]
        for stage, total in (("Prospecting", "142750.00"), ("Qualification", "57801.25"))
    ]
    book = read(tmp_path / "x.csv", text([head, *parts[0], *parts[1], ["Grand Total (4)", "", "", TOTAL, "", "", ""]]))
    stages = book.snapshots.set_index("opportunity_id")["stage_label"].to_dict()
    assert stages == {row[0]: row[2] for row in ROWS}
    assert "is the sum of what was read" in said(book)


def test_pictures_before_stages_are_no_part_of_them(tmp_path: Path) -> None:
    stages = ["🔍 Prospecting", "✅ Closed Won", "❌ Closed Lost", "⏳ Qualification"]
    lines = [[*line[:2], stage, *line[3:]] for line, stage in zip(table()[1:], stages, strict=True)]
    book = read(tmp_path / "x.csv", text([ENGLISH, *lines]))
    assert book.snapshots["outcome"].tolist() == ["open", "won", "lost", "open"]


def test_json_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="a JSON file"):
        read(tmp_path / "x.csv", '[{"Opportunity ID": "O-1", "Amount": 5}]')


@pytest.mark.parametrize("labelled", [True, False])
def test_a_total_in_a_table_without_ids_is_no_opportunity(tmp_path: Path, labelled: bool) -> None:
    lines = [line[1:] for line in table()] + [["", "", TOTAL, "", "", "Total" if labelled else ""]]
    assert [row[1:] for row in found(read(tmp_path / "x.csv", text(lines)))] == [row[1:] for row in ROWS]


@pytest.mark.parametrize("lone", [True, False])
def test_the_first_column_names_a_group_once(tmp_path: Path, lone: bool) -> None:
    headings = ["Stage", "Opportunity ID", "Account Name", "Amount", "Created Date", "Close Date", "Opportunity Owner"]
    lines: Table = [headings]
    for stage in ("Prospecting", "Qualification"):
        group = [["", line[0], line[1], *line[3:]] for line in table()[1:] if line[2] == stage]
        if not lone:
            group[0][0] = stage
            group.append(["", "O-9" + stage[0], "Beta", "1.00", "2024-01-01", "2024-05-01", "Dana Lee"])
        lines += [[f"{stage} (2 records)"], *group] if lone else group
    book = read(tmp_path / "x.csv", text(lines))
    stages = book.snapshots.set_index("opportunity_id")["stage_label"].to_dict()
    extra = {} if lone else {"O-9P": "Prospecting", "O-9Q": "Qualification"}
    assert stages == {row[0]: row[2] for row in ROWS} | extra


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(lines: list[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.protect("x")
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line)
    return buffer.getvalue()


CONTAINERS: dict[str, Callable[[], bytes]] = {
    "x.zip": lambda: packed({"__MACOSX/._d.csv": b"\x00\x05", ".DS_Store": b"x", "d.csv": text(table()).encode(), "readme.txt": b"Hello\n"}),
    "parts.zip": lambda: packed({"1.csv": text(table()[:3]).encode(), "2.csv": text([ENGLISH, *table()[3:]]).encode()}),
    "zip.csv": lambda: packed({"d.csv": text(table()).encode()}),
    "workbook.csv": lambda: workbook(table()),
    "workbook.xls": lambda: workbook([ENGLISH, *ROWS]),
    "x.csv.gz": lambda: gzip.compress(text(table()).encode()),
    "big5.csv": lambda: text(table(TRADITIONAL, day=lambda d: f"{d.year - 1911}/{d.month}/{d.day}"), ";").encode("big5"),
    "gb18030.txt": lambda: text(table(SIMPLIFIED), "\t", "\r\n").encode("gb18030"),
    "utf16be.csv": lambda: b"\xfe\xff" + text(table(SIMPLIFIED), ";").encode("utf-16-be"),
    "rowspan.xls": lambda: ("<table><tr>" + "".join(f"<th>{cell}</th>" for cell in ENGLISH) + "</tr>" + "".join(
        "<tr>" + "".join(f"<td>&nbsp;{cell}<br></td>" for cell in line) + "</tr>" for line in table()[1:]) + "</table>").encode(),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content"), CONTAINERS.items(), ids=CONTAINERS)
def test_containers_and_encodings(tmp_path: Path, name: str, content: Callable[[], bytes]) -> None:
    assert found(read(tmp_path / name, content())) == ROWS


@pytest.mark.parametrize(
    ("yes", "no"), [("是", "否"), ("✓", "✗"), ("✔", "—"), ("☑", "☐"), ("✅", "❌"), ("Y", ""), ("1", "0")]
)
def test_ticks_say_what_is_won_and_lost(tmp_path: Path, yes: str, no: str) -> None:
    flags = [["Closed", "Won"], [no, no], [no, no], [yes, yes], [yes, no]]
    lines = [line + flag for line, flag in zip(table(), flags, strict=True)]
    assert read(tmp_path / "x.csv", text(lines)).snapshots["outcome"].tolist() == ["open", "open", "won", "lost"]


def test_dashes_and_blank_words_are_no_owner(tmp_path: Path) -> None:
    owners = ["-", "无", "未填", "NA"]
    lines = [[*line[:6], owner] for line, owner in zip(table()[1:], owners, strict=True)]
    assert [row[6] for row in found(read(tmp_path / "x.csv", text([ENGLISH, *lines])))] == [None, None, None, "NA"]


def test_an_amount_in_merged_cells_is_counted_once(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(table()):
            sheet.write_row(number, 0, line)
        sheet.merge_range(1, 3, 3, 3, 50_000)
    page = "<table>" + "".join(
        "<tr>" + "".join(f"<td{' rowspan=3' if (n, c) == (1, 3) else ''}>{cell}</td>" for c, cell in enumerate(line)
                         if not (n in (2, 3) and c == 3)) + "</tr>"
        for n, line in enumerate(table())) + "</table>"  # fmt: skip
    for name, content in (("x.xlsx", buffer.getvalue()), ("x.xls", page)):
        book = read(tmp_path / name, content)
        amounts = [row[3] for row in found(book)]
        assert amounts[1:] == [None, None, 9_800.75]
        assert book.issues.loc[book.issues["reason"] == "merged_amount", "row"].tolist() == [3]


@pytest.mark.parametrize(("end", "cut"), [("</tr></table>", False), ("</tr>", False), ("<tr><td>O-9<td>Nor", True)])
def test_a_page_that_ends_inside_its_table_is_told(tmp_path: Path, end: str, cut: bool) -> None:
    rows = "<tr>".join("".join(f"<td>{cell}</td>" for cell in line) + "</tr>" for line in table())
    book = read(tmp_path / "x.xls", f"<table><tr>{rows.removesuffix('</tr>')}{end}")
    assert ("ends in the middle" in said(book)) == cut


def test_a_status_whose_words_are_stages_is_the_stage(tmp_path: Path) -> None:
    lines = [[("Status" if cell == "Stage" else cell) for cell in ENGLISH], *table()[1:]]
    lines[4][2] = "Closed Won"
    book = read(tmp_path / "x.csv", text(lines))
    assert [row[2] for row in found(book)][:3] == ["Prospecting", "Qualification", "Prospecting"]
    assert book.snapshots["outcome"].tolist() == ["open", "open", "open", "won"]
    assert "its words are stages" in said(book)


def test_a_status_of_ends_stays_a_status(tmp_path: Path) -> None:
    lines = [[*line, status] for line, status in zip(table(), ["Status", "Open", "On ice", "Won", "Lost"], strict=True)]
    lines = [[*line[:2], *line[3:]] for line in lines]
    book = read(tmp_path / "x.csv", text(lines))
    assert book.snapshots["outcome"].fillna("").tolist()[2:] == ["won", "lost"]
    assert "'On ice' is not known" in said(book)


def test_missing_stages_and_amounts_are_told(tmp_path: Path) -> None:
    lines = table()
    # "Won" and "Lost" in the column of stages are outcomes; nothing is missing.
    assert "no stage" not in said(read(tmp_path / "x.csv", text(lines)))
    lines[1][2] = ""
    assert "1 of 4 rows are open and have no stage" in said(read(tmp_path / "x.csv", text(lines)))
    lines[0][3] = "Weight"
    assert "No column of amounts was found" in said(read(tmp_path / "x.csv", text(lines)))


@pytest.mark.parametrize(
    ("ids", "read_as"),
    [
        (["123.0", "124", "0125", "126.0"], ["123", "124", "0125", "126"]),
        (["1,234", "1,235", "999", "12,345,678"], ["1234", "1235", "999", "12345678"]),
        (["1.0", "A.0", "2", "3"], ["1.0", "A.0", "2", "3"]),
        (["1,23", "1,234", "5", "6"], ["1,23", "1,234", "5", "6"]),
    ],
)
def test_ids_that_a_spreadsheet_dressed_as_numbers(tmp_path: Path, ids: list[str], read_as: list[str]) -> None:
    lines = [ENGLISH, *([number, *line[1:]] for number, line in zip(ids, table()[1:], strict=True))]
    assert [row[0] for row in found(read(tmp_path / "x.csv", text(lines, ";")))] == read_as


def test_changes_of_opportunities_that_no_table_lists_are_told(tmp_path: Path) -> None:
    log = [["Opportunity ID", "From Stage", "To Stage", "Changed On"], ["O-1", "", "Prospecting", "2024-01-15"],
           ["X-9", "Prospecting", "Qualification", "2024-03-01"]]  # fmt: skip
    (tmp_path / "history.csv").write_text(text(log))
    (tmp_path / "deals.csv").write_text(text(table()))
    assert "1 changes are of 1 opportunities" in said(fa.read_exports(tmp_path, as_of="2024-12-31"))
