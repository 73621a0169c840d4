"""Placeholder amounts and overdue close dates: one definition for every analysis that counts or leaves out such rows."""

import pandas as pd

PLACEHOLDER = 1.0
"""Amounts up to this are typed because the CRM wants a number."""


def is_placeholder(amount: pd.Series, up_to: float = PLACEHOLDER) -> pd.Series:
    """Whether an amount says nothing: missing, negative, 0 or 1.

    Examples
    --------
    >>> is_placeholder(pd.Series([None, 0.0, 1.0, 2.0])).tolist()
    [True, True, True, False]
    """
    return ~(amount > up_to)


def days_overdue(close_date: pd.Series, as_of: pd.Timestamp) -> pd.Series:
    """Days since a close date passed; negative where it is still to come, missing where there is none.

    Examples
    --------
    >>> days_overdue(pd.Series([pd.Timestamp("2026-09-20")]), pd.Timestamp("2026-09-30")).tolist()
    [10.0]
    """
    return (as_of - close_date).dt.days.astype("float64")
