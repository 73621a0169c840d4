"""The canvas charts are drawn on: a text that was measured or written once is not measured or written again."""
# mypy: disable-error-code="no-untyped-call"

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import FontProperties, findfont, get_font
from numpy.typing import NDArray

_TEXTS = 4096
"""So many texts stay known, some kilobytes each: words of the axes and captions return with every chart."""
_LONG = 500
"""Letters of a text that is too long to be kept."""


class ChartCanvas(FigureCanvasAgg):
    """A canvas whose renderer remembers texts, those of other figures too."""

    def get_renderer(self) -> RendererAgg:
        """The renderer for the figure's present size."""
        asked = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._lastKey != asked:
            self.renderer: RendererAgg = _Renderer(*asked)
            self._lastKey = asked
        return self.renderer


class _Renderer(RendererAgg):
    """Texts stand on whole pixels, so that the same text is the same picture wherever it stands."""

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, ismath: Any = False,
        mtext: Any = None,
    ) -> None:  # fmt: skip
        """Write a text; what is turned, seen through, mathematics or very long is written as always."""
        *colour, opaque = gc.get_rgb()
        if ismath or angle or opaque < 1 or gc.get_alpha() < 1 or len(s) > _LONG:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        shade, left, below = _written(s, prop.copy(), self.dpi)
        if not shade.size:
            return
        picture = np.empty((*shade.shape, 4), np.uint8)
        picture[..., :3] = [round(255 * share) for share in colour]
        picture[..., 3] = shade
        self.draw_image(gc, round(x) + left, round(self.height - y) - below, picture[::-1])

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        """What matplotlib asks for before it looks the font of every single text up and opens two of its tables."""
        return _line_height(prop.copy(), self.dpi)

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        """Width, height and descent in pixels."""
        if ismath:
            return super().get_text_width_height_descent(s, prop, ismath)
        return _measured(s, prop.copy(), self.dpi)


@lru_cache
def _gauge(dpi: float) -> RendererAgg:
    return RendererAgg(1, 1, dpi)


@lru_cache(_TEXTS)
def _measured(text: str, prop: FontProperties, dpi: float) -> tuple[float, float, float]:
    """Width, height and descent in pixels."""
    size: tuple[float, float, float] = _gauge(dpi).get_text_width_height_descent(text, prop, False)
    return size


@lru_cache(_TEXTS)
def _line_height(prop: FontProperties, dpi: float) -> tuple[float | None, float | None, float | None]:
    """Ascent, descent and gap of the first font's lines in pixels."""
    first = prop.copy()
    first.set_family(prop.get_family()[:1])
    font = get_font(findfont(first))
    table = font.get_sfnt_table("OS/2")
    if table is None:
        return None, None, None
    scale = prop.get_size_in_points() * dpi / 72 / font.units_per_EM
    return table["sTypoAscender"] * scale, -table["sTypoDescender"] * scale, table["sTypoLineGap"] * scale


@lru_cache(_TEXTS)
def _written(text: str, prop: FontProperties, dpi: float) -> tuple[NDArray[Any], int, int]:
    """How much of each pixel a text covers, and its lower left corner: pixels right of its origin and below it."""
    wide, high, _ = _measured(text, prop, dpi)
    around = int(high) + 8
    sheet = RendererAgg(int(wide) + 2 * around, 2 * around, dpi)
    sheet.draw_text(sheet.new_gc(), around, around, text, prop, 0)
    shade = np.asarray(sheet.buffer_rgba())[..., 3]
    rows, columns = (np.flatnonzero(shade.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return shade[:0, :0], 0, 0
    top, end, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    return shade[top:end, left:right].copy(), left - around, end - around
