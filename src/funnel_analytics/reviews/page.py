"""The review as one self-contained HTML file: opens anywhere, offline, and prints."""

from importlib.resources import files

import jinja2
import pandas as pd
from markupsafe import Markup

from .. import charts
from ..words import cell, word
from .contents import Contents
from .shown import Shown, kind_of, wording

_ROWS = 60
_DRAWN = (
    "outlook",
    "weighted_forecast",
    "pipeline_changes",
    "stage_conversion",
    "time_in_stage",
    "win_rates",
    "account_segments",
)
_NUMERIC = {"money", "rate", "count", "days", "number"}
LISTED = {
    "outlook_opportunities": [
        "opportunity_name",
        "account_name",
        "owner",
        "segment",
        "stage",
        "amount",
        "close_date",
        "probability",
        "expected",
    ],
    "account_segments": [
        "account_name",
        "owner",
        "segment",
        "current_revenue",
        "potential",
        "open_opportunities",
        "open_amount",
        "won_amount",
    ],
    "win_rates": ["rate", "opportunities", "won", "lost", "open", "win_rate", "win_low", "win_high", "win_rate_value"],
    "stage_conversion": [
        "stage",
        "entered",
        "advanced",
        "lost",
        "open",
        "advance_rate",
        "wilson_low",
        "wilson_high",
        "advance_low",
        "advance_high",
    ],
    "time_in_stage": [
        "stage",
        "visits",
        "open_visits",
        "median_days",
        "median_low_days",
        "median_high_days",
        "stall_days",
        "stalled_opportunities",
    ],
    "weighted_forecast": ["period", "opportunities", "amount", "weighted_nominal", "weighted_crm", "weighted_measured"],
    "outlook": ["component", "opportunities", "mean", "p10", "p50", "p90", "quota", "p_quota"],
}
"""The columns that a reader of a page or slide wants; the workbook has them all."""


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """A list with what matters most first."""
    by = {"outlook_opportunities": "expected"}.get(str(table.attrs["table"]))
    if by is None:
        return table
    result = table.sort_values(by, ascending=False)
    result.attrs = table.attrs
    return result


def listed_columns(table: pd.DataFrame) -> list[str]:
    """The columns to show of a table, in order."""
    wanted = LISTED.get(str(table.attrs["table"]))
    return [name for name in wanted if name in table] if wanted else list(table.columns)


def _cells(page: Shown, lang: str) -> dict[str, object]:
    """A page's table as headings and cells of text; jinja escapes both."""
    table = ordered(page.table)
    names = listed_columns(table)
    kinds = [kind_of(table, name) for name in names]
    body = [
        [
            (cell(value, kind, lang, table=table), kind in _NUMERIC, "" if pd.isna(value) else str(value))
            for value, kind in zip(row, kinds, strict=True)
        ]
        for row in table.head(_ROWS)[names].itertuples(index=False)
    ]
    more = word("reviews.more_rows", lang, count=len(table) - _ROWS) if len(table) > _ROWS else ""
    return {
        "headings": [(word(f"tables.{name}", lang), kind in _NUMERIC) for name, kind in zip(names, kinds, strict=True)],
        "rows": body,
        "more": more,
    }


def _picture(page: Shown, lang: str) -> Markup | None:
    name = page.key
    if name not in _DRAWN:
        return None
    # Drawn by our own chart functions from escaped text paths: the one place where markup is let through.
    return Markup(charts.svg(getattr(charts, name)(page.table, lang=lang)))  # noqa: S704


def page(contents: Contents, lang: str) -> bytes:
    """The review as the bytes of an .html file.

    Parameters
    ----------
    contents
        The computed review.
    lang
        Language code.
    """
    said = wording(contents, lang)
    source = (files("funnel_analytics") / "resources" / "review.html.jinja").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages = [
        {"title": page.title, "notes": page.notes, "picture": _picture(page, lang), "table": _cells(page, lang)}
        for page in said.pages
    ]
    text = environment.from_string(source).render(
        lang=lang,
        title=said.title,
        subtitle=said.subtitle,
        tiles=said.tiles,
        pages=pages,
        left_out=said.left_out,
        sources=said.sources,
        words={key: word(f"reviews.{key}", lang) for key in ("left_out", "sources", "sort_hint")},
    )
    return text.encode("utf-8")
