"""How contestants are measured: the answers are compared first; who fails, or answers otherwise, is named and left out."""

import importlib.metadata
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

NAMES = ("pandas", "numpy", "polars", "duckdb", "ibis-framework", "lifelines", "pm4py", "retentioneering")
Row = dict[str, Any]
"""benchmark, contestant, size; seconds that passed, cpu (seconds of processors), peak_gib; or left_out: why."""


def timed(function: Callable[[], Any]) -> tuple[Row, Any]:
    """What one run took, and its answer."""
    start, busy = time.perf_counter(), time.process_time()
    answer = function()
    return {"seconds": time.perf_counter() - start, "cpu": time.process_time() - busy}, answer


def peak() -> float:
    """The most memory that this process held so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform != "darwin" else 2**30)


def machine() -> Row:
    """Where it was measured, and with which versions."""
    versions = {}
    for name in NAMES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "command": " ".join(["python", *sys.argv]),
        "versions": versions,
    }


def others(seconds: float = 1.0) -> float | None:
    """How many processors others keep busy while this process waits; None where the system does not tell.

    Asked before a part starts: the load of the last minute would be that of our own part before it.
    """
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    if before is None or after is None:
        return None
    idle, passed = (new - old for new, old in zip(after, before, strict=True))
    return round((os.cpu_count() or 1) * max(1 - idle / passed, 0.0), 1) if passed > 0 else 0.0


def _ticks() -> tuple[int, int] | None:
    """What Linux counted of idle time, and of all time, of all processors together."""
    try:
        counted = [int(text) for text in Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]]
    except OSError:
        return None
    # user, nice, system, idle, waiting for a disk, interrupts (two), stolen by other machines.
    return counted[3] + counted[4], sum(counted)


def contest(
    benchmark: str,
    size: int,
    contestants: Mapping[str, Callable[[], Any]],
    same: Callable[[Any, Any], bool],
    repeats: int = 3,
) -> Iterator[Row]:
    """Measure contestants, the package first: the best of some runs of each, by CPU time.

    Parameters
    ----------
    benchmark
        What is measured.
    size
        How much of it.
    contestants
        By name; the first one's answer is what the others must give.
    same
        Whether another answer is the first one's.
    repeats
        How often each runs.
    """
    expected: Any = None
    for place, (name, contestant) in enumerate(contestants.items()):
        row: Row = {"benchmark": benchmark, "contestant": name, "size": size}
        try:
            runs = [timed(contestant)]
            if place == 0:
                expected, row["peak_gib"] = runs[0][1], peak()
            elif not same(runs[0][1], expected):
                raise ValueError("it gives another answer")
            runs += [timed(contestant) for _ in range(repeats - 1)]
            row |= min((run for run, _ in runs), key=lambda run: float(run["cpu"]))
        except Exception as problem:
            if place == 0:
                raise
            row["left_out"] = said(problem)
        yield row


def said(problem: Exception) -> str:
    """Why a contestant is left out."""
    if isinstance(problem, ModuleNotFoundError):
        return f"{problem.name} is not installed"
    return f"{type(problem).__name__}: {problem}".splitlines()[0][:200]


def shown(row: Row) -> str:
    """A row as a line."""
    name = f"{row['benchmark']:<12} {row['contestant']:<34} {row['size']:>11,}"
    if "left_out" in row:
        return f"{name} left out: {row['left_out']}"
    taken = {"cpu": "s of processors", "seconds": "s", "peak_gib": "GiB"}
    return name + "".join(f"{row[key]:10.3f} {unit}" for key, unit in taken.items() if key in row)
