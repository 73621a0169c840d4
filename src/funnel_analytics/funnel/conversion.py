"""Stage conversion: how many opportunities reached a stage, and what became of them.

Open opportunities are not losses: the rate is of the decided ones, and two bounds say what the open ones could
still change.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError, nearest
from .intervals import shrunken_share, wilson

COUNTING = ("reached", "visited", "strict", "any")
"""reached: furthest stage at or beyond it, or won, and not started beyond it. visited: was in it.
strict: visited it and every stage before it. any: was in it at any time, whatever followed."""


@dataclass(frozen=True)
class _Facts:
    """What the stage log says of each opportunity, as arrays: rows are opportunities, columns are stages."""

    frame: pd.DataFrame
    visited: np.ndarray
    amount: np.ndarray
    backward: np.ndarray
    furthest: np.ndarray
    first: np.ndarray
    """Order of the first stage seen; 0 where a single look leaves the start unknown."""


def _facts(book: Book) -> _Facts:
    rows = book.opportunities
    log = book.stage_log
    log = log[log["opportunity_id"].isin(rows["opportunity_id"])]
    stages = book.methodology.stages
    count, width = len(rows), len(stages)
    row = pd.Index(rows["opportunity_id"]).get_indexer(log["opportunity_id"])
    order = book.methodology.orders(log["stage"]).to_numpy(dtype="int64")
    visited = np.zeros((count, width), dtype=bool)
    visited[row, order - 1] = True
    amount = np.repeat(rows["amount"].to_numpy()[:, None], width, axis=1)
    # Visits are in order of time; writing them backwards leaves the amount of the first visit to each stage.
    stated = log["amount"].notna().to_numpy()
    amount[row[stated][::-1], order[stated][::-1] - 1] = log["amount"].to_numpy()[stated][::-1]
    backward = np.zeros((count, width), dtype="int64")
    moved = (log["exit"] == "regressed").to_numpy()
    np.add.at(backward, (row[moved], order[moved] - 1), 1)
    furthest = np.zeros(count, dtype="int64")
    np.maximum.at(furthest, row, order)
    first = np.zeros(count, dtype="int64")
    opening = (log["visit"] == 1).to_numpy() & (log["source"] != "export").to_numpy()
    first[row[opening]] = order[opening]
    won = (rows["outcome"] == "won").to_numpy()
    furthest = np.where(won, width + 1, furthest)
    return _Facts(rows, visited, amount, backward, furthest, first)


def _counted(facts: _Facts, order: int, counting: str) -> np.ndarray:
    """Which opportunities count at a stage under a rule."""
    if counting == "reached":
        return (facts.furthest >= order) & (facts.first <= order)
    if counting == "strict":
        return facts.visited[:, :order].all(axis=1)
    return facts.visited[:, order - 1]


def _stage_row(facts: _Facts, mask: np.ndarray, order: int, counting: str) -> dict[str, object]:
    outcome = facts.frame["outcome"].to_numpy()
    entered = mask & _counted(facts, order, counting)
    advanced = entered & (facts.furthest > order)
    lost = entered & ~advanced & (outcome == "lost")
    still = entered & ~advanced & ~lost
    here = facts.visited[:, order - 1]
    passed = mask & ~here & (facts.first > 0) & (facts.first < order) & (facts.furthest > order)
    amount = facts.amount[:, order - 1]

    def total(chosen: np.ndarray) -> float:
        return float(np.nansum(amount[chosen]))

    return {
        "entered": int(entered.sum()),
        "advanced": int(advanced.sum()),
        "lost": int(lost.sum()),
        "open": int(still.sum()),
        "skipped_over": int(passed.sum()),
        "regressed_from": int((mask & (facts.backward[:, order - 1] > 0)).sum()),
        "backward_moves": int(facts.backward[mask, order - 1].sum()),
        "started_here": int((mask & (facts.first == order)).sum()),
        "won_eventually": int((entered & (outcome == "won")).sum()),
        "lost_eventually": int((entered & (outcome == "lost")).sum()),
        "amount_entered": total(entered),
        "amount_advanced": total(advanced),
        "amount_lost": total(lost),
        "amount_open": total(still),
    }


def _rates(frame: pd.DataFrame, nominal: np.ndarray, level: float) -> pd.DataFrame:
    decided = frame["advanced"] + frame["lost"]
    entered = frame["entered"].where(frame["entered"] > 0)
    frame["advance_rate"] = frame["advanced"] / decided.where(decided > 0)
    frame["wilson_low"], frame["wilson_high"] = wilson(frame["advanced"].to_numpy(), decided.to_numpy(), level)
    frame["advance_low"] = frame["advanced"] / entered
    frame["advance_high"] = (frame["advanced"] + frame["open"]) / entered
    closed = frame["won_eventually"] + frame["lost_eventually"]
    frame["win_rate_resolved"] = frame["won_eventually"] / closed.where(closed > 0)
    won, lost = frame["won_eventually"].to_numpy(), frame["lost_eventually"].to_numpy()
    frame["win_mean"], frame["win_low"], frame["win_high"] = shrunken_share(won, lost, nominal, level)
    return frame


def stage_conversion(book: Book, *, by: str | None = None, counting: str = "reached", level: float = 0.8) -> pd.DataFrame:
    """How many opportunities reached each stage, and how many of them advanced, were lost or are open.

    Parameters
    ----------
    book
        Any book; with a stage history or several exports the last stage of lost opportunities is known.
    by
        A column of the opportunities to split by (segment, owner, region …); None for the whole.
    counting
        When an opportunity counts at a stage: ``reached`` (default), ``visited``, ``strict`` or ``any``.
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
    facts = _facts(book)
    stages = [stage for stage in book.methodology.stages if stage.outcome is None]
    nominal = np.array([stage.probability for stage in stages])
    blocks = []
    for value, rows in tables.grouping(facts.frame.reset_index(drop=True), by):
        mask = np.zeros(len(facts.frame), dtype=bool)
        mask[rows.index.to_numpy()] = True
        frame = pd.DataFrame([{"stage": stage.key, **_stage_row(facts, mask, stage.order, counting)} for stage in stages])
        unknown = (rows["outcome"] == "lost").to_numpy() & (facts.furthest[mask] == 0)
        frame["lost_stage_unknown"] = int(unknown.sum())
        frame = _rates(frame, nominal, level)
        blocks.append(frame.assign(**{by: value}) if by is not None else frame)
    result = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=["stage", *([by] if by else [])])
    result["counting"] = counting
    if not book.has_money:
        result[["amount_entered", "amount_advanced", "amount_lost", "amount_open"]] = np.nan
    return tables.declare(result, tables.STAGE_CONVERSION, book.context, by=by)
