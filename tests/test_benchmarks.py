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


def found(*rows: dict, load: float = 0.5) -> dict:  # type: ignore[type-arg]
    machine = {"command": "run.py", "processors": 2, "system": "Linux", "python": "3.11", "load": load, "versions": {}}
    parts = {row["part"]: {"seconds": 1.0, "load": load, "command": "run.py"} for row in rows}
    return {"machine": machine, "parts": parts, "rows": list(rows)}


def row(contestant: str, cpu: float, **more: object) -> dict:  # type: ignore[type-arg]
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
    measured = found(row("codes", 2.0), load=9.0)
    assert "load 9.0" in benchmark.document(measured, {"rows": []})
    assert "shared with other work" in benchmark.highlights(measured, {"rows": []})


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
