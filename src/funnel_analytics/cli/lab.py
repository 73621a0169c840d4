"""``funnel-analytics lab``: the notebooks in JupyterLab, on this machine only."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from ..errors import ArgumentError
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
            f"There is no folder '{folder}' with notebooks. Give its path: funnel-analytics lab FOLDER."
        )
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    # The lab binds to this machine only and asks for a token: both are Jupyter's defaults, stated to keep them.
    command = [sys.executable, "-m", "jupyterlab", "--ip=127.0.0.1", *root, str(folder)]
    return subprocess.call(command)  # noqa: S603 - our own interpreter, no shell
