"""``funnel-analytics app``: the notebooks over the user's exports as pages without code, on this machine only."""

import argparse
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from pathlib import Path

from ..errors import ArgumentError, FunnelError
from ..languages import word
from ._app_pages import OPENING, TEMPLATE, write_pages
from ._console import tell
from ._exports import add_reading_arguments, own_exports, read_book
from ._notebooks import Notebook, notebooks_folder, own_notebooks
from ._parser import Commands, Parser, add_command

_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'self'; form-action 'self';"
    " connect-src 'self' blob: data: ws://127.0.0.1:* ws://localhost:*"
)
"""The browser may ask this server and nobody else: Voilà's own template would fetch icons from elsewhere."""
_FOR_NOTEBOOKS = "for_notebooks"
"""The tag of a cell that tells of cells, menus or code: the app shows none."""
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
    source = notebooks_folder(options.notebooks)
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
            write_notebooks(source, pages, options)
        write_opening_page(pages, options)
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


def write_notebooks(source: Path, target: Path, options: argparse.Namespace) -> None:
    """Copies of notebooks over the exports of the command, in a folder that holds nothing else.

    Parameters
    ----------
    source, target
        Folders of the notebooks and of the copies.
    options
        What the command was given.
    """
    for name, notebook in own_notebooks(source, options.lang, *own_exports(options)):
        shown = [cell for cell in notebook["cells"] if _FOR_NOTEBOOKS not in cell["metadata"].get("tags", [])]
        notebook["cells"] = [_code("beginning", _beginning(options.lang)), *shown]
        (target / name).write_text(json.dumps(notebook), encoding="utf-8")


def write_opening_page(target: Path, options: argparse.Namespace) -> None:
    """The page with all dashboards of the exports given, on which a person can bring others, as a notebook.

    Parameters
    ----------
    target
        The folder of the pages.
    options
        What the command was given.
    """
    exports, reading = own_exports(options)
    panel = f"fa.dashboards.open_exports({exports!r}, show=fa.dashboards.explore, **{reading!r})"
    heading = f"# {word('cli.app_open', options.lang)}"
    title = {"id": "title", "cell_type": "markdown", "metadata": {}, "source": heading}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [title, _code("panel", f"{_beginning(options.lang)}\n{panel}")]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": cells}
    (target / f"{OPENING}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def _beginning(lang: str) -> str:
    """How each page begins: files that it writes go where the command was given, and it speaks its language."""
    return f"import os; os.chdir({str(Path.cwd())!r})\nimport funnel_analytics as fa\n\nfa.start_notebook({lang!r})"


def _code(key: str, source: str) -> Notebook:
    return {"id": key, "cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def _write_settings(target: Path, port: int, token: str) -> None:
    """Voilà's settings as a file, so that the token does not stand in the list of processes."""
    server = {
        "ip": "127.0.0.1",
        "port": port,
        "token": token,
        "open_browser": False,
        "identity_provider_class": "funnel_analytics.cli._app_login.AppIdentity",
        # Its warnings, as of a notebook that nobody signed, are for who writes notebooks.
        "log_level": "ERROR",
        "tornado_settings": {"headers": {"Content-Security-Policy": _POLICY}, "websocket_max_message_size": _UPLOAD},
    }
    pages = {"template": TEMPLATE, "strip_sources": True, "show_tracebacks": False, "file_allowlist": []}
    target.write_text(json.dumps({"Voila": server, "VoilaConfiguration": pages}), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
