"""Every notebook runs in a real kernel, on the sample and on another folder, by changing one line."""

import re
import runpy
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HOOK = runpy.run_path(str(ROOT / ".ci" / "hooks" / "notebooks.py"))
EXPORTS_LINE = re.compile(r'^EXPORTS = "[^"]*"', flags=re.MULTILINE)


def run(path: Path, exports: Path, folder: Path) -> nbformat.NotebookNode:
    """The notebook after it has run with ``EXPORTS`` pointing to another folder."""
    notebook = nbformat.read(path, as_version=4)
    changed = 0
    for cell in notebook.cells:
        cell.source, count = EXPORTS_LINE.subn(lambda _: f'EXPORTS = r"{exports}"', cell.source)
        changed += count
    assert changed == 1
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


def widget_html(notebook: nbformat.NotebookNode) -> str:
    """All HTML that the notebook's widgets show."""
    state = notebook.metadata["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    return " ".join(
        str(model["state"].get("value", "")) for model in state.values() if model["model_name"] == "HTMLModel"
    )


def test_the_six_notebooks_are_there() -> None:
    names = [path.stem for path in NOTEBOOKS]
    assert names == [
        "01_first_look",
        "02_accounts",
        "03_funnel_health",
        "04_pipeline_changes",
        "05_forecast",
        "06_review",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path: Path) -> None:
    assert HOOK["notebook_problems"](path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_ends_in_what_to_do_next(path: Path) -> None:
    assert "**What to do next.**" in nbformat.read(path, as_version=4).cells[-1].source


def test_git_refuses_a_notebook_with_outputs_and_an_export_outside_the_samples(tmp_path: Path) -> None:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)

    git("init", "-q")
    for name, value in (("core.hooksPath", ROOT / ".ci" / "hooks"), ("user.name", "x"), ("user.email", "x@x")):
        git("config", name, str(value))
    clean = NOTEBOOKS[0].read_text(encoding="utf-8")
    (tmp_path / "first.ipynb").write_text(clean, encoding="utf-8")
    (tmp_path / "data" / "sample").mkdir(parents=True)
    (tmp_path / "data" / "sample" / "invented.csv").write_text("a\n")
    git("add", ".")
    assert git("commit", "-qm", "clean").returncode == 0
    (tmp_path / "first.ipynb").write_text(clean.replace('"outputs": []', '"outputs": [{}]', 1), encoding="utf-8")
    (tmp_path / "pipeline.xlsx").write_text("a")
    git("add", ".")
    refused = git("commit", "-qm", "not clean")
    assert refused.returncode == 1
    assert "holds outputs" in refused.stderr and "pipeline.xlsx looks like an export" in refused.stderr


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_another_folder_and_shows_its_dashboard(path: Path, tmp_path: Path) -> None:
    # The English sample, with its folder as the notebook names it, is run in JupyterLab by the tests of the browser.
    notebook = run(path, ROOT / "data" / "sample" / "zh-Hans", tmp_path)
    views = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert views
    assert "role='alert'" not in widget_html(notebook)
