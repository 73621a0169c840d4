"""Placeholder amounts, overdue close dates, losses without a stage, rates of a few: one definition for all that count or leave out such rows."""

import pandas as pd

from . import tables

PLACEHOLDER = 1.0
"""Amounts up to this are typed because the CRM wants a number."""
SURE = 20
"""With fewer decided opportunities a rate is not worth a title or a tile: their number is told instead."""


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


def hide_untold_rates(table: pd.DataFrame) -> pd.DataFrame:
    """A table for people to look at, without the rates that the exports cannot tell.

    A CRM writes "Closed Lost" over the stage in which an opportunity was lost. From one export alone every win has then
    passed all stages, no loss any, and the rates of stages are 100% whatever happened.

    Parameters
    ----------
    table
        A `tables.STAGE_CONVERSION` table: no rates where more of the lost (of a group) have no stage than have one. A
        `tables.WIN_RATES` table: none from a stage where some were lost, but none that is known to have been there.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> stages = fa.stage_conversion(fa.load_sample())
    >>> hide_untold_rates(stages)["advance_rate"].equals(stages["advance_rate"])
    True
    >>> bool(hide_untold_rates(stages.assign(lost_stage_unknown=10_000))["advance_rate"].notna().any())
    False
    """
    by = table.attrs.get("by")
    group = table[by].astype("str").fillna("") if by else pd.Series("", index=table.index)
    if "lost_stage_unknown" in table:
        declared = tables.STAGE_CONVERSION
        untold = table["lost_stage_unknown"] > table["lost"].groupby(group).transform("sum")
    else:
        declared = tables.WIN_RATES
        lost = group.map(table[table["rate"] == "closed"].groupby(group)["lost"].sum())
        untold = (table["rate"] == "from_stage") & (table["lost"] == 0) & (lost > 0)
    rates = [column.name for column in declared.columns if column.kind == "rate"]
    shown = table.assign(**{name: table[name].mask(untold) for name in rates})
    shown.attrs = table.attrs
    return shown
