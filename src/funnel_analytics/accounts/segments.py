"""Account segmentation: current revenue against future potential, on the methodology's grid."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .placing import benchmark_of, missing_groups, placed


def _pipeline(book: Book) -> pd.DataFrame:
    """Open opportunities, their amount and the amount won, by account."""
    rows = book.opportunities.dropna(subset=["account_id"])
    opened, won = rows[rows["outcome"] == "open"], rows[rows["outcome"] == "won"]
    sums = pd.DataFrame(
        {
            "open_opportunities": opened.groupby("account_id").size(),
            "open_amount": opened.groupby("account_id")["amount"].sum(),
            "won_amount": won.groupby("account_id")["amount"].sum(),
        }
    )
    return sums if book.has_money else sums.assign(open_amount=np.nan, won_amount=np.nan)


def account_segments(book: Book, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """The class of each account, why, and what the method advises.

    Parameters
    ----------
    book
        A book with accounts; ratings and revenue where the exports have them.
    revenue_benchmark
        Annual revenue from which an account counts as high, as the team has agreed. None takes the book's own; if
        that has none either, the median of all the team's accounts with revenue is proposed, and ``benchmark_source`` says so;
        ``none`` where no account has revenue.

    Returns
    -------
    DataFrame
        `tables.ACCOUNT_SEGMENTS`: one row per account, best class first, then by revenue. ``segment`` is what the
        grid gives; the class that an export states is in ``segment_in_export``.

    Raises
    ------
    ArgumentError
        If the benchmark is not above 0.

    Notes
    -----
    High revenue without enough ratings is ``unrated``: a gap in the data, not a class. Low or unknown revenue
    without enough ratings is D.

    See Also
    --------
    account_assessment : the ratings behind the potential.
    account_plan : what to do with each account, and where the effort does not match.
    segment_changes : who changed class between two dates.
    roll_up_accounts : subsidiaries counted with their parent.
    funnel_analytics.segment_reasons : why each account has its class, in words.
    funnel_analytics.charts.account_segments : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.account_segments(fa.load_sample(), revenue_benchmark=500_000)
    >>> table["segment"].iloc[0], table["benchmark_source"].iloc[0]
    ('A+', 'caller')
    """
    method, accounts = book.methodology, book.accounts
    benchmark, source = benchmark_of(book, revenue_benchmark)
    rows = accounts[["account_id", "account_name", "owner", "region", "current_revenue", "revenue_rule"]].copy()
    rows["revenue_benchmark"] = np.nan if benchmark is None else benchmark
    rows["benchmark_source"] = source
    rows = rows.join(placed(method, rows["account_id"], rows["current_revenue"], book.ratings, benchmark))
    rows["missing_groups"] = missing_groups(method, rows["account_id"], book.ratings)
    rows["segment_in_export"] = accounts["segment"].where(accounts["segment_source"] == "export")
    known = {segment.key: segment for segment in method.segments}
    for name in ("resources", "involvement", "strategy"):
        rows[name] = rows["segment"].map({key: getattr(segment, name) for key, segment in known.items()})
    sums = _pipeline(book)
    for name in sums:
        found = rows["account_id"].map(sums[name])
        rows[name] = found.fillna(0) if book.has_money or name == "open_opportunities" else found
    place = {key: place for place, key in enumerate(method.segment_order)}
    rows["_place"] = rows["segment"].map(place)
    rows = rows.sort_values(["_place", "current_revenue", "account_id"], ascending=[True, False, True], kind="stable")
    return tables.declare(rows, tables.ACCOUNT_SEGMENTS, book.context)
