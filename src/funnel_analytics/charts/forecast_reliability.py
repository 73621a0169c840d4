"""The reliability diagram: chances that were given against the share that was won."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .. import tables
from ..words import number, percent, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._marks import mark
from ._points import beside
from ._style import LINE, MAIN, MUTED, SMALL, chart


def forecast_reliability(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the share won against the chance given, all horizons together.

    Parameters
    ----------
    table
        What `funnel_analytics.forecast_reliability` returns.
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
        If the table is not a forecast_reliability table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.forecast_reliability(fa.forecast_reliability(fa.load_sample())).get_title(loc="left")
    'Reliability of chances'
    """
    tables.check(table, tables.FORECAST_RELIABILITY)
    title = word("charts.forecast_reliability.title", lang)
    rows = table[table["horizon"] == "all"]
    with chart(ax, 7.5, 6.5) as axes:
        if rows.empty:
            nothing(axes, title, lang)
            return axes
        axes.set_xlim(0, 1.08)
        axes.set_ylim(0, 1.08)
        axes.plot([0, 1], [0, 1], color=LINE, lw=1.4, ls=(0, (4, 3)), gid="right", zorder=1)
        for row in rows.itertuples():
            axes.plot([row.mean_probability] * 2, [row.won_low, row.won_high], color=MAIN, lw=2, gid="interval")
            dot = axes.plot([row.mean_probability], [row.won_share], "o", color=MAIN, ms=8, gid="won_share", zorder=4)[
                0
            ]
            said = word("charts.n", lang, n=number(row.opportunities))
            mark(dot, f"{percent(row.mean_probability)} → {percent(row.won_share)}, {said}")
            beside(
                axes,
                said,
                (row.mean_probability, row.won_share),
                (8, -7 if row.won_share > 0.05 else 9),
                size=8,
                color=MUTED,
                gid="count",
            )
        for which in ("x", "y"):
            number_axis(axes, which, percent, count=6)
        axes.set_xlabel(word("charts.forecast_reliability.x", lang), fontsize=SMALL)
        axes.set_ylabel(word("charts.forecast_reliability.y", lang), fontsize=SMALL)
        right = word("charts.forecast_reliability.right", lang)
        key(axes, [Line2D([], [], color=LINE, lw=1.4, ls=(0, (4, 3)), label=right)])
        headings(axes, title, setting(table, lang, money=False), [word("charts.forecast_reliability.rule", lang)])
    return axes
