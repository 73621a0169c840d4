"""The table of a dashboard: sorted, searched and copied to Excel in the browser, every cell shown as text."""

from typing import Any

import pandas as pd
from itables.javascript import get_itables_extension_arguments
from itables.widget import ITable

from ..tables import column_kind
from ..words import MISSING, cell, word

MAX_ROWS = 2000
"""More rows than a person reads; the rest is said as a number."""
_HOW: dict[str, Any] = {
    "showIndex": False, "maxBytes": 0, "allow_html": False, "classes": "display compact nowrap", "pageLength": 10,
    "buttons": ["copyHtml5", "csvHtml5", "excelHtml5"], "scrollX": True,
}  # fmt: skip
"""How every table is shown."""
_MOST_TABLES = 24
"""So many tables stay written: who goes back and forth waits for the page only."""


class Rows(ITable):
    """A canonical table in words, which a change of controls updates in place."""

    def __init__(self) -> None:
        super().__init__(pd.DataFrame(), **_HOW)
        self.add_class("fa-table")
        self._written: dict[tuple[int, str], tuple[pd.DataFrame, dict[str, Any], str]] = {}

    def show(self, table: pd.DataFrame, lang: str) -> None:
        """Show a table: headings in words, numbers as a person reads them, dates in the order they sort in."""
        self.layout.display = "none" if table.empty else ""
        if table.empty:
            return
        self.write(table, lang)
        with self.hold_sync():
            _, self._dt_args, self.caption = self._written[id(table), lang]

    def write(self, table: pd.DataFrame, lang: str) -> None:
        """Write a table that is about to be shown; it stays written for a while."""
        key = (id(table), lang)
        if key in self._written:
            return
        rest = len(table) - MAX_ROWS
        caption = word("dashboards.more_rows", lang, count=rest) if rest > 0 else ""
        texts: dict[str, Any] = {name: word(f"dashboards.rows.{name}", lang) for name in _TEXTS}
        texts["paginate"] = dict(zip(("first", "previous", "next", "last"), "«‹›»", strict=True))
        texts["buttons"] = {name: word(f"dashboards.rows.buttons.{name}", lang) for name in _BUTTONS}
        given, _ = get_itables_extension_arguments(in_words(table, lang), language=texts, **_HOW)
        # With the table itself: as long as it is held, no other one has its number.
        self._written[key] = table, dict(given), caption
        for oldest in list(self._written)[:-_MOST_TABLES]:
            del self._written[oldest]


_TEXTS = ("search", "info", "infoEmpty", "infoFiltered", "lengthMenu", "zeroRecords", "emptyTable")
"""The texts of the table's own controls, by the names that its library gives them."""
_BUTTONS = ("copy", "csv", "excel", "copyTitle", "copySuccess", "copyKeys")
"""The texts of its buttons, and of what they answer."""


def in_words(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """The first rows of a canonical table as texts under headings in words; what is missing is empty.

    Parameters
    ----------
    table
        A table with canonical columns; its ``attrs`` name its declaration.
    lang
        Language code.

    Examples
    --------
    >>> rows = pd.DataFrame({"opportunity_name": ["Press line"], "amount": [1200.0]})
    >>> rows.attrs["table"] = "opportunities"
    >>> in_words(rows, "en").to_dict("records")
    [{'Opportunity': 'Press line', 'Amount': '1,200'}]
    """
    shown: dict[str, list[str]] = {}
    for name in table.columns:
        kind = column_kind(table, name)
        heading = word(f"tables.{name}", lang)
        # Two columns of one heading would become one.
        heading = heading if heading not in shown else f"{heading} ({name})"
        shown[heading] = [_text(value, kind, lang, table) for value in table[name].head(MAX_ROWS)]
    return pd.DataFrame(shown, dtype="str")


def _text(value: Any, kind: str, lang: str, table: pd.DataFrame) -> str:
    # Dates are written so that their texts sort as the days do, in Chinese too.
    text = cell(value, kind, "en" if kind == "date" else lang, table=table)
    # The browser's table would show the sign of a new line.
    return "" if text == MISSING else " ".join(text.splitlines())
