"""The advance rate of each stage in two periods, and whether the change could be chance."""

import pandas as pd
from matplotlib.axes import Axes

from .. import tables
from ..words import label, number, percent, word
from ._axes import rows_down
from ._bars import dot, line
from ._captions import headings, nothing, setting
from ._marks import mark_row
from ._panels import draw_split, panels_down
from ._points import beside
from ._rates import COUNTS_ONLY
from ._style import BODY, GREY, INK, LINE, MAIN, MUTED, chart  # fmt: skip

_LIFT = 0.15


def conversion_trend(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the advance rates of two periods, stage by stage.

    A hollow dot is the earlier period, a filled one the later, each with its 80% interval; beside them the
    difference with its interval, the cases of both, and whether it could be chance (then it is greyed). With fewer
    than 5 decided opportunities in either period only counts are shown. A split table gives one panel per group.

    Parameters
    ----------
    table
        What `funnel_analytics.conversion_trend` returns.
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
        If the table is not a conversion_trend table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.conversion_trend(fa.conversion_trend(fa.load_sample())).get_title(loc="left")
    'Conversion trend'
    """
    tables.check(table, tables.CONVERSION_TREND)
    by = tables.group_column(table, tables.CONVERSION_TREND)
    title = word("charts.conversion_trend.title", lang)
    down = panels_down(table, by, columns=2)
    with chart(ax, 11.5, 2.2 + 0.55 * max(table["stage"].nunique(), 2) * down) as axes:
        if not table["entered_before"].sum() + table["entered_after"].sum():
            nothing(axes, title, lang)
            return axes
        first = table.iloc[0]
        notes = [word(f"charts.stage_conversion.counting.{first['counting']}", lang)]
        notes.append(word("charts.conversion_trend.rule", lang, days=number(first["within_days"])))
        notes += [word(f"charts.conversion_trend.{note}", lang) for note in ("dots", "test")]
        left_out = draw_split(
            axes, table, by, "entered_after", lang, lambda ax, rows, small: _draw(ax, rows, lang, brief=small),
            columns=2, text_share=0.5,
        )  # fmt: skip
        notes.append(left_out)
        between = word(
            "charts.conversion_trend.periods", lang, before=first["period_before"], after=first["period_after"]
        )
        headings(axes, title, setting(table, lang, between, money=False), notes)
    return axes


def _draw(ax: Axes, rows: pd.DataFrame, lang: str | None, *, brief: bool = False) -> None:
    rows_down(ax, [label(stage, lang, table=rows) for stage in rows["stage"]])
    for y, row in enumerate(rows.itertuples()):
        cases = [row.advanced_before + row.lost_before, row.advanced_after + row.lost_after]
        colour = GREY if row.could_be_chance else MAIN
        shown = min(cases) >= COUNTS_ONLY
        if shown:
            _dot(ax, y - _LIFT, row.advance_rate_before, row.wilson_low_before, row.wilson_high_before, LINE, "before")
            _dot(ax, y + _LIFT, row.advance_rate_after, row.wilson_low_after, row.wilson_high_after, colour, "after")
        said = _said(ax, y, row, cases, lang, shown=shown, brief=brief)
        mark_row(ax, y, label(row.stage, lang, table=rows), *said, stage=row.stage)
    ax.set_xlim(0, 1)
    ticks = (0, 0.5, 1) if brief else (0, 0.25, 0.5, 0.75, 1)
    ax.set_xticks(ticks, [percent(tick) for tick in ticks])
    ax.xaxis.grid(True)
    ax.spines["bottom"].set_visible(False)


def _dot(ax: Axes, y: float, rate: float, low: float, high: float, colour: str, side: str) -> None:
    line(ax, [low, high], [y, y], color=colour, lw=2.5, solid_capstyle="butt", gid="interval", zorder=2)
    face = "white" if side == "before" else colour
    dot(ax, rate, y, "o", ms=7, mfc=face, mec=colour, mew=1.6, gid=f"rate_{side}", zorder=3, clip_on=False)


def _points(share: float) -> str:
    return f"{'+' if share > 0 else '−' if share < 0 else '±'}{abs(share) * 100:.0f}"


def _said(
    ax: Axes, y: int, row: tuple[object, ...], cases: list[int], lang: str | None, *, shown: bool, brief: bool
) -> list[str]:
    """Write the rates and their change beside the row; returns what was written."""
    sides = (("before", cases[0]), ("after", cases[1]))
    if not shown:
        counts = [
            word("charts.part_of", lang, part=number(getattr(row, f"advanced_{side}")), whole=number(whole))
            for side, whole in sides
        ]
        beside(ax, " → ".join(counts), (1, y), (10, 0), on="row", color=MUTED, gid="n")
        return [" → ".join(counts)]
    rates = " → ".join(percent(getattr(row, f"advance_rate_{side}")) for side, _ in sides)
    chance = bool(getattr(row, "could_be_chance", True))
    beside(ax, rates, (1, y), (10, 0), on="row", size=BODY, color=MUTED if chance else INK, gid="rate_text")
    counted = word("charts.n", lang, n=" → ".join(number(whole) for _, whole in sides))
    change = _points(float(getattr(row, "difference", 0)))
    if not brief:
        low, high = (_points(float(getattr(row, f"difference_{end}", 0))) for end in ("low", "high"))
        change = f"{change} ({low} … {high})"
    change = word("charts.conversion_trend.points", lang, points=change)
    verdict = word(f"charts.conversion_trend.{'chance' if chance else 'real'}", lang)
    lines = f"{change}, {verdict}\n{counted}"
    beside(ax, lines, (1, y), (88, 0), on="row", color=MUTED if chance else INK, size=8.5, gid="n")
    return [rates, lines]
