"""A manager opens the app: pages without code over the given exports, for nobody else, asking nobody else."""

import json
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

import funnel_analytics as fa
from funnel_analytics.words import number, word

ROOT = Path(__file__).parents[2]
FAULTY = """
import logging, sys
import pandas as pd
import funnel_analytics as fa

logging.basicConfig(filename={log!r}, force=True)
rows = pd.DataFrame(dict(opportunity_id=["A", "B"], stage=["Proof", "Develop"], amount=[1.0, 2.0]))
book = fa.assemble(fa.Parts(snapshots=rows.assign(outcome="open", as_of=pd.Timestamp("2026-09-30"))))

def stage_conversion(part, **asked):
    raise ZeroDivisionError("<b>nobody expected this</b>")

view = fa.dashboards.funnel
sys.modules[view.__module__].stage_conversion = stage_conversion
view(book)
"""
"""A page on which an analysis fails."""
LOG = "faulty.log"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder from which the app is started."""
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def address(chromium: str, home: Path) -> Iterator[str]:
    """Where the app is served, as the command says it, token included."""
    notebooks, exports = home / "notebooks", str(ROOT / "data" / "sample")
    shutil.copytree(ROOT / "notebooks", notebooks, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "review"))
    cell = {
        "cell_type": "code",
        "metadata": {},
        "source": FAULTY.format(log=str(home / LOG)),
        "outputs": [],
        "execution_count": None,
        "id": "one",
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    faulty = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": [cell]}
    (notebooks / "99_faulty.ipynb").write_text(json.dumps(faulty), encoding="utf-8")
    command = [
        sys.executable, "-m", "funnel_analytics", "app", exports, "--notebooks", str(notebooks), "--no-browser", "-q",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = ""
        for line in process.stderr:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
                break
        else:
            pytest.fail(f"the app did not start:\n{said}")
        yield found.group()
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stderr.close()


def status(address: str) -> int:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        return int(urllib.request.build_opener(Stay).open(address, timeout=30).status)
    except urllib.error.HTTPError as answer:
        return answer.code


def test_the_app_shows_a_dashboard_without_code_and_asks_nobody_else(address: str, page: Page, pictures: Path) -> None:
    answered: set[str] = set()
    page.on("response", lambda response: answered.add(response.url.split("/")[2] if "//" in response.url else ""))
    page.goto(address, timeout=120_000)
    link = page.get_by_role("link", name=word("cli.app_page.03_funnel_health"))
    link.wait_for(timeout=60_000)
    page.screenshot(path=pictures / "app_index.png")
    link.click(no_wait_after=True)
    expect(page.get_by_text(word("cli.app_wait"))).to_be_visible(timeout=120_000)
    page.locator("img.fa-chart").first.wait_for(timeout=240_000)
    region = fa.load_sample().choices("region")[0]
    expected = number(len(fa.load_sample().where(region=region).open_opportunities))
    page.locator(".fa-control-region select").select_option(label=region)
    tile = f"{word('dashboards.open_opportunities')}{expected}"
    expect(page.locator(".fa-tiles").first).to_contain_text(tile, timeout=60_000)
    page.locator(".fa-tiles").first.scroll_into_view_if_needed()
    page.screenshot(path=pictures / "app_funnel.png")
    assert "read_exports" not in page.content()
    assert page.locator("[role=alert]").count() == 0
    assert {host.split(":")[0] for host in answered} <= {"127.0.0.1", ""}


def test_a_dropped_file_is_asked_about_and_its_dashboards_follow(
    address: str, page: Page, tmp_path: Path, pictures: Path
) -> None:
    export = tmp_path / "pipeline 2026-09-30.csv"
    hostile = "<img src=x onerror=alert(1)>"
    rows = [f"A{number},Acme,{'Proof' if number % 3 else 'Haggling'},{number}00,03/11/2026" for number in range(1, 7)]
    rows.append(f"A7,{hostile},Proof,100,05/11/2026")
    export.write_text("Opportunity ID,Account Name,Stage,Amount,Close Date\n" + "\n".join(rows) + "\n")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.goto(address, timeout=120_000)
    page.goto(f"{address.split('?')[0]}voila/render/00_open.ipynb", wait_until="commit", timeout=120_000)
    upload = page.locator(".fa-open-files")
    upload.wait_for(timeout=240_000)
    # The exports of the command stand there already; without them and without files there is nothing to read.
    page.locator(".fa-open-folder input").fill("")
    page.locator(".fa-open-read").click()
    expect(page.locator(".fa-message [role=alert]")).to_have_text(
        word("dashboards.open.nothing_chosen"), timeout=60_000
    )
    wrong = tmp_path / "holiday.csv"
    wrong.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    problem = page.locator(".fa-message [role=alert]")
    for file in (wrong, export):
        with page.expect_file_chooser() as chooser:
            upload.click()
        chooser.value.set_files(file)
        if file is wrong:
            expect(problem).to_contain_text("holiday.csv", timeout=60_000)
            expect(problem.locator("details")).to_have_count(0)  # a sentence about the file, not a fault of ours
    stage = page.locator(".fa-open-stages select")
    stage.wait_for(timeout=120_000)
    expect(page.locator(".fa-open-questions")).to_contain_text("Haggling")
    page.screenshot(path=pictures / "open_questions.png", full_page=True)
    stage.select_option(label="Qualify")
    page.locator(".fa-open-date-order select").select_option(label=word("dashboards.open.DMY"))
    before = page.locator(".fa-tabs").element_handle()
    page.locator(".fa-open-apply").click()
    # The dashboards are made anew: a tab of the earlier ones would be chosen for nothing.
    before.wait_for_element_state("hidden", timeout=120_000)
    expect(page.locator(".fa-open-stages select option:checked")).to_have_text("Qualify", timeout=60_000)
    page.get_by_role("tab", name=word("dashboards.tabs.funnel")).click()
    tiles = page.locator(".fa-tiles:visible")
    expect(tiles).to_contain_text(f"{word('dashboards.open_opportunities')}7", timeout=120_000)
    table = page.locator(".fa-table:visible")
    expect(table).to_contain_text("2026-11-03", timeout=60_000)
    expect(table).to_contain_text(hostile)
    page.screenshot(path=pictures / "open_explored.png", full_page=True)
    assert page.locator("[role=alert]").count() == 0
    assert not asked


def test_an_analysis_that_fails_is_a_sentence_with_details_to_unfold_and_the_log_keeps_the_trace(
    address: str, page: Page, pictures: Path, home: Path
) -> None:
    page.goto(address, timeout=120_000)
    page.goto(f"{address.split('?')[0]}voila/render/99_faulty.ipynb", wait_until="commit", timeout=120_000)
    problem = page.locator(".fa-message [role=alert]")
    problem.wait_for(timeout=240_000)
    assert problem.inner_text().strip().startswith(word("dashboards.fault"))
    details = problem.locator("pre")
    expect(details).to_be_hidden()
    assert "Traceback" not in page.locator("body").inner_text()
    problem.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(details).to_be_visible()
    expect(details).to_contain_text("ZeroDivisionError: <b>nobody expected this</b>")
    expect(page.locator(".fa-download")).to_be_hidden()
    page.screenshot(path=pictures / "faulty.png")
    log = (home / LOG).read_text(encoding="utf-8")
    assert "ZeroDivisionError" in log
    # The controls are still there: another view is not broken.
    page.locator(".fa-control-view select").select_option(label=word("charts.stage_incidence.title"))
    # An address that leads nowhere says so in words of ours, and how to go on.
    page.goto(f"{address.split('?')[0]}voila/render/nothing.ipynb", timeout=120_000)
    expect(page.get_by_role("alert")).to_have_text(word("cli.app_missing"))
    expect(page.get_by_role("link", name=word("cli.app_back"))).to_have_attribute("href", "/")


@pytest.mark.filterwarnings("ignore:.*extension is not supported")  # data bars, which openpyxl does not know
def test_each_dashboard_of_a_folder_shows_what_its_headless_twin_says_and_gives_its_files(
    address: str, page: Page, pictures: Path
) -> None:
    sample = ROOT / "data" / "sample"
    book = fa.read_exports(sample)
    page.goto(address, timeout=120_000)
    page.goto(f"{address.split('?')[0]}voila/render/00_open.ipynb", wait_until="commit", timeout=120_000)
    page.locator(".fa-open-folder input").wait_for(timeout=240_000)
    page.locator(".fa-open-folder input").fill(str(sample))
    page.locator(".fa-open-folder input").press("Tab")
    page.locator(".fa-open-read").click()
    tiles = page.locator(".fa-tiles:visible")
    for name in ("accounts", "changes", "forecast", "review", "funnel"):
        page.get_by_role("tab", name=word(f"dashboards.tabs.{name}")).click(timeout=240_000)
        content = getattr(fa.dashboards, f"{name}_content")(book)
        for tile, value in content.tiles:
            expect(tiles).to_contain_text(f"{tile}{value}", timeout=240_000)
        for change in content.changes.values():
            expect(tiles).to_contain_text(change)
        shown = page.locator("img.fa-chart:visible")
        expect(shown).to_have_count(len(content.charts))
        titles = [axes.get_title(loc="left") for axes in content.charts]
        assert [str(shown.nth(place).get_attribute("alt")).split("\n")[0] for place in range(len(titles))] == titles
        page.screenshot(path=pictures / f"explore_{name}.png", full_page=True)
    with page.expect_download() as download:
        page.locator(".fa-download:visible").click()
    file = pictures / "table.xlsx"
    download.value.save_as(file)
    sheet = openpyxl.load_workbook(file).active
    assert sheet.max_row == 1 + len(content.table)
    # The icon font of Jupyter has signs of these names, which would be boxes.
    for mark in (".fa-save", ".fa-table", ".fa-download"):
        sign = page.locator(f"{mark}:visible").first
        assert sign.evaluate("node => getComputedStyle(node, '::before').content") == "none", mark
    with page.expect_download() as download:
        page.locator(".fa-save:visible").first.click()
    assert download.value.suggested_filename == f"{titles[0]}.png"
    # Without a mouse: a part of a chart is reached, tells its value and is chosen; the table follows.
    part = page.locator(".fa-region:visible").first
    part.focus()
    expect(page.get_by_role("tooltip").locator("visible=true")).to_have_text(str(part.get_attribute("aria-label")))
    name = str(part.get_attribute("aria-label")).split(" · ")[0]
    page.keyboard.press("Enter")
    expect(page.locator(".fa-control-stage:visible option:checked")).to_have_text(name, timeout=60_000)
    unnamed = "nodes => nodes.filter(node => !(node.labels?.length || node.ariaLabel || node.placeholder)).length"
    assert page.locator(".fa-controls:visible").locator("select, input").evaluate_all(unnamed) == 0
    page.emulate_media(media="print")
    expect(page.locator(".fa-controls:visible")).to_have_count(0)
    assert page.locator("img.fa-chart:visible").count() == len(titles)
    page.screenshot(path=pictures / "printed.png", full_page=True)
    assert page.locator("[role=alert]").count() == 0


def test_who_comes_without_the_token_is_told_where_it_stands_and_can_give_it(address: str, page: Page) -> None:
    root, token = address.split("?token=")
    page.goto(f"{root}voila/render/no_such_page.ipynb", timeout=120_000)
    expect(page.get_by_text(word("cli.app_login"))).to_be_visible()
    for given, said in (("wrong", "cli.app_token_refused"), (token, "cli.app_missing")):
        page.get_by_label(word("cli.app_token")).fill(given)
        page.get_by_role("button", name=word("cli.app_log_in")).click()
        expect(page.get_by_text(word(said))).to_be_visible(timeout=60_000)


def test_without_the_token_nothing_is_shown_and_no_file_is_reachable(address: str) -> None:
    root, token = address.split("?token=")
    assert status(address) in (200, 302)  # 302: a login by token that sends on to the page
    for path in ("", "voila/render/03_funnel_health.ipynb", "api/contents"):
        assert status(root + path) in (302, 403, 404), path  # 302: to the login page
    for path in ("voila/files/03_funnel_health.ipynb", "voila/files/../settings/voila.json", "voila/files/x.png"):
        assert status(f"{root}{path}?token={token}") in (403, 404), path
