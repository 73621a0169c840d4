"""The receipt as a page that a person can follow: rows in and out of every file, and each value that was not taken."""

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from . import tables
from .words import cell, label, number, word

if TYPE_CHECKING:
    from .book import Book

_MOST_LINES = 200
_NUMERIC = ("count", "number")
_CELL = "text-align:{};vertical-align:top;padding:2px 8px;white-space:pre-wrap"
_SHOWN = ("file", "sheet", "table", "profile", "as_of", "as_of_source", "rows_in", "rows_kept", "rows_set_aside", "decisions")  # fmt: skip
_ISSUE = ("file", "sheet", "row", "column", "value", "message")


class ReceiptPage(str):
    """HTML that a notebook shows as it is meant to look; every text from a file is escaped."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def _table(frame: pd.DataFrame, declared: tables.Table, names: tuple[str, ...], lang: str | None) -> str:
    kinds = [column.kind if (column := declared.column(name)) else "text" for name in names]
    sides = ["right" if kind in _NUMERIC else "left" for kind in kinds]
    head = "".join(
        f"<th style='{_CELL.format(side)}'>{escape(word(f'tables.{name}', lang))}</th>"
        for name, side in zip(names, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='{_CELL.format(side)}'>{escape(cell(value, kind, lang))}</td>"
            for value, kind, side in zip(row, kinds, sides, strict=True)
        )
        + "</tr>"
        for row in frame[list(names)].itertuples(index=False)
    )
    # Notebooks would typeset what stands between dollar signs as a formula.
    return (
        "<div class='tex2jax_ignore mathjax_ignore' style='overflow-x:auto'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def receipt_page(book: "Book", lang: str | None = None) -> ReceiptPage:
    """The receipt of a book as a page: one line per table of each file, then the issues by kind, to be unfolded.

    Parameters
    ----------
    book
        The book.
    lang
        Language code of headings, labels and messages.

    Returns
    -------
    ReceiptPage
        HTML; the last line of a notebook cell shows it.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> page = fa.receipt_page(fa.load_sample(), "zh-Hans")
    >>> "<table>" in page
    True
    """
    receipt, issues = book.receipt, book.issues
    sums = {name: number(receipt[name].sum()) for name in ("rows_in", "rows_kept", "rows_set_aside")}
    total = word("receipt.total", lang, rows_in=sums["rows_in"], kept=sums["rows_kept"], aside=sums["rows_set_aside"])
    parts = [f"<p><b>{escape(total)}</b></p>", _table(receipt, tables.RECEIPT, _SHOWN, lang)]
    if issues.empty:
        parts.append(f"<p>{escape(word('receipt.no_issues', lang))}</p>")
    for kind, rows in issues.groupby("kind", sort=False):
        heading = f"{label(kind, lang)}: {number(len(rows))}"
        rest = len(rows) - _MOST_LINES
        more = f"<p>{escape(word('receipt.more', lang, count=number(rest)))}</p>" if rest > 0 else ""
        listed = _table(rows.head(_MOST_LINES), tables.ISSUES, _ISSUE, lang)
        parts.append(f"<details><summary>{escape(heading)}</summary>{listed}{more}</details>")
    return ReceiptPage(f"<div class='receipt'>{''.join(parts)}</div>")
