"""``funnel-analytics lab``: the notebooks in JupyterLab, on this machine only, in the reader's language."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from ..errors import ArgumentError
from ..languages import word
from ._console import tell
from ._parser import Commands, Parser, add_command


def add(commands: "Commands[Parser]", lang: str) -> None:
    """Add the command."""
    parser = add_command(commands, "lab", lang=lang)
    parser.say("folder", text="lab_folder", nargs="?", default="notebooks", metavar="FOLDER")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    folder = Path(options.folder)
    if not folder.is_dir():
        raise ArgumentError(
            f"There is no folder '{folder}' with notebooks. Give its path: funnel-analytics lab FOLDER; or write"
            " notebooks for your exports first: funnel-analytics notebooks EXPORTS."
        )
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # The first notebook stands open, the others beside it: nobody has to look for the first step.
    first = next(iter(sorted(folder.glob("*.ipynb"))), folder)
    # The lab binds to this machine only and asks for a token: both are Jupyter's defaults, stated to keep them.
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", "--log-level=WARN", *root, str(first)]
    tell(word("cli.lab_opening", options.lang, folder=folder))
    with tempfile.TemporaryDirectory(prefix="funnel-analytics-") as settings:
        write_lab_settings(Path(settings), options.lang)
        known = os.pathsep.join(filter(None, [os.environ.get("JUPYTER_CONFIG_PATH"), settings]))
        return subprocess.call(command, env=os.environ | {"JUPYTER_CONFIG_PATH": known})  # noqa: S603 - our own interpreter, no shell


def write_lab_settings(target: Path, lang: str) -> None:
    """What JupyterLab does while its user has chosen nothing else: it asks no other machine, and speaks the language.

    Parameters
    ----------
    target
        A folder for `JUPYTER_CONFIG_PATH`.
    lang
        Language code.
    """
    settings: dict[str, dict[str, object]] = {
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    }
    tag = word("language.tag", lang).replace("-", "_")
    if find_spec(f"jupyterlab_language_pack_{tag}"):
        settings["@jupyterlab/translation-extension:plugin"] = {"locale": tag}
    folder = target / "labconfig"
    folder.mkdir(parents=True)
    (folder / "default_setting_overrides.json").write_text(json.dumps(settings), encoding="utf-8")
