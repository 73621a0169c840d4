"""The files in a zip archive, unpacked in memory and within limits: nothing is written to the disk."""

import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

from ...errors import ExportError

_MOST_FILES = 1000
_LARGEST = 2 * 1024**3
_UTF8_NAME = 0x800
_ENCRYPTED = 0x1


def packed_files(content: bytes, name: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file in a zip archive, without folders and what file managers leave behind.

    Parameters
    ----------
    content
        The archive's bytes.
    name
        Its name, for messages.

    Raises
    ------
    ExportError
        If it is damaged, protected by a password, holds two files under one name, or unpacks to more than 2 GB.
    """
    left = _LARGEST
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > _MOST_FILES:
                raise ExportError(f"'{name}' holds {len(members):,} files. Pack only the exports.")
            if any(member.flag_bits & _ENCRYPTED for member in members):
                raise ExportError(f"'{name}' is protected by a password (encrypted zip). Unpack it first.")
            twice = [path for path, count in Counter(map(_member_name, members)).items() if count > 1]
            if twice:
                raise ExportError(
                    f"'{name}' holds the file '{twice[0]}' twice (a duplicate), so it is not clear which one counts."
                    " Pack the exports again."
                )
            for member in members:
                path = _member_name(member)
                if path.startswith("__MACOSX/") or path.rsplit("/", 1)[-1].startswith((".", "~$")):
                    continue
                with archive.open(member) as stream:
                    # What the directory states as size is not trusted.
                    data = stream.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise ExportError(f"'{name}' unpacks to more than 2 GB. Pack only the exports.")
                yield path, data
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        raise ExportError(
            f"'{name}' is a damaged or incomplete zip archive. Download it again, or unpack it and read its files."
        ) from error


def _member_name(member: zipfile.ZipInfo) -> str:
    """The name as it was written: Chinese Windows packs names in GBK and does not say so."""
    path = member.filename.replace("\\", "/")
    if member.flag_bits & _UTF8_NAME or path.isascii():
        return path
    try:
        return path.encode("cp437").decode("gb18030")
    except UnicodeError:
        return path
