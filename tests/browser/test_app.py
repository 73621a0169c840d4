"""A manager opens the app: pages without code over the given exports, for nobody else, asking nobody else."""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import funnel_analytics as fa
from funnel_analytics.words import number, word

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the app is served, as the command says it, token included."""
    home = tmp_path_factory.mktemp("app")
    notebooks, exports = str(ROOT / "notebooks"), str(ROOT / "data" / "sample")
    command = [sys.executable, "-m", "funnel_analytics", "app", exports, "--notebooks", notebooks, "--no-browser", "-q"]
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
    page.get_by_text("03_funnel_health").wait_for(timeout=60_000)
    page.screenshot(path=pictures / "app_index.png")
    root = address.split("?")[0]
    page.goto(f"{root}voila/render/03_funnel_health.ipynb", wait_until="commit", timeout=120_000)
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


def test_without_the_token_nothing_is_shown_and_no_file_is_reachable(address: str) -> None:
    root, token = address.split("?token=")
    assert status(address) in (200, 302)  # 302: a login by token that sends on to the page
    for path in ("", "voila/render/03_funnel_health.ipynb", "api/contents"):
        assert status(root + path) in (302, 403, 404), path  # 302: to the login page
    for path in ("voila/files/03_funnel_health.ipynb", "voila/files/../settings/voila.json", "voila/files/x.png"):
        assert status(f"{root}{path}?token={token}") in (403, 404), path
