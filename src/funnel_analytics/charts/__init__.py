"""A table in, Axes out: one chart per analysis, under the analysis's name, in three languages.

>>> import funnel_analytics as fa
>>> book = fa.load_sample()
>>> axes = fa.charts.stage_conversion(fa.stage_conversion(book), lang="zh-Hans")
>>> picture = fa.charts.png(axes)
"""

from ._marks import Region, png_with_regions, regions
from ._picture import FORMS, figure, picture, png, svg
from .account_assessment import account_assessment
from .account_profile import account_profile
from .account_segments import account_segments
from .call_accuracy import call_accuracy
from .conversion_cohorts import conversion_cohorts
from .conversion_trend import conversion_trend
from .evidenced_outlook import evidenced_outlook
from .evidenced_pipeline import evidenced_pipeline
from .forecast_accuracy import forecast_accuracy
from .forecast_backtest import forecast_backtest
from .forecast_reliability import forecast_reliability
from .opportunity_inspection import opportunity_inspection
from .outlook import outlook
from .outlook_distribution import outlook_distribution
from .outlook_drivers import outlook_drivers
from .pipeline_ageing import pipeline_ageing
from .pipeline_changes import pipeline_changes
from .pipeline_coverage import pipeline_coverage
from .pipeline_flow import pipeline_flow
from .quota_pacing import quota_pacing
from .scenario_outlook import scenario_outlook
from .segment_changes import segment_changes
from .segment_effort import segment_effort
from .slippage import slippage
from .stage_conversion import stage_conversion
from .stage_funnel import stage_funnel
from .stage_incidence import stage_incidence
from .stage_survival import stage_survival
from .stage_transitions import stage_transitions
from .time_in_stage import time_in_stage
from .weighted_forecast import weighted_forecast
from .whitespace_by_segment import whitespace_by_segment
from .win_rates import win_rates

__all__ = [
    "FORMS",
    "Region",
    "account_assessment",
    "account_profile",
    "account_segments",
    "call_accuracy",
    "conversion_cohorts",
    "conversion_trend",
    "evidenced_outlook",
    "evidenced_pipeline",
    "figure",
    "forecast_accuracy",
    "forecast_backtest",
    "forecast_reliability",
    "opportunity_inspection",
    "outlook",
    "outlook_distribution",
    "outlook_drivers",
    "picture",
    "pipeline_ageing",
    "pipeline_changes",
    "pipeline_coverage",
    "pipeline_flow",
    "png",
    "png_with_regions",
    "quota_pacing",
    "regions",
    "scenario_outlook",
    "segment_changes",
    "segment_effort",
    "slippage",
    "stage_conversion",
    "stage_funnel",
    "stage_incidence",
    "stage_survival",
    "stage_transitions",
    "svg",
    "time_in_stage",
    "weighted_forecast",
    "whitespace_by_segment",
    "win_rates",
]
