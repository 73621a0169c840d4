"""Native PowerPoint charts from a page's table: editable, with the numbers in an embedded workbook."""

from typing import Any

import numpy as np
import pandas as pd
from pptx.chart.data import XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_MARKER_STYLE
from pptx.util import Pt

from ..words import label, word
from .native_forecast import calls, coverage, outlook, pacing, track_record, weighted
from .native_parts import (
    BLUE,
    DARK,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    VIOLET,
    WHITE,
    Box,
    drawn,
    headroom,
    keys,
    labels,
    money_form,
    named,
    on_axis,
    paint,
    quiet,
    room_share,
    visible,
)
from .shown import Shown

_LABELLED = 0.04
"""Parts of a bar below this share of the longest have no room for their number."""
_SEEN = 0.001
_PRODUCTS = 14
"""So many bars are told apart on a slide."""


def funnel(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Entered opportunities of each stage: advanced, lost, open."""
    table = page.table
    series = named(table, ("advanced", "lost", "open"), lang)
    chart = drawn(slide, XL_CHART_TYPE.BAR_STACKED, box, keys(table, "stage", lang), series)
    most = float(table["entered"].max())
    form = visible("#,##0", most, share=room_share(f"{most / 2:,.0f}", box))
    for item, colour, ink in zip(chart.plots[0].series, (BLUE, ORANGE, GREY), (WHITE, WHITE, INK), strict=True):
        paint(item, colour)
        labels(item, form, ink)
    quiet(chart, lang, zero=True)


def evidenced(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Claimed, evidenced and validated amount of each stage."""
    table = page.telling
    names = [f"{name}_amount" for name in ("claimed", "evidenced", "validated")]
    form = money_form(lang, *(table[name] for name in names))
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, keys(table, "stage", lang), series)
    for item, colour in zip(chart.plots[0].series, (GREY, BLUE, GREEN), strict=True):
        paint(item, colour)
        labels(item, f"{form};;", None, XL_LABEL_POSITION.OUTSIDE_END)
    quiet(chart, lang, zero=True)


def durations(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Median days and stall line of each stage that anybody was in."""
    table = page.table[page.table["visits"] > 0]
    names = ("median_days", "stall_days")
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, keys(table, "stage", lang), series)
    for item, colour in zip(chart.plots[0].series, (BLUE, ORANGE), strict=True):
        paint(item, colour)
        labels(item, "#,##0", None, XL_LABEL_POSITION.OUTSIDE_END)
    quiet(chart, lang, zero=True)


def rates(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """The six win rates, by count and by amount."""
    table = page.table
    names = ("win_rate", "win_rate_value")
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, keys(table, "rate", lang), series)
    for item, colour in zip(chart.plots[0].series, (BLUE, PALE), strict=True):
        paint(item, colour)
        labels(item, "0%", None, XL_LABEL_POSITION.OUTSIDE_END)
    quiet(chart, lang, zero=True)


def waterfall(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Opening, causes, closing, as stacked columns on a base that is not painted."""
    table = page.telling
    form, amounts = money_form(lang, table["amount"]), table["amount"]
    end = table["cause"].isin(["opening", "closing"]).to_numpy()
    level = np.cumsum(np.where(table["cause"] == "closing", 0.0, amounts))
    before = np.concatenate([[0.0], level[:-1]])
    up, down = np.where(~end, amounts.clip(lower=0), 0.0), np.where(~end, -amounts.clip(upper=0), 0.0)
    parts = {
        " ": np.where(end, 0.0, np.minimum(before, level)),
        word("reviews.level", lang): np.where(end, amounts, 0.0),
        word("values.increased", lang): up,
        word("values.decreased", lang): down,
        # Stacked columns have no labels outside: an unseen column on each step carries its number.
        "+": up,
        "−": down,
    }
    series = [(name, [float(value) if value else None for value in values]) for name, values in parts.items()]
    kind = XL_CHART_TYPE.COLUMN_STACKED
    chart = drawn(slide, kind, box, [label(value, lang, table=page.table) for value in table["cause"]], series)
    looks = (None, DARK, GREEN, ORANGE, None, None)
    # A step that rounds to 0 has no number.
    steps = (visible(f'"{sign}"{form}', level.max(), share=_SEEN) for sign in "+−")
    forms = (None, visible(form, level.max(), share=_LABELLED), None, None, *steps)
    for item, colour, shown in zip(chart.plots[0].series, looks, forms, strict=True):
        paint(item, colour)
        if shown is not None:
            ink, place = (None, XL_LABEL_POSITION.INSIDE_BASE) if colour is None else (WHITE, None)
            labels(item, shown, ink, place)
    quiet(chart, lang, legend=False, zero=True, top=headroom(level.max()))


def rises_from_0(page: Shown) -> bool:
    """Whether what a page's chart stacks never lies below 0: stacked bars and columns cannot cross it."""
    table, name = page.telling, page.outline.table
    if name == "pipeline_changes":
        return bool((table["amount"].iloc[:-1].cumsum() >= 0).all())
    lowest = {"outlook": ["mean", "p10"], "pipeline_coverage": ["won_amount"]}.get(name, [])
    return not (table[lowest] < 0).any(axis=None)


def quadrants(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Accounts by potential and revenue; the lines are the cut and the benchmark."""
    table = page.table.dropna(subset=["potential", "current_revenue"])
    data = XyChartData()
    drawn_as: list[tuple[str, list[tuple[float, float]], bool]] = []
    for key, part in table.groupby("segment", sort=False):
        points = [(float(row.potential), float(row.current_revenue)) for row in part.itertuples()]
        drawn_as.append((label(key, lang, table=page.table), points, False))
    benchmark = page.table["revenue_benchmark"].iloc[0]
    if pd.notna(benchmark):
        top = max(float(table["current_revenue"].max()) if len(table) else 0.0, float(benchmark))
        cut = float(page.table.attrs.get("potential_cut", 0.5))
        for name, points in (
            (
                word("tables.revenue_benchmark", lang),
                [(0.0, float(benchmark)), (1.0, float(benchmark))],
            ),
            (word("tables.potential_level", lang), [(cut, 0.0), (cut, top * 1.05)]),
        ):
            drawn_as.append((name, points, True))
    # LibreOffice drops series that are shorter than one that follows: also classes of one account before the lines.
    drawn_as.sort(key=lambda one: -len(one[1]))
    for name, points, _ in drawn_as:
        series = data.add_series(name)
        for point in points:
            series.add_data_point(*point)
    chart = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *box, data).chart
    colours = iter((BLUE, GREEN, ORANGE, VIOLET, GREY, DARK) * len(drawn_as))
    for item, (_, _, is_line) in zip(chart.plots[0].series, drawn_as, strict=True):
        item.marker.style = XL_MARKER_STYLE.NONE if is_line else XL_MARKER_STYLE.CIRCLE
        if is_line:
            item.format.line.color.rgb, item.format.line.width = RGBColor.from_string("98A2B3"), Pt(1.25)
        else:
            item.marker.size = 9
            item.marker.format.fill.solid()
            item.marker.format.fill.fore_color.rgb = RGBColor.from_string(next(colours))
            item.format.line.fill.background()
    quiet(chart, lang, form=on_axis(money_form(lang, table["current_revenue"])))
    axis = chart.category_axis
    axis.minimum_scale, axis.maximum_scale, axis.has_major_gridlines = 0.0, 1.0, False
    axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = "0%", False
    axis.has_title = chart.value_axis.has_title = True
    axis.axis_title.text_frame.text = word("tables.potential", lang)
    chart.value_axis.axis_title.text_frame.text = word("tables.current_revenue", lang)
    for title in (axis.axis_title, chart.value_axis.axis_title):
        title.text_frame.paragraphs[0].runs[0].font.size = Pt(11)


def whitespace(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Accounts by what became of each product, over all classes; those with most left where there are many."""
    names = ("won_accounts", "open_accounts", "lost_accounts", "untouched_accounts")
    table = page.table.groupby("product", sort=False)[list(names)].sum()
    table = table.nlargest(_PRODUCTS, "untouched_accounts", keep="first")
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.BAR_STACKED, box, [str(product) for product in table.index], series)
    most = float(table.sum(axis=1).max())
    form = visible("#,##0", most, share=room_share(f"{most / 2:,.0f}", box))
    for item, (colour, ink) in zip(
        chart.plots[0].series, ((BLUE, WHITE), (PALE, INK), (ORANGE, INK), (GREY, INK)), strict=True
    ):
        paint(item, colour)
        labels(item, form, ink)
    quiet(chart, lang, form="#,##0")


CHARTS = {
    "pipeline_coverage": coverage,
    "quota_pacing": pacing,
    "forecast_backtest": track_record,
    "call_accuracy": calls,
    "whitespace_by_segment": whitespace,
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
