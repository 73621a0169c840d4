"""What native PowerPoint charts share: money in short units, colours, labels, quiet axes, fonts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml.ns import qn
from pptx.util import Pt

from ..words import label, units, word

BLUE, GREEN, ORANGE, GREY, DARK, PALE = "1F4E79", "2E8B57", "D1690E", "C9D1DA", "3B4956", "9DC3E6"
WHITE, INK = "FFFFFF", "1D2939"
Box = tuple[Any, Any, Any, Any]
"""Left, top, width, height."""


def plain(value: float) -> float | None:
    """A number as a chart takes it; None for a missing one."""
    return None if pd.isna(value) else float(value)


@dataclass(frozen=True)
class Scale:
    """Money as a chart writes it: what the numbers are divided by, and their number format."""

    factor: float
    form: str

    def __call__(self, values: pd.Series) -> list[float | None]:
        """Numbers in the chart's unit."""
        return [plain(value / self.factor) for value in values]


def scale(lang: str, *columns: pd.Series) -> Scale:
    """The unit that keeps labels short: thousands or millions by format, 万 by dividing.

    Where people count in ten thousands, Excel has no number format for it.
    """
    values = np.concatenate([column.to_numpy(dtype="float64") for column in columns])
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    ten_thousand = dict(units(lang)).get(1e4)
    if ten_thousand is None:
        return Scale(1.0, '#,##0.0,,"M"' if largest >= 2e6 else '#,##0,"k"' if largest >= 2e4 else "#,##0")
    if largest < 1e5:
        return Scale(1.0, "#,##0")
    return Scale(1e4, f'#,##0"{ten_thousand}"')


def visible(form: str, largest: float, factor: float = 1.0, *, share: float = 0.01) -> str:
    """A number format that leaves out labels of values too small to have a bar: below a share of the largest."""
    return f"[>={max(1, largest / factor * share):.0f}]{form};;" if largest > 0 else form


def paint(series: Any, colour: str | None) -> None:
    """One colour for a series; None makes it invisible, as a base that others stand on."""
    series.format.fill.background() if colour is None else series.format.fill.solid()
    if colour is not None:
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def labels(series: Any, form: str, colour: str = WHITE, position: Any = None) -> None:
    """Values on the marks of a series."""
    shown = series.data_labels
    shown.show_value = True
    shown.number_format, shown.number_format_is_linked = form, False
    shown.font.size, shown.font.color.rgb = Pt(10), RGBColor.from_string(colour)
    if position is not None:
        shown.position = position


def quiet(chart: Any, lang: str, *, legend: bool = True, form: str | None = None, zero: bool = False) -> None:
    """No frame, pale grid, small type: the numbers are what should be seen."""
    chart.font.size = Pt(11)
    properties = chart.font._rPr
    # python-pptx has no setting for the font that Chinese characters take.
    properties.append(properties.makeelement(qn("a:ea"), {"typeface": word("language.east_asian_font", lang)}))
    chart.has_title = False
    chart.has_legend = legend
    if legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    value = chart.value_axis
    value.major_gridlines.format.line.color.rgb = RGBColor.from_string("E4E7EC")
    value.format.line.fill.background()
    if zero:
        value.minimum_scale = 0.0
    if form:
        value.tick_labels.number_format, value.tick_labels.number_format_is_linked = form, False
    chart.category_axis.format.line.color.rgb = RGBColor.from_string("98A2B3")


def drawn(
    slide: Any,
    kind: Any,
    box: Box,
    categories: Sequence[str],
    series: Sequence[tuple[str, Sequence[float | None]]],
) -> Any:
    """A chart of categories on a slide; bars run from the top down."""
    data = CategoryChartData()
    data.categories = categories
    for name, values in series:
        data.add_series(name, values)
    chart = slide.shapes.add_chart(kind, *box, data).chart
    plot = chart.plots[0]
    if kind == XL_CHART_TYPE.LINE_MARKERS:
        return chart
    plot.gap_width = 45
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.COLUMN_STACKED):
        plot.overlap = 100
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.BAR_CLUSTERED):
        chart.category_axis.reverse_order = True
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    return chart


def keys(table: pd.DataFrame, column: str, lang: str) -> list[str]:
    """A column of keys in words."""
    return [label(value, lang, table=table) for value in table[column]]
