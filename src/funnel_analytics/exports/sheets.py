"""From a sheet of cells to the table inside it."""

from dataclasses import dataclass

import pandas as pd

from .formats import Sheet


@dataclass(frozen=True)
class SheetTable:
    """The table that a sheet holds.

    Attributes
    ----------
    headings
        Cleaned headings, unique: stripped, inner blanks and line ends collapsed, marks without width removed.
    rows
        ``str`` columns named by the headings; index = Excel row number, named ``row``.
    set_aside
        Lines that are not records: row, value (their text), reason (banner, footer, total, repeated_heading).
        Blank lines are neither here nor in `rows`.
    notes
        Decisions taken, as phrases.
    stated_rows
        The number of records that the report's own footer states; None where it states none.
    """

    headings: list[str]
    rows: pd.DataFrame
    set_aside: pd.DataFrame
    notes: tuple[str, ...]
    stated_rows: int | None


def find_table(sheet: Sheet) -> SheetTable | None:
    """The table in a sheet; None where there is nothing tabular."""
    raise NotImplementedError(sheet)
