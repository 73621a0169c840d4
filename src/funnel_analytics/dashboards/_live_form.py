"""The rating form in a notebook: drop-downs for the criteria, a button that saves, the class beside them.

What is saved, and what stands against what, is decided by `rating_sheets.log`; nothing is computed here.
"""

from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pandas as pd

from ..accounts.profile import account_row
from ..book import Book
from ..errors import ArgumentError
from ..languages import LANGUAGES
from ..methodology import latest_ratings
from ..methodology_parts import Criterion
from ..notebook import problem_page
from ..rating_sheets.headings import scale_steps
from ..rating_sheets.log import Conflict, read_log, save_ratings, with_ratings
from ..words import MISSING, date, language, word
from ._clickable import Clickable
from ._content import Content, drawn
from ._live import LANGUAGE_NAMES, Panel, closed, tiles_html
from ._rows import Rows

NOT_RATED = -1.0
"""Stands for "not rated" in a drop-down, which shows a choice of None as an empty box."""
_WIDE = widgets.Layout(width="320px")


class RatingForm(Panel):
    """Account, person and day above; the criteria with their questions; then the class and the account's profile."""

    def __init__(
        self,
        book: Book,
        file: Path,
        build: Callable[..., Content],
        *,
        account: str | None,
        rated_by: str,
        rated_on: pd.Timestamp,
        lang: str | None,
    ) -> None:
        self._book, self._file, self._build, self._lang = book, file, build, language(lang)
        accounts = book.accounts.sort_values("account_name", kind="stable")
        self._names = dict(zip(accounts["account_id"], accounts["account_name"], strict=True))
        start = account_row(book, account)["account_id"] if account is not None else next(iter(self._names), None)
        options = [(str(name), key) for key, name in self._names.items()]
        self._account = self._marked(widgets.Dropdown(options=options, value=start, layout=_WIDE), "account")
        self._by = self._marked(widgets.Text(value=rated_by, layout=_WIDE, continuous_update=False), "by")
        self._on = self._marked(widgets.DatePicker(value=rated_on.date(), layout=_WIDE), "on")
        languages = [(LANGUAGE_NAMES[code], code) for code in LANGUAGES]
        self._language = self._marked(widgets.Dropdown(options=languages, value=self._lang, layout=_WIDE), "lang")
        self._inputs = {criterion.key: self._input(criterion) for criterion in book.methodology.criteria}
        self._told = {key: widgets.HTML() for key in self._inputs}
        self._groups = {group: widgets.HTML() for group in book.methodology.groups}
        self._save = self._marked(
            widgets.Button(button_style="primary", layout=widgets.Layout(width="auto", align_self="flex-start")), "save"
        )
        self._message, self._tiles, self._table = widgets.HTML(), widgets.HTML(), Rows()
        for part, mark in ((self._message, "fa-message"), (self._tiles, "fa-tiles")):
            part.add_class(mark)
        self._notes = widgets.HTML()
        self._charts = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        bar = widgets.HBox(
            [self._account, self._by, self._on, self._language], layout=widgets.Layout(flex_flow="row wrap")
        )
        below = [self._save, self._message, self._tiles, self._notes, self._charts, self._table]
        super().__init__([bar, *self._rows(), *below])
        self._account.observe(lambda _: self.refresh(), names="value")
        self._language.observe(self._language_changed, names="value")
        self._save.on_click(lambda _: self._saved())
        self.refresh()

    def _marked(self, control: widgets.Widget, name: str) -> widgets.Widget:
        control.add_class(f"fa-rating-{name}")
        return control

    def _input(self, criterion: Criterion) -> widgets.Widget:
        # A long question must not squeeze the drop-down beside it.
        layout = widgets.Layout(width="170px", flex="0 0 auto")
        if scale_steps(self._book.methodology):
            control = widgets.Dropdown(options=self._choices(), value=NOT_RATED, layout=layout)
        else:
            control = widgets.FloatText(value=NOT_RATED, layout=layout, continuous_update=False)
        return self._marked(control, criterion.key)

    def _choices(self) -> list[tuple[str, float]]:
        steps = scale_steps(self._book.methodology)
        said = [f"{step:g}" for step in steps]
        said[0] = word("ratings.poor", self._lang, rating=said[0])
        said[-1] = word("ratings.good", self._lang, rating=said[-1])
        return [(word("ratings.none", self._lang), NOT_RATED), *zip(said, steps, strict=True)]

    def _rows(self) -> list[widgets.Widget]:
        rows: list[widgets.Widget] = []
        for group, heading in self._groups.items():
            rows.append(heading)
            rows += [
                widgets.HBox([self._inputs[criterion.key], self._told[criterion.key]])
                for criterion in self._book.methodology.criteria
                if criterion.group == group
            ]
        return rows

    def _language_changed(self, change: Any) -> None:
        self._lang = change["new"]
        held = {key: control.value for key, control in self._inputs.items()}
        self.refresh()
        for key, value in held.items():
            self._inputs[key].value = value

    def refresh(self) -> None:
        """Read the workbook again and show what is known of the account."""
        self._message.value = ""
        self._attempt(self._load)

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as problem:
            self._message.value = problem_page(problem, self._lang)

    def _load(self) -> None:
        method, account = self._book.methodology, self._account.value
        self._words()
        if account is None:
            self._show(self._build(self._book, file=self._file, lang=self._lang))
            return
        self._seen = read_log(self._file, self._book).last(account)
        rows = with_ratings(self._book, self._file).ratings
        known = latest_ratings(rows[rows["account_id"] == account]).set_index("criterion")
        self._known = {key: float(known["rating"].get(key, NOT_RATED)) for key in self._inputs}
        for criterion in method.criteria:
            self._inputs[criterion.key].value = self._known[criterion.key]
            self._told[criterion.key].value = self._said(criterion, known)
        self._show(self._build(self._book, account=account, file=self._file, lang=self._lang))

    def _said(self, criterion: Criterion, known: pd.DataFrame) -> str:
        """The criterion's name, its questions, and who rated it when."""
        last = ""
        if criterion.key in known.index:
            row = known.loc[criterion.key]
            who = row["rated_by"] if isinstance(row["rated_by"], str) else MISSING
            dated = who != MISSING or pd.notna(row["rated_on"])
            last = (
                f"{row['rating']:g}"
                if not dated
                else word(
                    "ratings.known",
                    self._lang,
                    rating=f"{row['rating']:g}",
                    who=who,
                    when=date(row["rated_on"], self._lang),
                )
            )
        return (
            f"<div style='line-height:1.3'><b>{escape(criterion.name[self._lang])}</b>"
            f" <span style='color:#667085'>{escape(last)}</span><br>{escape(criterion.questions[self._lang])}</div>"
        )

    def _words(self) -> None:
        """Labels of the controls in the present language."""
        self._account.description = word("ratings.account_name", self._lang)
        self._by.description = word("ratings.who", self._lang)
        self._on.description = word("ratings.when", self._lang)
        self._language.description = word("dashboards.lang", self._lang)
        self._save.description = word("ratings.save", self._lang)
        for group, heading in self._groups.items():
            heading.value = (
                f"<h4 style='margin:8px 0 2px'>{escape(self._book.methodology.groups[group][self._lang])}</h4>"
            )
        if scale_steps(self._book.methodology):
            for control in self._inputs.values():
                control.options, control.value = self._choices(), control.value

    def _show(self, content: Content) -> None:
        self._tiles.value = tiles_html(content)
        self._notes.value = "".join(f"<p>{escape(note)}</p>" for note in content.notes)
        closed(self._charts.children)
        pictures = [Clickable() for _ in content.charts]
        for picture, axes in zip(pictures, content.charts, strict=True):
            picture.show(drawn(axes), self._lang)
        self._charts.children = tuple(pictures)
        self._table.show(content.table, self._lang)

    def _saved(self) -> None:
        self._attempt(self._write)

    def _write(self) -> None:
        account, day = self._account.value, self._on.value
        if day is None:
            raise ArgumentError(word("ratings.choose_day", self._lang))
        given = {key: control.value for key, control in self._inputs.items()}
        changed = {key: value for key, value in given.items() if value != NOT_RATED and value != self._known[key]}
        if not changed:
            self._message.value = f"<p role='status'>{escape(word('ratings.nothing', self._lang))}</p>"
            return
        later = {
            key: value for key, value in self._seen.items() if key in changed and value[1] and value[1].date() > day
        }
        conflicts = save_ratings(
            self._file, self._book, account, changed, rated_by=self._by.value.strip(), rated_on=pd.Timestamp(day),
            seen=self._seen, lang=self._lang,
        )  # fmt: skip
        self._load()
        for conflict in conflicts:
            # The other's rating counts now; one's own stays chosen, so that saving again lets it count.
            self._inputs[conflict.criterion].value = conflict.rating
        counted = len(changed) - len(conflicts)
        name = self._names.get(account, account)
        said = [word("ratings.saved", self._lang, path=self._file, count=counted, account=name)]
        said += [self._met("met", conflict) for conflict in conflicts]
        said += [self._met("older", Conflict(key, changed[key], *value)) for key, value in later.items()]
        self._message.value = "".join(f"<p role='status'>{escape(line)}</p>" for line in said)

    def _met(self, key: str, conflict: Conflict) -> str:
        names = {criterion.key: criterion.name[self._lang] for criterion in self._book.methodology.criteria}
        return word(
            f"ratings.{key}", self._lang, criterion=names[conflict.criterion], rating=f"{conflict.rating:g}",
            other=f"{conflict.other:g}", who=conflict.other_by or word("ratings.somebody", self._lang),
            when=date(conflict.other_on, self._lang),
        )  # fmt: skip
