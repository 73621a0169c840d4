"""A table in, Axes out: one chart per analysis, under the analysis's name, in three languages.

>>> import funnel_analytics as fa
>>> book = fa.load_sample()
>>> axes = fa.charts.stage_conversion(fa.stage_conversion(book), lang="zh-Hans")
>>> picture = fa.charts.png(axes)
"""

from ._picture import figure, png, svg
from .account_assessment import account_assessment
from .account_segments import account_segments
from .conversion_cohorts import conversion_cohorts
from .conversion_trend import conversion_trend
from .evidenced_pipeline import evidenced_pipeline
from .opportunity_inspection import opportunity_inspection
from .outlook import outlook
from .pipeline_ageing import pipeline_ageing
from .pipeline_changes import pipeline_changes
from .pipeline_flow import pipeline_flow
from .slippage import slippage
from .stage_conversion import stage_conversion
from .stage_funnel import stage_funnel
from .stage_incidence import stage_incidence
from .stage_survival import stage_survival
from .stage_transitions import stage_transitions
from .time_in_stage import time_in_stage
from .weighted_forecast import weighted_forecast
from .win_rates import win_rates

__all__ = [
    "account_assessment",
    "account_segments",
    "conversion_cohorts",
    "conversion_trend",
    "evidenced_pipeline",
    "figure",
    "opportunity_inspection",
    "outlook",
    "pipeline_ageing",
    "pipeline_changes",
    "pipeline_flow",
    "png",
    "slippage",
    "stage_conversion",
    "stage_funnel",
    "stage_incidence",
    "stage_survival",
    "stage_transitions",
    "svg",
    "time_in_stage",
    "weighted_forecast",
    "win_rates",
]
