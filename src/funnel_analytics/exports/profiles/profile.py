"""Profiles: which heading of an export means what, declared in TOML and recognised by the headings.

``docs/profiles.md`` describes the file. A new CRM is a new file; this module knows none of them.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ...addresses import address_template
from ...errors import ArgumentError, MethodologyError, ProfileError, nearest
from ...methodology import METHODOLOGY_BLOCKS, Methodology, load_methodology, parse_methodology
from ...periods import FiscalCalendar
from ...toml_files import read_toml
from .fields import CALL_FIELDS as CALL_FIELDS, FIELDS as FIELDS, LOOKUP_FIELDS, NEEDED as NEEDED

DATE_ORDERS = ("DMY", "MDY", "YMD")
ENDS = ("won", "lost", "open")
"""What a label can say instead of a stage: how it ended."""
_PROFILE_KEYS = {"key", "name", "methodology", "currency", "date_order", "fiscal_start", "fiscal_calendar", "exact", "stage", "stages",
                 "outcomes", "forecast_categories", "ignored_stages", "extends", "time_zone"}  # fmt: skip
_TABLE_KEYS = {"recognise", "never", "files", "key", "columns", "join", "keep", "only", "several", "stage_dates",
               "stage_date_patterns", "evidence", "cents", "crm_url"}  # fmt: skip
_TIME_ZONE = re.compile(r"([+-])(\d{2}):(\d{2})")
QUOTES = str.maketrans(dict.fromkeys("'“”‘’„«»「」", '"'))


@lru_cache(maxsize=1 << 14)
def heading_key(heading: str) -> str:
    """A heading without what differs between copies of one layout: case, blanks, width, quote marks.

    Examples
    --------
    >>> heading_key("  Close  DATE "), heading_key("金额（万元）")
    ('closedate', '金额(万元)')
    """
    text = unicodedata.normalize("NFKC", str(heading)).casefold().translate(QUOTES)
    return re.sub(r"[\s_\-\u200b\ufeff]+", "", text)


@dataclass(frozen=True)
class TableProfile:
    """How one table of an export is recognised and which of its headings mean what."""

    kind: str
    columns: Mapping[str, tuple[str, ...]]
    recognise: tuple[tuple[str, ...], ...] = ()
    """Headings that must be there; of a group in brackets one is enough."""
    never: tuple[str, ...] = ()
    """Headings that show it to be another table."""
    files: tuple[str, ...] = ()
    """Patterns of file names; none means any."""
    key: str | None = None
    """The heading by which other tables point here."""
    join: Mapping[str, str] = field(default_factory=dict)
    """Heading here → table whose ``key`` holds the same values."""
    keep: tuple[str, ...] = ()
    """Headings kept as they stand, to filter and split by."""
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Heading → the values that a row must have there to be a record; blank is accepted."""
    several: tuple[str, ...] = ()
    """Fields whose cells list several values, parted by semicolons: the first is taken."""
    stage_dates: Mapping[str, str] = field(default_factory=dict)
    """Heading of a column that dates a stage → the stage's label."""
    stage_date_patterns: tuple[str, ...] = ()
    """The same with the label inside the heading: ``'Date entered "{stage}"'``."""
    evidence: Mapping[str, str] = field(default_factory=dict)
    """Heading of a column that says whether a piece of evidence is there → the evidence's key or name."""
    cents: tuple[str, ...] = ()
    """Headings of amounts that the CRM counts in cents in some of its exports, and not in others."""
    crm_url: str | None = None
    """Address of a record in the CRM, with ``{id}``."""


@dataclass(frozen=True)
class Profile:
    """A layout of a CRM export: its tables, its words and what it assumes."""

    key: str
    name: str
    tables: Mapping[str, TableProfile]
    methodology: Methodology | None = None
    currency: str | None = None
    date_order: str | None = None
    calendar: FiscalCalendar | None = None
    exact: bool = False
    """Headings are compared as they stand."""
    stages: Mapping[str, str] = field(default_factory=dict)
    """Stage label → stage key of the methodology."""
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    forecast_categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored_stages: tuple[str, ...] = ()
    """Labels (with ``*``) that are no stage and are passed over without a word."""
    time_zone: str | None = None
    """Where dates that stand as seconds since 1970 were days: ``"+08:00"``."""

    def heading(self, text: str) -> str:
        """The form in which this profile compares headings."""
        return text.strip() if self.exact else heading_key(text)

    @property
    def utc_offset(self) -> int | None:
        """The time zone in seconds; None where none is declared."""
        match = _TIME_ZONE.fullmatch(self.time_zone or "")
        if match is None:
            return None
        return (int(match[2]) * 3600 + int(match[3]) * 60) * (-1 if match[1] == "-" else 1)


def _strings(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ProfileError(f'{where} must be a text or a list of texts, as ["Amount", "Total"].')
    return tuple(value)


def _known(found: Iterable[str], accepted: Iterable[str], where: str) -> None:
    for key in found:
        if key not in accepted:
            raise ProfileError(f"{where} does not know '{key}'.{nearest(key, accepted)}")


def _table(kind: str, data: Any, source: str) -> TableProfile:
    where = f"{source}: [{kind}]"
    if not isinstance(data, Mapping):
        raise ProfileError(f"{source} does not know '{kind}'.{nearest(kind, sorted(_PROFILE_KEYS | set(FIELDS)))}")
    _known(data, _TABLE_KEYS, where)
    fields = FIELDS.get(kind, LOOKUP_FIELDS)
    columns = data.get("columns", {})
    _known(columns, fields, f"{source}: [{kind}.columns]")
    recognise = tuple(_strings(group, f"{where} recognise") for group in data.get("recognise", []))
    return TableProfile(
        kind,
        {name: _strings(value, f"{where} {name}") for name, value in columns.items()},
        recognise,
        _strings(data.get("never", []), f"{where} never"),
        _strings(data.get("files", []), f"{where} files"),
        data.get("key"),
        dict(data.get("join", {})),
        _strings(data.get("keep", []), f"{where} keep"),
        {heading: _strings(values, f"{where} only") for heading, values in data.get("only", {}).items()},
        _several(data.get("several", []), fields, where),
        dict(data.get("stage_dates", {})),
        _strings(data.get("stage_date_patterns", []), f"{where} stage_date_patterns"),
        _evidence(data.get("evidence", {}), where),
        _strings(data.get("cents", []), f"{where} cents"),
        _crm_url(data.get("crm_url"), where),
    )


def _crm_url(value: Any, where: str) -> str | None:
    try:
        return None if value is None else address_template(str(value))
    except ArgumentError as problem:
        raise ProfileError(f"{where}: {problem}") from problem


def _evidence(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value.values()):
        raise ProfileError(f'{where} evidence must say for each heading which evidence it is, as "Sponsor?" = "…".')
    return dict(value)


def _several(value: Any, fields: Iterable[str], where: str) -> tuple[str, ...]:
    names = _strings(value, f"{where} several")
    _known(names, fields, f"{where} several")
    return names


def extended(table: TableProfile, base: TableProfile | None) -> TableProfile:
    """A table that also knows the headings of another; its own mean first what it says."""
    if base is None:
        return table
    own = {heading_key(heading) for headings in table.columns.values() for heading in headings}
    free = {
        name: tuple(heading for heading in headings if heading_key(heading) not in own)
        for name, headings in base.columns.items()
    }
    columns = {name: (*table.columns.get(name, ()), *free.get(name, ())) for name in (*table.columns, *free)}
    patterns = dict.fromkeys((*table.stage_date_patterns, *base.stage_date_patterns))
    return replace(table, columns=columns, stage_date_patterns=tuple(patterns))


def _methodology(data: Mapping[str, Any], source: str, folder: Path | None) -> Methodology | None:
    try:
        if "stage" in data:
            inline = {name: block for name, block in data.items() if name in METHODOLOGY_BLOCKS}
            return parse_methodology(inline, str(data.get("key", source)))
        named = data.get("methodology")
        if named is None:
            return None
        beside = folder / str(named) if folder is not None and str(named).endswith(".toml") else named
        return load_methodology(beside)
    except MethodologyError as problem:
        raise ProfileError(f"{source}: {problem}") from problem


def _calendar(data: Mapping[str, Any], source: str) -> FiscalCalendar | None:
    """The fiscal calendar that ``fiscal_start`` or ``[fiscal_calendar]`` declares."""
    declared = dict(data.get("fiscal_calendar", {}))
    _known(declared, ("start", "weeks", "ends_on", "named_after"), f"{source}: [fiscal_calendar]")
    if "fiscal_start" in data:
        declared.setdefault("start", data["fiscal_start"])
    try:
        return FiscalCalendar(**declared) if declared else None
    except ArgumentError as problem:
        raise ProfileError(f"{source}: {problem}") from problem


def _check_settings(data: Mapping[str, Any], source: str) -> None:
    order, zone = data.get("date_order"), data.get("time_zone")
    if order is not None and order not in DATE_ORDERS:
        raise ProfileError(f"{source}: date_order '{order}' is not known.{nearest(str(order), DATE_ORDERS)}")
    if zone is not None and _TIME_ZONE.fullmatch(str(zone)) is None:
        raise ProfileError(f"{source}: time_zone is {zone!r}. Accepted: hours and minutes from UTC, as +08:00.")
    _known(data.get("outcomes", {}), ENDS, f"{source}: [outcomes]")


def parse_profile(data: Mapping[str, Any], source: str, folder: Path | None = None) -> Profile:
    """A profile from the tables of its TOML file.

    Parameters
    ----------
    data
        The parsed TOML.
    source
        What to call the file in messages.
    folder
        Where it lies: a methodology's path counts from there.

    Raises
    ------
    ProfileError
        If a key, a field or a value is not known; the message names the place and the nearest guess.
    """
    inline = {"rating", "group", "criterion", "segment", "label", "inspection", "text"} if "stage" in data else set()
    declared = {kind: _table(kind, table, source) for kind, table in data.items() if kind not in _PROFILE_KEYS | inline}
    for kind, table in declared.items():
        _known(table.join.values(), declared, f"{source}: [{kind}.join]")
        for target in table.join.values():
            if declared[target].key is None:
                raise ProfileError(f'{source}: [{kind}.join] points to [{target}], which has no key. Add key = "…".')
    _check_settings(data, source)
    base = data.get("extends")
    if base is not None:
        known = builtin_profiles() if folder is not None else _plain_profiles()
        if base not in known:
            raise ProfileError(f"{source}: extends '{base}', which is not a profile.{nearest(str(base), known)}")
        declared = {kind: extended(table, known[base].tables.get(kind)) for kind, table in declared.items()}
    return Profile(
        key=str(data.get("key", source.removesuffix(".toml"))),
        name=str(data.get("name", data.get("key", source))),
        tables=declared,
        methodology=_methodology(data, source, folder),
        currency=data.get("currency"),
        date_order=data.get("date_order"),
        calendar=_calendar(data, source),
        exact=bool(data.get("exact", False)),
        stages={str(label): str(stage) for label, stage in data.get("stages", {}).items()},
        outcomes={key: _strings(value, f"{source}: outcomes") for key, value in data.get("outcomes", {}).items()},
        forecast_categories={
            key: _strings(value, f"{source}: {key}") for key, value in data.get("forecast_categories", {}).items()
        },
        ignored_stages=_strings(data.get("ignored_stages", []), f"{source}: ignored_stages"),
        time_zone=data.get("time_zone"),
    )


def with_stages(profile: Profile, stages: Mapping[str, str]) -> Profile:
    """A profile that also knows what these stage labels mean: a stage's key, or how it ended."""
    ends = {
        end: (*profile.outcomes.get(end, ()), *(label for label, key in stages.items() if key == end)) for end in ENDS
    }
    named = {label: key for label, key in stages.items() if key not in ENDS}
    return (
        replace(profile, stages={**profile.stages, **named}, outcomes={**profile.outcomes, **ends})
        if stages
        else profile
    )


@lru_cache
def _builtin_files() -> Mapping[str, Mapping[str, Any]]:
    """The TOML of every profile that comes with the package, by file name."""
    folder = files("funnel_analytics") / "resources" / "profiles"
    paths = sorted((path for path in folder.iterdir() if path.name.endswith(".toml")), key=lambda path: path.name)
    return {path.name: tomllib.loads(path.read_text(encoding="utf-8")) for path in paths}


@lru_cache
def _plain_profiles() -> Mapping[str, Profile]:
    """The built-in profiles that stand on no other."""
    plain = [parse_profile(data, name) for name, data in _builtin_files().items() if "extends" not in data]
    return {profile.key: profile for profile in plain}


@lru_cache
def builtin_profiles() -> Mapping[str, Profile]:
    """The profiles that come with the package, by key."""
    profiles = [parse_profile(data, name) for name, data in _builtin_files().items()]
    return {profile.key: profile for profile in profiles}


def load_profile(source: str | Path) -> Profile:
    """A built-in profile by its key, or one from a TOML file.

    Raises
    ------
    ProfileError
        If there is no such profile, or its file is incomplete.

    Examples
    --------
    >>> load_profile("salesforce_report").name
    'Salesforce report'
    """
    path = Path(source)
    if path.suffix.lower() != ".toml":
        built_in = builtin_profiles()
        if str(source) not in built_in:
            raise ProfileError(
                f"'{source}' is not a profile.{nearest(str(source), built_in)} Or give the path of a .toml file."
            )
        return built_in[str(source)]
    if not path.is_file():
        raise ProfileError(f"There is no profile file {path}. Give its path.")
    data = read_toml(path, ProfileError)
    profile = parse_profile(data, path.name, path.parent)
    return replace(profile, key=path.stem) if "key" not in data else profile
