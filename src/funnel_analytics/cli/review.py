"""``funnel-analytics review``: the review of a period as deck, workbook and page."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import FunnelError
from ..languages import word
from ._console import print_json, tell
from ._exports import add_reading_arguments, read_book
from ._parser import Commands, Parser, add_command
from .check import issue_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..book import Book


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "review", lang=lang)
    add_reading_arguments(parser)
    parser.say("-o", "--output", text="review_output", required=True, metavar="DIR")
    parser.say("--period", text="period")
    parser.say("--outline", text="outline", default="quarterly_review", completes=_outlines)
    parser.say("--template", text="deck_template", metavar="FILE.pptx")
    parser.say("--force", text="force", action="store_true")
    parser.say("--accept-issues", text="accept_issues", action="store_true")
    parser.say("--json", text="json", action="store_true")
    parser.set_defaults(run=_run)


def _outlines() -> "Sequence[str]":
    from ..reviews.outline import BUILT_IN

    return BUILT_IN


def _refuse_unreadable(book: "Book", lang: str) -> None:
    """A review must not rest on blanks that were values: say which, and how to go on."""
    unreadable = book.issues[book.issues["kind"] == "unreadable"]
    if len(unreadable):
        lines = "\n".join(issue_lines(unreadable, lang))
        raise FunnelError(word("cli.unreadable", lang, count=len(unreadable), lines=lines))


def _run(options: argparse.Namespace) -> int:
    from ..reviews import write_reviews

    book, lang = read_book(options), options.lang
    if not options.accept_issues:
        _refuse_unreadable(book, lang)
    if not options.quiet:
        tell(word("cli.writing", lang))
    paths = write_reviews(
        book,
        Path(options.output),
        period=options.period,
        outline=options.outline,
        template=options.template,
        lang=lang,
        force=options.force,
    )
    if options.json:
        print_json({"files": paths, "issues": len(book.issues)})
        return 0
    print(word("cli.wrote", lang))
    for path in paths:
        print(f"  {path}")
    if len(book.issues):
        print(word("cli.issues_remain", lang, count=len(book.issues)))
    if not options.quiet:
        print(word("cli.open_notebooks", lang))
    return 0
