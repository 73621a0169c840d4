"""What reading one column of text gives: typed values, problems by row, decisions and open questions."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Parsed:
    """A column after it has been looked at as a whole.

    Attributes
    ----------
    values
        Typed values on the same index; missing where blank or unreadable.
    problems
        One line a value: row, value (the raw text), kind (unreadable or repaired), reason (a key), message.
    decisions
        Choices taken for the whole column, as phrases.
    question
        What should be asked where two readings fit and one was chosen; else None.
    currencies
        Only for money: the ISO code written with each value; None where no value has one.
    """

    values: pd.Series
    problems: pd.DataFrame
    decisions: tuple[str, ...] = ()
    question: str | None = None
    currencies: pd.Series | None = None
