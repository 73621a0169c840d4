"""The stored notebooks made a person's own: their prose in a language, and the exports that they read."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import ArgumentError

_START = re.compile(r"^fa\.start_notebook\(.*?\)", re.MULTILINE)
_EXPORTS = re.compile(r"^EXPORTS = \S.*?(?=  #|$)", re.MULTILINE)
"""The one line of a notebook that says where the exports are."""
_CALL = re.compile(r"((?:read|open)_exports\(.*EXPORTS.*)\)")
Notebook = dict[str, Any]


def notebooks_folder(given: str | None) -> Path:
    """The folder of notebooks: the one given, ``notebooks`` here, or the ones that came with the package or checkout.

    Raises
    ------
    ArgumentError
        If there are none.
    """
    package = Path(str(files("funnel_analytics")))
    came_with = [package / "resources" / "notebooks", package.parents[1] / "notebooks"]
    places = [Path(given)] if given else [Path("notebooks"), *came_with]
    for place in places:
        if any(place.glob("*.ipynb")):
            return place
    raise ArgumentError(f"There are no notebooks in '{places[0]}'. Give their folder: --notebooks FOLDER.")


@lru_cache
def prose(lang: str) -> Mapping[str, Mapping[str, str]]:
    """The texts of the notebooks in a language: name of a notebook → id of a cell → text; none where it has no file."""
    path = files("funnel_analytics") / "resources" / "prose" / f"{lang}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def own_notebooks(
    source: Path, lang: str, exports: Sequence[str], reading: Mapping[str, Any]
) -> Iterator[tuple[str, Notebook]]:
    """Copies of notebooks, without outputs, in a language and over a person's exports.

    Parameters
    ----------
    source
        Folder of the notebooks.
    lang
        Language code of prose, tables and charts.
    exports
        Paths that take the place of the one which the notebooks name; empty leaves that.
    reading
        Further arguments of `read_exports`.

    Yields
    ------
    tuple of str and dict
        The file's name and its content.
    """
    for path in sorted(source.glob("*.ipynb")):
        notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
        texts = prose(lang).get(path.stem, {})
        for cell in notebook["cells"]:
            text = "".join(cell["source"])
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
                cell["source"] = _adapted(text, lang, exports, reading)
            else:
                cell["source"] = texts.get(cell.get("id", ""), text)
        yield path.name, notebook


def _adapted(code: str, lang: str, exports: Sequence[str], reading: Mapping[str, Any]) -> str:
    code = _START.sub(lambda _: f'fa.start_notebook("{lang}")', code)
    if not exports:
        return code
    # A notebook names one folder; here they may be several, and read in the way that the command says.
    named = repr(exports[0]) if len(exports) == 1 else repr(list(exports))
    code = _EXPORTS.sub(lambda _: f"EXPORTS = {named}", code)
    if len(exports) > 1:
        code = code.replace("[EXPORTS,", "[*EXPORTS,")
    further = "".join(f", {name}={value!r}" for name, value in reading.items())
    return _CALL.sub(lambda call: f"{call[1]}{further})", code)
