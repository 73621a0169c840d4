"""A review of a book as files: which format, which name, all or none of them."""

from collections.abc import Callable, Mapping
from pathlib import Path

from ..atomic import refuse_existing, write_whole
from ..book import Book
from ..errors import OutputError, nearest
from ..languages import DEFAULT_LANGUAGE, language
from .contents import review_contents
from .outline import load_outline
from .shown import Wording, wording


def _slides(said: Wording) -> bytes:
    from .slides import slides

    return slides(said)


def _workbook(said: Wording) -> bytes:
    from .workbook import workbook

    return workbook(said)


def _page(said: Wording) -> bytes:
    from .page import page

    return page(said)


# Each format loads its library when it is asked for: importing the package must stay quick.
_FORMATS: Mapping[str, Callable[[Wording], bytes]] = {
    ".pptx": _slides,
    ".xlsx": _workbook,
    ".html": _page,
}


def write_review(
    book: Book,
    path: str | Path,
    *,
    period: str | None = None,
    outline: str | Path = "quarterly_review",
    template: str | Path | None = None,
    lang: str | None = None,
    force: bool = False,
) -> Path:
    """Write the review of a period as one file; its ending decides the format.

    Parameters
    ----------
    book
        The book.
    path
        Where to write: ``.pptx`` (slides with charts that can be edited), ``.xlsx`` (tables, charts and a
        what-if sheet that calculates) or ``.html`` (one page that needs no network). Missing folders are made.
    period
        A fiscal period such as ``"2026Q4"``; None means the quarter of the day after ``book.as_of``.
    outline
        Which pages: ``quarterly_review``, ``forecast_call``, ``account_review`` or the path of an outline (TOML).
    template
        The team's own .pptx or .potx for the slides; None means a plain layout of our own.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.
    force
        Replace a file that is there.

    Returns
    -------
    Path
        The file written. The same book and options give the same bytes.

    Raises
    ------
    OutputError
        If the ending is none of these, the file exists and ``force`` is not given, or it cannot be written.
    ArgumentError
        If the period or the language is not known, or the outline or the template is wrong.
    CurrencyError, AmountError
        If the book's amounts cannot be added up; nothing is written then.

    Examples
    --------
    >>> import funnel_analytics as fa, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fa.write_review(fa.load_sample(), f"{folder}/review.xlsx", period="2026Q4").name
    'review.xlsx'
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _FORMATS:
        raise OutputError(f"'{target.name}' has no ending of a review.{nearest(suffix, _FORMATS)}")
    code = language(lang)
    refuse_existing([target], force=force)
    said = wording(review_contents(book, period=period, outline=outline), code, template=_path(template))
    write_whole({target: _FORMATS[suffix](said)}, force=force)
    return target


def write_reviews(
    book: Book,
    folder: str | Path,
    *,
    period: str | None = None,
    outline: str | Path = "quarterly_review",
    template: str | Path | None = None,
    lang: str | None = None,
    force: bool = False,
) -> list[Path]:
    """Write the review of a period as slides, workbook and page, all computed once; all three or none.

    Parameters
    ----------
    book, period, outline, template, lang, force
        As in `write_review`.
    folder
        Where to write; made if missing. The files are called ``review-2026Q4``, or after another outline
        ``forecast_call-2026Q4``, with the language added where it is not English.

    Returns
    -------
    list of Path
        The .pptx, the .xlsx and the .html.

    Raises
    ------
    OutputError, ArgumentError, CurrencyError, AmountError
        As in `write_review`; before anything is written.
    """
    code = language(lang)
    key = load_outline(outline).key
    parts = ["review" if key == "quarterly_review" else key, book.period(period).label]
    stem = "-".join(parts if code == DEFAULT_LANGUAGE else [*parts, code])
    paths = {suffix: Path(folder) / f"{stem}{suffix}" for suffix in _FORMATS}
    refuse_existing(list(paths.values()), force=force)
    said = wording(review_contents(book, period=period, outline=outline), code, template=_path(template))
    files = {path: _FORMATS[suffix](said) for suffix, path in paths.items()}
    return write_whole(files, force=force)


def _path(template: str | Path | None) -> Path | None:
    return None if template is None else Path(template)
