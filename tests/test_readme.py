"""The README's commands and code do what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from funnel_analytics.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


OWN = """Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Currency,Created Date,Close Date,Owner
1,Press line,Alder,Discover,1000,EUR,2026-01-15,2026-10-30,Ana
2,Robot cell,Birch,Proof,2000,EUR,2026-02-20,2026-11-15,Ben
3,Service,Cedar,Closed Won,3000,EUR,2026-01-31,2026-08-20,Ana
4,Retrofit,Dogwood,Closed Lost,4000,EUR,2026-03-25,2026-07-31,Ben
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_readme_names_the_two_commands_and_the_makefile_has_them() -> None:
    assert blocks("bash")[:2] == ["make review\n", "make test\n"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {"help", "setup", "review", "test", "lab", "check"} <= set(targets)


def test_the_command_lines_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # `make review` runs on the sample; here a few opportunities do.
    export = tmp_path / "own" / "deals_2026-09-30.csv"
    export.parent.mkdir()
    export.write_text(OWN, encoding="utf-8")
    lines = [line for block in blocks("bash") for line in block.splitlines() if "funnel-analytics" in line]
    assert len(lines) == 8
    for line in lines:
        words = shlex.split(
            line.replace("YOUR_FOLDER", export.parent.as_posix()).replace("YOUR_EXPORT.xlsx", export.as_posix())
        )
        # `check` says by its exit code whether every value was taken as it stood.
        assert main(words[1:]) == 0 or words[1] == "check", capsys.readouterr().err
    assert (tmp_path / "my_profile.toml").is_file()
    assert len(list((tmp_path / "review").iterdir())) == 3


def test_the_python_of_the_readme_runs(tmp_path: Path) -> None:
    code = "\n".join(blocks("python")).replace('"data/sample"', repr((ROOT / "data" / "sample").as_posix()))
    environment = os.environ | {"PYTHONWARNINGS": "error::DeprecationWarning:__main__"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "review.pptx").is_file()


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    local = [link for link in links if not link.startswith("http")]
    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []
