"""Text tables that keep to the rules of CSV, read by Arrow; any other is left to the reader that mends."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_PART, _BLOCK = 1 << 25, 1 << 20
_QUOTE, _LINE_FEED, _RETURN = ord('"'), ord("\n"), ord("\r")


def clean_columns(content: bytes, delimiter: str) -> list[pa.ChunkedArray] | None:
    r"""The columns of a text table in which every record has as many fields; None where it does not keep the rules.

    Parameters
    ----------
    content
        The table in UTF-8, without a mark at its start.
    delimiter
        What stands between fields.

    Returns
    -------
    list of ChunkedArray or None
        Columns of text, as dictionaries of their distinct texts where these repeat; missing where blank. None where
        a quotation mark stands where none may, a record has more or fewer fields than the first, or lines end in
        more than one way. A blank line is a blank record.

    Examples
    --------
    >>> [column.to_pylist() for column in clean_columns(b'a,b\n1,"x, y"\n,2\n', ",")]
    [['a', '1', None], ['b', 'x, y', '2']]
    >>> clean_columns(b"a,b\n1\n", ",")
    """
    mark = delimiter.encode()
    if mark not in content[:_BLOCK]:
        return None
    # Text that looks like a number must stay text: types for as many columns as the first line may have.
    width = content[:_BLOCK].split(b"\n", 1)[0].count(mark) + 1
    parts: list[pa.Table] = []
    repeated: list[bool] = []
    for part in _parts(content):
        lines = _lines(part, delimiter)
        table = None if lines is None else _table(part, delimiter, width, lines)
        if table is None or not 1 < table.num_columns <= width:
            return None
        repeated = repeated or [_repeats(column) for column in table.columns]
        with ThreadPoolExecutor() as beside:
            columns = beside.map(_encoded, table.columns, repeated)
            parts.append(pa.table(list(columns), names=table.column_names))
    return pa.concat_tables(parts).unify_dictionaries().columns if _same_width(parts) else None


def _same_width(parts: list[pa.Table]) -> bool:
    return len({part.num_columns for part in parts}) == 1


def _repeats(column: pa.ChunkedArray) -> bool:
    return bool(2 * pc.count_distinct(column).as_py() < len(column))


def _encoded(column: pa.ChunkedArray, repeated: bool) -> pa.ChunkedArray:
    """Texts that repeat become a dictionary of distinct ones: what is decided about one holds for all."""
    return column.dictionary_encode() if repeated else column


def _parts(content: bytes) -> Iterator[np.ndarray]:
    """The letters of whole records, some at a time, so that they need not all be held in two forms at once."""
    letters = np.frombuffer(content, dtype=np.uint8)
    start = 0
    while start < len(content):
        end = len(content) if len(content) - start <= _PART else content.rfind(b"\n", start, start + _PART) + 1
        if start < end < len(content) and content.count(b'"', start, end) % 2:
            end = _record_end(letters, start, end)
        end = end if end > start else len(content)
        yield letters[start:end]
        start = end


def _record_end(letters: np.ndarray, start: int, limit: int) -> int:
    """Where the last record before a limit ends; 0 where none does: a line end between quotation marks ends none."""
    part = letters[start:limit]
    feeds, quotes = np.flatnonzero(part == _LINE_FEED), np.flatnonzero(part == _QUOTE)
    ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0]
    return start + int(ends[-1]) + 1 if len(ends) else 0


def _lines(letters: np.ndarray, delimiter: str) -> int | None:
    """The number of lines; None where they end in two ways, or quotation marks stand elsewhere than around fields."""
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), _QUOTE, _RETURN, _LINE_FEED]] = True
    last = len(letters) - 1
    feeds = returns = pairs = seen = 0
    for start in range(0, len(letters), _BLOCK):
        block = letters[start : start + _BLOCK + 1]
        feed, back = block == _LINE_FEED, block[:_BLOCK] == _RETURN
        feeds, returns = feeds + int(np.count_nonzero(feed[:_BLOCK])), returns + int(np.count_nonzero(back))
        pairs += int(np.count_nonzero(back[: len(feed) - 1] & feed[1:]))
        quotes = np.flatnonzero(block[:_BLOCK] == _QUOTE) + start
        opening, closing = quotes[seen % 2 :: 2], quotes[1 - seen % 2 :: 2]
        # A doubled mark closes and opens again: its neighbour is the other mark.
        before = edges[letters[np.maximum(opening - 1, 0)]] | (opening == 0)
        after = edges[letters[np.minimum(closing + 1, last)]] | (closing == last)
        if not (before.all() and after.all()):
            return None
        seen += len(quotes)
    if seen % 2 or not (returns == 0 or returns == pairs == feeds):
        return None
    return feeds + int(letters[-1] != _LINE_FEED)


def _table(letters: np.ndarray, delimiter: str, width: int, lines: int) -> pa.Table | None:
    """The table of a text, first as if no field held line ends, which is faster; None where it breaks the rules."""
    for inside in (False, True):
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(pa.py_buffer(letters)),
                read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=inside, ignore_empty_lines=False
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types={f"f{number}": pa.large_string() for number in range(width)},
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            continue
        # Every line end ended a record: none stood inside a field.
        if inside or table.num_rows == lines:
            return table
    return None
