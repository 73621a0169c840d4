"""Controls and pictures in a notebook: with the rating form in `_live_form` the only modules that know ipywidgets.

A change of a control calls the dashboard's content function and puts what it returns on the page; nothing is
computed here. A problem is shown as a sentence, never as a traceback.
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ..book import Book
from ..errors import ArgumentError, FunnelError, nearest
from ..languages import LANGUAGES
from ..messages import in_language
from ..words import language, word
from ._clickable import Clickable
from ._content import Builder, Content, Control
from ._rows import Rows

log = logging.getLogger(__name__)
ALL = ""
"""Stands for None in a drop-down, which shows a choice of None as an empty box."""
_TILE = (
    "<div style='border:1px solid #d0d5dd;border-radius:6px;padding:6px 14px;margin:2px 8px 2px 0'>"
    "<div style='color:#475467;font-size:12px'>{}</div><div style='font-size:20px;font-weight:600'>{}</div></div>"
)
LANGUAGE_NAMES = {code: word("language.name", code) for code in LANGUAGES}
Action = Callable[..., str]


def tiles_html(tiles: Any) -> str:
    """Tiles as HTML, every text escaped."""
    cells = "".join(_TILE.format(escape(name), escape(value)) for name, value in tiles)
    return f"<div style='display:flex;flex-wrap:wrap'>{cells}</div>"


def problem_html(problem: Exception, lang: str) -> str:
    """A problem that a person can mend as its sentence, a fault with its details folded away."""
    if isinstance(problem, FunnelError):
        return f"<p role='alert'>{escape(in_language(problem, lang))}</p>"
    log.error("dashboard failed", exc_info=problem)
    details = escape("".join(traceback.format_exception(problem)))
    return f"<div role='alert'>{escape(word('dashboards.fault', lang))}<details><pre>{details}</pre></details></div>"


class Panel(widgets.VBox):
    """What a notebook shows: widgets one below the other."""


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
        self._lang = language(lang)
        self._words = pd.DataFrame()
        self._words.attrs = book.context
        self._inputs = {spec.name: self._input(spec) for spec in controls}
        self._set_state(state or {})
        self._language = widgets.Dropdown(
            options=[(LANGUAGE_NAMES[code], code) for code in LANGUAGES], value=self._lang
        )
        self._language.add_class("fa-control-lang")
        self._message, self._tiles, self._table = widgets.HTML(), widgets.HTML(), Rows()
        self._message.add_class("fa-message")
        self._tiles.add_class("fa-tiles")
        self._charts = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        self._button = widgets.Button(button_style="primary", layout=widgets.Layout(width="auto"))
        self._button.add_class("fa-action")
        self._button.on_click(self._act)
        bar = [*self._inputs.values(), self._language, *([self._button] if action else [])]
        row = widgets.HBox(bar, layout=widgets.Layout(flex_flow="row wrap"))
        super().__init__([row, self._message, self._tiles, self._charts, self._table])
        for control in self._inputs.values():
            control.observe(self._changed, names="value")
        self._language.observe(self._language_changed, names="value")
        self._name_controls()
        self.refresh()

    def _input(self, spec: Control) -> widgets.Widget:
        layout = widgets.Layout(width="260px")
        style = {"description_width": "90px"}
        if spec.several:
            control = widgets.SelectMultiple(options=self._options(spec), rows=4, layout=layout, style=style)
        elif spec.choices:
            value = ALL if spec.default is None else spec.default
            control = widgets.Dropdown(options=self._options(spec), value=value, layout=layout, style=style)
        else:
            control = widgets.FloatText(value=spec.default or 0.0, layout=layout, style=style, continuous_update=False)
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
            self._inputs[name].value = ALL if spec.choices and value is None else value

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
        values = {name: control.value for name, control in self._inputs.items()}
        return {name: None if value == ALL else value for name, value in values.items()} | {"lang": self._lang}

    def _name_controls(self) -> None:
        for spec in self._specs:
            control, value = self._inputs[spec.name], self._inputs[spec.name].value
            control.description = word(f"dashboards.{spec.name}", self._lang)
            if spec.choices:
                control.options = self._options(spec)
                control.value = value
        self._language.description = word("dashboards.lang", self._lang)
        if self._action:
            self._button.description = word(f"dashboards.{self._action[0]}", self._lang)

    def _changed(self, _change: Any) -> None:
        self.refresh()

    def _language_changed(self, change: Any) -> None:
        self._lang = change["new"]
        for control in self._inputs.values():
            control.unobserve(self._changed, names="value")
        self._name_controls()
        for control in self._inputs.values():
            control.observe(self._changed, names="value")
        self.refresh()

    def _safely(self, step: Callable[[], Content | str]) -> Content | str | None:
        """The step's result; a problem becomes a sentence on the page."""
        self._message.value = f"<i>{escape(word('dashboards.working', self._lang))}</i>"
        try:
            result = step()
        except Exception as problem:
            self._message.value = problem_html(problem, self._lang)
            return None
        self._message.value = ""
        return result

    def refresh(self) -> None:
        """Compute and show the content for the present setting."""
        content = self._safely(lambda: self._build(self._book, **self.state))
        self._show(content if isinstance(content, Content) else Content())

    def _show(self, content: Content) -> None:
        self._content = content
        self._tiles.value = tiles_html(content.tiles)
        pictures = self._pictures(len(content.charts))
        for picture, axes in zip(pictures, content.charts, strict=True):
            picture.show(axes)
        self._charts.children = tuple(pictures)
        self._table.show(content.table, self._lang)
        if content.notes:
            self._message.value = "".join(f"<p>{escape(note)}</p>" for note in content.notes)

    def _pictures(self, count: int) -> list[Clickable]:
        """So many pictures, those on the page first: a redraw makes no new ones and leaves none behind."""
        pictures = list(self._charts.children)
        while len(pictures) < count:
            pictures.append(Clickable())
            pictures[-1].on_choice(self._choose)
        for left_over in pictures[count:]:
            left_over.close()
        return pictures[:count]

    def _choose(self, selection: Mapping[str, str]) -> None:
        """What a person chose in a chart becomes the setting of the controls; choosing it again takes it back."""
        wanted = {
            spec.name: selection[spec.name]
            for spec in self._specs
            if spec.name in selection and selection[spec.name] in spec.choices
        }
        again = all(self._inputs[name].value == value for name, value in wanted.items())
        for spec in self._specs:
            if spec.name in wanted:
                default = ALL if spec.default is None else spec.default
                self._inputs[spec.name].value = default if again else wanted[spec.name]

    def _act(self, _button: Any) -> None:
        if self._action is None:
            return
        function = self._action[1]
        said = self._safely(lambda: function(self._book, **self.state))
        if isinstance(said, str):
            self._message.value = f"<p role='status'>{escape(said)}</p>"
