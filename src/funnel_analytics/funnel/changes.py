"""Pipeline changes between two dates: a waterfall that balances to the cent, and the opportunities of each cause."""

import pandas as pd

from .. import tables
from ..book import Book
from ..errors import HistoryError
from ..periods import Period
from .states import state_at

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


def _dates(book: Book, since: object, until: object) -> tuple[pd.Timestamp, pd.Timestamp]:
    last = book.as_of if until is None else pd.Timestamp(until).normalize()
    if since is not None:
        first = pd.Timestamp(since).normalize()
    else:
        earlier = [date for date in book.export_dates if date < last]
        # One export with a history: what changed since the quarter began.
        first = earlier[-1] if earlier else book.period().start - pd.Timedelta(days=1)
    if first >= last:
        raise HistoryError(
            f"Changes need two dates, the first before the second; got {first:%Y-%m-%d} and {last:%Y-%m-%d}."
        )
    return first, last


def _both(book: Book, first: pd.Timestamp, last: pd.Timestamp, by: str | None) -> pd.DataFrame:
    """One row per opportunity known on either date, with its two states side by side."""
    before, after = state_at(book, first, by), state_at(book, last, by)
    both = before.add_suffix("_before").join(after.add_suffix("_after"), how="outer")
    for side in ("before", "after"):
        amounts = both[f"amount_{side}"].astype("float64").fillna(0.0)
        # Whole cents: sums of floating-point amounts would not balance to the cent.
        both[f"cents_{side}"] = (amounts * 100).round().astype("int64")
    return both.sort_index()


def _within(both: pd.DataFrame, side: str, period: Period | None) -> pd.Series:
    open_then = both[f"outcome_{side}"] == "open"
    if period is None:
        return open_then
    return open_then & both[f"close_date_{side}"].between(period.start, period.end)


def _split_moves(both: pd.DataFrame, by: str | None, value: object) -> tuple[pd.Series, pd.Series]:
    """Which opportunities belonged to a group on each date."""
    everything = pd.Series(True, index=both.index)
    if by is None:
        return everything, everything
    sides = []
    for side in ("before", "after"):
        held = both[f"{by}_{side}"]
        sides.append(held.isna() if value is None else held == value)
    # An opportunity known on one date only has not moved.
    known_before, known_after = both["outcome_before"].notna(), both["outcome_after"].notna()
    return sides[0].where(known_before, sides[1]), sides[1].where(known_after, sides[0])


def _causes(both: pd.DataFrame, period: Period | None, by: str | None = None, value: object = None) -> pd.DataFrame:
    """Signed cents of every cause, opportunities in rows, causes in columns."""
    mine_before, mine_after = _split_moves(both, by, value)
    was = _within(both, "before", period) & mine_before
    now = _within(both, "after", period) & mine_after
    known_before, known_after = both["outcome_before"].notna(), both["outcome_after"].notna()
    old, new = both["cents_before"], both["cents_after"]
    won, lost = both["outcome_after"] == "won", both["outcome_after"] == "lost"
    open_both = (both["outcome_before"] == "open") & (both["outcome_after"] == "open")
    closes_inside = (
        both["close_date_after"].between(period.start, period.end)
        if period is not None
        else pd.Series(True, index=both.index)
    )
    born = ~known_before & mine_after
    # Created and closed between the dates: came and went, if it was closed in the period that is looked at.
    flashed = born & (won | lost) & closes_inside
    # An opportunity that was not due, and was then closed inside the period, was pulled in first.
    pulled_closed = (
        known_before
        & mine_before
        & mine_after
        & ~was
        & (both["outcome_before"] == "open")
        & (won | lost)
        & closes_inside
        & (period is not None)
    )
    reopened = known_before & (both["outcome_before"] != "open") & now & mine_before
    moved_in, moved_out = ~mine_before & now & known_before, was & ~mine_after & known_after
    stays_mine = mine_before & mine_after
    pulled = (open_both & stays_mine & ~was & now) | pulled_closed
    pushed = open_both & stays_mine & was & ~now
    left = was & (won | lost) & mine_after
    change = (new - old).where((was & now & stays_mine) | left, 0)
    zero = pd.Series(0, index=both.index)
    gone = was & ~known_after
    gains = left | flashed | pulled_closed
    return pd.DataFrame(
        {
            "opening": old.where(was, 0),
            "new": new.where((born & now) | flashed, 0),
            "reopened": new.where(reopened, 0),
            "pulled_in": new.where(pulled, 0),
            "moved_in": new.where(moved_in, 0),
            "increased": change.clip(lower=0),
            "decreased": change.clip(upper=0),
            "currency_rate": zero,
            "won": -new.where(gains & won, 0),
            "lost": -new.where(gains & lost, 0),
            "pushed_out": -old.where(pushed, 0),
            "moved_out": -old.where(moved_out, 0),
            "vanished": -old.where(gone, 0),
            "closing": new.where(now, 0),
        }
    )


def _counts(both: pd.DataFrame, period: Period | None, by: str | None, value: object) -> pd.Series:
    """How many opportunities each cause concerns, those without an amount included."""
    unit = both.assign(cents_before=1, cents_after=1)
    signs = _causes(unit, period, by, value)
    counts = (signs != 0).sum()
    amounts = _causes(both, period, by, value)
    for cause in ("increased", "decreased", "currency_rate"):
        counts[cause] = int((amounts[cause] != 0).sum())
    return counts


def _groups(both: pd.DataFrame, by: str | None) -> list[object]:
    if by is None:
        return [None]
    held = pd.concat([both[f"{by}_before"], both[f"{by}_after"]])
    known = pd.concat([both["outcome_before"], both["outcome_after"]]).notna()
    values: list[object] = sorted(held.dropna().unique())
    return [*values, None] if held[known].isna().any() else values


def _prepared(
    book: Book, since: object, until: object, period: str | None, by: str | None
) -> tuple[pd.DataFrame, Period | None, pd.Timestamp, pd.Timestamp]:
    book.require_money()
    tables.grouping(book.opportunities.iloc[:0], by)
    first, last = _dates(book, since, until)
    return _both(book, first, last, by), None if period is None else book.period(period), first, last


def pipeline_changes(
    book: Book,
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
        A book with two exports, or with a change history.
    since, until
        The two dates: dates of exports, or any dates that the history covers. None takes the export before
        ``until``, and ``book.as_of``.
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
        If a date is not known.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    Amount changed and then won: the change is in increased or decreased, won leaves at the final amount. Missing in
    the later export is vanished, not lost. Created and closed between the dates is both new and won or lost.

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
    both, target, first, last = _prepared(book, since, until, period, by)
    blocks = []
    for value in _groups(both, by):
        cents = _causes(both, target, by, value).sum()
        frame = pd.DataFrame({"cause": CAUSES, "amount": cents[list(CAUSES)].to_numpy() / 100})
        frame["opportunities"] = _counts(both, target, by, value)[list(CAUSES)].to_numpy()
        blocks.append(frame.assign(**{by: value}) if by is not None else frame)
    result = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame(columns=["cause", *([by] if by else [])])
    context = {**book.context, "since": first, "until": last, "period": period}
    return tables.declare(result, tables.PIPELINE_CHANGES, context, by=by)


def pipeline_change_lines(
    book: Book,
    *,
    since: pd.Timestamp | str | None = None,
    until: pd.Timestamp | str | None = None,
    period: str | None = None,
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
    both, target, first, last = _prepared(book, since, until, period, None)
    unit = _causes(both.assign(cents_before=1, cents_after=1), target)
    cents = _causes(both, target)
    for cause in ("increased", "decreased", "currency_rate"):
        unit[cause] = cents[cause]
    unit.columns.name = cents.columns.name = "cause"
    concerned = unit.ne(0).stack()
    lines = cents.stack()[concerned].rename("amount").reset_index()
    lines["amount"] = lines["amount"] / 100
    detail = both.reindex(lines["opportunity_id"]).reset_index(drop=True)
    for column in ("opportunity_name", "account_name", "owner"):
        lines[column] = detail[f"{column}_after"].fillna(detail[f"{column}_before"])
    for column in ("stage_before", "stage_after", "close_date_before", "close_date_after"):
        lines[column] = detail[column]
    lines["_order"] = lines["cause"].map({cause: place for place, cause in enumerate(CAUSES)})
    lines["_size"] = -lines["amount"].abs()
    lines = lines.sort_values(["_order", "_size", "opportunity_id"], kind="stable", ignore_index=True)
    context = {**book.context, "since": first, "until": last, "period": period}
    return tables.declare(lines, tables.PIPELINE_CHANGE_LINES, context)
