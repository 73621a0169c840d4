"""The same content in two files: a copy is not read again, and one under another date is told."""

from collections.abc import Sequence
from pathlib import Path

from ..periods import FiscalCalendar
from .archive.entries import ArchiveEntry, digest
from .dating import date_in_name
from .receipt import Entry


def copies_of(files: Sequence[Path], calendar: FiscalCalendar) -> dict[Path, tuple[Path, bool]]:
    """Files with the content of another one.

    Parameters
    ----------
    files
        The files to look at; only those of one size are compared.
    calendar
        What a quarter in a name means.

    Returns
    -------
    dict
        File → the other one, and whether the names state two dates: then it may be an export of its own in which
        nothing has changed. Of several a file with a date in its name is the other one.
    """
    sizes: dict[int, list[Path]] = {}
    for path in files:
        sizes.setdefault(path.stat().st_size, []).append(path)
    found: dict[Path, tuple[Path, bool]] = {}
    for alike in (paths for paths in sizes.values() if len(paths) > 1):
        dates = {path: date_in_name(path.name, calendar) for path in alike}
        first: dict[str, Path] = {}
        for path in sorted(alike, key=lambda path: dates[path] is None):
            try:
                other = first.setdefault(digest(path), path)
            except OSError:  # Reading it will say so.
                continue
            if other is not path:
                found[path] = other, dates[path] not in (None, dates[other])
    return found


def copy_entry(file: str, other: str) -> Entry:
    """The line of the receipt for a file that is not read again."""
    entry = Entry(file, None)
    entry.issue("note", "copy", f"The file has the same content as '{other}': a copy, not read again.")
    return entry


def say_copy(entry: Entry, other: str) -> None:
    """Tell that two exports of two dates are the same."""
    message = (
        f"The file has the same content as '{other}', which is of another date: each was read as the export of its own date."
        " If it is a copy, remove it."
    )
    entry.issue("note", "copy", message)


def say_kept_twice(archived: Sequence[ArchiveEntry], entries: Sequence[Entry]) -> None:
    """Name the files that an archive keeps under two dates."""
    first: dict[str, tuple[str, ArchiveEntry]] = {}
    for kept in archived:
        for file in kept.files:
            name, other = first.setdefault(file.sha256, (file.name, kept))
            held = [entry for entry in entries if (entry.number, entry.file) == (kept.number, file.name)]
            if other.as_of != kept.as_of and held:
                say_copy(held[0], name)
