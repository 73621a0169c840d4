"""Which pages a review has, in which order and with which columns: read from ``resources/outlines/*.toml``."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class OutlinePage:
    """One page of a review, as the outline states it."""

    key: str
    """Finds the words: ``[reviews.<key>]`` name, title, notes."""
    table: str
    """What the page shows: a key of ``contents.COMPUTE``."""
    columns: tuple[str, ...]
    """The columns that a reader wants, in order; the workbook has them all."""
    beside: tuple[str, ...] = ()
    """The columns of the small table beside a slide's chart: the numbers that the chart does not write."""
    order_by: str | None = None
    """The column whose largest value comes first; None keeps the table's order."""


@lru_cache
def load_outline(key: str = "quarterly_review") -> tuple[OutlinePage, ...]:
    """The pages of a review, in order.

    Parameters
    ----------
    key
        Name of the outline file, without its ending.

    Examples
    --------
    >>> [page.key for page in load_outline()][:3]
    ['outlook', 'weighted_forecast', 'pipeline_changes']
    """
    path = files("funnel_analytics") / "resources" / "outlines" / f"{key}.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(
        OutlinePage(
            row["key"],
            row["table"],
            tuple(row["columns"]),
            tuple(row.get("beside", ())),
            row.get("order_by"),
        )
        for row in data["page"]
    )
