"""The ageing of the open pipeline as a heat map: stages against days in the stage, with count and amount."""

import math

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, short_number, word
from ._captions import headings, nothing, setting
from ._matrix import Cell, draw_cells
from ._panels import draw_split, panels_down
from ._style import chart


def pipeline_ageing(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the heat map: a row per stage, a column per band of days in the stage.

    A cell holds the number of open opportunities and their amount, the darker the more opportunities; empty cells stay
    empty. A split table gives one map per group.

    Parameters
    ----------
    table
        What `funnel_analytics.pipeline_ageing` returns.
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
        If the table is not a pipeline_ageing table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.pipeline_ageing(fa.pipeline_ageing(fa.load_sample())).get_title(loc="left")
    'Ageing of the open pipeline'
    """
    tables.check(table, tables.PIPELINE_AGEING)
    by = tables.group_column(table, tables.PIPELINE_AGEING)
    title = word("charts.pipeline_ageing.title", lang)
    # The rows and the column of what is not known are only drawn where something stands in them.
    filled = table.groupby("stage")["opportunities"].sum() > 0
    dated = table["from_days"].notna()
    shown = table[(table["stage"] != "unknown") | table["stage"].map(filled).astype(bool)]
    if not table.loc[~dated, "opportunities"].any():
        shown = shown[shown["from_days"].notna()]
    tall = 2.2 + 0.5 * max(shown["stage"].nunique(), 3) * panels_down(table, by, columns=2)
    with chart(ax, 10.5 if by is None else 15, tall) as axes:
        if not table["opportunities"].sum():
            nothing(axes, title, lang)
            return axes
        notes = [word("charts.pipeline_ageing.rule", lang)]
        notes.append(
            draw_split(
                axes, shown, by, "opportunities", lang, lambda ax, rows, small: _draw(ax, rows, lang, small=small),
                columns=2, text_share=0.25,
            )
        )  # fmt: skip
        headings(axes, title, setting(table, lang, word("charts.pipeline_ageing.days", lang)), notes)
    return axes


def _band(first: float, last: float, lang: str | None) -> str:
    if math.isnan(first):
        return word("charts.pipeline_ageing.unknown", lang)
    if math.isnan(last):
        return word("charts.pipeline_ageing.from", lang, first=number(first))
    return word("charts.pipeline_ageing.band", lang, first=number(first), last=number(last))


def _draw(ax: Axes, rows: pd.DataFrame, lang: str | None, *, small: bool) -> None:
    stages = list(dict.fromkeys(rows["stage"]))
    bands = list(dict.fromkeys(zip(rows["from_days"].fillna(-1), rows["to_days"].fillna(-1), strict=True)))
    sums = rows.groupby("stage")["opportunities"].sum()
    names = [f"{label(stage, lang, table=rows)} · {word('charts.n', lang, n=number(sums[stage]))}" for stage in stages]
    most = max(int(rows["opportunities"].max()), 1)
    cells: list[Cell] = []
    for row in rows.fillna({"from_days": -1, "to_days": -1}).itertuples():
        place = stages.index(row.stage), bands.index((row.from_days, row.to_days))
        if row.opportunities:
            money = "" if pd.isna(row.amount) else f"\n{short_number(row.amount, lang)}"
            cells.append((*place, row.opportunities / most, f"{number(row.opportunities)}{money}"))
    missing = math.nan
    headings = [_band(first if first >= 0 else missing, last if last >= 0 else missing, lang) for first, last in bands]
    selections = [{"stage": str(stages[cell[0]])} for cell in cells]
    draw_cells(ax, names, headings, cells, small=small, selections=selections)
