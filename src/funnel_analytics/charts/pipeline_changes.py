"""The waterfall from the opening pipeline to the closing one, cause by cause."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import date, label, number, short_number, word
from ._axes import number_axis
from ._bars import column_bar, line
from ._captions import headings, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._panels import groups_shown, panels, panels_down
from ._points import beside, points_wide
from ._style import GAIN, HATCHED, LINE, SMALL, chart  # fmt: skip
from ._text import wrapped

TOTALS = ("opening", "closing")
_TOTAL = "#3E4C59"
_FILL: dict[str, dict[str, Any]] = {
    "total": {"facecolor": _TOTAL},
    "more": {"facecolor": GAIN},
    "less": HATCHED,
}


def pipeline_changes(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw what turned the opening pipeline into the closing one.

    Each cause with its signed amount and its number of opportunities, in the table's order; causes in which
    nothing happened are left out. Plus and minus are told apart by sign, colour and hatch. A split table gives
    one waterfall per group.

    Parameters
    ----------
    table
        What `funnel_analytics.pipeline_changes` returns.
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
        If the table is not a pipeline_changes table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> changes = fa.pipeline_changes(fa.load_sample(), since="2026-06-30", until="2026-09-30")
    >>> fa.charts.pipeline_changes(changes).get_title(loc="left")
    'Pipeline changes'
    """
    tables.check(table, tables.PIPELINE_CHANGES)
    by = tables.group_column(table, tables.PIPELINE_CHANGES)
    title = word("charts.pipeline_changes.title", lang)
    down = panels_down(table, by, columns=2)
    with chart(ax, 11 if by is None else 14, 2.0 + 3.8 * down) as axes:
        if not (table["amount"].abs().sum() or table["opportunities"].sum()):
            nothing(axes, title, lang)
            return axes
        notes = [word("charts.pipeline_changes.rule", lang), *amounts_note(table, table.attrs.get("since"), lang)]
        if by is None:
            drawn = [(axes, _waterfall(axes, table, lang))]
        else:
            shown, left_out = groups_shown(table, by, "opportunities", lang)
            notes.append(left_out)
            titles = [name for name, _ in shown]
            sheets = panels(axes, titles, columns=2, text_share=0.08)
            drawn = [(panel, _waterfall(panel, rows, lang)) for panel, (_, rows) in zip(sheets, shown, strict=True)]
        lay_out(axes)
        for part, rows in drawn:
            _causes(part, rows, lang)
        headings(axes, title, setting(table, lang, _between(table, lang), *_due(table, lang)), notes)
    return axes


def _between(table: pd.DataFrame, lang: str | None) -> str:
    since, until = table.attrs.get("since"), table.attrs.get("until")
    if since is None or until is None:
        return ""
    return word("charts.pipeline_changes.between", lang, since=date(since, lang), until=date(until, lang))


def _due(table: pd.DataFrame, lang: str | None) -> list[str]:
    period = table.attrs.get("period")
    return [word("charts.pipeline_changes.due", lang, period=period)] if period else []


def amounts_note(table: pd.DataFrame, since: pd.Timestamp | None, lang: str | None) -> list[str]:
    """What is to be said where no source tells the amounts of the first date."""
    told = table.attrs.get("amounts_from")
    if told is None or since is None or told <= since:
        return []
    return [word("charts.pipeline_changes.amounts_from", lang, day=date(told, lang))]


def signed(amount: float, lang: str | None) -> str:
    """An amount with its sign, as +1.2M or −300k."""
    return ("+" if amount > 0 else "−" if amount < 0 else "±") + short_number(abs(amount), lang)


def _waterfall(ax: Axes, table: pd.DataFrame, lang: str | None) -> pd.DataFrame:
    """Draw the bars; returns the rows that were drawn."""
    kept = table["cause"].isin(TOTALS) | (table["amount"] != 0) | (table["opportunities"] > 0)
    rows = table[kept].reset_index(drop=True)
    level, levels = 0.0, []
    for row in rows.itertuples():
        start = 0.0 if row.cause in TOTALS else level
        level = start + row.amount
        levels.append((start, level))
    top = max(max(pair) for pair in levels)
    bottom = min(0.0, *(min(pair) for pair in levels))
    room = (top - bottom or 1.0) * 0.12
    ax.set_ylim(bottom - room if bottom < 0 else 0.0, top + room)
    for x, (row, (start, end)) in enumerate(zip(rows.itertuples(), levels, strict=True)):
        kind = "total" if row.cause in TOTALS else "more" if row.amount > 0 else "less"
        bar = column_bar(ax, x, end - start, 0.64, bottom=start, gid=row.cause, **_FILL[kind])
        if x + 1 < len(rows):
            line(ax, [x + 0.32, x + 0.68], [end, end], color=LINE, lw=0.8, zorder=1)
        said = short_number(row.amount, lang) if kind == "total" else signed(row.amount, lang)
        count = word("charts.n", lang, n=number(row.opportunities))
        mark(bar, f"{label(row.cause, lang, table=rows)}: {said}, {count}", cause=row.cause)
        beside(ax, said, (x, max(start, end)), (0, 3), size=SMALL + 0.5, ha="center", va="bottom", gid="amount")
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_xticks([])
    ax.axhline(0, color=LINE, lw=0.8)
    number_axis(ax, "y", lambda amount: short_number(amount, lang))
    ax.tick_params(labelleft=True)
    ax.spines[["left", "bottom"]].set_visible(False)
    return rows


def _causes(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    room = points_wide(ax) / len(rows) * 0.96
    names = [wrapped(ax, label(cause, lang, table=rows), room, SMALL) for cause in rows["cause"]]
    counts = [word("charts.n", lang, n=number(count)) for count in rows["opportunities"]]
    deepest = max(name.count("\n") for name in names)
    # Counts stand in one line under the longest cause.
    texts = [
        f"{name}{chr(10) * (deepest - name.count(chr(10)) + 1)}{count}"
        for name, count in zip(names, counts, strict=True)
    ]
    ax.set_xticks(range(len(rows)), texts, fontsize=SMALL, linespacing=1.25)
