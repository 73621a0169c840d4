"""The receipt as a page that a person can follow: rows in and out of every file, and each value that was not taken."""

from html import escape
from typing import TYPE_CHECKING

from .table_pages import Page, table_page
from .words import label, number, word

if TYPE_CHECKING:
    from .book import Book

_MOST_LINES = 200
_SHOWN = ["file", "sheet", "table", "profile", "as_of", "as_of_source", "rows_in", "rows_kept", "rows_set_aside", "decisions"]  # fmt: skip
_ISSUE = ["file", "sheet", "row", "column", "value", "message"]


def receipt_page(book: "Book", lang: str | None = None) -> Page:
    """The receipt of a book as a page: one line per table of each file, then the issues by kind, to be unfolded.

    Parameters
    ----------
    book
        The book.
    lang
        Language code of headings, labels and messages.

    Returns
    -------
    Page
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
    parts = [f"<p><b>{escape(total)}</b></p>", table_page(receipt[_SHOWN], lang)]
    if issues.empty:
        parts.append(f"<p>{escape(word('receipt.no_issues', lang))}</p>")
    for kind, rows in issues.groupby("kind", sort=False):
        heading = word("receipt.kind", lang, kind=label(kind, lang), count=number(len(rows)))
        rest = len(rows) - _MOST_LINES
        more = f"<p>{escape(word('receipt.more', lang, count=number(rest)))}</p>" if rest > 0 else ""
        listed = table_page(rows[_ISSUE].head(_MOST_LINES), lang)
        parts.append(f"<details><summary>{escape(heading)}</summary>{listed}{more}</details>")
    return Page(f"<div class='receipt'>{''.join(parts)}</div>")
