"""From a text table (csv, tsv, txt) to a sheet of text cells: every record is kept, every repair is noted."""

import csv
import gc
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import islice, zip_longest
from typing import Any

import pyarrow as pa

from ...errors import ExportError
from .cells import Sheet, blanks_to_missing, refuse_wide, text_frame
from .clean_text import clean_columns
from .encodings import decode
from .legacy_encodings import fits, guess
from .seven_bit import seven_bit
from .text_repairs import RowRepairs, named, numbers_together, repaired_records
from .text_wrapping import unwrapped, without_formulas

_DELIMITERS = (",", ";", "\t", "|", "^", "~", "，", "；", "｜", "¦", "§", "\x01", "\x1f")
_SAMPLE = 65_536
_SAMPLE_ROWS = 300
_BLOCK = 50_000
_MOJIBAKE = re.compile(
    r"[ÃÂ][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[äåæçèé][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]{2}|(?P<old>[\xa1-\xff]{4,})"
)
_LONGEST_HEADING = 1_000_000
_MOST_COLUMNS = 16_384
"""As in a workbook."""


def read_text(content: bytes, file: str) -> Sheet:
    """The one sheet of a text table.

    Encoding and delimiter are found from the content; quotes, embedded line ends and any kind of line end are
    respected; a row with more or fewer fields than the others is mended where one reading fits best, and noted.

    Parameters
    ----------
    content
        The file's bytes.
    file
        Its name, for messages.
    """
    return _plain_sheet(content, file) or _mended_sheet(content, file)


def _plain_sheet(content: bytes, file: str) -> Sheet | None:
    """The sheet of a table in ASCII that keeps the rules: read without a copy of it; None for any other."""
    # One letter is found several times as fast as two.
    guarded = b"=" in content and b'="' in content
    if guarded or not content.isascii() or b"\x00" in content or content.startswith(b"'") or seven_bit(content):
        return None
    head = content[: _LONGEST_HEADING + 1].decode("ascii")
    _refuse_endless_line(head, file)
    delimiter, width, _ = _layout(head, None)
    _refuse_wide_line(head, delimiter, file)
    if width < 2:
        return None
    columns = None if _separator_hint(head)[1] else clean_columns(content, delimiter)
    return None if columns is None else _sheet(columns, file, ["encoding utf-8", _said(delimiter)])


def _sheet(columns: list[pa.ChunkedArray], file: str, notes: list[str]) -> Sheet:
    return Sheet(file, None, text_frame([blanks_to_missing(column) for column in columns]), 1, tuple(notes))


def _said(delimiter: str) -> str:
    return f"delimiter {named(delimiter)}"


def _mended_sheet(content: bytes, file: str) -> Sheet:
    text, notes = decode(content, file)
    text, cleaning = _clean(text)
    text, hinted = _separator_hint(text)
    _refuse_endless_line(text, file)
    text, wrapping = unwrapped(text)
    delimiter, width, sample = _layout(text, hinted)
    if hinted and width < 2:
        cleaning.append(f"the first line names {hinted} as delimiter, which the file does not use")
        delimiter, width, sample = _layout(text, hinted := None)
    _refuse_wide_line(text, delimiter, file)
    found = [*notes, _said(delimiter), *cleaning, *wrapping]
    repairs, remarks = RowRepairs(delimiter, width, sample), list[str]()
    unread = delimiter.isascii() and (hinted or not text.isascii())
    columns = clean_columns(text.encode(), delimiter) if unread else None
    if columns is None:
        with _many_rows():
            columns, remarks = _parse(text, delimiter, width, repairs)
    columns, guards = without_formulas(columns) if '="' in text else (columns, [])
    return _sheet(columns, file, [*found, *guards, *remarks, *repairs.notes()])


def _garbled(text: str) -> list[str]:
    """A note where UTF-8 or GBK was once read as Windows-1252 and written so: it cannot be undone without doubt."""
    found = _MOJIBAKE.search(text)
    if found is None:
        return []
    word = re.search(r"[^\s,;\t|\"]*\Z", text[max(0, found.start() - 20) : found.start()])
    bad = (word[0] if word else "") + found[0] + re.split(r"[\s,;\t|\"]", text[found.end() : found.end() + 20])[0]
    try:
        raw = bad.encode("cp1252")
        legacy = guess(raw) if found["old"] and not fits(raw, "utf-8") else None
        meant = f", perhaps '{raw.decode(legacy.encoding if legacy else 'utf-8')}'"
    except UnicodeError:
        meant = ""
    return [f"names look garbled, as '{bad[:40]}'{meant}: they were written in a wrong encoding before this export"]


def _refuse_endless_line(text: str, file: str) -> None:
    start = text[:_LONGEST_HEADING]
    if len(text) > len(start) and "\n" not in start and "\r" not in start:
        raise ExportError(
            f"'{file}' is no table: its first line is longer than {_LONGEST_HEADING:,} characters. Export it again."
        )


def _refuse_wide_line(text: str, delimiter: str, file: str) -> None:
    refuse_wide(file, text[:_LONGEST_HEADING].partition("\n")[0].count(delimiter) + 1, _MOST_COLUMNS)


def _clean(text: str) -> tuple[str, list[str]]:
    notes = []
    for character, name in (("\x00", "NUL bytes (0x00) removed"), ("\ufffd", "garbled characters (\ufffd) stand")):
        if character in text:
            lines = [str(n) for n, line in enumerate(text.split("\n"), start=1) if character in line]
            more = f" and {len(lines) - 5} more" if len(lines) > 5 else ""
            notes.append(f"{text.count(character)} {name} in lines {', '.join(lines[:5])}{more}")
    notes += _garbled(text)
    text = text.removeprefix("\ufeff")
    return text.replace("\x00", "") if "\x00" in text else text, notes


def _separator_hint(text: str) -> tuple[str, str | None]:
    """Excel's own first line ``sep=;`` names the delimiter and is not part of the table."""
    if "sep=" not in text[:8].lower():
        return text, None
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"').lower()
    if hint.startswith("sep=") and len(first.strip()) <= 7:
        symbol = first.strip().strip('"')[4:5]
        return rest, symbol or "\t"
    return text, None


def _layout(text: str, hinted: str | None) -> tuple[str, int, list[list[str]]]:
    """The delimiter that cuts most rows into equally many fields, that number, and the rows it was found on."""
    best: tuple[float, str, int, list[list[str]]] = (-1.0, hinted or ",", 1, [])
    for delimiter in (hinted,) if hinted else _DELIMITERS:
        with _many_rows():
            sample, blanks = text[:_SAMPLE], f'{delimiter} "' in text[:_SAMPLE]
            reader = csv.reader(StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=blanks)
            rows = [row for row in islice(reader, _SAMPLE_ROWS) if any(cell.strip() for cell in row)]
            if len(text) <= _SAMPLE and sample.count('"') % 2:
                # A mark that is never closed swallows all lines below.
                lines = sample.replace('"', "").splitlines()
                rows = [line.split(delimiter) for line in lines if line.strip(f" {delimiter}")]
        if len(text) > _SAMPLE and len(rows) > 1:
            rows.pop()
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1] * (1 - 1 / item[0]), item[0]))
        score = count / len(rows) * (1 - 1 / width)
        if score > best[0]:
            best = (score, delimiter, width, [row for row in rows if len(row) == width])
    _, delimiter, width, usual = best
    if delimiter == "," and not hinted and (cut := _cut_at_thousands(text, width)):
        return delimiter, *cut
    return delimiter, width, usual


def _cut_at_thousands(text: str, width: int) -> tuple[int, list[list[str]]] | None:
    """Width and rows of a table whose amounts, 1,200,000, are cut in parts; None where its rows are as wide as headed."""
    rows = [row for row in csv.reader(StringIO(text[:_SAMPLE], newline="")) if any(cell.strip() for cell in row)][:-1]
    head = next((row for row in rows if len(row) > 1 and not any(mark.isdigit() for mark in "".join(row))), [])
    longer = [row for row in rows if len(row) > len(head) > 1]
    if len(head) >= width or not longer:
        return None
    mended = [mended for row in longer if (mended := numbers_together(row, len(head))) is not None]
    whole = [row for row in rows if len(row) == len(head) and row is not head]
    return (len(head), [head, *mended, *whole]) if 2 * len(mended) > len(longer) else None


@contextmanager
def _many_rows() -> Iterator[None]:
    """Lift the csv module's limit of 131,072 characters a field while a file is read.

    Millions of short-lived rows would wake the collector of reference cycles all the time: it waits.
    """
    before, collecting = csv.field_size_limit(min(sys.maxsize, 2**31 - 1)), gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        csv.field_size_limit(before)
        if collecting:
            gc.enable()


def _parse(text: str, delimiter: str, width: int, repairs: "RowRepairs") -> tuple[list[pa.ChunkedArray], list[str]]:
    """Columns of all records; strictly where quoting is sound, else by the least bold repair that works."""
    # A blank before a quotation mark would make the mark a part of the text.
    blanks = f'{delimiter} "' in text
    try:
        return _columns(_records(text, delimiter, skipinitialspace=blanks), repairs), []
    except csv.Error:
        repairs.restart()
    behind = re.compile(f'(?<!")" +(?={re.escape(delimiter)})')
    if behind.search(text[:_SAMPLE]):
        return _parse(behind.sub('"', text), delimiter, width, repairs)
    if '\\"' in text:
        try:
            nulls = re.compile(rf"(?<![^{re.escape(delimiter)}\n])\\N(?![^{re.escape(delimiter)}\r\n])")
            text, blanked = nulls.subn("", text)
            noted = ["values written as \\N (NULL) read as blank"] if blanked else []
            escaped = {"escapechar": "\\", "doublequote": False}
            return _columns(_records(text, delimiter, **escaped), repairs), ["quotes escaped by backslashes", *noted]
        except csv.Error:
            repairs.restart()
    mended: list[int] = []
    columns = _columns(repaired_records(text, delimiter, width, mended), repairs)
    more = f" and {len(mended) - 5} more" if len(mended) > 5 else ""
    named = ", ".join(str(row) for row in mended[:5])
    return columns, [f"unbalanced quote (quotation mark) mended in row {named}{more}"] if mended else []


def _records(text: str, delimiter: str, **rules: Any) -> Iterator[list[str]]:
    """Records read strictly. Not kept in a name by the caller: the reader holds a copy four times the text's size."""
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True, **rules)


def _columns(records: Iterator[list[str]], repairs: "RowRepairs") -> list[pa.ChunkedArray]:
    """Records turned into arrow columns block by block, so that memory stays near the size of the text."""
    blocks: list[list[pa.Array]] = []
    first = 1
    while block := list(islice(records, _BLOCK)):
        repairs.apply(block, first)
        first += len(block)
        blocks.append([pa.array(cells, pa.large_string()) for cells in zip_longest(*block)])
    widest = max((len(block) for block in blocks), default=0)
    lengths = [len(block[0]) if block else 0 for block in blocks]
    return [
        pa.chunked_array(
            [
                block[i] if i < len(block) else pa.nulls(length, pa.large_string())
                for block, length in zip(blocks, lengths, strict=True)
            ]
        )
        for i in range(widest)
    ]
