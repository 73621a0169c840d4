"""Stage conversion: how many opportunities reached a stage, and what became of them.

Open opportunities are not losses: the rate is of the decided ones, and two bounds say what the open ones could
still change. How fast they advance is told by the incidence by day, which counts open ones as long as they were watched.
"""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError, nearest
from ..periods import period_labels
from .groups import group_codes, labelled
from .intervals import normal_interval, shrunken_share, wilson
from .reach import COUNTING, Clock, Reach, reach_of
from .survival import aalen_johansen

COHORTS = ("created_quarter", "entered_quarter")
"""Splits that are no columns of the opportunities: the quarter of creation, and that of the first entry to the stage."""
STILL_WATCHED = 5
"""An incidence is told up to the day to which at least so many were followed."""


def _counts(reach: Reach, order: int, counting: str, codes: np.ndarray, groups: int) -> dict[str, np.ndarray]:
    """Counts and amounts of one stage, one number per group."""
    won, lost_by_now = reach.outcome("won"), reach.outcome("lost")
    entered = reach.counted(order, counting)
    advanced = reach.advanced(order, counting)
    lost = entered & ~advanced & lost_by_now
    still = entered & ~advanced & ~lost
    backward = reach.backward[:, order - 1]
    parts = {"entered": entered, "advanced": advanced, "lost": lost, "open": still}
    masks = parts | {
        "skipped_over": reach.skipped(order),
        "regressed_from": backward > 0,
        "started_here": reach.first == order,
        "won_eventually": entered & won,
        "lost_eventually": entered & lost_by_now,
    }
    counts = {name: np.bincount(codes[mask], minlength=groups) for name, mask in masks.items()}
    counts["backward_moves"] = np.bincount(codes, backward, minlength=groups).astype("int64")
    amount = np.nan_to_num(reach.amount[:, order - 1])
    sums = {f"amount_{name}": np.bincount(codes[mask], amount[mask], groups) for name, mask in parts.items()}
    return counts | sums


def _rates(frame: pd.DataFrame, nominal: np.ndarray, level: float) -> pd.DataFrame:
    decided = frame["advanced"] + frame["lost"]
    amount_decided = frame["amount_advanced"] + frame["amount_lost"]
    entered = frame["entered"].where(frame["entered"] > 0)
    closed = frame["won_eventually"] + frame["lost_eventually"]
    low, high = wilson(frame["advanced"].to_numpy(), decided.to_numpy(), level)
    mean, win_low, win_high = shrunken_share(
        frame["won_eventually"].to_numpy(), frame["lost_eventually"].to_numpy(), nominal, level
    )
    return frame.assign(
        advance_rate=frame["advanced"] / decided.where(decided > 0),
        wilson_low=low,
        wilson_high=high,
        advance_low=frame["advanced"] / entered,
        advance_high=(frame["advanced"] + frame["open"]) / entered,
        advance_rate_value=frame["amount_advanced"] / amount_decided.where(amount_decided > 0),
        win_rate_resolved=frame["won_eventually"] / closed.where(closed > 0),
        win_mean=mean,
        win_low=win_low,
        win_high=win_high,
    )


def _horizon(clock: Clock, members: np.ndarray, within: float | None) -> float:
    """The day by which the incidence is told: the one asked for, else the last to which enough were followed."""
    days = clock.days[members]
    if len(days) < STILL_WATCHED:
        return np.nan
    if within is not None:
        return within
    # Where all are decided, nothing is left to follow: the curve is known to its end.
    decided = not (clock.outcome[members] == "open").any()
    return float(days.max() if decided else np.sort(days)[-STILL_WATCHED])


def _by_day(clock: Clock, codes: np.ndarray, groups: int, within: float | None, level: float) -> dict[str, np.ndarray]:
    """The Aalen–Johansen incidence of advancing and of being lost within some days of entry, one number per group."""
    group = codes[clock.at]
    found = np.full((groups, 6), np.nan)
    for place in range(groups):
        members = group == place
        days, outcome = clock.days[members], clock.outcome[members]
        horizon = _horizon(clock, members, within)
        if np.isnan(horizon):
            continue
        curve = aalen_johansen(days, outcome)
        advanced, lost = curve.by(horizon, "advanced"), curve.by(horizon, "lost")
        # Too few were followed so long, and those who were not might still decide.
        if (days >= horizon).sum() < STILL_WATCHED and advanced + lost < 1 - 1e-12:
            continue
        low, high = normal_interval(advanced, curve.error_by(horizon, "advanced"), level)
        found[place] = horizon, advanced, low, high, lost, max(1 - advanced - lost, 0.0)
    names = ("within_days", "advance_by_day", "by_day_low", "by_day_high", "lost_by_day", "undecided_by_day")
    return {"watched": np.bincount(group, minlength=groups)} | dict(zip(names, found.T, strict=True))


def _groups(book: Book, reach: Reach, by: str | None, orders: list[int]) -> tuple[list[np.ndarray], pd.Series]:
    """The group of each opportunity at each stage, and what the groups are called."""
    rows = reach.opportunities
    if by not in COHORTS:
        codes, values = group_codes(rows, by, tables.STAGE_CONVERSION)
        return [codes] * len(orders), values
    if by == "created_quarter":
        labels = period_labels(rows["created_date"], "quarter", book.calendar)
        codes, values = group_codes(labels.to_frame(by), by, tables.STAGE_CONVERSION)
        return [codes] * len(orders), values
    # The cohort of a stage is its own: the same opportunity entered two stages in two quarters.
    days = pd.Series(np.concatenate([reach.entered[:, order - 1] for order in orders]))
    labels = period_labels(days, "quarter", book.calendar)
    codes, values = group_codes(labels.to_frame(by), by, tables.STAGE_CONVERSION)
    return np.split(codes, len(orders)), values


def stage_conversion(
    book: Book,
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
        Any book; with a stage history or several exports the last stage of lost opportunities is known.
    by
        A column of the opportunities to split by (segment, owner, region …), or a cohort: ``created_quarter``,
        ``entered_quarter`` (of the first entry to each stage; missing for those that passed it without a visit).
        None for the whole.
    counting
        When an opportunity counts at a stage. ``reached``: its furthest stage is this or a later one, or it was
        won, and it did not start beyond (skipped stages are passed through; where only exports tell, the start
        is not known and earlier stages count as passed). ``visited``: it was in the stage; it advanced if it
        went further afterwards or was won. ``strict``: it was in this and every earlier stage, in order.
        ``any``: it was in the stage, order ignored; having been further before counts as advanced too, and
        ``next_rate`` can exceed 1.
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
    ``lost_stage_unknown``. Wilson (1927) for the interval of the rate; Beta posterior with six
    pseudo-opportunities for the win rate from a stage.

    ``advance_by_day`` is the Aalen–Johansen incidence: open opportunities count for as long as they were watched,
    and being lost competes with advancing. Its clock starts at the first entry to the stage, so it is about the
    ``watched`` ones: counted at the stage, in it, on a known day. A loss that was undone by re-opening is none.

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
    if counting not in COUNTING:
        raise ArgumentError(f"'{counting}' is not a counting rule.{nearest(counting, COUNTING)}")
    if not 0 < level < 1:
        raise ArgumentError(f"level is {level}. Accepted: a confidence between 0 and 1, for example 0.8.")
    if within_days is not None and not within_days > 0:
        raise ArgumentError(f"within_days is {within_days}. Accepted: a number of days above 0, for example 90.")
    reach = reach_of(book)
    stages = [stage for stage in book.methodology.stages if stage.outcome is None]
    orders = [stage.order for stage in stages]
    codes, values = _groups(book, reach, by, orders)
    groups = len(values)
    per_stage = [
        _counts(reach, order, counting, group, groups)
        | _by_day(reach.clock(order, counting), group, groups, within_days, level)
        for order, group in zip(orders, codes, strict=True)
    ]
    # Group by group, the stages of each in order.
    frame = pd.DataFrame(
        {name: np.stack([counts[name] for counts in per_stage], axis=1).ravel() for name in per_stage[0]}
    )
    frame = _rates(frame, np.tile([stage.probability for stage in stages], groups), level)
    unknown = reach.outcome("lost") & (reach.furthest == 0)
    frame["lost_stage_unknown"] = np.stack(
        [np.bincount(group[unknown], minlength=groups) for group in codes], axis=1
    ).ravel()
    frame["stage"] = np.tile([stage.key for stage in stages], groups)
    frame["counting"] = counting
    following = frame["entered"].shift(-1).where(frame["stage"] != stages[-1].key)
    frame["next_rate"] = following / frame["entered"].where(frame["entered"] > 0)
    if not book.has_money:
        frame[[name for name in frame if name.startswith("amount_")] + ["advance_rate_value"]] = np.nan
    frame = labelled(frame, by, values, len(stages))
    if by == "entered_quarter":
        nobody = frame[by].isna() & (frame.groupby(by, dropna=False)["entered"].transform("sum") == 0)
        frame = frame[~nobody]
    return tables.declare(frame, tables.STAGE_CONVERSION, book.context, by=by)
