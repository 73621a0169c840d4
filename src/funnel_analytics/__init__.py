"""Large-account sales-funnel analytics on CRM exports: files in, a `Book`; a book in, tables out.

>>> import funnel_analytics as fa
>>> book = fa.load_sample()
>>> fa.stage_conversion(book)["stage"].tolist()[:2]
['Discover', 'Qualify']

Everything loads on first use, so that importing the package is quick and pulls in no drawing library. The names stand
in ``__init__.pyi``. This is the door: functions called by these names check the kinds of their arguments.
"""

import ast
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

__version__ = "0.1.0"

_HOME = {
    alias.name: node.module
    for node in ast.parse(Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8")).body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
"""The module of each public name; None for a public module."""

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"funnel_analytics has no '{name}'. It offers: {', '.join(__all__)}.")
    if (home := _HOME[name]) is None:
        return import_module(f".{name}", __name__)
    found = getattr(import_module(f".{home}", __name__), name)
    if isinstance(found, FunctionType):
        found = import_module(".arguments", __name__).checked(found)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
