"""The benchmarks' pages say what was measured, and a contestant that fails takes nobody with it."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """benchmarks/report.py, whose folder is no package."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    yield importlib.import_module("report")
    for name in {"report", "measuring"} - before:
        sys.modules.pop(name, None)


def found(*rows: dict, others: float | None = 0.1) -> dict:
    machine = {"command": "run.py", "processors": 2, "system": "Linux", "python": "3.11", "versions": {}}
    parts = {row["part"]: {"seconds": 1.0, "others": others, "command": "run.py"} for row in rows}
    return {"machine": machine, "parts": parts, "rows": list(rows)}


def row(contestant: str, cpu: float, **more: object) -> dict:
    return {"part": "stage_log", "benchmark": "stage_log", "contestant": contestant, "size": 1000, "cpu": cpu, **more}


@pytest.mark.parametrize(("name", "make"), [("README", "highlights"), ("PAGE", "document")])
def test_the_numbers_of_readme_and_page_are_those_that_were_measured(
    benchmark: ModuleType, name: str, make: str
) -> None:
    block = getattr(benchmark, make)(benchmark.results(), benchmark.larger())
    text = getattr(benchmark, name).read_text(encoding="utf-8")
    assert text == benchmark.with_block(text, block), "run: python benchmarks/run.py --only"


def test_ratios_are_to_the_package_within_one_size_and_who_was_left_out_is_named(benchmark: ModuleType) -> None:
    measured = found(
        row("codes", 2.0, seconds=2.0), row("pandas", 30.0), row("codes", 1.0, size=10), row("pandas", 3.0, size=10),
        {**row("polars", 0.0), "cpu": None, "left_out": "polars is not installed"},
    )  # fmt: skip
    page = benchmark.document(measured, {"rows": []})
    assert "| pandas | 1,000 | 30.000 |  | 15.0 |  |" in page
    assert "| pandas | 10 | 3.000 |  | 3.0 |  |" in page
    assert "Left out: polars (1,000): polars is not installed." in page
    said = benchmark.highlights(measured, {"rows": []})
    # The largest size alone, and nobody who was not measured.
    assert "- 1,000 stage changes counted by stage, segment, days and outcome in 2.00 s: pandas 15.0 ×." in said
    assert "polars" not in said
    assert "shared" not in said


def test_a_shared_machine_is_said(benchmark: ModuleType) -> None:
    measured = found(row("codes", 2.0), others=1.3)
    assert "shared (others kept 1.3 of 2 processors busy)" in benchmark.document(measured, {"rows": []})
    assert "shared with other work" in benchmark.highlights(measured, {"rows": []})
    # Measured when only the load of the last minute was noted: that of our own part before it.
    before = found(row("codes", 2.0), others=None)
    before["parts"]["stage_log"]["load"] = 9.0
    assert "shared" not in benchmark.document(before, {"rows": []})


def test_the_processors_of_others_are_those_that_were_not_idle(
    benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring = sys.modules["measuring"]
    counted = iter([(1_000, 5_000), (1_050, 5_200)])
    monkeypatch.setattr(measuring, "_ticks", lambda: next(counted))
    monkeypatch.setattr(measuring.os, "cpu_count", lambda: 2)
    # Of 200 ticks of two processors 50 were idle: three quarters of two are in use.
    assert measuring.others(0) == 1.5
    monkeypatch.setattr(measuring, "_ticks", lambda: None)
    assert measuring.others(0) is None


def test_other_ways_of_the_package_are_times_and_no_rivals(benchmark: ModuleType) -> None:
    def redrawn(contestant: str, seconds: float) -> dict:
        return {"part": "redraw", "benchmark": "redraw", "contestant": contestant, "size": 500, "seconds": seconds}

    measured = found(
        redrawn("dashboard, new value", 2.0), redrawn("dashboard, seen before", 0.15), redrawn("usual, new value", 4.0),
        redrawn("usual, seen before", 4.0), redrawn("dashboard, drawn ahead", 0.3), row("codes", 2.0),
    )  # fmt: skip
    assert (
        "- Four charts painted after a changed control, 500 opportunities, in 2.00 s (drawn ahead while the person looked"
        " 0.30 s, seen before 0.15 s): an `Output` with `plt.show` 2.0 ×."
    ) in benchmark.highlights(measured, {"rows": []})
    page = benchmark.document(measured, {"rows": []})
    ways = [line.split(" |")[0] for line in page.splitlines() if line.startswith(("| dashboard", "| usual"))]
    assert [name.split(", ")[0] for name in ways] == ["| dashboard"] * 3 + ["| usual"] * 2
    # In the order in which the page tells of them, whenever each part was measured.
    assert page.index("## Stage log") < page.index("## Redraw")


def test_who_fails_or_answers_otherwise_is_left_out_and_the_others_are_measured(benchmark: ModuleType) -> None:
    def fails() -> int:
        raise ModuleNotFoundError("No module named 'peer'", name="peer")

    contestants = {"ours": lambda: 3, "absent": fails, "wrong": lambda: 4, "right": lambda: 3}
    rows = list(sys.modules["measuring"].contest("sums", 1, contestants, lambda one, other: one == other))
    assert [one.get("left_out") for one in rows] == [
        None, "peer is not installed", "ValueError: it gives another answer", None,
    ]  # fmt: skip
    assert all(one["cpu"] >= 0 for one in (rows[0], rows[3]))
    with pytest.raises(ModuleNotFoundError):
        list(sys.modules["measuring"].contest("sums", 1, {"ours": fails}, lambda one, other: True))
    json.dumps(rows)
