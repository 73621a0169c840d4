"""The quadrant picture: accounts by future potential and current revenue, with the benchmark and the classes."""

import math
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.transforms import Affine2D, BboxTransformTo, ScaledTranslation, blended_transform_factory

from .. import tables
from ..words import label, money, number, percent, short_number, word
from ._captions import headings, nothing, setting
from ._labels import Point, bubble_boxes, name_line, place_names
from ._layout import lay_out
from ._marks import mark_points
from ._picture import whole
from ._points import beside
from ._style import LINE, MAIN, MUTED, SECOND, SMALL, chart

_LARGEST_BUBBLE, _PLAIN_BUBBLE = 900.0, 36.0
"""Areas in square points."""
_QUADRANTS = {
    ("high", "high"): (0.985, 0.975),
    ("high", "low"): (0.015, 0.975),
    ("low", "high"): (0.985, 0.025),
    ("low", "low"): (0.015, 0.025),
}


def account_segments(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the accounts in the four quadrants of the segmentation.

    Across: future potential; up: average annual revenue with us (linear up to the benchmark, logarithmic
    above). The area of a bubble is the account's open pipeline. Accounts whose potential cannot be assessed
    or whose revenue is not known have no place in a quadrant: they stand in strips of their own, on the one
    scale that is known. Names are written where they fit; the caption counts the others.

    Parameters
    ----------
    table
        What `funnel_analytics.account_segments` returns.
    ax
        Axes to draw on (they are cleared first); None makes a figure.
    lang
        Language code.

    Returns
    -------
    Axes
        The axes of the quadrants; the strips are its ``child_axes``.

    Raises
    ------
    TableError
        If the table is not an account_segments table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.account_segments(fa.account_segments(fa.load_sample())).get_title(loc="left")
    'Account segments'
    """
    tables.check(table, tables.ACCOUNT_SEGMENTS)
    title = word("charts.account_segments.title", lang)
    with chart(ax, 10.5, 7.4) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        rows = table.assign(bubble=_bubbles(table["open_amount"]))
        cut = float(table.attrs.get("potential_cut", 0.5))
        benchmark = table["revenue_benchmark"].max()
        _scales(axes, rows, benchmark, lang)
        _lines(axes, table, cut, lang)
        homeless = _accounts(axes, rows.sort_values("bubble", ascending=False, kind="stable"), lang)
        unplaced = int((rows["potential"].isna() & rows["current_revenue"].isna()).sum())
        count = word("charts.account_segments.accounts", lang, count=number(len(table)))
        headings(
            axes, title, setting(table, lang, count, _agreed(table, lang)), _notes(table, unplaced, homeless, lang)
        )
    return axes


def _bubbles(open_amount: pd.Series) -> pd.Series:
    """Areas in proportion to the open amounts; a small one where there is none or no money is known."""
    largest = open_amount.max()
    if pd.isna(largest) or largest <= 0:
        return pd.Series(_PLAIN_BUBBLE, index=open_amount.index)
    return (open_amount.fillna(0).clip(lower=0) / largest * _LARGEST_BUBBLE).clip(lower=_PLAIN_BUBBLE)


def _scales(ax: Axes, rows: pd.DataFrame, benchmark: float, lang: str | None) -> None:
    largest = rows["current_revenue"].max()
    largest = float(largest) if largest > 0 else 0.0
    # A benchmark of next to nothing beside real revenues would need hundreds of decades.
    middle = max(float(benchmark) if benchmark > 0 else largest / 2, largest * 1e-6, 1.0)
    # The corners stay free for the classes: a third of the upper half, and a band under zero.
    top = middle * max(3.0, (largest / middle) ** 1.5)
    # Linear to the benchmark, logarithmic above, each half of the height: no account is squeezed to a line.
    ax.set_yscale("symlog", linthresh=middle, linscale=0.9 * math.log10(top / middle))
    bottom = min(0.0, float(rows["current_revenue"].min() or 0)) if rows["current_revenue"].notna().any() else 0.0
    ax.set_ylim(bottom - 0.33 * middle, top)
    ax.set_yticks(_ticks(middle, top), [short_number(tick, lang) for tick in _ticks(middle, top)])
    ax.set_yticks([], minor=True)
    ax.set_xlim(-0.03, 1.03)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
    ax.set_xlabel(word("charts.account_segments.potential", lang))
    ax.set_ylabel(word("charts.account_segments.revenue", lang))
    ax.spines[["top", "right"]].set_visible(True)


def _ticks(middle: float, top: float) -> list[float]:
    """Quarters of the benchmark's order below it, 1-2-5 steps above, as far as they stand apart."""
    step = 10 ** math.floor(math.log10(middle))
    below = [step * factor for factor in (1, 2, 4, 6, 8) if step * factor <= middle * 0.9]
    below = below if len(below) > 1 else [middle * 0.25, middle * 0.5, middle * 0.75]
    above = [step * power * factor for power in (1, 10, 100, 1000, 10_000) for factor in (1, 2, 5)]
    kept, last = [], middle * 1.25
    for tick in above:
        if last <= tick < top:
            kept.append(tick)
            last = tick * (top / middle) ** 0.13
    return [0.0, *below, *kept]


def _lines(ax: Axes, table: pd.DataFrame, cut: float, lang: str | None) -> None:
    benchmark = table["revenue_benchmark"].max()
    ax.axvline(cut, color=MUTED, lw=1.2, ls=(0, (4, 3)), gid="cut", zorder=1)
    beside(
        ax, word("charts.account_segments.cut", lang, cut=percent(cut)), (cut, 0), (4, 4), on="column", color=MUTED,
        va="bottom", gid="line_label",
    )  # fmt: skip
    if not pd.isna(benchmark):
        ax.axhline(benchmark, color=_benchmark_colour(table), lw=1.4, ls=(0, (4, 3)), gid="benchmark", zorder=1)


def _benchmark_colour(table: pd.DataFrame) -> str:
    return SECOND if (table["benchmark_source"] == "proposed").any() else MUTED


def _agreed(table: pd.DataFrame, lang: str | None) -> str:
    """A warning that the benchmark is only proposed; nothing where the team agreed on it."""
    benchmark = table["revenue_benchmark"].max()
    if pd.isna(benchmark) or not (table["benchmark_source"] == "proposed").any():
        return ""
    amount = money(benchmark, table.attrs.get("currency"), lang)
    return word("charts.account_segments.benchmark_proposed", lang, amount=amount)


def _classes(ax: Axes, rows: pd.DataFrame, lang: str | None) -> None:
    """The class that stands in each quadrant, how many accounts it has there, and what to do with them."""
    for (revenue, potential), (x, y) in _QUADRANTS.items():
        part = rows[(rows["revenue_level"] == revenue) & (rows["potential_level"] == potential)]
        if part.empty:
            continue
        name = " / ".join(label(key, lang, table=rows) for key in dict.fromkeys(part["segment"]))
        advice = [label(key, lang, table=rows) for key in dict.fromkeys(part["strategy"].dropna())]
        lines = [
            (f"{name}  {word('charts.n', lang, n=number(len(part)))}", 13, MAIN),
            (" · ".join(advice), SMALL, MUTED),
        ]
        down = -1 if y > 0.5 else 1
        for distance, (text, size, colour) in zip((0, 17), lines if y > 0.5 else lines[::-1], strict=True):
            beside(
                ax, text, (x, y), (0, down * (distance if y > 0.5 or not distance else 13)), on="corner", size=size,
                color=colour, ha="right" if x > 0.5 else "left", va="top" if y > 0.5 else "bottom",
                gid="class" if size > SMALL else "strategy", zorder=4,
            )  # fmt: skip


def _accounts(ax: Axes, rows: pd.DataFrame, lang: str | None) -> int:
    """Bubbles in the quadrants and in the strips, then their names; returns how many names found no room."""
    placed = rows.dropna(subset=["potential", "current_revenue"])
    _scatter(ax, placed["potential"], placed["current_revenue"], placed, "accounts", lang)
    _classes(ax, rows, lang)
    strips = _strips(ax, rows, lang)
    lay_out(ax)
    points = _points(placed, placed["potential"], placed["current_revenue"])
    benchmark = rows["revenue_benchmark"].max()
    if not pd.isna(benchmark):
        name = word(
            "charts.account_segments.benchmark", lang, amount=money(benchmark, rows.attrs.get("currency"), lang)
        )
        name_line(ax, benchmark, name, MUTED, bubble_boxes(ax, points))
    taken = [text.get_window_extent() for text in ax.texts] + [line.get_window_extent().padded(1) for line in ax.lines]
    homeless = place_names(ax, points, taken)
    return homeless + sum(place_names(strip, points, [], room) for strip, points, room in strips)


def _points(rows: pd.DataFrame, x: pd.Series, y: pd.Series) -> list[Point]:
    """What `place_names` needs of each account, those with most open amount first."""
    names = rows["account_name"].fillna(rows["account_id"])
    return list(zip(x, y, (rows["bubble"] / math.pi) ** 0.5, names, strict=True))


def _scatter(ax: Axes, x: pd.Series, y: pd.Series, rows: pd.DataFrame, gid: str, lang: str | None) -> None:
    idle = ~(rows["open_opportunities"] > 0)
    for part, face in ((~idle, MAIN), (idle, "white")):
        if part.any():
            bubbles = ax.scatter(
                x[part],
                y[part],
                s=rows.loc[part, "bubble"],
                facecolor=face,
                edgecolor=MAIN,
                linewidth=1.2,
                alpha=0.65,
                gid=gid,
                zorder=3,
            )
            shown = rows[part].to_dict("records")
            mark_points(
                bubbles,
                [_said(row, rows, lang) for row in shown],
                [{"account": str(row["account_name"])} for row in shown],
            )


def _said(row: dict[Any, Any], rows: pd.DataFrame, lang: str | None) -> str:
    """What a bubble stands for."""
    name = row["account_id"] if pd.isna(row["account_name"]) else row["account_name"]
    figures = {
        "potential": percent(row["potential"]),
        "current_revenue": short_number(row["current_revenue"], lang),
        "open_amount": short_number(row["open_amount"], lang),
    }
    lines = [f"{word(f'tables.{column}', lang)}: {figure}" for column, figure in figures.items()]
    return "\n".join([f"{name} · {label(row['segment'], lang, table=rows)}", *lines])


def _strips(ax: Axes, rows: pd.DataFrame, lang: str | None) -> list[tuple[Axes, list[Point], float]]:
    """Accounts with one unknown side, each on its known scale: the strip, its points and the room for a name."""
    strips: list[tuple[Axes, list[Point], float]] = []
    no_potential = rows[rows["current_revenue"].notna() & rows["potential"].isna()]
    if len(no_potential):
        strip = _strip(ax, "right", 14, 112, sharey=ax)
        # Off the middle, so that a name has room on the right.
        strip.set_xlim(-0.6, 2.4)
        revenue = no_potential["current_revenue"]
        _scatter(strip, revenue * 0, revenue, no_potential, "no_potential", lang)
        _strip_look(strip, word("charts.account_segments.no_potential", lang), len(no_potential), lang)
        strips.append((strip, _points(no_potential, revenue * 0, revenue), 78))
    no_revenue = rows[rows["potential"].notna() & rows["current_revenue"].isna()]
    if len(no_revenue):
        strip = _strip(ax, "top", 36, 44, sharex=ax)
        strip.set_ylim(-1, 1)
        potential = no_revenue["potential"]
        _scatter(strip, potential, potential * 0, no_revenue, "no_revenue", lang)
        _strip_look(strip, word("charts.account_segments.no_revenue", lang), len(no_revenue), lang)
        strips.append((strip, _points(no_revenue, potential, potential * 0), 120))
    return strips


def _strip(ax: Axes, side: str, gap: float, thickness: float, **shared: Any) -> Axes:
    """Axes along the right or the upper side, some points away and some points thick.

    Measured in points so that the layout settles: a share of the axes would change with the room it takes.
    """
    points = Affine2D().scale(1 / 72) + whole(ax).dpi_scale_trans
    if side == "right":
        across = points + ScaledTranslation(1, 0, BboxTransformTo(ax.bbox))
        place = blended_transform_factory(across, ax.transAxes)
        return ax.inset_axes((gap, 0, thickness, 1), transform=place, **shared)
    up = points + ScaledTranslation(0, 1, BboxTransformTo(ax.bbox))
    place = blended_transform_factory(ax.transAxes, up)
    return ax.inset_axes((0, gap, 1, thickness), transform=place, **shared)


def _strip_look(strip: Axes, title: str, count: int, lang: str | None) -> None:
    strip.set_facecolor("#F5F7FA")
    for side in strip.spines.values():
        side.set(visible=True, color=LINE, linestyle=(0, (2, 2)))
    strip.tick_params(labelbottom=False, labelleft=False)
    beside(
        strip,
        f"{title}\n{word('charts.n', lang, n=number(count))}",
        (0, 1),
        (0, 4),
        on="corner",
        color=MUTED,
        va="bottom",
        gid="strip",
    )


def _notes(table: pd.DataFrame, unplaced: int, homeless: int, lang: str | None) -> list[str]:
    notes = [word("charts.account_segments.rule", lang)]
    stated = table["segment_in_export"]
    counts = {
        "unplaced": unplaced,
        "homeless": homeless,
        "differs": int((stated.notna() & (stated != table["segment"])).sum()),
    }
    return notes + [
        word(f"charts.account_segments.{key}", lang, count=number(count)) for key, count in counts.items() if count
    ]
