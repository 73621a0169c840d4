"""The survival curves: how many are still in each stage, and still undecided, after each day."""

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_level
from ..outcomes import LOST, OPEN, WON
from .counts import Source, cycle_counts, days_of, visit_counts
from .durations import ENDED, GOING_ON
from .groups import stacked
from .survival import STILL_WATCHED, survival_of_counts

WHOLE = "whole_cycle"
"""The key of the row block from creation to closing, beside the stages."""


def _curve(days: np.ndarray, ended: np.ndarray, going_on: np.ndarray, level: float) -> pd.DataFrame:
    """One row for day 0 and one per day on which some left, as long as enough are there."""
    curve = survival_of_counts(days, ended, going_on)
    kept = curve.at_risk >= STILL_WATCHED
    low, high = (side[kept] for side in curve.band(level))
    watched = int((ended + going_on).sum())
    return pd.DataFrame(
        {
            "days": np.append(0.0, curve.days[kept]),
            "at_risk": np.append(watched, curve.at_risk[kept]),
            "still_there": np.append(1.0, curve.share[kept]),
            "still_low": np.append(1.0, low),
            "still_high": np.append(1.0, high),
        }
    ).assign(visits=watched, median_days=curve.quantile(0.5))


def stage_survival(book: Source, *, by: str | None = None, level: float = 0.8) -> pd.DataFrame:
    """The share still in each stage after each day, and of all opportunities the share not yet won or lost.

    Parameters
    ----------
    book
        A book or a warehouse with a stage history, or with several exports.
    by
        A column of the opportunities to split by; None for the whole.
    level
        Confidence of the band.

    Returns
    -------
    DataFrame
        `tables.STAGE_SURVIVAL`: per stage (and value of ``by``) one row for day 0 and one per day on which some left, as
        long as five are there; then the same from creation to closing, with the stage ``whole_cycle``. No rows for a
        stage with fewer than five visits.

    Raises
    ------
    ArgumentError
        If the level or the column is not known.

    Notes
    -----
    Kaplan & Meier (1958), log-log band. Visits that go on, and open opportunities, count for as long as they were
    watched. How they left is not told here: being lost is no slow win, so there is no curve of "not yet won"
    (`stage_incidence` has those that advanced and those that were lost, which compete).

    See Also
    --------
    time_in_stage : medians and the stall line of the same visits.
    funnel_analytics.charts.stage_survival : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> curves = fa.stage_survival(fa.load_sample())
    >>> bool((curves.groupby("stage")["still_there"].diff().dropna() <= 0).all())
    True
    """
    check_level(level)
    visits, values = visit_counts(book, by, tables.STAGE_SURVIVAL)
    stages, groups = book.methodology.open_stages, len(values)
    cycles = days_of(cycle_counts(book, by, tables.STAGE_SURVIVAL, until="last_seen")[0], groups)
    curves = []
    for group, value in enumerate(values.tolist()):
        blocks = [
            (stage, counts.days, counts.of(*ENDED), counts.of(*GOING_ON))
            for stage, counts in zip(stages, visits[group * len(stages) :], strict=False)
        ]
        blocks.append((WHOLE, cycles[group].days, cycles[group].of(WON, LOST), cycles[group].of(OPEN)))
        for stage, days, ended, going_on in blocks:
            if (ended + going_on).sum() >= STILL_WATCHED:
                curves.append((value, _curve(days, ended, going_on, level).assign(stage=stage)))
    return tables.declare(stacked(curves, by, tables.STAGE_SURVIVAL), tables.STAGE_SURVIVAL, book.context, by=by)
