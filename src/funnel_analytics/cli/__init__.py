"""The command line: ``funnel-analytics check | review | chart | archive | ratings | profile | notebooks |
lab | app``.

Exit codes: 0 done; 1 a problem that a person can mend, said in one message; 2 the command was not understood;
130 stopped by the user.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from .. import __version__
from ..errors import FunnelError
from ..languages import LANGUAGES, language, word
from ..messages import in_language
from . import app, archive, chart, check, lab, notebooks, profile, ratings, review
from ._console import tell
from ._parser import Parser, wanted_language

_COMMANDS = (check, review, chart, archive, ratings, profile, notebooks, lab, app)


def _parser(lang: str) -> Parser:
    parser = Parser(prog="funnel-analytics", lang=lang, about="about", epilog=word("cli.help.exit_codes", lang))
    parser.say("--version", text="version", action="version", version=f"funnel-analytics {__version__}")
    parser.say("--lang", text="lang", metavar="LANG", default=lang, completes=lambda: LANGUAGES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    for command in _COMMANDS:
        command.add(commands, lang)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments
        Words of the command line; None takes the process's own.

    Examples
    --------
    >>> main(["profile", "no-such-file.csv"])
    1
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows console that lacks a character shows "?" rather than failing.
            stream.reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    spoken = wanted_language(given)
    parser = _parser(spoken)
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser)
    options = parser.parse_args(given)
    try:
        options.lang = language(options.lang)
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except FunnelError as problem:
        tell(f"funnel-analytics: {in_language(problem, spoken)}")
        return 1
    except BrokenPipeError:
        # Who reads our output has seen enough, as `| head` does; nothing more is written, also not at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        tell(f"funnel-analytics: {word('cli.stopped', options.lang)}")
        return 130
    except Exception as fault:
        if options.debug:
            raise
        name = f"{type(fault).__name__}: {fault}"
        tell(f"funnel-analytics: {word('cli.fault', options.lang, name=name)}")
        return 1


def run() -> NoReturn:
    """Entry point of the installed command."""
    sys.exit(main())
