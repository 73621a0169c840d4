"""The state of every opportunity on a date: from the export of that day, else from the change history."""

import pandas as pd

from ..book import Book
from ..errors import HistoryError
from ..outcomes import CLOSED
from .counts import Source

COLUMNS = ["opportunity_name", "account_name", "owner", "stage", "outcome", "amount", "close_date"]


def state_at(book: Book, date: pd.Timestamp, extra: str | None = None) -> pd.DataFrame:
    """How each known opportunity stood at the end of a day.

    A closed opportunity that a later export no longer lists is still closed; an open one is not known any more.

    Parameters
    ----------
    book
        The book.
    date
        The date of an export, or any date that the change history covers.
    extra
        One more column of the opportunities to carry.

    Returns
    -------
    DataFrame
        Indexed by ``opportunity_id``, `COLUMNS`; without the opportunities created later.

    Raises
    ------
    HistoryError
        If the book cannot know that date; the message lists the dates that it knows.
    """
    columns = COLUMNS if extra is None or extra in COLUMNS else [*COLUMNS, extra]
    snapshots = book.snapshots
    if date in book.export_dates:
        seen = snapshots[snapshots["as_of"] <= date].drop_duplicates("opportunity_id", keep="last")
        known = (seen["as_of"] == date) | seen["outcome"].isin(CLOSED)
        return seen[known].set_index("opportunity_id")[columns]
    told_from = book.history_from
    if date > book.as_of or told_from is None or date < told_from:
        raise HistoryError(_unknown(book, date))
    # What the log tells of opportunities that no export lists counts nowhere.
    logged = book.history[book.history["opportunity_id"].isin(snapshots["opportunity_id"])]
    state = _stated(snapshots, logged, date, columns)
    return state[~_vanished(snapshots, state, book.export_dates, date)][columns]


def require_close_dates(book: Source, date: pd.Timestamp) -> None:
    """Refuse what asks which opportunities were due, where no source tells close dates by that day.

    The close date of today would stand for that of the day: what was put off since would not show.

    Raises
    ------
    HistoryError
        If no export is as old, and no change that the history tells by then names a close date.
    """
    told = book.told_from("close_date")
    if told is not None and date < told:
        raise HistoryError(
            f"Which close dates stood on {date:%Y-%m-%d} is not known: the stage history names none up to that day,"
            f" and the first that a source tells are of {told:%Y-%m-%d}. Choose a date from then on, or add an export of"
            " that date or a history of close dates to the folder."
        )


def _unknown(book: Book, date: pd.Timestamp) -> str:
    known = f"the exports of {', '.join(f'{day:%Y-%m-%d}' for day in book.export_dates)}"
    if book.history_from is not None:
        known += f", and any day from {book.history_from:%Y-%m-%d} to {book.as_of:%Y-%m-%d} from the stage history"
    return (
        f"The book does not know how the pipeline stood on {date:%Y-%m-%d}. It knows {known}."
        " Choose one of these dates, or add an export of that date or a stage history to the folder."
    )


def _stated(snapshots: pd.DataFrame, history: pd.DataFrame, date: pd.Timestamp, columns: list[str]) -> pd.DataFrame:
    """What history and exports last stated of each field by a date; what they had not, as in the next export."""
    changes = history[history["changed_at"] < date + pd.Timedelta(days=1)]
    closing = changes["outcome"].isin(CLOSED)
    day = changes["changed_at"].dt.normalize()
    changes = changes.assign(close_date=changes["close_date"].where(~closing, changes["close_date"].fillna(day)))
    exported = snapshots[snapshots["as_of"] <= date].rename(columns={"as_of": "changed_at"})
    fields = ["opportunity_id", "changed_at", *columns]
    statements = pd.concat([changes.reindex(columns=fields), exported[fields]], ignore_index=True)
    # By day: what an export of the same day says stands after the changes of that day.
    statements["changed_at"] = statements["changed_at"].dt.normalize()
    statements = statements.sort_values("changed_at", kind="stable")
    # Not an aggregate over rows: last() takes the last stated value of each field.
    state = statements.groupby("opportunity_id")[["changed_at", *columns]].last()

    later = snapshots[snapshots["as_of"] > date].drop_duplicates("opportunity_id").set_index("opportunity_id")
    created = later.index[later["created_date"] <= date]
    state = state.reindex(state.index.union(created))
    following = later.reindex(state.index)
    # Closed by then, though only a later export tells it.
    told_later = (
        ~state["outcome"].isin(CLOSED)
        & following["outcome"].isin(CLOSED)
        & (following["close_date"] <= date)
        & ~(state["changed_at"] > following["close_date"])
    )
    for column in columns:
        state[column] = state[column].mask(told_later, following[column])
        if column != "outcome":
            state[column] = state[column].fillna(following[column])
    state["outcome"] = state["outcome"].fillna("open")
    return state


def _vanished(
    snapshots: pd.DataFrame, state: pd.DataFrame, exports: list[pd.Timestamp], date: pd.Timestamp
) -> pd.Series:
    """Which open opportunities the newest export by the date lists no more; a change since tells of one that comes back."""
    newest = max((day for day in exports if day <= date), default=pd.Timestamp.min)
    listed = snapshots[snapshots["as_of"] <= date].groupby("opportunity_id")["as_of"].max().reindex(state.index)
    comes_back = state.index.isin(snapshots.loc[snapshots["as_of"] > date, "opportunity_id"])
    return (state["outcome"] == "open") & (listed < newest) & ~((state["changed_at"] > newest) & comes_back)
