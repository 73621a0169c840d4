"""Pipeline changes between two dates: a waterfall that balances to the cent, and the opportunities of each cause."""

from dataclasses import dataclass
from functools import singledispatch

import numpy as np
import pandas as pd

from .. import tables
from ..arguments import day_asked
from ..book import Book
from ..errors import HistoryError
from ..periods import Period, period_of
from .counts import Source
from .groups import group_codes, labelled, shared_groups
from .states import COLUMNS, require_close_dates, state_at

CAUSES = (
    "opening",
    "new",
    "reopened",
    "pulled_in",
    "moved_in",
    "increased",
    "decreased",
    "currency_rate",
    "won",
    "lost",
    "pushed_out",
    "moved_out",
    "vanished",
    "closing",
)
_OF_THE_FIRST_DATE = ("opening", "pushed_out", "moved_out", "vanished")
"""Causes that belong to the group in which the opportunity was on the first date; all others to the second's."""


@dataclass(frozen=True)
class Question:
    """Two dates, and which part of the pipeline is looked at."""

    first: pd.Timestamp
    last: pd.Timestamp
    period: Period | None
    by: str | None

    def due(self, dates: pd.Series) -> np.ndarray:
        """Which close dates belong to the pipeline that is looked at."""
        if self.period is None:
            return np.ones(len(dates), dtype=bool)
        return np.asarray(dates.between(self.period.start, self.period.end), dtype=bool)


def newest_date(book: Source) -> pd.Timestamp:
    """The newest date on which the pipeline is known: without a history only the newest export is, whatever "now" is."""
    exports = book.export_dates
    return book.as_of if book.history_from is not None or not exports else exports[-1]


def _dates(book: Source, since: object, until: object) -> tuple[pd.Timestamp, pd.Timestamp]:
    last = newest_date(book) if until is None else day_asked(until, "until")
    if since is not None:
        first = day_asked(since, "since")
    else:
        earlier = [date for date in book.export_dates if date < last]
        # One export with a history: what changed since the quarter began.
        quarter = period_of(last, "quarter", book.calendar)
        first = earlier[-1] if earlier else quarter.start - pd.Timedelta(days=1)
    if first >= last:
        raise HistoryError(
            f"Changes need two dates, the first before the second; got {first:%Y-%m-%d} and {last:%Y-%m-%d}."
        )
    return first, last


def known_at(book: Book, date: pd.Timestamp, by: str | None) -> pd.DataFrame:
    """The state of every opportunity at the end of a day; empty for a book that holds none."""
    if book.snapshots.empty:
        return book.snapshots.set_index("opportunity_id")
    return state_at(book, date, by)


def compared(before: pd.DataFrame, after: pd.DataFrame, asked: Question) -> pd.DataFrame:
    """One row per opportunity known on either date, with its two states side by side and what the causes ask of them.

    Parameters
    ----------
    before, after
        What `known_at` gives on the two dates.
    asked
        The question.

    Returns
    -------
    DataFrame
        The columns of both states, and as `change_counts` has them due, recent, moved, cents and opportunities.
    """

    def told(state: pd.DataFrame) -> pd.DataFrame:
        # The group under a name of its own: a team's column may be called as one of those below.
        return state[COLUMNS] if asked.by is None else state[COLUMNS].assign(group=state[asked.by])

    both = told(before).add_suffix("_before").join(told(after).add_suffix("_after"), how="outer").sort_index()
    for side in ("before", "after"):
        # Whole cents: sums of floating-point amounts would not balance to the cent.
        both[f"cents_{side}"] = (both[f"amount_{side}"].fillna(0.0) * 100).round().astype("int64")
        both[f"due_{side}"] = asked.due(both[f"close_date_{side}"])
    both["recent"] = ~(both["close_date_after"] <= asked.first).to_numpy()
    return both.assign(moved=_moved(both), opportunities=1)


@singledispatch
def change_counts(source: Source, asked: Question) -> pd.DataFrame:
    """How opportunities stood on two dates, counted by what that means for the causes.

    Parameters
    ----------
    source
        A book or a warehouse.
    asked
        The question.

    Returns
    -------
    DataFrame
        outcome_before, outcome_after (missing where not known), due_before, due_after (of the part that is looked at),
        recent (not closed by the first date), moved (to another group), with a split group_before and group_after;
        opportunities, cents_before, cents_after: how many, and sums. Rows of one kind all rise or all fall. In process
        each opportunity has a row of its own.
    """
    raise NotImplementedError(type(source).__name__)


@change_counts.register
def _each(book: Book, asked: Question) -> pd.DataFrame:
    check_exported(book, asked.by)
    return compared(known_at(book, asked.first, asked.by), known_at(book, asked.last, asked.by), asked)


def _moved(both: pd.DataFrame) -> np.ndarray:
    """Which opportunities were known on both dates, and in another group on the second."""
    if "group_before" not in both:
        return np.zeros(len(both), dtype=bool)
    before, after = both["group_before"], both["group_after"]
    same = (before == after) | (before.isna() & after.isna())
    known = both["outcome_before"].notna() & both["outcome_after"].notna()
    return np.asarray(known & ~same, dtype=bool)


def _steps(both: pd.DataFrame) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """For each cause, which rows it concerns and their signed cents."""
    outcome_before, outcome_after = both["outcome_before"], both["outcome_after"]
    open_before, open_after = (outcome_before == "open").to_numpy(), (outcome_after == "open").to_numpy()
    known_before, known_after = outcome_before.notna().to_numpy(), outcome_after.notna().to_numpy()
    closed_before, closed_after = known_before & ~open_before, known_after & ~open_after
    due_before, due_after, recent, moved = (
        both[name].to_numpy(dtype=bool) for name in ("due_before", "due_after", "recent", "moved")
    )
    was, now = open_before & due_before, open_after & due_after
    # A closing counts in the period in which it fell.
    closed_here = closed_after & due_after
    # Closed before the first date, and only listed later: old news, neither new nor won between the dates.
    recent = closed_here & recent
    came_and_went = ~known_before & recent
    closed_anew = closed_before & recent & (outcome_before != outcome_after).to_numpy()
    # An opportunity that was not due, and was then closed in the period, was pulled in first.
    pulled = ~moved & open_before & ~was & (now | closed_here)
    moved_in = moved & (now | (open_before & closed_after & (was | closed_here)))
    left = ~moved & was & closed_after
    leaves = left | came_and_went | closed_anew | ((pulled | moved_in) & closed_after)
    old, new = both["cents_before"].to_numpy(), both["cents_after"].to_numpy()
    change = np.where(~moved & was & (now | closed_after), new - old, 0)
    return {
        "opening": (was, old),
        "new": ((~known_before & now) | came_and_went, new),
        "reopened": ((closed_before & now & ~moved) | closed_anew, new),
        "pulled_in": (pulled, new),
        "moved_in": (moved_in, new),
        "increased": (change > 0, change),
        "decreased": (change < 0, change),
        # Amounts arrive in the book's one currency at one rate; the cause stands for exports that carry rates.
        "currency_rate": (np.zeros(len(both), dtype=bool), new),
        "won": (leaves & (outcome_after == "won").to_numpy(), -new),
        "lost": (leaves & (outcome_after == "lost").to_numpy(), -new),
        "pushed_out": (~moved & was & open_after & ~now, -old),
        "moved_out": (moved & was, -old),
        "vanished": (was & ~known_after, -old),
        "closing": (now, new),
    }


def _groups(both: pd.DataFrame, by: str | None) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """The group of each opportunity on either date, as codes, and what the groups are called."""
    if by is None:
        return shared_groups(both, both, None, tables.PIPELINE_CHANGES)
    before, after = both["group_before"], both["group_after"]
    # Where one date does not know the opportunity, it is in the group of the other.
    first = before.where(both["outcome_before"].notna(), after).to_frame("group")
    second = after.where(both["outcome_after"].notna(), before).to_frame("group")
    return shared_groups(first, second, "group", tables.PIPELINE_CHANGES)


def _lines(both: pd.DataFrame, asked: Question) -> tuple[pd.DataFrame, pd.Series]:
    """One row per cause and row of both: its position, group, opportunities and signed cents; and the groups' values."""
    before, after, values = _groups(both, asked.by)
    blocks = []
    for place, (cause, (concerned, cents)) in enumerate(_steps(both).items()):
        at = np.flatnonzero(concerned)
        group = before if cause in _OF_THE_FIRST_DATE else after
        held = both["opportunities"].to_numpy()[at]
        blocks.append(
            pd.DataFrame({"place": place, "at": at, "group": group[at], "cents": cents[at], "opportunities": held})
        )
    return pd.concat(blocks, ignore_index=True), values


def check_exported(book: Book, by: str | None, table: tables.Table = tables.PIPELINE_CHANGES) -> None:
    """Refuse a column that an export does not have, or that the table itself is about."""
    group_codes(book.snapshots.iloc[:0].drop(columns=["as_of", "opportunity_id"]), by, table)


def _asked(book: Source, since: object, until: object, period: str | None, by: str | None) -> Question:
    book.require_money()
    asked = Question(*_dates(book, since, until), None if period is None else book.period(period), by)
    if asked.period is not None:
        require_close_dates(book, asked.first)
    return asked


def summed(both: pd.DataFrame, asked: Question) -> tuple[pd.DataFrame, pd.Series]:
    """The signed amount of every cause, group by group, from what `change_counts` gives, and the groups' values."""
    lines, values = _lines(both, asked)
    size = len(CAUSES) * len(values)
    cell = (lines["group"] * len(CAUSES) + lines["place"]).to_numpy(dtype="int64")
    cents = np.zeros(size, dtype="int64")
    np.add.at(cents, cell, lines["cents"].to_numpy())
    frame = pd.DataFrame(
        {
            "cause": np.tile(CAUSES, len(values)),
            "amount": cents / 100,
            "opportunities": np.bincount(cell, lines["opportunities"], size).astype("int64"),
        }
    )
    return frame, values


def pipeline_changes(
    book: Source,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    period: str | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """What moved the open pipeline from one date to another.

    Parameters
    ----------
    book
        A book or a warehouse with two exports, or with a change history.
    since, until
        The two dates, at the end of the day: dates of exports, or any dates that the history covers. None takes
        the export before ``until`` (with one export, the day before its quarter began), and ``book.as_of``.
    period
        Only pipeline due in this period (``"2026Q4"``): an opportunity whose close date moves out of it is
        ``pushed_out`` at its old amount, one that moves in is ``pulled_in`` at its new amount. None: all open
        pipeline, where dates do not matter.
    by
        A column of the opportunities: one waterfall per value. An opportunity whose value changed leaves one
        (``moved_out``) and enters another (``moved_in``).

    Returns
    -------
    DataFrame
        `tables.PIPELINE_CHANGES`: every cause in order, zero where nothing happened; signed, so that
        opening + causes = closing to the cent.

    Raises
    ------
    HistoryError
        If a date is not known; with a period, if no source tells close dates by the first.
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If an argument is no date, period or column.

    Notes
    -----
    Amount changed and then won: the change is in increased or decreased, won leaves at the final amount. Missing in
    the later export is vanished, not lost. Created and closed between the dates is both new and won or lost; lost
    before and won since is both reopened and won, and the other way round. An opportunity that was closed before the
    first date and is only listed later is no change. The groups' waterfalls add up to the whole's, but for moves
    between groups. An amount, or a close date, that no source tells by a date is the next one that an export tells;
    ``attrs["amounts_from"]`` is the first day on which a source tells amounts.

    See Also
    --------
    pipeline_change_lines : the opportunities of each cause.
    funnel_analytics.charts.pipeline_changes : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> amounts = fa.pipeline_changes(fa.load_sample()).set_index("cause")["amount"]
    >>> bool(abs(amounts.drop("closing").sum() - amounts["closing"]) < 0.005)
    True
    """
    asked = _asked(book, since, until, period, by)
    frame, values = summed(change_counts(book, asked), asked)
    context = {**book.context, "since": asked.first, "until": asked.last, "period": period}
    context["amounts_from"] = book.told_from("amount")
    return tables.declare(labelled(frame, by, values, len(CAUSES)), tables.PIPELINE_CHANGES, context, by=by)


def pipeline_change_lines(
    book: Book,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    period: str | None = None,
    by: str | None = None,
) -> pd.DataFrame:
    """The opportunities behind each cause of `pipeline_changes`; arguments and errors as there.

    Returns
    -------
    DataFrame
        `tables.PIPELINE_CHANGE_LINES`: one row per cause and opportunity, in the order of the causes, largest first.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> lines = fa.pipeline_change_lines(fa.load_sample())
    >>> set(lines.loc[lines["cause"] == "won", "amount"] < 0)
    {True}
    """
    if by is not None and by not in COLUMNS:
        tables.refuse_own(by, tables.PIPELINE_CHANGE_LINES)
    asked = _asked(book, since, until, period, by)
    # Of a warehouse only counts would come.
    both = _each(book, asked)
    found, values = _lines(both, asked)
    detail = both.reset_index(names="opportunity_id").iloc[found["at"]].reset_index(drop=True)
    lines = detail[["opportunity_id", "stage_before", "stage_after", "close_date_before", "close_date_after"]].copy()
    for column in ("opportunity_name", "account_name", "owner"):
        lines[column] = detail[f"{column}_after"].fillna(detail[f"{column}_before"])
    if by is not None:
        lines[by] = values.iloc[found["group"]].to_numpy()
    lines["cause"] = np.array(CAUSES)[found["place"]]
    lines["amount"] = found["cents"] / 100
    lines = lines.assign(_place=found["place"], _size=-found["cents"].abs(), _group=found["group"])
    lines = lines.sort_values(["_group", "_place", "_size", "opportunity_id"], kind="stable", ignore_index=True)
    context = {**book.context, "since": asked.first, "until": asked.last, "period": period}
    return tables.declare(lines, tables.PIPELINE_CHANGE_LINES, context, by=by)
