"""The funnel twice, by count and by amount: for the whole, or one pair per group."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..hygiene import hide_untold_rates
from ..words import label, number, percent, short_number, word
from ._axes import rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark
from ._panels import PANEL_NAME, groups_shown, panels
from ._points import beside
from ._rates import COUNTS_ONLY
from ._style import MUTED, SMALL, chart
from .stage_conversion import FILL, PARTS, counting_notes, losses_notes, part_said, part_word

_MEASURES = {"": number, "amount_": short_number}


def stage_funnel(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the funnel by count and by amount side by side: entered = advanced + lost + open in each stage.

    Beside each bar stand what entered, and the advance rate of the decided (below 5 decided none). A split table gives
    one pair of funnels per group; bars are to one scale per measure, so that groups can be compared. Where amounts
    cannot be added up, only the counts are drawn.

    Parameters
    ----------
    table
        What `funnel_analytics.stage_conversion` returns.
    ax
        Axes to draw on (they are cleared first); None makes a figure.
    lang
        Language code.

    Returns
    -------
    Axes
        The axes drawn on; the funnels stand in its ``child_axes``.

    Raises
    ------
    TableError
        If the table is not a stage_conversion table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.stage_funnel(fa.stage_conversion(fa.load_sample())).get_title(loc="left")
    'Funnel by count and by amount'
    """
    table = hide_untold_rates(tables.check(table, tables.STAGE_CONVERSION))
    by = tables.group_column(table, tables.STAGE_CONVERSION)
    title = word("charts.stage_funnel.title", lang)
    measures = [name for name in _MEASURES if name == "" or table["amount_entered"].notna().any()]
    groups = 1 if by is None else min(table[by].nunique(dropna=False), 6)
    down = max(-(-groups * len(measures) // 2), 1)
    with chart(ax, 12, 2.2 + 0.44 * max(table["stage"].nunique(), 2) * down) as axes:
        if not table["entered"].sum():
            nothing(axes, title, lang)
            return axes
        shown, left_out = [("", table)], ""
        if by is not None:
            shown, left_out = groups_shown(table, by, "entered", lang)
        pairs = [(name, rows, measure) for name, rows in shown for measure in measures]
        titles = [_panel_title(name, measure, lang) for name, _, measure in pairs]
        for panel, (_, rows, measure) in zip(panels(axes, titles, columns=2, text_share=0.36), pairs, strict=True):
            _funnel(panel, rows, measure, float(table[f"{measure}entered"].max()), lang)
        key(axes, [Patch(label=part_word(part, lang), **FILL[part]) for part in PARTS], lift=PANEL_NAME)
        money = [word("charts.stage_funnel.amounts", lang)] if len(measures) > 1 else []
        notes = [
            *counting_notes(table, lang),
            word("charts.stage_funnel.rule", lang),
            *money,
            left_out,
            *losses_notes(table, lang),
        ]
        headings(axes, title, setting(table, lang, money=len(measures) > 1), notes)
    return axes


def _panel_title(name: str, measure: str, lang: str | None) -> str:
    by = word(f"charts.stage_funnel.by_{'amount' if measure else 'count'}", lang)
    return f"{name} · {by}" if name else by


def _funnel(ax: Axes, rows: pd.DataFrame, measure: str, end: float, lang: str | None) -> None:
    rows_down(ax, [label(stage, lang, table=rows) for stage in rows["stage"]])
    ax.set_xlim(0, end or 1.0)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    for y, row in enumerate(rows.to_dict("records")):
        start = 0.0
        for part in PARTS:
            size = float(row[f"{measure}{part}"])
            if size > 0:
                bar = row_bar(ax, y, size, 0.66, left=start, gid=part, **FILL[part])
                shown = short_number(size, lang) if measure else number(size)
                mark(bar, part_said(row["stage"], part, shown, rows, lang), stage=row["stage"])
            start += size
        entered = short_number(row["amount_entered"], lang) if measure else number(row["entered"])
        rate, decided = row["advance_rate_value" if measure else "advance_rate"], row["advanced"] + row["lost"]
        said = [entered if measure else word("charts.n", lang, n=entered)]
        if decided >= COUNTS_ONLY and not pd.isna(rate):
            said.append(word("charts.stage_funnel.rate", lang, rate=percent(rate)))
        beside(ax, " · ".join(said), (max(start, 0.0), y), (5, 0), size=SMALL, color=MUTED, gid="n")
