"""A JupyterLab of its own for the browser tests: a free port, a token, settings in a temporary folder."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from funnel_analytics.cli.lab import write_lab_settings

ROOT = Path(__file__).parents[2]
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


PROBLEMS = [
    "fa.read_exports('no such folder')",
    "fa.pipeline_changes(book.where(owner='nobody'))",
    "{}['<b>fault</b>']",
]
"""Cells that fail at the end of a notebook: no file, an empty selection, a fault of the program."""


def add_cells(path: Path, codes: list[str]) -> None:
    """Cells at the end of a notebook, after each of which the next one runs."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for number, code in enumerate(codes):
        cell = {"cell_type": "code", "id": f"problem-{number}", "execution_count": None, "outputs": [], "source": code}
        notebook["cells"].append(cell | {"metadata": {"tags": ["raises-exception"]}})
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the browser tests say so."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(120):
        if process.poll() is not None:
            pytest.fail(f"JupyterLab stopped:\n{log.read_text(encoding='utf-8')[-3000:]}")
        try:
            urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            time.sleep(0.5)
        else:
            return
    pytest.fail("JupyterLab did not come up within a minute")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the JupyterLab: ``work/notebooks`` holds copies of the notebooks."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def lab(chromium: str, home: Path) -> Iterator[str]:
    """Address of a running JupyterLab over copies of the notebooks and the sample, with ``{}`` for a notebook's name."""
    shutil.copytree(
        ROOT / "notebooks", home / "work" / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints", "review")
    )
    shutil.copytree(ROOT / "data", home / "work" / "data")
    add_cells(home / "work" / "notebooks" / "03_funnel_health.ipynb", PROBLEMS)
    write_lab_settings(home / "config", "en")
    settings = home / "config" / "labconfig" / "default_setting_overrides.json"
    whole = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
    settings.write_text(json.dumps(json.loads(settings.read_text(encoding="utf-8")) | whole), encoding="utf-8")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR", "MPLCONFIGDIR")
    environment = (
        os.environ | {name: str(home / name.lower()) for name in folders} | {"JUPYTER_CONFIG_DIR": str(home / "config")}
    )
    port, token = _free_port(), secrets.token_hex(16)
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={home / 'work'}",
    ]  # fmt: skip
    log = home / "lab.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, stdout=sink, stderr=subprocess.STDOUT)
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/api?token={token}", process, log)
        yield f"http://127.0.0.1:{port}/lab/tree/notebooks/{{}}.ipynb?reset&token={token}"
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    """A page of a fresh Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGUMENTS)
        yield browser.new_page(viewport={"width": 1400, "height": 1500})
        browser.close()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where screenshots go: the folder that FUNNEL_SCREENSHOTS names, else a temporary one."""
    folder = Path(os.environ.get("FUNNEL_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
