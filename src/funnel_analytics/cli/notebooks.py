"""``funnel-analytics notebooks``: the six notebooks in the reader's language, over their own exports."""

import argparse
import json
from pathlib import Path

from ..languages import word
from ._exports import add_reading_arguments, own_exports, read_book
from ._notebooks import notebooks_folder, own_notebooks
from ._parser import Commands, Parser, add_command


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "notebooks", lang=lang)
    add_reading_arguments(parser)
    parser.say("-o", "--output", text="notebooks_output", default="my_notebooks", metavar="FOLDER")
    parser.say("--notebooks", text="app_notebooks", metavar="FOLDER")
    parser.say("--force", text="force", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..atomic import refuse_existing, write_whole

    target = Path(options.output)
    own = own_notebooks(notebooks_folder(options.notebooks), options.lang, *own_exports(options))
    contents = {
        target / name: json.dumps(notebook, ensure_ascii=False, indent=1).encode("utf-8") for name, notebook in own
    }
    refuse_existing(list(contents), force=options.force)
    read_book(options)  # A file that cannot be read is said here, not in the sixth notebook.
    write_whole(contents, force=options.force)
    print(word("cli.notebooks_written", options.lang, folder=target, count=len(contents)))
    return 0
