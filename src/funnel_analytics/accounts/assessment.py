"""Account assessment: the criteria of each account, and the future potential they add up to."""

import pandas as pd

from .. import tables
from ..book import Book
from ..methodology import latest_ratings


def account_assessment(book: Book) -> pd.DataFrame:
    """Every criterion of every account, rated or not, with the potential of its group and of the account.

    Parameters
    ----------
    book
        A book; accounts without ratings stand in the table with empty ratings.

    Returns
    -------
    DataFrame
        `tables.ACCOUNT_ASSESSMENT`: one row per account and criterion, in the order of the method. Potential is a
        fraction from 0 (poor) to 1 (good); a missing rating is missing, never average. Of several ratings of one criterion
        the latest counts.

    See Also
    --------
    account_segments : the class that potential and revenue lead to.
    funnel_analytics.charts.account_assessment : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.account_assessment(fa.load_sample())
    >>> table.groupby("account_id").size().unique().tolist()
    [10]
    """
    method = book.methodology
    accounts = book.accounts[["account_id", "account_name"]]
    criteria = pd.DataFrame(
        [(criterion.group, criterion.key) for criterion in method.criteria], columns=["group", "criterion"]
    )
    ratings = latest_ratings(book.ratings)[["account_id", "criterion", "rating"]]
    rows = accounts.merge(criteria.astype("str"), how="cross").merge(
        ratings, on=["account_id", "criterion"], how="left"
    )
    potential = method.potential(rows[["account_id", "criterion", "rating"]])
    by_group = potential[list(method.groups)].stack().rename("group_potential")
    by_group.index.names = ["account_id", "group"]
    rows = rows.merge(by_group.reset_index(), on=["account_id", "group"], how="left")
    rows["potential"] = rows["account_id"].map(potential["potential"])
    rows["criteria_rated"] = rows["account_id"].map(potential["criteria_rated"])
    return tables.declare(rows, tables.ACCOUNT_ASSESSMENT, book.context)
