"""Two extracts of a public register, 19 months apart, in two encodings and two sets of columns: one book with history."""

import csv
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.book import Book
from funnel_analytics.exports.archive.archive import add_exports

PROFILE = Path(__file__).parent / "profiles" / "uk_repd.toml"
EARLIER, LATER = pd.Timestamp("2021-06-30"), pd.Timestamp("2023-01-31")
OPEN = {"Application Submitted", "Appeal Lodged", "Awaiting Construction", "Under Construction"}
WON = {"Operational", "Decommissioned"}
FRAMES = ("opportunities", "vanished", "snapshots", "accounts", "history", "ratings", "quotas", "issues", "receipt")


def files(shared: Path) -> list[Path]:
    folder = shared / "data" / "real" / "uk_repd"
    return [folder / "repd-2021-06.csv", folder / "repd-2023-01.csv"]


@lru_cache
def read(shared: Path) -> Book:
    return fa.read_exports(files(shared), profile=PROFILE)


@pytest.fixture
def direct(shared: Path) -> Book:
    return read(shared)


@pytest.fixture
def archive(shared: Path, tmp_path: Path) -> Path:
    """An archive to which the extracts were added one by one, the later one first."""
    for file in reversed(files(shared)):
        add_exports(tmp_path / "archive", file, profile=PROFILE)
    return tmp_path / "archive"


def statuses(shared: Path) -> list[tuple[str, str]]:
    """(earlier, later) status of every project in both files, counted without this package."""
    looks = []
    for path, encoding in zip(files(shared), ("cp1252", "utf-8-sig"), strict=True):
        with path.open(encoding=encoding, newline="") as file:
            looks.append({row["Ref ID"]: row["Development Status (short)"].strip() for row in csv.DictReader(file)})
    return [(status, looks[1][key]) for key, status in looks[0].items() if key in looks[1]]


def state(status: str) -> str:
    """What a status means to a funnel: an open stage, won or lost."""
    status = "Awaiting Construction" if status == "No Application Required" else status
    return status if status in OPEN else "won" if status in WON else "lost"


def test_no_row_is_lost_and_both_encodings_are_found(direct: Book) -> None:
    receipt = direct.receipt.set_index("file")
    assert receipt["rows_kept"].tolist() == [6461, 8487]
    assert receipt["rows_set_aside"].sum() == receipt["unreadable"].sum() == 0
    assert receipt["decisions"].str.extract(r"encoding ([\w-]+)")[0].tolist() == ["cp1252", "utf-8"]
    assert direct.export_dates == [EARLIER, LATER]


def test_columns_of_both_are_united(direct: Book) -> None:
    rows = direct.snapshots
    round_of = rows["CfD Allocation Round"]  # a column that only the later extract has
    assert round_of[rows["as_of"] == EARLIER].isna().all()
    assert round_of[rows["as_of"] == LATER].notna().sum() > 0


def test_exactly_1132_status_changes_are_found(direct: Book, shared: Path) -> None:
    looks = direct.snapshots.pivot(index="opportunity_id", columns="as_of", values="stage_label").dropna()
    assert len(looks) == 6434
    changed = looks[looks[EARLIER] != looks[LATER]]
    raw = Counter(pair for pair in statuses(shared) if pair[0] != pair[1])
    assert Counter(changed.itertuples(index=False, name=None)) == raw
    assert len(changed) == raw.total() == 1132


def test_every_move_of_the_funnel_stands_once_in_the_stage_log(direct: Book, shared: Path) -> None:
    moves = Counter((state(before), state(after)) for before, after in statuses(shared))
    moves = Counter({pair: count for pair, count in moves.items() if pair[0] != pair[1]})
    log = direct.stage_log
    left = log[log["exit"] != "open"]
    new = log[log["source"] == "export"]
    first_seen_closed = len(left[left["opportunity_id"].isin(new["opportunity_id"])])
    assert first_seen_closed == 0  # a project seen once, closed, tells no stage
    found = Counter(zip(left["stage"], left["next"].fillna(left["exit"]), strict=True))
    assert found == Counter({pair: count for pair, count in moves.items() if pair[0] in OPEN})
    reopened = log[(log["visit"] == 1) & (log["entered_after"] == EARLIER)]
    assert len(reopened) == sum(
        count for (before, after), count in moves.items() if before not in OPEN and after in OPEN
    )


def test_a_move_is_seen_by_the_later_extract_unless_the_register_dates_it(direct: Book) -> None:
    log = direct.stage_log
    left = log[log["exit"] != "open"]
    undated = left["left_seen_by"].notna()
    assert (left.loc[undated, "left_after"] == EARLIER).all()
    assert (left.loc[undated, "left_seen_by"] == LATER).all()
    # The register dates the beginning of operation, nothing else that this profile reads.
    assert set(left.loc[~undated, "exit"]) == {"won"}
    assert left.loc[~undated, "left_after"].isna().all()
    assert left.loc[~undated, "left"].between(EARLIER, LATER).all()
    follows = log["opportunity_id"] == log["opportunity_id"].shift(-1)
    assert not (log["left"] > log["entered"].shift(-1).where(follows)).any()
    assert not ((log["stage"] == log["stage"].shift(-1)) & follows & (log["exit"] == "open")).any()


def test_the_archive_gives_the_same_book(direct: Book, archive: Path) -> None:
    book = fa.read_exports(archive)  # the profile lies in the archive
    for name in FRAMES:
        pd.testing.assert_frame_equal(book.frames[name], direct.frames[name])
    pd.testing.assert_frame_equal(book.stage_log, direct.stage_log)
    for analysis in (fa.stage_conversion, fa.time_in_stage, fa.win_rates, fa.sales_velocity):
        pd.testing.assert_frame_equal(analysis(book), analysis(direct))
    since = fa.pipeline_changes(book, since="2021-06-30", until="2023-01-31")
    pd.testing.assert_frame_equal(since, fa.pipeline_changes(direct, since="2021-06-30", until="2023-01-31"))
    assert since["amount"].iloc[:-1].sum() == pytest.approx(since["amount"].iloc[-1])


def test_the_tables_in_the_archive_need_no_package(archive: Path) -> None:
    kept = pd.concat([pd.read_parquet(path) for path in sorted(archive.glob("*/snapshots.parquet"))])
    assert len(kept) == 6461 + 8487
    assert kept["stage_label"].value_counts()["Operational"] == 2702 + 2827
