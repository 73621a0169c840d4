"""Rows of accounts: ids, revenue with us by year and in one currency, and how it stood on the date of each table."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ... import tables
from .amounts import Money, currency_codes
from .columns import Piece, column

_LISTED = 8


def account_frame(pieces: list[Piece]) -> pd.DataFrame | None:
    """`tables.ACCOUNTS` of every accounts table, with revenue per year folded into current revenue."""
    frames: list[pd.DataFrame] = []
    for piece in pieces:
        frame = piece.frame
        if "account_id" not in frame:
            frame["account_id"] = (column(frame, "account_name") if piece.key is None else piece.key).reindex(
                frame.index
            )
        frame["account_id"] = frame["account_id"].fillna(column(frame, "account_name"))
        nameless = frame.index[frame["account_id"].isna()]
        piece.entry.set_aside(nameless, "missing_id", "The row names no account.")
        frame = _with_revenue(piece, frame.drop(index=nameless))
        repeated = frame.index[frame["account_id"].duplicated(keep="last")]
        message = "The account stands twice in this table: the last row is kept."
        piece.entry.set_aside(repeated, "duplicate_id", message, frame["account_id"])
        piece.frame = frame.drop(index=repeated)
        _with_earlier_columns(piece, frames)
        frames.append(piece.frame)
    return pd.concat(frames, ignore_index=True) if frames else None


def _with_revenue(piece: Piece, frame: pd.DataFrame) -> pd.DataFrame:
    """Revenue with us: as stated, else the mean of the years given; and the currency that it is in."""
    stated = column(frame, "currency")
    codes = currency_codes(stated, piece.entry, piece.fit.columns.get("currency")) if stated.notna().any() else stated
    codes = codes.fillna(column(frame, "current_revenue_currency"))
    if piece.years:
        years = pd.DataFrame(piece.years).reindex(frame.index)
        mean = years.mean(axis=1)
        given = column(frame, "current_revenue", "float64")
        frame["revenue_rule"] = np.where(given.notna(), "export", np.where(mean.notna(), "mean_of_years", "none"))
        frame["current_revenue"] = given.fillna(mean)
        piece.entry.decide(f"current revenue: mean of {', '.join(piece.years)}")
        for marked in piece.year_currencies.values():
            codes = codes.fillna(marked.reindex(frame.index))
    if codes.notna().any():
        frame["revenue_currency"] = codes
    return frame.drop(columns=["currency", "current_revenue_currency"], errors="ignore")


def say_namesakes(piece: Piece, accounts: pd.DataFrame) -> None:
    """Tell which accounts of opportunities that name them without an id are one of several with that name.

    Parameters
    ----------
    piece
        Opportunities without ids of accounts.
    accounts
        What `account_frame` gave: an account that several tables hold stands in it several times.
    """
    named = accounts[["account_id", "account_name"]].dropna().drop_duplicates()
    several = named[named["account_name"].duplicated(keep=False)]
    words = column(piece.frame, "account_name")
    for name, held in several[several["account_name"].isin(words)].groupby("account_name"):
        ids, rows = held["account_id"], words.index[words == name]
        listed = ", ".join(ids[:_LISTED]) + (" …" if len(ids) > _LISTED else "")
        message = (
            f"{len(ids):,} accounts are called '{name}' ({listed}): {len(rows):,} opportunities that name it without an id"
            f" were taken as those of {ids.iloc[0]}. Export the opportunities with the ids of their accounts."
        )
        heading = piece.fit.columns.get("account_name")
        piece.entry.issue("note", "account_namesakes", message, row=float(rows[0]), column=heading, value=str(name))


def _with_earlier_columns(piece: Piece, earlier: list[pd.DataFrame]) -> None:
    """Columns that only earlier tables of accounts have; a blank cell of a column that is there stays blank."""
    if not earlier:
        return
    known = pd.concat(earlier, ignore_index=True).drop_duplicates("account_id", keep="last").set_index("account_id")
    lacking = [name for name in known.columns if name not in piece.frame and known[name].notna().any()]
    for name in lacking:
        piece.frame[name] = piece.frame["account_id"].map(known[name])
    if lacking and piece.frame["account_id"].isin(known.index).any():
        piece.entry.decide(f"from an earlier table of accounts: {', '.join(lacking)}")


def settle_revenue(pieces: list[Piece], money: Money, rates: Mapping[str, float] | None) -> None:
    """Revenue in the currency of the amounts: converted where the rate is known, else left empty and listed by name.

    Parameters
    ----------
    pieces
        Tables of accounts, as `account_frame` leaves them; their frames are changed.
    money
        The currency of the amounts.
    rates
        Units of it in one unit of each other code.
    """
    stated = {str(code) for piece in pieces for code in column(piece.frame, "revenue_currency").dropna().unique()}
    into = money.currency or (next(iter(stated)) if len(stated) == 1 else None)
    worth = {code: (rates or {}).get(code, 1.0 if code == into else np.nan) for code in stated}
    for piece in pieces:
        frame = piece.frame
        codes = column(frame, "revenue_currency")
        foreign = codes.notna() & (codes != into) & column(frame, "current_revenue", "float64").notna()
        if foreign.any():
            factor = codes.map(worth).astype("float64").where(foreign, 1.0)
            _say_foreign(piece, codes[foreign], factor[foreign], into)
            frame["current_revenue"] = frame["current_revenue"] * factor
            frame["revenue_rule"] = column(frame, "revenue_rule").mask(
                frame["current_revenue"].isna() & foreign, "none"
            )
        piece.frame = frame.drop(columns="revenue_currency", errors="ignore")


def _say_foreign(piece: Piece, codes: pd.Series, factor: pd.Series, into: str | None) -> None:
    for code, held in codes.groupby(codes):
        names = column(piece.frame, "account_name").fillna(piece.frame["account_id"])[held.index]
        listed = ", ".join(map(str, names[:_LISTED])) + (" …" if len(names) > _LISTED else "")
        rate = float(factor[held.index[0]])
        row, count = float(held.index[0]), len(held)
        if np.isnan(rate):
            message = (
                f"The revenue of {listed} ({count:,}) is in {code}, and what one {code} is worth in"
                f" {into or 'a common currency'} is not known: left empty. Give currency and rate, as --currency"
                f" {into or 'USD'} --rate {code}=1.08."
            )
            piece.entry.issue("unreadable", "revenue_currency", message, row=row, value=str(code), count=count)
        else:
            message = f"The revenue of {listed} ({count:,}) is in {code}: converted, 1 {code} = {rate:g} {into}."
            piece.entry.issue("repaired", "revenue_currency", message, row=row, value=str(code), count=count)


def joined_accounts(pieces: list[Piece]) -> pd.DataFrame | None:
    """The accounts of every table, oldest first, as `account_frame` gave them and `settle_revenue` left them."""
    return pd.concat([piece.frame for piece in pieces], ignore_index=True) if pieces else None


def account_snapshots(pieces: list[Piece]) -> pd.DataFrame | None:
    """`tables.ACCOUNT_SNAPSHOTS`: revenue with us as each dated table of accounts states it; None without two dates."""
    frames = [
        piece.frame.assign(as_of=date, revenue_rule=column(piece.frame, "revenue_rule").fillna("export"))
        for piece in pieces
        if (date := piece.entry.as_of or piece.entry.filed) is not None
    ]
    # One date tells no more than the accounts themselves.
    if len({frame["as_of"].iloc[0] for frame in frames if len(frame)}) < 2:
        return None
    rows = tables.conform(pd.concat(frames, ignore_index=True), tables.ACCOUNT_SNAPSHOTS)
    rows["revenue_rule"] = rows["revenue_rule"].where(rows["current_revenue"].notna(), "none")
    return rows.drop_duplicates(["account_id", "as_of"], keep="last").reset_index(drop=True)
