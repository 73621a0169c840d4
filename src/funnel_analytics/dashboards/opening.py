"""The first screen: a person brings exports and goes on with their book; and all dashboards of a book as tabs."""

from collections.abc import Callable, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from ..arguments import checked
from ..book import Book
from ..languages import language, word
from .accounts import accounts
from .changes import changes
from .forecast import forecast
from .funnel import funnel
from .review import review

if TYPE_CHECKING:
    from ._live import Tabs
    from ._live_open import OpenPanel

_VIEWS = {"accounts": accounts, "funnel": funnel, "changes": changes, "forecast": forecast, "review": review}


@checked
def open_exports(
    paths: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    *,
    show: Callable[..., Any] | None = None,
    lang: str | None = None,
    **reading: Any,
) -> "OpenPanel":
    """A panel to bring exports: files that are dropped, or a folder; then ``panel.book`` is their book.

    It shows the receipt and asks what the reading left open: in which order day and month stand, which stages the
    unknown labels are, the currency and its rates. Uploaded files are copied into a temporary folder while they are
    read, and nowhere else.

    Parameters
    ----------
    paths
        What to read at once; nothing waits for a person.
    show
        What to show of the book below the receipt, called with the book and ``lang``: a dashboard's function, or
        `explore`.
    lang
        Language code.
    **reading
        Further arguments of `read_exports`.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> panel = fa.dashboards.open_exports()
    >>> panel.book
    Traceback (most recent call last):
        ...
    funnel_analytics.errors.ArgumentError: Nothing has been read yet: choose files or a folder above, then run this again.
    """
    from ._live_open import OpenPanel

    listed = [paths] if isinstance(paths, str | PathLike) else list(paths)
    return OpenPanel([str(path) for path in listed], show, lang=lang, reading=reading)


@checked
def explore(book: Book, *, lang: str | None = None) -> "Tabs":
    """All dashboards of a book as tabs; each is made when it is first looked at.

    Parameters
    ----------
    book
        The book.
    lang
        Language code.
    """
    from ._live import Tabs

    code = language(lang)
    made = [
        (word(f"dashboards.tabs.{name}", code), lambda view=view: view(book, lang=code))
        for name, view in _VIEWS.items()
    ]
    return Tabs(made)
