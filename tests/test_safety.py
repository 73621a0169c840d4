"""The threat notes in docs/security.md, as far as the source can show them: no code from data, no shell, no network.

That the main job asks no network while it runs, `test_wheel` shows.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
RUNS_CODE = {"eval", "exec", "compile", "__import__"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "yaml", "dill", "joblib"}
NETWORK_MODULES = {"socket", "urllib", "http", "ftplib", "smtplib", "requests", "httpx", "aiohttp", "websockets"}
RUNS_TEXT = {"query", "read_pickle", "to_pickle", "system", "popen"}
"""Methods that take text as a command or as code, of frames and of the operating system."""


def imported(tree: ast.AST) -> set[str]:
    """The modules that a source imports, by their first name."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names


def unsafe_calls(tree: ast.AST) -> list[str]:
    """Calls that take text for code or give it to a shell."""
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func
        if isinstance(name, ast.Name) and name.id in RUNS_CODE:
            found.append(name.id)
        if isinstance(name, ast.Attribute) and name.attr in RUNS_TEXT:
            found.append(name.attr)
        if isinstance(name, ast.Attribute) and name.attr == "eval" and not isinstance(name.value, ast.Call):
            found.append(name.attr)
        found += ["shell" for given in call.keywords if given.arg == "shell"]
    return found


def test_an_unsafe_line_would_be_seen() -> None:
    lines = [
        "eval(text)",
        "frame.query(text)",
        "frame.eval(text)",
        "subprocess.run(text, shell=True)",
        "os.system(text)",
    ]
    assert [line for line in lines if not unsafe_calls(ast.parse(line))] == []
    assert imported(ast.parse("import urllib.request\nfrom pickle import load")) == {"urllib", "pickle"}


def test_nothing_in_the_package_runs_text_as_code_or_unpacks_objects() -> None:
    found = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found[path.name] = unsafe_calls(tree) + sorted(imported(tree) & UNSAFE_MODULES)
    assert {name: what for name, what in found.items() if what} == {}


def test_only_the_app_knows_the_network_and_only_this_machine() -> None:
    knowing = {path.name: imported(ast.parse(path.read_text(encoding="utf-8"))) & NETWORK_MODULES for path in SOURCES}
    # An address is taken apart, not asked: urllib.parse knows no network.
    assert {name: what for name, what in knowing.items() if what} == {"app.py": {"socket"}, "addresses.py": {"urllib"}}
    parsing = next(path for path in SOURCES if path.name == "addresses.py").read_text(encoding="utf-8")
    assert re.findall(r"urllib\S*", parsing) == ["urllib.parse"]
    app = next(path for path in SOURCES if path.name == "app.py").read_text(encoding="utf-8")
    addresses = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", app))
    assert addresses == {"127.0.0.1"}
