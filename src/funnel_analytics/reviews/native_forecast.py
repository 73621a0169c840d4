"""Native charts of what is to come and how past forecasts fared."""

from typing import Any

import pandas as pd
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_MARKER_STYLE
from pptx.util import Pt

from ..words import label, word
from .contents import PACED_PERIODS
from .native_parts import (
    BLUE,
    DARK,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    WHITE,
    Box,
    drawn,
    keys,
    labels,
    money_form,
    named,
    on_axis,
    paint,
    plain,
    quiet,
    room_share,
    visible,
)
from .shown import Shown
from .titles import latest_calls

_PERIODS = 10
"""So many columns or lines are told apart on a slide."""
_COLUMN = 23
"""Points that a column needs for a number of its own."""
_LABELLED = 0.03
"""Columns below this share of the highest have no number: it would lie on those beside it."""


def outlook(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """What is expected, by part, above the range of the total and the quota; of a period that is over what was won."""
    parts = page.table.set_index("component")
    total = parts.loc["total"]
    largest = pd.Series([total["p90"], total["quota"]]).max()
    form = money_form(lang, pd.Series([largest]))
    first = "tile_won" if "period_over" in str(total["warnings"]).split() else "tile_expected"
    values = [plain(parts.loc[key, "mean"]) for key in ("won", "open", "new_business")]
    bars: dict[str, dict[int, float | None]] = {word(f"reviews.{first}", lang): dict(enumerate(values))}
    if total["p90"] > total["p10"]:
        bands = [plain(value) for value in (total["p10"], total["p50"] - total["p10"], total["p90"] - total["p50"])]
        bars[word("reviews.tile_range", lang)] = dict(enumerate(bands, start=3))
    quota = word("tables.quota", lang)
    if pd.notna(total["quota"]):
        bars[quota] = {6: plain(total["quota"])}
    captions = [label(key, lang) for key in ("won", "open", "new_business")]
    # The gap before the range is painted with nothing and called nothing: LibreOffice leaves another out of the legend
    # than the one it is told to.
    captions += [" ", word("reviews.band_low", lang), word("reviews.band_high", lang), quota]
    look = [(GREEN, WHITE), (BLUE, WHITE), (PALE, INK), (None, None), (GREY, None), (DARK, None), (ORANGE, INK)]
    places = [place for place in range(len(look)) if any(place in bar for bar in bars.values())]
    series = [(captions[place], [bar.get(place) for bar in bars.values()]) for place in places]
    chart = drawn(slide, XL_CHART_TYPE.BAR_STACKED, box, list(bars), series)
    for place, item in zip(places, chart.plots[0].series, strict=True):
        colour, ink = look[place]
        paint(item, colour)
        if ink is not None:
            labels(item, visible(form, largest, share=room_share("12.34M", box)), ink)
    quiet(chart, lang, form=on_axis(form), zero=True)


def weighted(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Open pipeline by period, unweighted and weighted three ways; the last periods where there are many."""
    table = page.telling.tail(_PERIODS)
    names = [
        name
        for name in ("amount", "weighted_nominal", "weighted_crm", "weighted_measured")
        if table[name].notna().any()
    ]
    form = money_form(lang, table["amount"])
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.COLUMN_CLUSTERED, box, keys(table, "period", lang), series)
    shown = visible(form, float(table["amount"].max()), share=_LABELLED)
    column = box[2] / Pt(1) / (len(table) * (len(names) + 0.45))
    for name, item, colour in zip(names, chart.plots[0].series, (GREY, BLUE, PALE, GREEN), strict=False):
        paint(item, colour)
        # In narrow columns the numbers of neighbours would lie on each other.
        if name == "amount" or column > _COLUMN:
            labels(item, shown, None, XL_LABEL_POSITION.OUTSIDE_END)
    quiet(chart, lang, zero=True)


def coverage(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Won and due, above won and needed (if anything is), above the quota."""
    row = page.table.iloc[0]
    form = money_form(lang, row["won_amount"] + row[["open_amount", "required_amount"]])
    won, due, needed, quota = (plain(row[name]) for name in ("won_amount", "open_amount", "required_amount", "quota"))
    captions = [word(f"tables.{key}", lang) for key in ("won_amount", "required_amount", "quota")]
    captions.insert(1, word("charts.pipeline_coverage.open_amount", lang))
    bars = {
        captions[1]: [won, due, None, None],
        captions[2]: [won, None, needed, None],
        captions[3]: [None, None, None, quota],
    }
    if not needed:
        del bars[captions[2]]
    series = [(name, [bar[place] for bar in bars.values()]) for place, name in enumerate(captions)]
    chart = drawn(slide, XL_CHART_TYPE.BAR_STACKED, box, list(bars), series)
    shown = visible(
        form, max(sum(value or 0.0 for value in bar) for bar in bars.values()), share=room_share("12.34M", box)
    )
    for item, (colour, ink) in zip(
        chart.plots[0].series, ((GREEN, WHITE), (BLUE, WHITE), (GREY, INK), (ORANGE, INK)), strict=True
    ):
        paint(item, colour)
        labels(item, shown, ink)
    quiet(chart, lang, zero=True)


def pacing(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """Won by the end of each week: this period, the usual amount, the last earlier periods, the quota."""
    table = page.table
    now = table[table["current"]].set_index("week")
    weeks = range(1, int(table["week"].max()) + 1)
    form = money_form(lang, table["won_amount"], now["quota"])
    lines = {word("reviews.usual_line", lang): now["usual_amount"]} if now["periods"].iloc[-1] > 0 else {}
    lines = {str(now["period"].iloc[0]): now["won_amount"], **lines}
    looks = [(BLUE, 3.0), (DARK, 1.5)][: len(lines)]
    if now["quota"].notna().any():
        lines[word("tables.quota", lang)] = pd.Series(now["quota"].iloc[0], index=weeks)
        looks.append((ORANGE, 1.5))
    earlier = list(dict.fromkeys(table.loc[~table["current"], "period"]))[1 - PACED_PERIODS :]
    for period in earlier:
        lines[str(period)] = table[table["period"] == period].set_index("week")["won_amount"]
        looks.append((GREY, 1.0))
    series = [(name, [plain(value) for value in values.reindex(weeks)]) for name, values in lines.items()]
    chart = drawn(slide, XL_CHART_TYPE.LINE_MARKERS, box, [str(week) for week in weeks], series)
    for item, (colour, width) in zip(chart.plots[0].series, looks, strict=True):
        _line(item, colour, width)
    quiet(chart, lang, form=on_axis(form))
    axis = chart.category_axis
    axis.has_title = True
    axis.axis_title.text_frame.text = word("tables.week", lang)
    axis.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(11)


def _line(series: Any, colour: str, width: float) -> None:
    series.smooth = False
    series.marker.style = XL_MARKER_STYLE.NONE
    series.format.line.color.rgb, series.format.line.width = RGBColor.from_string(colour), Pt(width)


def track_record(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """The range, the forecast and the actual of each past quarter; the last where there are many."""
    table = page.table.tail(_PERIODS)
    names = ("p90", "forecast", "p10", "actual")
    form = money_form(lang, *(table[name] for name in names))
    series = named(table, names, lang)
    chart = drawn(slide, XL_CHART_TYPE.LINE_MARKERS, box, keys(table, "period", lang), series)
    marks = ((XL_MARKER_STYLE.DASH, DARK, 14), (XL_MARKER_STYLE.DIAMOND, BLUE, 9), (XL_MARKER_STYLE.DASH, DARK, 14), (XL_MARKER_STYLE.CIRCLE, GREEN, 10))  # fmt: skip
    for item, (style, colour, size) in zip(chart.plots[0].series, marks, strict=True):
        item.smooth = False
        item.format.line.fill.background()
        item.marker.style, item.marker.size = style, size
        item.marker.format.fill.solid()
        item.marker.format.fill.fore_color.rgb = RGBColor.from_string(colour)
        item.marker.format.line.color.rgb = RGBColor.from_string(colour)
    quiet(chart, lang, form=on_axis(form), zero=bool((table[list(names)].min() >= 0).all()))


def calls(slide: Any, page: Shown, box: Box, lang: str) -> None:
    """How far each person's latest calls were from what was won; those with the most calls where there are many."""
    role, horizon = latest_calls(page.table)
    table = page.table[(page.table["role"] == role) & (page.table["horizon"] == horizon) & (page.table["calls"] > 0)]
    table = table.nlargest(_PERIODS, "calls").sort_values("bias", ascending=False)
    # Where nothing was won there is no share of it: a name without a bar, and the word for why.
    known = table["bias"].notna()
    people = [label(name, lang) for name in table["person"]]
    people = [
        name if told else f"{name} · {label('nothing_won', lang)}" for name, told in zip(people, known, strict=True)
    ]
    series = [(word("tables.bias", lang), [plain(value) for value in table["bias"]])]
    chart = drawn(slide, XL_CHART_TYPE.BAR_CLUSTERED, box, people, series)
    paint(chart.plots[0].series[0], BLUE)
    labels(chart.plots[0].series[0], "+0%;-0%;0%", None, XL_LABEL_POSITION.OUTSIDE_END)
    quiet(chart, lang, legend=False)
