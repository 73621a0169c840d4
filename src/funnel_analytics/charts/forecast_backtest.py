"""The track record: what the outlook said of past periods, with its range, and what happened."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import label, number, short_number, word
from ._axes import number_axis
from ._bars import dot, row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._panels import PANEL_NAME, panels
from ._style import INK, LINE, MAIN, SECOND, SMALL, chart

MAX_PERIODS = 12
_METHOD = "outlook"


def forecast_backtest(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the outlook's track record: one panel per horizon, one row per past period.

    The bar is the range from P10 to P90, the diamond the forecast, the dot what happened; a hollow dot is not final
    yet. Each panel says how often the range held. The last twelve periods are drawn.

    Parameters
    ----------
    table
        What `funnel_analytics.forecast_backtest` returns.
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
        If the table is not a forecast_backtest table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.forecast_backtest(fa.forecast_backtest(fa.load_sample())).get_title(loc="left")
    'Forecast track record'
    """
    tables.check(table, tables.FORECAST_BACKTEST)
    title = word("charts.forecast_backtest.title", lang)
    rows = table[table["method"] == _METHOD].sort_values("origin", kind="stable")
    periods = list(dict.fromkeys(rows["period"]))
    shown = periods[-MAX_PERIODS:]
    rows = rows[rows["period"].isin(shown)]
    with chart(ax, 13, 2.6 + 0.36 * max(len(shown), 3)) as axes:
        if rows.empty:
            nothing(axes, title, lang)
            return axes
        parts = [(str(horizon), part) for horizon, part in rows.groupby("horizon", sort=True)]
        names = [f"{label(horizon, lang, table=table)} · {_held(part, lang)}" for horizon, part in parts]
        limit = float(rows[["p90", "forecast", "actual"]].max().max()) * 1.08 or 1.0
        for panel, (_, part) in zip(panels(axes, names, text_share=0.1), parts, strict=True):
            _draw(panel, part, shown, limit, lang)
        key(axes, _handles(rows, lang), lift=PANEL_NAME)
        notes = [word("charts.forecast_backtest.rule", lang)]
        if len(periods) > len(shown):
            notes.append(word("charts.forecast_backtest.left_out", lang, count=number(len(periods) - len(shown))))
        headings(axes, title, setting(table, lang, label(_METHOD, lang, table=table)), notes)
    return axes


def _held(rows: pd.DataFrame, lang: str | None) -> str:
    told = rows[rows["scored"] & rows["p10"].notna()]
    held = ((told["p10"] <= told["actual"]) & (told["actual"] <= told["p90"])).sum()
    return word("charts.forecast_backtest.held", lang, held=number(int(held)), count=number(len(told)))


def _handles(rows: pd.DataFrame, lang: str | None) -> list[Any]:
    def mark(name: str, **look: Any) -> Line2D:
        return Line2D([], [], ls="", label=word(f"charts.forecast_backtest.{name}", lang), **look)

    handles: list[Any] = [
        Patch(facecolor=LINE, label=word("charts.forecast_backtest.range", lang)),
        mark("forecast", marker="D", ms=6, mfc="white", mec=INK),
        mark("actual", marker="o", ms=8, color=MAIN),
    ]
    if not rows["scored"].all():
        handles.append(mark("open_actual", marker="o", ms=8, mfc="white", mec=SECOND, mew=1.6))
    return handles


def _draw(ax: Axes, rows: pd.DataFrame, shown: list[str], limit: float, lang: str | None) -> None:
    ax.set_xlim(0, limit)
    ax.set_ylim(len(shown) - 0.5, -0.5)
    labelled = ax.yaxis.get_tick_params().get("labelleft", True)
    ax.set_yticks(range(len(shown)), shown, fontsize=SMALL)
    ax.tick_params(labelleft=labelled)
    ax.spines["left"].set_visible(False)
    for row in rows.itertuples():
        y = shown.index(row.period)
        if not pd.isna(row.p10):
            row_bar(ax, y, row.p90 - row.p10, 0.44, left=row.p10, color=LINE, gid="p10_p90")
        dot(ax, row.forecast, y, "D", ms=5, mfc="white", mec=INK, gid="forecast", zorder=4)
        look = {"color": MAIN} if row.scored else {"mfc": "white", "mec": SECOND, "mew": 1.6}
        dot(ax, row.actual, y, "o", ms=7, gid="actual", zorder=5, **look)
        figures = {"forecast": row.forecast, "actual": row.actual}
        said = [
            f"{word(f'charts.forecast_backtest.{name}', lang)}: {short_number(figure, lang)}"
            for name, figure in figures.items()
        ]
        mark_row(ax, y, str(row.period), *said, period=str(row.period))
    number_axis(ax, "x", lambda amount: short_number(amount, lang), count=4)
