"""The pages of the app before they are served: the notebooks read what the command was given, in the way it says."""

import argparse
import json
import os
import re
from pathlib import Path

import nbformat
import pytest

import funnel_analytics as fa
from funnel_analytics.cli._app_pages import TEMPLATE, start_page, write_pages
from funnel_analytics.cli._notebooks import notebooks_folder
from funnel_analytics.cli._parser import Parser
from funnel_analytics.cli.app import add, write_notebooks, write_opening_page
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.words import word

ROOT = Path(__file__).parents[1]
HEAD = "Opportunity ID,Account Name,Stage,Amount,Close Date\n"


@pytest.fixture
def options(tmp_path: Path) -> argparse.Namespace:
    """What ``funnel-analytics app first second --currency USD --rate …`` gives, for two folders of exports."""
    for number, name in enumerate(("first", "second")):
        (tmp_path / name).mkdir()
        file = tmp_path / name / f"pipeline 2026-0{6 + 3 * number}-30.csv"
        file.write_text(f"{HEAD}A{number},Acme,Proof,500,03/11/2026\n")
    parser = Parser(lang="en")
    add(parser.add_subparsers(), "en")
    folders = [str(tmp_path / name) for name in ("first", "second")]
    return parser.parse_args(["app", *folders, "--currency", "USD", "--date-order", "DMY"])


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))])
def test_every_page_reads_all_folders_as_the_command_says(
    name: str, options: argparse.Namespace, tmp_path: Path
) -> None:
    pages, source, here = tmp_path / "pages", tmp_path / "source", Path.cwd()
    pages.mkdir()
    source.mkdir()
    (source / f"{name}.ipynb").write_bytes((ROOT / "notebooks" / f"{name}.ipynb").read_bytes())
    write_notebooks(source, pages, options)
    notebook = json.loads((pages / f"{name}.ipynb").read_text(encoding="utf-8"))
    nbformat.validate(notebook)
    cells = notebook["cells"]
    held: dict[str, object] = {}
    try:
        for code in [cell["source"] for cell in cells if cell["cell_type"] == "code"][:2]:
            exec(code, held)
    finally:
        os.chdir(here)
    book = held["panel"].book if "panel" in held else held["book"]
    assert not [cell for cell in cells if cell["cell_type"] == "markdown" and re.search("`fa[.]|▸", cell["source"])]
    assert isinstance(book, fa.Book)
    assert [f"{day:%Y-%m-%d}" for day in book.export_dates] == ["2026-06-30", "2026-09-30"]
    assert book.currency == "USD"
    assert f"{book.opportunities['close_date'].iloc[0]:%m-%d}" == "11-03"


def test_the_page_without_exports_is_a_panel_over_all_dashboards(
    options: argparse.Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options.exports, options.lang = [], "zh-Hans"
    write_opening_page(tmp_path, options)
    notebook = json.loads((tmp_path / "00_open.ipynb").read_text(encoding="utf-8"))
    nbformat.validate(notebook)
    cells = notebook["cells"]
    assert "打开" in cells[0]["source"]
    held: dict[str, object] = {}
    monkeypatch.chdir(Path.cwd())  # the page goes where the command was given
    exec(cells[1]["source"].replace("fa.dashboards.open_exports", "panel = fa.dashboards.open_exports"), held)
    panel = held["panel"]
    (tmp_path / "pipeline 2026-09-30.csv").write_text(f"{HEAD}A1,Acme,Proof,500,2026-11-03\n")
    panel._folder.value = str(tmp_path)
    panel._read.click()
    tabs = panel._below.children[0]
    assert len(tabs.children) == 5
    # Only the tab that is looked at has been made.
    assert [len(page.children) for page in tabs.children] == [1, 0, 0, 0, 0]
    tabs.selected_index = 1
    assert panel.book is tabs.children[1].children[0]._book


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_start_page_leads_in_the_chosen_language_to_the_dashboards_and_to_each_notebook_by_its_title(
    lang: str, options: argparse.Namespace, tmp_path: Path
) -> None:
    own = {"cells": [{"cell_type": "markdown", "source": ["Hello\n", "## {{ Our }} <own> page"]}]}
    (tmp_path / "our page.ipynb").write_text(json.dumps(own), encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    write_opening_page(tmp_path, options)
    page = start_page(tmp_path, lang)
    links = dict(re.findall(r'<a href="/voila/render/(.*?)\.ipynb"[^>]*>(.*?)</a>', page))
    assert links.pop("00_open") == word("cli.app_open", lang)
    # What a template engine would fill in stays text.
    assert links.pop("our%20page") == "&#123;&#123; Our }} &lt;own&gt; page"
    assert links == {
        name.stem: word(f"cli.app_page.{name.stem}", lang) for name in (ROOT / "notebooks").glob("*.ipynb")
    }
    assert f'<html lang="{lang}">' in page


def test_the_pages_are_a_template_over_that_of_jupyterlab_with_our_words_for_waiting_and_for_what_is_not_there(
    tmp_path: Path,
) -> None:
    write_pages(tmp_path, ROOT / "notebooks", "zh-Hant")
    folder = tmp_path / "voila" / "templates" / TEMPLATE
    assert json.loads((folder / "conf.json").read_text()) == {"base_template": "lab"}
    assert word("cli.app_wait", "zh-Hant") in (folder / "spinner.macro.html.j2").read_text(encoding="utf-8")
    assert (folder / "tree-lab.html").read_text(encoding="utf-8") == start_page(ROOT / "notebooks", "zh-Hant")
    for name, said in (("404", "cli.app_missing"), ("error", "cli.app_problem")):
        assert word(said, "zh-Hant") in (folder / f"{name}.html").read_text(encoding="utf-8")
    login = (folder / "login.html").read_text(encoding="utf-8")
    assert word("cli.app_login", "zh-Hant") in login
    # What the server fills in stays for it.
    assert "{{ base_url }}login?next={{ next }}" in login


def test_the_notebooks_of_a_checkout_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert notebooks_folder(None) == Path(__file__).parents[1] / "notebooks"
