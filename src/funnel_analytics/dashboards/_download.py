"""A button that saves a file made by Python, in JupyterLab and in the app alike."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Download(anywidget.AnyWidget):
    """The button; `make` gives name and bytes of the file, or None where it could not be made."""

    _esm = Path(__file__).with_name("_download.js")
    _css = Path(__file__).with_name("_clickable.css")
    description = traitlets.Unicode().tag(sync=True)

    def __init__(self, make: Callable[[], tuple[str, bytes] | None]) -> None:
        super().__init__()
        self._make = make
        self.on_msg(self._asked)

    def _asked(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if isinstance(content, dict) and content.get("wanted") and (made := self._make()) is not None:
            self.send({"name": made[0], "type": XLSX}, buffers=[made[1]])
