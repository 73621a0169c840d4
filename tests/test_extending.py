"""How to extend, proved: each page of docs/extending is followed literally in a copy of the project."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from page_walk import edit, steps, walk

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "extending").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_newcomer_gets_there_by_following_the_page(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data")
    if not any("src/funnel_analytics" in sentence + text for sentence, _, text in steps(page.read_text("utf-8"))):
        monkeypatch.chdir(tmp_path)
        assert walk(page) >= 3
        return
    # A page that changes the package changes a copy. What Python compiled of it stays valid: the copy keeps the times.
    shutil.copytree(ROOT / "src", tmp_path / "src")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "src"), "PYTHONUTF8": "1"}
    walker = Path(__file__).with_name("page_walk.py")
    done = subprocess.run(
        [sys.executable, str(walker), str(page)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-2]) >= 3


def test_there_is_a_page_for_each_kind_of_extension() -> None:
    assert {"crm_profile", "methodology", "language", "analysis", "outline", "dashboard"} <= {p.stem for p in PAGES}


def test_a_block_is_taken_as_its_sentence_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = "Write `a.txt`:\n\n```text\none\nthree\n```\n\nRun it.\n\n```python\nprint(1)\n```\n"
    assert steps(page) == [("Write `a.txt`:", "text", "one\nthree\n"), ("Run it.", "python", "print(1)\n")]
    assert edit("Write `a.txt`:", "one\nthree\n")
    assert edit("In `a.txt`, behind the line `one`:", "two\n")
    assert edit("In `a.txt`, the line `three` becomes:", "3\n")
    assert edit("At the end of `a.txt`:", "4\n")
    assert Path("a.txt").read_text(encoding="utf-8") == "one\ntwo\n3\n\n4\n"
    assert not edit("Run it.", "print(1)\n")
    with pytest.raises(AssertionError, match="the line 'five' 0 times"):
        edit("In `a.txt`, behind the line `five`:", "6\n")
