"""For tests: a book's own tables as files, opened as a warehouse, and what both say compared."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

import funnel_analytics as fa

DATE_COLUMNS = ["created_date", "close_date"]
ANSWERS: dict[str, Callable[[Any], pd.DataFrame]] = {
    "reached": lambda source: fa.stage_conversion(source, by="region"),
    "visited": lambda source: fa.stage_conversion(source, counting="visited", by="entered_quarter"),
    "strict": lambda source: fa.stage_conversion(source, counting="strict", by="created_quarter"),
    "any": lambda source: fa.stage_incidence(source, counting="any"),
    "time": lambda source: fa.time_in_stage(source, by="owner"),
    "survival": lambda source: fa.stage_survival(source),
    "win rates": lambda source: fa.win_rates(source, by="region"),
    "velocity": lambda source: fa.sales_velocity(source, by="owner"),
    "changes": lambda source: fa.pipeline_changes(source, by="region", period="2026Q3"),
    "weighted by quarter": lambda source: fa.weighted_forecast(source, by="quarter"),
    "weighted by stage": lambda source: fa.weighted_forecast(source, by="stage", period="2026Q4", without_largest=0),
    "weighted by category": lambda source: fa.weighted_forecast(
        source, by="forecast_category", period="2026Q4", rollup="cumulative", without_largest=2
    ),
    "ageing": lambda source: fa.pipeline_ageing(source, by="owner"),
    "transitions": lambda source: fa.stage_transitions(source, by="region"),
    "cohorts": lambda source: fa.conversion_cohorts(source),
    "cohorts to a stage": lambda source: fa.conversion_cohorts(source, stage="Proof", by="region"),
    "trend": lambda source: fa.conversion_trend(source, by="region", within_days=45),
    "pacing": lambda source: fa.quota_pacing(source),
    "slippage": lambda source: fa.slippage(source, by="region"),
    "slippage of a period": lambda source: fa.slippage(source, period="2026Q3"),
    "coverage": lambda source: fa.pipeline_coverage(source, period="2026Q4"),
    "coverage by region": lambda source: fa.pipeline_coverage(source, by="region"),
    "pacing of a year": lambda source: fa.quota_pacing(source, period="2026", earlier=2),
    "flow": lambda source: fa.pipeline_flow(source, by="region", period="2026Q4"),
}
"""Analyses of a book or a warehouse."""


def written(book: fa.Book, folder: Path) -> Path:
    """The exports and the history of a book as Parquet, in the canonical columns; what was read is left out."""
    looks = book.snapshots.drop(columns=["stage_label", "amount_original"])
    # A stage that means won beside another outcome came from the history: no file or table states it so and is believed.
    won = [stage.key for stage in book.methodology.stages if stage.outcome == "won"]
    looks["stage"] = looks["stage"].mask(looks["stage"].isin(won) & (looks["outcome"] != "won"))
    looks.to_parquet(folder / "snapshots.parquet")
    if len(book.history):
        book.history.drop(columns="stage_label").to_parquet(folder / "history.parquet")
    if len(book.quotas):
        book.quotas.to_parquet(folder / "quotas.parquet")
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


def as_file_and_as_table(opportunities: pd.DataFrame, history: pd.DataFrame | None, folder: Path, **asked):
    """The same content read as CSV files, and opened as Parquet tables."""
    for kind, frame in {"opportunities": opportunities, "history": history}.items():
        for suffix, write in {"csv": "to_csv", "parquet": "to_parquet"}.items():
            (folder / suffix).mkdir(exist_ok=True)
            if frame is not None:
                getattr(frame, write)(folder / suffix / f"{kind}.{suffix}", index=False)
    return fa.read_exports(folder / "csv", **asked), fa.connect(folder / "parquet", **asked)


def team() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five opportunities, and what was recorded of four of them."""
    opportunities = pd.DataFrame(
        [
            ("w", "Deploy", "won", 100.0, "2026-01-01", "2026-03-01", "North"),
            ("b", "Discover", "open", 50.0, "2026-01-10", "2026-12-01", "North"),
            ("l", None, "lost", None, "2026-02-01", "2026-02-21", "South"),
            ("n", "Discover", "open", 10.0, "2026-03-20", "2026-12-01", None),
            ("p", "Proof", "open", 70.0, "2026-02-20", "2026-11-01", "South"),
        ],
        columns=["opportunity_id", "stage", "outcome", "amount", "created_date", "close_date", "region"],
    ).assign(currency="EUR")
    changes = pd.DataFrame(
        [
            ("w", "2026-01-01", "Discover", None), ("w", "2026-01-31", "Develop", None), ("w", "2026-03-01", "Deploy", None),
            ("b", "2026-01-10", "Discover", None), ("b", "2026-01-20", "Qualify", None), ("b", "2026-02-01", "Discover", None),
            ("l", "2026-02-01", "Discover", None), ("l", "2026-02-11", "Qualify", None), ("l", "2026-02-21", None, "lost"),
            ("n", "2026-03-20", "Discover", None),
        ],
        columns=["opportunity_id", "changed_at", "stage", "outcome"],
    )  # fmt: skip
    dates = {name: pd.to_datetime(opportunities[name]) for name in DATE_COLUMNS}
    return opportunities.assign(**dates), changes.assign(changed_at=pd.to_datetime(changes["changed_at"]))
