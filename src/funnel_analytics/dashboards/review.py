"""The review dashboard: the period on one page, and a button that writes the deck, the workbook and the page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import charts
from ..book import Book
from ..forecast.outlook import outlook
from ..funnel.changes import pipeline_changes
from ..reviews import write_reviews
from ..words import word
from ._content import Content, Control, filter_controls, filtered, period_control
from .forecast import forecast_content, forecast_tiles

if TYPE_CHECKING:
    from ._live import Dashboard

_TOP = 10


def _controls(book: Book) -> list[Control]:
    return [*filter_controls(book), period_control(book)]


def review_content(book: Book, *, period: str | None = None, lang: str | None = None, **filters: Any) -> Content:
    """What the review dashboard shows: the outlook, what changed, and the opportunities that matter most.

    Parameters
    ----------
    book
        The book.
    period
        A fiscal period; None means the quarter of the day after the book's date.
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
    part = filtered(book, filters)
    if part.opportunities.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    result = outlook(part, period=period)
    parts = result.set_index("component")
    tiles = forecast_tiles(parts.loc["total"], parts.loc["won", "mean"], part.currency, lang)
    drawn = [charts.outlook(result, lang=lang)]
    if len(part.export_dates) > 1:
        drawn.append(charts.pipeline_changes(pipeline_changes(part), lang=lang))
    return Content(tiles, drawn, forecast_content(part, period=period, lang=lang).table.head(_TOP))


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

    def write(book: Book, *, period: str | None = None, lang: str | None = None, **filters: Any) -> str:
        paths = write_reviews(filtered(book, filters), Path(folder), period=period, lang=lang, force=True)
        return word("dashboards.wrote", lang, paths=", ".join(str(path) for path in paths))

    return Dashboard(book, review_content, _controls(book), lang=lang, state=state, action=("write_review", write))
