"""Time in stage: how long opportunities stay in each stage, counting those still there."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .survival import kaplan_meier

SHORTEST_DAYS = 0.5
"""A visit that began and ended on one day lasted half a day, not none."""
STALL_VISITS = 5
"""Fewer advancing visits than this give no stall line."""
STALL_SHARE = 0.8


def _stage_row(visits: pd.DataFrame, open_ids: set[str]) -> dict[str, float]:
    days = visits["days"].clip(lower=SHORTEST_DAYS).to_numpy()
    ended = (visits["exit"] != "open").to_numpy()
    curve = kaplan_meier(days, ended)
    low, high = curve.median_interval() if len(curve.days) else (np.nan, np.nan)
    advancing = days[(visits["exit"].isin(["advanced", "won"])).to_numpy()]
    stall = float(np.quantile(advancing, STALL_SHARE)) if len(advancing) >= STALL_VISITS else np.nan
    standing = ~ended & visits["opportunity_id"].isin(open_ids).to_numpy()
    return {
        "visits": len(visits),
        "open_visits": int((~ended).sum()),
        "median_days": curve.quantile(0.5),
        "median_low_days": low,
        "median_high_days": high,
        "p25_days": curve.quantile(0.25),
        "p75_days": curve.quantile(0.75),
        "longest_days": float(days.max()) if len(days) else np.nan,
        "completed_median_days": float(np.median(days[ended])) if ended.any() else np.nan,
        "advancing_visits": len(advancing),
        "stall_days": stall,
        "stalled_opportunities": int((days[standing] > stall).sum()),
    }


def time_in_stage(book: Book, *, by: str | None = None) -> pd.DataFrame:
    """How long opportunities stay in each stage.

    Parameters
    ----------
    book
        A book with a stage history, several exports, or an export that dates the entry into the stage.
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.TIME_IN_STAGE`: one row per stage that an open opportunity can hold, in order (and value of
        ``by``), in days. A visit that goes on counts as "at least so long". Visits whose day of entry no source
        tells are left out.

    Notes
    -----
    Kaplan–Meier; the median's interval (95 %) inverts the log-log band (Brookmeyer & Crowley 1982). The stall line
    is the 80th percentile of the visits that advanced or were won, given at least five.

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
    rows, log = book.opportunities, book.stage_log
    log = log[log["days"].notna()]
    open_ids = set(book.open_opportunities["opportunity_id"])
    blocks = []
    # Grouping by the opportunities gives every group its rows, also one whose visits are all undated.
    for value, members in tables.grouping(rows, by):
        visits = log[log["opportunity_id"].isin(members["opportunity_id"])]
        of_stage = dict(list(visits.groupby("stage")))
        empty = visits.iloc[:0]
        frame = pd.DataFrame([{"stage": key, **_stage_row(of_stage.get(key, empty), open_ids)} for key in book.methodology.open_stages])
        blocks.append(frame.assign(**{by: value}) if by is not None else frame)
    result = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=["stage", *([by] if by else [])])
    return tables.declare(result, tables.TIME_IN_STAGE, book.context, by=by)
