"""Pacing: the amount won week by week, as a line among those of earlier periods."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import number, percent, short_number, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._marks import mark_column
from ._points import beside
from ._style import INK, LINE, MAIN, MUTED, PALE, SECOND, SMALL, chart

_NAME_HEIGHT = 0.055
"""Of the axes' height, in a small panel too."""


def quota_pacing(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw what has been won by the end of each week of a period, among earlier periods.

    The thick line is the period asked for, up to the book's date; thin lines are earlier periods, named at their end;
    the band is the middle half of these on the same day, the broken line their median. The quota is a level line.

    Parameters
    ----------
    table
        What `funnel_analytics.quota_pacing` returns.
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
        If the table is not a quota_pacing table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.quota_pacing(fa.quota_pacing(fa.load_sample())).get_title(loc="left")
    'Quota pacing'
    """
    tables.check(table, tables.QUOTA_PACING)
    title = word("charts.quota_pacing.title", lang)
    with chart(ax, 10.5, 5.4) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        now, past = table[table["current"]], table[~table["current"]]
        top = pd.concat([table["won_amount"], now["quota"]]).max()
        # A correction booked as a negative win can take the sum below 0.
        low = min(float(table["won_amount"].min()), 0.0)
        axes.set_ylim(low, float(top) * 1.08 if top > 0 else 1.0)
        axes.set_xlim(0, float(table["week"].max()) + 0.2)
        _past(axes, past)
        if len(now):
            _now(axes, now, lang)
        number_axis(axes, "y", lambda amount: short_number(amount, lang))
        number_axis(axes, "x", number, count=14, whole=True)
        axes.set_xlabel(word("charts.quota_pacing.week", lang), fontsize=SMALL)
        _key(axes, now, past, lang)
        headings(axes, title, setting(table, lang, str(table.attrs.get("asked_period") or "")), _notes(now, lang))
    return axes


def _past(ax: Axes, past: pd.DataFrame) -> None:
    taken: list[float] = []
    for period, rows in past.groupby("period", sort=False):
        ax.plot([0, *rows["week"]], [0, *rows["won_amount"]], color=LINE, lw=1.1, gid="earlier", zorder=2)
        end = rows.iloc[-1]
        # A name that would cover another one is left out: the table has it. The axes are not laid out yet: no pixels.
        height = float(ax.transLimits.transform((0, end["won_amount"]))[1])
        if all(abs(height - other) > _NAME_HEIGHT for other in taken):
            taken.append(height)
            beside(ax, str(period), (end["week"], end["won_amount"]), (5, 0), size=8, color=MUTED, gid="earlier_name")


def _now(ax: Axes, now: pd.DataFrame, lang: str | None) -> None:
    weeks = [0, *now["week"]]
    if now["periods"].iloc[-1] > 0:
        low, middle, high = ([0, *now[f"usual_amount{side}"]] for side in ("_low", "", "_high"))
        ax.fill_between(weeks, low, high, color=PALE, gid="usual", zorder=1)
        ax.plot(weeks, middle, color=MUTED, lw=1.6, ls=(0, (3, 2)), gid="median", zorder=3)
    ax.plot(weeks, [0, *now["won_amount"]], color=MAIN, lw=2.8, gid="current", zorder=5)
    for row in now.to_dict("records"):
        usual = "" if pd.isna(row["usual_amount"]) else f"{word('charts.quota_pacing.median', lang)}: {short_number(row['usual_amount'], lang)}"  # fmt: skip
        week = f"{word('charts.quota_pacing.week', lang)} {number(row['week'])}"
        won = f"{row['period']}: {short_number(row['won_amount'], lang)}"
        mark_column(ax, row["week"] - 0.5, row["week"] + 0.5, week, won, usual)
    last = now.iloc[-1]
    ax.plot([last["week"]], [last["won_amount"]], "o", color=MAIN, ms=6, zorder=6)
    said = f"{last['period']}: {short_number(last['won_amount'], lang)}"
    beside(
        ax, said, (last["week"], last["won_amount"]), (-6, 8), ha="right", va="bottom", color=INK, gid="current_text"
    )
    quota = last["quota"]
    if not pd.isna(quota):
        ax.axhline(quota, color=SECOND, lw=2, ls=(0, (4, 2)), gid="quota", zorder=4)
        said = word("charts.outlook.quota", lang, amount=short_number(quota, lang))
        beside(ax, said, (0, quota), (4, 3), va="bottom", on="data", gid="quota_text")


def _key(ax: Axes, now: pd.DataFrame, past: pd.DataFrame, lang: str | None) -> None:
    handles: list[Line2D | Patch] = []
    if len(now):
        handles.append(Line2D([], [], color=MAIN, lw=2.8, label=word("charts.quota_pacing.current", lang)))
    if len(now) and now["periods"].iloc[-1] > 0:
        handles.append(
            Line2D([], [], color=MUTED, lw=1.6, ls=(0, (3, 2)), label=word("charts.quota_pacing.median", lang))
        )
        handles.append(Patch(color=PALE, label=word("charts.quota_pacing.usual", lang)))
    if len(past):
        handles.append(Line2D([], [], color=LINE, lw=1.1, label=word("charts.quota_pacing.earlier", lang)))
    key(ax, handles)


def _notes(now: pd.DataFrame, lang: str | None) -> list[str]:
    if now.empty:
        return [word("charts.quota_pacing.not_begun", lang)]
    last = now.iloc[-1]
    notes = [word("charts.quota_pacing.rule", lang, count=number(last["periods"]))]
    if not pd.isna(last["usual_share"]):
        shares = {name: percent(last[f"usual_share{side}"]) for name, side in (("low", "_low"), ("share", ""), ("high", "_high"))}  # fmt: skip
        notes.append(word("charts.quota_pacing.share", lang, elapsed=percent(last["elapsed"]), **shares))
    return notes
