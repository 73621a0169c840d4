"""From a control that is changed to the new picture of four charts in the browser, beside the notebook's usual way.

The usual way is an ``Output`` that is cleared and four figures shown with pyplot; both draw the same charts from the same
book. A JupyterLab of its own is started, Chromium changes the drop-down and waits until every picture is another one and
painted. Values that were not looked at before count, and apart from them those that were, and those that the dashboard
drew ahead while the person looked at their neighbour.

    python benchmarks/redraw.py                       # 5,000 opportunities, 8 changes of each way
    python benchmarks/redraw.py --opportunities 500 --changes 4
"""

import argparse
import json
import os
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from measuring import Row, shown
from playwright.sync_api import Page, TimeoutError, sync_playwright

ROOT = Path(__file__).parents[1]
CODE = """
import sys
sys.path.insert(0, {tests!r})
import ipywidgets as widgets
import matplotlib.pyplot as plt
import funnel_analytics as fa
from books import team_book
from IPython.display import display
from funnel_analytics.dashboards._content import Content, Control
from funnel_analytics.dashboards._live import ALL, Dashboard

book = team_book({opportunities})
owners = book.choices("owner")

def tables(part):
    conversion = fa.stage_conversion(part)
    return [
        (fa.charts.stage_conversion, conversion),
        (fa.charts.time_in_stage, fa.time_in_stage(part)),
        (fa.charts.stage_funnel, conversion),
        (fa.charts.stage_transitions, fa.stage_transitions(part)),
    ]

def build(book, *, owner=None, lang=None):
    return Content(charts=[draw(table, lang=lang) for draw, table in tables(book.where(owner=owner))])
"""
OURS = "Dashboard(book, build, [Control('owner', (None, *owners))])"
USUAL = """
choice = widgets.Dropdown(options=[("All", None), *((owner, owner) for owner in owners)])
choice.add_class("fa-control-owner")
output = widgets.Output()

def redraw(_=None):
    with output:
        output.clear_output(wait=True)
        for draw, table in tables(book.where(owner=choice.value)):
            sheet = plt.figure(figsize=(11.5, 5.2), dpi=144, layout="constrained")
            draw(table, ax=sheet.add_subplot())
            plt.show()

choice.observe(redraw, names="value")
display(choice, output)
redraw()
"""
WATCH = """
wanted => {
  window.before = new Set([...document.querySelectorAll(wanted)].map(image => image.src));
  window.done = new Promise(resolve => {
    const look = () => {
      const images = [...document.querySelectorAll(wanted)];
      const painted = images.length === 4 && images.every(image => image.complete && !window.before.has(image.src));
      painted ? requestAnimationFrame(() => resolve(performance.now() - window.start)) : requestAnimationFrame(look);
    };
    document.querySelector(".fa-control-owner select").addEventListener(
      "change", () => { window.start = performance.now(); look(); }, { once: true, capture: true });
  });
}
"""


def notebook(body: str, opportunities: int) -> str:
    """The notebook of one way."""
    code = CODE.format(tests=str(ROOT / "tests"), opportunities=opportunities) + body
    cell = {"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": None, "id": "one"}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": [cell]})


def changes(page: Page, address: str, images: str, count: int, look: float) -> tuple[list[float], list[float]]:
    """Milliseconds of changes to values not looked at before, and of changes to earlier ones.

    Each picture is looked at for so many seconds.
    """
    page.goto(address)
    page.get_by_text("| Idle").first.wait_for(timeout=300_000)
    for patience in (60_000, 240_000):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            page.wait_for_function(f"document.querySelectorAll({images!r}).length === 4", timeout=patience)
        except TimeoutError:
            # On a busy machine the first click can be lost while JupyterLab still builds its menus.
            continue
        break
    page.wait_for_timeout(2_000)
    select = page.locator(".fa-control-owner select")
    names = select.locator("option").all_inner_texts()
    first: list[float] = []
    again: list[float] = []
    for turn in range(count):
        page.evaluate(WATCH, images)
        select.select_option(label=names[(turn + 1) % len(names)])
        (first if turn + 1 < len(names) else again).append(page.evaluate("window.done"))
        page.wait_for_timeout(1000 * look)
    return first, again


def serve(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """A JupyterLab over a folder, and the address of its notebooks."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings = folder / "config" / "labconfig"
    settings.mkdir(parents=True)
    overrides = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    }
    (settings / "default_setting_overrides.json").write_text(json.dumps(overrides), encoding="utf-8")
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    token = secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={folder}", "--log-level=ERROR",
    ]  # fmt: skip
    environment = os.environ | own | {"JUPYTER_CONFIG_DIR": str(folder / "config")}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api?token={token}", timeout=2).read()
            break
        except OSError:
            time.sleep(0.5)
    return server, f"http://127.0.0.1:{port}/lab/workspaces/{{0}}/tree/{{0}}.ipynb?token={token}"


def measured(opportunities: int, count: int, look: float = 10) -> Iterator[Row]:
    """The median of so many changes of each way: of values not looked at before, of earlier ones, of those drawn ahead."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "dashboard.ipynb").write_text(notebook(OURS, opportunities), encoding="utf-8")
        (folder / "usual.ipynb").write_text(notebook(USUAL, opportunities), encoding="utf-8")
        server, address = serve(folder)
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
                ways = [
                    ("dashboard", "img.fa-chart", 0),
                    ("usual", ".jp-OutputArea-output img", 0),
                    ("dashboard", "img.fa-chart", look),
                ]
                for way, images, looked in ways:
                    page = browser.new_page(viewport={"width": 1400, "height": 1500})
                    first, again = changes(page, address.format(way), images, count, looked)
                    page.close()
                    kinds = {"drawn ahead": first[1:]} if looked else {"new value": first, "seen before": again}
                    for kind, times in kinds.items():
                        if times:
                            yield {
                                "benchmark": "redraw", "contestant": f"{way}, {kind}", "size": opportunities,
                                "seconds": statistics.median(times) / 1000,
                            }  # fmt: skip
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opportunities", type=int, default=5_000)
    parser.add_argument("--changes", type=int, default=8)
    parser.add_argument(
        "--look", type=float, default=10, help="seconds that a picture is looked at while others are drawn"
    )
    asked = parser.parse_args()
    for row in measured(asked.opportunities, asked.changes, asked.look):
        print(shown(row), flush=True)


if __name__ == "__main__":
    main()
