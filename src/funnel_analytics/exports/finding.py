"""Paths → files: a folder, a pattern, a file, an archive or several of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from ..errors import ExportError
from .archive.entries import ArchiveEntry, is_archive, read_entries

READABLE = (".csv", ".tsv", ".txt", ".gz", ".zip", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
Paths = str | PathLike[str] | Sequence[str | PathLike[str]]


@dataclass(frozen=True)
class Found:
    """Files to read, and what else lies in the same folders."""

    files: tuple[tuple[Path, bool], ...]
    """(file, whether it was named itself: then it must hold a table)."""
    others: tuple[Path, ...]
    archived: tuple[ArchiveEntry, ...] = ()
    """Exports kept in archives."""

    def label(self, path: Path) -> str:
        """What a file is called in the receipt: with its folder, where another file has its name."""
        again = sum(other.name == path.name for other, _ in self.files) > 1
        return f"{path.parent.name}/{path.name}" if again else path.name

    @property
    def kept_options(self) -> tuple[str | None, str | None]:
        """Profile and methodology of the newest archived export that was added with one."""
        newest = self.archived[::-1]
        profile = next((entry.profile for entry in newest if entry.profile), None)
        return profile, next((entry.methodology for entry in newest if entry.methodology), None)


def _in_folder(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith((".", "~$")))


def _holds_exports(path: Path) -> bool:
    """Whether it is a folder with something to read in it."""
    if not path.is_dir() or path.name.startswith("."):
        return False
    return is_archive(path) or any(file.suffix.lower() in READABLE for file in _in_folder(path))


def _matching(pattern: Path) -> list[Path]:
    base = Path(pattern.anchor)
    return sorted(base.glob(str(pattern.relative_to(pattern.anchor)))) if pattern.name else []


def find_files(paths: Paths) -> Found:
    """The files that paths stand for, in the order given and by name inside a folder.

    Raises
    ------
    ExportError
        If there is nothing at a path, or nothing to read in a folder.
    """
    given = [paths] if isinstance(paths, str | PathLike) else list(paths)
    if not given:
        raise ExportError("No export was given. Give a folder, a file or a pattern such as exports/*.xlsx.")
    files: dict[Path, bool] = {}
    others: list[Path] = []
    archived: dict[Path, ArchiveEntry] = {}
    for item in given:
        path = Path(item).expanduser()
        if path.is_dir() and is_archive(path):
            archived |= {entry.folder: entry for entry in read_entries(path)}
        elif path.is_dir():
            inside = _in_folder(path)
            readable = [file for file in inside if file.suffix.lower() in READABLE]
            if not readable:
                raise ExportError(_empty_folder(path))
            files |= {file: files.get(file, False) for file in readable}
            others += [file for file in inside if file not in readable]
            others += [inner for inner in sorted(path.iterdir()) if _holds_exports(inner)]
        elif path.is_file():
            files[path] = True
        elif matches := _matching(path):
            files |= {match: files.get(match, False) for match in matches if match.is_file()}
        else:
            raise ExportError(_missing(path))
    return Found(tuple(files.items()), tuple(others), tuple(archived.values()))


def _missing(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no file {path}: the folder {folder} does not exist. Check the path."
    from difflib import get_close_matches

    close = get_close_matches(path.name, [other.name for other in _in_folder(folder)], n=1, cutoff=0.6)
    guess = f" Did you mean '{close[0]}'?" if close else ""
    return (
        f"There is no file {path}.{guess} Check the path; a folder or a pattern such as exports/*.xlsx is accepted too."
    )


def _empty_folder(folder: Path) -> str:
    inside = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    hint = f" It holds the folders {', '.join(inside[:10])}: give one of them." if inside else ""
    return f"The folder {folder} holds no export. Accepted: {', '.join(READABLE)}.{hint}"
