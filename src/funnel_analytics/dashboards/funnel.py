"""The funnel dashboard: where opportunities advance, where they are lost, how long they stay, which deserve a second look."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes

from .. import charts, tables
from ..arguments import checked
from ..book import Book
from ..funnel.ageing import pipeline_ageing
from ..funnel.cohorts import conversion_cohorts, stage_transitions
from ..funnel.conversion import stage_conversion
from ..funnel.durations import time_in_stage
from ..funnel.evidence import evidenced_pipeline
from ..funnel.incidence_curves import stage_incidence
from ..funnel.inspection import opportunity_inspection
from ..funnel.survival_curves import stage_survival
from ..funnel.trend import conversion_trend
from ..funnel.win_rates import win_rates
from ..hygiene import SURE
from ..reasons import inspected
from ..words import MISSING, money, number, word
from ._content import (
    Content,
    Control,
    as_of_control,
    check_choice,
    chosen_view,
    computed,
    filter_controls,
    filtered,
    seen_at,
)
from ._tiles import Measure, changes_since, previous_part

if TYPE_CHECKING:
    from ._live import Dashboard

COUNTING = ("reached", "visited", "strict", "any")
_SPLITS = ("segment", "region", "team", "owner", "product")
_COLUMNS = [
    "opportunity_id",
    "opportunity_name",
    "account_name",
    "owner",
    "segment",
    "stage",
    "amount",
    "created_date",
    "close_date",
]


@dataclass(frozen=True)
class _Setting:
    """What the charts of a view follow."""

    by: str | None
    counting: str
    lang: str | None


def _conversion(part: Book, asked: _Setting) -> list[Axes]:
    table = computed(part, stage_conversion, by=asked.by, counting=asked.counting)
    return [
        charts.stage_conversion(table, lang=asked.lang),
        charts.time_in_stage(computed(part, time_in_stage, by=asked.by), lang=asked.lang),
    ]


def _funnel(part: Book, asked: _Setting) -> list[Axes]:
    return [
        charts.stage_funnel(computed(part, stage_conversion, by=asked.by, counting=asked.counting), lang=asked.lang),
        charts.stage_transitions(computed(part, stage_transitions, by=asked.by), lang=asked.lang),
    ]


def _trend(part: Book, asked: _Setting) -> list[Axes]:
    return [
        charts.conversion_trend(
            computed(part, conversion_trend, by=asked.by, counting=asked.counting), lang=asked.lang
        ),
        charts.conversion_cohorts(computed(part, conversion_cohorts, by=asked.by), lang=asked.lang),
    ]


def _curves(part: Book, asked: _Setting) -> list[Axes]:
    return [
        charts.stage_incidence(computed(part, stage_incidence, by=asked.by, counting=asked.counting), lang=asked.lang),
        charts.stage_survival(computed(part, stage_survival, by=asked.by), lang=asked.lang),
    ]


def _ageing(part: Book, asked: _Setting) -> list[Axes]:
    return [charts.pipeline_ageing(computed(part, pipeline_ageing, by=asked.by), lang=asked.lang)]


def _inspection(part: Book, asked: _Setting) -> list[Axes]:
    return [charts.opportunity_inspection(computed(part, opportunity_inspection), lang=asked.lang)]


def _evidence(part: Book, asked: _Setting) -> list[Axes]:
    return [charts.evidenced_pipeline(computed(part, evidenced_pipeline, by=asked.by), lang=asked.lang)]


_VIEWS: Mapping[str, Callable[[Book, _Setting], list[Axes]]] = {
    "stage_conversion": _conversion,
    "stage_funnel": _funnel,
    "conversion_trend": _trend,
    "stage_incidence": _curves,
    "pipeline_ageing": _ageing,
    "opportunity_inspection": _inspection,
    "evidenced_pipeline": _evidence,
}
_INSPECTED = ("opportunity_inspection", "evidenced_pipeline")
"""Views below which the opportunities stand with what is found about them."""


def _controls(book: Book) -> list[Control]:
    splits = tuple(column for column in _SPLITS if len(book.choices(column)) > 1)
    return [
        Control("view", tuple(_VIEWS), "stage_conversion"),
        *filter_controls(book),
        *as_of_control(book),
        Control("by", (None, *splits)),
        Control("counting", COUNTING, "reached"),
        Control("stage", (None, *book.methodology.open_stages)),
    ]


@checked
def funnel_content(
    book: Book,
    *,
    view: str = "stage_conversion",
    by: str | None = None,
    counting: str = "reached",
    stage: str | None = None,
    as_of: pd.Timestamp | str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the funnel dashboard shows.

    Parameters
    ----------
    book
        The book.
    view
        ``stage_conversion`` (with the time in stage), ``stage_funnel`` (by count and by amount, and where
        opportunities went), ``conversion_trend`` (two periods, and the cohorts), ``stage_incidence`` (how fast they
        advance, and how many are still there), ``pipeline_ageing``, ``opportunity_inspection`` (most money at risk
        first, with reasons in words) or ``evidenced_pipeline`` (claimed against evidenced).
    by
        Column to split by; None for the whole. The inspection is never split.
    counting
        Counting rule of `stage_conversion`.
    stage
        Show only the open opportunities of this stage in the list.
    as_of
        The day as of which the book is seen; None means its own.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Raises
    ------
    ArgumentError
        If the view, the column, the counting rule or the stage is not known.
    EvidenceError
        If claims are asked against evidence and the book holds none.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.funnel_content(fa.load_sample(), region="North")
    >>> len(content.charts)
    2
    """
    draw = chosen_view(_VIEWS, view)
    check_choice("stage", stage, book.methodology.open_stages)
    check_choice("counting", counting, COUNTING)
    book = seen_at(book, as_of)
    part = filtered(book, filters)
    if not part.size:
        return Content(notes=[word("dashboards.empty", lang)])
    # Whoever wins has passed every stage: without a single stage known, that says nothing of stages.
    staged = view == "opportunity_inspection" or part.holds("stage") or len(book.history) > 0
    drawn = draw(part, _Setting(by, counting, lang)) if staged else []
    notes = [] if staged else [word("dashboards.no_stages", lang)]
    notes += [word("dashboards.not_split", lang)] if by and view == "opportunity_inspection" else []
    measures = _measures(part)
    tiles = [one.told(part.currency, lang) for one in measures]
    changes = changes_since(measures, previous_part(book, filters), _measures, part.currency, lang)
    if view not in _INSPECTED:
        return Content(tiles, drawn, _open_list(part, stage), notes, changes)
    findings = computed(part, opportunity_inspection)
    listed = inspected(findings, lang)
    at_risk = money(listed["amount_at_risk"].sum(), part.currency, lang) if part.has_money else MISSING
    tiles.append((word("tables.amount_at_risk", lang), at_risk))
    shown = listed[listed["stage"] == stage].reset_index(drop=True) if stage else listed
    shown.attrs = findings.attrs
    return Content(tiles, drawn, shown, notes, changes)


def _open_list(part: Book, stage: str | None) -> pd.DataFrame:
    rows = part.open_opportunities
    shown = rows[rows["stage"] == stage] if stage else rows
    table = shown.sort_values("amount", ascending=False)[_COLUMNS].reset_index(drop=True)
    table.attrs = {"table": tables.OPPORTUNITIES.name, **part.context}
    return table


def _measures(part: Book) -> list[Measure]:
    closed = computed(part, win_rates).set_index("rate").reindex(["closed"]).iloc[0]
    # Of a few, or where no loss is recorded, a rate says more than is known.
    is_told = closed["opportunities"] >= SURE and closed["lost"] > 0
    counts = f"{number(closed['won'])} / {number(closed['opportunities'])}" if closed["opportunities"] > 0 else None
    unknown = computed(part, stage_conversion, by=None, counting="reached")["lost_stage_unknown"].max()
    return [
        Measure("open_opportunities", len(part.open_opportunities)),
        Measure("open_amount", part.open_amount if part.has_money else None, "money"),
        Measure("win_rate_closed", closed["win_rate"] if is_told else None, "percent", counts),
        Measure("lost_stage_unknown", unknown),
    ]


@checked
def funnel(book: Book, *, lang: str | None = None, **state: Any) -> "Dashboard":
    """The funnel dashboard as a widget; arguments as in `funnel_content` set its controls."""
    from ._live import Dashboard

    return Dashboard(book, funnel_content, _controls(book), lang=lang, state=state)
