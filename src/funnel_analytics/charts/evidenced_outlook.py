"""The outlook by the stages as claimed, as evidenced and as validated."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, word
from ._outlook_lines import outlook_lines
from ._style import BODY, chart, headings, nothing, setting
from ._text import shorten


def evidenced_outlook(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the outlook of a period by each reading of the stages: range, median, mean, and the quota.

    Parameters
    ----------
    table
        What `funnel_analytics.evidenced_outlook` returns.
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
        If the table is not a evidenced_outlook table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> table = fa.evidenced_outlook(book, draws=500)
    >>> fa.charts.evidenced_outlook(table).get_title(loc="left")
    'Outlook as claimed and as evidenced'
    """
    tables.check(table, tables.EVIDENCED_OUTLOOK)
    title = word("charts.evidenced_outlook.title", lang)
    with chart(ax, 10.5, 2.2 + 0.62 * max(len(table), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        names = [_name(axes, row, lang) for _, row in table.iterrows()]
        outlook_lines(axes, table, names, lang)
        headings(
            axes,
            title,
            setting(table, lang, str(table["period"].iloc[0])),
            [word("charts.evidenced_outlook.rule", lang)],
        )
    return axes


def _name(ax: Axes, row: pd.Series, lang: str | None) -> str:
    name = shorten(ax, label(row["reading"], lang), 170, BODY)
    moved = [
        word(f"charts.evidenced_outlook.{side}", lang, count=number(row[side]))
        for side in ("lower", "higher")
        if row[side]
    ]
    return "\n".join([name, *moved])
