"""Rows of a text table that do not fit the others: mended where one reading fits best, always noted."""

import csv
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import accumulate, combinations, combinations_with_replacement

_OTHER_DELIMITERS = (",", ";", "\t", "|", "，", "；")
_FULL_WIDTH = "，；"
_NAMES = {"\t": "tab", "\x01": "0x01", "\x1f": "0x1F"}
_NUMBER = re.compile(r"^[-+(]?[\s¥￥$€£]*\d[\d.,\s]*\s*[%)]?$")
_DATE = re.compile(r"^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}")
_CODE = re.compile(r"^(?=[^\d]*\d)[A-Za-z0-9][\w\-./#]*$", re.ASCII)
_LEADING = re.compile(r"^[-+(]?[\s¥￥$€£]*\d{1,3}$")
_DECIMALS = re.compile(r"^\d{1,2}$")
_GROUP_OF_THREE = re.compile(r"^\d{3}(?:\.\d+)?\s*\)?$")
_MOST_LINES_IN_A_CELL = 200
_MOST_BREAKS = 6
_MOST_LOST = 2
_MOST_JOINED = 3
_MOST_WAYS = 2_000
_MOST_WEIGHED = 1_500_000
"""Ways weighed in one file: where most rows are broken, the others are mended at their end."""
_SELDOM = 5
"""A fifth of a column's cells make a shape usual in it."""
_CLEARLY = 2.0
_DECIMAL = re.compile(r"^[-+(]?[\s¥￥$€£]*\d+(?:\.\d{3})*,\d{1,2}\s*\)?$")
_LISTED = 5


def named(delimiter: str) -> str:
    r"""A delimiter as a person can read it.

    Examples
    --------
    >>> named(";"), named("\t")
    (';', 'tab')
    """
    return _NAMES.get(delimiter, delimiter)


def _shape(cell: str) -> str:
    text = cell.strip()
    if not text:
        return "blank"
    if _DATE.match(text):
        return "date"
    if _NUMBER.match(text):
        return "number"
    return "code" if _CODE.match(text) else "text"


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


def numbers_together(row: list[str], width: int) -> list[str] | None:
    """A row whose numbers were cut at the commas of their thousands, or else of their decimals, put together.

    Examples
    --------
    >>> numbers_together(["A1", "1250", "5", "2026-10-01"], 3)
    ['A1', '1250,5', '2026-10-01']
    """
    if (whole := thousands_together(row, width)) is not None:
        return whole
    cut = [at for at in range(len(row) - 1) if row[at].strip().isdigit() and _DECIMALS.match(row[at + 1])]
    if len(cut) != len(row) - width:
        return None
    return [f"{cell},{row[at + 1]}" if at in cut else cell for at, cell in enumerate(row) if at - 1 not in cut]


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
        self._head = [cell.strip().casefold() for cell in sample[0]] if sample else []
        columns = list(zip(*sample[1:], strict=True)) if len(sample) > 1 else []
        self._shapes = [Counter(_shape(cell) for cell in column) for column in columns]
        self._words = [_repeated(column) for column in columns]
        self._rows = max(len(sample) - 1, 1)
        self._wider = set[int]()
        self._left = _MOST_WEIGHED
        self._found: dict[str, list[int]] = {}

    def restart(self) -> None:
        """Forget what was found: the records are read once more in another way."""
        self._found = {}

    def apply(self, block: list[list[str]], first: int) -> None:
        """Mend the rows of a block in place; ``first`` is the row number of its first record."""
        if self.width < 2:
            return
        position = 0
        while position < len(block):
            row = block[position]
            if row and len(row) != self.width:
                records, lines = self._records(block, position, first + position)
                block[position : position + lines] = [*records, *[[]] * (lines - len(records))]
                position += max(lines, len(records)) - 1
            position += 1

    def _records(self, block: list[list[str]], position: int, number: int) -> tuple[list[list[str]], int]:
        """The records that stand on a line, and how many lines they take: mostly one and one."""
        row = block[position]
        if len(row) < self.width:
            joined, lines = self._over_lines(block[position : position + _MOST_BREAKS])
            if joined:
                self._note(number, "a line break inside a value, its lines put together")
                return [joined], lines
        elif records := self._on_one_line(row):
            what = f"{len(records)} records on one line, taken apart: each counts as a row, so the rows below have higher numbers than in the file"
            self._note(number, what)
            return records, 1
        return [self._mend(row, number)], 1

    def _over_lines(self, lines: list[list[str]]) -> tuple[list[str], int]:
        """A record that goes on in the lines below; nothing where that gives no usual one."""
        joined = lines[0]
        for taken, below in enumerate(lines[1:], start=2):
            if len(below) >= self.width:
                # A lone line above a record, as a group's name.
                break
            joined = [*joined[:-1], f"{joined[-1]}\n{(below or [''])[0]}", *below[1:]]
            if len(joined) == self.width and self._is_usual(joined):
                return joined, taken
            if len(joined) > self.width:
                break
        return [], 0

    def _on_one_line(self, row: list[str]) -> list[list[str]]:
        """The records of a line that has lost its line ends; none where it is something else."""
        width, keys = self.width, [cell.strip().casefold() for cell in row]
        if len(row) == 2 * width - 1 and keys[width:] == self._head[1:] and keys[width - 1].endswith(self._head[0]):
            # Two exports put together, the first of which has no line end behind its last line.
            last = row[width - 1].rstrip()
            head = last[len(last) - len(self._head[0]) :]
            return [[*row[: width - 1], last.removesuffix(head)], [head, *row[width:]]]
        parts = [row[at : at + width] for at in range(0, len(row), width)]
        return parts if all(len(part) == width and self._is_usual(part) for part in parts) else []

    def _is_usual(self, row: list[str]) -> bool:
        """Whether every cell of a row looks as others in its column do, and a number or date is among them."""
        shapes = [_shape(cell) for cell in row]
        alike = all(
            shape == "blank" or held[shape] * _SELDOM >= self._rows
            for shape, held in zip(shapes, self._shapes, strict=False)
        )
        return bool(self._shapes) and alike and not {"number", "date"}.isdisjoint(shapes)

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
        if [cell.strip().casefold() for cell in row[: self.width]] == self._head:
            # Headings again, with more of them: the rows below have as many.
            self._wider.add(len(row))
        merged = None if len(row) in self._wider else self._merge(row)
        if merged is not None:
            cells, sure = merged
            doubt = "" if sure else ": compare it, another value can be meant"
            what = f"{len(row)} fields instead of {self.width}, a value with the delimiter in it put together{doubt}"
            self._note(number, what)
            return cells
        self._note(number, f"{len(row)} fields instead of {self.width}, kept in further columns")
        return row

    def _mend_short(self, row: list[str], number: int, filled: int) -> list[str]:
        if filled == 1:
            for other in _OTHER_DELIMITERS:
                parts = next(csv.reader([row[0]], delimiter=other), []) if other != self.delimiter else []
                # Full-width marks also stand between the words of a remark.
                if len(parts) == self.width and (other not in _FULL_WIDTH or self._is_usual(parts)):
                    self._note(number, f"delimiter {named(other)} instead of {named(self.delimiter)}")
                    return parts
        # A title or a total line is short by nature; a row that is more than half full lost a field.
        if filled * 2 <= self.width or number == 1:
            return row
        if (whole := self._with_gap(row)) is not None:
            self._note(number, f"{len(row)} fields instead of {self.width}, left empty where one is missing")
            return whole
        self._note(number, f"{len(row)} fields instead of {self.width}, the last ones left empty")
        return row

    def _with_gap(self, row: list[str]) -> list[str] | None:
        """A row with its lost fields empty where that fits clearly better than at its end; else None."""
        missing = self.width - len(row)
        if not self._shapes or missing > _MOST_LOST or self._left < 0:
            return None
        self._left -= math.comb(self.width, missing)
        moved = [self._running(row, -shift) for shift in range(missing + 1)]
        ranked: list[tuple[float, tuple[int, ...]]] = []
        for places in combinations(range(self.width), missing):
            score, start = 0.0, 0
            for shift, place in enumerate(places):
                score += moved[shift][place] - moved[shift][start] + self._fits("", place)
                start = place + 1
            ranked.append((score + moved[missing][self.width] - moved[missing][start], places))
        best = max(score for score, _ in ranked)
        if best <= ranked[-1][0] + _CLEARLY:
            return None
        # Of places that are as good the last one: what stands before it keeps its column.
        places, cells = max(item for item in ranked if item[0] > best - 0.25)[1], iter(row)
        return ["" if at in places else next(cells) for at in range(self.width)]

    def _merge(self, row: list[str]) -> tuple[list[str], bool] | None:
        """Neighbouring fields joined so that every column holds what it usually holds, and whether no other way does."""
        if not self._shapes:
            return None
        excess = len(row) - self.width
        numbers = numbers_together(row, self.width) if self.delimiter == "," else None
        # No way at all stands for the numbers. "Proof,130" is as good a text as any; 130,250.00 is hardly by chance a number.
        ranked: list[tuple[float, tuple[int, ...]]] = (
            [] if numbers is None else [(self._running(numbers, 0)[self.width] + 1, ())]
        )
        texts = [at for at in range(self.width) if self._shapes[at]["text"] * 2 >= self._rows]
        values = [at for at in range(self.width) if self._shapes[at]["number"] * 2 >= self._rows]
        open_to = [*texts, *values] if excess <= _MOST_JOINED and self.delimiter == "," else texts
        ways: Iterable[tuple[int, ...]] = combinations_with_replacement(sorted(open_to), excess)
        count = math.comb(len(open_to) + excess - 1, excess) if excess <= _MOST_JOINED else _MOST_WAYS
        self._left -= count
        if count >= _MOST_WAYS or self._left < 0:
            ways = ((at,) * excess for at in texts)
        moved = [self._running(row, shift) for shift in range(excess + 1)]
        for way in ways:
            score, joined = self._joined(row, way, moved)
            if all(_DECIMAL.match(joined[at]) for at in joined if at in values):
                ranked.append((score, way))
        ranked.sort(key=lambda pair: pair[0], reverse=True)
        tied = [way for score, way in ranked if ranked[0][0] - score < 0.25]
        if not tied or (len(tied) > 1 and not all(way and set(way) <= set(texts) for way in tied)):
            return None
        # Of several texts the first, as names stand before the rest: numbers and dates keep their columns either way.
        best, cells = min(tied), iter(row)
        if not best:
            return None if numbers is None else (numbers, True)
        together = [[next(cells) for _ in range(1 + best.count(at))] for at in range(self.width)]
        whole = [self.delimiter.join(parts) for parts in together]
        return (whole, len(tied) == 1) if len(tied) == 1 or self._is_usual(whole) else None

    def _joined(self, row: list[str], way: tuple[int, ...], moved: list[list[float]]) -> tuple[float, dict[int, str]]:
        """How well a row fits whose columns named take one more field each time, and what these hold.

        Half a point more where all that was taken begins blank.
        """
        score, start, shift, loose, joined = 0.0, 0, 0, True, dict[int, str]()
        for column in dict.fromkeys(way):
            more, at = way.count(column), column + shift
            taken = row[at : at + more + 1]
            joined[column] = self.delimiter.join(taken)
            loose = loose and all(part.startswith(" ") for part in taken[1:])
            score += moved[shift][column] - moved[shift][start] + self._fits(joined[column], column)
            shift, start = shift + more, column + 1
        return score + moved[shift][self.width] - moved[shift][start] + 0.5 * loose, joined

    def _running(self, row: list[str], shift: int) -> list[float]:
        """The sums, column by column, of how well the cells fit that stand so many fields further on."""
        cells = row[shift : shift + self.width] if shift >= 0 else [""] * -shift + row
        return [0.0, *accumulate(self._fits(cell, at) for at, cell in enumerate(cells))]

    def _fits(self, cell: str, column: int) -> float:
        """How well a cell fits what usually stands in a column; a word that stands there often fits best."""
        usual = math.log((self._shapes[column][_shape(cell)] + 0.1) / (self._rows + 1))
        return usual + (cell.strip() in self._words[column])


def _repeated(column: tuple[str, ...]) -> frozenset[str]:
    """The words of a column, where most stand in it again and again."""
    words = frozenset(cell.strip() for cell in column if _shape(cell) == "text")
    return words if len(words) > 1 and 3 * len(words) <= 2 * len(column) else frozenset()


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
    plain = bare.split(delimiter)
    if len(plain) == width and any(cell.count('"') == 2 and cell[:1] == '"' != cell[-1:] for cell in plain):
        # "Big" Pipes: the marks are a part of the name.
        return [cell[1:-1] if cell[:1] == cell[-1:] == '"' and len(cell) > 1 else cell for cell in plain]
    if len(marked := _marked_fields(bare, delimiter)) == width:
        return marked
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


def _marked_fields(line: str, delimiter: str) -> list[str]:
    """The fields of a line whose marks count only beside a delimiter: those inside "Acme "Best" Ltd" are letters."""
    mark = re.escape(delimiter)
    plain = f'[^{mark}"]*(?:{mark}|$)'
    closing = rf'"\s*(?:$|{mark}(?=\s*"|{plain}))'
    pattern = re.compile(rf'\s*"((?:[^"]|(?!{closing})")*){closing}|({plain})')
    fields, position = list[str](), 0
    while position <= len(line) and (found := pattern.match(line, position)):
        fields.append(found[2].removesuffix(delimiter) if found[1] is None else found[1].replace('""', '"'))
        if found.end() == len(line) and not line.endswith(delimiter, position, found.end()):
            return fields
        position = found.end()
    return []
