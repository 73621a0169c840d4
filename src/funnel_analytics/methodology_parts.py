"""The parts of a sales method: stages, criteria, segments, rules of inspection, read from TOML and validated.

`methodology` puts them together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import float_info
from typing import Any

from .errors import MethodologyError, nearest
from .languages import DEFAULT_LANGUAGE, LANGUAGES

Words = Mapping[str, str]
"""One text in every language: ``{"en": …, "zh-Hans": …, "zh-Hant": …}``."""


@dataclass(frozen=True)
class EvidenceItem:
    """One thing that must be shown before a stage is more than a claim."""

    key: str
    name: Words
    aliases: tuple[str, ...] = ()
    required: bool = True
    """Whether an opportunity in the stage must have it; what ends a stage, as the signature, need not be there yet."""


@dataclass(frozen=True)
class Stage:
    """One step of the selling process.

    ``probability`` is the method's nominal progress (0–1), used in practice as a win probability;
    ``outcome`` is ``"won"`` where holding the stage means that the opportunity is signed.
    """

    key: str
    order: int
    probability: float
    outcome: str | None
    name: Words
    aliases: tuple[str, ...] = ()
    texts: Mapping[str, Words] = field(default_factory=dict)
    """milestone, evidence, purpose, question, weak_habit, strong_habit, buyer, value: where given."""
    evidence_items: tuple[EvidenceItem, ...] = ()

    @property
    def required_evidence(self) -> list[str]:
        """Keys of the evidence that an opportunity in the stage must have."""
        return [item.key for item in self.evidence_items if item.required]


@dataclass(frozen=True)
class Criterion:
    """One of the questions by which an account's future potential is rated."""

    key: str
    group: str
    name: Words
    questions: Words
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Segment:
    """One class of accounts, with the revenue and potential levels that lead to it."""

    key: str
    cells: tuple[tuple[str, str], ...]
    """(revenue level, potential level) pairs: high/low/unknown × high/low/not_assessable."""
    resources: str
    involvement: str
    strategy: str
    texts: Mapping[str, Words] = field(default_factory=dict)


@dataclass(frozen=True)
class InspectionRule:
    """One reason to look at an opportunity: from which number on, and which share of its amount it puts at risk."""

    key: str
    weight: float
    """Share of the amount at risk, 0 to 1: an assumption of the team, not a measurement."""
    threshold: float
    """What the number means differs by rule: docs/methodology.md."""


@dataclass(frozen=True)
class EffortRule:
    """One way in which the effort spent on an account does not match what its class deserves."""

    key: str
    resources: tuple[str, ...]
    """The resources that a class deserves for which the rule speaks: high, medium, low; none for unrated accounts."""
    threshold: float
    """What the number means differs by rule: docs/methodology.md."""


EFFORT_RULES = (
    "no_open_opportunity",
    "low_pipeline",
    "idle",
    "over_served",
    "large_unassessed",
    "not_assessed",
    "ratings_outdated",
)
"""The rules of effort that can be used: what each looks at is code, for whom and from where on is the methodology's."""
INSPECTION_RULES = (
    "evidence_missing",
    "overdue_close_date",
    "pushed",
    "stalled",
    "no_next_step",
    "no_activity",
    "amount_placeholder",
    "month_end_close_date",
    "single_threaded",
    "concentration",
)
"""The rules that can be weighed: what each looks at is code, from where on it counts is the methodology's."""
_RULE_FIELDS = ("key", "weight", "threshold")
_ITEM_FIELDS = ("key", "name", "aliases", "required")
_STAGE_FIELDS = {"key", "probability", "outcome", "name", "aliases", "evidence_item"}
_SEGMENT_FIELDS = {"key", "cells", "resources", "involvement", "strategy"}
_REVENUE_LEVELS = ("high", "low", "unknown")
_POTENTIAL_LEVELS = ("high", "low", "not_assessable")
_EFFORT = ("high", "medium", "low")
_DESERVED = (*_EFFORT, "none")


def parse_words(value: Any, where: str) -> Words:
    """One text in every language; a single text, else the English one, stands for those that are not given."""
    if isinstance(value, str) and value:
        return dict.fromkeys(LANGUAGES, value)
    if not isinstance(value, Mapping):
        raise MethodologyError(
            f"{where} is {value!r}. Accepted: a text, or {{ {', '.join(f'{x} = …' for x in LANGUAGES)} }}."
        )
    if not value.get(DEFAULT_LANGUAGE):
        raise MethodologyError(f"{where} has no text for {DEFAULT_LANGUAGE}.")
    return {language: value.get(language) or value[DEFAULT_LANGUAGE] for language in LANGUAGES}


def keyed_rows(data: Mapping[str, Any], block: str, source: str) -> list[tuple[dict[str, Any], str]]:
    """The blocks of one name, each with how to call it in a message; every one has a key of its own."""
    rows = data.get(block, [])
    if not isinstance(rows, list):
        raise MethodologyError(f"{source}: [{block}] stands in single brackets. Write [[{block}]], once for each.")
    named: list[tuple[dict[str, Any], str]] = []
    for number, row in enumerate(rows, start=1):
        key = row.get("key") if isinstance(row, Mapping) else None
        if not isinstance(key, str) or not key:
            raise MethodologyError(f'{source}: {block} {number} has no key. Add key = "…".')
        if any(key == earlier["key"] for earlier, _ in named):
            raise MethodologyError(f"{source}: {block} '{key}' stands twice.")
        named.append((row, f"{source}: {block} '{key}'"))
    return named


def required(row: Mapping[str, Any], name: str, where: str) -> Any:
    """The value that a block must have."""
    if name not in row:
        raise MethodologyError(f"{where} has no {name}; it has: {', '.join(row)}.")
    return row[name]


def _is_number(value: Any, most: float = float_info.max) -> bool:
    """Whether a value is a finite number from 0 up to the most there may be; true and false are no numbers."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


def _aliases(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    aliases = row.get("aliases", [])
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise MethodologyError(f'{where}: aliases is {aliases!r}. Accepted: a list of texts, ["…", "…"].')
    return tuple(aliases)


def _require_distinct_labels(stages: list[Stage], source: str) -> None:
    owners: dict[str, str] = {}
    for stage in stages:
        for label in (stage.key, *stage.name.values(), *stage.aliases):
            owner = owners.setdefault(label.strip().casefold(), stage.key)
            if owner != stage.key:
                raise MethodologyError(
                    f"{source}: the label '{label}' belongs to two stages, '{owner}' and '{stage.key}'. Take it out of one."
                )


def parse_stages(data: Mapping[str, Any], source: str) -> tuple[Stage, ...]:
    """The stages in the order of the file; no label belongs to two of them."""
    rows = keyed_rows(data, "stage", source)
    if not rows:
        raise MethodologyError(f"{source} names no stage. Add [[stage]] blocks with key and probability.")
    stages = []
    for order, (row, where) in enumerate(rows, start=1):
        probability = required(row, "probability", where)
        if not _is_number(probability, most=1):
            raise MethodologyError(f"{where} has probability {probability!r}. Accepted: 0 to 1, as 0.4 for 40%.")
        outcome = row.get("outcome")
        if outcome not in (None, "won"):
            raise MethodologyError(f'{where} has outcome {outcome!r}. Accepted: "won", or leave it out.')
        texts = {name: parse_words(text, f"{where}: {name}") for name, text in row.items() if name not in _STAGE_FIELDS}
        name = parse_words(row.get("name", row["key"]), f"{where}: name")
        items = _evidence_items(row, where)
        stages.append(Stage(row["key"], order, float(probability), outcome, name, _aliases(row, where), texts, items))
    _require_distinct_labels(stages, source)
    _require_distinct_evidence(stages, source)
    return tuple(stages)


def _evidence_items(stage: Mapping[str, Any], where: str) -> tuple[EvidenceItem, ...]:
    items = []
    for row, place in keyed_rows(stage, "evidence_item", where):
        _require_fields(row, _ITEM_FIELDS, place)
        needed = row.get("required", True)
        if not isinstance(needed, bool):
            raise MethodologyError(f"{place}: required is {needed!r}. Accepted: true or false.")
        name = parse_words(row.get("name", row["key"]), f"{place}: name")
        items.append(EvidenceItem(row["key"], name, _aliases(row, place), needed))
    return tuple(items)


def _require_fields(row: Mapping[str, Any], accepted: tuple[str, ...], where: str) -> None:
    for name in row:
        if name not in accepted:
            raise MethodologyError(f"{where} does not know '{name}'.{nearest(name, accepted)}")


def _require_distinct_evidence(stages: list[Stage], source: str) -> None:
    """No name of evidence means two things, or a stage: a sheet may name either."""
    owners = {label.strip().casefold(): stage.key for stage in stages for label in (stage.key, *stage.name.values())}
    for stage in stages:
        for item in stage.evidence_items:
            for label in (item.key, *item.name.values(), *item.aliases):
                owner = owners.setdefault(label.strip().casefold(), item.key)
                if owner != item.key:
                    raise MethodologyError(
                        f"{source}: '{label}' names the evidence '{item.key}' and also '{owner}'. Take it out of one."
                    )


def parse_inspection(data: Mapping[str, Any], base: Mapping[str, Any], source: str) -> tuple[InspectionRule, ...]:
    """The rules of inspection in the order of the file; a threshold that is left out is the base method's."""
    usual = {row["key"]: row["threshold"] for row in base.get("inspection", [])}
    rules = []
    for row, where in keyed_rows(data, "inspection", source):
        if row["key"] not in INSPECTION_RULES:
            raise MethodologyError(f"{where} is no rule of inspection.{nearest(row['key'], INSPECTION_RULES)}")
        _require_fields(row, _RULE_FIELDS, where)
        weight, threshold = required(row, "weight", where), row.get("threshold", usual.get(row["key"], 0))
        for name, value in (("weight", weight), ("threshold", threshold)):
            if not _is_number(value):
                raise MethodologyError(f"{where}: {name} is {value!r}. Accepted: a number, 0 or more.")
        if weight > 1:
            raise MethodologyError(f"{where}: weight is {weight!r}. Accepted: 0 to 1, as 0.4 for 40% of the amount.")
        rules.append(InspectionRule(row["key"], float(weight), float(threshold)))
    return tuple(rules)


def parse_effort(data: Mapping[str, Any], base: Mapping[str, Any], source: str) -> tuple[EffortRule, ...]:
    """The rules of effort in the order of the file; what a rule leaves out is the base method's."""
    usual = {row["key"]: row for row in base.get("effort", [])}
    rules = []
    for row, where in keyed_rows(data, "effort", source):
        if row["key"] not in EFFORT_RULES:
            raise MethodologyError(f"{where} is no rule of effort.{nearest(row['key'], EFFORT_RULES)}")
        _require_fields(row, ("key", "resources", "threshold"), where)
        whole = usual.get(row["key"], {"resources": list(_DESERVED), "threshold": 0}) | row
        resources, threshold = whole["resources"], whole["threshold"]
        if not isinstance(resources, list) or not resources or not set(map(str, resources)) <= set(_DESERVED):
            raise MethodologyError(f"{where}: resources is {resources!r}. Accepted: a list of {', '.join(_DESERVED)}.")
        if not _is_number(threshold):
            raise MethodologyError(f"{where}: threshold is {threshold!r}. Accepted: a number, 0 or more.")
        rules.append(EffortRule(row["key"], tuple(map(str, resources)), float(threshold)))
    return tuple(rules)


def parse_criteria(data: Mapping[str, Any], groups: Mapping[str, Words], source: str) -> tuple[Criterion, ...]:
    """The criteria, each in a group; no group is empty."""
    criteria = []
    for row, where in keyed_rows(data, "criterion", source):
        group = required(row, "group", where)
        if group not in groups:
            raise MethodologyError(f"{where} is in an unknown group '{group}'.{nearest(group, groups)}")
        name = parse_words(row.get("name", row["key"]), f"{where}: name")
        questions = parse_words(required(row, "questions", where), f"{where}: questions")
        criteria.append(Criterion(row["key"], group, name, questions, _aliases(row, where)))
    for group in groups:
        if all(criterion.group != group for criterion in criteria):
            raise MethodologyError(f"{source}: group '{group}' has no criterion.")
    return tuple(criteria)


def _cells(row: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
    cells = []
    for cell in required(row, "cells", where):
        if not isinstance(cell, list) or len(cell) != 2:
            raise MethodologyError(f'{where}: a cell is {cell!r}. Accepted: a pair of levels, ["low", "high"].')
        for level, levels, axis in zip(
            cell, (_REVENUE_LEVELS, _POTENTIAL_LEVELS), ("revenue", "potential"), strict=True
        ):
            if level not in levels:
                raise MethodologyError(f"{where}: '{level}' is not a level of {axis}.{nearest(str(level), levels)}")
        cells.append((cell[0], cell[1]))
    return tuple(cells)


def parse_segments(data: Mapping[str, Any], labels: Mapping[str, Words], source: str) -> tuple[Segment, ...]:
    """The classes of accounts, best first; no cell of the grid belongs to two."""
    segments: list[Segment] = []
    owners: dict[tuple[str, str], str] = {}
    for row, where in keyed_rows(data, "segment", source):
        cells = _cells(row, where)
        for cell in cells:
            if owners.setdefault(cell, row["key"]) != row["key"]:
                raise MethodologyError(f"{where}: the cell {list(cell)} already belongs to '{owners[cell]}'.")
        resources, involvement, strategy = (
            required(row, name, where) for name in ("resources", "involvement", "strategy")
        )
        for key, accepted in zip((resources, involvement, strategy), (_EFFORT, labels, labels), strict=True):
            if key not in accepted:
                raise MethodologyError(
                    f"{where}: '{key}' has no words; add it under [label].{nearest(str(key), accepted)}"
                )
        texts = {
            name: parse_words(text, f"{where}: {name}") for name, text in row.items() if name not in _SEGMENT_FIELDS
        }
        segments.append(Segment(row["key"], cells, resources, involvement, strategy, texts))
    return tuple(segments)


def parse_rating(data: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The rating scale, the cut and how many ratings a group needs; what is not given has its default."""
    rating: dict[str, Any] = {"low": 1, "high": 5, "potential_cut": 0.5, "min_rated_per_group": 1}
    rating.update(data)
    for name, value in rating.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise MethodologyError(f"{source}: rating {name} is {value!r}. Accepted: a number.")
    if not rating["low"] < rating["high"]:
        raise MethodologyError(
            f"{source}: the rating scale runs from {rating['low']} to {rating['high']}. Low must be less."
        )
    if not 0 <= rating["potential_cut"] <= 1:
        raise MethodologyError(f"{source}: potential_cut is {rating['potential_cut']}. Accepted: 0 to 1.")
    return rating
