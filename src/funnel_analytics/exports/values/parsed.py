"""What reading one column of text gives: typed values, problems by row, decisions and open questions."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

_NOTE_SIGNS = re.compile("[⁰¹²³⁴-⁹₀-₉①-⑳]")
_GUARDED = re.compile(r"'[-+=@$€£¥(.\d]")
PROBLEM_COLUMNS = ("row", "value", "kind", "reason", "message")
NOTHING_WORDS = frozenset(
    {"-", "--", "---", "–", "—", "n/a", "na", "null", "none", "nil", "(blank)", "(empty)", "无", "無"}
)
"""How people write "nothing" in columns of dates and numbers; in a column of names these are names."""
_ERRORS = (
    "#N/A #REF! #DIV/0! #VALUE! #NAME? #NULL! #NUM! #GETTING_DATA #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #UNKNOWN!"
    " #BUSY! #PYTHON! #EXTERNAL! #ERROR! #ERR! #NV #WERT! #BEZUG! #ZAHL! #VALEUR! #NOM? #NOMBRE! #NUL! #VALOR! #NOME?"
    " #RIF! #VALORE! #¡VALOR! #¡REF! #¡DIV/0! #¡NUM! #¿NOMBRE?"
)
EXCEL_ERRORS = frozenset(_ERRORS.split()) | {f"{word}:{code}" for word in ("Err", "ERR") for code in range(501, 541)}
"""Error values of spreadsheets, in several languages and programs; Err:502 is LibreOffice's."""
NARROW = re.compile(r"#{3,}")
"""What stands in place of a value where its column was too narrow to show it."""


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


@dataclass(frozen=True)
class Distinct:
    """The distinct texts of a column: what is decided about each of them holds for all rows that carry it."""

    column: pd.Series
    codes: np.ndarray
    raw: list[str]
    """As written."""
    texts: list[str]
    """For reading: full-width forms narrowed, no-break blanks plain, stripped."""
    counts: np.ndarray
    """Rows that carry each text."""

    @classmethod
    def of(cls, column: pd.Series) -> "Distinct":
        """Distinct texts of a column in order of appearance."""
        codes, uniques = pd.factorize(column)
        raw = [str(text) for text in uniques]
        counts = np.bincount(codes[codes >= 0], minlength=len(raw))
        return cls(column, codes, raw, [narrowed(text) for text in raw], counts)

    def spread(self, values: pd.Series) -> pd.Series:
        """Values of the distinct texts, given back to every row; missing where the text is missing."""
        taken = values.array.take(self.codes, allow_fill=True)
        return pd.Series(taken, index=self.column.index, name=self.column.name)

    def problems(self, found: Mapping[int, tuple[str, str, str]]) -> pd.DataFrame:
        """One line for every row that carries a text with a problem: text number → kind, reason, message."""
        if not found:
            return no_problems()
        positions = np.flatnonzero(np.isin(self.codes, np.fromiter(found, dtype=np.int64)))
        texts = self.codes[positions]
        return pd.DataFrame(
            {
                "row": self.column.index[positions],
                "value": [self.raw[text] for text in texts],
                "kind": [found[text][0] for text in texts],
                "reason": [found[text][1] for text in texts],
                "message": [found[text][2] for text in texts],
            }
        )


def arrow_text(column: pd.Series) -> pa.Array:
    """A column of text as one arrow array, missing values as nulls; a dictionary where it is categorical."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pa.array(column, from_pandas=True)
    arrow = pa.array(column.astype("str"), from_pandas=True)
    return (arrow.combine_chunks() if isinstance(arrow, pa.ChunkedArray) else arrow).cast(pa.large_string())


def no_problems() -> pd.DataFrame:
    """An empty table of problems."""
    return pd.DataFrame({name: pd.Series(dtype="int64" if name == "row" else "str") for name in PROBLEM_COLUMNS})


def narrowed(text: str) -> str:
    """Text with full-width digits, letters and signs made narrow and outer blanks removed.

    The raised number of a footnote becomes a star: it is no further digit.

    Examples
    --------
    >>> narrowed("￥３５，０００ "), narrowed("35,000²")
    ('¥35,000', '35,000*')
    """
    plain = text.strip() if text.isascii() else unicodedata.normalize("NFKC", _NOTE_SIGNS.sub("*", text)).strip()
    # Some systems put an apostrophe before what a spreadsheet could take for a formula.
    return plain[1:] if _GUARDED.match(plain) else plain


def shown(text: str) -> str:
    """A value as a message quotes it: at most 60 characters."""
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"


def error_cell(text: str) -> tuple[str, str, str]:
    """The problem of a cell that holds an error value of Excel: kind, reason, message."""
    if NARROW.fullmatch(text):
        said = "The cell holds number signs only: its column was too narrow to show the value; left empty."
        return "unreadable", "error_cell", said
    return "unreadable", "error_cell", f"The cell holds Excel's error value {text}; left empty."


def is_error(text: str) -> bool:
    """Whether a cell holds an error value, or the number signs that a narrow column shows.

    Examples
    --------
    >>> is_error("#wert!"), is_error("#####"), is_error("#1 Motors")
    (True, True, False)
    """
    return text.upper() in EXCEL_ERRORS or NARROW.fullmatch(text) is not None
