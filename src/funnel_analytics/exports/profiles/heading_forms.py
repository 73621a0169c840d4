"""The other ways in which a heading can be meant: without marks, a number, a unit, tax, its object, dots, its second language."""

import re
import unicodedata
from functools import lru_cache

from .heading_units import parted

_MARKS = re.compile(
    r"^[\s*•·#'\"“”‘’「」《》]+|[\s*:：'\"“”‘’「」《》↑↓▲▼△▽⇅↕⬆⬇]+$|[(\[](?:\*|%|required|mandatory|必填|必填项|必填項|选填|選填|optional)[)\]]$",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"^[\[【](.+)[\]】]$")
_NUMBERED = re.compile(r"^\(?\d{1,2}[.)、]\s*(?=\**[^\W\d])")
_OBJECT = re.compile(
    r"^(?:opportunity|deal|商机|业务机会|商機|業務機會)\s*[:：.]\s*(?=\S)|^(?:account|客户|客戶)\s*[:：.]\s*(?=(?:account|客户|客戶)\s*\S)",
    re.IGNORECASE,
)
_SHORTENED = re.compile(r"\.(?=\s|$)")
_DOTS = re.compile(r"(?<=[A-Za-z])\.(?=[A-Za-z])")
_TAX = re.compile(
    r"\s*[(\[](?:不?含[税稅]|[未免][税稅]|[税稅][前后後]|税[込抜]き?|(?:incl?|excl?)(?:\.|uding|udes)?\s?(?:vat|tax|gst)|(?:net|gross)|(?:net|before|after)\s(?:of\s)?(?:vat|tax)|(?:zzgl|inkl|exkl)\.?\s?mwst\.?)[)\]]$",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?<=\S)(?:日|时间|時間)$")
_CHINESE = r"\u2e80-\u9fff\uf900-\ufaff"
_WORDS = r"[A-Za-z][A-Za-z .&'\-]{2,}"
_TWO_LANGUAGES = re.compile(
    rf"^(?P<one>[{_CHINESE}]{{2,}})\s*(?:[\s/|(（\[_\-]+)(?P<two>{_WORDS}(?:\([^()]*\))?)[)）\]]?$"
    rf"|^(?P<first>{_WORDS})\s*(?:[\s/|(（\[_\-]+)(?P<second>[{_CHINESE}]{{2,}})[)）\]]?$"
)


@lru_cache(maxsize=4096)
def other_forms(heading: str) -> tuple[str, ...]:
    """Other headings that a heading can stand for, the closest first; it counts as one only where itself is not known.

    Examples
    --------
    >>> other_forms("*Close Date ↑"), other_forms("金额（万元）"), other_forms("客户名称 Account Name")
    (('Close Date',), ('金额',), ('Account Name', '客户名称'))
    >>> other_forms("Opportunity: Stage"), other_forms("客户ID"), other_forms("Amount (new)")
    (('Stage',), (), ())
    >>> other_forms("金额 万元（含税）"), other_forms("Amount (net)")
    (('金额 (含税)', '金额'), ('Amount',))
    """
    text = unicodedata.normalize("NFKC", heading).strip()
    plain = _unmarked(text)
    bare = _unmarked(_NUMBERED.sub("", plain))
    forms = [plain, parted(plain)[0], bare, parted(bare)[0], _OBJECT.sub("", bare)]
    forms += [_TAX.sub("", parted(bare)[0]), _DOTS.sub(" ", _SHORTENED.sub("", bare)), _DAY.sub("日期", bare)]
    both = _TWO_LANGUAGES.match(parted(bare)[0])
    if both:
        forms += sorted((part.strip() for part in both.groups() if part), key=lambda part: not part.isascii())
    return tuple(dict.fromkeys(form for form in forms if form and form != text))


def _unmarked(text: str) -> str:
    return _WHOLE.sub(r"\1", _MARKS.sub("", _MARKS.sub("", text)))
