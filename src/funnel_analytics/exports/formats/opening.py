"""From a file's bytes to sheets of cells, everything as text.

The content decides what a file is, never its name: CRMs write tab-separated text into files called .xls.
A further format is one more line in `_recognise` and one function.
"""

import gzip
import re
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from ...errors import ExportError
from .bundles import packed_files
from .cells import Sheet
from .encodings import utf16_pattern
from .markup import read_html, read_web_archive, read_xml_spreadsheet
from .text_files import read_text
from .workbooks import read_workbook

__all__ = ["Sheet", "read_sheets"]

_LARGEST = 2 * 1024**3
_BLANKS = b"\x00 \t\r\n,;|\xef\xbb\xbf\xfe\xff"
"""Nothing to read: blanks, and the marks of encodings."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_NAMES = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
_OTHER_KINDS = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\x04\x22\x4d\x18", "an lz4 archive"),
    (b"\x1f\x9d", "an archive of Unix compress (.Z)"),
    (b"{\\rtf", "an RTF document"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_ACCEPTED = (
    "Excel workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), text tables (.csv, .tsv, .txt) and tables in HTML or XML"
    " can be read, also packed as .zip or .gz"
)
_MARKUP = {"html": read_html, "xml_spreadsheet": read_xml_spreadsheet, "web_archive": read_web_archive}


def read_sheets(path: Path) -> list[Sheet]:
    r"""Every sheet of a file, recognised by its content and not by its name.

    Parameters
    ----------
    path
        A workbook (xlsx, xlsm, xlsb, xls, ods), a text table (csv, tsv, txt), a table in HTML or XML, or a zip
        archive of such files; also gzip-compressed.

    Returns
    -------
    list of Sheet
        In the order of the workbook, hidden ones included and marked; text files have one. Those of a zip archive
        are called ``archive.zip/file``.

    Raises
    ------
    ExportError
        If the file is missing, empty, protected by a password, damaged, or no table at all.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "deals.csv"
    ...     _ = path.write_text("id;amount\n007;1.200,50", encoding="utf-8")
    ...     sheet = read_sheets(path)[0]
    >>> sheet.cells.values.tolist(), sheet.notes
    ([['id', 'amount'], ['007', '1.200,50']], ('encoding utf-8', 'delimiter ;'))
    """
    path = Path(path)
    try:
        content, notes = _content(path)
        return _noted(_sheets(content, path.name), *notes)
    except MemoryError:
        raise ExportError(
            f"'{path.name}' needs more memory than this machine has free. Export fewer columns or a shorter time span."
        ) from None


def _noted(sheets: list[Sheet], *notes: str) -> list[Sheet]:
    return [replace(sheet, notes=(*notes, *sheet.notes)) for sheet in sheets] if notes else sheets


def _sheets(content: bytes, name: str, *, packed: bool = False) -> list[Sheet]:
    kind, detail = _recognise(content)
    if kind == "text":
        sheets = [read_text(content, name)]
        if name.lower().endswith(_WORKBOOK_NAMES) and sheets[0].cells.shape[1] < 2:
            raise ExportError(
                f"'{name}' is not a workbook although its name says so: it holds plain text without columns, "
                "perhaps the message of a failed download. Get the file from its source again."
            )
        return sheets
    if kind == "workbook":
        return read_workbook(content, name, detail)
    if kind in _MARKUP:
        return _MARKUP[kind](content, name)
    if kind == "zip" and not packed:
        return _packed_sheets(content, name)
    if kind == "zip":
        detail = "a zip archive inside a zip archive. Unpack it and read the files that are in it."
    raise ExportError(f"'{name}' is {detail}")


def _packed_sheets(content: bytes, name: str) -> list[Sheet]:
    """The sheets of every file in a zip archive; a file that is no table is named in the notes of the first one."""
    sheets: list[Sheet] = []
    others: list[str] = []
    for member, data in packed_files(content, name):
        try:
            sheets += _sheets(data, f"{name}/{member}", packed=True)
        except ExportError as problem:
            others.append(str(problem))
    if not sheets:
        listed = " ".join(others[:3]) or "It is empty."
        raise ExportError(f"'{name}' is a zip archive without a table in it. {listed}")
    return [*_noted(sheets[:1], *(f"not read: {problem}" for problem in others)), *sheets[1:]]


def _content(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """The file's bytes, unpacked where it is gzip-compressed, and a note about that."""
    if path.is_dir():
        raise ExportError(f"'{path}' is a folder, not a file. Name a file in it, or read the folder as a whole.")
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise ExportError(f"'{path.name}' is larger than 2 GB. Export fewer columns or a shorter time span.")
        content = path.read_bytes()
    except FileNotFoundError:
        raise ExportError(f"'{path}' does not exist. Check the spelling and the folder.") from None
    except OSError as error:
        raise ExportError(
            f"'{path}' cannot be opened: {error.strerror}. If it is open in Excel, close it and try again."
        ) from error
    if content[:2] == b"\x1f\x8b":
        return _gunzip(content, path.name), ("gzip-compressed file unpacked",)
    if not (content[:4096].strip(_BLANKS) or content.strip(_BLANKS)):
        raise ExportError(f"'{path.name}' is empty ({size} bytes, no data). Export it again.")
    return content, ()


def _gunzip(content: bytes, name: str) -> bytes:
    pieces, size = [], 0
    try:
        with gzip.open(BytesIO(content)) as stream:
            while size <= _LARGEST and (piece := stream.read(1 << 20)):
                pieces.append(piece)
                size += len(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise ExportError(
            f"'{name}' is a gzip-compressed file that is damaged or incomplete. Copy or export it again."
        ) from error
    if size > _LARGEST:
        raise ExportError(f"'{name}' unpacks to more than 2 GB. Export fewer columns or a shorter time span.")
    unpacked = b"".join(pieces)
    if not unpacked.strip(_BLANKS):
        raise ExportError(f"'{name}' is a gzip-compressed file that is empty (no data). Export it again.")
    return unpacked


def _recognise(content: bytes) -> tuple[str, str]:
    """``("text", "")``, ``("workbook", kind)`` or ``("refused", the rest of a sentence)``."""
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return _recognise_zip(content)
    if content.startswith(_OLE):
        return _recognise_ole(content)
    kind = next((name for magic, name in _OTHER_KINDS if content[:64].lstrip().startswith(magic)), None)
    kind = "a tar archive" if content[257:262] == b"ustar" else kind
    if kind is not None:
        return "refused", f"{kind}, not an Excel workbook or a text table. {_ACCEPTED}."
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    save_as = "not supported: open it in Excel and save it as .xlsx."
    if markup := _recognise_markup(start):
        return markup, ""
    if b"urn:oasis:names:tc:opendocument" in start:
        return "refused", "a flat OpenDocument file (.fods). Open it in LibreOffice and save it as .xlsx."
    if start.startswith(b"<?xml"):
        return (
            "refused",
            f"an XML file without a table that is known, not an Excel workbook or a text table. {_ACCEPTED}.",
        )
    if re.match(rb"\[\s*\{|\{\s*\"", start):
        return "refused", f"a JSON file, not an Excel workbook or a text table. {_ACCEPTED}."
    # Their first byte is that of a tab: not to be looked for behind blanks.
    if content.startswith((b"\x09\x08", b"\x09\x04", b"\x09\x02")):
        return "refused", f"a workbook of Excel 4 or older, {save_as}"
    return _recognise_text(content)


def _recognise_markup(start: bytes) -> str | None:
    """The kind of a table written in HTML or XML; the start comes in lower case, UTF-16 without its NULs."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\x00", b"").lstrip()
    if (
        start.startswith((b"<?xml", b"<workbook", b"<ss:workbook"))
        and b"urn:schemas-microsoft-com:office:spreadsheet" in start
    ):
        # A web page that Excel wrote names the same schemas.
        return "html" if b"<html" in start else "xml_spreadsheet"
    if re.match(rb"(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|table|meta|head|body|style|div|center|form|span|font|b>)", start, re.DOTALL):  # fmt: skip
        return "html"
    return "web_archive" if re.match(rb"(?:mime-version:|from:|content-type: multipart/related)", start) else None


def _recognise_zip(content: bytes) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            names = set(package.namelist())
            mimetype = package.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError):
        return "refused", "a damaged or incomplete zip file (workbooks are zip files). Download or export it again."
    lowered = {name.lower().replace("\\", "/").lstrip("/") for name in names}
    if any(name.endswith("workbook.bin") for name in lowered):
        return "workbook", "xlsb"
    if b"opendocument.spreadsheet" in mimetype:
        return "workbook", "ods"
    if b"opendocument" in mimetype:
        return "refused", f"an OpenDocument text or presentation, not a spreadsheet. {_ACCEPTED}."
    if any(name.endswith(".iwa") for name in lowered):
        return "refused", "a document of Apple Numbers, Pages or Keynote. Open it there and export it as .xlsx or CSV."
    if any(name.startswith("word/") for name in lowered):
        return "refused", f"a Word document, not an Excel workbook. {_ACCEPTED}."
    if any(name.startswith("ppt/") for name in lowered):
        return "refused", f"a PowerPoint presentation, not an Excel workbook. {_ACCEPTED}."
    if "[content_types].xml" in lowered or any(name.endswith("workbook.xml") for name in lowered):
        return "workbook", "xlsx"
    return "zip", ""


def _recognise_ole(content: bytes) -> tuple[str, str]:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in content

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        return (
            "refused",
            "protected by a password (encrypted). Open it in Excel, remove the password under File > Info, save it.",
        )
    if holds("WordDocument"):
        return "refused", f"a Word document, not an Excel workbook. {_ACCEPTED}."
    if holds("PowerPoint Document"):
        return "refused", f"a PowerPoint presentation, not an Excel workbook. {_ACCEPTED}."
    return "workbook", "xls"


def _recognise_text(content: bytes) -> tuple[str, str]:
    """Text unless control characters say otherwise; not NUL, of which UTF-16 is full, nor those that part fields."""
    sample = content[:65536]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")) or utf16_pattern(content):
        return "text", ""
    control = sum(sample.count(bytes([code])) for code in (*range(2, 9), *range(14, 27), 28, 29, 30))
    if control > max(3, len(sample) // 50):
        return "refused", f"of an unknown kind, not an Excel workbook or a text table. {_ACCEPTED}."
    return "text", ""
