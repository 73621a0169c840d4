"""The incidence curves: how fast opportunities advance from each stage, and how fast they are lost."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .. import tables
from ..words import word
from ._captions import headings, key, nothing, setting
from ._curves import about_curves, curve_panels, shares_by_day
from ._marks import mark_days
from ._panels import MAX_GROUPS, PANEL_NAME, panel_grid
from ._style import AGAINST, MAIN, chart  # fmt: skip


def stage_incidence(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw one panel per stage with two curves: advanced (with its 80% interval) and lost (dashed).

    A table that is split gives one panel per group, of the first stage in the table.

    Parameters
    ----------
    table
        What `funnel_analytics.stage_incidence` returns.
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
        If the table is not a stage_incidence table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.stage_incidence(fa.stage_incidence(fa.load_sample())).get_title(loc="left")
    'Incidence by stage'
    """
    tables.check(table, tables.STAGE_INCIDENCE)
    by = tables.group_column(table, tables.STAGE_INCIDENCE)
    title = word("charts.stage_incidence.title", lang)
    split = "stage" if by is None else by
    rows = table if by is None else table[table["stage"] == table["stage"].iloc[:1].squeeze()]
    down = panel_grid(max(min(rows[split].nunique(dropna=False), MAX_GROUPS), 1))[1]
    with chart(ax, 11.5, 2.0 + 2.3 * down) as axes:
        if not table["watched"].sum():
            nothing(axes, title, lang)
            return axes
        end = float(rows["days"].max()) or 1.0
        left_out = curve_panels(
            axes, rows, split, "watched", lambda panel, part: _curves(panel, part, end, lang), MAX_GROUPS, lang
        )
        key(axes, _keys(lang), lift=PANEL_NAME)
        counting = str(table["counting"].iloc[0])
        notes = [word(f"charts.stage_conversion.counting.{counting}", lang), word("charts.stage_incidence.rule", lang)]
        about = about_curves(table, rows, by, word("charts.stage_incidence.days", lang), lang)
        headings(axes, title, setting(table, lang, *about, money=False), [*notes, left_out])
    return axes


def _keys(lang: str | None) -> list[object]:
    return [
        Line2D([], [], color=MAIN, lw=2, label=word("charts.stage_incidence.advanced", lang)),
        Line2D([], [], color=AGAINST, lw=2, ls="--", label=word("charts.stage_incidence.lost", lang)),
    ]


def _curves(ax: Axes, rows: pd.DataFrame, end: float, lang: str | None) -> None:
    days = rows["days"]
    ax.fill_between(
        days, rows["by_day_low"], rows["by_day_high"], step="post", color=MAIN, alpha=0.18, lw=0, gid="interval"
    )
    ax.step(days, rows["advance_by_day"], where="post", color=MAIN, lw=2, gid="advanced")
    ax.step(days, rows["lost_by_day"], where="post", color=AGAINST, lw=2, ls="--", gid="lost")
    shares_by_day(ax, end)
    shares = {"advanced": "advance_by_day", "lost": "lost_by_day"}
    names = {key: word(f"charts.stage_incidence.{key}", lang) for key in shares}
    mark_days(ax, rows, {names[key]: column for key, column in shares.items()}, lang)
