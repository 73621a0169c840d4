"""Account plan: what each account deserves, what is spent on it, where the two do not match, and what to ask next."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..methodology import Methodology, latest_ratings
from ..outcomes import CLOSED, OUTCOMES
from .segments import account_segments

_MOST = 3


def _of(ids: pd.Series, known: pd.Series, dtype: str) -> pd.Series:
    """What is known of each account; a lookup in nothing has no type of its own."""
    return known.reindex(ids).set_axis(ids.index).astype(dtype)


def _facts(book: Book, rows: pd.DataFrame) -> pd.DataFrame:
    """The segments with what the opportunities and the ratings say of each account."""
    opportunities = book.opportunities.dropna(subset=["account_id"])
    by = {outcome: opportunities[opportunities["outcome"] == outcome].groupby("account_id") for outcome in OUTCOMES}
    ids = rows["account_id"]
    for key in CLOSED:
        rows[f"{key}_opportunities"] = _of(ids, by[key].size(), "float64").fillna(0)
    closed = rows["won_opportunities"] + rows["lost_opportunities"]
    # Nothing closed is 0 ÷ 0: missing.
    rows["win_rate"] = rows["won_opportunities"] / closed
    whole = rows["open_amount"].sum()
    rows["pipeline_share"] = rows["open_amount"] / (whole if whole > 0 else np.nan)
    rows["pipeline_to_revenue"] = rows["open_amount"] / rows["current_revenue"].where(rows["current_revenue"] > 0)
    last = opportunities.groupby("account_id")["last_activity_date"].max()
    rows["last_activity_date"] = _of(ids, last, "datetime64[us]")
    rows["idle_days"] = (book.as_of - rows["last_activity_date"]).dt.days.astype("float64")
    rated = latest_ratings(book.ratings).groupby("account_id")["rated_on"].max()
    rows["last_rated_on"] = _of(ids, rated, "datetime64[us]")
    return rows


def _unknown(book: Book, rows: pd.DataFrame) -> pd.Series:
    """Why numbers of the plan are missing, as keys."""
    money = book.has_money
    reasons = {
        "no_revenue": rows["current_revenue"].isna(),
        "zero_revenue": rows["current_revenue"] <= 0,
        "no_amounts": pd.Series(not money, index=rows.index),
        "none_closed": rows["win_rate"].isna(),
        "no_activity_dates": rows["last_activity_date"].isna(),
    }
    return _joined(reasons, rows.index)


def _joined(flags: Mapping[str, pd.Series], index: pd.Index) -> pd.Series:
    """The keys whose flag is set, joined by "; "; missing where none is."""
    said = [
        "; ".join(key for key, set_ in zip(flags, row, strict=True) if set_)
        for row in zip(*(flag.fillna(False) for flag in flags.values()), strict=True)
    ]
    said = said or [""] * len(index)
    return pd.Series([text or None for text in said], index=index, dtype="str")


Rule = Callable[[Book, pd.DataFrame, float], pd.Series]


def _usual_amount(book: Book) -> float:
    return float(book.open_opportunities["amount"].median()) if book.has_money else np.nan


def _not_assessable(rows: pd.DataFrame) -> pd.Series:
    return rows["potential_level"] == "not_assessable"


_RULES: Mapping[str, Rule] = {
    "no_open_opportunity": lambda book, rows, threshold: rows["open_opportunities"] < threshold,
    "low_pipeline": lambda book, rows, threshold: (
        (rows["pipeline_to_revenue"] < threshold) & (rows["open_opportunities"] > 0)
    ),
    "idle": lambda book, rows, threshold: rows["idle_days"] > threshold,
    "over_served": lambda book, rows, threshold: (
        (rows["pipeline_share"] * len(rows) > threshold) & ~_not_assessable(rows)
    ),
    "large_unassessed": lambda book, rows, threshold: (
        (rows["open_amount"] >= threshold * _usual_amount(book)) & _not_assessable(rows)
    ),
    "not_assessed": lambda book, rows, threshold: (rows["revenue_level"] == "high") & _not_assessable(rows),
    "ratings_outdated": lambda book, rows, threshold: (book.as_of - rows["last_rated_on"]).dt.days > threshold,
}


def _findings(book: Book, rows: pd.DataFrame) -> pd.Series:
    deserved = rows["resources"].fillna("none")
    flags = {
        rule.key: _RULES[rule.key](book, rows, rule.threshold) & deserved.isin(rule.resources)
        for rule in book.methodology.effort
    }
    return _joined(flags, rows.index)


def _questions(method: Methodology, rows: pd.DataFrame, ratings: pd.DataFrame) -> pd.DataFrame:
    """Keys of the weakest criteria of each account, and of those to ask about next."""
    known = {
        account: dict(zip(rated["criterion"], rated["rating"], strict=True))
        for account, rated in latest_ratings(ratings).groupby("account_id")
    }
    said = []
    for account, blocked in zip(rows["account_id"], rows["missing_groups"].fillna(""), strict=True):
        rated: dict[str, float] = known.get(account, {})
        order = [criterion for criterion in method.criteria if criterion.key in rated]
        weak = [c.key for c in sorted(order, key=lambda c: rated[c.key]) if rated[c.key] < method.rating_high]
        unrated = [criterion for criterion in method.criteria if criterion.key not in rated]
        # One question of each group that keeps the account from being assessed comes first.
        opening = [next(c.key for c in unrated if c.group == group) for group in blocked.split("; ") if group]
        others = [criterion.key for criterion in unrated]
        ask = list(dict.fromkeys([*opening, *weak[:_MOST], *others]))[:_MOST]
        said.append(("; ".join(weak[:_MOST]) or None, "; ".join(ask) or None))
    return pd.DataFrame(said, columns=["weakest", "ask_next"], index=rows.index, dtype="str")


def account_plan(book: Book, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """What each account deserves and what is spent on it: class, strategy, pipeline, mismatches, questions to ask.

    Parameters
    ----------
    book
        A book with accounts and opportunities.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.ACCOUNT_PLAN`: one row per account, best class first, then by revenue. ``findings`` are keys of the
        methodology's rules of effort; ``funnel_analytics.plan_reasons`` says them in sentences, and
        ``account_questions`` the questions of ``ask_next``. ``unknown`` names why a number is missing.

    Notes
    -----
    Coverage is the open pipeline as a share of a year's revenue with the account: no quota is known by account. Shares
    are of the accounts in the table. The rules are the methodology's ``[[effort]]`` blocks.

    See Also
    --------
    segment_effort : effort against potential by class.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> plan = fa.account_plan(fa.load_sample())
    >>> plan["strategy"].iloc[0], bool((plan["pipeline_share"].sum() - 1) < 1e-9)
    ('develop_business', True)
    """
    method = book.methodology
    rows = _facts(book, account_segments(book, revenue_benchmark=revenue_benchmark))
    rows["unknown"] = _unknown(book, rows)
    rows["findings"] = _findings(book, rows)
    rows = rows.join(_questions(method, rows, book.ratings))
    context = {
        **book.context,
        "effort": {rule.key: rule.threshold for rule in method.effort},
        "questions": {criterion.key: dict(criterion.questions) for criterion in method.criteria},
        "usual_amount": _usual_amount(book),
    }
    return tables.declare(rows, tables.ACCOUNT_PLAN, context)


def segment_effort(book: Book, *, revenue_benchmark: float | None = None) -> pd.DataFrame:
    """Effort against potential by class: who holds the pipeline, and who holds the potential.

    Parameters
    ----------
    book
        A book with accounts and opportunities.
    revenue_benchmark
        As in `account_segments`.

    Returns
    -------
    DataFrame
        `tables.SEGMENT_EFFORT`: one row per class that has accounts, best first, unrated accounts last.

    See Also
    --------
    funnel_analytics.charts.segment_effort : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.segment_effort(fa.load_sample())["segment"].tolist()
    ['A+', 'A', 'B', 'C', 'D', 'unrated']
    """
    rows = account_segments(book, revenue_benchmark=revenue_benchmark)
    by = rows.groupby("segment", sort=False)
    frame = pd.DataFrame(
        {
            "resources": by["resources"].first(),
            "accounts": by.size(),
            "potential": by["potential"].mean(),
            "open_opportunities": by["open_opportunities"].sum(),
            "open_amount": by["open_amount"].sum(min_count=1),
        }
    )
    shares = {"potential_share": "potential", "revenue_share": "current_revenue", "opportunity_share": "open_opportunities",
              "pipeline_share": "open_amount"}  # fmt: skip
    for name, column in shares.items():
        whole = rows[column].clip(lower=0).sum()
        part = rows[column].clip(lower=0).groupby(rows["segment"]).sum(min_count=1)
        frame[name] = part / whole
    return tables.declare(frame.reset_index(names="segment"), tables.SEGMENT_EFFORT, book.context)
