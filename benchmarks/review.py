"""A whole review of one export: reading, analysing and writing, against merely reading it with pandas.

Run ``python benchmarks/review.py`` (XLSX, 20,000 opportunities) or with ``--rows 5000`` for a quick look. Times are
without imports; the export is the one of ``reading.py``.
"""

import argparse
from collections.abc import Callable, Iterator
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


def measured(rows: int) -> Iterator[Row]:
    """Each step of a review, the whole, and pandas with openpyxl that merely reads the file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "opportunities 2026-03-31.xlsx"
        generate(path, rows)
        whole: Row = {"seconds": 0.0, "cpu": 0.0}

        def step(name: str, task: Callable[[], Any]) -> tuple[Row, Any]:
            run, result = timed(task)
            for key, spent in run.items():
                whole[key] += spent
            return {"benchmark": "review", "contestant": name, "size": rows, **run}, result

        row, book = step("reading", lambda: fa.read_exports(path))
        yield row
        row, contents = step("analysing", lambda: review_contents(book))
        yield row
        row, said = step("wording", lambda: wording(contents, "en"))
        yield row
        for name, write in (("slides", slides), ("workbook", workbook), ("page", page)):
            yield step(name, lambda write=write: write(said))[0]  # type: ignore[misc]
        yield {"benchmark": "review", "contestant": "whole", "size": rows, **whole, "peak_gib": peak()}
        yield step("pandas + openpyxl, reading alone", lambda: pd.read_excel(path, engine="openpyxl"))[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    for row in measured(parser.parse_args().rows):
        print(shown(row), flush=True)


if __name__ == "__main__":
    main()
