"""Sheets of evidence that also state amounts and close dates are evidence, and opportunities only where nothing else is."""

from pathlib import Path

import pytest

import funnel_analytics as fa

OPPORTUNITIES = (
    "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date\n"
    "A1,Line 1,Acme,Qualify,500,2026-12-01\nA2,Line 2,Acme,Proof,300,2026-12-01\n"
)
LONG = (
    "Opportunity ID,Account Name,Stage,Milestone,Status,Amount,Close Date\n"
    "A1,Acme,Qualify,Opportunity plan,yes,999,2026-12-01\nA1,Acme,Qualify,Potential sponsor,in progress,999,2026-12-01\n"
    "A2,Acme,Proof,Verbal approval,no,888,2026-12-01\n"
)
LONG_ZH = (
    "商机编号,客户名称,里程碑,状态,金额,预计成交日期\nA1,Acme,商机计划,是,999,2026-12-01\n"
    "A1,Acme,潜在支持者,进行中,999,2026-12-01\nA2,Acme,口头认可,否,888,2026-12-01\n"
)
WIDE = (
    "Opportunity ID,{}Amount,Close Date,Opportunity plan,Potential sponsor,Verbal approval\n"
    "A1,{}999,2026-12-01,yes,in progress,\nA2,{}888,2026-12-01,,,no\n"
)
SAID = {("A1", "opportunity_plan", "yes"), ("A1", "potential_sponsor", "in_progress"), ("A2", "verbal_approval", "no")}


def said(book: fa.Book) -> set[tuple[str, str, str]]:
    return set(book.evidence[["opportunity_id", "evidence", "status"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("sheet", [LONG, LONG_ZH, WIDE.format("", "", ""), WIDE.format("Stage,", "Qualify,", "Proof,")])
def test_beside_an_export_only_the_evidence_is_taken(tmp_path: Path, sheet: str) -> None:
    (tmp_path / "deals 2026-09-30.csv").write_text(OPPORTUNITIES)
    (tmp_path / "evidence.csv").write_text(sheet, encoding="utf-8")
    book = fa.read_exports(tmp_path)
    assert book.opportunities["amount"].tolist() == [500, 300]
    assert len(book.snapshots) == 2
    assert said(book) == SAID
    assert book.receipt.set_index("file").loc["evidence.csv", "table"] == "evidence"


@pytest.mark.parametrize("sheet", [LONG, WIDE.format("Stage,", "Qualify,", "Proof,")])
def test_alone_it_is_both(tmp_path: Path, sheet: str) -> None:
    path = tmp_path / "status 2026-09-30.csv"
    path.write_text(sheet)
    book = fa.read_exports(path)
    assert book.opportunities[["opportunity_id", "amount"]].to_numpy().tolist() == [["A1", 999], ["A2", 888]]
    assert said(book) == SAID
    assert not (book.issues["reason"] == "duplicate_id").any()
