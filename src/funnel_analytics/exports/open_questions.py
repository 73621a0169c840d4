"""What a reading left open and a person can answer: the order of dates, unknown stages, the currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..book import Book
from ..errors import UnknownStageError
from ..methodology import Methodology
from .values.dates import ORDER_QUESTIONS


@dataclass(frozen=True)
class OpenQuestions:
    """The questions of one reading; every answer is an argument of `read_exports`."""

    dates: tuple[tuple[str, str], ...] = ()
    """(file, heading) of every column whose dates read both ways: ``date_order``."""
    stages: Mapping[str, int] = field(default_factory=dict)
    """Stage label that is not known → its rows, most rows first: ``stages``."""
    currencies: tuple[str, ...] | None = None
    """Codes of the amounts' currencies where they have no common one, none where none is stated; None where nothing
    is to be asked: ``currency`` and ``rates``."""
    methodology: Methodology | None = None
    """Whose stages the labels can be."""

    def __bool__(self) -> bool:
        return bool(self.dates or self.stages) or self.currencies is not None

    def with_earlier(self, earlier: "OpenQuestions") -> "OpenQuestions":
        """Also the questions that were answered already, so that an answer can be changed."""
        return OpenQuestions(
            self.dates or earlier.dates,
            {**earlier.stages, **self.stages},
            earlier.currencies if self.currencies is None else self.currencies,
            earlier.methodology or self.methodology,
        )


def open_questions(book: Book) -> OpenQuestions:
    r"""The questions that the reading of a book left open.

    Parameters
    ----------
    book
        What `read_exports` returned.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import funnel_analytics as fa
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "pipeline 2026-09-30.csv")
    ...     rows = "A1,Acme,Proof,500,03/04/2026\nA2,Acme,Odd,500,05/06/2026\nA3,Acme,Proof,9,07/06/2026\n"
    ...     _ = file.write_text(f"Opportunity ID,Account Name,Stage,Amount,Close Date\n{rows}")
    ...     asked = open_questions(fa.read_exports(file))
    >>> asked.dates, dict(asked.stages), asked.currencies
    ((('pipeline 2026-09-30.csv', 'Close Date'),), {'Odd': 1}, ())
    """
    issues = book.issues
    asked = issues[(issues["reason"] == "question") & issues["message"].str.startswith(ORDER_QUESTIONS)]
    dates = asked[["file", "column"]].drop_duplicates().itertuples(index=False, name=None)
    labels = issues.loc[issues["reason"] == "unknown_stage", "value"].dropna().unique()
    rows = book.snapshots["stage_label"].value_counts()
    stages = {str(label): int(rows.get(label, 0)) for label in labels}
    ordered = dict(sorted(stages.items(), key=lambda item: -item[1]))
    held = tuple(sorted(str(code) for code in book.snapshots["currency"].dropna().unique()))
    has_amounts = bool(book.snapshots["amount_original"].notna().any())
    asks_currency = has_amounts and (book.currency is None or not book.has_money)
    return OpenQuestions(tuple(dates), ordered, held if asks_currency else None, book.methodology)


def questions_of_unknown_stages(problem: UnknownStageError) -> OpenQuestions:
    """The questions of an export that was refused because most of its stages are not known."""
    ordered = dict(sorted(problem.labels.items(), key=lambda item: -item[1]))
    return OpenQuestions(stages=ordered, methodology=problem.methodology)
