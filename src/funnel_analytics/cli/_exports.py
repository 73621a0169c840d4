"""The arguments by which commands are given exports, and the book read from them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ArgumentError
from ._console import reading_progress
from ._parser import Parser

if TYPE_CHECKING:
    from ..book import Book
    from ..exports.rates import Rates

_MAY_BE_FILES = {"profile", "methodology", "rates"}
_NAMES = ("profile", "methodology", "as_of", "date_order", "fiscal_start", "sheet")


def add_export_arguments(parser: Parser, *, needed: bool = True) -> None:
    """How to find and read the files, which a command may do without."""
    parser.say("exports", text="exports", nargs="+" if needed else "*", metavar="EXPORTS")
    parser.say("--profile", text="export_profile")
    parser.say("--methodology", text="methodology")
    parser.say("--as-of", text="as_of", metavar="DATE")
    parser.say("--date-order", text="date_order", choices=["DMY", "MDY", "YMD"])
    parser.say("--fiscal-start", text="fiscal_start", type=int, choices=range(1, 13), metavar="MONTH")
    parser.say("--sheet", text="sheet")


def add_reading_arguments(parser: Parser, *, needed: bool = True) -> None:
    """How to find and read the files, and how to make one book of them."""
    add_export_arguments(parser, needed=needed)
    parser.say("--currency", text="currency")
    parser.say("--rate", text="rate", action="append", default=[], metavar="CODE=RATE")
    parser.say("--revenue-benchmark", text="revenue_benchmark", type=float, metavar="AMOUNT")
    parser.say("--crm-url", text="crm_url", metavar="URL")


def export_options(options: argparse.Namespace) -> dict[str, Any]:
    """The arguments of `add_export_arguments` by their names in Python, without the files themselves."""
    progress = reading_progress(options.lang, quiet=options.quiet)
    return {name: getattr(options, name) for name in _NAMES} | {"progress": progress}


def read_book(options: argparse.Namespace) -> "Book":
    """The book that the arguments of `add_reading_arguments` describe."""
    from ..exports.reading import read_exports

    return read_exports(options.exports, **export_options(options) | _reading(options))


def own_exports(options: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Paths, and arguments of `read_exports`, as they hold in any folder: full paths, and only what was given."""
    kept = {name: value for name, value in _reading(options).items() if value is not None}
    for name in _MAY_BE_FILES & kept.keys():
        if isinstance(kept[name], str) and Path(kept[name]).is_file():
            kept[name] = str(Path(kept[name]).resolve())
    return [str(Path(given).resolve()) for given in options.exports], kept


def _reading(options: argparse.Namespace) -> dict[str, Any]:
    names = (*_NAMES, "currency", "revenue_benchmark", "crm_url")
    return {name: getattr(options, name) for name in names} | {"rates": _rates(options.rate)}


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
