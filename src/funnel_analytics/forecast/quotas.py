"""Quotas of a period: of the whole, of a team, of a seller; and those of its months or quarters put together."""

from functools import singledispatch
from typing import Any

import pandas as pd

from ..book import Book
from ..book_part import quotas_of_part
from ..errors import ArgumentError
from ..funnel.counts import Source
from ..periods import Period, parse_period, period_labels

_PARTS = ("half", "quarter", "month")
_WHO = ["owner", "team"]


def period_quota(book: Source, period: Period) -> float | None:
    """The quota of a period from ``book.quotas``; None where there is none.

    Rows that name neither owner nor team are the whole's quota. Without any, rows that name a team and no
    owner are added up; without those, the owners' rows. Levels are never added to each other, so a total that
    stands beside its parts does not count twice.
    """
    return _top_level(quotas_of(book, period))


def _top_level(rows: pd.DataFrame) -> float | None:
    if rows.empty:
        return None
    owner, team = rows["owner"].notna(), rows["team"].notna()
    for level in (~owner & ~team, ~owner & team, owner):
        if level.any():
            return float(rows.loc[level, "quota"].sum())
    return None


def quotas_of(book: Source, period: Period) -> pd.DataFrame:
    """Quotas of one period: owner, team, quota.

    Where nothing is stated for the period itself, the quotas of its halves, quarters or months are added up, if every
    one of them is stated. A quota of a longer period is not divided: nobody agreed on its parts.
    """
    return _stated(book.quotas, book, period)


def _stated(quotas: pd.DataFrame, book: Source, period: Period) -> pd.DataFrame:
    quotas = quotas.dropna(subset=["period", "quota"])
    if quotas.empty:
        return quotas[[*_WHO, "quota"]]
    spans = quotas["period"].map({label: _span(str(label), book) for label in quotas["period"].unique()})
    found = [quotas[[span == (period.start, period.end) for span in spans]]]
    for length in _PARTS:
        parts = _parts(book, period, length)
        inside = quotas.assign(span=spans)[[span in parts for span in spans]]
        listed = inside.groupby(_WHO, dropna=False)["span"].transform("nunique") if len(inside) else inside["quota"]
        found.append(inside[listed == len(parts)].groupby(_WHO, dropna=False, as_index=False)["quota"].sum())
    # What is stated for the whole period goes before what its parts add up to.
    every = pd.concat([rows.assign(turn=turn) for turn, rows in enumerate(found)], ignore_index=True)
    best = every.fillna({"owner": "", "team": ""}).groupby(_WHO)["turn"].transform("min")
    return every.loc[every["turn"] == best, [*_WHO, "quota"]].reset_index(drop=True)


def _span(label: str, book: Source) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    try:
        period = parse_period(label, book.calendar)
    except ArgumentError:
        return None
    return period.start, period.end


def _parts(book: Source, period: Period, length: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """The periods of a length that make up a longer one; none where they do not."""
    days = pd.Series(pd.date_range(period.start, period.end))
    parts = [parse_period(label, book.calendar) for label in period_labels(days, length, book.calendar).unique()]
    whole = parts[0].start == period.start and parts[-1].end == period.end
    return [(part.start, part.end) for part in parts] if whole else []


@singledispatch
def sellers(source: Source, by: str) -> pd.DataFrame:
    """owner, team and a column of the opportunities as they stand together, those of the newest opportunity last."""
    raise NotImplementedError(type(source).__name__)


@sellers.register
def _of_rows(book: Book, by: str) -> pd.DataFrame:
    rows = book.opportunities.sort_values("created_date", kind="stable", na_position="first")
    return rows[list(dict.fromkeys([*_WHO, by]))]


def quotas_by(book: Source, period: Period, by: str, values: list[Any]) -> dict[Any, float]:
    """The quota of each value of a column, where there is one.

    Parameters
    ----------
    book
        The book, or a warehouse.
    period
        The period.
    by
        ``"owner"`` and ``"team"`` take what the sheet states of each (a team without a quota of its own the sum of its
        sellers', each in the team of his newest opportunity); another column the quotas of those sellers and teams that
        lie wholly within a value.
    values
        The values of the column in the book; of owners and teams those that only the quotas name are added.
    """
    rows = quotas_of(book, period)
    if by == "owner":
        return dict(rows.dropna(subset=["owner"]).groupby("owner")["quota"].sum())
    if rows.empty:
        return {}
    known = sellers(book, by)
    if by == "team":
        own = rows[rows["owner"].isna()].dropna(subset=["team"]).groupby("team")["quota"].sum()
        named = rows.dropna(subset=["owner"])
        newest = known.dropna(subset=["owner", "team"]).drop_duplicates("owner", keep="last").set_index("owner")
        teams = named["team"].fillna(named["owner"].map(newest["team"]).astype("str"))
        return dict(named.groupby(teams)["quota"].sum()) | dict(own)
    found = {}
    for value in values:
        if pd.isna(value):
            continue
        part = quotas_of_part(book.quotas, known.assign(kept=known[by] == value))
        quota = _top_level(_stated(part, book, period))
        if quota is not None:
            found[value] = quota
    return found
