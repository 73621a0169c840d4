"""Text tables that keep to the rules of CSV, read by Arrow; any other is left to the reader that mends."""

import numpy as np
import pyarrow as pa
import pyarrow.csv

_BLOCK, _PARSED = 1 << 24, 1 << 20
_QUOTE, _LINE_ENDS = ord('"'), (ord("\n"), ord("\r"))


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
        ``string`` columns, missing where blank. None where a quotation mark stands where none may, a record
        has more or fewer fields than the first, or lines end in more than one way. A blank line is a blank record.

    Examples
    --------
    >>> [column.to_pylist() for column in clean_columns(b'a,b\n1,"x, y"\n,2\n', ",")]
    [['a', '1', None], ['b', 'x, y', '2']]
    >>> clean_columns(b"a,b\n1\n", ",")
    """
    mark = delimiter.encode()
    if mark not in content[:_BLOCK] or not _sound_line_ends(content):
        return None
    inside = _line_ends_in_quotes(content, delimiter) if b'"' in content else False
    if inside is None:
        return None
    # Text that looks like a number must stay text: types for as many columns as the first line may have.
    width = content[:_BLOCK].split(b"\n", 1)[0].count(mark) + 1
    try:
        table = pyarrow.csv.read_csv(
            pa.BufferReader(content),
            read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=_PARSED),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=inside, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={f"f{number}": pa.string() for number in range(width)},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.columns if 1 < table.num_columns <= width else None


def _sound_line_ends(content: bytes) -> bool:
    returns = content.count(b"\r")
    return returns == 0 or returns == content.count(b"\r\n") == content.count(b"\n")


def _line_ends_in_quotes(content: bytes, delimiter: str) -> bool | None:
    """Whether a quoted field holds line ends, which slows Arrow down; None where marks do not open and close in turn."""
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), _QUOTE, *_LINE_ENDS]] = True
    letters = np.frombuffer(content, dtype=np.uint8)
    seen, inside = 0, False
    for start in range(0, len(letters), _BLOCK):
        quotes = np.flatnonzero(letters[start : start + _BLOCK] == _QUOTE) + start
        opening, closing = quotes[seen % 2 :: 2], quotes[1 - seen % 2 :: 2]
        # A doubled mark closes and opens again: its neighbour is the other mark.
        before = edges[letters[np.maximum(opening - 1, 0)]] | (opening == 0)
        after = edges[letters[np.minimum(closing + 1, len(letters) - 1)]] | (closing == len(letters) - 1)
        if not (before.all() and after.all()):
            return None
        if not inside:
            lines = np.flatnonzero(letters[start : start + _BLOCK] == _LINE_ENDS[0]) + start
            inside = bool(((np.searchsorted(quotes, lines) + seen) % 2).any())
        seen += len(quotes)
    return inside if seen % 2 == 0 else None
