"""``funnel-analytics check``: read exports and print the receipt."""

import argparse
from typing import TYPE_CHECKING

from ..languages import word
from ..messages import in_language
from ._console import aligned, print_json
from ._exports import add_reading_arguments, read_book
from ._parser import Commands, Parser, add_command

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_ISSUES = 20


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "check", lang=lang)
    add_reading_arguments(parser)
    parser.say("--json", text="json", action="store_true")
    parser.say("--all", text="all_issues", action="store_true")
    parser.set_defaults(run=_run)


def issue_lines(issues: "pd.DataFrame", lang: str, *, every: bool = False) -> list[str]:
    """Issues as sentences: every one, or the first few findings, each once, and the rest as a number."""
    from ..receipts import folded

    lines, found = list[str](), issues if every else folded(issues)
    for issue in found.head(len(found) if every else _SHOWN_ISSUES).itertuples():
        place = [str(issue.file)]
        place += [f"{word('tables.sheet', lang)} {issue.sheet}"] if isinstance(issue.sheet, str) else []
        place += [f"{word('tables.row', lang)} {issue.row:.0f}"] if issue.row == issue.row else []
        place += [f"{word('tables.column', lang)} {issue.column}"] if isinstance(issue.column, str) else []
        at = word("cli.between", lang).join(place)
        lines.append("  " + word("cli.issue_line", lang, place=at, message=in_language(issue.message, lang)))
    if len(found) > _SHOWN_ISSUES and not every:
        lines.append(word("cli.more_issues", lang, count=int(found["count"].iloc[_SHOWN_ISSUES:].sum())))
    return lines


def _run(options: argparse.Namespace) -> int:
    from ..book_facts import facts_of

    book = read_book(options)
    lang = options.lang
    if options.json:
        facts = {"as_of": f"{book.as_of:%Y-%m-%d}", "currency": book.currency}
        tables = {name: _records(getattr(book, name)) for name in ("receipt", "issues")}
        print_json(facts | {"opportunities": len(book.opportunities), "accounts": len(book.accounts)} | tables)
    else:
        print("\n".join(aligned([[f"  {name}", fact] for name, fact in facts_of(book, lang)])))
        print()
        print("\n".join(_receipt_lines(book.receipt, lang)))
        for kind, rows in book.issues.groupby("kind", sort=False):
            print()
            print(word("receipt.kind", lang, kind=word(f"values.{kind}", lang), count=f"{len(rows):,}"))
            print("\n".join(issue_lines(rows, lang, every=options.all)))
    return 1 if book.issues["kind"].isin(["set_aside", "unreadable"]).any() else 0


def _records(table: "pd.DataFrame") -> list[dict[str, object]]:
    return [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in table.astype(object).where(table.notna(), None).to_dict("records")
    ]


def _receipt_lines(receipt: "pd.DataFrame", lang: str) -> list[str]:
    from ..words import label

    lines = []
    for row in receipt.itertuples():
        name = f"{row.file} [{row.sheet}]" if isinstance(row.sheet, str) else row.file
        counts = {"rows_in": row.rows_in, "kept": row.rows_kept, "aside": row.rows_set_aside}
        lines.append(word("cli.receipt_line", lang, name=name, table=label(row.table, lang), **counts))
        if isinstance(row.decisions, str) and row.decisions:
            lines.append(f"    {in_language(row.decisions, lang)}")
    return lines
