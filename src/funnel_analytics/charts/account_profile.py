"""The ring of criteria: one account's ratings around a circle, beside the mean of its class."""

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, Wedge

from .. import tables
from ..words import MISSING, label, number, percent, word
from ._captions import headings, key, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._points import points_wide
from ._style import AGAINST, GAIN, INK, LINE, MAIN, MUTED, SECOND, SMALL, THIRD, chart
from ._text import drawable, shorten, wrapped

_GROUP_COLOURS = (MAIN, GAIN, SECOND, THIRD, MUTED)
_HUB, _RIM = 0.28, 1.0
"""Radius of the lowest and of the highest rating."""
_BAND = (1.05, 1.1)
_LABEL = 1.19
_ACROSS, _UP = 2.15, 1.36
_RINGS = 12


def account_profile(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the ratings of one account as a ring, one spoke per criterion, beside the mean of its class.

    Ratings run from the hub (poor) to the rim (good) and are joined within each group; diamonds are the mean of the
    other accounts of the class. A criterion without a rating is an empty ring at the hub, never average.

    Parameters
    ----------
    table
        What `funnel_analytics.account_profile` returns.
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
        If the table is not an account_profile table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> profile = fa.account_profile(fa.load_sample(), "Alder Motors")
    >>> fa.charts.account_profile(profile).get_title(loc="left")
    'Account profile · Alder Motors'
    """
    tables.check(table, tables.ACCOUNT_PROFILE)
    title = word("charts.account_profile.title", lang)
    with chart(ax, 10, 7.6) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        rows = table[table["account_id"] == table["account_id"].iloc[0]].reset_index(drop=True)
        _ring(axes, rows, table, lang)
        _titles(axes, rows, table, title, lang)
    return axes


def _scale(table: pd.DataFrame) -> tuple[float, float]:
    low, high = table.attrs.get("rating_scale", (1.0, 5.0))
    return float(low), float(high)


def _spoke(place: int, count: int) -> float:
    """The angle of a criterion: clockwise from the top."""
    return math.pi / 2 - 2 * math.pi * (place + 0.5) / count


def _at(angle: float, radius: float) -> tuple[float, float]:
    return radius * math.cos(angle), radius * math.sin(angle)


def _ring(ax: Axes, rows: pd.DataFrame, table: pd.DataFrame, lang: str | None) -> None:
    low, high = _scale(table)
    ax.set_aspect("equal")
    ax.set_xlim(-_ACROSS, _ACROSS)
    ax.set_ylim(-_UP, _UP)
    ax.set_axis_off()

    def radius(rating: float) -> float:
        share = min(max((rating - low) / (high - low), 0.0), 1.0) if high > low else 1.0
        return _HUB + (_RIM - _HUB) * share

    steps = [low + step for step in range(int(high - low) + 1)] if high - low <= _RINGS else [low, high]
    for step in steps:
        ax.add_patch(Circle((0, 0), radius(step), fill=False, edgecolor=LINE, linewidth=0.6, gid="grid", zorder=1))
        ax.text(0, radius(step), f"{step:g}", ha="center", va="center", fontsize=7.5, color=MUTED, gid="scale", zorder=1,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
    count = len(rows)
    groups = list(dict.fromkeys(rows["group"]))
    for place in range(count):
        (x0, y0), (x1, y1) = _at(_spoke(place, count), _HUB), _at(_spoke(place, count), _RIM)
        ax.plot([x0, x1], [y0, y1], color=LINE, lw=0.6, zorder=1)
    for turn, group in enumerate(groups):
        part = rows[rows["group"] == group]
        _group(ax, part, count, _GROUP_COLOURS[turn % len(_GROUP_COLOURS)])
        for column, gid in (("class_rating", "class"), ("rating", "profile")):
            known = part.dropna(subset=[column])
            points = [_at(_spoke(int(str(place)), count), radius(row[column])) for place, row in known.iterrows()]
            if points:
                ax.plot([x for x, _ in points], [y for _, y in points], gid=gid, **_LOOKS[gid])
    for place, row in rows.iterrows():
        _criterion(ax, row, _spoke(int(str(place)), count), radius, table, lang)


_LOOKS: dict[str, dict[str, Any]] = {
    "class": {
        "color": AGAINST, "lw": 1.2, "ls": (0, (3, 2)), "marker": "D", "ms": 6, "mfc": "white", "mec": AGAINST, "zorder": 2,
    },
    "profile": {"color": INK, "lw": 2, "marker": "o", "ms": 15, "mfc": INK, "mec": "white", "zorder": 3},
}  # fmt: skip


def _group(ax: Axes, part: pd.DataFrame, count: int, colour: str) -> None:
    """The band of a group outside the rim."""
    first, last = int(part.index[0]), int(part.index[-1])
    start, end = (90 - 360 * (last + 1) / count, 90 - 360 * first / count)
    inner, outer = _BAND
    ax.add_patch(
        Wedge(
            (0, 0), outer, start + 1.2, end - 1.2, width=outer - inner, facecolor=colour, edgecolor="none", gid="group"
        )
    )


def _criterion(
    ax: Axes, row: pd.Series, angle: float, radius: Callable[[float], float], table: pd.DataFrame, lang: str | None
) -> None:
    """The rating in its mark, and the criterion's name outside the ring."""
    rated = pd.notna(row["rating"])
    if rated:
        x, y = _at(angle, radius(row["rating"]))
        ax.text(
            x, y, f"{row['rating']:g}", ha="center", va="center", fontsize=SMALL, color="white", gid="rating", zorder=4
        )
    else:
        x, y = _at(angle, _HUB)
        ax.plot([x], [y], "o", ms=13, mfc="white", mec=MUTED, mew=1.2, ls="none", gid="not_rated", zorder=3)
    x, y = _at(angle, _LABEL)
    side = "center" if abs(math.cos(angle)) < 0.2 else "left" if x > 0 else "right"
    name = label(row["criterion"], lang, table=table)
    text = wrapped(ax, name, 118, SMALL)
    if not rated:
        text += f"\n({word('charts.account_profile.not_rated', lang)})"
    upright = "bottom" if side == "center" and y > 0 else "top" if side == "center" else "center"
    written = ax.text(x, y, drawable(text), ha=side, va=upright, fontsize=SMALL, color=INK if rated else MUTED,
                      linespacing=1.2, gid="criterion")  # fmt: skip
    figures = {"account": row["rating"], "segment": row["class_rating"]}
    said = [
        f"{word(f'dashboards.{of}', lang)}: {MISSING if pd.isna(rating) else f'{rating:g}'}"
        for of, rating in figures.items()
    ]
    mark(written, "\n".join([name, *said]))


def _titles(ax: Axes, rows: pd.DataFrame, table: pd.DataFrame, title: str, lang: str | None) -> None:
    low, high = _scale(table)
    first = rows.iloc[0]
    name = first["account_name"] if isinstance(first["account_name"], str) else str(first["account_id"])
    said = label(first["segment"], lang, table=table)
    handles: list[Line2D | Patch] = [
        Line2D([], [], **_LOOKS["profile"], label=shorten(ax, name, 170, SMALL)),
    ]
    if rows["class_rating"].notna().any():
        text = word("charts.account_profile.class", lang, segment=said, count=number(rows["class_accounts"].max()))
        handles.append(Line2D([], [], **_LOOKS["class"], label=text))
    for turn, group in enumerate(dict.fromkeys(rows["group"])):
        potential = rows.loc[rows["group"] == group, "group_potential"].iloc[0]
        text = f"{label(group, lang, table=table)} {percent(potential)}"
        handles.append(Patch(facecolor=_GROUP_COLOURS[turn % len(_GROUP_COLOURS)], label=text))
    lay_out(ax)
    key(ax, handles)
    legend = ax.get_legend()
    for handle in legend.legend_handles if legend is not None else []:
        if isinstance(handle, Line2D):
            handle.set_markersize(6)
    summary = word(
        "charts.account_assessment.summary", lang, potential=percent(first["potential"]),
        rated=number(first["criteria_rated"]), all=number(len(rows)),
    )  # fmt: skip
    notes = [
        word("charts.account_profile.rule", lang, low=f"{low:g}", high=f"{high:g}"),
        word("charts.account_assessment.rule", lang, low=f"{low:g}", high=f"{high:g}"),
    ]
    class_said = word("charts.account_profile.segment", lang, segment=said)
    heading = shorten(ax, f"{title} · {name}", points_wide(ax) * 1.1, 14)
    headings(ax, heading, setting(table, lang, class_said, summary, money=False), notes)
    # Equal sides and a caption of the axes' own width settle in turns.
    lay_out(ax)
