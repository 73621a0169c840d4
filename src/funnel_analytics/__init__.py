"""Large-account sales-funnel analytics on CRM exports: files in, a `Book`; a book in, tables out.

>>> import funnel_analytics as fa
>>> book = fa.load_sample()
>>> fa.stage_conversion(book)["stage"].tolist()[:2]
['Discover', 'Qualify']

Everything loads on first use, so that importing the package is quick and pulls in no drawing library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import charts as charts
    from . import dashboards as dashboards
    from . import tables as tables
    from .accounts.assessment import account_assessment as account_assessment
    from .accounts.changes import segment_change_lines as segment_change_lines
    from .accounts.changes import segment_changes as segment_changes
    from .accounts.families import roll_up_accounts as roll_up_accounts
    from .accounts.plan import account_plan as account_plan
    from .accounts.plan import segment_effort as segment_effort
    from .accounts.profile import account_profile as account_profile
    from .accounts.segments import account_segments as account_segments
    from .accounts.whitespace import whitespace as whitespace
    from .accounts.whitespace import whitespace_by_segment as whitespace_by_segment
    from .assembly import Parts as Parts
    from .assembly import assemble as assemble
    from .book import Book as Book
    from .errors import FunnelError as FunnelError
    from .exports.reading import read_exports as read_exports
    from .forecast.accuracy import forecast_accuracy as forecast_accuracy
    from .forecast.accuracy import forecast_reliability as forecast_reliability
    from .forecast.assumptions import assume as assume
    from .forecast.backtest import forecast_backtest as forecast_backtest
    from .forecast.calls import call_accuracy as call_accuracy
    from .forecast.calls import call_errors as call_errors
    from .forecast.coverage import pipeline_coverage as pipeline_coverage
    from .forecast.distribution import outlook_distribution as outlook_distribution
    from .forecast.evidenced import as_evidenced as as_evidenced
    from .forecast.evidenced import evidenced_outlook as evidenced_outlook
    from .forecast.outlook import outlook as outlook
    from .forecast.outlook import outlook_opportunities as outlook_opportunities
    from .forecast.pacing import quota_pacing as quota_pacing
    from .forecast.scenarios import outlook_drivers as outlook_drivers
    from .forecast.scenarios import scenario_outlook as scenario_outlook
    from .forecast.weighted import weighted_forecast as weighted_forecast
    from .forecast.weighted import weighted_forecast_opportunities as weighted_forecast_opportunities
    from .funnel.ageing import pipeline_ageing as pipeline_ageing
    from .funnel.changes import pipeline_change_lines as pipeline_change_lines
    from .funnel.changes import pipeline_changes as pipeline_changes
    from .funnel.cohorts import conversion_cohorts as conversion_cohorts
    from .funnel.cohorts import stage_transitions as stage_transitions
    from .funnel.conversion import stage_conversion as stage_conversion
    from .funnel.durations import time_in_stage as time_in_stage
    from .funnel.evidence import evidenced_pipeline as evidenced_pipeline
    from .funnel.flow import pipeline_flow as pipeline_flow
    from .funnel.incidence_curves import stage_incidence as stage_incidence
    from .funnel.inspection import opportunity_inspection as opportunity_inspection
    from .funnel.pushes import push_counts as push_counts
    from .funnel.pushes import slippage as slippage
    from .funnel.survival_curves import stage_survival as stage_survival
    from .funnel.trend import conversion_trend as conversion_trend
    from .funnel.velocity import sales_velocity as sales_velocity
    from .funnel.win_rates import win_rates as win_rates
    from .languages import set_language as set_language
    from .methodology import load_methodology as load_methodology
    from .reasons import account_questions as account_questions
    from .reasons import inspection_reasons as inspection_reasons
    from .reasons import outlook_reasons as outlook_reasons
    from .reasons import plan_reasons as plan_reasons
    from .reasons import segment_reasons as segment_reasons
    from .receipts import receipt_page as receipt_page
    from .reviews import write_review as write_review
    from .sample import load_sample as load_sample
    from .warehouse.connection import connect as connect

__version__ = "0.1.0"

_HOME = {
    "Book": "book",
    "FunnelError": "errors",
    "Parts": "assembly",
    "account_assessment": "accounts.assessment",
    "account_plan": "accounts.plan",
    "account_profile": "accounts.profile",
    "account_questions": "reasons",
    "account_segments": "accounts.segments",
    "as_evidenced": "forecast.evidenced",
    "assemble": "assembly",
    "assume": "forecast.assumptions",
    "call_accuracy": "forecast.calls",
    "call_errors": "forecast.calls",
    "connect": "warehouse.connection",
    "conversion_cohorts": "funnel.cohorts",
    "conversion_trend": "funnel.trend",
    "evidenced_outlook": "forecast.evidenced",
    "evidenced_pipeline": "funnel.evidence",
    "forecast_accuracy": "forecast.accuracy",
    "forecast_backtest": "forecast.backtest",
    "forecast_reliability": "forecast.accuracy",
    "inspection_reasons": "reasons",
    "load_methodology": "methodology",
    "load_sample": "sample",
    "opportunity_inspection": "funnel.inspection",
    "outlook": "forecast.outlook",
    "outlook_distribution": "forecast.distribution",
    "outlook_drivers": "forecast.scenarios",
    "outlook_opportunities": "forecast.outlook",
    "pipeline_ageing": "funnel.ageing",
    "outlook_reasons": "reasons",
    "pipeline_change_lines": "funnel.changes",
    "pipeline_changes": "funnel.changes",
    "pipeline_coverage": "forecast.coverage",
    "pipeline_flow": "funnel.flow",
    "plan_reasons": "reasons",
    "push_counts": "funnel.pushes",
    "quota_pacing": "forecast.pacing",
    "read_exports": "exports.reading",
    "receipt_page": "receipts",
    "roll_up_accounts": "accounts.families",
    "sales_velocity": "funnel.velocity",
    "scenario_outlook": "forecast.scenarios",
    "segment_change_lines": "accounts.changes",
    "segment_changes": "accounts.changes",
    "segment_effort": "accounts.plan",
    "segment_reasons": "reasons",
    "set_language": "languages",
    "slippage": "funnel.pushes",
    "stage_conversion": "funnel.conversion",
    "stage_incidence": "funnel.incidence_curves",
    "stage_survival": "funnel.survival_curves",
    "stage_transitions": "funnel.cohorts",
    "time_in_stage": "funnel.durations",
    "weighted_forecast": "forecast.weighted",
    "weighted_forecast_opportunities": "forecast.weighted",
    "whitespace": "accounts.whitespace",
    "whitespace_by_segment": "accounts.whitespace",
    "win_rates": "funnel.win_rates",
    "write_review": "reviews",
}
_MODULES = ("charts", "dashboards", "tables")

__all__ = [
    "Book",
    "FunnelError",
    "Parts",
    "account_assessment",
    "account_plan",
    "account_profile",
    "account_questions",
    "account_segments",
    "as_evidenced",
    "assemble",
    "assume",
    "call_accuracy",
    "call_errors",
    "charts",
    "connect",
    "conversion_cohorts",
    "conversion_trend",
    "dashboards",
    "evidenced_outlook",
    "evidenced_pipeline",
    "forecast_accuracy",
    "forecast_backtest",
    "forecast_reliability",
    "inspection_reasons",
    "load_methodology",
    "load_sample",
    "opportunity_inspection",
    "outlook",
    "outlook_distribution",
    "outlook_drivers",
    "outlook_opportunities",
    "outlook_reasons",
    "pipeline_ageing",
    "pipeline_change_lines",
    "pipeline_changes",
    "pipeline_coverage",
    "pipeline_flow",
    "plan_reasons",
    "push_counts",
    "quota_pacing",
    "read_exports",
    "receipt_page",
    "roll_up_accounts",
    "sales_velocity",
    "scenario_outlook",
    "segment_change_lines",
    "segment_changes",
    "segment_effort",
    "segment_reasons",
    "set_language",
    "slippage",
    "stage_conversion",
    "stage_incidence",
    "stage_survival",
    "stage_transitions",
    "tables",
    "time_in_stage",
    "weighted_forecast",
    "weighted_forecast_opportunities",
    "whitespace",
    "whitespace_by_segment",
    "win_rates",
    "write_review",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    if name in _HOME:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"funnel_analytics has no '{name}'. It offers: {', '.join(__all__)}.")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
