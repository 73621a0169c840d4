"""Evidence sheets and evidence columns, read back: long and wide, English and Chinese, and what is odd in them."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import funnel_analytics as fa
from funnel_analytics.errors import ProfileError

OPPORTUNITIES = (
    "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date\n"
    "A1,Line 1,Acme,Qualify,500,2026-12-01\nA2,Line 2,Acme,Proof,300,2026-12-01\nA3,Line 3,Böhm,Discover,200,2026-12-01\n"
)
OPPORTUNITIES_ZH = (
    "商机编号,商机名称,客户名称,销售阶段,金额,预计成交日期\n"
    "A1,一号线,华东电力,机会确认,500,2026-12-01\nA2,二号线,华东电力,证明价值,300,2026-12-01\nA3,三号线,远景,发现,200,2026-12-01\n"
)
OPPORTUNITIES_HANT = (
    "商機編號,商機名稱,客戶名稱,銷售階段,金額,預計成交日期\n"
    "A1,一號線,華東電力,機會確認,500,2026-12-01\nA2,二號線,華東電力,證明價值,300,2026-12-01\nA3,三號線,遠景,發現,200,2026-12-01\n"
)
UP_TO_QUALIFY = ["opportunity_plan", "potential_sponsor", "key_facts", "strategy_understood"]


def read(
    folder: Path, sheet: str, opportunities: str = OPPORTUNITIES, name: str = "evidence", **how: object
) -> fa.Book:
    (folder / "pipeline 2026-09-30.csv").write_text(opportunities, encoding="utf-8")
    (folder / f"{name}.csv").write_text(sheet, encoding="utf-8")
    return fa.read_exports(folder, **how)


def statements(book: fa.Book) -> list[tuple[str, str, str]]:
    rows = book.evidence.sort_values(["opportunity_id", "evidence"], kind="stable")
    return [(row.opportunity_id, row.evidence, row.status) for row in rows.itertuples()]


def reasons(book: fa.Book) -> list[str]:
    return book.issues.loc[book.issues["file"] == "evidence.csv", "reason"].tolist()


def supported(book: fa.Book) -> dict[str, int]:
    table = fa.evidenced_pipeline(book).set_index("stage")["evidenced_opportunities"]
    return {stage: int(count) for stage, count in table.items() if count}


def test_a_long_sheet_keeps_who_claimed_and_who_validated(tmp_path: Path) -> None:
    book = read(tmp_path, (
        "Opportunity ID,Evidence,Status,Seller,Date,Validated By,Validated On\n"
        "A1,Opportunity plan on record,yes,Ana Ruiz,2026-09-01,Ms Li,2026-09-10\n"
        "A1,potential_sponsor,In progress,Ana Ruiz,2026-09-02,,\n"
        "A2,Verbal approval,no,Ben Ode,2026-09-03,Ms Li,\n"
    ))  # fmt: skip
    rows = book.evidence.set_index("evidence")
    assert statements(book) == [
        ("A1", "opportunity_plan", "yes"), ("A1", "potential_sponsor", "in_progress"), ("A2", "verbal_approval", "no"),
    ]  # fmt: skip
    assert rows["stated_by"].tolist() == ["Ana Ruiz", "Ana Ruiz", "Ben Ode"]
    assert rows.loc["opportunity_plan", ["validation", "validated_by"]].tolist() == ["yes", "Ms Li"]
    assert rows.loc["opportunity_plan", ["stated_on", "validated_on"]].tolist() == [
        pd.Timestamp("2026-09-01"), pd.Timestamp("2026-09-10"),
    ]  # fmt: skip
    # Validated without a date, and not validated.
    assert rows.loc["verbal_approval", "validation"] == "no"
    assert pd.isna(rows.loc["potential_sponsor", "validation"])
    assert rows["source_row"].tolist() == [2, 3, 4]
    line = book.receipt.set_index("file").loc["evidence.csv"]
    assert line[["table", "rows_in", "rows_kept"]].tolist() == ["evidence", 3, 3]


def test_a_wide_sheet_has_a_column_per_evidence(tmp_path: Path) -> None:
    book = read(tmp_path, (
        "Opportunity ID,Opportunity Name,Stage,Opportunity plan on record,Potential sponsor,Key facts known,Strategy and objectives understood,Validated by\n"
        "A1,Line 1,Qualify,✓,Yes,TRUE,1,Ms Li\nA2,Line 2,Proof,x,✔️,n/a,–,\nA3,Line 3,Discover,no,partial,,,Ms Li\n"
    ))  # fmt: skip
    assert statements(book) == [
        *[("A1", key, "yes") for key in sorted(UP_TO_QUALIFY)],
        ("A2", "opportunity_plan", "yes"), ("A2", "potential_sponsor", "yes"),
        ("A3", "opportunity_plan", "no"), ("A3", "potential_sponsor", "in_progress"),
    ]  # fmt: skip
    assert supported(book) == {"Qualify": 1, "Discover": 1, "not_evidenced": 1}
    validated = fa.evidenced_pipeline(book).set_index("stage")["validated_opportunities"]
    assert validated[validated > 0].to_dict() == {"Qualify": 1, "not_evidenced": 2}
    # Neither the sheet nor its name says a date.
    assert book.evidence["stated_on"].isna().all()


@pytest.mark.parametrize(
    ("opportunities", "sheet"),
    [
        (OPPORTUNITIES_ZH, "商机编号,证据,状态,填写人,填写日期,核实人,核实日期\nA1,商机计划已建档,是,王芳,2026-09-01,李经理,2026-09-05\n"
                   "A1,潜在支持者,进行中,王芳,2026-09-01,,\nA2,口头认可,否,王芳,2026-09-01,,\n"),
        (OPPORTUNITIES_HANT, "商機編號,證據,狀態,填寫人,填寫日期,核實人,核實日期\nA1,商機計畫已建檔,是,王芳,2026-09-01,李經理,2026-09-05\n"
                     "A1,潛在支持者,進行中,王芳,2026-09-01,,\nA2,口頭同意,否,王芳,2026-09-01,,\n"),
        (OPPORTUNITIES_ZH, "商机名称,客户名称,里程碑,状态,销售,日期,核实人,核实日期\n一号线,华东电力,商机计划已建档,√,王芳,2026-09-01,李经理,2026-09-05\n"
                   "一号线,华东电力,已找到潜在支持者,推进中,王芳,2026-09-01,,\n二号线,华东电力,已获得口头认可,×,王芳,2026-09-01,,\n"),
    ],
    ids=["simplified", "traditional", "by name"],
)  # fmt: skip
def test_chinese_long_sheets(tmp_path: Path, opportunities: str, sheet: str) -> None:
    book = read(tmp_path, sheet, opportunities)
    assert statements(book) == [
        ("A1", "opportunity_plan", "yes"), ("A1", "potential_sponsor", "in_progress"), ("A2", "verbal_approval", "no"),
    ]  # fmt: skip
    row = book.evidence.iloc[0]
    assert (row["stated_by"], row["validation"], row["validated_on"]) == ("王芳", "yes", pd.Timestamp("2026-09-05"))
    assert row["validated_by"] in ("李经理", "李經理")


@pytest.mark.parametrize(
    ("opportunities", "headings", "yes"),
    [
        (OPPORTUNITIES_ZH, "商机编号,商机计划,潜在支持者", "是"),
        (OPPORTUNITIES_HANT, "商機編號,商機計畫,潛在支持者", "有"),
    ],
    ids=["simplified", "traditional"],
)
def test_chinese_wide_sheets(tmp_path: Path, opportunities: str, headings: str, yes: str) -> None:
    book = read(tmp_path, f"{headings}\nA1,{yes},{yes}\nA3,{yes},否\n", opportunities)
    assert supported(book) == {"Discover": 1, "not_evidenced": 2}


def test_a_row_that_names_a_stage_speaks_of_all_its_evidence(tmp_path: Path) -> None:
    book = read(tmp_path, (
        "Opportunity ID,Stage,Stage evidenced,Validated by\nA1,1 - Discover,yes,Ms Li\nA1,Qualify,yes,Ms Li\nA2,Discover,yes,\n"
    ))  # fmt: skip
    assert [key for opportunity, key, _ in statements(book) if opportunity == "A1"] == sorted(UP_TO_QUALIFY)
    assert supported(book) == {"Qualify": 1, "Discover": 1, "not_evidenced": 1}
    assert book.receipt.set_index("file").loc["evidence.csv", "rows_kept"] == 3


def test_columns_of_the_export_are_evidence_by_their_name_or_by_the_profile(tmp_path: Path) -> None:
    opportunities = OPPORTUNITIES.replace("Close Date\n", "Close Date,Opportunity plan,Sponsor OK?\n").replace(
        "12-01\n", "12-01,yes,no\n"
    )
    (tmp_path / "pipeline 2026-09-30.csv").write_text(opportunities, encoding="utf-8")
    (tmp_path / "ours.toml").write_text(
        '[opportunities]\nrecognise = ["Sponsor OK?"]\n[opportunities.columns]\nopportunity_id = "Opportunity ID"\n'
        'stage = "Stage"\namount = "Amount"\nclose_date = "Close Date"\n[opportunities.evidence]\n"Sponsor OK?" = "potential_sponsor"\n',
        encoding="utf-8",
    )
    by_name = fa.read_exports(tmp_path / "pipeline 2026-09-30.csv")
    assert {key for _, key, _ in statements(by_name)} == {"opportunity_plan"}
    book = fa.read_exports(tmp_path / "pipeline 2026-09-30.csv", profile=tmp_path / "ours.toml")
    assert statements(book)[:2] == [("A1", "opportunity_plan", "yes"), ("A1", "potential_sponsor", "no")]
    # An export states what it holds on its own date.
    assert (book.evidence["stated_on"] == pd.Timestamp("2026-09-30")).all()
    assert "Sponsor OK?" not in str(book.receipt["decisions"].iloc[0])


def test_evidence_of_a_later_export_replaces_that_of_an_earlier(tmp_path: Path) -> None:
    for day, said in (("2026-06-30", "in progress"), ("2026-09-30", "yes")):
        opportunities = OPPORTUNITIES.replace(
            "Close Date\n", "Close Date,Opportunity plan,Potential sponsor\n"
        ).replace("12-01\n", f"12-01,yes,{said}\n")
        (tmp_path / f"pipeline {day}.csv").write_text(opportunities, encoding="utf-8")
    assert supported(fa.read_exports(tmp_path)) == {"Discover": 3}
    assert supported(fa.read_exports(tmp_path, as_of="2026-08-01")) == {"not_evidenced": 3}


def test_names_words_and_opportunities_that_do_not_fit_are_told(tmp_path: Path) -> None:
    book = read(tmp_path, (
        "Opportunity ID,Evidence,Status\nA1,Opportunity plan,yes\nA1,Budgte identified,yes\nA9,Verbal approval,yes\n"
        "A1,Potential sponsor,perhaps\n,Verbal approval,yes\nA2,,yes\nA2,Verbal approval,\n"
    ))  # fmt: skip
    issues = book.issues[book.issues["file"] == "evidence.csv"].set_index("reason")
    assert set(issues.index) == {
        "unknown_evidence", "unknown_opportunity", "unknown_status", "missing_id", "missing_evidence", "evidence_not_stated",
    }  # fmt: skip
    assert "Did you mean 'budget_identified'" in issues.loc["unknown_evidence", "message"]
    assert issues.loc["unknown_status", ["kind", "value", "row"]].tolist() == ["unreadable", "perhaps", 5]
    assert "executive_sponsor" in issues.loc["evidence_not_stated", "message"]
    line = book.receipt.set_index("file").loc["evidence.csv"]
    assert line[["rows_in", "rows_kept", "rows_set_aside", "unreadable"]].tolist() == [7, 3, 4, 1]
    assert statements(book)[0] == ("A1", "opportunity_plan", "yes")
    assert book.evidence_stated == ["opportunity_plan"]


def test_columns_of_a_wide_sheet_that_are_no_evidence_are_told(tmp_path: Path) -> None:
    book = read(tmp_path, "Opportunity ID,Opportunity plan,Legal approval,Remark\nA1,yes,yes,asked again\nA2,no,no,\n")
    issues = book.issues[(book.issues["file"] == "evidence.csv") & (book.issues["reason"] == "unknown_evidence")]
    assert issues["column"].tolist() == ["Legal approval"]
    assert "columns not read: Remark" in book.receipt.set_index("file").loc["evidence.csv", "decisions"]


def test_a_profile_that_names_unknown_evidence_is_told(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(
        'extends = "generic_en"\n[opportunities]\n[evidence]\nrecognise = ["Key"]\n[evidence.columns]\nopportunity_id = "Key"\n'
        '[evidence.evidence]\n"Plan?" = "opportunity_pln"\n',
        encoding="utf-8",
    )
    book = read(tmp_path, "Key,Plan?\nA1,yes\n", profile=tmp_path / "ours.toml")
    issue = book.issues.set_index("reason").loc["unknown_evidence"]
    assert "'opportunity_pln' is no evidence" in issue["message"]
    assert "Did you mean 'opportunity_plan'" in issue["message"]
    (tmp_path / "ours.toml").write_text('[evidence]\nevidence = ["Plan?"]\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"\[evidence\] evidence must say for each heading"):
        fa.read_exports(tmp_path, profile=tmp_path / "ours.toml")


@pytest.mark.parametrize(
    ("said", "by", "validation"),
    [("yes", "", "yes"), ("no", "", None), ("no", "Ms Li", "no"), ("", "Ms Li", "yes"), ("", "", None)],
)
def test_validated_no_is_a_finding_only_with_a_name_or_a_date(
    tmp_path: Path, said: str, by: str, validation: str | None
) -> None:
    book = read(
        tmp_path, f"Opportunity ID,Evidence,Status,Validated,Validated By\nA1,Opportunity plan,yes,{said},{by}\n"
    )
    found = book.evidence["validation"].iloc[0]
    assert (None if pd.isna(found) else found) == validation


def test_a_list_of_stages_and_statuses_is_no_sheet_of_evidence(tmp_path: Path) -> None:
    book = read(tmp_path, "Opportunity ID,Stage,Status\nA1,Qualify,Open\n")
    assert book.evidence.empty
    assert reasons(book) == ["not_recognised"]


def test_an_archive_keeps_evidence(tmp_path: Path) -> None:
    from funnel_analytics.exports.archive.archive import add_exports

    (tmp_path / "in").mkdir()
    read(tmp_path / "in", "Opportunity ID,Evidence,Status\nA1,Opportunity plan,yes\nA1,Potential sponsor,yes\n")
    add_exports(tmp_path / "kept", tmp_path / "in")
    book = fa.read_exports(tmp_path / "kept")
    assert supported(book) == {"Discover": 1, "not_evidenced": 2}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["A1", "A2", "A3", "A9", ""]), st.text(max_size=12), st.text(max_size=8)),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_stands_in_a_sheet_no_row_is_lost(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    frame = pd.DataFrame([("A1", "Opportunity plan", "yes"), *rows], columns=["Opportunity ID", "Evidence", "Status"])
    (tmp_path / "pipeline 2026-09-30.csv").write_text(OPPORTUNITIES, encoding="utf-8")
    frame.to_excel(
        tmp_path / "evidence.xlsx",
        index=False,
        engine="xlsxwriter",
        engine_kwargs={"options": {"strings_to_urls": False, "strings_to_formulas": False}},
    )
    book = fa.read_exports(tmp_path)
    line = book.receipt.set_index("file").loc["evidence.xlsx"]
    assert line["rows_in"] == line["rows_kept"] + line["rows_set_aside"]
    assert line["rows_kept"] >= 1
    assert set(book.evidence["status"].dropna()) <= {"yes", "in_progress", "no"}
    fa.evidenced_pipeline(book)
    fa.inspection_reasons(fa.opportunity_inspection(book))


def test_sheets_that_name_no_day_are_dated_by_their_file(tmp_path: Path) -> None:
    sheet = "Opportunity ID,Evidence,Status\nA3,Opportunity plan,yes\nA3,Potential sponsor,{}\n"
    # By name the newer file is read first.
    (tmp_path / "a evidence 2026-09-15.csv").write_text(sheet.format("yes"), encoding="utf-8")
    book = read(tmp_path, sheet.format("no"), name="b evidence 2026-06-30")
    assert set(book.evidence["stated_on"]) == {pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-15")}
    assert supported(book)["Discover"] == 1
