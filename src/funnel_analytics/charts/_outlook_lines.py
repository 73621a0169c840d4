"""One line per outlook: its range, median and mean on a common scale, with the quota as a line through all."""

from collections.abc import Callable

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ..words import percent, short_number, word
from ._axes import number_axis
from ._bars import dot, line, row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import INK, LINE, MUTED, PALE, SECOND, SMALL, chart  # fmt: skip


def outlook_lines(
    table: pd.DataFrame,
    name: Callable[[Axes, pd.Series, str | None], str],
    title: str,
    rule: str,
    ax: Axes | None,
    lang: str | None,
) -> Axes:
    """A chart of the outlooks in a table, each called as ``name`` says."""
    with chart(ax, 10.5, 2.2 + 0.62 * max(len(table), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        _lines(axes, table, [name(axes, row, lang) for _, row in table.iterrows()], lang)
        headings(axes, title, setting(table, lang, str(table["period"].iloc[0])), [rule])
    return axes


def _lines(ax: Axes, rows: pd.DataFrame, names: list[str], lang: str | None) -> None:
    """Draw the rows of a table with the columns of an outlook's total: mean, p10, p50, p90, quota, p_quota, difference.

    A row whose history is too small for a range says so.
    """
    values = pd.concat([rows[name] for name in ("p90", "mean", "quota", "won_mean")]).dropna()
    ax.set_xlim(0, float(values.max()) * 1.06 if len(values) and values.max() > 0 else 1.0)
    for y, row in enumerate(rows.to_dict("records")):
        if pd.isna(row["mean"]):
            ax.text(0.02, y, word("charts.outlook.too_little", lang), transform=ax.get_yaxis_transform(), va="center", color=MUTED, gid="too_little")  # fmt: skip
            continue
        row_bar(ax, y, row["p90"] - row["p10"], 0.42, left=row["p10"], facecolor=PALE, edgecolor=LINE, linewidth=0.8, gid="p10_p90")  # fmt: skip
        line(ax, [row["p50"]] * 2, [y - 0.24, y + 0.24], color=INK, lw=2, gid="p50")
        dot(ax, row["mean"], y, "D", ms=7, mfc="white", mec=INK, mew=1.4, gid="mean", zorder=5)
        said = _said(row, first=y == 0, lang=lang)
        mark_row(ax, y, names[y], said)
        beside(ax, said, (1, y), (8, 0), on="row", size=SMALL, gid="said")
    quotas = rows["quota"].dropna()
    handles: list[Line2D | Patch] = [
        Patch(facecolor=PALE, edgecolor=LINE, label=word("charts.outlook_lines.range", lang)),
        Line2D([], [], color=INK, lw=2, label=word("charts.outlook_lines.median", lang)),
        Line2D([], [], color=INK, marker="D", mfc="white", ls="", label=word("charts.outlook_lines.mean", lang)),
    ]
    if len(quotas):
        ax.axvline(quotas.iloc[0], color=SECOND, lw=2, ls=(0, (4, 2)), gid="quota", zorder=4)
        said = word("charts.outlook.quota", lang, amount=short_number(quotas.iloc[0], lang))
        handles.append(Line2D([], [], color=SECOND, lw=2, ls=(0, (4, 2)), label=said))
    ax.set_yticks(range(len(rows)), names)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.spines[["left", "bottom"]].set_visible(False)
    number_axis(ax, "x", lambda amount: short_number(amount, lang))
    key(ax, handles)


def _said(row: dict[object, object], *, first: bool, lang: str | None) -> str:
    frame = pd.Series(row)
    said = short_number(frame["mean"], lang)
    if not first:
        sign = "+" if frame["difference"] > 0 else ""
        said += f" ({sign}{short_number(frame['difference'], lang)})"
    if not pd.isna(frame["p_quota"]):
        said += "\n" + word("charts.outlook_lines.chance", lang, chance=percent(frame["p_quota"]))
    return said
