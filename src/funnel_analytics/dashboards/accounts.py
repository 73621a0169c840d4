"""The accounts dashboard: the quadrants, the effort, who moved, the profile of one account, and the plan."""

from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes

from .. import charts
from ..accounts.assessment import account_assessment
from ..accounts.changes import segment_changes
from ..accounts.plan import account_plan, segment_effort
from ..accounts.profile import account_profile
from ..accounts.segments import account_segments
from ..arguments import checked
from ..book import Book
from ..errors import HistoryError
from ..reasons import account_questions, plan_reasons
from ..words import label, number, word
from ._content import (
    Content,
    Control,
    as_of_control,
    check_choice,
    computed,
    date_control,
    filter_controls,
    filtered,
    seen_at,
)
from ._tiles import Measure, changes_since, previous_part

if TYPE_CHECKING:
    from ._live import Dashboard

_COLUMNS = [
    "account_id", "account_name", "owner", "segment", "findings", "current_revenue", "potential", "criteria_rated",
    "open_opportunities", "open_amount", "pipeline_to_revenue", "win_rate", "last_activity_date", "resources", "involvement", "strategy",
    "ask_next",
]  # fmt: skip


def _previous(book: Book) -> pd.Timestamp:
    earlier = [date for date in book.export_dates if date < book.as_of]
    return earlier[-1] if earlier else book.as_of - pd.DateOffset(months=3)


def _names(book: Book) -> tuple[str, ...]:
    return tuple(sorted(book.accounts["account_name"].dropna().unique()))


def _controls(book: Book) -> list[Control]:
    names = _names(book)
    benchmark = account_segments(book)["revenue_benchmark"]
    default = float(benchmark.iloc[0]) if len(benchmark) and benchmark.notna().iloc[0] else None
    filters = [control for control in filter_controls(book) if control.name != "product"]
    since = date_control("since", book, _previous(book))
    return [
        *filters,
        *as_of_control(book),
        Control("account", (None, *names)),
        since,
        Control("revenue_benchmark", default=default),
    ]


@checked
def accounts_content(
    book: Book,
    *,
    account: str | None = None,
    since: pd.Timestamp | str | None = None,
    revenue_benchmark: float | None = None,
    as_of: pd.Timestamp | str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the accounts dashboard shows.

    Parameters
    ----------
    book
        The book.
    account
        Name of the account whose profile is drawn and whose plan is listed; None draws and lists all.
    since
        The date from which movement between classes is shown; None takes the previous export.
    revenue_benchmark
        Annual revenue from which an account counts as high; None or 0 takes the book's own.
    as_of
        The day as of which the book is seen; None means its own. Ratings and revenue are the latest.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Raises
    ------
    ArgumentError
        If the book has no account of this name.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.accounts_content(fa.load_sample())
    >>> "segment" in content.table, len(content.charts)
    (True, 4)
    """
    check_choice("account", account, _names(book))
    book = seen_at(book, as_of)
    part = filtered(book, filters)
    benchmark = revenue_benchmark or book.revenue_benchmark
    segments = computed(part, account_segments, revenue_benchmark=benchmark)
    if segments.empty:
        return Content(notes=[word(f"dashboards.{'no_accounts' if book.accounts.empty else 'empty'}", lang)])
    chosen = segments.loc[segments["account_name"] == account, "account_id"]
    if account is not None and chosen.empty:
        return Content(notes=[word("dashboards.account_outside", lang)])
    counts = segments["segment"].value_counts()
    tiles = [
        (label(key, lang, table=segments), number(counts[key]))
        for key in book.methodology.segment_order
        if key in counts
    ]
    measures = _measures(part)
    tiles += [one.told(part.currency, lang) for one in measures]
    changes = changes_since(measures, previous_part(book, filters), _measures, part.currency, lang)
    proposed = (segments["benchmark_source"] == "proposed").any()
    notes = [word("dashboards.benchmark_proposed", lang)] if proposed else []
    drawn = [charts.account_segments(segments, lang=lang)]
    if len(chosen):
        profile = computed(part, account_profile, account=str(chosen.iloc[0]), revenue_benchmark=benchmark)
        drawn.append(charts.account_profile(profile, lang=lang))
    else:
        drawn.append(charts.segment_effort(computed(part, segment_effort, revenue_benchmark=benchmark), lang=lang))
        movement, note = _movement(part, since, benchmark, lang)
        drawn += [*movement, charts.account_assessment(computed(part, account_assessment), lang=lang)]
        notes += note
    plan = _in_words(computed(part, account_plan, revenue_benchmark=benchmark), lang)
    return Content(tiles, drawn, plan[plan["account_id"].isin(chosen)] if len(chosen) else plan, notes, changes)


def _measures(part: Book) -> list[Measure]:
    return [Measure("open_amount", part.open_amount, "money")] if part.has_money else []


def _movement(
    book: Book, since: pd.Timestamp | str | None, benchmark: float | None, lang: str | None
) -> tuple[list[Axes], list[str]]:
    """The movement since a date, or a note that nothing is dated."""
    try:
        moved = computed(book, segment_changes, since=since, revenue_benchmark=benchmark)
    except HistoryError:
        return [], [word("dashboards.no_movement", lang)]
    return [charts.segment_changes(moved, lang=lang)], []


def _in_words(plan: pd.DataFrame, lang: str | None) -> pd.DataFrame:
    """The plan with its findings and questions as sentences."""
    said = plan.assign(findings=plan_reasons(plan, lang), ask_next=account_questions(plan, lang))[_COLUMNS]
    said.attrs = plan.attrs
    return said


@checked
def accounts(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The accounts dashboard as a widget; arguments as in `accounts_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, accounts_content, _controls(book), lang=lang, state=state)
