"""A second look at texts that are no usual amount: rarer writings put into usual ones, with what to say about them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .chinese_numbers import in_digits, with_small_change
from .currencies import currency_code

_ABOUT = re.compile(
    r"^(?:~|≈|约为?|約為?|大约|大約|about|approx(?:imately|\.)?|around|circa|ca\.?|>=?|≥|<=?|≤|up to|max\.?|under"
    r"|不超过|不超過|最多|至少)\s*|\s*(?:\+|左右|以上|上下|以下|以内|以內|\(est\.?\))$",
    re.IGNORECASE,
)
_SQUARE = re.compile(r"^\[([^\[\]]*\d[^\[\]]*)\]$")
_LEDGER = re.compile(r"^(?:(?P<first>[CD]r)\b\.?\s*(?P<after>.+)|(?P<before>.*[\d)])\s*(?P<last>[CD]r)\.?)$", re.IGNORECASE)  # fmt: skip
_DEBIT = re.compile(r"(?:\d|^)\s*dr\b", re.IGNORECASE)
_INDIAN = re.compile(r"₹|\b(?:inr|rs|lakhs?|lacs?|crores?)\b", re.IGNORECASE)
_LAKH = re.compile(r"^(.*\d)\s*l$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^[*†‡]+\s*(.*\d.*)$|^(.*\d.*?)\s*[*†‡^#]+$")
_SET_APART = re.compile(
    r"^[(\[]\s*([^\d()\[\]+-]{1,5}?)\s*[)\]]\s*(?=[\d.,(-])|(?<=\d)\s*[(\[]\s*([^\d()\[\]+-]{1,5}?)\s*[)\]]$"
)
_TRIANGLE = re.compile(r"^[△▲]\s*(\d.*)$")
_THOUSANDS = re.compile(r"^(.*\d)\s*t\s*(eur|€|chf|usd|\$)$", re.IGNORECASE)


@dataclass(frozen=True)
class Rewritten:
    """An amount in a usual writing.

    Attributes
    ----------
    text
        What is to be read in place of the cell's text.
    reason
        A key for the list of issues.
    why
        What the cell says, as the middle of a sentence.
    """

    text: str
    reason: str
    why: str


@dataclass(frozen=True)
class Column:
    """What the texts of a column together say about "CR": a credit, or a crore, which is ten millions in India."""

    debits: bool
    indian: bool

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Column":
        """Look through the texts of a column."""
        held = "\n".join(texts)
        return cls(_DEBIT.search(held) is not None, _INDIAN.search(held) is not None)


def rewritten(text: str, column: Column) -> Rewritten | None:
    """A rarer writing of an amount as a usual one; None where it is none.

    Parameters
    ----------
    text
        A cell, narrowed.
    column
        What the whole column says.

    Examples
    --------
    >>> plain = Column(debits=False, indian=False)
    >>> [rewritten(text, plain).text for text in ("约120万", "三百五十万元", "[1,234.50]", "1,234.50 CR", "5 TEUR")]
    ['120万', '3500000元', '(1,234.50)', '-1,234.50', '5k eur']
    >>> rewritten("TBD", plain)
    """
    if (found := _SET_APART.search(text)) and currency_code(sign := found[1] or found[2]):
        other = f"{sign} {text[found.end() :]}" if found[1] else f"{text[: found.start()]} {sign}"
        return Rewritten(other, "bracketed_currency", "names its currency in brackets")
    if found := _TRIANGLE.match(text):
        return Rewritten(f"-{found[1]}", "triangle", "stands behind a triangle, as negative amounts do")
    if found := _SQUARE.match(text):
        return Rewritten(f"({found[1]})", "bracketed_amount", "stands in square brackets, as negative amounts do")
    if found := _THOUSANDS.match(text):
        return Rewritten(f"{found[1]}k {found[2].lower()}", "thousands", "counts thousands (T)")
    if found := _LEDGER.match(text):
        return _of_ledger(
            (found["after"] or found["before"]).strip(), (found["first"] or found["last"]).lower(), column
        )
    if column.indian and (found := _LAKH.match(text)):
        return Rewritten(f"{found[1]} lakh", "lakh", "counts lakhs (hundred thousands)")
    if change := with_small_change(text):
        return Rewritten(change, "small_change", "counts 角 and 分, the tenths and hundredths of 元")
    if found := _FOOTNOTE.match(text):
        return Rewritten(found[1] or found[2], "footnote_mark", "stands with the mark of a footnote")
    plain = _ABOUT.sub("", text)
    digits = in_digits(plain)
    if plain != text:
        return Rewritten(digits or plain, "approximate", "is about a number")
    return None if digits is None else Rewritten(digits, "chinese_numerals", "is written in Chinese numerals")


def _of_ledger(amount: str, mark: str, column: Column) -> Rewritten | None:
    """A debit as it stands, a credit as negative; None where "CR" can as well be a crore."""
    if mark == "dr":
        return Rewritten(amount, "debit", "is a debit")
    if column.indian and not column.debits:
        return Rewritten(f"{amount} crore", "crore", "counts crores (ten millions)")
    whole = re.sub(r"[.,]\d{1,2}$", "", amount)
    if not column.debits and len(re.sub(r"\D", "", whole)) < 4:
        return None
    return Rewritten(f"-{amount}", "credit", "is a credit, which is negative")
