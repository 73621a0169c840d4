"""The Book: a team's accounts and opportunities as they stood on one or more dates.

Frozen: verbs return a new book. ``assembly.py`` builds it from canonical tables; ``exports`` reads those
tables from files.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from . import tables
from .book_facts import context_of, facts_of, first_told, missing_rates, records_as_read
from .book_part import PartFrames, code_of_value, column_codes
from .errors import AmountError, ArgumentError, CurrencyError, nearest
from .methodology import Methodology
from .periods import FiscalCalendar, Period, parse_period, period_of
from .receipts import receipt_page
from .stage_log import build_stage_log
from .words import word

_T = TypeVar("_T")

DIMENSIONS = (
    "owner",
    "manager",
    "team",
    "region",
    "segment",
    "industry",
    "product",
    "pipeline",
    "opportunity_type",
    "lead_source",
)
"""Columns of the opportunities by which people filter and split."""


@dataclass(frozen=True, eq=False, repr=False)
class Book:
    """Exports held together: what every analysis takes.

    Made by `read_exports`, or by `assemble` from canonical tables. The frames are declared in `tables`; properties
    return copies.

    Attributes
    ----------
    methodology : Methodology
        The sales method its stages belong to.
    as_of : Timestamp
        "Now": the date of the newest export. No module reads the clock.
    currency : str or None
        ISO code of every amount; None if not stated, or mixed without rates.
    calendar : FiscalCalendar or int
        How the team cuts its fiscal years; a number is the first month.
    revenue_benchmark : float or None
        The revenue from which an account counts as high, where the team has agreed on one.
    proposed_benchmark : float or None
        What is proposed in its place where it is None: the median of the whole team's accounts with revenue.
    """

    methodology: Methodology
    as_of: pd.Timestamp
    currency: str | None = None
    calendar: FiscalCalendar | int = 1
    revenue_benchmark: float | None = None
    proposed_benchmark: float | None = None
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def _made(self) -> dict[tuple[Hashable, ...], Any]:
        return {}

    def once(self, make: Callable[..., _T], *asked: Hashable) -> _T:
        """What a function makes of this book, made once: a book never changes.

        Parameters
        ----------
        make
            Called with the book and ``asked``; what it returns is shared and must not be written to.
        *asked
            Further arguments.
        """
        key = (make, *asked)
        if key not in self._made:
            self._made[key] = make(self, *asked)
        made: _T = self._made[key]
        return made

    @property
    def size(self) -> int:
        """The number of opportunities, without the vanished."""
        frames = self.frames
        return len(frames.rows) if isinstance(frames, PartFrames) else len(frames["opportunities"])

    @property
    def opportunity_columns(self) -> pd.Index:
        """Names of the columns of `opportunities`."""
        frames = self.frames
        if isinstance(frames, PartFrames):
            return frames.whole.opportunity_columns
        return frames["opportunities"].columns

    def column(self, name: str) -> pd.Series:
        """One column of `opportunities`; in a part of a book, without cutting out the others."""
        frames = self.frames
        return frames.column(name) if isinstance(frames, PartFrames) else frames["opportunities"][name]

    def _frame(self, name: str) -> pd.DataFrame:
        # Under pandas' copy-on-write a shallow copy is safe: writing to it never reaches the book.
        return self.frames[name].copy(deep=False)

    @property
    def opportunities(self) -> pd.DataFrame:
        """`tables.OPPORTUNITIES`: every opportunity as last seen, without the vanished."""
        return self._frame("opportunities")

    @property
    def open_opportunities(self) -> pd.DataFrame:
        """The open rows of `opportunities`."""
        rows = self._frame("opportunities")
        return rows[rows["outcome"] == "open"]

    @property
    def open_amount(self) -> float | None:
        """The open pipeline; None, not 0, where opportunities are open and none of them has an amount."""
        amounts = self.open_opportunities["amount"]
        return None if len(amounts) and amounts.isna().all() else float(amounts.sum())

    @property
    def vanished(self) -> pd.DataFrame:
        """Opportunities that were open in an earlier export and are missing in the newest: not lost."""
        return self._frame("vanished")

    @property
    def snapshots(self) -> pd.DataFrame:
        """`tables.SNAPSHOTS`: every opportunity in every export."""
        return self._frame("snapshots")

    @property
    def records(self) -> pd.DataFrame:
        """`tables.RECORDS`: every row of the exports of opportunities as read, with the id that the file states.

        Also rows that were set aside because their id stands twice; ``reason`` tells them.
        """
        return records_as_read(self.frames)

    @property
    def accounts(self) -> pd.DataFrame:
        """`tables.ACCOUNTS`."""
        return self._frame("accounts")

    @property
    def account_snapshots(self) -> pd.DataFrame:
        """`tables.ACCOUNT_SNAPSHOTS`: revenue with us as each dated table of accounts states it."""
        return self._frame("account_snapshots")

    @property
    def ratings(self) -> pd.DataFrame:
        """`tables.RATINGS`."""
        return self._frame("ratings")

    @property
    def history(self) -> pd.DataFrame:
        """`tables.HISTORY`."""
        return self._frame("history")

    @property
    def quotas(self) -> pd.DataFrame:
        """`tables.QUOTAS`."""
        return self._frame("quotas")

    @property
    def calls(self) -> pd.DataFrame:
        """`tables.CALLS`: what sellers and managers said on a day would be won in a period."""
        return self._frame("calls") if "calls" in self.frames else tables.conform(pd.DataFrame(), tables.CALLS)

    @property
    def evidence(self) -> pd.DataFrame:
        """`tables.EVIDENCE`: what sellers claim and managers validated, one row per statement."""
        return self._frame("evidence") if "evidence" in self.frames else tables.conform(pd.DataFrame(), tables.EVIDENCE)

    @property
    def evidence_stated(self) -> list[str]:
        """Evidence items about which the whole team's exports say anything, also in a part of the book."""
        if "evidence_stated" in self.frames:
            stated = set(self.frames["evidence_stated"]["evidence"])
        else:
            rows = self.evidence
            stated = set(rows.loc[rows["status"].notna() | rows["validation"].notna(), "evidence"].dropna())
        return [key for key in self.methodology.evidence_keys if key in stated]

    def holds(self, column: str) -> bool:
        """Whether any opportunity of the whole team has a value there, also asked of a part of the book.

        A column that the exports lack says nothing about an opportunity; a blank in a column that they have does.
        """
        if "held" in self.frames:
            return column in set(self.frames["held"]["column"])
        rows = self.frames["opportunities"]
        return column in rows and bool(rows[column].notna().any())

    @property
    def issues(self) -> pd.DataFrame:
        """`tables.ISSUES`: every value or row that could not be taken as it stands."""
        return self._frame("issues")

    @property
    def receipt(self) -> pd.DataFrame:
        """`tables.RECEIPT`: rows in = rows kept + rows set aside, for every table of every file."""
        return self._frame("receipt")

    @cached_property
    def _stage_log(self) -> pd.DataFrame:
        frames = self.frames
        if isinstance(frames, PartFrames):
            # An opportunity's visits do not depend on the others.
            return frames.whole._stage_log[frames.holds_row("stage_log")].reset_index(drop=True)
        # A book whose stages are read in another way than the export claims keeps the log of what happened.
        if "stage_log" in frames:
            return frames["stage_log"]
        return build_stage_log(
            self.frames["opportunities"],
            self.frames["vanished"],
            self.frames["snapshots"],
            self.frames["history"],
            self.methodology,
        )

    @property
    def stage_log(self) -> pd.DataFrame:
        """`tables.STAGE_LOG`: who was in which stage, from when to when; what the funnel analyses read."""
        return self._stage_log.copy(deep=False)

    @property
    def export_dates(self) -> list[pd.Timestamp]:
        """Dates of the exports, oldest first."""
        # A part of a book knows the dates of the whole, also those on which none of its opportunities was listed.
        frame = self.frames["exports" if "exports" in self.frames else "snapshots"]
        return sorted(pd.Timestamp(date) for date in frame["as_of"].unique())

    @property
    def history_from(self) -> pd.Timestamp | None:
        """The first day that the whole team's change history tells, also in a part of the book; None without one."""
        frames = self.frames
        if isinstance(frames, PartFrames):
            return frames.whole.history_from
        first = frames["history"]["changed_at"].min()
        return None if pd.isna(first) else pd.Timestamp(first).normalize()

    def told_from(self, field: str) -> pd.Timestamp | None:
        """The first day on which a source tells a field of the whole team's open opportunities; None without one.

        Parameters
        ----------
        field
            ``"close_date"`` or ``"amount"``. What the change log says as it closes an opportunity tells nothing of
            the days before.
        """
        frames = self.frames
        return first_told(frames.whole if isinstance(frames, PartFrames) else self, field)

    @property
    def context(self) -> dict[str, Any]:
        """What travels with every table: currency, date, and the methodology's words, classes, rating scale and cut."""
        return context_of(self.methodology, self.currency, self.as_of)

    def period(self, name: str | None = None) -> Period:
        """A period in the team's fiscal calendar; None means the quarter of the day after ``as_of``.

        The export of a quarter's last day opens the next quarter.
        """
        if name is not None:
            return parse_period(name, self.calendar)
        return period_of(self.as_of + pd.Timedelta(days=1), "quarter", self.calendar)

    def where(self, **criteria: Any) -> "Book":
        """The part of the book that fits: same dates, fewer opportunities and accounts.

        A quota or a call stays where every opportunity it covers does; it is never compared with a part of them.

        Parameters
        ----------
        **criteria
            A column of the opportunities (`DIMENSIONS` and any other) and the value or list of values to
            keep; None keeps all.

        Raises
        ------
        ArgumentError
            If there is no such column, or none of its rows has such a value.

        Examples
        --------
        >>> import funnel_analytics as fa
        >>> north = fa.load_sample().where(region="North")
        >>> north.opportunities["region"].unique().tolist()
        ['North']
        """
        asked = {column: values for column, values in criteria.items() if values is not None}
        if not asked:
            return self
        keep: np.ndarray | None = None
        wanted: dict[str, list[Any]] = {}
        for column, values in asked.items():
            one = isinstance(values, str) or not isinstance(values, Iterable)
            wanted[column] = [values] if one else list(values)
            codes, every = self.once(column_codes, self._known_column(column))
            is_wanted = np.zeros(len(every) + 1, dtype=bool)
            is_wanted[self._codes(column, wanted[column])] = True
            here = is_wanted[codes]
            keep = here if keep is None else keep & here
        assert keep is not None
        return replace(self, frames=PartFrames(self, np.flatnonzero(keep), wanted))

    def _known_column(self, column: str) -> str:
        if column not in self.opportunity_columns:
            raise ArgumentError(f"There is no column '{column}' to filter by.{nearest(column, DIMENSIONS)}")
        return column

    def _codes(self, column: str, wanted: list[Any]) -> list[int]:
        """The codes of the values that are asked for; refused where neither an opportunity nor an account has one."""
        codes, values = self.once(column_codes, column)
        code_of = self.once(code_of_value, column)
        counts = np.bincount(codes[: self.size] + 1, minlength=len(values) + 1)[1:]
        found = []
        for value in wanted:
            code = code_of.get(value)
            if code is not None:
                found.append(code)
            if code is None or not counts[code]:
                accounts = self.frames["accounts"]
                held = [values[place] for place in np.flatnonzero(counts)]
                if column in accounts:
                    held += list(accounts[column].dropna().unique())
                if value not in held:
                    raise ArgumentError(
                        f"No opportunity has {column} '{value}'.{nearest(str(value), list(map(str, held))[:40])}"
                    )
        return found

    def choices(self, column: str) -> list[str]:
        """The values a dimension holds, sorted (segments in the method's order)."""
        held = set(self.column(self._known_column(column)).dropna().astype(str))
        if column == "segment":
            return [key for key in self.methodology.segment_order if key in held]
        return sorted(held)

    def require_money(self) -> None:
        """Refuse to add up amounts that cannot be added.

        Raises
        ------
        CurrencyError
            If amounts lack a rate into the book's currency, or are in several; lists them.
        AmountError
            If the export holds no amounts at all.
        """
        unknown = self.column("amount").isna()
        if not unknown.any():
            return
        unconverted = self.frames["opportunities"][unknown & self.column("amount_original").notna()]
        if len(unconverted):
            raise missing_rates(unconverted, self.currency)
        if unknown.all():
            raise AmountError(
                "The export holds no amounts, so sums of money cannot be given. Add the amount column to the export,"
                ' or name its heading in the profile under [opportunities.columns] as amount = ["…"].'
            )

    @property
    def has_money(self) -> bool:
        """Whether amounts can be added up."""
        try:
            self.require_money()
        except (CurrencyError, AmountError):
            return False
        return True

    def __repr__(self) -> str:
        return "Book\n" + "\n".join(f"  {name:<14}{value}" for name, value in facts_of(self))

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in facts_of(self)
        )
        facts = f"<table><caption style='text-align:left'><b>{escape(word('book.title'))}</b></caption>{cells}</table>"
        return f"{facts}<details><summary>{word('tables.receipt')}</summary>{receipt_page(self)}</details>"
