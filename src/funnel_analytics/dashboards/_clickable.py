"""A chart in a notebook whose bars and points show their value when pointed at and select it when chosen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..words import word
from ._content import Picture


class Clickable(anywidget.AnyWidget):
    """The picture of one chart; `on_choice` hears what a person chooses in it."""

    _esm = Path(__file__).with_name("_clickable.js")
    _css = Path(__file__).with_name("_clickable.css")
    picture = traitlets.Bytes().tag(sync=True)
    regions = traitlets.List(traitlets.Dict()).tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    save = traitlets.Unicode().tag(sync=True)
    """What the link that saves the picture is called."""

    def show(self, picture: Picture, lang: str) -> None:
        """Show a picture; its own words describe it to those who cannot see it."""
        # One message: a picture never stands under the regions of another.
        with self.hold_sync():
            self.title, self.description = picture.title, picture.description
            self.save = word("dashboards.picture_file", lang)
            self.picture, self.regions = picture.png, [dict(region) for region in picture.regions]

    def on_choice(self, heard: Callable[[dict[str, str]], None]) -> None:
        """Call a function with the selection of a region that was chosen."""

        def listen(_widget: Any, content: Any, _buffers: Any) -> None:
            if isinstance(content, dict) and isinstance(content.get("chosen"), dict):
                heard(content["chosen"])

        self.on_msg(listen)
