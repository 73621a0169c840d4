"""Faults put into the core on purpose, one at a time: which of them do the fast tests find?

    python benchmarks/mutants.py --each 8

A seeded sample of each module's comparisons, operators, numbers and truth values is changed. Each change runs in a
process of its own, forked after the libraries are loaded, against the module's own examples and the tests named beside
it, without the laws: those take minutes. What no count by hand finds is printed: it wants a test, or does not matter and why.
"""

import argparse
import ast
import copy
import doctest
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "funnel_analytics"
TESTS = {
    "funnel": {
        "ageing": "curves", "changes": "changes", "cohorts": "cohorts",
        "conversion": "conversion", "counts": "conversion durations win_rates", "day_counts": "durations survival",
        "durations": "durations", "evidence": "inspection_evidence inspection", "flow": "flow", "groups": "conversion",
        "incidence_curves": "cohorts curves", "inspection": "inspection inspection_evidence",
        "intervals": "conversion trend", "pushes": "pushes", "reach": "conversion trend cohorts",
        "states": "changes flow", "survival": "survival durations", "survival_curves": "curves", "trend": "trend",
        "velocity": "win_rates", "win_rates": "win_rates",
    },
    "accounts": {
        "changes": "changes", "families": "plan accounts", "placing": "grid changes accounts",
        "plan": "plan", "profile": "plan", "segments": "grid accounts", "whitespace": "plan",
    },
    "forecast": {
        "accuracy": "record backtest", "as_known": "as_known", "assumptions": "scenarios", "backtest": "backtest",
        "calls": "calls", "coverage": "coverage", "distribution": "distribution", "evidenced": "scenarios",
        "outlook": "engine outlook", "pacing": "pacing", "period_draws": "engine outlook", "pipeline_lines": "weighted",
        "quotas": "coverage pacing", "scenarios": "scenarios", "weighted": "weighted",
        "record/calibration": "record correction backtest", "record/earlier": "coverage pacing",
        "record/replay": "record backtest", "record/rivals": "record backtest", "record/scores": "record",
        "record/track_record": "record backtest",
        "model/assumed": "scenarios", "model/correction": "correction", "model/draws": "draws",
        "model/engine": "engine outlook", "model/hazards": "hazards", "model/incidence": "incidence",
        "model/landmarks": "landmarks", "model/ledger": "ledger as_known record",
        "model/lookbacks": "ledger engine backtest", "model/naive": "record", "model/new_business": "new_business",
        "model/probability": "probability", "model/steps": "probability", "model/visits": "visits",
    },
}  # fmt: skip
"""The quick tests of each module, by folder; the quickest first."""
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd, ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}  # fmt: skip
SURVIVED, KILLED = "survived", "killed"


def runs(tree: ast.AST) -> Iterator[ast.AST]:
    """What is executed and can change a result: no annotations, decorators, checks of lengths, orders of groups."""
    if isinstance(tree, ast.keyword) and tree.arg in ("strict", "sort"):
        return
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for node in value if isinstance(value, list) else [value]:
            if isinstance(node, ast.AST):
                yield node
                yield from runs(node)


def change(node: ast.AST) -> bool:
    """Make a node mean something else, if it is of a kind that is changed."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops = [SWAPS[type(node.ops[0])](), *node.ops[1:]]  # type: ignore[list-item]
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert | ast.USub):
        node.op = ast.Not() if isinstance(node.op, ast.Invert) else ast.UAdd()
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    else:
        return False
    return True


def places(path: Path) -> list[int]:
    """The nodes of a module that can be changed, as they come."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [place for place, node in enumerate(runs(tree)) if change(copy.copy(node))]


def mutant(path: Path, place: int) -> tuple[str, CodeType]:
    """A module with one node changed: where and what, and the code."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    node = next(node for at, node in enumerate(runs(tree)) if at == place)
    before, line = ast.unparse(node), getattr(node, "lineno", 1)
    change(node)
    said = f"{line}: {text.splitlines()[line - 1].strip()}\n        {before}  →  {ast.unparse(node)}"
    return said, compile(ast.fix_missing_locations(tree), str(path), "exec")


class Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from changed code."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name, self.code = name, code

    def find_spec(self, fullname: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        return importlib.machinery.ModuleSpec(fullname, self) if fullname == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)


class CountsByHand:
    """Only tests that say what they expect."""

    def pytest_collection_modifyitems(self, items: list[object]) -> None:
        items[:] = [item for item in items if not hasattr(getattr(item, "obj", None), "hypothesis")]


def outcome(module: str, code: CodeType | None, seconds: int) -> str:
    """Whether the tests of a module find the change; None changes nothing."""
    folder, _, part = module.removesuffix(".py").partition("/")
    child = os.fork()
    if not child:
        import pytest

        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        name = "funnel_analytics." + module.removesuffix(".py").replace("/", ".")
        if code is not None:
            sys.meta_path.insert(0, Instead(name, code))
        tests = [str(ROOT / "tests" / folder / f"test_{name}.py") for name in TESTS[folder][part].split()]
        # The module's own examples are the quickest counts by hand.
        if doctest.testmod(importlib.import_module(name)).failed:
            os._exit(1)
        # File by file: the later ones, which take longer even to be loaded, are seldom needed.
        asked = (["-x", "-q", "-p", "no:cacheprovider", test] for test in tests)
        os._exit(int(any(pytest.main(options, plugins=[CountsByHand()]) != 0 for options in asked)))
    return SURVIVED if os.waitpid(child, 0)[1] == 0 else KILLED


def main() -> None:
    """Sample, change, test, and say what was not found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--each", type=int, default=8, help="changes of each module")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=90, help="of processor time for one change")
    parser.add_argument("modules", nargs="*", help="as funnel/conversion.py; all when none is named")
    options = parser.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    # Loaded once, for all changes: the libraries, and the floors below the changed modules.
    import pytest  # noqa: F401
    import scipy.stats  # noqa: F401

    import funnel_analytics.sample  # noqa: F401

    for module in options.modules or [f"{folder}/{part}.py" for folder in TESTS for part in TESTS[folder]]:
        if outcome(module, None, options.seconds) == KILLED:
            raise SystemExit(f"{module}: its tests fail without any change.")
        all_of_it = places(PACKAGE / module)
        drawn = random.Random(options.seed).sample(all_of_it, min(options.each, len(all_of_it)))
        sample = [mutant(PACKAGE / module, place) for place in drawn]
        missed = [said for said, code in sample if outcome(module, code, options.seconds) == SURVIVED]
        print(f"{module}: {len(sample)} of {len(all_of_it)} changes, {len(sample) - len(missed)} found", flush=True)
        print("".join(f"    {said}\n" for said in missed), end="", flush=True)


if __name__ == "__main__":
    main()
