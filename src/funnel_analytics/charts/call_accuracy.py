"""The track record of calls: bias of each person by horizon, with the number of calls."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from .. import tables
from ..words import label, number, percent, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import AGAINST, BODY, INK, MAIN, MUTED, PALE, SECOND, SMALL, chart
from ._text import shorten

MAX_ROWS = 16
_MARKS = {"before": ("s", MUTED), "first_third": ("o", MAIN), "second_third": ("D", SECOND), "last_third": ("^", AGAINST)}  # fmt: skip
_WIDEST = 2.0
"""A bias beyond ±200% is drawn at the edge; its figure stands beside the row."""


def call_accuracy(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how far calls were above or below what was won, by person and by when they were made.

    One row per person and role; a mark per horizon, hollow below the number of calls from which people are ranked;
    the figures stand beside the row with the counts. At most sixteen rows are drawn; the caption says how many are
    not.

    Parameters
    ----------
    table
        What `funnel_analytics.call_accuracy` returns.
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
        If the table is not a call_accuracy table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.call_accuracy(fa.call_accuracy(fa.load_sample())).get_title(loc="left")
    'Accuracy of calls'
    """
    tables.check(table, tables.CALL_ACCURACY)
    title = word("charts.call_accuracy.title", lang)
    people = list(table.groupby(["role", "person"], dropna=False, sort=False))
    shown = people[:MAX_ROWS]
    with chart(ax, 10.5, 2.4 + 0.42 * max(len(shown), 2)) as axes:
        if not shown:
            nothing(axes, title, lang)
            return axes
        reach = min(max(float(table["bias"].abs().max()) if table["bias"].notna().any() else 0.0, 0.25) * 1.1, _WIDEST)
        axes.set_xlim(-reach, reach)
        axes.axvline(0, color=INK, lw=1.2, gid="even")
        names = []
        for y, ((role, person), rows) in enumerate(shown):
            _row(axes, y, rows, lang)
            names.append(f"{shorten(axes, label(person), 150, BODY)}\n{label(role, lang)}")
        axes.set_yticks(range(len(shown)), names, fontsize=SMALL)
        axes.set_ylim(len(shown) - 0.5, -0.5)
        axes.spines[["left", "bottom"]].set_visible(False)
        number_axis(axes, "x", _signed)
        axes.set_xlabel(word("charts.call_accuracy.axis", lang), fontsize=SMALL)
        held = [name for name in _MARKS if (table["horizon"] == name).any()]
        key(axes, [Line2D([], [], marker=_MARKS[name][0], color=_MARKS[name][1], ls="", label=label(name, lang)) for name in held])  # fmt: skip
        headings(axes, title, setting(table, lang, money=False), _notes(table, len(people) - len(shown), lang))
    return axes


def _signed(share: float) -> str:
    said = percent(abs(share))
    return said if said == percent(0) else ("+" if share > 0 else "−") + said


def _row(ax: Axes, y: int, rows: pd.DataFrame, lang: str | None) -> None:
    said, widest = [], ax.get_xlim()[1]
    ax.axhline(y, color=PALE, lw=0.8, zorder=0)
    for row in rows.to_dict("records"):
        marker, colour = _MARKS.get(str(row["horizon"]), ("o", MUTED))
        if pd.isna(row["bias"]):
            said.append(label(row["standing"], lang))
            continue
        place = min(max(float(row["bias"]), -widest), widest)
        full = row["standing"] == "ranked"
        ax.plot([place], [y], marker, ms=7, mec=colour, mfc=colour if full else "white", mew=1.4, gid=str(row["horizon"]), zorder=4, clip_on=False)  # fmt: skip
        said.append(f"{_signed(row['bias'])} ({number(row['calls'])})")
    first = rows.iloc[0]
    mark_row(ax, y, label(first["person"]), label(first["role"], lang), *dict.fromkeys(said))
    beside(ax, " · ".join(dict.fromkeys(said)), (1, y), (10, 0), on="row", size=8, gid="counts")


def _notes(table: pd.DataFrame, left_out: int, lang: str | None) -> list[str]:
    notes = [word("charts.call_accuracy.rule", lang, floor=number(table.attrs.get("min_calls", 0)))]
    pending = int(table["pending"].sum())
    if pending:
        notes.append(word("charts.call_accuracy.pending", lang, count=number(pending)))
    if left_out:
        notes.append(word("charts.rows_left_out", lang, count=number(left_out)))
    return notes
