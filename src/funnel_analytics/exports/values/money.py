"""From columns of text to amounts of money and the currencies written with them."""

import numpy as np
import pandas as pd
import pyarrow as pa

from .amount_second_look import Column, rewritten
from .amounts_written import LONGEST, Written, plain_numbers, written_numbers
from .parsed import NOTHING_WORDS, Distinct, Parsed, arrow_text, error_cell, is_error, no_problems, shown


def parse_money(column: pd.Series) -> Parsed:
    """Amounts as float in units of their currency.

    Parameters
    ----------
    column
        Text; any index.

    Returns
    -------
    Parsed
        ``float64`` values: 120万 is 1,200,000, (500) is −500. `Parsed.currencies` holds the ISO code written with
        each value. Whether 1.234 is a thousand is decided by all values of the column. Reasons:
        ``unreadable_amount``, ``ambiguous_separator``, ``error_cell``.

    Examples
    --------
    >>> parsed = parse_money(pd.Series(["¥1,200,000", "120万", "(12,500.00)", "USD 45k", "call me"]))
    >>> parsed.values.tolist()
    [1200000.0, 1200000.0, -12500.0, 45000.0, nan]
    >>> parsed.currencies.tolist()
    ['CNY', nan, nan, 'USD', nan]
    """
    return read_numbers(column, "unreadable_amount", "an amount")


def _as_in_its_column(text: str, column: Written) -> tuple[float, str] | None:
    """Value and currency of a rewritten text; points and commas mean what they mean in the rest of the column."""
    comma = ["0,5"] if "comma read as the decimal sign" in column.decisions else []
    read = written_numbers([text, *comma], np.ones(1 + len(comma), dtype=np.int64))
    return None if np.isnan(read.values[0]) else (float(read.values[0]), read.codes[0])


def read_numbers(column: pd.Series, reason: str, what: str) -> Parsed:
    """Numbers of a column and the currencies around them; the reason and the noun name what was expected."""
    texts = arrow_text(column)
    plain = None if pa.types.is_dictionary(texts.type) else plain_numbers(texts)
    if plain is not None:
        values = pd.Series(np.asarray(plain.fill_null(np.nan)), index=column.index, name=column.name)
        return Parsed(values, no_problems())
    distinct = Distinct.of(column)
    written = written_numbers(distinct.texts, distinct.counts)
    found: dict[int, tuple[str, str, str]] = {}
    blanks = 0
    unread = np.flatnonzero(np.isnan(written.values)).tolist()
    column_says = Column.of(distinct.texts if unread else [])
    for number in unread:
        text = distinct.texts[number]
        if not text or text.lower() in NOTHING_WORDS:
            blanks += int(distinct.counts[number]) if text else 0
        elif is_error(text):
            found[number] = error_cell(text)
        elif (
            len(text) <= LONGEST
            and (other := rewritten(text, column_says))
            and (read := _as_in_its_column(other.text, written))
        ):
            written.values[number], written.codes[number] = read
            message = f"{shown(text)} {other.why}: read as {read[0]:,.15g}."
            found[number] = ("repaired", other.reason, message)
        else:
            found[number] = ("unreadable", reason, f"{shown(text)} could not be read as {what}; left empty.")
    for number in written.doubtful:
        text, value = distinct.texts[number], written.values[number]
        found[number] = (
            "repaired",
            "ambiguous_separator",
            f"{shown(text)} was read as {value:,.15g}; its separator can part thousands or decimals.",
        )
    decisions = list(written.decisions)
    if blanks:
        decisions.append(f"{blanks} placeholders such as '-' read as no value")
    values = distinct.spread(pd.Series(written.values, dtype="float64"))
    codes = pd.Series([code or None for code in written.codes], dtype="str")
    currencies = distinct.spread(codes) if any(written.codes) else None
    return Parsed(values, distinct.problems(found), tuple(decisions), written.question, currencies)
