"""Pushes: how often the close date of an opportunity was moved to a later day."""

import numpy as np
import pandas as pd

from ..book import Book


def push_counts(book: Book) -> pd.Series:
    """How often the close date of each open opportunity was moved to a later day.

    From the change history and from what differs between exports, as far back as they go; several changes of one
    day count as one, a move to an earlier day as none. Between two exports at most one push is seen, so that the
    count is a lower bound; where the CRM counts more itself, its own count stands.

    Parameters
    ----------
    book
        The book.

    Returns
    -------
    Series
        Indexed by ``opportunity_id``, for the open opportunities.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> bool((push_counts(fa.load_sample()) >= 0).all())
    True
    """
    deals = book.open_opportunities.set_index("opportunity_id")
    fields = ["opportunity_id", "day", "close_date", "outcome"]
    history = book.history.rename(columns={"changed_at": "day"})[fields]
    exported = book.snapshots.rename(columns={"as_of": "day"})[fields]
    stated = pd.concat([history, exported], ignore_index=True)
    # The date of a closed opportunity is the day it was closed, not an expected one.
    stated = stated[stated["close_date"].notna() & ~stated["outcome"].isin(["won", "lost"])]
    stated = stated[stated["opportunity_id"].isin(deals.index)]
    stated["day"] = stated["day"].dt.normalize()
    # What an export says stands after the changes of its day.
    stated = stated.sort_values(["opportunity_id", "day"], kind="stable")
    stated = stated.drop_duplicates(["opportunity_id", "day"], keep="last")
    later = stated.groupby("opportunity_id")["close_date"].diff() > pd.Timedelta(0)
    counted = later.groupby(stated["opportunity_id"]).sum().reindex(deals.index).fillna(0)
    return pd.Series(np.fmax(counted, deals["push_count"]), index=deals.index, dtype="float64")
