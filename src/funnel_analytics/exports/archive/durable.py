"""Writing that survives a crash and a second writer: flushed files, flushed folders, one writer at a time."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import OutputError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE = 0.05


def write_flushed(path: Path, content: bytes) -> None:
    """Write a new file and wait until the disk has it."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Wait until the disk has the folder's list of names; Windows does this by itself."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _try_lock(handle: int) -> None:
    if sys.platform == "win32":
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def locked(path: Path, *, patience: float = 120.0) -> Iterator[None]:
    """Hold the lock that a file stands for; wait while another process holds it.

    The operating system holds the lock and frees it when its process ends, however that happens: a lock is never
    left behind. The file itself stays.

    Parameters
    ----------
    path
        The lock file; made where it is missing.
    patience
        Seconds to wait.

    Raises
    ------
    OutputError
        If another process still holds it then.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        started = time.monotonic()
        while True:
            try:
                _try_lock(handle)
                break
            except (BlockingIOError, PermissionError) as problem:
                if time.monotonic() - started > patience:
                    raise OutputError(
                        f"{path.parent} is being written by another process; after {patience:.0f} seconds it had not"
                        " finished. Nothing was written: try again when it is done."
                    ) from problem
                time.sleep(_PAUSE)
        yield
    finally:
        # Closing frees the lock on every system.
        os.close(handle)
