"""From bytes to text: the encoding is proven where it can be, chosen by a score where it cannot, and reported."""

from collections.abc import Iterable
from unicodedata import category

from ...errors import ExportError
from .legacy_encodings import Guess, fits, guess, korean, nearly_chinese
from .seven_bit import seven_bit

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_CHINESE = ("gb18030", "cp950", "big5hkscs")
_LISTED = 5
_PAIRS = 2
_NO_NAME = b"\xff\xfe"  # ÿ and þ, which in Windows-1252 hardly a name has; erased flash memory is full of 0xFF
_ASCII = bytes(range(128))
_BEYOND = bytes(range(128, 256))
_BY_ACCIDENT = 24
"""Bytes beyond ASCII, eight Chinese characters in UTF-8."""


def decode(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """Text of a file's bytes, and how it was read, as phrases.

    A mark at the start decides; then the pattern of UTF-16; then the marks of encodings that write everything in
    ASCII (`seven_bit`); then UTF-8, which cannot fit by accident;
    then the encoding of before Unicode that fits best (`legacy_encodings`). A file of which only some lines are UTF-8
    is read line by line.

    Raises
    ------
    ExportError
        If the bytes fit none of these.

    Examples
    --------
    >>> decode("客户名称,金额".encode("gbk"), "x.csv")
    ('客户名称,金额', ('encoding gb18030',))
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return _marked(content, encoding, file)
    wide = utf16_pattern(content)
    if wide:
        return content.decode(wide, "replace"), (f"encoding {wide}",)
    if seven := seven_bit(content):
        return content.decode(seven), (f"encoding {seven}",)
    try:
        return content.decode("utf-8"), ("encoding utf-8",)
    except UnicodeDecodeError as problem:
        whole = content[: problem.start]
        cut_short = problem.end == len(content) and 0xC2 <= content[problem.start] <= 0xF4
        if cut_short and not whole.isascii():
            cut = "the file ends inside a character: its last line is not complete, export it again"
            return whole.decode("utf-8") + "\ufffd", ("encoding utf-8", cut)
        return _not_utf8(content, file)


def _marked(content: bytes, encoding: str, file: str) -> tuple[str, tuple[str, ...]]:
    try:
        return content.decode(encoding), (f"encoding {encoding.removesuffix('-sig')}",)
    except UnicodeDecodeError:
        if encoding == "utf-8-sig":
            text, notes = _not_utf8(content[3:], file)
            return text, notes
        return content.decode(encoding, "replace"), (
            f"encoding {encoding}, with damaged characters shown as \N{REPLACEMENT CHARACTER}",
        )


def utf16_pattern(content: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Western text is NUL, and of other text that of each line end."""
    sample = content[:4096]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    for name, held, other in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if held > half * 0.3 and other < half * 0.05:
            return name
        text = sample[: 2 * half].decode(name, "ignore") if held > max(half * 0.05, 2 * other) else ""
        kinds = {category(mark) for mark in set(text) - set("\t\r\n")}
        if len(text) >= half - 1 and "\n" in text and not kinds & {"Cc", "Cn", "Co", "Cs"}:
            return name
    return None


def _not_utf8(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    if b"\xed" in content and fits(content, "utf-8", "surrogatepass"):
        halves = content.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace"), ("encoding utf-8, with characters in two halves (CESU-8)",)
    lines = content.split(b"\n")
    bad = [number for number, line in enumerate(lines) if not line.isascii() and not fits(line, "utf-8")]
    good = sum(1 for line in lines if not line.isascii()) - len(bad)
    # In a GBK or Big5 file a line fits UTF-8 only by accident; a fifth of the lines never does, nor a line of many characters.
    if good >= 1 and (good >= (good + len(bad)) * 0.2 or _any_long(lines)):
        foreign = [number for number in bad if not _few_bytes_wrong(lines[number].decode("utf-8", "replace"))]
        return _line_by_line(lines, bad, foreign)
    best = guess(content)
    if best is not None and best.encoding == "cp1252" and _rather_utf8(content):
        return _line_by_line(lines, bad, [])
    settled = best is not None and (best.encoding in _CHINESE or korean(content, best.encoding))
    if not settled and (chinese := nearly_chinese(content)):
        texts = [line.decode(chinese, "replace") for line in lines]
        damaged = [number for number, text in enumerate(texts) if "\ufffd" in text]
        said = f"bytes that fit no character (encoding) became \ufffd in {_where(damaged)}"
        return content.decode(chinese, "replace"), (f"encoding {chinese}", said)
    if best is None:
        decoded = [line.decode("utf-8", "replace") for line in lines]
        if sum(line.count("\ufffd") for line in decoded) > max(20, len(content) // 50):
            raise ExportError(
                f"The characters of '{file}' fit no known encoding (tried utf-8, utf-16 and those of before Unicode). "
                "Open it where it displays correctly and save it as 'CSV UTF-8'."
            )
        return "\n".join(decoded), (f"encoding utf-8, but {_where(bad)}: bytes that fit no character became \ufffd",)
    return content.decode(best.encoding), (f"encoding {best.encoding}{_doubt(best)}",)


def _line_by_line(lines: list[bytes], bad: list[int], foreign: list[int]) -> tuple[str, tuple[str, ...]]:
    """UTF-8 where it fits; the best other encoding in foreign lines; else a replacement mark for single bad bytes."""
    texts = [line.decode("utf-8", "replace") for line in lines]
    best = guess(b"\n".join(lines[number] for number in foreign)) if foreign else None
    mended = set(foreign) if best else set()
    damaged = [number for number in bad if number not in mended]
    notes = ["encoding utf-8"]
    if best is not None:
        for number in foreign:
            texts[number] = lines[number].decode(best.encoding)
        notes.append(f"encoding {best.encoding}{_doubt(best)} in {_where(foreign)}, unlike the rest")
    if damaged:
        notes.append(f"bytes that fit no character (encoding) became \ufffd in {_where(damaged)}")
    return "\n".join(texts), tuple(notes)


def _any_long(lines: list[bytes]) -> bool:
    """Whether a line is UTF-8 with more characters than bytes of another encoding fit it by accident."""
    long = (line for line in lines if len(line) - len(line.translate(None, _BEYOND)) >= _BY_ACCIDENT)
    return any(fits(line, "utf-8") for line in long)


def _rather_utf8(content: bytes) -> bool:
    """Whether bytes that could be Western are UTF-8 with single bad ones: sequences of it, or a byte no name holds."""
    text = content.decode("utf-8", "replace")
    wrong, right = text.count("\ufffd"), sum(1 for mark in text if ord(mark) > 127 and mark != "\ufffd")
    return (right >= _PAIRS and right >= 2 * wrong) or not content.translate(None, _NO_NAME).translate(None, _ASCII)


def _few_bytes_wrong(text: str) -> bool:
    """Whether a line is UTF-8 with single bytes that are not, rather than a line in another encoding."""
    return text.count("\ufffd") * 4 <= sum(1 for character in text if ord(character) > 127)


def _doubt(best: Guess) -> str:
    return "" if best.sure else f", a guess: check the names, as '{best.example[:40]}'"


def _where(numbers: Iterable[int]) -> str:
    rows = [str(number + 1) for number in numbers]
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    return f"line{'s' if len(rows) > 1 else ''} {', '.join(rows[:_LISTED])}{more}"
