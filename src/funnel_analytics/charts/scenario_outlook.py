"""The outlook as it stands beside the outlook under each scenario."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, word
from ._outlook_lines import outlook_lines
from ._style import BODY
from ._text import shorten


def scenario_outlook(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the outlook of a period as it stands and under each scenario: range, median, mean, and the quota.

    Parameters
    ----------
    table
        What `funnel_analytics.scenario_outlook` returns.
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
        If the table is not a scenario_outlook table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> book = fa.load_sample()
    >>> table = fa.scenario_outlook(book, {"Proof wins more": fa.assume(book, stage_rates={"Proof": 0.7})}, draws=500)
    >>> fa.charts.scenario_outlook(table).get_title(loc="left")
    'Outlook by scenario'
    """
    tables.check(table, tables.SCENARIO_OUTLOOK)
    title, rule = word("charts.scenario_outlook.title", lang), word("charts.scenario_outlook.rule", lang)
    return outlook_lines(table, _name, title, rule, ax, lang)


def _name(ax: Axes, row: pd.Series, lang: str | None) -> str:
    name = shorten(ax, label(row["scenario"], lang), 170, BODY)
    if not row["assumptions"]:
        return name
    return f"{name}\n{word('charts.scenario_outlook.assumed', lang, count=number(row['assumptions']))}"
