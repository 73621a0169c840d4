"""Segment changes: who changed class between two dates, and which rating or revenue moved them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import day_asked
from ..book import Book
from ..errors import HistoryError
from ..methodology import latest_ratings
from .placing import benchmark_of, placed


@dataclass(frozen=True)
class _Known:
    """What was known of the accounts on a date."""

    revenue: pd.Series
    ratings: pd.DataFrame


def _won_in_a_year(book: Book, accounts: pd.DataFrame, date: pd.Timestamp) -> pd.Series:
    opportunities = book.opportunities
    in_a_year = opportunities["close_date"].between(date - pd.DateOffset(years=1), date, inclusive="right")
    won = opportunities[(opportunities["outcome"] == "won") & in_a_year]
    return accounts["account_id"].map(won.groupby("account_id")["amount"].sum()).astype("float64").fillna(0.0)


def _revenue_at(book: Book, accounts: pd.DataFrame, date: pd.Timestamp) -> pd.Series:
    """Revenue as it was known on a date; what no dated table tells is what it is today."""
    if (accounts["revenue_rule"] == "won_last_12_months").any():
        return _won_in_a_year(book, accounts, date)
    stated = book.account_snapshots.sort_values("as_of", kind="stable")
    known = stated[stated["as_of"] <= date].drop_duplicates("account_id", keep="last").set_index("account_id")
    dated = accounts["account_id"].isin(stated["account_id"])
    found = accounts["account_id"].map(known["current_revenue"]).astype("float64")
    return found.where(dated, accounts["current_revenue"])


def _known_at(book: Book, accounts: pd.DataFrame, date: pd.Timestamp) -> _Known:
    ratings = book.ratings
    return _Known(_revenue_at(book, accounts, date), ratings[~(ratings["rated_on"] > date)])


def _dates(
    book: Book, since: pd.Timestamp | str | None, until: pd.Timestamp | str | None
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The two dates that are compared.

    Raises
    ------
    HistoryError
        If nothing in the book is dated, or the first date is not before the second.
    """
    moments = sorted({*book.export_dates, *book.account_snapshots["as_of"], *book.ratings["rated_on"].dropna()})
    rules = book.accounts["revenue_rule"]
    dated = (
        len(book.account_snapshots) or book.ratings["rated_on"].notna().any() or (rules == "won_last_12_months").any()
    )
    if not dated:
        raise HistoryError(
            "Neither the ratings nor the revenue of these exports are dated, so nobody can be seen to change class. Give the"
            " ratings a column 'Rated on', or read accounts of several dates, each with the date in its file name, as"
            " 'accounts 2026-06-30.xlsx' and 'accounts 2026-09-30.xlsx'."
        )
    last = max(book.as_of, *moments) if until is None else day_asked(until, "until")
    earlier = [date for date in book.export_dates if date < min(last, book.as_of)]
    first = day_asked(since, "since") if since is not None else earlier[-1] if earlier else moments[0]
    if since is None and not first < last:
        raise HistoryError(
            f"These exports know the accounts on one date only, {last:%Y-%m-%d}, so nobody can be seen to change class. Read"
            " exports of two dates, or say the first one with since=."
        )
    if not first < last:
        raise HistoryError(
            f"The first date, {first:%Y-%m-%d}, is not before the second, {last:%Y-%m-%d}. Known dates:"
            f" {', '.join(f'{date:%Y-%m-%d}' for date in moments[-12:])}. Give others with since= and until=."
        )
    return first, last


def _moved_by(before: pd.Series, after: pd.Series, by_ratings: pd.Series, by_revenue: pd.Series) -> np.ndarray:
    """Which of the two alone leads from the class before to the class after."""
    one, other = by_ratings == after, by_revenue == after
    return np.select([before == after, one & ~other, other & ~one], ["unmoved", "by_ratings", "by_revenue"], "by_both")


def segment_changes(
    book: Book,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    revenue_benchmark: float | None = None,
) -> pd.DataFrame:
    """Every account's class on two dates, and whether ratings or revenue moved it.

    Parameters
    ----------
    book
        A book whose ratings are dated, whose accounts come from several dated exports, or whose revenue is what was won.
    since, until
        The two dates; None takes the export before the newest, and the newest of all dates.
    revenue_benchmark
        As in `account_segments`; the same on both dates.

    Returns
    -------
    DataFrame
        `tables.SEGMENT_CHANGES`: one row per account, those that changed class first. ``attrs`` hold since and until.

    Raises
    ------
    HistoryError
        If nothing is dated, or the first date is not before the second.

    Notes
    -----
    On each date the ratings given by then count, undated ones on both. Revenue is that of the newest table of accounts
    dated by then; of accounts that no dated table lists it is today's on both dates. Where revenue is what was won in
    twelve months, it is counted anew for each date. ``moved_by`` tries each of the two alone: ``by_both`` means that
    it took both, or that either would have done.

    See Also
    --------
    segment_change_lines : the ratings and revenues behind it.
    funnel_analytics.charts.segment_changes : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.segment_changes(fa.load_sample(), since="2026-06-30")
    >>> bool(table["changed"].iloc[0]), table["moved_by"].iloc[0]
    (True, 'by_ratings')
    """
    first, last = _dates(book, since, until)
    method, accounts = book.methodology, book.accounts
    benchmark, _ = benchmark_of(book, revenue_benchmark)
    before, after = (_known_at(book, accounts, date) for date in (first, last))
    ids = accounts["account_id"]
    old, new = (placed(method, ids, known.revenue, known.ratings, benchmark) for known in (before, after))
    by_ratings = placed(method, ids, before.revenue, after.ratings, benchmark)["segment"]
    by_revenue = placed(method, ids, after.revenue, before.ratings, benchmark)["segment"]
    rows = accounts[["account_id", "account_name", "owner"]].copy()
    for turn, place, known in (("before", old, before), ("after", new, after)):
        rows[f"segment_{turn}"] = place["segment"]
        rows[f"potential_{turn}"] = place["potential"]
        rows[f"criteria_rated_{turn}"] = place["criteria_rated"]
        rows[f"current_revenue_{turn}"] = known.revenue
    rows["changed"] = rows["segment_before"] != rows["segment_after"]
    rows["moved_by"] = _moved_by(old["segment"], new["segment"], by_ratings, by_revenue)
    rows["revenue_benchmark"] = np.nan if benchmark is None else benchmark
    place = {key: number for number, key in enumerate(method.segment_order)}
    order = [~rows["changed"], rows["segment_after"].map(place), rows["account_id"]]
    rows = rows.iloc[np.lexsort(order[::-1])]
    context = {**book.context, "since": first, "until": last}
    return tables.declare(rows, tables.SEGMENT_CHANGES, context)


def segment_change_lines(
    book: Book,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    revenue_benchmark: float | None = None,
) -> pd.DataFrame:
    """Each rating and revenue that differs between two dates, of every account, moved or not.

    Parameters
    ----------
    book
        As in `segment_changes`.
    since, until
        As in `segment_changes`.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.SEGMENT_CHANGE_LINES`: accounts in the order of `segment_changes`; per account the criteria in the
        order of the method, then the revenue.

    Raises
    ------
    HistoryError
        As in `segment_changes`.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> lines = fa.segment_change_lines(fa.load_sample(), since="2026-06-30")
    >>> bool((lines["before"] != lines["after"]).all())
    True
    """
    changes = segment_changes(book, since=since, until=until, revenue_benchmark=revenue_benchmark)
    accounts = book.accounts
    keys = ["account_id", "criterion"]
    old, new = (
        latest_ratings(_known_at(book, accounts, changes.attrs[name]).ratings).set_index(keys)
        for name in ("since", "until")
    )
    ratings = new[["rating", "rated_on", "rated_by"]].rename(columns={"rating": "after"})
    ratings["before"] = old["rating"].reindex(ratings.index)
    ratings = ratings[ratings["before"].isna() | (ratings["before"] != ratings["after"])].reset_index()
    ratings = ratings.rename(columns={"criterion": "moved"})
    ratings = ratings[ratings["moved"].isin([criterion.key for criterion in book.methodology.criteria])]
    money = changes[["account_id", "current_revenue_before", "current_revenue_after"]]
    money = money.set_axis(["account_id", "before", "after"], axis=1).assign(moved="current_revenue")
    differs = (money["before"] != money["after"]) & ~(money["before"].isna() & money["after"].isna())
    parts = [part for part in (ratings, money[differs]) if len(part)]
    lines = pd.concat(parts, ignore_index=True) if parts else ratings
    place = {criterion.key: number for number, criterion in enumerate(book.methodology.criteria)}
    where = {account: number for number, account in enumerate(changes["account_id"])}
    lines = lines[lines["account_id"].isin(where)]
    lines = lines.assign(
        _account=lines["account_id"].map(where), _what=lines["moved"].map(place).fillna(len(place))
    ).sort_values(["_account", "_what"], kind="stable")
    facts = changes[["account_id", "account_name", "segment_before", "segment_after"]]
    return tables.declare(lines.merge(facts, on="account_id", how="left"), tables.SEGMENT_CHANGE_LINES, changes.attrs)
