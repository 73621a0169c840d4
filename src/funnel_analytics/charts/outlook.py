"""What will be won in the period: won so far, open and new business, with the interval and the quota."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import label, language, money, number, percent, short_number, word, word_keys
from ._axes import number_axis
from ._bars import dot, line, row_bar
from ._captions import headings, key, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._points import beside, points_wide
from ._style import BODY, GAIN, INK, LINE, MAIN, MUTED, PALE, SECOND, SMALL, THIRD, chart  # fmt: skip
from ._text import width

_PARTS = ("won", "open", "new_business")
_FILL: dict[str, dict[str, Any]] = {
    "won": {"facecolor": GAIN},
    "open": {"facecolor": MAIN, "hatch": "////", "edgecolor": "white"},
    "new_business": {"facecolor": THIRD, "hatch": "....", "edgecolor": "white"},
}
_STACK, _RANGE = 0.0, 1.0
_OVER: dict[str, Any] = {"zorder": 6, "bbox": {"facecolor": "white", "pad": 1.5, "linewidth": 0}}
"""Words over the quota's line, which would else strike them through."""


def outlook(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the outlook of a period.

    Above, the expected amount as its parts: won so far, from open opportunities, from new business. Below, the
    total's interval from P10 to P90 (four chances in five), its middle half, median and mean, on the same
    scale; the quota as a line through both. Warnings of the table follow in words.

    Parameters
    ----------
    table
        What `funnel_analytics.outlook` returns.
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
        If the table is not an outlook table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.outlook(fa.outlook(fa.load_sample(), period="2026Q4")).get_title(loc="left")
    'Outlook 2026Q4'
    """
    tables.check(table, tables.OUTLOOK)
    periods = table["period"].dropna()
    period = periods.iloc[0] if len(periods) else ""
    title = word("charts.outlook.title", lang, period=period).strip()
    with chart(ax, 10.5, 4.6) as axes:
        rows = table.drop_duplicates("component").set_index("component")
        if "total" not in rows.index:
            nothing(axes, title, lang)
            return axes
        total = rows.loc["total"]
        values = [float(value) for value in (total["p90"], total["quota"], *rows["mean"]) if not pd.isna(value)]
        axes.set_xlim(min([0.0, *values]), max([*values, 1.0]) * 1.12)
        _frame(axes, rows, lang)
        _room_for_p10(axes, total, lang)
        _stack(axes, rows, lang)
        _interval(axes, total, lang)
        _quota(axes, total, lang)
        headings(
            axes, title, setting(table, lang, _expected(table, total, lang), money=False), _notes(table, total, lang)
        )
    return axes


def _expected(table: pd.DataFrame, total: pd.Series, lang: str | None) -> str:
    if pd.isna(total["mean"]):
        return str(table.attrs.get("currency") or "")
    return word("charts.outlook.expected", lang, amount=money(total["mean"], table.attrs.get("currency"), lang))


def _frame(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    ax.set_ylim(1.75, -0.95)
    names = [word("charts.outlook.parts", lang), word("charts.outlook.range", lang)]
    ax.set_yticks([_STACK, _RANGE], names)
    ax.spines[["left", "bottom"]].set_visible(False)
    number_axis(ax, "x", lambda amount: short_number(amount, lang), count=7)
    handles = []
    for part in _PARTS:
        if part in rows.index:
            count = rows.loc[part, "opportunities"]
            said = word("charts.n", lang, n=_expected_number(count))
            handles.append(Patch(label=f"{_part_name(part, lang)} ({said})", **_FILL[part]))
    key(ax, handles)
    lay_out(ax)


def _room_for_p10(ax: Axes, total: pd.Series, lang: str | None) -> None:
    """Its amount stands before the range: where that begins at the left end, there is room for it beyond."""
    if pd.isna(total["p10"]):
        return
    low, high = ax.get_xlim()
    share = (width(ax, _end(total, "p10", lang), SMALL) + 12) / points_wide(ax)
    ax.set_xlim(min(low, (float(total["p10"]) - share * high) / (1 - share)), high)


def _end(total: pd.Series, name: str, lang: str | None) -> str:
    return f"{name.upper()} {short_number(total[name], lang)}"


def _expected_number(count: float) -> str:
    """Whole opportunities as such; a small expected number with the digits that tell it from none."""
    if pd.isna(count) or float(count).is_integer():
        return number(count)
    return number(count, 1 if count >= 0.1 else 2)


def _part_name(part: str, lang: str | None) -> str:
    return word(f"charts.outlook.{part}", lang)


def _stack(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    """The parts end to end; an amount that does not fit into its bar is named above it."""
    first, last = ax.get_xlim()
    scale = points_wide(ax) / (last - first)
    start, above_until = 0.0, first
    for part in _PARTS:
        amount = float(rows.loc[part, "mean"]) if part in rows.index else 0.0
        if pd.isna(amount) or amount == 0:
            continue
        # What was credited lies left of 0, where no other part begins.
        left = start if amount > 0 else 0.0
        bar = row_bar(ax, _STACK, amount, 0.56, left=left, gid=part, **_FILL[part])
        text = short_number(amount, lang)
        mark(bar, f"{_part_name(part, lang)}: {text}")
        wide = width(ax, text, BODY) + 10
        if wide <= amount * scale:
            box = {"facecolor": "white", "pad": 2, "linewidth": 0} if part != "won" else None
            colour = INK if part != "won" else "white"
            ax.text(
                left + amount / 2, _STACK, text, ha="center", va="center", color=colour, bbox=box, gid=f"{part}_text"
            )
        else:
            text = f"{_part_name(part, lang)} {text}"
            wide = width(ax, text, SMALL) + 10
            place = min(left + amount / 2 - wide / 2 / scale, last - wide / scale)
            place = max(place, above_until)
            ax.text(
                place,
                _STACK - 0.34,
                text,
                ha="left",
                va="bottom",
                color=INK,
                fontsize=SMALL,
                gid=f"{part}_text",
                **_OVER,
            )
            above_until = place + wide / scale
        start = left + max(amount, 0.0)


def _interval(ax: Axes, total: pd.Series, lang: str | None) -> None:
    if pd.isna(total["mean"]):
        said = word("charts.outlook.too_little", lang)
        ax.text(ax.get_xlim()[1] * 0.02, _RANGE, said, ha="left", va="center", color=MUTED, gid="too_little")
        return
    if not (pd.isna(total["p10"]) or pd.isna(total["p90"])):
        _range(ax, total, lang)
    if not pd.isna(total["p50"]):
        line(ax, [total["p50"]] * 2, [_RANGE - 0.21, _RANGE + 0.21], color=INK, lw=2, gid="p50")
        said = word("charts.outlook.median", lang, amount=short_number(total["p50"], lang))
        ax.text(
            total["p50"],
            _RANGE - 0.24,
            said,
            ha="center",
            va="bottom",
            fontsize=SMALL,
            color=INK,
            gid="p50_text",
            **_OVER,
        )
    dot(ax, total["mean"], _RANGE, "D", ms=7, mfc="white", mec=INK, mew=1.4, gid="mean", zorder=5)
    said = word("charts.outlook.mean", lang, amount=short_number(total["mean"], lang))
    ax.text(
        total["mean"], _RANGE + 0.24, said, ha="center", va="top", fontsize=SMALL, color=INK, gid="mean_text", **_OVER
    )


def _range(ax: Axes, total: pd.Series, lang: str | None) -> None:
    bar = row_bar(
        ax,
        _RANGE,
        total["p90"] - total["p10"],
        0.3,
        left=total["p10"],
        facecolor=PALE,
        edgecolor=LINE,
        linewidth=0.8,
        gid="p10_p90",
    )
    ends = " – ".join(short_number(total[name], lang) for name in ("p10", "p90"))
    mark(bar, f"{word('charts.outlook.range', lang)}: {ends}")
    if not (pd.isna(total["p25"]) or pd.isna(total["p75"])):
        row_bar(ax, _RANGE, total["p75"] - total["p25"], 0.3, left=total["p25"], color=LINE, gid="p25_p75")
    for name, away, side in (("p10", -5, "right"), ("p90", 5, "left")):
        beside(ax, _end(total, name, lang), (total[name], _RANGE), (away, 0), color=MUTED, ha=side, gid=name).set(
            **_OVER
        )


def _quota(ax: Axes, total: pd.Series, lang: str | None) -> None:
    quota = total["quota"]
    if pd.isna(quota):
        return
    line(ax, [quota, quota], [-0.62, 1.5], color=SECOND, lw=2, ls=(0, (4, 2)), gid="quota", zorder=4)
    said = word("charts.outlook.quota", lang, amount=short_number(quota, lang))
    if not pd.isna(total["p_quota"]):
        said += word("charts.outlook.chance", lang, chance=percent(total["p_quota"]))
    right = quota > ax.get_xlim()[1] * 0.6
    beside(
        ax,
        said,
        (quota, -0.62),
        (-4 if right else 4, 0),
        ha="right" if right else "left",
        va="bottom",
        gid="quota_text",
    )


def _notes(table: pd.DataFrame, total: pd.Series, lang: str | None) -> list[str]:
    notes = [word("charts.outlook.rule", lang)]
    basis = word(
        "charts.outlook.basis", lang, count=number(total["basis_opportunities"]), wins=number(total["basis_wins"]),
        method=label(total["method"], lang, table=table),
    )  # fmt: skip
    notes.append(basis)
    if pd.isna(total["quota"]):
        notes.append(word("charts.outlook.no_quota", lang))
    known = set(word_keys(language(lang)))
    keys = list(dict.fromkeys(" ".join(table["warnings"].dropna()).split()))
    said = [
        word(f"outlook.warnings.{key}", lang) if f"outlook.warnings.{key}" in known else label(key, lang)
        for key in keys
    ]
    return [*notes, *([word("charts.outlook.warnings", lang, warnings=" ".join(said))] if said else [])]
