"""A person rates an account in a real browser, saves, reads the exports again and sees the account in another class."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

import funnel_analytics as fa
from browser.test_lab import open_and_run
from funnel_analytics.methodology import load_methodology
from funnel_analytics.rating_sheets.log import read_log
from funnel_analytics.words import word

TEN = [criterion.key for criterion in load_methodology().criteria]


def fingerprint(picture: Locator) -> str:
    """The whole picture as text."""
    script = "async img => Array.from(new Uint8Array(await (await fetch(img.src)).arrayBuffer())).join()"
    return str(picture.evaluate(script))


def wait_for_another(page: Page, picture: Locator, before: str) -> str:
    """The picture after it has changed; the same one if it never does."""
    for _ in range(150):
        if (now := fingerprint(picture)) != before:
            return now
        page.wait_for_timeout(300)
    return before


def run_all(page: Page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def test_a_rating_changed_and_saved_puts_the_account_into_another_class(
    lab: str, home: Path, page: Page, pictures: Path
) -> None:
    book = fa.load_sample()
    segments = fa.account_segments(book)
    row = segments[segments["segment"] == "C"].iloc[0]
    counts = segments["segment"].value_counts()
    workbook = home / "work" / "notebooks" / "ratings.xlsx"
    workbook.unlink(missing_ok=True)
    open_and_run(page, lab.format("02_accounts"))
    choice = page.locator(".fa-rating-account select")
    choice.wait_for(timeout=180_000)
    choice.select_option(label=row["account_name"])
    dashboard, form = page.locator(".fa-tiles").first, page.locator(".fa-tiles").nth(1)
    expect(form).to_contain_text(f"{word('tables.segment')}C", timeout=60_000)
    page.locator(".fa-rating-by input").fill("Li Wei")
    page.locator(".fa-rating-by input").press("Tab")
    # The form's own pictures are the last two of the page; the last cell's is the chart that is read again.
    quadrants = page.locator("img.fa-chart").last
    again = page.locator(".jp-OutputArea-output img:not(.fa-chart)").last
    again.wait_for(timeout=180_000)
    first, reread = fingerprint(quadrants), fingerprint(again)
    for criterion in TEN:
        page.locator(f".fa-rating-{criterion} select").select_option(label=word("ratings.good", rating="5"))
    choice.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "ratings_form.png")
    page.locator(".fa-rating-save").click()
    said = page.locator(".fa-message [role=status]").first
    expect(said).to_contain_text(f"ratings of {row['account_name']}", timeout=60_000)
    expect(form).to_contain_text(re.compile(rf"{word('tables.segment')}A(?!\+)"), timeout=60_000)
    assert wait_for_another(page, quadrants, first) != first
    said.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "ratings_saved.png")

    saved = read_log(workbook, book).last(row["account_id"])
    assert {rating for rating, _, _ in saved.values()} == {5.0}
    assert {who for _, _, who in saved.values()} == {"Li Wei"}

    run_all(page)
    expect(dashboard).to_contain_text(f"C{counts['C'] - 1}", timeout=180_000)
    expect(dashboard).to_contain_text(f"A{counts['A'] + 1}")
    assert wait_for_another(page, page.locator(".jp-OutputArea-output img:not(.fa-chart)").last, reread) != reread
    page.screenshot(path=pictures / "ratings_read_again.png")
    assert page.locator("[role=alert]").count() == 0
