"""The review as an Excel workbook: native charts, real tables, and a sheet where inputs can be changed."""

import io
import re
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from .. import tables
from ..errors import OwnReviewError
from ..messages import in_language
from ..words import label, word
from .contents import Contents, column_kind
from .shown import Shown, Wording, wording

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELL_LIMIT = 32_767
_ACCENT = "#1F4E79"
_LIST_LIMIT = 5_000
_BARS = {"money"}


def clean_text(text: str) -> str:
    """Text that Excel takes: no control characters, not longer than a cell."""
    return _CONTROL.sub(" ", text)[:_CELL_LIMIT]


class _Writer:
    """One workbook being written; knows its formats."""

    contents: Wording
    """What a review says; a single table is written without it."""

    def __init__(self, lang: str, title: str, moment: pd.Timestamp) -> None:
        self.lang = lang
        self.sink = io.BytesIO()
        # Text from a CRM stays text: a name that begins with "=" must never become a formula or a link.
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self.book = xlsxwriter.Workbook(self.sink, options)
        stamp = moment.to_pydatetime()
        self.book.set_properties({"title": title, "category": OwnReviewError.MARK, "created": stamp})
        self.formats = {kind: self.book.add_format({"num_format": text}) for kind, text in tables.FORMATS.items()}
        self.heading = self.book.add_format({"bold": True, "font_size": 16, "font_color": _ACCENT})
        self.small = self.book.add_format({"font_color": "#667085", "text_wrap": True, "valign": "top"})
        self.bold = self.book.add_format({"bold": True})
        self.input = self.book.add_format({"bg_color": "#FFF4CC", "border": 1, "num_format": "0%"})
        self.input_money = self.book.add_format({"bg_color": "#FFF4CC", "border": 1, "num_format": "#,##0"})
        self.sheets: set[str] = set()
        self.sheets_by_name: dict[str, Any] = {}

    def add_sheet(self, title: str) -> Any:
        """A sheet whose name Excel accepts and no other has."""
        name = re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or "Sheet"
        while name.lower() in self.sheets:
            name = f"{name[:25]} {len(self.sheets)}"
        self.sheets.add(name.lower())
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Any, kind: str, table: pd.DataFrame) -> None:
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            sheet.write_blank(row, column, None, self.formats[kind])
        elif kind == "key":
            sheet.write_string(row, column, clean_text(label(value, self.lang, table=table)))
        elif kind == "flag":
            sheet.write_string(row, column, word("values.yes" if value else "values.no", self.lang))
        elif kind in ("date", "time"):
            sheet.write_datetime(row, column, pd.Timestamp(value).to_pydatetime(), self.formats[kind])
        elif kind == "message":
            sheet.write_string(row, column, clean_text(in_language(value, self.lang)))
        elif kind in ("id", "text"):
            sheet.write_string(row, column, clean_text(str(value)))
        else:
            sheet.write_number(row, column, float(value), self.formats[kind])

    def table(self, sheet: Any, table: pd.DataFrame, top: int, limit: int = _LIST_LIMIT) -> None:
        """A frame as a real Excel table with localized headings."""
        shown = table.head(limit)
        names: list[str] = []
        for name in shown.columns:
            heading = word(f"tables.{name}", self.lang)
            names.append(heading if heading not in names else f"{heading} ({name})")
        for position, name in enumerate(shown.columns):
            kind = column_kind(table, name)
            for row, value in enumerate(shown[name], start=top + 1):
                self.cell(sheet, row, position, value, kind, table)
            width = (
                80
                if name == "reasons"
                else {"message": 80, "text": 26, "id": 16, "key": 18, "date": 12, "time": 17, "money": 16}.get(kind, 13)
            )
            sheet.set_column(position, position, max(width, min(2 * len(names[position]), 30)))
            if kind in _BARS and len(shown):
                sheet.conditional_format(
                    top + 1,
                    position,
                    top + len(shown),
                    position,
                    {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True},
                )
        if len(shown):
            columns = [{"header": name} for name in names]
            sheet.add_table(
                top, 0, top + len(shown), len(names) - 1, {"columns": columns, "style": "Table Style Light 9"}
            )
        sheet.freeze_panes(top + 1, 0)


def _chart(writer: _Writer, page: Shown, sheet: str, top: int) -> Any | None:
    """A native chart over the cells of a page's table; None for lists."""
    table, lang = page.table, writer.lang
    columns = {name: position for position, name in enumerate(table.columns)}
    plans: dict[str, tuple[dict[str, str], str, list[str]]] = {
        "stage_conversion": ({"type": "bar", "subtype": "stacked"}, "stage", ["advanced", "lost", "open"]),
        "time_in_stage": ({"type": "bar"}, "stage", ["median_days", "stall_days"]),
        "weighted_forecast": (
            {"type": "column"},
            "period",
            ["amount", "weighted_nominal", "weighted_crm", "weighted_measured"],
        ),
        "pipeline_changes": ({"type": "column"}, "cause", ["amount"]),
        "win_rates": ({"type": "bar"}, "rate", ["win_rate", "win_rate_value"]),
        "evidenced_pipeline": ({"type": "bar"}, "stage", ["claimed_amount", "evidenced_amount", "validated_amount"]),
        "outlook": ({"type": "column"}, "component", ["p10", "mean", "p90"]),
    }
    table_name = str(table.attrs["table"])
    if table_name not in plans:
        return None
    kind, category, series = plans[table_name]
    chart = writer.book.add_chart(kind)
    last = top + len(table)
    for name in series:
        chart.add_series(
            {
                "name": [sheet, top, columns[name]],
                "categories": [sheet, top + 1, columns[category], last, columns[category]],
                "values": [sheet, top + 1, columns[name], last, columns[name]],
                "gap": 60,
            }
        )
    chart.set_title({"name": word(f"tables.{table_name}", lang), "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    if kind["type"] == "bar":
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"min": 0, "major_gridlines": {"visible": True, "line": {"color": "#E4E7EC"}}})
    chart.set_size({"width": 620, "height": 320})
    return chart


def _summary(writer: _Writer, charts: list[Any]) -> None:
    contents = writer.contents
    sheet = writer.sheets_by_name["summary"]
    sheet.write_string(0, 0, contents.title, writer.heading)
    sheet.write_string(1, 0, contents.subtitle, writer.small)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 24)
    row = 3
    for name, value in contents.tiles:
        sheet.write_string(row, 0, name)
        sheet.write_string(row, 1, value, writer.bold)
        row += 1
    row += 1
    for page in contents.pages:
        sheet.write_string(row, 0, page.title)
        row += 1
    row += 1
    for number, chart in enumerate(charts):
        sheet.insert_chart(row + 17 * (number // 2), 0 if number % 2 == 0 else 5, chart)


def _what_if(writer: _Writer) -> None:
    """Stage probabilities and quota as inputs; the weighted pipeline due in the period follows by formula."""
    contents, lang = writer.contents, writer.lang
    book, period = contents.book, contents.period
    rows = book.open_opportunities
    due = rows[
        rows["close_date"].between(period.start, period.end) & (rows["forecast_category"].fillna("") != "omitted")
    ]
    amounts = due.groupby("stage")["amount"].sum()
    sheet = writer.add_sheet(word("reviews.what_if", lang))
    sheet.write_string(0, 0, word("reviews.what_if_title", lang, period=period.label), writer.heading)
    sheet.write_string(1, 0, word("reviews.what_if_help", lang), writer.small)
    sheet.set_row(1, 48)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)
    for column, key in enumerate(("stage", "amount", "probability", "weighted_nominal")):
        sheet.write_string(3, column, word(f"tables.{key}", lang), writer.bold)
    first, total = 4, 0.0
    stages = [stage for stage in book.methodology.stages if stage.outcome is None]
    for row, stage in enumerate(stages, start=first):
        amount = float(amounts.get(stage.key, 0.0))
        total += amount * stage.probability
        sheet.write_string(row, 0, label(stage.key, lang))
        sheet.write_number(row, 1, amount, writer.formats["money"])
        sheet.write_number(row, 2, stage.probability, writer.input)
        sheet.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", writer.formats["money"], amount * stage.probability)
    last = first + len(stages)
    won = book.opportunities
    won_amount = float(
        won.loc[
            (won["outcome"] == "won") & won["close_date"].between(period.start, min(period.end, book.as_of)), "amount"
        ].sum()
    )
    quota = _quota(contents)
    lines = [
        ("reviews.what_if_weighted", f"=SUM(D{first + 1}:D{last})", total, writer.formats["money"]),
        ("reviews.tile_won", None, won_amount, writer.formats["money"]),
        (
            "reviews.what_if_forecast",
            f"={xl_rowcol_to_cell(last + 1, 3)}+{xl_rowcol_to_cell(last + 2, 3)}",
            total + won_amount,
            writer.formats["money"],
        ),
        ("tables.quota", None, quota, writer.input_money),
        (
            "reviews.what_if_gap",
            f"=MAX(0,{xl_rowcol_to_cell(last + 4, 3)}-{xl_rowcol_to_cell(last + 3, 3)})",
            max(0.0, quota - total - won_amount),
            writer.formats["money"],
        ),
    ]
    for row, (key, formula, value, form) in enumerate(lines, start=last + 1):
        sheet.write_string(row, 0, word(key, lang), writer.bold)
        if formula is None:
            sheet.write_number(row, 3, value, form)
        else:
            sheet.write_formula(row, 3, formula, form, value)


def _quota(contents: Wording) -> float:
    for page in contents.pages:
        if page.table.attrs["table"] == "outlook":
            quota = page.table.set_index("component").loc["total", "quota"]
            return 0.0 if pd.isna(quota) else float(quota)
    return 0.0


def _definitions(writer: _Writer) -> None:
    contents, lang = writer.contents, writer.lang
    sheet = writer.add_sheet(word("reviews.definitions", lang))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 110, writer.small)
    row = 0
    for page in contents.pages:
        sheet.write_string(row, 0, word(f"tables.{page.table.attrs['table']}", lang), writer.bold)
        sheet.write_string(row, 1, page.notes, writer.small)
        row += 1
    for name, reason in contents.left_out:
        sheet.write_string(row, 0, name, writer.bold)
        sheet.write_string(row, 1, word("reviews.left_out_line", lang, reason=reason), writer.small)
        row += 1
    for line in contents.sources:
        sheet.write_string(row + 1, 1, line, writer.small)
        row += 1


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
    writer = _Writer(lang, title, pd.Timestamp(table.attrs["as_of"]))
    writer.table(writer.add_sheet(title), table, 0, len(table))
    writer.book.close()
    return writer.sink.getvalue()


def workbook(contents: Contents, lang: str) -> bytes:
    """The review as the bytes of an .xlsx file.

    Parameters
    ----------
    contents
        The computed review.
    lang
        Language code.
    """
    said = wording(contents, lang)
    writer = _Writer(lang, said.title, contents.book.as_of)
    writer.contents = said
    writer.sheets_by_name = {"summary": writer.add_sheet(word("reviews.summary", lang))}
    charts = []
    for page in said.pages:
        sheet = writer.add_sheet(word(f"reviews.{page.key}.name", lang))
        sheet.write_string(0, 0, page.title, writer.heading)
        sheet.write_string(1, 0, page.notes, writer.small)
        top = 3
        writer.table(sheet, page.listed, top)
        chart = _chart(writer, page, sheet.get_name(), top)
        if chart is not None:
            charts.append(chart)
    _summary(writer, charts)
    _what_if(writer)
    _definitions(writer)
    for name, frame in (("receipt", contents.book.receipt), ("issues", contents.book.issues)):
        sheet = writer.add_sheet(word(f"tables.{name}", lang))
        frame = frame.copy(deep=False)
        frame.attrs = {"table": name}
        writer.table(sheet, frame, 0)
    writer.book.close()
    return writer.sink.getvalue()
