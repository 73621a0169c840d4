"""Refuses to commit notebooks that hold outputs, and exports that are neither invented samples nor tests.

Run by the hook ``pre-commit`` beside it on what is staged (``make hooks`` installs it), and by the tests on everything.
"""

import json
import subprocess
import sys
from pathlib import PurePosixPath

EXPORTS = (".csv", ".tsv", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
ALLOWED = ("data/sample/", "tests/")


def notebook_problems(text: str) -> list[str]:
    """What a notebook holds that must not be stored: results of cells, their numbers, states of widgets."""
    notebook = json.loads(text)
    found = []
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell.get("outputs"):
            found.append(f"cell {number} holds outputs")
        if cell.get("execution_count") is not None:
            found.append(f"cell {number} holds the number of its run")
    return [*found, *(["the states of its widgets are stored"] if "widgets" in notebook["metadata"] else [])]


def problems(path: str, text: str) -> list[str]:
    """Why a file must not be committed; none where it may."""
    if path.endswith(".ipynb"):
        return [
            f"{path}: {found}. In JupyterLab: Edit ▸ Clear Outputs of All Cells." for found in notebook_problems(text)
        ]
    if PurePosixPath(path).suffix.lower() in EXPORTS and not path.startswith(ALLOWED):
        return [f"{path} looks like an export. Customers' data is not committed; invented data goes into data/sample."]
    return []


def _git(*arguments: str) -> bytes:
    # The git that runs this hook, with arguments of our own.
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout  # noqa: S603, S607


def main() -> int:
    """Check what is staged; 1 where something must not be committed."""
    names = _git("diff", "--cached", "--name-only", "--diff-filter=d", "-z").decode("utf-8").split("\0")
    found = [
        problem
        for name in filter(None, names)
        for problem in problems(name, _git("show", f":{name}").decode("utf-8") if name.endswith(".ipynb") else "")
    ]
    sys.stderr.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
