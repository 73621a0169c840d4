"""The receipt as a page that a person can follow: rows in and out of every file, and each value that was not taken."""

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from .table_pages import Page, table_page
from .words import label, number, word

if TYPE_CHECKING:
    from .book import Book

_MOST_LINES = 200
_FEW = 5
"""So many rows with one finding are listed one by one."""
_FINDING = ["file", "sheet", "column", "kind", "reason", "message"]
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
        lines = folded(rows)
        rest = int(lines["count"].iloc[_MOST_LINES:].sum())
        more = f"<p>{escape(word('receipt.more', lang, count=number(rest)))}</p>" if rest > 0 else ""
        listed = table_page(lines[_ISSUE].head(_MOST_LINES), lang)
        parts.append(f"<details><summary>{escape(heading)}</summary>{listed}{more}</details>")
    return Page(f"<div class='receipt'>{''.join(parts)}</div>")


def folded(issues: pd.DataFrame) -> pd.DataFrame:
    """Issues as lines for a person: where many rows of a column have one finding, one line with their number.

    Parameters
    ----------
    issues
        `tables.ISSUES`, or a part of it.

    Returns
    -------
    DataFrame
        The same columns and ``count``, the issues for which a line stands.

    Examples
    --------
    >>> same = {"file": "a.csv", "sheet": None, "column": "Amount", "kind": "unreadable", "reason": "x", "message": "No."}
    >>> lines = folded(pd.DataFrame([{**same, "row": row, "value": str(row)} for row in range(2, 9)]))
    >>> lines[["row", "message", "count"]].to_numpy().tolist()
    [[2, 'No. Rows: 7, the first is row 2.', 7]]
    """
    held = issues[_FINDING].astype("object").fillna("")
    alike = held.groupby(_FINDING, sort=False)
    count = alike["file"].transform("size").where(issues["row"].notna(), 1)
    many = count > _FEW
    lines = issues.assign(count=count.where(many, 1))[~many | (alike.cumcount() == 0)]
    counted = many[lines.index]
    said = [
        f"{message} Rows: {rows:,}, the first is row {row:.0f}." if more else message
        for message, rows, row, more in zip(lines["message"], lines["count"], lines["row"], counted, strict=True)
    ]
    return lines.assign(message=pd.Series(said, index=lines.index, dtype="str"), value=lines["value"].mask(counted))
