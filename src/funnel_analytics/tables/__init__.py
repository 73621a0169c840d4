"""The data dictionary: every table's grain and columns, with kinds, units and meaning.

It feeds the documentation, the headings of the Excel workbook, the charts' checks and the tests.
Tables hold keys and numbers; words are added where a table is shown.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from ..errors import ArgumentError, TableError, nearest
from . import accounts, data, forecast, funnel
from .accounts import (
    ACCOUNT_ASSESSMENT as ACCOUNT_ASSESSMENT,
    ACCOUNT_PLAN as ACCOUNT_PLAN,
    ACCOUNT_PROFILE as ACCOUNT_PROFILE,
    ACCOUNT_SEGMENTS as ACCOUNT_SEGMENTS,
    SEGMENT_CHANGE_LINES as SEGMENT_CHANGE_LINES,
    SEGMENT_CHANGES as SEGMENT_CHANGES,
    SEGMENT_EFFORT as SEGMENT_EFFORT,
    WHITESPACE as WHITESPACE,
    WHITESPACE_BY_SEGMENT as WHITESPACE_BY_SEGMENT,
)
from .data import (
    ACCOUNT_SNAPSHOTS as ACCOUNT_SNAPSHOTS,
    ACCOUNTS as ACCOUNTS,
    ARCHIVE as ARCHIVE,
    CALLS as CALLS,
    EVIDENCE as EVIDENCE,
    HISTORY as HISTORY,
    ISSUES as ISSUES,
    OPPORTUNITIES as OPPORTUNITIES,
    QUOTAS as QUOTAS,
    RATINGS as RATINGS,
    RECEIPT as RECEIPT,
    RECORDS as RECORDS,
    SNAPSHOTS as SNAPSHOTS,
    STAGE_LOG as STAGE_LOG,
)
from .declaration import DTYPES as DTYPES, FORMATS as FORMATS, Column as Column, Table as Table
from .forecast import (
    CALL_ACCURACY as CALL_ACCURACY,
    CALL_ERRORS as CALL_ERRORS,
    EVIDENCED_OUTLOOK as EVIDENCED_OUTLOOK,
    FORECAST_ACCURACY as FORECAST_ACCURACY,
    FORECAST_BACKTEST as FORECAST_BACKTEST,
    FORECAST_RELIABILITY as FORECAST_RELIABILITY,
    OUTLOOK as OUTLOOK,
    OUTLOOK_DISTRIBUTION as OUTLOOK_DISTRIBUTION,
    OUTLOOK_DRIVERS as OUTLOOK_DRIVERS,
    OUTLOOK_OPPORTUNITIES as OUTLOOK_OPPORTUNITIES,
    PIPELINE_COVERAGE as PIPELINE_COVERAGE,
    QUOTA_PACING as QUOTA_PACING,
    SCENARIO_OUTLOOK as SCENARIO_OUTLOOK,
    WEIGHTED_FORECAST as WEIGHTED_FORECAST,
    WEIGHTED_FORECAST_OPPORTUNITIES as WEIGHTED_FORECAST_OPPORTUNITIES,
)
from .funnel import (
    CONVERSION_COHORTS as CONVERSION_COHORTS,
    CONVERSION_TREND as CONVERSION_TREND,
    EVIDENCED_PIPELINE as EVIDENCED_PIPELINE,
    OPPORTUNITY_INSPECTION as OPPORTUNITY_INSPECTION,
    PIPELINE_AGEING as PIPELINE_AGEING,
    PIPELINE_CHANGE_LINES as PIPELINE_CHANGE_LINES,
    PIPELINE_CHANGES as PIPELINE_CHANGES,
    PIPELINE_FLOW as PIPELINE_FLOW,
    PUSH_COUNTS as PUSH_COUNTS,
    SALES_VELOCITY as SALES_VELOCITY,
    SLIPPAGE as SLIPPAGE,
    STAGE_CONVERSION as STAGE_CONVERSION,
    STAGE_INCIDENCE as STAGE_INCIDENCE,
    STAGE_SURVIVAL as STAGE_SURVIVAL,
    STAGE_TRANSITIONS as STAGE_TRANSITIONS,
    TIME_IN_STAGE as TIME_IN_STAGE,
    WIN_RATES as WIN_RATES,
)

TABLES: Mapping[str, Table] = {
    declared.name: declared
    for room in (data, accounts, funnel, forecast)
    for declared in vars(room).values()
    if isinstance(declared, Table)
}
"""Every declared table by name."""


_STORED = {name: pd.api.types.pandas_dtype(name) for name in DTYPES.values()}


def conform(frame: pd.DataFrame, table: Table, *, keep_extra: bool = False) -> pd.DataFrame:
    """A copy with exactly the declared columns, in order and of the declared kinds.

    Parameters
    ----------
    frame
        Any frame; a declared column that it lacks is added empty (counts as 0, flags as False).
    table
        The declaration.
    keep_extra
        Keep columns that are not declared, after the declared ones.

    Examples
    --------
    >>> conform(pd.DataFrame({"quota": [5]}), QUOTAS).columns.tolist()
    ['owner', 'team', 'period', 'quota']
    """
    wanted = [DTYPES[column.kind] for column in table.columns]
    declared = len(table.names)
    if list(frame.columns[:declared]) == table.names and list(map(str, frame.dtypes.iloc[:declared])) == wanted:
        return (frame if keep_extra else frame.iloc[:, :declared]).copy(deep=False)
    data: dict[str, pd.Series] = {}
    blank: dict[str, pd.Series] = {}
    for column in table.columns:
        dtype = DTYPES[column.kind]
        if column.name in frame:
            values = frame[column.name]
            if dtype == "int64" and values.isna().any():
                values = values.fillna(0)
            # Most columns are of their kind already: to ask is cheaper than to convert.
            data[column.name] = values if values.dtype == _STORED[dtype] else values.astype(dtype)
        else:
            empty: Any = 0 if dtype == "int64" else False if dtype == "bool" else None
            if dtype not in blank:
                blank[dtype] = pd.Series(empty, index=frame.index, dtype=dtype)
            data[column.name] = blank[dtype]
    # Under copy-on-write columns can be shared; packed by kind, every one would be copied.
    result = pd.DataFrame(data, index=frame.index, copy=False)
    if keep_extra:
        for name in frame.columns.difference(table.names, sort=False):
            result[name] = frame[name]
    return result


def declare(frame: pd.DataFrame, table: Table, context: Mapping[str, Any], *, by: str | None = None) -> pd.DataFrame:
    """The result of an analysis: declared columns in order, the grouping column first, context attached.

    Parameters
    ----------
    frame
        The computed rows.
    table
        Its declaration.
    context
        ``book.context``: currency, as_of and the methodology's words; kept in ``frame.attrs`` so that
        a chart can label what it draws.
    by
        Name of the grouping column, kept in front. Rows come group by group; of classes the best comes first.
    """
    if by == "segment":
        place = {key: place for place, key in enumerate(context["segments"])}
        frame = frame.sort_values(by, key=lambda keys: keys.map(place), kind="stable", ignore_index=True)
    result = conform(frame, table).reset_index(drop=True)
    if by is not None and by not in table.names:
        result.insert(0, by, frame[by].to_numpy())
    result.attrs = {**context, "table": table.name, "by": by}
    return result


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The same frame, if it holds what a table promises.

    Raises
    ------
    TableError
        If it is no table, or a declared column is missing; the message names the nearest column and where such a
        table comes from.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TableError(
            f"A {type(frame).__name__} is no {table.name} table. Pass what funnel_analytics.{table.name}(book) returns."
        )
    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        guess = nearest(missing[0], [str(column) for column in frame.columns])
        raise TableError(
            f"This is not a {table.name} table: it has no column '{missing[0]}'.{guess}"
            f" Pass what funnel_analytics.{table.name}(book) returns."
        )
    return frame


@lru_cache
def _agreed_kinds() -> Mapping[str, str]:
    """The kind of each column by its name, where all tables that have it agree."""
    kinds: dict[str, set[str]] = {}
    for table in TABLES.values():
        for column in table.columns:
            kinds.setdefault(column.name, set()).add(column.kind)
    return {name: next(iter(found)) for name, found in kinds.items() if len(found) == 1}


def column_kind(frame: pd.DataFrame, name: str) -> str:
    """The kind of a column: as its table declares it, else as all other tables do, else by what it holds.

    Examples
    --------
    >>> rows = pd.DataFrame({"amount": [5.0], "headcount": [3], "city": ["Bonn"]})
    >>> [column_kind(rows, name) for name in rows]
    ['money', 'count', 'text']
    """
    declared = TABLES.get(str(frame.attrs.get("table", "")))
    column = declared.column(name) if declared else None
    kind = column.kind if column else _agreed_kinds().get(name, "text")
    if kind != "text":
        return kind
    if pd.api.types.is_integer_dtype(frame[name]):
        return "count"
    is_number, is_day = pd.api.types.is_numeric_dtype, pd.api.types.is_datetime64_any_dtype
    return "number" if is_number(frame[name]) else "date" if is_day(frame[name]) else "text"


def group_column(frame: pd.DataFrame, table: Table) -> str | None:
    """The column an analysis was split by; None for the whole team."""
    extra = [str(name) for name in frame.columns if name not in table.names]
    return extra[0] if extra else None


def check_split(columns: Iterable[Any], by: str, table: Table | None = None) -> None:
    """Refuse to split by a column that is not there, or that the table to be made has itself.

    Raises
    ------
    ArgumentError
        If there is no such column, or the table is about it.
    """
    names = [str(name) for name in columns]
    if by not in names:
        raise ArgumentError(f"There is no column '{by}' to split by.{nearest(by, names)}")
    if table is not None:
        refuse_own(by, table)


def refuse_own(by: str, table: Table) -> None:
    """Refuse to split a table by a column of its own: two of one name would be one."""
    if by in table.names:
        raise ArgumentError(
            f"{table.name} cannot be split by '{by}': that is one of its own columns. Accepted: a column that"
            " describes the opportunity, for example segment, owner, region or product."
        )


def grouping(frame: pd.DataFrame, by: str | None, table: Table | None = None) -> list[tuple[Any, pd.DataFrame]]:
    """(value, rows) for each value of a column in sorted order; one pair ``(None, frame)`` when by is None.

    A missing value is a group of its own, last, so that no row falls out of a split.

    Raises
    ------
    ArgumentError
        If there is no such column, or the table to be made has it itself.
    """
    if by is None:
        return [(None, frame)]
    check_split(frame.columns, by, table)
    groups = [(value, rows) for value, rows in frame.groupby(by, sort=True, dropna=True)]
    without = frame[frame[by].isna()]
    return [*groups, (None, without)] if len(without) else groups
