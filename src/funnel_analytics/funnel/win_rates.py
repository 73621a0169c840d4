"""Win rates: never one number. Six ways of counting that people really use, side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .. import tables
from ..book import Book
from ..errors import ArgumentError
from .groups import labelled, opportunity_groups
from .intervals import wilson
from .reach import SHORTEST_DAYS, reach_of
from .survival import aalen_johansen

LEVEL = 0.8
FALLBACK_DAYS = 180.0
"""The horizon where nothing has been won yet."""


@dataclass(frozen=True)
class _Way:
    """One way of counting: which opportunities are the denominator, and which of them were won and lost."""

    counted: np.ndarray
    won: np.ndarray
    lost: np.ndarray


def _cycle(rows: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.Series:
    """Days from creation to closing; to ``as_of`` for open ones, where it is given."""
    closed = rows["outcome"] != "open"
    end = rows["close_date"].where(closed, as_of) if as_of is not None else rows["close_date"].where(closed)
    return (end - rows["created_date"]).dt.days.clip(lower=SHORTEST_DAYS).astype("float64")


def _horizon(rows: pd.DataFrame) -> float:
    """Nine of ten won opportunities were won by this age."""
    won = _cycle(rows[rows["outcome"] == "won"]).dropna()
    return float(np.ceil(won.quantile(0.9))) if len(won) else FALLBACK_DAYS


def _ways(book: Book, rows: pd.DataFrame, within: float, stage: int) -> dict[str, _Way]:
    """The ways of counting that are a share of a denominator, in order; ``by_day`` has the dated as its own."""
    reach, as_of = reach_of(book), book.as_of
    won, lost = reach.outcome("won"), reach.outcome("lost")
    closed = won | lost
    everything = np.ones(len(rows), dtype=bool)
    in_time = (_cycle(rows) <= within).to_numpy(dtype=bool)
    mature = ((as_of - rows["created_date"]).dt.days >= within).to_numpy(dtype=bool)
    overdue = (rows["outcome"] == "open").to_numpy(dtype=bool) & (rows["close_date"] < as_of).to_numpy(dtype=bool)
    dated = _cycle(rows, as_of).notna().to_numpy(dtype=bool)
    return {
        "closed": _Way(closed, won, lost),
        "created": _Way(everything, won, lost),
        # What closed later than the horizon was still open on it.
        "created_mature": _Way(mature, won & in_time, lost & in_time),
        "from_stage": _Way(closed & reach.counted(stage), won, lost),
        "by_day": _Way(dated, won, lost),
        "overdue_as_lost": _Way(closed | overdue, won, lost),
    }


def _share(way: _Way, amount: np.ndarray, codes: np.ndarray, groups: int) -> pd.DataFrame:
    """One way of counting by count and by value, one row per group."""

    def count(mask: np.ndarray) -> np.ndarray:
        return np.bincount(codes[mask], minlength=groups)

    def total(mask: np.ndarray) -> np.ndarray:
        return np.bincount(codes[mask], amount[mask], groups)

    counted, won = count(way.counted), count(way.counted & way.won)
    lost = count(way.counted & way.lost)
    low, high = wilson(won, counted, LEVEL)
    value, value_won = total(way.counted), total(way.counted & way.won)
    return pd.DataFrame(
        {
            "opportunities": counted,
            "won": won,
            "lost": lost,
            "open": counted - won - lost,
            "win_rate": won / np.where(counted > 0, counted, np.nan),
            "win_low": low,
            "win_high": high,
            "amount": value,
            "amount_won": value_won,
            "win_rate_value": value_won / np.where(value > 0, value, np.nan),
            "without_amount": count(way.counted & (amount <= 0)),
        }
    )


def _incidence(
    book: Book, rows: pd.DataFrame, way: _Way, codes: np.ndarray, groups: int, amount: np.ndarray, within: float
) -> pd.DataFrame:
    """Won by an age, with lost as the competing outcome and open ones as censored, one row per group."""
    days = _cycle(rows, book.as_of).to_numpy(dtype="float64")
    outcomes = rows["outcome"].to_numpy(dtype=object)
    by_then = way.won & (days <= within)
    z = ndtri(0.5 + LEVEL / 2)
    found = []
    for group in range(groups):
        at = np.flatnonzero(way.counted & (codes == group))
        curve = aalen_johansen(days[at], outcomes[at])
        share = curve.by(within, "won") if len(at) else np.nan
        half = z * curve.error_by(within, "won")
        valued = at[amount[at] > 0]
        value = aalen_johansen(days[valued], outcomes[valued], weights=amount[valued]).by(within, "won")
        found.append(
            {
                "win_rate": share,
                "win_low": max(share - half, 0.0) if len(at) else np.nan,
                "win_high": min(share + half, 1.0) if len(at) else np.nan,
                "amount_won": amount[at][by_then[at]].sum(),
                "win_rate_value": value if len(valued) else np.nan,
            }
        )
    return pd.DataFrame(found, columns=["win_rate", "win_low", "win_high", "amount_won", "win_rate_value"])


def win_rates(
    book: Book, *, by: str | None = None, within_days: float | None = None, from_stage: str | None = None
) -> pd.DataFrame:
    """Six win rates side by side, by count and by value.

    Parameters
    ----------
    book
        Any book with closed opportunities.
    by
        A column of the opportunities to split by; None for the whole.
    within_days
        The horizon of ``created_mature`` and ``by_day``; None takes the age by which nine of ten won
        opportunities were won.
    from_stage
        The stage of ``from_stage``; None takes the method's second stage: the first in which an opportunity is
        more than a lead.

    Returns
    -------
    DataFrame
        `tables.WIN_RATES`, six rows (per value of ``by``):

        - ``closed``: won / (won + lost);
        - ``created``: won / all created, the open ones included;
        - ``created_mature``: won within the horizon / created at least that long ago;
        - ``from_stage``: won / (won + lost) of those that reached the stage, as in `stage_conversion`;
        - ``by_day``: the Aalen–Johansen incidence of winning by the horizon: open ones count for as long as they
          have been watched (by value: weighted with the amounts);
        - ``overdue_as_lost``: as ``closed``, with open ones past their close date counted as not won.

    Raises
    ------
    MethodologyError
        If the stage is not one of the method's.
    ArgumentError
        If the horizon is not positive, or there is no such column.

    See Also
    --------
    funnel_analytics.charts.win_rates : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.win_rates(fa.load_sample())["rate"].tolist()[:3]
    ['closed', 'created', 'created_mature']
    """
    stages = book.methodology.stages
    stage = book.methodology.stage(from_stage) if from_stage else stages[min(1, len(stages) - 1)]
    rows = pd.DataFrame({name: book.column(name) for name in ("outcome", "amount", "created_date", "close_date")})
    within = _horizon(rows) if within_days is None else float(within_days)
    if not within > 0:
        raise ArgumentError(f"within_days is {within_days}. Accepted: a number of days above 0, for example 365.")
    codes, values = opportunity_groups(book, by, tables.WIN_RATES)
    ways, groups = _ways(book, rows, within, stage.order), len(values)
    amount = rows["amount"].fillna(0.0).to_numpy(dtype="float64").clip(min=0.0)
    blocks = {rate: _share(way, amount, codes, groups) for rate, way in ways.items()}
    incidence = _incidence(book, rows, ways["by_day"], codes, groups, amount, within)
    blocks["by_day"][incidence.columns] = incidence
    # Group by group, the six rates of each in order.
    result = pd.concat(blocks, names=["rate", "group"]).reset_index()
    place = result["rate"].map({rate: place for place, rate in enumerate(ways)})
    result = result.assign(place=place).sort_values(["group", "place"], kind="stable", ignore_index=True)
    result["stage"] = pd.Series(stage.key, index=result.index).where(result["rate"] == "from_stage")
    result["within_days"] = pd.Series(within, index=result.index).where(
        result["rate"].isin(["created_mature", "by_day"])
    )
    if not book.has_money:
        result[["amount", "amount_won", "win_rate_value"]] = np.nan
    return tables.declare(labelled(result, by, values, len(ways)), tables.WIN_RATES, book.context, by=by)
