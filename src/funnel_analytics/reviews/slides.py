"""The review as a PowerPoint deck: one question a slide, answered in its title, with native charts and tables."""

import io
from collections.abc import Sequence
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from ..words import cell, word
from .atomic import steady
from .contents import Contents, column_kind
from .native_charts import BLUE, CHARTS
from .shown import Shown, Wording, wording

_ROWS = 11
_EAST_ASIAN = {"zh-Hans": "Microsoft YaHei", "zh-Hant": "Microsoft JhengHei", "en": "Microsoft YaHei"}
_WIDTH, _HEIGHT, _MARGIN = Inches(13.333), Inches(7.5), Inches(0.6)
_NUMERIC = {"money", "rate", "count", "days", "number"}
_LIMITS = {
    "opportunity_name": 30,
    "opportunity_id": 20,
    "account_name": 20,
    "owner": 14,
    "segment": 10,
    "close_date": 15,
    "reasons": 64,
}
"""Widths of text columns in half-width characters: what does not fit is shortened, so that no row wraps."""


def shortened(text: str, limit: int) -> str:
    """Text of at most so many half-width columns; a Chinese character takes two.

    Examples
    --------
    >>> shortened("Northern Automation Holding", 12)
    'Northern Au…'
    """
    widths = [2 if ord(character) > 0x2E7F else 1 for character in text]
    if sum(widths) <= limit:
        return text
    taken = 0
    for position, width in enumerate(widths):
        taken += width
        if taken > limit - 1:
            return text[:position].rstrip() + "…"
    return text


class _Deck:
    def __init__(self, contents: Wording) -> None:
        self.contents, self.lang = contents, contents.lang
        self.deck = Presentation()
        self.deck.slide_width, self.deck.slide_height = _WIDTH, _HEIGHT
        self.blank = self.deck.slide_layouts[5]
        stamp = contents.book.as_of.to_pydatetime()
        properties = self.deck.core_properties
        properties.title, properties.author, properties.created, properties.modified = contents.title, "", stamp, stamp
        properties.last_modified_by, properties.revision = "", 1

    def slide(self, title: str, notes: str = "") -> Any:
        slide = self.deck.slides.add_slide(self.blank)
        holder = slide.shapes.title
        holder.left, holder.top, holder.width, holder.height = _MARGIN, Inches(0.35), _WIDTH - 2 * _MARGIN, Inches(0.95)
        frame = holder.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        self.write(frame.paragraphs[0], title, size=24, bold=True, colour=BLUE)
        rule = slide.shapes.add_connector(1, _MARGIN, Inches(1.35), _WIDTH - _MARGIN, Inches(1.35))
        rule.line.color.rgb = RGBColor.from_string("C9D1DA")
        rule.shadow.inherit = False
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
        return slide

    def write(
        self, paragraph: Any, text: str, *, size: int, bold: bool = False, colour: str = "1D2939", right: bool = False
    ) -> None:
        run = paragraph.add_run()
        run.text = text
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, "Calibri"
        run.font.color.rgb = RGBColor.from_string(colour)
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        properties = run._r.get_or_add_rPr()
        # python-pptx has no setting for the font that Chinese characters take.
        east_asian = properties.makeelement(qn("a:ea"), {"typeface": _EAST_ASIAN[self.lang]})
        properties.append(east_asian)
        properties.set("lang", {"en": "en-US", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}[self.lang])

    def text(
        self, slide: Any, lines: list[str], box: tuple[Any, Any, Any, Any], *, size: int = 14, colour: str = "1D2939"
    ) -> None:
        frame = slide.shapes.add_textbox(*box).text_frame
        frame.word_wrap = True
        for number, line in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(4)
            self.write(paragraph, line, size=size, colour=colour)

    def table(
        self, slide: Any, table: pd.DataFrame, names: Sequence[str], box: tuple[Any, Any, Any, Any], *, size: int = 11
    ) -> None:
        """A native table, restyled: a thin rule below the headings, no bands."""
        rows = table.head(_ROWS)
        shape = slide.shapes.add_table(len(rows) + 1, len(names), *box[:3], Emu(Inches(0.34) * (len(rows) + 1)))
        grid = shape.table
        style = shape._element.graphic.graphicData.tbl.tblPr
        style.set("bandRow", "0")
        style.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
        weights = [_LIMITS.get(name, 13 if column_kind(table, name) in _NUMERIC else 16) for name in names]
        for position, (name, weight) in enumerate(zip(names, weights, strict=True)):
            grid.columns[position].width = Emu(int(box[2] * weight / sum(weights)))
            right = column_kind(table, name) in _NUMERIC
            self._cell(
                grid.cell(0, position),
                word(f"tables.{name}", self.lang),
                size=size,
                bold=True,
                colour=BLUE,
                right=right,
            )
            for row, value in enumerate(rows[name], start=1):
                text = shortened(cell(value, column_kind(table, name), self.lang, table=table), _LIMITS.get(name, 30))
                self._cell(grid.cell(row, position), text, size=size, right=right)
        for row in grid.rows:
            row.height = Inches(0.34)

    def _cell(
        self, target: Any, text: str, *, size: int, bold: bool = False, colour: str = "1D2939", right: bool = False
    ) -> None:
        target.margin_left = target.margin_right = Inches(0.06)
        target.margin_top = target.margin_bottom = Inches(0.02)
        target.vertical_anchor = MSO_ANCHOR.MIDDLE
        self.write(target.text_frame.paragraphs[0], text, size=size, bold=bold, colour=colour, right=right)


def _cover(deck: _Deck) -> None:
    contents = deck.contents
    slide = deck.slide(contents.title)
    deck.text(
        slide, [contents.subtitle], (_MARGIN, Inches(1.5), _WIDTH - 2 * _MARGIN, Inches(0.5)), size=14, colour="667085"
    )
    count = len(contents.tiles)
    gap = Inches(0.25)
    width = Emu(int((_WIDTH - 2 * _MARGIN - gap * 2) / 3))
    for number in range(count):
        name, value = contents.tiles[number]
        left = Emu(int(_MARGIN + (number % 3) * (width + gap)))
        top = Emu(int(Inches(2.3) + (number // 3) * Inches(1.65)))
        box = slide.shapes.add_shape(1, left, top, width, Inches(1.4))
        box.fill.solid()
        box.fill.fore_color.rgb = RGBColor.from_string("F2F6FA")
        box.line.fill.background()
        box.shadow.inherit = False
        frame = box.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        deck.write(frame.paragraphs[0], name, size=14, colour="667085")
        deck.write(frame.add_paragraph(), value, size=26 if len(value) < 20 else 20, bold=True)


def _answer(deck: _Deck, page: Shown) -> None:
    """A slide for one page: chart, with the numbers beside it where it does not write them."""
    name, width = page.outline.table, _WIDTH - 2 * _MARGIN
    slide = deck.slide(page.title, page.notes)
    top, height = Inches(1.5), Inches(5.2)
    if name not in CHARTS:
        deck.table(slide, page.listed, page.columns, (_MARGIN, top, width, height), size=10)
        if len(page.listed) > _ROWS:
            more = word("reviews.more_rows", deck.lang, count=len(page.listed) - _ROWS)
            deck.text(slide, [more], (_MARGIN, Inches(6.15), width, Inches(0.4)), size=11, colour="667085")
    elif not page.outline.beside:
        CHARTS[name](slide, page, (_MARGIN, top, width, height), deck.lang)
    else:
        part, gap = Inches(6.7), Inches(0.2)
        CHARTS[name](slide, page, (_MARGIN, top, part, height), deck.lang)
        right = (Emu(_MARGIN + part + gap), Inches(1.7), Emu(width - part - gap), height)
        table = _by_segment(page.table) if name == "account_segments" else page.table
        deck.table(slide, table, page.outline.beside, right, size=10)
    deck.text(slide, [page.notes], (_MARGIN, Inches(6.75), width, Inches(0.6)), size=10, colour="667085")


def _by_segment(table: pd.DataFrame) -> pd.DataFrame:
    """Open pipeline of each class: sums of rows that the table already holds."""
    sums = table.groupby("segment", sort=False)[["open_opportunities", "open_amount"]].sum().reset_index()
    sums.attrs = table.attrs
    return sums


def _last(deck: _Deck) -> None:
    contents = deck.contents
    slide = deck.slide(word("reviews.sources", deck.lang))
    lines = list(contents.sources)
    if contents.left_out:
        lines.append(f"{word('reviews.left_out', deck.lang)}:")
        lines += [f"  {name}: {shortened(reason, 180)}" for name, reason in contents.left_out]
    size = 12 if len(lines) <= 16 else 10
    deck.text(slide, lines, (_MARGIN, Inches(1.5), _WIDTH - 2 * _MARGIN, Inches(5.6)), size=size)


def slides(contents: Contents, lang: str) -> bytes:
    """The review as the bytes of a .pptx file.

    Parameters
    ----------
    contents
        The computed review.
    lang
        Language code.
    """
    said = wording(contents, lang)
    deck = _Deck(said)
    _cover(deck)
    for page in said.pages:
        _answer(deck, page)
    _last(deck)
    sink = io.BytesIO()
    deck.deck.save(sink)
    return steady(sink.getvalue(), contents.book.as_of)
