"""Pacing: what has been won week by week in a period, against earlier periods in the same week."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import tables
from ..errors import ArgumentError
from ..funnel.counts import Source
from ..periods import Period
from .quotas import period_quota
from .record.earlier import MOST_PERIODS, closings, earlier_periods

LOW, HIGH = 0.25, 0.75
"""The middle half of the earlier periods is called usual."""


def quota_pacing(book: Source, *, period: str | None = None, earlier: int = MOST_PERIODS) -> pd.DataFrame:
    """Amount won by the end of each week of a period, beside earlier periods in the same week (linearity).

    Parameters
    ----------
    book
        A book or a warehouse; "now" is its ``as_of``.
    period
        A fiscal period such as ``"2026Q4"``; None means the quarter of the day after ``as_of``.
    earlier
        How many earlier periods of the same length to hold it against, at most; only those that are over.

    Returns
    -------
    DataFrame
        `tables.QUOTA_PACING`: one row per period and week, earlier periods first. The period asked for
        (``current``) ends with the book's date and carries the usual amount and share of the earlier periods on the
        same day. Rows of earlier periods say which share of their own final amount had been won by then.

    Raises
    ------
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If there is no such period.

    Notes
    -----
    Week *w* ends on the 7·w-th day of the period; the last one ends with the period (a quarter has thirteen). ``usual_share`` is the median, over
    ``periods`` earlier periods, of won by that day ÷ won in the whole period; periods in which nothing was won have no
    share and are left out of it. A period in which the quarter's end decides shows late shares: compare with your own
    earlier periods, not with the elapsed time.

    See Also
    --------
    pipeline_coverage : is there enough pipeline for what is missing?
    funnel_analytics.charts.quota_pacing : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> pace = fa.quota_pacing(fa.load_sample(), period="2026Q4")
    >>> now = pace[pace["current"]].iloc[-1]
    >>> int(now["week"]), str(now["until"].date())
    (8, '2026-11-20')
    """
    book.require_money()
    if earlier < 0:
        raise ArgumentError(f"earlier is {earlier}. Accepted: 0 or more; {MOST_PERIODS} is usual.")
    asked = book.period(period)
    past = earlier_periods(book, asked, earlier)[::-1]
    won = _wins(book)
    blocks = [_weeks(won, span, span.end, period_quota(book, span)) for span in past]
    finals = [block["won_amount"].iloc[-1] for block in blocks]
    blocks = [
        block.assign(share_of_final=block["won_amount"] / final if final > 0 else np.nan)
        for block, final in zip(blocks, finals, strict=True)
    ]
    if asked.start <= book.as_of:
        now = _weeks(won, asked, min(asked.end, book.as_of), period_quota(book, asked)).assign(current=True)
        blocks.append(now.join(_usual(won, asked, past, now["until"])))
    frame = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame()
    context = {**book.context, "asked_period": asked.label}
    return tables.declare(frame, tables.QUOTA_PACING, context)


@dataclass(frozen=True)
class _Wins:
    """Days of closing, how many were won on them, and amounts; one that is not known counts as 0."""

    closed: np.ndarray
    number: np.ndarray
    amount: np.ndarray

    def between(self, start: pd.Timestamp, end: pd.Timestamp) -> "_Wins":
        """What was won on these days, both included."""
        inside = (self.closed >= start.to_datetime64()) & (self.closed <= end.to_datetime64())
        return _Wins(self.closed[inside], self.number[inside], self.amount[inside])

    @property
    def total(self) -> float:
        """The sum of the amounts."""
        return float(self.amount.sum())


def _wins(source: Source) -> _Wins:
    rows = closings(source)
    won = rows[rows["outcome"] == "won"]
    return _Wins(*(won[name].to_numpy() for name in ("close_date", "opportunities", "amount")))


def _weeks(won: _Wins, span: Period, last: pd.Timestamp, quota: float | None) -> pd.DataFrame:
    """Won by the end of each week of a period, up to a day."""
    starts = [span.start + pd.Timedelta(days=7 * week) for week in range(max(round(span.days / 7), 1))]
    ends = [*(start - pd.Timedelta(days=1) for start in starts[1:]), span.end]
    kept = [min(end, last) for start, end in zip(starts, ends, strict=True) if start <= last]
    by_then = [won.between(span.start, day) for day in kept]
    target = np.nan if quota is None else quota
    frame = pd.DataFrame({"week": range(1, len(kept) + 1), "until": kept})
    frame["elapsed"] = [((day - span.start).days + 1) / span.days for day in kept]
    frame["won_opportunities"] = [int(wins.number.sum()) for wins in by_then]
    frame["won_amount"] = [wins.total for wins in by_then]
    attainment = frame["won_amount"] / target if target > 0 else np.nan
    return frame.assign(period=span.label, quota=target, attainment=attainment, current=False)


def _usual(won: _Wins, asked: Period, past: list[Period], days: pd.Series) -> pd.DataFrame:
    """Median and middle half of the earlier periods on the same day: amounts, and shares of the final amount."""
    final = np.array([won.between(span.start, span.end).total for span in past])
    rows = []
    for day in days:
        # The last day of a period is that of an earlier one, however long that was.
        same = [span.end if day >= asked.end else min(span.start + (day - asked.start), span.end) for span in past]
        reached = np.array([won.between(span.start, until).total for span, until in zip(past, same, strict=True)])
        shares = reached[final > 0] / final[final > 0]
        row: dict[str, float] = {"periods": len(past)}
        for name, values in (("amount", reached), ("share", shares)):
            low, middle, high = np.quantile(values, [LOW, 0.5, HIGH]) if len(values) else [np.nan] * 3
            row |= {f"usual_{name}": middle, f"usual_{name}_low": low, f"usual_{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows, index=days.index)
