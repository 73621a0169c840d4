"""Rows of a text table that do not fit the others: mended where one reading fits best, always noted."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from io import StringIO

_OTHER_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {"\t": "tab", "\x01": "0x01", "\x1f": "0x1F"}
_NUMBER = re.compile(r"^[-+(]?[\s¥￥$€£]*\d[\d.,\s]*\s*[%)]?$")
_DATE = re.compile(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
_LEADING = re.compile(r"^[-+(]?[\s¥￥$€£]*\d{1,3}$")
_GROUP_OF_THREE = re.compile(r"^\d{3}(?:\.\d+)?\s*\)?$")
_MOST_LINES_IN_A_CELL = 200
_LISTED = 5


def named(delimiter: str) -> str:
    """A delimiter as a person can read it.

    Examples
    --------
    >>> named(";"), named("\\t")
    (';', 'tab')
    """
    return _NAMES.get(delimiter, delimiter)


def _shape(cell: str) -> str:
    text = cell.strip()
    if not text:
        return "blank"
    if _DATE.match(text):
        return "date"
    return "number" if _NUMBER.match(text) else "text"


def thousands_together(row: list[str], width: int) -> list[str] | None:
    """A row whose numbers were cut at the commas of their thousands, put together; None where that gives no usual row.

    Examples
    --------
    >>> thousands_together(["A1", "1", "250", "000.50", "2026-10-01"], 3)
    ['A1', '1,250,000.50', '2026-10-01']
    """
    together: list[str] = []
    growing = False
    for cell in row:
        if growing and _GROUP_OF_THREE.match(cell):
            together[-1] += f",{cell}"
            growing = "." not in cell
        else:
            together.append(cell)
            growing = _LEADING.match(cell) is not None
    return together if len(together) == width else None


class RowRepairs:
    """Mends rows with too many or too few fields, judged by what usually stands in each column.

    Parameters
    ----------
    delimiter
        The file's delimiter.
    width
        Fields of a usual row.
    sample
        Usual rows.
    """

    def __init__(self, delimiter: str, width: int, sample: list[list[str]]) -> None:
        self.delimiter = delimiter
        self.width = width
        columns = list(zip(*sample[1:], strict=True)) if len(sample) > 1 else []
        self._shapes = [Counter(_shape(cell) for cell in column) for column in columns]
        self._rows = max(len(sample) - 1, 1)
        self._found: dict[str, list[int]] = {}

    def restart(self) -> None:
        """Forget what was found: the records are read once more in another way."""
        self._found = {}

    def apply(self, block: list[list[str]], first: int) -> None:
        """Mend the rows of a block in place; ``first`` is the row number of its first record."""
        if self.width < 2:
            return
        for position, row in enumerate(block):
            if row and len(row) != self.width:
                block[position] = self._mend(row, first + position)

    def notes(self) -> list[str]:
        """What was mended or left as it is, as phrases with row numbers."""
        phrases = []
        for what, rows in self._found.items():
            more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
            phrases.append(f"row {', '.join(map(str, rows[:_LISTED]))}{more}: {what}")
        return phrases

    def _note(self, row: int, what: str) -> None:
        self._found.setdefault(what, []).append(row)

    def _mend(self, row: list[str], number: int) -> list[str]:
        filled = sum(1 for cell in row if cell.strip())
        if not filled:
            return []
        if len(row) < self.width:
            return self._mend_short(row, number, filled)
        if not any(cell.strip() for cell in row[self.width :]):
            return row[: self.width]
        merged = self._merge(row)
        if merged is not None:
            self._note(
                number, f"{len(row)} fields instead of {self.width}, a value with the delimiter in it put together"
            )
            return merged
        self._note(number, f"{len(row)} fields instead of {self.width}, kept in further columns")
        return row

    def _mend_short(self, row: list[str], number: int, filled: int) -> list[str]:
        if filled == 1:
            for other in _OTHER_DELIMITERS:
                parts = next(csv.reader([row[0]], delimiter=other), []) if other != self.delimiter else []
                if len(parts) == self.width:
                    self._note(number, f"delimiter {named(other)} instead of {named(self.delimiter)}")
                    return parts
        # A title or a total line is short by nature; a row that is more than half full lost a field.
        if filled * 2 > self.width and number > 1:
            self._note(number, f"{len(row)} fields instead of {self.width}, the last ones left empty")
        return row

    def _merge(self, row: list[str]) -> list[str] | None:
        """The one way to join neighbouring fields after which every column holds what it usually holds."""
        if not self._shapes:
            return None
        excess = len(row) - self.width
        numbers = thousands_together(row, self.width) if self.delimiter == "," else None
        # "Proof,130" is as good a text as any; 130,250.00 is hardly by chance a number.
        ranked = [] if numbers is None else [(self._score(numbers) + 1, numbers)]
        for start in range(self.width):
            if self._shapes[start]["text"] * 2 < self._rows:
                continue
            joined = self.delimiter.join(row[start : start + excess + 1])
            candidate = [*row[:start], joined, *row[start + excess + 1 :]]
            score = self._score(candidate)
            score += 0.5 * all(part.startswith(" ") for part in row[start + 1 : start + excess + 1])
            ranked.append((score, candidate))
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < 0.25):
            return None
        return ranked[0][1]

    def _score(self, row: list[str]) -> float:
        """How well each cell fits what usually stands in its column."""
        return sum(math.log((self._shapes[i][_shape(cell)] + 0.1) / (self._rows + 1)) for i, cell in enumerate(row))


def repaired_records(text: str, delimiter: str, width: int, mended: list[int]) -> Iterator[list[str]]:
    """Records of a text whose quotes are not balanced, line by line.

    Parameters
    ----------
    text
        The whole text.
    delimiter
        Its delimiter.
    width
        Fields of a usual row.
    mended
        Filled with the numbers of the rows that were mended.
    """
    lines = list(StringIO(text, newline=""))
    position, number = 0, 0
    while position < len(lines):
        number += 1
        if '"' not in lines[position]:
            bare = lines[position].rstrip("\r\n")
            position += 1
            yield bare.split(delimiter) if bare else []
            continue
        taken, record = _sound_record(lines, position, delimiter, width)
        if record is None:
            mended.append(number)
            taken, record = 1, _mended_line(lines[position], delimiter, width)
        position += taken
        yield record


def _sound_record(lines: list[str], start: int, delimiter: str, width: int) -> tuple[int, list[str] | None]:
    """The record that starts on a line and ends where its quotes balance; None where that gives no usual row."""
    joined = ""
    for taken, line in enumerate(lines[start : start + _MOST_LINES_IN_A_CELL], start=1):
        joined += line
        if joined.count('"') % 2:
            continue
        try:
            record = next(csv.reader(StringIO(joined, newline=""), delimiter=delimiter, strict=True), [])
        except csv.Error:
            return taken, None
        return taken, record if taken == 1 or len(record) == width else None
    return 1, None


def _mended_line(line: str, delimiter: str, width: int) -> list[str]:
    """One line without the quotation mark that breaks it."""
    bare = line.rstrip("\r\n")
    candidates = [bare[:i] + bare[i + 1 :] for i, character in enumerate(bare) if character == '"']
    for candidate in candidates:
        try:
            record = next(csv.reader([candidate], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        if len(record) == width:
            return record
    lenient = next(csv.reader([bare], delimiter=delimiter), [])
    if len(lenient) == width:
        return lenient
    return [cell.strip().strip('"') for cell in bare.split(delimiter)]
