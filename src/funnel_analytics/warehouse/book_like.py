"""The Warehouse: like a book, but its rows stay where they lie; only counts and sums come out."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from ibis import Table

from ..assembly import Parts, assemble
from ..book import DIMENSIONS, Book
from ..book_facts import context_of
from ..book_part import quotas_of_part
from ..errors import AmountError, ArgumentError, CurrencyError, WarehouseError, nearest
from ..methodology import Methodology
from ..outcomes import OUTCOMES
from ..periods import FiscalCalendar, Period, parse_period, period_of
from .columns import dates_of, fetched
from .stage_log import States, states_of, visits

_T = TypeVar("_T")
LIMIT = 100_000
"""So many opportunities come out as a book, unless more are asked for."""
_NOT_HERE = {*(name for name in vars(Book) if not name.startswith("_")), "frames"} - {"issues"}
_MOST_CHOICES = 1_000
_PARTS = ("team", "region", "segment", "owner")
"""Columns by which a warehouse is usually taken apart."""


@dataclass(frozen=True, eq=False, repr=False)
class Warehouse:
    """Opportunities and their history in a database or in files: what the analyses of counts take in place of a book.

    Made by `connect`. These work on it: `stage_conversion`, `stage_incidence`, `conversion_trend`, `conversion_cohorts`,
    `stage_transitions`, `time_in_stage`, `stage_survival`, `pipeline_ageing`, `win_rates`, `sales_velocity`,
    `pipeline_changes`, `pipeline_flow`, `slippage`, `weighted_forecast`, `pipeline_coverage`, `quota_pacing`. Everything else works on the book that `book` brings.

    Attributes
    ----------
    methodology : Methodology
        The sales method its stages belong to.
    as_of : Timestamp
        "Now": what was recorded later is left out.
    currency : str or None
        ISO code of every amount.
    calendar : FiscalCalendar or int
        How the team cuts its fiscal years.
    """

    methodology: Methodology
    as_of: pd.Timestamp
    currency: str | None
    calendar: FiscalCalendar | int
    export_dates: list[pd.Timestamp]
    """Dates of the snapshots, oldest first; the one on which the opportunities stand as they do now."""
    history_from: pd.Timestamp | None
    """The first day that the history tells; None without one."""
    amounts: tuple[int, int]
    """How many opportunities there are, and how many of them have an amount."""
    currencies: int
    """In how many currencies amounts are stated."""
    known: Table
    """Every opportunity as last seen; states as numbers, days since 1970; ``vanished``: open, and not in the newest export."""
    looks: Table
    """The same on every date of an export. Not called snapshots: what asks for a book's must be refused."""
    log: Table | None
    """Recorded changes."""
    issues: pd.DataFrame
    """What was read another way, left empty or set aside, as `tables.ISSUES`; ``file`` is the table."""
    quotas: pd.DataFrame
    """`tables.QUOTAS`."""
    whole: "Warehouse | None" = None
    """What this is a part of."""

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_HERE:
            count = self.amounts[0]
            if count <= LIMIT:
                raise WarehouseError(
                    f"This asks for every opportunity, and they stay in the warehouse. The {count:,} fit into a book:"
                    " warehouse.book() brings it, and every analysis works on it."
                )
            raise WarehouseError(
                f"This asks for every opportunity, and they stay in the warehouse: there are {count:,}, and at most"
                f" {LIMIT:,} are brought. Bring a part: warehouse.where({self._part(LIMIT)}).book() gives a book, on which"
                " every analysis works."
            )
        raise AttributeError(name)

    @cached_property
    def _made(self) -> dict[tuple[Hashable, ...], Any]:
        return {}

    def once(self, make: Callable[..., _T], *asked: Hashable) -> _T:
        """What a function makes of this warehouse, made once; see `Book.once`."""
        key = (make, *asked)
        if key not in self._made:
            self._made[key] = make(self, *asked)
        made: _T = self._made[key]
        return made

    @property
    def context(self) -> dict[str, Any]:
        """What travels with every table."""
        return context_of(self.methodology, self.currency, self.as_of)

    @property
    def states(self) -> States:
        """What the numbers of states mean."""
        return states_of(self.methodology)

    @cached_property
    def listed(self) -> Table:
        """The opportunities as last seen, without the vanished."""
        return self.known.filter(~self.known.vanished).drop("vanished")

    @cached_property
    def visits(self) -> Table:
        """The stage log: made once, a temporary table of the session, from which a part takes its own."""
        if self.whole is not None:
            return self.whole.visits
        return visits(self.log, self.looks, self.known, self.states).cache()

    def told_from(self, field: str) -> pd.Timestamp | None:
        """The first day on which a source tells a field of open opportunities; as `Book.told_from`."""
        if self.whole is not None:
            return self.whole.told_from(field)
        days = self.export_dates[:1]
        if self.log is not None:
            told = self.log.filter(self.log[field].notnull() & (self.log.outcome.coalesce(0) == 0))
            days = [*days, *dates_of(fetched(told.agg(day=told.day.min()))["day"]).dropna()]
        return min(days, default=None)

    def period(self, name: str | None = None) -> Period:
        """A period in the team's fiscal calendar; None means the quarter of the day after ``as_of``."""
        if name is not None:
            return parse_period(name, self.calendar)
        return period_of(self.as_of + pd.Timedelta(days=1), "quarter", self.calendar)

    @property
    def has_money(self) -> bool:
        """Whether amounts can be added up."""
        return self.currencies <= 1 and (self.amounts[1] > 0 or not self.amounts[0])

    def require_money(self) -> None:
        """Refuse to add up amounts that cannot be added.

        Raises
        ------
        CurrencyError
            If amounts are stated in several currencies.
        AmountError
            If there are no amounts.
        """
        if self.currencies > 1:
            raise CurrencyError(
                f"Amounts are in {self.currencies} currencies and cannot be added. Give a table or a view in which they"
                ' are converted, and its currency: connect(…, currency="EUR").'
            )
        if self.amounts[0] and not self.amounts[1]:
            raise AmountError('The warehouse holds no amounts. Name their column in the profile: amount = ["…"].')

    def where(self, **criteria: Any) -> "Warehouse":
        """The part that fits; as `Book.where`.

        Raises
        ------
        ArgumentError
            If there is no such column, or none of its rows has such a value.
        """
        known = self.known
        for column, asked in criteria.items():
            if asked is None:
                continue
            field, codes = self._stored(column)
            one = isinstance(asked, str) or not isinstance(asked, Iterable)
            wanted = {value: codes.get(value) if codes else str(value) for value in ([asked] if one else asked)}
            asked_for = [code for code in wanted.values() if code is not None]
            here = self.listed.filter(self.listed[field].isin(asked_for))
            held = set(fetched(here.select(value=here[field]).distinct())["value"])
            for value, code in wanted.items():
                if code not in held:
                    others = self.choices(column)[:40]
                    raise ArgumentError(f"No opportunity has {column} '{value}'.{nearest(str(value), others)}")
            known = known.filter(known[field].isin(asked_for))
        whole = self.whole or self
        looks, log = whole.looks.semi_join(known, "opportunity_id"), whole.log
        log = None if log is None else log.semi_join(known, "opportunity_id")
        part = replace(self, known=known, looks=looks, log=log, whole=whole)
        counts = fetched(part.listed.agg(rows=part.listed.count(), stated=part.listed.amount.count())).iloc[0]
        return replace(part, amounts=(int(counts["rows"]), int(counts["stated"])), quotas=self._quotas_of(part))

    def _quotas_of(self, part: "Warehouse") -> pd.DataFrame:
        """The quotas that stand for a part; as of a book."""
        if self.quotas.empty:
            return self.quotas
        kept = part.listed.select("opportunity_id", kept=True)
        rows = self.listed.left_join(kept, "opportunity_id")
        who = fetched(rows.select("owner", "team", kept=rows.kept.fill_null(False)).distinct())
        return quotas_of_part(self.quotas, who.astype({"owner": "str", "team": "str", "kept": "bool"}))

    @cached_property
    def texts(self) -> list[str]:
        """The columns by which opportunities can be split."""
        return [name for name, kind in self.listed.schema().items() if kind.is_string() and name != "opportunity_id"]

    def _stored(self, column: str) -> tuple[str, dict[Any, int]]:
        """How a column to filter by stands here, and the numbers of its keys, where it holds numbers for them."""
        if column == "stage":
            return "state", {key: place for place, key in enumerate(self.methodology.stage_keys, start=1)}
        if column == "outcome":
            return "outcome", {key: place for place, key in enumerate(OUTCOMES)}
        if column not in (*self.texts, "opportunity_id"):
            raise ArgumentError(f"There is no column '{column}' to filter by.{nearest(column, DIMENSIONS)}")
        return column, {}

    def choices(self, column: str) -> list[str]:
        """The values a column holds, sorted; a thousand where there are more."""
        field, codes = self._stored(column)
        values = fetched(self.listed.select(value=self.listed[field]).distinct().limit(_MOST_CHOICES))["value"].dropna()
        keys = {code: key for key, code in codes.items()}
        return sorted(str(keys.get(value, value)) for value in values if not codes or value in keys)

    def book(self, *, limit: int = LIMIT) -> Book:
        """The opportunities with their history as a book, on which every analysis works.

        Parameters
        ----------
        limit
            Refuse to bring more opportunities than this.

        Raises
        ------
        WarehouseError
            If there are more.
        """
        count = self.amounts[0]
        if count > limit:
            raise WarehouseError(
                f"This part holds {count:,} opportunities, and at most {limit:,} are brought. Ask for a smaller one, as"
                f" warehouse.where({self._part(limit)}), or for all of them with warehouse.book(limit={count})."
            )
        snapshots = self._worded(fetched(self.looks.semi_join(self.known, "opportunity_id")))
        history = None
        if self.log is not None:
            rows = fetched(self.log.semi_join(self.known, "opportunity_id"))
            rows["source"] = np.where(rows["is_log"] == 1, "history", "stage_dates")
            history = self._worded(rows)
        book = assemble(
            Parts(snapshots=snapshots, history=history, quotas=self.quotas, issues=self.issues),
            methodology=self.methodology,
            as_of=self.as_of,
            currency=self.currency,
            calendar=self.calendar,
        )
        return self._dated(book)

    def _part(self, limit: int) -> str:
        """The largest part of at most so many opportunities, as one asks for it."""
        found: dict[str, int] = {}
        for column in _PARTS:
            rows = (
                self.listed.filter(self.listed[column].notnull()).group_by(column).agg(rows=lambda table: table.count())
            )
            rows = fetched(rows.filter(rows.rows <= limit).order_by([rows.rows.desc(), rows[column]]).limit(1))
            found |= {f"{column}={row[column]!r}": int(row["rows"]) for row in rows.to_dict("records")}
        return max(found, key=lambda part: found[part], default='owner="…"')

    def _dated(self, book: Book) -> Book:
        """A brought part with the dates of the whole: what the newest export lacks is gone, also where all of it is."""
        frames, newest = dict(book.frames), self.export_dates[-1]
        rows = frames["opportunities"]
        gone = (rows["outcome"] == "open") & (rows["last_seen"] < newest)
        frames |= {
            "opportunities": rows[~gone].reset_index(drop=True),
            "exports": pd.DataFrame({"as_of": self.export_dates}),
        }
        frames["vanished"] = pd.concat([frames["vanished"], rows[gone]], ignore_index=True)
        return replace(book, frames=frames)

    def _worded(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with keys and dates in place of numbers."""
        keys = pd.Series([None, *self.methodology.stage_keys], dtype="str")
        days = {name: dates_of(rows[name]) for name in rows if str(name).endswith("_date") or name == "as_of"}
        return rows.assign(
            stage=keys.take(rows["state"]).to_numpy(),
            outcome=np.array([*OUTCOMES, None])[rows["outcome"].fillna(len(OUTCOMES)).astype("int64")],
            **days,
        )

    def _facts(self) -> Mapping[str, str]:
        return {
            "opportunities": f"{self.amounts[0]:,}",
            "history": "none" if self.log is None else "recorded changes",
            "exports": ", ".join(f"{date:%Y-%m-%d}" for date in self.export_dates),
            "as of": f"{self.as_of:%Y-%m-%d}",
            "currency": self.currency or "not stated",
            "methodology": self.methodology.key,
            "issues": f"{len(self.issues):,}",
        }

    def __repr__(self) -> str:
        return "Warehouse\n" + "\n".join(f"  {name:<14}{value}" for name, value in self._facts().items())
