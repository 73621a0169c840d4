"""Account profile: the criteria of one account beside those of the other accounts of its class."""

import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError, nearest
from .assessment import account_assessment
from .segments import account_segments


def account_row(book: Book, account: str) -> pd.Series:
    """The one account with an id or a name.

    Raises
    ------
    ArgumentError
        If there is none, or several have the name.
    """
    accounts = book.accounts
    found = accounts[accounts["account_id"] == account]
    found = found if len(found) else accounts[accounts["account_name"] == account]
    if found.empty:
        names = accounts["account_name"].dropna().tolist()
        raise ArgumentError(f"There is no account '{account}'.{nearest(account, names[:200])}")
    if len(found) > 1:
        raise ArgumentError(
            f"{len(found)} accounts are called '{account}'. Give the id: {', '.join(found['account_id'])}."
        )
    return found.iloc[0]


def account_profile(book: Book, account: str, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """The criteria of one account, each beside the mean of the other accounts of its class.

    Parameters
    ----------
    book
        A book with accounts.
    account
        Id or name of the account.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.ACCOUNT_PROFILE`: one row per criterion, in the order of the method. The class's mean leaves the account
        itself out, and accounts that are not rated on the criterion.

    Raises
    ------
    ArgumentError
        If no account, or more than one, has the id or name.

    See Also
    --------
    funnel_analytics.charts.account_profile : the same table, drawn as a ring.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.account_profile(fa.load_sample(), "Alder Motors")
    >>> len(table), table["segment"].iloc[0]
    (10, 'A+')
    """
    chosen = account_row(book, account)["account_id"]
    segments = account_segments(book, revenue_benchmark=revenue_benchmark).set_index("account_id")["segment"]
    everyone = account_assessment(book)
    everyone["segment"] = everyone["account_id"].map(segments)
    rows = everyone[everyone["account_id"] == chosen].copy()
    alike = everyone[(everyone["segment"] == segments[chosen]) & (everyone["account_id"] != chosen)]
    others = alike.groupby("criterion")["rating"].agg(["mean", "count"])
    rows["class_rating"] = rows["criterion"].map(others["mean"]).astype("float64")
    rows["class_accounts"] = rows["criterion"].map(others["count"]).astype("float64")
    return tables.declare(rows, tables.ACCOUNT_PROFILE, book.context)
