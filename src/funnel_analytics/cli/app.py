"""``funnel-analytics app``: the notebooks over the user's exports as pages without code, on this machine only."""

import argparse
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from importlib.resources import files
from pathlib import Path

from ..errors import ArgumentError, FunnelError
from ..languages import word
from ._app_pages import OPENING, TEMPLATE, write_pages
from ._console import tell
from ._exports import add_reading_arguments, read_book, reading_arguments
from ._parser import Commands, Parser, add_command

_EXPORTS_LINE = "EXPORTS = "
"""How the one line of a notebook begins that says where the exports are."""
_CALL = re.compile(r"((?:read|open)_exports\(.*EXPORTS.*)\)")
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; form-action 'self';"
    " connect-src 'self' blob: data: ws://127.0.0.1:* ws://localhost:*"
)
"""The browser may ask this server and nobody else: Voilà's own template would fetch icons from elsewhere."""
_LAST_PORT = 65_535
_UPLOAD = 256 * 2**20
"""Bytes of uploaded exports; without a limit of our own the server would cut the connection at ten million."""


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "app", lang=lang)
    add_reading_arguments(parser, needed=False)
    parser.say("--notebooks", text="app_notebooks", metavar="FOLDER")
    parser.say("--port", text="port", type=int, default=0)
    parser.say("--no-browser", text="no_browser", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    source = _source(options.notebooks)
    if options.exports:
        read_book(options)  # A file that cannot be read is said here, not on a page.
    if not 0 <= options.port <= _LAST_PORT:
        raise ArgumentError(f"--port is {options.port}. Accepted: a number from 1 to {_LAST_PORT}; or leave it out.")
    port = options.port or _free_port()
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="funnel-analytics-") as folder:
        pages, settings = Path(folder) / "pages", Path(folder) / "settings"
        pages.mkdir()
        settings.mkdir()
        if options.exports:
            prepare_notebooks(source, pages, _reading_line(options), home=Path.cwd())
        write_opening_page(pages, options.lang, _reading_line(options), home=Path.cwd())
        _write_settings(settings / "voila.json", port, token)
        write_pages(settings / "share", pages, options.lang)
        command = [sys.executable, "-m", "voila", str(pages), f"--Voila.config_file_paths={settings}"]
        known = os.pathsep.join(filter(None, [str(settings / "share"), os.environ.get("JUPYTER_PATH")]))
        with subprocess.Popen(command, env=os.environ | {"JUPYTER_PATH": known}) as server:  # noqa: S603 - our own interpreter, no shell
            try:
                return _serve(server, f"http://127.0.0.1:{port}/?token={token}", options)
            finally:
                server.terminate()


def _serve(server: "subprocess.Popen[bytes]", url: str, options: argparse.Namespace) -> int:
    """Wait until the server answers, say where, and stay until it ends."""
    # A program that is told to end must take its server along, as with Ctrl+C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", int(url.split(":")[2].split("/")[0]))) == 0:
                break
        time.sleep(0.2)
    else:
        raise FunnelError(word("cli.app_failed", options.lang))
    tell(word("cli.app_serving", options.lang, url=url))
    if not options.no_browser:
        webbrowser.open(url)
    return server.wait()


def _source(given: str | None) -> Path:
    """The folder of notebooks: the one given, ``notebooks`` here, or the ones that came with the package."""
    packaged = Path(str(files("funnel_analytics") / "resources" / "notebooks"))
    places = [Path(given)] if given else [Path("notebooks"), packaged]
    for place in places:
        if any(place.glob("*.ipynb")):
            return place
    raise ArgumentError(f"There are no notebooks in '{places[0]}'. Give their folder: --notebooks FOLDER.")


def _reading_line(options: argparse.Namespace) -> str:
    """What the notebooks shall read, and how: the language, the exports by their full paths, the options as arguments."""
    paths = [str(Path(given).resolve()) for given in options.exports]
    given = {name: value for name, value in reading_arguments(options).items() if value is not None}
    return f"import funnel_analytics as fa; fa.set_language({options.lang!r}); {_EXPORTS_LINE}{paths!r}; READING = {given!r}"


def prepare_notebooks(source: Path, target: Path, reading: str, *, home: Path) -> None:
    """Copies of notebooks that read the user's exports, without outputs, in a folder that holds nothing else.

    Parameters
    ----------
    source, target
        Folders of the notebooks and of the copies.
    reading
        The line that replaces the one that begins with ``EXPORTS =``.
    home
        Where files that a notebook writes shall go.
    """
    for path in sorted(source.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"], cell["execution_count"] = [], None
                cell["source"] = _adapted("".join(cell["source"]), reading, home)
        (target / path.name).write_text(json.dumps(notebook), encoding="utf-8")


def write_opening_page(target: Path, lang: str, reading: str, *, home: Path) -> None:
    """The page with all dashboards of the exports given, on which a person can bring others, as a notebook.

    Parameters
    ----------
    target
        The folder of the pages.
    lang
        Language code.
    reading
        The line that says what is read, and how.
    home
        Where a review that is written shall go.
    """
    code = (
        f"import os; os.chdir({str(home)!r})\n"
        f"{reading}\n"
        "fa.dashboards.open_exports(EXPORTS, show=fa.dashboards.explore, **READING)"
    )
    title = {"cell_type": "markdown", "metadata": {}, "source": f"# {word('cli.app_open', lang)}"}
    panel: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "source": code,
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": [title, panel]}
    (target / f"{OPENING}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _adapted(code: str, reading: str, home: Path) -> str:
    lines = code.splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith(_EXPORTS_LINE)]
    for number in places:
        lines[number] = reading
    # A notebook names one folder; here they may be several, and read in the way that the command says.
    lines = [_CALL.sub(r"\1, **READING)", line.replace("[EXPORTS,", "[*EXPORTS,")) for line in lines]
    begin = [f"import os; os.chdir({str(home)!r})"] if places else []
    return "\n".join([*begin, *lines])


def _write_settings(target: Path, port: int, token: str) -> None:
    """Voilà's settings as a file, so that the token does not stand in the list of processes."""
    server = {
        "ip": "127.0.0.1",
        "port": port,
        "token": token,
        "open_browser": False,
        "log_level": "WARN",
        "tornado_settings": {"headers": {"Content-Security-Policy": _POLICY}, "websocket_max_message_size": _UPLOAD},
    }
    pages = {"template": TEMPLATE, "strip_sources": True, "show_tracebacks": False, "file_allowlist": []}
    target.write_text(json.dumps({"Voila": server, "VoilaConfiguration": pages}), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
