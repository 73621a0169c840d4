"""The review as one self-contained HTML file: opens anywhere, offline, and prints."""

from importlib.resources import files

import jinja2
import pandas as pd
from markupsafe import Markup

from .. import charts
from ..errors import OwnReviewError
from ..receipts import receipt_page
from ..words import cell, word
from .contents import column_kind
from .shown import Shown, Wording

_ROWS = 60
_NUMERIC = {"money", "rate", "count", "days", "number"}


def _cells(page: Shown, lang: str) -> dict[str, object]:
    """A page's table as headings and cells of text; jinja escapes both."""
    table, names = page.listed, page.columns
    kinds = [column_kind(table, name) for name in names]
    body = [
        [
            (cell(value, kind, lang, table=table), kind in _NUMERIC, "" if pd.isna(value) else str(value))
            for value, kind in zip(row, kinds, strict=True)
        ]
        for row in table.head(_ROWS)[names].itertuples(index=False)
    ]
    more = word("reviews.more_rows", lang, count=len(table) - _ROWS) if len(table) > _ROWS else ""
    return {
        "headings": [(word(f"tables.{name}", lang), kind in _NUMERIC) for name, kind in zip(names, kinds, strict=True)],
        "rows": body,
        "more": more,
    }


def _picture(page: Shown, lang: str) -> Markup | None:
    name = page.outline.table
    if name not in charts.__all__:
        return None
    # Drawn by our own chart functions from escaped text paths: the one place where markup is let through.
    return Markup(charts.svg(getattr(charts, name)(page.table, lang=lang)))  # noqa: S704


def page(said: Wording) -> bytes:
    """The review as the bytes of an .html file.

    Parameters
    ----------
    said
        The review in words.
    """
    lang = said.lang
    source = (files("funnel_analytics") / "resources" / "review.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages = [
        {"title": page.title, "notes": page.notes, "picture": _picture(page, lang), "table": _cells(page, lang)}
        for page in said.pages
    ]
    text = environment.from_string(source).render(
        lang=lang,
        mark=OwnReviewError.MARK,
        title=said.title,
        subtitle=said.subtitle,
        tiles=said.tiles,
        pages=pages,
        left_out=said.left_out,
        sources=said.sources,
        # Escaped text by text where it is made.
        receipt=Markup(receipt_page(said.book, lang)),  # noqa: S704
        words={key: word(f"reviews.{key}", lang) for key in ("left_out", "sources", "sort_hint")},
    )
    return text.encode("utf-8")
