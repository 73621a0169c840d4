"""Findings of the opportunity inspection as sentences: the table holds keys and numbers, this module the words."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import tables
from .words import cell, date, label, money, number, percent, word


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


def outlook_reasons(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """Why each open opportunity has its chance: how such have fared before, and what moved it, as a sentence.

    Parameters
    ----------
    table
        What `funnel_analytics.outlook_opportunities` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means English.

    Returns
    -------
    Series
        One text per row, on the table's index.

    Raises
    ------
    TableError
        If the table is not an outlook_opportunities table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = fa.outlook_opportunities(fa.load_sample(), period="2026Q4")
    >>> fa.outlook_reasons(rows.head(1)).tolist()[0].split(":")[0]
    'Of 59 opportunities that stood in Close for a like time, 40 were won within a like time. Raised by'
    """
    tables.check(table, tables.OUTLOOK_OPPORTUNITIES)
    return pd.Series([_outlook_reason(row, table, lang) for row in table.to_dict("records")], table.index, dtype="str")


def _outlook_reason(row: Mapping[str, Any], table: pd.DataFrame, lang: str | None) -> str:
    said = [word("outlook.reasons.no_base", lang)]
    if row["base_opportunities"]:
        stage, count = label(row["stage"], lang, table=table), number(row["base_opportunities"])
        said = [word("outlook.reasons.base", lang, count=count, wins=number(row["base_wins"]), stage=stage)]
    facts = [] if pd.isna(row["movers"]) else str(row["movers"]).split()
    for sign, key in (("+", "raised"), ("-", "lowered")):
        moved = [word(f"outlook.facts.{fact[1:]}", lang) for fact in facts if fact[0] == sign]
        if moved:
            said.append(word(f"outlook.reasons.{key}", lang, facts=word("outlook.reasons.between", lang).join(moved)))
    return " ".join(said)
