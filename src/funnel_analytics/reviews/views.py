"""Pictures of views that people kept, as slides of a deck that is written: before its last slide, the sources."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pptx import Presentation
from pptx.util import Emu

from ..atomic import steady, write_whole
from .deck import PALE_INK, Deck


@dataclass(frozen=True)
class View:
    """One picture with its words."""

    title: str
    caption: str
    """What was chosen."""
    picture: bytes
    """PNG."""
    description: str
    """What the picture shows, for those who cannot see it."""


def add_views(path: Path, views: Sequence[View], lang: str, moment: pd.Timestamp) -> None:
    """Add a slide for each view to a deck on our own layout.

    Parameters
    ----------
    path
        The .pptx, replaced as a whole.
    views
        What to add.
    lang
        Language code.
    moment
        The date of the book: the same book and views give the same bytes.
    """
    deck = Deck(lang)
    deck.file = Presentation(io.BytesIO(path.read_bytes()))
    deck.layout = deck.file.slide_layouts[5]
    for view in views:
        slide = deck.slide(view.title, view.description)
        left, top, wide, high = deck.part(0, 0, 1, 0.88)
        picture = slide.shapes.add_picture(io.BytesIO(view.picture), left, top)
        scale = min(wide / picture.width, high / picture.height)
        picture.width, picture.height = Emu(int(picture.width * scale)), Emu(int(picture.height * scale))
        picture.left = Emu(int(left + (wide - picture.width) / 2))
        picture._element.nvPicPr.cNvPr.set("descr", view.description)
        deck.text(slide, [view.caption], deck.part(0, 0.9, 1, 0.1), size=10, colour=PALE_INK)
    listed = deck.file.slides._sldIdLst
    # The sources stay last.
    sources = listed[-1 - len(views)]
    listed.remove(sources)
    listed.append(sources)
    sink = io.BytesIO()
    deck.file.save(sink)
    write_whole({path: steady(sink.getvalue(), moment)}, force=True)
