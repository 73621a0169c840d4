"""Workbooks of Excel 5 and 95, whose texts are bytes of a code page: the reader knows only those of one byte a letter."""

from dataclasses import dataclass, replace

import pandas as pd

from .cells import Sheet
from .hidden_parts import OLD_XLS_BEGINNING, WESTERN, old_sheet_name, xls_workbook
from .legacy_encodings import fits, guess

_CODE_PAGE, _SHEET, _TEXTS = 0x42, 0x85, (0x204, 0xD6)
_WESTERN = 1252
_ENCODINGS = {
    932: "cp932", 936: "gb18030", 949: "cp949", 950: "cp950", 65001: "utf-8", 10000: "mac-roman", 32768: "mac-roman",
    32769: "cp1252", **{page: f"cp{page}" for page in (437, 850, 852, 866, 874, *range(1250, 1259))},
}  # fmt: skip
_OF_SEVERAL_BYTES = ("utf-8", "cp932", "gb18030", "cp949", "cp950", "euc-jp")
_BYTES = {letter: code for code, letter in enumerate(WESTERN)}


@dataclass(frozen=True)
class OldTexts:
    """How the texts of an old workbook are written.

    Attributes
    ----------
    encoding
        Its name in Python.
    note
        What is said of it, as a phrase.
    """

    encoding: str
    note: str

    def sheet(self, sheet: Sheet) -> Sheet:
        """A sheet with its texts and its name as they are written."""
        columns = {at: cells.astype("str").map(self._text, na_action="ignore") for at, cells in sheet.cells.items()}
        cells = pd.DataFrame(columns, index=sheet.cells.index, columns=sheet.cells.columns).astype("str")
        return replace(sheet, name=self._text(sheet.name or ""), cells=cells, notes=(self.note, *sheet.notes))

    def _text(self, text: str) -> str:
        try:
            return text if text.isascii() else bytes(_BYTES[mark] for mark in text).decode(self.encoding, "replace")
        except KeyError:
            return text


def in_western_bytes(content: bytes) -> tuple[bytes, OldTexts | None]:
    """An xls file of Excel 5 or 95 that states the Western code page, and how its texts are really written.

    None where all are ASCII, or the file is a newer one.

    The code page that it states counts where its texts fit it; where it states the Western one, which many programs
    do whatever they write, texts that are clearly of an East Asian one count as such.
    """
    start = content.find(OLD_XLS_BEGINNING)
    place, stated, texts = None, _WESTERN, list[bytes]()
    for record, data, end in xls_workbook(content, start) if start >= 0 else ():
        if record == _CODE_PAGE and len(data) == 2:
            place, stated = end - 2, int.from_bytes(data, "little")
        elif record in _TEXTS and len(data) > 8:
            texts.append(data[8 : 8 + int.from_bytes(data[6:8], "little")])
        elif record == _SHEET:
            texts.append(old_sheet_name(data))
    raw = b"\n".join(texts)
    if place is None or raw.isascii():
        return content, None
    declared, best = _ENCODINGS.get(stated, "cp1252"), None
    if declared not in _OF_SEVERAL_BYTES or not fits(raw, declared):
        best = guess(raw)
    found = "utf-8" if fits(raw, "utf-8") else best.encoding if best else declared
    encoding = found if found in _OF_SEVERAL_BYTES else declared
    doubt = best is not None and encoding == best.encoding and not best.sure
    note = f"encoding {encoding}" + (f", a guess: check the names, as '{best.example[:40]}'" if best and doubt else "")
    return content[:place] + _WESTERN.to_bytes(2, "little") + content[place + 2 :], OldTexts(encoding, note)
