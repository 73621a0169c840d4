"""From bytes to text: the encoding is proven where it can be, chosen by a score where it cannot, and reported."""

from collections import Counter
from collections.abc import Iterable

from ..errors import ExportError

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_LEGACY = ("gb18030", "cp950", "cp1252")
_WESTERN_SIGNS = set("‘’“”–—…€£©®°·•«»¿¡§±²³½¼™\xa0´º")
_CJK_SIGNS = set("，。、；：？！（）《》“”‘’【】「」—…·￥％＋－／～　")
_MOST_SCORED = 200_000
_CLEARLY = 0.5
_LISTED = 5


def decode(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """Text of a file's bytes, and how it was read, as phrases.

    A mark at the start decides; then the pattern of UTF-16; then UTF-8, which cannot fit by accident;
    then the one of gb18030, cp950 (Big5) and cp1252 that gives the most usual characters. A file of which only
    some lines are UTF-8 is read line by line.

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
    wide = _utf16_pattern(content)
    if wide:
        return content.decode(wide, "replace"), (f"encoding {wide}",)
    try:
        return content.decode("utf-8"), ("encoding utf-8",)
    except UnicodeDecodeError:
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


def _utf16_pattern(content: bytes) -> str | None:
    """UTF-16 without a mark: every second byte of Western text is NUL."""
    sample = content[:4096]
    half = len(sample) // 2
    if half < 4:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.3 and odd < half * 0.05 else None


def _not_utf8(content: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    lines = content.split(b"\n")
    bad = [number for number, line in enumerate(lines) if not line.isascii() and not _fits(line, "utf-8")]
    good = sum(1 for line in lines if not line.isascii()) - len(bad)
    # In a GBK or Big5 file a line fits UTF-8 only by accident; a fifth of the lines never does.
    if good >= 1 and good >= (good + len(bad)) * 0.2:
        return _line_by_line(lines, bad)
    best, score = best_legacy(content)
    if best is None:
        decoded = [line.decode("utf-8", "replace") for line in lines]
        if sum(line.count("\ufffd") for line in decoded) > max(20, len(content) // 50):
            raise ExportError(
                f"The characters of '{file}' fit no known encoding (tried utf-8, utf-16, gb18030, big5, cp1252). "
                "Open it where it displays correctly and save it as 'CSV UTF-8'."
            )
        return "\n".join(decoded), (f"encoding utf-8, but {_where(bad)}: bytes that fit no character became \ufffd",)
    doubt = "" if score >= _CLEARLY else ", a guess: check the names"
    return content.decode(best), (f"encoding {best}{doubt}",)


def _line_by_line(lines: list[bytes], bad: list[int]) -> tuple[str, tuple[str, ...]]:
    """UTF-8 where it fits; elsewhere the best other encoding, or a replacement mark for single bad bytes."""
    decoded = [b"" if number in set(bad) else line for number, line in enumerate(lines)]
    texts = [line.decode("utf-8") for line in decoded]
    other: dict[str, list[int]] = {}
    for number in bad:
        line = lines[number]
        replaced = line.decode("utf-8", "replace")
        broken, foreign = replaced.count("\ufffd"), sum(1 for character in replaced if ord(character) > 127)
        best, score = best_legacy(line)
        if broken * 4 <= foreign or best is None or score < _CLEARLY:
            texts[number] = replaced
            other.setdefault("\ufffd", []).append(number)
        else:
            texts[number] = line.decode(best)
            other.setdefault(best, []).append(number)
    notes = ["encoding utf-8"]
    for encoding, numbers in other.items():
        if encoding == "\ufffd":
            notes.append(f"bytes that fit no character (encoding) became \ufffd in {_where(numbers)}")
        else:
            notes.append(f"encoding {encoding} in {_where(numbers)}, unlike the rest")
    return "\n".join(texts), tuple(notes)


def _where(numbers: Iterable[int]) -> str:
    rows = [str(number + 1) for number in numbers]
    more = f" and {len(rows) - _LISTED} more" if len(rows) > _LISTED else ""
    return f"line{'s' if len(rows) > 1 else ''} {', '.join(rows[:_LISTED])}{more}"


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def best_legacy(content: bytes) -> tuple[str | None, float]:
    """The encoding of before Unicode that gives the most usual characters, and the share of them (0 to 1)."""
    scores = {}
    for encoding in _LEGACY:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        scores[encoding] = _western_score(text) if encoding == "cp1252" else _chinese_score(text, encoding)
    if not scores:
        return None, 0.0
    best = max(scores, key=lambda encoding: scores[encoding])
    return (best, scores[best]) if scores[best] > 0 else (None, 0.0)


def _chinese_score(text: str, encoding: str) -> float:
    """The share of characters beyond ASCII that stand in the encoding's first, most used plane."""
    counts = Counter(character for character in text if ord(character) > 127)
    total = sum(counts.values())
    first, last = (0xB0, 0xD7) if encoding == "gb18030" else (0xA4, 0xC6)
    score = 0.0
    for character, count in counts.items():
        code = character.encode(encoding)
        level_one = len(code) == 2 and first <= code[0] <= last and (encoding == "cp950" or code[1] >= 0xA1)
        if (level_one and "\u4e00" <= character <= "\u9fff") or character in _CJK_SIGNS or "！" <= character <= "～":
            score += count
        elif "\u4e00" <= character <= "\u9fff":
            score += 0.3 * count
    return score / total if total else 0.0


def _western_score(text: str) -> float:
    """The share of characters beyond ASCII that stand alone between plain letters, or are usual signs."""
    total, score = 0, 0.0
    padded = f" {text} "
    for position, character in enumerate(padded):
        if ord(character) < 128:
            continue
        total += 1
        before, after = padded[position - 1], padded[position + 1]
        alone = ord(before) < 128 and ord(after) < 128
        if character in _WESTERN_SIGNS:
            score += 1.0 if alone else 0.6
        elif character.isalpha():
            score += 1.0 if alone and (before.isalpha() or after.isalpha()) else 0.4 if alone else 0.2
        if total >= _MOST_SCORED:
            break
    return score / total if total else 0.0
