"""A deck to write on: our own plain one or the team's template, with titles, texts and native tables."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.exc import PackageNotFoundError
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches, Pt

from ..errors import ArgumentError
from ..words import word
from .fitting import SMALLEST, fitted, line_count, sentences_that_fit
from .native_parts import BLUE, INK, Box
from .slide_tables import LINE_INCHES, NUMERIC, Column, heading_lines, laid_out, row_height

_ROWS = 11
"""So many rows of a table are read on a slide."""
PALE_INK = "667085"
_GAP = 4
"""Points after each paragraph."""
_TEMPLATE_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.template.main+xml"
_DECK_TYPE = b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
_BULLET = Inches(0.22)
_SMALL = 10


class Deck:
    """Slides on our own plain layout, or on the layouts, fonts and colours of a team's template.

    ``area`` is the box between the title and the foot of a slide.
    """

    def __init__(self, lang: str, template: Path | None = None) -> None:
        self.lang, self.own = lang, template is None
        self.file = _opened(template)
        if template is None:
            self.file.slide_width, self.file.slide_height = Inches(13.333), Inches(7.5)
            self.layout = self.file.slide_layouts[5]
            margin = Inches(0.6)
            self.area: Box = (margin, Inches(1.5), self.file.slide_width - 2 * margin, Inches(5.6))
        else:
            _emptied(self.file)
            self.layout = _title_only(self.file, template)
            self.area = _below_title(self.layout, self.file)

    def state(self, title: str, moment: pd.Timestamp) -> None:
        """The file's properties; a template's author is not the author of this review."""
        stamp, properties = moment.to_pydatetime(), self.file.core_properties
        properties.title, properties.author, properties.created, properties.modified = title, "", stamp, stamp
        properties.last_modified_by, properties.revision = "", 1

    def slide(self, title: str, notes: str = "") -> Any:
        """A new slide with a title."""
        slide = self.file.slides.add_slide(self.layout)
        holder = slide.shapes.title
        for shape in list(slide.placeholders):
            if shape is not holder and shape.placeholder_format.idx != holder.placeholder_format.idx:
                # An empty placeholder asks the reader to click on it.
                shape._element.getparent().remove(shape._element)
        frame = holder.text_frame
        frame.word_wrap = True
        if self.own:
            left, _, width, _ = self.area
            holder.left, holder.top, holder.width, holder.height = left, Inches(0.35), width, Inches(0.95)
            frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            self.write(frame.paragraphs[0], title, size=_title_size(title, holder), bold=True, colour=BLUE)
            rule = slide.shapes.add_connector(1, left, Inches(1.35), left + width, Inches(1.35))
            flat(rule)
            rule.line.color.rgb = RGBColor.from_string("C9D1DA")
        else:
            self.write(frame.paragraphs[0], title, size=_title_size(title, holder))
        _number(slide, self)
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
        return slide

    def part(self, left: float, top: float, width: float, height: float) -> Box:
        """A box inside the area, by fractions of it."""
        x, y, wide, high = self.area
        return Emu(int(x + left * wide)), Emu(int(y + top * high)), Emu(int(width * wide)), Emu(int(height * high))

    def write(
        self,
        paragraph: Any,
        text: str,
        *,
        size: int,
        bold: bool = False,
        colour: str = INK,
        right: bool = False,
        on_pale: bool = False,
    ) -> None:
        """A run of text; in a template its font and, but ``on_pale`` ground of ours, its colour are the template's."""
        run = paragraph.add_run()
        run.text = text
        run.font.size = Pt(size)
        if bold:
            run.font.bold = True
        if self.own:
            run.font.name = "Calibri"
        if self.own or on_pale:
            run.font.color.rgb = RGBColor.from_string(colour)
        paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
        properties = run._r.get_or_add_rPr()
        # python-pptx has no setting for the font that Chinese characters take.
        east_asian = properties.makeelement(qn("a:ea"), {"typeface": word("language.east_asian_font", self.lang)})
        properties.append(east_asian)
        properties.set("lang", word("language.tag", self.lang))

    def text(
        self,
        slide: Any,
        lines: Sequence[str],
        box: Box,
        *,
        size: int = 14,
        colour: str = INK,
        bullets: bool = False,
    ) -> None:
        """A box of lines, in the largest type, up to ``size``, in which they fit."""
        frame = slide.shapes.add_textbox(*box).text_frame
        frame.word_wrap = True
        inset = 2 * Inches(0.1)
        inset_left = _BULLET if bullets else 0
        kept, size = fitted(lines, (box[2] - inset - inset_left) / Pt(1), (box[3] - inset / 2) / Pt(1), size, _GAP)
        for number, line in enumerate(kept):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(_GAP)
            if bullets:
                # The lines of an item stand below each other, not below its bullet.
                properties = paragraph._p.get_or_add_pPr()
                properties.set("marL", str(_BULLET))
                properties.set("indent", str(-_BULLET))
                properties.append(properties.makeelement(qn("a:buChar"), {"char": "•"}))
            self.write(paragraph, line, size=size, colour=colour)

    def small_print(self, slide: Any, text: str) -> None:
        """Definitions at the foot of a slide: whole sentences, as many as fit; the notes of the slide have them all."""
        box = self.part(0, 0.895, 1, 0.105)
        inset = 2 * Inches(0.1)
        kept = sentences_that_fit(text, (box[2] - inset) / Pt(1), (box[3] - inset / 2) / Pt(1), _SMALL)
        self.text(slide, [kept], box, size=_SMALL, colour=PALE_INK)

    def table(
        self,
        slide: Any,
        table: pd.DataFrame,
        names: Sequence[str],
        box: Box,
        links: Mapping[str, pd.Series] = MappingProxyType({}),
    ) -> int:
        """A native table, restyled: a thin rule below the headings, no bands; says how many rows it shows."""
        rows = table.head(_ROWS)
        columns = [Column(name, rows, self.lang) for name in names]
        size, wide = laid_out(columns, len(rows), box)
        if size < SMALLEST:
            # No number is broken over two lines: where whole amounts have no room, they are said as in titles.
            columns = [Column(name, rows, self.lang, short=True) for name in names]
            size, wide = laid_out(columns, len(rows), box)
        lines = max(heading_lines(column.heading, room) for column, room in zip(columns, wide, strict=True))
        first = Inches(lines * size * LINE_INCHES + 0.08)
        if len(rows) * row_height(size, tall=True) + first <= box[3]:
            for column, room in zip(columns, wide, strict=True):
                # Few rows leave room for whole names.
                column.lines = 2 if column.cut(room) else column.lines
        high = row_height(size, tall=any(column.lines > 1 for column in columns))
        count = min(len(rows), max(3, int((box[3] - first) / high)))
        shape = slide.shapes.add_table(count + 1, len(names), *box[:3], Emu(first + high * count))
        grid = shape.table
        style = shape._element.graphic.graphicData.tbl.tblPr
        style.set("bandRow", "0")
        style.find(qn("a:tableStyleId")).text = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
        for position, (column, room) in enumerate(zip(columns, wide, strict=True)):
            grid.columns[position].width = Emu(int(box[2] * room / sum(wide)))
            right = column.kind in NUMERIC
            self._cell(grid.cell(0, position), column.heading, size=size, bold=True, colour=BLUE, right=right)
            addresses = links.get(column.name, pd.Series(None, index=range(count), dtype="object"))
            for row, (text, address) in enumerate(
                zip(column.shown(room)[:count], addresses.iloc[:count], strict=True), 1
            ):
                self._cell(grid.cell(row, position), text, size=size, right=right, address=address)
        for number, row in enumerate(grid.rows):
            row.height = high if number else first
        return count

    def _cell(
        self,
        target: Any,
        text: str,
        *,
        size: int,
        bold: bool = False,
        colour: str = INK,
        right: bool = False,
        address: object = None,
    ) -> None:
        target.margin_left = target.margin_right = Inches(0.09)
        target.margin_top = target.margin_bottom = Inches(0.02)
        target.vertical_anchor = MSO_ANCHOR.MIDDLE
        paragraph = target.text_frame.paragraphs[0]
        self.write(paragraph, text, size=size, bold=bold, colour=colour, right=right)
        if isinstance(address, str):
            paragraph.runs[0].hyperlink.address = address


def flat(shape: Any) -> None:
    """A shape without the theme's style: its shadow goes, also where programs do not know that none is asked for."""
    style = shape._element.find(qn("p:style"))
    shape._element.remove(style)


def _number(slide: Any, deck: Deck) -> None:
    """The slide's number, where the layout has it, else below the area on the right."""
    kinds = {shape.placeholder_format.type: shape for shape in deck.layout.placeholders}
    place = kinds.get(PP_PLACEHOLDER.SLIDE_NUMBER)
    if not deck.own and place is not None:
        slide.shapes._spTree.append(deepcopy(place._element))
        return
    if not deck.own:
        return
    left, top, wide, high = deck.area
    frame = slide.shapes.add_textbox(left + wide - Inches(1), top + high, Inches(1), Inches(0.3)).text_frame
    deck.write(frame.paragraphs[0], "", size=9, colour=PALE_INK, right=True)
    # python-pptx writes no fields: the run becomes one, with the properties it has.
    run = frame.paragraphs[0]._p.find(qn("a:r"))
    run.tag = qn("a:fld")
    run.set("id", "{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}")
    run.set("type", "slidenum")
    run.find(qn("a:t")).text = "‹#›"


def _opened(template: Path | None) -> Any:
    if template is None:
        return Presentation()
    if not template.is_file():
        raise ArgumentError(f"There is no template '{template}'. Give the path of a PowerPoint file (.pptx).")
    try:
        return Presentation(io.BytesIO(_as_presentation(template)))
    except (PackageNotFoundError, zipfile.BadZipFile, ValueError, KeyError, OSError) as problem:
        raise ArgumentError(
            f"The template '{template.name}' is not a PowerPoint file ({problem}). Accepted: a .pptx or .potx, saved"
            " by PowerPoint without a password."
        ) from problem


def _as_presentation(template: Path) -> bytes:
    """The file's bytes; a template (.potx) says it is a presentation, for the library refuses it otherwise."""
    source, target = template.read_bytes(), io.BytesIO()
    if _TEMPLATE_TYPE not in zipfile.ZipFile(io.BytesIO(source)).read("[Content_Types].xml"):
        return source
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(
                name, old.read(name).replace(_TEMPLATE_TYPE, _DECK_TYPE) if name.startswith("[") else old.read(name)
            )
    return target.getvalue()


def _emptied(deck: Any) -> None:
    """The template's own slides go; its layouts, theme and masters stay."""
    listed = deck.slides._sldIdLst
    for entry in list(listed):
        deck.part.drop_rel(entry.rId)
        listed.remove(entry)


def _title_only(deck: Any, template: Path) -> Any:
    """The layout that has a title and the fewest other places to fill."""
    titles = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
    small = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
    found = []
    for number, layout in enumerate(deck.slide_layouts):
        kinds = [shape.placeholder_format.type for shape in layout.placeholders]
        if any(kind in titles for kind in kinds):
            centred = PP_PLACEHOLDER.CENTER_TITLE in kinds
            found.append((centred, sum(kind not in titles + small for kind in kinds), number))
    if not found:
        raise ArgumentError(
            f"The template '{template.name}' has no layout with a title. Add one that has a title only."
        )
    return deck.slide_layouts[min(found)[2]]


def _below_title(layout: Any, deck: Any) -> Box:
    """The room between the layout's title and its footers, from where the title begins."""
    width, height = deck.slide_width, deck.slide_height
    kinds = {shape.placeholder_format.type: shape for shape in layout.placeholders}
    title = kinds.get(PP_PLACEHOLDER.TITLE) or kinds[PP_PLACEHOLDER.CENTER_TITLE]
    feet = [
        shape.top
        for kind, shape in kinds.items()
        if kind in (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
        and shape.top > height * 0.6
    ]
    top = title.top + title.height + int(height * 0.015)
    bottom = min([*feet, int(height * 0.96)]) - int(height * 0.01)
    if bottom - top < height * 0.5:
        # A title that fills the slide (a cover) leaves no room: the usual place of a title is assumed.
        top, bottom = int(height * 0.2), int(height * 0.92)
    margin = min(title.left, int(width * 0.1))
    # What stands left of a title that fills the rest of the slide is the company's: a band, a logo.
    left = title.left if title.left < width * 0.3 and title.width > width * 0.5 else margin
    right = max(min(margin, width - title.left - title.width), int(width * 0.03))
    return left, top, width - left - right, bottom - top


def _title_size(title: str, holder: Any) -> int:
    """The largest size, up to 24 points, at which a title fits its place, and in two lines."""
    wide, high = (holder.width - 2 * Inches(0.1)) / Pt(1), max(holder.height / Pt(1), 40)
    two = next((size for size in range(24, SMALLEST, -1) if line_count([title], wide, size) <= 2), SMALLEST)
    return fitted([title], wide, high, two, 0)[1]
