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
from ..charts import png
from ..errors import ArgumentError, FunnelError, nearest
from ..methodology import LANGUAGES
from ..tables import TABLES
from ..words import cell, language, word
from ._content import Builder, Content, Control

log = logging.getLogger(__name__)
MAX_ROWS = 200
ALL = ""
"""Stands for None in a drop-down, which shows a choice of None as an empty box."""
_TILE = (
    "<div style='border:1px solid #d0d5dd;border-radius:6px;padding:6px 14px;margin:2px 8px 2px 0'>"
    "<div style='color:#475467;font-size:12px'>{}</div><div style='font-size:20px;font-weight:600'>{}</div></div>"
)
LANGUAGE_NAMES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
Action = Callable[..., str]


def tiles_html(tiles: Any) -> str:
    """Tiles as HTML, every text escaped."""
    cells = "".join(_TILE.format(escape(name), escape(value)) for name, value in tiles)
    return f"<div style='display:flex;flex-wrap:wrap'>{cells}</div>"


def table_html(table: pd.DataFrame, lang: str) -> str:
    """The first rows of a canonical table as HTML: headings in words, every cell escaped."""
    if table.empty:
        return ""
    declared = TABLES.get(table.attrs.get("table", ""))
    kinds = {}
    for name in table.columns:
        column = declared.column(name) if declared else None
        kinds[name] = column.kind if column else "text"
    numeric = {"money", "rate", "count", "days", "number"}
    style = {name: "text-align:right" if kind in numeric else "text-align:left" for name, kind in kinds.items()}
    head = "".join(f"<th style='{style[name]}'>{escape(word(f'tables.{name}', lang))}</th>" for name in table.columns)
    body = []
    for row in table.head(MAX_ROWS).itertuples(index=False):
        values = zip(table.columns, row, strict=True)
        body.append(
            "".join(f"<td style='{style[n]}'>{escape(cell(v, kinds[n], lang, table=table))}</td>" for n, v in values)
        )
    rest = len(table) - MAX_ROWS
    more = f"<p>{escape(word('dashboards.more_rows', lang, count=rest))}</p>" if rest > 0 else ""
    rows = "".join(f"<tr>{cells}</tr>" for cells in body)
    return (
        "<div class='jp-RenderedHTMLCommon tex2jax_ignore mathjax_ignore' style='max-height:420px;overflow:auto'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{more}</div>"
    )


def problem_html(problem: Exception, lang: str) -> str:
    """A problem that a person can mend as its sentence, a fault with its details folded away."""
    if isinstance(problem, FunnelError):
        return f"<p role='alert'>{escape(str(problem))}</p>"
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
        self._message, self._tiles, self._table = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._message.add_class("fa-message")
        self._tiles.add_class("fa-tiles")
        self._table.add_class("fa-table")
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
        if spec.choices:
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
            value = pd.Timestamp(value) if spec.choices and isinstance(spec.choices[-1], pd.Timestamp) else value
            if spec.choices and value not in spec.choices:
                raise ArgumentError(
                    f"'{value}' cannot be chosen for {name}.{nearest(str(value), map(str, spec.choices[:40]))}"
                )
            self._inputs[name].value = ALL if spec.choices and value is None else value

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
        self._tiles.value = tiles_html(content.tiles)
        images = list(self._charts.children)[: len(content.charts)]
        while len(images) < len(content.charts):
            image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
            image.add_class("fa-chart")
            images.append(image)
        for image, axes in zip(images, content.charts, strict=True):
            image.value = png(axes)
        self._charts.children = tuple(images)
        self._table.value = table_html(content.table, self._lang)
        if content.notes:
            self._message.value = "".join(f"<p>{escape(note)}</p>" for note in content.notes)

    def _act(self, _button: Any) -> None:
        if self._action is None:
            return
        function = self._action[1]
        said = self._safely(lambda: function(self._book, **self.state))
        if isinstance(said, str):
            self._message.value = f"<p role='status'>{escape(said)}</p>"
