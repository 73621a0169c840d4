"""Open opportunities that deserve a second look: money at risk, and why."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import label, number, short_number, word
from ._axes import number_axis, rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import AGAINST, BODY, MUTED, OUTLINED, chart  # fmt: skip
from ._text import shorten

MAX_ROWS = 15
_REASONS_POINTS = 330
_FILL: dict[str, dict[str, Any]] = {
    "amount": OUTLINED,
    "amount_at_risk": {"facecolor": AGAINST},
}


def opportunity_inspection(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the opportunities with most money at risk, each with its findings.

    A pale bar for the amount, a strong one for the money at risk, and the names of the findings, the heaviest first.
    At most fifteen opportunities are drawn; the caption says how many are not.

    Parameters
    ----------
    table
        What `funnel_analytics.opportunity_inspection` returns, or some of its rows.
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
        If the table is not an opportunity_inspection table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.opportunity_inspection(fa.load_sample())
    >>> fa.charts.opportunity_inspection(table).get_title(loc="left")
    'Opportunity inspection'
    """
    tables.check(table, tables.OPPORTUNITY_INSPECTION)
    title = word("charts.opportunity_inspection.title", lang)
    listed = table.drop_duplicates("opportunity_id")
    rows = listed.head(MAX_ROWS)
    with chart(ax, 10.5, 2.2 + 0.42 * max(len(rows), 2)) as axes:
        if not len(rows):
            nothing(axes, title, lang)
            return axes
        rows_down(axes, [_name(row, lang) for row in rows.to_dict("records")])
        _bars(axes, rows, lang)
        _reasons(axes, table, rows, lang)
        key(
            axes,
            [Patch(label=word(f"charts.opportunity_inspection.{name}", lang), **fill) for name, fill in _FILL.items()],
        )
        notes = [word("charts.opportunity_inspection.rule", lang)]
        if not table.attrs.get("evidence", True):
            notes.append(word("charts.opportunity_inspection.no_evidence", lang))
        if len(listed) > MAX_ROWS:
            notes.append(word("charts.opportunity_inspection.left_out", lang, count=number(len(listed) - MAX_ROWS)))
        headings(axes, title, setting(table, lang), notes)
    return axes


def _name(row: dict[Any, Any], lang: str | None) -> str:
    """What people call the opportunity; its account or id where it has no name."""
    names = (row["opportunity_name"], row["account_name"], row["opportunity_id"])
    return next((str(name) for name in names if not pd.isna(name) and str(name).strip()), label(None, lang))


def _bars(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    amounts = rows[["amount", "amount_at_risk"]].fillna(0.0).clip(lower=0.0)
    ax.set_xlim(0, float(amounts.max().max()) * 1.02 or 1.0)
    for name, height in (("amount", 0.6), ("amount_at_risk", 0.34)):
        for y, amount in enumerate(amounts[name]):
            row_bar(ax, y, amount, height, gid=name, zorder=1 if name == "amount" else 2, **_FILL[name])
    number_axis(ax, "x", lambda amount: short_number(amount, lang))
    ax.spines["bottom"].set_visible(False)


def _reasons(ax: Axes, table: pd.DataFrame, rows: pd.DataFrame, lang: str | None) -> None:
    named = {
        key: [label(name, lang, table=table) for name in part]
        for key, part in table[table["opportunity_id"].isin(rows["opportunity_id"])].groupby("opportunity_id")[
            "finding"
        ]
    }
    for y, row in enumerate(rows.to_dict("records")):
        amount = short_number(row["amount_at_risk"], lang)
        mark_row(ax, y, _name(row, lang), amount, *named[row["opportunity_id"]], opportunity_id=row["opportunity_id"])
        beside(
            ax,
            amount,
            (1, y),
            (52, 0),
            on="row",
            size=BODY,
            ha="right",
            gid="at_risk_text",
        )
        said = shorten(ax, " · ".join(named[row["opportunity_id"]]), _REASONS_POINTS)
        beside(ax, said, (1, y), (64, 0), on="row", color=MUTED, gid="reasons")
