"""A profile laid over the headings of one sheet: which table it is, and which column is which field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch

from .heading_forms import other_forms
from .heading_units import parted
from .profile import NEEDED, QUOTES, Profile, TableProfile, heading_key


def bare_headings(heading: str) -> tuple[str, ...]:
    """The forms in which a heading is compared beside its own: without marks, the unit behind it and the like.

    Examples
    --------
    >>> bare_headings("金额（万元）")
    ('金额',)
    """
    return tuple(map(heading_key, other_forms(heading)))


@dataclass(frozen=True)
class Fit:
    """A table of a profile laid over the headings of one sheet."""

    profile: Profile
    table: TableProfile
    columns: Mapping[str, str]
    """Field → heading in the file."""
    stage_dates: Mapping[str, str] = field(default_factory=dict)
    """Heading → label of the stage it dates."""
    spare: tuple[tuple[str, str], ...] = ()
    """(field, heading) of further columns that mean a field already found."""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """Heading → the evidence that the profile says it is about."""
    per_period: int = 0
    """How many headings are periods or days, in a table whose amounts stand one period a column."""

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Better fits compare greater: declared headings found, then most columns understood."""
        understood = len(self.columns) + len(self.stage_dates) + len(self.evidence) + self.per_period
        return bool(self.table.recognise), understood, len(self.table.recognise)


def _found(profile: Profile, wanted: Iterable[str], present: Mapping[str, str]) -> list[str]:
    """Headings of the file that a list of accepted headings names, in the list's order."""
    hits = [present[key] for key in dict.fromkeys(map(profile.heading, wanted)) if key in present]
    return list(dict.fromkeys(hits))


def _size(heading: str) -> float:
    unit = parted(heading)[1]
    return (unit.factor if unit else None) or 1.0


def _present(profile: Profile, headings: list[str]) -> dict[str, str]:
    """Heading as it is compared → heading; also in its other forms, where no heading is written so."""
    present: dict[str, str] = {}
    for heading in headings:
        present.setdefault(profile.heading(heading), heading)
    # Of 金额（元） and 金额（万元） the finer one: the other is rounded.
    for heading in sorted(headings, key=_size):
        for form in other_forms(heading):
            present.setdefault(profile.heading(form), heading)
    return present


def known_columns(
    profile: Profile, table: TableProfile, headings: list[str]
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Field → heading for what a table's profile names, and further headings of a field already found."""
    present = _present(profile, headings)
    columns: dict[str, str] = {}
    spare: list[tuple[str, str]] = []
    for name, wanted in table.columns.items():
        hits = _found(profile, wanted, present)
        if hits:
            columns[name] = hits[0]
            spare += [(name, heading) for heading in hits[1:]]
    return columns, spare


def _stage_dates(profile: Profile, table: TableProfile, present: Mapping[str, str]) -> dict[str, str]:
    found = {
        heading: label for text, label in table.stage_dates.items() for heading in _found(profile, [text], present)
    }
    for pattern in table.stage_date_patterns:
        before, _, after = pattern.partition("{stage}")
        expression = re.compile(re.escape(heading_key(before)) + "(.+?)" + re.escape(heading_key(after)))
        for key, heading in present.items():
            if heading not in found and (match := expression.fullmatch(heading_key(key))):
                # The label is taken as it is written, not in the form that headings are compared in.
                found[heading] = _label_inside(heading, before, after) or match[1]
    return found


def _label_inside(heading: str, before: str, after: str) -> str:
    text = unicodedata.normalize("NFKC", heading).translate(QUOTES)
    lead, tail = before.translate(QUOTES).strip(), after.translate(QUOTES).strip()
    if text.casefold().startswith(lead.casefold()) and text.casefold().endswith(tail.casefold()):
        return text[len(lead) : len(text) - len(tail)].strip(' "')
    return ""


def fit(
    profile: Profile, table: TableProfile, headings: list[str], name: str, implied: Mapping[str, int]
) -> Fit | None:
    """A profile's table laid over a sheet; None where it is not that table.

    Parameters
    ----------
    profile, table
        The layout.
    headings
        The sheet's headings.
    name
        The file's name.
    implied
        How many headings mean something by themselves: ``criteria`` (rated criteria), ``periods``
        (amounts per period), ``quarters`` (without a year), ``days``, ``years`` (revenue per year), ``evidence_columns`` (evidence of a stage); and
        ``call_name``, whether the file is called after calls.
    """
    present = _present(profile, headings)
    if table.files and not any(fnmatch(name.casefold(), pattern.casefold()) for pattern in table.files):
        return None
    if _found(profile, table.never, present):
        return None
    if not all(_found(profile, group, present) for group in table.recognise):
        return None
    columns, spare = known_columns(profile, table, headings)
    evidence = {
        heading: about for text, about in table.evidence.items() for heading in _found(profile, [text], present)
    }
    if not table.recognise and not table.files:
        have = set(columns) | ({"evidence_columns"} if evidence else set())
        have |= {what for what, count in implied.items() if count >= (3 if what == "criteria" else 1)}
        if not all(have & set(group) for group in NEEDED.get(table.kind, ())):
            return None
    used = set(columns.values())
    return Fit(
        profile,
        table,
        columns,
        _stage_dates(profile, table, present),
        tuple((name_, heading) for name_, heading in spare if heading not in used),
        evidence,
        sum(implied.get(what, 0) for what in ("periods", "quarters", "days"))
        if table.kind in ("quotas", "calls")
        else 0,
    )
