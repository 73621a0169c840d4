"""The command ``funnel-analytics ratings template``: an Excel sheet to rate accounts in."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .methodology import load_methodology
from .words import number, word

if TYPE_CHECKING:
    from .book import Book


def add_ratings(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
    add_reading: Callable[[argparse.ArgumentParser], None],
    read: "Callable[[argparse.Namespace], Book]",
    show: Callable[[str], None],
) -> None:
    """Add the command.

    Parameters
    ----------
    commands, common
        Where to add it, and the options of every command.
    add_reading
        Adds what is said about exports.
    read
        Reads them.
    show
        Shows a line to the person.
    """
    ratings = commands.add_parser("ratings", help="rate accounts: write an Excel template to fill in")
    actions = ratings.add_subparsers(dest="action", required=True, metavar="template")
    template = actions.add_parser(
        "template", parents=[common], help="a sheet with drop-downs and the method's questions; with exports, their accounts are filled in"
    )  # fmt: skip
    add_reading(template)
    template.add_argument("-o", "--output", required=True, metavar="FILE.xlsx", help="where to write it")
    template.add_argument("--force", action="store_true", help="replace the file if it is there")
    template.set_defaults(run=lambda options: _template(options, read, show))


def _template(
    options: argparse.Namespace, read: "Callable[[argparse.Namespace], Book]", show: Callable[[str], None]
) -> int:
    from .rating_sheets.template import write_template

    book = read(options) if options.exports else None
    method = book.methodology if book else load_methodology(options.methodology or "large_account")
    path = write_template(Path(options.output), method, book, lang=options.lang, force=options.force)
    count = number(0 if book is None else len(book.accounts))
    show(word("cli.template_written", options.lang, path=path, count=count))
    return 0
