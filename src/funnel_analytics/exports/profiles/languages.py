"""Headings of several languages in one table: an English export with 金额, a Chinese one with "Owner"."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from .fitting import Fit, bare_headings, known_columns
from .profile import Profile, TableProfile, builtin_profiles, extended, heading_key

_ESSENTIAL = (
    "opportunity_id",
    "opportunity_name",
    "account_name",
    "stage",
    "amount",
    "close_date",
    "created_date",
    "owner",
    "probability",
    "currency",
)


@lru_cache
def _generic() -> tuple[Profile, ...]:
    """The profiles of headings that no CRM claims, one a language."""
    return tuple(profile for key, profile in builtin_profiles().items() if key.startswith("generic_"))


@lru_cache
def _with_others(key: str) -> Profile:
    """A generic profile that also knows the headings of all other languages; its own mean first what it says."""
    base = builtin_profiles()[key]
    tables: dict[str, TableProfile] = dict(base.tables)
    for other in _generic():
        if other.key != key:
            for kind, table in other.tables.items():
                own = tables.get(kind)
                never = () if own is None else own.never
                tables[kind] = replace(extended(own or table, table), never=(*never, *table.never))
    return replace(base, tables=tables)


def mixed_profile(headings: Iterable[str]) -> Profile:
    """The generic profile of the language that most headings are in, with the headings of the others."""
    keys = {heading_key(heading) for heading in headings}

    def known(profile: Profile) -> int:
        held = {heading_key(h) for table in profile.tables.values() for names in table.columns.values() for h in names}
        return len(keys & held)

    return _with_others(max(_generic(), key=known).key)


def _is_english(texts: Iterable[str]) -> bool:
    listed = list(texts)
    return sum(text.isascii() for text in listed) * 2 > len(listed)


def completed(found: Fit, headings: list[str]) -> Fit:
    """A fit of a built-in profile with the fields that its own headings leave open: the generic profiles fill them.

    Headings in the profile's own language only fill what no list can do without; others mean too many things.
    """
    if found.profile.key.startswith("generic_"):
        return found
    english = _is_english(heading for names in found.table.columns.values() for heading in names)
    free = [heading for heading in headings if heading not in found.columns.values()]
    mixed = mixed_profile(headings)
    translated = mixed.key != "generic_en"
    foreign = {heading for heading in free if not english or translated or not heading.isascii()}
    table = mixed.tables.get(found.table.kind)
    if not free or table is None:
        return found
    columns, _ = known_columns(mixed, table, free)
    needed = _ESSENTIAL if table.kind == "opportunities" else ()
    added = {
        field: heading
        for field, heading in columns.items()
        if field not in found.columns and (heading in foreign or field in needed)
    }
    return replace(found, columns={**found.columns, **added})


def foreign_headings(found: Fit) -> list[str]:
    """Headings that were understood although the profile itself does not name them."""
    own = builtin_profiles().get(found.profile.key)
    table = None if own is None else own.tables.get(found.table.kind)
    if table is None:
        return []
    known = {heading_key(heading) for names in table.columns.values() for heading in names}
    return [
        heading
        for heading in found.columns.values()
        if not known.intersection((heading_key(heading), *bare_headings(heading)))
    ]
