"""A whole review of one export: shares of reading, analysing and writing, against merely reading it with pandas.

Run ``python benchmarks/review.py`` (XLSX, 20,000 opportunities) or with ``--rows 5000`` for a quick look. Times are of
the processor, without imports; the export is the one of ``reading.py``.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from reading import generate

import funnel_analytics as fa
from funnel_analytics.reviews.contents import review_contents
from funnel_analytics.reviews.page import page
from funnel_analytics.reviews.shown import wording
from funnel_analytics.reviews.slides import slides
from funnel_analytics.reviews.workbook import workbook


def timed(task: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, and the result."""
    begin = time.process_time()
    result = task()
    return time.process_time() - begin, result


def main() -> None:
    """Print one line a step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    rows = parser.parse_args().rows
    with TemporaryDirectory() as folder:
        path = Path(folder) / "opportunities 2026-03-31.xlsx"
        generate(path, rows)
        seconds: dict[str, float] = {}
        seconds["reading"], book = timed(lambda: fa.read_exports(path))
        seconds["analysing"], contents = timed(lambda: review_contents(book))
        seconds["wording"], said = timed(lambda: wording(contents, "en"))
        for name, write in (("slides", slides), ("workbook", workbook), ("page", page)):
            seconds[name], _ = timed(lambda write=write: write(said))
        whole = sum(seconds.values())
        for name, spent in seconds.items():
            print(f"{name:<10} {spent:7.2f} s  {spent / whole:5.0%}")
        peer, frame = timed(lambda: pd.read_excel(path, engine="openpyxl"))
        print(f"{'whole':<10} {whole:7.2f} s  {len(contents.pages)} pages, {len(contents.left_out)} left out")
        print(f"pandas with openpyxl merely reads {len(frame)} rows in {peer:.2f} s: {whole / peer:.2f} times that")


if __name__ == "__main__":
    main()
