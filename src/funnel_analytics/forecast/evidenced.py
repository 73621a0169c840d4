"""The outlook as claimed and as evidenced: each stage replaced by the one that its evidence supports."""

from dataclasses import replace

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..funnel.evidence import evidence_support
from .model.ledger import with_past_of
from .outlook import outlook
from .scenarios import outlook_line


def as_evidenced(book: Book, *, validated: bool = False) -> Book:
    """The same book with the stage of each open opportunity replaced by the one that its evidence supports.

    Parameters
    ----------
    book
        A book with evidence.
    validated
        Count only evidence that a manager has validated.

    Returns
    -------
    Book
        Amounts, dates and the stage log are those of the book: what is learned from the past stays as it was claimed.
        An opportunity whose evidence does not even support the first stage stands in the first; one whose export names
        no stage, and of which nothing is evidenced, keeps none.

    Raises
    ------
    EvidenceError
        If the methodology asks for no evidence, or the book holds none.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> evidenced = fa.as_evidenced(book)
    >>> int((evidenced.open_opportunities["stage"] != book.open_opportunities["stage"]).sum()) > 0
    True
    """
    support = evidence_support(book)
    place = support.validated if validated else support.evidenced
    names = np.array([stage.key for stage in support.stages], dtype=object)
    stages = pd.Series(names[np.maximum(place, 1) - 1], index=support.opportunities.index, dtype="str")
    stages = stages.mask((place == 0) & (support.claimed == 0))
    opportunities = book.opportunities
    opportunities.loc[stages.index, "stage"] = stages
    return with_past_of(
        replace(book, frames={**book.frames, "opportunities": opportunities, "stage_log": book.stage_log}), book
    )


def evidenced_outlook(
    book: Book, *, period: str | None = None, quota: float | None = None, draws: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """The outlook of a period by the stages as claimed, as evidenced, and as managers validated them.

    Parameters
    ----------
    book
        A book with evidence.
    period, quota, draws, seed
        As in `outlook`.

    Returns
    -------
    DataFrame
        `tables.EVIDENCED_OUTLOOK`: rows claimed, evidenced and validated.

    Raises
    ------
    EvidenceError
        If the methodology asks for no evidence, or the book holds none.
    CurrencyError, AmountError
        If amounts cannot be added up.

    Notes
    -----
    The chances were learned from stages as they were claimed, which will have run ahead of their evidence in the past
    too. The evidenced reading is therefore cautious, not the better estimate: its distance from the claimed one shows
    how much of the outlook rests on claims that nobody can prove yet.

    See Also
    --------
    funnel_analytics.evidenced_pipeline : the same comparison of the open pipeline.
    funnel_analytics.charts.evidenced_outlook : the same table, drawn.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.evidenced_outlook(fa.load_sample(), draws=500)
    >>> table["reading"].tolist()
    ['claimed', 'evidenced', 'validated']
    """
    readings = {"claimed": book, "evidenced": as_evidenced(book), "validated": as_evidenced(book, validated=True)}
    claimed = book.open_opportunities["stage"]
    order = book.methodology.orders
    rows = []
    for name, reading in readings.items():
        stage = reading.open_opportunities["stage"]
        result = outlook(reading, period=period, quota=quota, draws=draws, seed=seed)
        rows.append(
            {
                "reading": name,
                "lower": int((order(stage) < order(claimed)).sum()),
                "higher": int((order(stage) > order(claimed)).sum()),
                **outlook_line(result),
            }
        )
    frame = pd.DataFrame(rows)
    frame["difference"] = frame["mean"] - frame["mean"].iloc[0]
    return tables.declare(frame, tables.EVIDENCED_OUTLOOK, book.context)
