"""A warehouse's own columns and words → canonical ones, with the same profiles as exports."""

from collections.abc import Mapping

import ibis
import pandas as pd
from ibis import Table
from ibis.expr.types import Value

from ..book import DIMENSIONS
from ..errors import ProfileError, UnknownStageError, nearest
from ..exports.profiles.labels import Labels, label_key, labels_of, stage_hint
from ..exports.profiles.profile import Profile
from ..funnel.reach import OUTCOMES
from ..methodology import Methodology

_DAYS = ("as_of", "created_date", "close_date", "stage_entered_date")
_TEXTS = ("opportunity_name", "account_id", "account_name", "currency", "forecast_category", *DIMENSIONS)
_FROM_ACCOUNT = ("segment", "region", "industry", "owner", "team")


def fetched(rows: Table) -> pd.DataFrame:
    """What an expression gives, brought here; by way of Arrow, so that texts and missing values are pandas' own."""
    return rows.to_pyarrow().to_pandas()


def day_number(column: Value) -> Value:
    """A date as days since 1970: whole numbers, with which every engine computes alike."""
    return column.cast("date").delta(ibis.date(1970, 1, 1), unit="day").cast("int64")


def dates_of(days: pd.Series) -> pd.Series:
    """Days since 1970 as dates.

    Examples
    --------
    >>> dates_of(pd.Series([0.0, None])).tolist()
    [Timestamp('1970-01-01 00:00:00'), NaT]
    """
    return pd.to_datetime(days.astype("float64"), unit="D").astype("datetime64[us]")


class Columns:
    """What the columns of one table mean under a profile."""

    def __init__(self, table: Table, kind: str, profile: Profile, name: str) -> None:
        declared = profile.tables.get(kind)
        if declared is None:
            raise ProfileError(f"The profile '{profile.key}' has no [{kind}].{nearest(kind, profile.tables)}")
        own = {profile.heading(column): column for column in reversed(table.columns)}
        self.table, self.name = table, name
        self.found = {}
        for field, headings in declared.columns.items():
            # What is called as we call it is ours: in converted tables, amount beside amount_original.
            wanted = [field, *headings] if profile.key == "canonical" else headings
            held = [own[profile.heading(heading)] for heading in wanted if profile.heading(heading) in own]
            if held:
                self.found[field] = held[0]

    def require(self, *fields: str) -> None:
        """Refuse a table that lacks what cannot be done without."""
        for field in fields:
            if field not in self.found:
                raise ProfileError(
                    f"The table '{self.name}' has no column for {field}."
                    f"{nearest(field, map(str, self.table.columns))}"
                    f' Name it in the profile, as {field} = ["…"], or choose another profile.'
                )

    def of(self, field: str, kind: str) -> Value:
        """The column of a field as a kind; missing everywhere where the table has none."""
        if field not in self.found:
            return ibis.null(kind)
        return self.table[self.found[field]].cast(kind)

    def day(self, field: str) -> Value:
        """The column of a date as days since 1970."""
        return day_number(self.table[self.found[field]]) if field in self.found else ibis.null("int64")

    def labels(self, field: str) -> pd.Series:
        """The different words of a column; they are few."""
        if field not in self.found:
            return pd.Series([], dtype="str")
        words = fetched(self.table.select(word=self.of(field, "string")).distinct())["word"]
        return words.dropna().astype("str")

    def coded(self, field: str, codes: Mapping[str, int]) -> Value:
        """The column's words as whole numbers; missing where a word has none."""
        if field not in self.found or not codes:
            return ibis.null("int64")
        return self.of(field, "string").cases(*codes.items(), else_=ibis.null("int64"))


def _meanings(columns: Columns, labels: Labels, methodology: Methodology) -> tuple[Value, Value]:
    """State (0: none told) and outcome (missing: none told) of each row, from its stage label."""
    words = columns.labels("stage")
    read = labels.read(words)
    unknown = words[~read["known"]].tolist()
    if unknown:
        listed = ", ".join(f"'{word}'" for word in unknown[:20])
        raise UnknownStageError(
            f"The table '{columns.name}' has stages that are not known: {listed}."
            f"{stage_hint(str(unknown[0]), methodology)}",
            dict.fromkeys(map(str, unknown), 0),
            methodology.key,
        )
    keys = methodology.stage_keys
    states = {word: keys.index(stage) + 1 for word, stage in zip(words, read["stage"], strict=True) if pd.notna(stage)}
    ended = {word: OUTCOMES.index(key) for word, key in zip(words, read["outcome"], strict=True) if pd.notna(key)}
    # Being in a stage says what the opportunity then is: won where the stage means so, open elsewhere.
    implied = {word: OUTCOMES.index(methodology.stages[state - 1].outcome or "open") for word, state in states.items()}
    return columns.coded("stage", states).coalesce(0), columns.coded("stage", ended | implied)


def _outcome(columns: Columns, labels: Labels, by_stage: Value) -> Value:
    """The outcome: as flags, else as the column of outcomes, else as the stage says."""
    flags = {name: columns.of(name, "boolean").fill_null(False) for name in ("is_won", "is_lost", "is_closed")}
    words = columns.labels("outcome")
    read = labels.read(words)["outcome"]
    ended = {word: OUTCOMES.index(key) for word, key in zip(words, read, strict=True) if pd.notna(key)}
    told = ibis.cases((flags["is_won"], 1), (flags["is_lost"] | flags["is_closed"], 2))
    return told.coalesce(columns.coded("outcome", ended), by_stage)


def _category(columns: Columns, labels: Labels) -> Value:
    """Forecast categories by their keys; a word that the profile does not know stays."""
    word = columns.of("forecast_category", "string")
    keys = {text: labels.categories.get(label_key(text), text) for text in columns.labels("forecast_category")}
    known = {text: key for text, key in keys.items() if key != text}
    return word.cases(*known.items(), else_=word) if known else word


def _probability(columns: Columns) -> Value:
    """Probabilities as fractions; whether 10 means 10 % is decided by the whole column, as `parse_probability` does."""
    stated = columns.of("probability", "float64")
    if "probability" not in columns.found:
        return stated
    rows = columns.table.select(stated=stated)
    seen = fetched(rows.agg(most=rows.stated.max(), parts=((rows.stated > 0) & (rows.stated < 1)).sum())).iloc[0]
    percent = ibis.literal(bool(seen["most"] > 1)) & ((stated > 1) | ibis.literal(not seen["parts"] > 0))
    value = ibis.cases((percent, (stated / 100).round(12)), else_=stated)
    return ibis.cases((value.between(0, 1), value))


def opportunities_of(table: Table, profile: Profile, methodology: Methodology, name: str, *, dated: bool) -> Table:
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

    Raises
    ------
    ProfileError
        If a column is missing.
    UnknownStageError
        If it has stages that the profile and the methodology do not know.
    """
    columns = Columns(table, "opportunities", profile, name)
    columns.require("opportunity_id", "created_date", "close_date", *(["as_of"] if dated else []))
    labels = labels_of(methodology, profile)
    state, by_stage = _meanings(columns, labels, methodology)
    extra = {field: columns.of(field, "string") for field in _TEXTS if field in columns.found}
    if "forecast_category" in extra:
        extra["forecast_category"] = _category(columns, labels)
    rows = table.select(
        opportunity_id=columns.of("opportunity_id", "string"),
        state=state.cast("int64"),
        outcome=_outcome(columns, labels, by_stage).coalesce(0).cast("int64"),
        **{field: columns.day(field) for field in _DAYS},
        amount=columns.of("amount", "float64"),
        probability=_probability(columns),
        **extra,
    )
    return rows.filter(rows.opportunity_id.notnull())


def history_of(table: Table, profile: Profile, methodology: Methodology, name: str) -> Table:
    """Recorded changes, as `stage_log.visits` takes them; what is told after ``as_of`` is cut off elsewhere.

    Raises
    ------
    ProfileError
        If a column is missing, or the table lists changes field by field.
    """
    columns = Columns(table, "history", profile, name)
    if "new_value" in columns.found and "stage" not in columns.found:
        raise ProfileError(
            f"The table '{name}' lists changes field by field. Give a table or a view of stage changes instead: one row"
            " per change with the opportunity, the time and the new stage."
        )
    columns.require("opportunity_id", "changed_at", "stage")
    labels = labels_of(methodology, profile)
    state, by_stage = _meanings(columns, labels, methodology)
    # Columns that date a stage came into a book's own history beside the log, and count where there is no log.
    own = "source" in table.columns
    is_log = (table["source"].cast("string") != "stage_dates").fill_null(True) if own else ibis.literal(True)
    rows = table.select(
        opportunity_id=columns.of("opportunity_id", "string"),
        changed_at=columns.of("changed_at", "timestamp"),
        day=columns.day("changed_at"),
        state=state.cast("int64"),
        outcome=_outcome(columns, labels, by_stage).coalesce(0).cast("int64"),
        amount=columns.of("amount", "float64"),
        close_date=columns.day("close_date"),
        is_log=is_log.cast("int64"),
    )
    return rows.filter(rows.opportunity_id.notnull() & rows.changed_at.notnull())


def with_accounts(rows: Table, accounts: Table, profile: Profile, name: str) -> Table:
    """Opportunities with what they leave open of their account: class, region, industry, owner, team."""
    columns = Columns(accounts, "accounts", profile, name)
    columns.require("account_id")
    held = [field for field in _FROM_ACCOUNT if field in columns.found]
    if not held or "account_id" not in rows.columns:
        return rows
    known = accounts.select(
        account_id=columns.of("account_id", "string"),
        **{f"{field}_there": columns.of(field, "string") for field in held},
    )
    known = known.group_by("account_id").agg(**{f"{field}_there": known[f"{field}_there"].max() for field in held})
    rows = rows.left_join(known, "account_id").drop("account_id_right")
    there = {field: rows[f"{field}_there"] for field in held}
    filled = {field: rows[field].coalesce(value) if field in rows.columns else value for field, value in there.items()}
    return rows.mutate(**filled).drop(*[f"{field}_there" for field in held])
