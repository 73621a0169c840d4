"""Splitting by a column: one whole number per row, so that counting by group is one pass over the rows."""

from typing import Any

import numpy as np
import pandas as pd

from .. import tables
from ..book import Book
from ..book_part import column_codes


def group_codes(rows: pd.DataFrame, by: str | None, table: tables.Table) -> tuple[np.ndarray, pd.Series]:
    """The group of each row, and what the groups are called.

    The order is that of `tables.grouping`: sorted, a missing value last, as a group of its own.

    Parameters
    ----------
    rows
        (n, …) opportunities.
    by
        The column to split by; None for one group of all rows.
    table
        The table that is being made; its own columns cannot be split by.

    Returns
    -------
    codes : (n,) array of int
        Position of each row's group in ``values``.
    values : Series
        The groups' values, of the column's own kind; one missing value when ``by`` is None.

    Raises
    ------
    ArgumentError
        If there is no such column, or the table itself is about it.

    Examples
    --------
    >>> rows = pd.DataFrame({"region": ["South", None, "North", "South"]})
    >>> codes, values = group_codes(rows, "region", tables.WIN_RATES)
    >>> codes.tolist(), values.tolist()
    ([1, 2, 0, 1], ['North', 'South', nan])
    """
    if by is None:
        return np.zeros(len(rows), dtype="int64"), pd.Series([None], dtype=object)
    tables.check_split(rows.columns, by, table)
    codes, found = pd.factorize(rows[by], sort=True)
    return _missing_last(codes.astype("int64"), pd.Series(found, dtype=rows[by].dtype))


def shared_groups(
    first: pd.DataFrame, second: pd.DataFrame, by: str | None, table: tables.Table
) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """`group_codes` of two tables that share their groups: the codes of each, and what the groups are called.

    Examples
    --------
    >>> before, after = pd.DataFrame({"region": ["South", "North"]}), pd.DataFrame({"region": ["West"]})
    >>> first, second, values = shared_groups(before, after, "region", tables.SLIPPAGE)
    >>> first.tolist(), second.tolist(), values.tolist()
    ([1, 0], [2], ['North', 'South', 'West'])
    """
    columns = [] if by is None else [by]
    codes, values = group_codes(pd.concat([first[columns], second[columns]], ignore_index=True), by, table)
    return codes[: len(first)], codes[len(first) :], values


def opportunity_groups(book: Book, by: str | None, table: tables.Table) -> tuple[np.ndarray, pd.Series]:
    """`group_codes` of a book's opportunities; the texts of a column are looked up once for a book and its parts."""
    if by is None:
        return np.zeros(book.size, dtype="int64"), pd.Series([None], dtype=object)
    tables.check_split(book.opportunity_columns, by, table)
    codes, every = book.once(column_codes, by)
    codes = codes[: book.size]
    present = np.bincount(codes + 1, minlength=len(every) + 1)[1:] > 0
    number = np.append(np.cumsum(present) - 1, -1)
    return _missing_last(number[codes], pd.Series(every[present]))


def _missing_last(codes: np.ndarray, values: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """A missing value as a group of its own, after the others."""
    if (codes < 0).any():
        codes = np.where(codes < 0, len(values), codes)
        values = pd.concat([values, pd.Series([None], dtype=values.dtype)], ignore_index=True)
    return codes, values


def stacked(parts: list[tuple[Any, pd.DataFrame]], by: str | None, table: tables.Table) -> pd.DataFrame:
    """The rows of each (group, rows) pair one below the other, with the name of the group in each row."""
    if not parts:
        names = table.names if by is None else [*table.names, by]
        return pd.DataFrame(columns=names, dtype="str")
    return pd.concat([rows if by is None else rows.assign(**{by: value}) for value, rows in parts], ignore_index=True)


def labelled(frame: pd.DataFrame, by: str | None, values: pd.Series, rows_per_group: int) -> pd.DataFrame:
    """The frame with the name of its group in each row; rows stand group by group."""
    if by is None:
        return frame
    names: Any = values.repeat(rows_per_group).reset_index(drop=True)
    return frame.assign(**{by: names})
