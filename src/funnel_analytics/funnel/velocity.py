"""Sales velocity: what the pipeline earns per day. A ratio for trends, never a forecast."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .survival import kaplan_meier


def _row(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, float]:
    won, lost = rows[rows["outcome"] == "won"], rows[rows["outcome"] == "lost"]
    open_count = int((rows["outcome"] == "open").sum())
    closed = len(won) + len(lost)
    cycle = (won["close_date"] - won["created_date"]).dt.days.clip(lower=0.5).mean()
    end = rows["close_date"].where(rows["outcome"] != "open", as_of)
    days = (end - rows["created_date"]).dt.days.clip(lower=0.5)
    known = days.notna()
    curve = kaplan_meier(days[known].to_numpy(), (rows.loc[known, "outcome"] != "open").to_numpy())
    win_rate = len(won) / closed if closed else np.nan
    amount = won["amount"].mean()
    return {
        "open_opportunities": open_count,
        "win_rate": win_rate,
        "mean_won_amount": amount,
        "mean_won_cycle_days": cycle,
        "median_cycle_days": curve.quantile(0.5),
        "velocity": open_count * win_rate * amount / cycle,
    }


def sales_velocity(book: Book, *, by: str | None = None) -> pd.DataFrame:
    """Open opportunities × win rate × mean won amount ÷ cycle.

    Parameters
    ----------
    book
        Any book with amounts and closed opportunities.
    by
        A column of the opportunities to split by. A ratio of means over mixed segments misleads: compute it per
        segment and add up.

    Returns
    -------
    DataFrame
        `tables.SALES_VELOCITY`, money per day. The cycle of won opportunities alone is short-lived by selection;
        ``median_cycle_days`` counts those still open as well.

    Raises
    ------
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> len(fa.sales_velocity(fa.load_sample()))
    1
    """
    book.require_money()
    blocks = []
    for value, members in tables.grouping(book.opportunities, by):
        row = _row(members, book.as_of)
        blocks.append(row | {by: value} if by is not None else row)
    return tables.declare(
        pd.DataFrame(blocks, columns=None if blocks else [by] if by else []), tables.SALES_VELOCITY, book.context, by=by
    )
