"""Every deliberate error, each written for the person who has to mend it.

A message says what was found, what would have been accepted, the nearest guess and what to do.
The command line, the dashboards and notebooks show it in the reader's language (`messages`), and nothing else.
"""

import functools
import traceback
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar

_NOT_THE_CALLERS = (str(Path(__file__).parent), functools.__file__)


class FunnelError(Exception):
    """Any problem a person can mend: the base of every deliberate error in this package.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> try:
    ...     fa.load_sample("fr")
    ... except fa.FunnelError as problem:
    ...     print(type(problem).__name__)
    ArgumentError
    """

    to_reader: ClassVar[Callable[[object], str]] = str
    """How a message is put into the reader's language; `messages`, which stands above, brings the dictionary."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the line of the cell and the message, not the way through the package."""
        stack = traceback.extract_tb(self.__traceback__)
        callers = [frame for frame in stack if not frame.filename.startswith(_NOT_THE_CALLERS)]
        lines = [f"{callers[-1].lineno}: {callers[-1].line}", ""] if callers and callers[-1].line else []
        return [*lines, type(self).to_reader(self)]


class ExportError(FunnelError):
    """A file that cannot be read as a CRM export."""


class OwnReviewError(ExportError):
    """A review that this package wrote: its tables look like exports, and reading them would count all twice."""

    MARK = "funnel-analytics review"
    """What the files of a review say of themselves."""

    def __init__(self, file: str) -> None:
        super().__init__(f"'{file}' is a review written by funnel-analytics, not an export of the CRM.")


class ProfileError(FunnelError):
    """A profile (TOML) that is incomplete or contradicts the file it is used on."""


class MethodologyError(FunnelError):
    """A methodology (TOML) that is incomplete or contradicts itself."""


class UnknownStageError(FunnelError):
    """Stage labels that the methodology does not know."""

    def __init__(self, message: str, labels: Mapping[str, int], methodology: Any) -> None:
        super().__init__(message)
        self.labels, self.methodology = labels, methodology
        """Rows of each label, and the `Methodology` that comes nearest."""


class CurrencyError(FunnelError):
    """A sum of money over amounts that have no common currency."""


class AmountError(FunnelError):
    """A sum of money over an export that holds no amounts."""


class HistoryError(FunnelError):
    """A question that needs earlier exports or a stage history that the book does not hold."""


class EvidenceError(FunnelError):
    """A question that needs evidence which the methodology does not ask for, or the book does not hold."""


class TableError(FunnelError):
    """A table that lacks the columns its declaration in `tables` promises."""


class ArgumentError(FunnelError):
    """An argument that names something unknown: a column, a period, a language, a counting rule."""


class WarehouseError(FunnelError):
    """A warehouse that cannot be opened, or a question that its counts do not answer."""


class OutputError(FunnelError):
    """A file that cannot be written, or must not be overwritten."""


def nearest(found: str, accepted: Iterable[str]) -> str:
    """The sentence that ends a message about an unknown word: the nearest guess and the choices.

    Parameters
    ----------
    found
        The word that is not known.
    accepted
        The words that would have been.

    Returns
    -------
    str
        ``" Did you mean 'stage'? Accepted: amount, stage."``, with a leading blank.

    Examples
    --------
    >>> nearest("stgae", ["amount", "stage"])
    " Did you mean 'stage'? Accepted: amount, stage."
    """
    choices = sorted(dict.fromkeys(str(word) for word in accepted))
    close = get_close_matches(str(found), choices, n=1, cutoff=0.6)
    guess = f" Did you mean '{close[0]}'?" if close else ""
    return f"{guess} Accepted: {', '.join(choices)}." if choices else guess
