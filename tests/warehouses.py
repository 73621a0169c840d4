"""For tests: a book's own tables as files, opened as a warehouse, and what both say compared."""

from pathlib import Path

import pandas as pd

import funnel_analytics as fa


def written(book: fa.Book, folder: Path) -> Path:
    """The exports and the history of a book as Parquet, in the canonical columns; what was read is left out."""
    book.snapshots.drop(columns=["stage_label", "amount_original"]).to_parquet(folder / "snapshots.parquet")
    if len(book.history):
        book.history.drop(columns="stage_label").to_parquet(folder / "history.parquet")
    return folder


def opened(book: fa.Book, folder: Path):
    """The book as a warehouse."""
    return fa.connect(
        written(book, folder),
        methodology=book.methodology,
        as_of=book.as_of,
        currency=book.currency,
        calendar=book.calendar,
    )


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Both tables are equal, but for the order in which money was added up."""
    pd.testing.assert_frame_equal(ours, theirs, check_exact=False, rtol=1e-9, atol=1e-9, check_dtype=False)


def weighted(source, **asked) -> pd.DataFrame:
    """The weighted pipeline without the measured probability, which a warehouse does not give."""
    measured = ["weighted_measured", "weighted_measured_without_largest", "method"]
    return fa.weighted_forecast(source, **asked).drop(columns=measured)


def as_file_and_as_table(deals: pd.DataFrame, history: pd.DataFrame | None, folder: Path, **asked):
    """The same content read as CSV files, and opened as Parquet tables."""
    for kind, frame in {"opportunities": deals, "history": history}.items():
        for suffix, write in {"csv": "to_csv", "parquet": "to_parquet"}.items():
            (folder / suffix).mkdir(exist_ok=True)
            if frame is not None:
                getattr(frame, write)(folder / suffix / f"{kind}.{suffix}", index=False)
    return fa.read_exports(folder / "csv", **asked), fa.connect(folder / "parquet", **asked)
