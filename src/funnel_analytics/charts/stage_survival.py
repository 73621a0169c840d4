"""The survival curves: how many are still in a stage after each day, with the number at risk below."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .. import tables
from ..words import number, word
from ._captions import headings, key, nothing, setting
from ._curves import about_curves, curve_panels, shares_by_day
from ._marks import mark_days
from ._panels import MAX_GROUPS, PANEL_NAME, panel_grid
from ._points import beside
from ._style import LINE, MAIN, MUTED, NOTE, chart  # fmt: skip

_AT_RISK = 4
"""How many numbers at risk stand under a curve."""


def stage_survival(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw one panel per stage: the share still there by day, with its 80% band, its median and the numbers at risk.

    A table that is split gives one panel per group, of the whole cycle where the table has it.

    Parameters
    ----------
    table
        What `funnel_analytics.stage_survival` returns.
    ax
        Axes to draw on (they are cleared first); None makes a figure.
    lang
        Language code.

    Returns
    -------
    Axes
        The axes drawn on; the curves stand in its ``child_axes``.

    Raises
    ------
    TableError
        If the table is not a stage_survival table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.stage_survival(fa.stage_survival(fa.load_sample())).get_title(loc="left")
    'Still there'
    """
    tables.check(table, tables.STAGE_SURVIVAL)
    by = tables.group_column(table, tables.STAGE_SURVIVAL)
    title = word("charts.stage_survival.title", lang)
    split = "stage" if by is None else by
    rows = table if by is None else table[table["stage"] == table["stage"].iloc[-1:].squeeze()]
    # Stages and the whole cycle are at most a panel more than the groups of a split.
    down = panel_grid(max(min(rows[split].nunique(dropna=False), MAX_GROUPS + 1), 1))[1]
    with chart(ax, 11.5, 2.0 + 3.0 * down) as axes:
        if not table["visits"].sum():
            nothing(axes, title, lang)
            return axes
        most = MAX_GROUPS + (by is None)
        left_out = curve_panels(axes, rows, split, "visits", lambda panel, part: _curve(panel, part, lang), most, lang)
        key(axes, _keys(lang), lift=PANEL_NAME)
        about = about_curves(table, rows, by, word("charts.stage_survival.days", lang), lang)
        notes = [word("charts.stage_survival.rule", lang), left_out]
        headings(axes, title, setting(table, lang, *about, money=False), notes)
    return axes


def _keys(lang: str | None) -> list[object]:
    return [
        Line2D([], [], color=MAIN, lw=2, label=word("charts.stage_survival.still_there", lang)),
        Line2D([], [], color=LINE, lw=1.2, ls=":", label=word("charts.stage_survival.median", lang)),
    ]


def _curve(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    days, end = rows["days"], float(rows["days"].max()) or 1.0
    ax.fill_between(days, rows["still_low"], rows["still_high"], step="post", color=MAIN, alpha=0.18, lw=0, gid="band")
    ax.step(days, rows["still_there"], where="post", color=MAIN, lw=2, gid="still_there")
    shares_by_day(ax, end)
    median = float(rows["median_days"].iloc[0])
    if not np.isnan(median):
        ax.plot([0, median, median], [0.5, 0.5, 0], color=LINE, lw=1.2, ls=":", gid="median")
        said = word("charts.stage_survival.in_days", lang, days=number(median, 0 if median >= 1 else 1))
        beside(ax, said, (min(median, end), 0.5), (4, 6), size=NOTE, gid="median_text")
    mark_days(ax, rows, {word("charts.stage_survival.still_there", lang): "still_there"}, lang)
    for share in np.linspace(0, 1, _AT_RISK):
        # Of a stage that nobody left while enough were watched only its first day is known.
        following = rows.loc[rows["days"] >= share * end, "at_risk"]
        if following.empty:
            continue
        beside(
            ax, number(following.iloc[0]), (share, 0), (0, -18), on="corner", size=NOTE, color=MUTED,
            ha="center", va="top", gid="at_risk",
        )  # fmt: skip
