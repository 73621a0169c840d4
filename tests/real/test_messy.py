"""Public collections of odd files, and resource bombs: a table or one plain sentence, within memory, without outcries."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource", reason="limits of memory are set with the resource module, which Windows lacks")
SHARED = Path(__file__).parents[2].parent / "shared"
MESSY, BOMBS = SHARED / "data" / "messy", SHARED / "corpus" / "dev" / "gen_bombs.py"
READER = Path(__file__).parents[1] / "exports" / "read_all.py"


def endings(paths: list[Path]) -> list[dict[str, str]]:
    command = [sys.executable, str(READER), "files", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2000:]
    assert "panicked" not in done.stderr
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.skipif(not MESSY.exists(), reason="the folder ../shared with odd files is not present")
def test_every_odd_file_is_read_or_refused() -> None:
    paths = sorted(path for path in MESSY.rglob("*") if path.is_file())
    lines = endings(paths)
    assert [line["name"] for line in lines] == [str(path) for path in paths]
    assert {line["ended"].split(":")[0] for line in lines} <= {"read", "refused"}
    assert max(int(line["megabytes"]) for line in lines) < 1024


@pytest.mark.skipif(not BOMBS.exists(), reason="the folder ../shared with odd files is not present")
def test_no_bomb_floods_the_memory(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(BOMBS), str(tmp_path)], check=True, capture_output=True)
    lines = {path.name: endings([path])[0] for path in sorted(tmp_path.iterdir())}
    assert len(lines) == 7
    assert max(int(line["megabytes"]) for line in lines.values()) < 1024
    for name, said in (
        ("deflate", "unpacks to"),
        ("laughs", "DTD"),
        ("far_corner", "Amount — for opportunities it lacks a stage"),  # the lone cell is left out
        ("16k", "Amount — for opportunities it lacks a stage"),
        ("single_line", "line"),
    ):
        assert said in next(line["ended"] for key, line in lines.items() if name in key)
