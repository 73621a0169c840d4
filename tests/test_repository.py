"""What must never be committed: customers' files, machine paths, stale outputs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXPORT_KINDS = {".xlsx", ".xls", ".xlsm", ".xlsb", ".csv", ".tsv", ".ods", ".pptx", ".parquet", ".zip", ".gz"}


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file under version control."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [Path(name) for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_exports_are_committed_only_where_invented_ones_belong(tracked: list[Path]) -> None:
    exports = [path for path in tracked if path.suffix.lower() in EXPORT_KINDS]
    assert [path for path in exports if path.parts[:2] != ("data", "sample") and path.parts[0] != "tests"] == []


def test_no_text_names_a_path_of_a_developers_machine(tracked: list[Path]) -> None:
    machine = re.compile(r"(?<![\w./])/(home|root|Users|work|opt)/\w")
    texts = [
        path
        for path in tracked
        if path.suffix in {".py", ".toml", ".md", ".ipynb", ".mplstyle"} or path.name == "Makefile"
    ]
    assert [
        path
        for path in texts
        if machine.search((ROOT / path).read_text(encoding="utf-8")) and path.name != Path(__file__).name
    ] == []
