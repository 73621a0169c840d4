"""The chances of open opportunities under the assumptions of a book."""

import numpy as np
import pandas as pd

from ...book import Book
from ..assumptions import assumptions_of
from .visits import looked_up

_SMALLEST = 1e-9


def under_assumptions(book: Book, rows: pd.DataFrame, start_days: int, end_days: int) -> pd.DataFrame:
    """Chances as they are if what the book assumes comes true.

    Parameters
    ----------
    book
        The book with its assumptions (`assumptions.assume`).
    rows
        Indexed like ``book.open_opportunities``: ``probability`` (won after ``start_days`` and within ``end_days``)
        and ``eventual``.
    start_days, end_days
        The window in days from now.

    Returns
    -------
    DataFrame
        The same rows; the two chances are changed where something is assumed.
    """
    assumed = assumptions_of(book)
    if assumed.empty:
        return rows
    opportunities = book.open_opportunities.loc[rows.index]
    result = rows.copy()
    rates = assumed[assumed["assumed"] == "rate"]
    for stage, rate in zip(rates["stage"], rates["rate"], strict=True):
        here = (opportunities["stage"] == stage).to_numpy()
        before = result.loc[here, "eventual"].to_numpy(dtype="float64")
        after = _shifted(before, rate)
        share = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
        result.loc[here, "probability"] *= share
        result.loc[here, "eventual"] = after
    named = assumed[assumed["opportunity_id"].notna()].set_index("opportunity_id")
    what = looked_up(named["assumed"], opportunities["opportunity_id"])
    days = (looked_up(named["not_before"], opportunities["opportunity_id"]) - book.as_of).dt.days
    inside = (days > start_days) & (days <= end_days)
    result.loc[what == "lost", ["probability", "eventual"]] = 0.0
    result.loc[(what == "slipped") & (days > end_days), "probability"] = 0.0
    result.loc[what == "won", "eventual"] = 1.0
    result.loc[what == "won", "probability"] = inside[what == "won"].astype("float64")
    return result


def _shifted(p: np.ndarray, mean: float) -> np.ndarray:
    """Probabilities shifted alike on the logit until their mean is the one asked for, by bisection."""
    if not len(p) or np.isnan(p).any() or mean in (0.0, 1.0):
        return np.full(len(p), mean) if mean in (0.0, 1.0) else p
    bounded = np.clip(p, _SMALLEST, 1 - _SMALLEST)
    logit = np.log(bounded) - np.log1p(-bounded)
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 / (1 + np.exp(-(logit + middle)))).mean() < mean else (low, middle)
    return np.asarray(1 / (1 + np.exp(-(logit + (low + high) / 2))))
