"""The sales method as data: stages, criteria, segments, loaded from TOML and validated.

A team with other stages, other criteria or other percentages writes another file; no code changes.
The key of a stage is its English label ("Discover"), so that a table reads well without any words file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .errors import MethodologyError, nearest
from .methodology_parts import (
    Criterion,
    EffortRule,
    InspectionRule,
    Segment,
    Stage,
    Words,
    keyed_rows,
    parse_criteria,
    parse_effort,
    parse_inspection,
    parse_rating,
    parse_segments,
    parse_stages,
    parse_words,
    required,
)
from .toml_files import read_toml


def latest_ratings(ratings: pd.DataFrame) -> pd.DataFrame:
    """The rating that counts for each account and criterion: the latest by ``rated_on``, else the last row.

    A blank is not a rating: it does not undo an earlier one.

    Examples
    --------
    >>> twice = pd.DataFrame({"account_id": ["1", "1"], "criterion": ["sponsorship"] * 2, "rating": [2.0, 5.0]})
    >>> latest_ratings(twice)["rating"].tolist()
    [5.0]
    """
    rated = ratings.dropna(subset=["rating"])
    if "rated_on" in rated:
        rated = rated.sort_values("rated_on", kind="stable", na_position="first")
    return rated.drop_duplicates(["account_id", "criterion"], keep="last")


@dataclass(frozen=True)
class Methodology:
    """A sales method: its stages, its account criteria and its segmentation grid.

    Examples
    --------
    >>> method = load_methodology("large_account")
    >>> [stage.key for stage in method.stages][:3]
    ['Discover', 'Qualify', 'Develop']
    >>> method.segment("high", "high")
    'A+'
    """

    key: str
    name: Words
    stages: tuple[Stage, ...]
    groups: Mapping[str, Words]
    criteria: tuple[Criterion, ...]
    segments: tuple[Segment, ...]
    labels: Mapping[str, Words]
    """Words for the keys that segments refer to (resources, involvement, strategy)."""
    rating_low: float
    rating_high: float
    potential_cut: float
    """Potential (0–1) from which an account counts as high; the cut itself is high."""
    min_rated_per_group: int
    inspection: tuple[InspectionRule, ...] = ()
    """The rules by which open opportunities are inspected."""
    effort: tuple[EffortRule, ...] = ()
    """The rules by which the effort spent on an account is held against what it deserves."""
    texts: Mapping[str, Words] = field(default_factory=dict)

    @property
    def stage_keys(self) -> list[str]:
        """Stage keys in the order of the method."""
        return [stage.key for stage in self.stages]

    @property
    def open_stages(self) -> list[str]:
        """Stages that an open opportunity can hold: those that do not mean "won"."""
        return [stage.key for stage in self.stages if stage.outcome is None]

    @property
    def segment_keys(self) -> list[str]:
        """Segment keys, best first."""
        return [segment.key for segment in self.segments]

    @property
    def segment_order(self) -> list[str]:
        """What an account's class can be, in the order of tables and charts: best first, then "unrated"."""
        return [*self.segment_keys, "unrated"]

    def stage(self, key: str) -> Stage:
        """The stage with a key.

        Raises
        ------
        MethodologyError
            If the method has no such stage.
        """
        for stage in self.stages:
            if stage.key == key:
                return stage
        raise MethodologyError(f"'{key}' is not a stage of {self.key}.{nearest(key, self.stage_keys)}")

    @property
    def evidence_keys(self) -> list[str]:
        """Keys of all evidence that the stages ask for, in their order."""
        return [item.key for stage in self.stages for item in stage.evidence_items]

    def orders(self, stages: pd.Series) -> pd.Series:
        """Position 1..K of each stage key, missing where there is none."""
        return stages.map({stage.key: stage.order for stage in self.stages}).astype("float64")

    def nominal(self, stages: pd.Series) -> pd.Series:
        """The method's nominal probability (0–1) of each stage key."""
        return stages.map({stage.key: stage.probability for stage in self.stages}).astype("float64")

    def potential(self, ratings: pd.DataFrame) -> pd.DataFrame:
        """Future potential of accounts from their ratings, as far as they are rated.

        A missing rating is missing, never average. Criteria weigh equally inside their group and groups
        equally in the whole.

        Parameters
        ----------
        ratings
            One row per account and criterion: ``account_id``, ``criterion`` (key), ``rating``
            (from ``rating_low`` to ``rating_high``). Of several for one criterion the latest counts
            (see `latest_ratings`).

        Returns
        -------
        DataFrame
            Indexed by ``account_id``: one 0–1 column per group key, ``criteria_rated`` (count) and
            ``potential`` (0–1; missing where a group has fewer ratings than ``min_rated_per_group``).
        """
        group_of = {criterion.key: criterion.group for criterion in self.criteria}
        rated = latest_ratings(ratings)
        rated = rated.assign(
            group=rated["criterion"].map(group_of),
            share=(rated["rating"] - self.rating_low) / (self.rating_high - self.rating_low),
        ).dropna(subset=["group"])
        accounts = pd.Index(ratings["account_id"].dropna().unique(), name="account_id")
        cells = rated.groupby(["account_id", "group"])["share"]
        columns = list(self.groups)
        shares = cells.mean().unstack("group").reindex(index=accounts, columns=columns)
        counts = cells.count().unstack("group").reindex(index=accounts, columns=columns).fillna(0)
        shares.columns.name = None
        result = shares.astype("float64")
        result["criteria_rated"] = counts.sum(axis=1).astype("int64")
        enough = (counts >= self.min_rated_per_group).all(axis=1)
        # Rounded so that the order of the sums cannot move an account that stands exactly on the cut.
        result["potential"] = shares.mean(axis=1).round(12).where(enough)
        return result

    def revenue_level(self, revenue: pd.Series, benchmark: float) -> pd.Series:
        """``high`` from the benchmark up, ``low`` below, ``unknown`` where revenue is missing."""
        level = np.where(revenue >= benchmark, "high", np.where(revenue.isna(), "unknown", "low"))
        return pd.Series(level, index=revenue.index, dtype="str")

    def potential_level(self, potential: pd.Series) -> pd.Series:
        """``high`` from the cut up, ``low`` below, ``not_assessable`` where potential is missing."""
        level = np.where(potential >= self.potential_cut, "high", np.where(potential.isna(), "not_assessable", "low"))
        return pd.Series(level, index=potential.index, dtype="str")

    def segment(self, revenue_level: str, potential_level: str) -> str:
        """The class that the grid gives for two levels; ``"unrated"`` where it gives none."""
        for segment in self.segments:
            if (revenue_level, potential_level) in segment.cells:
                return segment.key
        return "unrated"

    def words(self) -> dict[str, dict[str, str]]:
        """The words of every key a table of this method can hold, per language."""
        named: dict[str, Words] = {stage.key: stage.name for stage in self.stages}
        named |= {criterion.key: criterion.name for criterion in self.criteria}
        named |= {item.key: item.name for stage in self.stages for item in stage.evidence_items}
        named |= dict(self.groups) | dict(self.labels)
        return _SharedWords((key, dict(words)) for key, words in named.items())


class _SharedWords(dict[str, dict[str, str]]):
    """Words that travel with tables: pandas copies a table's ``attrs`` in depth at every step, but nobody changes these."""

    def __deepcopy__(self, _: object) -> "_SharedWords":
        return self


METHODOLOGY_BLOCKS = (
    "key",
    "name",
    "rating",
    "stage",
    "group",
    "criterion",
    "segment",
    "label",
    "inspection",
    "effort",
    "text",
)
"""What a methodology file may hold; a profile may carry the same blocks of its own."""


def parse_methodology(data: Mapping[str, Any], source: str) -> Methodology:
    """A methodology from the tables of its TOML file.

    A file without criteria takes those of the large-account method, and one without segments takes its grid, so
    that another selling process keeps the same account assessment; so it is with the rules of inspection and of effort. Evidence
    belongs to the stages and is never taken over.

    Parameters
    ----------
    data
        The parsed TOML.
    source
        What to call the file in messages.

    Raises
    ------
    MethodologyError
        If something is missing or contradictory; the message names the place.
    """
    unknown = [name for name in data if name not in METHODOLOGY_BLOCKS]
    if unknown:
        raise MethodologyError(
            f"{source}: '{unknown[0]}' is no part of a methodology.{nearest(unknown[0], METHODOLOGY_BLOCKS)}"
        )
    base = read_toml(_BUILTIN / "large_account.toml", MethodologyError)
    assessed = data if "criterion" in data else base
    groups = {
        row["key"]: parse_words(required(row, "name", where), where)
        for row, where in keyed_rows(assessed, "group", source)
    }
    labels = {
        key: parse_words(words, f"{source}: label '{key}'")
        for key, words in (base.get("label", {}) | data.get("label", {})).items()
    }
    texts = base.get("text", {}) | data.get("text", {})
    rating = parse_rating(assessed.get("rating", {}) | data.get("rating", {}), source)
    key = str(data.get("key", source.removesuffix(".toml")))
    return Methodology(
        key=key,
        name=parse_words(data.get("name", key), f"{source}: name"),
        stages=parse_stages(data, source),
        groups=groups,
        criteria=parse_criteria(assessed, groups, source),
        segments=parse_segments(data if "segment" in data else base, labels, source),
        labels=labels,
        rating_low=float(rating["low"]),
        rating_high=float(rating["high"]),
        potential_cut=float(rating["potential_cut"]),
        min_rated_per_group=int(rating["min_rated_per_group"]),
        inspection=parse_inspection(data if "inspection" in data else base, base, source),
        effort=parse_effort(data if "effort" in data else base, base, source),
        texts={name: parse_words(text, f"{source}: text '{name}'") for name, text in texts.items()},
    )


_BUILTIN = files("funnel_analytics") / "resources" / "methodology"


def builtin_methodologies() -> list[str]:
    """Keys of the methods that come with the package, the large-account method first."""
    keys = sorted(path.name.removesuffix(".toml") for path in _BUILTIN.iterdir() if path.name.endswith(".toml"))
    return ["large_account", *(key for key in keys if key != "large_account")]


@lru_cache
def _builtin(key: str) -> Methodology:
    return parse_methodology(read_toml(_BUILTIN / f"{key}.toml", MethodologyError), key)


def load_methodology(source: str | Path = "large_account") -> Methodology:
    """Load a sales method.

    Parameters
    ----------
    source
        The key of a method that comes with the package, or the path of a TOML file.

    Returns
    -------
    Methodology

    Raises
    ------
    MethodologyError
        If there is no such method, or its file is incomplete.

    Examples
    --------
    >>> load_methodology("salesforce").stages[0].key
    'Prospecting'
    """
    path = Path(source)
    if path.suffix.lower() == ".toml":
        if not path.is_file():
            raise MethodologyError(
                f"There is no methodology file {path}. Give its path, or a method that comes along:"
                f" {', '.join(builtin_methodologies())}."
            )
        # Read anew each time: who edits the file in one window sees the change in the other.
        return parse_methodology(read_toml(path, MethodologyError), path.name)
    if str(source) not in builtin_methodologies():
        guess = nearest(str(source), builtin_methodologies())
        raise MethodologyError(f"'{source}' is not a methodology.{guess} Or give the path of a .toml file.")
    return _builtin(str(source))
