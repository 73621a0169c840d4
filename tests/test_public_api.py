"""The public names, pinned: none appears or goes by accident, and importing stays light."""

import subprocess
import sys

import funnel_analytics as fa

PUBLIC = {
    "Book",
    "FunnelError",
    "Parts",
    "account_assessment",
    "account_segments",
    "as_evidenced",
    "account_plan",
    "account_profile",
    "segment_changes",
    "segment_change_lines",
    "segment_effort",
    "whitespace",
    "whitespace_by_segment",
    "roll_up_accounts",
    "segment_reasons",
    "set_language",
    "plan_reasons",
    "account_questions",
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
    "pipeline_ageing",
    "outlook_reasons",
    "pipeline_change_lines",
    "pipeline_changes",
    "pipeline_coverage",
    "pipeline_flow",
    "push_counts",
    "quota_pacing",
    "read_exports",
    "receipt_page",
    "sales_velocity",
    "scenario_outlook",
    "slippage",
    "stage_conversion",
    "stage_incidence",
    "stage_survival",
    "stage_transitions",
    "start_notebook",
    "table_page",
    "tables",
    "time_in_stage",
    "weighted_forecast",
    "weighted_forecast_opportunities",
    "win_rates",
    "write_review",
}


def test_public_names_are_these() -> None:
    assert set(fa.__all__) == PUBLIC


def test_every_public_name_loads_and_says_what_it_is_for() -> None:
    for name in fa.__all__:
        assert getattr(fa, name).__doc__, name


def exemplified(thing: object) -> bool:
    """Whether its docstring shows an example, or for a class one of its members' does."""
    told = [thing, *(vars(thing).values() if isinstance(thing, type) else ())]
    return any(">>>" in (getattr(one, "__doc__", None) or "") for one in told)


def test_every_public_name_and_chart_shows_an_example() -> None:
    without = [name for name in set(fa.__all__) - {"dashboards", "tables"} if not exemplified(getattr(fa, name))]
    assert without == []
    charts = {name: getattr(fa.charts, name) for name in fa.charts.__all__}
    assert [name for name, chart in charts.items() if callable(chart) and not exemplified(chart)] == []


def test_an_unknown_name_lists_what_there_is() -> None:
    try:
        fa.stage_conversions  # noqa: B018 - the access is the test
    except AttributeError as problem:
        assert "stage_conversion" in str(problem)
    else:
        raise AssertionError("no error")


def test_importing_the_package_loads_no_drawing_widget_or_slide_library() -> None:
    code = (
        "import sys, funnel_analytics;"
        "heavy = {'matplotlib', 'seaborn', 'ipywidgets', 'pptx', 'xlsxwriter', 'openpyxl', 'jinja2', 'scipy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_analysis_that_is_drawn_has_a_chart_of_the_same_name() -> None:
    for name in (
        "account_assessment",
        "account_profile",
        "account_segments",
        "segment_changes",
        "segment_effort",
        "whitespace_by_segment",
        "conversion_cohorts",
        "conversion_trend",
        "pipeline_ageing",
        "stage_incidence",
        "stage_survival",
        "stage_transitions",
        "pipeline_flow",
        "slippage",
        "stage_conversion",
        "time_in_stage",
        "win_rates",
        "weighted_forecast",
        "pipeline_changes",
        "outlook",
        "forecast_accuracy",
        "forecast_backtest",
        "forecast_reliability",
        "opportunity_inspection",
        "evidenced_pipeline",
        "pipeline_coverage",
        "quota_pacing",
        "outlook_distribution",
        "outlook_drivers",
        "scenario_outlook",
        "evidenced_outlook",
        "call_accuracy",
    ):
        assert callable(getattr(fa, name))
        assert callable(getattr(fa.charts, name))
