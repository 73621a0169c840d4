"""The cohort triangle: how far each quarter's new opportunities have come at the same age."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, percent, word
from ._captions import headings, nothing, setting
from ._matrix import Cell, draw_cells
from ._panels import draw_split, panels_down
from ._rates import COUNTS_ONLY
from ._style import chart


def conversion_cohorts(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the triangle: a row per quarter of creation, a column per age.

    A cell is the share that got there by then, the darker the larger; with fewer than 5 opportunities in the quarter it
    holds counts only. A split table gives one triangle per group.

    Parameters
    ----------
    table
        What `funnel_analytics.conversion_cohorts` returns.
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
        If the table is not a conversion_cohorts table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.conversion_cohorts(fa.conversion_cohorts(fa.load_sample())).get_title(loc="left")
    'Cohorts'
    """
    tables.check(table, tables.CONVERSION_COHORTS)
    by = tables.group_column(table, tables.CONVERSION_COHORTS)
    title = word("charts.conversion_cohorts.title", lang)
    tall = 2.0 + 0.4 * max(table["cohort"].nunique(), 3) * panels_down(table, by, columns=2)
    with chart(ax, 10.5 if by is None else 14, tall) as axes:
        if not table["opportunities"].sum():
            nothing(axes, title, lang)
            return axes
        left_out = draw_split(
            axes, table, by, "opportunities", lang, lambda ax, rows, small: _draw(ax, rows, lang, small=small),
            columns=2, text_share=0.2,
        )  # fmt: skip
        notes = [word("charts.conversion_cohorts.rule", lang), left_out]
        goal = str(table["stage"].iloc[0])
        what = word(
            f"charts.conversion_cohorts.{'won' if goal == 'won' else 'reached'}",
            lang,
            **({} if goal == "won" else {"stage": label(goal, lang, table=table)}),
        )
        headings(axes, title, setting(table, lang, what, money=False), notes)
    return axes


def _draw(ax: Axes, rows: pd.DataFrame, lang: str | None, *, small: bool) -> None:
    cohorts, ages = list(dict.fromkeys(rows["cohort"])), sorted(rows["within_days"].unique())
    sizes = rows.drop_duplicates("cohort")["opportunities"]
    names = [f"{cohort} · {word('charts.n', lang, n=number(n))}" for cohort, n in zip(cohorts, sizes, strict=True)]
    cells: list[Cell] = []
    for row in rows.itertuples():
        few = row.opportunities < COUNTS_ONLY
        counted = word("charts.part_of", lang, part=number(row.reached), whole=number(row.opportunities))
        place = cohorts.index(row.cohort), ages.index(row.within_days)
        cells.append((*place, None if few else row.reach_rate, counted if few else percent(row.reach_rate)))
    draw_cells(
        ax, names, [word("charts.conversion_cohorts.days", lang, days=number(age)) for age in ages], cells, small=small
    )
