"""The public names, each said once: what the package offers, and where each is at home.

Type checkers and editors read this file as it is; ``__init__.py`` reads it to load each name on first use.
"""

from . import charts as charts, dashboards as dashboards, tables as tables
from .accounts.assessment import account_assessment as account_assessment
from .accounts.changes import segment_change_lines as segment_change_lines, segment_changes as segment_changes
from .accounts.families import roll_up_accounts as roll_up_accounts
from .accounts.plan import account_plan as account_plan, segment_effort as segment_effort
from .accounts.profile import account_profile as account_profile
from .accounts.segments import account_segments as account_segments
from .accounts.whitespace import whitespace as whitespace, whitespace_by_segment as whitespace_by_segment
from .assembly import Parts as Parts, assemble as assemble
from .book import Book as Book
from .errors import FunnelError as FunnelError
from .exports.reading import read_exports as read_exports
from .forecast.accuracy import forecast_accuracy as forecast_accuracy, forecast_reliability as forecast_reliability
from .forecast.assumptions import assume as assume
from .forecast.backtest import forecast_backtest as forecast_backtest
from .forecast.calls import call_accuracy as call_accuracy, call_errors as call_errors
from .forecast.coverage import pipeline_coverage as pipeline_coverage
from .forecast.distribution import outlook_distribution as outlook_distribution
from .forecast.evidenced import as_evidenced as as_evidenced, evidenced_outlook as evidenced_outlook
from .forecast.outlook import outlook as outlook, outlook_opportunities as outlook_opportunities
from .forecast.pacing import quota_pacing as quota_pacing
from .forecast.scenarios import outlook_drivers as outlook_drivers, scenario_outlook as scenario_outlook
from .forecast.weighted import (
    weighted_forecast as weighted_forecast,
    weighted_forecast_opportunities as weighted_forecast_opportunities,
)
from .funnel.ageing import pipeline_ageing as pipeline_ageing
from .funnel.changes import pipeline_change_lines as pipeline_change_lines, pipeline_changes as pipeline_changes
from .funnel.cohorts import conversion_cohorts as conversion_cohorts, stage_transitions as stage_transitions
from .funnel.conversion import stage_conversion as stage_conversion
from .funnel.durations import time_in_stage as time_in_stage
from .funnel.evidence import evidenced_pipeline as evidenced_pipeline
from .funnel.flow import pipeline_flow as pipeline_flow
from .funnel.incidence_curves import stage_incidence as stage_incidence
from .funnel.inspection import opportunity_inspection as opportunity_inspection
from .funnel.pushes import push_counts as push_counts, slippage as slippage
from .funnel.survival_curves import stage_survival as stage_survival
from .funnel.trend import conversion_trend as conversion_trend
from .funnel.velocity import sales_velocity as sales_velocity
from .funnel.win_rates import win_rates as win_rates
from .languages import set_language as set_language
from .methodology import load_methodology as load_methodology
from .notebook import start_notebook as start_notebook
from .reasons import (
    account_questions as account_questions,
    inspection_reasons as inspection_reasons,
    outlook_reasons as outlook_reasons,
    plan_reasons as plan_reasons,
    segment_reasons as segment_reasons,
)
from .receipts import receipt_page as receipt_page
from .reviews import write_review as write_review
from .sample import load_sample as load_sample
from .table_pages import table_page as table_page
from .warehouse.connection import connect as connect

__all__: list[str]
__version__: str
