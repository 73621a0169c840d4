"""Text tables that keep to the rules of CSV, read by Arrow; any other is left to the reader that mends."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

_BLOCK, _PARSED = 1 << 24, 1 << 20
_QUOTE, _LINE_FEED, _RETURN = ord('"'), ord("\n"), ord("\r")
_REPEATED = pa.dictionary(pa.int32(), pa.string())


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
    if mark not in content[:_BLOCK] or not _sound_line_ends(content) or not _sound_quotes(content, delimiter):
        return None
    # Text that looks like a number must stay text: types for as many columns as the first line may have.
    width = content[:_BLOCK].split(b"\n", 1)[0].count(mark) + 1
    names = [f"f{number}" for number in range(width)]
    head = _table(_head(content), delimiter, dict.fromkeys(names, pa.large_string()))
    if head is None:
        return None
    kinds = {name: _kind(column) for name, column in zip(names, head.columns, strict=False)}
    table = _table(content, delimiter, kinds)
    return table.unify_dictionaries().columns if table is not None and 1 < table.num_columns <= width else None


def _kind(column: pa.ChunkedArray) -> pa.DataType:
    """Text, or where values repeat, a dictionary of its distinct texts: what is decided about one holds for all."""
    return _REPEATED if 2 * pc.count_distinct(column).as_py() < len(column) else pa.large_string()


def _head(content: bytes) -> bytes:
    """The first records, as many as a block holds."""
    end = len(content) if len(content) <= _BLOCK else content.rfind(b"\n", 0, _BLOCK) + 1
    while content.count(b'"', 0, end) % 2:
        end = content.rfind(b"\n", 0, end - 1) + 1
    return content[:end]


def _table(content: bytes, delimiter: str, kinds: Mapping[str, pa.DataType]) -> pa.Table | None:
    """The table of a text, first as if no field held line ends, which is faster; None where it breaks the rules."""
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    for inside in (False, True):
        try:
            table = pyarrow.csv.read_csv(
                pa.BufferReader(content),
                read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=_PARSED),
                parse_options=pyarrow.csv.ParseOptions(
                    delimiter=delimiter, newlines_in_values=inside, ignore_empty_lines=False
                ),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=kinds, null_values=[""], strings_can_be_null=True
                ),
            )
        except pa.ArrowInvalid:
            continue
        # Every line end ended a record: none stood inside a field.
        if inside or table.num_rows == lines:
            return table
    return None


def _sound_line_ends(content: bytes) -> bool:
    """Whether all lines end alike, in line feeds or in pairs of carriage return and line feed."""
    returns = content.count(b"\r")
    if returns == 0:
        return True
    letters = np.frombuffer(content, dtype=np.uint8)
    for start in range(0, len(letters), _PARSED):
        at = np.flatnonzero(letters[start : start + _PARSED] == _RETURN) + start
        if (letters[np.minimum(at + 1, len(letters) - 1)] != _LINE_FEED).any():
            return False
    return returns == content.count(b"\n")


def _sound_quotes(content: bytes, delimiter: str) -> bool:
    """Whether quotation marks open and close in turn, at the edges of fields only."""
    if b'"' not in content:
        return True
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), _QUOTE, _RETURN, _LINE_FEED]] = True
    letters = np.frombuffer(content, dtype=np.uint8)
    seen = 0
    for start in range(0, len(letters), _PARSED):
        quotes = np.flatnonzero(letters[start : start + _PARSED] == _QUOTE) + start
        opening, closing = quotes[seen % 2 :: 2], quotes[1 - seen % 2 :: 2]
        # A doubled mark closes and opens again: its neighbour is the other mark.
        before = edges[letters[np.maximum(opening - 1, 0)]] | (opening == 0)
        after = edges[letters[np.minimum(closing + 1, len(letters) - 1)]] | (closing == len(letters) - 1)
        if not (before.all() and after.all()):
            return False
        seen += len(quotes)
    return seen % 2 == 0
