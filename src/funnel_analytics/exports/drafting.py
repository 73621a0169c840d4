"""A first profile for a layout that no profile knows: best guesses from headings and values, to be finished by a person."""

import json
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import ExportError
from ..methodology import Methodology, builtin_methodologies, load_methodology
from .formats.opening import read_sheets
from .profiles.labels import label_key, labels_of, named_of, vocabulary
from .profiles.profile import FIELDS, Profile, builtin_profiles, heading_key
from .rows.columns import implied_headings
from .sheets.table_inside import SheetTable, find_table
from .values.parsing import date_order, parse_dates, parse_money

_SURE, _LIKELY = 0.999, 0.7
_SAMPLE = 2000
_KINDS = ("opportunities", "accounts", "history", "owners", "quotas", "products")
_ESSENTIAL = {
    "opportunities": ("opportunity_id", "opportunity_name", "stage", "outcome", "amount", "close_date"),
    "accounts": ("account_id", "account_name"),
    "history": ("opportunity_id", "changed_at", "stage"),
    "owners": ("owner", "manager"),
    "quotas": ("quota", "period"),
    "products": ("product",),
}
_FEW_LABELS = 30
_ORDERED = 0.95
"""Share of the rows in which a date must not lie after the others to be the first of them."""
_MONEY_WORDS = {"amount", "budget", "cost", "price", "value", "worth", "金额", "金額", "费用", "費用"}


@dataclass(frozen=True)
class _Column:
    heading: str
    values: pd.Series
    dates: float
    """Share of the values that read as dates."""
    numbers: float

    @property
    def distinct(self) -> int:
        return int(self.values.nunique())

    @property
    def shown(self) -> str:
        examples = [re.sub(r"\s+", " ", str(value))[:24] for value in self.values.dropna().unique()[:3]]
        return ", ".join(examples) or "(empty)"


def _column(values: pd.Series, order: str | None) -> _Column:
    sample = values.dropna().head(_SAMPLE)
    count = max(len(sample), 1)
    dates = float(parse_dates(sample, order=order).values.notna().sum()) / count
    numbers = float(parse_money(sample).values.notna().sum()) / count
    return _Column(str(values.name), values, dates, numbers)


def _fits_kind(column: _Column, field: str, kind: str, *, sure: bool) -> bool:
    """Whether a column's values can be what the field holds; where the heading is only like, they must be more so."""
    count = column.values.notna().sum()
    if count == 0:
        return True
    if not sure and kind in ("text", "key") and column.numbers >= 0.6:
        return False
    if not sure and kind == "id" and column.distinct == 1 < count:
        return False
    if not sure and field == "opportunity_name" and column.distinct * 5 < count:
        return False
    if kind in ("date", "time"):
        return column.dates >= 0.6 and column.numbers < 0.9
    if kind in ("money", "number", "rate", "days"):
        return column.numbers >= 0.6
    if field == "segment":
        return any(label_key(str(value)) in _segment_words() for value in column.values.dropna().unique()[:_FEW_LABELS])
    if field in ("stage", "outcome", "forecast_category", "currency"):
        return column.distinct <= _FEW_LABELS and column.dates < 0.5
    return kind == "id" or column.dates < 0.9


def _words(heading: str) -> set[str]:
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", heading)
    return {word for word in re.split(r"[\W_]+", parted.casefold()) if word}


def _likeness(heading: str, known: str) -> float:
    """How much a heading resembles a known one, 0 to 1."""
    one, other = heading_key(heading), heading_key(known)
    if one == other:
        return 1.0
    if _words(known) and _words(known) < _words(heading) and len(other) >= 4:
        return 0.8 + 0.15 * len(other) / len(one)
    wide = not other.isascii()
    if wide and len(other) >= 2 and other in one:
        return 0.75 + 0.2 * len(other) / len(one)
    matcher = SequenceMatcher(None, one, other)
    return matcher.ratio() * 0.95 if matcher.real_quick_ratio() >= _LIKELY and matcher.quick_ratio() >= _LIKELY else 0.0


def _told_by_values(column: _Column, field: str, begin: str | None) -> float:
    """How much a column's values say that it holds the field, whatever its heading is, 0 to 1."""
    values = column.values.dropna()
    if values.empty:
        return 0.0
    if field == "created_date":
        return 0.97 if column.heading == begin else 0.0
    if field == "amount":
        return 0.72 if _MONEY_WORDS & _words(column.heading) else 0.0
    if field == "outcome":
        ends = _outcome_words()
        read = {ends.get(label_key(str(value))) for value in values.unique()}
        return 0.95 if None not in read and read & {"won", "lost"} else 0.0
    if field == "opportunity_id":
        return 0.75 if _names_ids(column) and column.distinct == len(column.values) else 0.0
    return 0.0


def _names_ids(column: _Column) -> bool:
    return bool({"id", "number", "no", "key", "编号", "編號"} & _words(column.heading))


def _begin(columns: list[_Column], order: str | None) -> str | None:
    """The heading under which every row begins: filled everywhere, and no other date of a row lies before it."""
    dated = [column for column in columns if column.dates >= 0.9 and column.numbers < 0.9]
    days = {column.heading: parse_dates(column.values.head(_SAMPLE), order=order).values for column in dated}
    for heading, first in days.items():
        others = [day for other, day in days.items() if other != heading]
        if others and first.notna().all() and all((day.isna() | (first <= day)).mean() >= _ORDERED for day in others):
            return heading
    return None


def _outcome_words() -> dict[str, str]:
    return {label_key(word): key for key, held in vocabulary()["outcomes"].items() for word in held}


@cache
def _segment_words() -> frozenset[str]:
    """What the methodologies call their classes of accounts: an industry is often headed "Segment" too."""
    plain = Profile("draft", "draft", {})
    return frozenset(
        word for key in builtin_methodologies() for word in labels_of(load_methodology(key), plain).segments
    )


def _synonyms(kind: str) -> dict[str, list[str]]:
    """Every heading that a built-in profile knows for each field of a table."""
    known: dict[str, list[str]] = {}
    for profile in builtin_profiles().values():
        if kind in profile.tables:
            for field, headings in profile.tables[kind].columns.items():
                known.setdefault(field, []).extend([*headings, field])
    return {field: list(dict.fromkeys(headings)) for field, headings in known.items()}


def _guesses(columns: list[_Column], kind: str, begin: str | None) -> dict[str, tuple[_Column, float]]:
    """Field → column and likeness, each column used once, best likeness first."""
    kinds = FIELDS[kind]
    scored = []
    for field, headings in _synonyms(kind).items():
        for column in columns:
            likeness = max(_likeness(column.heading, known) for known in headings)
            likeness = max(likeness, _told_by_values(column, field, begin) if kind == "opportunities" else 0.0)
            if likeness >= _LIKELY and _fits_kind(column, field, kinds[field], sure=likeness >= _SURE):
                scored.append((likeness, field, column))
    chosen: dict[str, tuple[_Column, float]] = {}
    used: set[str] = set()
    # Of two columns as sure, "ID" holds the ids and "Opportunity" the names.
    for likeness, field, column in sorted(
        scored, key=lambda item: (-item[0], item[1] == "opportunity_id" and not _names_ids(item[2]))
    ):
        if field not in chosen and column.heading not in used:
            chosen[field] = (column, likeness)
            used.add(column.heading)
    return chosen


def _kind(columns: list[_Column], order: str | None) -> tuple[str, dict[str, tuple[_Column, float]]]:
    """The table that the columns most look like; opportunities where it is open."""
    begin = _begin(columns, order)
    best = ("opportunities", _guesses(columns, "opportunities", begin))
    score = _score(*best)
    for kind in _KINDS[1:]:
        guesses = _guesses(columns, kind, begin)
        if _score(kind, guesses) > score + 0.5 and any(field in guesses for field in _ESSENTIAL[kind]):
            best, score = (kind, guesses), _score(kind, guesses)
    return best


def _score(kind: str, guesses: dict[str, tuple[_Column, float]]) -> float:
    essential = sum(likeness for field, (_, likeness) in guesses.items() if field in _ESSENTIAL[kind])
    return essential + sum(likeness for _, likeness in guesses.values()) * 0.5


def _quoted(text: str) -> str:
    # A JSON string is a TOML basic string, but for DEL, which no heading holds.
    return json.dumps(text, ensure_ascii=False)


def _table_lines(kind: str, columns: list[_Column], guesses: dict[str, tuple[_Column, float]]) -> list[str]:
    firm = [column.heading for field, (column, _) in guesses.items() if field in _ESSENTIAL[kind]]
    recognise = firm[:4] or [column.heading for column in columns[:3]]
    lines = [
        f"[{kind}]",
        "# A file is read as this table when it has all these headings.",
        f"recognise = [{', '.join(map(_quoted, recognise))}]",
        "",
        f"[{kind}.columns]",
    ]
    order = {field: place for place, field in enumerate(FIELDS[kind])}
    for field in sorted(guesses, key=lambda field: order[field]):
        column, likeness = guesses[field]
        sure = "" if likeness >= _SURE else "GUESS, check: "
        lines.append(f"{field} = [{_quoted(column.heading)}]  # {sure}{column.shown}")
    missing = [field for field in _ESSENTIAL[kind] if field not in guesses]
    for field in missing:
        lines.append(f'# {field} = ["…"]  # not found: write the heading here if the file has it')
    taken = {column.heading for column, _ in guesses.values()}
    unused = [column for column in columns if column.heading not in taken]
    if unused:
        lines += ["", "# Columns that are not used. To use one, write its heading behind one of these fields:"]
        free = [field for field in FIELDS[kind] if field not in guesses]
        lines.append(f"#   {', '.join(free)}")
        lines += [f"#   {_quoted(column.heading)}: {column.shown}" for column in unused]
    return [*lines, ""]


def _coverage(labels: pd.Series, methodology: Methodology, plain: Profile) -> pd.DataFrame:
    counts = labels.value_counts()
    words = pd.Series(counts.index, dtype="str")
    return labels_of(methodology, plain).read(words).assign(label=words, rows=counts.to_numpy())


def _stage_lines(labels: pd.Series, probability: pd.Series | None) -> tuple[list[str], list[str]]:
    """Top-level lines and [stages] or [[stage]] blocks for the stage labels of a file."""
    plain = Profile("draft", "draft", {})
    methods = [load_methodology(key) for key in builtin_methodologies()]
    read = [(method, _coverage(labels, method, plain)) for method in methods]
    best, known = max(read, key=lambda item: int(item[1].loc[item[1]["stage"].notna(), "rows"].sum()))
    open_labels = known[known["outcome"].isna()]
    rows, covered = int(open_labels["rows"].sum()), int(open_labels.loc[open_labels["stage"].notna(), "rows"].sum())
    if rows and covered * 2 < rows:
        return [], _own_stages(open_labels, labels, probability)
    unknown = open_labels[open_labels["stage"].isna()]
    lines = [f"# Stages of '{best.key}': {', '.join(best.stage_keys)}.", "[stages]"]
    lines += [
        f'# {_quoted(str(row.label))} = "…"  # {row.rows:,} rows: which of the stages is it? Take the # away and fill in.'
        for row in unknown.itertuples()
    ]
    lines += [
        f"# {_quoted(str(row.label))} is {row.stage}: {row.rows:,} rows"
        for row in open_labels[open_labels["stage"].notna()].itertuples()
    ]
    return [f'methodology = "{best.key}"  # knows the stage of {covered:,} of {rows:,} rows'], [*lines, ""]


def _own_stages(open_labels: pd.DataFrame, labels: pd.Series, probability: pd.Series | None) -> list[str]:
    """The file's own stages as [[stage]] blocks, in order of their mean probability where the file has one."""
    words = open_labels["label"].tolist()
    lines = ["# The file's own stages, first to last. CHECK THE ORDER and the probabilities (0 to 1)."]
    lines.append("# A label that is no stage but an end belongs under [outcomes] instead: delete its block here.")
    if probability is not None:
        mean = probability.groupby(labels).mean().reindex(words)
        guess = (mean / 100 if mean.max() > 1 else mean).sort_values()
    else:
        spaced = {word: (place + 1) / (len(words) + 1) for place, word in enumerate(words)}
        guess = pd.Series(spaced | _known_elsewhere(words), dtype="float64").sort_values(kind="stable")
    counts = open_labels.set_index("label")["rows"]
    for word, value in guess.items():
        share = 0.5 if pd.isna(value) else float(value)
        lines += [
            "[[stage]]",
            f"key = {_quoted(str(word))}  # {counts[word]:,} rows",
            f"probability = {share:.2f}  # GUESS",
        ]
    return [*lines, ""]


def _known_elsewhere(words: list[str]) -> dict[str, float]:
    """Nominal probabilities of labels that are stages of some built-in methodology."""
    plain, found = Profile("draft", "draft", {}), dict[str, float]()
    for key in reversed(builtin_methodologies()):
        method = load_methodology(key)
        read = labels_of(method, plain).read(pd.Series(words, dtype="str"))["stage"]
        found |= {
            word: method.stage(stage).probability
            for word, stage in zip(words, read, strict=True)
            if isinstance(stage, str)
        }
    return found


def _outcome_lines(stages: pd.Series | None, status: pd.Series | None) -> list[str]:
    """Labels of ends, known and unknown; of the stage column only the known ones."""
    words = _outcome_words()
    ends = pd.Series(dtype="str") if stages is None else stages[stages.map(lambda word: label_key(str(word)) in words)]
    counts = pd.concat([ends, pd.Series(dtype="str") if status is None else status]).value_counts()
    lines = ["# Labels that say how it ended. Those that are known need no line.", "[outcomes]"]
    for word, count in counts.items():
        key = words.get(label_key(str(word)))
        lines.append(f"# {_quoted(str(word))}: {key or 'not known'}, {count:,} rows")
    return [*lines, '# won = ["…"]', '# lost = ["…"]', '# open = ["…"]', ""]


def _tables(path: Path) -> list[SheetTable]:
    if not path.is_file():
        raise ExportError(f"There is no file {path}. Give the path of one export.")
    tables = [table for sheet in read_sheets(path) if not sheet.hidden and (table := find_table(sheet)) is not None]
    if not tables:
        raise ExportError(f"{path.name} holds nothing that looks like a table: a row of headings with rows below it.")
    return [replace(table, rows=table.rows.astype("str")) for table in tables]


def draft_profile(path: str | PathLike[str]) -> str:
    """Draft a profile (TOML) for a file whose layout is not known.

    Parameters
    ----------
    path
        The export.

    Returns
    -------
    str
        A profile that can be used as it stands, with every guess marked and examples of the values beside it;
        ``docs/profiles.md`` explains each part.

    Raises
    ------
    ExportError
        If the file is missing, cannot be read or holds no table.
    """
    file = Path(path)
    named = named_of(load_methodology())
    top: list[Any] = []
    stages: list[Any] = []
    bodies, ends = [], []
    done: set[str] = set()
    for table in _tables(file):
        order = date_order([table.rows[heading] for heading in table.headings])
        columns = [_column(table.rows[heading], order) for heading in table.headings]
        implied = {heading for found in implied_headings(table.headings, named).values() for heading in found}
        kind, guesses = _kind([column for column in columns if column.heading not in implied], order)
        if kind in done:
            continue
        done.add(kind)
        bodies += _table_lines(kind, [column for column in columns if column.heading not in implied], guesses)
        if order is not None and not any(line.startswith("date_order") for line in top):
            top.append(f'date_order = "{order}"  # found from the dates in the file')
        if kind == "opportunities":
            chance = guesses["probability"][0] if "probability" in guesses else None
            numbers = None if chance is None else parse_money(chance.values).values
            if "stage" in guesses:
                lines, stages = _stage_lines(guesses["stage"][0].values, numbers)
                top += lines
            held = [guesses[field][0].values if field in guesses else None for field in ("stage", "outcome")]
            ends = _outcome_lines(*held)
            if "currency" not in guesses:
                top.append('# currency = "USD"  # the file names none: take the # away and write its code')
    head = [
        f"# Profile drafted from {file.name}. Check the lines marked GUESS, complete those with …, save as UTF-8.",
        f"# Try it: funnel-analytics check {_quoted(file.name)} --profile THIS_FILE.toml",
        f"key = {_quoted(re.sub(r'[^0-9a-z]+', '_', file.stem.lower()).strip('_') or 'draft')}",
        f"name = {_quoted(file.stem)}",
    ]
    return "\n".join([*head, *top, "", *bodies, *stages, *ends])
