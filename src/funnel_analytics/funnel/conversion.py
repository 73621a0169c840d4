"""Stage conversion: how many opportunities reached a stage, and what became of them.

Open opportunities are not losses: the rate is of the decided ones, and two bounds say what the open ones could
still change.
"""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError, nearest
from .groups import group_codes, labelled
from .intervals import shrunken_share, wilson
from .reach import COUNTING, Reach, reach_of


def _counts(reach: Reach, order: int, counting: str, codes: np.ndarray, groups: int) -> dict[str, np.ndarray]:
    """Counts and amounts of one stage, one number per group."""
    won, lost_by_now = reach.outcome("won"), reach.outcome("lost")
    entered = reach.counted(order, counting)
    advanced = entered & (reach.furthest > order)
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
        win_rate_resolved=frame["won_eventually"] / closed.where(closed > 0),
        win_mean=mean,
        win_low=win_low,
        win_high=win_high,
    )


def stage_conversion(
    book: Book, *, by: str | None = None, counting: str = "reached", level: float = 0.8
) -> pd.DataFrame:
    """How many opportunities reached each stage, and how many of them advanced, were lost or are open.

    Parameters
    ----------
    book
        Any book; with a stage history or several exports the last stage of lost opportunities is known.
    by
        A column of the opportunities to split by (segment, owner, region …); None for the whole.
    counting
        When an opportunity counts at a stage. ``reached``: its furthest stage is this or a later one, or it was
        won, and it did not start beyond (skipped stages are passed through; where only exports tell, the start
        is not known and earlier stages count as passed). ``visited``: it was in the stage. ``strict``: it was
        in this and every earlier stage, in order. ``any``: as ``visited``; the name other tools use.
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
    reach = reach_of(book)
    codes, values = group_codes(reach.opportunities, by, tables.STAGE_CONVERSION)
    stages = [stage for stage in book.methodology.stages if stage.outcome is None]
    per_stage = [_counts(reach, stage.order, counting, codes, len(values)) for stage in stages]
    # Group by group, the stages of each in order.
    frame = pd.DataFrame(
        {name: np.stack([counts[name] for counts in per_stage], axis=1).ravel() for name in per_stage[0]}
    )
    frame = _rates(frame, np.tile([stage.probability for stage in stages], len(values)), level)
    unknown = reach.outcome("lost") & (reach.furthest == 0)
    frame["lost_stage_unknown"] = np.bincount(codes[unknown], minlength=len(values)).repeat(len(stages))
    frame["stage"] = np.tile([stage.key for stage in stages], len(values))
    frame["counting"] = counting
    if not book.has_money:
        frame[["amount_entered", "amount_advanced", "amount_lost", "amount_open"]] = np.nan
    return tables.declare(labelled(frame, by, values, len(stages)), tables.STAGE_CONVERSION, book.context, by=by)
