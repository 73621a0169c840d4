"""How long opportunities stay in each stage, and which stay longer than those that advance."""

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import label, number, word
from ._axes import number_axis, rows_down
from ._bars import dot, line, row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._panels import PANEL_NAME, draw_split, panels_down
from ._points import beside
from ._rates import COUNTS_ONLY, GREYED
from ._style import AGAINST, BODY, GREY, INK, LINE, MAIN, MUTED, PALE, chart  # fmt: skip


def time_in_stage(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the days spent in each stage.

    A bar from the first to the third quartile, the median with its 95% interval, and the stall line (four in
    five of those that advanced had left by then). Opportunities still in the stage count as still there, not
    as ended. An arrow means that the end lies beyond what was observed. With fewer than 20 visits a row is
    greyed, with fewer than 5 only counted. A split table gives one panel per group.

    Parameters
    ----------
    table
        What `funnel_analytics.time_in_stage` returns.
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
        If the table is not a time_in_stage table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.time_in_stage(fa.time_in_stage(fa.load_sample())).get_title(loc="left")
    'Time in stage'
    """
    tables.check(table, tables.TIME_IN_STAGE)
    by = tables.group_column(table, tables.TIME_IN_STAGE)
    title = word("charts.time_in_stage.title", lang)
    stages = list(dict.fromkeys(table["stage"]))
    down = panels_down(table, by)
    notes = [word(f"charts.time_in_stage.{key}", lang) for key in ("rule", "stall", "few")]
    with chart(ax, 10.5, 2.4 + 0.5 * max(len(stages), 2) * down) as axes:
        if not table["visits"].sum():
            nothing(axes, title, lang)
            return axes
        end = _end(table)
        notes.append(
            draw_split(axes, table, by, "visits", lang, lambda ax, rows, small: _draw(ax, rows, end, lang, brief=small))
        )
        key(axes, _keys(lang), lift=3 if by is None else PANEL_NAME)
        headings(axes, title, setting(table, lang, word("charts.time_in_stage.days", lang), money=False), notes)
    return axes


def _end(table: pd.DataFrame) -> float:
    """Where the axis ends: beyond everything drawn; 1 day where no visit has a length to draw."""
    drawn = table[["p25_days", "median_days", "p75_days", "median_high_days", "stall_days"]].max().max()
    furthest = table["longest_days"].max() if pd.isna(drawn) else drawn
    return float(furthest) * 1.06 if furthest > 0 else 1.0


def _keys(lang: str | None) -> list[Any]:
    return [
        Patch(facecolor=PALE, edgecolor=LINE, linewidth=0.8, label=word("charts.time_in_stage.middle_half", lang)),
        Line2D([], [], color=MAIN, marker="o", ms=7, lw=2.5, label=word("charts.time_in_stage.median", lang)),
        Line2D(
            [], [], color=AGAINST, marker="|", ms=13, mew=2.5, lw=0, label=word("charts.time_in_stage.stall_line", lang)
        ),
    ]


def _draw(ax: Axes, rows: pd.DataFrame, end: float, lang: str | None, *, brief: bool = False) -> None:
    rows_down(ax, [label(stage, lang, table=rows) for stage in rows["stage"]])
    ax.set_xlim(0, end)
    for y, row in enumerate(rows.itertuples()):
        if row.visits >= COUNTS_ONLY:
            _marks(ax, y, row, end)
        _figures(ax, y, row, rows, lang, brief=brief)
    number_axis(ax, "x", number, count=4 if brief else 7)
    ax.spines["bottom"].set_visible(False)


def _marks(ax: Axes, y: int, row: Any, end: float) -> None:
    colour = MAIN if row.visits >= GREYED else GREY
    beyond = []
    if not math.isnan(row.p25_days):
        upper = row.p75_days if not math.isnan(row.p75_days) else end
        row_bar(
            ax,
            y,
            upper - row.p25_days,
            0.5,
            left=row.p25_days,
            facecolor=PALE,
            edgecolor=LINE,
            linewidth=0.8,
            gid="quartiles",
            zorder=1,
        )
        beyond += [LINE] if math.isnan(row.p75_days) else []
    if not math.isnan(row.median_days):
        low = row.median_low_days if not math.isnan(row.median_low_days) else 0.0
        high = row.median_high_days if not math.isnan(row.median_high_days) else end
        line(ax, [low, high], [y, y], color=colour, lw=2.5, solid_capstyle="butt", gid="interval", zorder=2)
        face = colour if row.visits >= GREYED else "white"
        dot(ax, row.median_days, y, "o", ms=8, mfc=face, mec=colour, mew=1.6, gid="median", zorder=3, clip_on=False)
        beyond += [colour] if math.isnan(row.median_high_days) else []
    if beyond:
        dot(ax, end, y, ">", ms=7, color=beyond[-1], clip_on=False, gid="beyond", zorder=4)
    if not math.isnan(row.stall_days):
        dot(ax, row.stall_days, y, "|", ms=22, mew=2.5, color=AGAINST, gid="stall", zorder=3)


def _figures(ax: Axes, y: int, row: Any, rows: pd.DataFrame, lang: str | None, *, brief: bool) -> None:
    counted = word("charts.n", lang, n=number(row.visits))
    head, details = "", [counted]
    if row.visits >= COUNTS_ONLY:
        if math.isnan(row.median_days):
            details.insert(0, word("charts.time_in_stage.not_reached", lang))
        else:
            head = word("charts.time_in_stage.in_days", lang, days=number(row.median_days))
            if not brief:
                details.insert(0, f"{number(row.median_low_days)}–{number(row.median_high_days)}")
    if not brief and row.open_visits:
        details[-1] += word("charts.time_in_stage.still_there", lang, count=number(row.open_visits))
    if not brief and row.stalled_opportunities:
        details.append(word("charts.time_in_stage.stalled", lang, count=number(row.stalled_opportunities)))
    mark_row(ax, y, label(row.stage, lang, table=rows), head, *details, stage=row.stage)
    if head:
        strong = INK if row.visits >= GREYED else MUTED
        beside(ax, head, (1, y), (12, 0), on="row", size=BODY + 1, color=strong, gid="median_text")
    beside(ax, "   ".join(details), (1, y), (58 if head else 12, 0), on="row", color=MUTED, gid="n")
