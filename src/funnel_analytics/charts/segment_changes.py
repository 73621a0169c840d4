"""Movement between two dates: accounts by the class they were in and the class they are in."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import date, label, number, word
from ._captions import headings, nothing, setting
from ._layout import lay_out
from ._matrix import Cell, draw_cells
from ._points import beside, points_wide
from ._style import MUTED, SMALL, chart
from ._text import shorten

_NAMED = 3
"""Names in one cell; a cell with more says how many are not named."""


def segment_changes(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw who moved from which class to which: before down, after across, the names in the cells.

    On the diagonal, unshaded, stand those that stayed, counted only.

    Parameters
    ----------
    table
        What `funnel_analytics.segment_changes` returns.
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
        If the table is not a segment_changes table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.segment_changes(fa.load_sample(), since="2026-06-30")
    >>> fa.charts.segment_changes(table).get_title(loc="left")
    'Segment changes'
    """
    tables.check(table, tables.SEGMENT_CHANGES)
    title = word("charts.segment_changes.title", lang)
    held = [*table["segment_before"].dropna(), *table["segment_after"].dropna()]
    classes = [key for key in table.attrs.get("segments", []) if key in held]
    classes += [key for key in dict.fromkeys(held) if key not in classes]
    with chart(ax, 11, 2.2 + 0.78 * max(len(classes), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        lay_out(axes)
        room = points_wide(axes) / len(classes) * 0.8
        cells = _cells(axes, table, classes, room, lang)
        words = [label(key, lang, table=table) for key in classes]
        draw_cells(axes, words, words, cells, selections=[{"segment": classes[cell[1]]} for cell in cells])
        axes.tick_params(axis="both", labelsize=12)
        _headings(axes, table, title, lang)
    return axes


def _cells(ax: Axes, table: pd.DataFrame, classes: list[str], room: float, lang: str | None) -> list[Cell]:
    counts = table.groupby(["segment_before", "segment_after"]).size()
    most = max([int(count) for (old, new), count in counts.items() if old != new], default=1)
    cells: list[Cell] = []
    for (old, new), rows in table.groupby(["segment_before", "segment_after"], sort=False):
        place = (classes.index(str(old)), classes.index(str(new)))
        if old == new:
            cells.append((*place, None, number(len(rows))))
            continue
        names = rows["account_name"].fillna(rows["account_id"])
        lines = [shorten(ax, name, room, SMALL - 0.5) for name in names[:_NAMED]]
        if len(names) > _NAMED:
            lines.append(word("charts.segment_changes.more", lang, count=number(len(names) - _NAMED)))
        cells.append((*place, 0.12 + 0.3 * len(rows) / most, "\n".join(lines)))
    return cells


def _headings(ax: Axes, table: pd.DataFrame, title: str, lang: str | None) -> None:
    since, until = table.attrs.get("since"), table.attrs.get("until")
    ax.set_ylabel(word("charts.segment_changes.before", lang, date=date(since, lang)), color=MUTED, fontsize=SMALL)
    beside(
        ax, word("charts.segment_changes.after", lang, date=date(until, lang)), (1, 1), (0, 22), on="corner", color=MUTED,
        ha="right", va="bottom", gid="after",
    )  # fmt: skip
    moved = word(
        "charts.segment_changes.moved", lang, count=number(table["changed"].sum()), all=number(len(table))
    )  # fmt: skip
    headings(ax, title, setting(table, lang, moved, money=False), [word("charts.segment_changes.rule", lang)])
