"""Controls and pictures in a notebook: with the rating form in `_live_form` the only modules that know ipywidgets.

A change of a control calls the dashboard's content function and puts what it returns on the page; nothing is
computed here. A problem is shown as a sentence, never as a traceback.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from typing import Any, TypeVar

import ipywidgets as widgets
import pandas as pd

from ..book import Book
from ..errors import ArgumentError, nearest
from ..languages import LANGUAGES
from ..notebook import problem_page
from ..words import language, number, word
from ._ahead import Ahead, likely_next
from ._clickable import Clickable
from ._content import Builder, Content, Control, Picture, drawn, telling
from ._download import Download
from ._garbage import garbage_kept
from ._kept import KEPT, keep_view, kept_views
from ._live_amount import Amount
from ._rows import Rows

log = logging.getLogger(__name__)
ALL = ""
"""Stands for None in a drop-down, which shows a choice of None as an empty box."""
_TILE = (
    "<div style='border:1px solid #d0d5dd;border-radius:6px;padding:6px 14px;margin:2px 8px 2px 0'>"
    "<div style='color:#475467;font-size:12px'>{}</div><div style='font-size:20px;font-weight:600'>{}</div>"
    "<div style='color:#475467;font-size:11px;min-height:1.3em'>{}</div></div>"
)
LANGUAGE_NAMES = {code: word("language.name", code) for code in LANGUAGES}
Action = Callable[..., str]
View = tuple[Content, list[Picture]]
_T = TypeVar("_T")
_MOST_VIEWS = 24
"""So many views stay drawn, about a megabyte each."""


def tiles_html(content: Content) -> str:
    """Tiles as HTML with their changes below, every text escaped."""
    cells = "".join(
        _TILE.format(escape(name), escape(value), escape(content.changes.get(name, "")))
        for name, value in content.tiles
    )
    return f"<div style='display:flex;flex-wrap:wrap'>{cells}</div>"


def closed(shown: Iterable[widgets.Widget]) -> None:
    """Close widgets and all that stands in them, so that nothing stays behind in kernel or browser."""
    for widget in shown:
        closed(getattr(widget, "children", ()))
        for part in (getattr(widget, "style", None), getattr(widget, "layout", None), widget):
            if isinstance(part, widgets.Widget):
                part.close()


def _key(state: Mapping[str, Any]) -> str:
    return repr(sorted(state.items()))


class Panel(widgets.VBox):
    """What a notebook shows: widgets one below the other."""


class Tabs(widgets.Tab):
    """Panels as tabs, each made when it is first looked at."""

    def __init__(self, made: Sequence[tuple[str, Callable[[], widgets.Widget]]]) -> None:
        self._makers = [maker for _, maker in made]
        super().__init__([widgets.VBox() for _ in made], titles=[title for title, _ in made], selected_index=0)
        self.add_class("fa-tabs")
        self.observe(lambda _: self._fill(), names="selected_index")
        self._fill()

    def _fill(self) -> None:
        page = self.children[self.selected_index or 0]
        if not page.children:
            page.children = (self._makers[self.selected_index or 0](),)


class Dashboard(Panel):
    """Controls above, tiles and charts below, then the rows behind them.

    ``state`` is the setting of the controls: ``dashboards.funnel(book, **dashboard.state)`` shows the same view again.
    """

    def __init__(
        self,
        book: Book,
        build: Builder,
        controls: list[Control],
        *,
        lang: str | None = None,
        state: Mapping[str, Any] | None = None,
        action: tuple[str, Action] | None = None,
    ) -> None:
        self._book, self._build, self._specs, self._action = book, build, controls, action
        self._views: dict[str, View] = {}
        self._ahead = Ahead()
        self._lang = language(lang)
        self._words = pd.DataFrame()
        self._words.attrs = book.context
        self._inputs = {spec.name: self._input(spec) for spec in controls}
        self._set_state(state or {})
        self._language = widgets.Dropdown(
            options=[(LANGUAGE_NAMES[code], code) for code in LANGUAGES], value=self._lang,
            layout=widgets.Layout(width="260px"), style={"description_width": "90px"},
        )  # fmt: skip
        self._language.add_class("fa-control-lang")
        self._message, self._tiles, self._table = widgets.HTML(), widgets.HTML(), Rows()
        self._message.add_class("fa-message")
        self._tiles.add_class("fa-tiles")
        self._charts = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        self._button = widgets.Button(button_style="primary", layout=widgets.Layout(width="auto"))
        self._button.add_class("fa-action")
        self._button.on_click(self._act)
        self._reset, self._keep = (self._plain_button(*of) for of in (("reset", self.reset), ("keep", self._kept)))
        self._file = Download(self._table_file)
        bar = [*self._inputs.values(), self._language, self._reset, self._keep, *([self._button] if action else [])]
        row = widgets.HBox(bar, layout=widgets.Layout(flex_flow="row wrap"))
        row.add_class("fa-controls")
        super().__init__([row, self._message, self._tiles, self._charts, self._table, self._file])
        for control in self._inputs.values():
            control.observe(self._changed, names="value")
        self._language.observe(self._language_changed, names="value")
        self._name_controls()
        self.refresh()

    def _plain_button(self, name: str, press: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(layout=widgets.Layout(width="auto"))
        button.add_class(f"fa-{name}")
        button.on_click(lambda _: press())
        return button

    def _input(self, spec: Control) -> widgets.Widget:
        # "If these are lost" must not be cut down to "If these are", nor the names of opportunities.
        named, wide = (120, 410) if spec.several else (90, 260)
        layout, style = widgets.Layout(width=f"{wide}px"), {"description_width": f"{named}px"}
        if spec.several:
            control = widgets.SelectMultiple(options=self._options(spec), rows=4, layout=layout, style=style)
        elif spec.choices:
            value = ALL if spec.default is None else spec.default
            control = widgets.Dropdown(options=self._options(spec), value=value, layout=layout, style=style)
        else:
            control = Amount(spec.default, layout=layout, style=style)
        control.add_class(f"fa-control-{spec.name}")
        return control

    def _options(self, spec: Control) -> list[tuple[str, Any]]:
        return [
            (spec.option_label(value, self._lang, self._words), ALL if value is None else value)
            for value in spec.choices
        ]

    def _set_state(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            if name not in self._inputs:
                raise ArgumentError(f"This dashboard has no control '{name}'.{nearest(name, self._inputs)}")
            spec = next(spec for spec in self._specs if spec.name == name)
            if spec.several:
                self._set_several(spec, value)
                continue
            value = pd.Timestamp(value) if spec.choices and isinstance(spec.choices[-1], pd.Timestamp) else value
            if spec.choices and value not in spec.choices:
                raise ArgumentError(
                    f"'{value}' cannot be chosen for {name}.{nearest(str(value), map(str, spec.choices[:40]))}"
                )
            self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        """Set a control that is not for several values; None is "all", or no amount."""
        control = self._inputs[name]
        if isinstance(control, Amount):
            control.amount = value
        else:
            control.value = ALL if value is None else value

    def _set_several(self, spec: Control, chosen: Any) -> None:
        wanted = [] if chosen is None else [chosen] if isinstance(chosen, str) else list(chosen)
        for value in wanted:
            if value not in spec.choices:
                raise ArgumentError(
                    f"'{value}' cannot be chosen for {spec.name}.{nearest(str(value), map(str, spec.choices[:40]))}"
                )
        self._inputs[spec.name].value = tuple(wanted)

    @property
    def state(self) -> dict[str, Any]:
        """The setting of every control, by argument name."""
        values = {
            name: control.amount if isinstance(control, Amount) else control.value
            for name, control in self._inputs.items()
        }
        return {name: None if value == ALL else value for name, value in values.items()} | {"lang": self._lang}

    def _name_controls(self) -> None:
        for spec in self._specs:
            control, value = self._inputs[spec.name], self._inputs[spec.name].value
            control.description = word(f"dashboards.{spec.name}", self._lang)
            if spec.choices:
                control.options = self._options(spec)
                control.value = value
        self._language.description = word("dashboards.lang", self._lang)
        for button, name in ((self._reset, "reset"), (self._keep, "keep"), (self._file, "table_file")):
            button.description = word(f"dashboards.{name}", self._lang)
        if self._action:
            self._button.description = word(f"dashboards.{self._action[0]}", self._lang)

    def _changed(self, change: Any) -> None:
        self.refresh()
        self._ahead.begin(self._likely_views(change["owner"]))

    def _likely_views(self, control: widgets.Widget) -> Iterator[object]:
        """Draw the views of the choices beside the one that was just made: who goes through a list goes on."""
        spec = next(spec for spec in self._specs if self._inputs[spec.name] is control)
        if spec.several or not spec.choices:
            return
        now = self.state
        for value in likely_next(spec.choices, now[spec.name]):
            state = now | {spec.name: value}
            key = _key(state)
            if key not in self._views:
                try:
                    yield from self._drawing(state)
                    yield None
                    self._table.write(self._views[key][0].table, self._lang)
                except Exception:
                    # It is told when it is chosen.
                    log.debug("fault", exc_info=True)

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Set several controls and redraw once, afterwards."""
        for control in self._inputs.values():
            control.unobserve(self._changed, names="value")
        try:
            yield
        finally:
            for control in self._inputs.values():
                control.observe(self._changed, names="value")
        self.refresh()

    def _language_changed(self, change: Any) -> None:
        self._lang = change["new"]
        with self._at_once():
            self._name_controls()

    def reset(self) -> None:
        """Set every control but the language as it was in the beginning."""
        with self._at_once():
            for spec in self._specs:
                if spec.several:
                    self._inputs[spec.name].value = ()
                else:
                    self._set(spec.name, spec.default if spec.choices else None)

    def _kept(self) -> None:
        """Keep this view for the review, or take it out again."""
        name = self._build.__name__.removesuffix("_content")

        def keep() -> str:
            key = "kept" if keep_view(name, self.state) else "not_kept"
            return word(f"dashboards.{key}", self._lang, file=KEPT, count=len(kept_views()))

        self._say(self._safely(keep))

    def _table_file(self) -> tuple[str, bytes] | None:
        """The rows that are shown, all of them, as a workbook."""
        from ..reviews.workbook import table_workbook

        name = str(self._content.table.attrs.get("table", "table"))
        made: list[bytes] = []

        def make() -> str:
            table = self._content.table.copy(deep=False)
            table.attrs = {**self._book.context, **self._content.table.attrs}
            made.append(table_workbook(table, self._lang, word(f"tables.{name}", self._lang)))
            return word("dashboards.saved", self._lang, count=number(len(table)))

        self._working()
        self._say(self._safely(make))
        return (f"{name}.xlsx", made[0]) if made else None

    def _say(self, said: str | None) -> None:
        if isinstance(said, str):
            self._message.value = f"<p role='status'>{escape(said)}</p>"

    def _working(self, key: str = "working", **values: object) -> None:
        self._message.value = f"<p role='status'><i>{escape(word(f'dashboards.{key}', self._lang, **values))}</i></p>"

    def _safely(self, step: Callable[[], _T]) -> _T | None:
        """The step's result; a problem becomes a sentence on the page."""
        try:
            result = step()
        except Exception as problem:
            self._message.value = problem_page(problem, self._lang)
            return None
        self._message.value = ""
        return result

    def refresh(self) -> None:
        """Show the content for the present setting, as it was drawn before or drawn now."""
        self._ahead.stop()
        with garbage_kept():
            view = self._safely(self._view)
            self._show(*(view if isinstance(view, tuple) else (Content(), [])))

    def _view(self) -> View:
        def tell(analysis: str) -> None:
            self._working("working_on", name=word(f"tables.{analysis}", self._lang))

        key = _key(self.state)
        if key not in self._views:
            self._working()
            with telling(tell):
                for drawings, count in self._drawing(self.state):
                    # Each is on its way to the browser while the next one is drawn.
                    for picture, drawing in zip(self._charts.children, drawings, strict=False):
                        picture.show(drawing, self._lang)
                    self._working("drawing", place=len(drawings) + 1, count=count)
        # A book never changes: what was looked at lately is there at once.
        self._views[key] = self._views.pop(key)
        return self._views[key]

    def _drawing(self, state: Mapping[str, Any]) -> Iterator[tuple[list[Picture], int]]:
        """Draw the view of a setting and keep it; pauses before each picture with those there are, of how many."""
        content: Content = self._build(self._book, **state)
        pictures: list[Picture] = []
        for axes in content.charts:
            yield pictures, len(content.charts)
            pictures.append(drawn(axes))
        self._views[_key(state)] = replace(content, charts=()), pictures
        for oldest in list(self._views)[:-_MOST_VIEWS]:
            del self._views[oldest]

    def _show(self, content: Content, drawings: list[Picture]) -> None:
        self._content = content
        self._tiles.value = tiles_html(content)
        pictures = self._pictures(len(drawings))
        for picture, drawing in zip(pictures, drawings, strict=True):
            picture.show(drawing, self._lang)
        self._charts.children = tuple(pictures)
        self._table.show(content.table, self._lang)
        self._file.layout.display = "none" if content.table.empty else ""
        if content.notes:
            self._message.value = "".join(f"<p>{escape(note)}</p>" for note in content.notes)

    def _pictures(self, count: int) -> list[Clickable]:
        """So many pictures, those on the page first: a redraw makes no new ones and leaves none behind."""
        pictures = list(self._charts.children)
        while len(pictures) < count:
            pictures.append(Clickable())
            pictures[-1].on_choice(self._choose)
        closed(pictures[count:])
        return pictures[:count]

    def _choose(self, selection: Mapping[str, str]) -> None:
        """What a person chose in a chart becomes the setting of the controls; choosing it again takes it back."""
        wanted = {
            spec.name: selection[spec.name]
            for spec in self._specs
            if spec.name in selection and selection[spec.name] in spec.choices
        }
        again = all(self._inputs[name].value == value for name, value in wanted.items())
        with self._at_once():
            for spec in self._specs:
                if spec.name in wanted:
                    self._set(spec.name, spec.default if again else wanted[spec.name])

    def _act(self, _button: Any) -> None:
        if self._action is None:
            return
        function = self._action[1]
        self._working()
        self._say(self._safely(lambda: function(self._book, **self.state)))
