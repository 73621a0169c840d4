"""The receipt as a page: every row of every file can be followed, in every language; text from files stays text."""

import re
from pathlib import Path

import pytest
from lxml import html

import funnel_analytics as fa
from funnel_analytics.cli.check import issue_lines
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import word

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def book(tmp_path: Path) -> fa.Book:
    (tmp_path / "deals <b> 2026-09-30.csv").write_text(
        "Opportunity ID,Account Name,Stage,Amount,Close Date\n"
        f"1,A,Proof,10,2026-12-01\n2,B,Proof,{HOSTILE},2026-12-01\n2,B,Proof,20,2026-12-02\n"
        + "".join(f"{n},C,Proof,$x{n}$,2026-12-01\n" for n in range(10, 260)),
        encoding="utf-8",
    )
    return fa.read_exports(tmp_path)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_and_issue_is_listed_in_words(book: fa.Book, lang: str) -> None:
    page = fa.receipt_page(book, lang)
    tree = html.fromstring(page)
    rows = tree.findall(".//table")[0].findall(".//tbody/tr")
    assert len(rows) == len(book.receipt)
    # 253 rows in: one of the two with id 2 is set aside.
    assert [cell.text for cell in rows[0].findall("td")][6:9] == ["253", "252", "1"]
    assert word("tables.rows_kept", lang) in page
    listed = sum(int(re.split("[:：]", text)[-1].replace(",", "")) for text in tree.xpath("//summary/text()"))
    assert listed == len(book.issues)
    # 251 amounts could not be read: the first 200 are listed.
    assert word("receipt.more", lang, count="51") in page


def test_what_files_hold_is_shown_as_text(book: fa.Book) -> None:
    page = fa.receipt_page(book)
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "deals &lt;b&gt;" in page
    assert "mathjax_ignore" in page
    assert page in book._repr_html_()
    assert "<summary>Receipt</summary>" in book._repr_html_()
    fa.set_language("zh-Hans")
    assert "<summary>读取回执</summary>" in book._repr_html_()
    fa.set_language("en")
    assert page._repr_html_() == page


def test_a_clean_export_says_so(tmp_path: Path) -> None:
    (tmp_path / "deals 2026-09-30.csv").write_text(
        "Opportunity ID,Account Name,Owner,Stage,Amount,Currency,Close Date,Created Date\n1,A,Ana,Proof,10,EUR,2026-12-01,2026-01-01\n",
        encoding="utf-8",
    )
    assert word("receipt.no_issues") in fa.receipt_page(fa.read_exports(tmp_path))


def test_one_finding_in_many_rows_is_one_line(tmp_path: Path) -> None:
    lines = "".join(f"{n},C,Proof,soon,2026-12-01\n" for n in range(10, 260))
    (tmp_path / "deals 2026-09-30.csv").write_text(
        f"Opportunity ID,Account Name,Stage,Amount,Close Date\n1,A,Proof,10,2026-12-01\n{lines}", encoding="utf-8"
    )
    book = fa.read_exports(tmp_path)
    page = fa.receipt_page(book)
    assert (book.issues["reason"] == "unreadable_amount").sum() == 250
    assert page.count("could not be read as an amount") == 1 and "Rows: 250, the first is row 3." in page
    unreadable = book.issues[book.issues["kind"] == "unreadable"]
    assert len(issue_lines(unreadable, "en")) == 1 and len(issue_lines(unreadable, "en", every=True)) == 250
