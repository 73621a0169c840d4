"""Whitespace as a grid of classes against products: how many accounts bought, how many were never asked."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, word
from ._captions import headings, nothing, setting
from ._layout import lay_out
from ._matrix import Cell, draw_cells
from ._points import points_wide
from ._style import chart
from ._text import one_line, shorten

_PRODUCTS = 10
"""So many columns keep cells wide enough for their counts."""


def whitespace_by_segment(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw each product's reach into each class: the darker, the more of the class's accounts bought it.

    A cell holds how many accounts bought the product and to how many it was never offered. Of more than ten products
    those that most accounts bought are drawn, and the caption says how many are not.

    Parameters
    ----------
    table
        What `funnel_analytics.whitespace_by_segment` returns.
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
        If the table is not a whitespace_by_segment table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.whitespace_by_segment(fa.whitespace_by_segment(fa.load_sample())).get_title(loc="left")
    'Whitespace by segment'
    """
    tables.check(table, tables.WHITESPACE_BY_SEGMENT)
    title = word("charts.whitespace_by_segment.title", lang)
    sizes = table.groupby("segment", sort=False)["accounts"].max()
    with chart(ax, 11, 2.2 + 0.62 * max(len(sizes), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        bought = table.groupby("product")["won_accounts"].sum().sort_values(ascending=False, kind="stable")
        products = sorted(bought.index[:_PRODUCTS])
        lay_out(axes)
        room = points_wide(axes) / len(products) * 1.6  # headings take two lines
        rows = [
            f"{label(key, lang, table=table)} · {word('charts.n', lang, n=number(n))}" for key, n in sizes.items()
        ]  # fmt: skip
        columns = [shorten(axes, one_line(str(name)), room) for name in products]
        draw_cells(axes, rows, columns, _cells(table, list(sizes.index), products, lang))
        notes = [word("charts.whitespace_by_segment.rule", lang)]
        if len(bought) > _PRODUCTS:
            count = number(len(bought) - _PRODUCTS)
            notes.append(word("charts.whitespace_by_segment.left_out", lang, count=count))
        headings(axes, title, setting(table, lang, money=False), notes)
    return axes


def _cells(table: pd.DataFrame, classes: list[str], products: list[str], lang: str | None) -> list[Cell]:
    cells: list[Cell] = []
    for row in table[table["product"].isin(products)].itertuples():
        text = word(
            "charts.whitespace_by_segment.cell",
            lang,
            won=number(row.won_accounts),
            untouched=number(row.untouched_accounts),
        )
        cells.append((classes.index(row.segment), products.index(row.product), row.penetration, text))
    return cells
