"""A warehouse's own columns and words → canonical ones, with the same profiles and the same rules as exports."""

from collections.abc import Callable

import ibis
import pandas as pd
from ibis import Table
from ibis.expr.types import BooleanValue, Value

from ..book import DIMENSIONS
from ..errors import ProfileError, UnknownStageError, WarehouseError
from ..exports.profiles.labels import Labels, label_key, labels_of, stage_hint
from ..exports.profiles.profile import Profile
from ..exports.receipt import Entry
from ..exports.rows.amounts import currency_codes
from ..methodology import Methodology
from ..outcomes import CLOSED, OUTCOMES
from .columns import Columns
from .filling import refuse_contradictions
from .stage_log import yes

_DAYS = ("as_of", "created_date", "close_date", "stage_entered_date")
_NAMES = ("opportunity_name", "account_name")
_TEXTS = ("account_id", "currency", "forecast_category", *_NAMES, *DIMENSIONS)
_KEYED = {"forecast_category": "forecast category", "segment": "segment"}
"""Columns whose words mean keys, and what a word is called that means none."""
_FROM_ACCOUNT = ("segment", "region", "industry", "owner", "team")
_NAMES_NONE = "The change names no opportunity."
_UNDATED = "The change has no date that can be read."
_PASSED_OVER = "The profile passes over this label."
_FLAGS = ("is_won", "is_lost", "is_closed", "is_open")


def _stages(columns: Columns, labels: Labels, methodology: Methodology) -> tuple[pd.DataFrame, Value, BooleanValue]:
    """What each stage label means, the state of each row (0: none told), and whether the profile passes over it."""
    counts = columns.words("stage")
    words = pd.Series(counts.index, dtype="str").dropna()
    read = labels.read(words).assign(word=words)
    unknown = words[~read["known"]].tolist()
    if unknown:
        listed = ", ".join(f"'{word}'" for word in unknown[:20])
        raise UnknownStageError(
            f"The table '{columns.name}' has stages that are not known: {listed}."
            f"{stage_hint(str(unknown[0]), methodology)}",
            {str(word): int(counts[word]) for word in unknown},
            methodology,
        )
    keys = methodology.stage_keys
    states = {row.word: keys.index(row.stage) + 1 for row in read.dropna(subset=["stage"]).itertuples()}
    ignored = columns.text("stage").isin(read.loc[read["ignored"], "word"].tolist()).fill_null(False)
    return read, columns.coded("stage", states).coalesce(0).cast("int64"), ignored


def _status(columns: Columns, labels: Labels, *, beside_stage: bool) -> Value:
    """The outcome that a column of outcomes tells; a column of other words is not used, as in exports."""
    counts = columns.words("outcome")
    counts = counts[counts.index.notna()]
    known = {word: OUTCOMES.index(key) for word in counts.index if (key := labels.outcomes.get(label_key(word)))}
    unknown = counts[~counts.index.isin(list(known))]
    heading = columns.found.get("outcome")
    if beside_stage and unknown.sum() * 2 > counts.sum():
        listed = ", ".join(f"'{text}'" for text in unknown.index[:8])
        message = f"The column holds {listed}, which are no outcomes: not used."
        columns.entry.issue("note", "not_an_outcome", message, column=heading)
        return ibis.null("int64")
    for text, count in unknown.items():
        message = f"Status '{text}' is not known ({count:,} rows): left empty. In the profile, under [outcomes]: won, lost or open = [\"{text}\"]."
        columns.entry.issue("unreadable", "unknown_status", message, column=heading, value=str(text), count=int(count))
    return columns.coded("outcome", known)


def _flagged(columns: Columns) -> Value:
    """The outcome that flags tell; as `exports.rows.opportunities.flags_outcome`."""
    flags = {name: columns.flag(name) for name in _FLAGS if name in columns.found}
    if not flags:
        return ibis.null("int64")
    yes, no = (
        {name: (flags[name] == said).fill_null(False) if name in flags else ibis.literal(False) for name in _FLAGS}
        for said in (1, 0)
    )
    ended = yes["is_closed"] | no["is_open"]
    told = ibis.cases(
        (yes["is_won"], 1),
        (yes["is_lost"], 2),
        (ended & no["is_lost"] & ~no["is_won"], 1),
        (ended & no["is_won"], 2),
        (no["is_closed"] | yes["is_open"], 0),
    )
    rest = "is_closed" not in flags and {"is_lost", "is_won"} <= set(flags)
    return told.coalesce(0) if rest else told


def _outcome(columns: Columns, labels: Labels, methodology: Methodology, read: pd.DataFrame, state: Value) -> Value:
    """The outcome (missing: none told): of stage label, column of outcomes and flags, in this order of strength.

    As `exports.rows.opportunities.read_outcomes`; rows in which they contradict each other are told.
    """
    own = {stage.key: stage.outcome for stage in methodology.stages}
    stated = {
        row.word: row.outcome if isinstance(row.outcome, str) else own.get(row.stage) for row in read.itertuples()
    }
    by_label = columns.coded("stage", {word: OUTCOMES.index(key) for word, key in stated.items() if key})
    by_status = _status(columns, labels, beside_stage="stage" in columns.found)
    by_flags = _flagged(columns)
    implied = by_label
    if read["outcome"].isin(CLOSED).any():
        # Where closings are named among the stages, an open stage means open.
        implied = by_label.coalesce(ibis.cases(((state > 0) & by_status.isnull(), 0)))
    # Not by !=, which asks something else of what is missing everywhere.
    against = yes((by_status - implied) != 0) | yes((by_flags - implied) != 0)

    def tell(rows: int, example: str | None) -> None:
        message = (
            f"In {rows:,} rows the stage, as '{example}', means another outcome than the status or the flags say: the"
            " stage was believed."
        )
        columns.entry.issue(
            "contradiction",
            "outcome_against_stage",
            message,
            column=columns.found.get("stage"),
            value=example,
            count=rows,
        )

    columns.count(against, tell, columns.text("stage"))
    return implied.coalesce(by_status, by_flags)


def _keys(columns: Columns, labels: Labels, field: str) -> Value:
    """Forecast categories or account classes as keys; words that are neither are told and left empty."""
    known = {"forecast_category": labels.categories, "segment": labels.segments}[field]

    def tell(unknown: dict[str, int]) -> None:
        message = (
            f"{', '.join(repr(text) for text in list(unknown)[:8])} ({sum(unknown.values()):,} rows) is no {_KEYED[field]}:"
            f" left empty. Accepted: {', '.join(dict.fromkeys(known.values()))}."
        )
        heading, first = columns.found.get(field), next(iter(unknown))
        columns.entry.issue("note", f"unknown_{field}", message, column=heading, value=first)

    return columns.meant(field, {word: known.get(label_key(word)) for word in _words(columns, field)}, tell)


def _currency(columns: Columns) -> Value:
    """Currencies as ISO codes; what is none is told and left empty."""
    words = pd.Series(_words(columns, "currency"), dtype="str")
    codes = currency_codes(words, Entry(columns.name, None), None)

    def tell(unknown: dict[str, int]) -> None:
        for text, count in unknown.items():
            message = (
                f"'{text}' is not a currency ({count:,} rows): left empty. Accepted: a code of three letters, as EUR."
            )
            heading = columns.found.get("currency")
            columns.entry.issue("unreadable", "unknown_currency", message, column=heading, value=text, count=count)

    known = {word: code if isinstance(code, str) else None for word, code in zip(words, codes, strict=True)}
    return columns.meant("currency", known, tell)


def _words(columns: Columns, field: str) -> list[str]:
    return [str(word) for word in columns.words(field).index.dropna()]


def opportunities_of(
    table: Table, profile: Profile, methodology: Methodology, name: str, *, dated: bool
) -> tuple[Table, Entry]:
    """Opportunities, or their snapshots, with canonical names, states as whole numbers and days since 1970.

    Parameters
    ----------
    table
        The warehouse's table.
    profile
        Says which column means what.
    methodology
        Gives the stages.
    name
        What to call the table in messages.
    dated
        Whether it holds dated exports: then ``as_of`` is needed.

    Returns
    -------
    rows : Table
        What leaves the stage open has state 0, what leaves the outcome open a missing one; ``modified`` is the time
        of the last change, where it is told.
    entry : Entry
        What was read another way, left empty or set aside.

    Raises
    ------
    ProfileError
        If a column is missing.
    UnknownStageError
        If it has stages that the profile and the methodology do not know.
    WarehouseError
        If a column holds what cannot be read, or rows have no id.
    """
    columns = Columns(table, "opportunities", profile, name)
    columns.require("opportunity_id", "created_date", "close_date", *(["as_of"] if dated else []))
    labels = labels_of(methodology, profile)
    read, state, _ = _stages(columns, labels, methodology)
    keyed = {field: _keys(columns, labels, field) for field in _KEYED}
    texts = {field: columns.text(field) for field in _TEXTS} | keyed | {"currency": _currency(columns)}
    identifier = columns.identifier("opportunity_id")
    rows = table.select(
        opportunity_id=identifier,
        state=state,
        outcome=_outcome(columns, labels, methodology, read, state).cast("int64"),
        **{field: columns.day(field) for field in _DAYS},
        modified=columns.moment("last_modified_date"),
        amount=columns.number("amount"),
        probability=columns.probability(),
        **texts | {"account_id": columns.identifier("account_id")},
    )
    _count_without_id(columns, identifier)
    columns.settle()
    return rows.filter(rows.opportunity_id.notnull()), columns.entry


def _count_without_id(columns: Columns, identifier: Value) -> None:
    """Rows without an id are set aside where they have no name either, as in exports; else refused."""
    named = ibis.literal(False)
    for field in _NAMES:
        named = named | columns.text(field).notnull()

    def refuse(rows: int, example: str | None) -> None:
        raise WarehouseError(
            f"{rows:,} rows of the table '{columns.name}' have a name, as '{example}', but no id. Give a view in which"
            " each has an id, or which leaves them out."
        )

    def tell(rows: int, _: str | None) -> None:
        message = f"{rows:,} rows of the table '{columns.name}' have neither an id nor a name: they are not kept."
        columns.entry.issue("set_aside", "missing_id", message, column=columns.found["opportunity_id"], count=rows)

    columns.count(
        identifier.isnull() & named, refuse, columns.text("opportunity_name").coalesce(columns.text("account_name"))
    )
    columns.count(identifier.isnull() & ~named, tell)


def history_of(table: Table, profile: Profile, methodology: Methodology, name: str) -> tuple[Table, Entry]:
    """Recorded changes, as `stage_log.visits` takes them; what is told after ``as_of`` is cut off elsewhere.

    Raises
    ------
    ProfileError
        If a column is missing, or the table lists changes field by field or from stage to stage.
    """
    columns = Columns(table, "history", profile, name)
    if "new_value" in columns.found and "stage" not in columns.found:
        raise ProfileError(
            f"The table '{name}' lists changes field by field. Give a table or a view of stage changes instead: one row"
            " per change with the opportunity, the time and the new stage."
        )
    if "from_stage" in columns.found:
        raise ProfileError(
            f"The table '{name}' tells the stage before each change ('{columns.found['from_stage']}'), which only files are"
            " read with. Give a view without that column, with one more row for the stage that each opportunity began in."
        )
    columns.require("opportunity_id", "changed_at", "stage")
    labels = labels_of(methodology, profile)
    read, state, ignored = _stages(columns, labels, methodology)
    stated = {row.word: OUTCOMES.index(row.outcome) for row in read.itertuples() if isinstance(row.outcome, str)}
    # Being in a stage says what the opportunity then is: won where the stage means so, open elsewhere.
    implied = [0, *(OUTCOMES.index(stage.outcome or "open") for stage in methodology.stages)]
    by_stage = ibis.cases(*((state == order, implied[order]) for order in range(1, len(implied))))
    # Columns that date a stage came into a book's own history beside the log, and count where there is no log.
    own = "source" in table.columns
    is_log = (table["source"].cast("string") != "stage_dates").fill_null(True) if own else ibis.literal(True)
    identifier, day = columns.identifier("opportunity_id"), columns.day("changed_at")
    rows = table.select(
        opportunity_id=identifier,
        changed_at=columns.moment("changed_at"),
        day=day,
        state=state,
        outcome=columns.coded("stage", stated).coalesce(_told(columns, labels), by_stage).cast("int64"),
        amount=columns.number("amount"),
        close_date=columns.day("close_date"),
        is_log=is_log.cast("int64"),
        ignored=ignored,
    )
    for left, reason, why in (
        (identifier.isnull(), "missing_id", _NAMES_NONE),
        (identifier.notnull() & day.isnull(), "missing_date", _UNDATED),
        (ignored, "ignored_stage", _PASSED_OVER),
    ):
        columns.count(left, _set_aside(columns.entry, reason, why))
    columns.settle()
    rows = rows.filter(rows.opportunity_id.notnull() & rows.day.notnull() & ~rows.ignored)
    return rows.drop("ignored"), columns.entry


def _told(columns: Columns, labels: Labels) -> Value:
    """The outcome that a change log's own column tells; words that are none are told and left empty."""

    def tell(unknown: dict[str, int]) -> None:
        for text, count in unknown.items():
            message = f"'{text}' of the change log is no outcome that is known ({count:,} rows): left empty."
            heading = columns.found.get("outcome")
            columns.entry.issue("unreadable", "unknown_outcome", message, column=heading, value=text, count=count)

    meanings = {word: labels.outcomes.get(label_key(word)) for word in _words(columns, "outcome")}
    key = columns.meant("outcome", meanings, tell)
    return key.cases(*((name, place) for place, name in enumerate(OUTCOMES)), else_=ibis.null("int64"))


def _set_aside(entry: Entry, reason: str, why: str) -> Callable[[int, str | None], None]:
    return lambda rows, _: entry.issue("set_aside", reason, f"{why} ({rows:,} rows)", count=rows)


def with_accounts(rows: Table, accounts: Table, profile: Profile, methodology: Methodology) -> tuple[Table, Entry]:
    """Opportunities with what they leave open of their account: class, region, industry, owner, team.

    Raises
    ------
    WarehouseError
        If rows of one account contradict each other.
    """
    columns = Columns(accounts, "accounts", profile, "accounts")
    columns.require("account_id")
    labels = labels_of(methodology, profile)
    held = [field for field in _FROM_ACCOUNT if field in columns.found]
    texts = {field: _keys(columns, labels, field) if field in _KEYED else columns.text(field) for field in held}
    if not held:
        return rows, columns.entry
    known = accounts.select(
        account_id=columns.identifier("account_id"), **{f"{field}_there": text for field, text in texts.items()}
    )
    # Rows that are alike in what they tell count once; a file keeps the last of others, a table has no last one.
    known = known.filter(known.account_id.notnull()).distinct().cache()
    refuse_contradictions(known, ("account_id",), columns.name)
    rows = rows.left_join(known, "account_id").drop("account_id_right")
    rows = rows.mutate(**{field: rows[field].coalesce(rows[f"{field}_there"]) for field in held})
    return rows.drop(*[f"{field}_there" for field in held]), columns.entry
