"""How far off each method has been and on which side, by horizon."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .. import tables
from ..words import label, number, percent, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import AGAINST, GAIN, INK, MAIN, PALE, SMALL, chart
from ._text import shorten

_LOOK = (("o", MAIN), ("s", AGAINST), ("^", GAIN))
_MOST = 2.5
"""A bias beyond is drawn at the edge, with its figure."""


def forecast_accuracy(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each method's bias at each horizon, with its interval, its mean error beside its name.

    Parameters
    ----------
    table
        What `funnel_analytics.forecast_accuracy` returns.
    ax
        Axes to draw on (they are cleared first); None makes a figure.
    lang
        Language code.

    Returns
    -------
    Axes
        The axes drawn on.

    Raises
    ------
    TableError
        If the table is not a forecast_accuracy table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.forecast_accuracy(fa.forecast_accuracy(fa.load_sample())).get_title(loc="left")
    'Forecast accuracy'
    """
    tables.check(table, tables.FORECAST_ACCURACY)
    title = word("charts.forecast_accuracy.title", lang)
    rows = table[table["bias"].notna()]
    methods = list(dict.fromkeys(rows["method"]))
    with chart(ax, 10.5, 2.6 + 0.62 * max(len(methods), 3)) as axes:
        if rows.empty:
            nothing(axes, title, lang)
            return axes
        horizons = list(dict.fromkeys(table["horizon"]))
        ends = rows[["bias", "bias_low", "bias_high"]].clip(-1, _MOST)
        low, high = min(float(ends.min().min()), -0.1), max(float(ends.max().max()), 0.1)
        axes.set_xlim(low - 0.08 * (high - low), high + 0.16 * (high - low))
        _rows(axes, rows, methods, horizons, lang)
        _points(axes, rows, methods, horizons)
        number_axis(axes, "x", percent, count=7)
        axes.axvline(0, color=INK, lw=1.2, gid="none")
        axes.set_xlabel(word("charts.forecast_accuracy.axis", lang), fontsize=SMALL)
        key(axes, [Line2D([], [], ls="", marker=_LOOK[place % 3][0], color=_LOOK[place % 3][1], ms=7,
                          label=label(horizon, lang, table=table)) for place, horizon in enumerate(horizons)])  # fmt: skip
        headings(axes, title, setting(table, lang, money=False), _notes(table, lang))
    return axes


def _rows(ax: Axes, rows: pd.DataFrame, methods: list[str], horizons: list[str], lang: str | None) -> None:
    names = []
    for method in methods:
        here = rows[rows["method"] == method].set_index("horizon")
        first = here.loc[next(horizon for horizon in horizons if horizon in here.index)]
        name = shorten(ax, label(method, lang, table=rows), 150, SMALL)
        if here["best"].any():
            name += f" · {word('charts.forecast_accuracy.best', lang)}"
        said = word("charts.forecast_accuracy.error", lang, error=percent(first["wape"]))
        names.append(f"{name}\n{said} · {word('charts.n', lang, n=number(first['periods']))}")
        biases = [f"{label(horizon, lang, table=rows)}: {percent(bias)}" for horizon, bias in here["bias"].items()]
        mark_row(ax, len(names) - 1, label(method, lang, table=rows), *biases)
    ax.set_yticks(range(len(methods)), names, fontsize=SMALL)
    ax.set_ylim(len(methods) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    for y in range(1, len(methods)):
        ax.axhline(y - 0.5, color=PALE, lw=0.8, zorder=0)


def _points(ax: Axes, rows: pd.DataFrame, methods: list[str], horizons: list[str]) -> None:
    for row in rows.itertuples():
        place = horizons.index(row.horizon)
        mark, colour = _LOOK[place % 3]
        y = methods.index(row.method) + (place - (len(horizons) - 1) / 2) * 0.24
        at = min(row.bias, _MOST)
        if not pd.isna(row.bias_low):
            ax.plot([min(row.bias_low, _MOST), min(row.bias_high, _MOST)], [y, y], color=colour, lw=2, gid="interval")
        ax.plot([at], [y], mark, color=colour, ms=6, gid="bias", zorder=4)
        if row.bias > _MOST:
            beside(ax, percent(row.bias), (at, y), (6, 0), color=colour, size=8, gid="beyond")


def _notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    notes = [word("charts.forecast_accuracy.rule", lang)]
    ours = table[table["method"] == "outlook"]["one_sided"].dropna()
    if (ours > 0).any():
        notes.append(word("charts.forecast_accuracy.too_high", lang))
    elif (ours < 0).any():
        notes.append(word("charts.forecast_accuracy.too_low", lang))
    late = table["late_booked"].dropna()
    if len(late) and late.iloc[0] > 0:
        notes.append(word("charts.forecast_accuracy.late", lang, share=percent(late.iloc[0])))
    return notes
