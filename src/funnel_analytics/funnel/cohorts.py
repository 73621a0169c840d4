"""How far those created in one quarter have come after one, two, three … quarters: the cohort triangle."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..book_part import places
from ..codes import codes_of
from ..periods import parse_period, period_labels
from .groups import opportunity_groups
from .reach import Reach, reach_of

STEP_DAYS = 90


def _reached_after(reach: Reach, created: np.ndarray, order: int | None) -> np.ndarray:
    """Days from creation until each reached a stage or a later one, or was won; NaN where it has not."""
    won_at = np.where(reach.outcome("won"), reach.closed_at, np.datetime64("NaT", "us"))
    steps = [won_at] if order is None else [won_at, *reach.entered[:, order - 1 :].T]
    first = np.fmin.reduce(np.stack(steps).astype("datetime64[us]"), axis=0)
    return np.asarray((first - created) / np.timedelta64(1, "D"))


def conversion_cohorts(book: Book, *, stage: str | None = None, by: str | None = None) -> pd.DataFrame:
    """The share of each quarter's new opportunities that got somewhere within 90, 180, 270 … days.

    Parameters
    ----------
    book
        Any book whose opportunities have a date of creation.
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
    reach = reach_of(book)
    created = book.column("created_date")
    codes, values = opportunity_groups(book, by, tables.CONVERSION_COHORTS)
    cohort_codes, cohorts = pd.factorize(period_labels(created, "quarter", book.calendar), sort=True)
    periods = [parse_period(str(cohort), book.calendar) for cohort in cohorts]
    days, seen = _reached_after(reach, created.to_numpy(dtype="datetime64[us]"), order), book.column("last_seen").max()
    # One row per group and cohort, in whole steps: the step at whose end it is counted.
    cell = codes * len(cohorts) + cohort_codes
    size = len(values) * len(cohorts)
    members = np.bincount(cell[cohort_codes >= 0], minlength=size)
    steps = np.ceil(days / STEP_DAYS).clip(min=1)
    known = (cohort_codes >= 0) & ~np.isnan(steps)
    longest = max((int((seen - period.end).days) // STEP_DAYS for period in periods), default=0)
    longest = max(longest, 0)
    within = np.bincount(
        cell[known] * (longest + 1) + np.minimum(steps[known], longest + 1).astype("int64") - 1,
        minlength=size * (longest + 1),
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


def stage_transitions(book: Book, *, by: str | None = None) -> pd.DataFrame:
    """Where opportunities went from each stage: to which stage, won, lost, or still there.

    Parameters
    ----------
    book
        A book with a stage history, or with several exports.
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
    codes, values = opportunity_groups(book, by, tables.STAGE_TRANSITIONS)
    log, stages, ends = book.stage_log, book.methodology.open_stages, ["won", "lost", "open"]
    place, stage = book.once(places, "stage_log"), codes_of(log["stage"], stages)
    following, ending = codes_of(log["next"], stages), codes_of(log["exit"], ["advanced", *ends])
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
    table = found.reset_index()
    ended = table["to"] < len(stages) + 2
    total = table["visits"].where(ended).groupby([table["group"], table["place"]]).transform("sum")
    table["share"] = (table["visits"] / total.where(total > 0)).where(ended)
    table["stage"] = np.array(stages, dtype=object)[table["place"]]
    table["next"] = np.array([*stages, *ends], dtype=object)[table["to"]]
    if not book.has_money:
        table["amount"] = np.nan
    if by is not None:
        table[by] = values.iloc[table["group"].astype("int64")].to_numpy()
    return tables.declare(table, tables.STAGE_TRANSITIONS, book.context, by=by)
