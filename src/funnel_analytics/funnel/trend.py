"""Conversion of two periods side by side, and whether the change is more than chance."""

from functools import singledispatch

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import check_counting, check_level, check_within_days
from ..book import Book
from ..errors import ArgumentError
from ..periods import Period, period_of
from .counts import Source, open_orders
from .groups import labelled, opportunity_groups
from .intervals import fisher_exact, holm, newcombe, wilson
from .reach import CLOCK_OUTCOMES, COUNTING, Reach, lasted, reach_of

WITHIN_DAYS = 90.0
"""How long after the entry an outcome counts, where nothing else is asked for."""
SIDES = ("before", "after")


def _periods(book: Source, before: str | None, after: str | None, within: float) -> tuple[Period, Period]:
    """The two periods: those named, else the newest quarter whose entries were followed long enough, and the one before."""
    day = pd.Timedelta(days=1)
    if after is not None:
        later = book.period(after)
    else:
        followed = book.as_of - pd.Timedelta(days=np.ceil(within))
        later = period_of(followed + day, "quarter", book.calendar)
        later = period_of(later.start - day, "quarter", book.calendar)
    # Left open: a period as long as the later one, just before it.
    earlier = period_of(later.start - day, later.length, book.calendar) if before is None else book.period(before)
    if earlier.end >= later.start:
        raise ArgumentError(
            f"A trend needs two periods, the first over before the second begins; got {earlier.label} and {later.label}."
        )
    return earlier, later


def _counted(
    reach: Reach, order: int, counting: str, period: Period, within: float, codes: np.ndarray, groups: int
) -> dict[str, np.ndarray]:
    """What became of the entries of one period to one stage within some days, one number per group."""
    at = np.flatnonzero(reach.on_the_clock(order, counting))
    entered, outcome = reach.entered[at, order - 1], reach.clock_outcome[at, order - 1]
    here = (entered >= period.start.to_datetime64()) & (entered <= period.end.to_datetime64())
    # Whoever could not be followed that long is left out: so young, only fast outcomes are known.
    followed = reach.last_seen[at] - entered >= np.timedelta64(int(np.ceil(within)), "D")
    in_time = here & followed & (lasted(reach.clock_days[at, order - 1]) <= within)
    masks = {
        "entered": here,
        "followed": here & followed,
        "advanced": in_time & (outcome == CLOCK_OUTCOMES.index("advanced")),
        "lost": in_time & (outcome == CLOCK_OUTCOMES.index("lost")),
    }
    group = codes[at]
    return {name: np.bincount(group[mask], minlength=groups) for name, mask in masks.items()}


@singledispatch
def trend_counts(
    source: Source, by: str | None, counting: str, periods: tuple[Period, Period], within: float
) -> tuple[pd.DataFrame, pd.Series]:
    """What became of the entries of two periods to each stage within some days.

    Parameters
    ----------
    source
        A book or a warehouse.
    by, counting
        As in `counts.stage_counts`.
    periods
        The first and the second.
    within
        So many days from the entry on.

    Returns
    -------
    counts : DataFrame
        Group by group, the stages that an open opportunity can hold in order: entered, followed (so long), advanced and
        lost (of these, in time), each with ``_before`` and ``_after``.
    groups : Series
        What the groups are called.
    """
    raise NotImplementedError(type(source).__name__)


@trend_counts.register
def _(
    book: Book, by: str | None, counting: str, periods: tuple[Period, Period], within: float
) -> tuple[pd.DataFrame, pd.Series]:
    reach, orders = reach_of(book), open_orders(book)
    columns: dict[str, np.ndarray] = {}
    codes, values = opportunity_groups(book, by, tables.CONVERSION_TREND)
    for side, period in zip(SIDES, periods, strict=True):
        found = [_counted(reach, order, counting, period, within, codes, len(values)) for order in orders]
        columns |= {f"{name}_{side}": np.stack([one[name] for one in found], axis=1).ravel() for name in found[0]}
    return pd.DataFrame(columns), values


def _compared(frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Rates, their difference with its interval, and the probability of so large a change by chance."""
    hits = [frame[f"advanced_{side}"].to_numpy() for side in SIDES]
    misses = [frame[f"lost_{side}"].to_numpy() for side in SIDES]
    cases = [hit + miss for hit, miss in zip(hits, misses, strict=True)]
    found = {}
    for side, hit, case in zip(SIDES, hits, cases, strict=True):
        found[f"advance_rate_{side}"] = hit / np.where(case > 0, case, np.nan)
        found[f"wilson_low_{side}"], found[f"wilson_high_{side}"] = wilson(hit, case, level)
        followed = frame[f"followed_{side}"].to_numpy()
        found[f"advance_by_day_{side}"] = hit / np.where(followed > 0, followed, np.nan)
    low, high = newcombe((hits[0], hits[1]), (cases[0], cases[1]), level)
    pairs = zip(zip(*hits, strict=True), zip(*misses, strict=True), strict=True)
    chances = [fisher_exact((hit[0], hit[1]), (miss[0], miss[1])) for hit, miss in pairs]
    return frame.assign(
        **found,
        difference=found["advance_rate_after"] - found["advance_rate_before"],
        difference_low=low,
        difference_high=high,
        p_value=np.array(chances, dtype="float64"),
    )


def conversion_trend(
    book: Source,
    *,
    before: str | None = None,
    after: str | None = None,
    by: str | None = None,
    counting: str = "visited",
    within_days: float = WITHIN_DAYS,
    level: float = 0.8,
) -> pd.DataFrame:
    """The advance rate of each stage in two periods, and whether the change could be chance.

    Parameters
    ----------
    book
        A book or a warehouse with a stage history, or with several exports.
    before, after
        The two periods (``"2026Q1"``): an opportunity belongs to that of its first entry to the stage. None takes
        the newest quarter whose entries were all followed for ``within_days``, and the period before it.
    by
        A column of the opportunities to split by; None for the whole.
    counting
        As in `stage_conversion`; those that passed a stage without a visit have no day of entry and no period.
    within_days
        Only what happened within so many days of the entry counts, in both periods alike: the younger one has had
        less time. Entries that could not be followed so long are in ``entered`` and nowhere else.
    level
        Confidence of the intervals, and of the flag.

    Returns
    -------
    DataFrame
        `tables.CONVERSION_TREND`: one row per stage that an open opportunity can hold, in order (and value of
        ``by``). The flag ``could_be_chance`` is True where nothing can be said.

    Raises
    ------
    ArgumentError
        If a period, the counting rule or the column is not known, or the periods are in the wrong order.

    Notes
    -----
    Newcombe (1998), method 10, for the interval of the difference; Fisher's exact test for ``p_value``. A method has
    half a dozen stages, and one of them moves by chance in most quarters: ``p_adjusted`` allows for the number of
    stages (Holm 1979), and the flag is True unless it is below 1 − ``level``.

    See Also
    --------
    stage_conversion : one period; split by ``entered_quarter`` it shows every quarter's entries.
    funnel_analytics.charts.conversion_trend : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> trend = fa.conversion_trend(fa.load_sample(), before="2026Q1", after="2026Q2")
    >>> bool((trend["followed_after"] <= trend["entered_after"]).all())
    True
    """
    check_counting(counting, COUNTING)
    check_within_days(within_days)
    check_level(level)
    periods = _periods(book, before, after, within_days)
    counts, values = trend_counts(book, by, counting, periods, within_days)
    labels = {f"period_{side}": period.label for side, period in zip(SIDES, periods, strict=True)}
    frame = _compared(counts.assign(**labels), level)
    stages = book.methodology.open_stages
    # Group by group: each is looked at for its own sake.
    adjusted = [holm(part) for part in np.split(frame["p_value"].to_numpy(), len(values))] if len(values) else []
    frame["p_adjusted"] = np.concatenate([*adjusted, np.array([])])
    frame["could_be_chance"] = ~(frame["p_adjusted"] < 1 - level)
    frame["stage"] = np.tile(stages, len(values))
    frame = frame.assign(counting=counting, within_days=within_days)
    frame = labelled(frame, by, values, len(stages))
    return tables.declare(frame, tables.CONVERSION_TREND, book.context, by=by)
