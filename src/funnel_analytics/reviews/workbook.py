"""The review as an Excel workbook: a summary with native charts, one real table a sheet, definitions, the receipt."""

import io
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd
import xlsxwriter

from .. import tables
from ..errors import OwnReviewError
from ..words import cell, word
from .fitting import longest_word, width
from .shown import Shown, Wording
from .what_if import what_if
from .workbook_charts import PRINTED_COLUMNS, chart_of, waterfall_columns
from .workbook_rows import LINE, Rows, filled, number_cells, text_cells

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELL_LIMIT = 32_767
_ROW_LIMIT = 1_048_000
"""Excel has 1,048,576 rows."""
_ACCENT = "#1F4E79"
_TOP = 3
"""The row of a sheet's headings, below its title and notes."""
_HEADING = 1.6
"""How much larger a title's type is."""
_RIGHT = {"date", "time", "money", "rate", "days", "number", "count"}
"""Kinds of columns that stand on the right of their cells."""
_RECORDS = {"opportunity_id", "account_id"}
_EPOCH = pd.Timestamp("1899-12-30")
_FIRST_DAY = pd.Timestamp("1900-03-01")
"""Excel counts a day in February 1900 that never was: what lies before stays text."""
_LINKED = 30_000
"""So many rows of a column are links: a sheet takes 65,530."""
_INDENTED = {"align": "left", "indent": 1}
"""Text keeps off the number before it; programs indent only what is told to stand on the left."""
_SAMPLED = 200
"""So many rows decide how wide a column is."""


def clean_text(text: str) -> str:
    """Text that Excel takes: no control characters, not longer than a cell."""
    return _CONTROL.sub(" ", text)[:_CELL_LIMIT]


def ordered(table: pd.DataFrame, first: Sequence[str]) -> list[str]:
    """The columns of a table, those that a reader wants first."""
    return [*first, *(name for name in table.columns if name not in first)]


class Writer:
    """One workbook being written; knows its formats."""

    contents: Wording
    """What a review says; a single table is written without it."""

    def __init__(self, lang: str, title: str, as_of: pd.Timestamp) -> None:
        self.lang, self.as_of = lang, as_of
        self.sink = io.BytesIO()
        # Text from a CRM stays text: a name that begins with "=" must never become a formula or a link.
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.sink, options)
        stamp = as_of.to_pydatetime()
        self.book.set_properties({"title": title, "category": OwnReviewError.MARK, "created": stamp})
        self.formats = {
            kind: self.book.add_format({"num_format": text, "valign": "top"} | ({} if kind in _RIGHT else _INDENTED))
            for kind, text in tables.FORMATS.items()
        }
        self.sentences = self.book.add_format({"text_wrap": True, "valign": "top"} | _INDENTED)
        self.heading = self.book.add_format({"bold": True, "font_size": 16, "font_color": _ACCENT, "text_wrap": True})
        self.small = self.book.add_format({"font_color": "#667085", "text_wrap": True, "valign": "top"})
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = self.book.add_format({"bold": True, "valign": "top"})
        look = {"bold": True, "text_wrap": True, "valign": "top"}
        self.table_headings = {
            True: self.book.add_format(look | {"align": "right"}),
            False: self.book.add_format(look | _INDENTED),
        }
        self.link = self.book.add_format({"font_color": _ACCENT, "underline": 1})
        self.link_in_table = self.book.add_format({"font_color": _ACCENT, "underline": 1, "valign": "top"} | _INDENTED)
        self.overdue = self.book.add_format({"font_color": "#B42318", "bold": True})
        self.sheets: set[str] = set()
        self.rows: list[Rows] = []

    def finish(self) -> bytes:
        """The file's bytes."""
        self.book.close()
        return filled(self.sink.getvalue(), self.rows)

    def add_sheet(self, title: str) -> Any:
        """A sheet whose name Excel accepts and no other has; prints landscape, as wide as the paper."""
        name = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or "Sheet"
        while name.lower() in self.sheets:
            name = f"{name[:25]} {len(self.sheets)}"
        self.sheets.add(name.lower())
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8&A&R&8&P / &N")
        return sheet

    def paragraph(self, sheet: Any, row: int, text: str, columns: int, wide: float, *, heading: bool = False) -> None:
        """Text across so many columns, in a row that is high enough: LibreOffice does not grow merged rows."""
        form, size = (self.heading, _HEADING) if heading else (self.small, 1.0)
        sheet.merge_range(row, 0, row, columns - 1, "", form)
        sheet.write_string(row, 0, clean_text(text), form)
        sheet.set_row(row, LINE * size * max(1, math.ceil(width(text) * size / wide)))

    def _column(
        self, sheet: Any, top: int, position: int, values: pd.Series, kind: str, table: pd.DataFrame
    ) -> tuple[list[str], int]:
        """The cells of one column, missing ones empty, and how wide they are; the sheet knows their format."""
        whole = kind == "number" and (values.dropna() % 1 == 0).all()
        form = self.sentences if _is_sentences(values.name, kind) else self.formats["count" if whole else kind]
        for row in {top + 1, top + max(len(values), 1)}:
            sheet.write_blank(row, position, None, form)
        if kind in ("date", "time") and (values < _FIRST_DAY).any():
            values, kind = values.astype("str"), "text"
        if kind in _RIGHT:
            # A date is a number in Excel.
            days = kind in ("date", "time")
            numbers = (values - _EPOCH) / pd.Timedelta(days=1) if days else values
            # By what numbers look like, not by how they are kept.
            return number_cells(numbers), 17 if kind == "time" else 12

        def say(value: object) -> str:
            return clean_text(cell(value, kind, self.lang, table=table))

        widest = max((width(say(value)) for value in values.head(_SAMPLED).dropna().unique()), default=0)
        return text_cells(values, say), widest

    def _wrapped(self, values: pd.Series, kind: str, table: pd.DataFrame, wide: int) -> list[int]:
        """Lines that each sentence takes in a column so wide: not every program makes rows higher by itself."""
        codes, known = pd.factorize(values)
        said = (cell(value, kind, self.lang, table=table) for value in known.tolist())
        lines = [max(1, math.ceil(width(text) / (wide - 4))) for text in said]
        return [lines[code] if code >= 0 else 1 for code in codes.tolist()]

    def _links(self, sheet: Any, top: int, position: int, addresses: pd.Series, values: pd.Series) -> None:
        """The texts of a column lead to their addresses, as far as Excel takes links."""
        texts = [clean_text(str(value)) for value in values.fillna("").tolist()]
        for row, (text, address) in enumerate(zip(texts, addresses.tolist(), strict=True)):
            if row < _LINKED and isinstance(address, str):
                sheet.write_url(top + 1 + row, position, address, self.link_in_table, text)
            elif text:
                sheet.write_string(top + 1 + row, position, text, self.formats["text"])

    def table(
        self,
        sheet: Any,
        table: pd.DataFrame,
        top: int,
        first: Sequence[str] = (),
        links: Mapping[str, pd.Series] = MappingProxyType({}),
    ) -> list[int]:
        """A frame as a real Excel table with localized headings; says how wide its columns are.

        The ``first`` columns lead, and they are what is printed; names lead to their ``links``.
        """
        order = ordered(table, first)
        shown = table[order].head(_ROW_LIMIT)
        names: list[str] = []
        for name in order:
            heading = word(f"tables.{name}", self.lang)
            names.append(heading if heading not in names else f"{heading} ({name})")
        kinds = [tables.column_kind(table, name) for name in order]
        # Bars help where records are compared, not where every number means something else.
        compared = bool(_RECORDS & set(order))
        last, widths, cells, lines = top + max(len(shown), 1), [], {}, [1] * len(shown)
        for position, (name, heading, kind) in enumerate(zip(order, names, kinds, strict=True)):
            cells[position], widest = self._column(sheet, top, position, shown[name], kind, table)
            if name in links:
                del cells[position]
                self._links(sheet, top, position, links[name].head(_ROW_LIMIT), shown[name])
            # The filter's button takes three columns of a heading's line.
            wide = max(widest + 3, longest_word(heading) + 4, min(width(heading), 14) + 4)
            widths.append(min(wide, 90 if _is_sentences(name, kind) else 44))
            sheet.set_column(position, position, widths[-1])
            if _is_sentences(name, kind):
                lines = list(map(max, lines, self._wrapped(shown[name], kind, table, widths[-1])))
            if len(shown):
                bars = compared and position < len(first)
                self._emphasis(sheet, name, kind, top + 1, last, position, bars=bars)
        if len(shown):
            self.rows.append(Rows(sheet.index + 1, top + 2, cells, [LINE * count for count in lines]))
        columns = [
            {"header": name, "header_format": self.table_headings[kind in _RIGHT]}
            for name, kind in zip(names, kinds, strict=True)
        ]
        sheet.add_table(top, 0, last, len(names) - 1, {"columns": columns, "style": "Table Style Light 9"})
        sheet.set_row(top, 2 * LINE)
        sheet.freeze_panes(top + 1, 1 if first else 0)
        sheet.repeat_rows(top)
        if first:
            sheet.print_area(0, 0, last, max(len(first), PRINTED_COLUMNS) - 1)
        return widths

    def _emphasis(self, sheet: Any, name: str, kind: str, top: int, last: int, position: int, *, bars: bool) -> None:
        """Bars behind money that readers compare, and open close dates that have passed in red."""
        if kind == "money" and bars and last > top:
            look = {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True}
            sheet.conditional_format(top, position, last, position, look)
        if name == "close_date":
            as_of = self.as_of.to_pydatetime()
            look = {"type": "date", "criteria": "less than", "value": as_of, "format": self.overdue}
            sheet.conditional_format(top, position, last, position, look)


def _is_sentences(name: Hashable, kind: str) -> bool:
    """Whether a column's cells are sentences: they are wrapped, so that none is cut where a sheet is printed."""
    return name == "reasons" or kind == "message"


def _page(writer: Writer, page: Shown) -> tuple[Any | None, str]:
    """A page's sheet: its chart for the summary, if it has one, and its name."""
    sheet = writer.add_sheet(word(f"reviews.{page.key}.name", writer.lang))
    widths = writer.table(sheet, page.listed, _TOP, page.columns, page.links)
    wide = sum(widths[:PRINTED_COLUMNS])
    writer.paragraph(sheet, 0, page.title, PRINTED_COLUMNS, wide, heading=True)
    writer.paragraph(sheet, 1, page.notes, PRINTED_COLUMNS, wide)
    order = ordered(page.listed, page.columns)
    if page.outline.table == "pipeline_changes":
        waterfall_columns(writer, sheet, page, _TOP, order)
    return chart_of(writer.book, page, sheet.get_name(), _TOP, order, writer.lang), sheet.get_name()


def _summary(writer: Writer, sheet: Any, pages: Sequence[tuple[Shown, Any | None, str]]) -> None:
    contents = writer.contents
    sheet.write_string(0, 0, contents.title, writer.heading)
    sheet.write_string(1, 0, contents.subtitle)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    sheet.fit_to_pages(1, 1)
    sheet.set_portrait()
    row = 3
    for name, value in contents.tiles:
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value, writer.bold)
        row += 1
    row += 1
    for page, _, name in pages:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", writer.link, page.title)
        row += 1
    row += 1
    charts = [(chart, page.title) for page, chart, _ in pages if chart is not None]
    for number, (chart, title) in enumerate(charts):
        place = (row + 17 * (number // 2), 0 if number % 2 == 0 else 6)
        sheet.insert_chart(*place, chart, {"description": title})


def _definitions(writer: Writer) -> None:
    contents, lang = writer.contents, writer.lang
    sheet = writer.add_sheet(word("reviews.definitions", lang))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 110)
    rows = [(word(f"reviews.{page.key}.name", lang), page.notes) for page in contents.pages]
    rows += [(name, word("reviews.left_out_line", lang, reason=reason)) for name, reason in contents.left_out]
    rows += [("", line) for line in (contents.subtitle, *contents.sources)]
    for row, (name, text) in enumerate(rows):
        sheet.write_string(row, 0, name, writer.bold)
        sheet.write_string(row, 1, clean_text(text), writer.wrapped)
        sheet.set_row(row, LINE * max(1, math.ceil(width(text) / 105)))


def table_workbook(table: pd.DataFrame, lang: str, title: str) -> bytes:
    """One canonical table, all its rows, as the bytes of an .xlsx file; text stays text, never a formula.

    Parameters
    ----------
    table
        The rows; ``attrs`` name its declaration and the date of its book.
    lang
        Language code.
    title
        What the table is called.
    """
    writer = Writer(lang, title, pd.Timestamp(table.attrs["as_of"]))
    writer.table(writer.add_sheet(title), table, 0)
    return writer.finish()


def workbook(said: Wording) -> bytes:
    """The review as the bytes of an .xlsx file.

    Parameters
    ----------
    said
        The review in words.
    """
    lang, book = said.lang, said.book
    writer = Writer(lang, said.title, book.as_of)
    writer.contents = said
    summary = writer.add_sheet(word("reviews.summary", lang))
    pages = [(page, *_page(writer, page)) for page in said.pages]
    _summary(writer, summary, pages)
    if said.period.end > said.book.as_of:
        what_if(writer)
    _definitions(writer)
    for name, frame in (("receipt", book.receipt), ("issues", book.issues)):
        sheet = writer.add_sheet(word(f"tables.{name}", lang))
        frame = frame.copy(deep=False)
        frame.attrs = {"table": name}
        writer.table(sheet, frame, 0)
    return writer.finish()
