"""The weighted pipeline: amount × probability of the open opportunities, by period of close date.

The trade's baseline, shown with each probability people use. A stage's percentage means *ever winning*; what
will be won inside a period is another, smaller number: see `outlook`.
"""

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import ArgumentError, nearest
from ..funnel.counts import Source
from ..methodology import Methodology
from ..periods import parse_period, period_labels
from .model.probability import LEARNED
from .pipeline_lines import PERIODS, PROBABILITIES, open_lines, weighed, won_lines

CATEGORIES = ("commit", "best_case", "pipeline")
"""Forecast categories that roll up, the surest first."""
ROLLUPS = ("single", "cumulative")
NO_DATE, TOTAL, WON = "no_date", "total", "won"
LARGEST = 3
_Group = tuple[str | None, pd.DataFrame]


def weighted_forecast(
    book: Source,
    *,
    by: str | None = "quarter",
    period: str | None = None,
    rollup: str = "single",
    without_largest: int = LARGEST,
) -> pd.DataFrame:
    """Weighted pipeline by fiscal period of the close date, by forecast category, or by any column.

    Parameters
    ----------
    book
        A book or a warehouse.
    by
        ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``: rows in order of time, opportunities without a
        close date last in a row ``no_date``; a column of the opportunities (``"owner"``, ``"segment"``,
        ``"forecast_category"`` …): one row per value, stages and categories in their own order, a missing value
        last; None: one row ``total``.
    period
        Only what is due in this fiscal period; with ``by="forecast_category"`` what has been won in it stands before
        the categories, with every amount, as in `pipeline_coverage`. None takes every close date.
    rollup
        With ``by="forecast_category"``: ``"single"``, each category for itself, or ``"cumulative"``, each with those
        that are surer: commit, then commit and best case, then pipeline as well. The row's key says which.
    without_largest
        How many of the largest amounts the columns ``…_without_largest`` leave out, in each row.

    Returns
    -------
    DataFrame
        `tables.WEIGHTED_FORECAST`; amounts in the book's currency. Placeholders (amount missing, negative, 0
        or 1) and opportunities of the category ``omitted`` are counted apart and not summed:
        `weighted_forecast_opportunities` lists them. ``weighted_measured`` uses the chance of being won within 24
        months, learned from past standing stock; ``method`` says how, and why it is missing.

    Raises
    ------
    ArgumentError
        If ``by`` is neither a period length nor a column; if there is no such period or roll-up.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> forecast = fa.weighted_forecast(fa.load_sample(), by="forecast_category", period="2026Q4", rollup="cumulative")
    >>> forecast["period"].tolist()[:3]
    ['won', 'won_commit', 'won_commit_best_case']
    """
    book.require_money()
    _check(by, rollup, without_largest)
    span = None if period is None else book.period(period)
    lines, method = open_lines(book, by, span, without_largest)
    if by == "forecast_category":
        groups = _categories(lines, None if span is None else won_lines(book, span, without_largest), rollup)
    else:
        groups = _groups(book.methodology, lines, by)
    rows = [{"period": label, **_sums(part, without_largest)} for label, part in groups]
    frame = pd.DataFrame(rows, columns=["period", *_sums(lines[:0], without_largest)]).assign(method=method)
    if method not in LEARNED:
        # What was won, or nothing at all, is no measure of what is open.
        frame[["weighted_measured", "weighted_measured_without_largest"]] = np.nan
    if by in PERIODS:
        spans = [None if label in (None, NO_DATE) else parse_period(label, book.calendar) for label, _ in groups]
        frame["period_start"] = pd.Series([one and one.start for one in spans], dtype="datetime64[us]")
        frame["period_end"] = pd.Series([one and one.end for one in spans], dtype="datetime64[us]")
        frame["overdue"] = frame["period_end"] < book.as_of
    context = {**book.context, "due": None if span is None else span.label, "without_largest": without_largest}
    return tables.declare(frame, tables.WEIGHTED_FORECAST, context)


def weighted_forecast_opportunities(book: Book, *, period: str | None = None) -> pd.DataFrame:
    """The opportunities behind the weighted pipeline, and those that it does not sum, the largest first.

    Parameters
    ----------
    book
        The book.
    period
        Only what is due in this fiscal period; None takes every close date.

    Returns
    -------
    DataFrame
        `tables.WEIGHTED_FORECAST_OPPORTUNITIES`: ``counted`` says whether the amount is summed, and if not, why.

    Raises
    ------
    ArgumentError
        If there is no such period.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> lines = fa.weighted_forecast_opportunities(fa.load_sample())
    >>> sorted(lines["counted"].unique())
    ['omitted', 'placeholder', 'summed']
    """
    book.require_money()
    opportunities, _ = weighed(book)
    if period is not None:
        span = book.period(period)
        opportunities = opportunities[opportunities["close_date"].between(span.start, span.end)]
    summed = opportunities["amount"].where(opportunities["summed"])
    frame = opportunities.assign(
        period=period_labels(opportunities["close_date"], "quarter", book.calendar).fillna(NO_DATE),
        counted=np.select(
            [opportunities["omitted"], opportunities["placeholder"]], ["omitted", "placeholder"], "summed"
        ),
        crm=opportunities["probability"],
        **{f"weighted_{name}": summed * opportunities[column] for name, column in PROBABILITIES.items()},
    ).sort_values(["amount", "opportunity_id"], ascending=[False, True])
    return tables.declare(frame, tables.WEIGHTED_FORECAST_OPPORTUNITIES, book.context)


def _check(by: str | None, rollup: str, without_largest: int) -> None:
    if rollup not in ROLLUPS:
        raise ArgumentError(f"'{rollup}' is not a roll-up.{nearest(rollup, ROLLUPS)}")
    if rollup == "cumulative" and by != "forecast_category":
        raise ArgumentError('Only forecast categories roll up: cumulative needs by="forecast_category".')
    if without_largest < 0:
        raise ArgumentError(f"without_largest is {without_largest}. Accepted: 0 or more; {LARGEST} is usual.")


def _categories(lines: pd.DataFrame, won: pd.DataFrame | None, rollup: str) -> list[_Group]:
    """Rows by forecast category: what was won, the categories from the surest on, then what rolls up nowhere."""
    groups: list[_Group] = [] if won is None else [(WON, won)]
    for key in CATEGORIES:
        part = lines[lines["group"] == key]
        if rollup == "single":
            groups += [(key, part)] if len(part) else []
        else:
            before = groups[-1:]
            label = f"{before[0][0]}_{key}" if before else key
            groups.append((label, pd.concat([*(rows for _, rows in before), part])))
    rest = lines[~lines["group"].isin(CATEGORIES)]
    return groups + [group for group in _labelled(rest) if len(group[1])]


def _groups(methodology: Methodology, lines: pd.DataFrame, by: str | None) -> list[_Group]:
    if by is None:
        return [(TOTAL, lines)]
    if by in PERIODS:
        # Labels of one length sort as time does; "no_date" sorts after every year.
        return _labelled(lines.assign(group=lines["group"].fillna(NO_DATE)))
    order = {"stage": methodology.stage_keys, "segment": methodology.segment_order}.get(by, [])
    return sorted(_labelled(lines), key=lambda group: order.index(group[0]) if group[0] in order else len(order))


def _labelled(lines: pd.DataFrame) -> list[_Group]:
    return [(None if pd.isna(value) else str(value), part) for value, part in tables.grouping(lines, "group")]


def _sums(part: pd.DataFrame, without_largest: int) -> dict[str, float | int]:
    # As arrays: the groups are many and mostly small.
    is_summed = (part["opportunities"] > 0).to_numpy()
    columns = ("opportunities", "amount", "alone", "without_crm")
    opportunities, amount, alone, without_crm = (part[name].to_numpy()[is_summed] for name in columns)
    single = np.flatnonzero(alone.astype(bool) & ~np.isnan(amount))
    single = single[np.argsort(-amount[single], kind="stable")]
    rest = np.delete(np.arange(len(amount)), single[:without_largest])
    sums: dict[str, float | int] = {"opportunities": int(opportunities.sum()), "amount": _known_sum(amount, exact=True)}
    weighted = {f"weighted_{name}": part[f"weighted_{name}"].to_numpy()[is_summed] for name in PROBABILITIES}
    sums |= {name: _known_sum(values, exact=name == "weighted_nominal") for name, values in weighted.items()}
    sums |= {
        "without_crm": int(without_crm.sum()),
        "largest": float(amount[single[0]]) if len(single) else np.nan,
        "amount_without_largest": _known_sum(amount[rest], exact=True),
    }
    for name, values in weighted.items():
        sums[f"{name}_without_largest"] = _known_sum(values[rest], exact=not np.isnan(values).all())
    return sums | {name: int(part[name].sum()) for name in ("placeholders", "omitted")}


def _known_sum(values: np.ndarray, *, exact: bool) -> float:
    """The sum of what is known; missing where nothing is (unless the sum is always known), 0 where nothing is to sum."""
    unknown = np.isnan(values)
    return float("nan") if len(values) and unknown.all() and not exact else float(np.where(unknown, 0.0, values).sum())
