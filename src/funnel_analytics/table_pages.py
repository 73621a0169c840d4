"""A table as a page shows it: headings, keys, money and days in the reader's words, every text escaped."""

from html import escape

import pandas as pd

from .languages import language, texts
from .tables import column_kind
from .words import cell, number, word

_MOST_ROWS = 200
_NUMERIC = ("count", "number", "money", "rate", "days")
_CELL = "text-align:{};vertical-align:top;padding:2px 8px;white-space:pre-wrap;max-width:48em"
_WHOLE = ";white-space:nowrap"
"""A heading or a day is not broken: 2026年3月31 / 日."""


class Page(str):
    """HTML that a notebook shows as it is meant to look."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def table_page(table: pd.DataFrame, lang: str | None = None) -> Page:
    """A table in words, for the last line of a notebook cell.

    Parameters
    ----------
    table
        Any table of this package, or some of its columns; a column of your own keeps its name where no word is known.
    lang
        Language code of headings and values.

    Returns
    -------
    Page
        HTML: headings and values as a person reads them, numbers to the right, texts escaped; the first 200 rows,
        and how many more there are.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> page = fa.table_page(fa.stage_conversion(fa.load_sample())[["stage", "advance_rate"]], "zh-Hans")
    >>> "推进率" in page, "Discover" in page
    (True, False)
    """
    code = language(lang)
    kinds = {str(name): column_kind(table, name) for name in table.columns}
    sides = ["right" if kind in _NUMERIC else "left" for kind in kinds.values()]
    head = "".join(
        f"<th style='{_CELL.format(side)}{_WHOLE}'>{escape(_heading(name, code))}</th>"
        for name, side in zip(kinds, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='{_CELL.format(side)}{_WHOLE if kind in ('date', 'time') else ''}'>{escape(cell(value, kind, code, table=table))}</td>"
            for value, kind, side in zip(row, kinds.values(), sides, strict=True)
        )
        + "</tr>"
        for row in table.head(_MOST_ROWS).itertuples(index=False)
    )
    rest = len(table) - _MOST_ROWS
    more = f"<p>{escape(word('receipt.more_rows', code, count=number(rest)))}</p>" if rest > 0 else ""
    if table.empty:
        more = f"<p>{escape(word('receipt.no_rows', code))}</p>"
    # Notebooks would typeset what stands between dollar signs as a formula.
    return Page(
        "<div class='tex2jax_ignore mathjax_ignore' style='overflow-x:auto'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}</div>"
    )


def _heading(name: str, lang: str) -> str:
    return texts(lang).get(f"tables.{name}", name)
