"""Opportunity inspection: why an open opportunity deserves a second look, and how much money that puts at risk.

What each rule looks at stands here; its weight and threshold are the methodology's.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..errors import EvidenceError
from ..hygiene import days_overdue, is_placeholder
from .durations import standing_visits, time_in_stage
from .evidence import Support, evidence_support
from .pushes import close_date_moves

_SAYS_NOTHING = " -–—._/?*…。"
"""A next step of these marks alone is none."""


def _support(book: Book) -> Support | None:
    try:
        return evidence_support(book)
    except EvidenceError:
        return None


def _found(opportunities: pd.DataFrame, where: pd.Series | np.ndarray, **columns: object) -> pd.DataFrame:
    """The opportunities that a rule speaks of, with the numbers behind it."""
    return pd.DataFrame({"found": np.nan, **columns}, index=opportunities.index)[np.asarray(where, dtype=bool)]


def _evidence_missing(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    support = _support(book)
    if support is None:
        return opportunities.iloc[:0]
    return _found(
        opportunities,
        support.missing > threshold,
        found=support.missing.astype("float64"),
        compared=support.required.astype("float64"),
        missing=support.missing_keys,
    )


def _overdue_close_date(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    days = days_overdue(opportunities["close_date"], book.as_of)
    return _found(opportunities, days > threshold, found=days, finding_date=opportunities["close_date"])


def _pushed(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    stated = book.opportunities["push_count"]
    # Between two exports at most one push is seen: where the CRM counts more itself, its own count stands.
    pushes = pd.Series(np.fmax(close_date_moves(book)["pushes"].to_numpy(), stated.to_numpy()), stated.index)
    pushes = pushes.reindex(opportunities.index)
    return _found(opportunities, pushes > threshold, found=pushes)


def _stalled(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    lines = time_in_stage(book).set_index("stage")["stall_days"]
    visits = standing_visits(book).drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    visits = visits.reindex(opportunities["opportunity_id"]).set_index(opportunities.index)
    line = visits["stage"].map(lines).astype("float64")
    return _found(
        opportunities,
        visits["days"] > threshold * line,
        found=visits["days"],
        compared=line,
        finding_date=visits["entered"],
    )


def _no_next_step(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    blank = opportunities["next_step"].fillna("").str.strip(_SAYS_NOTHING) == ""
    return _found(opportunities, blank & book.holds("next_step"))


def _no_activity(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    last = opportunities["last_activity_date"]
    days = days_overdue(last.fillna(opportunities["created_date"]), book.as_of)
    silent = (days > threshold) | (last.isna() & days.isna())
    return _found(opportunities, silent & book.holds("last_activity_date"), found=days, finding_date=last)


def _amount_placeholder(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    return _found(
        opportunities,
        is_placeholder(opportunities["amount"], threshold) & book.has_money,
        found=opportunities["amount"],
    )


def _month_end_close_date(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    dates = opportunities["close_date"]
    to_the_end = (dates.dt.days_in_month - dates.dt.day).astype("float64")
    return _found(opportunities, to_the_end <= threshold, found=to_the_end, finding_date=dates)


def _single_threaded(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    return _found(opportunities, opportunities["contact_count"] < threshold, found=opportunities["contact_count"])


def _concentration(book: Book, opportunities: pd.DataFrame, threshold: float) -> pd.DataFrame:
    amounts = opportunities["amount"].mask(is_placeholder(opportunities["amount"]))
    whole = amounts.sum()
    share = amounts / whole if book.has_money and whole > 0 else amounts * np.nan
    return _found(opportunities, share > threshold, found=share, compared=whole)


_RULES: Mapping[str, Callable[[Book, pd.DataFrame, float], pd.DataFrame]] = {
    "evidence_missing": _evidence_missing,
    "overdue_close_date": _overdue_close_date,
    "pushed": _pushed,
    "stalled": _stalled,
    "no_next_step": _no_next_step,
    "no_activity": _no_activity,
    "amount_placeholder": _amount_placeholder,
    "month_end_close_date": _month_end_close_date,
    "single_threaded": _single_threaded,
    "concentration": _concentration,
}


def _money_at_risk(findings: pd.DataFrame) -> pd.DataFrame:
    """The one definition: amount × weight for a finding, amount × the largest weight for the opportunity."""
    value = findings["amount"].clip(lower=0.0)
    largest = findings.groupby("opportunity_id")["weight"].transform("max")
    return findings.assign(finding_at_risk=value * findings["weight"], amount_at_risk=value * largest, largest=largest)


def _ranked(findings: pd.DataFrame) -> pd.DataFrame:
    """Most money at risk first; what has no amount comes last, the heaviest finding and the most findings first."""
    findings["count"] = findings.groupby("opportunity_id")["finding"].transform("size")
    order = ["amount_at_risk", "largest", "count", "opportunity_id", "weight", "rule"]
    ranked = findings.sort_values(
        order, ascending=[False, False, False, True, False, True], kind="stable", na_position="last"
    )
    return ranked.assign(place=pd.factorize(ranked["opportunity_id"])[0] + 1)


def opportunity_inspection(book: Book) -> pd.DataFrame:
    """Open opportunities that deserve a second look: each finding with its numbers, most money at risk first.

    Parameters
    ----------
    book
        The book. A rule speaks only where the exports hold what it looks at: without evidence, a column of next
        steps, activities or contacts, or amounts that can be added up, its findings are left out, never guessed.

    Returns
    -------
    DataFrame
        `tables.OPPORTUNITY_INSPECTION`: one row per finding of an open opportunity, in the order of their money at
        risk; an opportunity without a finding has no row. ``funnel_analytics.inspection_reasons`` says each in a
        sentence. ``attrs["evidence"]`` is False where evidence could not be inspected.

    Notes
    -----
    The rules are the methodology's ``[[inspection]]`` blocks, with weight and threshold: ``evidence_missing``,
    ``overdue_close_date``, ``pushed``, ``stalled`` (as `time_in_stage` draws the line), ``no_next_step``,
    ``no_activity``, ``amount_placeholder``, ``month_end_close_date``, ``single_threaded``, ``concentration``. Money at
    risk is the amount times the largest weight among an opportunity's findings: findings do not add up, so that no
    opportunity risks more than its amount. In a part of a book, stall lines and shares are the part's own.

    See Also
    --------
    evidenced_pipeline : claimed against evidenced, stage by stage.
    funnel_analytics.charts.opportunity_inspection : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.opportunity_inspection(fa.load_sample())
    >>> bool((table["amount_at_risk"].dropna() <= table["amount"].dropna()).all()), int(table["place"].iloc[0])
    (True, 1)
    """
    support = _support(book)
    opportunities = book.open_opportunities.sort_values("opportunity_id", kind="stable")
    parts = []
    for number, rule in enumerate(book.methodology.inspection):
        found = _RULES[rule.key](book, opportunities, rule.threshold)
        if len(found):
            found = found.reindex(columns=["found", "compared", "finding_date", "missing"])
            parts.append(
                found.assign(finding=rule.key, rule=number, weight=rule.weight, threshold=rule.threshold).astype(
                    {"missing": "str", "finding_date": "datetime64[us]"}
                )
            )
    facts = ["opportunity_id", "opportunity_name", "account_name", "owner", "stage", "amount", "close_date"]
    rows = opportunities[facts]
    if support is not None:
        rows = rows.assign(evidenced_stage=support.stage_names(support.evidenced))
    context = {**book.context, "evidence": support is not None}
    if not parts:
        return tables.declare(rows.iloc[:0], tables.OPPORTUNITY_INSPECTION, context)
    findings = rows.join(pd.concat(parts), how="inner")
    return tables.declare(_ranked(_money_at_risk(findings)), tables.OPPORTUNITY_INSPECTION, context)
