"""What a dashboard shows, before any widget: tiles, charts, a table, notes; and the controls it offers."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import pandas as pd
from matplotlib.axes import Axes

from ..book import Book
from ..charts import png_with_regions
from ..errors import ArgumentError, nearest
from ..forecast.as_known import book_as_of
from ..periods import period_labels
from ..words import label, short_number, word

FILTERS = ("owner", "team", "region", "segment", "product", "pipeline")
"""Dimensions that every dashboard filters by, where the book holds at least two values."""


_MOST_PARTS = 24
"""So many parts of a book stay known, with what was computed of them."""
_TELLING: ContextVar[Callable[[str], None] | None] = ContextVar("telling", default=None)


@dataclass(frozen=True)
class Content:
    """What a view shows for one setting of its controls."""

    tiles: Sequence[tuple[str, str]] = ()
    """(label, value) pairs in words."""
    charts: Sequence[Axes] = ()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Rows behind the charts, canonical columns."""
    notes: Sequence[str] = ()
    changes: Mapping[str, str] = field(default_factory=dict)
    """Label of a tile → what became of its value since the previous export."""


@dataclass(frozen=True)
class Picture:
    """A chart drawn: the picture, its parts that can be chosen, and its words for those who cannot see it."""

    png: bytes
    regions: Sequence[Mapping[str, Any]]
    title: str
    description: str
    """The title, and the value of every part."""


def drawn(ax: Axes) -> Picture:
    """A chart's picture."""
    picture, found = png_with_regions(ax)
    title = ax.get_title(loc="left")
    texts = "\n".join([title, *(region.text for region in found)])
    return Picture(picture, [asdict(region) for region in found], title, texts)


Builder = Callable[..., Content]
_View = TypeVar("_View")


@dataclass(frozen=True)
class Control:
    """One thing a person can set: an argument of the dashboard's function."""

    name: str
    choices: tuple[Any, ...] = ()
    """Values to choose from; None means "all". Empty: an amount is typed."""
    default: Any = None
    """The value at first; of an amount what is taken while none is typed."""
    several: bool = False
    """Any number of the choices may be taken: the argument is a list of them."""
    names: Mapping[Any, str] = field(default_factory=dict)
    """What choices are called that have no word of their own."""

    def option_label(self, value: Any, lang: str, table: pd.DataFrame | None = None) -> str:
        """How a choice is called."""
        if value in self.names:
            return self.names[value]
        if value is None:
            return word("dashboards.none" if self.name == "by" else "dashboards.all", lang)
        if self.name == "by":
            return word(f"tables.{value}", lang)
        if self.name == "view":
            return word(f"charts.{value}.title", lang)
        if isinstance(value, pd.Timestamp):
            return f"{value:%Y-%m-%d}"
        return label(value, lang, table=table)


def filter_controls(book: Book) -> list[Control]:
    """A control for each dimension in which the book's opportunities differ."""
    controls = []
    for column in FILTERS:
        values = book.choices(column)
        if len(values) > 1:
            controls.append(Control(column, (None, *values)))
    return controls


def period_control(book: Book, *, optional: bool = False) -> Control:
    """Fiscal quarters from the first close date to the last, the book's own as default."""
    rows = book.opportunities
    dates = pd.concat([rows["close_date"], pd.Series([book.as_of, book.period().start])]).dropna()
    # Wrong centuries in an export must not make a list of thousands of quarters.
    dates = dates[(dates > book.as_of - pd.DateOffset(years=5)) & (dates < book.as_of + pd.DateOffset(years=3))]
    labels = sorted(set(period_labels(dates, "quarter", book.calendar).dropna()))
    return Control("period", (None, *labels) if optional else tuple(labels), None if optional else book.period().label)


def date_control(name: str, book: Book, default: pd.Timestamp) -> Control:
    """The dates that the book knows: its exports, and month ends where the whole team has a change history."""
    dates = set(book.export_dates)
    # The history is asked for too: a warehouse, which has none in memory, then says what to do.
    if book.history is not None and book.history_from is not None:
        start = max(book.history_from, book.as_of - pd.DateOffset(years=2))
        dates |= {pd.Timestamp(date) for date in pd.date_range(start, book.as_of, freq="ME")}
    dates.add(default)
    return Control(name, tuple(sorted(dates)), default)


def opportunity_controls(book: Book, names: Sequence[str]) -> list[Control]:
    """Controls to pick open opportunities, the largest amount first."""
    rows = book.open_opportunities.sort_values("amount", ascending=False, kind="stable")
    called = {
        str(key): f"{short_number(amount)} · {name if isinstance(name, str) else key}"
        for key, name, amount in rows[["opportunity_id", "opportunity_name", "amount"]].itertuples(index=False)
    }
    if not called:
        return []
    return [Control(name, tuple(called), several=True, names=called) for name in names]


def chosen_view(views: Mapping[str, _View], view: str) -> _View:
    """What makes a view.

    Raises
    ------
    ArgumentError
        If the dashboard has no such view.
    """
    if view not in views:
        raise ArgumentError(f"This dashboard has no view '{view}'.{nearest(view, views)}")
    return views[view]


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> None:
    """Refuse a value that a control does not offer; None is "all".

    Raises
    ------
    ArgumentError
        If the value is none of the choices: the list would be empty, or whole, without a word.
    """
    accepted = list(choices)
    if value is not None and value not in accepted:
        raise ArgumentError(f"'{value}' cannot be chosen for {name}.{nearest(str(value), map(str, accepted[:40]))}")


def as_of_control(book: Book) -> list[Control]:
    """The days as of which the book can be seen, where it knows more than its own."""
    control = date_control("as_of", book, book.as_of)
    return [control] if len(control.choices) > 1 else []


def seen_at(book: Book, as_of: pd.Timestamp | str | None) -> Book:
    """The book as it was known on a day; None means its own."""
    day = book.as_of if as_of is None else pd.Timestamp(as_of)
    return book if day == book.as_of else book.once(book_as_of, day)


def filtered(book: Book, filters: dict[str, Any]) -> Book:
    """The book's part that the filters keep.

    Raises
    ------
    ArgumentError
        If a filter is not a dimension of the opportunities.
    """
    for name in filters:
        if name not in book.opportunity_columns:
            raise ArgumentError(f"This dashboard has no control '{name}'.{nearest(name, FILTERS)}")
    asked = tuple(sorted((name, value) for name, value in filters.items() if value is not None))
    try:
        return book.once(_parts)(asked)
    except TypeError:
        # A list of values, from a notebook, cannot be looked up.
        return book.where(**filters)


def _parts(book: Book) -> Callable[[tuple[tuple[str, Any], ...]], Book]:
    """What gives the parts of a book; the last ones stay known."""
    return lru_cache(_MOST_PARTS)(lambda asked: book.where(**dict(asked)))


def computed(book: Book, analysis: Callable[..., pd.DataFrame], **asked: Hashable) -> pd.DataFrame:
    """The table of an analysis, computed once for each part of a book: another language or chart only draws it again.

    Parameters
    ----------
    book
        The part.
    analysis
        The function; a dashboard that waits for it is told its name.
    **asked
        Its further arguments.
    """
    return book.once(_run, analysis, tuple(sorted(asked.items())))


def _run(book: Book, analysis: Callable[..., pd.DataFrame], asked: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    if (tell := _TELLING.get()) is not None:
        tell(analysis.__name__)
    return analysis(book, **dict(asked))


@contextmanager
def telling(tell: Callable[[str], None]) -> Iterator[None]:
    """While inside, ``tell`` is called with the name of each analysis that `computed` begins."""
    token = _TELLING.set(tell)
    try:
        yield
    finally:
        _TELLING.reset(token)
