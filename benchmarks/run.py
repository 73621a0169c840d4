"""Every benchmark with one command: what was measured as JSON, as tables and a chart in docs/benchmarks.md.

    python benchmarks/run.py                     # about an hour on two cores that do nothing else
    python benchmarks/run.py --largest 1000000   # a quick look
    python benchmarks/run.py --only document     # writes the page from what was measured before

Each benchmark first checks that all contestants give the same answer. Ratios are of times of processors within one run:
they hold on a busy machine as well. Peers that are not installed are left out (`peers.txt`). The readers are measured by
`reading.py`, forecasts by `forecast.py`, what a dashboard redraws by `redraw.py`.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import stage_log

import funnel_analytics as fa
import warehouse

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "results.json"
PAGE = HERE.parent / "docs" / "benchmarks.md"
PICTURE = HERE.parent / "docs" / "benchmarks.svg"
SIZES = [10_000, 100_000, 1_000_000, 10_000_000]
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
Row = dict[str, Any]


def machine() -> Row:
    """Where it was measured, and with which versions."""
    names = ("pandas", "numpy", "polars", "duckdb", "ibis-framework", "lifelines", "pm4py")
    versions = {}
    for name in names:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    # Load above the number of processors: others used the machine as well.
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load": load,
        "command": " ".join(["python", "benchmarks/run.py", *sys.argv[1:]]),
        "versions": versions,
    }


def timed(function: Callable[..., object], *arguments: object, repeats: int = 1) -> Row:
    """The best of some runs."""
    found = []
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        function(*arguments)
        found.append({"seconds": time.perf_counter() - start, "cpu": time.process_time() - busy})
    return min(found, key=lambda row: row["cpu"])


def reduction(sizes: list[int]) -> list[Row]:
    """The stage log reduced to counts, from 10 thousand changes on."""
    rows: list[Row] = []
    for size in sizes:
        changes = stage_log.invented(size)
        expected = stage_log.in_order(stage_log.by_codes(changes))
        for name, contestant in stage_log.contestants().items():
            assert np.array_equal(stage_log.in_order(contestant(changes)), expected), f"{name} gives another answer"
            rows.append(
                {"benchmark": "stage_log", "contestant": name, "size": size, **timed(contestant, changes, repeats=3)}
            )
            print(rows[-1], flush=True)
    return rows


def incidence(sizes: list[int]) -> list[Row]:
    """Aalen–Johansen of every stage from the counts, against lifelines from the single visits."""
    rows: list[Row] = []
    for size in [size for size in sizes if size <= 1_000_000]:
        counts = stage_log.by_codes(stage_log.invented(size))
        ours, theirs = stage_log.incidences(counts), stage_log.by_lifelines(counts)
        assert max(abs(value - theirs[stage]) for stage, value in ours.items()) < 5e-3
        for name, contestant in (("counts", stage_log.incidences), ("lifelines", stage_log.by_lifelines)):
            rows.append({"benchmark": "incidence", "contestant": name, "size": size, **timed(contestant, counts)})
            print(rows[-1], flush=True)
    return rows


def engine(sizes: list[int]) -> list[Row]:
    """The analyses through the embedded engine, over Parquet; first held against a book of the same files."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse.check(Path(folder), 2_000)
        found = [
            row for size in sizes for row in warehouse.large(Path(folder), max(size // warehouse.CHANGES, 1), "6GB")
        ]
    return [
        {
            "benchmark": "engine", "contestant": row["step"], "size": row["changes"], "seconds": row["seconds"],
            "cpu": row["cpu_seconds"], "peak_gib": row["peak_gib"],
        }
        for row in found
    ]  # fmt: skip


def book() -> list[Row]:
    """The sample read, analysed and reviewed; the most memory is that of the whole run by then."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        made = fa.load_sample()
        steps: dict[str, Callable[[], object]] = {
            "read": lambda: fa.read_exports(HERE.parent / "data" / "sample"),
            "stage_conversion": lambda: fa.stage_conversion(made),
            "outlook": lambda: fa.outlook(made, period="2026Q4"),
            "review (pptx, xlsx, html)": lambda: [
                fa.write_review(made, Path(folder) / f"review.{suffix}") for suffix in ("pptx", "xlsx", "html")
            ],
        }
        for name, step in steps.items():
            rows.append({"benchmark": "book", "contestant": name, "size": made.size, **timed(step)})
            rows[-1]["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(rows[-1], flush=True)
    return rows


def start_up() -> list[Row]:
    """What starting costs, in processes of their own: the package, pandas, and the command's help."""
    codes = {
        "import pandas": ["-c", "import pandas"],
        "import funnel_analytics": ["-c", "import funnel_analytics; funnel_analytics.Book"],
        "funnel-analytics --help": ["-m", "funnel_analytics", "--help"],
    }
    rows: list[Row] = []
    for name, code in codes.items():
        taken = []
        for _ in range(5):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *code], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        rows.append({"benchmark": "start_up", "contestant": name, "size": 1, "seconds": None, "cpu": min(taken)})
        print(rows[-1], flush=True)
    return rows


MEASURED: dict[str, Callable[..., list[Row]]] = {
    "stage_log": reduction,
    "incidence": incidence,
    "engine": engine,
    "book": book,
    "start_up": start_up,
}


def document(found: Row) -> None:
    """The measured part of the page, and its chart."""
    frame, where = pd.DataFrame(found["rows"]), found["machine"]
    firsts = {"stage_log": "codes", "incidence": "counts", "start_up": "import pandas"}
    texts = [
        f"`{where['command']}`, on {where['processors']} processors ({where['system']}, Python {where['python']}), load"
        f" {where['load']:.1f}; {', '.join(f'{name} {version}' for name, version in where['versions'].items())}."
    ]
    for benchmark, rows in frame.groupby("benchmark", sort=False):
        base = rows[rows["contestant"] == firsts.get(str(benchmark))].set_index("size")["cpu"]
        lines = ["| | size | CPU s | s | ratio | peak GiB |", "|---|---|---|---|---|---|"]
        for row in rows.itertuples():
            ratio = f"{row.cpu / base[row.size]:.1f}" if row.size in base.index and base[row.size] else ""
            seconds, peak = ("" if pd.isna(value) else f"{value:.2f}" for value in (row.seconds, row.peak_gib))
            lines.append(f"| {row.contestant} | {row.size:,} | {row.cpu:.3f} | {seconds} | {ratio} | {peak} |")
        said = (MEASURED[str(benchmark)].__doc__ or "").strip()
        texts.append(f"## {str(benchmark).replace('_', ' ').capitalize()}\n\n{said}\n\n" + "\n".join(lines))
    if (where["load"] or 0) > where["processors"]:
        texts[0] += " The machine was shared with other work: seconds that passed say little."
    texts.append("![Growth of cost](benchmarks.svg)")
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n\n".join(texts) + f"\n\n{END}{after}", encoding="utf-8")
    _draw(frame)


def _draw(frame: pd.DataFrame) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    panels = (("stage_log", "Stage log → counts"), ("engine", "Embedded engine, over Parquet"))
    for axes, (benchmark, title) in zip(figure.subplots(1, 2), panels, strict=True):
        for name, rows in frame[frame["benchmark"] == benchmark].groupby("contestant", sort=False):
            axes.plot(rows["size"], rows["cpu"], marker="o", label=str(name))
        axes.set(xscale="log", yscale="log", title=title, xlabel="stage changes", ylabel="seconds of processors")
        axes.legend(frameon=False, fontsize="small")
    figure.savefig(PICTURE, metadata={"Date": None})


PARTS: dict[str, Callable[[list[int]], list[Row]]] = {
    "reduction": reduction,
    "incidence": incidence,
    "engine": engine,
    "book": lambda sizes: book(),
    "start_up": lambda sizes: start_up(),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="the most stage changes")
    parser.add_argument("--only", nargs="*", choices=[*PARTS, "document"], default=list(PARTS))
    asked = parser.parse_args()
    chosen = [name for name in asked.only if name in PARTS]
    if chosen:
        sizes = [size for size in SIZES if size <= asked.largest]
        rows = [row for name in chosen for row in PARTS[name](sizes)]
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1) + "\n", encoding="utf-8")
    document(json.loads(RESULTS.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
