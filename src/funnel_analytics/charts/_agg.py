"""The canvas charts are drawn on: a text that was measured or written once is not measured or written again."""
# mypy: disable-error-code="no-untyped-call"

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg, get_hinting_flag
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
        text = _written(s, prop.copy(), self.dpi)
        picture = np.empty((*text.shade.shape, 4), np.uint8)
        picture[..., :3] = [round(255 * share) for share in colour]
        picture[..., 3] = text.shade
        self.draw_image(gc, round(x) + text.left, round(self.height - y) - text.below, picture[::-1])

    def _get_font_height_metrics(self, prop: FontProperties) -> tuple[float | None, float | None, float | None]:
        """What matplotlib asks for before it looks the font of every single text up and opens two of its tables."""
        return _line_height(prop.copy(), self.dpi)

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> Any:
        """Width, height and descent in pixels."""
        if ismath or len(s) > _LONG:
            return super().get_text_width_height_descent(s, prop, ismath)
        return _written(s, prop.copy(), self.dpi).size


@lru_cache
def _gauge(dpi: float) -> RendererAgg:
    return RendererAgg(1, 1, dpi)


@lru_cache
def measuring(dpi: float) -> RendererAgg:
    """What measures texts at a resolution: a text by itself goes on measuring at that of its first measurement."""
    return _Renderer(1, 1, dpi)


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


class _Written(NamedTuple):
    """A text as its fonts write it."""

    size: tuple[float, float, float]
    """Width, height and descent in pixels."""
    shade: NDArray[Any]
    """How much of each pixel it covers."""
    left: int
    below: int
    """Its lower left corner: pixels right of its origin and below it."""


@lru_cache(_TEXTS)
def _written(text: str, prop: FontProperties, dpi: float) -> _Written:
    """A text, measured and written at once: what takes long is that the font looks up and fits every letter."""
    font = _gauge(dpi)._prepare_font(prop)
    font.set_text(text, 0.0, flags=get_hinting_flag())
    wide, high = font.get_width_height()
    deep = font.get_descent() / 64
    font.draw_glyphs_to_bitmap(antialiased=True)
    left = round(font.get_bitmap_offset()[0] / 64)
    return _Written((wide / 64, high / 64, deep), np.array(font.get_image()), left, math.ceil(deep) + 1)
