"""Amounts in one currency: as exported where there is one, converted where the rates are known, else left open."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...errors import ArgumentError
from ..profiles.labels import label_key, meant, vocabulary
from ..receipt import Entry
from .columns import Piece, column

_CENT = 0.01
_FAR = 3
"""No rate moves so many times up or down between the day of a conversion and that of a table of rates."""


@dataclass(frozen=True)
class Money:
    """How amounts become comparable."""

    currency: str | None
    """The currency of every amount; None where none is stated or several lack a rate."""
    factors: Mapping[str, float]
    """Units of `currency` in one unit of each code that can be converted."""
    decision: str | None

    def factor(self, codes: pd.Series) -> pd.Series:
        """What one unit of each amount's currency is worth; missing where the rate is not known."""
        if not self.factors:
            return pd.Series(1.0, index=codes.index)
        return codes.map(dict(self.factors)).astype("float64")


def currency_codes(texts: pd.Series, entry: Entry, heading: str | None) -> pd.Series:
    """ISO codes of what a currency column says; what is no currency is listed and left empty."""
    words = {label_key(word): code for code, names in vocabulary()["currencies"].items() for word in names}
    meaning: dict[str, str | None] = {}
    for text in texts.dropna().unique():
        plain = str(text).strip().upper()
        code = words.get(label_key(plain)) or words.get(plain)
        if code is None and len(plain) == 3 and plain.isascii() and plain.isalpha():
            code = plain
        meaning[str(text)] = code

    def said(text: str, count: int) -> str:
        return f"'{text}' is not a currency ({count:,} rows): left empty. Accepted: a code of three letters, as EUR."

    codes = meant(texts, meaning)
    entry.unreadable_texts("unknown_currency", texts[texts.notna() & codes.isna()], said, heading)
    return codes


def settle(codes: pd.Series, currency: str | None, rates: Mapping[str, float] | None) -> Money:
    """How the amounts of a book become comparable.

    Parameters
    ----------
    codes
        The currency of each amount, missing where none is stated.
    currency
        The currency that the caller wants.
    rates
        Units of that currency in one unit of each other code.

    Raises
    ------
    ArgumentError
        If rates are given without a currency or lead to another one, or a rate is not positive.
    """
    rates = {code.upper(): float(rate) for code, rate in (rates or {}).items()}
    for code, rate in rates.items():
        if not rate > 0:
            raise ArgumentError(f"The rate {code}={rate} is not positive. Give what one {code} is worth, as EUR=1.08.")
    held = sorted(str(code) for code in codes.dropna().unique())
    wanted = currency.upper() if currency else None
    if rates and wanted is None:
        raise ArgumentError(
            "Rates need the currency they lead to: give currency='USD' (on the command line --currency USD)."
        )
    if wanted is not None and rates.get(wanted, 1.0) != 1.0:
        raise ArgumentError(
            f"By the rates one {wanted} is worth {rates[wanted]:g}, so that they lead to another currency than {wanted}. Give"
            f" what one unit of each currency is worth in {wanted} itself, or report in the currency whose rate is 1."
        )
    if wanted is None:
        if len(held) <= 1:
            return Money(held[0] if held else None, {}, f"currency {held[0]}" if held else "currency not stated")
        # No common currency: nothing is added up, and Book.require_money says so.
        return Money(None, dict.fromkeys(held, np.nan), f"several currencies without rates: {', '.join(held)}")
    factors = {code: rates.get(code, 1.0 if code == wanted else np.nan) for code in held}
    used = ", ".join(f"1 {code} = {rates[code]:g} {wanted}" for code in held if code in rates and code != wanted)
    decisions = [f"currency {wanted}" + (f", converted with {used}" if used else "")]
    if lacking := ", ".join(code for code in held if not factors[code] > 0):
        decisions.append(f"no rate is known for {lacking}: amounts in it are left empty")
    return Money(wanted, factors, "; ".join(decisions))


def say_other_rates(snapshots: pd.DataFrame, money: Money, pieces: list[Piece]) -> None:
    """Tell of rates that are far from those by which the CRM itself converted, as where they lead the other way.

    Parameters
    ----------
    snapshots
        With ``currency``, ``amount_original``, ``converted_amount`` and ``converted_currency``.
    money
        The rates that were given.
    pieces
        Tables of opportunities; the last one is told.
    """
    into = column(snapshots, "converted_currency") == money.currency
    amounts = snapshots["amount_original"].where(into)
    own = (column(snapshots, "converted_amount", "float64") / amounts.where(amounts != 0)).groupby(
        snapshots["currency"]
    )
    for code, rate in own.median().dropna().items():
        given = money.factors.get(str(code), np.nan)
        if not 1 / _FAR <= given / rate <= _FAR and not np.isnan(given):
            message = (
                f"By the rates that were given one {code} is worth {given:g} {money.currency}, by the export's own converted"
                f" amounts {rate:.3g}. The rates given were used: check whether they are the other way round."
            )
            pieces[-1].entry.issue("contradiction", "other_rate", message, value=str(code))


def currency_of(piece: Piece, frame: pd.DataFrame) -> pd.Series:
    """The currency of each amount of a piece's rows: its own column, else the mark with it, else the profile's."""
    stated = column(frame, "currency")
    if stated.notna().any():
        stated = currency_codes(stated, piece.entry, piece.fit.columns.get("currency"))
    stated = stated.fillna(column(frame, "amount_currency"))
    default = piece.fit.profile.currency
    return stated if default is None else stated.fillna(default.upper())


def without_blanks(snapshots: pd.DataFrame, currency: str | None, pieces: list[Piece]) -> pd.Series:
    """The currency of each amount; where none is stated that of all others, which is said, or the one asked for."""
    codes = snapshots["currency"]
    held = codes.dropna().unique()
    if not len(held):
        return codes if currency is None else codes.fillna(currency.upper())
    if len(held) > 1:
        return codes
    blank = snapshots[codes.isna() & snapshots["amount_original"].notna()]
    for piece in pieces:
        entry = piece.entry
        own = (blank["source_file"] == entry.file) & (
            blank["source_sheet"].isna() | (blank["source_sheet"] == entry.sheet)
        )
        if own.any():
            count, heading = int(own.sum()), piece.fit.columns.get("currency")
            message = blank_currency(count, str(held[0]))
            row = float(blank.loc[own, "source_row"].iloc[0])
            entry.issue("repaired", "blank_currency", message, row=row, column=heading, count=count)
    return codes.fillna(held[0])


def blank_currency(count: int, code: str) -> str:
    """What is said of amounts without a currency among those of one."""
    return f"The currency is blank in {count:,} rows with an amount: read as {code}, the only one stated."


def name_converted(piece: Piece) -> None:
    """The currency of amounts that the CRM has converted: their own column, the mark written with them, or the data.

    HubSpot and Dynamics convert into the company's currency without naming it: it is the one whose amounts they
    leave as they are.
    """
    frame = piece.frame
    if "converted_amount" not in frame:
        return
    into = column(frame, "converted_currency")
    if into.notna().any():
        into = currency_codes(into, piece.entry, piece.fit.columns.get("converted_currency"))
    into = into.fillna(column(frame, "converted_amount_currency"))
    if not into.notna().any():
        codes = currency_of(piece, frame)
        alike = (frame["converted_amount"] - column(frame, "amount", "float64")).abs() <= _CENT
        told = frame["converted_amount"].notna() & column(frame, "amount", "float64").fillna(0).ne(0) & codes.notna()
        share = alike[told].groupby(codes[told]).all()
        same = [str(code) for code in share.index[share]]
        heading = piece.fit.columns["converted_amount"]
        if len(share) > 1 and len(same) != 1:
            message = f"{heading} does not say in which currency it is: not used. Give it with currency= (--currency)."
            piece.entry.issue("note", "question", message, column=heading)
        elif len(share) > 1:
            piece.entry.decide(f"{heading}: {same[0]}, the only currency whose amounts it leaves as they are")
            into = into.fillna(same[0])
    frame["converted_currency"] = into


def as_converted(snapshots: pd.DataFrame, currency: str | None) -> Money | None:
    """The reporting currency of amounts that the CRM has converted; None where they cannot or need not serve.

    Parameters
    ----------
    snapshots
        With ``currency``, ``converted_amount`` and ``converted_currency``.
    currency
        The currency that the caller wants.
    """
    converted = column(snapshots, "converted_amount", "float64")
    if not converted.notna().any():
        return None
    wanted = currency.upper() if currency else None
    into = [str(code) for code in column(snapshots, "converted_currency").dropna().unique()]
    if not into and wanted is not None and snapshots["currency"].nunique() > 1:
        return Money(wanted, {}, f"amounts as the CRM converted them, taken as {wanted} because it was asked for")
    if len(into) != 1 or wanted not in (None, into[0]):
        return None
    return Money(into[0], {}, f"amounts in {into[0]}, as the CRM converted them")


def converted_amounts(snapshots: pd.DataFrame, currency: str | None) -> pd.Series:
    """The CRM's converted amounts; an amount that already is in that currency stands for a missing one."""
    same = snapshots["currency"] == currency
    converted: pd.Series = column(snapshots, "converted_amount", "float64").fillna(
        snapshots["amount_original"].where(same)
    )
    return converted
