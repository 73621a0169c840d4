"""The pages of the app around its notebooks, in the reader's language: the start page, the one that asks for the token,
and what stands while one waits or where there is nothing to show.

They are a template for Voilà, whose own pages speak English and list names of files.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..languages import texts, word

TEMPLATE = "funnel_analytics"
"""What the template is called in Voilà's settings."""
OPENING = "00_open"
"""The notebook with all dashboards of the exports."""


def write_pages(target: Path, notebooks: Path, lang: str) -> None:
    """The template, in a folder that Jupyter looks into.

    Parameters
    ----------
    target
        A folder for `JUPYTER_PATH`.
    notebooks
        The folder that is served.
    lang
        Language code.
    """
    folder = target / "voila" / "templates" / TEMPLATE
    folder.mkdir(parents=True)
    (folder / "conf.json").write_text(json.dumps({"base_template": "lab"}), encoding="utf-8")
    (folder / "tree-lab.html").write_text(start_page(notebooks, lang), encoding="utf-8")
    wait = _filled("app_wait", wait=word("cli.app_wait", lang))
    (folder / "spinner.macro.html.j2").write_text(wait, encoding="utf-8")
    for name, said in (("404", "missing"), ("error", "problem")):
        words = {key: word(f"cli.app_{key}", lang) for key in ("title", "back")}
        page = _filled("app_problem", lang=lang, said=word(f"cli.app_{said}", lang), words=words)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    words = {key: word(f"cli.app_{key}", lang) for key in ("title", "login", "token", "token_refused", "log_in")}
    (folder / "login.html").write_text(_filled("app_login", lang=lang, words=words), encoding="utf-8")


def start_page(notebooks: Path, lang: str) -> str:
    """The page that leads to the dashboards and to each notebook, by its title.

    Parameters
    ----------
    notebooks
        The folder that is served.
    lang
        Language code.
    """
    pages = [(path.stem, _title(path, lang)) for path in sorted(notebooks.glob("*.ipynb")) if path.stem != OPENING]
    words = {name: word(f"cli.app_{name}", lang) for name in ("title", "hint", "open", "pages")}
    # Voilà takes it for a template: what looks like one stays text.
    return _filled("app_start", lang=lang, pages=pages, words=words).replace("{", "&#123;")


def _filled(name: str, **values: Any) -> str:
    # Loading it takes as long as starting: no other command needs it.
    import jinja2

    source = (files("funnel_analytics") / "resources" / f"{name}.html.jinja").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source).render(**values)


def _title(notebook: Path, lang: str) -> str:
    """Its title in words, else its own first heading, else its name."""
    key = f"cli.app_page.{notebook.stem}"
    if key in texts(lang):
        return word(key, lang)
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells if cell["cell_type"] == "markdown" for line in "".join(cell["source"]).splitlines()]
    return next((line.lstrip("# ") for line in lines if line.startswith("#")), notebook.stem)
