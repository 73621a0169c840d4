"""Headings that no profile knows: which known one each is nearest to, so that a person can say what was meant."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from .fields import NEEDED
from .fitting import Fit, bare_headings, known_columns
from .languages import mixed_profile
from .profile import heading_key

_ALIKE = 0.79
_SHORTEST = 3
_LISTED = 15
_ESSENTIAL = {
    "opportunity_id", "opportunity_name", "account_id", "account_name", "stage", "outcome", "amount", "currency",
    "close_date", "created_date", "owner", "probability", "changed_at", "new_value", "quota", "period", "rating",
    "criterion",
}  # fmt: skip
"""Fields whose lack changes results; of others a likeness is more often chance."""
_NEEDED_WORDS = (
    "a stage, a status or a flag for won",
    "an id, a name or an account",
    "an amount or a close date",
)


def near_headings(unread: Iterable[str], found: Fit) -> dict[str, tuple[str, str]]:
    """Headings that look like one of a field that was not found.

    Parameters
    ----------
    unread
        Headings that nothing is known about.
    found
        The profile laid over the table.

    Returns
    -------
    dict
        Heading → (the known heading it looks like, the field it would be).
    """
    free = list(unread)
    tables = [found.table, mixed_profile([*free, *found.columns.values()]).tables.get(found.table.kind)]
    return _nearest(free, [table.columns for table in tables if table is not None], found.columns)


def unrecognised(headings: list[str]) -> str:
    """The headings of a table that no profile recognises, what it lacks, and which look like known ones.

    Examples
    --------
    >>> unrecognised(["Opportunity ID", "Satge", "Amount"])
    "Opportunity ID, Satge, Amount — for opportunities it lacks a stage, a status or a flag for won — 'Satge' looks like 'Stage'"
    """
    profile = mixed_profile(headings)
    table = profile.tables["opportunities"]
    columns, _ = known_columns(profile, table, headings)
    groups = zip(_NEEDED_WORDS, NEEDED["opportunities"], strict=True)
    lacking = [words for words, group in groups if not columns.keys() & set(group)]
    near = _nearest([heading for heading in headings if heading not in columns.values()], [table.columns], columns)
    said = ", ".join(headings[:_LISTED]) + (" …" if len(headings) > _LISTED else "")
    if len(lacking) == len(_NEEDED_WORDS) and len(near) < len(_NEEDED_WORDS):
        return said
    lacks = [f"for opportunities it lacks {words}" for words in lacking]
    alike = [f"'{heading}' looks like '{known}'" for heading, (known, _) in near.items()]
    return " — ".join([said, *lacks, *alike])


def _nearest(
    free: list[str], tables: list[Mapping[str, tuple[str, ...]]], taken: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Heading → (known heading, field) for what looks like a heading of a field that is not taken yet."""
    keys: dict[str, tuple[str, str]] = {}
    for columns in tables:
        for name, accepted in columns.items():
            if name in _ESSENTIAL and name not in taken:
                keys |= {
                    heading_key(heading): (heading, name) for heading in reversed(accepted) if len(heading) >= _SHORTEST
                }
    found: dict[str, tuple[str, str]] = {}
    for heading in free:
        for key in (heading_key(heading), *bare_headings(heading)):
            close = get_close_matches(key, keys, n=1, cutoff=_ALIKE) if len(key) >= _SHORTEST else []
            if close:
                found[heading] = keys[close[0]]
                break
    return found
