"""A TOML file that a person wrote: its tables, or one sentence about what is wrong with it."""

import tomllib
from typing import Any

from .errors import FunnelError


def read_toml(path: Any, refusal: type[FunnelError]) -> dict[str, Any]:
    """The tables of a TOML file; a byte order mark, as Windows editors write it, is no fault.

    Parameters
    ----------
    path
        The file, or a resource of the package.
    refusal
        The error to raise where it is no TOML, or is not saved as UTF-8.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as problem:
        raise refusal(f"{path.name} is not valid TOML: {problem}.") from problem
    except UnicodeDecodeError as problem:
        raise refusal(f"{path.name} is not saved as UTF-8. Save it again with the encoding UTF-8.") from problem
