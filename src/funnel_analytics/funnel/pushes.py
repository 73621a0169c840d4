"""Moves of the close date: pushes of each opportunity, and the slip rate of a period."""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import HistoryError
from ..outcomes import CLOSED
from ..periods import Period, period_labels, period_of
from .changes import check_exported, known_at, newest_date
from .groups import labelled, shared_groups
from .states import require_close_dates

_WORDS = ["opportunity_name", "account_name", "owner"]


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


def _opening(book: Book, period: Period, by: str | None) -> tuple[pd.Timestamp, pd.DataFrame]:
    """The pipeline at the start of the period: on the day before it, else in the last export before."""
    start = period.start - pd.Timedelta(days=1)
    try:
        return start, known_at(book, start, by)
    except HistoryError:
        earlier = [date for date in book.export_dates if date <= start]
        if not earlier:
            raise
        return earlier[-1], known_at(book, earlier[-1], by)


def _ends(before: pd.DataFrame, now: pd.DataFrame, period: Period) -> dict[str, np.ndarray]:
    """What became of the opportunities that were due; each is in one of these."""
    known = now.reindex(before.index)
    in_time = known["close_date"] <= period.end
    ends = {
        "won": (known["outcome"] == "won") & in_time,
        "lost": (known["outcome"] == "lost") & in_time,
        # Closed after the period is not closed in it: it slipped as one that is still open and now due later.
        "slipped": known["outcome"].notna() & (known["close_date"] > period.end),
        "unmoved": (known["outcome"] == "open") & in_time,
        "vanished": known["outcome"].isna(),
    }
    # Without a date any more: neither closed in the period nor due later.
    ends["unmoved"] |= known["outcome"].notna() & known["close_date"].isna()
    return {name: mask.to_numpy(dtype=bool) for name, mask in ends.items()}


def slippage(book: Book, *, period: str | None = None, by: str | None = None) -> pd.DataFrame:
    """How much of what was due in a period slipped out of it, and how often close dates were pushed.

    Parameters
    ----------
    book
        A book that knows how the pipeline stood at the start of the period: from a change history or an export.
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
    check_exported(book, by, tables.SLIPPAGE)
    asked = period_of(book.as_of, "quarter", book.calendar) if period is None else book.period(period)
    opening, before = _opening(book, asked, by)
    require_close_dates(book, opening)
    is_due = (before["outcome"] == "open") & before["close_date"].between(asked.start, asked.end)
    before = before[is_due]
    ends = _ends(before, known_at(book, newest_date(book), by), asked)

    rows, moves = book.opportunities.reset_index(drop=True), close_date_moves(book)
    codes, at_start, values = shared_groups(rows, before, by, tables.SLIPPAGE)
    groups = len(values)
    # A negative amount among the due would push the share that slipped above 1.
    amount = before["amount"].fillna(0.0).clip(lower=0.0).to_numpy(dtype="float64")
    frame = pd.DataFrame({"due": np.bincount(at_start, minlength=groups)})
    frame["amount_due"] = np.bincount(at_start, amount, groups)
    for name, mask in ends.items():
        frame[name] = np.bincount(at_start[mask], minlength=groups)
        frame[f"amount_{name}"] = np.bincount(at_start[mask], amount[mask], groups)
    frame["slip_rate"] = frame["slipped"] / frame["due"].where(frame["due"] > 0)
    frame["slip_rate_value"] = frame["amount_slipped"] / frame["amount_due"].where(frame["amount_due"] > 0)
    frame["opportunities"] = np.bincount(codes, minlength=groups)
    for name in ("pushes", "period_pushes", "days_pushed", "pulls"):
        frame[name] = np.bincount(codes, moves[name].to_numpy(dtype="float64"), groups)
    pushed, hidden = (moves["pushes"] > 0).to_numpy(), (moves["told"] == 0).to_numpy()
    overdue = _overdue(rows, book.as_of).to_numpy()
    frame["pushed_opportunities"] = np.bincount(codes[pushed], minlength=groups)
    frame["lower_bound_opportunities"] = np.bincount(codes[hidden], minlength=groups)
    frame["overdue_opportunities"] = np.bincount(codes[overdue], minlength=groups)
    frame["overdue_amount"] = np.bincount(codes[overdue], rows["amount"].fillna(0.0).to_numpy()[overdue], groups)
    frame = labelled(frame.assign(period=asked.label, opening=opening), by, values, 1)
    return tables.declare(frame, tables.SLIPPAGE, book.context, by=by)
