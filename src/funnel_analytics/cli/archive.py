"""``funnel-analytics archive add | list``: dated exports kept in a folder."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..languages import word
from ..messages import in_language
from ._console import aligned, print_json, tell
from ._exports import add_export_arguments, export_options
from ._parser import Commands, Parser, add_command

if TYPE_CHECKING:
    from ..exports.archive.archive import Added


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    about = word("cli.help.archive", lang)
    archive = commands.add_parser("archive", help=about, description=about, lang=lang)
    actions = archive.add_subparsers(dest="action", required=True, metavar="add|list", parser_class=Parser)
    adding = add_command(actions, "add", lang=lang)
    adding.say("folder", text="archive_folder", metavar="DIR")
    add_export_arguments(adding)
    adding.say("--json", text="json", action="store_true")
    adding.set_defaults(run=_add)
    listing = add_command(actions, "list", lang=lang)
    listing.say("folder", text="archive_folder", metavar="DIR")
    listing.say("--json", text="json", action="store_true")
    listing.set_defaults(run=_list)


def _add(options: argparse.Namespace) -> int:
    from ..exports.archive.archive import add_exports

    added = add_exports(options.folder, options.exports, **export_options(options))
    if options.json:
        print_json({"folder": options.folder, "added": [asdict(result) for result in added]})
        return 0
    for result in added:
        _say_added(result, options.lang)
    print(word("cli.archive_kept", options.lang, folder=options.folder))
    return 0


def _say_added(result: "Added", lang: str) -> None:
    facts: dict[str, object] = {"files": ", ".join(result.files), "rows": result.rows, "entry": result.replaced_by}
    if result.as_of is not None:
        facts |= {"date": f"{result.as_of:%Y-%m-%d}", "source": word(f"cli.date_from_{result.as_of_source}", lang)}
    status = f"{result.status}_replaced" if result.replaced_by else result.status
    print(word(f"cli.archive_{status}", lang, **facts))
    if result.replaced:
        print(word("cli.archive_replaced", lang, entries=", ".join(result.replaced)))


def _list(options: argparse.Namespace) -> int:
    from ..exports.archive.archive import list_archive

    lang = options.lang
    listed, damages = list_archive(options.folder)
    if options.json:
        entries = listed.astype(object).where(listed.notna(), None).to_dict("records")
        print_json({"entries": entries, "damages": [str(damage) for damage in damages]})
        return 1 if damages else 0
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
    print("\n".join(aligned(lines)))
    if damages:
        tell("\n".join([word("cli.archive_damaged", lang), *(f"  {in_language(damage, lang)}" for damage in damages)]))
    return 1 if damages else 0
