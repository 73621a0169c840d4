"""Win rates: never one number. Six ways of counting that people really use, side by side."""

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_within_days
from ..outcomes import LOST, OPEN, WON
from .counts import Source, cycle_counts, days_of
from .day_counts import DayCounts, quantile
from .groups import labelled
from .intervals import normal_interval, wilson
from .reach import lasted
from .survival import Incidence, incidence_of_counts

LEVEL = 0.8
FALLBACK_DAYS = 180.0
"""The horizon where nothing has been won yet."""


def _horizon(counts: pd.DataFrame) -> float:
    """Nine of ten won opportunities were won by this age."""
    won = counts[(counts["outcome"] == WON) & (counts["days"] >= 0)].groupby("days")["opportunities"].sum()
    if won.empty:
        return FALLBACK_DAYS
    return float(np.ceil(quantile(lasted(won.index.to_numpy()), won.to_numpy(), 0.9)))


def _ways(counts: pd.DataFrame, within: float) -> dict[str, pd.DataFrame]:
    """The ways of counting in order: the rows of each one's denominator, with which of them are won and lost."""
    won, lost = counts["outcome"] == WON, counts["outcome"] == LOST
    rows = counts.assign(won=won, lost=lost)
    in_time = (rows["days"] >= 0) & (lasted(rows["days"].to_numpy()) <= within)
    # What closed later than the horizon was still open on it.
    by_then = rows.assign(won=won & in_time, lost=lost & in_time)
    return {
        "closed": rows[won | lost],
        "created": rows,
        "created_mature": by_then[rows["mature"] > 0],
        "from_stage": rows[(won | lost) & (rows["at_stage"] > 0)],
        "by_day": by_then[rows["days"] >= 0],
        "overdue_as_lost": rows[won | lost | (rows["overdue"] > 0)],
    }


def _share(rows: pd.DataFrame, groups: int) -> pd.DataFrame:
    """One way of counting by count and by value, one row per group."""

    def total(measure: str, mask: pd.Series) -> np.ndarray:
        return np.bincount(rows["group"][mask], rows[measure][mask], groups)

    everyone, valued = pd.Series(True, index=rows.index), rows["valued"] > 0
    counted, won, lost = (
        total("opportunities", mask).astype("int64") for mask in (everyone, rows["won"], rows["lost"])
    )
    low, high = wilson(won, counted, LEVEL)
    value, value_won = total("amount", valued), total("amount", valued & rows["won"])
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
            "without_amount": total("opportunities", ~valued).astype("int64"),
        }
    )


def _incidence(rows: pd.DataFrame, groups: int, within: float) -> pd.DataFrame:
    """Won by an age, with lost as the competing outcome and open ones as censored, one row per group."""
    valued = rows[rows["valued"] > 0]
    counts, amounts = days_of(rows, groups), days_of(valued, groups, "amount")
    curves = [_curve(one) for one in counts]
    watched = np.array([one.watched for one in counts], dtype="int64")
    known = watched > 0
    share = np.array([curve.by(within, "won") for curve in curves])
    error = np.array([curve.error_by(within, "won") for curve in curves])
    low, high = normal_interval(share, error, LEVEL, watched)
    value = [_curve(one).by(within, "won") if len(one.days) else np.nan for one in amounts]
    return pd.DataFrame(
        {
            "win_rate": np.where(known, share, np.nan),
            "win_low": np.where(known, low, np.nan),
            "win_high": np.where(known, high, np.nan),
            "win_rate_value": value,
        }
    )


def _curve(counts: DayCounts) -> Incidence:
    return incidence_of_counts(counts.days, {"won": counts.of(WON), "lost": counts.of(LOST)}, counts.of(OPEN))


def win_rates(
    book: Source, *, by: str | None = None, within_days: float | None = None, from_stage: str | None = None
) -> pd.DataFrame:
    """Six win rates side by side, by count and by value.

    Parameters
    ----------
    book
        Any book or warehouse with closed opportunities.
    by
        A column of the opportunities to split by; None for the whole.
    within_days
        The horizon of ``created_mature`` and ``by_day``; None takes the age by which nine of ten won
        opportunities were won (interpolated, rounded up), 180 days where none is.
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
        - ``from_stage``: won / (won + lost) of those that reached the stage, as in `stage_conversion`: near 1, and
          left out of charts and reviews, where no source tells how far the lost ones had come;
        - ``by_day``: the Aalen–Johansen incidence of winning by the horizon: open ones count for as long as they
          have been watched (by value: weighted with the amounts); won and lost are those by the horizon;
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
    table = tables.WIN_RATES
    check_within_days(within_days)
    within = _horizon(cycle_counts(book, None, table)[0]) if within_days is None else float(within_days)
    counts, values = cycle_counts(book, by, table, within=within, stage=stage.order)
    ways, groups = _ways(counts, within), len(values)
    blocks = {rate: _share(rows, groups) for rate, rows in ways.items()}
    incidence = _incidence(ways["by_day"], groups, within)
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
