"""Small exports for an archive, and what one asks of it."""

from pathlib import Path

import pandas as pd

from funnel_analytics.book import Book
from funnel_analytics.exports.archive.archive import Added

HEADINGS = "Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Region"


JUNE = f"{HEADINGS}\n1,Press,Alder,Discover,1000,2026-10-30,North\n2,Cell,Birch,Qualify,2000,2026-11-15,South\n"


SEPTEMBER = f"{HEADINGS}\n1,Press,Alder,Develop,1000,2026-10-30,North\n2,Cell,Birch,Qualify,2500,2026-12-15,South\n"


def write(folder: Path, text: str, name: str = "deals 2026-06-30.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, without the lock."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def entries(archive: Path) -> list[str]:
    """Names of the folders of an archive, leftovers too."""
    return sorted(path.name for path in archive.iterdir() if path.is_dir())


def statuses(results: list[Added]) -> list[str]:
    return [result.status for result in results]


def assert_same_book(one: Book, other: Book) -> None:
    for name, frame in one.frames.items():
        frames = [frame, other.frames[name]]
        if name == "receipt":  # an archive lists files by date, a folder by name
            frames = [receipt.sort_values("file").reset_index(drop=True) for receipt in frames]
        pd.testing.assert_frame_equal(*frames)
    pd.testing.assert_frame_equal(one.stage_log, other.stage_log)
    assert (one.as_of, one.currency, one.methodology.key) == (other.as_of, other.currency, other.methodology.key)
