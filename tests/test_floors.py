"""Imports only go down: words and rules, data in, analyses, charts, deliverables, command line."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "funnel_analytics"
FLOORS = [
    {
        "addresses",
        "errors",
        "atomic",
        "periods",
        "hygiene",
        "outcomes",
        "toml_files",
        "methodology",
        "methodology_parts",
        "arguments",
        "languages",
        "messages",
        "words",
        "reasons",
        "tables",
    },
    {
        "codes",
        "stage_log",
        "table_pages",
        "notebook",
        "receipts",
        "book_part",
        "book_facts",
        "book",
        "assembly",
        "exports",
        "rating_sheets",
        "sample",
    },
    {"accounts", "funnel", "forecast", "warehouse"},
    {"charts"},
    {"reviews", "dashboards"},
    {"cli", "__main__"},
]
STEPS = {
    "exports": ["values", "formats", "profiles", "sheets", "rows"],
    "forecast": ["model", "record"],
}
"""Folders inside a room, each of which uses only those before it; modules beside them put these together."""
LINE_LIMIT = 400
FUNCTION_LIMIT = 60
"""Lines without the docstring."""


def modules() -> dict[str, Path]:
    return {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(name: str, path: Path) -> set[str]:
    """Modules of the package that a module imports, anywhere in its text, without ``TYPE_CHECKING`` blocks."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    package = name.split(".")[:-1]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                base = package[: len(package) - (node.level - 1)]
                target = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            elif node.module and node.module.split(".")[0] == "funnel_analytics":
                target = ".".join(node.module.split(".")[1:])
            else:
                continue
            inside = {f"{target}.{alias.name}".strip(".") for alias in node.names}
            found |= {module for module in inside if module in KNOWN} or {target}
    return {module if module in KNOWN else f"{module}.__init__" for module in found if module} & KNOWN - {name}


KNOWN = set(modules())


def floor(name: str) -> int:
    room = name.split(".")[0]
    for number, rooms in enumerate(FLOORS):
        if room in rooms:
            return number
    pytest.fail(f"{name} stands on no floor: add its room to FLOORS and to ARCHITECTURE.md")


def test_every_import_goes_down() -> None:
    upward = [
        f"{name} imports {target}"
        for name, path in modules().items()
        if name != "__init__"
        for target in imports(name, path)
        if target == "__init__" or floor(target) > floor(name)
    ]
    # The package's own door may be used for the version only; it imports nothing by itself.
    assert [line for line in upward if not line.endswith("imports __init__")] == []


def test_every_step_uses_only_the_steps_before_it() -> None:
    for room, steps in STEPS.items():
        places = {f"{room}.{step}": place for place, step in enumerate(steps)}
        backward = [
            f"{name} imports {target}"
            for name, path in modules().items()
            for target in imports(name, path)
            if (here := places.get(name.rpartition(".")[0])) is not None
            and (there := places.get(target.rpartition(".")[0])) is not None
            and there > here
        ]
        assert backward == []
        assert all(any(name.startswith(f"{step}.") for name in KNOWN) for step in places)


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name: imports(name, path) for name, path in modules().items() if name != "__init__"}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as circle:
        pytest.fail(f"circle: {' → '.join(circle.args[1])}")


def test_only_the_live_modules_know_ipywidgets() -> None:
    knowing = [name for name, path in modules().items() if "ipywidgets" in path.read_text(encoding="utf-8")]
    assert set(knowing) == {f"dashboards._live{part}" for part in ("", "_amount", "_form", "_open")}


def test_no_module_reads_the_clock() -> None:
    clocks = ("date.today(", "datetime.now(", "Timestamp.now(", "Timestamp.today(", "time.time(")
    reading = [
        name for name, path in modules().items() if any(clock in path.read_text(encoding="utf-8") for clock in clocks)
    ]
    assert reading == []


def test_every_module_says_its_purpose_and_stays_readable() -> None:
    for path in sorted([*PACKAGE.rglob("*.py"), *Path(__file__).parent.rglob("*.py")]):
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path} does not say what it is for"
        reason = "longer than the limit because" in " ".join(text.split())
        assert len(text.splitlines()) <= LINE_LIMIT or reason, (
            f"{path} has more than {LINE_LIMIT} lines and gives no reason"
        )


def lines_of(function: ast.FunctionDef) -> int:
    """Lines of a function without its docstring."""
    told = function.body[0] if ast.get_docstring(function) else None
    said = 0 if told is None else (told.end_lineno or 0) - told.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - said


def test_every_function_fits_on_a_screen() -> None:
    functions = [
        (path.name, node)
        for path in [*PACKAGE.rglob("*.py"), *Path(__file__).parent.rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    ]
    long = {f"{name}: {node.name}": lines_of(node) for name, node in functions}
    assert {name: lines for name, lines in long.items() if lines > FUNCTION_LIMIT} == {}
