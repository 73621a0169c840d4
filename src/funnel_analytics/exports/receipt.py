"""The receipt: what was kept, repaired, set aside and why; rows in = rows kept + rows set aside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from .. import tables
from .values.parsed import shown

_BY_VALUE = ("repeated", "other_field", "ignored_stage", "replaced", "product_line")
"""Reasons of the same kind that can concern most rows of a log: one line per value, with the number of rows."""
NOT_RECORDS = ("banner", "footer", "note", "group", "total", "subtotal", "repeated_heading", "other_table", *_BY_VALUE)
"""Reasons for which a line is no record of its own: listed as a note, not as something lost."""
_LONGEST_LABEL = 200
"""Characters up to which a label is quoted whole, to be copied into a profile."""


@dataclass
class Entry:
    """The account of one table of one sheet, written while it is read."""

    file: str
    sheet: str | None
    table: str = "ignored"
    profile: str | None = None
    as_of: pd.Timestamp | None = None
    as_of_source: str | None = None
    filed: pd.Timestamp | None = None
    """The date under which an archive keeps the file."""
    number: int | None = None
    """The archive's entry: of two with one date the higher one was added later."""
    rows_in: int = 0
    rows_set_aside: int = 0
    repaired: int = 0
    unreadable: int = 0
    decisions: list[str] = field(default_factory=list)
    issues: list[pd.DataFrame] = field(default_factory=list)

    def decide(self, *phrases: str) -> None:
        """Write down choices made, each once."""
        self.decisions += [phrase for phrase in phrases if phrase not in self.decisions]

    def issue(
        self,
        kind: str,
        reason: str,
        message: str,
        *,
        row: float | None = None,
        column: str | None = None,
        value: str | None = None,
        count: int = 1,
    ) -> None:
        """One line; ``count`` is the number of values it stands for."""
        line = pd.DataFrame([{"row": row, "value": value, "kind": kind, "reason": reason, "message": message}])
        self.issues_of(line, column, count)

    def unreadable_texts(
        self, reason: str, texts: pd.Series, message: Callable[[str, int], str], column: str | None
    ) -> None:
        """One line for each text that could not be read, the most frequent first: its message and its first row."""
        counts, first = texts.astype("str").value_counts(), texts.astype("str").drop_duplicates()
        rows = pd.Series(first.index, index=pd.Index(first), dtype="float64")
        said = [message(_label(str(text)), int(count)) for text, count in counts.items()]
        lines = {
            "row": rows.reindex(counts.index).to_numpy(),
            "value": counts.index,
            "kind": "unreadable",
            "reason": reason,
        }
        self.issues_of(pd.DataFrame({**lines, "message": said}), column, int(counts.sum()))

    def issues_of(self, lines: pd.DataFrame, column: str | None, count: int | None = None) -> None:
        """Lines with row, value, kind, reason and message about one column."""
        if lines.empty:
            return
        self.issues.append(lines.assign(column=column))
        for kind in ("repaired", "unreadable"):
            concerned = int((lines["kind"] == kind).sum())
            setattr(self, kind, getattr(self, kind) + (count if count is not None and concerned else concerned))

    def set_aside(self, rows: pd.Index, reason: str, message: str, values: pd.Series | None = None) -> None:
        """Rows (by Excel row) that are not taken."""
        if len(rows) == 0:
            return
        self.rows_set_aside += len(rows)
        kind = "note" if reason in NOT_RECORDS else "set_aside"
        if reason in _BY_VALUE:
            words = pd.Series(None, index=rows, dtype="str") if values is None else values.reindex(rows)
            for value, held in words.groupby(words, dropna=False, sort=False):
                counted = f"{message} Rows: {len(held):,}, the first is row {held.index[0]:.0f}."
                self.issue(
                    kind, reason, counted, row=float(held.index[0]), value=value if isinstance(value, str) else None
                )
            return
        shown = None if values is None else values.reindex(rows).to_numpy()
        self.issues.append(
            pd.DataFrame(
                {"row": rows, "value": shown, "kind": kind, "reason": reason, "message": message, "column": None}
            )
        )

    def line(self) -> Mapping[str, object]:
        """The row of the receipt."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "table": self.table,
            "profile": self.profile,
            "as_of": self.as_of,
            "as_of_source": self.as_of_source,
            "rows_in": self.rows_in,
            "rows_kept": self.rows_in - self.rows_set_aside,
            "rows_set_aside": self.rows_set_aside,
            "repaired": self.repaired,
            "unreadable": self.unreadable,
            "decisions": "; ".join(self.decisions) or None,
        }


def _label(text: str) -> str:
    return text if len(text) <= _LONGEST_LABEL else shown(text)[1:-1]


def receipt_of(entries: list[Entry]) -> pd.DataFrame:
    """`tables.RECEIPT` of what was read."""
    return tables.conform(pd.DataFrame([entry.line() for entry in entries]), tables.RECEIPT)


def issues_of(entries: list[Entry]) -> pd.DataFrame:
    """`tables.ISSUES` of what was read, in the order of files and rows."""
    parts = [
        pd.concat(entry.issues, ignore_index=True).assign(file=entry.file, sheet=entry.sheet)
        for entry in entries
        if entry.issues
    ]
    if not parts:
        return tables.conform(pd.DataFrame(), tables.ISSUES)
    conformed = [tables.conform(part, tables.ISSUES).sort_values("row", kind="stable") for part in parts]
    return pd.concat(conformed, ignore_index=True)
