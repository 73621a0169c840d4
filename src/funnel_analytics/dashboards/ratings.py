"""The rating sheet: the ten criteria with their questions as a form, and the class they lead to."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from .. import charts, tables
from ..accounts.profile import account_profile, account_row
from ..accounts.segments import account_segments
from ..arguments import checked
from ..book import Book
from ..rating_sheets.log import read_log, with_ratings
from ..reasons import segment_reasons
from ..words import label, number, percent, word
from ._content import Content

if TYPE_CHECKING:
    from ._live_form import RatingForm


@checked
def ratings_content(
    book: Book,
    *,
    account: str | None = None,
    file: str | Path = "ratings.xlsx",
    revenue_benchmark: float | None = None,
    lang: str | None = None,
) -> Content:
    """What the rating sheet shows of an account: its class and why, its profile, its place, every rating it ever had.

    Parameters
    ----------
    book
        The book.
    account
        Id or name of the account; None takes the first by name.
    file
        The ratings workbook, whose ratings count beside those of the book; it need not exist yet.
    revenue_benchmark
        As in `account_segments`.
    lang
        Language code.

    Raises
    ------
    ArgumentError
        If there is no such account.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> content = fa.dashboards.ratings_content(fa.load_sample(), account="Alder Motors", file="none.xlsx")
    >>> content.tiles[0]
    ('Segment', 'A+')
    """
    if book.accounts.empty:
        return Content(notes=[word("dashboards.empty", lang)])
    log, whole = read_log(Path(file), book), with_ratings(book, Path(file))
    asked = account if account is not None else str(whole.accounts.sort_values("account_name")["account_id"].iloc[0])
    chosen = account_row(whole, asked)["account_id"]
    segments = account_segments(whole, revenue_benchmark=revenue_benchmark)
    row = segments[segments["account_id"] == chosen]
    rows = whole.ratings[whole.ratings["account_id"] == chosen].drop_duplicates()
    rows = rows.sort_values("rated_on", ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    rows.attrs = {"table": tables.RATINGS.name, **whole.context}
    tiles = [
        (word("tables.segment", lang), label(row["segment"].iloc[0], lang, table=segments)),
        (word("tables.potential", lang), percent(row["potential"].iloc[0])),
        (
            word("tables.criteria_rated", lang),
            f"{number(row['criteria_rated'].iloc[0])} / {len(book.methodology.criteria)}",
        ),
    ]
    waiting = log.waiting[log.waiting["account_id"] == chosen]
    notes = [segment_reasons(row, lang).iloc[0]]
    if len(waiting):
        notes.append(word("ratings.waiting", lang, count=number(len(waiting))))
    profile = account_profile(whole, chosen, revenue_benchmark=revenue_benchmark)
    drawn = [charts.account_profile(profile, lang=lang), charts.account_segments(segments, lang=lang)]
    return Content(tiles, charts=drawn, table=rows, notes=notes)


@checked
def ratings(
    book: Book,
    *,
    file: str | Path = "ratings.xlsx",
    account: str | None = None,
    rated_by: str = "",
    rated_on: pd.Timestamp | str | None = None,
    lang: str | None = None,
) -> "RatingForm":
    """The rating sheet as a form that saves to a ratings workbook.

    Ratings are added, never overwritten: what somebody else has saved in the meantime counts, and both are kept. To
    work with them, read the workbook beside the exports: ``fa.read_exports(["exports/", "ratings.xlsx"])``.

    Parameters
    ----------
    book
        The book.
    file
        The ratings workbook (.xlsx); it need not exist yet.
    account
        Id or name of the account to begin with.
    rated_by
        Who rates.
    rated_on
        The day that the form begins with; None takes the book's.
    lang
        Language code.
    """
    from ._live_form import RatingForm

    day = book.as_of if rated_on is None else pd.Timestamp(rated_on)
    return RatingForm(book, Path(file), ratings_content, account=account, rated_by=rated_by, rated_on=day, lang=lang)
