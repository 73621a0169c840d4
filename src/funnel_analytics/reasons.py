"""Findings of the inspection, the classes and the account plan as sentences: tables hold keys and numbers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from . import tables
from .words import cell, date, label, language, money, number, percent, word

_INSPECTED = (
    "place", "opportunity_id", "opportunity_name", "account_name", "owner", "stage", "evidenced_stage", "amount",
    "close_date", "amount_at_risk",
)  # fmt: skip
_TOLD = ("finding", "found", "compared", "threshold", "finding_date", "stage", "evidenced_stage", "missing")
"""What the sentence about a finding is made of."""


def _keys(text: object) -> list[str]:
    return text.split("; ") if isinstance(text, str) and text else []


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
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

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
    # Many findings say the same of several opportunities: each sentence is made once.
    facts = table[list(_TOLD)]
    alike = facts.groupby(list(_TOLD), dropna=False, sort=False, observed=True).ngroup().to_numpy()
    different = facts[~pd.Series(alike).duplicated().to_numpy()]
    said = [_inspection_reason(row, table, lang) for row in different.to_dict("records")]
    return pd.Series(pd.array(said, dtype="str").take(alike), index=table.index)


def _inspection_reason(row: Mapping[str, Any], table: pd.DataFrame, lang: str | None) -> str:
    return word(
        f"inspection.{_wording(row)}",
        lang,
        found=_number(row, table, lang),
        compared=number(row["compared"]),
        threshold=cell(row["threshold"], "number"),
        since=date(row["finding_date"], lang),
        stage=label(row["stage"], lang, table=table),
        evidenced_stage=label(row["evidenced_stage"], lang, table=table),
        missing=word("inspection.between", lang).join(label(key, lang, table=table) for key in _keys(row["missing"])),
    )


def segment_reasons(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """Why each account has its class, or none, as a sentence with its numbers.

    Parameters
    ----------
    table
        What `funnel_analytics.account_segments` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

    Returns
    -------
    Series
        One sentence per row, on the table's index.

    Raises
    ------
    TableError
        If the table is not an account_segments table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.account_segments(fa.load_sample(), revenue_benchmark=500_000)
    >>> fa.segment_reasons(table).iloc[-1]
    'Revenue EUR 1.4M reaches the benchmark EUR 500k, potential not assessable: 0 criteria rated, too few in Account profile, Opportunity pipeline, Relationship'
    """
    tables.check(table, tables.ACCOUNT_SEGMENTS)
    currency, cut = table.attrs.get("currency"), table.attrs.get("potential_cut")
    said = []
    for row in table.to_dict("records"):
        groups = [label(key, lang, table=table) for key in _keys(row["missing_groups"])]
        parts = [
            word(
                f"segment_reason.revenue_{row['revenue_level']}",
                lang,
                revenue=money(row["current_revenue"], currency, lang),
                benchmark=money(row["revenue_benchmark"], currency, lang),
            ),
            word(
                f"segment_reason.potential_{row['potential_level']}",
                lang,
                potential=percent(row["potential"]),
                cut=percent(cut),
                rated=number(row["criteria_rated"]),
                groups=word("segment_reason.groups", lang).join(groups),
            ),
        ]
        said.append(word("segment_reason.between", lang).join(parts))
    return pd.Series(said, index=table.index, dtype="str")


def plan_reasons(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """Where the effort on each account does not match what it deserves, in words; empty where it does.

    Parameters
    ----------
    table
        What `funnel_analytics.account_plan` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

    Returns
    -------
    Series
        The findings of each row as one text, on the table's index.

    Raises
    ------
    TableError
        If the table is not an account_plan table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> plan = fa.account_plan(fa.load_sample())
    >>> fa.plan_reasons(plan[plan["findings"] == "no_open_opportunity"]).iloc[0]
    'Deserves the most resources; open opportunities: 0'
    """
    tables.check(table, tables.ACCOUNT_PLAN)
    currency = table.attrs.get("currency")
    said = []
    for row in table.to_dict("records"):
        values = {
            "open": number(row["open_opportunities"]),
            "amount": money(row["open_amount"], currency, lang),
            "of_revenue": percent(row["pipeline_to_revenue"]),
            "since": date(row["last_activity_date"], lang),
            "days": number(row["idle_days"]),
            "segment": label(row["segment"], lang, table=table),
            "share": percent(row["pipeline_share"]),
            "rated": number(row["criteria_rated"]),
            "usual": money(table.attrs.get("usual_amount"), currency, lang),
            "revenue": money(row["current_revenue"], currency, lang),
            "rated_on": date(row["last_rated_on"], lang),
        }
        findings = [word(f"effort.{key}", lang, **values) for key in _keys(row["findings"])]
        said.append(word("effort.between", lang).join(findings))
    return pd.Series(said, index=table.index, dtype="str")


def account_questions(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """The method's questions to ask each account next: of what is not rated, then of what is rated lowest.

    Parameters
    ----------
    table
        What `funnel_analytics.account_plan` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

    Returns
    -------
    Series
        The questions of each row, one line per criterion, on the table's index.

    Raises
    ------
    TableError
        If the table is not an account_plan table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.account_questions(fa.account_plan(fa.load_sample())).iloc[0].split(":")[0]
    'Solution requirements'
    """
    tables.check(table, tables.ACCOUNT_PLAN)
    questions, code = table.attrs.get("questions", {}), language(lang)
    said = []
    for keys in table["ask_next"]:
        lines = [
            word("effort.question", lang, criterion=label(key, lang, table=table), question=questions[key][code])
            for key in _keys(keys)
            if key in questions
        ]
        said.append("\n".join(lines))
    return pd.Series(said, index=table.index, dtype="str")


def inspected(table: pd.DataFrame, lang: str | None = None) -> pd.DataFrame:
    """One row per opportunity of an inspection, with its reasons in words.

    Parameters
    ----------
    table
        What `funnel_analytics.opportunity_inspection` returns.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

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
    said: dict[str, list[str]] = {}
    for ident, reason in zip(table["opportunity_id"].tolist(), inspection_reasons(table, lang).tolist(), strict=True):
        said.setdefault(ident, []).append(reason)
    between = word("inspection.between", lang)
    rows = table.drop_duplicates("opportunity_id")[list(_INSPECTED)].reset_index(drop=True)
    rows["reasons"] = pd.array([between.join(said[ident]) for ident in rows["opportunity_id"].tolist()], dtype="str")
    rows.attrs = table.attrs
    return rows


def outlook_reasons(table: pd.DataFrame, lang: str | None = None) -> pd.Series:
    """Why each open opportunity has its chance: how such have fared before, and what moved it, as a sentence.

    Parameters
    ----------
    table
        What `funnel_analytics.outlook_opportunities` returns, or some of its rows.
    lang
        ``en``, ``zh-Hans`` or ``zh-Hant``; None means the one set, English at first.

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
