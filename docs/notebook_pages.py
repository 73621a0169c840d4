"""Notebooks as pages of the site: texts and code, and what each cell gave when it was run on the sample."""

import base64
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
LIVE = "application/vnd.jupyter.widget-view+json"


def notebook_paths() -> list[Path]:
    """The notebooks in their order."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def executed(path: Path) -> Any:
    """The notebook after all its cells were run, in a copy beside a copy of the sample: no path of this machine shows."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "data", Path(folder) / "data")
        (Path(folder) / "notebooks").mkdir()
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=600, resources={"metadata": {"path": f"{folder}/notebooks"}}).execute()
    return notebook


def pages_of(path: Path, *, run: bool) -> dict[str, str | bytes]:
    """A notebook's page and pictures, by their places in the site."""
    files: dict[str, str | bytes] = {}
    parts = []
    for cell in (executed(path) if run else nbformat.read(path, as_version=4)).cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            data = output.get("data", {})
            if LIVE in data:
                parts.append("*Controls, charts and rows: live in the notebook, and in `funnel-analytics app`.*")
            elif "image/png" in data:
                name = f"{path.stem}_{len(files) + 1}.png"
                files[f"notebooks/{name}"] = base64.b64decode(data["image/png"])
                parts.append(f"![chart]({name})")
            elif "text/html" in data:
                lines = "\n".join(line for line in data["text/html"].splitlines() if line.strip())
                parts.append(f'<div class="output">\n{lines}\n</div>')
            else:
                text = output.get("text") or data.get("text/plain", "")
                parts.append(f"```text\n{text.rstrip()}\n```")
    files[f"notebooks/{path.stem}.md"] = "\n\n".join(parts)
    return files
