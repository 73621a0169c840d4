"""The outlook by the stages as claimed, as evidenced and as validated."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, word
from ._outlook_lines import outlook_lines
from ._style import BODY
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
        If the table is not an evidenced_outlook table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> table = fa.evidenced_outlook(book, draws=500)
    >>> fa.charts.evidenced_outlook(table).get_title(loc="left")
    'Outlook as claimed and as evidenced'
    """
    tables.check(table, tables.EVIDENCED_OUTLOOK)
    title, rule = word("charts.evidenced_outlook.title", lang), word("charts.evidenced_outlook.rule", lang)
    return outlook_lines(table, _name, title, rule, ax, lang)


def _name(ax: Axes, row: pd.Series, lang: str | None) -> str:
    name = shorten(ax, label(row["reading"], lang), 170, BODY)
    moved = [
        word(f"charts.evidenced_outlook.{side}", lang, count=number(row[side]))
        for side in ("lower", "higher")
        if row[side]
    ]
    return "\n".join([name, *moved])
