"""Small result tables with numbers one can check by hand, as the analyses would return them."""

from .accounts import (
    account_assessment as account_assessment,
)
from .accounts import (
    account_profile as account_profile,
)
from .accounts import (
    account_segments as account_segments,
)
from .accounts import (
    segment_changes as segment_changes,
)
from .accounts import (
    segment_effort as segment_effort,
)
from .accounts import (
    whitespace_by_segment as whitespace_by_segment,
)
from .declared import CONTEXT as CONTEXT
from .declared import declared as declared
from .forecast import (
    call_accuracy as call_accuracy,
)
from .forecast import (
    evidenced_outlook as evidenced_outlook,
)
from .forecast import (
    forecast_accuracy as forecast_accuracy,
)
from .forecast import (
    forecast_backtest as forecast_backtest,
)
from .forecast import (
    forecast_reliability as forecast_reliability,
)
from .forecast import (
    outlook as outlook,
)
from .forecast import (
    outlook_distribution as outlook_distribution,
)
from .forecast import (
    outlook_drivers as outlook_drivers,
)
from .forecast import (
    pipeline_coverage as pipeline_coverage,
)
from .forecast import (
    quota_pacing as quota_pacing,
)
from .forecast import (
    scenario_outlook as scenario_outlook,
)
from .forecast import (
    weighted_forecast as weighted_forecast,
)
from .funnel import (
    conversion_cohorts as conversion_cohorts,
)
from .funnel import (
    conversion_trend as conversion_trend,
)
from .funnel import (
    evidenced_pipeline as evidenced_pipeline,
)
from .funnel import (
    opportunity_inspection as opportunity_inspection,
)
from .funnel import (
    pipeline_ageing as pipeline_ageing,
)
from .funnel import (
    pipeline_changes as pipeline_changes,
)
from .funnel import (
    pipeline_flow as pipeline_flow,
)
from .funnel import (
    slippage as slippage,
)
from .funnel import (
    stage_conversion as stage_conversion,
)
from .funnel import (
    stage_incidence as stage_incidence,
)
from .funnel import (
    stage_survival as stage_survival,
)
from .funnel import (
    stage_transitions as stage_transitions,
)
from .funnel import (
    time_in_stage as time_in_stage,
)
from .funnel import (
    win_rates as win_rates,
)

ALL = {
    "call_accuracy": call_accuracy,
    "evidenced_outlook": evidenced_outlook,
    "outlook_drivers": outlook_drivers,
    "pipeline_coverage": pipeline_coverage,
    "quota_pacing": quota_pacing,
    "scenario_outlook": scenario_outlook,
    "account_assessment": account_assessment,
    "account_profile": account_profile,
    "segment_changes": segment_changes,
    "segment_effort": segment_effort,
    "whitespace_by_segment": whitespace_by_segment,
    "account_segments": account_segments,
    "conversion_cohorts": conversion_cohorts,
    "conversion_trend": conversion_trend,
    "evidenced_pipeline": evidenced_pipeline,
    "forecast_accuracy": forecast_accuracy,
    "forecast_backtest": forecast_backtest,
    "forecast_reliability": forecast_reliability,
    "opportunity_inspection": opportunity_inspection,
    "outlook": outlook,
    "outlook_distribution": outlook_distribution,
    "pipeline_ageing": pipeline_ageing,
    "pipeline_changes": pipeline_changes,
    "pipeline_flow": pipeline_flow,
    "slippage": slippage,
    "stage_conversion": stage_conversion,
    "stage_funnel": stage_conversion,
    "stage_incidence": stage_incidence,
    "stage_survival": stage_survival,
    "stage_transitions": stage_transitions,
    "time_in_stage": time_in_stage,
    "weighted_forecast": weighted_forecast,
    "win_rates": win_rates,
}
"""A maker of a full table per chart."""
