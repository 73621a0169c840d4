"""How far those created in one quarter have come after one, two, three … quarters: the cohort triangle."""

from functools import singledispatch

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..book_part import places
from ..codes import codes_of
from ..periods import parse_period, period_labels
from .counts import Source
from .groups import opportunity_groups
from .reach import Reach, reach_of

STEP_DAYS = 90
_ENDS = ("won", "lost", "open")


def _reached_after(reach: Reach, created: np.ndarray, order: int | None) -> np.ndarray:
    """Days from creation until each reached a stage or a later one, or was won; NaN where it has not."""
    won_at = np.where(reach.outcome("won"), reach.closed_at, np.datetime64("NaT", "us"))
    steps = [won_at] if order is None else [won_at, *reach.entered[:, order - 1 :].T]
    first = np.fmin.reduce(np.stack(steps).astype("datetime64[us]"), axis=0)
    return np.asarray((first - created) / np.timedelta64(1, "D"))


@singledispatch
def cohort_counts(source: Source, order: int | None, by: str | None) -> tuple[pd.DataFrame, pd.Series, pd.Timestamp]:
    """The opportunities by quarter of creation and by how long they took to get somewhere.

    Parameters
    ----------
    source
        A book or a warehouse.
    order
        Reaching the stage of this order or a later one counts, and so does being won; None: only being won.
    by
        A column of the opportunities, or None.

    Returns
    -------
    counts : DataFrame
        group, cohort (the quarter of creation), step (the one of `STEP_DAYS` days in which it got there, from 1;
        missing where it has not), opportunities.
    groups : Series
        What the groups are called.
    seen : Timestamp
        The last day on which any was seen.
    """
    raise NotImplementedError(type(source).__name__)


@cohort_counts.register
def _(book: Book, order: int | None, by: str | None) -> tuple[pd.DataFrame, pd.Series, pd.Timestamp]:
    codes, values = opportunity_groups(book, by, tables.CONVERSION_COHORTS)
    created = book.column("created_date")
    days = _reached_after(reach_of(book), created.to_numpy(dtype="datetime64[us]"), order)
    cohort = period_labels(created, "quarter", book.calendar)
    rows = pd.DataFrame({"group": codes, "cohort": cohort.to_numpy(), "step": np.ceil(days / STEP_DAYS).clip(min=1)})
    return rows.assign(opportunities=1), values, book.column("last_seen").max()


def conversion_cohorts(book: Source, *, stage: str | None = None, by: str | None = None) -> pd.DataFrame:
    """The share of each quarter's new opportunities that got somewhere within 90, 180, 270 … days.

    Parameters
    ----------
    book
        A book or a warehouse whose opportunities have a date of creation.
    stage
        Reaching this stage or a later one counts, and so does being won; None counts only being won.
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.CONVERSION_COHORTS`: one row per quarter of creation and age, as far as the youngest of the quarter
        could be followed: a share is of all of the quarter, and cohorts are compared at the same age.

    Raises
    ------
    MethodologyError
        If the stage is not one of the method's.
    ArgumentError
        If there is no such column.

    See Also
    --------
    funnel_analytics.charts.conversion_cohorts : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> cohorts = fa.conversion_cohorts(fa.load_sample())
    >>> bool((cohorts.groupby("cohort")["reached"].diff().dropna() >= 0).all())
    True
    """
    order = None if stage is None else book.methodology.stage(stage).order
    rows, values, seen = cohort_counts(book, order, by)
    cohort_codes, cohorts = pd.factorize(rows["cohort"], sort=True)
    periods = [parse_period(str(cohort), book.calendar) for cohort in cohorts]
    # One row per group and cohort, in whole steps: the step at whose end it is counted.
    cell, held = rows["group"].to_numpy() * len(cohorts) + cohort_codes, rows["opportunities"].to_numpy()
    size = len(values) * len(cohorts)
    members = np.bincount(cell[cohort_codes >= 0], held[cohort_codes >= 0], size)
    steps = rows["step"].to_numpy(dtype="float64")
    known = (cohort_codes >= 0) & ~np.isnan(steps)
    longest = max((int((seen - period.end).days) // STEP_DAYS for period in periods), default=0)
    longest = max(longest, 0)
    within = np.bincount(
        cell[known] * (longest + 1) + np.minimum(steps[known], longest + 1).astype("int64") - 1,
        held[known],
        size * (longest + 1),
    )
    reached = within.reshape(size, longest + 1).cumsum(axis=1)
    found = []
    for at in np.flatnonzero(members):
        group, place = divmod(int(at), len(cohorts))
        period = periods[place]
        # As old as the youngest that the quarter can hold: so young cohorts are not judged by their oldest.
        for step in range(int((seen - period.end).days) // STEP_DAYS):
            age = float((step + 1) * STEP_DAYS)
            found.append((group, cohorts[place], period.start, age, int(members[at]), int(reached[at, step])))
    names = ["group", "cohort", "cohort_start", "within_days", "opportunities", "reached"]
    frame = pd.DataFrame(found, columns=names)
    frame["reach_rate"] = frame["reached"] / frame["opportunities"]
    frame["stage"] = pd.Series(stage or "won", index=frame.index, dtype="str")
    if by is not None:
        frame[by] = values.iloc[frame["group"].astype("int64")].to_numpy()
    return tables.declare(frame, tables.CONVERSION_COHORTS, book.context, by=by)


@singledispatch
def transition_counts(source: Source, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """The visits to each stage by what came next.

    Parameters
    ----------
    source
        A book or a warehouse.
    by
        A column of the opportunities, or None.

    Returns
    -------
    counts : DataFrame
        group, place (of the stage among the open ones), to (the place of the next one; behind them won, lost, still
        there), visits, opportunities (different ones), amount; sorted by the first three.
    groups : Series
        What the groups are called.
    """
    raise NotImplementedError(type(source).__name__)


@transition_counts.register
def _(book: Book, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    codes, values = opportunity_groups(book, by, tables.STAGE_TRANSITIONS)
    log, stages = book.stage_log, book.methodology.open_stages
    place, stage = book.once(places, "stage_log"), codes_of(log["stage"], stages)
    following, ending = codes_of(log["next"], stages), codes_of(log["exit"], ["advanced", *_ENDS])
    # A move to a stage that means "won" is the win.
    step = np.where(following >= 0, following, len(stages) + np.maximum(ending - 1, 0))
    kept = (place >= 0) & (place < book.size) & (stage >= 0)
    frame = pd.DataFrame(
        {
            "group": codes[place[kept]],
            "place": stage[kept],
            "to": step[kept],
            "opportunity": place[kept],
            "amount": log["amount"].fillna(0.0).to_numpy(dtype="float64")[kept],
        }
    )
    found = frame.groupby(["group", "place", "to"], sort=True).agg(
        visits=("place", "size"), opportunities=("opportunity", "nunique"), amount=("amount", "sum")
    )
    return found.reset_index(), values


def stage_transitions(book: Source, *, by: str | None = None) -> pd.DataFrame:
    """Where opportunities went from each stage: to which stage, won, lost, or still there.

    Parameters
    ----------
    book
        A book or a warehouse with a stage history, or with several exports.
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.STAGE_TRANSITIONS`: one row per stage and next step that happened, in order (and value of ``by``).
        Every visit is counted: an opportunity that came back counts again. ``share`` is of the ended visits; a visit
        that goes on has no next step yet.

    Raises
    ------
    ArgumentError
        If there is no such column.

    Notes
    -----
    From exports alone, stages that pass between two of them are not seen, and a step looks longer than it was.

    See Also
    --------
    funnel_analytics.charts.stage_transitions : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> steps = fa.stage_transitions(fa.load_sample())
    >>> bool(((steps.groupby("stage")["share"].sum() - 1).abs() < 1e-9).all())
    True
    """
    table, values = transition_counts(book, by)
    stages = book.methodology.open_stages
    ended = table["to"] < len(stages) + 2
    total = table["visits"].where(ended).groupby([table["group"], table["place"]]).transform("sum")
    table["share"] = (table["visits"] / total.where(total > 0)).where(ended)
    table["stage"] = np.array(stages, dtype=object)[table["place"]]
    table["next"] = np.array([*stages, *_ENDS], dtype=object)[table["to"]]
    if not book.has_money:
        table["amount"] = np.nan
    if by is not None:
        table[by] = values.iloc[table["group"].astype("int64")].to_numpy()
    return tables.declare(table, tables.STAGE_TRANSITIONS, book.context, by=by)
