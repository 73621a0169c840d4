"""Labels of a CRM → keys: stages of the methodology, outcomes, forecast categories, segments, criteria.

A stage is not an outcome: "Closed Lost" says how it ended and nothing about how far it came.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import lru_cache
from importlib.resources import files
from itertools import permutations
from typing import Any

import pandas as pd
from pandas.api.extensions import ExtensionDtype

from ...errors import UnknownStageError, nearest
from ...methodology import Methodology, builtin_methodologies, load_methodology
from .profile import Profile, heading_key

_NUMBERING = re.compile(r"^[(\[]?\d+(?:[.)\]、:]|\s*-|\s)+\s*(?=\D)")
_PERCENT = re.compile(r"[\s\-]*[(\[]?\s*\d+(?:\.\d+)?\s*%\s*[)\]]?$")
_LEADING_PERCENT = re.compile(r"^\d+(?:\.\d+)?\s*%[\s\-:]*(?=\D)")
_MARKS = re.compile(r"[\s\-_./&,'\"()\[\]:;·、/\u200b]+")
_PICTURES = re.compile("[\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\U0001f000-\U0001faff]+")
_BRACKET = re.compile(r"^(.+?)\s*[(\[][^()\[\]]*[)\]]$")


def label_key(label: str) -> str:
    """A label without what differs between teams: case, blanks, width, numbering, percentages, pictures.

    Examples
    --------
    >>> label_key("1-Qualify"), label_key("3. Proof (60%)"), label_key("Closed - Won ")
    ('qualify', 'proof', 'closedwon')
    """
    text = unicodedata.normalize("NFKC", str(label)).casefold().strip()
    text = _PICTURES.sub("", text).strip() or text
    for pattern in (_LEADING_PERCENT, _NUMBERING, _PERCENT):
        text = pattern.sub("", text) or text
    return _MARKS.sub("", text) or text


@lru_cache
def vocabulary() -> Mapping[str, Mapping[str, Any]]:
    """The shared words, as ``resources/vocabulary.toml`` declares them."""
    path = files("funnel_analytics") / "resources" / "vocabulary.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _index(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {label_key(label): key for key, labels in words.items() for label in labels}


def meant(words: pd.Series, meaning: Mapping[str, str | None], dtype: ExtensionDtype | str = "str") -> pd.Series:
    """What each word means, looked up once for each distinct one; missing where it means nothing.

    Examples
    --------
    >>> meant(pd.Series(["Won", None, "Maybe"], dtype="str"), {"Won": "won"}).tolist()
    ['won', nan, nan]
    """
    codes, distinct = pd.factorize(words)
    # Code -1 (blank) takes the last meaning.
    meanings = [meaning.get(str(word)) for word in distinct] + [None]
    return pd.Series(meanings, dtype=dtype).take(codes).set_axis(words.index)


def spelled(coded: pd.Series) -> pd.Series:
    """A categorical column of texts as texts: several times as fast as ``astype``.

    Examples
    --------
    >>> spelled(pd.Series(["won", None], dtype="category")).tolist()
    ['won', nan]
    """
    words = pd.Series(coded.cat.categories, dtype="str").array
    return pd.Series(words.take(coded.cat.codes.to_numpy(), allow_fill=True), index=coded.index)


@dataclass(frozen=True)
class Labels:
    """What the labels of one profile mean in one methodology."""

    stages: Mapping[str, str]
    """Label (as `label_key` gives it) → stage key."""
    outcomes: Mapping[str, str]
    categories: Mapping[str, str]
    segments: Mapping[str, str]
    ignored: tuple[str, ...]

    def read(self, labels: pd.Series, outcomes: ExtensionDtype | str = "str") -> pd.DataFrame:
        """Stage and outcome of each label.

        Parameters
        ----------
        labels
            As written.
        outcomes
            The kind of the column of outcomes.

        Returns
        -------
        DataFrame
            On the same index: ``stage`` (key), ``outcome`` (won, lost or open, where the label says so),
            ``known`` (False where it is neither; True where blank), ``ignored``.
        """
        codes, distinct = pd.factorize(labels)
        # Code -1 (blank) takes the last meaning.
        meaning = [self._meaning(str(label)) for label in distinct] + [(None, None, True, False)]
        kinds: dict[str, ExtensionDtype | str] = {
            "stage": "str",
            "outcome": outcomes,
            "known": "bool",
            "ignored": "bool",
        }
        columns = {
            name: pd.Series([found[place] for found in meaning], dtype=kind).take(codes).set_axis(labels.index)
            for place, (name, kind) in enumerate(kinds.items())
        }
        return pd.DataFrame(columns, index=labels.index)

    def _meaning(self, label: str) -> tuple[str | None, str | None, bool, bool]:
        if any(fnmatch(label.casefold(), pattern.casefold()) for pattern in self.ignored):
            return None, None, True, True
        inside = _BRACKET.match(unicodedata.normalize("NFKC", label).strip())
        # A label with a remark in brackets, "Proof (Sales pipeline)", is tried without it.
        for text in [label, *([inside[1]] if inside else [])]:
            key = label_key(text)
            if key in self.stages:
                return self.stages[key], None, True, False
            if key in self.outcomes:
                return None, self.outcomes[key], True, False
        return None, None, False, False


def labels_of(methodology: Methodology, profile: Profile) -> Labels:
    """The labels that a profile and a methodology declare, with the shared vocabulary behind them."""
    stages: dict[str, str] = {}
    for stage in methodology.stages:
        for label in (*stage.aliases, *stage.name.values(), stage.key):
            stages.setdefault(label_key(label), stage.key)
    # A stage's own key is stronger than another stage's alias.
    stages |= {label_key(stage.key): stage.key for stage in methodology.stages}
    own_outcomes = _index(profile.outcomes)
    stages = {key: stage for key, stage in stages.items() if key not in own_outcomes}
    for label, key in profile.stages.items():
        methodology.stage(key)
        stages[label_key(label)] = key
    words = vocabulary()
    segments = {label_key(segment.key): segment.key for segment in methodology.segments}
    return Labels(
        stages,
        _index(words["outcomes"]) | own_outcomes,
        _index(words["forecast_categories"]) | _index(profile.forecast_categories),
        segments,
        profile.ignored_stages,
    )


def criteria_of(methodology: Methodology) -> dict[str, str]:
    """Heading (as `heading_key` gives it) → criterion, by key, names, aliases and names in two languages."""
    found: dict[str, str] = {}
    for criterion in methodology.criteria:
        both = [first + second for first, second in permutations(criterion.name.values(), 2)]
        for label in (criterion.key, *criterion.name.values(), *criterion.aliases, *both):
            found.setdefault(heading_key(label), criterion.key)
    return found


def evidence_of(methodology: Methodology) -> dict[str, str]:
    """Heading or cell (as `heading_key` gives it) → evidence of a stage, by key, names and aliases."""
    found: dict[str, str] = {}
    for stage in methodology.stages:
        for item in stage.evidence_items:
            for label in (item.key, *item.name.values(), *item.aliases):
                found.setdefault(heading_key(label), item.key)
    return found


@dataclass(frozen=True)
class Named:
    """Headings (as `heading_key` gives them) that mean something by themselves in a methodology."""

    criteria: Mapping[str, str]
    evidence: Mapping[str, str]


def named_of(methodology: Methodology) -> Named:
    """The headings that a methodology gives a meaning: its criteria and the evidence of its stages."""
    return Named(criteria_of(methodology), evidence_of(methodology))


def choose_methodology(
    counts: Mapping[str, Mapping[str, int]], profiles: Mapping[str, Profile]
) -> tuple[Methodology, str]:
    """The built-in methodology that knows most rows' labels; the large-account method on ties.

    Parameters
    ----------
    counts
        Per profile key: stage label → rows.
    profiles
        Those profiles.

    Returns
    -------
    tuple
        The methodology, and how it was chosen, as a phrase for the receipt.
    """
    methods = [load_methodology(key) for key in builtin_methodologies()]
    covered = [(*_coverage(counts, profiles, method), method) for method in methods]
    # max takes the first of equals, and the large-account method stands first.
    known, total, best = max(covered, key=lambda cover: cover[0])
    if not total:
        return best, f"methodology {best.key}: the export names no stage"
    return best, f"methodology {best.key}: knows the stage of {known:,} of {total:,} rows"


def _coverage(
    counts: Mapping[str, Mapping[str, int]], profiles: Mapping[str, Profile], methodology: Methodology
) -> tuple[int, int]:
    known = total = 0
    for key, labelled in counts.items():
        profile = profiles[key]
        if not set(profile.stages.values()) <= set(methodology.stage_keys):
            continue
        labels = labels_of(methodology, profile)
        for label, rows in labelled.items():
            stage, outcome, _, ignored = labels._meaning(label)
            if outcome is None and not ignored:
                total += rows
                known += rows if stage else 0
    return known, total


def require_known_stages(
    counts: Mapping[str, Mapping[str, int]], profiles: Mapping[str, Profile], methodology: Methodology, file: str
) -> None:
    """Refuse an export whose stages the methodology mostly does not know.

    Raises
    ------
    UnknownStageError
        Listing the labels with their counts, the methodology that comes nearest and what to do.
    """
    known, total = _coverage(counts, profiles, methodology)
    if known * 2 >= total:
        return
    unknown: dict[str, int] = {}
    for key, labelled in counts.items():
        labels = labels_of(methodology, profiles[key])
        for label, rows in labelled.items():
            if not labels._meaning(label)[2]:
                unknown[label] = unknown.get(label, 0) + rows
    listed = ", ".join(
        f"'{label}' ({rows:,})" for label, rows in sorted(unknown.items(), key=lambda item: -item[1])[:20]
    )
    raise UnknownStageError(
        f"Most rows have a stage that is not known: {listed}. The nearest methodology is '{methodology.key}', with the"
        f" stages {', '.join(methodology.stage_keys)}. Say which label is which stage: run"
        f' funnel-analytics profile "{file}" -o profile.toml, complete its [stages], and read with --profile'
        " profile.toml; or give your own stages with --methodology.",
        unknown,
        methodology,
    )


def stage_hint(label: str, methodology: Methodology) -> str:
    """What to write into a profile for a label that is not known."""
    guess = nearest(label, methodology.stage_keys)
    key = next((stage for stage in methodology.stage_keys if f"mean '{stage}'" in guess), "…")
    return f'{guess} In the profile, under [stages]: "{label}" = "{key}".'
