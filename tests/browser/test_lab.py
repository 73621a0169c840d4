"""A person opens a notebook in JupyterLab, runs it, operates a control and sees the chart change."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, TimeoutError, expect

import funnel_analytics as fa
from funnel_analytics.words import label, number, word


def picture(page: Page) -> str:
    """A fingerprint of the first chart shown."""
    source = page.locator("img.fa-chart").first.evaluate(
        "async img => Array.from(new Uint8Array(await (await fetch(img.src)).arrayBuffer())).join()"
    )
    return hashlib.sha256(source.encode()).hexdigest()


def picture_after(page: Page, before: str) -> str:
    """The next picture; tiles and pictures arrive in messages of their own."""
    for _ in range(100):
        now = picture(page)
        if now != before:
            return now
        page.wait_for_timeout(200)
    return before


def open_and_run(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("| Idle").first.wait_for(timeout=180_000)
    chart = page.locator("img.fa-chart").first
    for patience in (90_000, 180_000):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            chart.wait_for(timeout=patience)
        except TimeoutError:
            # On a busy machine the first click can be lost while JupyterLab still builds its menus.
            continue
        return
    chart.wait_for(timeout=1_000)


def test_operating_a_control_changes_the_chart_the_tiles_and_the_language(lab: str, page: Page, pictures: Path) -> None:
    region = fa.load_sample().choices("region")[0]
    expected = number(len(fa.load_sample().where(region=region).open_opportunities))
    open_and_run(page, lab.format("03_funnel_health"))
    before = picture(page)
    page.locator(".fa-control-region select").select_option(label=region)
    tile = f"{word('dashboards.open_opportunities')}{expected}"
    expect(page.locator(".fa-tiles").first).to_contain_text(tile, timeout=30_000)
    after = picture_after(page, before)
    assert after != before
    page.locator(".fa-tiles").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "funnel_en.png")

    stage = fa.load_sample().where(region=region).open_opportunities["stage"].iloc[0]
    page.locator(".fa-control-by select").select_option(label=word("dashboards.none"))
    # The bars of the picture before are replaced: a click upon one of them may come to nothing.
    plain = picture_after(page, after)
    assert plain != after
    bar = page.locator(f'.fa-region[aria-label^="{label(stage)} ·"]').first
    bar.hover()
    expect(page.get_by_role("tooltip").first).to_contain_text(label(stage))
    bar.click()
    listed = len(fa.dashboards.funnel_content(fa.load_sample(), region=region, stage=stage).table)
    chosen = page.locator(".fa-control-stage select option:checked")
    expect(chosen).to_have_text(label(stage), timeout=30_000)
    expect(page.locator(".fa-table").first.locator("tbody tr")).to_have_count(min(listed, 10), timeout=30_000)
    page.screenshot(path=pictures / "funnel_chosen.png")
    page.locator(f'.fa-region[aria-label^="{label(stage)} ·"]').first.click()
    expect(chosen).to_have_text(word("dashboards.all"), timeout=30_000)

    page.locator(".fa-control-lang select").select_option(label="简体中文")
    table = page.locator(".fa-table").first
    expect(table).to_contain_text(word("tables.account_name", "zh-Hans"), timeout=30_000)
    expect(table).to_contain_text(label("Proof", "zh-Hans"))
    expect(table.get_by_role("button", name=word("dashboards.rows.buttons.copy", "zh-Hans"))).to_be_visible()
    assert picture_after(page, plain) != plain
    page.screenshot(path=pictures / "funnel_zh-Hans.png")

    # The cells that fail say so in a sentence each; only the fault has details, which are folded away.
    problems = page.locator(".jp-OutputArea-output [role=alert]")
    expect(problems).to_have_count(3, timeout=60_000)
    expect(problems.nth(0)).to_contain_text("no such folder")
    expect(problems.nth(1)).to_contain_text("nobody")
    expect(problems.nth(2)).to_contain_text(word("dashboards.fault"))
    details = problems.nth(2).locator("pre")
    expect(details).to_be_hidden()
    assert "Traceback" not in page.locator("body").inner_text()
    problems.nth(2).locator("summary").click()
    expect(details).to_contain_text("KeyError: '<b>fault</b>'")
    page.screenshot(path=pictures / "problems.png")


# Those of the other notebooks are opened without JupyterLab, as tabs of the app.
@pytest.mark.parametrize("name", ["01_first_look", "02_accounts", "05_forecast"])
def test_each_notebook_shows_its_dashboard(lab: str, page: Page, pictures: Path, name: str) -> None:
    open_and_run(page, lab.format(name))
    expect(page.locator(".fa-tiles").first).not_to_be_empty()
    page.locator(".fa-tiles").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / f"{name}.png")
    assert page.locator("[role=alert]").count() == 0
