"""Where an account stands on the method's grid: the one place where revenue and ratings become a class."""

import numpy as np
import pandas as pd

from ..arguments import check_benchmark
from ..book import Book
from ..methodology import Methodology, latest_ratings


def benchmark_of(book: Book, asked: float | None) -> tuple[float | None, str]:
    """The benchmark that counts, and whose it is: caller, proposed or none.

    Raises
    ------
    ArgumentError
        If it is not above 0.
    """
    agreed = book.revenue_benchmark if asked is None else asked
    if agreed is not None:
        check_benchmark(agreed)
        return float(agreed), "caller"
    return book.proposed_benchmark, "none" if book.proposed_benchmark is None else "proposed"


def missing_groups(method: Methodology, accounts: pd.Series, ratings: pd.DataFrame) -> pd.Series:
    """Keys of the groups that have too few ratings for each account id, joined by "; "; missing where all have enough."""
    group_of = {criterion.key: criterion.group for criterion in method.criteria}
    rated = latest_ratings(ratings)
    counts = rated.assign(group=rated["criterion"].map(group_of)).groupby(["account_id", "group"]).size()
    enough = {place for place, count in counts.items() if count >= method.min_rated_per_group}
    rated_accounts = {account for account, _ in enough}
    none_rated = "; ".join(method.groups)
    said = [
        "; ".join(group for group in method.groups if (account, group) not in enough)
        if account in rated_accounts
        else none_rated
        for account in accounts.to_numpy(dtype=object)
    ]
    return pd.Series([text or None for text in said], index=accounts.index, dtype="str")


def placed(
    method: Methodology, accounts: pd.Series, revenue: pd.Series, ratings: pd.DataFrame, benchmark: float | None
) -> pd.DataFrame:
    """Levels and class of accounts.

    Parameters
    ----------
    method
        Its grid, its cut and its scale.
    accounts
        Account ids.
    revenue
        Average annual revenue with us, on the same index.
    ratings
        `tables.RATINGS` of any accounts.
    benchmark
        Revenue from which an account counts as high; None where none is known.

    Returns
    -------
    DataFrame
        On the index of ``accounts``: revenue_level, potential, criteria_rated, potential_level, segment.
    """
    potential = method.potential(ratings)
    rows = pd.DataFrame(index=accounts.index)
    rows["revenue_level"] = method.revenue_level(revenue, np.inf if benchmark is None else benchmark)
    rows["potential"] = accounts.map(potential["potential"]).astype("float64")
    rows["criteria_rated"] = accounts.map(potential["criteria_rated"]).astype("float64").fillna(0).astype("int64")
    rows["potential_level"] = method.potential_level(rows["potential"])
    # Texts are walked through as objects: one by one out of a column of texts they take ten times as long.
    levels = list(
        zip(*(rows[f"{name}_level"].to_numpy(dtype=object) for name in ("revenue", "potential")), strict=True)
    )
    classes = {pair: method.segment(*pair) for pair in set(levels)}
    rows["segment"] = pd.Series([classes[pair] for pair in levels], index=rows.index, dtype="str")
    return rows
