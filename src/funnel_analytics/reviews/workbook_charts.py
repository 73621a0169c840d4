"""Native Excel charts over the cells of a page's table."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from ..words import word
from .native_parts import BLUE, DARK, GREEN, GREY, ORANGE, PALE, headroom, money_form, on_axis
from .shown import Shown

if TYPE_CHECKING:
    from .workbook import Writer


@dataclass(frozen=True)
class _Plan:
    """Kind of chart, the column of its categories, and each series with its colour."""

    kind: str
    category: str
    series: dict[str, str]
    form: str = "#,##0"
    stacked: bool = False


_PLANS = {
    "stage_conversion": _Plan("bar", "stage", {"advanced": BLUE, "lost": ORANGE, "open": GREY}, stacked=True),
    "time_in_stage": _Plan("bar", "stage", {"median_days": BLUE, "stall_days": ORANGE}),
    "weighted_forecast": _Plan(
        "column",
        "period",
        {"amount": GREY, "weighted_nominal": BLUE, "weighted_crm": PALE, "weighted_measured": GREEN},
        "money",
    ),
    "win_rates": _Plan("bar", "rate", {"win_rate": BLUE, "win_rate_value": PALE}, "0%"),
    "evidenced_pipeline": _Plan(
        "bar", "stage", {"claimed_amount": GREY, "evidenced_amount": BLUE, "validated_amount": GREEN}, "money"
    ),
    "outlook": _Plan("column", "component", {"mean": BLUE}, "money"),
    "forecast_backtest": _Plan(
        "line", "period", {"p90": DARK, "forecast": BLUE, "p10": DARK, "actual": GREEN}, "money"
    ),
    "pipeline_coverage": _Plan(
        "column",
        "period",
        {"quota": ORANGE, "won_amount": GREEN, "open_amount": BLUE, "required_amount": GREY},
        "money",
    ),
}
_PARTS = ("level", "increased", "decreased")
PRINTED_COLUMNS = 6
"""So many columns a sheet's title and notes span, and so many at least are printed."""
_GAP = 2
"""Empty columns between the table of the waterfall and the columns that draw it."""


def _form(plan: _Plan, table: pd.DataFrame, lang: str) -> str:
    """A number format that keeps the axis short."""
    return on_axis(money_form(lang, *(table[name] for name in plan.series))) if plan.form == "money" else plan.form


def chart_of(book: Any, page: Shown, sheet: str, top: int, order: list[str], lang: str) -> Any | None:
    """A native chart over the cells of a page's table; None for lists.

    Parameters
    ----------
    book
        The workbook being written.
    page
        The page.
    sheet, top, order
        Where its table stands: the sheet's name, the row of the headings, the columns in order.
    lang
        Language code.
    """
    table = page.table
    if page.outline.table == "pipeline_changes":
        return _waterfall(book, page, sheet, top, order, lang)
    plan = _PLANS.get(page.outline.table)
    if plan is None or table[list(plan.series)].isna().all(axis=None):
        return None
    last = top + len(table)
    chart = book.add_chart({"type": plan.kind, **({"subtype": "stacked"} if plan.stacked else {})})
    category = order.index(plan.category)
    for name, colour in plan.series.items():
        if table[name].isna().all():
            continue
        column = order.index(name)
        series: dict[str, Any] = {
            "name": [sheet, top, column],
            "categories": [sheet, top + 1, category, last, category],
            "values": [sheet, top + 1, column, last, column],
        }
        series |= _points(name, colour) if plan.kind == "line" else {"gap": 60, "fill": {"color": f"#{colour}"}}
        if page.outline.table == "outlook":
            series["y_error_bars"] = _range(table)
        chart.add_series(series)
    below_0 = bool((table[list(plan.series)] < 0).any(axis=None))
    _look(chart, page, lang, _form(plan, table, lang), lying=plan.kind == "bar", below_0=below_0)
    if len(plan.series) == 1:
        chart.set_legend({"none": True})
    return chart


def _points(name: str, colour: str) -> dict[str, Any]:
    """A series of marks without a line: dashes for the ends of a range, larger ones for what it is about."""
    look = {"fill": {"color": f"#{colour}"}, "border": {"color": f"#{colour}"}}
    kind = {"p10": "long_dash", "p90": "long_dash", "forecast": "diamond"}.get(name, "circle")
    return {"line": {"none": True}, "marker": {"type": kind, "size": 8} | look}


def _range(table: pd.DataFrame) -> dict[str, Any]:
    """P10 to P90 as whiskers."""
    return {
        "type": "custom",
        "plus_values": (table["p90"] - table["mean"]).clip(lower=0).tolist(),
        "minus_values": (table["mean"] - table["p10"]).clip(lower=0).tolist(),
    }


def _look(
    chart: Any, page: Shown, lang: str, form: str, *, lying: bool, top: float | None = None, below_0: bool = False
) -> None:
    grid = {"visible": True, "line": {"color": "#E4E7EC"}}
    # Bars that do not begin at 0 lie about their lengths.
    numbers = {"num_format": form, "major_gridlines": grid, "line": {"none": True}, "max": top}
    numbers |= {} if below_0 else {"min": 0}
    chart.set_title({"name": word(f"reviews.{page.key}.name", lang), "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True} if lying else numbers)
    if lying:
        # The axis of numbers would go to the top with the reversed order.
        chart.set_x_axis({**numbers, "label_position": "high"})
    chart.set_size({"width": 620, "height": 320})


def waterfall_columns(writer: "Writer", sheet: Any, page: Shown, top: int, order: list[str]) -> None:
    """Columns of formulas beside the pipeline changes from which Excel draws the waterfall."""
    first = max(len(order), PRINTED_COLUMNS) + _GAP
    names = ["", *(word("reviews.level" if part == "level" else f"values.{part}", writer.lang) for part in _PARTS)]
    for place, name in enumerate(names):
        sheet.write_string(top, first + place, name or "–", writer.bold)
        sheet.set_column(first + place, first + place, 14)
    level, amount_at, form = 0.0, order.index("amount"), writer.formats["money"]
    for row, line in enumerate(page.table.itertuples(), start=top + 1):
        amount, cell = float(line.amount), xl_rowcol_to_cell(row, amount_at)
        end = line.cause in ("opening", "closing")
        before = f"SUM({xl_rowcol_to_cell(top + 1, amount_at)}:{xl_rowcol_to_cell(row - 1, amount_at)})"
        base = 0.0 if end else min(level, level + amount)
        formulas = (
            ("=0" if end else f"=MIN({before},{before}+{cell})", base),
            (f"={cell}" if end else "=0", amount if end else 0.0),
            ("=0" if end else f"=MAX({cell},0)", 0.0 if end else max(amount, 0.0)),
            ("=0" if end else f"=MAX(-{cell},0)", 0.0 if end else max(-amount, 0.0)),
        )
        for place, (formula, value) in enumerate(formulas):
            sheet.write_formula(row, first + place, formula, form, value)
        level += 0.0 if line.cause == "closing" else amount


def _waterfall(book: Any, page: Shown, sheet: str, top: int, order: list[str], lang: str) -> Any:
    chart = book.add_chart({"type": "column", "subtype": "stacked"})
    first, last, category = max(len(order), PRINTED_COLUMNS) + _GAP, top + len(page.table), order.index("cause")
    form = money_form(lang, page.table["amount"])
    # Stacked columns have no labels outside: an unseen column on each step carries its number.
    for place, colour, sign in (
        (0, None, ""),
        (1, DARK, ""),
        (2, GREEN, ""),
        (3, ORANGE, ""),
        (2, None, "+"),
        (3, None, "−"),
    ):
        series: dict[str, Any] = {
            "name": [sheet, top, first + place],
            "categories": [sheet, top + 1, category, last, category],
            "values": [sheet, top + 1, first + place, last, first + place],
            "gap": 40,
            "fill": {"none": True} if colour is None else {"color": f"#{colour}"},
        }
        if sign:
            shown = {"value": True, "position": "inside_base", "num_format": f'"{sign}"{form};;'}
            series["data_labels"] = shown | {"font": {"size": 8}}
        chart.add_series(series)
    _look(chart, page, lang, on_axis(form), lying=False, top=headroom(_highest(page.table)))
    chart.set_legend({"position": "bottom", "delete_series": [0, 4, 5]})
    return chart


def _highest(changes: pd.DataFrame) -> float:
    """The highest level on the way from the opening to the closing amount."""
    return float(changes.loc[changes["cause"] != "closing", "amount"].cumsum().max())
