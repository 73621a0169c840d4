"""Coverage: whether the open pipeline is enough for the gap to the quota, by this team's own yield."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_quota
from ..book import Book
from ..errors import ArgumentError
from ..funnel.counts import Source
from ..hygiene import is_placeholder
from ..outcomes import won_in
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


_SUMS = ("won_opportunities", "won_amount", "open_opportunities", "open_amount", "placeholders", "without_close_date",
         "overdue_opportunities")  # fmt: skip
"""What `due_sums` adds up."""


def pipeline_coverage(
    book: Source, *, period: str | None = None, by: str | None = None, quota: float | None = None
) -> pd.DataFrame:
    """Won so far, gap to the quota, and whether the open pipeline due in the period covers it.

    Parameters
    ----------
    book
        A book or a warehouse; "now" is its ``as_of``.
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
    So do those of the category ``omitted``, which `weighted_forecast` does not sum: the yield divides by all that was
    due on an earlier day, whose categories no export of today tells.

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
    sums = due_sums(book, asked, by)
    named: dict[Any, Mapping[Hashable, Any]] = {
        None if pd.isna(row["group"]) else row["group"]: row for row in sums.to_dict("records")
    }
    if by is not None:
        quotas = quotas_by(book, asked, by, list(named))
        nothing = dict.fromkeys(_SUMS, 0)
        named |= {value: nothing for value in quotas if value not in named}
    else:
        stated = quota if quota is not None else period_quota(book, asked)
        quotas = {} if stated is None else {None: stated}
        # Of no opportunity at all there is no group either.
        named = named or {None: dict.fromkeys(_SUMS, 0)}
    values = sorted(named, key=lambda value: (pd.isna(value), str(value)))
    usual = _usual_yield(book, asked)
    over = asked.end <= book.as_of
    frame = pd.DataFrame([_row(named[value], quotas.get(value), usual, over=over) for value in values])
    frame = frame.assign(period=asked.label)
    if by is not None:
        frame[by] = values
    return tables.declare(frame, tables.PIPELINE_COVERAGE, book.context, by=by)


@singledispatch
def due_sums(source: Source, period: Period, by: str | None) -> pd.DataFrame:
    """Won in a period, due in it and not due in any, by a column: group, and sums of what `_SUMS` names."""
    raise NotImplementedError(type(source).__name__)


@due_sums.register
def _of_rows(book: Book, period: Period, by: str | None) -> pd.DataFrame:
    rows = []
    for value, part in tables.grouping(book.opportunities, by, tables.PIPELINE_COVERAGE):
        won = won_in(part, period, book.as_of)
        still = part[part["outcome"] == "open"]
        due = still[still["close_date"].between(period.start, period.end)]
        counted = due[~is_placeholder(due["amount"])]
        numbers = (len(won), float(won["amount"].sum()), len(counted), float(counted["amount"].sum()),
                   len(due) - len(counted), int(still["close_date"].isna().sum()),
                   int((still["close_date"] < book.as_of).sum()))  # fmt: skip
        rows.append({"group": value, **dict(zip(_SUMS, numbers, strict=True))})
    return pd.DataFrame(rows, columns=["group", *_SUMS])


def _usual_yield(book: Source, period: Period) -> _Yield:
    """The team's own yield, drawn to the prior; by value, so that a period that began almost empty says little."""
    past = [] if period.end <= book.as_of else past_yields(book, period)
    due, won, from_due = (sum(getattr(one, name) for one in past) for name in ("due", "won", "won_from_due"))
    prior = PRIOR_PERIODS * due / len(past) if past else 1.0
    rate = (PRIOR_YIELD * prior + won) / (prior + due)
    return _Yield(rate, len(past), from_due / won if won else np.nan)


def _row(sums: Mapping[Hashable, Any], quota: float | None, usual: _Yield, *, over: bool) -> dict[str, Any]:
    reached, pipeline = float(sums["won_amount"]), float(sums["open_amount"])
    target = np.nan if quota is None else quota
    gap = np.nan if quota is None else max(0.0, quota - reached)
    # The prior keeps the rate above 0.
    required = np.nan if over else 1 / usual.rate
    return {
        **{name: sums[name] for name in _SUMS},
        "quota": target,
        "attainment": reached / target if target > 0 else np.nan,
        "gap": gap,
        # What is still open can no longer be won in a period that is over.
        "coverage": pipeline / gap if gap > 0 and not over else np.nan,
        "coverage_of_quota": pipeline / target if target > 0 else np.nan,
        "required_coverage": required,
        "required_amount": gap * required,
        "to_create": np.nan if np.isnan(gap * required) else max(0.0, gap * required - pipeline),
        "expected_from_due": pipeline * usual.rate if not over else np.nan,
        "yield_rate": np.nan if over else usual.rate,
        "yield_periods": usual.periods,
        "won_from_due": usual.from_due,
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
