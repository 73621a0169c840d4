"""Interactive views for notebooks: controls, the same analyses and charts, the opportunities behind them.

Each view has a headless twin, ``<name>_content``, with the same arguments: what the view shows, as tables,
charts and texts, without any widget.
"""

from .accounts import accounts, accounts_content
from .changes import changes, changes_content
from .forecast import forecast, forecast_content
from .funnel import funnel, funnel_content
from .opening import explore, open_exports
from .ratings import ratings, ratings_content
from .review import review, review_content

__all__ = [
    "accounts",
    "accounts_content",
    "changes",
    "changes_content",
    "explore",
    "forecast",
    "forecast_content",
    "funnel",
    "funnel_content",
    "open_exports",
    "ratings",
    "ratings_content",
    "review",
    "review_content",
]
