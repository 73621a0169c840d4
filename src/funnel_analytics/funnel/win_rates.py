"""Win rates: never one number. Six ways of counting that people really use, side by side."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .. import tables
from ..book import Book
from .intervals import wilson
from .survival import aalen_johansen

LEVEL = 0.8
FALLBACK_DAYS = 180.0
"""The horizon where nothing has been won yet."""


def _horizon(rows: pd.DataFrame) -> float:
    """Nine of ten won opportunities were won by this age."""
    cycle = _age(rows[rows["outcome"] == "won"], None)
    return float(np.ceil(cycle.quantile(0.9))) if len(cycle) else FALLBACK_DAYS


def _age(rows: pd.DataFrame, as_of: pd.Timestamp | None) -> pd.Series:
    """Days from creation to closing; to ``as_of`` for open ones. Undated opportunities are left out."""
    closed = rows["outcome"] != "open"
    end = rows["close_date"].where(closed) if as_of is None else rows["close_date"].where(closed, as_of)
    days = (end - rows["created_date"]).dt.days.dropna()
    return days.clip(lower=0.5).astype("float64")


def _counted(rate: str, rows: pd.DataFrame, **extra: object) -> dict[str, object]:
    """One way of counting: the denominator, what was won of it, by count and by value."""
    won = rows["outcome"] == "won"
    amount = rows["amount"].fillna(0.0)
    with_amount = amount > 0
    low, high = wilson(np.array([won.sum()]), np.array([len(rows)]), LEVEL)
    total = float(amount[with_amount].sum())
    return {
        "rate": rate,
        "opportunities": len(rows),
        "won": int(won.sum()),
        "lost": int((rows["outcome"] == "lost").sum()),
        "open": int((rows["outcome"] == "open").sum()),
        "win_rate": won.mean() if len(rows) else np.nan,
        "win_low": low[0],
        "win_high": high[0],
        "amount": total,
        "amount_won": float(amount[won].sum()),
        "win_rate_value": float(amount[won].sum()) / total if total > 0 else np.nan,
        "without_amount": int((~with_amount).sum()),
        **extra,
    }


def _from_stage(rows: pd.DataFrame, log: pd.DataFrame, stage: str) -> dict[str, object]:
    """Closed opportunities that were seen in a stage."""
    seen = log.loc[log["stage"] == stage, "opportunity_id"]
    closed = rows[rows["outcome"].isin(["won", "lost"]) & rows["opportunity_id"].isin(seen)]
    return _counted("from_stage", closed, stage=stage)


def _by_day(rows: pd.DataFrame, as_of: pd.Timestamp, within: float) -> dict[str, object]:
    """Won by an age, with lost as the competing outcome and open ones as censored."""
    age = _age(rows, as_of)
    dated = rows.loc[age.index]
    result = _counted("by_day", dated, within_days=within)
    curve = aalen_johansen(age.to_numpy(), dated["outcome"].to_numpy())
    has_won = "won" in curve.shares
    share = curve.by(within, "won") if has_won else (0.0 if len(dated) else np.nan)
    half = ndtri(0.5 + LEVEL / 2) * curve.error_by(within, "won") if has_won else 0.0
    nothing: dict[str, object] = {"amount": np.nan, "amount_won": np.nan, "win_rate_value": np.nan}
    # An incidence has no denominator of amounts: the value rate is left empty rather than borrowed.
    return result | nothing | {"win_rate": share, "win_low": max(share - half, 0.0), "win_high": min(share + half, 1.0)}


def _six(rows: pd.DataFrame, log: pd.DataFrame, as_of: pd.Timestamp, within: float, stage: str) -> pd.DataFrame:
    closed = rows[rows["outcome"].isin(["won", "lost"])]
    mature = rows[(as_of - rows["created_date"]).dt.days >= within]
    in_time = (mature["close_date"] - mature["created_date"]).dt.days <= within
    late = (mature["outcome"] == "won") & ~in_time
    overdue = rows[(rows["outcome"] == "open") & (rows["close_date"] < as_of)]
    return pd.DataFrame(
        [
            _counted("closed", closed),
            _counted("created", rows),
            # Won later than the horizon is not won within it.
            _counted("created_mature", mature.assign(outcome=mature["outcome"].mask(late, "open")), within_days=within),
            _from_stage(rows, log, stage),
            _by_day(rows, as_of, within),
            _counted("overdue_as_lost", pd.concat([closed, overdue])),
        ]
    )


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
        The stage of ``from_stage``; None takes the method's second stage.

    Returns
    -------
    DataFrame
        `tables.WIN_RATES`, six rows (per value of ``by``): ``closed`` won / (won + lost); ``created`` won / all
        created; ``created_mature`` won within the horizon / created at least that long ago; ``from_stage``
        closed ones that were seen in the stage; ``by_day`` the Aalen–Johansen incidence of winning by the
        horizon; ``overdue_as_lost`` open ones past their close date counted as not won.

    Raises
    ------
    MethodologyError
        If the stage is not one of the method's.

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
    stage = book.methodology.stage(from_stage).key if from_stage else stages[min(1, len(stages) - 1)].key
    rows, log = book.opportunities, book.stage_log
    within = _horizon(rows) if within_days is None else float(within_days)
    blocks = []
    for value, members in tables.grouping(rows, by):
        frame = _six(members, log, book.as_of, within, stage)
        blocks.append(frame.assign(**{by: value}) if by is not None else frame)
    result = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=["rate", *([by] if by else [])])
    if not book.has_money:
        result[["amount", "amount_won", "win_rate_value"]] = np.nan
    return tables.declare(result, tables.WIN_RATES, book.context, by=by)
