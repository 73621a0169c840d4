"""Sales velocity: what the pipeline earns per day. A ratio for trends, never a forecast."""

import numpy as np
import pandas as pd

from .. import tables
from ..outcomes import LOST, OPEN, WON
from .counts import Source, cycle_counts, days_of
from .day_counts import DayCounts
from .groups import labelled
from .survival import survival_of_counts


def _row(rows: pd.DataFrame, days: DayCounts) -> dict[str, float]:
    """One group's row from its rows of `counts.cycle_counts` and its days by outcome."""
    still, won, lost = (rows[rows["outcome"] == place] for place in (OPEN, WON, LOST))
    open_now, hits, misses = (int(part["opportunities"].sum()) for part in (still, won, lost))
    # An amount of 0 or below is none: counted among the wins, it would lower what a win is worth.
    paid, cycles = won[won["valued"] > 0], days.of(WON)
    ended = days.of(WON, LOST)
    win_rate = hits / (hits + misses) if hits + misses else np.nan
    mean_amount = paid["amount"].sum() / paid["opportunities"].sum() if len(paid) else np.nan
    cycle = float(days.days @ cycles / cycles.sum()) if cycles.any() else np.nan
    return {
        "open_opportunities": open_now,
        "win_rate": win_rate,
        "mean_won_amount": mean_amount,
        "mean_won_cycle_days": cycle,
        "median_cycle_days": survival_of_counts(days.days, ended, days.of(OPEN)).quantile(0.5),
        "velocity": open_now * win_rate * mean_amount / cycle,
    }


def sales_velocity(book: Source, *, by: str | None = None) -> pd.DataFrame:
    """Open opportunities × win rate × mean won amount ÷ cycle.

    Parameters
    ----------
    book
        Any book or warehouse with amounts and closed opportunities.
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
    counts, values = cycle_counts(book, by, tables.SALES_VELOCITY)
    days = days_of(counts, len(values))
    found = [_row(counts[counts["group"] == group], days[group]) for group in range(len(values))]
    frame = labelled(pd.DataFrame(found, index=range(len(values))), by, values, 1)
    return tables.declare(frame, tables.SALES_VELOCITY, book.context, by=by)
