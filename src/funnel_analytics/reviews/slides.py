"""The review as a PowerPoint deck: one question a slide, answered in its title, with native charts and tables."""

import io

import pandas as pd
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR
from pptx.util import Inches, Pt

from ..atomic import steady
from ..words import number, word
from .deck import PALE_INK, Deck, flat
from .fitting import line_count
from .native_charts import CHARTS, rises_from_0
from .native_parts import in_theme
from .shown import Shown, Wording

_TILES_A_ROW = 3
_NARROW = Inches(10)
"""What slides of 4:3 have at most beside their margins."""


def _cover(deck: Deck, said: Wording) -> None:
    slide = deck.slide(said.title)
    deck.text(slide, [said.subtitle], deck.part(0, 0, 1, 0.1), size=14, colour=PALE_INK)
    for place, (name, value) in enumerate(said.tiles):
        row, column = divmod(place, _TILES_A_ROW)
        box = slide.shapes.add_shape(1, *deck.part(column * 0.34, 0.14 + row * 0.28, 0.32, 0.24))
        flat(box)
        box.fill.solid()
        box.fill.fore_color.rgb = RGBColor.from_string("F2F6FA")
        box.line.fill.background()
        frame = box.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        deck.write(frame.paragraphs[0], name, size=14, colour=PALE_INK, on_pale=True)
        size = next((size for size in range(26, 14, -2) if line_count([value], box.width / Pt(1) - 20, size) == 1), 14)
        deck.write(frame.add_paragraph(), value, size=size, bold=True, on_pale=True)


def _in_short(deck: Deck, said: Wording) -> None:
    """All answers on one slide, for those who read no further."""
    slide = deck.slide(word("reviews.in_short", deck.lang))
    deck.text(slide, [page.title for page in said.pages], deck.part(0, 0, 1, 1), size=16, bullets=True)


def _answer(deck: Deck, page: Shown) -> None:
    """A slide for one page: chart, with the numbers beside it where it does not write them."""
    name = page.outline.table
    slide = deck.slide(page.title, page.notes)
    if name not in CHARTS or not rises_from_0(page):
        shown = deck.table(slide, page.telling, page.columns, deck.part(0, 0, 1, 0.79), page.links)
        if len(page.telling) > shown:
            more = word("reviews.more_rows", deck.lang, count=number(len(page.telling) - shown))
            deck.text(slide, [more], deck.part(0, 0.8, 1, 0.07), size=11, colour=PALE_INK)
    elif not page.outline.beside:
        CHARTS[name](slide, page, deck.part(0, 0, 1, 0.88), deck.lang)
    else:
        # A table needs its room for its numbers, a chart can be smaller.
        share = 0.55 if deck.area[2] > _NARROW else 0.44
        CHARTS[name](slide, page, deck.part(0, 0, share, 0.88), deck.lang)
        deck.table(slide, _beside(page), page.outline.beside, deck.part(share + 0.02, 0.035, 0.98 - share, 0.84))
    for shape in slide.shapes:
        if shape.has_chart or shape.has_table:
            # What readers who cannot see the slide are told.
            shape._element.nvGraphicFramePr.cNvPr.set("descr", page.title)
        if shape.has_chart and not deck.own:
            in_theme(shape.chart)
    deck.small_print(slide, page.notes)


def _beside(page: Shown) -> pd.DataFrame:
    """What stands beside a chart: classes rather than accounts, and no stage without a visit."""
    if page.outline.table == "account_segments":
        return _by_segment(page.table)
    if page.outline.table == "time_in_stage":
        return page.table[page.table["visits"] > 0]
    return page.telling


def _by_segment(table: pd.DataFrame) -> pd.DataFrame:
    """Open pipeline of each class: sums of rows that the table already holds."""
    sums = table.groupby("segment", sort=False)[["open_opportunities", "open_amount"]].sum().reset_index()
    sums.attrs = table.attrs
    return sums


def _last(deck: Deck, said: Wording) -> None:
    slide = deck.slide(word("reviews.sources", deck.lang))
    lines = [said.subtitle, *said.sources]
    if said.left_out:
        lines.append(f"{word('reviews.left_out', deck.lang)}:")
        lines += [f"  {name}: {reason}" for name, reason in said.left_out]
    deck.text(slide, lines, deck.part(0, 0, 1, 1), size=12)


def slides(said: Wording) -> bytes:
    """The review as the bytes of a .pptx file.

    Parameters
    ----------
    said
        The review in words; of its template, the team's own .pptx or .potx, layouts, fonts and colours are taken and
        the slides left out.

    Raises
    ------
    ArgumentError
        If the template cannot be opened or has no layout with a title.
    """
    deck = Deck(said.lang, said.template)
    deck.state(said.title, said.book.as_of)
    _cover(deck, said)
    if len(said.pages) > 1:
        _in_short(deck, said)
    for page in said.pages:
        _answer(deck, page)
    _last(deck, said)
    sink = io.BytesIO()
    deck.file.save(sink)
    return steady(sink.getvalue(), said.book.as_of)
