"""Stage conversion: how many opportunities reached a stage, and what became of them.

Open opportunities are not losses: the rate is of the decided ones, and two bounds say what the open ones could
still change. How fast they advance is told by the incidence by day, which counts open ones as long as they were watched.
"""

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_counting, check_level, check_within_days
from .counts import Source, clock_counts, stage_counts
from .day_counts import DayCounts
from .groups import labelled
from .intervals import normal_interval, shrunken_share, wilson
from .reach import CLOCK_OUTCOMES, COUNTING
from .survival import STILL_WATCHED, Incidence, incidence_of_counts


def _rates(frame: pd.DataFrame, nominal: np.ndarray, level: float) -> pd.DataFrame:
    decided = frame["advanced"] + frame["lost"]
    amount_decided = frame["amount_advanced"] + frame["amount_lost"]
    closed = frame["won_eventually"] + frame["lost_eventually"]
    low, high = wilson(frame["advanced"].to_numpy(), decided.to_numpy(), level)
    mean, win_low, win_high = shrunken_share(
        frame["won_eventually"].to_numpy(), frame["lost_eventually"].to_numpy(), nominal, level
    )
    return frame.assign(
        advance_rate=frame["advanced"] / decided,
        wilson_low=low,
        wilson_high=high,
        advance_low=frame["advanced"] / frame["entered"],
        advance_high=(frame["advanced"] + frame["open"]) / frame["entered"],
        advance_rate_value=frame["amount_advanced"] / amount_decided.where(amount_decided > 0),
        win_rate_resolved=frame["won_eventually"] / closed,
        win_mean=mean,
        win_low=win_low,
        win_high=win_high,
    )


def incidence_of(counts: DayCounts) -> Incidence:
    """The Aalen–Johansen incidence of advancing and of being lost."""
    events = {name: counts.of(kind) for kind, name in enumerate(CLOCK_OUTCOMES) if name != "open"}
    return incidence_of_counts(counts.days, events, counts.of(CLOCK_OUTCOMES.index("open")))


def _horizon(counts: DayCounts, within: float | None) -> float:
    """The day by which the incidence is told: the one asked for, else the last to which enough were followed."""
    if counts.watched < STILL_WATCHED:
        return np.nan
    if within is not None:
        return within
    # Where all are decided, nothing is left to follow: the curve is known to its end.
    decided = not counts.of(CLOCK_OUTCOMES.index("open")).any()
    followed = counts.counts.sum(axis=1)[::-1].cumsum()[::-1]
    return float(counts.days[-1] if decided else counts.days[followed >= STILL_WATCHED][-1])


def _by_day(cells: list[DayCounts], within: float | None, level: float) -> dict[str, np.ndarray]:
    """The incidence of advancing and of being lost within some days of entry, one number per cell."""
    found = np.full((len(cells), 6), np.nan)
    for place, counts in enumerate(cells):
        horizon = _horizon(counts, within)
        if np.isnan(horizon):
            continue
        curve = incidence_of(counts)
        advanced, lost = curve.by(horizon, "advanced"), curve.by(horizon, "lost")
        # Too few were followed so long, and those who were not might still decide.
        followed = counts.counts[counts.days >= horizon].sum()
        if followed < STILL_WATCHED and advanced + lost < 1 - 1e-12:
            continue
        error = np.array(curve.error_by(horizon, "advanced"))
        low, high = normal_interval(np.array(advanced), error, level, counts.watched)
        found[place] = horizon, advanced, low, high, lost, max(1 - advanced - lost, 0.0)
    names = ("within_days", "advance_by_day", "by_day_low", "by_day_high", "lost_by_day", "undecided_by_day")
    watched = np.array([counts.watched for counts in cells], dtype="int64")
    return {"watched": watched} | dict(zip(names, found.T, strict=True))


def stage_conversion(
    book: Source,
    *,
    by: str | None = None,
    counting: str = "reached",
    within_days: float | None = None,
    level: float = 0.8,
) -> pd.DataFrame:
    """How many opportunities reached each stage, and how many of them advanced, were lost or are open.

    Parameters
    ----------
    book
        Any book or warehouse; with a stage history or several exports the last stage of lost opportunities is known.
    by
        A column of the opportunities to split by (segment, owner, region …), or a cohort: ``created_quarter``,
        ``entered_quarter`` (of the first entry to each stage; missing for those that passed it without a visit).
        None for the whole.
    counting
        When an opportunity counts at a stage. ``reached``: its furthest stage is this or a later one, or it was
        won, and it did not start beyond (skipped stages are passed through; where only exports tell, the start
        is not known and earlier stages count as passed). ``visited``: it was in the stage; it advanced if it
        went further afterwards or was won. ``strict``: it was in this and every earlier stage, in order.
        ``any``: it was in the stage, order ignored; ``next_rate`` can exceed 1. But for ``visited``, having been
        further before counts as advanced too.
    within_days
        The day, counted from the first entry to the stage, of ``advance_by_day``; None takes for each row the
        last day to which five opportunities were followed (where none is open any more, the last day of all).
    level
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        `tables.STAGE_CONVERSION`: one row per stage that an open opportunity can hold, in order (and value of
        ``by``). entered = advanced + lost + open. Rates are fractions; amounts are missing where the book
        cannot add them up.

    Raises
    ------
    ArgumentError
        If the counting rule or the column is not known.

    Notes
    -----
    A lost opportunity of which no source tells the last stage is counted at no stage, only in
    ``lost_stage_unknown``. Where that holds for most of them (one export, which lists them as "Closed Lost") all rates
    are near 1, whatever happened: charts and reviews leave them out. Wilson (1927) for the interval of the rate; Beta
    posterior with six pseudo-opportunities for the win rate from a stage.

    ``advance_by_day`` is the Aalen–Johansen incidence: open opportunities count for as long as they were watched,
    and being lost competes with advancing. Its clock starts at the first entry to the stage, so it is about the
    ``watched`` ones: counted at the stage, in it, on a known day, and only what came after counts, also where having
    been further before makes it ``advanced``. A loss that was undone by re-opening is none.

    See Also
    --------
    funnel_analytics.charts.stage_conversion : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.stage_conversion(fa.load_sample())
    >>> bool((table["entered"] == table["advanced"] + table["lost"] + table["open"]).all())
    True
    """
    check_counting(counting, COUNTING)
    check_level(level)
    check_within_days(within_days)
    stages = book.methodology.open_stages
    # Group by group, the stages of each in order.
    counts, values = stage_counts(book, by, counting)
    days, _ = clock_counts(book, by, counting)
    frame = counts.assign(**_by_day(days, within_days, level))
    frame["stage"] = np.tile(stages, len(values))
    frame = _rates(frame, book.methodology.nominal(frame["stage"]).to_numpy(), level)
    frame["counting"] = counting
    following = frame["entered"].shift(-1).where(frame["stage"] != stages[-1])
    frame["next_rate"] = following / frame["entered"].where(frame["entered"] > 0)
    if not book.has_money:
        frame[[name for name in frame if name.startswith("amount_")] + ["advance_rate_value"]] = np.nan
    frame = labelled(frame, by, values, len(stages))
    if by == "entered_quarter":
        nobody = frame[by].isna() & (frame.groupby(by, dropna=False)["entered"].transform("sum") == 0)
        frame = frame[~nobody]
    return tables.declare(frame, tables.STAGE_CONVERSION, book.context, by=by)
