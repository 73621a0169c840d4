"""A whole review of one export: reading, analysing and writing, against merely reading it with pandas.

Run ``python benchmarks/review.py`` (XLSX, 20,000 opportunities) or with ``--rows 5000`` for a quick look. Times are
without imports; the export is the one of ``reading.py``. Review and pandas run three times in turn, each time in a process
of their own; of both the run counts that took the least of the processors, because a machine's own pace changes.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from measuring import Row, peak, shown, timed
from reading import generate

import funnel_analytics as fa
from funnel_analytics.reviews.contents import review_contents
from funnel_analytics.reviews.page import page
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.reviews.workbook import workbook

REPEATS = 3


def steps(path: Path, rows: int) -> Iterator[Row]:
    """Each step of one review, and pandas with openpyxl that merely reads the file."""

    def step(name: str, task: Callable[[], Any]) -> tuple[Row, Any]:
        run, result = timed(task)
        return {"benchmark": "review", "contestant": name, "size": rows, **run}, result

    row, book = step("reading", lambda: fa.read_exports(path))
    yield row
    row, contents = step("analysing", lambda: review_contents(book))
    yield row
    row, said = step("wording", lambda: wording(contents, "en"))
    yield row
    for name, write in (("slides", slides), ("workbook", workbook), ("page", page)):
        row, _ = step(name, partial(write, said))
        yield row | {"peak_gib": peak()}
    yield step("pandas + openpyxl, reading alone", lambda: pd.read_excel(path, engine="openpyxl"))[0]


def measured(rows: int) -> Iterator[Row]:
    """Each step of a review, the whole, and pandas with openpyxl; of each the best run of some."""
    runs: list[tuple[Row, list[Row]]] = []
    peers: list[Row] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "opportunities 2026-03-31.xlsx"
        generate(path, rows)
        for _ in range(REPEATS):
            command = [sys.executable, __file__, "--rows", str(rows), "--one", str(path)]
            output = subprocess.run(command, capture_output=True, text=True, check=True)
            *ours, peer = map(json.loads, output.stdout.splitlines())
            whole = {"benchmark": "review", "contestant": "whole", "size": rows, "peak_gib": ours[-1]["peak_gib"]}
            runs.append((whole | {key: sum(row[key] for row in ours) for key in ("seconds", "cpu")}, ours))
            peers.append(peer)
    whole, ours = min(runs, key=lambda run: float(run[0]["cpu"]))
    for row in ours:
        row.pop("peak_gib", None)
    yield from [*ours, whole, min(peers, key=lambda peer: float(peer["cpu"]))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        for row in steps(options.one, options.rows):
            print(json.dumps(row), flush=True)
        return
    for row in measured(options.rows):
        print(shown(row), flush=True)


if __name__ == "__main__":
    main()
