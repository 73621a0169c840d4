"""``funnel-analytics chart``: one analysis as a picture, for people who only want the picture."""

import argparse
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ArgumentError, nearest
from ..languages import word
from ._console import print_result
from ._exports import add_reading_arguments, read_book
from ._parser import Commands, Parser, add_command

_QUESTIONS = ("by", "period", "since", "until")
"""What most analyses can be asked; each takes those that it has."""
_ASK_FOR_MORE = {"account_profile", "scenario_outlook"}
"""An account, scenarios: that is for notebooks."""


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "chart", lang=lang)
    parser.say("analysis", text="chart_analysis", metavar="ANALYSIS", completes=_analyses)
    add_reading_arguments(parser)
    parser.say("-o", "--output", text="chart_output", required=True, metavar="FILE")
    parser.say("--by", text="by", metavar="COLUMN")
    parser.say("--period", text="period")
    parser.say("--since", text="since", metavar="DATE")
    parser.say("--until", text="until", metavar="DATE")
    parser.say("--force", text="force", action="store_true")
    parser.say("--json", text="json", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    import funnel_analytics as fa

    from .. import charts
    from ..atomic import refuse_existing, write_whole

    target = Path(options.output)
    form = _form(target, charts.FORMS)
    analyse: Callable[..., Any] = getattr(fa, _known(options.analysis, _analyses()))
    asked = _asked(analyse, {name: getattr(options, name) for name in _QUESTIONS})
    refuse_existing([target], force=options.force)
    table = analyse(read_book(options), **asked)
    axes = getattr(charts, options.analysis)(table, lang=options.lang)
    write_whole({target: charts.picture(axes, form)}, force=options.force)
    print_result(options, {"files": [target]}, word("cli.chart_written", options.lang, path=target))
    return 0


def _analyses() -> list[str]:
    """The analyses that have a chart and ask for nothing that the command line cannot give."""
    import funnel_analytics as fa

    from .. import charts

    return sorted((set(charts.__all__) & set(fa.__all__)) - _ASK_FOR_MORE)


def _known(name: str, names: list[str]) -> str:
    if name not in names:
        raise ArgumentError(f"There is no chart '{name}'.{nearest(name, names)}")
    return name


def _form(target: Path, forms: tuple[str, ...]) -> str:
    form = target.suffix.lower().removeprefix(".")
    if form not in forms:
        raise ArgumentError(f"'{target.name}' names no picture. Accepted endings: {', '.join(f'.{x}' for x in forms)}.")
    return form


def _asked(analyse: Callable[..., Any], given: Mapping[str, object]) -> dict[str, object]:
    """What was given on the command line, if the analysis can be asked it."""
    taken = inspect.signature(analyse).parameters
    asked = {name: value for name, value in given.items() if value is not None}
    for name in asked:
        if name not in taken:
            accepted = ", ".join(f"--{question}" for question in _QUESTIONS if question in taken) or "none of these"
            raise ArgumentError(f"{analyse.__name__} cannot be asked --{name}. It takes: {accepted}.")
    return asked
