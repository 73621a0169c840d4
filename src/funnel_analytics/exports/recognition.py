"""Files → typed tables: every sheet is opened, recognised by its headings and read as its profile says."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from ..codes import all_different
from ..errors import ExportError, OwnReviewError, nearest
from ..methodology import builtin_methodologies, load_methodology
from ..periods import FiscalCalendar
from .archive.entries import ArchiveEntry, verify
from .copies import copies_of, copy_entry, say_copy, say_kept_twice
from .dating import date_in_lines, date_in_name, day_in_name
from .finding import Found
from .formats.opening import Sheet, read_sheets
from .profiles.fitting import Fit, fit
from .profiles.labels import Named, label_key, labels_of, vocabulary
from .profiles.languages import completed, foreign_headings, mixed_profile
from .profiles.near_headings import unrecognised
from .profiles.profile import Profile, builtin_profiles, load_profile
from .receipt import Entry
from .rows.columns import Piece, date_columns, implied_headings, read_columns
from .rows.evidence_sheets import Statements, as_evidence_only, statements, without_derived
from .rows.period_headings import call_name, quota_name
from .several_exports import without_replaced
from .several_sheets import Fitted, settle_sheets
from .sheets.table_inside import SheetTable, find_table
from .values.parsing import date_order

_VALUED = {"amount", "close_date"}


@dataclass(frozen=True)
class Rules:
    """What holds for all files of one reading."""

    profile: Profile | None
    named: Named
    """Headings that mean something by themselves."""
    date_order: str | None
    calendar: FiscalCalendar
    sheet: str | None


@dataclass
class Opened:
    """Everything that the files hold."""

    pieces: list[Piece] = field(default_factory=list)
    waiting: list[tuple[Entry, SheetTable, Fit, Rules]] = field(default_factory=list)
    """Tables whose dates read both ways: the other files may say how they are written."""
    orders: set[str] = field(default_factory=set)
    """How dates are written in the files that leave no choice."""
    entries: list[Entry] = field(default_factory=list)
    derived: list[Entry] = field(default_factory=list)
    """Opportunities that only sheets of evidence list."""
    found: list[str] = field(default_factory=list)
    """What was found, sheet by sheet, for the message when no opportunities are among it."""

    def of(self, kind: str) -> list[Piece]:
        """The pieces of one kind, oldest export first."""
        pieces = [piece for piece in self.pieces if piece.fit.table.kind == kind]
        return sorted(pieces, key=lambda piece: piece.entry.as_of or piece.entry.filed or pd.Timestamp.min)


def best_fit(headings: list[str], name: str, rules: Rules) -> Fit | None:
    """The table of a profile that understands most of a sheet's headings.

    A profile that the caller names comes first; the built-in profiles then read what it does not know, except
    opportunities.
    """
    meant = implied_headings(headings, rules.named, quotas=quota_name(name))
    implied = {what: len(found) for what, found in meant.items()} | {"call_name": int(call_name(name))}
    turns = [[rules.profile]] if rules.profile is not None else []
    built_in = [profile for profile in builtin_profiles().values() if profile is not rules.profile]
    # Of equal fits the first counts: headings of several languages are mixed only where that explains more.
    turns.append([*built_in, mixed_profile(headings)])
    for turn, profiles in enumerate(turns):
        fits = [
            found
            for profile in profiles
            for table in profile.tables.values()
            if turn == 0 or table.kind != "opportunities"
            if (found := fit(profile, table, headings, name, implied)) is not None
        ]
        if any(found.table.kind == "evidence" for found in fits):
            # Whoever lists evidence names opportunities too; without amount and close date it is no list of them.
            fits = [found for found in fits if found.table.kind != "opportunities" or found.columns.keys() & _VALUED]
        if fits:
            best = max(fits, key=lambda found: found.rank)
            return completed(best, headings) if best.profile is not rules.profile else best
    return None


def _unnamed_ids(table: SheetTable, found: Fit) -> tuple[Fit, str | None]:
    """A first column without a heading whose values are all there and all different holds the ids."""
    first = table.headings[0]
    values = table.rows[first]
    blank = re.fullmatch(r"\(column \d+\)", first) is not None
    if not blank or "opportunity_id" in found.columns or found.table.kind != "opportunities":
        return found, None
    if not len(values) or values.isna().any() or not all_different(values):
        return found, None
    return replace(found, columns={"opportunity_id": first, **found.columns}), first


def _status_as_stage(table: SheetTable, found: Fit) -> Fit:
    """A status whose words are stages, as in lists made by hand, is the stage."""
    heading = found.columns.get("outcome")
    if heading is None or "stage" in found.columns or found.table.kind != "opportunities":
        return found
    words = table.rows[heading].dropna().astype("str").drop_duplicates()
    known = {label_key(word) for held in (vocabulary()["outcomes"], found.profile.outcomes) for ends in held.values() for word in ends}  # fmt: skip
    other = words[~words.map(label_key).isin(known)]
    methods = map(load_methodology, builtin_methodologies()) if len(other) else ()
    stages = max((int(labels_of(method, found.profile).read(other)["stage"].notna().sum()) for method in methods), default=0)  # fmt: skip
    if 2 * stages <= len(other) or not stages:
        return found
    columns = {name: held for name, held in found.columns.items() if name != "outcome"}
    return replace(found, columns={**columns, "stage": heading})


def _chosen_sheets(sheets: list[Sheet], wanted: str | None, opened: Opened) -> list[Sheet]:
    if wanted is not None and any(sheet.name for sheet in sheets):
        chosen = [sheet for sheet in sheets if sheet.name == wanted] or [
            sheet for sheet in sheets if (sheet.name or "").strip().casefold() == wanted.strip().casefold()
        ]
        if not chosen:
            names = [str(sheet.name) for sheet in sheets]
            raise ExportError(f"{sheets[0].file} has no sheet '{wanted}'.{nearest(wanted, names)}")
    else:
        chosen = [sheet for sheet in sheets if not sheet.hidden]
    for sheet in sheets:
        if sheet not in chosen:
            entry = Entry(sheet.file, sheet.name)
            why = "is hidden" if sheet.hidden else "was not asked for"
            entry.issue(
                "note",
                "sheet_not_read",
                f"Sheet '{sheet.name}' {why} and was not read. Name it with sheet= to read it.",
            )
            opened.entries.append(entry)
    return chosen


def _ignore(entry: Entry, table: SheetTable | None, opened: Opened) -> None:
    place = entry.file if entry.sheet is None else f"{entry.file} [{entry.sheet}]"
    if table is None:
        entry.issue("note", "no_table", "Nothing that looks like a table: not read.")
        opened.found.append(f"{place}: no table")
    else:
        entry.rows_in = entry.rows_set_aside = len(table.rows)
        listed = unrecognised(table.headings)
        message = (
            f"No profile recognises this table; its headings are: {listed}. If it is needed, draft a profile with"
            f' funnel-analytics profile "{entry.file}".'
        )
        entry.issue("note", "not_recognised", message)
        opened.found.append(f"{place}: not recognised, with the headings {listed}")
    opened.entries.append(entry)


def _account_for(entry: Entry, sheet: Sheet, table: SheetTable, found: Fit, rules: Rules) -> None:
    """What the receipt says of a sheet before its values are read."""
    entry.table, entry.profile = found.table.kind, found.profile.key
    entry.decide(*sheet.notes, *table.notes)
    if foreign := foreign_headings(found):
        entry.decide(f"headings that the profile does not name, read by their usual meaning: {', '.join(foreign)}")
    entry.rows_in = len(table.rows)
    lines = [str(text) for text in (*sheet.notes, *table.notes, *table.set_aside["value"].dropna())]
    order = rules.date_order or found.profile.date_order
    for source, date in (
        ("report", date_in_lines(lines, order)),
        ("file_name", date_in_name(sheet.file, rules.calendar)),
    ):
        if date is not None:
            entry.as_of, entry.as_of_source = date, source
            break
    entry.rows_in += len(table.set_aside)
    for reason, rows in table.set_aside.groupby("reason", sort=False):
        message = f"This line is no record ({str(reason).replace('_', ' ')}): not taken."
        entry.set_aside(pd.Index(rows["row"]), str(reason), message, rows.set_index("row")["value"])
    if table.stated_rows is not None and table.stated_rows != len(table.rows):
        message = f"The report states {table.stated_rows:,} records, but {len(table.rows):,} were found."
        entry.issue("contradiction", "row_count", message, value=str(table.stated_rows))


def open_file(path: Path, rules: Rules, opened: Opened, *, named: bool) -> None:
    """Every table of one file into what was opened.

    Raises
    ------
    ExportError
        If the file cannot be read, or was named itself and holds nothing that a profile recognises.
    """
    fits: list[Fitted] = []
    try:
        sheets = read_sheets(path)
    except ExportError as problem:
        if named or not (isinstance(problem, OwnReviewError) or path.suffix.lower() in (".txt", ".zip")):
            raise
        entry = Entry(path.name, None)
        entry.issue("note", "not_an_export", f"Not read: {problem}")
        opened.entries.append(entry)
        return
    before = len(opened.found)
    for sheet in _chosen_sheets(sheets, rules.sheet, opened):
        entry = Entry(sheet.file, sheet.name)
        table = find_table(sheet)
        found = best_fit(table.headings, path.name, rules) if table is not None else None
        told = None
        if table is not None and (found is None or found.profile is not rules.profile):
            told = statements(table, found, path.name, rules.named)
        if table is not None and told is not None:
            fits += _stated(entry, sheet, table, told, opened, rules)
            continue
        if table is None or found is None:
            _ignore(entry, table, opened)
            continue
        if found.profile is not rules.profile and (staged := _status_as_stage(table, found)) is not found:
            found = staged
            entry.decide(f"{found.columns['stage']}: its words are stages, read as the stage")
        found, unnamed = _unnamed_ids(table, found)
        if unnamed:
            message = "The first column has no heading; its values are all different and were taken as ids."
            entry.issue("repaired", "blank_heading", message, column=unnamed)
        _account_for(entry, sheet, table, found, rules)
        opened.entries.append(entry)
        fits.append((entry, table, found))
    if named and not fits:
        hidden = [str(sheet.name) for sheet in sheets if sheet.hidden] if rules.sheet is None else []
        raise ExportError(_not_recognised(path, opened.found[before:], rules) + _hidden_hint(hidden))
    fits = settle_sheets(fits, rules.calendar)
    day = day_in_name(path.parent.name)
    for entry in [entry for entry, _, _ in fits if entry.as_of is None and day is not None]:
        entry.as_of, entry.as_of_source = day, "file_name"
        entry.decide(f"dated {day:%Y-%m-%d} by the name of its folder")
    columns = [column for _, table, found in fits for column in date_columns(table, found)]
    decided = date_order(columns)
    opened.orders |= {decided} if decided in ("DMY", "MDY") else set()
    for entry, table, found in fits:
        order = rules.date_order or found.profile.date_order or decided
        if order is None and date_columns(table, found):
            opened.waiting.append((entry, table, found, rules))
        else:
            opened.pieces.append(read_columns(table, found, entry, order, rules.named, rules.calendar))
        opened.found.append(f"{entry.file}: {found.table.kind}, by profile {found.profile.key}")


def _stated(
    entry: Entry, sheet: Sheet, table: SheetTable, told: Statements, opened: Opened, rules: Rules
) -> list[Fitted]:
    """A sheet of evidence, and the opportunities it lists where nothing else does."""
    _account_for(entry, sheet, table, told.evidence, rules)
    opened.entries.append(entry)
    fits: list[Fitted] = [(entry, table, told.evidence)]
    if told.opportunities is not None:
        rows, found = told.opportunities
        listed = Entry(entry.file, entry.sheet)
        _account_for(listed, sheet, rows, found, rules)
        listed.decide("the sheet states evidence, several rows of an opportunity: the first one names it")
        opened.derived.append(listed)
        opened.entries.append(listed)
        fits.append((listed, rows, found))
    return fits


def open_kept(kept: ArchiveEntry, rules: Rules, opened: Opened) -> None:
    """Every table of an archive's entry, under the names and dates it was added with.

    Raises
    ------
    ExportError
        If the entry is damaged.
    """
    verify(kept)
    own = replace(
        rules,
        profile=rules.profile or (load_profile(kept.profile) if kept.profile else None),
        date_order=rules.date_order or kept.date_order,
        sheet=rules.sheet or kept.sheet,
    )
    for file in kept.files:
        before = len(opened.entries)
        open_file(file.path, own, opened, named=True)
        for entry in opened.entries[before:]:
            inside = entry.file.removeprefix(file.path.name)
            entry.file, entry.filed, entry.number = file.name + inside, kept.as_of, kept.number
            stated = file.table(inside[1:] or None, entry.sheet, entry.table)
            if stated is not None and stated.as_of is not None:
                entry.as_of, entry.as_of_source = stated.as_of, stated.as_of_source
            elif entry.table == "opportunities" and entry.as_of is None:
                # Recognised only by a newer version of the reader.
                entry.as_of, entry.as_of_source = kept.as_of, kept.as_of_source


def settle_date_order(opened: Opened) -> None:
    """Read the tables whose dates read both ways as the other files are written."""
    for entry, table, fitting, rules in opened.waiting:
        order = next(iter(opened.orders)) if len(opened.orders) == 1 else None
        if order is not None:
            entry.decide(f"date order {order}, as in the other files")
        opened.pieces.append(read_columns(table, fitting, entry, order, rules.named, rules.calendar))
    opened.waiting.clear()


def _hidden_hint(hidden: list[str]) -> str:
    if not hidden:
        return ""
    listed = ", ".join(f"'{name}'" for name in hidden[:8])
    return f" Hidden sheets were not looked at: {listed}. To read one, name it: sheet='{hidden[0]}' (--sheet)."


def _not_recognised(path: Path, found: list[str], rules: Rules) -> str:
    if found and all(text.endswith(": no table") for text in found):
        return (
            f"{path.name} holds no table: no line of it has two columns or more. Accepted: a table with its headings"
            " in the first line, as .xlsx or as text parted by commas, semicolons or tabs."
        )
    listed = "; ".join(found) or "no sheet that may be read"
    if rules.profile is not None:
        wanted = "; ".join(
            f"[{kind}] needs " + ", ".join(" or ".join(group) for group in table.recognise)
            for kind, table in rules.profile.tables.items()
            if table.recognise
        )
        return f"Profile '{rules.profile.key}' does not fit {path.name}. Found: {listed}. The profile: {wanted or 'names other headings'}."
    return (
        f"No profile recognises {path.name}. Found: {listed}. Draft a profile for it with"
        f' funnel-analytics profile "{path.name}" -o profile.toml, check its guesses, and read with --profile profile.toml.'
    )


def open_files(found: Found, rules: Rules, progress: Callable[[str], None] | None) -> Opened:
    """Every table of every file.

    Raises
    ------
    ExportError
        If a file cannot be read, or no table holds opportunities; the message lists what was found.
    """
    opened = Opened()
    copies = copies_of([path for path, _ in found.files], rules.calendar)
    for path, named in found.files:
        if progress is not None:
            progress(path.name)
        other, own_date = copies.get(path, (None, True))
        if other is not None and not own_date:
            opened.entries.append(copy_entry(found.label(path), found.label(other)))
            continue
        before = len(opened.entries)
        open_file(path, rules, opened, named=named)
        for entry in opened.entries[before:]:
            entry.file = found.label(path) + entry.file.removeprefix(path.name)
        if other is not None:
            say_copy(opened.entries[before], found.label(other))
    for kept in found.archived:
        if progress is not None:
            progress(", ".join(file.name for file in kept.files))
        open_kept(kept, rules, opened)
    say_kept_twice(found.archived, opened.entries)
    settle_date_order(opened)
    opened.pieces = without_derived(opened.pieces, opened.derived)
    read = {id(piece.entry) for piece in opened.pieces}
    unread = {id(entry) for entry in opened.derived} - read
    opened.entries = [entry for entry in opened.entries if id(entry) not in unread]
    as_evidence_only(opened.pieces)
    opened.pieces = without_replaced(opened.pieces)
    for path in found.others:
        entry = Entry(path.name, None)
        folder = "A folder inside the one that was given: not read. Give it too, if its exports belong to these."
        entry.issue("note", "not_an_export", folder if path.is_dir() else "No CSV or Excel file: not read.")
        opened.entries.append(entry)
    if not opened.of("opportunities"):
        raise ExportError(
            f"No table of opportunities was found. Found: {'; '.join(opened.found) or 'nothing'}. A table of"
            " opportunities needs a stage or status, an id or name, and an amount or close date. If one of these files"
            " holds them under other headings, draft a profile for it: funnel-analytics profile FILE."
        )
    return opened
