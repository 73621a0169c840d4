"""The table in a sheet: banners above, headings, records, totals and footers below; nothing disappears unseen."""

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.errors import ExportError
from funnel_analytics.exports.formats.opening import Sheet
from funnel_analytics.exports.sheets.table_inside import SheetTable, clean_heading, find_table


def sheet(*lines: str, first_row: int = 1) -> Sheet:
    """A sheet from lines whose cells are parted by bars."""
    rows = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    return Sheet("x.csv", None, pd.DataFrame(rows, dtype="str"), first_row)


def aside(table: SheetTable) -> dict[int, str]:
    return dict(zip(table.set_aside["row"], table.set_aside["reason"], strict=True))


def test_a_plain_table_is_all_records_with_excels_row_numbers():
    table = find_table(sheet("id|name|amount", "1|Acme|5", "2|Beta|6"))
    assert table.headings == ["id", "name", "amount"]
    assert table.rows.index.tolist() == [2, 3] and table.rows.index.name == "row"
    assert table.set_aside.empty and table.notes == () and table.stated_rows is None


def test_a_report_keeps_its_records_and_lists_banner_total_and_footer():
    table = find_table(
        sheet(
            "Opportunity Report|||",
            "As of 2024-04-02|||",
            "|||",
            "id|name|stage|amount",
            "1|Acme|Won|5",
            "2|Beta|Lost|6",
            "|||",
            "Grand Totals (5,700 records)|||11",
            "Confidential Information - Do Not Distribute|||",
            "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.|||",
        )
    )
    assert table.rows.index.tolist() == [5, 6] and table.rows["amount"].tolist() == ["5", "6"]
    assert aside(table) == {1: "banner", 2: "banner", 8: "total", 9: "footer", 10: "footer"}
    assert table.stated_rows == 5700 and "headings found in row 4" in table.notes


@pytest.mark.parametrize(
    "label",
    [
        "Subtotal: Dana",
        "Total",
        "合计",
        "小計",
        "Dana Lee Total",
        "王芳 汇总",
        "王芳小计",
        "华东区（2）合计",
        "Closed Lost Subtotal",
        "Average",
        "Count",
        "平均",
    ],
)
def test_subtotals_are_no_records(label):
    table = find_table(sheet("owner|name|stage|amount", "Dana|A|Won|5", f"{label}|||5", "Sam|B|Won|6"))
    assert table.rows["amount"].tolist() == ["5", "6"] and aside(table) == {3: "total"}


@pytest.mark.parametrize("label", ["Quota", "% of quota", "目标", "差额"])
def test_words_among_ids_with_a_number_behind_them_are_no_record(label):
    lines = ["id|name|stage|owner|amount|day", "A1|x|Won|Lee|5|2024-01-01", "A2|y|Won|Lee|6|2024-01-02"]
    table = find_table(sheet(*lines, f"{label}||||900|", "A3||||7|"))
    assert table.rows["id"].tolist() == ["A1", "A2", "A3"] and aside(table) == {4: "total"}
    named = find_table(sheet(*[line.replace("A1", "A").replace("A2", "B") for line in lines], f"{label}||||900|"))
    assert named.rows["id"].tolist() == ["A", "B", label]


def test_an_account_called_total_is_a_record():
    table = find_table(sheet("name|stage|amount|date", "Total|Won|5|2024-01-01", "Total Energies|Won|6|2024-01-01"))
    assert len(table.rows) == 2 and table.set_aside.empty


def test_a_short_last_record_is_a_record_while_no_gap_parts_it():
    table = find_table(sheet("id|name|stage|amount|date|owner|x", "1|A|Won|5|d|o|x", "2|B|||||"))
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    "remark", ["# from the old CRM| as of May", "// checked", "Note: rows below| are estimates", "备注：仅供参考|内部"]
)
def test_a_remark_between_records_is_no_record(remark):
    table = find_table(
        sheet(
            "id|name|amount|owner",
            "1|Acme|5|Lee",
            remark + "|" * (3 - remark.count("|")),
            "2|Beta|6|Ortiz",
            "#3|Gamma||",
        )
    )
    assert table.rows["id"].tolist() == ["1", "2", "#3"]
    assert aside(table) == {3: "note"}


def test_a_lone_cell_beside_the_column_that_all_records_fill_is_a_remark():
    table = find_table(sheet("id|name|amount|owner", "1|Acme|5|Lee", "|checked by Kim||", "2|Beta||Ortiz"))
    assert table.rows["id"].tolist() == ["1", "2"] and aside(table) == {3: "note"}
    kept = find_table(sheet("id|name|amount|owner", "1|Acme|5|Lee", "|Gamma||", "|Beta|7|Ortiz"))
    assert len(kept.rows) == 3


def test_a_line_that_kept_its_id_only_is_no_name_of_a_group():
    lines = ["OPP-1|Acme|5|Lee", "OPP-2|||", "OPP-3|Beta|7|Ortiz", "Region North|||", "OPP-9|Gamma|2|Lee"]
    table = find_table(sheet("id|name|amount|owner", *lines))
    assert aside(table) == {3: "id_alone", 5: "group"}


def test_numbers_with_a_number_sign_are_ids():
    table = find_table(sheet("id|name|amount|owner", "#1|Acme|5|Lee", "#2|Beta||", "#3|Gamma|7|Lee"))
    assert table.rows["id"].tolist() == ["#1", "#2", "#3"]


def test_a_repeated_heading_is_listed():
    table = find_table(sheet("id|name", "1|A", "id|name", "2|B"))
    assert table.rows["id"].tolist() == ["1", "2"] and aside(table) == {3: "repeated_heading"}


def test_blank_lines_are_neither_records_nor_listed():
    table = find_table(sheet("id|name", "|", "1|A", "|", "2|B"))
    assert table.rows.index.tolist() == [3, 5] and table.set_aside.empty


def test_headings_are_cleaned_and_made_unique():
    table = find_table(sheet("Amount|Amount||金额（万元）", "1|2|3|4"))
    assert table.headings == ["Amount", "Amount (2)", "(column 3)", "金额（万元）"]
    assert any("'Amount'" in note for note in table.notes) and any("no heading" in note for note in table.notes)
    assert clean_heading("\ufeff Close\n Date\u200b\xa0") == "Close Date"


def test_columns_with_nothing_in_them_are_dropped_and_columns_without_values_noted():
    table = find_table(sheet("id||name|next step", "1||A|", "2||B|"))
    assert table.headings == ["id", "name", "next step"]
    assert any("next step" in note for note in table.notes)


def test_a_table_to_the_right_is_not_mixed_in_and_named():
    table = find_table(sheet("id|name|amount||owner|quota", "1|A|5||Dana|9", "2|B|6||Sam|8", "3|C|7|||"))
    assert table.headings == ["id", "name", "amount"] and any("quota" in note for note in table.notes)


@pytest.mark.parametrize("heading", ["owner", "seller"])
def test_a_short_table_to_the_left_is_not_mixed_in_and_named(heading):
    table = find_table(
        sheet(
            f"{heading}|quota||id|owner|amount|stage",
            "Dana|500||A|Sam|5|Won",
            "Sam|400||B|Dana|6|Won",
            "|||C|Lee|7|Won",
        )
    )
    assert table.headings == ["id", "owner", "amount", "stage"] and table.rows["owner"].tolist() == [
        "Sam",
        "Dana",
        "Lee",
    ]
    assert f"a second table to the left (columns {heading}, quota)" in " ".join(table.notes)


def test_groups_before_a_blank_column_are_no_table_of_their_own():
    lines = ["Stage|Team||id|name|amount", "Won|North||A|x|5", "Lost|South||B|y|6", "|||C|z|7"]
    assert find_table(sheet(*lines)).headings[:2] == ["Stage", "Team"]


def test_a_short_report_has_its_headings_below_more_lines_than_records():
    above = ["Report|||", "Show: All|Units: USD||", "by Lee|||", "today|||"]
    below = ["Total|||5", "Count|1||", "Confidential|||", "(c)|||"]
    table = find_table(sheet(*above, "id|name|stage|amount", "A|Acme|Won|5", "B|Beta|Won|0", *below))
    assert table.headings == ["id", "name", "stage", "amount"] and table.rows["amount"].tolist() == ["5", "0"]


def test_dashes_are_no_heading():
    table = find_table(sheet("-|name|stage|owner|amount", "A|x|Won|Lee|5", "B|y|Won|Lee|6"))
    assert table.headings == ["(column 1)", "name", "stage", "owner", "amount"]


def test_an_empty_column_inside_one_table_parts_nothing():
    table = find_table(sheet("id|name||amount|date", "1|A||5|d", "2|B||6|d"))
    assert table.headings == ["id", "name", "amount", "date"]


def test_a_table_that_starts_lower_and_further_right_keeps_its_rows():
    table = find_table(sheet("||", "|id|name", "|1|A", first_row=3))
    assert table.rows.index.tolist() == [5] and table.headings == ["id", "name"]


def test_headings_without_records_are_a_table_without_rows():
    table = find_table(sheet("id|name|amount"))
    assert table.headings == ["id", "name", "amount"] and table.rows.empty


@pytest.mark.parametrize("lines", [["just a title"], ["", ""], ["1|2", "3|4"]])
def test_what_is_no_table_gives_none(lines):
    assert find_table(sheet(*lines)) is None


def test_an_empty_sheet_gives_none():
    assert find_table(Sheet("x.xlsx", "Sheet1", pd.DataFrame(dtype="str"), 1)) is None


def test_every_filled_line_is_counted_once():
    lines = ["Report|||", "id|name|stage|amount", "1|A|Won|5", "|||", "id|name|stage|amount", "2|B|Won|6", "Total|||11"]
    table = find_table(sheet(*lines))
    # 7 lines: 1 blank, 1 heading, 2 records, and 3 set aside (banner, repeated heading, total).
    assert len(table.rows) == 2 and len(table.set_aside) == 3


@pytest.mark.parametrize(
    ("total", "kind"),
    [
        ("30", "decided"),
        ("$30.00", "decided"),
        ("30.4", "decided"),
        ("31", "contradiction"),
        ("35,000", "contradiction"),
    ],
)
def test_the_reports_own_total_is_a_checksum(tmp_path, total, kind):
    # 10 + 20 = 30; the subtotal of the first group is no total of all.
    lines = ["Opportunity ID,Account Name,Stage,Amount,Close Date", "1,A,Proof,10,2026-10-01", "Subtotal,,,10,",
             "2,B,Proof,20,2026-10-02", f'Grand Total (2 records),,,"{total}",']  # fmt: skip
    path = tmp_path / "report 2026-09-30.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    book = fa.read_exports(path)
    assert len(book.opportunities) == 2
    said = book.receipt["decisions"].str.contains("own total").any()
    wrong = book.issues[(book.issues["reason"] == "total") & (book.issues["kind"] == "contradiction")]
    assert ("decided" if said else "") + ("contradiction" if len(wrong) else "") == kind
    assert wrong["row"].tolist() == [5.0] * len(wrong)


def test_a_table_of_thousands_of_columns_is_refused(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(3000)) + "\n" + ",".join("1" * 3000) + "\n", encoding="utf-8")
    with pytest.raises(ExportError, match="3,000 columns"):
        fa.read_exports(path, as_of="2026-09-30")


def test_page_numbers_are_no_records():
    table = find_table(sheet("id|name|amount", "1|A|5", "Page 1 of 2||", "id|name|amount", "2|B|6", "第2页||"))
    assert table.rows["id"].tolist() == ["1", "2"]


@pytest.mark.parametrize("merged", [True, False])
def test_headings_in_two_rows_are_joined(merged):
    first = "id|name|Money||Revenue||owner"
    second = "id|name|amount|currency|FY24|FY25|owner" if merged else "||amount|currency|FY24|FY25|"
    table = find_table(sheet(first, second, "1|A|5|USD|7|8|Dana", "2|B|6|EUR|9|1|Sam"))
    assert table.headings == ["id", "name", "amount", "currency", "FY24", "FY25", "owner"]
    assert table.rows["amount"].tolist() == ["5", "6"]
    assert table.rows.index.tolist() == [3, 4]


def test_sub_headings_that_repeat_are_led_by_what_stands_above():
    table = find_table(sheet("id|Plan||Actual||owner", "|amount|date|amount|date|", "1|5|x|6|y|Dana", "2|7|z|8|w|Sam"))
    assert table.headings == ["id", "Plan amount", "Plan date", "Actual amount", "Actual date", "owner"]


def test_a_record_below_a_blank_heading_is_no_heading():
    table = find_table(sheet("|name|stage|note", "A1|Acme|Proof|", "A2|Beta|Close|x"))
    assert len(table.rows) == 2


def test_lines_that_name_a_group_give_their_value_to_the_records_below():
    table = find_table(
        sheet("id|name|stage|date|amount", "Owner: Dana Lee (2 records)||||", "1|A|x|y|5", "2|B|x|y|6",
              "Subtotal Dana Lee||||11", "Owner: Sam||||", "3|C|x|y|7", "Subtotal Sam||||7", "Total||||18")
    )  # fmt: skip
    assert table.rows["Owner"].tolist() == ["Dana Lee", "Dana Lee", "Sam"]
    assert table.headings == ["id", "name", "stage", "date", "amount", "Owner"]
    assert aside(table) == {2: "group", 5: "total", 6: "group", 8: "total", 9: "total"}
    assert table.totals["amount"].tolist() == ["18"]


def test_a_single_line_with_a_colon_is_no_group_unless_a_heading_says_so():
    table = find_table(sheet("id|name|amount", "1|A|5", "Note: see below||", "2|B|6"))
    assert "Note" not in table.headings


def test_headings_that_reach_down_stand_in_the_upper_line_only():
    first, second = "Deal||Money||owner|close", "id|name|amount|currency||"
    table = find_table(sheet(first, second, "1|A|5|USD|Dana|x", "2|B|6|EUR|Sam|y"))
    assert table.headings == ["id", "name", "amount", "currency", "owner", "close"]


def test_a_line_called_total_that_is_one_is_no_record_however_full():
    lines = ["id|account|stage|amount|currency", "1|A|Proof|150.5|USD", "2|B|Proof|60|USD"]
    for last, records in (("TOTAL|2 accounts|all|210.5|USD", 2), ("Total|C|Proof|70|USD", 3)):
        assert len(find_table(sheet(*lines, last)).rows) == records


def test_a_table_below_a_long_text_is_found():
    table = find_table(sheet(*(f"Term {number}||" for number in range(90)), "id|stage|amount", "1|x|5", "2|y|6"))
    assert table.headings == ["id", "stage", "amount"] and len(table.rows) == 2


OPPORTUNITIES = (
    "id|name|account|stage|amount|close",
    "O1|Big|Acme|Proof|100|2026-12-01",
    "O2|Small|Beta|Proof|200|2026-12-02",
)


@pytest.mark.parametrize(
    ("beneath", "first"),
    [
        (("Contact|Phone|Mail|City|Owner|Birthday", "Jim|123|a@b|Rome|Dana|1970-02-02"), 4),
        (("Account|Revenue||||", "Acme|1000||||", "Beta|2000||||"), 4),
        (("Region|Q1|Q2|||", "North|10|20|||"), 4),
        (("O3|Third|Beta|Proof|5|2026-12-03", "Stage|Deals|Sum|||", "Proof|3|305|||"), 5),
        (("Owner||||Quota|", "Dana||||900|", "Lee||||800|"), 4),
        (("Deal|Customer|Owner|Status|Value|Due", "X|Acme|Lee|Open|7|2026-12-03"), 4),
    ],
)
def test_another_table_right_beneath_the_first_is_no_records_of_it(beneath: tuple[str, ...], first: int) -> None:
    table = find_table(sheet(*OPPORTUNITIES, *beneath))
    assert [row for row, reason in aside(table).items() if reason == "other_table"] == list(
        range(first, 4 + len(beneath))
    )
    assert table.rows.index.tolist() == list(range(2, first))
    assert any("a second table beneath (row" in note for note in table.notes)


@pytest.mark.parametrize(
    "odd",
    [
        ("O3|Third|Beta|Proof|pending|soon", "O4|Fourth|Beta|Proof|5|2026-12-03"),
        ("|Third|Beta|Proof|pending|soon", "O4|Fourth|Beta|Proof|5|2026-12-03"),
        ("|Third|Gamma|||", "|Fourth|Delta|||"),
        ("|Third|Gamma|||", "O4|Fourth|Delta|Proof|5|2026-12-03"),
        ("O3|Third||||", "O4|Fourth||||"),
    ],
)
def test_odd_records_are_no_headings_of_another_table(odd: tuple[str, ...]) -> None:
    assert find_table(sheet(*OPPORTUNITIES, *odd)).rows.index.tolist() == [2, 3, 4, 5]


def test_another_table_right_beneath_thousands_of_records_is_found() -> None:
    records = [f"O{at}|Deal {at}|Acme|Proof|{100 + at}|2026-12-01" for at in range(3_000)]
    table = find_table(
        sheet(OPPORTUNITIES[0], *records, "Contact|Phone|Mail|City|Owner|Birthday", "Jim|1|a@b|Rome|Dana|1970-02-02")
    )
    assert len(table.rows) == 3_000 and aside(table) == {3_002: "other_table", 3_003: "other_table"}
