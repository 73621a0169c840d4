"""The ratings workbook: one row per rating, with who and when; rows are added, never changed or taken away."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from .. import tables
from ..atomic import write_whole
from ..book import Book
from ..errors import ArgumentError, OutputError
from ..exports.archive.durable import locked
from ..exports.reading import rules_for
from ..exports.recognition import Opened, open_file, settle_date_order
from ..exports.rows.columns import column
from ..exports.rows.ratings import rating_frame
from ..methodology import Methodology, latest_ratings
from ..words import language, word
from .headings import FIELDS, field_of, heading

_LOOK_AHEAD = 10
_WIDTHS = {"account_name": 30, "criterion": 30}
_PATIENCE = 20.0


class Given(NamedTuple):
    """A rating as it was given: its day and its person, where they are known."""

    rating: float
    rated_on: pd.Timestamp | None
    rated_by: str | None


@dataclass(frozen=True)
class Log:
    """What a ratings workbook holds."""

    ratings: pd.DataFrame
    """`tables.RATINGS`: those that count, the newest of a criterion last."""
    waiting: pd.DataFrame
    """`tables.RATINGS`: those that met a newer one of somebody else and wait."""

    def last(self, account_id: str) -> dict[str, Given]:
        """Criterion → the newest rating of an account."""
        rows = latest_ratings(self.ratings[self.ratings["account_id"] == account_id])
        return {
            str(row["criterion"]): Given(
                float(row["rating"]),
                None if pd.isna(row["rated_on"]) else pd.Timestamp(row["rated_on"]),
                row["rated_by"] if isinstance(row["rated_by"], str) else None,
            )
            for row in rows.to_dict("records")
        }


@dataclass(frozen=True)
class Conflict:
    """Two people rated the same criterion: both ratings are kept, the other's counts."""

    criterion: str
    rating: float
    other: float
    other_on: pd.Timestamp | None
    other_by: str | None


def read_log(path: Path, book: Book) -> Log:
    """What a ratings workbook holds, read as every export is; nothing where there is no such file yet.

    Parameters
    ----------
    path
        The workbook.
    book
        Its accounts and its methodology.

    Raises
    ------
    ExportError
        If the file cannot be read or holds no ratings.
    """
    none = tables.conform(pd.DataFrame(), tables.RATINGS)
    if not path.exists():
        return Log(none, none)
    rules, _ = rules_for(None, book.methodology, None, None, None)
    opened = Opened()
    open_file(path, rules, opened, named=True)
    settle_date_order(opened)
    pieces = opened.of("ratings")
    known = book.accounts[["account_id", "account_name"]]
    ratings = rating_frame(pieces, book.methodology, known)
    waiting = [piece for piece in pieces if column(piece.frame, "standing").notna().any()]
    for piece in waiting:
        piece.frame = piece.frame[piece.frame["standing"].notna()].drop(columns="standing")
    kept = rating_frame(waiting, book.methodology, known)
    return Log(*(none if frame is None else tables.conform(frame, tables.RATINGS) for frame in (ratings, kept)))


def with_ratings(book: Book, path: Path) -> Book:
    """The same book with the ratings of a workbook added.

    Parameters
    ----------
    book
        The book.
    path
        A ratings workbook; one that does not exist yet adds nothing.
    """
    added = read_log(path, book).ratings
    if added.empty:
        return book
    parts = [part for part in (book.ratings, added) if len(part)]
    return replace(book, frames={**book.frames, "ratings": pd.concat(parts, ignore_index=True)})


def _conflicts(
    ratings: Mapping[str, float],
    now: Mapping[str, Given],
    seen: Mapping[str, Given],
    by: str,
) -> list[Conflict]:
    """Criteria that somebody else has rated otherwise since the workbook was last looked at."""
    return [
        Conflict(criterion, rating, *held)
        for criterion, rating in ratings.items()
        if (held := now.get(criterion))
        and held != seen.get(criterion)
        and held.rating != rating
        and held.rated_by != by
    ]


def save_ratings(
    path: str | Path,
    book: Book,
    account_id: str,
    ratings: Mapping[str, float],
    *,
    rated_by: str,
    rated_on: pd.Timestamp,
    seen: Mapping[str, Given],
    lang: str | None = None,
) -> list[Conflict]:
    """Add ratings of one account to a ratings workbook; what is in it stays.

    The workbook is read again, under a lock, before it is written. Where somebody else has rated a criterion since
    ``seen``, the new rating is added as a conflict: it is kept, but the other's counts until somebody rates again.

    Parameters
    ----------
    path
        The workbook (.xlsx); made where it is missing, replaced as a whole or not at all.
    book
        Its accounts and its methodology.
    account_id
        The account.
    ratings
        Criterion → rating.
    rated_by, rated_on
        Who rates, and on which day.
    seen
        What the person had before their eyes: `Log.last` of the account.
    lang
        Language of the headings of a new workbook.

    Returns
    -------
    list of Conflict
        Ratings that do not count yet.

    Raises
    ------
    ArgumentError
        If nobody is named, or a rating is outside the scale.
    OutputError
        If the file is no ratings workbook, cannot be written, or another process does not let go of it.
    """
    target = Path(path)
    _require(target, book.methodology, ratings, rated_by)
    names = book.accounts.set_index("account_id")["account_name"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.parent / f".{target.name}.lock", patience=_PATIENCE):
        conflicts = _conflicts(ratings, read_log(target, book).last(account_id), seen, rated_by)
        waiting = {conflict.criterion for conflict in conflicts}
        words = {criterion.key: criterion.name[language(lang)] for criterion in book.methodology.criteria}
        rows = [
            {
                "account_id": account_id,
                "account_name": str(names.get(account_id, account_id)),
                "criterion": words[criterion],
                "rating": rating,
                "rated_on": rated_on.normalize().to_pydatetime(),
                "rated_by": rated_by,
                "standing": word("ratings.conflict", lang) if criterion in waiting else None,
            }
            for criterion, rating in ratings.items()
        ]
        write_whole({target: _with_rows(target, rows, lang)}, force=True)
    return conflicts


def _require(path: Path, method: Methodology, ratings: Mapping[str, float], rated_by: str) -> None:
    if path.suffix.lower() != ".xlsx":
        raise OutputError(f"{path} is no name for a ratings workbook. Give one that ends in .xlsx.")
    if not rated_by.strip():
        raise ArgumentError("Nobody is named as the one who rates. Fill in a name.")
    known = [criterion.key for criterion in method.criteria]
    for criterion, rating in ratings.items():
        if criterion not in known or not method.rating_low <= rating <= method.rating_high:
            raise ArgumentError(
                f"'{criterion}' cannot be rated {rating:g}. Accepted: {', '.join(known)}, from {method.rating_low:g} to"
                f" {method.rating_high:g}."
            )


def _with_rows(path: Path, rows: list[dict[str, Any]], lang: str | None) -> bytes:
    """The workbook's bytes with rows added below its table; everything else in it stays."""
    # On first use only: importing the package must stay quick.
    from openpyxl import Workbook, load_workbook
    from openpyxl.styles import Font

    if path.exists():
        workbook = load_workbook(path)
        sheet, columns = _table_in(workbook, path)
    else:
        workbook = Workbook()
        sheet = workbook.active
        sheet.title = word("ratings.sheet", lang)
        columns = {field: number for number, field in enumerate(FIELDS, start=1)}
        for field, number in columns.items():
            cell = sheet.cell(1, number, heading(field, lang))
            cell.font = Font(bold=True)
            sheet.column_dimensions[cell.column_letter].width = _WIDTHS.get(field, 18)
        sheet.freeze_panes = "A2"
    row = sheet.max_row
    while row > 1 and all(cell.value is None for cell in sheet[row]):
        row -= 1
    for values in rows:
        row += 1
        for field, value in values.items():
            if value is None:
                continue
            cell = sheet.cell(row, columns[field], value)
            if field == "rated_on":
                cell.number_format = "yyyy-mm-dd"
            elif isinstance(value, str):
                # A name that begins with "=" must never become a formula.
                cell.data_type = "s"
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


def _table_in(workbook: Any, path: Path) -> tuple[Any, dict[str, int]]:
    """The sheet that holds ratings row by row, and the column of each field; fields that it lacks get one."""
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows(min_row=1, max_row=_LOOK_AHEAD):
            found = {field_of(str(cell.value)): cell for cell in row if cell.value is not None}
            if not {"account_name", "criterion", "rating"} <= set(found):
                continue
            columns = {field: cell.column for field, cell in found.items() if field is not None}
            free = max(cell.column for cell in row if cell.value is not None)
            for field in FIELDS:
                if field not in columns:
                    free += 1
                    columns[field] = free
                    sheet.cell(row[0].row, free, heading(field))
            return sheet, columns
    raise OutputError(
        f"{path} holds no ratings row by row, so nothing is added to it. Give the name of another workbook, or of one that"
        " does not exist yet."
    )
