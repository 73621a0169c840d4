"""The outlook under assumptions, beside the outlook as it stands; and the opportunities that move it most."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError
from .assumptions import assumptions_of
from .outlook import outlook, outlook_opportunities

BASE = "base"
DRIVERS = 8


def outlook_line(result: pd.DataFrame) -> dict[str, Any]:
    """One row of the table that `outlook` returns: the parts' means, and the total with its range and quota."""
    parts = result.set_index("component")
    total = parts.loc["total"]
    line: dict[str, Any] = {f"{name}_mean": parts.loc[name, "mean"] for name in ("won", "open", "new_business")}
    line |= {name: total[name] for name in ("period", "mean", "p10", "p50", "p90", "quota", "p_quota")}
    return line | {"method": total["method"], "warnings": total["warnings"]}


def scenario_outlook(
    book: Book,
    scenarios: Mapping[str, Book],
    *,
    period: str | None = None,
    quota: float | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> pd.DataFrame:
    """The outlook of a period as it stands and under each scenario.

    Parameters
    ----------
    book
        The book as it stands.
    scenarios
        Name → the book under assumptions, from `assume` (or any other book of the same date).
    period, quota, draws, seed
        As in `outlook`; the same for every row.

    Returns
    -------
    DataFrame
        `tables.SCENARIO_OUTLOOK`: the row ``base`` first, then one row per scenario in the given order, with the
        difference of its expected amount from the base.

    Raises
    ------
    ArgumentError
        If a scenario is no book or stands at another date.
    CurrencyError, AmountError
        If amounts cannot be added up.

    See Also
    --------
    assume : make a scenario.
    funnel_analytics.charts.scenario_outlook : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> ids = fa.outlook_opportunities(book)["opportunity_id"].head(3)
    >>> table = fa.scenario_outlook(book, {"three slip": fa.assume(book, slipped=ids)}, draws=500)
    >>> table["scenario"].tolist(), bool(table["difference"].iloc[1] < 0)
    (['base', 'three slip'], True)
    """
    for name, other in scenarios.items():
        if not isinstance(other, Book):
            raise ArgumentError(f"The scenario '{name}' is no book. Make it with assume(book, lost=[…]).")
        if other.as_of != book.as_of:
            raise ArgumentError(
                f"The scenario '{name}' stands at {other.as_of:%Y-%m-%d}, the book at {book.as_of:%Y-%m-%d}:"
                " make scenarios from the same book."
            )
    rows = []
    for name, other in {BASE: book, **scenarios}.items():
        result = outlook(other, period=period, quota=quota, draws=draws, seed=seed)
        rows.append({"scenario": name, "assumptions": _concerned(other), **outlook_line(result)})
    frame = pd.DataFrame(rows)
    frame["difference"] = frame["mean"] - frame["mean"].iloc[0]
    return tables.declare(frame, tables.SCENARIO_OUTLOOK, book.context)


def _concerned(book: Book) -> int:
    """How many assumptions are about the book's own opportunities or stages; a part carries those of the whole."""
    assumed = assumptions_of(book)
    own = assumed["opportunity_id"].isna() | assumed["opportunity_id"].isin(book.opportunities["opportunity_id"])
    return int(own.sum())


def outlook_drivers(book: Book, *, period: str | None = None, top: int = DRIVERS) -> pd.DataFrame:
    """The open opportunities that move the outlook of a period most, and the outlook without each.

    Parameters
    ----------
    book
        The book.
    period
        As in `outlook`.
    top
        How many opportunities.

    Returns
    -------
    DataFrame
        `tables.OUTLOOK_DRIVERS`: ordered by the uncertainty that each brings, full amount × √(p · (1 − p)), the largest
        first; empty where nothing is open, or the history is too small for any chance.

    Raises
    ------
    ArgumentError
        If there is no such period, or ``top`` is below 1.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    If an opportunity is lost, the expected amount of the total falls by its own expected amount; if it is won in the
    period, it rises by what is missing to the full amount (times the team's usual ratio of won to stated amounts).
    ``without`` leaves out this opportunity and all above it. For the range and the chance of the quota without some of
    them use `assume` and `scenario_outlook`.

    See Also
    --------
    funnel_analytics.charts.outlook_drivers : the same table, drawn as a tornado.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> drivers = fa.outlook_drivers(fa.load_sample(), top=3)
    >>> drivers["place"].tolist(), bool((drivers["if_lost"] <= drivers["if_won"]).all())
    ([1, 2, 3], True)
    """
    if top < 1:
        raise ArgumentError(f"top is {top}. Accepted: 1 or more; {DRIVERS} is usual.")
    opportunities = outlook_opportunities(book, period=period)
    result = outlook(book, period=period, draws=100)
    mean = outlook_line(result)["mean"]
    valued = opportunities[(opportunities["expected"] > 0) & (opportunities["probability"] > 0)]
    full = valued["expected"] / valued["probability"]
    frame = valued.assign(
        period=result["period"].iloc[0],
        mean=mean,
        if_lost=mean - valued["expected"],
        if_won=mean - valued["expected"] + full,
    )
    # A large amount that will hardly be won in the period moves little; so does a certain one.
    swing = full * np.sqrt(valued["probability"] * (1 - valued["probability"]))
    order = swing.sort_values(ascending=False, kind="stable").index
    frame = frame.loc[order].head(top).reset_index(drop=True)
    frame["place"] = range(1, len(frame) + 1)
    frame["without"] = frame["mean"] - frame["expected"].cumsum()
    return tables.declare(frame, tables.OUTLOOK_DRIVERS, book.context)
