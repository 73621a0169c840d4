"""The whole distribution of what a period will bring: how likely each amount is, and how likely at least as much."""

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .outlook import period_rows

STEPS = 40
"""About so many steps lead from the least to the largest amount that is at all likely."""
LIKELY = 0.995
"""Share of the draws that the equal steps cover; the last step holds the rest."""


def outlook_distribution(
    book: Book, *, period: str | None = None, quota: float | None = None, draws: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """How likely each amount is to be won in a period, and how likely at least as much.

    Parameters
    ----------
    book
        The book; "now" is its ``as_of``.
    period, quota, draws, seed
        As in `outlook`: the same draws.

    Returns
    -------
    DataFrame
        `tables.OUTLOOK_DISTRIBUTION`: one row per step of the amount, the least first. ``chance`` adds up to 1 over
        the rows; ``at_least`` is the chance of the step's lower end or more. Steps are equally wide but for the last,
        which reaches to the largest amount drawn. Empty with ``insufficient_history``.

    Raises
    ------
    ArgumentError
        If the period has no such name, or fewer than one draw is asked for.
    CurrencyError, AmountError
        If amounts cannot be added up.

    See Also
    --------
    outlook : the parts of the total, its quantiles and what it was learned from.
    funnel_analytics.charts.outlook_distribution : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = fa.outlook_distribution(fa.load_sample(), draws=500)
    >>> round(float(rows["chance"].sum()), 6), bool(rows["at_least"].is_monotonic_decreasing)
    (1.0, True)
    """
    found, rows = period_rows(book, period=period, by=None, quota=quota, draws=draws, seed=seed)
    total = rows[3]
    steps = [] if total["sums"] is None else _steps(total["sums"])
    told = {name: total[name] for name in ("mean", "p10", "p50", "p90", "quota", "p_quota")}
    frame = pd.DataFrame(steps, columns=["from_amount", "to_amount", "chance", "at_least"])
    frame = frame.assign(period=found.window.period.label, **told)
    return tables.declare(frame, tables.OUTLOOK_DISTRIBUTION, book.context)


def _steps(sums: np.ndarray) -> list[dict[str, Any]]:
    edges = _edges(float(sums.min()), float(np.quantile(sums, LIKELY)), float(sums.max()))
    ordered = np.sort(sums)
    # A step holds its lower end, the last one its upper end too.
    below = np.searchsorted(ordered, edges[:-1], side="left") / len(ordered)
    share = np.diff(np.append(below, 1.0))
    return [
        {"from_amount": low, "to_amount": high, "chance": chance, "at_least": 1 - less}
        for low, high, chance, less in zip(edges[:-1], edges[1:], share, below, strict=True)
    ]


def _edges(least: float, likely: float, largest: float) -> np.ndarray:
    """Round ends of steps; one step where every draw is the same.

    Examples
    --------
    >>> _edges(0.0, 38.0, 90.0)[[0, 1, -2, -1]].tolist()
    [0.0, 1.0, 38.0, 90.0]
    """
    if largest <= least:
        return np.array([least, largest])
    rough = max(likely - least, (largest - least) / STEPS) / STEPS
    power = 10.0 ** np.floor(np.log10(rough))
    width = power * min(factor for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first = np.floor(least / width)
    count = max(int(np.ceil(likely / width - first - 1e-9)), 1)
    edges = (first + np.arange(count + 1)) * width
    return np.append(edges, largest) if largest > edges[-1] else edges
