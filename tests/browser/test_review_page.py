"""The review as a page in a browser: contents lead to sections, tables sort, and paper gets no more than it can hold."""

from pathlib import Path

from playwright.sync_api import Page

import funnel_analytics as fa

OUTLINE = """name = "Deals"
[[page]]
key = "opportunity_inspection"
table = "opportunity_inspection"
columns = ["opportunity_name", "amount", "reasons"]
"""
COUNT, PRINTED = 15, 12


def test_the_page_sorts_its_tables_and_prints_their_first_rows(page: Page, tmp_path: Path) -> None:
    rows = [f"A{n},Deal {n:02},Alder,Proof,{(n * 7) % 16 * 1000},EUR,2026-08-{n + 1:02}" for n in range(COUNT)]
    head = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Currency,Close Date"
    source, outline = tmp_path / "deals 2026-09-30.csv", tmp_path / "deals.toml"
    source.write_text("\n".join([head, *rows]), encoding="utf-8")
    outline.write_text(OUTLINE, encoding="utf-8")
    book = fa.read_exports(source, methodology="large_account")
    page.goto(fa.write_review(book, tmp_path / "r.html", outline=outline).as_uri())

    amounts = page.locator("#opportunity_inspection td.number")
    heading = page.locator("#opportunity_inspection th", has_text="Amount").first
    for order in ("descending", "ascending"):
        heading.click()
        shown = [int(text.replace(",", "").replace("–", "0")) for text in amounts.all_inner_texts()]
        assert len(shown) == COUNT
        assert shown == sorted(shown, reverse=order == "descending")
        assert heading.get_attribute("aria-sort") == order

    page.locator("nav a[href='#opportunity_inspection']").click()
    assert page.url.endswith("#opportunity_inspection")
    assert page.locator("figure[role=img]").first.get_attribute("aria-label")

    body = page.locator("#opportunity_inspection tbody tr")
    assert sum(row.is_visible() for row in body.all()) == COUNT
    page.emulate_media(media="print")
    assert sum(row.is_visible() for row in body.all()) == PRINTED
    assert page.locator("#opportunity_inspection .printed").inner_text().startswith(f"… and {COUNT - PRINTED} more")
    assert not page.locator("nav").is_visible()
