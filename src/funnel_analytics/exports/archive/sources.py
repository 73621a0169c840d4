"""Exports on their way into an archive: opened, dated, put together by date and read once as they stand."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ...errors import ArgumentError, ExportError
from ...methodology import Methodology, load_methodology
from ...periods import FiscalCalendar
from ..finding import Paths, find_files
from ..reading import book_of
from ..receipt import Entry, issues_of, receipt_of
from ..recognition import Opened, Rules, open_file, settle_date_order
from ..rows.accounts import account_frame
from ..rows.calls import call_frame
from ..rows.columns import Piece
from ..rows.quotas import newest_quotas
from ..rows.ratings import rating_frame
from .entries import digest
from .names import visible

_BOOK_TABLES = ("snapshots", "accounts", "ratings", "history", "quotas", "calls", "evidence")


@dataclass
class Source:
    """One file to be added."""

    path: Path
    name: str
    sha256: str
    entries: list[Entry]
    pieces: list[Piece] = field(default_factory=list)
    as_of: pd.Timestamp | None = None
    as_of_source: str | None = None

    @property
    def opportunities(self) -> list[Piece]:
        """Its tables of opportunities."""
        return [piece for piece in self.pieces if piece.fit.table.kind == "opportunities"]

    @property
    def is_dated(self) -> bool:
        """Whether the report, its rows or the file name state a date."""
        rows = any("as_of" in piece.frame and piece.frame["as_of"].notna().any() for piece in self.opportunities)
        return rows or any(entry.as_of is not None for entry in self.entries)


@dataclass(frozen=True)
class Prepared:
    """One entry, ready to be written."""

    as_of: pd.Timestamp
    as_of_source: str
    sources: tuple[Source, ...]
    tables: dict[str, bytes]
    rows: int
    with_opportunities: bool

    @property
    def digests(self) -> set[str]:
        """Hashes of its files."""
        return {source.sha256 for source in self.sources}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its files."""
        return tuple(source.name for source in self.sources)


def open_sources(paths: Paths, rules: Rules, progress: Callable[[str], None] | None) -> tuple[list[Source], list[str]]:
    """Files with a table that is recognised, and the names of those without."""
    found = find_files(paths)
    if found.archived:
        raise ArgumentError(
            f"{found.archived[0].folder.parent} is itself an archive. Give the exports; to move an archive, copy its folder."
        )
    opened, sources, skipped = Opened(), [], [visible(path.name) for path in found.others]
    for path, named in found.files:
        if progress is not None:
            progress(path.name)
        before, content = len(opened.entries), digest(path)
        open_file(path, rules, opened, named=named)
        source = Source(path, visible(path.name), content, opened.entries[before:])
        if all(entry.table == "ignored" for entry in source.entries):
            skipped.append(source.name)
        else:
            sources.append(source)
    settle_date_order(opened)
    for source in sources:
        for entry in source.entries:
            entry.file = source.name + entry.file.removeprefix(source.path.name)
            source.pieces += [piece for piece in opened.pieces if piece.entry is entry]
    if not sources:
        raise ExportError(f"Nothing was recognised: {'; '.join(opened.found) or 'no export'}. Nothing was added.")
    return sources, skipped


def give_dates(sources: list[Source], caller: pd.Timestamp | None) -> None:
    """Every file gets the date under which it is kept: stated by the report, the file name or the caller."""
    exports = [source for source in sources if source.opportunities]
    for source in exports:
        for piece in source.opportunities:
            entry = piece.entry
            if "as_of" in piece.frame and piece.frame["as_of"].notna().any():
                entry.as_of, entry.as_of_source = piece.frame["as_of"].max(), "report"
            elif caller is not None and (entry.as_of is None or len(exports) == 1):
                entry.as_of, entry.as_of_source = caller, "caller"
            elif entry.as_of is None:
                raise ArgumentError(
                    f"The date of {source.name} is not known: neither the report nor the file name states one. Give it:"
                    " as_of='2026-09-30' (on the command line --as-of 2026-09-30)."
                )
        newest = max((piece.entry for piece in source.opportunities), key=lambda entry: entry.as_of or pd.Timestamp.min)
        source.as_of, source.as_of_source = newest.as_of, newest.as_of_source
    # What states no date of its own belongs to the newest export beside it.
    beside = max(exports, key=lambda source: source.as_of or pd.Timestamp.min, default=None)
    for source in sources:
        stated = [entry for entry in source.entries if entry.as_of is not None]
        if source.as_of is None and stated:
            newest = max(stated, key=lambda entry: entry.as_of or pd.Timestamp.min)
            source.as_of, source.as_of_source = newest.as_of, newest.as_of_source
        elif source.as_of is None and beside is not None:
            source.as_of, source.as_of_source = beside.as_of, beside.as_of_source
        elif source.as_of is None and caller is not None:
            source.as_of, source.as_of_source = caller, "caller"
        elif source.as_of is None:
            raise ArgumentError(
                f"The date of {source.name} is not known: it states none, and no export of opportunities is added with"
                " it. Add them together, or give the date: as_of='2026-09-30' (on the command line --as-of 2026-09-30)."
            )


def by_date(sources: list[Source]) -> list[list[Source]]:
    """Files of one date together, the oldest date first."""
    groups: dict[pd.Timestamp, list[Source]] = {}
    for source in sources:
        if source.as_of is not None:
            groups.setdefault(source.as_of, []).append(source)
    return [groups[date] for date in sorted(groups)]


def prepare(sources: list[Source], method: Methodology | None, rules: Rules) -> Prepared:
    """The tables of one export, read as it stands alone."""
    entries = [entry for source in sources for entry in source.entries]
    pieces = [piece for source in sources for piece in source.pieces]
    main = next((source for source in sources if source.opportunities), sources[0])
    opened = Opened(pieces=pieces, entries=entries)
    frames = _as_read(pieces)
    if main.opportunities:
        book = book_of(opened, method, rules.calendar)
        frames |= {name: book.frames[name] for name in _BOOK_TABLES if len(book.frames[name])}
    else:
        frames |= _beside(opened, method or load_methodology(), rules.calendar)
    frames |= {"receipt": receipt_of(entries), "issues": issues_of(entries)}
    assert main.as_of is not None
    rows_kept = sum(entry.rows_in - entry.rows_set_aside for entry in entries if entry.table != "ignored")
    return Prepared(
        main.as_of, str(main.as_of_source), tuple(sources),
        {f"{name}.parquet": _parquet(frame) for name, frame in frames.items()}, rows_kept, bool(main.opportunities),
    )  # fmt: skip


def _as_read(pieces: list[Piece]) -> dict[str, pd.DataFrame]:
    """Tables that a book has no place for, or only together with others, as they were read."""
    frames: dict[str, list[pd.DataFrame]] = {}
    for piece in pieces:
        if piece.fit.table.kind != "opportunities":
            rows = piece.frame.assign(source_file=piece.entry.file, source_sheet=piece.entry.sheet)
            frames.setdefault(piece.fit.table.kind, []).append(rows)
    return {kind: pd.concat(parts, ignore_index=True) for kind, parts in frames.items()}


def _beside(opened: Opened, method: Methodology, calendar: FiscalCalendar) -> dict[str, pd.DataFrame]:
    """Accounts, ratings, quotas and calls that are added without opportunities."""
    accounts = opened.of("accounts")
    frame = account_frame(accounts)
    known = pd.DataFrame(columns=["account_id", "account_name"]) if frame is None else frame
    made = {
        "accounts": frame,
        "ratings": rating_frame([*accounts, *opened.of("ratings")], method, known),
        "quotas": newest_quotas(opened.of("quotas"), calendar),
        "calls": call_frame(opened.of("calls"), calendar),
    }
    return {name: frame for name, frame in made.items() if frame is not None and len(frame)}


def _parquet(frame: pd.DataFrame) -> bytes:
    target = io.BytesIO()
    frame.reset_index(drop=True).to_parquet(target, index=False)
    return target.getvalue()
