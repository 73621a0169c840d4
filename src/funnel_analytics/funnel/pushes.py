"""Moves of the close date: pushes of each opportunity, and the slip rate of a period."""

from functools import singledispatch

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..outcomes import CLOSED
from ..periods import Period, period_labels, period_of
from .changes import check_exported, known_at, newest_date
from .counts import Source
from .groups import labelled, shared_groups
from .states import require_close_dates

_WORDS = ["opportunity_name", "account_name", "owner"]
_MOVES = ("pushes", "period_pushes", "days_pushed", "pulls")
_HELD = ("opportunities", *_MOVES, "pushed_opportunities", "lower_bound_opportunities", "overdue_opportunities",
         "overdue_amount")  # fmt: skip
"""What `held_moves` adds up."""


def _statements(book: Book) -> pd.DataFrame:
    """Every close date that a source states of an open opportunity, one a day, in order of time."""
    rows = book.opportunities
    won_stages = [stage.key for stage in book.methodology.stages if stage.outcome == "won"]
    history = book.history
    outcome = history["outcome"].mask(history["outcome"].isna() & history["stage"].isin(won_stages), "won")
    # A row that tells only a stage or a date leaves the outcome as it was.
    outcome = outcome.groupby(history["opportunity_id"], sort=False).ffill().fillna("open")
    columns = ["opportunity_id", "at", "close_date", "outcome", "told"]
    logged = history.assign(at=history["changed_at"].dt.normalize(), outcome=outcome, told=True)[columns]
    exported = book.snapshots.rename(columns={"as_of": "at"}).assign(told=False)[columns]
    stated = pd.concat([logged, exported], ignore_index=True)
    stated = stated[(stated["outcome"] == "open") & stated["close_date"].notna()]
    place = pd.Index(rows["opportunity_id"]).get_indexer(stated["opportunity_id"])
    stated, place = stated[place >= 0], place[place >= 0]
    # The CRM sets the date to the day of the closing: that is no pull. Nothing of that day or later is taken.
    closed_at = rows["close_date"].where(rows["outcome"].isin(CLOSED)).to_numpy()
    stated = stated[~(stated["at"].to_numpy() >= closed_at[place])]
    stated = stated.sort_values(["opportunity_id", "at"], kind="stable")
    return stated.drop_duplicates(["opportunity_id", "at"], keep="last").reset_index(drop=True)


def close_date_moves(book: Book) -> pd.DataFrame:
    """One row per opportunity, in the book's order: what its close date did, from one statement to the next."""
    stated = _statements(book)
    follows = stated["opportunity_id"] == stated["opportunity_id"].shift()
    days = (stated["close_date"] - stated["close_date"].shift()).dt.days.where(follows).fillna(0.0)
    labels = period_labels(stated["close_date"], "quarter", book.calendar)
    year, quarter = labels.str.slice(0, 4).astype("int64"), labels.str.slice(-1).astype("int64")
    place = year * 4 + quarter
    quarters = (place - place.shift()).where(follows).fillna(0.0).clip(lower=0.0)
    frame = pd.DataFrame(
        {
            "opportunity_id": stated["opportunity_id"],
            "pushes": days > 0,
            "period_pushes": quarters > 0,
            "quarters_pushed": quarters,
            "days_pushed": days.clip(lower=0.0),
            "pulls": days < 0,
            "days_pulled": -days.clip(upper=0.0),
            "told": stated["told"],
        }
    )
    found = frame.groupby("opportunity_id").sum()
    return found.reindex(book.opportunities["opportunity_id"]).fillna(0.0).reset_index(drop=True)


def push_counts(book: Book) -> pd.DataFrame:
    """How often and how far the close date of each opportunity moved while it was open.

    Parameters
    ----------
    book
        A book with two exports, or with a change history that holds close dates.

    Returns
    -------
    DataFrame
        `tables.PUSH_COUNTS`: one row per opportunity, the most pushed first. Where no history of close dates tells,
        ``lower_bound`` is True: two exports hide the pushes between them.

    Notes
    -----
    Several edits on one day are one, the last. The date that a CRM sets as it closes an opportunity is no move. An open
    opportunity whose close date is past has slipped without a record: ``overdue``.

    See Also
    --------
    slippage : pushes and the slip rate of a period, for the team or by a column.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> counts = fa.push_counts(fa.load_sample())
    >>> bool((counts["period_pushes"] <= counts["pushes"]).all())
    True
    """
    rows, moves = book.opportunities.reset_index(drop=True), close_date_moves(book)
    frame = rows[["opportunity_id", *_WORDS, "segment", "stage", "outcome", "amount", "close_date"]].join(moves)
    frame["crm_pushes"] = rows["push_count"]
    frame["lower_bound"] = moves["told"] == 0
    frame["overdue"] = _overdue(rows, book.as_of)
    frame["overdue_days"] = (book.as_of - rows["close_date"]).dt.days.where(frame["overdue"])
    order = ["pushes", "days_pushed", "opportunity_id"]
    frame = frame.sort_values(order, ascending=[False, False, True], ignore_index=True)
    return tables.declare(frame, tables.PUSH_COUNTS, book.context)


def _overdue(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.Series:
    return (rows["outcome"] == "open") & (rows["close_date"] < as_of)


def _opening(source: Source, period: Period) -> pd.Timestamp:
    """The day on which the pipeline at the start of the period is known: the day before it, else an earlier export's."""
    start, told_from = period.start - pd.Timedelta(days=1), source.history_from
    told = told_from is not None and told_from <= start <= source.as_of
    earlier = [date for date in source.export_dates if date <= start]
    return start if told or not earlier else earlier[-1]


@singledispatch
def due_counts(
    source: Source, opening: pd.Timestamp, last: pd.Timestamp, period: Period, by: str | None
) -> pd.DataFrame:
    """What was due in a period on one date, and how that stood on another.

    Parameters
    ----------
    source
        A book or a warehouse.
    opening, last
        The two dates.
    period
        The period in which it was due.
    by
        A column of the opportunities, or None.

    Returns
    -------
    DataFrame
        group (the value of ``by`` on the first date), outcome (missing where not known any more), in_time and later (of
        the close date on the second; neither where there is none), opportunities, and amount on the first date, a
        negative one as 0. In process each opportunity has a row of its own.
    """
    raise NotImplementedError(type(source).__name__)


@due_counts.register
def _each_due(book: Book, opening: pd.Timestamp, last: pd.Timestamp, period: Period, by: str | None) -> pd.DataFrame:
    check_exported(book, by, tables.SLIPPAGE)
    before = known_at(book, opening, by)
    before = before[(before["outcome"] == "open") & before["close_date"].between(period.start, period.end)]
    known = known_at(book, last, by).reindex(before.index)
    return pd.DataFrame(
        {
            "group": before[by] if by else pd.Series(None, before.index, dtype="str"),
            "outcome": known["outcome"],
            "in_time": known["close_date"] <= period.end,
            "later": known["close_date"] > period.end,
            "opportunities": 1,
            # A negative amount among the due would push the share that slipped above 1.
            "amount": before["amount"].fillna(0.0).clip(lower=0.0),
        }
    )


@singledispatch
def held_moves(source: Source, by: str | None) -> pd.DataFrame:
    """What the close dates of the opportunities did, and how many are overdue, by a column.

    Returns
    -------
    DataFrame
        group and sums of what `_HELD` names. In process each opportunity has a row of its own.
    """
    raise NotImplementedError(type(source).__name__)


@held_moves.register
def _each_move(book: Book, by: str | None) -> pd.DataFrame:
    rows, moves = book.opportunities.reset_index(drop=True), close_date_moves(book)
    overdue = _overdue(rows, book.as_of)
    return moves[list(_MOVES)].assign(
        group=rows[by] if by else pd.Series(None, rows.index, dtype="str"),
        opportunities=1,
        pushed_opportunities=moves["pushes"] > 0,
        lower_bound_opportunities=moves["told"] == 0,
        overdue_opportunities=overdue,
        overdue_amount=rows["amount"].where(overdue).fillna(0.0),
    )


def _ends(due: pd.DataFrame) -> dict[str, np.ndarray]:
    """What became of the opportunities that were due; each is in one of these."""
    outcome, in_time = due["outcome"], due["in_time"]
    ends = {
        "won": (outcome == "won") & in_time,
        "lost": (outcome == "lost") & in_time,
        # Closed after the period is not closed in it: it slipped as one that is still open and now due later.
        "slipped": outcome.notna() & due["later"],
        # Without a date any more: neither closed in the period nor due later.
        "unmoved": outcome.notna() & ~due["later"] & ((outcome == "open") | ~in_time),
        "vanished": outcome.isna(),
    }
    return {name: mask.to_numpy(dtype=bool) for name, mask in ends.items()}


def slippage(book: Source, *, period: str | None = None, by: str | None = None) -> pd.DataFrame:
    """How much of what was due in a period slipped out of it, and how often close dates were pushed.

    Parameters
    ----------
    book
        A book or a warehouse that knows how the pipeline stood at the start of the period: from a change history or
        an export.
    period
        ``"2026Q3"``; None takes the quarter of ``book.as_of``.
    by
        A column of the opportunities to split by (owner, segment …); an opportunity belongs to the group in which
        it was at the start. None for the whole.

    Returns
    -------
    DataFrame
        `tables.SLIPPAGE`: one row (per value of ``by``). What was due is won, lost, slipped, unmoved or vanished:
        the five add up. ``slip_rate`` is by count, ``slip_rate_value`` by the amount at the start.

    Raises
    ------
    HistoryError
        If no source tells how the pipeline stood at the start of the period, or none any close date by then.
    CurrencyError, AmountError
        If amounts cannot be added up.
    ArgumentError
        If there is no such period or column.

    Notes
    -----
    Slip rate of a period: due in it at its start, not closed in it, now due later ÷ due in it at its start. ``opening``
    is the day on which the start is known: that of an earlier export where nothing else tells. Pushes are those of the
    opportunities of the book (not only the due ones) over all the dates it knows; two exports hide the pushes between
    them, ``lower_bound_opportunities`` says of how many opportunities that holds. Where no source tells the close date of
    one of them on that day, that of the next export stands for it, which for one closed since is the day it was closed.

    See Also
    --------
    push_counts : the pushes of each opportunity.
    funnel_analytics.charts.slippage : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> row = fa.slippage(fa.load_sample(), period="2026Q2").iloc[0]
    >>> bool(row[["won", "lost", "slipped", "unmoved", "vanished"]].sum() == row["due"])
    True
    """
    book.require_money()
    asked = period_of(book.as_of, "quarter", book.calendar) if period is None else book.period(period)
    opening = _opening(book, asked)
    due, held = due_counts(book, opening, newest_date(book), asked, by), held_moves(book, by)
    require_close_dates(book, opening)
    own, at_start, values = shared_groups(held, due, by and "group", tables.SLIPPAGE)
    groups = len(values)

    def summed(what: pd.Series, group: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
        kept = np.ones(len(group), dtype=bool) if mask is None else mask
        sums = np.bincount(group[kept], what.to_numpy(dtype="float64")[kept], groups)
        return sums if "amount" in str(what.name) else sums.astype("int64")

    frame = pd.DataFrame({"due": summed(due["opportunities"], at_start), "amount_due": summed(due["amount"], at_start)})
    for name, mask in _ends(due).items():
        frame[name] = summed(due["opportunities"], at_start, mask)
        frame[f"amount_{name}"] = summed(due["amount"], at_start, mask)
    frame["slip_rate"] = frame["slipped"] / frame["due"].where(frame["due"] > 0)
    frame["slip_rate_value"] = frame["amount_slipped"] / frame["amount_due"].where(frame["amount_due"] > 0)
    for name in _HELD:
        frame[name] = summed(held[name], own)
    frame = labelled(frame.assign(period=asked.label, opening=opening), by, values, 1)
    return tables.declare(frame, tables.SLIPPAGE, book.context, by=by)
