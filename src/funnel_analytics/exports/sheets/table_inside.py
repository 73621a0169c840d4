"""From a sheet of cells to the table inside it: banners above, headings, records, totals and footers below."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ..formats.cells import refuse_wide
from ..formats.opening import Sheet
from ..profiles.heading_units import unit_named
from .lines import (
    clean_heading,
    headed_again,
    headed_in_other_order,
    line_widths,
    remarks,
    repeated_headings,
    spread_first_of_group,
    spread_lone_cells,
    sums_of_lines_above,
    tables_beneath,
)
from .side_tables import end_of_first, short_left
from .two_row_headings import VALUE, joined_headings, led_from_above, sub_headings, units_above

_LOOK_AHEAD = 60
_MOST = 0.5
_ENDS = 3
"""Lines at the end of a table that may be totals although they are as full as records."""
_MOST_COLUMNS = 2_000
_SAMPLE = 30
_TOTAL = re.compile(
    r"^\s*((grand\s+|sub)?-?\s*totals?|total g[eé]n[eé]ral|gesamt(?:summe)?|zwischensumme|summe|somme|suma|totale|overall|sum|average|avg|mean|count|max(?:imum)?|min(?:imum)?|median|合计|合計|总计|總計|小计|小計|总和|累计|累計|本页合计|本頁合計|本页小计|本頁小計|平均|平均值|计数|計數|最大值|最小值|中位数)\s*($|[:：(（])"
    r"|(?:\s(?:(?:sub-?)?totals?|汇总|彙總)|[\s\u4e00-\u9fff）)](?:小计|小計|合计|合計))$",
    re.IGNORECASE,
)
_SUBTOTAL = re.compile(r"^\s*(?:sub|grand)?\s*-?\s*totals?\b|^(?:小计|小計|合计|合計)", re.IGNORECASE)
_DASHES = re.compile(r"^[-–—_./]+$")
_DATE_HEADING = re.compile(r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?: 00:00(?::00)?)?")
_GROUP = re.compile(r"^(.{1,60}?)\s*[:：]\s*(\S.*?)\s*(?:[(（][\d,]+\s*\D*[)）])?$")
_LABELLED = re.compile(r"^\s*[^\W\d_][^\d:：]{0,40}[:：](?!//)\s*\S")
_GRAND = re.compile(
    r"^\s*(?:grand\s*-?\s*totals?|totals?|sum|合计|合計|总计|總計|总和)\s*(?:$|[:：(（])", re.IGNORECASE
)
_STATED = re.compile(
    r"(?:(?<!sub)(?<!sub-)\b(?:grand\s+)?totals?|合计|合計|總計|总计)\s*[(（]\s*([\d,]+)\s*(?:records?|条|條|筆|笔|rows?)?",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^page \d+( (of|/) \d+)?$|^第\s*\d+\s*[页頁]|confidential information|do not distribute|^copyright\b|all rights reserved|^(generated|exported|created) (by|on)\b|^filters?( applied)?:|机密|版权所有|導出|导出时间",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SheetTable:
    """The table that a sheet holds.

    Attributes
    ----------
    headings
        Cleaned headings, unique: stripped, inner blanks and line ends collapsed, marks without width removed.
    rows
        The sheet's columns named by the headings; index = Excel row number, named ``row``.
    set_aside
        Lines that are not records: row, value (their text), reason (banner, footer, note, group, total,
        repeated_heading, other_table).
        Blank lines are neither here nor in `rows`.
    notes
        Decisions taken, as phrases.
    stated_rows
        The number of records that the report's own footer states; None where it states none.
    totals
        The lines that total all records, with the columns and index of `rows`.
    merged
        Heading → rows whose value is that of a cell merged down from a row above.
    from_1904
        Whether numbers that are dates count the days from 1904.
    """

    headings: list[str]
    rows: pd.DataFrame
    set_aside: pd.DataFrame
    notes: tuple[str, ...]
    stated_rows: int | None
    totals: pd.DataFrame
    merged: Mapping[str, frozenset[int]] = field(default_factory=dict)
    from_1904: bool = False


def _heading_row(cells: pd.DataFrame, filled: np.ndarray) -> int | None:
    """The first line that is as wide as the records below it and holds words, not values."""
    widths = line_widths(filled)
    lines = np.flatnonzero(widths > 0)
    if not len(lines) or widths.max() < 2:
        return None
    typical = _typical_width(widths, lines)
    # Single cells, as the lines of a text above the table, are no headings, however many there are.
    for line in lines[widths[lines] >= 2][:_LOOK_AHEAD]:
        texts = [clean_heading(value) for value in cells.iloc[line] if isinstance(value, str) and value.strip()]
        words = [text for text in texts if not re.fullmatch(r"[\d\s.,:/%¥$€£+-]+", text)]
        if len(texts) >= max(2, 0.6 * typical) and len(words) >= 0.8 * len(texts):
            return int(line)
    return next((int(line) for line in lines[:_LOOK_AHEAD] if _words_then_dates(cells.iloc[line])), None)


def _typical_width(widths: np.ndarray, lines: np.ndarray) -> float:
    """How wide most lines are; but a short table can have more lines above and below it than records.

    Then it is where most cells stand, in lines that follow one another.
    """
    if len(lines) <= 2:
        return float(widths.max())
    sizes = np.sort(widths[lines])
    fullest = sizes[np.searchsorted(np.cumsum(sizes), sizes.sum() / 2)]
    wide = widths >= 0.6 * fullest
    return float(fullest if (wide[:-2] & wide[1:-1] & wide[2:]).any() else np.quantile(sizes, 0.5))


def _words_then_dates(cells: pd.Series) -> bool:
    """Whether a line names columns for who, and then one column for each of several days or months."""
    texts = [clean_heading(value) for value in cells if isinstance(value, str) and value.strip()]
    dates = [text for text in texts if _DATE_HEADING.fullmatch(text)]
    words = [text for text in texts if re.match(r"[^\W\d_]", text)]
    return len(texts) >= 2 and bool(words) and len(set(dates)) == len(dates) == len(texts) - len(words)


def _unique(headings: list[str], notes: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for position, heading in enumerate(headings, start=1):
        name = heading or f"(column {position})"
        if not heading:
            notes.append(f"column {position} has no heading (blank)")
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            notes.append(
                f"the heading '{name}' stands twice"
                if seen[name] == 2
                else f"the heading '{name}' stands {seen[name]} times"
            )
            name = f"{name} ({seen[name]})"
        result.append(name)
    return result


def _reasons(body: pd.DataFrame, filled: np.ndarray, headings: list[str]) -> np.ndarray:
    """Why a line below the headings is not a record; empty for a record."""
    widths = line_widths(filled)
    reasons = np.full(len(body), "", dtype=object)
    narrow = np.flatnonzero((widths > 0) & (widths <= max(1, filled.shape[1] // 2)))
    numbered = _numbered(body, widths) if len(narrow) else frozenset()
    for line in narrow:
        text = str(body.iat[line, filled[line].argmax()])
        if _FOOTER.search(text.strip()) or (widths[line] > 1 and _labelled(body, filled, int(line))):
            reasons[line] = "footer"
        elif (
            _TOTAL.search(text.strip())
            or (_SUBTOTAL.match(text) and _numbers_follow(body, filled, int(line)))
            or (widths[line] > 1 and _total_beside_numbers(body, filled, int(line)))
            or (
                # Words where all others have an id or a day, and numbers behind them: "Quota", 目标, 差额.
                1 < widths[line] <= filled.shape[1] // 3
                and filled[line].argmax() in numbered
                and not any(map(str.isdigit, text))
                and _numbers_follow(body, filled, int(line))
            )
        ):
            reasons[line] = "total"
    # Below the last full record after a gap, a lonely text is a note of the report.
    full = np.flatnonzero((widths > max(1, filled.shape[1] // 3)) & (reasons == ""))
    if len(full) and filled.shape[1] > 2:
        after_gap = np.cumsum((widths == 0) & (np.arange(len(body)) > full[-1])) > 0
        reasons[after_gap & (widths > 0) & (widths <= 2) & (reasons == "")] = "footer"
    reasons[remarks(body, filled) & (reasons == "")] = "note"
    again = repeated_headings(body, headings)
    called = [line for line in np.flatnonzero(widths > 0)[-_ENDS:].tolist()
              if reasons[line] == "" and _GRAND.fullmatch(str(body.iat[line, filled[line].argmax()]))]  # fmt: skip
    reasons[sums_of_lines_above(body, filled, reasons, called)] = "total"
    reasons[tables_beneath(body, filled, again) | headed_in_other_order(body, headings)] = "other_table"
    reasons[again] = "repeated_heading"
    if len(body) and headed_again(body, filled):
        reasons[0] = "repeated_heading"
    return reasons


def _with_units_beneath(body: pd.DataFrame, reasons: np.ndarray) -> pd.DataFrame:
    """Headings with the units that a line beneath them states, as "in kEUR" under Amount: they multiply amounts."""
    if not len(reasons) or reasons[0] != "repeated_heading":
        return body
    beneath = {
        heading: cell.strip(" ()[]（）")
        for heading, cell in zip(body.columns, body.iloc[0].astype("str"), strict=True)
        if isinstance(cell, str)
    }
    named = {heading: f"{heading} ({unit})" for heading, unit in beneath.items() if unit_named(unit) is not None}
    return body.rename(columns=named)


def _total_beside_numbers(body: pd.DataFrame, filled: np.ndarray, line: int) -> bool:
    """Whether one cell says "Total" and all others are numbers, wherever the word stands."""
    texts = [str(body.iat[line, column]).strip() for column in np.flatnonzero(filled[line])]
    words = [text for text in texts if not VALUE.fullmatch(text)]
    return len(words) == 1 and _TOTAL.search(words[0]) is not None


def _numbered(body: pd.DataFrame, widths: np.ndarray) -> frozenset[int]:
    """Columns in which every full line has a digit, as ids and days have."""
    full = body.iloc[np.flatnonzero(2 * widths > body.shape[1])[:_SAMPLE]]
    columns = range(body.shape[1]) if len(full) else ()
    return frozenset(at for at in columns if all(any(map(str.isdigit, str(text))) for text in full.iloc[:, at]))


def _labelled(body: pd.DataFrame, filled: np.ndarray, line: int) -> bool:
    """Whether every cell of a line says what it holds, as "Exported by: Dana" and "On: 2026-09-30" do."""
    return all(_LABELLED.match(str(body.iat[line, column])) for column in np.flatnonzero(filled[line]))


def _numbers_follow(body: pd.DataFrame, filled: np.ndarray, line: int) -> bool:
    """Whether a line's other filled cells are numbers, as behind "Subtotal Dana Lee"."""
    others = [str(body.iat[line, column]) for column in np.flatnonzero(filled[line])[1:]]
    return bool(others) and all(VALUE.fullmatch(text.strip()) for text in others)


def _spread_groups(body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray, notes: list[str]) -> pd.DataFrame:
    """Lines such as "Owner: Dana Lee" name a value for all records below them: it goes into that column."""
    keys = {str(heading).casefold(): heading for heading in body.columns}
    lines = (
        np.flatnonzero(filled[:, 0] & (line_widths(filled) == 1) & (reasons == "")) if len(body) else np.array([], int)
    )
    found = {line: match for line in lines.tolist() if (match := _GROUP.match(str(body.iat[line, 0])))}
    names = [clean_heading(match[1]) for match in found.values()]
    for name in dict.fromkeys(names):
        known = keys.get(name.casefold())
        if known is None and names.count(name) < 2:
            continue
        heading = known or name
        values = pd.Series(None, index=body.index, dtype="str")
        for line, match in found.items():
            if clean_heading(match[1]) == name:
                values.iloc[line], reasons[line] = match[2], "group"
        body = body.assign(**{heading: (body[known].astype("str").fillna(values.ffill()) if known else values.ffill())})
        notes.append(f"'{name}: …' lines name the {heading} of the rows below them")
    return body


def _aside(cells: pd.DataFrame, lines: np.ndarray, reasons: np.ndarray, first_row: int) -> pd.DataFrame:
    texts = [
        " | ".join(str(value) for value in cells.iloc[line] if isinstance(value, str) and value.strip())
        for line in lines
    ]
    return pd.DataFrame(
        {
            "row": lines + first_row,
            "value": pd.Series(texts, dtype="str"),
            "reason": pd.Series(list(reasons), dtype="str"),
        }
    )


def _stated_rows(aside: pd.DataFrame) -> int | None:
    for text in aside["value"]:
        if match := _STATED.search(str(text)):
            return int(match[1].replace(",", ""))
    return None


def _grand_totals(body: pd.DataFrame, reasons: np.ndarray, rows: pd.DataFrame, first: int) -> pd.DataFrame:
    """The lines set aside as totals that stand for all records: below the last of them and not called subtotals."""
    at = np.flatnonzero(reasons == "total")
    lines = body.iloc[at].astype("str").set_axis(pd.Index(at + first, name="row"), axis=0)
    first_text = lines.bfill(axis=1).iloc[:, 0].astype("str") if len(lines) else pd.Series(dtype="str")
    last = rows.index[-1] if len(rows) else -1
    return lines[(lines.index > last) & first_text.str.contains(_GRAND, na=False).to_numpy(bool)]


def find_table(sheet: Sheet) -> SheetTable | None:
    """The table in a sheet; None where there is nothing tabular.

    Parameters
    ----------
    sheet
        Cells as text.

    Returns
    -------
    SheetTable or None
        Lines above the headings are banners, lines below that state totals or legal notes are footers; both are
        set aside with their text, as are other tables beneath. Blank lines are dropped. Lines that name a group give its value to their records.
    """
    cells, notes = sheet.cells, list[str]()
    # Cells of blanks only are missing in every sheet.
    # Cells of one column lie together: lines are counted column by column.
    filled = np.asfortranarray(cells.notna().to_numpy())
    place = sheet.file if sheet.name is None else f"{sheet.file} [{sheet.name}]"
    refuse_wide(place, int(filled.any(axis=0).sum()), _MOST_COLUMNS)
    top = _heading_row(cells, filled)
    if top is None:
        return None
    raw, last = [_DASHES.sub("", clean_heading(value)) for value in cells.iloc[top]], top
    if sub_headings(cells, filled, top):
        last = top + 1
        raw = joined_headings(raw, [clean_heading(value) for value in cells.iloc[last]])
        notes.append(f"headings in two rows, {top + sheet.first_row} and {last + sheet.first_row}, were joined")
    elif top and (led := led_from_above(raw, cells, filled, top)) is not None:
        raw = led
        notes.append(f"headings in two rows, {top - 1 + sheet.first_row} and {top + sheet.first_row}, were joined")
    elif top and (united := units_above(raw, cells, filled, top, _merged_across(sheet, top - 1))) is not None:
        raw = united
        notes.append(f"headings in two rows, {top - 1 + sheet.first_row} and {top + sheet.first_row}, were joined")
    below = filled[last + 1 :]
    if (left := short_left(raw, cells.iloc[last + 1 :], below)) is not None:
        others = ", ".join(heading for heading in raw[:left] if heading)
        notes.append(f"a second table to the left (columns {others}) was not read: move it to a sheet of its own")
        raw[:left], below[:, :left] = [""] * left, False
    second = end_of_first(raw, below)
    if second is not None:
        others = ", ".join(heading for heading in raw[second + 1 :] if heading)
        notes.append(f"a second table to the right (columns {others}) was not read: move it to a sheet of its own")
        cells, filled, below, raw = cells.iloc[:, :second], filled[:, :second], below[:, :second], raw[:second]
    positions = _used_columns(raw, below, notes)
    plain = [raw[position] for position in positions]
    body = cells.iloc[last + 1 :, positions].set_axis(_unique(plain, notes), axis=1)
    below = below[:, positions]
    if plain and not plain[-1] and below[:, -1].mean() > _MOST:
        notes.append("the rows reach further than the headings: values may stand under the wrong heading, compare them")
    reasons = _reasons(body, below, plain)
    body = _with_units_beneath(body, reasons)
    body = _spread_groups(body, below, reasons, notes)
    body = spread_lone_cells(body, below, reasons, notes)
    body = spread_first_of_group(body, below, reasons, notes)
    _say_other_tables(body, below, reasons, last + 1 + sheet.first_row, notes)
    keep = below.any(axis=1) & (reasons == "")
    first = last + 1 + sheet.first_row
    numbers = pd.Index(np.flatnonzero(keep) + first, name="row")
    rows = (body if keep.all() else body[keep]).set_axis(numbers, axis=0)
    banners, low = np.flatnonzero(filled[:top].any(axis=1)), np.flatnonzero(reasons != "")
    above = _aside(cells, banners, np.full(len(banners), "banner"), sheet.first_row)
    aside = pd.concat([above, _aside(cells, low + last + 1, reasons[low], sheet.first_row)], ignore_index=True)
    if len(banners):
        notes.append(f"headings found in row {top + sheet.first_row}")
    totals = _grand_totals(body, reasons, rows, first)
    merged = {heading: reached for place, heading in zip(positions.tolist(), body.columns, strict=False)
              if (reached := _reached(sheet, place, rows.index))}  # fmt: skip
    stated = _stated_rows(aside)
    return SheetTable(list(rows.columns), rows, aside, tuple(notes), stated, totals, merged, sheet.from_1904)


def _merged_across(sheet: Sheet, line: int) -> list[tuple[int, int]]:
    """The first and last column of each value of a line that is merged over several."""
    return [(first, last) for row, first, last in sheet.across if row == line + sheet.first_row]


def _reached(sheet: Sheet, place: int, rows: pd.Index) -> frozenset[int]:
    """Rows of a column that a cell merged down from another record reaches."""
    reached = set[int]()
    for at, first, last in sheet.merged:
        if at == place:
            reached |= set(rows[(rows >= first) & (rows <= last)][1:])
    return frozenset(reached)


def _say_other_tables(
    body: pd.DataFrame, filled: np.ndarray, reasons: np.ndarray, first: int, notes: list[str]
) -> None:
    lines = np.flatnonzero(reasons == "other_table")
    if len(lines):
        head = next((line for line in lines if filled[line].sum() > 1), lines[0])
        named = ", ".join(str(body.iat[head, column]).strip() for column in np.flatnonzero(filled[head]))
        notes.append(
            f"a second table beneath (row {head + first}: {named}) was not read: move it to a sheet of its own"
        )


def _used_columns(raw: list[str], below: np.ndarray, notes: list[str]) -> np.ndarray:
    """Positions of the columns that have a heading or a value."""
    valued = np.asarray(below.any(axis=0))
    empty = [heading for heading, any_value in zip(raw, valued.tolist(), strict=True) if heading and not any_value]
    if empty and len(below):
        notes.append(f"columns without any value: {', '.join(empty[:8])}" + (" …" if len(empty) > 8 else ""))
    return np.flatnonzero(valued | np.array([bool(heading) for heading in raw]))
