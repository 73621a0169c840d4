"""The rating template: an Excel sheet to fill in, with drop-downs, bilingual headings and the questions as notes."""

import io
from pathlib import Path
from typing import Any

import pandas as pd

from ..atomic import write_whole
from ..book import Book
from ..methodology import Methodology
from ..methodology_parts import Criterion
from ..words import language, word
from .headings import criterion_heading, heading, scale_steps, second_language

_COLUMNS = ("account_id", "account_name", "rated_by", "rated_on")
_WIDTHS = {"account_id": 14, "account_name": 30, "rated_by": 16, "rated_on": 14}
_SPARE_ROWS = 200
"""Rows below the filled-in names that also have the drop-downs."""
_TITLE, _PROMPT = 32, 255
"""How much text Excel takes in the title and the text of a prompt."""


def write_template(
    path: str | Path,
    method: Methodology,
    book: Book | None = None,
    *,
    lang: str | None = None,
    force: bool = False,
) -> Path:
    """Write an Excel sheet in which accounts are rated by hand; reading it back is reading any export.

    Parameters
    ----------
    path
        The workbook to write (.xlsx).
    method
        Its criteria, questions and scale.
    book
        Whose accounts are filled in; None leaves the rows empty.
    lang
        The first language of headings and notes; a second one stands beside it.
    force
        Replace a file that is there.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If the file exists and ``force`` is not given, or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from funnel_analytics.methodology import load_methodology
    >>> with TemporaryDirectory() as folder:
    ...     write_template(Path(folder, "ratings.xlsx"), load_methodology()).name
    'ratings.xlsx'
    """
    accounts = pd.DataFrame(columns=["account_id", "account_name"]) if book is None else book.accounts
    accounts = accounts.sort_values("account_name", kind="stable")
    target = Path(path)
    return write_whole({target: _content(method, accounts, lang)}, force=force)[0]


def _content(method: Methodology, accounts: pd.DataFrame, lang: str | None) -> bytes:
    # On first use only: importing the package must stay quick.
    import xlsxwriter

    sink = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(sink, plain) as workbook:
        sheet = workbook.add_worksheet(word("ratings.sheet", lang))
        head = workbook.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8F1FA"}
        )
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        last = len(accounts) + _SPARE_ROWS
        for number, field in enumerate(_COLUMNS):
            sheet.write_string(0, number, heading(field, lang), head)
            sheet.set_column(number, number, _WIDTHS[field], day if field == "rated_on" else None)
        for row, (account_id, name) in enumerate(zip(accounts["account_id"], accounts["account_name"], strict=True), 1):
            sheet.write_string(row, 0, str(account_id))
            sheet.write_string(row, 1, str(name))
        for number, criterion in enumerate(method.criteria, start=len(_COLUMNS)):
            _column(sheet, number, criterion, method, last, head, lang)
        sheet.set_row(0, 46)
        sheet.freeze_panes(1, 2)
    return sink.getvalue()


def _column(
    sheet: Any, number: int, criterion: Criterion, method: Methodology, last: int, head: Any, lang: str | None
) -> None:
    """One criterion: its heading, the questions as a note and as a prompt, and the ratings to choose from."""
    code, other = language(lang), second_language(lang)
    sheet.write_string(0, number, criterion_heading(criterion, lang), head)
    sheet.set_column(number, number, 18)
    scale = word("ratings.scale", lang, low=f"{method.rating_low:g}", high=f"{method.rating_high:g}")
    note = f"{criterion.name[code]} ({method.groups[criterion.group][code]})\n{criterion.questions[code]}\n{scale}\n\n{criterion.questions[other]}"
    sheet.write_comment(0, number, note, {"x_scale": 2.6, "y_scale": 2.6, "font_size": 9})
    steps = scale_steps(method)
    rule: dict[str, Any] = {
        "input_title": criterion.name[code][:_TITLE],
        "input_message": criterion.questions[code][:_PROMPT],
        "error_title": word("ratings.rating", lang)[:_TITLE],
        "error_message": scale[:_PROMPT],
    }
    if steps:
        rule |= {"validate": "list", "source": [f"{step:g}" for step in steps]}
    else:
        rule |= {
            "validate": "decimal",
            "criteria": "between",
            "minimum": method.rating_low,
            "maximum": method.rating_high,
        }
    sheet.data_validation(1, number, last, number, rule)
