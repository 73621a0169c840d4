"""What the rest of a table says about its amounts: whose yen a ¥ is, and whether a column counts cents."""

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from ..receipt import Entry
from ..sheets.table_inside import SheetTable
from ..values.currencies import AMBIGUOUS
from ..values.parsed import Parsed
from ..values.parsing import parse_money

_SAMPLE = 1_000
_KANA = re.compile("[\u3041-\u309f\u30a1-\u30fa]")
_YEN = re.compile(r"\bJPY\b|JP[¥￥]|円|日元|日圆|日圓|엔화", re.IGNORECASE)
_YUAN = re.compile(r"\b(?:CNY|RMB)\b|CN[¥￥]|人民币|人民幣", re.IGNORECASE)
_AMOUNT = re.compile(
    r"[\s\d.,]*(?:JPY|JP[¥￥]|CNY|CN[¥￥]|RMB|円|日元|日圆|日圓|엔화|人民币|人民幣|[百千万萬亿億]+円)[\s\d.,]*",
    re.IGNORECASE,
)
_HUNDRED, _NEAR, _FEW = 100, 1e-6, 3


def yen_told(table: SheetTable, currency: str | None) -> str | None:
    """Why a ¥ without a country means JPY in this table; None where nothing says so.

    Parameters
    ----------
    table
        The table.
    currency
        That of its profile.

    Examples
    --------
    >>> rows = pd.DataFrame({"商談名": ["a"], "フェーズ": ["b"]})
    >>> yen_told(SheetTable(list(rows), rows, pd.DataFrame({"value": []}), (), None, rows), None)
    'the headings are Japanese'
    """
    if currency == "JPY":
        return "the currency of the profile"
    texts = [table.rows[heading].iloc[:_SAMPLE].dropna().astype("str") for heading in table.headings]
    short = [text for column in texts for text in column.unique() if _AMOUNT.fullmatch(text)]
    said = "\n".join([*table.headings, *map(str, table.set_aside["value"].dropna()), *short])
    if _YUAN.search(said):
        return None
    if _YEN.search(said):
        return "the table names JPY elsewhere"
    if any(_KANA.search(heading) for heading in table.headings):
        return "the headings are Japanese"
    kana = set[object]()
    for column in texts:
        kana |= set(column.index[column.str.contains(_KANA.pattern, regex=True)])
    return "most rows hold Japanese text" if 2 * len(kana) > min(len(table.rows), _SAMPLE) else None


def as_yen(parsed: Parsed, texts: pd.Series, why: str) -> Parsed:
    """Amounts whose ¥ means JPY, and the reason among the decisions."""
    bare = texts.astype("str").str.contains("[¥￥]", na=False) & ~texts.astype("str").str.contains(_YUAN, na=False)
    codes = parsed.currencies
    codes = None if codes is None else codes.mask(bare & (codes == "CNY"), "JPY")
    said = tuple(f"'¥' read as JPY: {why}" if text == AMBIGUOUS["¥"] else text for text in parsed.decisions)
    return replace(parsed, currencies=codes, decisions=said)


def say_hundredfold(amounts: pd.Series, heading: str, rows: pd.DataFrame, others: Iterable[str], entry: Entry) -> None:
    """Says which other column is a hundredfold, or a hundredth, of the amounts in every row: one of the two counts cents.

    Parameters
    ----------
    amounts, heading
        What was read, and under which heading.
    rows
        The table's texts.
    others
        Headings of columns that were not read.
    entry
        The receipt to write in.
    """
    held = amounts.iloc[:_SAMPLE]
    held = held[held.notna() & (held != 0)]
    if held.nunique() < 2:
        return
    first = held.iloc[:_FEW]
    digits = [_significant(f"{amount:.2f}") for amount in first]
    for other in others:
        if [_significant(str(text)) for text in rows.loc[first.index, other]] != digits:
            continue
        ratio = parse_money(rows.loc[held.index, other]).values / held
        if ((ratio - _HUNDRED).abs() <= _NEAR * _HUNDRED).all():
            entry.decide(
                f"{heading}: '{other}' is 100 times as much in every row, as amounts in cents are, and was not read"
            )
        elif ((ratio * _HUNDRED - 1).abs() <= _NEAR).all():
            message = (
                f"'{heading}' is 100 times '{other}' in every row: it seems to count cents. It was read as it stands; if"
                f" '{other}' is meant, name it in a profile (funnel-analytics profile FILE)."
            )
            entry.issue("note", "question", message, column=heading)


def _significant(text: str) -> str:
    """The digits of a number without the zeros at its ends."""
    return re.sub(r"\D", "", text).strip("0")
