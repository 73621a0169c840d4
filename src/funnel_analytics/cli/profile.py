"""``funnel-analytics profile``: draft a profile for a layout that is not recognised."""

import argparse
import tomllib
from pathlib import Path

from ..languages import word
from ..messages import in_language
from ._console import print_result
from ._parser import Commands, Parser, add_command


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "profile", lang=lang)
    parser.say("file", text="profile_file", metavar="FILE")
    parser.say("-o", "--output", text="profile_output", metavar="FILE.toml")
    parser.say("--force", text="force", action="store_true")
    parser.say("--json", text="json", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..atomic import write_whole
    from ..exports.drafting import draft_profile

    text = "\n".join(_in_language(line, options.lang) for line in draft_profile(options.file).split("\n"))
    if options.output is None:
        print_result(options, {"profile": tomllib.loads(text)}, text)
        return 0
    target = Path(options.output)
    write_whole({target: text.encode("utf-8")}, force=options.force)
    print_result(options, {"files": [target]}, word("cli.profile_written", options.lang, path=target))
    return 0


def _in_language(line: str, lang: str) -> str:
    """A line of a profile with its comment in a language; what it says to the program stays the same."""
    said = in_language(line, lang)
    try:
        return said if tomllib.loads(said) == tomllib.loads(line) else line
    except tomllib.TOMLDecodeError:
        return line
