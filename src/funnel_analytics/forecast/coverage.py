"""Coverage: whether the open pipeline is enough for the gap to the quota, by this team's own yield."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_quota
from ..book import Book
from ..errors import ArgumentError
from ..hygiene import is_placeholder
from ..periods import Period
from .quotas import period_quota, quotas_by
from .record.earlier import past_yields

PRIOR_YIELD, PRIOR_PERIODS = 0.25, 4.0
"""Without any history, one in four of what is due is taken to be won: the trade's "four times". It weighs as much as
four periods of average size, so that one good quarter does not turn the requirement round."""


@dataclass(frozen=True)
class _Yield:
    """What this team wins of the pipeline that is due, from this day of a period to its end."""

    rate: float
    periods: int
    from_due: float
    """Share of what was won then that came from the pipeline due; the rest was created or pulled in afterwards."""


def pipeline_coverage(
    book: Book, *, period: str | None = None, by: str | None = None, quota: float | None = None
) -> pd.DataFrame:
    """Won so far, gap to the quota, and whether the open pipeline due in the period covers it.

    Parameters
    ----------
    book
        The book; "now" is its ``as_of``.
    period
        A fiscal period such as ``"2026Q4"``; None means the quarter of the day after ``as_of``.
    by
        A column of the opportunities (``"owner"``, ``"team"`` …): one row per value, sorted, a missing value last.
        Owners and teams that only the quotas name have a row too. None for the whole.
    quota
        Amount to win in the period, instead of ``book.quotas``; not together with ``by``.

    Returns
    -------
    DataFrame
        `tables.PIPELINE_COVERAGE`. ``coverage`` divides by the gap that is left, ``coverage_of_quota`` by the full
        quota, as many sources do. What is missing has its reason in ``status``.

    Raises
    ------
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If there is no such period or column, or ``quota`` is given together with ``by``.

    Notes
    -----
    coverage = open amount due in the period ÷ (quota − won in it). Required coverage is 1 ÷ yield, not "3×": yield is
    what was won in earlier periods from this same day of the period to its end, divided by the open amount that was
    due on that day, over up to eight periods, with a prior of 0.25 that weighs as four periods. It includes wins that
    were created or pulled in afterwards; ``won_from_due`` says how much of them was due already. Parts of a team take
    the whole's yield: a seller's own few wins would say little. Placeholders (amount missing, negative, 0 or 1) and
    opportunities without a close date are counted apart; overdue ones count if their close date lies in the period.

    See Also
    --------
    quota_pacing : is what has been won so far early or late?
    funnel_analytics.charts.pipeline_coverage : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> row = fa.pipeline_coverage(fa.load_sample(), period="2026Q4").iloc[0]
    >>> row["status"], bool(row["gap"] == row["quota"] - row["won_amount"])
    ('short', True)
    """
    book.require_money()
    check_quota(quota)
    if by is not None and quota is not None:
        raise ArgumentError("One quota cannot be split: leave out by=, or give the quotas of each part in a sheet.")
    asked = book.period(period)
    groups = tables.grouping(book.opportunities, by)
    quotas: dict[Any, float] = {}
    if by is not None:
        quotas = quotas_by(book, asked, by, [value for value, _ in groups])
        named = {value for value, _ in groups}
        groups += [(value, book.opportunities.iloc[:0]) for value in quotas if value not in named]
        groups.sort(key=lambda group: (pd.isna(group[0]), str(group[0])))
    else:
        stated = quota if quota is not None else period_quota(book, asked)
        quotas = {} if stated is None else {None: stated}
    usual = _usual_yield(book, asked)
    rows = [_row(part, asked, book.as_of, quotas.get(value), usual) for value, part in groups]
    frame = pd.DataFrame(rows).assign(period=asked.label)
    if by is not None:
        frame[by] = [value for value, _ in groups]
    return tables.declare(frame, tables.PIPELINE_COVERAGE, book.context, by=by)


def _usual_yield(book: Book, period: Period) -> _Yield:
    """The team's own yield, drawn to the prior; by value, so that a period that began almost empty says little."""
    past = [] if period.end <= book.as_of else past_yields(book, period)
    due, won, from_due = (sum(getattr(one, name) for one in past) for name in ("due", "won", "won_from_due"))
    prior = PRIOR_PERIODS * due / len(past) if past else 1.0
    rate = (PRIOR_YIELD * prior + won) / (prior + due)
    return _Yield(rate, len(past), from_due / won if won else np.nan)


def _row(part: pd.DataFrame, period: Period, as_of: pd.Timestamp, quota: float | None, usual: _Yield) -> dict[str, Any]:
    won = part[(part["outcome"] == "won") & part["close_date"].between(period.start, min(period.end, as_of))]
    still = part[part["outcome"] == "open"]
    due = still[still["close_date"].between(period.start, period.end)]
    counted = due[~is_placeholder(due["amount"])]
    reached, pipeline = float(won["amount"].sum()), float(counted["amount"].sum())
    over = period.end <= as_of
    target = np.nan if quota is None else quota
    gap = np.nan if quota is None else max(0.0, quota - reached)
    # The prior keeps the rate above 0.
    required = np.nan if over else 1 / usual.rate
    return {
        "quota": target,
        "won_opportunities": len(won),
        "won_amount": reached,
        "attainment": reached / target if target > 0 else np.nan,
        "gap": gap,
        "open_opportunities": len(counted),
        "open_amount": pipeline,
        "coverage": pipeline / gap if gap > 0 else np.nan,
        "coverage_of_quota": pipeline / target if target > 0 else np.nan,
        "required_coverage": required,
        "required_amount": gap * required,
        "to_create": np.nan if np.isnan(gap * required) else max(0.0, gap * required - pipeline),
        "expected_from_due": pipeline * usual.rate if not over else np.nan,
        "yield_rate": np.nan if over else usual.rate,
        "yield_periods": usual.periods,
        "won_from_due": usual.from_due,
        "placeholders": len(due) - len(counted),
        "without_close_date": int(still["close_date"].isna().sum()),
        "overdue_opportunities": int((still["close_date"] < as_of).sum()),
        "status": _status(target, gap, pipeline, required, over=over),
    }


def _status(quota: float, gap: float, pipeline: float, required: float, *, over: bool) -> str:
    if np.isnan(quota):
        return "no_quota"
    if quota <= 0:
        return "zero_quota"
    if gap == 0:
        return "quota_met"
    if over:
        return "missed"
    return "covered" if pipeline >= gap * required else "short"
