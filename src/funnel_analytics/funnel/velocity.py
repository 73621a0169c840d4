"""Sales velocity: what the pipeline earns per day. A ratio for trends, never a forecast."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .groups import labelled, opportunity_groups
from .reach import SHORTEST_DAYS
from .survival import kaplan_meier


def _row(days: np.ndarray, outcome: np.ndarray, amount: np.ndarray) -> dict[str, float]:
    """One group's row from its opportunities: days from creation to closing or today, outcomes, amounts."""
    won, lost, still = outcome == "won", outcome == "lost", outcome == "open"
    known = ~np.isnan(days)
    closed = int(won.sum() + lost.sum())
    paid = amount[won & ~np.isnan(amount)]
    cycles = days[won & known]
    win_rate = won.sum() / closed if closed else np.nan
    mean_amount = paid.mean() if len(paid) else np.nan
    cycle = cycles.mean() if len(cycles) else np.nan
    return {
        "open_opportunities": int(still.sum()),
        "win_rate": win_rate,
        "mean_won_amount": mean_amount,
        "mean_won_cycle_days": cycle,
        "median_cycle_days": kaplan_meier(days[known], ~still[known]).quantile(0.5),
        "velocity": still.sum() * win_rate * mean_amount / cycle,
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
    ArgumentError
        If there is no such column.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> len(fa.sales_velocity(fa.load_sample()))
    1
    """
    book.require_money()
    rows = pd.DataFrame({name: book.column(name) for name in ("outcome", "amount", "created_date", "close_date")})
    codes, values = opportunity_groups(book, by, tables.SALES_VELOCITY)
    end = rows["close_date"].where(rows["outcome"] != "open", book.as_of)
    days = (end - rows["created_date"]).dt.days.clip(lower=SHORTEST_DAYS).to_numpy(dtype="float64")
    outcome, amount = rows["outcome"].to_numpy(dtype=object), rows["amount"].to_numpy(dtype="float64")
    found = []
    for group in range(len(values)):
        members = codes == group
        found.append(_row(days[members], outcome[members], amount[members]))
    frame = labelled(pd.DataFrame(found, index=range(len(values))), by, values, 1)
    return tables.declare(frame, tables.SALES_VELOCITY, book.context, by=by)
