"""The state of every opportunity on a date: from the export of that day, else from the change history."""

import pandas as pd

from ..book import Book
from ..errors import HistoryError

COLUMNS = ["opportunity_name", "account_name", "owner", "stage", "outcome", "amount", "close_date"]


def state_at(book: Book, date: pd.Timestamp, extra: str | None = None) -> pd.DataFrame:
    """How each known opportunity stood at the end of a day.

    Parameters
    ----------
    book
        The book.
    date
        The date of an export, or any date when the book has a change history.
    extra
        One more column of the opportunities to carry.

    Returns
    -------
    DataFrame
        Indexed by ``opportunity_id``: name, account, owner, stage, outcome, amount, close date.

    Raises
    ------
    HistoryError
        If the book cannot know that date; the message lists the dates that it knows.
    """
    columns = COLUMNS if extra is None or extra in COLUMNS else [*COLUMNS, extra]
    snapshots = book.snapshots
    if date in book.export_dates:
        return snapshots[snapshots["as_of"] == date].set_index("opportunity_id")[columns]
    history = book.history
    if date > book.as_of or history.empty or date < history["changed_at"].min().normalize():
        known = ", ".join(f"{day:%Y-%m-%d}" for day in book.export_dates)
        rest = (
            f", and any day from {history['changed_at'].min():%Y-%m-%d} on from the stage history"
            if len(history)
            else ""
        )
        raise HistoryError(
            f"The book does not know {date:%Y-%m-%d}. It knows the exports of {known}{rest}."
            " Choose one of these dates, or add an export of that date or a stage history to the folder."
        )
    return _from_history(book, date, columns)


def _from_history(book: Book, date: pd.Timestamp, columns: list[str]) -> pd.DataFrame:
    """The last stated value of each field; what the history never states is as in the nearest later export."""
    history = book.history
    known = history[history["changed_at"] < date + pd.Timedelta(days=1)]
    later = book.snapshots.sort_values("as_of")
    later = later[later["as_of"] > date].drop_duplicates("opportunity_id").set_index("opportunity_id")
    last = known.groupby("opportunity_id")[["stage", "outcome", "amount", "close_date", "owner"]].last()
    ids = known["opportunity_id"].drop_duplicates()
    state = later.reindex(ids)[columns]
    state.index.name = "opportunity_id"
    stated = last.reindex(ids)
    for column in ("stage", "amount", "close_date", "owner"):
        state[column] = stated[column].fillna(state[column].astype(stated[column].dtype))
    state["outcome"] = stated["outcome"].fillna("open")
    closed_at = (
        known[known["outcome"].isin(["won", "lost"])].groupby("opportunity_id")["changed_at"].last().dt.normalize()
    )
    is_closed = state["outcome"] != "open"
    if is_closed.any():
        state.loc[is_closed, "close_date"] = closed_at.reindex(state.index[is_closed])
    return state
