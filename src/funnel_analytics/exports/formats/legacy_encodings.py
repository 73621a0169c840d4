"""Which encoding of before Unicode some bytes are in: those of our users by their own rules, the others by chardet."""

import re
from collections import Counter
from dataclasses import dataclass

_HOUSE = ("gb18030", "cp950", "cp1252")
_ASKED = (
    *_HOUSE, "cp932", "euc-jp", "cp949", "cp1250", "iso8859-2", "cp1251", "koi8-r", "cp866", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp874", "mac-roman", "cp850",
)  # fmt: skip
_WESTERN_SIGNS = set("‘’“”–—…€£©®°·•«»¿¡§±²³½¼™\xa0´º")
_CJK_SIGNS = set("，。、；：？！（）《》“”‘’【】「」—…·￥％＋－／～　")
_ALPHABETS = ("äöüß", "éèêëàâçîïôûùœÿ", "áéíóúñüºª", "áàâãçéêíóôõúºª", "àèéìòù", "åäöøæéü", "ëïéèóü")
"""Letters beyond ASCII of German, French, Spanish, Portuguese, Italian, the Nordic languages and Dutch."""
_NOT_WESTERN = re.compile(
    r"(?<=[^\W\d_])[À-ÞŸ](?=[a-zß-ÿ])|ñ(?![aeiouáéíóú])|œ(?![ui])"
    r"|(?<=[^\W\d_])[‘“”„‚–—…†‡ˆ•¢¤¡£¥¿±¼½§®°²´«»€](?=[^\W\d_])|(?<=[^\W\d_]{3})’(?![sS]\b)"
    r"|[a-ln-z][²³]|[A-Za-z][¼½£¿]"
)
"""Letters and signs where no Western name has them, as in "Pawe³" (Paweł) and "Gdañsk" (Gdańsk)."""
_BETWEEN_FIELDS = re.compile(rb"[,;\t\r\"]")
_MOST_SCORED = 200_000
_MOST_ASKED = 60_000
_CLEARLY = 0.5
_SURELY = 0.9
_A_NAME = 4
"""Characters of which a Chinese name alone consists: too few for statistics."""
_ENOUGH = 20
_KANA = re.compile("[\u3041-\u30fe]")


@dataclass(frozen=True)
class Guess:
    """An encoding, and whether another would be as good.

    Attributes
    ----------
    encoding
        Its name in Python.
    sure
        False where names should be checked by a person.
    example
        A text in which it matters.
    """

    encoding: str
    sure: bool
    example: str


def guess(content: bytes) -> Guess | None:
    """The encoding of before Unicode that bytes are most likely in; None where none fits.

    Examples
    --------
    >>> guess("客户名称,金额".encode("gbk"))
    Guess(encoding='gb18030', sure=True, example='客户名称')
    >>> guess("Иванов,Петрова".encode("cp1251"))
    Guess(encoding='cp1251', sure=False, example='Иванов')
    """
    fields = _fields(content)
    house, score = _best_of_ours(content)
    asked = _asked(fields, content)
    best, sure = house or asked, house is not None and score >= _CLEARLY
    text, other = (fields.decode(encoding or "ascii", "replace") for encoding in (house, asked))
    beyond = sum(ord(mark) > 127 for mark in text)
    if house == "cp1252" and 2 * text.count("\xa0") > beyond:
        # Blanks that do not break say nothing about a language.
        asked = None
    if house == "gb18030" and len(_KANA.findall(text)) * 20 > beyond and fits(content, "euc-jp"):
        # The two alphabets of Japanese stand at the same places in both.
        best, sure = "euc-jp", False
    elif house and asked and text != other and not (house == "cp1252" and _is_western(text)):
        chinese_name = house != "cp1252" and score >= _SURELY and beyond <= _A_NAME
        best, sure = (house, False) if chinese_name else (asked, asked in _HOUSE and beyond > _ENOUGH)
    elif house == "cp1252":
        sure = _is_western(text) or (sure and beyond > _ENOUGH)
    if best is None:
        return None
    return Guess(best, sure, fields.split(b"\n")[0].decode(best, "replace").strip())


def _fields(content: bytes) -> bytes:
    """Fields with characters beyond ASCII, one a line, as many as are needed to tell their encoding."""
    found: list[bytes] = []
    size = 0
    for line in content.split(b"\n"):
        if not line.isascii():
            held = [field for field in _BETWEEN_FIELDS.split(line) if not field.isascii()]
            found += held
            size += sum(map(len, held))
            if size > _MOST_ASKED:
                break
    return b"\n".join(found)


def _asked(fields: bytes, content: bytes) -> str | None:
    """What chardet's statistics of letters in their languages say; None where that does not fit all bytes."""
    import chardet

    said = chardet.detect(fields, compat_names=False, include_encodings=_ASKED)["encoding"]
    return said if said is not None and fits(content, said) else None


def fits(content: bytes, encoding: str) -> bool:
    r"""Whether bytes can be in an encoding.

    Examples
    --------
    >>> fits(b"Pawe\xb3", "cp1250"), fits(b"Pawe\xb3", "utf-8")
    (True, False)
    """
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_western(text: str) -> bool:
    """Whether all characters beyond ASCII are of one Western language, and stand where it has them."""
    beyond = {mark for mark in text if ord(mark) > 127}
    letters = {mark.lower() for mark in beyond if mark not in _WESTERN_SIGNS}
    return not _NOT_WESTERN.search(text) and any(letters <= set(alphabet) for alphabet in _ALPHABETS)


def _best_of_ours(content: bytes) -> tuple[str | None, float]:
    """The one of our users' encodings that gives the most usual characters, and the share of them (0 to 1)."""
    scores = {}
    for encoding in _HOUSE:
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
