"""The panel where a person brings exports, sees the receipt and answers what the reading left open.

What is asked is decided by `exports.open_questions`, what is read by `read_exports`; nothing is computed here.
"""

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ..book import Book
from ..errors import ArgumentError, UnknownStageError
from ..exports.finding import READABLE
from ..exports.open_questions import OpenQuestions, open_questions, questions_of_unknown_stages
from ..exports.profiles.profile import DATE_ORDERS
from ..exports.reading import read_exports
from ..languages import LANGUAGES
from ..notebook import problem_page
from ..receipts import receipt_page
from ..words import date, label, language, number, word
from ._live import LANGUAGE_NAMES, Panel, closed

UNANSWERED = ""
_MOST_STAGES = 40
_ENDS = ("won", "lost")
_HARMLESS = ("repaired", "note")
"""Kinds of issues after which every value is still there."""
_OWN_WIDTH = {"width": "auto", "align_self": "flex-start"}
_LINE = {"width": "auto", "flex_flow": "row wrap", "align_items": "center"}
"""The layout of one line of controls; a widget makes its own of it."""


class OpenPanel(Panel):
    """Files and folder above; then what was read, what is open, and what is shown of the book."""

    def __init__(
        self,
        paths: list[str],
        show: Callable[..., widgets.Widget] | None,
        *,
        lang: str | None,
        reading: Mapping[str, Any],
    ) -> None:
        self._paths, self._show_book, self._lang, self._reading = paths, show, language(lang), dict(reading)
        self._book: Book | None = None
        self._asked = OpenQuestions()
        self._answers: dict[str, Any] = {}
        self._upload = self._marked(widgets.FileUpload(multiple=True, accept=",".join(READABLE)), "files")
        self._folder = self._marked(widgets.Text(continuous_update=False, value=paths[0] if paths else ""), "folder")
        self._as_of = self._marked(widgets.DatePicker(), "as-of")
        self._read = self._marked(widgets.Button(button_style="primary"), "read")
        languages = [(LANGUAGE_NAMES[code], code) for code in LANGUAGES]
        self._language = self._marked(widgets.Dropdown(options=languages, value=self._lang), "lang")
        self._hint, self._message, self._receipt = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._message.add_class("fa-message")
        self._questions, self._below = self._marked(widgets.VBox(), "questions"), widgets.VBox()
        bar = widgets.HBox([self._upload, self._folder, self._as_of, self._read, self._language], layout=_LINE)
        bar.add_class("fa-controls")
        super().__init__([self._hint, bar, self._message, self._questions, self._receipt, self._below])
        self._name_controls()
        self._upload.observe(lambda _: self._source_changed(), names="value")
        self._read.on_click(lambda _: self._source_changed())
        self._language.observe(self._language_changed, names="value")
        if paths:
            self._attempt()

    @property
    def book(self) -> Book:
        """The book that was read.

        Raises
        ------
        ArgumentError
            If nothing has been read yet.
        """
        if self._book is None:
            raise ArgumentError(word("dashboards.open.nothing_read", self._lang))
        return self._book

    @property
    def answers(self) -> dict[str, Any]:
        """The answers as arguments: ``fa.read_exports(folder, **panel.answers)`` reads the same book again."""
        return self._reading | self._answers

    def _marked(self, control: widgets.Widget, name: str) -> widgets.Widget:
        control.add_class(f"fa-open-{name}")
        return control

    def _said(self, key: str, **values: object) -> str:
        return word(f"dashboards.open.{key}", self._lang, **values)

    def _name_controls(self) -> None:
        self._hint.value = f"<p>{escape(self._said('hint'))}</p>"
        for control, key in (
            (self._upload, "files"),
            (self._folder, "folder"),
            (self._as_of, "as_of"),
            (self._read, "read"),
        ):
            control.description = self._said(key)
        self._language.description = word("dashboards.lang", self._lang)

    def _language_changed(self, change: Any) -> None:
        self._lang = change["new"]
        self._name_controls()
        if self._book is not None:
            self._shown(self._book)

    def _source_changed(self) -> None:
        """Other files bring other questions: what was answered about the earlier ones does not hold for them."""
        self._asked, self._answers = OpenQuestions(), {}
        if self._as_of.value is not None:
            self._answers["as_of"] = f"{self._as_of.value:%Y-%m-%d}"
        typed = self._folder.value.strip()
        # Several paths that a notebook gave stay what they are while nobody types another.
        if not self._paths or typed != self._paths[0]:
            self._paths = [typed] if typed else []
        self._attempt()

    def _attempt(self) -> None:
        self._book = None
        for box in (self._questions, self._below):
            closed(box.children)
            box.children = ()
        self._receipt.value = ""
        try:
            book = self._read_files()
        except Exception as problem:
            self._message.value = problem_page(problem, self._lang)
            if isinstance(problem, UnknownStageError):
                self._asked = questions_of_unknown_stages(problem).with_earlier(self._asked)
            # A wrong answer is mended where it was given.
            self._ask()
            return
        self._book = book
        self._asked = open_questions(book).with_earlier(self._asked)
        self._shown(book)

    def _read_files(self) -> Book:
        """The book of the uploaded files, else of the paths; copies exist only while they are read."""
        told: dict[str, Any] = {"progress": lambda name: self._tell(word("cli.reading", self._lang, name=name))}
        if not self._upload.value:
            if not self._paths:
                raise ArgumentError(self._said("nothing_chosen"))
            return read_exports(self._paths, **self.answers, **told)
        with TemporaryDirectory(prefix="funnel-analytics-") as folder:
            copies = []
            for place, file in enumerate(self._upload.value):
                # The name is a stranger's: only its last part, in a folder of its own.
                own = Path(folder) / str(place)
                own.mkdir()
                copies.append(own / (PureWindowsPath(file["name"]).name or "export"))
                copies[-1].write_bytes(file["content"])
            return read_exports(copies, **self.answers, **told)

    def _tell(self, text: str) -> None:
        self._message.value = f"<p role='status'>{escape(text)}</p>"

    def _shown(self, book: Book) -> None:
        opportunities, accounts = number(len(book.opportunities)), number(len(book.accounts))
        day = date(book.as_of, self._lang)
        self._tell(self._said("ready", opportunities=opportunities, accounts=accounts, date=day))
        summary = f"<summary>{escape(self._said('receipt'))}</summary>"
        # Only what was lost in reading pushes the dashboards off the screen.
        unfolded = " open" if self._show_book is None or (~book.issues["kind"].isin(_HARMLESS)).any() else ""
        self._receipt.value = f"<details{unfolded}>{summary}{receipt_page(book, self._lang)}</details>"
        self._ask()
        closed(self._below.children)
        self._below.children = () if self._show_book is None else (self._show_book(book, lang=self._lang),)

    def _ask(self) -> None:
        """A control for each question, set to what was answered."""
        closed(self._questions.children)
        self._questions.children = ()
        if not self._asked:
            return
        self._inputs: dict[tuple[str, str], widgets.Widget] = {}
        rows = [widgets.HTML(f"<p><b>{escape(self._said('questions'))}</b></p>")]
        if self._asked.dates:
            columns = "; ".join(f"{file}: {heading}" for file, heading in self._asked.dates)
            choices = [(self._said("as_read"), UNANSWERED), *((self._said(order), order) for order in DATE_ORDERS)]
            chosen = widgets.Dropdown(options=choices, value=self._answers.get("date_order", UNANSWERED))
            rows.append(self._question("date_order", "", self._said("date_order", columns=columns), chosen))
        rows += [self._stage_question(name, count) for name, count in [*self._asked.stages.items()][:_MOST_STAGES]]
        rows += self._money_questions()
        button = widgets.Button(description=self._said("apply"), button_style="primary", layout=_OWN_WIDTH)
        button.on_click(lambda _: self._answered())
        rows.append(self._marked(button, "apply"))
        self._questions.children = tuple(rows)

    def _question(self, kind: str, about: str, text: str, control: widgets.Widget) -> widgets.Widget:
        self._inputs[kind, about] = self._marked(control, kind.replace("_", "-"))
        control.tooltip = text
        return widgets.HBox([control, widgets.HTML(f"<span>{escape(text)}</span>")], layout=_LINE)

    def _stage_question(self, name: str, count: int) -> widgets.Widget:
        method = self._asked.methodology
        assert method is not None
        table = pd.DataFrame()
        table.attrs = {"words": method.words()}
        keys = [*(method.open_stages), *_ENDS]
        choices = [
            (self._said("left_empty"), UNANSWERED),
            *((label(key, self._lang, table=table), key) for key in keys),
        ]
        chosen = self._answers.get("stages", {}).get(name, UNANSWERED)
        control = widgets.Dropdown(options=choices, value=chosen)
        return self._question("stages", name, self._said("stage", label=name, count=number(count)), control)

    def _money_questions(self) -> list[widgets.Widget]:
        codes, answered = self._asked.currencies, self._answers.get("currency", "")
        if codes is None:
            return []
        text = self._said("currency", codes=", ".join(codes)) if codes else self._said("currency_unknown")
        rows = [self._question("currency", "", text, widgets.Combobox(options=list(codes), value=answered))]
        for code in codes if len(codes) > 1 else ():
            known = self._answers.get("rates", {}).get(code, 0.0)
            rows.append(self._question("rates", code, self._said("rate", code=code), widgets.FloatText(value=known)))
        return rows

    def _answered(self) -> None:
        """Read again with what was answered; the arguments are those of `read_exports`."""
        given = {place: control.value for place, control in self._inputs.items() if control.value}
        answers: dict[str, Any] = {"as_of": self._answers["as_of"]} if "as_of" in self._answers else {}
        for kind in ("date_order", "currency"):
            if text := str(given.get((kind, ""), "")).strip():
                answers[kind] = text.upper()
        for kind in ("stages", "rates"):
            if found := {about: value for (held, about), value in given.items() if held == kind}:
                answers[kind] = found
        if "currency" in answers:
            answers["rates"] = {
                code: rate for code, rate in answers.get("rates", {}).items() if code != answers["currency"]
            }
        if "stages" in answers and self._asked.methodology is not None:
            answers.setdefault("methodology", self._asked.methodology)
        self._answers = answers
        self._attempt()
