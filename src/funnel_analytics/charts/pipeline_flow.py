"""The pipeline from date to date: what was added, what left, and what it then was."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import date, number, short_number, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._panels import PANEL_NAME, groups_shown, panels, panels_down
from ._points import points_wide
from ._style import GAIN, HATCHED, INK, SMALL, chart  # fmt: skip
from ._text import width
from .pipeline_changes import TOTALS, amounts_note, signed

STEPS_SHOWN = 26
"""The newest half year of weeks; more bars than that are not told apart."""


def pipeline_flow(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the steps from date to date.

    In each step the causes that add rise from the opening pipeline, those that take away (hatched) fall to the
    closing one, which a line marks. The newest 26 steps are drawn. A split table gives one panel per group.

    Parameters
    ----------
    table
        What `funnel_analytics.pipeline_flow` returns.
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
        If the table is not a pipeline_flow table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> flow = fa.pipeline_flow(fa.load_sample(), every="week", since="2026-06-30", until="2026-09-30")
    >>> fa.charts.pipeline_flow(flow).get_title(loc="left")
    'Pipeline flow'
    """
    tables.check(table, tables.PIPELINE_FLOW)
    by = tables.group_column(table, tables.PIPELINE_FLOW)
    title = word("charts.pipeline_flow.title", lang)
    with chart(ax, 11 if by is None else 14, 2.0 + 3.6 * panels_down(table, by, columns=2)) as axes:
        if not (table["amount"].abs().sum() or table["opportunities"].sum()):
            nothing(axes, title, lang)
            return axes
        since = pd.Timestamp(table["since"].min())
        notes = [word("charts.pipeline_flow.rule", lang), *amounts_note(table, since, lang)]
        steps = sorted(table["until"].unique())
        if len(steps) > STEPS_SHOWN:
            notes.append(word("charts.pipeline_flow.left_out", lang, count=number(len(steps) - STEPS_SHOWN)))
        drawn = table[table["until"].isin(steps[-STEPS_SHOWN:])]
        if by is None:
            parts = [(axes, _steps(axes, drawn, lang))]
            key(axes, _keys(lang))
        else:
            shown, left_out = groups_shown(drawn, by, "opportunities", lang)
            notes.append(left_out)
            sheets = panels(axes, [name for name, _ in shown], columns=2, text_share=0.08)
            parts = [(panel, _steps(panel, rows, lang)) for panel, (_, rows) in zip(sheets, shown, strict=True)]
            key(axes, _keys(lang), lift=PANEL_NAME)
        lay_out(axes)
        for part, found in parts:
            _dates(part, found, lang)
        due = table.attrs.get("period")
        about = word("charts.pipeline_changes.due", lang, period=due) if due else ""
        headings(axes, title, setting(table, lang, about), notes)
    return axes


def _keys(lang: str | None) -> list[object]:
    return [
        Patch(facecolor=GAIN, label=word("charts.pipeline_flow.more", lang)),
        Patch(**HATCHED, label=word("charts.pipeline_flow.less", lang)),
        Line2D([], [], color=INK, lw=2, label=word("charts.pipeline_flow.level", lang)),
    ]


def _steps(ax: Axes, rows: pd.DataFrame, lang: str | None) -> pd.DataFrame:
    """Draw the steps; returns the date and the number of open opportunities at the end of each."""
    moved = rows[~rows["cause"].isin(TOTALS)]
    opening = rows[rows["cause"] == "opening"].set_index("until")["amount"]
    closing = rows[rows["cause"] == "closing"].set_index("until")
    gains = moved["amount"].clip(lower=0).groupby(moved["until"]).sum().reindex(opening.index)
    losses = moved["amount"].clip(upper=0).groupby(moved["until"]).sum().reindex(opening.index)
    place = np.arange(len(opening))
    more = ax.bar(place - 0.2, gains, 0.36, bottom=opening, color=GAIN, gid="more")
    less = ax.bar(
        place + 0.2, losses, 0.36, bottom=opening + gains, **HATCHED,
        linewidth=0, gid="less",
    )  # fmt: skip
    for bars, amounts in ((more, gains), (less, losses)):
        for bar, day, amount in zip(bars, opening.index, amounts, strict=True):
            mark(bar, f"{date(day, lang)}: {signed(amount, lang)}", until=f"{day:%Y-%m-%d}")
    ax.hlines(closing["amount"], place - 0.42, place + 0.42, color=INK, lw=2, gid="level", zorder=3)
    top, low = float((opening + gains).max()), float(min(closing["amount"].min(), opening.min()))
    # The steps are differences: an axis from zero would leave them too thin to read.
    room = top - low or abs(top) or 1.0
    ax.set_ylim(low - room * 0.5 if low < 0 else max(low - room * 0.5, 0.0), top + room * 0.08)
    ax.set_xlim(-0.7, len(opening) - 0.3)
    number_axis(ax, "y", lambda amount: short_number(amount, lang))
    ax.tick_params(labelleft=True)
    ax.spines[["left", "bottom"]].set_visible(False)
    return closing.reset_index()


def _dates(ax: Axes, steps: pd.DataFrame, lang: str | None) -> None:
    """As many dates under the steps as fit side by side, the last one always."""
    names = [
        f"{date(day, lang)}\n{word('charts.n', lang, n=number(count))}"
        for day, count in zip(steps["until"], steps["opportunities"], strict=True)
    ]
    wide = max(width(ax, name.split("\n")[0], SMALL) for name in names) + 12
    every = max(int(np.ceil(wide * len(names) / points_wide(ax))), 1)
    kept = list(range(len(names)))[::-1][::every][::-1]
    ax.set_xticks(kept, [names[at] for at in kept], fontsize=SMALL, linespacing=1.25)
