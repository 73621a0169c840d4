"""A book as it was known on an earlier day: what a user would have had in hand then."""

import numpy as np
import pandas as pd

from ..arguments import day_asked
from ..assembly import Parts, assemble
from ..book import Book
from ..errors import HistoryError
from ..outcomes import LOST, OPEN, OUTCOMES, WON
from .model.ledger import Ledger, date_of, day_number, ledger_of

_OF_ITS_TIME = (
    "stage_label", "amount_original", "probability", "forecast_category", "stage_entered_date", "last_activity_date",
    "last_modified_date", "next_step", "loss_reason", "push_count", "contact_count",
)  # fmt: skip
"""Columns of a later export that say nothing about an earlier day."""


def book_as_of(book: Book, date: str | pd.Timestamp) -> Book:
    """The book as it was known at the end of a day.

    Parameters
    ----------
    book
        The book.
    date
        The day; not after ``book.as_of``.

    Returns
    -------
    Book
        Exports and changes after the day are gone: what was created later is not there, what was closed later is
        open. Where no export is of that day, its list is put together from the change history and from the dates
        of creation and closing. Owner, account and other facts of which no history is kept are the latest; an
        amount is so only where no source of the time tells amounts.

    Raises
    ------
    HistoryError
        If nothing had been created by then, or the day is after the book's.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> then = book_as_of(fa.load_sample(), "2026-06-30")
    >>> str(then.as_of.date()), bool(then.opportunities["created_date"].max() <= then.as_of)
    ('2026-06-30', True)
    """
    day = day_asked(date, "date")
    if day > book.as_of:
        raise HistoryError(f"{day:%Y-%m-%d} is after the book's date {book.as_of:%Y-%m-%d}. Choose an earlier day.")
    snapshots = book.snapshots
    earlier = snapshots[snapshots["as_of"] <= day]
    if day not in book.export_dates:
        earlier = pd.concat([earlier, _listed(ledger_of(book), day)], ignore_index=True)
    if earlier.empty:
        raise HistoryError(f"No opportunity of the book had been created by {day:%Y-%m-%d}. Choose a later day.")
    parts = Parts(
        snapshots=earlier, accounts=book.accounts, ratings=book.ratings,
        history=book.history, quotas=book.quotas, evidence=book.evidence,
    )  # fmt: skip
    return assemble(
        parts, methodology=book.methodology, as_of=day, currency=book.currency, calendar=book.calendar,
        revenue_benchmark=book.revenue_benchmark,
    )  # fmt: skip


def _listed(ledger: Ledger, date: pd.Timestamp) -> pd.DataFrame:
    """What an export of a day would have listed."""
    day = day_number(date)
    number = np.arange(len(ledger.opportunities))
    status = ledger.status.at(number, day)
    listed = np.flatnonzero((status >= OPEN) & (status <= LOST))
    is_open = status[listed] == OPEN
    rows = ledger.opportunities.loc[listed].drop(columns=[*_OF_ITS_TIME, "last_seen"], errors="ignore")
    visit = ledger.stage_at.at(listed, day)
    keys = np.array([*ledger.methodology.open_stages, None], dtype=object)
    stages = np.full(len(listed), len(keys) - 1)
    held = ~np.isnan(visit)
    stages[held] = ledger.visit_stage[visit[held].astype("int64")].astype("int64")
    last = np.where(is_open, ledger.close.at(listed, day), ledger.closing.at(listed, day))
    close = pd.Series([date_of(one) if np.isfinite(one) else pd.NaT for one in last], index=rows.index)
    won_stage = rows["stage"].where(rows["stage"].isin({s.key for s in ledger.methodology.stages if s.outcome}))
    stage = pd.Series(keys[stages], index=rows.index, dtype="str")
    return rows.assign(
        as_of=date,
        outcome=np.array(OUTCOMES)[status[listed].astype("int64")],
        stage=stage.mask((status[listed] == WON) & won_stage.notna(), won_stage),
        amount=ledger.amount_at(listed, day)[0],
        close_date=close.astype("datetime64[us]"),
    )
