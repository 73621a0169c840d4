"""Text tables that keep to the rules of CSV, read by Arrow; any other is left to the reader that mends."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_PART, _BLOCK = 1 << 22, 1 << 20
_SAMPLE = 1 << 16
_QUOTE, _LINE_FEED, _RETURN = ord('"'), ord("\n"), ord("\r")


class _Rules(NamedTuple):
    """What holds for all parts of a text."""

    delimiter: str
    width: int
    """Columns of the first line, at most."""
    quoted: bool
    """Whether quotation marks stand anywhere."""
    returns: bool
    """Whether carriage returns do."""


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
    rules = _Rules(delimiter, width, b'"' in content, b"\r" in content)
    # Arrow and numpy leave the interpreter free: the parts are read beside one another.
    with ThreadPoolExecutor(pa.cpu_count()) as beside:
        parts = _parts(content, rules, beside)
        first = _table(parts[0], rules)
        if first is None:
            return None
        repeated = [_repeats(column) for column in first.columns]
        tables = [_encoded(first, repeated)]
        for table in beside.map(_encoded_part, parts[1:], repeat(rules), repeat(repeated)):
            if table is None:
                beside.shutdown(cancel_futures=True)
                return None
            tables.append(table)
    columns: list[pa.ChunkedArray] = pa.concat_tables(tables).unify_dictionaries().columns
    return columns


def _encoded_part(letters: np.ndarray, rules: _Rules, repeated: list[bool]) -> pa.Table | None:
    """The table of a part; None where it breaks the rules or has not as many columns as the first."""
    table = _table(letters, rules)
    return None if table is None or table.num_columns != len(repeated) else _encoded(table, repeated)


def _repeats(column: pa.ChunkedArray) -> bool:
    sample = column.slice(0, _SAMPLE)
    return bool(2 * pc.count_distinct(sample).as_py() < len(sample))


def _encoded(table: pa.Table, repeated: list[bool]) -> pa.Table:
    """Texts that repeat become a dictionary of distinct ones: what is decided about one holds for all."""
    columns = [
        column.dictionary_encode().combine_chunks() if often else column.cast(pa.large_string())
        for column, often in zip(table.columns, repeated, strict=True)
    ]
    return pa.table(columns, names=table.column_names)


def _parts(content: bytes, rules: _Rules, beside: ThreadPoolExecutor) -> list[np.ndarray]:
    """The letters of whole records, some at a time, so that they need not all be held in two forms at once."""
    letters = np.frombuffer(content, dtype=np.uint8)
    ends = [0]
    while len(content) - ends[-1] > _PART and (end := content.rfind(b"\n", ends[-1], ends[-1] + _PART) + 1):
        ends.append(end)
    pieces = np.split(letters, ends[1:])
    if not rules.quoted:
        return pieces
    # Behind an odd number of quotation marks a line end stands inside a field.
    marks = np.cumsum(list(beside.map(lambda piece: np.count_nonzero(piece == _QUOTE), pieces[:-1])))
    return np.split(letters, [end for end, before in zip(ends[1:], marks, strict=True) if before % 2 == 0])


def _lines(letters: np.ndarray, rules: _Rules) -> int | None:
    """The number of lines; None where they end in two ways, or quotation marks stand elsewhere than around fields."""
    edges = np.zeros(256, dtype=bool)
    edges[[ord(rules.delimiter), _QUOTE, _RETURN, _LINE_FEED]] = True
    last = len(letters) - 1
    feeds = returns = pairs = seen = 0
    for start in range(0, len(letters), _BLOCK):
        block = letters[start : start + _BLOCK]
        ends = block == _LINE_FEED
        feeds += int(np.count_nonzero(ends))
        if rules.returns:
            returns += int(np.count_nonzero(block == _RETURN))
            pairs += int(np.count_nonzero(letters[np.maximum(np.flatnonzero(ends) + start - 1, 0)] == _RETURN))
        if not rules.quoted:
            continue
        quotes = np.flatnonzero(block == _QUOTE) + start
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


def _table(letters: np.ndarray, rules: _Rules) -> pa.Table | None:
    """The table of a text, first as if no field held line ends, which is faster; None where it breaks the rules."""
    lines = _lines(letters, rules)
    for inside in (False, True) if lines is not None else ():
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(pa.py_buffer(letters)),
                read_options=pyarrow.csv.ReadOptions(
                    autogenerate_column_names=True, block_size=_BLOCK, use_threads=False
                ),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=rules.delimiter, newlines_in_values=inside, ignore_empty_lines=False
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    check_utf8=False,
                    column_types={f"f{number}": pa.string() for number in range(rules.width)},
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            continue
        # Every line end ended a record: none stood inside a field.
        if inside or table.num_rows == lines:
            return table if 1 < table.num_columns <= rules.width else None
    return None
