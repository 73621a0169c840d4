"""Every notebook runs in a real kernel, on the sample and on another folder, by changing one line."""

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
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
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_sample_and_shows_its_dashboard(path: Path, tmp_path: Path) -> None:
    notebook = run(path, ROOT / "data" / "sample", tmp_path)
    views = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert views
    assert "role='alert'" not in widget_html(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_chinese_sample_too(path: Path, tmp_path: Path) -> None:
    notebook = run(path, ROOT / "data" / "sample" / "zh-Hans", tmp_path)
    assert "role='alert'" not in widget_html(notebook)
