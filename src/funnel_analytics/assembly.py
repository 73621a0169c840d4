"""From canonical tables to a Book: what one table leaves open, another fills.

A lost opportunity's last stage comes from its history or an earlier export; an account's class from the export or
from the methodology's grid; nothing that a file states is overwritten.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from . import tables
from .arguments import check_benchmark, currency_asked, day_asked
from .book import Book
from .codes import all_different, codes_of
from .errors import ArgumentError, TableError
from .methodology import Methodology, load_methodology
from .outcomes import CLOSED
from .periods import FiscalCalendar, calendar_of
from .stage_log import ordered_history

_FROM_ACCOUNT = ("segment", "region", "industry", "owner", "team")
_ORIGIN = ("source_file", "source_sheet", "source_row", "opportunity_id")
_FROM_OWNER = ("manager", "team", "region")


@dataclass(frozen=True)
class Parts:
    """The canonical tables that make a book; a missing one is None.

    Examples
    --------
    >>> Parts(snapshots=pd.DataFrame({"opportunity_id": ["1"]})).accounts is None
    True
    """

    snapshots: pd.DataFrame
    accounts: pd.DataFrame | None = None
    owners: pd.DataFrame | None = None
    """owner, manager, team, region: joined to opportunities by owner."""
    ratings: pd.DataFrame | None = None
    history: pd.DataFrame | None = None
    quotas: pd.DataFrame | None = None
    receipt: pd.DataFrame | None = None
    issues: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None
    repeated: pd.DataFrame | None = None
    """Rows set aside because their id stands twice, as snapshots with a ``reason``."""
    stated_ids: pd.DataFrame | None = None
    """opportunity_id as the file states it, source_file, source_sheet, source_row, where the book has another id."""
    calls: pd.DataFrame | None = None
    account_snapshots: pd.DataFrame | None = None
    """Revenue of accounts as several dated tables state it."""

    def __post_init__(self) -> None:
        for name, frame in vars(self).items():
            if not isinstance(frame, pd.DataFrame) and (frame is not None or name == "snapshots"):
                raise TableError(f"{name} is a {type(frame).__name__}, not a table. Accepted: a pandas DataFrame.")


def _optional(frame: pd.DataFrame | None, table: tables.Table, *, keep_extra: bool = False) -> pd.DataFrame:
    return tables.conform(
        pd.DataFrame() if frame is None else frame.reset_index(drop=True), table, keep_extra=keep_extra
    )


def _kept(frame: pd.DataFrame, keep: pd.Series) -> pd.DataFrame:
    """The rows to keep; where these are all rows, nothing is copied."""
    return frame.copy(deep=False) if keep.all() else frame[keep]


def stated_or(values: pd.Series, other: pd.Series) -> pd.Series:
    """The values, and where one is missing the other's; a lookup that found nothing has no type of its own."""
    return values.fillna(other.astype(values.dtype))


def _filled(values: pd.Series, keys: pd.Series, known: pd.Series, where: pd.Series | None = None) -> pd.Series:
    """The values, and for those that are missing what is known of their key; only these are looked up."""
    blank = values.isna() if where is None else values.isna() & where
    if known.empty or not blank.any():
        return values
    found = known.array.take(codes_of(keys[blank], known.index), allow_fill=True)
    return stated_or(values, pd.Series(found, index=keys.index[blank]))


def _fill(target: pd.DataFrame, source: pd.DataFrame, key: str, columns: tuple[str, ...]) -> None:
    """Fill blanks of target columns from the source's row with the same key."""
    known = source.dropna(subset=[key]).drop_duplicates(key).set_index(key)
    for column in columns:
        if column in known.columns and column in target.columns and known[column].notna().any():
            target[column] = _filled(target[column], target[key], known[column])


def _check_day(snapshots: pd.DataFrame, until: pd.Timestamp) -> None:
    """Refuse a day on which nothing of the exports was there yet."""
    first, created = snapshots["as_of"].min(), snapshots["created_date"].min()
    if first > until:
        raise ArgumentError(
            f"as_of is {until:%Y-%m-%d}, and the earliest export is of {first:%Y-%m-%d}. Accepted: that day or a later"
            " one."
        )
    if created > until:
        raise ArgumentError(
            f"as_of is {until:%Y-%m-%d}, and the first opportunity was created on {created:%Y-%m-%d}. Accepted: the day"
            " on which the export was made."
        )


def _dated(frame: pd.DataFrame, until: pd.Timestamp | None) -> pd.DataFrame:
    """The rows of opportunities up to a day; those without a date of their own are of that day."""
    snapshots = _optional(frame, tables.SNAPSHOTS, keep_extra=True)
    snapshots = _kept(snapshots, snapshots["opportunity_id"].notna())
    if until is not None:
        snapshots["as_of"] = snapshots["as_of"].fillna(until)
        _check_day(snapshots, until)
        snapshots = _kept(snapshots, snapshots["as_of"] <= until)
    if snapshots.empty or snapshots["as_of"].isna().any():
        raise ArgumentError(
            "The date of the export is not known. Give it: as_of='2026-09-30' (on the command line --as-of 2026-09-30)."
        )
    return snapshots


def _fill_accounts(snapshots: pd.DataFrame, known: pd.DataFrame) -> None:
    """Ids and names of accounts from each other; without any id the name is the id."""
    _fill(snapshots, known, "account_name", ("account_id",))
    snapshots["account_id"] = snapshots["account_id"].fillna(snapshots["account_name"])
    _fill(snapshots, known, "account_id", ("account_name",))


def _one_currency(latest: pd.DataFrame, snapshots: pd.DataFrame) -> str | None:
    """The only currency of the rows; where they state several, no amount is comparable and each stays as stated."""
    codes = latest["currency"].dropna().unique()
    if len(codes) > 1:
        for frame in (snapshots, latest):
            frame["amount_original"] = frame["amount_original"].fillna(frame["amount"])
            frame["amount"] = np.nan
    return str(codes[0]) if len(codes) == 1 else None


def _history(frame: pd.DataFrame | None, methodology: Methodology) -> pd.DataFrame:
    history = _optional(frame, tables.HISTORY)
    # Entering a stage says what the opportunity then is: won where the stage means so, open (again) elsewhere.
    implied = history["stage"].map({stage.key: stage.outcome or "open" for stage in methodology.stages})
    history["outcome"] = stated_or(history["outcome"], implied)
    history["source"] = history["source"].fillna("history")
    return ordered_history(history, methodology)


def _fill_from_history(snapshots: pd.DataFrame, history: pd.DataFrame, methodology: Methodology) -> pd.DataFrame:
    """Stage, outcome, amount and close date that an export leaves blank, from changes known by its date."""
    parts = []
    for as_of in snapshots["as_of"].drop_duplicates().sort_values():
        rows = _kept(snapshots, snapshots["as_of"] == as_of)
        known = history[history["changed_at"] < as_of + pd.Timedelta(days=1)]
        # groupby.last() skips missing values: the last stated value of each field.
        last = known.groupby("opportunity_id")[["stage", "outcome", "amount"]].last()
        closed = known[known["outcome"].isin(CLOSED)].groupby("opportunity_id")["changed_at"].last().dt.normalize()
        expected = known.dropna(subset=["close_date"]).groupby("opportunity_id")["close_date"].last()
        ids = rows["opportunity_id"]
        untold = rows.loc[rows["outcome"].isna(), "stage"]
        implied = untold.map({stage.key: stage.outcome for stage in methodology.stages})
        rows["outcome"] = stated_or(rows["outcome"], implied)
        for column in ("outcome", "stage", "amount"):
            rows[column] = _filled(rows[column], ids, last[column])
        rows["outcome"] = rows["outcome"].fillna("open")
        is_open = rows["outcome"] == "open"
        rows["close_date"] = _filled(rows["close_date"], ids, expected, is_open)
        rows["close_date"] = _filled(rows["close_date"], ids, closed, ~is_open)
        parts.append(rows)
    if len(parts) == 1:
        return parts[0].reset_index(drop=True)
    filled = pd.concat(parts, ignore_index=True)
    filled["stage"] = filled.groupby("opportunity_id", sort=False)["stage"].ffill()
    return filled


def _ratings(frame: pd.DataFrame | None, until: pd.Timestamp | None) -> pd.DataFrame:
    """The ratings that were given by a day."""
    ratings = _optional(frame, tables.RATINGS)
    return ratings if until is None else ratings[~(ratings["rated_on"] > until)].reset_index(drop=True)


def _stated_revenue(frame: pd.DataFrame | None, now: pd.Timestamp) -> pd.DataFrame:
    """The revenue that tables of accounts stated by a day."""
    stated = _optional(frame, tables.ACCOUNT_SNAPSHOTS)
    return stated[stated["as_of"] <= now].reset_index(drop=True)


def _evidence(frame: pd.DataFrame | None, now: pd.Timestamp) -> pd.DataFrame:
    """What was claimed and validated by a date; who validated without another word confirms the claim."""
    evidence = _optional(frame, tables.EVIDENCE)
    confirmed = evidence["validated_by"].notna() | evidence["validated_on"].notna()
    evidence["validation"] = evidence["validation"].mask(evidence["validation"].isna() & confirmed, evidence["status"])
    untold = pd.Series(False, index=evidence.index)
    for words, who, day in (("status", "stated_by", "stated_on"), ("validation", "validated_by", "validated_on")):
        later = evidence[day] > now
        for column in (words, who, day):
            evidence[column] = evidence[column].mask(later)
        untold |= later
    says_nothing = evidence["status"].isna() & evidence["validation"].isna()
    return evidence[~(untold & says_nothing)].reset_index(drop=True)


def _calls(frame: pd.DataFrame | None, now: pd.Timestamp) -> pd.DataFrame:
    """Calls made by a date; one without a day of its own is kept."""
    calls = _optional(frame, tables.CALLS)
    return calls[~(calls["called_on"] > now)].reset_index(drop=True)


def _accounts(parts: Parts, snapshots: pd.DataFrame) -> pd.DataFrame:
    """Every account that any table names; ids where the export has them, else names."""
    accounts = _optional(parts.accounts, tables.ACCOUNTS, keep_extra=True)
    accounts["account_id"] = accounts["account_id"].fillna(accounts["account_name"])
    accounts = accounts.dropna(subset=["account_id"]).drop_duplicates("account_id", keep="last")
    seen = snapshots.dropna(subset=["account_id"]).drop_duplicates("account_id", keep="last")
    new = seen[~seen["account_id"].isin(accounts["account_id"])]
    added = tables.conform(new[["account_id", "account_name", "region", "industry"]], tables.ACCOUNTS)
    accounts = pd.concat([accounts, added], ignore_index=True) if len(added) else accounts.reset_index(drop=True)
    accounts["segment_source"] = accounts["segment_source"].where(accounts["segment"].isna(), "export")
    stated = (
        snapshots.dropna(subset=["segment", "account_id"])
        .drop_duplicates("account_id", keep="last")
        .set_index("account_id")
    )
    from_opportunities = accounts["account_id"].map(stated["segment"])
    accounts["segment_source"] = accounts["segment_source"].mask(
        accounts["segment"].isna() & from_opportunities.notna(), "export"
    )
    accounts["segment"] = stated_or(accounts["segment"], from_opportunities)
    accounts["account_name"] = accounts["account_name"].fillna(accounts["account_id"])
    return accounts


def _current_revenue(accounts: pd.DataFrame, opportunities: pd.DataFrame, as_of: pd.Timestamp) -> None:
    """Revenue with us: as exported; where the export has none at all, won in the last twelve months."""
    if accounts["current_revenue"].notna().any():
        stated = accounts["revenue_rule"].fillna("export")
        accounts["revenue_rule"] = stated.where(accounts["current_revenue"].notna(), "none")
        return
    won = opportunities[(opportunities["outcome"] == "won") & opportunities["amount"].notna()]
    recent = won[(won["close_date"] > as_of - pd.DateOffset(years=1)) & (won["close_date"] <= as_of)]
    if len(won):
        sums = recent.groupby("account_id")["amount"].sum()
        accounts["current_revenue"] = accounts["account_id"].map(sums).fillna(0.0)
    accounts["revenue_rule"] = "won_last_12_months" if len(won) else "none"


def _proposed_benchmark(revenue: pd.Series) -> float | None:
    """The benchmark proposed where the team has not agreed on one: the median of accounts with revenue."""
    positive = revenue[revenue > 0]
    return float(positive.median()) if len(positive) else None


def _segments(accounts: pd.DataFrame, ratings: pd.DataFrame, methodology: Methodology, benchmark: float | None) -> None:
    """Classes that the export does not state, from the methodology's grid."""
    potential = methodology.potential(ratings)["potential"]
    revenue = methodology.revenue_level(accounts["current_revenue"], np.inf if benchmark is None else benchmark)
    level = methodology.potential_level(accounts["account_id"].map(potential))
    computed = [methodology.segment(r, p) for r, p in zip(revenue, level, strict=True)]
    missing = accounts["segment"].isna()
    accounts["segment"] = accounts["segment"].fillna(pd.Series(computed, index=accounts.index, dtype="str"))
    accounts["segment_source"] = accounts["segment_source"].mask(missing, "computed")


def assemble(
    parts: Parts,
    *,
    methodology: Methodology | None = None,
    as_of: pd.Timestamp | str | None = None,
    currency: str | None = None,
    calendar: FiscalCalendar | int = 1,
    revenue_benchmark: float | None = None,
) -> Book:
    """One book from canonical tables.

    Parameters
    ----------
    parts
        The tables (see `tables`); columns that are missing count as empty. Only ``snapshots`` is needed,
        with ``opportunity_id`` and, where there are several exports, ``as_of``.
    methodology
        The sales method; None means the large-account method.
    as_of
        "Now"; None means the newest export's date. An earlier date leaves later exports and changes out.
    currency
        Code of every amount; None takes the one that the rows state.
    calendar
        The team's fiscal calendar, or the first month of its fiscal year.
    revenue_benchmark
        Revenue from which an account counts as high.

    Returns
    -------
    Book

    Raises
    ------
    ArgumentError
        If no date is known, or an argument is no date, currency, first month or revenue above 0.

    Examples
    --------
    >>> rows = pd.DataFrame({"opportunity_id": ["1", "2"], "stage": "Proof", "outcome": ["open", "won"], "amount": 5.0})
    >>> book = assemble(Parts(snapshots=rows), as_of="2026-09-30", currency="EUR")
    >>> len(book.opportunities), book.open_amount
    (2, 5.0)
    """
    method = methodology or load_methodology()
    calendar_of(calendar)
    check_benchmark(revenue_benchmark)
    currency = currency_asked(currency)
    until = None if as_of is None else day_asked(as_of, "as_of")
    snapshots = _dated(parts.snapshots, until)
    now = until or pd.Timestamp(snapshots["as_of"].max())
    history = _history(parts.history, method)
    history = history[history["changed_at"] < now + pd.Timedelta(days=1)].reset_index(drop=True)

    seen_once = all_different(snapshots["opportunity_id"])
    if not seen_once:
        snapshots = snapshots.drop_duplicates(["as_of", "opportunity_id"], keep="last")
    if not snapshots["as_of"].is_monotonic_increasing:
        snapshots = snapshots.sort_values("as_of", kind="stable")
    snapshots = _fill_from_history(snapshots, history, method)
    _fill_accounts(snapshots, _optional(parts.accounts, tables.ACCOUNTS))

    owners = pd.DataFrame(columns=["owner"]) if parts.owners is None else parts.owners
    _fill(snapshots, owners, "owner", _FROM_OWNER)
    accounts = _accounts(parts, snapshots)
    _fill(accounts, owners, "owner", ("team", "region"))

    is_last = pd.Series(True, index=snapshots.index) if seen_once else ~snapshots["opportunity_id"].duplicated("last")
    _current_revenue(accounts, _kept(snapshots, is_last), now)
    ratings = _ratings(parts.ratings, until)
    proposed = _proposed_benchmark(accounts["current_revenue"])
    _segments(accounts, ratings, method, proposed if revenue_benchmark is None else revenue_benchmark)
    _fill(snapshots, accounts, "account_id", _FROM_ACCOUNT)

    latest = _kept(snapshots, is_last).rename(columns={"as_of": "last_seen"}).reset_index(drop=True)
    latest = tables.conform(latest, tables.OPPORTUNITIES, keep_extra=True)
    gone = (latest["last_seen"] < snapshots["as_of"].max()) & (latest["outcome"] == "open")
    currency = currency or _one_currency(latest, snapshots)
    frames = {
        "opportunities": _kept(latest, ~gone).reset_index(drop=True),
        "vanished": latest[gone].reset_index(drop=True),
        "snapshots": tables.conform(snapshots, tables.SNAPSHOTS, keep_extra=True),
        "accounts": tables.conform(accounts, tables.ACCOUNTS, keep_extra=True),
        "account_snapshots": _stated_revenue(parts.account_snapshots, now),
        "ratings": ratings,
        "history": history,
        "quotas": _optional(parts.quotas, tables.QUOTAS),
        "evidence": _evidence(parts.evidence, now),
        "calls": _calls(parts.calls, now),
        "receipt": _optional(parts.receipt, tables.RECEIPT),
        "issues": _optional(parts.issues, tables.ISSUES),
        "repeated": _optional(parts.repeated, tables.RECORDS, keep_extra=True),
        "stated_ids": _optional(parts.stated_ids, tables.RECORDS)[list(_ORIGIN)],
    }
    return Book(method, now, currency, calendar, revenue_benchmark, proposed, frames)
