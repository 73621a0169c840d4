"""The incidence curves of every stage: how many have advanced or were lost by each day since they entered."""

from itertools import product

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_counting, check_level
from .conversion import incidence_of
from .counts import Source, clock_counts
from .day_counts import DayCounts
from .groups import stacked
from .intervals import normal_interval
from .reach import COUNTING
from .survival import STILL_WATCHED


def _curve(counts: DayCounts, level: float) -> pd.DataFrame:
    """One row per day on which something happened, from day 0 on, as long as enough are followed."""
    curve = incidence_of(counts)
    kept = curve.at_risk >= STILL_WATCHED
    advanced, lost = (curve.shares[name][kept] for name in ("advanced", "lost"))
    low, high = normal_interval(advanced, curve.errors["advanced"][kept], level)
    frame = pd.DataFrame(
        {
            "days": np.append(0.0, curve.days[kept]),
            "at_risk": np.append(float(counts.watched), curve.at_risk[kept]),
            "advance_by_day": np.append(0.0, advanced),
            "by_day_low": np.append(0.0, low),
            "by_day_high": np.append(0.0, high),
            "lost_by_day": np.append(0.0, lost),
        }
    ).assign(watched=counts.watched)
    frame["undecided_by_day"] = (1 - frame["advance_by_day"] - frame["lost_by_day"]).clip(lower=0.0)
    return frame


def stage_incidence(
    book: Source, *, by: str | None = None, counting: str = "reached", level: float = 0.8
) -> pd.DataFrame:
    """The share that advanced, and the share that was lost, by each day since the first entry to a stage.

    Parameters
    ----------
    book
        A book or a warehouse with a stage history, or with several exports.
    by
        A column of the opportunities to split by, or a cohort as in `stage_conversion`; None for the whole.
    counting
        As in `stage_conversion`, of those that were in the stage on a known day.
    level
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        `tables.STAGE_INCIDENCE`: per stage (and value of ``by``) one row for day 0 and one per day on which something
        happened, as long as five are followed; no rows for a stage with fewer than five.

    Raises
    ------
    ArgumentError
        If the counting rule, the level or the column is not known.

    Notes
    -----
    Aalen & Johansen (1978): open opportunities count for as long as they were watched, and a lost one cannot advance
    later. Events of one day are taken together.

    See Also
    --------
    stage_conversion : the same at one day.
    funnel_analytics.charts.stage_incidence : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> curves = fa.stage_incidence(fa.load_sample())
    >>> bool((curves.groupby("stage")["advance_by_day"].diff().dropna() >= 0).all())
    True
    """
    check_counting(counting, COUNTING)
    check_level(level)
    cells, values = clock_counts(book, by, counting, tables.STAGE_INCIDENCE)
    # Group by group, the stages of each in order.
    curves = [
        (value, _curve(counts, level).assign(stage=stage, counting=counting))
        for (value, stage), counts in zip(product(values, book.methodology.open_stages), cells, strict=True)
        if counts.watched >= STILL_WATCHED
    ]
    frame = stacked(curves, by, tables.STAGE_INCIDENCE)
    return tables.declare(frame, tables.STAGE_INCIDENCE, book.context, by=by)
