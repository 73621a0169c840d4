"""Files appear whole or not at all: written beside their target, flushed to the disk, then moved into place."""

import io
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .errors import OutputError

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_CONTAINERS = (".xlsx", ".pptx")
_MODE = 0o644


def refuse_existing(paths: list[Path], *, force: bool) -> None:
    """Stop before any work where a file must not, or cannot, be replaced.

    Parameters
    ----------
    paths
        The files to be written.
    force
        Replace files that are there.

    Raises
    ------
    OutputError
        If one exists and ``force`` is not given, or is held open by another program; says what to do.
    """
    existing = [path for path in paths if path.exists() or path.is_symlink()]
    if existing and not force:
        raise OutputError(
            f"{', '.join(str(path) for path in existing)} exists already and is kept. Give another name or folder,"
            " or replace it: force=True (on the command line --force)."
        )
    for path in existing:
        if path.is_dir():
            raise OutputError(f"{path} is a folder. Give the name of a file.")
        try:
            path.open("r+b").close()
        except OSError as problem:
            raise OutputError(
                f"{path} cannot be replaced ({problem.strerror}). If it is open in another program, close it there."
            ) from problem


def _temporary(path: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner can read; a review is meant to be passed on.
        temporary.chmod(_MODE)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def write_whole(contents: Mapping[Path, bytes], *, force: bool = False) -> list[Path]:
    """Write several files so that none is ever half-written; all are on the disk before the first is moved.

    Parameters
    ----------
    contents
        Bytes by path; missing folders are made.
    force
        Replace files that are there.

    Returns
    -------
    list of Path
        The paths, in the order given.

    Raises
    ------
    OutputError
        If a file exists and ``force`` is not given, or if the folder cannot be written.
    """
    paths = list(contents)
    refuse_existing(paths, force=force)
    waiting: list[tuple[Path, Path]] = []
    place = paths[0] if paths else Path()
    try:
        for path, content in contents.items():
            place = path
            path.parent.mkdir(parents=True, exist_ok=True)
            waiting.append((_temporary(path, content), path))
        refuse_existing(paths, force=force)
        for temporary, path in waiting:
            place = path
            temporary.replace(path)
    except OSError as problem:
        raise OutputError(
            f"{place} cannot be written ({problem.strerror}). Choose a folder that you may write to and that has room."
        ) from problem
    finally:
        for temporary, _ in waiting:
            temporary.unlink(missing_ok=True)
    return paths


def steady(content: bytes, moment: pd.Timestamp) -> bytes:
    """An Office file whose dates are all one given moment, so that the same content gives the same bytes.

    Parameters
    ----------
    content
        Bytes of a .pptx or .xlsx; workbooks embedded in it are treated the same.
    moment
        The date to state as created and modified.

    Returns
    -------
    bytes
    """
    stated = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as result:
        for name in source.namelist():
            part = source.read(name)
            if name == "docProps/core.xml":
                part = _STAMP.sub(rb"\g<1>" + stated, part)
            elif name.endswith(_CONTAINERS):
                part = steady(part, moment)
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            result.writestr(entry, part)
    return target.getvalue()
