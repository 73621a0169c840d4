"""The tornado: what the expected total becomes if one opportunity is lost, or won in the period."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from .. import tables
from ..words import label, money, number, percent, short_number, word
from ._axes import number_axis
from ._bars import row_bar
from ._captions import headings, key, nothing, setting
from ._marks import mark_row
from ._points import beside
from ._style import BODY, GAIN, HATCHED, INK, SMALL, chart
from ._text import shorten

_LOST: dict[str, Any] = HATCHED
_WON: dict[str, Any] = {"facecolor": GAIN}


def outlook_drivers(table: pd.DataFrame, *, ax: Axes | None = None, lang: str | None = None) -> Axes:
    """Draw the opportunities that move the outlook most, as a tornado around the expected total.

    To the left of the line how far the total falls if the opportunity is lost, to the right how far it rises if it is
    won in the period; beside it its amount and its chance.

    Parameters
    ----------
    table
        What `funnel_analytics.outlook_drivers` returns.
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
        If the table is not an outlook_drivers table.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> fa.charts.outlook_drivers(fa.outlook_drivers(fa.load_sample())).get_title(loc="left")
    'What moves the outlook'
    """
    tables.check(table, tables.OUTLOOK_DRIVERS)
    title = word("charts.outlook_drivers.title", lang)
    with chart(ax, 10.5, 2.2 + 0.5 * max(len(table), 2)) as axes:
        if table.empty:
            nothing(axes, title, lang)
            return axes
        low, high = float(table["if_lost"].min()), float(table["if_won"].max())
        room = (high - low) * 0.06 or 1.0
        axes.set_xlim(low - room, high + room)
        mean = float(table["mean"].iloc[0])
        names = []
        for y, row in enumerate(table.to_dict("records")):
            row_bar(axes, y, mean - row["if_lost"], 0.56, left=row["if_lost"], gid="if_lost", **_LOST)
            row_bar(axes, y, row["if_won"] - mean, 0.56, left=mean, gid="if_won", **_WON)
            said = word("charts.outlook_drivers.chance", lang, amount=short_number(row["amount"], lang), chance=percent(row["probability"]))  # fmt: skip
            beside(axes, said, (1, y), (8, 0), on="row", size=SMALL, gid="chance")
            called = row["opportunity_name"] if isinstance(row["opportunity_name"], str) else row["opportunity_id"]
            mark_row(axes, y, str(called), said, opportunity_id=str(row["opportunity_id"]))
            name = shorten(axes, str(called), 190, BODY)  # fmt: skip
            owner = row["owner"] if isinstance(row["owner"], str) else ""
            second = " · ".join(part for part in (label(row["stage"], lang, table=table), owner) if part)
            names.append(f"{name}\n{shorten(axes, second, 190, SMALL)}")
        axes.axvline(mean, color=INK, lw=1.4, gid="mean")
        axes.set_yticks(range(len(table)), names, fontsize=SMALL)
        axes.set_ylim(len(table) - 0.5, -0.5)
        axes.spines[["left", "bottom"]].set_visible(False)
        number_axis(axes, "x", lambda amount: short_number(amount, lang))
        handles = [Patch(label=word(f"charts.outlook_drivers.{name}", lang), **fill) for name, fill in (("if_lost", _LOST), ("if_won", _WON))]  # fmt: skip
        key(axes, handles)
        said = word("charts.outlook.expected", lang, amount=money(mean, table.attrs.get("currency"), lang))
        headings(
            axes, title, setting(table, lang, str(table["period"].iloc[0]), said, money=False), _notes(table, lang)
        )
    return axes


def _notes(table: pd.DataFrame, lang: str | None) -> list[str]:
    three = table.head(3)
    rest = word(
        "charts.outlook_drivers.without", lang, count=number(len(three)),
        amount=money(three["without"].iloc[-1], table.attrs.get("currency"), lang),
    )  # fmt: skip
    return [word("charts.outlook_drivers.rule", lang), rest]
