"""The open pipeline stage by stage: as claimed, as its evidence supports it, as managers validated it."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import label, money, number, short_number, word
from ._axes import number_axis, rows_down
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark
from ._panels import PANEL_NAME, draw_split, panels_down
from ._points import beside
from ._style import GAIN, MAIN, OUTLINED, SMALL, chart  # fmt: skip

_FILL: dict[str, dict[str, Any]] = {
    "claimed": OUTLINED,
    "evidenced": {"facecolor": MAIN},
    "validated": {"facecolor": GAIN, "hatch": "////", "edgecolor": "white"},
}
_OUTSIDE = ("not_evidenced", "unknown")
_COUNTS = [f"{name}_opportunities" for name in _FILL]


def evidenced_pipeline(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw claimed against evidenced pipeline.

    For each stage the amount of the opportunities that claim it, of those whose evidence supports it, and of those
    for which a manager has validated that evidence, each with its number of opportunities. Where nobody has validated
    anything that bar is left out. A split table gives one panel per group.

    Parameters
    ----------
    table
        What `funnel_analytics.evidenced_pipeline` returns.
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
        If the table is not an evidenced_pipeline table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> rows = pd.DataFrame({"opportunity_id": ["1"], "stage": ["Discover"], "amount": [500.0]})
    >>> shown = pd.DataFrame({"opportunity_id": ["1"], "status": ["yes"], "evidence": ["opportunity_plan"]})
    >>> book = fa.assemble(fa.Parts(snapshots=rows, evidence=shown), as_of="2026-09-30")
    >>> fa.charts.evidenced_pipeline(fa.evidenced_pipeline(book)).get_title(loc="left")
    'Evidenced pipeline'
    """
    tables.check(table, tables.EVIDENCED_PIPELINE)
    by = tables.group_column(table, tables.EVIDENCED_PIPELINE)
    title = word("charts.evidenced_pipeline.title", lang)
    # Rows beside the stages are only drawn where something stands in them.
    filled = table.groupby("stage")[_COUNTS].sum().sum(axis=1) > 0
    table_shown = table[~table["stage"].isin(_OUTSIDE) | table["stage"].map(filled).astype(bool)]
    stated = table.loc[table["stage"] != "not_evidenced", "validated_opportunities"].sum() > 0
    series = [name for name in _FILL if name != "validated" or stated]
    down = panels_down(table, by)
    with chart(ax, 10.5, 2.2 + (0.2 * len(series) + 0.16) * max(table_shown["stage"].nunique(), 2) * down) as axes:
        if not table[_COUNTS].sum().sum():
            nothing(axes, title, lang)
            return axes
        notes = [word("charts.evidenced_pipeline.rule", lang), _weighted(table, series, lang), _unstated(table, lang)]
        end = float(table_shown[[f"{name}_amount" for name in series]].max().max()) * 1.02 or 1.0
        handles = [Patch(label=word(f"charts.evidenced_pipeline.{name}", lang), **_FILL[name]) for name in series]
        notes.append(
            draw_split(
                axes, table_shown, by, "claimed_opportunities", lang,
                lambda ax, rows, _: _draw(ax, rows, series, end, lang),
            )
        )  # fmt: skip
        key(axes, handles, lift=3 if by is None else PANEL_NAME)
        headings(axes, title, setting(table, lang), [note for note in notes if note])
    return axes


def _draw(ax: Axes, rows: pd.DataFrame, series: list[str], end: float, lang: str | None) -> None:
    rows_down(ax, [label(stage, lang, table=rows) for stage in rows["stage"]])
    ax.set_xlim(0, end)
    height = 0.84 / len(series)
    for y, row in enumerate(rows.to_dict("records")):
        for lane, name in enumerate(series):
            amount, count = row[f"{name}_amount"], row[f"{name}_opportunities"]
            if not count:
                continue
            place = y - 0.42 + height * (lane + 0.5)
            bar = row_bar(ax, place, amount, height * 0.92, gid=name, **_FILL[name])
            said = f"{short_number(amount, lang)}  {word('charts.n', lang, n=number(count))}"
            meant = f"{label(row['stage'], lang, table=rows)} · {word(f'charts.evidenced_pipeline.{name}', lang)}"
            mark(bar, f"{meant}: {said}", stage=row["stage"])
            beside(ax, said, (amount, place), (4, 0), size=SMALL, gid=f"{name}_text")
    number_axis(ax, "x", lambda amount: short_number(amount, lang), count=4)
    ax.spines["bottom"].set_visible(False)


def _weighted(table: pd.DataFrame, series: list[str], lang: str | None) -> str:
    sums = {name: float(table[f"{name}_weighted"].sum()) for name in _FILL}
    said = {
        name: money(amount if name in series else None, table.attrs.get("currency"), lang)
        for name, amount in sums.items()
    }
    return word("charts.evidenced_pipeline.weighted", lang, **said)


def _unstated(table: pd.DataFrame, lang: str | None) -> str:
    keys = table.attrs.get("unstated_evidence", [])
    names = word("inspection.between", lang).join(label(name, lang, table=table) for name in keys)
    return word("charts.evidenced_pipeline.unstated", lang, names=names) if keys else ""
