"""A table in, Axes out: one chart per analysis, under the analysis's name, in three languages.

>>> import funnel_analytics as fa
>>> book = fa.load_sample()
>>> axes = fa.charts.stage_conversion(fa.stage_conversion(book), lang="zh-Hans")
>>> picture = fa.charts.png(axes)
"""

from ._picture import figure, png, svg
from .account_assessment import account_assessment
from .account_segments import account_segments
from .evidenced_pipeline import evidenced_pipeline
from .opportunity_inspection import opportunity_inspection
from .outlook import outlook
from .pipeline_changes import pipeline_changes
from .stage_conversion import stage_conversion
from .time_in_stage import time_in_stage
from .weighted_forecast import weighted_forecast
from .win_rates import win_rates

__all__ = [
    "account_assessment",
    "account_segments",
    "evidenced_pipeline",
    "figure",
    "opportunity_inspection",
    "outlook",
    "pipeline_changes",
    "png",
    "stage_conversion",
    "svg",
    "time_in_stage",
    "weighted_forecast",
    "win_rates",
]
