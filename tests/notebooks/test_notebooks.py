"""Every notebook runs in a real kernel over a folder of exports, and reads the same in every language."""

import re
import runpy
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from funnel_analytics.cli._notebooks import own_notebooks, prose
from funnel_analytics.languages import LANGUAGES

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
HOOK = runpy.run_path(str(ROOT / ".ci" / "hooks" / "notebooks.py"))
CODE = re.compile(r"`[^`]+`")


def run(name: str, lang: str, exports: Path, folder: Path) -> nbformat.NotebookNode:
    """A notebook in a language after it has run over a folder of exports, as `funnel-analytics notebooks` writes it."""
    content = dict(own_notebooks(ROOT / "notebooks", lang, [str(exports)], {}))[name]
    notebook = nbformat.from_dict(content)
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


@pytest.mark.parametrize("lang", [code for code in LANGUAGES if prose(code)])
def test_every_text_of_a_notebook_is_translated_with_its_heading_and_its_code_and_no_text_is_left_over(
    lang: str,
) -> None:
    for path in NOTEBOOKS:
        texts = {
            cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"
        }
        translated = prose(lang)[path.stem]
        assert translated.keys() == texts.keys(), path.stem
        for key, text in texts.items():
            mine = translated[key]
            assert mine != text and mine == mine.strip(), (path.stem, key)
            begins = [re.match(r"#* ?", one)[0] for one in (text, mine)]  # type: ignore[index]
            assert begins[0] == begins[1], (path.stem, key)
            assert CODE.findall(mine) == CODE.findall(text), (path.stem, key)
            assert mine.count("*") == text.count("*"), (path.stem, key)
        assert translated["next"].startswith("**"), path.stem


def test_both_chinese_languages_have_prose() -> None:
    assert prose("zh-Hans") and prose("zh-Hant")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_notebook_in_another_language_has_the_same_code_but_for_its_language_and_the_exports(lang: str) -> None:
    for name, own in own_notebooks(ROOT / "notebooks", lang, ["one", "two"], {"date_order": "DMY"}):
        stored = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
        changed = 0
        for mine, theirs in zip(own["cells"], stored, strict=True):
            assert (mine["id"], mine["cell_type"]) == (theirs.id, theirs.cell_type)
            if theirs.cell_type == "code" and "EXPORTS" not in theirs.source:
                assert mine["source"] == theirs.source
            elif theirs.cell_type == "code":
                changed += mine["source"].count(f'fa.start_notebook("{lang}")')
                assert "EXPORTS = ['one', 'two']  # " in mine["source"] or "EXPORTS = " not in mine["source"]
                assert re.search(r"_exports\((EXPORTS|\[\*EXPORTS, .*\]), date_order='DMY'\)", mine["source"])
        assert changed == 1, name


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
    notebook = run(path.name, "zh-Hans", ROOT / "data" / "sample" / "zh-Hans", tmp_path)
    views = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "application/vnd.jupyter.widget-view+json" in output.get("data", {})
    ]
    assert views
    assert "role='alert'" not in widget_html(notebook)
