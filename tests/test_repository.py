"""What must never be committed: customers' files, secrets, machine paths, stale outputs."""

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


SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[abprs]-[\w-]{10,}"
    r"|\bglpat-[\w-]{20}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."
    r"|(?i:password|passwd|secret|api_?key|token)[\"']?\s*[:=]\s*[\"'][^\"'\s{}]{8,}[\"']"
)
"""Keys of well-known services, private keys, web tokens, and passwords written out."""


def test_no_text_holds_a_secret(tracked: list[Path]) -> None:
    found = {}
    for path in tracked:
        content = (ROOT / path).read_bytes()
        if b"\0" not in content and path.name != Path(__file__).name:
            match = SECRETS.search(content.decode("utf-8", errors="replace"))
            found |= {str(path): match[0]} if match else {}
    assert found == {}


def test_a_secret_would_be_seen() -> None:
    made_up = ["-----BEGIN RSA PRIVATE KEY-----", "AKIA" + "A" * 16, "ghp_" + "a" * 36, 'password = "' + "x" * 12 + '"']
    assert [text for text in made_up if not SECRETS.search(text)] == []
    assert not SECRETS.search('token = secrets.token_urlsafe(24)\nurl = f"?token={token}"')
