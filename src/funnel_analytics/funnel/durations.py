"""Time in stage: how long opportunities stay in each stage, counting those still there."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from .groups import group_codes, labelled
from .reach import SHORTEST_DAYS
from .survival import kaplan_meier

STALL_VISITS = 5
"""Fewer advancing visits than this give no stall line."""
STALL_SHARE = 0.8


def _summary(days: np.ndarray, ended: np.ndarray, advanced: np.ndarray, standing: np.ndarray) -> dict[str, float]:
    """One stage's row from its visits: lengths, which ended, which advanced, which stand open today."""
    curve = kaplan_meier(days, ended)
    low, high = curve.median_interval()
    advancing = days[advanced]
    stall = float(np.quantile(advancing, STALL_SHARE)) if len(advancing) >= STALL_VISITS else np.nan
    return {
        "visits": len(days),
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


def _lasted(log: pd.DataFrame) -> np.ndarray:
    return np.asarray(log["days"].clip(lower=SHORTEST_DAYS), dtype="float64")


def _stands(log: pd.DataFrame) -> np.ndarray:
    """Visits in which an open opportunity is today."""
    return np.asarray((log["exit"] == "open") & (log["outcome"] == "open"), dtype=bool)


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
    >>> bool((visits["days"] >= SHORTEST_DAYS).all())
    True
    """
    log = book.stage_log
    log = log[_stands(log) & log["days"].notna().to_numpy()]
    return log[["opportunity_id", "stage", "entered"]].assign(days=_lasted(log))


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
        ``by``), in days. A visit that goes on counts as "at least so long". Visits of which no source tells the
        day of entry, or of a known end its day, are left out.

    Raises
    ------
    ArgumentError
        If there is no such column.

    Notes
    -----
    Kaplan–Meier; the median's interval (95 %) inverts the log-log band (Brookmeyer & Crowley 1982). The stall line
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
    rows, log = book.opportunities, book.stage_log
    codes, values = group_codes(rows, by, tables.TIME_IN_STAGE)
    stages = book.methodology.open_stages
    position = pd.Index(rows["opportunity_id"]).get_indexer(log["opportunity_id"])
    stage = pd.Index(stages).get_indexer(log["stage"])
    dated = (position >= 0) & (stage >= 0) & log["days"].notna().to_numpy()
    log, position, stage = log[dated], position[dated], stage[dated]

    days, standing = _lasted(log), _stands(log)
    ended = (log["exit"] != "open").to_numpy(dtype=bool)
    advanced = log["exit"].isin(["advanced", "won"]).to_numpy(dtype=bool)
    # One cell per group and stage: sorted once, then cut.
    cell = codes[position] * len(stages) + stage
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(1, len(values) * len(stages)))
    cells = np.split(order, bounds) if len(values) else []
    frame = pd.DataFrame([_summary(days[at], ended[at], advanced[at], standing[at]) for at in cells])
    frame["stage"] = np.tile(stages, len(values))
    return tables.declare(labelled(frame, by, values, len(stages)), tables.TIME_IN_STAGE, book.context, by=by)
