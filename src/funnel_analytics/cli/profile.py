"""``funnel-analytics profile``: draft a profile for a layout that is not recognised."""

import argparse
import tomllib
from pathlib import Path

from ..errors import OutputError
from ..languages import word
from ..messages import in_language
from ._parser import Commands, Parser, add_command


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "profile", lang=lang)
    parser.say("file", text="profile_file", metavar="FILE")
    parser.say("-o", "--output", text="profile_output", metavar="FILE.toml")
    parser.say("--force", text="force", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..exports.drafting import draft_profile

    text = _in_language(draft_profile(options.file), options.lang)
    if options.output is None:
        print(text)
        return 0
    target = Path(options.output)
    if target.exists() and not options.force:
        raise OutputError(f"{target} exists. Give another name with -o, or add --force to replace it.")
    target.write_text(text, encoding="utf-8")
    print(word("cli.profile_written", options.lang, path=target))
    return 0


def _in_language(profile: str, lang: str) -> str:
    """The comments of a profile in a language; what the profile says stays the same."""
    said = "\n".join(in_language(line, lang) for line in profile.split("\n"))
    return said if tomllib.loads(said) == tomllib.loads(profile) else profile
