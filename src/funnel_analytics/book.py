"""The Book: a team's accounts and opportunities as they stood on one or more dates.

Frozen: verbs return a new book. ``assembly.py`` builds it from canonical tables; ``exports`` reads those
tables from files.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any

import pandas as pd

from . import tables
from .errors import AmountError, ArgumentError, CurrencyError, nearest
from .methodology import Methodology
from .periods import FiscalCalendar, Period, parse_period, period_of
from .receipts import receipt_page
from .stage_log import build_stage_log
from .words import number

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


def _part_quotas(quotas: pd.DataFrame, rows: pd.DataFrame, keep: pd.Series) -> pd.DataFrame:
    """The quotas that stand for a part: those whose every opportunity is in it.

    A quota cannot be split: where part of a seller's opportunities is kept, the part of that period has none.
    """
    kept_rows = []
    for _, listed in quotas.groupby("period"):
        covered = pd.Series(False, index=rows.index)
        whole = []
        for at, quota in listed.iterrows():
            under = pd.Series(True, index=rows.index)
            for column in ("owner", "team"):
                if pd.notna(quota[column]):
                    under &= rows[column] == quota[column]
            if under.any() and keep[under].all():
                whole.append(at)
                covered |= under
        if covered[keep].all():
            kept_rows += whole
    return quotas.loc[sorted(kept_rows)]


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
        frame = self.frames.get("exports", self.frames["snapshots"])
        return sorted(pd.Timestamp(date) for date in frame["as_of"].unique())

    @property
    def context(self) -> dict[str, Any]:
        """What travels with every table: currency, date, and the methodology's words, rating scale and cut."""
        method = self.methodology
        return {
            "currency": self.currency,
            "as_of": self.as_of,
            "words": method.words(),
            "rating_scale": (method.rating_low, method.rating_high),
            "potential_cut": method.potential_cut,
        }

    def period(self, name: str | None = None) -> Period:
        """A period in the team's fiscal calendar; None means the quarter of the day after ``as_of``.

        The export of a quarter's last day opens the next quarter.
        """
        if name is not None:
            return parse_period(name, self.calendar)
        return period_of(self.as_of + pd.Timedelta(days=1), "quarter", self.calendar)

    def where(self, **criteria: Any) -> "Book":
        """The part of the book that fits: same dates, fewer opportunities and accounts.

        A quota stays where every opportunity it covers does; it is never compared with a part of them.

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
        rows, vanished, accounts = self.frames["opportunities"], self.frames["vanished"], self.frames["accounts"]
        keep = pd.Series(True, index=rows.index)
        keep_vanished = pd.Series(True, index=vanished.index)
        keep_account = pd.Series(True, index=accounts.index)
        account_columns = False
        for column, values in asked.items():
            if column not in rows.columns:
                raise ArgumentError(f"There is no column '{column}' to filter by.{nearest(column, DIMENSIONS)}")
            wanted = [values] if isinstance(values, str) or not isinstance(values, Iterable) else list(values)
            held = set(rows[column].dropna()) | (set(accounts[column].dropna()) if column in accounts else set())
            for value in wanted:
                if value not in held:
                    raise ArgumentError(
                        f"No opportunity has {column} '{value}'.{nearest(str(value), list(map(str, held))[:40])}"
                    )
            keep &= rows[column].isin(wanted)
            keep_vanished &= vanished[column].isin(wanted)
            if column in accounts.columns:
                keep_account &= accounts[column].isin(wanted)
                account_columns = True
        held_accounts = accounts["account_id"].isin(rows.loc[keep, "account_id"])
        keep_account = (keep_account | held_accounts) if account_columns and len(asked) == 1 else held_accounts
        ids = set(rows.loc[keep, "opportunity_id"]) | set(vanished.loc[keep_vanished, "opportunity_id"])
        account_ids = set(accounts.loc[keep_account, "account_id"])
        frames = {**self.frames, **self._of_the_whole()}
        frames["opportunities"] = rows[keep]
        frames["vanished"] = vanished[keep_vanished]
        frames["accounts"] = accounts[keep_account]
        frames["quotas"] = _part_quotas(self.frames["quotas"], rows, keep)
        frames["evidence"] = self.evidence
        for name in ("snapshots", "history", "evidence"):
            frames[name] = frames[name][frames[name]["opportunity_id"].isin(ids)]
        for name in ("ratings", "account_snapshots"):
            frames[name] = frames[name][frames[name]["account_id"].isin(account_ids)]
        return replace(self, frames={name: frame.reset_index(drop=True) for name, frame in frames.items()})

    def _of_the_whole(self) -> dict[str, pd.DataFrame]:
        """What a part of the book must know of the whole team's exports."""
        held = [column for column in self.frames["opportunities"] if self.holds(str(column))]
        return {
            "exports": pd.DataFrame({"as_of": self.export_dates}),
            "held": pd.DataFrame({"column": held}, dtype="str"),
            "evidence_stated": pd.DataFrame({"evidence": self.evidence_stated}, dtype="str"),
        }

    def choices(self, column: str) -> list[str]:
        """The values a dimension holds, sorted (segments in the method's order)."""
        held = set(self.frames["opportunities"][column].dropna().astype(str))
        if column == "segment":
            return [key for key in [*self.methodology.segment_keys, "unrated"] if key in held]
        return sorted(held)

    def require_money(self) -> None:
        """Refuse to add up amounts that cannot be added.

        Raises
        ------
        CurrencyError
            If amounts are in several currencies and lack a rate; lists them.
        AmountError
            If the export holds no amounts at all.
        """
        rows = self.frames["opportunities"]
        unconverted = rows[rows["amount"].isna() & rows["amount_original"].notna()]
        if len(unconverted):
            sums = (
                unconverted.fillna({"currency": "(none stated)"})
                .groupby("currency")["amount_original"]
                .agg(["size", "sum"])
            )
            listed = ", ".join(
                f"{code} {number(total)} in {count} opportunities" for code, count, total in sums.itertuples()
            )
            raise CurrencyError(
                f"Amounts are in different currencies and cannot be added: {listed}. Give the rates, for example"
                " read_exports(…, currency='USD', rates={'EUR': 1.08}), on the command line --currency USD"
                " --rate EUR=1.08, or export one currency."
            )
        if len(rows) and rows["amount"].isna().all():
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

    def _facts(self) -> list[tuple[str, str]]:
        rows = self.frames["opportunities"]
        counts = rows["outcome"].value_counts()
        dates = [f"{date:%Y-%m-%d}" for date in self.export_dates]
        kinds = self.frames["issues"]["kind"].value_counts()
        return [
            (
                "opportunities",
                f"{len(rows):,} ({', '.join(f'{counts.get(key, 0):,} {key}' for key in ('open', 'won', 'lost'))})",
            ),
            ("accounts", f"{len(self.frames['accounts']):,}"),
            ("exports", f"{len(dates)}: {', '.join(dates)}"),
            ("as of", f"{self.as_of:%Y-%m-%d}"),
            ("currency", self.currency or "not stated"),
            ("methodology", self.methodology.key),
            ("history", f"{len(self.frames['history']):,} recorded changes"),
            ("vanished", f"{len(self.frames['vanished']):,}"),
            ("issues", ", ".join(f"{count:,} {kind}" for kind, count in kinds.items()) or "none"),
        ]

    def __repr__(self) -> str:
        return "Book\n" + "\n".join(f"  {name:<14}{value}" for name, value in self._facts())

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(value)}</td></tr>"
            for name, value in self._facts()
        )
        facts = f"<table><caption style='text-align:left'><b>Book</b></caption>{cells}</table>"
        return f"{facts}<details><summary>Receipt</summary>{receipt_page(self)}</details>"
