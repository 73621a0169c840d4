"""Whitespace: which accounts and classes bought which products, and where nothing was ever offered."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .segments import account_segments

_STANDINGS = ("won", "open", "lost")


def whitespace(book: Book, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """Every account beside every product of the exports: bought, open, lost or untouched.

    Parameters
    ----------
    book
        A book whose opportunities name products.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.WHITESPACE`: one row per account and product, accounts in the order of `account_segments`; empty where
        no opportunity names a product.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.whitespace(fa.load_sample())
    >>> sorted(table["standing"].unique())
    ['lost', 'open', 'untouched', 'won']
    """
    segments = account_segments(book, revenue_benchmark=revenue_benchmark)
    opportunities = book.opportunities.dropna(subset=["product"])
    products = pd.DataFrame({"product": sorted(opportunities["product"].unique())}, dtype="str")
    rows = segments[["account_id", "account_name", "segment"]].merge(products, how="cross")
    named = {outcome: f"{outcome}_opportunities" for outcome in _STANDINGS}
    rows["standing"] = "untouched"
    for outcome in reversed(_STANDINGS):
        cells = (
            opportunities[opportunities["outcome"] == outcome]
            .groupby(["account_id", "product"])["amount"]
            .agg(["size", "sum"])
        )
        cells = cells.rename(columns={"size": named[outcome], "sum": f"{outcome}_amount"}).reset_index()
        rows = rows.merge(cells, on=["account_id", "product"], how="left")
        count = rows[named[outcome]] = rows[named[outcome]].fillna(0)
        rows["standing"] = rows["standing"].mask(count > 0, outcome)
        rows[f"{outcome}_amount"] = rows[f"{outcome}_amount"].fillna(0.0) if book.has_money else np.nan
    return tables.declare(rows, tables.WHITESPACE, book.context)


def whitespace_by_segment(book: Book, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """How far each product has reached into each class of accounts.

    Parameters
    ----------
    book
        A book whose opportunities name products.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.WHITESPACE_BY_SEGMENT`: one row per class and product, best class first; empty where no opportunity
        names a product.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.whitespace_by_segment(fa.load_sample())
    >>> parts = table[["won_accounts", "open_accounts", "lost_accounts", "untouched_accounts"]].sum(axis=1)
    >>> bool((parts == table["accounts"]).all())
    True
    """
    cells = whitespace(book, revenue_benchmark=revenue_benchmark)
    by = ["segment", "product"]
    rows = cells.groupby(by, sort=False).size().rename("accounts").reset_index()
    for standing in (*_STANDINGS, "untouched"):
        counts = cells[cells["standing"] == standing].groupby(by).size().rename(f"{standing}_accounts")
        rows = rows.merge(counts.reset_index(), on=by, how="left")
    rows["penetration"] = rows["won_accounts"].fillna(0) / rows["accounts"]
    return tables.declare(rows, tables.WHITESPACE_BY_SEGMENT, book.context)
