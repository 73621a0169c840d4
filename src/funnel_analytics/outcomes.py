"""How an opportunity stands: open, won or lost, as a key, and as a whole number where millions are compared."""

import pandas as pd

from .periods import Period

OUTCOMES = ("open", "won", "lost")
OPEN, WON, LOST = range(3)
"""Places in `OUTCOMES`."""
CLOSED = ("won", "lost")


def won_in(opportunities: pd.DataFrame, period: Period, as_of: pd.Timestamp) -> pd.DataFrame:
    """The opportunities won in a period up to a day, that day included.

    Parameters
    ----------
    opportunities
        (n, …) with ``outcome`` and ``close_date``.
    period
        The period.
    as_of
        The day; a win that bears a later date is none yet.

    Returns
    -------
    DataFrame
        Those rows, as they are.

    Examples
    --------
    >>> days = pd.to_datetime(["2026-09-30", "2026-10-01", "2026-11-20", "2026-11-21"])
    >>> rows = pd.DataFrame({"outcome": "won", "close_date": days})
    >>> quarter = Period("2026Q4", pd.Timestamp("2026-10-01"), pd.Timestamp("2026-12-31"))
    >>> won_in(rows, quarter, pd.Timestamp("2026-11-20")).index.tolist()
    [1, 2]
    """
    closed = opportunities["close_date"].between(period.start, min(period.end, as_of))
    return opportunities[(opportunities["outcome"] == "won") & closed]
