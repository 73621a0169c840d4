"""What analyses ask of their arguments: a confidence, a number of days, one of a few words, a date."""

from collections.abc import Iterable

import pandas as pd

from .errors import ArgumentError, nearest


def check_level(level: float) -> None:
    """A confidence between 0 and 1.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if not 0 < level < 1:
        raise ArgumentError(f"level is {level}. Accepted: a confidence between 0 and 1, for example 0.8.")


def check_within_days(within_days: float | None) -> None:
    """A number of days above 0, or None.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    if within_days is not None and not within_days > 0:
        raise ArgumentError(f"within_days is {within_days}. Accepted: a number of days above 0, for example 90.")


def check_counting(counting: str, accepted: Iterable[str]) -> None:
    """A counting rule of the conversion.

    Raises
    ------
    ArgumentError
        If it is none of those accepted.
    """
    known = list(accepted)
    if counting not in known:
        raise ArgumentError(f"'{counting}' is not a counting rule.{nearest(counting, known)}")


def day_asked(value: object, name: str) -> pd.Timestamp:
    """The day that an argument gives as a date, a time or a text.

    Parameters
    ----------
    value
        What was given.
    name
        The argument, for the message.

    Raises
    ------
    ArgumentError
        If it is no date.

    Examples
    --------
    >>> day_asked("2026-09-30 17:00", "since")
    Timestamp('2026-09-30 00:00:00')
    """
    try:
        day = pd.Timestamp(value)
    except (TypeError, ValueError):
        day = pd.NaT
    if pd.isna(day):
        raise ArgumentError(f"{name} is {value!r}. Accepted: a date like '2026-09-30'.")
    return day.tz_localize(None).normalize()
