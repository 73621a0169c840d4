"""Coverage: won so far and open pipeline due, against the quota and what this team needs to reach it."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import label, number, percent, short_number, word
from ._axes import number_axis
from ._bars import line, row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import AGAINST, BODY, GAIN, MAIN, PALE, SECOND, SMALL, chart
from ._text import shorten

MAX_ROWS = 12
_FILL: dict[str, dict[str, Any]] = {
    "won_amount": {"facecolor": GAIN},
    "open_amount": {"facecolor": MAIN, "hatch": "////", "edgecolor": "white"},
}
_MARKS: dict[str, dict[str, Any]] = {
    "quota": {"color": SECOND, "lw": 2.4, "ls": "-"},
    "required_amount": {"color": AGAINST, "lw": 2.0, "ls": (0, (2, 1.2))},
}


def pipeline_coverage(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw whether what was won and the open pipeline due are enough for the quota.

    One bar per row: won so far, then the open amount due in the period. The solid mark is the quota, the broken one
    how far the bar must reach by the team's own yield. Beside it stand the coverage of the gap and the coverage
    needed, or the word for why there is none. At most twelve rows are drawn; the caption says how many are not.

    Parameters
    ----------
    table
        What `funnel_analytics.pipeline_coverage` returns.
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
        If the table is not a pipeline_coverage table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.pipeline_coverage(fa.pipeline_coverage(fa.load_sample())).get_title(loc="left")
    'Pipeline coverage'
    """
    tables.check(table, tables.PIPELINE_COVERAGE)
    title = word("charts.pipeline_coverage.title", lang)
    rows = table.head(MAX_ROWS)
    with chart(ax, 10.5, 2.4 + 0.52 * max(len(rows), 1)) as axes:
        if rows.empty:
            nothing(axes, title, lang)
            return axes
        needed = rows["won_amount"] + rows["required_amount"]
        reach = pd.concat([rows["won_amount"] + rows["open_amount"], rows["quota"], needed]).max()
        axes.set_xlim(min(float(rows["won_amount"].min()) * 1.03, 0.0), float(reach) * 1.03 if reach > 0 else 1.0)
        for y, row in enumerate(rows.to_dict("records")):
            _row(axes, y, row, lang)
        _labels(axes, rows, lang)
        number_axis(axes, "x", lambda amount: short_number(amount, lang), count=7)
        axes.spines["bottom"].set_visible(False)
        handles = [Patch(label=word(f"charts.pipeline_coverage.{name}", lang), **fill) for name, fill in _FILL.items()]
        lines = [Line2D([], [], label=word(f"charts.pipeline_coverage.{name}", lang), **mark) for name, mark in _MARKS.items()]  # fmt: skip
        key(axes, [*handles, *lines])
        headings(axes, title, setting(table, lang, str(table["period"].iloc[0])), _notes(table, lang))
    return axes


def _row(ax: Axes, y: int, row: dict[Any, Any], lang: str | None) -> None:
    won, pipeline = row["won_amount"], row["open_amount"]
    row_bar(ax, y, won, 0.5, gid="won_amount", **_FILL["won_amount"])
    row_bar(ax, y, pipeline, 0.5, left=won, gid="open_amount", **_FILL["open_amount"])
    places = {"quota": row["quota"], "required_amount": won + row["required_amount"]}
    for name, place in places.items():
        if not pd.isna(place) and (name == "quota" or row["gap"] > 0):
            line(ax, [place, place], [y - 0.36, y + 0.36], gid=name, zorder=4, **_MARKS[name])
    said = label(row["status"], lang)
    if not pd.isna(row["coverage"]):
        said += "\n" + word("charts.pipeline_coverage.ratio", lang, coverage=number(row["coverage"], 1), needed=number(row["required_coverage"], 1))  # fmt: skip
    beside(ax, said, (1, y), (8, 0), on="row", size=SMALL, gid="status")
    parts = [f"{word(f'charts.pipeline_coverage.{name}', lang)}: {short_number(row[name], lang)}" for name in _FILL]
    mark_row(ax, y, *parts, f"{word('tables.quota', lang)}: {short_number(row['quota'], lang)}", said)


def _labels(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    group = tables.group_column(rows, tables.PIPELINE_COVERAGE)
    shown = []
    for row in rows.to_dict("records"):
        name = label(row[group], lang, table=rows) if group else str(row["period"])
        second = word("charts.n", lang, n=number(row["open_opportunities"]))
        if not pd.isna(row["attainment"]):
            second = word("charts.pipeline_coverage.attained", lang, share=percent(row["attainment"])) + " · " + second
        shown.append(f"{shorten(ax, name, 150, BODY)}\n{second}")
    ax.set_yticks(range(len(rows)), shown, fontsize=SMALL)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    for y in range(1, len(rows)):
        ax.axhline(y - 0.5, color=PALE, lw=0.8, zorder=0)


def _notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    first = table.iloc[0]
    notes = [word("charts.pipeline_coverage.rule", lang)]
    if not pd.isna(first["yield_rate"]):
        kind = "basis" if first["yield_periods"] else "assumed"
        values = {"rate": percent(first["yield_rate"]), "count": number(first["yield_periods"])}
        notes.append(word(f"charts.pipeline_coverage.{kind}", lang, **values))
    for name in ("placeholders", "without_close_date", "overdue_opportunities"):
        count = int(table[name].sum())
        if count:
            notes.append(word(f"charts.pipeline_coverage.{name}", lang, count=number(count)))
    if len(table) > MAX_ROWS:
        notes.append(word("charts.rows_left_out", lang, count=number(len(table) - MAX_ROWS)))
    return notes
