"""A chart in a notebook whose bars and points show their value when pointed at and select it when chosen."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.axes import Axes

from ..charts import png, regions


class Clickable(anywidget.AnyWidget):
    """The picture of one chart; `on_choice` hears what a person chooses in it."""

    _esm = Path(__file__).with_name("_clickable.js")
    picture = traitlets.Bytes().tag(sync=True)
    regions = traitlets.List(traitlets.Dict()).tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)

    def show(self, ax: Axes) -> None:
        """Show what a chart drew; the chart's own words describe it to those who cannot see it."""
        parts = [asdict(region) for region in regions(ax)]
        self.description = "\n".join([ax.get_title(loc="left"), *(part["text"] for part in parts)])
        # One message: a picture never stands under the regions of another.
        with self.hold_sync():
            self.picture, self.regions = png(ax), parts

    def on_choice(self, heard: Callable[[dict[str, str]], None]) -> None:
        """Call a function with the selection of a region that was chosen."""

        def listen(_widget: Any, content: Any, _buffers: Any) -> None:
            if isinstance(content, dict) and isinstance(content.get("chosen"), dict):
                heard(content["chosen"])

        self.on_msg(listen)
