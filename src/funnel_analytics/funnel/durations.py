"""Time in stage: how long opportunities stay in each stage, counting those still there."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .counts import Source, stands, visit_counts
from .day_counts import DayCounts, quantile
from .groups import labelled
from .reach import lasted
from .survival import survival_of_counts

STALL_VISITS = 5
"""Fewer advancing visits than this give no stall line."""
STALL_SHARE = 0.8


GOING_ON, ADVANCING, ENDED = (0, 1), (2, 3), (2, 3, 4, 5)
"""Kinds of `counts.VISIT_KINDS`: not ended yet, gone further, ended."""


def _summary(visits: DayCounts) -> dict[str, float]:
    """One stage's row from its counted visits."""
    days, ended, advanced = visits.days, visits.of(*ENDED), visits.of(*ADVANCING)
    curve = survival_of_counts(days, ended, visits.of(*GOING_ON))
    low, high = curve.median_interval()
    stall = quantile(days, advanced, STALL_SHARE) if advanced.sum() >= STALL_VISITS else np.nan
    return {
        "visits": visits.watched,
        "open_visits": int(visits.of(*GOING_ON).sum()),
        "median_days": curve.quantile(0.5),
        "median_low_days": low,
        "median_high_days": high,
        "p25_days": curve.quantile(0.25),
        "p75_days": curve.quantile(0.75),
        "longest_days": float(days[-1]) if len(days) else np.nan,
        "completed_median_days": quantile(days, ended, 0.5),
        "advancing_visits": int(advanced.sum()),
        "stall_days": stall,
        "stalled_opportunities": int(visits.of(0)[days > stall].sum()),
    }


def standing_visits(book: Book) -> pd.DataFrame:
    """The stage in which each open opportunity stands, and since when, where a source tells the day of entry.

    Parameters
    ----------
    book
        The book.

    Returns
    -------
    DataFrame
        opportunity_id, stage, entered, days (as `time_in_stage` counts them).

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> visits = standing_visits(fa.load_sample())
    >>> bool((visits["days"] >= 0.5).all())
    True
    """
    log = book.stage_log
    log = log[stands(log) & log["days"].notna().to_numpy()]
    return log[["opportunity_id", "stage", "entered"]].assign(days=lasted(log["days"].to_numpy()))


def time_in_stage(book: Source, *, by: str | None = None) -> pd.DataFrame:
    """How long opportunities stay in each stage.

    Parameters
    ----------
    book
        A book or a warehouse with a stage history, several exports, or an export that dates the entry into the stage.
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.TIME_IN_STAGE`: one row per stage that an open opportunity can hold, in order (and value of
        ``by``), in days. A visit that goes on counts as "at least so long". Visits of which no source tells the
        day of entry, or of a known end its day, are left out.

    Raises
    ------
    ArgumentError
        If there is no such column.

    Notes
    -----
    Kaplan–Meier; the median's interval (95%) inverts the log-log band (Brookmeyer & Crowley 1982). The stall line
    is the 80th percentile of the visits that advanced or were won, given at least five. From exports alone, a visit
    that begins and ends between two of them is never seen, and lengths come out too long where stages pass faster
    than exports follow each other; a stage history tells the real ones.

    See Also
    --------
    funnel_analytics.charts.time_in_stage : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.time_in_stage(fa.load_sample())
    >>> bool((table["visits"] > table["open_visits"]).all())
    True
    """
    visits, values = visit_counts(book, by, tables.TIME_IN_STAGE)
    stages = book.methodology.open_stages
    frame = pd.DataFrame([_summary(counts) for counts in visits])
    frame["stage"] = np.tile(stages, len(values))
    return tables.declare(labelled(frame, by, values, len(stages)), tables.TIME_IN_STAGE, book.context, by=by)
