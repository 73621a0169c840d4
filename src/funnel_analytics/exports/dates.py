"""From columns of text to dates, in the order of day and month that fits all their values."""

import pandas as pd

from .parsed import Parsed


def date_order(columns: list[pd.Series]) -> str | None:
    """DMY, MDY or YMD where the values of these columns together leave no choice; else None."""
    raise NotImplementedError(columns)


def parse_dates(column: pd.Series, *, order: str | None = None, with_time: bool = False) -> Parsed:
    """Dates in any usual form; ``order`` (DMY, MDY, YMD) settles what the values leave open."""
    raise NotImplementedError(column, order, with_time)
