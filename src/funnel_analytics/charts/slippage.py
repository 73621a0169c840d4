"""What became of the opportunities that were due in a period: won, lost, slipped, not moved, vanished."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import date, label, number, percent, word
from ._axes import rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._panels import groups_shown
from ._points import beside, points_wide
from ._rates import COUNTS_ONLY
from ._style import GAIN, HATCHED, MUTED, OUTLINED, SECOND, SMALL, THIRD, chart  # fmt: skip
from ._text import width

_ENDS = ("won", "slipped", "unmoved", "lost", "vanished")
_FILL: dict[str, dict[str, Any]] = {
    "won": {"facecolor": GAIN},
    "slipped": {"facecolor": SECOND, "hatch": "....", "edgecolor": "white"},
    "unmoved": {"facecolor": THIRD},
    "lost": HATCHED,
    "vanished": OUTLINED,
}


def slippage(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw what became of the opportunities that were due in a period.

    One bar per group (one in all where the table is not split), with the slip rate by count and by amount beside it;
    with fewer than 5 due only counts. The pushes, and of how many opportunities they are a lower bound, are said below.

    Parameters
    ----------
    table
        What `funnel_analytics.slippage` returns.
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
        If the table is not a slippage table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.slippage(fa.slippage(fa.load_sample(), by="owner")).get_title(loc="left")
    'Slippage'
    """
    tables.check(table, tables.SLIPPAGE)
    by = tables.group_column(table, tables.SLIPPAGE)
    title = word("charts.slippage.title", lang)
    with chart(ax, 10.5, 2.2 + 0.55 * max(min(len(table), 6), 2)) as axes:
        if not table["due"].sum():
            nothing(axes, title, lang)
            return axes
        left_out, names, rows = "", [word("charts.slippage.all", lang)], table
        if by is not None:
            shown, left_out = groups_shown(table, by, "due", lang)
            names, rows = [name for name, _ in shown], pd.concat([part for _, part in shown])
        rows_down(axes, names)
        _bars(axes, rows, names, lang)
        key(axes, [Patch(label=label(end, lang), **_FILL[end]) for end in _ENDS])
        period = word("charts.pipeline_changes.due", lang, period=table["period"].iloc[0])
        headings(axes, title, setting(table, lang, period), [*_notes(table, lang), left_out])
    return axes


def _bars(ax: Axes, rows: pd.DataFrame, names: list[str], lang: str | None) -> None:
    # The bars keep to the left; the rates stand behind them.
    ax.set_xlim(0, float(rows["due"].max()) / 0.62)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    lay_out(ax)
    scale = points_wide(ax) / ax.get_xlim()[1]
    for y, row in enumerate(rows.itertuples()):
        start, outside = 0.0, []
        for end in _ENDS:
            count = int(getattr(row, end))
            if not count:
                continue
            bar = row_bar(ax, y, count, 0.62, left=start, gid=end, **_FILL[end])
            mark(bar, f"{names[y]} · {label(end, lang)}: {number(count)}")
            text = number(count)
            if width(ax, text, SMALL) + 10 <= count * scale:
                box = {"facecolor": "white", "pad": 1.2, "linewidth": 0}
                ax.text(start + count / 2, y, text, ha="center", va="center", fontsize=SMALL, bbox=box, gid="count")
            else:
                outside.append(f"{label(end, lang)} {text}")
            start += count
        said = [word("charts.n", lang, n=number(row.due))]
        if row.due >= COUNTS_ONLY:
            rate, value = percent(row.slip_rate), percent(row.slip_rate_value)
            said.append(word("charts.slippage.said", lang, rate=rate, value=value))
        beside(ax, " · ".join([*said, *outside]), (start, y), (6, 0), color=MUTED, gid="n")


def _notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    notes = [word("charts.slippage.rule", lang)]
    notes.append(word("charts.slippage.opening", lang, date=date(table["opening"].iloc[0], lang)))
    notes.append(word("charts.slippage.pushes", lang, count=number(table["pushes"].sum())))
    hidden, overdue = table["lower_bound_opportunities"].sum(), table["overdue_opportunities"].sum()
    if hidden:
        notes.append(word("charts.slippage.lower_bound", lang, count=number(hidden)))
    if overdue:
        notes.append(word("charts.slippage.overdue", lang, count=number(overdue)))
    return notes
