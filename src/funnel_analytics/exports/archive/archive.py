"""An archive: dated exports kept in a folder, so that exports become history.

`add_exports` keeps them; `read_exports` reads an archive like any folder; `archive_entries` says what lies where.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import pandas as pd

from ... import tables
from ...arguments import day_asked
from ...errors import ExportError, OutputError
from ..finding import Paths
from ..profiles.profile import load_profile
from ..reading import rules_for
from .durable import flush_folder, locked, write_flushed
from .entries import (
    FORMAT,
    MARKER,
    ArchiveEntry,
    entry_folders,
    entry_number,
    is_archive,
    read_entries,
    read_entry,
    verify,
)
from .sources import Prepared, Source, by_date, give_dates, open_sources, prepare
from .writing import Options, write_entry

_LOCK = ".lock"
_UNFINISHED = ".adding-"


@dataclass(frozen=True)
class Added:
    """What became of the files of one date, or of a file that is no export."""

    files: tuple[str, ...]
    status: str
    """added, present (the archive had them: nothing changed) or skipped (no table was recognised)."""
    as_of: pd.Timestamp | None = None
    as_of_source: str | None = None
    rows: int = 0
    replaced: tuple[str, ...] = ()
    """Folders of entries of the same date that are kept and no longer taken."""
    replaced_by: str | None = None
    """Folder of the entry of the same date that is taken instead."""


def add_exports(
    folder: str | PathLike[str],
    paths: Paths,
    *,
    profile: str | PathLike[str] | None = None,
    methodology: str | PathLike[str] | None = None,
    as_of: pd.Timestamp | str | None = None,
    date_order: str | None = None,
    fiscal_start: int | None = None,
    sheet: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Added]:
    r"""Keep exports in an archive: their bytes, what was read from them, and the receipt.

    Files of one date that are added together are one export. An export is kept whole or not at all, also when the
    machine stops in the middle or two processes add at once. What the archive has already is not added again; of
    two exports of one date both are kept and the one added later is taken.

    Parameters
    ----------
    folder
        The archive; made where it is missing. It must not hold other files.
    paths
        Exports, as `read_exports` takes them.
    profile, methodology, date_order, fiscal_start, sheet
        As in `read_exports`. Profile, methodology, date order and sheet are kept with the export and hold whenever
        the archive is read.
    as_of
        The date of exports that state none in the report or the file name; for a single file it also overrules the
        date that it states. Files without opportunities belong to the newest export that is added with them.
    progress
        Called with each file's name before it is read.

    Returns
    -------
    list of Added
        One per date, oldest first, then the files of a folder that hold nothing recognised.

    Raises
    ------
    ExportError
        If a file cannot be read, or an entry of the archive is damaged.
    ArgumentError
        If the date of an export is not known.
    OutputError
        If the archive cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from funnel_analytics.exports.reading import read_exports
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pipeline 2026-09-30.csv")
    ...     _ = file.write_text("Opportunity ID,Account Name,Stage,Amount,Close Date\nA1,Acme,Proof,5,2026-12-01\n")
    ...     archive = Path(folder, "archive")
    ...     statuses = [add_exports(archive, file)[0].status for _ in range(2)]
    ...     book = read_exports(archive)
    >>> statuses, book.opportunities["stage"].tolist()
    (['added', 'present'], ['Proof'])
    """
    target = Path(folder).expanduser()
    _refuse_other_folder(target)
    options = Options(_text(profile), _text(methodology), date_order, sheet)
    chosen = load_profile(options.profile) if options.profile else None
    rules, method = rules_for(chosen, options.methodology, date_order, fiscal_start, sheet)
    sources, skipped = open_sources(paths, rules, progress)
    sources, copies = _without_copies(target, sources) if as_of is None else (sources, [])
    give_dates(sources, None if as_of is None else day_asked(as_of, "as_of"))
    prepared = [prepare(group, method, rules) for group in by_date(sources)]
    try:
        target.mkdir(parents=True, exist_ok=True)
        with locked(target / _LOCK):
            _refuse_other_folder(target)
            _clear_unfinished(target)
            _mark(target)
            results = [_keep(target, export, options) for export in prepared]
    except OSError as problem:
        raise OutputError(
            f"The archive {target} cannot be written ({problem.strerror or problem}). Nothing is half-written. Choose a"
            " folder that you may write to and that has room, and add the exports again."
        ) from problem
    return [*results, *copies, *(Added((name,), "skipped") for name in skipped)]


def list_archive(folder: str | PathLike[str]) -> tuple[pd.DataFrame, list[str]]:
    r"""What an archive holds, every file compared with its hash.

    Parameters
    ----------
    folder
        The archive.

    Returns
    -------
    frame : DataFrame
        `tables.ARCHIVE`, by date and in order of adding.
    damages : list of str
        A sentence for every entry that is damaged; those are not in the frame if their manifest cannot be read.

    Raises
    ------
    ExportError
        If the folder is no archive.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import funnel_analytics as fa
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pipeline 2026-09-30.csv")
    ...     _ = file.write_text("Opportunity ID,Account Name,Stage,Amount,Close Date\nA1,Acme,Proof,5,2026-12-01\n")
    ...     _ = add_exports(Path(folder, "archive"), file)
    ...     listed, damages = list_archive(Path(folder, "archive"))
    >>> listed["file"].tolist(), listed["as_of_source"].tolist(), damages
    (['pipeline 2026-09-30.csv'], ['file_name'], [])
    """
    target = Path(folder).expanduser()
    if not target.is_dir() or not is_archive(target):
        raise ExportError(f'{target} is not an archive. Make one: funnel-analytics archive add "{target}" EXPORTS.')
    entries, damages = [], []
    for path in entry_folders(target):
        try:
            entries.append(read_entry(path))
            verify(entries[-1])
        except ExportError as problem:
            damages.append(str(problem))
    rows = [
        {
            "as_of": table.as_of if table.as_of is not None else entry.as_of,
            "as_of_source": table.as_of_source, "file": f"{file.name}/{table.member}" if table.member else file.name, "sheet": table.sheet, "table": table.table,
            "rows_kept": table.rows, "profile": table.profile, "sha256": file.sha256, "entry": entry.folder.name,
            "replaced": table.table == "opportunities" and _newest_of(entries, entry) is not entry,
        }
        for entry in entries for file in entry.files for table in file.tables if table.table != "ignored"
    ]  # fmt: skip
    return tables.conform(pd.DataFrame(rows), tables.ARCHIVE), damages


def _newest_of(entries: list[ArchiveEntry], entry: ArchiveEntry) -> ArchiveEntry:
    """The entry that is taken for an entry's date."""
    rivals = [other for other in entries if other.as_of == entry.as_of and other.holds_opportunities]
    return max(rivals, key=lambda other: other.number, default=entry)


def _text(value: str | PathLike[str] | None) -> str | None:
    return None if value is None else str(value)


def _refuse_other_folder(target: Path) -> None:
    """An archive starts in a folder of its own, so that no folder of exports is taken for one by mistake."""
    if target.exists() and not target.is_dir():
        raise OutputError(f"{target} is a file. Give a folder for the archive.")
    if not target.is_dir() or is_archive(target):
        return
    others = sorted(path.name for path in target.iterdir() if not path.name.startswith("."))
    if others:
        listed = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        raise OutputError(
            f"{target} is not an archive and holds other files ({listed}). Give an empty or new folder first, then the"
            " exports: funnel-analytics archive add ARCHIVE EXPORTS."
        )


def _clear_unfinished(target: Path) -> None:
    """What an interrupted adding left behind; nobody else adds while the lock is held."""
    for path in target.iterdir():
        if path.name.startswith(_UNFINISHED):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _mark(target: Path) -> None:
    if not (target / MARKER).exists():
        part = target / f"{_UNFINISHED}{MARKER}"
        write_flushed(part, json.dumps({"funnel_analytics_archive": FORMAT}).encode())
        part.replace(target / MARKER)
        flush_folder(target)


def _without_copies(target: Path, sources: list[Source]) -> tuple[list[Source], list[Added]]:
    """The sources without those that state no date and that the archive has under another name: these change nothing."""
    entries = read_entries(target) if target.is_dir() and is_archive(target) and entry_folders(target) else []
    held = {content: entry for entry in entries for content in entry.digests}
    known = [source for source in sources if source.sha256 in held and not source.is_dated]
    if any(source.opportunities for source in sources if source not in known):
        # What stands beside a new export belongs to it.
        known = [source for source in known if source.opportunities]
    copies = []
    for source in known:
        held_entry = held[source.sha256]
        taken = _newest_of(entries, held_entry) if source.opportunities else held_entry
        by = None if taken is held_entry else taken.folder.name
        rows = sum(entry.rows_in - entry.rows_set_aside for entry in source.entries if entry.table != "ignored")
        copies.append(Added((source.name,), "present", held_entry.as_of, held_entry.as_of_source, rows, replaced_by=by))
    return [source for source in sources if source not in known], copies


def _keep(target: Path, export: Prepared, options: Options) -> Added:
    """One export into the archive, unless it is there."""
    entries = read_entries(target) if entry_folders(target) else []
    same_date = [entry for entry in entries if entry.as_of == export.as_of]
    held = next((entry for entry in same_date[::-1] if export.digests <= entry.digests), None)
    facts = (export.names, export.as_of, export.as_of_source, export.rows)
    if held is not None:
        taken = _newest_of(entries, held) if export.with_opportunities else held
        by = None if taken is held else taken.folder.name
        return Added(facts[0], "present", *facts[1:], replaced_by=by)
    number = max(map(entry_number, entry_folders(target)), default=0) + 1
    unfinished = target / f"{_UNFINISHED}{number:04d}"
    try:
        name = write_entry(unfinished, number, export, options)
        # The one moment in which the export comes into being.
        unfinished.replace(target / name)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    flush_folder(target)
    replaced = tuple(entry.folder.name for entry in same_date if entry.holds_opportunities)
    return Added(facts[0], "added", *facts[1:], replaced=replaced if export.with_opportunities else ())
