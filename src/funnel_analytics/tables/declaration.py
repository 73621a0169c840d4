"""How a table is declared: its grain and its columns, each with a kind that fixes storage and format."""

from dataclasses import dataclass

DTYPES = {
    "id": "str",
    "key": "str",
    "keys": "str",
    "text": "str",
    "message": "str",
    "date": "datetime64[us]",
    "time": "datetime64[us]",
    "money": "float64",
    "rate": "float64",
    "days": "float64",
    "number": "float64",
    "count": "int64",
    "flag": "bool",
}
"""What a column of each kind is stored as. ``date`` is a midnight timestamp, ``rate`` a fraction 0–1
(value rates can exceed 1), ``days`` a duration, ``money`` in the book's one currency, ``id`` text, ``keys`` several
keys separated by semicolons or blanks, ``message`` a text in English that is shown in the reader's language (see `messages`)."""

FORMATS = {
    "id": "@",
    "key": "@",
    "keys": "@",
    "text": "@",
    "message": "@",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm",
    "money": "#,##0",
    "rate": "0.0%",
    "days": "#,##0.0",
    "number": "#,##0.00",
    "count": "#,##0",
    "flag": "@",
}
"""How Excel shows a column of each kind."""


@dataclass(frozen=True)
class Column:
    """One column: its name (the key of its heading), its kind and what it means."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table: its name, what one row is, and its columns in order."""

    name: str
    grain: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """The declaration of a column; None for a column that is not declared (a grouping)."""
        return next((column for column in self.columns if column.name == name), None)


def table(name: str, grain: str, *columns: tuple[str, str, str]) -> Table:
    """A declaration from (name, kind, meaning) triples."""
    return Table(name, grain, tuple(Column(*column) for column in columns))
