"""The review dashboard: the period on one page, and a button that writes the deck, the workbook and the page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from .. import charts
from ..arguments import checked
from ..book import Book
from ..errors import FunnelError
from ..forecast.outlook import outlook, outlook_opportunities
from ..funnel.changes import pipeline_changes
from ..reviews import write_reviews
from ..reviews.views import View, add_views
from ..words import label, language, word
from ._content import (
    Content,
    Control,
    as_of_control,
    computed,
    drawn,
    filter_controls,
    filtered,
    period_control,
    seen_at,
)
from ._kept import kept_views
from ._tiles import previous_part
from .accounts import accounts_content
from .changes import changes_content
from .forecast import forecast_content, forecast_tiles
from .funnel import funnel_content

if TYPE_CHECKING:
    from ._live import Dashboard

_TOP = 10


def _controls(book: Book) -> list[Control]:
    return [*filter_controls(book), *as_of_control(book), period_control(book)]


@checked
def review_content(
    book: Book,
    *,
    period: str | None = None,
    as_of: pd.Timestamp | str | None = None,
    lang: str | None = None,
    **filters: Any,
) -> Content:
    """What the review dashboard shows: the outlook, what changed, and the opportunities that matter most.

    Parameters
    ----------
    book
        The book.
    period
        A fiscal period; None means the quarter of the day after the book's date.
    as_of
        The day as of which the book is seen; None means its own.
    lang
        Language code.
    **filters
        Columns of the opportunities and the value to keep.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> len(fa.dashboards.review_content(fa.load_sample()).table)
    10
    """
    book = seen_at(book, as_of)
    part = filtered(book, filters)
    if part.opportunities.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    period = book.period(period).label
    result = computed(part, outlook, period=period)
    tiles, changes = forecast_tiles(part, previous_part(book, filters), result, period, lang)
    shown = [charts.outlook(result, lang=lang)]
    if len(part.export_dates) > 1:
        shown.append(charts.pipeline_changes(computed(part, pipeline_changes), lang=lang))
    return Content(tiles, shown, computed(part, outlook_opportunities, period=period).head(_TOP), changes=changes)


_BUILDERS = {
    "accounts": accounts_content,
    "funnel": funnel_content,
    "changes": changes_content,
    "forecast": forecast_content,
    "review": review_content,
}


def _views(book: Book, lang: str | None) -> tuple[list[View], list[str]]:
    """Pictures of the views that were kept, and why some could not be drawn."""
    views, problems = [], []
    for name, kept in kept_views():
        state = {key: value for key, value in kept.items() if key != "lang"}
        try:
            content = _BUILDERS[name](book, **state, lang=lang)
        except (FunnelError, KeyError, TypeError) as problem:
            # Kept over other exports, or by another version.
            problems.append(word("dashboards.view_left_out", lang, name=name, reason=problem))
            continue
        chosen = " · ".join(f"{word(f'dashboards.{key}', lang)}: {_told(value, lang)}" for key, value in state.items())
        pictures = [drawn(ax) for ax in content.charts]
        views += [View(picture.title, chosen, picture.png, picture.description) for picture in pictures]
    return views, problems


def _told(value: Any, lang: str | None) -> str:
    return ", ".join(value) if isinstance(value, list) else label(str(value), lang)


@checked
def review(book: Book, *, folder: str | Path = "review", lang: str | None = None, **state: Any) -> "Dashboard":
    """The review dashboard as a widget, with a button that writes the review into a folder.

    Parameters
    ----------
    book
        The book.
    folder
        Where the three files go; files of an earlier press are replaced.
    lang
        Language code.
    **state
        Settings of the controls, as in `review_content`.
    """
    from ._live import Dashboard

    def write(
        book: Book,
        *,
        period: str | None = None,
        as_of: pd.Timestamp | None = None,
        lang: str | None = None,
        **filters: Any,
    ) -> str:
        whole = seen_at(book, as_of)
        part = filtered(whole, filters)
        paths = write_reviews(part, Path(folder), period=period, lang=lang, force=True)
        said = [word("dashboards.wrote", lang, paths=", ".join(str(path) for path in paths))]
        views, problems = _views(book, lang)
        if views:
            add_views(paths[0], views, language(lang), part.as_of)
            said.append(word("dashboards.views_added", lang, count=len(views)))
        return " ".join([*said, *problems])

    return Dashboard(book, review_content, _controls(book), lang=lang, state=state, action=("write_review", write))
