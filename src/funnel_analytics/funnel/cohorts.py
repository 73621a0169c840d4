"""How far those created in one quarter have come after one, two, three … quarters: the cohort triangle."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..periods import parse_period, period_labels
from .groups import group_codes
from .reach import Reach, reach_of

STEP_DAYS = 90


def _reached_after(reach: Reach, order: int | None) -> np.ndarray:
    """Days from creation until each reached a stage or a later one, or was won; NaN where it has not."""
    won_at = np.where(reach.outcome("won"), reach.closed_at, np.datetime64("NaT"))
    steps = [won_at] if order is None else [won_at, *reach.entered[:, order - 1 :].T]
    first = np.fmin.reduce(np.stack(steps).astype("datetime64[us]"), axis=0)
    created = reach.opportunities["created_date"].to_numpy(dtype="datetime64[us]")
    days = (first - created) / np.timedelta64(1, "D")
    return np.asarray(np.where(np.isnat(first), np.nan, np.maximum(days, 0.0)))


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
    rows = reach.opportunities
    codes, values = group_codes(rows, by, tables.CONVERSION_COHORTS)
    labels = period_labels(rows["created_date"], "quarter", book.calendar)
    days, seen = _reached_after(reach, order), rows["last_seen"].max()
    found = []
    for group in range(len(values)):
        for cohort in sorted(labels[codes == group].dropna().unique()):
            period = parse_period(cohort, book.calendar)
            members = (codes == group) & (labels == cohort).to_numpy(dtype=bool)
            # As old as the youngest that the quarter can hold: so young cohorts are not judged by their oldest.
            for age in range(STEP_DAYS, int((seen - period.end).days) + 1, STEP_DAYS):
                reached = int((days[members] <= age).sum())
                found.append((group, cohort, period.start, float(age), int(members.sum()), reached))
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
    rows, log = book.opportunities, book.stage_log
    codes, values = group_codes(rows, by, tables.STAGE_TRANSITIONS)
    position = pd.Index(rows["opportunity_id"]).get_indexer(log["opportunity_id"])
    stages = book.methodology.open_stages
    kept = (position >= 0) & log["stage"].isin(stages).to_numpy()
    log, position = log[kept], position[kept]
    ends = ["won", "lost", "open"]
    moved = log["exit"].isin(["advanced", "regressed"]) & log["next"].isin(stages)
    # A move to a stage that means "won" is the win.
    step = log["exit"].where(log["exit"] != "advanced", "won").where(~moved, log["next"])
    frame = pd.DataFrame(
        {
            "group": codes[position],
            "place": pd.Index(stages).get_indexer(log["stage"]),
            "to": pd.Index([*stages, *ends]).get_indexer(step),
            "opportunity_id": log["opportunity_id"].to_numpy(),
            "amount": log["amount"].fillna(0.0).to_numpy(dtype="float64"),
        }
    )
    found = frame.groupby(["group", "place", "to"], sort=True).agg(
        visits=("place", "size"), opportunities=("opportunity_id", "nunique"), amount=("amount", "sum")
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
