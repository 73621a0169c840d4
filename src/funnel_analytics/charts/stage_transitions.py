"""Where opportunities went from each stage, as a grid of stages against next steps."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, percent, word
from ._captions import headings, nothing, setting
from ._matrix import Cell, draw_cells
from ._panels import draw_split, panels_down
from ._rates import COUNTS_ONLY
from ._style import chart

_ENDS = ("won", "lost", "open")


def stage_transitions(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the next steps: a row per stage, a column per stage, won, lost and open.

    A cell holds the number of visits that ended so and their share of the ended visits; with fewer than 5 ended visits
    the number only. A split table gives one grid per group.

    Parameters
    ----------
    table
        What `funnel_analytics.stage_transitions` returns.
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
        If the table is not a stage_transitions table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.stage_transitions(fa.stage_transitions(fa.load_sample())).get_title(loc="left")
    'Flow between stages'
    """
    tables.check(table, tables.STAGE_TRANSITIONS)
    by = tables.group_column(table, tables.STAGE_TRANSITIONS)
    title = word("charts.stage_transitions.title", lang)
    stages = list(dict.fromkeys([*table["stage"], *table["next"]]))
    order = [stage for stage in table.attrs.get("words", {}) if stage in stages and stage not in _ENDS]
    stages = order + [stage for stage in stages if stage not in order and stage not in _ENDS]
    tall = 2.0 + 0.55 * max(len(stages), 3) * panels_down(table, by, columns=2)
    with chart(ax, 11 if by is None else 17, tall) as axes:
        if not table["visits"].sum():
            nothing(axes, title, lang)
            return axes
        left_out = draw_split(
            axes, table, by, "visits", lang, lambda ax, rows, small: _draw(ax, rows, stages, lang, small=small),
            columns=2, text_share=0.25,
        )  # fmt: skip
        notes = [word("charts.stage_transitions.rule", lang), left_out]
        headings(axes, title, setting(table, lang, money=False), notes)
    return axes


def _draw(ax: Axes, rows: pd.DataFrame, stages: list[str], lang: str | None, *, small: bool) -> None:
    columns = [*stages, *_ENDS]
    ended = rows[rows["next"] != "open"].groupby("stage")["visits"].sum().reindex(stages).fillna(0)
    names = [f"{label(stage, lang, table=rows)} · {word('charts.n', lang, n=number(n))}" for stage, n in ended.items()]
    cells: list[Cell] = []
    for row in rows.itertuples():
        shaded = row.next != "open" and ended[row.stage] >= COUNTS_ONLY
        text = number(row.visits) + (f"\n{percent(row.share)}" if shaded else "")
        cells.append((stages.index(row.stage), columns.index(row.next), row.share if shaded else None, text))
    selections = [{"stage": stages[cell[0]]} for cell in cells]
    draw_cells(
        ax,
        names,
        [label(column, lang, table=rows) for column in columns],
        cells,
        small=small,
        selections=selections,
    )
