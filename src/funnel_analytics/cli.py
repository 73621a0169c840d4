"""The command line: ``funnel-analytics check | review | archive | ratings | profile | lab``.

Exit codes: 0 done; 1 a problem that a person can mend, said in one message; 2 the command was not understood.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from unicodedata import east_asian_width

from . import __version__
from .cli_ratings import add_ratings
from .errors import ArgumentError, FunnelError, OutputError
from .methodology import LANGUAGES
from .words import language, word

if TYPE_CHECKING:
    import pandas as pd

    from .book import Book
    from .exports.rates import Rates

_SHOWN_ISSUES = 20


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _rates(given: Sequence[str]) -> "Rates | None":
    """Pairs such as EUR=1.08, or the one file that holds them."""
    if len(given) == 1 and "=" not in given[0] and "." in given[0]:
        return given[0]
    rates = {}
    for pair in given:
        code, _, value = pair.partition("=")
        try:
            rates[code.strip().upper()] = float(value)
        except ValueError:
            raise ArgumentError(
                f"--rate {pair} is not understood. Accepted: a code and a number, as EUR=1.08, or one file of rates."
            ) from None
    return rates or None


def _read(options: argparse.Namespace) -> "Book":
    from .exports.reading import read_exports

    return read_exports(
        options.exports,
        profile=options.profile,
        methodology=options.methodology,
        as_of=options.as_of,
        currency=options.currency,
        rates=_rates(options.rate),
        date_order=options.date_order,
        fiscal_start=options.fiscal_start,
        revenue_benchmark=options.revenue_benchmark,
        sheet=options.sheet,
        progress=lambda name: _say(word("cli.reading", options.lang, name=name)),
    )


def _issue_lines(issues: "pd.DataFrame", lang: str) -> list[str]:
    """Issues as sentences: the first few one by one, the rest as a number."""
    lines = []
    for issue in issues.head(_SHOWN_ISSUES).itertuples():
        place = [str(issue.file)]
        place += [f"{word('tables.sheet', lang)} {issue.sheet}"] if isinstance(issue.sheet, str) else []
        place += [f"{word('tables.row', lang)} {issue.row:.0f}"] if issue.row == issue.row else []
        place += [f"{word('tables.column', lang)} {issue.column}"] if isinstance(issue.column, str) else []
        lines.append(f"  {', '.join(place)}: {issue.message}")
    if len(issues) > _SHOWN_ISSUES:
        lines.append(word("cli.more_issues", lang, count=len(issues) - _SHOWN_ISSUES))
    return lines


def _check(options: argparse.Namespace) -> int:
    book = _read(options)
    lang = options.lang
    print(book)
    print()
    for row in book.receipt.itertuples():
        name = f"{row.file} [{row.sheet}]" if isinstance(row.sheet, str) else row.file
        print(
            word(
                "cli.receipt_line",
                lang,
                name=name,
                table=row.table,
                rows_in=row.rows_in,
                kept=row.rows_kept,
                aside=row.rows_set_aside,
            )
        )
        if isinstance(row.decisions, str) and row.decisions:
            print(f"    {row.decisions}")
    issues = book.issues
    for kind, rows in issues.groupby("kind", sort=False):
        print()
        print(f"{word(f'values.{kind}', lang)}: {len(rows):,}")
        print("\n".join(_issue_lines(rows, lang)))
    return 1 if issues["kind"].isin(["set_aside", "unreadable"]).any() else 0


def _refuse_unreadable(book: "Book", lang: str) -> None:
    """A review must not rest on blanks that were values: say which, and how to go on."""
    unreadable = book.issues[book.issues["kind"] == "unreadable"]
    if len(unreadable):
        lines = "\n".join(_issue_lines(unreadable, lang))
        raise FunnelError(word("cli.unreadable", lang, count=len(unreadable), lines=lines))


def _review(options: argparse.Namespace) -> int:
    from .reviews import write_reviews

    book = _read(options)
    if not options.accept_issues:
        _refuse_unreadable(book, options.lang)
    _say(word("cli.writing", options.lang))
    paths = write_reviews(book, Path(options.output), period=options.period, lang=options.lang, force=options.force)
    print(word("cli.wrote", options.lang))
    for path in paths:
        print(f"  {path}")
    if len(book.issues):
        print(word("cli.issues_remain", options.lang, count=len(book.issues)))
    print(word("cli.open_notebooks", options.lang))
    return 0


def _profile(options: argparse.Namespace) -> int:
    from .exports.drafting import draft_profile

    text = draft_profile(options.file)
    if options.output is None:
        print(text)
        return 0
    target = Path(options.output)
    if target.exists() and not options.force:
        raise OutputError(f"{target} exists. Give another name with -o, or add --force to replace it.")
    target.write_text(text, encoding="utf-8")
    print(word("cli.profile_written", options.lang, path=target))
    return 0


def _archive_add(options: argparse.Namespace) -> int:
    from .exports.archive import add_exports

    lang = options.lang
    results = add_exports(
        options.folder,
        options.exports,
        profile=options.profile,
        methodology=options.methodology,
        as_of=options.as_of,
        date_order=options.date_order,
        fiscal_start=options.fiscal_start,
        sheet=options.sheet,
        progress=lambda name: _say(word("cli.reading", lang, name=name)),
    )
    for result in results:
        facts: dict[str, object] = {"files": ", ".join(result.files), "rows": result.rows, "entry": result.replaced_by}
        if result.as_of is not None:
            facts |= {"date": f"{result.as_of:%Y-%m-%d}", "source": word(f"cli.date_from_{result.as_of_source}", lang)}
        status = f"{result.status}_replaced" if result.replaced_by else result.status
        print(word(f"cli.archive_{status}", lang, **facts))
        if result.replaced:
            print(word("cli.archive_replaced", lang, entries=", ".join(result.replaced)))
    print(word("cli.archive_kept", lang, folder=options.folder))
    return 0


def _screen_width(text: str) -> int:
    """Chinese signs take two places on a terminal."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _aligned(lines: list[list[str]]) -> list[str]:
    widths = [max(map(_screen_width, cells)) for cells in zip(*lines, strict=True)]
    return [
        "  ".join(cell + " " * (width - _screen_width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]


def _archive_list(options: argparse.Namespace) -> int:
    from .exports.archive import list_archive

    lang = options.lang
    listed, damages = list_archive(options.folder)
    names = ("as_of", "as_of_source", "file", "table", "rows_kept", "profile")
    lines = [[*(word(f"tables.{name}", lang) for name in names), word("cli.archive_hash", lang), ""]]
    for row in listed.itertuples():
        source = row.as_of_source if isinstance(row.as_of_source, str) else "none"
        lines.append(
            [
                f"{row.as_of:%Y-%m-%d}",
                word(f"cli.date_from_{source}", lang),
                f"{row.file} [{row.sheet}]" if isinstance(row.sheet, str) else row.file,
                word(f"values.{row.table}", lang),
                f"{row.rows_kept:,}",
                str(row.profile),
                row.sha256[:12],
                word("cli.archive_replaced_mark", lang) if row.replaced else "",
            ]
        )
    print("\n".join(_aligned(lines)))
    if damages:
        _say("\n".join([word("cli.archive_damaged", lang), *(f"  {damage}" for damage in damages)]))
    return 1 if damages else 0


def _lab(options: argparse.Namespace) -> int:
    folder = Path(options.folder)
    if not folder.is_dir():
        raise ArgumentError(
            f"There is no folder '{folder}' with notebooks. Give its path: funnel-analytics lab FOLDER."
        )
    root = ["--allow-root"] if sys.platform != "win32" and _is_root() else []
    # The lab binds to this machine only and asks for a token: both are Jupyter's defaults, stated to keep them.
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", *root, str(folder)]
    return subprocess.call(command)  # noqa: S603 - our own interpreter, no shell


def _is_root() -> bool:
    import os

    return hasattr(os, "geteuid") and os.geteuid() == 0


def _add_exports(parser: argparse.ArgumentParser, nargs: str = "+") -> None:
    """What is said about exports wherever they are read."""
    parser.add_argument(
        "exports", nargs=nargs, metavar="EXPORTS", help="a folder, files or a pattern such as exports/*.xlsx"
    )
    parser.add_argument(
        "--profile", help="a built-in profile's key or a profile.toml (default: recognised by the headings)"
    )
    parser.add_argument(
        "--methodology", help="a built-in methodology's key or a .toml (default: recognised by the stages)"
    )
    parser.add_argument(
        "--as-of", metavar="DATE", help="the date of the export, as 2026-09-30 (default: from the report or file name)"
    )
    parser.add_argument(
        "--date-order",
        choices=["DMY", "MDY", "YMD"],
        help="how ambiguous dates are written (default: found from all dates)",
    )
    parser.add_argument(
        "--fiscal-start",
        type=int,
        choices=range(1, 13),
        metavar="MONTH",
        help="first month of the fiscal year, 1 to 12",
    )
    parser.add_argument("--sheet", help="the sheet to read, where a workbook holds several tables")


def _add_reading(parser: argparse.ArgumentParser, nargs: str = "+") -> None:
    _add_exports(parser, nargs)
    parser.add_argument("--currency", help="the currency to report in, as USD")
    parser.add_argument(
        "--rate",
        action="append",
        default=[],
        metavar="CODE=RATE",
        help="one unit of CODE in that currency, as EUR=1.08; or a file with a column of currencies and one of rates",
    )
    parser.add_argument(
        "--revenue-benchmark", type=float, metavar="AMOUNT", help="annual revenue from which an account counts as high"
    )


def _add_archive(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", common: argparse.ArgumentParser
) -> None:
    archive = commands.add_parser("archive", help="keep dated exports in a folder: exports become history")
    actions = archive.add_subparsers(dest="action", required=True, metavar="add|list")
    add = actions.add_parser("add", parents=[common], help="keep exports; what is there already is not added again")
    add.add_argument("folder", metavar="DIR", help="the archive; made where it is missing")
    _add_exports(add)
    add.set_defaults(run=_archive_add)
    listing = actions.add_parser("list", parents=[common], help="what the archive holds; exit 1 if anything is damaged")
    listing.add_argument("folder", metavar="DIR", help="the archive")
    listing.set_defaults(run=_archive_list)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="funnel-analytics",
        description="Large-account sales-funnel analytics on CRM exports (Excel or CSV). Nothing leaves this machine.",
    )
    parser.add_argument("--version", action="version", version=f"funnel-analytics {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--lang", default="en", metavar="LANG", help=f"language: {', '.join(LANGUAGES)} (default: en)")
    common.add_argument("--debug", action="store_true", help="show where in the program a fault happened")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        parents=[common],
        help="read exports and print the receipt; exit 1 if anything was set aside or unreadable",
    )
    _add_reading(check)
    check.set_defaults(run=_check)

    review = commands.add_parser(
        "review", parents=[common], help="write the review of a period: .pptx, .xlsx and .html"
    )
    _add_reading(review)
    review.add_argument("-o", "--output", required=True, metavar="DIR", help="folder for the review")
    review.add_argument("--period", help="2026Q4, 2026H2, 2026-10 or 2026 (default: the quarter of the newest export)")
    review.add_argument("--force", action="store_true", help="replace a review that is already there")
    review.add_argument(
        "--accept-issues",
        action="store_true",
        help="go on although some values could not be read (they are left empty and listed)",
    )
    review.set_defaults(run=_review)

    _add_archive(commands, common)
    add_ratings(commands, common, lambda parser: _add_reading(parser, "*"), _read, print)

    profile = commands.add_parser(
        "profile", parents=[common], help="draft a profile for a layout that is not recognised"
    )
    profile.add_argument("file", metavar="FILE", help="the export")
    profile.add_argument("-o", "--output", metavar="FILE.toml", help="where to write it (default: print it)")
    profile.add_argument("--force", action="store_true", help="replace the file if it is there")
    profile.set_defaults(run=_profile)

    lab = commands.add_parser("lab", parents=[common], help="open the notebooks in JupyterLab, on this machine only")
    lab.add_argument(
        "folder", nargs="?", default="notebooks", metavar="FOLDER", help="folder of the notebooks (default: notebooks)"
    )
    lab.set_defaults(run=_lab)
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
    options = _parser().parse_args(arguments)
    try:
        options.lang = language(options.lang)
        return int(options.run(options))
    except FunnelError as problem:
        _say(f"funnel-analytics: {problem}")
        return 1
    except KeyboardInterrupt:
        _say("funnel-analytics: stopped.")
        return 130
    except Exception as fault:
        if options.debug:
            raise
        _say(
            f"funnel-analytics: this is a fault in the program, not in your file ({type(fault).__name__}: {fault})."
            " Nothing was written. Run the command again with --debug added to see where, and report it."
        )
        return 1


def run() -> NoReturn:
    """Entry point of the installed command."""
    sys.exit(main())
