"""The parser of the command line: help in the user's language, and the arguments that several commands share."""

import argparse
import locale
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

from ..errors import ArgumentError
from ..languages import DEFAULT_LANGUAGE, LANGUAGES, language, word
from ..messages import in_language

Commands = argparse._SubParsersAction
"""The collection that each command adds itself to."""


def wanted_language(arguments: list[str]) -> str:
    """The language of ``--lang`` among the words given, else of the environment, else English.

    It is needed before the words are parsed, because help is written while they are.

    Examples
    --------
    >>> wanted_language(["review", "exports", "--lang", "zh-hant"])
    'zh-Hant'
    >>> wanted_language(["review", "exports", "--lang=de"])
    'en'
    """
    for place, text in enumerate(arguments):
        name, equals, value = text.partition("=")
        if name == "--lang":
            given = value if equals else next(iter(arguments[place + 1 :]), "")
            try:
                return language(given)
            except ArgumentError:
                # What is wrong with it is said in the language of the person's system.
                return _environment_language()
    return _environment_language()


def _environment_language() -> str:
    """The language of the user's system where this package speaks it."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    if sys.platform == "win32":
        names.append(locale.getlocale()[0] or "")
    name = next((name for name in names if name), "").lower().replace("-", "_")
    if name.split("_")[0] in LANGUAGES:
        return name.split("_")[0]
    if not name.startswith(("zh", "chinese")):
        return DEFAULT_LANGUAGE
    traditional = ("tw", "hk", "mo", "hant", "traditional", "taiwan", "hong kong", "macao")
    return "zh-Hant" if any(sign in name for sign in traditional) else "zh-Hans"


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Says "usage" in the user's language."""

    def __init__(self, prog: str, *, usage_prefix: str) -> None:
        super().__init__(prog)
        self._usage_prefix = usage_prefix

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """As argparse does, with our own word in front."""
        super().add_usage(usage, actions, groups, self._usage_prefix if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """An argument parser whose help is in one language; the texts are ``[cli.help]`` of the words files."""

    def __init__(self, *, lang: str, about: str | None = None, **options: Any) -> None:
        self.lang = lang
        options.setdefault("description", about and word(f"cli.help.{about}", lang))
        usage = word("cli.help.usage", lang)
        super().__init__(add_help=False, formatter_class=partial(_Formatter, usage_prefix=usage), **options)
        self._positionals.title = word("cli.help.arguments", lang)
        self._optionals.title = word("cli.help.options", lang)
        self.add_argument("-h", "--help", action="help", help=word("cli.help.help", lang))

    def say(self, *names: str, text: str, completes: Callable[[], Iterable[str]] | None = None, **options: Any) -> None:
        """Add an argument whose help is the text of a key; the Tab key offers what it ``completes`` to."""
        # argparse reads % as a placeholder of its own.
        added = self.add_argument(*names, help=word(f"cli.help.{text}", self.lang).replace("%", "%%"), **options)
        if completes is not None:
            # argcomplete asks the action for this attribute.
            vars(added)["completer"] = lambda **_: list(completes())

    def error(self, message: str) -> NoReturn:
        """Say what was not understood and where help is; exit code 2."""
        said = in_language(message, self.lang)
        self.exit(2, f"{word('cli.not_understood', self.lang, message=said, command=self.prog)}\n")


def add_command(commands: "Commands[Parser]", name: str, *, lang: str) -> Parser:
    """A command with what every command takes: language, quiet, debug."""
    about = word(f"cli.help.{name}", lang)
    parser = commands.add_parser(name, help=about, description=about, lang=lang)
    parser.say("--lang", text="lang", metavar="LANG", default=lang, completes=lambda: LANGUAGES)
    parser.say("-q", "--quiet", text="quiet", action="store_true")
    parser.say("--debug", text="debug", action="store_true")
    return parser
