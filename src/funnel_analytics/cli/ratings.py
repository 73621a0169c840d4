"""``funnel-analytics ratings template``: an Excel sheet to rate accounts in."""

import argparse
from pathlib import Path

from ..languages import word
from ._console import print_result
from ._exports import add_reading_arguments, read_book
from ._parser import Commands, Parser, add_command


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    about = word("cli.help.ratings", lang)
    ratings = commands.add_parser("ratings", help=about, description=about, lang=lang)
    actions = ratings.add_subparsers(dest="action", required=True, metavar="template", parser_class=Parser)
    template = add_command(actions, "template", lang=lang)
    add_reading_arguments(template, needed=False)
    template.say("-o", "--output", text="template_output", required=True, metavar="FILE.xlsx")
    template.say("--force", text="force", action="store_true")
    template.say("--json", text="json", action="store_true")
    template.set_defaults(run=_template)


def _template(options: argparse.Namespace) -> int:
    from ..methodology import load_methodology
    from ..rating_sheets.template import write_template
    from ..words import number

    book = read_book(options) if options.exports else None
    method = book.methodology if book else load_methodology(options.methodology or "large_account")
    path = write_template(Path(options.output), method, book, lang=options.lang, force=options.force)
    count = 0 if book is None else len(book.accounts)
    said = word("cli.template_written", options.lang, path=path, count=number(count))
    print_result(options, {"files": [path], "accounts": count}, said)
    return 0
