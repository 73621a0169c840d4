"""What lies in an archive: a folder per entry, each with originals, tables and one manifest; nothing is written here.

    ARCHIVE/archive.json                        says that the folder is an archive
    ARCHIVE/2026-09-30-0003-1a2b3c4d/           one export: its date, its number in order of adding, its content
        manifest.json                           files, dates, hashes, options
        originals/pipeline 2026-09-30.csv       byte for byte what was added
        snapshots.parquet, receipt.parquet, …   what was read from it

The originals are what a book is read from, so that a better reader or profile reads old exports better too; the
tables are for every other program.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from ...errors import ExportError

MARKER = "archive.json"
MANIFEST = "manifest.json"
ORIGINALS = "originals"
FORMAT = 1
_FOLDER = re.compile(r"\d{4}-\d\d-\d\d-(\d{4,})-[0-9a-f]{8}")
_MEND = "Put it back from a backup; or remove that folder and add the export again."


@dataclass(frozen=True)
class KeptTable:
    """One table of a kept file, as the receipt said when it was added."""

    member: str | None
    """The file inside, where the kept one is a zip archive."""
    sheet: str | None
    table: str
    profile: str | None
    rows: int
    as_of: pd.Timestamp | None
    as_of_source: str | None


@dataclass(frozen=True)
class KeptFile:
    """One original."""

    name: str
    """The name under which it was added, with what cannot be shown made visible."""
    path: Path
    sha256: str
    tables: tuple[KeptTable, ...]

    def table(self, member: str | None, sheet: str | None, kind: str) -> KeptTable | None:
        """What was read from a sheet when the file was added."""
        alike = [table for table in self.tables if (table.sheet, table.table) == (sheet, kind)]
        told = [table for table in alike if table.member == member]
        # Zip archives that were added before their files were told apart have tables without names.
        return told[0] if told else alike[0] if len(alike) == 1 else None


@dataclass(frozen=True)
class ArchiveEntry:
    """One export: the files of one date that were added together."""

    folder: Path
    number: int
    """Counts the entries in order of adding: of two with one date the higher one is newer."""
    as_of: pd.Timestamp
    as_of_source: str
    files: tuple[KeptFile, ...]
    contents: dict[str, str]
    """Every file of the entry but the manifest: name inside the folder → SHA-256."""
    profile: str | None
    """A built-in profile's key, or the path of the profile that was given; None where it was recognised."""
    methodology: str | None
    date_order: str | None
    sheet: str | None

    @property
    def holds_opportunities(self) -> bool:
        """Whether it is an export of opportunities and not only of what belongs to them."""
        return any(table.table == "opportunities" for file in self.files for table in file.tables)

    @property
    def digests(self) -> set[str]:
        """Hashes of its originals."""
        return {file.sha256 for file in self.files}


def digest(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()


def is_archive(folder: Path) -> bool:
    """Whether a folder is an archive.

    Raises
    ------
    ExportError
        If it is one that another version of this package has written, or its marker is damaged.
    """
    marker = folder / MARKER
    if not marker.is_file():
        return False
    try:
        stated = json.loads(marker.read_text(encoding="utf-8"))["funnel_analytics_archive"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        if not entry_folders(folder):
            return False
        raise ExportError(
            f"The archive {folder} is damaged: {MARKER} cannot be read. Put it back from a backup, or write this line"
            f' into it: {{"funnel_analytics_archive": {FORMAT}}}'
        ) from problem
    if stated != FORMAT:
        raise ExportError(
            f"The archive {folder} was written by another version of funnel-analytics (format {stated}; this version"
            f" reads {FORMAT}). Install the newest version."
        )
    return True


def entry_folders(folder: Path) -> list[Path]:
    """Folders of entries, by date and in order of adding; leftovers of an interrupted adding are none."""
    return sorted(path for path in folder.iterdir() if _FOLDER.fullmatch(path.name) and path.is_dir())


def entry_number(folder: Path) -> int:
    """The number that an entry's folder is named by."""
    match = _FOLDER.fullmatch(folder.name)
    return int(match[1]) if match else 0


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    # A manifest comes from a disk that others may write to: it must not lead out of its folder.
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(name)
    return path


def _date(text: str | None) -> pd.Timestamp | None:
    return None if text is None else pd.Timestamp(text)


def _option(folder: Path, value: str | None) -> str | None:
    return str(_inside(folder, value)) if value is not None and value.lower().endswith(".toml") else value


def _parse(folder: Path, data: Any) -> ArchiveEntry:
    files = tuple(
        KeptFile(
            str(file["name"]),
            _inside(folder, file["kept_as"]),
            str(file["sha256"]),
            tuple(
                KeptTable(
                    table.get("member"), table["sheet"], str(table["table"]), table["profile"], int(table["rows"]),
                    _date(table["as_of"]), table["as_of_source"],
                )
                for table in file["tables"]
            ),
        )
        for file in data["files"]
    )  # fmt: skip
    options = data["options"]
    return ArchiveEntry(
        folder, int(data["number"]), pd.Timestamp(data["as_of"]), str(data["as_of_source"]), files, dict(data["contents"]),
        _option(folder, options["profile"]), _option(folder, options["methodology"]),
        options["date_order"], options["sheet"],
    )  # fmt: skip


def read_entry(folder: Path) -> ArchiveEntry:
    """The entry in a folder, as its manifest says; `verify` looks at its files.

    Raises
    ------
    ExportError
        If the manifest is missing or damaged; names the entry.
    """
    manifest = folder / MANIFEST
    try:
        return _parse(folder, json.loads(manifest.read_text(encoding="utf-8")))
    except FileNotFoundError as problem:
        raise ExportError(f"The archive's entry {folder} is damaged: it has no {MANIFEST}. {_MEND}") from problem
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise ExportError(
            f"The archive's entry {folder} is damaged: its {MANIFEST} cannot be read. {_MEND}"
        ) from problem


def _damages(entry: ArchiveEntry) -> Iterator[str]:
    for name, stated in entry.contents.items():
        try:
            if digest(_inside(entry.folder, name)) != stated:
                yield f"{name} is not what was written"
        except FileNotFoundError:
            yield f"{name} is missing"
        except (OSError, ValueError):
            yield f"{name} cannot be read"
    listed = {_inside(entry.folder, name) for name in entry.contents}
    for file in entry.files:
        if file.path not in listed:
            yield f"{file.name} is not among its contents"


def verify(entry: ArchiveEntry) -> None:
    """Compare every file of an entry with the hash that was written when it was added.

    Raises
    ------
    ExportError
        If one is missing or differs; names the entry and the files.
    """
    found = list(_damages(entry))
    if found:
        raise ExportError(f"The archive's entry {entry.folder} is damaged: {'; '.join(found)}. {_MEND}")


def read_entries(folder: Path) -> list[ArchiveEntry]:
    """Every entry of an archive, by date and in order of adding.

    Raises
    ------
    ExportError
        If one is damaged, or there is none.
    """
    entries = [read_entry(path) for path in entry_folders(folder)]
    if not entries:
        raise ExportError(
            f'The archive {folder} holds no export yet. Add some: funnel-analytics archive add "{folder}" EXPORTS.'
        )
    return sorted(entries, key=lambda entry: (entry.as_of, entry.number))
