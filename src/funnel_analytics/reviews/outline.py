"""Which pages a review has, in which order and with which columns: a built-in outline or the team's own TOML."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, nearest
from ..languages import DEFAULT_LANGUAGE, LANGUAGES, word_keys
from ..toml_files import read_toml

BUILT_IN = ("quarterly_review", "forecast_call", "account_review")


@dataclass(frozen=True)
class OutlinePage:
    """One page of a review, as the outline states it."""

    key: str
    """Finds the words: ``[reviews.<key>]`` name, title, notes."""
    table: str
    """What the page shows: a key of ``contents.COMPUTE``."""
    columns: tuple[str, ...]
    """The columns that a reader wants, in order; the workbook has them all."""
    beside: tuple[str, ...] = ()
    """The columns of the small table beside a slide's chart: the numbers that the chart does not write."""
    order_by: str | None = None
    """The column whose largest value comes first; None keeps the table's order."""


@dataclass(frozen=True)
class Outline:
    """A review as data: what it is called in each language, and its pages in order."""

    key: str
    name: Mapping[str, str]
    pages: tuple[OutlinePage, ...]


def load_outline(outline: str | Path = "quarterly_review") -> Outline:
    """The outline of a review.

    Parameters
    ----------
    outline
        Name of a built-in outline (``quarterly_review``, ``forecast_call``, ``account_review``) or the path of
        a TOML file like them.

    Raises
    ------
    ArgumentError
        If there is no such outline, or a page of it names a key, table or column that does not exist.

    Examples
    --------
    >>> [page.key for page in load_outline().pages][:3]
    ['outlook', 'pipeline_coverage', 'quota_pacing']
    """
    if outline in BUILT_IN:
        path = files("funnel_analytics") / "resources" / "outlines" / f"{outline}.toml"
        return _outline(str(outline), read_toml(path, ArgumentError))
    own = Path(outline)
    if own.suffix.lower() != ".toml":
        raise ArgumentError(
            f"There is no outline '{outline}'.{nearest(str(outline), BUILT_IN)} Or give a file: my_review.toml."
        )
    if not own.is_file():
        raise ArgumentError(f"There is no outline file '{own}'. Give its path.")
    return _outline(own.stem, read_toml(own, ArgumentError))


def _outline(key: str, data: Mapping[str, Any]) -> Outline:
    pages = data.get("page")
    if not isinstance(pages, list) or not pages:
        raise ArgumentError(f"The outline '{key}' has no pages. Each begins with [[page]].")
    return Outline(key, _name(data.get("name"), key), tuple(_page(row, key) for row in pages))


def _name(given: object, outline: str) -> Mapping[str, str]:
    """One text for all languages, or one for each."""
    if isinstance(given, str):
        return dict.fromkeys(LANGUAGES, given)
    if isinstance(given, Mapping) and isinstance(given.get(DEFAULT_LANGUAGE), str):
        return {lang: str(given.get(lang, given[DEFAULT_LANGUAGE])) for lang in LANGUAGES}
    raise ArgumentError(
        f"The outline '{outline}' needs a name: name = \"Pipeline review\", or one for each of {', '.join(LANGUAGES)}."
    )


def _page(row: Mapping[str, Any], outline: str) -> OutlinePage:
    keys = page_keys()
    key = str(row.get("key", ""))
    where = f"Outline '{outline}', page '{key}'"
    if key not in keys:
        raise ArgumentError(f"{where}: there is no such page.{nearest(key, keys)}")
    unknown = sorted(set(row) - {"key", "table", "columns", "beside", "order_by"})
    if unknown:
        raise ArgumentError(
            f"{where}: '{unknown[0]}' means nothing here.{nearest(unknown[0], OutlinePage.__annotations__)}"
        )
    page = OutlinePage(
        key,
        str(row.get("table", key)),
        tuple(row.get("columns", ())),
        tuple(row.get("beside", ())),
        row.get("order_by"),
    )
    if not page.columns:
        raise ArgumentError(f'{where}: columns are missing. Name those that a reader wants: columns = ["stage", …].')
    known = {key.removeprefix("tables.") for key in word_keys("en") if key.startswith("tables.")}
    for name in (*page.columns, *page.beside, *([page.order_by] if page.order_by else [])):
        if name not in known:
            raise ArgumentError(f"{where}: there is no column '{name}'.{nearest(str(name), sorted(known))[:300]}")
    return page


def page_keys() -> list[str]:
    """The pages that reviews know: those with words of their own."""
    return sorted(
        key.removeprefix("reviews.").removesuffix(".notes")
        for key in word_keys("en")
        if key.startswith("reviews.") and key.endswith(".notes")
    )
