"""The documentation: the site builds with every link leading somewhere, asks no other server, and names what exists."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import funnel_analytics as fa
from funnel_analytics import tables
from funnel_analytics.cli import _parser

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if page.parent.name != "extending"]
LOADED = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//|<link\b[^>]*\bhref=[\"']?(?:https?:)?//"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without pictures; a warning, as of a link that leads nowhere, ends the building."""
    if importlib.util.find_spec("material") is None:
        pytest.skip("mkdocs-material, which builds the site, is not installed")
    folder = tmp_path_factory.mktemp("site")
    environment = os.environ | {"DOCS_EXAMPLES": "false", "NO_MKDOCS_2_WARNING": "1"}
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder


def test_every_analysis_table_and_public_name_has_its_place_in_the_site(site: Path) -> None:
    analyses = [name for name in fa.__all__ if name in tables.TABLES]
    assert [name for name in analyses if not (site / "analyses" / f"{name}.html").is_file()] == []
    dictionary = (site / "data_dictionary.html").read_text(encoding="utf-8")
    assert [name for name in tables.TABLES if f'id="{name}"' not in dictionary] == []
    reference = (site / "reference.html").read_text(encoding="utf-8")
    assert [name for name in set(fa.__all__) - {"tables"} if f'id="{name}"' not in reference] == []
    assert "机会确认" in (site / "glossary.html").read_text(encoding="utf-8")


def test_no_page_of_the_site_loads_anything_from_another_server(site: Path) -> None:
    asking = [page.name for page in site.rglob("*.html") if LOADED.search(page.read_text(encoding="utf-8"))]
    assert asking == []
    styles = " ".join(style.read_text(encoding="utf-8") for style in site.rglob("*.css"))
    assert not re.search(r"url\([\"']?(?:https?:)?//|@import", styles)


def test_a_loading_line_would_be_seen() -> None:
    lines = [
        '<script src="https://a.b/c.js">',
        "<img alt='' src=//a.b/c.png>",
        '<link rel="stylesheet" href="http://a.b">',
    ]
    assert all(map(LOADED.search, lines))
    assert not LOADED.search('<a href="https://a.b">a</a><script src="assets/c.js">')


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_command_line_takes_every_command_of_the_page(page: Path) -> None:
    blocks = re.findall(r"```bash\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for line in (line for block in blocks for line in block.splitlines()):
        words = shlex.split(line, comments=True)
        if words and words[0] == "funnel-analytics":
            assert _parser("en").parse_args(words[1:]).run


@pytest.mark.parametrize("page", ["quality.md", "security.md"])
def test_what_a_claim_is_shown_by_exists(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    named = set(re.findall(r"\b(?:tests|benchmarks|data|src)(?:/[\w.-]+)+", text))
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).exists()] == []
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {name for line in re.findall(r"^([\w ]+):(?!=)", makefile, re.MULTILINE) for name in line.split()}
    assert set(re.findall(r"`make (\w+)`", text)) <= targets
