"""Sheets of evidence that also state amounts and close dates: told apart from lists of opportunities by their rows."""

from dataclasses import dataclass, replace

from ..profiles.fitting import Fit, fit
from ..profiles.labels import Named
from ..profiles.languages import mixed_profile
from ..profiles.profile import NEEDED, heading_key
from ..receipt import Entry
from ..sheets.table_inside import SheetTable
from .columns import Piece, implied_headings
from .evidence import says_status

_MOST = 0.8


@dataclass(frozen=True)
class Statements:
    """A sheet whose rows state evidence."""

    evidence: Fit
    opportunities: tuple[SheetTable, Fit] | None
    """One row of each opportunity, where the sheet says what an opportunity needs; else None."""


def statements(table: SheetTable, found: Fit | None, name: str, named: Named) -> Statements | None:
    """What a sheet says where its rows or columns are evidence although it has amounts and close dates.

    Parameters
    ----------
    table
        The sheet's rows as text.
    found
        What it was taken for.
    name
        The file's name.
    named
        Headings that mean something in the methodology.
    """
    if found is not None and found.table.kind != "opportunities":
        return None
    implied = {what: len(headings) for what, headings in implied_headings(table.headings, named).items()}
    profile = mixed_profile(table.headings)
    told = fit(profile, replace(profile.tables["evidence"], never=()), table.headings, name, implied)
    if told is None:
        return None
    if found is None:
        return Statements(told, None) if "evidence" in told.columns or implied["evidence_columns"] else None
    if "evidence" not in told.columns or not _are_statements(table, told, named):
        return None
    return Statements(told, _opportunities(table, found, told))


def _are_statements(table: SheetTable, told: Fit, named: Named) -> bool:
    """Whether the rows name evidence of the methodology, or say of one opportunity after another what is there."""
    words = table.rows[told.columns["evidence"]].dropna()
    known = words.map(heading_key).isin(list(named.evidence))
    if len(words) and known.mean() >= 0.5:
        return True
    said = [table.rows[told.columns[name]].dropna() for name in ("status", "validation") if name in told.columns]
    who = told.columns.get("opportunity_id") or told.columns["opportunity_name"]
    several = table.rows[who].dropna().duplicated().any()
    return bool(several and said and all(len(one) and says_status(one) for one in said))


def _opportunities(table: SheetTable, found: Fit, told: Fit) -> tuple[SheetTable, Fit] | None:
    taken = {heading for name, heading in told.columns.items() if name in ("evidence", "status", "validation")}
    columns = {name: heading for name, heading in found.columns.items() if heading not in taken}
    if not all(columns.keys() & set(group) for group in NEEDED["opportunities"]):
        return None
    who = [columns[name] for name in ("opportunity_id", "opportunity_name", "account_name") if name in columns]
    rows = table.rows.drop_duplicates(who[:1] if "opportunity_id" in columns else who)
    return replace(table, rows=rows, set_aside=table.set_aside.iloc[:0], stated_rows=None), replace(
        found, columns=columns
    )


def as_evidence_only(pieces: list[Piece]) -> None:
    """A list of opportunities with evidence, beside the fuller export of the same date, adds its evidence only."""
    opportunities = [piece for piece in pieces if piece.fit.table.kind == "opportunities"]
    for piece in [piece for piece in opportunities if piece.evidence and "opportunity_id" in piece.frame]:
        ids = piece.frame["opportunity_id"].dropna()
        for other in opportunities:
            fuller = not other.evidence and len(other.fit.columns) > len(piece.fit.columns)
            dated = piece.entry.as_of is None or piece.entry.as_of == other.entry.as_of
            if not fuller or not dated or "opportunity_id" not in other.frame or ids.empty:
                continue
            if ids.isin(other.frame["opportunity_id"]).mean() >= _MOST:
                table = replace(piece.fit.table, kind="evidence")
                piece.fit = replace(piece.fit, table=table)
                piece.entry.table = "evidence"
                piece.entry.decide(f"its opportunities stand in {other.entry.file}: only the evidence was taken")
                break


def without_derived(pieces: list[Piece], derived: list[Entry]) -> list[Piece]:
    """The pieces, without opportunities taken from sheets of evidence where other tables hold opportunities."""
    own = [piece for piece in pieces if not any(piece.entry is entry for entry in derived)]
    return own if any(piece.fit.table.kind == "opportunities" for piece in own) else pieces
