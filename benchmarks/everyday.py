"""What is felt every day: starting, and a filter with its conversion beside the drawing of its chart.

python benchmarks/everyday.py
"""

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from measuring import Row, peak, shown, timed

import funnel_analytics as fa
import warehouse

STARTS = {
    "import pandas": ["-c", "import pandas"],
    "import funnel_analytics": ["-c", "import funnel_analytics; funnel_analytics.Book"],
    "python": ["-c", "pass"],
    "funnel-analytics --help": ["-m", "funnel_analytics", "--help"],
}


def start_up(times: int) -> Iterator[Row]:
    """Processes of their own, one of each in turn: the best of so many."""
    taken: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(times):
        for name, arguments in STARTS.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            taken[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    for name, spent in taken.items():
        yield {"benchmark": "start_up", "contestant": name, "size": 1, "cpu": min(spent)}


def redrawn(opportunities: int) -> Iterator[Row]:
    """A book with ten changes an opportunity: its stage log, a filter with its conversion, the chart, the outlook."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse.write(Path(folder), opportunities)
        book = warehouse.book_of(Path(folder))
    first, region = book.choices("region")[:2]

    def conversion(region: str) -> pd.DataFrame:
        return fa.stage_conversion(book.where(region=region))

    def drawn(table: pd.DataFrame) -> None:
        fa.charts.stage_conversion(table).figure.canvas.draw()

    run, _ = timed(lambda: book.stage_log)
    row = {"benchmark": "filter", "size": opportunities}
    yield {**row, "contestant": "stage log", **run, "peak_gib": peak()}
    # What is loaded on first use is loaded with another part.
    drawn(conversion(first))
    run, table = timed(lambda: conversion(region))
    yield {**row, "contestant": "filter + stage_conversion", **run, "peak_gib": peak()}
    run, _ = timed(lambda: drawn(table))
    yield {**row, "contestant": "drawing its chart", **run, "peak_gib": peak()}
    run, _ = timed(lambda: fa.outlook(book))
    yield {**row, "contestant": "outlook", **run, "peak_gib": peak()}


def main() -> None:
    for rows in (start_up(5), redrawn(50_000)):
        for row in rows:
            print(shown(row), flush=True)


if __name__ == "__main__":
    main()
