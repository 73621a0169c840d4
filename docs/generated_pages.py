"""The pages of the site that are made from the package, so that nothing is written twice.

A hook of mkdocs: a page per analysis, the data dictionary, the glossary, the API reference, the notebooks, and the
project's own documents (architecture, changelog …), each from where it stands.
"""

import inspect
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from notebook_pages import notebook_paths, pages_of

import funnel_analytics as fa
from funnel_analytics import tables
from funnel_analytics.languages import LANGUAGES, texts, word
from funnel_analytics.methodology import load_methodology

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    "architecture.md": "ARCHITECTURE.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "benchmarks_run.md": "benchmarks/README.md",
    "sample.md": "data/sample/README.md",
}
"""Page of the site → document of the project."""
ROOMS = {"accounts": "Accounts", "funnel": "Funnel", "forecast": "Forecast"}
ANALYSES = [name for name in fa.__all__ if name in tables.TABLES]
ASKED = {
    "account_profile": lambda book: fa.account_profile(book, str(book.accounts["account_id"].iloc[0])),
    "scenario_outlook": lambda book: fa.scenario_outlook(
        book, {"The largest is lost": fa.assume(book, lost=list(fa.outlook_drivers(book)["opportunity_id"].head(1)))}
    ),
}
"""How an analysis is asked that needs more than a book."""


def room_of(name: str) -> str:
    """The part of the package that an analysis belongs to."""
    return str(getattr(fa, name).__module__).split(".")[1]


def sections(text: str) -> Iterator[tuple[str, str]]:
    """(heading, body) of a numpydoc docstring; the text above the first heading has none."""
    parts = re.split(r"^([A-Z][\w ]+)\n-+\n", text, flags=re.MULTILINE)
    yield "", parts[0].strip()
    yield from zip(parts[1::2], (part.strip("\n") for part in parts[2::2]), strict=True)


def as_markdown(text: str) -> str:
    """ReStructuredText's double backticks as Markdown's single ones."""
    return re.sub(r"``(.+?)``", r"`\1`", text)


def listed(body: str) -> str:
    """Parameters, returned values or errors: each name with what is said of it."""
    items = re.split(r"^(?=\S)", body, flags=re.MULTILINE)
    lines = []
    for item in filter(str.strip, items):
        name, _, said = item.partition("\n")
        lines.append(f"- **`{name.strip()}`** {as_markdown(' '.join(said.split()))}".rstrip())
    return "\n".join(lines)


def documented(function: Any, *, level: int, without: tuple[str, ...] = ()) -> str:
    """Signature and docstring of a function or class as Markdown, without some of its sections."""
    marks, doc = "#" * level, inspect.getdoc(function) or ""
    parts = []
    if inspect.isfunction(function):
        parts.append(f"```python\n{function.__name__}{inspect.signature(function)}\n```")
    for heading, body in sections(doc):
        if heading in without:
            continue
        if heading == "Examples":
            body = f"```pycon\n{body}\n```"
        elif heading in ("Parameters", "Returns", "Raises", "See Also"):
            body = listed(body)
        else:
            body = as_markdown(body)
        parts.append(f"{marks} {heading}\n\n{body}" if heading else body)
    if inspect.isclass(function):
        parts.append(members(function))
    return "\n\n".join(parts)


def members(kind: type) -> str:
    """What a class offers, each with the first sentence about it."""
    lines = []
    for name, member in vars(kind).items():
        doc = inspect.getdoc(member)
        if not name.startswith("_") and doc and (callable(member) or isinstance(member, property)):
            lines.append(f"- **`{name}`** {as_markdown(' '.join(doc.split(chr(10) * 2)[0].split()))}")
    return "\n".join(lines)


def columns_table(table: tables.Table) -> str:
    """The columns of a table with their headings in every language."""
    lines = [f"| column | kind | {' | '.join(LANGUAGES)} | meaning |", "|---" * (3 + len(LANGUAGES)) + "|"]
    for column in table.columns:
        names = " | ".join(word(f"tables.{column.name}", lang) for lang in LANGUAGES)
        meaning = column.meaning.replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.kind} | {names} | {meaning} |")
    return "\n".join(lines)


def analysis_page(name: str, *, drawn: bool) -> str:
    """What an analysis answers, how it is defined, how it is misread, what it returns, how it looks."""
    function, table = getattr(fa, name), tables.TABLES[name]
    names = " · ".join(word(f"tables.{name}", lang) for lang in LANGUAGES)
    own = dict(sections(inspect.getdoc(function) or ""))
    parts = [f"# {word(f'tables.{name}')}", f"*{names}*", as_markdown(own.pop(""))]
    if drawn:
        parts.append(f"![{word(f'tables.{name}')}]({name}.svg)")
    rule = texts("en").get(f"charts.{name}.rule")
    if rule:
        parts.append(f"*In small print below the chart:* {rule}")
    if "Notes" in own:
        parts.append(f"## Definition and pitfalls\n\n{as_markdown(own['Notes'])}")
    parts.append(f"## Rows and columns\n\nOne row is {table.grain}.\n\n{columns_table(table)}")
    parts.append(f"## How it is asked\n\n{documented(function, level=3, without=('', 'Notes'))}")
    source = Path(inspect.getfile(function)).relative_to(ROOT / "src").as_posix()
    parts.append(f"## Source\n\n`{source}`" + (f", drawn by `charts/{name}.py`" if name in fa.charts.__all__ else ""))
    return "\n\n".join(parts)


def analyses_index() -> str:
    """All analyses with the first sentence of what they answer."""
    parts = ["# Analyses", "Each is a function of a book and returns a table; most have a chart of the same name."]
    for room, title in ROOMS.items():
        parts.append(f"## {title}")
        for name in (name for name in ANALYSES if room_of(name) == room):
            summary = as_markdown(" ".join((inspect.getdoc(getattr(fa, name)) or "").split("\n\n")[0].split()))
            parts.append(f"- [{word(f'tables.{name}')}]({name}.md): {summary}")
    return "\n\n".join(parts)


def data_dictionary() -> str:
    """Every declared table: what a row is, and its columns."""
    kinds = (f"`{kind}` ({dtype})" for kind, dtype in tables.DTYPES.items())
    parts = [
        "# Data dictionary",
        "Rates are fractions, durations are days, money is in the book's one currency, dates are midnight timestamps.",
        f"Kinds and how they are stored: {', '.join(kinds)}.",
    ]
    for name, table in tables.TABLES.items():
        heading = texts("en").get(f"tables.{name}", name)
        parts.append(f"## {heading} {{#{name}}}\n\n`{name}`: one row is {table.grain}.\n\n{columns_table(table)}")
    return "\n\n".join(parts)


def glossary() -> str:
    """The words of tables, values and the method in every language, in the order of the alphabet."""
    meanings = {column.name: column.meaning for table in tables.TABLES.values() for column in table.columns}
    parts = ["# Glossary", "Every word that a table or a chart shows."]
    for room, title in (("tables", "Headings"), ("values", "Values")):
        keys = [key for key in texts("en") if key.startswith(f"{room}.")]
        rows = [[word(key, lang) for lang in LANGUAGES] + [f"`{key.partition('.')[2]}`"] for key in keys]
        for row, key in zip(rows, keys, strict=True):
            row.append(meanings.get(key.partition(".")[2], "") if room == "tables" else "")
        parts.append(f"## {title}\n\n{glossary_table(rows, meaning=room == 'tables')}")
    method = load_methodology()
    rows = [
        [*(named.name[lang] for lang in LANGUAGES), f"`{named.key}`"] for named in (*method.stages, *method.criteria)
    ]
    parts.append(f"## Stages and criteria of the large-account method\n\n{glossary_table(rows, meaning=False)}")
    return "\n\n".join(parts)


def glossary_table(rows: list[list[str]], *, meaning: bool) -> str:
    """Rows of a glossary sorted by their English word."""
    head = [*LANGUAGES, "key", *(["meaning"] if meaning else [])]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in sorted(rows, key=lambda row: row[0].casefold()):
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row[: len(head)])} |")
    return "\n".join(lines)


def api_reference() -> str:
    """Every public name with its signature, what it says of itself, and its example."""
    parts = ["# API reference", "`import funnel_analytics as fa`; then `fa.` and one of these names."]
    for name in sorted(set(fa.__all__) - {"charts", "dashboards", "tables"}, key=str.casefold):
        said = f"See [its page](analyses/{name}.md)." if name in ANALYSES else documented(getattr(fa, name), level=4)
        parts.append(f"## `{name}` {{#{name}}}\n\n{said}")
    for room in ("charts", "dashboards"):
        module = getattr(fa, room)
        parts.append(f"## `{room}` {{#{room}}}\n\n{as_markdown(inspect.getdoc(module) or '').split('>>>')[0]}")
        for name in module.__all__:
            if callable(getattr(module, name)):
                parts.append(f"### `{room}.{name}`\n\n{documented(getattr(module, name), level=4)}")
    return "\n\n".join(parts)


def pictures() -> dict[str, bytes]:
    """The chart of each analysis on the sample, as SVG."""
    book, drawn = fa.load_sample(), {}
    for name in ANALYSES:
        if name in fa.charts.__all__:
            analyse = ASKED.get(name, getattr(fa, name))
            drawn[name] = fa.charts.svg(getattr(fa.charts, name)(analyse(book)))
    return drawn


def generated(*, examples: bool) -> dict[str, str | bytes]:
    """Every page that is made, by its place in the site."""
    drawn = pictures() if examples else {}
    pages: dict[str, str | bytes] = {f"analyses/{name}.svg": picture for name, picture in drawn.items()}
    pages |= {f"analyses/{name}.md": analysis_page(name, drawn=name in drawn) for name in ANALYSES}
    pages |= {page: (ROOT / document).read_text(encoding="utf-8") for page, document in DOCUMENTS.items()}
    for path in notebook_paths():
        pages |= pages_of(path, run=examples)
    return pages | {
        "analyses/index.md": analyses_index(),
        "data_dictionary.md": data_dictionary(),
        "glossary.md": glossary(),
        "reference.md": api_reference(),
    }


def navigation() -> list[Any]:
    """The site's menu: what stands in a folder is in its chapter, a new page by itself."""

    def chapter(folder: str) -> list[str]:
        return [path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs" / folder).glob("*.md"))]

    analyses = [
        {title: [f"analyses/{name}.md" for name in ANALYSES if room_of(name) == room]} for room, title in ROOMS.items()
    ]
    notebooks = [f"notebooks/{path.stem}.md" for path in notebook_paths()]
    guides = [page for page in chapter(".") if page != "index.md"]
    return [
        {"Home": "index.md"},
        {
            "Getting started": [
                f"getting_started/{who}.md" for who in ("sales_ops", "managers", "presenters", "zh-Hans")
            ]
        },
        {"Guides": guides},
        {"Analyses": ["analyses/index.md", *analyses]},
        {"Notebooks": notebooks},
        {"Words and numbers": ["data_dictionary.md", "glossary.md", "sample.md"]},
        {"Extending": chapter("extending")},
        {"The project": ["architecture.md", "contributing.md", "reference.md", "benchmarks_run.md", "changelog.md"]},
        {"Decisions": chapter("decisions")},
    ]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the menu."""
    config.nav = navigation()
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made."""
    for uri, content in generated(examples=config.extra["examples"]).items():
        files.append(File.generated(config, uri, content=content))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Links into the project lead to its page in the site; what has none is named, if it is there."""
    uri = page.file.src_uri
    folder = posixpath.dirname(DOCUMENTS.get(uri, f"docs/{uri}"))
    pages = {document: made for made, document in DOCUMENTS.items()}

    def led(match: re.Match[str]) -> str:
        text, target, anchor = match.groups()
        place = posixpath.normpath(posixpath.join(folder, target))
        if place in pages or (uri in DOCUMENTS and place.startswith("docs/")):
            made = pages.get(place, place.removeprefix("docs/"))
            return f"[{text}]({posixpath.relpath(made, posixpath.dirname(uri) or '.')}{anchor or ''})"
        if not place.startswith("docs/") and (ROOT / place).exists():
            return text if place in text else f"{text} (`{place}`)"
        return match[0]

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)#:\s]+)(#[^)\s]*)?\)", led, markdown)
