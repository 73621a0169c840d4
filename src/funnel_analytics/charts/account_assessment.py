"""The ten criteria: one account as a profile, several as a heat-map."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from .. import tables
from ..words import MISSING, label, number, percent, word
from ._axes import number_axis, rows_down
from ._captions import headings, nothing, setting
from ._layout import lay_out
from ._marks import mark
from ._points import beside, points_wide
from ._style import BODY, INK, LINE, MAIN, MUTED, PALE, SMALL, chart  # fmt: skip
from ._text import drawable, shorten, width, wrapped

MAX_ACCOUNTS = 25
_SHADES = ("#F1F5FA", "#C9DDF0", "#8FBCE0", "#4A93CB", "#0B5C9E")


def account_assessment(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the ratings of the ten criteria.

    A table of one account gives its profile: one row per criterion, joined within each group, with the group's
    potential. A table of several accounts gives a heat-map of accounts by criteria, those with the highest
    potential first; at most 25 are drawn and the caption says how many are not. A criterion without a rating
    is shown as not rated, never as average.

    Parameters
    ----------
    table
        What `funnel_analytics.account_assessment` returns.
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
        If the table is not an account_assessment table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.account_assessment(fa.account_assessment(fa.load_sample())).get_title(loc="left")
    'Account assessment'
    """
    tables.check(table, tables.ACCOUNT_ASSESSMENT)
    accounts = table["account_id"].nunique()
    title = word("charts.account_assessment.title", lang)
    criteria = table["criterion"].nunique()
    shown = min(accounts, MAX_ACCOUNTS)
    size = (9.5, 2.0 + 0.42 * max(criteria, 4)) if accounts <= 1 else (12.5, 2.6 + 0.33 * max(shown, 3))
    with chart(ax, *size) as axes:
        if table.empty:
            nothing(axes, title, lang)
        elif accounts == 1:
            _profile(axes, table, lang)
        else:
            _heat_map(axes, table, lang)
    return axes


def _scale(table: pd.DataFrame) -> tuple[float, float]:
    low, high = table.attrs.get("rating_scale", (1.0, 5.0))
    return float(low), float(high)


def _profile(ax: Axes, table: pd.DataFrame, lang: str | None) -> None:
    low, high = _scale(table)
    rows = table.reset_index(drop=True)
    rows_down(ax, [label(key, lang, table=table) for key in rows["criterion"]], 220)
    ax.set_xlim(low - 0.15 * (high - low), high + 0.1 * (high - low))
    number_axis(ax, "x", lambda rating: f"{rating:g}" if low <= rating <= high else "", whole=high - low >= 2)
    ax.spines["bottom"].set_visible(False)
    for group in dict.fromkeys(rows["group"]):
        part = rows[rows["group"] == group]
        rated = part.dropna(subset=["rating"])
        ax.plot(rated["rating"], rated.index, "-o", color=MAIN, lw=2, ms=17, gid="profile", zorder=3)
        first, last = part.index[0], part.index[-1]
        if first:
            ax.axhline(first - 0.5, color=LINE, lw=0.8)
        said = f"{label(group, lang, table=table)}\n{percent(part['group_potential'].iloc[0])}"
        beside(ax, said, (1, (first + last) / 2), (12, 0), on="row", size=BODY, gid="group")
    for y, rating in enumerate(rows["rating"]):
        if pd.isna(rating):
            ax.text(
                (low + high) / 2,
                y,
                word("charts.account_assessment.not_rated", lang),
                ha="center",
                va="center",
                fontsize=SMALL,
                color=MUTED,
                gid="not_rated",
            )
        else:
            ax.text(
                rating,
                y,
                f"{rating:g}",
                ha="center",
                va="center",
                fontsize=SMALL,
                color="white",
                gid="rating",
                zorder=4,
            )
    first_row = rows.iloc[0]
    name = first_row["account_name"] if isinstance(first_row["account_name"], str) else str(first_row["account_id"])
    lay_out(ax)
    title = shorten(ax, f"{word('charts.account_assessment.title', lang)} · {name}", points_wide(ax) * 1.2, 14)
    summary = word(
        "charts.account_assessment.summary", lang, potential=percent(first_row["potential"]),
        rated=number(first_row["criteria_rated"]), all=number(len(rows)),
    )  # fmt: skip
    notes = [word("charts.account_assessment.rule", lang, low=f"{low:g}", high=f"{high:g}")]
    headings(ax, title, setting(table, lang, summary, money=False), notes)


def _heat_map(ax: Axes, table: pd.DataFrame, lang: str | None) -> None:
    order = (
        table.drop_duplicates("account_id")
        .sort_values("potential", ascending=False, na_position="last", kind="stable")
        .reset_index(drop=True)
    )
    shown = order.head(MAX_ACCOUNTS)
    criteria = table.drop_duplicates("criterion")[["criterion", "group"]].reset_index(drop=True)
    ratings = table.drop_duplicates(["account_id", "criterion"]).set_index(["account_id", "criterion"])["rating"]
    rows_down(ax, [str(name) for name in shown["account_name"].fillna(shown["account_id"])], 170)
    ax.set_xlim(-0.5, len(criteria) - 0.5)
    _columns(ax, criteria, table, lang)
    low, high = _scale(table)
    for y, account in enumerate(shown["account_id"]):
        for x, criterion in enumerate(criteria["criterion"]):
            rating = ratings.get((account, criterion), float("nan"))
            patch = _cell(ax, x, y, rating, low, high)
            name = str(shown["account_name"].fillna(shown["account_id"])[y])
            said = MISSING if pd.isna(rating) else f"{rating:g}"
            mark(patch, f"{name} · {label(criterion, lang, table=table)}: {said}", account=name)
        beside(ax, percent(shown["potential"][y]), (1, y), (14, 0), on="row", size=BODY, gid="potential")
    beside(ax, word("charts.account_assessment.potential", lang), (1, 1), (14, 6), on="corner", va="bottom")
    notes = [word("charts.account_assessment.rule", lang, low=f"{low:g}", high=f"{high:g}")]
    if (left := len(order) - len(shown)) > 0:
        notes.append(word("charts.account_assessment.left_out", lang, count=number(left)))
    count = word("charts.account_segments.accounts", lang, count=number(len(order)))
    headings(ax, word("charts.account_assessment.title", lang), setting(table, lang, count, money=False), notes)


def _columns(ax: Axes, criteria: pd.DataFrame, table: pd.DataFrame, lang: str | None) -> None:
    """Names of the criteria above their columns: wrapped, or slanted where a word is wider than its column."""
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.xaxis.tick_top()
    lay_out(ax)
    room = points_wide(ax) / len(criteria) * 0.94
    names = [drawable(label(key, lang, table=table)) for key in criteria["criterion"]]
    fitting = [wrapped(ax, name, room, 8) for name in names]
    if all(width(ax, line, 8) <= room for name in fitting for line in name.split("\n")):
        ax.set_xticks(range(len(names)), fitting, fontsize=8, linespacing=1.15)
    else:
        slanted = [shorten(ax, name, 150, 8.5) for name in names]
        ax.set_xticks(range(len(names)), slanted, fontsize=8.5, rotation=30, ha="left", rotation_mode="anchor")
    for group in dict.fromkeys(criteria["group"]):
        columns = criteria.index[criteria["group"] == group]
        if columns[0]:
            ax.axvline(columns[0] - 0.5, color=INK, lw=1.4, zorder=4, gid="group_border")
        name = shorten(ax, label(group, lang, table=table), points_wide(ax) / len(criteria) * len(columns), SMALL)
        beside(
            ax,
            name,
            (columns.to_numpy().mean(), 0),
            (0, -6),
            on="column",
            color=MUTED,
            ha="center",
            va="top",
            gid="group",
        )


def _cell(ax: Axes, x: int, y: int, rating: float, low: float, high: float) -> Patch:
    """One rating; kept out of the layout, which would measure hundreds of texts that lie inside anyway."""
    if pd.isna(rating):
        empty = ax.add_patch(
            Rectangle(
                (x - 0.47, y - 0.46),
                0.94,
                0.92,
                facecolor="white",
                edgecolor=PALE,
                hatch="////",
                gid="not_rated",
                in_layout=False,
            )
        )
        ax.text(x, y, MISSING, ha="center", va="center", fontsize=SMALL, color=MUTED, gid="no_rating", in_layout=False)
        return empty
    share = min(max((rating - low) / (high - low), 0.0), 1.0) if high > low else 1.0
    shade = round(share * (len(_SHADES) - 1))
    filled = Rectangle((x - 0.47, y - 0.46), 0.94, 0.92, facecolor=_SHADES[shade], gid="cell", in_layout=False)
    ax.add_patch(filled)
    ax.text(
        x,
        y,
        f"{rating:g}",
        ha="center",
        va="center",
        fontsize=SMALL,
        color="white" if shade >= 3 else INK,
        gid="rating",
        in_layout=False,
    )
    return filled
