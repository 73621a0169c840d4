"""Findings of the opportunity inspection as sentences: the table holds keys and numbers, this module the words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import tables
from .words import cell, date, label, money, number, percent, word

_INSPECTED = (
    "place", "opportunity_id", "opportunity_name", "account_name", "owner", "stage", "evidenced_stage", "amount",
    "close_date", "amount_at_risk",
)  # fmt: skip


def _wording(row: Mapping[str, Any]) -> str:
    """Which sentence fits: some facts may be missing behind a finding."""
    finding = str(row["finding"])
    without_day = pd.isna(row["finding_date"])
    if finding == "stalled" and not without_day:
        return "stalled_since"
    if finding == "no_activity" and without_day:
        return "no_activity_at_all" if pd.isna(row["found"]) else "no_activity_ever"
    if finding == "amount_placeholder" and pd.isna(row["found"]):
        return "amount_placeholder_none"
    return finding


def _number(row: Mapping[str, Any], table: pd.DataFrame, lang: str | None) -> str:
    if row["finding"] == "concentration":
        return percent(row["found"])
    if row["finding"] == "amount_placeholder":
        return money(row["found"], table.attrs.get("currency"), lang)
    return number(row["found"])


def inspection_reasons(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """Each finding of an inspection as a sentence with its numbers.

    Parameters
    ----------
    table
        What `funnel_analytics.opportunity_inspection` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means English.

    Returns
    -------
    Series
        One sentence per row, on the table's index.

    Raises
    ------
    TableError
        If the table is not an opportunity_inspection table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "close_date": pd.to_datetime(["2026-08-31"])})
    >>> book = fa.assemble(fa.Parts(snapshots=rows), as_of="2026-09-30")
    >>> fa.inspection_reasons(fa.opportunity_inspection(book)).tolist()[0]
    'Close date 2026-08-31 passed 30 days ago'
    """
    tables.check(table, tables.OPPORTUNITY_INSPECTION)
    said = []
    for row in table.to_dict("records"):
        missing = [] if pd.isna(row["missing"]) else str(row["missing"]).split("; ")
        said.append(
            word(
                f"inspection.{_wording(row)}",
                lang,
                found=_number(row, table, lang),
                compared=number(row["compared"]),
                threshold=cell(row["threshold"], "number"),
                since=date(row["finding_date"], lang),
                stage=label(row["stage"], lang, table=table),
                evidenced_stage=label(row["evidenced_stage"], lang, table=table),
                missing=word("inspection.between", lang).join(label(key, lang, table=table) for key in missing),
            )
        )
    return pd.Series(said, index=table.index, dtype="str")


def inspected(table: pd.DataFrame, lang: str | None = None) -> pd.DataFrame:
    """One row per opportunity of an inspection, with its reasons in words.

    Parameters
    ----------
    table
        What `funnel_analytics.opportunity_inspection` returns.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means English.

    Returns
    -------
    DataFrame
        In the order of the money at risk: what describes the opportunity, ``amount_at_risk`` and ``reasons``.

    Raises
    ------
    TableError
        If the table is not an opportunity_inspection table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = inspected(fa.opportunity_inspection(fa.load_sample()))
    >>> bool(rows["opportunity_id"].is_unique and rows["reasons"].notna().all())
    True
    """
    said = (
        inspection_reasons(table, lang)
        .groupby(table["opportunity_id"], sort=False)
        .agg(word("inspection.between", lang).join)
    )
    rows = table.drop_duplicates("opportunity_id")[list(_INSPECTED)].reset_index(drop=True)
    rows["reasons"] = rows["opportunity_id"].map(said).astype("str")
    rows.attrs = table.attrs
    return rows
