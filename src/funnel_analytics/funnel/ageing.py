"""The ageing of the open pipeline: how long its opportunities have stood in their stage. A stock, not a conversion."""

from functools import singledispatch

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..book_part import places
from ..codes import codes_of
from ..hygiene import is_placeholder
from .counts import Source
from .durations import standing_visits
from .evidence import UNKNOWN
from .groups import labelled, opportunity_groups

BANDS = (0, 15, 31, 61, 91, 181)
"""The first day of each band of age."""


def _ages(book: Book) -> np.ndarray:
    """(n,) days in the present stage of each opportunity; NaN where it is not open or no source tells the entry."""
    days = np.full(book.size, np.nan)
    visits = standing_visits(book)
    place = book.once(places, "stage_log")[visits.index]
    here = (place >= 0) & (place < book.size)
    days[place[here]] = visits["days"].to_numpy()[here]
    return days


@singledispatch
def age_counts(source: Source, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    """The open opportunities by stage and days in it.

    Parameters
    ----------
    source
        A book or a warehouse.
    by
        A column of the opportunities, or None.

    Returns
    -------
    counts : DataFrame
        group, stage (its place among the open stages; behind them where none is told), days (missing where no source
        tells the entry), opportunities, amount (the sum without placeholders). In process each has a row of its own.
    groups : Series
        What the groups are called.
    """
    raise NotImplementedError(type(source).__name__)


@age_counts.register
def _(book: Book, by: str | None) -> tuple[pd.DataFrame, pd.Series]:
    codes, values = opportunity_groups(book, by, tables.PIPELINE_AGEING)
    stages, amounts = book.methodology.open_stages, book.column("amount")
    stage = codes_of(book.column("stage"), stages)
    amount = amounts.mask(is_placeholder(amounts)).fillna(0.0).to_numpy(dtype="float64")
    is_open = (book.column("outcome") == "open").to_numpy()
    every = {"group": codes, "stage": np.where(stage < 0, len(stages), stage), "days": _ages(book), "amount": amount}
    return pd.DataFrame({name: column[is_open] for name, column in every.items()}).assign(opportunities=1), values


def pipeline_ageing(book: Source, *, by: str | None = None) -> pd.DataFrame:
    """Open opportunities by stage and by how long they have stood in it.

    Parameters
    ----------
    book
        A book or a warehouse; the age is known where a stage history, several exports or a stage date tell the entry.
    by
        A column of the opportunities to split by; None for the whole.

    Returns
    -------
    DataFrame
        `tables.PIPELINE_AGEING`: one row per stage that an open opportunity can hold, then ``unknown`` (the export
        names no stage), and band of age, the last one for ages that no source tells (per value of ``by``). The counts
        add up to the open opportunities. Amounts are missing where the book cannot add them up.

    Raises
    ------
    ArgumentError
        If there is no such column.

    Notes
    -----
    A stock on one day. Whether an age is long, the stage's own stall line tells (`time_in_stage`). Placeholders
    (amount missing, negative, 0 or 1) are counted and add nothing to the sums.

    See Also
    --------
    time_in_stage : how long visits last, ended ones included.
    funnel_analytics.charts.pipeline_ageing : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> int(fa.pipeline_ageing(book)["opportunities"].sum()) == len(book.open_opportunities)
    True
    """
    counts, values = age_counts(book, by)
    stages = [*book.methodology.open_stages, UNKNOWN]
    bands, days = len(BANDS) + 1, counts["days"].to_numpy(dtype="float64")
    band = np.where(np.isnan(days), bands - 1, np.searchsorted(BANDS, np.nan_to_num(days), side="right") - 1)
    cell = ((counts["group"] * len(stages) + counts["stage"]) * bands + band).to_numpy(dtype="int64")
    size = len(values) * len(stages) * bands
    frame = pd.DataFrame({"opportunities": np.bincount(cell, counts["opportunities"], size).astype("int64")})
    frame["amount"] = np.bincount(cell, counts["amount"], size) if book.has_money else np.nan
    frame["stage"] = np.tile(np.repeat(stages, bands), len(values))
    frame["from_days"] = np.tile([*BANDS, np.nan], len(values) * len(stages))
    frame["to_days"] = np.tile([*(day - 1 for day in BANDS[1:]), np.nan, np.nan], len(values) * len(stages))
    frame = labelled(frame, by, values, len(stages) * bands)
    return tables.declare(frame, tables.PIPELINE_AGEING, book.context, by=by)
