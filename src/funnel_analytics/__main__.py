"""``python -m funnel_analytics`` is the same as ``funnel-analytics``."""

from .cli import run

run()
