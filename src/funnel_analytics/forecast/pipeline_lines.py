"""What the weighted pipeline adds up: of a book each opportunity is a line, a warehouse adds up all but the largest."""

from functools import singledispatch
from typing import Any

import numpy as np
import pandas as pd

from ..book import DIMENSIONS, Book
from ..errors import ArgumentError, nearest
from ..funnel.counts import Source
from ..hygiene import is_placeholder
from ..outcomes import won_in
from ..periods import Period, period_labels
from .model.probability import LEARNED, opportunity_probabilities

PERIODS = ("month", "quarter", "half", "year")
PROBABILITIES = {"nominal": "nominal", "crm": "probability", "measured": "measured"}
"""The probabilities people use, and the columns that hold them."""


@singledispatch
def open_lines(source: Source, by: str | None, span: Period | None, largest: int) -> tuple[pd.DataFrame, str]:
    """The open opportunities as lines to be added up.

    Parameters
    ----------
    source
        A book or a warehouse.
    by
        One of `PERIODS` (of the close date), a column of the opportunities, or None.
    span
        Only what is due in this period; None takes every close date.
    largest
        So many of each group's largest amounts must be lines of their own.

    Returns
    -------
    lines : DataFrame
        group (missing where the column is), alone (a line of one opportunity), opportunities (that are summed), amount
        and weighted_nominal, weighted_crm, weighted_measured (their sums), without_crm, placeholders, omitted.
    method : str
        How the measured probability was learned.

    Raises
    ------
    ArgumentError
        If ``by`` is neither a period length nor a column.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> lines, method = open_lines(book, "owner", None, 3)
    >>> len(lines) == len(book.open_opportunities), method
    (True, 'semi_markov')
    """
    raise NotImplementedError(type(source).__name__)


@singledispatch
def won_lines(source: Source, span: Period, largest: int) -> pd.DataFrame:
    """What has been won in a period, as lines that are certain; as `open_lines` has them, without groups.

    All amounts are summed, also 0, 1 and negative ones; ``placeholders`` counts what has none.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> won_lines(book, book.period("2026Q3"), 3)["opportunities"].max()
    np.int64(1)
    """
    raise NotImplementedError(type(source).__name__)


def check_by(by: str | None, columns: list[str]) -> None:
    """Refuse what is neither a period length nor a column."""
    if by is not None and by not in (*PERIODS, *columns):
        known = [name for name in DIMENSIONS if name in columns]
        raise ArgumentError(f"'{by}' is neither a period length nor a column.{nearest(by, [*PERIODS, *known])}")


def weighed(book: Book) -> tuple[pd.DataFrame, str]:
    """Open opportunities in order of their id, with each probability and what keeps them out of the sums."""
    opportunities = book.open_opportunities.sort_values("opportunity_id", kind="stable")
    # The measured chance of ever winning does not depend on a period; a horizon of none gives it alone.
    measured = opportunity_probabilities(book, 0, 0)
    known = measured.method in LEARNED
    omitted = opportunities["forecast_category"] == "omitted"
    placeholder = ~omitted & is_placeholder(opportunities["amount"])
    return opportunities.assign(
        omitted=omitted,
        placeholder=placeholder,
        summed=~(omitted | placeholder),
        nominal=book.methodology.nominal(opportunities["stage"]),
        measured=measured.rows["eventual"].reindex(opportunities.index) if known else np.nan,
    ), measured.method


def _lines(opportunities: pd.DataFrame, group: pd.Series | None) -> pd.DataFrame:
    """One line an opportunity."""
    amount = opportunities["amount"].where(opportunities["summed"])
    return pd.DataFrame(
        {
            "group": group,
            "alone": True,
            "opportunities": opportunities["summed"].astype("int64"),
            "amount": amount,
            **{f"weighted_{name}": amount * opportunities[column] for name, column in PROBABILITIES.items()},
            "without_crm": (opportunities["summed"] & opportunities["probability"].isna()).astype("int64"),
            "placeholders": opportunities["placeholder"].astype("int64"),
            "omitted": opportunities["omitted"].astype("int64"),
        },
        index=opportunities.index,
    )


@open_lines.register
def _(book: Book, by: str | None, span: Period | None, largest: int) -> tuple[pd.DataFrame, str]:
    check_by(by, [str(name) for name in book.opportunities.columns])
    opportunities, method = weighed(book)
    if span is not None:
        opportunities = opportunities[opportunities["close_date"].between(span.start, span.end)]
    group = (
        period_labels(opportunities["close_date"], by, book.calendar)
        if by in PERIODS
        else opportunities[by]
        if by
        else None
    )
    return _lines(opportunities, group), method


@won_lines.register
def _(book: Book, span: Period, largest: int) -> pd.DataFrame:
    won = won_in(book.opportunities, span, book.as_of)
    # What is won is won, whatever its amount: a credit lowers it, here as in the coverage and the outlook.
    placeholder = won["amount"].isna()
    certain: dict[str, Any] = dict.fromkeys(PROBABILITIES.values(), 1.0)
    return _lines(won.assign(omitted=False, placeholder=placeholder, summed=~placeholder, **certain), None)
