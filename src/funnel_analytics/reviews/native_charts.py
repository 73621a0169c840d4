"""Native PowerPoint charts from a page's table: editable, with the numbers in an embedded workbook."""

from typing import Any

import numpy as np
import pandas as pd
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.util import Pt

from ..words import label, word
from .shown import Shown

BLUE, GREEN, ORANGE, GREY, DARK, PALE = "1F4E79", "2E8B57", "D1690E", "C9D1DA", "3B4956", "9DC3E6"
Box = tuple[Any, Any, Any, Any]


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)


def _money_format(largest: float, lang: str) -> str:
    """A number format in thousands, millions or 万, whichever keeps labels short."""
    if not lang.startswith("zh"):
        return '#,##0.0,,"M"' if largest >= 2e6 else '#,##0,"k"' if largest >= 2e4 else "#,##0"
    return "#,##0"


def _scaled(values: pd.Series, lang: str) -> tuple[list[float | None], str]:
    """Chinese readers count in ten thousands, for which Excel has no number format: the numbers are in 万 then."""
    largest = float(np.nanmax(np.abs(values.to_numpy(dtype="float64")))) if values.notna().any() else 0.0
    if not lang.startswith("zh") or largest < 1e5:
        return [_number(value) for value in values], _money_format(largest, lang)
    unit = "万" if lang == "zh-Hans" else "萬"
    return [None if pd.isna(value) else float(value) / 1e4 for value in values], f'#,##0"{unit}"'


def _paint(series: Any, colour: str | None) -> None:
    series.format.fill.background() if colour is None else series.format.fill.solid()
    if colour is not None:
        series.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def _labels(series: Any, form: str, colour: str = "FFFFFF", position: Any = None) -> None:
    labels = series.data_labels
    labels.show_value = True
    labels.number_format, labels.number_format_is_linked = form, False
    labels.font.size, labels.font.color.rgb = Pt(10), RGBColor.from_string(colour)
    if position is not None:
        labels.position = position


def _quiet(chart: Any, *, legend: bool = True, form: str | None = None, zero: bool = False) -> None:
    """No frame, pale grid, small type: the numbers are what should be seen."""
    chart.font.size = Pt(11)
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


def _bar(slide: Any, kind: Any, box: Box, categories: list[str], series: list[tuple[str, list[float | None]]]) -> Any:
    data = CategoryChartData()
    data.categories = categories
    for name, values in series:
        data.add_series(name, values)
    chart = slide.shapes.add_chart(kind, *box, data).chart
    plot = chart.plots[0]
    plot.gap_width = 45
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.COLUMN_STACKED):
        plot.overlap = 100
    if kind in (XL_CHART_TYPE.BAR_STACKED, XL_CHART_TYPE.BAR_CLUSTERED):
        chart.category_axis.reverse_order = True
        chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
    return chart


def _keys(table: pd.DataFrame, column: str, lang: str) -> list[str]:
    return [label(value, lang, table=table) for value in table[column]]


def funnel(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Entered opportunities of each stage: advanced, lost, open."""
    table = page.table
    series = [
        (word(f"tables.{name}", lang), [_number(value) for value in table[name]])
        for name in ("advanced", "lost", "open")
    ]
    chart = _bar(slide, XL_CHART_TYPE.BAR_STACKED, box, _keys(table, "stage", lang), series)
    for item, colour, ink in zip(
        chart.plots[0].series, (BLUE, ORANGE, GREY), ("FFFFFF", "FFFFFF", "1D2939"), strict=True
    ):
        _paint(item, colour)
        _labels(item, "#,##0;;", ink)
    _quiet(chart)


def evidenced(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Claimed, evidenced and validated amount of each stage."""
    table = page.table
    names = [f"{name}_amount" for name in ("claimed", "evidenced", "validated")]
    values, form = _scaled(pd.concat([table[name] for name in names]), lang)
    size = len(table)
    series = [
        (word(f"tables.{name}", lang), values[place * size : (place + 1) * size]) for place, name in enumerate(names)
    ]
    chart = _bar(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, _keys(table, "stage", lang), series)
    for item, colour in zip(chart.plots[0].series, (GREY, BLUE, GREEN), strict=True):
        _paint(item, colour)
        _labels(item, f"{form};;", DARK, XL_LABEL_POSITION.OUTSIDE_END)
    _quiet(chart, form=form, zero=True)


def durations(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Median days and stall line of each stage."""
    table = page.table
    names = ("median_days", "stall_days")
    series = [(word(f"tables.{name}", lang), [_number(value) for value in table[name]]) for name in names]
    chart = _bar(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, _keys(table, "stage", lang), series)
    for item, colour in zip(chart.plots[0].series, (BLUE, ORANGE), strict=True):
        _paint(item, colour)
        _labels(item, "#,##0", "1D2939", XL_LABEL_POSITION.OUTSIDE_END)
    _quiet(chart, zero=True)


def rates(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """The six win rates, by count and by amount."""
    table = page.table
    names = ("win_rate", "win_rate_value")
    series = [(word(f"tables.{name}", lang), [_number(value) for value in table[name]]) for name in names]
    chart = _bar(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, _keys(table, "rate", lang), series)
    for item, colour in zip(chart.plots[0].series, (BLUE, PALE), strict=True):
        _paint(item, colour)
        _labels(item, "0%", "1D2939", XL_LABEL_POSITION.OUTSIDE_END)
    _quiet(chart, form="0%", zero=True)


def weighted(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Open pipeline by period, unweighted and weighted three ways."""
    table = page.table
    names = [
        name
        for name in ("amount", "weighted_nominal", "weighted_crm", "weighted_measured")
        if table[name].notna().any()
    ]
    _, form = _scaled(table["amount"], lang)
    factor = 1e4 if "万" in form or "萬" in form else 1.0
    series = [(word(f"tables.{name}", lang), [_number(value / factor) for value in table[name]]) for name in names]
    chart = _bar(slide, XL_CHART_TYPE.COLUMN_CLUSTERED, box, _keys(table, "period", lang), series)
    for item, colour in zip(chart.plots[0].series, (GREY, BLUE, PALE, GREEN), strict=False):
        _paint(item, colour)
        _labels(item, form, "1D2939", XL_LABEL_POSITION.OUTSIDE_END)
    _quiet(chart, form=form)


def waterfall(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Opening, causes, closing, as stacked columns on a base that is not painted."""
    table = page.table
    ends = table["cause"].isin(["opening", "closing"])
    table = table[ends | (table["amount"] != 0)].reset_index(drop=True)
    _, form = _scaled(table["amount"], lang)
    amounts = table["amount"] / (1e4 if "万" in form or "萬" in form else 1.0)
    end = table["cause"].isin(["opening", "closing"]).to_numpy()
    level = np.cumsum(np.where(table["cause"] == "closing", 0.0, amounts))
    before = np.concatenate([[0.0], level[:-1]])
    base = np.where(end, 0.0, np.minimum(before, level))
    parts = {
        "": base,
        word("reviews.level", lang): np.where(end, amounts, 0.0),
        word("values.increased", lang): np.where(~end & (amounts > 0), amounts, 0.0),
        word("values.decreased", lang): np.where(~end & (amounts < 0), -amounts, 0.0),
    }
    series = [(name or " ", [float(value) if value else None for value in values]) for name, values in parts.items()]
    kind = XL_CHART_TYPE.COLUMN_STACKED
    chart = _bar(slide, kind, box, [label(value, lang, table=page.table) for value in table["cause"]], series)
    for item, colour in zip(chart.plots[0].series, (None, DARK, GREEN, ORANGE), strict=True):
        _paint(item, colour)
        if colour is not None:
            _labels(
                item,
                form,
                "FFFFFF" if colour == DARK else "1D2939",
                None if colour == DARK else XL_LABEL_POSITION.INSIDE_BASE,
            )
    _quiet(chart, legend=False, form=form)


def outlook(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """What is expected, by part, above the range of the total."""
    parts = page.table.set_index("component")
    total = parts.loc["total"]
    _, form = _scaled(pd.Series([total["p90"]]), lang)
    factor = 1e4 if "万" in form or "萬" in form else 1.0
    bands = [total["p10"], total["p50"] - total["p10"], total["p90"] - total["p50"]]
    names = [label(name, lang) for name in ("won", "open", "new_business")]
    series: list[tuple[str, list[float | None]]] = [
        (name, [_number(parts.loc[key, "mean"] / factor), None])
        for name, key in zip(names, ("won", "open", "new_business"), strict=True)
    ]
    captions = (" ", word("reviews.band_low", lang), word("reviews.band_high", lang))
    series += [(name, [None, _number(value / factor)]) for name, value in zip(captions, bands, strict=True)]
    categories = [word("reviews.tile_expected", lang), word("reviews.tile_range", lang)]
    chart = _bar(slide, XL_CHART_TYPE.BAR_STACKED, box, categories, series)
    for item, colour in zip(chart.plots[0].series, (GREEN, BLUE, PALE, None, GREY, DARK), strict=True):
        _paint(item, colour)
        if colour in (GREEN, BLUE):
            _labels(item, f"{form};;")
    _quiet(chart, form=form)


def quadrants(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Accounts by potential and revenue; the lines are the cut and the benchmark."""
    table = page.table.dropna(subset=["potential", "current_revenue"])
    _, form = _scaled(table["current_revenue"], lang)
    factor = 1e4 if "万" in form or "萬" in form else 1.0
    data = XyChartData()
    # Largest class first: LibreOffice drops series that are shorter than one that follows.
    keys = [str(key) for key in table["segment"].value_counts(sort=True).index]
    for key in keys:
        series = data.add_series(label(key, lang, table=page.table))
        for row in table[table["segment"] == key].itertuples():
            series.add_data_point(float(row.potential), float(row.current_revenue) / factor)
    benchmark = page.table["revenue_benchmark"].iloc[0]
    lines = 0
    if pd.notna(benchmark):
        top = max(float(table["current_revenue"].max()) if len(table) else 0.0, float(benchmark)) / factor
        cut = float(page.table.attrs.get("potential_cut", 0.5))
        for name, points in (
            (
                word("tables.revenue_benchmark", lang),
                [(0.0, float(benchmark) / factor), (1.0, float(benchmark) / factor)],
            ),
            (word("tables.potential_level", lang), [(cut, 0.0), (cut, top * 1.05)]),
        ):
            series = data.add_series(name)
            for point in points:
                series.add_data_point(*point)
            lines += 1
    chart = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *box, data).chart
    colours = (BLUE, GREEN, ORANGE, "7A6FAC", GREY, DARK)
    for number, item in enumerate(chart.plots[0].series):
        is_line = number >= len(keys)
        item.marker.style = XL_MARKER_STYLE.NONE if is_line else XL_MARKER_STYLE.CIRCLE
        if is_line:
            item.format.line.color.rgb, item.format.line.width = RGBColor.from_string("98A2B3"), Pt(1.25)
        else:
            item.marker.size = 9
            item.marker.format.fill.solid()
            item.marker.format.fill.fore_color.rgb = RGBColor.from_string(colours[number % len(colours)])
            item.format.line.fill.background()
    _quiet(chart, form=form)
    axis = chart.category_axis
    axis.minimum_scale, axis.maximum_scale, axis.has_major_gridlines = 0.0, 1.0, False
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    axis.has_title = chart.value_axis.has_title = True
    axis.axis_title.text_frame.text = word("tables.potential", lang)
    chart.value_axis.axis_title.text_frame.text = word("tables.current_revenue", lang)
    for title in (axis.axis_title, chart.value_axis.axis_title):
        title.text_frame.paragraphs[0].runs[0].font.size = Pt(11)


CHARTS = {
    "stage_conversion": funnel,
    "time_in_stage": durations,
    "win_rates": rates,
    "weighted_forecast": weighted,
    "pipeline_changes": waterfall,
    "outlook": outlook,
    "account_segments": quadrants,
    "evidenced_pipeline": evidenced,
}
"""The native chart of each table; a list of opportunities has none."""
