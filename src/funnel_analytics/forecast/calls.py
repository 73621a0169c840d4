"""The track record of calls: what people said would be won, against what was won."""

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import HistoryError
from ..periods import parse_period

MIN_CALLS = 6
"""Below so many calls nobody is ranked: five of five errors on one side happen to one honest caller in sixteen, six of
six to one in thirty-two, the first that a sign test would not pass over at 5%."""
EVEN = 0.05
"""A bias of at most 5% either way is called even: smaller than what one opportunity does to most calls."""
HORIZONS = ("before", "first_third", "second_third", "last_third", "after_end", "undated")
SCORED = HORIZONS[:4]
"""Calls made after the period's end, or on a day that nobody knows, are listed and not scored."""


def call_errors(book: Book) -> pd.DataFrame:
    """Every call with what was won in its period, in order of time.

    Parameters
    ----------
    book
        A book with calls: a sheet of its own (docs/profiles.md).

    Returns
    -------
    DataFrame
        `tables.CALL_ERRORS`. ``standing`` says whether a call counts in `call_accuracy`, and if not, why: the period is
        not over (``pending``), a later call of the same third replaced it (``replaced``), it was made after the
        period's end (``after_end``) or on an unknown day (``undated``).

    Raises
    ------
    HistoryError
        If the book holds no calls.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    A call is about the whole period: what had been won by then is in it. It is held against what was won in the period
    by the seller it is about, else the team, else all. The error is call − won: above 0 the call was too high.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> lines = fa.call_errors(fa.load_sample())
    >>> bool((lines["error"] == lines["call"] - lines["won_amount"]).loc[lines["standing"] == "scored"].all())
    True
    """
    book.require_money()
    calls = book.calls
    if calls.empty:
        raise HistoryError(
            "The book holds no calls, so nobody's record can be shown. Add a sheet with owner, period, call date and the"
            " seller's or manager's call to the folder: docs/profiles.md says how."
        )
    spans = {label: parse_period(label, book.calendar) for label in calls["period"].unique()}
    start, end = (pd.to_datetime(calls["period"].map({key: getattr(span, side) for key, span in spans.items()})) for side in ("start", "end"))  # fmt: skip
    frame = calls.assign(person=_person(book, calls), horizon=_horizon(calls["called_on"], start, end), period_end=end)
    frame["days_left"] = (end - calls["called_on"]).dt.days.astype("float64")
    over = end <= book.as_of
    frame["won_amount"] = _won(book, calls, spans).where(over)
    frame["error"] = frame["call"] - frame["won_amount"]
    frame = frame.sort_values(["period_end", "called_on"], kind="stable")
    who = ["person", "role", "owner", "team", "period", "horizon"]
    replaced = frame.duplicated(who, keep="last")
    odd = frame["horizon"].where(~frame["horizon"].isin(SCORED))
    frame["standing"] = np.select(
        [~over.reindex(frame.index), odd.notna(), replaced], ["pending", odd, "replaced"], "scored"
    )
    return tables.declare(frame, tables.CALL_ERRORS, book.context)


def _person(book: Book, calls: pd.DataFrame) -> pd.Series:
    """Who made the call: as the sheet says; else the seller it is about, or that seller's or team's manager."""
    rows = book.opportunities
    managers = {}
    for column in ("owner", "team"):
        known = rows.dropna(subset=[column, "manager"])
        one = known.groupby(column)["manager"].agg(lambda names: names.iloc[-1] if names.nunique() == 1 else None)
        managers[column] = calls[column].map(one.to_dict()).astype("str")
    manager = managers["owner"].fillna(managers["team"])
    return calls["called_by"].fillna(calls["owner"].where(calls["role"] == "seller", manager))


def _horizon(day: pd.Series, start: pd.Series, end: pd.Series) -> pd.Series:
    """In which third of its period a call was made."""
    share = (day - start).dt.days / ((end - start).dt.days + 1)
    names = np.select(
        [day.isna(), day > end, share < 0, share < 1 / 3, share < 2 / 3],
        ["undated", "after_end", "before", "first_third", "second_third"],
        "last_third",
    )
    return pd.Series(names, index=day.index, dtype="str")


def _won(book: Book, calls: pd.DataFrame, spans: dict[str, Any]) -> pd.Series:
    """Won in each call's period by the seller, team or whole that it is about."""
    rows = book.opportunities
    won = rows[rows["outcome"] == "won"]
    found = pd.Series(0.0, index=calls.index)
    for (label, owner, team), part in calls.groupby(["period", "owner", "team"], dropna=False):
        inside = won["close_date"].between(spans[str(label)].start, spans[str(label)].end)
        if pd.notna(owner):
            inside &= won["owner"] == owner
        elif pd.notna(team):
            inside &= won["team"] == team
        found[part.index] = float(won.loc[inside, "amount"].sum())
    return found


def call_accuracy(book: Book) -> pd.DataFrame:
    """Bias and error of calls by person, role and horizon, with their counts.

    Parameters
    ----------
    book
        A book with calls.

    Returns
    -------
    DataFrame
        `tables.CALL_ACCURACY`: one row per role, horizon and person. ``rank`` orders people of one role and horizon by
        their error, from `MIN_CALLS` calls on; ``standing`` says why somebody has none.

    Raises
    ------
    HistoryError
        If the book holds no calls.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    bias = Σ(call − won) ÷ Σ won, signed: ``direction`` says over, under or even in words. wape = Σ|call − won| ÷ Σ won.
    Where nothing was won both are undefined, not 0. Of several calls about the same in one third of a period the last
    counts. Of the newest period, closings may still be booked late.

    See Also
    --------
    call_errors : call by call.
    funnel_analytics.charts.call_accuracy : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.call_accuracy(fa.load_sample())
    >>> bool((table.loc[table["rank"].notna(), "calls"] >= 6).all())
    True
    """
    lines = call_errors(book)
    lines = lines[lines["horizon"].isin(SCORED) & (lines["standing"] != "replaced")]
    rows = [
        {"role": role, "horizon": horizon, "person": person, **_score(part)}
        for (role, horizon, person), part in lines.groupby(["role", "horizon", "person"], dropna=False)
    ]
    frame = pd.DataFrame(rows, columns=tables.CALL_ACCURACY.names)
    enough = frame["wape"].where(frame["standing"] == "ranked")
    frame["rank"] = enough.groupby([frame["role"], frame["horizon"]]).rank(method="min")
    order = {name: place for place, name in enumerate((*HORIZONS, "seller", "manager"))}
    frame = frame.sort_values(
        ["role", "horizon", "person"],
        key=lambda keys: keys.map(order) if keys.name != "person" else keys,
        kind="stable",
    )
    return tables.declare(frame, tables.CALL_ACCURACY, {**book.context, "min_calls": MIN_CALLS})


def _score(part: pd.DataFrame) -> dict[str, Any]:
    scored = part[part["standing"] == "scored"]
    won, error = float(scored["won_amount"].sum()), scored["error"]
    known = won > 0
    bias = float(error.sum()) / won if known else np.nan
    if scored.empty:
        standing = "pending"
    elif not known:
        standing = "nothing_won"
    else:
        standing = "ranked" if len(scored) >= MIN_CALLS else "too_few"
    return {
        "calls": len(scored),
        "periods": scored["period"].nunique(),
        "pending": int((part["standing"] == "pending").sum()),
        "called": float(scored["call"].sum()),
        "won_amount": won,
        "bias": bias,
        "wape": float(error.abs().sum()) / won if known else np.nan,
        "mean_error": float(error.mean()) if len(scored) else np.nan,
        "direction": None if not known else "even" if abs(bias) <= EVEN else "over" if bias > 0 else "under",
        "standing": standing,
    }
