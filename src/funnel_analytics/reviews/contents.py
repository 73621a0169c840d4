"""Every table of a review, computed once from a book; a page that cannot be made is named with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .. import __version__
from ..accounts.changes import segment_changes
from ..accounts.segments import account_segments
from ..accounts.whitespace import whitespace_by_segment
from ..book import Book
from ..errors import ArgumentError, FunnelError, nearest
from ..forecast.backtest import forecast_backtest
from ..forecast.calls import call_accuracy
from ..forecast.coverage import pipeline_coverage
from ..forecast.outlook import outlook, outlook_opportunities
from ..forecast.pacing import quota_pacing
from ..forecast.weighted import weighted_forecast
from ..funnel.changes import pipeline_changes
from ..funnel.conversion import stage_conversion
from ..funnel.durations import time_in_stage
from ..funnel.evidence import evidenced_pipeline
from ..funnel.inspection import opportunity_inspection
from ..funnel.win_rates import win_rates
from .outline import Outline, OutlinePage, load_outline


@dataclass(frozen=True)
class ReviewPage:
    """One page: what the outline says about it, and its table, what matters most first."""

    outline: OutlinePage
    table: pd.DataFrame

    @property
    def key(self) -> str:
        """The page's key."""
        return self.outline.key


@dataclass(frozen=True)
class LeftOut:
    """A page that could not be made, and why: the message of an error, or a key of ``[values]``."""

    key: str
    reason: str


@dataclass(frozen=True)
class Contents:
    """All that the three files of a review show."""

    book: Book
    period: str
    outline: Outline
    pages: tuple[ReviewPage, ...]
    left_out: tuple[LeftOut, ...]

    def table(self, key: str) -> pd.DataFrame | None:
        """The table of a page; None where the page was left out."""
        return next((page.table for page in self.pages if page.key == key), None)

    @property
    def version(self) -> str:
        """The version of the package that made the review."""
        return __version__


def _unworked_accounts(book: Book) -> pd.DataFrame:
    """Accounts that deserve the most resources and have no open opportunity."""
    rows = book.once(account_segments)
    return rows[(rows["resources"] == "high") & (rows["open_opportunities"] == 0)].reset_index(drop=True)


def _track_record(book: Book) -> pd.DataFrame:
    """What the outlook would have said on the first day of each past quarter."""
    rows = forecast_backtest(book, horizons=["first_day"])
    return rows[rows["method"] == "outlook"].reset_index(drop=True)


COMPUTE: Mapping[str, Callable[[Book, str], pd.DataFrame]] = {
    "outlook": lambda book, period: outlook(book, period=period),
    "weighted_forecast": lambda book, _: weighted_forecast(book, by="quarter"),
    "pipeline_changes": lambda book, _: pipeline_changes(book),
    "stage_conversion": lambda book, _: stage_conversion(book),
    "time_in_stage": lambda book, _: time_in_stage(book),
    "evidenced_pipeline": lambda book, _: evidenced_pipeline(book),
    "opportunity_inspection": lambda book, _: opportunity_inspection(book),
    "win_rates": lambda book, _: win_rates(book),
    "account_segments": lambda book, _: book.once(account_segments),
    "outlook_opportunities": lambda book, period: outlook_opportunities(book, period=period),
    "pipeline_coverage": lambda book, period: pipeline_coverage(book, period=period),
    "quota_pacing": lambda book, period: quota_pacing(book, period=period),
    "forecast_backtest": lambda book, _: _track_record(book),
    "call_accuracy": lambda book, _: call_accuracy(book),
    "segment_changes": lambda book, _: segment_changes(book),
    "whitespace_by_segment": lambda book, _: whitespace_by_segment(book),
    "unworked_accounts": lambda book, _: _unworked_accounts(book),
}
"""How each table that an outline can name is made from the book and the period."""

PACED_PERIODS = 5
"""The period and so many less one before it are drawn week by week."""
_SIZE = {
    "stage_conversion": "entered",
    "time_in_stage": "visits",
    "pipeline_changes": "opportunities",
    "evidenced_pipeline": "claimed_opportunities",
    "quota_pacing": "won_amount",
    "segment_changes": "changed",
}
"""Tables that always have rows: without a count in this column there is nothing to show."""
_OF_OPEN = ("weighted_forecast", "evidenced_pipeline", "opportunity_inspection", "outlook_opportunities")
_AMOUNTS = {
    "weighted_forecast": "amount",
    "evidenced_pipeline": "claimed_amount",
    "outlook_opportunities": "amount",
    "pipeline_changes": "amount",
}
"""Tables of open amounts: with none in this column they are charts of zeros."""
_NOTHING = {
    "quota_pacing": "nothing_won",
    "opportunity_inspection": "no_findings",
    "stage_conversion": "no_stages",
    "segment_changes": "no_account_moved",
}
"""Why a table is empty, where that can be said better than that nothing is there."""


def _missing(book: Book, name: str, table: pd.DataFrame) -> str | None:
    """Why a table has nothing to show; None where it has."""
    if name == "outlook" and (table["mean"].isna().any() or (table["method"] == "insufficient_history").all()):
        return "insufficient_history"
    if name == "forecast_backtest" and not (table["scored"] & table["p10"].notna() & (table["actual"] != 0)).any():
        return "insufficient_history"
    if name == "outlook" and table["p90"].max() < 1 and not (table["quota"] > 0).any():
        return "nothing_expected"
    if name == "win_rates" and not table.loc[table["rate"] == "closed", "opportunities"].any():
        return "nothing_closed"
    if name == "time_in_stage" and table["median_days"].isna().all() and not table["stalled_opportunities"].any():
        return "insufficient_history"
    if name == "pipeline_coverage" and table["status"].iloc[0] in ("no_quota", "zero_quota"):
        return str(table["status"].iloc[0])
    if name == "quota_pacing" and not table["current"].any():
        return "not_begun"
    if name == "quota_pacing" and not (table[["quota", "usual_amount"]] > 0).any(axis=None):
        # Wins that are older than all that is drawn leave a chart of zeros.
        drawn = table["period"].isin(list(dict.fromkeys(table["period"]))[-PACED_PERIODS:])
        if not table.loc[drawn, "won_amount"].any():
            return "nothing_won"
    if name == "call_accuracy" and not (table.groupby(["role", "horizon"])["won_amount"].sum() > 0).any():
        return "nothing_won" if table["calls"].any() else "pending"
    if name == "stage_conversion" and not book.holds("stage") and book.history.empty:
        # Whoever wins has passed every stage: without a single stage known, that says nothing of stages.
        return "no_stages"
    if name in _OF_OPEN and book.open_opportunities.empty:
        return "no_open_opportunities"
    # Open opportunities without amounts are no pipeline of 0, and accounts that cannot be placed no empty quadrant.
    amounts = _AMOUNTS.get(name)
    if amounts and len(table) and (book.open_amount is None or not table[amounts].any()):
        return "no_open_amounts"
    if name == "outlook_opportunities" and table["expected"].sum() < 1:
        return "nothing_expected"
    if name == "account_segments" and table.dropna(subset=["potential", "current_revenue"]).empty:
        return "no_placed_accounts"
    empty = table.empty or (name in _SIZE and not table[_SIZE[name]].any())
    if empty and name == "unworked_accounts":
        best = (book.once(account_segments)["resources"] == "high").any()
        return "all_worked" if best else "no_best_accounts"
    return _NOTHING.get(name, "none") if empty else None


def _ordered(table: pd.DataFrame, by: str | None) -> pd.DataFrame:
    if by is None:
        return table
    result = table.sort_values(by, ascending=False, kind="stable", ignore_index=True)
    result.attrs = table.attrs
    return result


def _check_tables(outline: Outline) -> None:
    for page in outline.pages:
        if page.table not in COMPUTE:
            raise ArgumentError(
                f"Outline '{outline.key}', page '{page.key}': there is no table '{page.table}'."
                f"{nearest(page.table, COMPUTE)}"
            )


def review_contents(book: Book, *, period: str | None = None, outline: str | Path = "quarterly_review") -> Contents:
    """Compute all tables of a review.

    Parameters
    ----------
    book
        The book.
    period
        The period of the outlook; None means the quarter of the day after ``book.as_of``, as in `outlook`.
    outline
        As in `load_outline`.

    Returns
    -------
    Contents

    Raises
    ------
    CurrencyError, AmountError
        If the book's amounts cannot be added up: a review without money is none.
    ArgumentError
        If ``period`` names none, or the outline is wrong.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> contents = review_contents(fa.load_sample(), period="2026Q4")
    >>> contents.pages[0].key, contents.pages[0].table["component"].tolist()
    ('outlook', ['won', 'open', 'new_business', 'total'])
    """
    wanted = load_outline(outline)
    _check_tables(wanted)
    label = book.period(period).label
    book.require_money()
    pages, left_out = [], []
    for page in wanted.pages:
        try:
            table = COMPUTE[page.table](book, label)
        except FunnelError as problem:
            left_out.append(LeftOut(page.key, str(problem)))
            continue
        reason = _missing(book, page.table, table)
        if reason is None:
            pages.append(ReviewPage(page, _ordered(table, page.order_by)))
        else:
            left_out.append(LeftOut(page.key, reason))
    return Contents(book, label, wanted, tuple(pages), tuple(left_out))
