"""Views that people kept for the review: dashboard and setting of its controls, in one file beside the notebooks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..atomic import write_whole
from ..errors import ArgumentError

KEPT = Path("review_views.json")
"""Where they are kept, in the working folder: every notebook and every page of the app finds them there."""
Kept = tuple[str, dict[str, Any]]


def kept_views() -> list[Kept]:
    """(dashboard, state) of every view that was kept, oldest first.

    Raises
    ------
    ArgumentError
        If the file is not what `keep_view` wrote.
    """
    if not KEPT.is_file():
        return []
    try:
        return [(str(entry["dashboard"]), dict(entry["state"])) for entry in json.loads(KEPT.read_text("utf-8"))]
    except (ValueError, TypeError, KeyError):
        raise ArgumentError(f"{KEPT} is not a list of views. Delete it and keep the views again.") from None


def keep_view(dashboard: str, state: Mapping[str, Any]) -> bool:
    """Keep a view; one that is kept already is taken out again.

    Parameters
    ----------
    dashboard
        Its name, as ``funnel``.
    state
        Its `state`.

    Returns
    -------
    bool
        Whether it is kept now.
    """
    plain = {name: _plain(value) for name, value in state.items() if value not in (None, ())}
    views = kept_views()
    is_new = (dashboard, plain) not in views
    views = [*views, (dashboard, plain)] if is_new else [view for view in views if view != (dashboard, plain)]
    listed = [{"dashboard": name, "state": held} for name, held in views]
    write_whole({KEPT: json.dumps(listed, ensure_ascii=False, indent=1).encode("utf-8")}, force=True)
    return is_new


def _plain(value: Any) -> Any:
    """A setting as JSON holds it."""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return list(value) if isinstance(value, tuple) else value
