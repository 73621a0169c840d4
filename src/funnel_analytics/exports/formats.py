"""From a file's bytes to sheets of cells, everything as text."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Sheet:
    """One sheet of cells, nothing interpreted.

    Attributes
    ----------
    file
        File name without folder.
    name
        Sheet name; None for a text file.
    cells
        pandas ``str`` columns 0..n-1, missing where blank; row i is Excel's row ``first_row + i``.
    first_row
        Excel row of the first row of `cells`.
    notes
        Decisions taken while reading, as phrases: ``"encoding gb18030"``, ``"delimiter ;"``.
    hidden
        Whether the workbook hides this sheet.
    """

    file: str
    name: str | None
    cells: pd.DataFrame
    first_row: int
    notes: tuple[str, ...] = ()
    hidden: bool = False


def read_sheets(path: Path) -> list[Sheet]:
    """Every sheet of a file, recognised by its content and not by its name."""
    raise NotImplementedError(path)
