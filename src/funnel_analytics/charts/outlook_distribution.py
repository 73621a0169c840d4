"""The whole distribution of what a period will bring, with the chance of at least each amount and the quota."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .. import tables
from ..words import money, percent, short_number, word
from ._axes import number_axis
from ._captions import headings, key, nothing, setting
from ._marks import mark_column
from ._points import beside
from ._style import INK, LINE, MAIN, PALE, SECOND, chart

_HIGHEST = 0.55
"""Height of the most likely step, as a share of the axes: the steps stand below the curve and have no axis."""
_QUOTA_DASHES = (0, (4, 2))


def outlook_distribution(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw how likely each amount is (steps) and how likely at least as much (curve), with P10, P50, P90 and the quota.

    Parameters
    ----------
    table
        What `funnel_analytics.outlook_distribution` returns.
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
        If the table is not an outlook_distribution table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> table = fa.outlook_distribution(fa.load_sample(), period="2026Q4", draws=500)
    >>> fa.charts.outlook_distribution(table).get_title(loc="left")
    'What the period may bring'
    """
    tables.check(table, tables.OUTLOOK_DISTRIBUTION)
    title = word("charts.outlook_distribution.title", lang)
    with chart(ax, 10.5, 4.6) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        total = table.iloc[0]
        steps = _shown(table)
        _frame(axes, steps, total, lang)
        _distribution(axes, table, steps, lang)
        _quantiles(axes, total, lang)
        key(axes, [*_keys(lang), *_quota(axes, total, lang)], lift=16)
        expected = word("charts.outlook.expected", lang, amount=money(total["mean"], table.attrs.get("currency"), lang))
        headings(
            axes,
            title,
            setting(table, lang, str(total["period"]), expected, money=False),
            _notes(table, steps, total, lang),
        )
    return axes


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """The equal steps; the last one of the table, which holds the few largest draws, is told in words."""
    return table.iloc[:-1] if len(table) > 2 else table


def _frame(ax: Axes, steps: pd.DataFrame, total: pd.Series, lang: str | None) -> None:
    left, right = float(steps["from_amount"].iloc[0]), float(steps["to_amount"].iloc[-1])
    if pd.notna(total["quota"]) and total["quota"] > 0:
        left, right = min(left, float(total["quota"])), max(right, float(total["quota"]))
    margin = (right - left) * 0.03 or max(abs(right), 1.0) * 0.1
    ax.set_xlim(left - margin, right + margin)
    ax.set_ylim(0, 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [percent(tick) for tick in (0, 0.25, 0.5, 0.75, 1)])
    ax.yaxis.grid(True)
    ax.set_ylabel(word("charts.outlook_distribution.axis", lang))
    number_axis(ax, "x", lambda amount: short_number(amount, lang), count=8)
    ax.xaxis.grid(False)


def _distribution(ax: Axes, table: pd.DataFrame, steps: pd.DataFrame, lang: str | None) -> None:
    low, high = ax.get_xlim()
    width = (steps["to_amount"] - steps["from_amount"]).clip(lower=(high - low) / 60)
    heights = steps["chance"] / steps["chance"].max() * _HIGHEST
    ax.bar(
        steps["from_amount"], heights, width, align="edge", facecolor=PALE, edgecolor=LINE, linewidth=0.6, gid="steps"
    )
    after = float(table["at_least"].iloc[len(steps)]) if len(table) > len(steps) else 0.0
    ends = [low, *steps["from_amount"], steps["to_amount"].iloc[-1], high]
    ax.plot(ends, [1.0, *steps["at_least"], after, after], color=MAIN, lw=2, gid="at_least")
    for row in steps.to_dict("records"):
        least, most = (short_number(row[name], lang) for name in ("from_amount", "to_amount"))
        chance = word("charts.outlook_distribution.chance", lang, chance=percent(row["chance"], 1))
        at_least = word("charts.outlook_distribution.at_least", lang, amount=least, chance=percent(row["at_least"]))
        mark_column(ax, row["from_amount"], row["to_amount"], f"{least} – {most}", chance, at_least)


def _quantiles(ax: Axes, total: pd.Series, lang: str | None) -> None:
    """On the curve: nine chances in ten bring at least P10, one in ten at least P90."""
    for name, at_least in {"p10": 0.9, "p50": 0.5, "p90": 0.1}.items():
        ax.plot([total[name]], [at_least], "o", ms=6, mfc="white", mec=INK, mew=1.4, zorder=5, gid=name)
        said = f"{name.upper()} {short_number(total[name], lang)}"
        beside(ax, said, (total[name], at_least), (7, 5), va="bottom", gid=f"{name}_text")


def _keys(lang: str | None) -> list[Line2D | Patch]:
    return [
        Patch(facecolor=PALE, edgecolor=LINE, label=word("charts.outlook_distribution.steps", lang)),
        Line2D([], [], color=MAIN, lw=2, label=word("charts.outlook_distribution.curve", lang)),
    ]


def _quota(ax: Axes, total: pd.Series, lang: str | None) -> list[Line2D]:
    quota = total["quota"]
    if pd.isna(quota) or quota <= 0:
        return []
    ax.axvline(quota, color=SECOND, lw=2, ls=_QUOTA_DASHES, gid="quota", zorder=4)
    said = word("charts.outlook.quota", lang, amount=short_number(quota, lang))
    if not pd.isna(total["p_quota"]):
        said += word("charts.outlook.chance", lang, chance=percent(total["p_quota"]))
    return [Line2D([], [], color=SECOND, lw=2, ls=_QUOTA_DASHES, label=said)]


def _notes(table: pd.DataFrame, steps: pd.DataFrame, total: pd.Series, lang: str | None) -> list[str]:
    notes = [word("charts.outlook_distribution.rule", lang)]
    if len(table) > len(steps):
        last = table.iloc[-1]
        amount, most = (short_number(last[name], lang) for name in ("from_amount", "to_amount"))
        chance = percent(last["chance"], 1)
        notes.append(word("charts.outlook_distribution.beyond", lang, amount=amount, most=most, chance=chance))
    if pd.isna(total["quota"]):
        notes.append(word("charts.outlook.no_quota", lang))
    elif total["quota"] <= 0:
        notes.append(word("outlook.warnings.zero_quota", lang))
    return notes
