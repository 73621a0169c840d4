"""The win rate counted in each of its six ways, side by side."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..hygiene import hide_untold_rates
from ..words import label, number, percent, word
from ._axes import rows_down
from ._captions import headings, nothing, setting
from ._marks import mark_row
from ._panels import draw_split, panels_down
from ._rates import COUNTS_ONLY, Rate, draw_rates
from ._style import chart

_LABEL_POINTS = 255


def win_rates(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the win rates, each with its 80% interval and number of opportunities.

    A filled dot is the rate by count, a hollow diamond the rate by amount. With fewer than 20 cases a rate is
    greyed, with fewer than 5 only counts are shown. A split table gives one panel per group.

    Parameters
    ----------
    table
        What `funnel_analytics.win_rates` returns.
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
        If the table is not a win_rates table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.win_rates(fa.win_rates(fa.load_sample())).get_title(loc="left")
    'Win rates'
    """
    table = hide_untold_rates(tables.check(table, tables.WIN_RATES))
    by = tables.group_column(table, tables.WIN_RATES)
    title = word("charts.win_rates.title", lang)
    rows = len(table[["rate", "stage", "within_days"]].drop_duplicates())
    down = panels_down(table, by, columns=2)
    with chart(ax, 11, 2.0 + 0.44 * max(rows, 2) * down) as axes:
        if not table["opportunities"].sum():
            nothing(axes, title, lang)
            return axes
        notes = [word("charts.win_rates.rule", lang), word("charts.stage_conversion.few", lang)]
        if table["win_rate_value"].notna().any():
            notes.insert(1, word("charts.win_rates.value", lang))
            if without := _without_amount(table):
                notes.insert(2, word("charts.win_rates.without_amount", lang, count=number(without)))
        notes += no_losses_note(table, lang)
        if (table["win_rate"].isna() & (table["won"] > 0)).any():
            notes.append(word("charts.win_rates.untold", lang))
        left_out = draw_split(
            axes, table, by, "opportunities", lang, lambda ax, part, small: _draw(ax, part, lang, brief=small),
            columns=2, text_share=0.3,
        )  # fmt: skip
        notes.append(left_out)
        headings(axes, title, setting(table, lang, money=False), notes)
    return axes


def no_losses_note(table: pd.DataFrame, lang: str | None) -> list[str]:
    """What is to be said where opportunities were won and none is recorded as lost."""
    closed = table[table["rate"] == "closed"]
    return [word("charts.no_losses", lang)] if closed["won"].any() and not closed["lost"].any() else []


def _without_amount(table: pd.DataFrame) -> float:
    closed = table.loc[table["rate"] == "closed", "without_amount"]
    return float(closed.sum() if len(closed) else table["without_amount"].max())


def _names(table: pd.DataFrame, lang: str | None) -> list[str]:
    return [
        word(
            f"charts.win_rates.{row.rate}",
            lang,
            stage=label(row.stage, lang, table=table),
            days=number(row.within_days),
        )
        for row in table.itertuples()
    ]


def _draw(ax: Axes, table: pd.DataFrame, lang: str | None, *, brief: bool = False) -> None:
    names = _names(table, lang)
    rows_down(ax, names, _LABEL_POINTS, lines=2)
    rates = [
        Rate(row.won, row.opportunities, row.win_rate, row.win_low, row.win_high, by_amount=row.win_rate_value)
        for row in table.itertuples()
    ]
    draw_rates(ax, rates, lang, brief=brief)
    for y, (name, rate) in enumerate(zip(names, rates, strict=True)):
        counted = word("charts.part_of", lang, part=number(rate.hits), whole=number(rate.cases))
        mark_row(ax, y, name, percent(rate.rate) if rate.cases >= COUNTS_ONLY else "", counted)
