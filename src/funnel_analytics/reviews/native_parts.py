"""What native PowerPoint charts share: money in short units, colours, labels, quiet axes, fonts."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.oxml.ns import qn
from pptx.util import Pt

from ..words import label, units, word

BLUE, GREEN, ORANGE, GREY, DARK, PALE = "1F4E79", "2E8B57", "D1690E", "C9D1DA", "3B4956", "9DC3E6"
VIOLET, WHITE, INK = "7A6FAC", "FFFFFF", "1D2939"
_GRID = "E4E7EC"
_THEME: dict[str, tuple[str, dict[str, str]]] = {
    BLUE: ("accent1", {}),
    PALE: ("accent1", {"lumMod": "40000", "lumOff": "60000"}),
    ORANGE: ("accent2", {}),
    GREEN: ("accent3", {}),
    DARK: ("accent4", {}),
    VIOLET: ("accent6", {}),
    _GRID: ("tx1", {"alpha": "15000"}),
}
"""What stands for a colour of ours in a team's template, as Office names it, and how it is changed."""
_DIGIT, _AIR = 5.6, 4.0
"""Points that a digit of a label takes, and that it keeps free."""
_PLOT = 0.75
"""About so much of a chart's width is for its bars."""
_FEW = 3
"""With fewer categories bars are made thinner: one that fills a slide tells nothing more."""
Box = tuple[Any, Any, Any, Any]
"""Left, top, width, height."""


def plain(value: float) -> float | None:
    """A number as a chart takes it; None for a missing one."""
    return None if pd.isna(value) else float(value)


def money_form(lang: str, *columns: pd.Series) -> str:
    r"""The number format that keeps amounts short; the numbers themselves stay those of the table.

    A format divides by thousands only. What is left of 万 and 亿 is a point written between the last digits.

    Examples
    --------
    >>> money_form("en", pd.Series([3_299_000.0]))
    '#,##0.0,,"M"'
    >>> money_form("zh-Hans", pd.Series([3_299_000.0]))  # shows 329.9万
    '0\\.0,"万"'
    """
    values = np.concatenate([column.to_numpy(dtype="float64") for column in columns])
    largest = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
    for size, sign in units(lang):
        thousands, tens = divmod(round(math.log10(size)), 3)
        # As many digits behind the point as there are tens: 1.52亿 tells as much as 152.0M.
        if largest >= (1 if tens > 1 else 2) * size:
            whole = "#,##0" if largest >= 100 * size else "#,##0.0"
            return (rf"0\.{'0' * tens}" if tens else whole) + "," * thousands + f'"{sign}"'
    return "#,##0"


def room_share(text: str, box: Box) -> float:
    """The share of the longest bar that a label needs, in a chart of this width."""
    return float((len(text) * _DIGIT + _AIR) / (_PLOT * box[2] / Pt(1)))


def visible(form: str, largest: float, *, share: float = 0.01) -> str:
    """A number format that leaves out labels of values too small to have a bar: below a share of the largest."""
    return f"[>={max(1, largest * share):.0f}]{form};;" if largest > 0 else form


def on_axis(form: str) -> str:
    """The same format on an axis, where nothing is a plain 0."""
    return f"{form};-{form};0"


def paint(series: Any, colour: str | None) -> None:
    """One colour for a series; None makes it invisible, as a base that others stand on."""
    series.format.fill.background() if colour is None else series.format.fill.solid()
    if colour is not None:
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def labels(series: Any, form: str, colour: str | None, position: Any = None) -> None:
    """Values on the marks of a series; beside them in the colour of the theme's text, which a dark template turns."""
    shown = series.data_labels
    shown.show_value = True
    shown.number_format, shown.number_format_is_linked = form, False
    shown.font.size = Pt(10)
    if colour is None:
        shown.font.color.theme_color = MSO_THEME_COLOR.TEXT_1
    else:
        shown.font.color.rgb = RGBColor.from_string(colour)
    if position is not None:
        shown.position = position


def headroom(largest: float) -> float:
    """Where an axis ends so that a label has room above the largest column: two digits, rounded up.

    Examples
    --------
    >>> headroom(29_970_000.0)
    33000000.0
    """
    step = 10.0 ** (math.floor(math.log10(largest)) - 1) if largest > 0 else 1.0
    return math.ceil(1.08 * largest / step) * step


def quiet(
    chart: Any, lang: str, *, legend: bool = True, form: str | None = None, zero: bool = False, top: float | None = None
) -> None:
    """No frame, pale grid, small type: the numbers are what should be seen.

    Without a ``form`` there is no axis of numbers either: the marks carry theirs.
    """
    chart.font.size, chart.font.color.theme_color = Pt(11), MSO_THEME_COLOR.TEXT_1
    properties = chart.font._rPr
    # python-pptx has no setting for the font that Chinese characters take.
    properties.append(properties.makeelement(qn("a:ea"), {"typeface": word("language.east_asian_font", lang)}))
    chart.has_title = False
    chart.has_legend = legend
    if legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    value = chart.value_axis
    value.format.line.fill.background()
    if zero:
        value.minimum_scale = 0.0
    if top is not None:
        value.maximum_scale = top
    if form is None:
        value.tick_label_position, value.has_major_gridlines = XL_TICK_LABEL_POSITION.NONE, False
    else:
        value.major_gridlines.format.line.color.rgb = RGBColor.from_string(_GRID)
        value.tick_labels.number_format, value.tick_labels.number_format_is_linked = form, False
    chart.category_axis.format.line.color.rgb = RGBColor.from_string("98A2B3")
    # Beside bars below 0, not on them.
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW


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
    plot.gap_width = 45 if len(categories) >= _FEW else 150
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.COLUMN_STACKED):
        plot.overlap = 100
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.BAR_CLUSTERED):
        chart.category_axis.reverse_order = True
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    return chart


def in_theme(chart: Any) -> None:
    """A chart in the colours of its template: ours could not be seen on every ground."""
    for colour in list(chart._chartSpace.iter(qn("a:srgbClr"))):
        if colour.get("val") in _THEME:
            name, changes = _THEME[colour.get("val")]
            colour.tag = qn("a:schemeClr")
            colour.set("val", name)
            for change, value in changes.items():
                colour.append(colour.makeelement(qn(f"a:{change}"), {"val": value}))


def keys(table: pd.DataFrame, column: str, lang: str) -> list[str]:
    """A column of keys in words."""
    return [label(value, lang, table=table) for value in table[column]]


def named(table: pd.DataFrame, names: Sequence[str], lang: str) -> list[tuple[str, list[float | None]]]:
    """Columns of a table as the series of a chart."""
    return [(word(f"tables.{name}", lang), [plain(value) for value in table[name]]) for name in names]
