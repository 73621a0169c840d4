"""What the public functions ask of their arguments: their kinds, a confidence, a number of days, a date, a currency."""

import functools
import inspect
import math
import os
import types
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral, Real
from typing import Any, TypeVar, Union, get_args, get_origin

import pandas as pd

from .errors import ArgumentError, nearest

_F = TypeVar("_F", bound=Callable[..., Any])
_NUMBERS = {bool: "True or False", int: "a whole number", float: "a number"}


def checked(function: _F) -> _F:
    """The function, refusing arguments of another kind than its annotations name, before it begins.

    Texts are let through: where they are looked up, the nearest guess is known. So are tables (`tables.check`).

    Parameters
    ----------
    function
        A public function; a parameter ``book`` asks for a book or a warehouse, whatever its annotation.

    Raises
    ------
    ArgumentError
        By the function, in one sentence for whoever called it.

    Examples
    --------
    >>> import funnel_analytics as fa
    >>> try:
    ...     fa.stage_conversion("exports/")
    ... except fa.FunnelError as problem:
    ...     print(problem)
    'exports/' is no Book. Read one: book = funnel_analytics.read_exports('exports/').
    """
    signature = inspect.signature(function)
    asked = {name: kinds for name, one in signature.parameters.items() if (kinds := _kinds(one))}

    @functools.wraps(function)
    def calling(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as problem:
            raise ArgumentError(_called(function.__name__, signature, kwargs)) from problem
        for name, value in given.items():
            if name in asked and not any(_is(value, kind) for kind in asked[name]):
                raise ArgumentError(_refused(name, value, asked[name]))
        return function(*args, **kwargs)

    return calling  # type: ignore[return-value]


def _kinds(parameter: inspect.Parameter) -> tuple[Any, ...]:
    """What a parameter accepts; empty where its function checks that itself."""
    if parameter.name == "book":
        return ("Book",)
    hint = parameter.annotation
    if isinstance(hint, str) or parameter.kind is parameter.VAR_KEYWORD:
        return ()
    kinds = get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)
    looked_up = str in kinds and not any(_is_path(kind) for kind in kinds)
    if looked_up or Any in kinds or kinds == (pd.DataFrame,):
        return ()
    return tuple("Book" if getattr(kind, "__name__", "") == "Book" else kind for kind in kinds)


def _is_path(kind: Any) -> bool:
    return (isinstance(kind, type) and issubclass(kind, os.PathLike)) or get_origin(kind) is os.PathLike


def _is(value: object, kind: Any) -> bool:
    if kind == "Book":
        # A warehouse stands in place of a book; both keep what was made of them.
        return hasattr(type(value), "once")
    if kind is float or kind is int:
        return isinstance(value, Real if kind is float else Integral) and not isinstance(value, bool)
    origin, inner = get_origin(kind) or kind, get_args(kind)
    if not isinstance(value, origin):
        return False
    if isinstance(value, Mapping):
        return float not in inner or all(_is(number, float) for number in value.values())
    return not any(map(_is_path, get_args(inner[0]) if inner else ())) or all(
        isinstance(path, str | os.PathLike) for path in value
    )


def _refused(name: str, value: object, kinds: tuple[Any, ...]) -> str:
    said = repr(value) if isinstance(value, str | Real | None | list | dict) else ""
    said = said if 0 < len(said) <= 60 and "\n" not in said else f"a {type(value).__name__}"
    if "Book" in kinds:
        path = repr(value) if isinstance(value, str) and value else "'exports/'"
        return f"{said} is no Book. Read one: book = funnel_analytics.read_exports({path})."
    kind = kinds[0]
    origin = get_origin(kind) or kind
    if kind is str or _is_path(kind):
        accepted = "a path"
    elif origin is Mapping:
        accepted = "a dict of numbers" if float in get_args(kind) else "a dict"
    elif origin is Callable:
        accepted = "a function"
    else:
        accepted = _NUMBERS.get(kind) or ("a list" if get_args(kind) else kind.__name__)
    return f"{name} is {said}. Accepted: {accepted}."


def _called(name: str, signature: inspect.Signature, given: Mapping[str, Any]) -> str:
    """What to say to who calls a function with arguments that it does not have, or without one that it needs."""
    known = list(signature.parameters)
    for word in given:
        if word not in known:
            return f"{name} has no argument '{word}'.{nearest(word, known)}"
    named = ", ".join(
        one.name if one.default is one.empty and one.kind is not one.KEYWORD_ONLY else f"{one.name}=…"
        for one in signature.parameters.values()
    )
    return f"{name} is called as {name}({named})."


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
    if within_days is not None and not 0 < within_days < math.inf:
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


def check_benchmark(benchmark: float | None) -> None:
    """A revenue from which an account counts as high, or None.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    if benchmark is not None and not 0 < benchmark < math.inf:
        raise ArgumentError(
            f"The revenue benchmark is {benchmark}. Accepted: an annual revenue above 0, in the currency of the accounts,"
            " for example revenue_benchmark=1_000_000; or leave it out and one is proposed."
        )


def check_seed(seed: int) -> None:
    """A seed of random draws: 0 or above.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    if seed < 0:
        raise ArgumentError(f"seed is {seed}. Accepted: a whole number from 0.")


def check_quota(quota: float | None) -> None:
    """An amount to win from 0, or None.

    Raises
    ------
    ArgumentError
        If it is neither.
    """
    if quota is not None and not 0 <= quota < math.inf:
        raise ArgumentError(f"quota is {quota}. Accepted: an amount from 0, or None for the quotas of the exports.")


def currency_asked(currency: str | None) -> str | None:
    """The code of the currency that an argument gives, or None.

    Raises
    ------
    ArgumentError
        If it is no code of three letters.

    Examples
    --------
    >>> currency_asked("eur")
    'EUR'
    """
    if currency is None:
        return None
    code = str(currency).strip().upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise ArgumentError(f"The currency is {currency!r}. Accepted: a code of three letters, as EUR, USD or CNY.")
    return code


def day_asked(value: object, name: str) -> pd.Timestamp:
    """The day that an argument gives as a date, a time or a text.

    Parameters
    ----------
    value
        What was given; a text begins with the year, for "05/06/2026" is another day in another country.
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
    day = pd.NaT if isinstance(value, Real) else pd.to_datetime(str(value), errors="coerce", format="ISO8601")
    if pd.isna(day):
        raise ArgumentError(f"{name} is {value!r}. Accepted: a date like '2026-09-30'.")
    return pd.Timestamp(day).tz_localize(None).normalize()
