"""Account families: subsidiaries rolled up into their topmost parent, as a book of fewer accounts."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from .. import tables
from ..book import Book


def _parents(accounts: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """Account → its parent's id; and account → the parent that it names and nobody knows."""
    ids = set(accounts["account_id"])
    names = (
        accounts.dropna(subset=["account_name"]).drop_duplicates("account_name").set_index("account_name")["account_id"]
    )
    known, unknown = {}, {}
    for account, parent in zip(accounts["account_id"], accounts["parent_account"], strict=True):
        if not isinstance(parent, str):
            continue
        found = parent if parent in ids else names.get(parent)
        if found is None:
            unknown[account] = parent
        elif found != account:
            known[account] = str(found)
    return known, unknown


def _tops(accounts: pd.Series, parents: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Account → the topmost account above it; and the accounts whose parents lead in a circle, which stand alone."""
    tops, circling = {}, []
    for account in accounts:
        seen, top = [account], account
        while top in parents and parents[top] not in seen:
            top = parents[top]
            seen.append(top)
        if top in parents:
            circle = seen[seen.index(parents[top]) :]
            # Who only points into a circle belongs to the account through which it enters.
            top = account if account in circle else circle[0]
            circling += [account] if account in circle else []
        tops[account] = top
    return tops, circling


def _topmost(ids: pd.Series, tops: Mapping[str, str]) -> pd.Series:
    """The topmost account of each; one that no table of accounts lists stands alone."""
    return ids.map(dict(tops)).astype("str").fillna(ids)


def _notes(accounts: pd.DataFrame, unknown: Mapping[str, str], circling: list[str]) -> pd.DataFrame:
    names = accounts.set_index("account_id")["account_name"]
    lines = [
        ("unknown_parent", parent, f"{names[account]} names the parent '{parent}', which is no account of these exports:"
         " it stands alone.")
        for account, parent in unknown.items()
    ] + [
        ("parent_circle", str(names[account]), f"The parents of {names[account]} lead in a circle: it stands alone.")
        for account in circling
    ]  # fmt: skip
    frame = pd.DataFrame(lines, columns=["reason", "value", "message"], dtype="str").assign(kind="note")
    return tables.conform(frame, tables.ISSUES)


def _ratings(book: Book, tops: Mapping[str, str]) -> pd.DataFrame:
    """The parent's own ratings; on a criterion that it lacks, those of its largest subsidiary that has it."""
    rows, accounts = book.ratings, book.accounts.set_index("account_id")
    family = _topmost(rows["account_id"], tops)
    rated = rows.assign(
        family=family,
        own=rows["account_id"] == family,
        size=rows["account_id"].map(accounts["current_revenue"]).astype("float64").fillna(-1.0),
    ).dropna(subset=["rating"])
    best = rated.sort_values(["own", "size", "account_id"], ascending=[False, False, True], kind="stable")
    chosen = best.drop_duplicates(["family", "criterion"]).set_index(["family", "criterion"])["account_id"]
    keys = pd.MultiIndex.from_frame(rated[["family", "criterion"]])
    kept = rated[chosen.reindex(keys).to_numpy() == rated["account_id"].to_numpy()]
    return kept.assign(account_id=kept["family"]).drop(columns=["family", "own", "size"])


def roll_up_accounts(book: Book) -> Book:
    """The same book with every subsidiary counted as part of its topmost parent.

    Parameters
    ----------
    book
        A book whose accounts name parents, by id or by name.

    Returns
    -------
    Book
        Fewer accounts, the same opportunities: each opportunity belongs to the topmost account. Revenues add up; what
        is not known adds nothing. The parent's own ratings count; on a criterion where it has none, those of its largest
        subsidiary that has. Parents that are no account, and parents that lead in a circle, are listed in the issues:
        these accounts stand alone.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> whole = fa.roll_up_accounts(book)
    >>> len(book.accounts) - len(whole.accounts), len(book.opportunities) == len(whole.opportunities)
    (3, True)
    """
    accounts = book.accounts
    parents, unknown = _parents(accounts)
    tops, circling = _tops(accounts["account_id"], parents)
    names = accounts.set_index("account_id")["account_name"]
    frames = dict(book.frames)
    for name in ("opportunities", "vanished", "snapshots"):
        rows = frames[name].copy()
        rows["account_id"] = _topmost(rows["account_id"], tops)
        rows["account_name"] = rows["account_id"].map(names).astype("str").fillna(rows["account_name"])
        frames[name] = rows
    family = _topmost(accounts["account_id"], tops)
    revenue = accounts.groupby(family)["current_revenue"].sum(min_count=1)
    kept = accounts[accounts["account_id"] == family].copy()
    own = kept["revenue_rule"].where(kept["current_revenue"].notna())
    rules = accounts.dropna(subset=["current_revenue"]).groupby(family)["revenue_rule"].first()
    kept["current_revenue"] = kept["account_id"].map(revenue).astype("float64")
    kept["revenue_rule"] = own.fillna(kept["account_id"].map(rules).astype("str")).fillna("none")
    frames["accounts"] = kept.reset_index(drop=True)
    stated = frames["account_snapshots"]
    stated = stated.assign(account_id=_topmost(stated["account_id"], tops))
    rule = {"current_revenue": lambda values: values.sum(min_count=1), "account_name": "first", "revenue_rule": "first"}
    frames["account_snapshots"] = tables.conform(
        stated.groupby(["as_of", "account_id"], as_index=False).agg(rule), tables.ACCOUNT_SNAPSHOTS
    )
    frames["ratings"] = tables.conform(_ratings(book, tops), tables.RATINGS).reset_index(drop=True)
    notes = _notes(accounts, unknown, circling)
    # A book that was rolled up before lists them already.
    new = notes[~notes["message"].isin(book.issues["message"])]
    if len(new):
        frames["issues"] = pd.concat([part for part in (book.issues, new) if len(part)], ignore_index=True)
    return replace(book, frames=frames)
