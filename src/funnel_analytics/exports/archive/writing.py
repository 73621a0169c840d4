"""One export written as an entry of an archive: originals, tables, the profile it needs, and the manifest."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath

from ...errors import ArgumentError, ExportError
from .durable import flush_folder, write_flushed
from .entries import FORMAT, MANIFEST, ORIGINALS, digest
from .names import safe_name
from .sources import Prepared, Source


@dataclass(frozen=True)
class Options:
    """What the caller said about reading the exports; it is kept with them."""

    profile: str | None
    methodology: str | None
    date_order: str | None
    sheet: str | None


def write_entry(folder: Path, number: int, export: Prepared, options: Options) -> str:
    """Everything of an entry into a folder; returns the name that the folder is to have.

    Raises
    ------
    ExportError
        If a file is no longer what was read.
    """
    (folder / ORIGINALS).mkdir(parents=True)
    contents = dict[str, str]()

    def put(name: str, content: bytes) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        write_flushed(folder / name, content)
        contents[name] = digest(folder / name)

    files, taken = [], set[str]()
    for source in export.sources:
        kept_as = f"{ORIGINALS}/{safe_name(source.path.name, taken)}"
        put(kept_as, source.path.read_bytes())
        if contents[kept_as] != source.sha256:
            raise ExportError(f"{source.name} was changed while it was being read. Nothing of it was added: try again.")
        files.append({"name": source.name, "kept_as": kept_as, "sha256": source.sha256, "tables": _lines(source)})
    for name, content in export.tables.items():
        put(name, content)
    kept_options = {
        "profile": _keep_profile(options.profile, put),
        "methodology": _keep_option(options.methodology, "methodology", put),
        "date_order": options.date_order, "sheet": options.sheet,
    }  # fmt: skip
    from ... import __version__

    manifest = {
        "format": FORMAT, "number": number, "as_of": f"{export.as_of:%Y-%m-%d}", "as_of_source": export.as_of_source,
        "written_by": f"funnel-analytics {__version__}", "files": files, "options": kept_options, "contents": contents,
    }  # fmt: skip
    write_flushed(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False).encode())
    for inside in [path for path in folder.iterdir() if path.is_dir()]:
        flush_folder(inside)
    flush_folder(folder)
    return f"{export.as_of:%Y-%m-%d}-{number:04d}-{export.sources[0].sha256[:8]}"


def _lines(source: Source) -> list[dict[str, object]]:
    lines = list[dict[str, object]]()
    for entry in source.entries:
        day = None if entry.as_of is None else f"{entry.as_of:%Y-%m-%d}"
        lines.append(
            {"member": entry.file.removeprefix(source.name)[1:] or None, "sheet": entry.sheet, "table": entry.table, "profile": entry.profile,
             "rows": entry.rows_in - entry.rows_set_aside, "as_of": day, "as_of_source": entry.as_of_source}
        )  # fmt: skip
    return lines


def _keep_option(value: str | None, name: str, put: Callable[[str, bytes], None]) -> str | None:
    """A TOML file of the caller's is kept with the export; a built-in profile or methodology by its key."""
    if value is None or not value.lower().endswith(".toml"):
        return value
    # Its own name stays: a file that states no key goes by its name.
    kept_as = f"{name}/{safe_name(Path(value).name, set())}"
    put(kept_as, Path(value).expanduser().read_bytes())
    return kept_as


def _keep_profile(value: str | None, put: Callable[[str, bytes], None]) -> str | None:
    kept_as = _keep_option(value, "profile", put)
    if value is None or kept_as == value:
        return kept_as
    named = tomllib.loads(Path(value).read_text(encoding="utf-8-sig")).get("methodology")
    if str(named).lower().endswith(".toml"):
        if PurePath(str(named)).name != named:
            raise ArgumentError(
                f"{value} names a methodology in another folder ({named}), which would not be found in the archive. Put"
                " it into the profile's folder, or give it with methodology= (on the command line --methodology)."
            )
        put(f"profile/{named}", (Path(value).parent / str(named)).read_bytes())
    return kept_as
