"""The review as one self-contained HTML file: opens anywhere, offline, and prints."""

import re
from importlib.resources import files

import jinja2
import pandas as pd
from markupsafe import Markup

from .. import charts
from ..errors import OwnReviewError
from ..receipts import receipt_page
from ..tables import column_kind
from ..words import cell, number, word
from .shown import Shown, Wording

_ROWS = 60
"""So many rows of a table are on the page, in a box that scrolls; the workbook has all."""
_PRINTED = 12
"""So many of them are printed."""
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_TALL = 0.62
"""Height of a picture by its width."""
_NUMERIC = {"money", "rate", "count", "days", "number"}
_SORTED_BY_VALUE = {*_NUMERIC, "date", "time"}
"""Kinds of columns that sort by something else than the text that stands there."""


def _column(page: Shown, name: str, lang: str) -> list[dict[str, object]]:
    """The cells of a column: text, what it sorts by where that is not the text, and where it leads."""
    rows = page.telling.head(_ROWS)
    kind, addresses = column_kind(page.listed, name), page.links.get(name)
    followed = [None] * len(rows) if addresses is None else addresses.head(_ROWS).tolist()
    return [
        {
            "text": cell(value, kind, lang, table=page.listed),
            "value": None if kind not in _SORTED_BY_VALUE else "" if pd.isna(value) else str(value),
            "look": "number" if kind in _NUMERIC else "date" if kind in _SORTED_BY_VALUE else "",
            "address": address if isinstance(address, str) else None,
        }
        for value, address in zip(rows[name], followed, strict=True)
    ]


def _cells(page: Shown, lang: str) -> dict[str, object]:
    """A page's table as headings and cells of text; jinja escapes both."""
    table, names = page.telling, page.columns
    numeric = [column_kind(table, name) in _NUMERIC for name in names]
    return {
        "headings": list(zip([word(f"tables.{name}", lang) for name in names], numeric, strict=True)),
        "rows": list(zip(*(_column(page, name, lang) for name in names), strict=True)),
        "more": _more(len(table), _ROWS, lang),
        "more_printed": _more(len(table), _PRINTED, lang),
    }


def _more(count: int, shown: int, lang: str) -> str:
    return word("reviews.more_rows", lang, count=number(count - shown)) if count > shown else ""


def _picture(page: Shown, lang: str) -> Markup | None:
    name = page.outline.table
    if name not in charts.__all__:
        return None
    # Drawn by our own chart functions from escaped text paths: the one place where markup is let through.
    return Markup(charts.svg(getattr(charts, name)(page.table, lang=lang)))  # noqa: S704


def _is_tall(picture: str) -> bool:
    """Whether a picture would be too small to read if it were printed above its table."""
    size = _SIZE.search(picture)
    return size is not None and float(size[2]) > _TALL * float(size[1])


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
        {
            "key": page.key,
            "name": word(f"reviews.{page.key}.name", lang),
            "title": page.title,
            "notes": page.notes,
            "picture": picture,
            "tall": picture is not None and _is_tall(picture),
            "table": _cells(page, lang),
        }
        for page, picture in ((page, _picture(page, lang)) for page in said.pages)
    ]
    text = environment.from_string(source).render(
        lang=lang,
        mark=OwnReviewError.MARK,
        title=said.title,
        subtitle=said.subtitle,
        tiles=said.tiles,
        pages=pages,
        printed=_PRINTED,
        left_out=said.left_out,
        sources=said.sources,
        # Escaped text by text where it is made.
        receipt=Markup(receipt_page(said.book, lang)),  # noqa: S704
        words={key: word(f"reviews.{key}", lang) for key in ("in_short", "left_out", "sources", "sort_hint")},
    )
    return text.encode("utf-8")
