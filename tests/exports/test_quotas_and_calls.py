"""Quotas and calls as people keep them: long and wide, in three languages, totals beside parts."""

from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.exports.rows.period_headings import period_label
from funnel_analytics.messages import in_language

OPPORTUNITIES = "Opportunity ID,Owner,Team,Stage,Amount,Close Date\n1,Ana,North,Proof,100,2026-11-01\n2,Ben,North,Proof,100,2026-11-01\n"


def read(folder: Path, text: str, name: str = "sheet.csv") -> fa.Book:
    (folder / "opportunities 2026-10-15.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    (folder / name).write_text(text, encoding="utf-8")
    return fa.read_exports(folder)


def quotas(book: fa.Book) -> list[tuple[object, ...]]:
    rows = book.quotas.astype(object).where(book.quotas.notna(), None)
    return sorted(rows.itertuples(index=False, name=None), key=str)


TWO = [("Ana", None, "2026Q3", 100.0), ("Ana", None, "2026Q4", 110.0)]


@pytest.mark.parametrize(
    "text",
    [
        "Owner,Period,Quota\nAna,2026Q3,100\nAna,Q4 2026,110\n",
        "Owner,Year,Quarter,Target\nAna,2026,Q3,100\nAna,FY2026,Q4,110\n",
        "Owner,Q3 2026,Q4 2026\nAna,100,110\n",
        "Rep,FY26 Q3,FY26 Q4\nAna,100,110\n",
        "Rep,Q3 FY26 Quota,Q4 FY26 Quota\nAna,100,110\n",
        "Owner,Year,Q3,Q4\nAna,2026,100,110\n",
        "负责人,季度,销售指标\nAna,2026年第三季度,100\nAna,2026年4季度,110\n",
        "姓名,2026年第三季度,2026年第四季度\nAna,100,110\n",
        "姓名,2026年三季度指标(万元),2026年四季度指标(万元)\nAna,0.01,0.011\n",
        "負責人,2026年第三季,2026年第四季\nAna,100,110\n",
    ],
)
def test_a_quota_is_read_from_any_layout(tmp_path: Path, text: str) -> None:
    # The name is what tells a sheet of Q1 … Q4 from a report of what was sold.
    assert quotas(read(tmp_path, text, "quotas.csv")) == TWO


def test_quarters_without_a_year_take_it_from_the_files_name_or_are_set_aside(tmp_path: Path) -> None:
    text = "Owner,Q3,Q4\nAna,100,110\n"
    assert quotas(read(tmp_path, text, "Quota 2026.csv")) == TWO
    (tmp_path / "Quota 2026.csv").unlink()
    book = read(tmp_path, text, "Quota.csv")
    assert book.quotas.empty
    assert book.issues["message"].str.contains("name no year").any()
    (tmp_path / "Quota.csv").unlink()
    assert read(tmp_path, text, "sold.csv").receipt["table"].tolist().count("quotas") == 0


@pytest.mark.parametrize("months", ["Nov,Dec", "11月,12月", "November,December"])
def test_months_without_a_year_take_it_from_the_files_name(tmp_path: Path, months: str) -> None:
    book = read(tmp_path, f"Owner,{months}\nAna,100,110\n", "Quota 2026.csv")
    assert quotas(book) == [("Ana", None, "2026-11", 100.0), ("Ana", None, "2026-12", 110.0)]
    (tmp_path / "Quota 2026.csv").unlink()
    assert quotas(read(tmp_path, "Owner,Year,Month,Quota\nAna,2026,Nov,100\n")) == [("Ana", None, "2026-11", 100.0)]


def test_owners_of_quotas_are_spelled_as_those_of_opportunities_and_strangers_are_told(tmp_path: Path) -> None:
    book = read(tmp_path, "Owner,Period,Quota\nANA ,2026Q4,100\nZoe,2026Q4,5\n")
    assert [row[0] for row in quotas(book)] == ["Ana", "Zoe"]
    assert book.issues["message"].str.startswith("'Zoe' (1 rows) stands in no row of opportunities").any()


def test_two_quotas_of_one_owner_and_period_are_told(tmp_path: Path) -> None:
    book = read(tmp_path, "Owner,Product,Period,Quota\nAna,Press,2026Q4,100\nAna,Cell,2026Q4,50\n")
    assert fa.pipeline_coverage(book, period="2026Q4")["quota"].tolist() == [150.0]
    assert book.issues.loc[book.issues["reason"] == "added_up", "message"].str.startswith("1 quotas").tolist() == [True]


def test_calls_are_known_by_their_files_name_and_those_that_contradict_are_told(tmp_path: Path) -> None:
    read(tmp_path, "Owner,Period,Call\nAna,2026Q4,100\n", "calls a.csv")
    book = read(tmp_path, "Owner,Period,Call\nAna,2026Q4,120\n", "calls b.csv")
    assert book.calls["call"].tolist() == [120.0]
    (told,) = book.issues.index[book.issues["reason"] == "repeated"]
    assert book.issues.loc[told, "file"] == "calls b.csv"


def test_months_in_columns_add_up_to_the_quarter(tmp_path: Path) -> None:
    for months in ("Oct 2026,Nov 2026,Dec 2026", "2026-10,2026-11,2026-12", "2026年10月,2026年11月,2026年12月"):
        book = read(tmp_path, f"Owner,{months}\nAna,1,2,3\n")
        assert book.quotas["period"].tolist() == ["2026-10", "2026-11", "2026-12"]
        assert fa.pipeline_coverage(book, period="2026Q4")["quota"].tolist() == [6.0]


@pytest.mark.parametrize("word", ["Total", "GRAND TOTAL", "合计", "總計"])
def test_a_total_beside_its_parts_is_the_whole_and_counts_once(tmp_path: Path, word: str) -> None:
    book = read(tmp_path, f"Owner,2026Q4,Total\nAna,110,110\nBen,210,210\n{word},330,330\n")
    assert (None, None, "2026Q4", 330.0) in quotas(book)
    assert fa.pipeline_coverage(book, period="2026Q4")["quota"].tolist() == [330.0]
    assert fa.pipeline_coverage(book, period="2026Q4", by="owner")["quota"].tolist() == [110.0, 210.0]


def test_a_teams_total_stands_beside_its_sellers(tmp_path: Path) -> None:
    book = read(
        tmp_path, "Team,Owner,Quarter,Target\nNorth,Ana,2026Q4,100\nNorth,Ben,2026Q4,200\nNorth,Total,2026Q4,350\n"
    )
    assert fa.pipeline_coverage(book, period="2026Q4", by="team")["quota"].tolist() == [350.0]


@pytest.mark.parametrize(
    ("heading", "label"),
    [("2026H2", "2026H2"), ("2026年下半年", "2026H2"), ("Oct-26", "2026-10"), ("4Q26", "2026Q4"), ("CY26Q4", "CY2026Q4"), ("Marketing 2026", None), ("4Q FY26", "2026Q4"),
     ("2026", None), ("Target 2026", "2026"), ("2026年度指标", "2026"), ("2026-10-01", "2026-10"), ("2026-10-05", None),
     ("Revenue 2026", None), ("2026年13月", None)],
)  # fmt: skip
def test_what_a_heading_says_about_its_period(heading: str, label: str | None) -> None:
    assert period_label(heading) == label


CALL = ["owner", "team", "role", "called_by", "period", "called_on", "call"]


def calls(book: fa.Book) -> list[list[object]]:
    rows = book.calls[CALL].astype(object)
    return rows.where(rows.notna(), None).to_numpy().tolist()


DAY = pd.Timestamp("2026-10-05")
SELLER = ["Ana", None, "seller", None, "2026Q4", DAY, 100.0]
MANAGER = ["Ana", None, "manager", None, "2026Q4", DAY, 90.0]


@pytest.mark.parametrize(
    "text",
    [
        "Owner,Period,Call Date,Role,Call\nAna,2026Q4,2026-10-05,Seller,100\nAna,2026Q4,2026-10-05,Manager,90\n",
        "Owner,Period,Date,Seller's Call,Manager's Call\nAna,2026Q4,2026-10-05,100,90\n",
        "Owner,Role,Called On,2026Q4\nAna,Rep,2026-10-05,100\nAna,Sales Manager,2026-10-05,90\n",
        "Owner,Period,Role,2026-10-05\nAna,2026Q4,Seller,100\nAna,2026Q4,Manager,90\n",
        "负责人,季度,预测日期,销售预测,经理预测(万元)\nAna,2026年第四季度,2026年10月5日,100,0.009\n",
        "業務,季別,預測日期,角色,預測金額\nAna,2026Q4,2026/10/05,業務,100\nAna,2026Q4,2026/10/05,經理,90\n",
    ],
)
def test_a_call_is_read_from_any_layout(tmp_path: Path, text: str) -> None:
    assert calls(read(tmp_path, text)) == [SELLER, MANAGER]


def test_a_call_about_a_team_or_all_is_the_managers_and_its_file_dates_it(tmp_path: Path) -> None:
    text = "Team,Quarter,Forecast Call,Called By\nNorth,2026Q4,500,Ms Li\nTotal,2026Q4,900,Mr Wu\n"
    book = read(tmp_path, text, "calls 2026-10-05.csv")
    assert calls(book) == [[None, "North", "manager", "Ms Li", "2026Q4", DAY, 500.0], [None, None, "manager", "Mr Wu", "2026Q4", DAY, 900.0]]  # fmt: skip


def test_a_call_made_after_the_books_date_is_not_known_yet(tmp_path: Path) -> None:
    text = "Owner,Period,Call Date,Call\nAna,2026Q4,2026-10-05,100\nAna,2026Q4,2026-10-20,120\n"
    assert calls(read(tmp_path, text)) == [SELLER]


def test_what_is_no_period_and_no_role_stands_in_the_issues(tmp_path: Path) -> None:
    book = read(
        tmp_path, "Owner,Period,Call Date,Role,Call\nAna,soon,2026-10-05,Seller,1\nAna,2026Q4,2026-10-05,Boss,2\n"
    )
    assert len(book.calls) == 1
    assert book.issues["reason"].tolist()[-2:] == ["unknown_period", "unknown_role"]
    assert "Accepted: manager, seller" in book.issues["message"].iloc[-1]
    row = book.receipt.set_index("table").loc["calls"]
    assert (row["rows_in"], row["rows_kept"], row["rows_set_aside"]) == (2, 1, 1)


def test_a_part_of_the_book_keeps_the_calls_that_are_about_it(tmp_path: Path) -> None:
    text = "Owner,Team,Period,Call Date,Call\nAna,,2026Q4,2026-10-05,100\nBen,,2026Q4,2026-10-05,50\n,North,2026Q4,2026-10-05,140\n"
    book = read(tmp_path, text)
    assert book.where(owner="Ana").calls["call"].tolist() == [100.0]
    assert book.where(team="North").calls["call"].tolist() == [100.0, 50.0, 140.0]


def test_the_same_calls_in_two_files_are_taken_once(tmp_path: Path) -> None:
    text = "Owner,Period,Call Date,Call\nAna,2026Q4,2026-10-05,100\n"
    read(tmp_path, text, "a.csv")
    assert calls(read(tmp_path, text, "b.csv")) == [SELLER]


@pytest.mark.parametrize(
    "sheet",
    [
        "Owner,Period,Quota,Currency\nAna,2026Q4,500,USD\nBen,2026Q4,400,\n",
        "Owner,Period,Quota\nAna,2026Q4,USD 500\nBen,2026Q4,400\n",
        "Owner,2026Q4\nAna,USD 500\nBen,400\n",
        "负责人,期间,销售指标,币种\nAna,2026Q4,500,美元\nBen,2026Q4,400,EUR\n",
    ],
)
def test_a_quota_in_another_currency_is_converted_or_left_empty_and_told(tmp_path: Path, sheet: str) -> None:
    opportunities = "Opportunity ID,Account Name,Stage,Amount,Currency,Close Date\n1,A,Proof,100,EUR,2026-12-01\n"
    (tmp_path / "deals 2026-09-30.csv").write_text(opportunities, encoding="utf-8")
    (tmp_path / "quotas.csv").write_text(sheet, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert book.quotas.set_index("owner")["quota"].dropna().to_dict() == {"Ben": 400.0}
    told = book.issues[book.issues["reason"] == "other_currency"]
    assert told["message"].tolist() == ["1 amounts are in USD: left empty, for no rate is known."]
    # 500 × 0.9
    book = fa.read_exports(tmp_path, currency="EUR", rates={"USD": 0.9})
    assert book.quotas.set_index("owner")["quota"].to_dict() == {"Ana": 450.0, "Ben": 400.0}
    (tmp_path / "deals 2026-09-30.csv").write_text(opportunities.replace("EUR", ""), encoding="utf-8")
    # Opportunities without a currency: a quota's own mark contradicts none, unless the quotas have two.
    kept = fa.read_exports(tmp_path).quotas.set_index("owner")["quota"].dropna().to_dict()
    assert kept == ({} if "EUR" in sheet else {"Ana": 500.0, "Ben": 400.0})


MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@pytest.mark.parametrize(
    ("name", "text", "april", "march", "said"),
    [
        # From the first to the last month of a fiscal year, or called so: 2026 begins in April 2025.
        ("Quota 2026.csv", f"Owner,{','.join(MONTHS[3:] + MONTHS[:3])}\nAna,{'4,' * 11}4\n", "2025-04", "2026-03", "fiscal year 2026, which begins in 2025-04"),
        ("Quota FY2026.csv", "Owner,3月,4月\nAna,4,4\n", "2025-04", "2026-03", "fiscal year 2026"),
        ("Quota.csv", "Owner,Fiscal Year,Month,Quota\nAna,2026,Mar,4\nAna,2026,Apr,4\n", "2025-04", "2026-03", "fiscal year 2026"),
        ("Quota.csv", "Owner,Year,Month,Quota\nAna,FY26,Mar,4\nAna,FY2026,Apr,4\n", "2025-04", "2026-03", "fiscal year 2026"),
        # Else they are those of the calendar.
        ("Quota 2026.csv", f"Owner,{','.join(MONTHS)}\nAna,{'4,' * 11}4\n", "2026-04", "2026-03", "calendar year 2026"),
        ("Quota.csv", "Owner,Year,Month,Quota\nAna,2026,3,4\nAna,2026,04,4\n", "2026-04", "2026-03", "calendar year 2026"),
        ("指标2026.csv", "负责人,月份,销售指标\nAna,3,4\nAna,4,4\n", "2026-04", "2026-03", "calendar year 2026"),
    ],
)  # fmt: skip
def test_the_receipt_says_of_which_year_bare_months_are(
    tmp_path: Path, name: str, text: str, april: str, march: str, said: str
) -> None:
    (tmp_path / "opportunities 2026-10-15.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    book = fa.read_exports(tmp_path, fiscal_start=4)
    periods = set(book.quotas["period"])
    assert {period for period in periods if period.endswith(("-03", "-04"))} == {april, march}
    decisions = str(book.receipt.set_index("file")["decisions"][name])
    assert said in decisions
    assert in_language(decisions, "zh-Hans").count("，该财年始于" if "fiscal" in said else "日历年") == 1
    # A fiscal year that is the calendar's leaves nothing to say.
    assert "months without a year" not in str(fa.read_exports(tmp_path).receipt["decisions"].tolist())


def test_numbers_of_months_under_a_fiscal_year_are_set_aside(tmp_path: Path) -> None:
    (tmp_path / "opportunities 2026-10-15.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    (tmp_path / "Quota.csv").write_text("Owner,Fiscal Year,Month,Quota\nAna,2026,1,4\n", encoding="utf-8")
    assert fa.read_exports(tmp_path, fiscal_start=4).quotas.empty  # January, or the first month
    assert set(fa.read_exports(tmp_path).quotas["period"]) == {"2026-01"}
