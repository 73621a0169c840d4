"""The sheet of text cells that every file format gives, and the tidying all formats share."""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import ExportError

_MIDNIGHT = r"^(\d{4,}-\d\d-\d\d)[ T]00:00:00(\.0+)?$"
_LONG_FRACTION = r"^-?\d+\.\d{9,}$"
_SIGNIFICANT_DIGITS = 15  # what Excel stores and shows; further digits are noise of binary fractions


def refuse_wide(place: str, columns: int, most: int) -> None:
    """Raise where a table has more columns than any export.

    Parameters
    ----------
    place
        The file, and the sheet where it has one.
    columns, most
        How many there are, and how many may be.

    Raises
    ------
    ExportError
        If there are more.
    """
    if columns > most:
        raise ExportError(
            f"{place} has {columns:,} columns; exports of a CRM have some dozens. Export only the columns needed."
        )


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet of cells, nothing interpreted.

    Attributes
    ----------
    file
        File name without folder.
    name
        Sheet name; None for a text file.
    cells
        pandas columns 0..n-1, ``str`` or, where texts repeat, categories of them; missing where blank. Row i is
        Excel's row ``first_row + i``.
    first_row
        Excel row of the first row of `cells`.
    notes
        Decisions taken while reading, as phrases: ``"encoding gb18030"``, ``"delimiter ;"``.
    hidden
        Whether the workbook hides this sheet.
    merged
        Values merged down one column, which stand in all its rows: column of `cells`, first and last row of Excel.
    across
        Values merged over several columns of one row, which stand in the first: row of Excel, first and last column.
    from_1904
        Whether numbers that are dates count the days from 1904, as Excel for Mac did, and not from 1900.
    """

    file: str
    name: str | None
    cells: pd.DataFrame
    first_row: int
    notes: tuple[str, ...] = ()
    hidden: bool = False
    merged: tuple[tuple[int, int, int], ...] = ()
    across: tuple[tuple[int, int, int], ...] = ()
    from_1904: bool = False


def text_frame(columns: list[pa.ChunkedArray]) -> pd.DataFrame:
    """Arrow columns of text as pandas columns 0..n-1, categories where they are dictionaries; without a copy if possible."""
    frame = pa.table(columns, names=[str(number) for number in range(len(columns))]).to_pandas()
    frame.columns = pd.RangeIndex(len(columns))
    plain = [number for number, column in enumerate(columns) if not pa.types.is_dictionary(column.type)]
    return frame.astype(dict.fromkeys(plain, "str"))


def blanks_to_missing(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Cells that hold nothing but blanks become missing; everything else stays exactly as it is."""
    if pa.types.is_dictionary(column.type):
        if not any(pc.any(_blank(chunk.dictionary)).as_py() for chunk in column.chunks[:1]):
            return column
        column = column.cast(column.type.value_type)
    blank = _blank(column)
    return pc.if_else(blank, pa.scalar(None, column.type), column) if pc.any(blank).as_py() else column


def _blank(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    return pc.or_kleene(pc.utf8_is_space(texts), pc.equal(pc.binary_length(texts), 0))


def spreadsheet_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A spreadsheet column as text the way a person reads it; a dictionary of distinct texts where these repeat.

    Dates without a time lose their 00:00:00, truth values become TRUE and FALSE as Excel shows them,
    and fractions lose digits beyond the 15 that Excel keeps.
    """
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    words = old = encoded.dictionary
    words = pc.replace_substring_regex(words, _MIDNIGHT, r"\1")
    noisy = pc.fill_null(pc.match_substring_regex(words, _LONG_FRACTION), False)
    if pc.any(noisy).as_py():
        shortened = pa.array([_shortest(text) for text in words.filter(noisy).to_pylist()], type=words.type)
        words = pc.replace_with_mask(words, noisy, shortened)
    if len(words) > 0 and _mostly_truth(encoded):
        words = pc.if_else(
            pc.is_in(words, value_set=pa.array(["true", "false"], words.type)), pc.utf8_upper(words), words
        )
    words = blanks_to_missing(words)
    texts = column if words.equals(old) else pa.chunked_array([words.take(encoded.indices)])
    return texts.dictionary_encode() if 2 * len(old) < len(texts) else texts


def _shortest(text: str) -> str:
    digits = text.lstrip("-").replace(".", "").lstrip("0")
    return text if len(digits) <= _SIGNIFICANT_DIGITS else f"{float(text):.{_SIGNIFICANT_DIGITS}g}"


def _mostly_truth(encoded: pa.DictionaryArray) -> bool:
    """Whether truth values make up the column: an account that is called "true" must keep its name."""
    truth = pc.is_in(encoded.dictionary, value_set=pa.array(["true", "false"], encoded.dictionary.type))
    if not pc.any(truth).as_py():
        return False
    among = truth.take(encoded.indices).drop_null()
    return bool(pc.sum(among.cast(pa.int64())).as_py() * 2 >= len(among))
