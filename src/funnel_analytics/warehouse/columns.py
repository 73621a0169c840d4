"""One table's columns under a profile, as the kinds they mean; what cannot be read is counted, and told or refused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import ibis
import pandas as pd
from ibis import Table
from ibis.expr import operations as ops
from ibis.expr.types import BooleanValue, StringValue, Value

from ..errors import ProfileError, WarehouseError, nearest
from ..exports.profiles.profile import Profile, TableProfile, builtin_profiles, heading_key
from ..exports.receipt import Entry
from ..exports.values.parsed import NOTHING_WORDS, shown
from ..exports.values.parsing import NOT_APPLICABLE, parse_flag, parse_probability

_DATE = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]+\d.*)?$"
"""What every engine reads as the same date."""
_ZONE = r"\s*(Z|UTC|[+-]\d{2}:?\d{2})$"
_NO_DAYS = (-25_567, 0)
"""1900-01-01 and 1970-01-01: counters at zero, which stand for no date; as `exports.values.dates` has them."""
_LARGEST = 1e300
_BLANKS = [" ", "\t", "\n", "\r"]


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


class _Asked(NamedTuple):
    """Rows to be counted, and what is done where there are any."""

    rows: BooleanValue
    shown: Value
    tell: Callable[[int, str | None], None]


def _found(columns: Iterable[str], profile: Profile, declared: TableProfile) -> dict[str, str]:
    """The column of each field that a profile names and a table has."""
    columns = list(columns)[::-1]
    own = {profile.heading(column): column for column in columns}
    # Engines differ in the case of names, so that it says nothing.
    alike = {heading_key(column): column for column in columns}
    found = {}
    for field, headings in declared.columns.items():
        # What is called as we call it is ours: in converted tables, amount beside amount_original.
        wanted = [field, *headings] if profile.key == "canonical" else headings
        held = [own.get(profile.heading(heading)) or alike.get(heading_key(heading)) for heading in wanted]
        if any(held):
            found[field] = next(column for column in held if column)
    return found


class Columns:
    """What the columns of one table mean under a profile."""

    def __init__(self, table: Table, kind: str, profile: Profile, name: str) -> None:
        declared = profile.tables.get(kind)
        if declared is None:
            raise ProfileError(f"The profile '{profile.key}' has no [{kind}].{nearest(kind, profile.tables)}")
        self.table, self.name, self.profile = table, name, profile
        self.entry = Entry(name, None, kind)
        self.found = _found(table.columns, profile, declared)
        self._asked: list[_Asked] = []
        self._words: dict[str, pd.Series] = {}
        self._zoned: set[str] = set()

    def require(self, *fields: str) -> None:
        """Refuse a table that lacks what cannot be done without."""
        missing = [field for field in fields if field not in self.found]
        if not missing:
            return
        fitting = {
            key: found
            for key, one in builtin_profiles().items()
            if (declared := one.tables.get(self.entry.table)) is not None
            and set(fields) <= set(found := _found(self.table.columns, one, declared))
        }
        best = max(fitting, key=lambda key: len(fitting[key]), default=None)
        if best is not None and len(fitting[best]) > len(self.found):
            raise ProfileError(
                f"The table '{self.name}' has no column for {', '.join(missing)} in the profile '{self.profile.key}'. Its"
                f" columns are called as in the profile '{best}': connect(…, profile=\"{best}\")."
            )
        raise ProfileError(
            f"The table '{self.name}' has no column for {', '.join(missing)}."
            f"{nearest(missing[0], map(str, self.table.columns))}"
            f' Name it in the profile, as {missing[0]} = ["…"], or choose another profile.'
        )

    def count(self, rows: BooleanValue, tell: Callable[[int, str | None], None], shown: Value | None = None) -> None:
        """Have rows counted by `settle`, and told where there are any: how many, and one of them."""
        self._asked.append(_Asked(rows, ibis.null("string") if shown is None else shown.cast("string"), tell))

    def settle(self) -> None:
        """Count what was asked for, with one look at the table, and tell or refuse it."""
        if not self._asked:
            return
        flagged = {f"rows_{place}": one.rows.fill_null(False) for place, one in enumerate(self._asked)}
        examples = {f"shown_{place}": one.shown for place, one in enumerate(self._asked)}
        looked = self.table.select(**flagged, **examples)
        sums = {name: looked[name].cast("int64").sum() for name in flagged}
        sums |= {name: looked[name].max(where=looked[name.replace("shown", "rows")]) for name in examples}
        found = fetched(looked.agg(**sums)).iloc[0]
        for place, one in enumerate(self._asked):
            rows = found[f"rows_{place}"]
            if pd.notna(rows) and rows > 0:
                example = found[f"shown_{place}"]
                one.tell(int(rows), None if pd.isna(example) else str(example))
        self._asked.clear()

    def text(self, field: str) -> StringValue:
        """The column of a field as text, without outer blanks; missing where it says nothing."""
        if field not in self.found:
            return ibis.null("string")
        held = self.table[self.found[field]]
        if not held.type().is_string():
            return held.cast("string")
        text = held.replace("\xa0", " ")
        # Not by strip(): Spark reads the form feed that Ibis has it take away as the letter f.
        padded = text.left(1).isin(_BLANKS) | text.right(1).isin(_BLANKS)
        text = ibis.cases((padded, text.re_replace(r"^\s+|\s+$", "")), else_=text)
        return ibis.cases((~text.isin(["", *NOT_APPLICABLE]), text))

    def identifier(self, field: str) -> StringValue:
        """The column of an id as text; whole numbers without a point, in whatever kind of number they stand."""
        held = self.table[self.found[field]] if field in self.found else ibis.null("string")
        if not (held.type().is_floating() or held.type().is_decimal()):
            return self.text(field)
        whole = held.cast("int64")
        return ibis.cases((held == whole, whole.cast("string")), else_=held.cast("string"))

    def number(self, field: str) -> Value:
        """The column of a number; text that is none, and what is no finite number, is refused."""
        if field not in self.found:
            return ibis.null("float64")
        held = self.table[self.found[field]]
        kind = held.type()
        if kind.is_string():
            value = self._tried(self._written(field), "float64")
        else:
            value = held.cast("float64") if kind.is_numeric() or kind.is_null() else ibis.null("float64")
        finite = ibis.cases((value.between(-_LARGEST, _LARGEST), value))
        # What is not a number is pandas' way to say that there is none.
        told = held.notnull() & ~held.isnan() if kind.is_floating() else self._written(field).notnull()
        if kind.is_string() or kind.is_floating() or not kind.is_numeric():
            self._refuse(field, told & finite.isnull(), "number")
        return finite

    def moment(self, field: str) -> Value:
        """The column of a time; of text the time as written, whatever zone is told: as in files."""
        if field not in self.found:
            return ibis.null("timestamp")
        held = self.table[self.found[field]]
        kind = held.type()
        if kind.is_timestamp() and kind.timezone is not None and field not in self._zoned:
            heading = self.found[field]
            self._zoned.add(field)
            message = f"The times in '{heading}' have a zone: their days are those of the session's time zone. Set it to the team's."
            self.entry.issue("note", "time_zone", message, column=heading)
        if kind.is_timestamp() or kind.is_date():
            return held.cast("timestamp")
        value = ibis.null("timestamp")
        if kind.is_string():
            text = self._written(field)
            value = self._tried(ibis.cases((text.re_search(_DATE), text.re_replace(_ZONE, ""))), "timestamp")
        self._refuse(field, self._written(field).notnull() & value.isnull(), "date")
        return value

    def day(self, field: str) -> Value:
        """The column of a date as days since 1970; what a counter's zero means is left out and told."""
        if field not in self.found:
            return ibis.null("int64")
        held = self.table[self.found[field]]
        day = day_number(held if held.type().is_date() else self.moment(field))
        zero = day.isin(_NO_DAYS)

        def tell(rows: int, one: str | None) -> None:
            message = f"{shown(str(one))} is a counter's zero and stands for no date; left empty."
            self._issue("unreadable", "placeholder_date", message, field, rows, one)

        self.count(zero, tell, held)
        return ibis.cases((~zero, day))

    def _written(self, field: str) -> StringValue:
        """Text of a date or a number, where people also write words for nothing."""
        text = self.text(field)
        return ibis.cases((~text.lower().isin(list(NOTHING_WORDS)), text))

    def _tried(self, text: StringValue, kind: str) -> Value:
        """Text as a kind, missing where it is none; on engines that cannot try, one that is none ends the query."""
        tries = self.table.get_backend().has_operation(ops.TryCast)
        return text.try_cast(kind) if tries else text.cast(kind)

    def _refuse(self, field: str, rows: BooleanValue, kind: str) -> None:
        heading = self.found[field]

        def tell(count: int, one: str | None) -> None:
            where = f"The column '{heading}' of the table '{self.name}'"
            if kind == "date":
                raise WarehouseError(
                    f"{where} holds {count:,} values that are no dates, as '{one}'. Accepted: dates, timestamps, and text as"
                    " 2026-09-30 or 2026-09-30 14:05:00. Give a view in which it is one of these."
                )
            raise WarehouseError(
                f"{where} holds {count:,} values that are no numbers, as '{one}'. Accepted: numbers, and text as 1234.5."
                " Give a view in which it is one of these."
            )

        self.count(rows, tell, self.table[heading])

    def _issue(self, kind: str, reason: str, message: str, field: str, rows: int, value: str | None) -> None:
        self.entry.issue(kind, reason, message, column=self.found.get(field), value=value, count=rows)

    def words(self, field: str) -> pd.Series:
        """How many rows have each word of a column (they are few), the most frequent first; missing ones beside them."""
        if field not in self.found:
            return pd.Series([], dtype="int64", index=pd.Index([], dtype="str"))
        if field in self._words:
            return self._words[field]
        rows = self.table.select(word=self.text(field)).group_by("word").agg(rows=lambda table: table.count())
        counts = (
            fetched(rows)
            .astype({"word": "str", "rows": "int64"})
            .sort_values(["rows", "word"], ascending=[False, True])
        )
        self._words[field] = counts.set_index("word")["rows"]
        return self._words[field]

    def coded(self, field: str, codes: Mapping[str, Any], kind: str = "int64") -> Value:
        """The column's words as what they mean; missing where a word means nothing."""
        if field not in self.found or not codes:
            return ibis.null(kind)
        return self.text(field).cases(*codes.items(), else_=ibis.null(kind))

    def meant(
        self, field: str, meanings: Mapping[str, str | None], tell: Callable[[dict[str, int]], None]
    ) -> StringValue:
        """The column's words as keys; those that mean nothing are told, with their rows, and left empty."""
        counts = self.words(field)
        counts = counts[counts.index.notna()]
        unknown = {str(word): int(rows) for word, rows in counts.items() if meanings.get(str(word)) is None}
        if unknown:
            tell(unknown)
        return self.coded(
            field, {str(word): meanings[str(word)] for word in counts.index if str(word) not in unknown}, "string"
        )

    def flag(self, field: str) -> Value:
        """Yes and no as 1 and 0, in the words that files use."""
        counts = self.words(field)
        words = pd.Series(counts.index, dtype="str")
        read = parse_flag(words)
        for line in read.problems.itertuples():
            self._issue(line.kind, line.reason, line.message, field, int(counts.get(line.value, 1)), line.value)
        known = {word: int(said) for word, said in zip(words, read.values, strict=True) if pd.notna(said)}
        blank = next((said for word, said in known.items() if pd.isna(word)), None)
        value = self.coded(field, {word: said for word, said in known.items() if pd.notna(word)})
        return value if blank is None else value.coalesce(blank)

    def probability(self) -> Value:
        """Probabilities as fractions; whether 10 means 10% is decided by the whole column, as `parse_probability` does."""
        field = "probability"
        if field in self.found and self.table[self.found[field]].type().is_string():
            counts = self.words(field)
            words = pd.Series(counts.index, dtype="str").dropna()
            read = parse_probability(words)
            for line in read.problems.itertuples():
                self._issue(line.kind, line.reason, line.message, field, int(counts.get(line.value, 1)), line.value)
            known = {word: float(one) for word, one in zip(words, read.values, strict=True) if pd.notna(one)}
            return self.coded(field, known, "float64")
        stated = self.number(field)
        if field not in self.found:
            return stated
        rows = self.table.select(stated=stated)
        seen = fetched(rows.agg(most=rows.stated.max(), parts=((rows.stated > 0) & (rows.stated < 1)).sum())).iloc[0]
        percent = ibis.literal(bool(seen["most"] > 1)) & ((stated > 1) | ibis.literal(not seen["parts"] > 0))
        value = ibis.cases((percent, (stated / 100).round(12)), else_=stated)

        def tell(rows: int, one: str | None) -> None:
            message = f"{shown(str(one))} is no probability (0% to 100%); left empty."
            self._issue("unreadable", "impossible_probability", message, field, rows, one)

        self.count(~value.between(0, 1), tell, stated)
        return ibis.cases((value.between(0, 1), value))
