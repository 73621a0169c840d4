"""Effort against potential by class: who holds the potential, who holds the pipeline."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import MISSING, label, number, percent, word
from ._axes import number_axis, rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import AGAINST, AGAINST_HATCH, BODY, INK, MAIN, MUTED, SMALL, chart

_THICK = 0.34


def segment_effort(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each class's share of the potential against its share of the open pipeline.

    Where no amounts are known the share of the open opportunities stands for the pipeline, and the key says so.

    Parameters
    ----------
    table
        What `funnel_analytics.segment_effort` returns.
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
        If the table is not a segment_effort table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.segment_effort(fa.segment_effort(fa.load_sample())).get_title(loc="left")
    'Effort by segment'
    """
    tables.check(table, tables.SEGMENT_EFFORT)
    title = word("charts.segment_effort.title", lang)
    with chart(ax, 10, 2.4 + 0.62 * max(len(table), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        effort = "pipeline_share" if table["pipeline_share"].notna().any() else "opportunity_share"
        rows_down(axes, [label(name, lang, table=table) for name in table["segment"]], 90)
        columns = (("potential_share", -_THICK / 2, MAIN, None), (effort, _THICK / 2, AGAINST, AGAINST_HATCH))
        largest = max(float(table[column].max()) if table[column].notna().any() else 0.0 for column, *_ in columns)
        axes.set_xlim(0, max(largest * 1.12, 0.1))
        for column, shift, colour, hatch in columns:
            for y, share in enumerate(table[column]):
                _bar(axes, y + shift, share, colour, hatch, column)
        for y, row in enumerate(table.to_dict("records")):
            _beside(axes, y, row, table, lang)
        number_axis(axes, "x", percent)
        axes.spines["bottom"].set_visible(False)
        handles = [
            Patch(facecolor=MAIN, label=word("charts.segment_effort.potential", lang)),
            Patch(facecolor="white", edgecolor=AGAINST, hatch=AGAINST_HATCH, label=word(f"charts.segment_effort.{effort}", lang)),
        ]  # fmt: skip
        key(axes, handles)
        count = word("charts.account_segments.accounts", lang, count=number(table["accounts"].sum()))
        headings(axes, title, setting(table, lang, count, money=False), [word("charts.segment_effort.rule", lang)])
    return axes


def _bar(ax: Axes, y: float, share: float, colour: str, hatch: str | None, gid: str) -> None:
    if pd.isna(share):
        beside(ax, MISSING, (0, y), (4, 0), color=MUTED, gid="share")
        return
    face = "white" if hatch else colour
    row_bar(ax, y, share, _THICK, facecolor=face, edgecolor=colour, hatch=hatch, linewidth=1, gid=gid, zorder=2)
    beside(ax, percent(share), (share, y), (4, 0), color=INK, gid="share")


def _beside(ax: Axes, y: int, row: dict[str, object], table: pd.DataFrame, lang: str | None) -> None:
    """What the class deserves, and how many accounts it has."""
    deserved = word(
        "charts.segment_effort.resources", lang, resources=label(row["resources"], lang, table=table)
    )  # fmt: skip
    beside(ax, deserved, (1, y), (10, 0), on="row", size=BODY, va="bottom", gid="resources")
    said = word("charts.segment_effort.mean", lang, n=f"{row['accounts']:,}", potential=percent(row["potential"]))  # type: ignore[arg-type]  # a rate
    name = label(row["segment"], lang, table=table)
    mark_row(ax, y, name, deserved, said, segment=str(row["segment"]))
    beside(ax, said, (1, y), (10, -2), on="row", size=SMALL, color=MUTED, va="top", gid="n")
