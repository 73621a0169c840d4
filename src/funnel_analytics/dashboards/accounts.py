"""The accounts dashboard: the quadrants, the ten criteria, and the accounts behind them."""

from typing import TYPE_CHECKING, Any

from .. import charts
from ..accounts.assessment import account_assessment
from ..accounts.segments import account_segments
from ..book import Book
from ..words import label, money, number, word
from ._content import Content, Control, filter_controls, filtered

if TYPE_CHECKING:
    from ._live import Dashboard

_COLUMNS = [
    "account_id", "account_name", "owner", "region", "segment", "current_revenue", "potential", "criteria_rated",
    "open_opportunities", "open_amount", "won_amount", "resources", "involvement", "strategy",
]  # fmt: skip


def _controls(book: Book) -> list[Control]:
    names = tuple(sorted(book.accounts["account_name"].dropna().unique()))
    benchmark = account_segments(book)["revenue_benchmark"]
    default = float(benchmark.iloc[0]) if len(benchmark) and benchmark.notna().iloc[0] else 0.0
    filters = [control for control in filter_controls(book) if control.name != "product"]
    return [*filters, Control("account", (None, *names)), Control("revenue_benchmark", default=default)]


def accounts_content(
    book: Book,
    *,
    account: str | None = None,
    revenue_benchmark: float | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the accounts dashboard shows.

    Parameters
    ----------
    book
        The book.
    account
        Name of the account whose ten criteria are drawn; None draws all.
    revenue_benchmark
        Annual revenue from which an account counts as high; None or 0 takes the book's own.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.accounts_content(fa.load_sample())
    >>> "segment" in content.table
    True
    """
    part = filtered(book, filters)
    segments = account_segments(part, revenue_benchmark=revenue_benchmark or book.revenue_benchmark)
    if segments.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    assessment = account_assessment(part)
    if account is not None:
        segments_shown = segments[segments["account_name"] == account]
        assessment = assessment[assessment["account_name"] == account]
    else:
        segments_shown = segments
    counts = segments["segment"].value_counts()
    tiles = [
        (label(key, lang, table=segments), number(counts[key]))
        for key in [*book.methodology.segment_keys, "unrated"]
        if key in counts
    ]
    if part.has_money:
        tiles.append((word("dashboards.open_amount", lang), money(part.open_amount, part.currency, lang)))
    proposed = (segments["benchmark_source"] == "proposed").any()
    notes = [word("dashboards.benchmark_proposed", lang)] if proposed else []
    drawn = [charts.account_segments(segments, lang=lang), charts.account_assessment(assessment, lang=lang)]
    return Content(tiles, drawn, segments_shown[_COLUMNS], notes)


def accounts(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The accounts dashboard as a widget; arguments as in `accounts_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, accounts_content, _controls(book), lang=lang, state=state)
