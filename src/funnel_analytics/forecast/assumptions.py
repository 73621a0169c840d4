"""What if: assumptions about open opportunities, carried by a book and followed by its outlook.

An assumption is about the future. It is kept apart from what has been observed, so that no rate is learned from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from ..book import Book
from ..errors import ArgumentError, nearest
from .model.ledger import with_past_of

_COLUMNS = {"assumed": "str", "opportunity_id": "str", "stage": "str", "not_before": "datetime64[us]", "rate": "float64"}  # fmt: skip
SLIP_DAYS = 91


def assumptions_of(book: Book) -> pd.DataFrame:
    """The assumptions that a book carries, one row each: assumed, opportunity_id, stage, not_before, rate."""
    held = book.frames.get("assumptions")
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()}) if held is None else held


def assume(
    book: Book,
    *,
    won: Iterable[str] = (),
    lost: Iterable[str] = (),
    slipped: Iterable[str] = (),
    slip_days: int = SLIP_DAYS,
    stage_rates: Mapping[str, float] | None = None,
) -> Book:
    """The same book under assumptions: opportunities that are won, lost or slip, stages that win more or less often.

    Parameters
    ----------
    book
        The book; it is not changed.
    won
        Ids of open opportunities that will be won: on their close date, or at once where it has passed or is missing.
    lost
        Ids of open opportunities that will never be won.
    slipped
        Ids of open opportunities whose close date moves by ``slip_days``: they are not won in a period that ends
        before the new date. Where no close date is stated, or it has passed, the days count from the book's date.
    slip_days
        By how many days; 91 is a quarter.
    stage_rates
        Stage → share (0 to 1) of the open opportunities standing in it that will ever be won. The chances of all its
        opportunities are shifted alike on the logit until their mean is this share; when they are won stays as learned.

    Returns
    -------
    Book
        What an earlier call assumed stays, unless it is about the same opportunity or stage.

    Raises
    ------
    ArgumentError
        If an id is not that of an open opportunity, or stands in two of the lists; if a stage is none that an open
        opportunity can hold; if a rate is not between 0 and 1.

    Notes
    -----
    `outlook`, `outlook_opportunities` and `scenario_outlook` follow all assumptions; tables of the pipeline only see
    the moved close dates, since nothing has been won or lost yet. A stage's rate is one of today's open stock, not the
    conversion rate of those that enter the stage: that one is larger, and must not be used here.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> largest = fa.outlook_opportunities(book)["opportunity_id"].iloc[0]
    >>> without = fa.outlook_opportunities(fa.assume(book, lost=[largest])).set_index("opportunity_id")
    >>> float(without.loc[largest, "probability"])
    0.0
    """
    named = {"won": _ids(won), "lost": _ids(lost), "slipped": _ids(slipped)}
    _check(book, named)
    if slip_days < 1:
        raise ArgumentError(
            f"slip_days is {slip_days}. Accepted: a whole number of days from 1, for example {SLIP_DAYS}."
        )
    opportunities = book.frames["opportunities"]
    dates = opportunities.set_index("opportunity_id")["close_date"]
    rows = []
    for assumed, ids in named.items():
        for one in ids:
            due = dates[one] if pd.notna(dates[one]) and dates[one] > book.as_of else book.as_of
            if assumed == "won":
                due = max(due, book.as_of + pd.Timedelta(days=1))
            day = due + pd.Timedelta(days=slip_days) if assumed == "slipped" else due
            rows.append({"assumed": assumed, "opportunity_id": one, "not_before": None if assumed == "lost" else day})
    rows += [{"assumed": "rate", "stage": _stage(book, key), "rate": _share(key, rate)} for key, rate in (stage_rates or {}).items()]  # fmt: skip
    if not rows:
        return book
    new = pd.DataFrame(rows).reindex(columns=list(_COLUMNS)).astype(_COLUMNS)
    both = pd.concat([assumptions_of(book), new], ignore_index=True)
    kept = both.drop_duplicates(["opportunity_id", "stage"], keep="last").reset_index(drop=True)
    moved = new[new["assumed"] == "slipped"].set_index("opportunity_id")["not_before"]
    later = moved.reindex(opportunities["opportunity_id"]).set_axis(opportunities.index)
    slipped = opportunities.assign(close_date=later.fillna(opportunities["close_date"]))
    frames = {**book.frames, "opportunities": slipped, "stage_log": book.stage_log, "assumptions": kept}
    return with_past_of(replace(book, frames=frames), book)


def _ids(ids: Iterable[str]) -> list[str]:
    return [ids] if isinstance(ids, str) else [str(one) for one in ids]


def _check(book: Book, named: Mapping[str, list[str]]) -> None:
    rows = book.opportunities
    still = set(rows.loc[rows["outcome"] == "open", "opportunity_id"])
    closed = rows.set_index("opportunity_id")["outcome"]
    seen: dict[str, str] = {}
    for assumed, ids in named.items():
        for one in ids:
            if one in closed.index and one not in still:
                raise ArgumentError(
                    f"Opportunity '{one}' is {closed[one]} already: only open ones can be assumed {assumed}."
                )
            if one not in still:
                guess = nearest(one, sorted(still))
                if len(still) > 20:
                    guess = (
                        guess.split(" Accepted:")[0] + f" Accepted: the ids of the {len(still):,} open opportunities."
                    )
                raise ArgumentError(f"There is no open opportunity '{one}'.{guess}")
            if seen.setdefault(one, assumed) != assumed:
                raise ArgumentError(f"Opportunity '{one}' is assumed both {seen[one]} and {assumed}. Name it once.")


def _stage(book: Book, key: str) -> str:
    if key not in book.methodology.open_stages:
        raise ArgumentError(
            f"'{key}' is no stage that an open opportunity can hold.{nearest(key, book.methodology.open_stages)}"
        )
    return key


def _share(stage: str, rate: float) -> float:
    if not 0 <= rate <= 1:
        raise ArgumentError(f"The rate of {stage} is {rate:g}. Accepted: a share from 0 to 1, as 0.4 for 40%.")
    return float(rate)
