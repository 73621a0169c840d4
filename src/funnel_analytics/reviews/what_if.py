"""The sheet of a workbook on which people change stage percentages and the quota, and see the forecast move."""

from typing import TYPE_CHECKING, Any

import pandas as pd

from ..forecast.pipeline_lines import open_lines
from ..outcomes import won_in
from ..words import label, word
from .shown import Wording
from .workbook_rows import LINE

if TYPE_CHECKING:
    from .workbook import Writer

_FIRST = 4
"""The row of the first stage."""


def what_if(writer: "Writer") -> None:
    """Stage probabilities and quota as inputs; the weighted pipeline due in the period follows by formula."""
    contents, lang = writer.contents, writer.lang
    book, period = contents.book, contents.period
    asked = writer.book.add_format({"bg_color": "#FFF4CC", "border": 1, "num_format": "0%"})
    asked_money = writer.book.add_format({"bg_color": "#FFF4CC", "border": 1, "num_format": "#,##0"})
    amount_form = writer.formats["money"]
    sheet = writer.add_sheet(word("reviews.what_if", lang))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 3, 20)
    writer.paragraph(sheet, 0, word("reviews.what_if_title", lang, period=period.label), 4, 84, heading=True)
    writer.paragraph(sheet, 1, word("reviews.what_if_help", lang), 4, 84)
    for column, key in enumerate(("stage", "amount", "probability", "weighted_nominal")):
        sheet.write_string(
            _FIRST - 1, column, word(f"tables.{key}", lang), writer.table_headings[True] if column else writer.bold
        )
    sheet.set_row(_FIRST - 1, 2 * LINE)
    amounts = _due(contents)
    nominal: dict[str, float | None] = {
        stage.key: stage.probability
        for stage in book.methodology.stages
        if stage.outcome is None or stage.key in amounts
    }
    # Whose stage is not known has no percentage, until somebody gives one.
    stages = nominal | {key: None for key in amounts.index if key not in nominal}
    words, total = book.methodology.words(), 0.0
    for row, (stage, probability) in enumerate(stages.items(), start=_FIRST):
        amount = float(amounts.get(stage, 0.0))
        weighted = amount * (probability or 0.0)
        total += weighted
        sheet.write_string(row, 0, words[stage][lang] if stage in words else label(stage, lang))
        sheet.write_number(row, 1, amount, amount_form)
        if probability is None:
            sheet.write_blank(row, 2, None, asked)
        else:
            sheet.write_number(row, 2, probability, asked)
        sheet.write_formula(row, 3, f"=B{row + 1}*C{row + 1}", amount_form, weighted)
    last = _FIRST + len(stages)
    won = float(won_in(book.opportunities, period, book.as_of)["amount"].sum())
    quota = _quota(contents)
    at = {name: f"D{last + 2 + place}" for place, name in enumerate(("weighted", "won", "forecast", "quota"))}
    gap = "" if quota is None else max(0.0, quota - total - won)
    missing = f'IF({at["quota"]}="","",MAX(0,{at["quota"]}-{at["forecast"]}))'
    lines: list[tuple[str, str | None, Any, Any]] = [
        ("reviews.what_if_weighted", f"=SUM(D{_FIRST + 1}:D{last})", total, amount_form),
        ("reviews.tile_won", None, won, amount_form),
        ("reviews.what_if_forecast", f"={at['weighted']}+{at['won']}", total + won, amount_form),
        ("tables.quota", None, quota, asked_money),
        ("reviews.what_if_gap", f"={missing}", gap, amount_form),
    ]
    for row, (key, formula, value, form) in enumerate(lines, start=last + 1):
        sheet.write_string(row, 0, word(key, lang), writer.bold)
        if formula is not None:
            sheet.write_formula(row, 3, formula, form, value)
        elif value is None:
            sheet.write_blank(row, 3, None, form)
        else:
            sheet.write_number(row, 3, value, form)


def _due(contents: Wording) -> pd.Series:
    """Open amounts due in the period, by stage: those that the weighted pipeline sums."""
    lines, _ = open_lines(contents.book, "stage", contents.period, 0)
    summed = lines[lines["opportunities"] > 0]
    return summed.groupby(summed["group"].fillna("unknown"))["amount"].sum()


def _quota(contents: Wording) -> float | None:
    for page in contents.pages:
        if page.outline.table == "outlook":
            quota = page.table.set_index("component").loc["total", "quota"]
            return None if pd.isna(quota) else float(quota)
    return None
