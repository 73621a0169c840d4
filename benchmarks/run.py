"""Every benchmark with one command: into results/results.json, docs/benchmarks.md, its chart and the README.

    python benchmarks/run.py                                      # up to 10 million changes
    python benchmarks/run.py --largest 100000 --rows 2000         # a quick look
    python benchmarks/run.py --only stage_log draws               # others stay as they were measured before
    python benchmarks/run.py --only                               # writes the pages again from what was measured

With ten million changes and two quiet processors that is some eight minutes: the stage log and the engine take two each,
reading and redrawing one each. Each part runs in a process of its own, so that its memory is its own and a failure is only its own; what is measured is
written at once. Each first checks that all contestants give the same answer. Who is not installed (`peers.txt`), fails,
answers otherwise or takes too long is named and left out. Forecasts are measured by `forecast.py`, what is larger than
memory by `warehouse.py`.
"""

import argparse
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import report
from measuring import Row, machine, others, said, shown

SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
LONGEST = 900
"""Seconds after which a part is stopped."""


def measured(part: str, size: int) -> Iterator[Row]:
    """The rows of one part; what it needs is imported here, in its own process."""
    module, function, arguments = {
        "start_up": ("everyday", "start_up", (5,)),
        "filter": ("everyday", "redrawn", (size,)),
        "stage_log": ("stage_log", "measured", (size,)),
        "draws": ("draws", "measured", (size,)),
        "engine": ("warehouse", "measured", (size,)),
        "reading_xlsx": ("reading", "measured", ("xlsx", size)),
        "reading_csv": ("reading", "measured", ("csv", size)),
        "review": ("review", "measured", (size,)),
        "redraw": ("redraw", "measured", (size, 8)),
    }[part]
    yield from getattr(importlib.import_module(module), function)(*arguments)


def parts(largest: int, rows: int) -> dict[str, list[int]]:
    """Every part with its sizes."""
    sizes = [size for size in SIZES if size <= largest]
    return {
        "start_up": [1],
        "filter": [rows],
        "stage_log": sizes,
        "draws": [size for size in (1_000, 10_000, 100_000) if size <= largest],
        "engine": sizes,
        "reading_xlsx": [rows],
        "reading_csv": [10 * rows],
        "review": [rows * 2 // 5],
        "redraw": [rows // 10],
    }


def run_part(part: str, size: int) -> list[Row]:
    """The rows of one part from a process of its own; as far as it got, and why not farther."""
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "rows.jsonl"
        into.touch()
        command = [sys.executable, __file__, "--part", part, "--size", str(size), "--into", str(into)]
        trouble = ""
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, start_new_session=True, **pipes) as process:  # type: ignore[call-overload]
            try:
                _, errors = process.communicate(timeout=LONGEST)
                if process.returncode:
                    trouble = (errors.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
            except subprocess.TimeoutExpired:
                # With what it started itself: readers, a notebook server, a browser.
                os.killpg(process.pid, signal.SIGKILL)
                trouble = f"it was stopped after {LONGEST} s"
        rows = [json.loads(line) for line in into.read_text(encoding="utf-8").splitlines()]
    if trouble:
        rows.append({"benchmark": part, "contestant": "the rest", "size": size, "left_out": trouble})
    return rows


def write_rows(part: str, size: int, into: Path) -> None:
    """One part, in this process: each row as it comes."""
    with into.open("a", encoding="utf-8") as file:
        for row in measured(part, size):
            file.write(json.dumps(row) + "\n")
            file.flush()


def run(chosen: dict[str, list[int]]) -> None:
    """Parts one after the other; the results are written after each."""
    known = report.results()
    rows = [row for row in known["rows"] if row.get("part") not in chosen]
    taken = {part: taken for part, taken in known["parts"].items() if part not in chosen}
    for part, sizes in chosen.items():
        busy, before = others(), time.perf_counter()
        for size in sizes:
            for row in run_part(part, size):
                rows.append({"part": part, **row})
                print(shown(row), flush=True)
        here = machine()
        taken[part] = {"seconds": round(time.perf_counter() - before, 1), "others": busy, "command": here["command"]}
        report.RESULTS.write_text(
            json.dumps({"machine": here, "parts": taken, "rows": rows}, indent=1) + "\n", encoding="utf-8"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the most stage changes")
    parser.add_argument("--rows", type=int, default=50_000, help="rows of the workbook; the others follow from it")
    parser.add_argument("--only", nargs="*", choices=list(parts(1, 1)), help="these parts; without a name none")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        try:
            write_rows(asked.part, asked.size, asked.into)
        except Exception as problem:
            sys.exit(said(problem))
        return
    every = parts(asked.largest, asked.rows)
    run(every if asked.only is None else {name: every[name] for name in asked.only})
    report.write()


if __name__ == "__main__":
    main()
