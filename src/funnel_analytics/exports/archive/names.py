"""Names of files that come from anywhere: shown so that nothing hides in them, stored so that any system takes them."""

import re
from pathlib import PurePath

_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 60  # a sign takes up to four bytes, a name up to 255


def visible(name: str) -> str:
    r"""A name in which control marks, marks that turn the direction of writing and broken bytes can be seen.

    Examples
    --------
    >>> visible("deals\n2026.csv")
    'deals\\n2026.csv'
    """
    return "".join(mark if mark.isprintable() else mark.encode("unicode_escape").decode() for mark in name)


def safe_name(name: str, taken: set[str]) -> str:
    """A file name that Windows, macOS and Linux all take, different from those taken; it is added to them.

    Examples
    --------
    >>> safe_name("Q3: deals?.csv", set()), safe_name("CON.csv", set()), safe_name("a.csv", {"a.csv"})
    ('Q3_ deals_.csv', '_CON.csv', 'a-2.csv')
    """
    path = PurePath(name)
    suffix = "".join(re.sub(r"[^\w.]", "_", part) for part in path.suffixes[-2:])[-12:]
    stem = name[: len(name) - len("".join(path.suffixes[-2:]))]
    stem = re.sub(r"[^\w .()+&,-]", "_", stem.encode("utf-8", "replace").decode()).strip(" .")[:_LONGEST] or "file"
    suffix = suffix if suffix.startswith(".") or not suffix else f".{suffix}"
    stem = f"_{stem}" if _RESERVED.fullmatch(stem + suffix) else stem
    result, number = f"{stem}{suffix}", 1
    while result.casefold() in taken:
        number += 1
        result = f"{stem}-{number}{suffix}"
    taken.add(result.casefold())
    return result
