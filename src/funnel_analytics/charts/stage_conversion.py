"""The funnel: who entered each stage, who went on, who was lost, who is still there, and the rate with its limits."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..hygiene import hide_untold_rates
from ..words import label, number, word
from ._axes import rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._panels import groups_shown, panels, panels_down
from ._points import beside, points_wide
from ._rates import Rate, draw_rates
from ._style import BODY, HATCHED, INK, MAIN, MUTED, OUTLINED, SMALL, chart
from ._text import width

PARTS = ("advanced", "lost", "open")
FILL: dict[str, dict[str, Any]] = {
    "advanced": {"color": MAIN},
    "lost": HATCHED,
    "open": OUTLINED,
}
_RATES = 0.64
"""Where the panel of rates begins, as a share of the width."""
_SHARES = (0.44, 0.38, 0.32, 0.26)
"""How much of the width the longest bar may take: the first at which what is said beside each bar has room."""
_TEXT = {"advanced": "white", "lost": INK, "open": INK}


def stage_conversion(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the conversion of each stage.

    One bar per stage: entered = advanced + lost + open, each with its count. Beside it the advance rate
    (advanced ÷ (advanced + lost)) with its 80% interval, over the band in which the truth lies whatever
    happens to the open opportunities. With fewer than 20 decided opportunities the rate is greyed, with
    fewer than 5 only counts are shown. A split table gives one panel of rates per group.

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
        The axes drawn on; the rates stand in its ``child_axes``.

    Raises
    ------
    TableError
        If the table is not a stage_conversion table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.stage_conversion(fa.stage_conversion(fa.load_sample())).get_title(loc="left")
    'Stage conversion'
    """
    table = hide_untold_rates(tables.check(table, tables.STAGE_CONVERSION))
    by = tables.group_column(table, tables.STAGE_CONVERSION)
    title = word("charts.stage_conversion.title", lang)
    stages = list(dict.fromkeys(table["stage"]))
    down = panels_down(table, by)
    with chart(ax, 11.5, 2.2 + 0.5 * max(len(stages), 2) * down) as axes:
        if not table["entered"].sum():
            nothing(axes, title, lang)
        elif by is None:
            # The panel of rates first: its texts take room from the bars.
            _beside_bars(axes, table, lang)
            _bars(axes, table, lang)
            headings(axes, title, setting(table, lang, money=False), _notes(table, lang))
        else:
            shown, left_out = groups_shown(table, by, "entered", lang)
            for panel, (_, rows) in zip(panels(axes, [name for name, _ in shown]), shown, strict=True):
                rows_down(panel, [label(stage, lang, table=table) for stage in rows["stage"]])
                draw_rates(panel, _rates(rows), lang, brief=True)
            subtitle = setting(table, lang, word("charts.stage_conversion.advance_rate", lang), money=False)
            headings(axes, title, subtitle, [*_notes(table, lang), left_out])
    return axes


def _beside_bars(ax: Axes, table: pd.DataFrame, lang: str | None) -> None:
    rates = ax.inset_axes((_RATES, 0, 1 - _RATES, 1))
    rows_down(rates, [""] * len(table))
    draw_rates(rates, _rates(table), lang)
    name = word("charts.stage_conversion.advance_rate", lang)
    beside(rates, name, (0, 1), (0, 8), on="corner", size=BODY, va="bottom")


def _rates(rows: pd.DataFrame) -> list[Rate]:
    return [
        Rate(
            row.advanced, row.advanced + row.lost, row.advance_rate, row.wilson_low, row.wilson_high,
            row.advance_low, row.advance_high, row.advance_rate_value,
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def _bars(ax: Axes, table: pd.DataFrame, lang: str | None) -> None:
    rows_down(ax, [label(stage, lang, table=table) for stage in table["stage"]])
    ax.set_xlim(0, float(table["entered"].max()))
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    handles = [Patch(label=part_word(part, lang), **FILL[part]) for part in PARTS]
    key(ax, handles)
    lay_out(ax)
    # The bars and what is said beside them keep to the left of the axes; the panel of rates stands on the right.
    free = (_RATES - 0.01) * points_wide(ax)
    scales = [share * points_wide(ax) / ax.get_xlim()[1] for share in _SHARES]
    rows = list(table.itertuples())
    ends = (
        [row.entered * scale + 6 + width(ax, _said(ax, row, scale, lang), SMALL) for row in rows] for scale in scales
    )
    scale = next((scale for scale, row_ends in zip(scales, ends, strict=True) if max(row_ends) <= free), scales[-1])
    ax.set_xlim(0, points_wide(ax) / scale)
    for y, row in enumerate(rows):
        start = 0.0
        for part in PARTS:
            count = int(getattr(row, part))
            if count:
                bar = row_bar(ax, y, count, 0.66, left=start, gid=part, **FILL[part])
                mark(bar, part_said(row.stage, part, number(count), table, lang), stage=row.stage)
            if count and _fits(ax, count, scale):
                box = {"facecolor": "white", "pad": 1.2, "linewidth": 0} if part == "lost" else None
                ax.text(
                    start + count / 2,
                    y,
                    number(count),
                    ha="center",
                    va="center",
                    fontsize=SMALL,
                    color=_TEXT[part],
                    bbox=box,
                    gid=f"{part}_count",
                )
            start += count
        beside(ax, _said(ax, row, scale, lang), (start, y), (6, 0), color=MUTED, gid="n")


def _fits(ax: Axes, count: int, scale: float) -> bool:
    """Whether a number has room inside its part of a bar, with so many points for each opportunity."""
    return width(ax, number(count), SMALL) + 10 <= count * scale


def _said(ax: Axes, row: Any, scale: float, lang: str | None) -> str:
    """What stands beside a bar: how many entered, and the parts that have no room for their numbers."""
    counts = {part: int(getattr(row, part)) for part in PARTS}
    outside = [
        f"{part_word(part, lang)} {number(count)}"
        for part, count in counts.items()
        if count and not _fits(ax, count, scale)
    ]
    return " · ".join([word("charts.n", lang, n=number(row.entered)), *outside])


def part_word(part: str, lang: str | None) -> str:
    """What a part of the entered is called."""
    return word("charts.stage_conversion.advanced", lang) if part == "advanced" else label(part, lang)


def part_said(stage: str, part: str, size: str, table: pd.DataFrame, lang: str | None) -> str:
    """What a part of a stage's bar stands for."""
    return f"{label(stage, lang, table=table)} · {part_word(part, lang)}: {size}"


def counting_notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    """When an opportunity counts at a stage, for the rules of the table."""
    return [word(f"charts.stage_conversion.counting.{rule}", lang) for rule in dict.fromkeys(table["counting"])]


def _notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    notes = counting_notes(table, lang)
    notes += [word("charts.stage_conversion.rate", lang), word("charts.stage_conversion.few", lang)]
    if table["advance_rate_value"].notna().any():
        notes.insert(2, word("charts.win_rates.value", lang))
    return notes + losses_notes(table, lang)


def losses_notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    """How many were lost at no known stage, whether that leaves rates untold, and whether any loss is recorded at all."""
    by = tables.group_column(table, tables.STAGE_CONVERSION)
    groups = table.drop_duplicates(by) if by else table.head(1)
    unknown = int(groups["lost_stage_unknown"].sum())
    notes = [word("charts.stage_conversion.lost_stage_unknown", lang, count=number(unknown))] if unknown else []
    if (table["advance_rate"].isna() & (table["advanced"] > 0)).any():
        notes.append(word("charts.stage_conversion.untold", lang))
    if not unknown and not table["lost"].any() and table["advanced"].any():
        notes.append(word("charts.no_losses", lang))
    return notes
