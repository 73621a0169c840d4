"""What the package says of files, arguments and choices, in the reader's language.

Messages are written where they arise, in English. ``resources/messages/<language>.toml`` gives each its translation
under the English text, with ``{0}``, ``{1}`` … for what is put in; by that template a message is found again. Where a
key is put in, ``{0:tables}`` or ``{0:values}`` says it by that section of the words. So a message can travel through
exceptions and tables as plain text, and is translated where it is shown.
Needs the standard library only, as `languages` does.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .errors import FunnelError, UnknownStageError
from .languages import DEFAULT_LANGUAGE, language, texts

_PUT_IN = re.compile(r"\{(\d+)\}")
_SAID = re.compile(r"\{(\d+)(?::(\w+))?\}")
_JOINED = "; "
_JOINED_ESCAPED = re.escape(_JOINED)


@lru_cache
def catalogue(lang: str) -> Mapping[str, str]:
    """The translation of each English template, as it stands in the file; empty for English and where there is no file.

    Parameters
    ----------
    lang
        Language code.

    Examples
    --------
    >>> catalogue("zh-Hans")["'{0}' is not a period length.{1}"]
    '“{0}”不是期间长度。{1}'
    """
    if lang == DEFAULT_LANGUAGE:
        return {}
    path = files(__package__).joinpath("resources", "messages", f"{lang}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@lru_cache
def _templates(lang: str) -> tuple[tuple[str, re.Pattern[str], tuple[int, ...], str], ...]:
    """Templates with places to fill: longest piece of text, pattern, order of the places, translation.

    Those with most text of their own stand first: they fit the fewest messages.
    """
    found = []
    for template, translation in catalogue(lang).items():
        pieces = _PUT_IN.split(template)
        texts, places = pieces[::2], tuple(map(int, pieces[1::2]))
        if places:
            pattern = re.compile("(.*?)".join(map(re.escape, texts)), re.DOTALL)
            found.append((sum(map(len, texts)), max(texts, key=len), pattern, places, translation))
    found.sort(key=lambda entry: entry[0], reverse=True)
    return tuple(entry[1:] for entry in found)


@lru_cache(maxsize=4096)
def _translated(text: str, lang: str) -> str | None:
    whole = catalogue(lang).get(text)
    if whole is not None:
        return whole
    for piece, pattern, places, translation in _templates(lang):
        # Several messages in one text are no part of a message, unless it has the same sign itself.
        fits = piece in text and (_JOINED not in text or _JOINED_ESCAPED in pattern.pattern)
        match = pattern.fullmatch(text) if fits else None
        if match is not None:
            return _filled(translation, dict(zip(places, match.groups(), strict=True)), lang)
    return None


def _filled(translation: str, put_in: Mapping[int, str], lang: str) -> str:
    """A translation with what is put in: a key by its section of the words, anything else as a message."""

    def said(place: re.Match[str]) -> str:
        part = put_in[int(place[1])]
        return texts(lang).get(f"{place[2]}.{part}") or in_language(part, lang)

    return _SAID.sub(said, translation)


def in_language(message: object, lang: str | None = None) -> str:
    """A message in a language; what has no translation stays as it is, and so does what was put in.

    Parameters
    ----------
    message
        An error, or the text of an issue, a decision, a warning; several joined by "; " are taken one by one.
    lang
        Language code; None means the one set, English at first.

    Returns
    -------
    str
        The message.

    Examples
    --------
    >>> in_language("There is no profile file our.toml. Give its path.", "zh-Hans")
    '没有配置文件 our.toml。请给出它的路径。'
    >>> in_language("There is no profile file our.toml. Give its path.")
    'There is no profile file our.toml. Give its path.'
    """
    text, code = str(message), language(lang)
    if isinstance(message, UnknownStageError):
        return _with_stage_names(in_language(text, code), message.methodology.stages, code)
    if code == DEFAULT_LANGUAGE or not text:
        return text
    found = _translated(text, code)
    if found is None and _JOINED in text:
        return "；".join(in_language(part, code) for part in text.split(_JOINED))
    return text if found is None else found


def _with_stage_names(said: str, stages: Iterable[Any], lang: str) -> str:
    """A message with the stages that it lists by key called as the reader knows them; files name them by key."""
    called = {stage.key: stage.name[lang] for stage in stages}
    both = texts(lang)["language.with_key"]
    for keys in (list(called), sorted(called)):
        named = (key if called[key] == key else both.format(name=called[key], key=key) for key in keys)
        said = said.replace(", ".join(keys), ", ".join(named))
    return said


FunnelError.to_reader = staticmethod(in_language)
