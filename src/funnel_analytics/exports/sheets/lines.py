"""Lines below the headings that are no records: headings again, other tables beneath, lone cells that name a group."""

import re
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ..profiles.profile import builtin_profiles
from ..values.amounts_written import written_numbers
from ..values.parsed import arrow_text

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u200e\u200f"))
_RULE = re.compile(r"[-=_+:*\s]{2,}")
_VALUE = re.compile(r"[^a-zA-Z]*\d[^a-zA-Z]*")
_PLACEHOLDER = re.compile(
    r"n\.?/?a\.?|tb[dca]|none|null|unknown|待定|未填写?|未填寫|暂无|暫無|未知|无|無|空", re.IGNORECASE
)
_COUNTED = re.compile(r"\s*[(（]\s*[\d,]+\s*(?:records?|rows?|条|條|筆|笔|项|項)?\s*[)）]$", re.IGNORECASE)
_PERIOD = re.compile(r"[QHqh][1-4]|(?:FY)?\s*(?:19|20)?\d\d")
_REMARK = r"(?i)^\s*(?:#(?:\D|$)|//|--\s|;\s|(?:note|n\.b\.|remark|备注|備註|注|註|说明|說明)\s*[:：])"
_LETTERS = r"[^\W\d_]+"
_ALL = 0.9
_SAMPLE = 30
_MOST_GAPS = 200
_MOST_LIKELY = 1_000
_ENOUGH = 4
_LEAST_SUM = 100
"""A smaller whole number, as of a rating, is the sum of others by chance."""


def clean_heading(text: object) -> str:
    r"""A heading without line ends, doubled blanks and marks that have no width.

    Examples
    --------
    >>> clean_heading("  Close\nDate ")
    'Close Date'
    """
    return "" if not isinstance(text, str) else re.sub(r"\s+", " ", text.translate(_INVISIBLE)).strip()


def line_widths(filled: np.ndarray) -> np.ndarray:
    """How many cells of each line are filled, where the cells of a column lie together.

    Examples
    --------
    >>> line_widths(np.array([[True, False], [True, True]])).tolist()
    [1, 2]
    """
    return np.asarray(np.add.reduce(filled.T.view(np.uint8), axis=0, dtype=np.int16))


def _is_word(text: str) -> bool:
    return re.search(r"[^\W\d_]", text) is not None and not any(mark.isdigit() for mark in text)


def _valued(body: pd.DataFrame, filled: np.ndarray, lines: np.ndarray) -> list[int]:
    """Columns that hold numbers or dates in nearly all of some lines."""
    found = []
    for column in range(body.shape[1]):
        texts = [str(body.iat[line, column]).strip() for line in lines if filled[line, column]]
        if texts and sum(_VALUE.fullmatch(text) is not None for text in texts) >= 0.8 * len(texts):
            found.append(column)
    return found


def _heads(body: pd.DataFrame, filled: np.ndarray, line: int, below: np.ndarray) -> bool:
    """Whether a line names columns that hold numbers or dates in the lines given."""
    texts = [str(body.iat[line, column]).strip() for column in np.flatnonzero(filled[line])]
    if not texts or not all(map(_is_word, texts)):
        return False
    named = [str(body.iat[line, column]).strip() for column in _valued(body, filled, below) if filled[line, column]]
    return len(set(named)) >= 2 and not any(_PLACEHOLDER.fullmatch(text) for text in named)


def headed_again(body: pd.DataFrame, filled: np.ndarray) -> bool:
    """Whether the first line below the headings is a second one (API names, units, a rule of dashes), no record."""
    lines = np.flatnonzero(filled.any(axis=1))[: _SAMPLE + 1]
    if len(lines) < 2 or lines[0] != 0 or filled[0].sum() < 2:
        return False
    texts = [str(body.iat[0, column]) for column in np.flatnonzero(filled[0])]
    return all(map(_RULE.fullmatch, texts)) or _heads(body, filled, 0, lines[1:])


def repeated_headings(body: pd.DataFrame, headings: list[str]) -> np.ndarray:
    """Lines that hold the headings again: in other case, with marks of no width, or in another language."""
    keys = [heading.casefold() for heading in headings]
    if not any(keys) or not len(body):
        return np.array([], dtype=int)
    first = next(position for position, key in enumerate(keys) if key)
    cells = body.iloc[:, first]
    likely = np.flatnonzero(cells.str.contains(headings[first], case=False, regex=False, na=False).to_numpy(bool))
    wanted = {position: key for position, key in enumerate(keys) if key}
    found = []
    for line in likely.tolist():
        same = sum(clean_heading(body.iat[line, position]).casefold() == key for position, key in wanted.items())
        if same >= max(1, 0.8 * len(wanted)):
            found.append(line)
    known = _fields()
    meant = [known.get(heading) for heading in headings]
    foreign = np.flatnonzero(body.iloc[:, first].isin(known.keys()).to_numpy(bool))
    for line in foreign.tolist() if len(foreign) <= _MOST_GAPS else []:
        fields = [known.get(str(cell).strip()) for cell in body.iloc[line]]
        same = sum(field is not None and field == own for field, own in zip(fields, meant, strict=True))
        if same >= max(_ENOUGH, 0.8 * body.iloc[line].notna().sum()):
            found.append(line)
    return np.unique(np.array(found, dtype=int))


@lru_cache
def _fields() -> Mapping[str, str]:
    """What the built-in profiles call the columns of opportunities, in all languages, and the field that each means."""
    tables = [profile.tables.get("opportunities") for profile in builtin_profiles().values()]
    return {
        heading: field
        for table in tables
        if table is not None
        for field, names in table.columns.items()
        for heading in names
    }


def sums_of_lines_above(body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray, called: list[int]) -> list[int]:
    """Lines whose number is the sum of the records above: totals, no records.

    Short ones, whatever word stands beside it, and those that are called totals.
    """
    widths = line_widths(filled)
    short = np.flatnonzero((widths >= 2) & (widths <= max(2, body.shape[1] // 2)) & (reasons == ""))
    short = np.union1d(short, np.array(called, dtype=int))
    records = (widths > 0) & (reasons == "")
    records[short] = False
    if not 0 < len(short) <= _MOST_GAPS or records.sum() < 2:
        return []
    numbers: dict[int, np.ndarray] = {}
    found: list[int] = []
    for line in short.tolist():
        columns = np.flatnonzero(filled[line])
        texts = [str(body.iat[line, column]).strip() for column in columns]
        valued = [int(column) for column, text in zip(columns, texts, strict=True) if _VALUE.fullmatch(text)]
        if len(valued) < len(columns) - 1 and line not in called:
            continue
        for column in valued:
            if column not in numbers:
                numbers[column] = _numbers(body.iloc[:, column])
            if _is_sum(numbers[column], records, line, np.flatnonzero(reasons[:line] == "total").tolist() + found):
                found.append(line)
                break
    return found


def _numbers(cells: pd.Series) -> np.ndarray:
    texts = cells.astype("str").fillna("").str.strip().tolist()
    return written_numbers(texts, np.ones(len(texts), dtype=np.int64)).values


def _is_sum(numbers: np.ndarray, records: np.ndarray, line: int, totals: list[int]) -> bool:
    """Whether a line's number is the sum of two or more numbers of records above it, or of those since a total."""
    if abs(numbers[line]) < _LEAST_SUM and float(numbers[line]).is_integer():
        return False
    for start in {0, max((total + 1 for total in totals), default=0)}:
        held = numbers[start:line][records[start:line]]
        held = held[~np.isnan(held) & (held != 0)]
        if len(held) >= 2 and abs(held.sum() - numbers[line]) <= max(0.005 * len(held), 1e-9 * abs(held.sum())):
            return True
    return False


def remarks(body: pd.DataFrame, filled: np.ndarray) -> np.ndarray:
    """Short lines that begin as a remark does, "# exported by …", and lone cells beside a column that all others fill."""
    found = np.zeros(len(body), dtype=bool)
    if body.shape[1] < 2 or not len(body):
        return found
    widths = line_widths(filled)
    records = widths > body.shape[1] // 2
    if body.shape[1] >= _ENOUGH and records.any() and filled[records, 0].all():
        for line in np.flatnonzero((widths == 1) & ~filled[:, 0])[:_MOST_GAPS].tolist():
            # A lone number can be the sum of a column.
            found[line] = _is_word(str(body.iat[line, filled[line].argmax()]))
    texts = arrow_text(body.iloc[:, 0])
    matched = pc.match_substring_regex(texts.dictionary if pa.types.is_dictionary(texts.type) else texts, _REMARK)
    if not pc.any(matched).as_py():
        return found
    matched = matched.take(texts.indices) if pa.types.is_dictionary(texts.type) else matched
    likely = np.flatnonzero(np.asarray(matched.fill_null(False)))
    short = line_widths(filled[likely]) <= max(1, body.shape[1] // 2)
    found[likely] |= bool(short.all())
    return found


def headed_in_other_order(body: pd.DataFrame, headings: list[str]) -> np.ndarray:
    """Lines from the first that holds the headings again in another order or language: records would be read askew."""
    other = np.zeros(len(body), dtype=bool)
    known = _fields()

    def meaning(text: object) -> str:
        heading = clean_heading(text)
        return known.get(heading, heading.casefold())

    wanted = {meaning(heading) for heading in headings if heading}
    if len(wanted) < 2 or not len(body):
        return other
    listed = {*known, *(heading for heading in headings if heading)}
    likely = np.flatnonzero(body.iloc[:, 0].isin(listed).to_numpy(bool))
    for line in likely.tolist() if len(likely) <= _MOST_GAPS else []:
        texts = [meaning(cell) for cell in body.iloc[line]]
        in_place = sum(text == meaning(heading) for text, heading in zip(texts, headings, strict=True) if text)
        if len(wanted & set(texts)) >= max(2, 0.8 * len(wanted)) and in_place < 0.8 * len(wanted):
            other[line:] = True
            break
    return other


def tables_beneath(body: pd.DataFrame, filled: np.ndarray, again: np.ndarray) -> np.ndarray:
    """Lines of other tables beneath the first: they begin with headings of their own, mostly behind a blank line.

    Parameters
    ----------
    body, filled
        The lines below the headings, and which of their cells hold text.
    again
        Lines that repeat the headings of the first table.
    """
    other = np.zeros(len(body), dtype=bool)
    widths = line_widths(filled)
    starts = np.flatnonzero((widths > 0) & (np.r_[1, widths[:-1]] == 0))
    for head, end in _touching(body, filled, widths, again):
        other[head:end] = True
    if not 0 < len(starts) <= _MOST_GAPS:
        return other
    ends = [int(np.flatnonzero(np.r_[widths[start:], 0] == 0)[0] + start) for start in starts]
    for start, end in zip(starts.tolist(), ends, strict=True):
        head = start + 1 if widths[start] == 1 and start + 1 < end else start
        if end - head < 2 or head in again or widths[head] < 2:
            if other[:start].any() and head not in again and not _like_records(filled, start, end):
                other[start:end] = True
            continue
        above = np.flatnonzero((widths[:start] > 0) & ~other[:start])[-_SAMPLE:]
        below = np.arange(head + 1, min(end, head + 1 + _SAMPLE))
        texts = [str(body.iat[head, column]).strip() for column in np.flatnonzero(filled[head])]
        narrow = widths[head:end].max() <= 0.6 * body.shape[1] and all(map(_is_word, texts))
        narrow = narrow and any(filled[head, column] for column in _valued(body, filled, below))
        if narrow or (len(above) and _heads(body, filled, head, above)):
            other[start:end] = True
    return other


def _touching(body: pd.DataFrame, filled: np.ndarray, widths: np.ndarray, again: np.ndarray) -> list[tuple[int, int]]:
    """First and last line of tables that follow the records without a blank line.

    Their headings are words where records hold numbers or dates, or stand in a few columns in which nothing else
    follows; none of them is a value of its column, and the lines below hold other kinds of values.
    """
    lines = np.flatnonzero(widths > 0)
    if len(lines) < 3 or body.shape[1] < 2:
        return []
    most = 0.6 * body.shape[1]
    first = lines[: _MOST_LIKELY // 2]
    likely = first[_without_values(body.iloc[: first[-1] + 1], filled)[first]]
    if len(lines) > len(first):
        slim = (widths >= 2) & (widths <= most)
        likely = np.union1d(likely, np.flatnonzero(slim & np.r_[slim[1:], False]))
        above = _valued(body, filled, lines[:_SAMPLE])
        if above:
            fullest = max(above, key=lambda column: int(filled[lines[:_SAMPLE], column].sum()))
            likely = np.union1d(likely, np.flatnonzero(_wordy(body.iloc[:, fullest])))
    found, done, blanks = list[tuple[int, int]](), int(lines[0]), np.flatnonzero(np.r_[widths, 0] == 0)
    for head in likely.tolist() if len(likely) <= _MOST_LIKELY else []:
        if head > done and head not in again and widths[head + 1 : head + 2].any():
            end = int(blanks[np.searchsorted(blanks, head)])
            if _heads_another(body, filled, (head, end), lines, most=most):
                found.append((head, end))
                done = end
    return found


def _without_values(body: pd.DataFrame, filled: np.ndarray) -> np.ndarray:
    """Which lines hold nothing but words and the names of periods."""
    found = np.ones(len(body), dtype=bool)
    for column in range(body.shape[1]):
        found &= ~filled[: len(body), column] | _wordy(body.iloc[:, column], rf"^(?:\PN+|{_PERIOD.pattern})$")
    return found


def _wordy(cells: pd.Series, pattern: str = r"^\PN+$") -> np.ndarray:
    """Which cells hold a text without any digit, or of another pattern."""
    texts = arrow_text(cells)
    held = texts.dictionary if pa.types.is_dictionary(texts.type) else texts
    words = pc.match_substring_regex(held, pattern)
    words = words.take(texts.indices) if pa.types.is_dictionary(texts.type) else words
    return np.asarray(words.fill_null(False))


def _heads_another(
    body: pd.DataFrame, filled: np.ndarray, stretch: tuple[int, int], lines: np.ndarray, *, most: float
) -> bool:
    """Whether the first line of a stretch heads the others in it, and these are of another kind than the lines above."""
    head, end = stretch
    columns = np.flatnonzero(filled[head]).tolist()
    texts = [clean_heading(body.iat[head, column]) for column in columns]
    if len(set(texts)) < max(2, len(texts)) or not _is_word(texts[0]):
        return False
    if not all((_is_word(text) and not _PLACEHOLDER.fullmatch(text)) or _PERIOD.fullmatch(text) for text in texts):
        return False
    narrow = line_widths(filled[head:end]).max() <= most
    below = _valued(body, filled, np.arange(head + 1, min(end, head + 1 + _SAMPLE)))
    above = _valued(body, filled, lines[lines < head][:_SAMPLE])
    named = [column for column in columns if column in above]
    changed = [column for column in columns if (column in above) != (column in below)]
    known = sum(text in _fields() for text in texts)
    if narrow and not set(columns) & set(below):
        return False
    if not narrow and (len(named) < 2 or not (changed or 2 * known >= len(texts))):
        return False
    return all(int((body.iloc[:, column] == body.iat[head, column]).sum()) == 1 for column in columns)


def _like_records(filled: np.ndarray, start: int, end: int) -> bool:
    return bool(line_widths(filled[start:end]).max() > 0.6 * filled.shape[1])


def _subtotalled(body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray) -> np.ndarray:
    """Lines that name a group and hold nothing else but its sums: all others have no name in the first column."""
    headed = filled[:, 0] & (reasons == "")
    lines = np.flatnonzero(headed)
    none = np.zeros(len(body), dtype=bool)
    if not 0 < len(lines) <= _MOST_GAPS or line_widths(filled[lines]).max() > max(2, body.shape[1] // 2):
        return none
    for line in lines.tolist():
        others = [str(body.iat[line, column]) for column in np.flatnonzero(filled[line])[1:]]
        if not all(_VALUE.fullmatch(text) for text in others):
            return none
    return np.asarray(headed)


def spread_lone_cells(body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray, notes: list[str]) -> pd.DataFrame:
    """A lone cell at the beginning of a line is no record of a wide table: it names the group of the lines below.

    Where the first column holds nothing but such cells, each goes to all records below it.
    """
    if body.shape[1] < 4 or not len(body):
        return body
    widths = line_widths(filled)
    lone = (widths == 1) & filled[:, 0] & (reasons == "")
    lone |= _subtotalled(body, filled, reasons)
    records = (widths > 1) & (reasons == "") & ~lone
    if not lone.any() or np.median(widths[records]) < 0.5 * body.shape[1] if records.any() else True:
        return body
    heading = body.columns[0]
    # A record may stand in the line that names its group, as where a merged cell is taken apart.
    if not filled[records, 0].any():
        texts = body[heading].where(pd.Series(lone, index=body.index)).str.replace(_COUNTED, "", regex=True)
        body = body.assign(**{heading: body[heading].fillna(texts.ffill())})
        notes.append(f"{int(lone.sum()):,} lines name the {heading} of the rows below them")
    reasons[lone] = np.where(_like_ids(body[heading], lone, records), "id_alone", "group")[lone]
    return body


def _like_ids(first: pd.Series, lone: np.ndarray, records: np.ndarray) -> np.ndarray:
    """Which lone cells are written as the ids that all records begin with: such a line is a record that lost the rest."""
    shapes = first.str.replace(_LETTERS, "a", regex=True).str.replace(r"\d+", "9", regex=True)
    known = shapes[records].value_counts(dropna=False)
    if not isinstance(known.index[0], str) or "9" not in known.index[0] or known.iloc[0] < _ALL * records.sum():
        return np.zeros(len(first), dtype=bool)
    sizes = first[records].str.len()
    return np.asarray(lone & (shapes == known.index[0]) & first.str.len().between(sizes.min(), sizes.max()))


def spread_first_of_group(
    body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray, notes: list[str]
) -> pd.DataFrame:
    """A first column that only the first record of each group fills goes to all records of the group.

    Each of its words stands once, the first record has one, and most records have none.
    """
    if body.shape[1] < 4:
        return body
    records = np.flatnonzero((line_widths(filled) > 0) & (reasons == ""))
    named = records[filled[records, 0]] if len(records) else records
    if len(named) < 2 or named[0] != records[0] or len(named) > 0.6 * len(records):
        return body
    heading = body.columns[0]
    words = body[heading].iloc[named]
    if words.duplicated().any() or not all(map(_is_word, words.astype("str"))):
        return body
    inside = pd.Series(False, index=body.index)
    inside.iloc[records] = True
    notes.append(f"{heading} stands in the first row of each group only: taken for all of its rows")
    return body.assign(**{heading: body[heading].ffill().where(inside, body[heading])})
