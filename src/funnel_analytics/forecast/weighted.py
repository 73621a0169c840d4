"""The weighted pipeline: amount × probability of the open opportunities, by period of close date.

The trade's baseline, shown with each probability people use. A stage's percentage means *ever winning*; what
will be won inside a period is another, smaller number: see `outlook`.
"""

import numpy as np
import pandas as pd

from .. import tables
from ..book import DIMENSIONS, Book
from ..errors import ArgumentError, nearest
from ..hygiene import is_placeholder
from ..periods import parse_period, period_labels
from .probability import opportunity_probabilities

PERIODS = ("month", "quarter", "half", "year")
NO_DATE, TOTAL = "no_date", "total"
LARGEST = 3


def weighted_forecast(book: Book, *, by: str | None = "quarter") -> pd.DataFrame:
    """Weighted pipeline by fiscal period of the close date, or by any column.

    Parameters
    ----------
    book
        The book.
    by
        ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``: rows in order of time, opportunities without a
        close date last in a row ``no_date``; a column of the opportunities (``"owner"``, ``"segment"``,
        ``"forecast_category"`` …): one row per value, a missing value last; None: one row ``total``.

    Returns
    -------
    DataFrame
        `tables.WEIGHTED_FORECAST`; amounts in the book's currency. Placeholders (amount missing, negative, 0
        or 1) and opportunities of the category ``omitted`` are counted apart and not summed.
        ``weighted_measured`` uses the chance of being won within 24 months, learned from past standing stock;
        it is missing where the book has too little history to measure it.

    Raises
    ------
    ArgumentError
        If ``by`` is neither a period length nor a column.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> forecast = fa.weighted_forecast(fa.load_sample(), by=None)
    >>> forecast["period"].tolist(), bool((forecast["weighted_nominal"] < forecast["amount"]).all())
    (['total'], True)
    """
    book.require_money()
    deals = _weighed(book)
    groups = _groups(book, deals, by)
    rows = [{"period": label, **_sums(part)} for label, part in groups]
    frame = pd.DataFrame(rows, columns=["period", *_sums(deals)])
    if by in PERIODS:
        spans = [None if label in (None, NO_DATE) else parse_period(label, book.calendar) for label, _ in groups]
        frame["period_start"] = pd.Series([span and span.start for span in spans], dtype="datetime64[us]")
        frame["period_end"] = pd.Series([span and span.end for span in spans], dtype="datetime64[us]")
        frame["overdue"] = frame["period_end"] < book.as_of
    return tables.declare(frame, tables.WEIGHTED_FORECAST, book.context)


def _weighed(book: Book) -> pd.DataFrame:
    """Open opportunities in order of their id, with each probability and what keeps them out of the sums."""
    deals = book.open_opportunities.sort_values("opportunity_id", kind="stable")
    # The measured chance of ever winning does not depend on a period; a horizon of none gives it alone.
    measured = opportunity_probabilities(book, 0, 0)
    known = measured.method in ("semi_markov", "age_only")
    omitted = deals["forecast_category"] == "omitted"
    placeholder = ~omitted & is_placeholder(deals["amount"])
    return deals.assign(
        omitted=omitted,
        placeholder=placeholder,
        summed=~(omitted | placeholder),
        nominal=book.methodology.nominal(deals["stage"]),
        measured=measured.rows["eventual"].reindex(deals.index) if known else np.nan,
    )


def _groups(book: Book, deals: pd.DataFrame, by: str | None) -> list[tuple[str | None, pd.DataFrame]]:
    if by is None:
        return [(TOTAL, deals)]
    if by in PERIODS:
        # Labels of one length sort as time does; "no_date" sorts after every year.
        labels = period_labels(deals["close_date"], by, book.calendar).fillna(NO_DATE)
        return [(str(label), part) for label, part in deals.groupby(labels, sort=True)]
    if by not in book.opportunities.columns:
        raise ArgumentError(f"'{by}' is neither a period length nor a column.{nearest(by, [*PERIODS, *DIMENSIONS])}")
    groups = tables.grouping(deals, by)
    return [(None if label is None else str(label), part) for label, part in groups]


def _sums(part: pd.DataFrame) -> dict[str, float | int]:
    summed = part[part["summed"]]
    amount = summed["amount"]
    nominal = amount * summed["nominal"]
    rest = nominal.drop(amount.nlargest(LARGEST).index)
    return {
        "opportunities": len(summed),
        "amount": float(amount.sum()),
        "weighted_nominal": float(nominal.sum()),
        "weighted_crm": _known_sum(amount * summed["probability"]),
        "weighted_measured": _known_sum(amount * summed["measured"]),
        "without_crm": int(summed["probability"].isna().sum()),
        "largest": float(amount.max()) if len(amount) else float("nan"),
        "weighted_nominal_without_largest": float(rest.sum()),
        "placeholders": int(part["placeholder"].sum()),
        "omitted": int(part["omitted"].sum()),
    }


def _known_sum(values: pd.Series) -> float:
    """The sum of what is known; missing where nothing is, 0 where there is nothing to sum."""
    return float(values.sum(min_count=min(1, len(values))))
