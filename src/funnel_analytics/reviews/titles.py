"""The answer of each page in one sentence that carries its number, and the definitions behind it."""

import pandas as pd

from ..charts.pipeline_changes import amounts_note
from ..charts.stage_conversion import losses_notes
from ..charts.win_rates import no_losses_note
from ..hygiene import SURE, hide_untold_rates
from ..words import date, label, money, number, percent, word
from .contents import Contents, ReviewPage

_QUARTER_DAYS = 80
"""Fewer than any quarter has."""


def half_of_expected(table: pd.DataFrame) -> int:
    """How many of the largest opportunities carry half of the expected amount."""
    expected = table["expected"].sort_values(ascending=False)
    return int((expected.cumsum() < expected.sum() / 2).sum()) + 1 if expected.sum() > 0 else 0


def latest_calls(table: pd.DataFrame) -> tuple[str, str]:
    """Whose calls and at which horizon the record is told: sellers before managers, the latest calls first."""
    sums = table.groupby(["role", "horizon"], sort=False)["won_amount"].sum()
    known = list(sums[sums > 0].index)
    role = "seller" if any(one == "seller" for one, _ in known) else "manager"
    return role, str([horizon for one, horizon in known if one == role][-1])


class _Titles:
    """The answer of each page in one sentence."""

    def __init__(self, contents: Contents, lang: str) -> None:
        self.contents, self.book, self.lang = contents, contents.book, lang
        self.period = contents.book.period(contents.period)

    def _sum(self, value: float) -> str:
        return money(value, self.book.currency, self.lang)

    def _say(self, key: str, **values: object) -> str:
        return word(f"reviews.{key}", self.lang, **values)

    def of(self, page: ReviewPage) -> str:
        """The title of a page: the method here that has its key."""
        answer: str = getattr(self, page.key)(page.table)
        return answer

    def notes(self, page: ReviewPage) -> str:
        """The definitions behind a page, and what about its numbers is only proposed."""
        notes = self._say(f"{page.key}.notes")
        if page.key == "account_segments" and page.table["benchmark_source"].iloc[0] == "proposed":
            benchmark = self._sum(page.table["revenue_benchmark"].iloc[0])
            notes = f"{self._say('account_segments.proposed', benchmark=benchmark)} {notes}"
        if page.key == "outlook":
            keys = dict.fromkeys(" ".join(page.table["warnings"].dropna()).split())
            said = [word(f"outlook.warnings.{key}", self.lang) for key in keys]
            notes = " ".join([*said, notes])
        if page.outline.table == "pipeline_changes":
            said = amounts_note(page.table, page.table.attrs["since"], self.lang)
            notes = " ".join([*said, notes])
        if page.outline.table == "win_rates":
            closed = page.table.set_index("rate")["without_amount"].get("closed", 0)
            if closed:
                # Lost opportunities often have no amount: the rate by amount says nothing of them.
                notes = f"{word('charts.win_rates.without_amount', self.lang, count=number(closed))} {notes}"
            notes = " ".join([*no_losses_note(page.table, self.lang), notes])
            if (hide_untold_rates(page.table)["win_rate"].isna() & page.table["win_rate"].notna()).any():
                notes = f"{word('charts.win_rates.untold', self.lang)} {notes}"
        if page.outline.table == "stage_conversion":
            notes = " ".join([notes, *losses_notes(hide_untold_rates(page.table), self.lang)])
        return notes

    def outlook(self, table: pd.DataFrame) -> str:
        total = table.set_index("component").loc["total"]
        if self.period.end <= self.book.as_of:
            return self._say("outlook.over", period=self.period.label, mean=self._sum(total["mean"]))
        parts = {"mean": self._sum(total["mean"]), "low": self._sum(total["p10"]), "high": self._sum(total["p90"])}
        # Nearly the end, or nothing to come: a range from a number to itself is none.
        narrow = parts["low"] == parts["high"]
        said = self._say("outlook.narrow" if narrow else "outlook.title", period=self.period.label, **parts)
        opportunities = self.contents.table("top_opportunities")
        if opportunities is None or not opportunities["expected"].sum() > 0:
            return said
        return said + self._say("outlook.half", count=number(half_of_expected(opportunities)))

    def pipeline_coverage(self, table: pd.DataFrame) -> str:
        row = table.iloc[0]
        parts = {key: self._sum(row[name]) for key, name in (("won", "won_amount"), ("quota", "quota"), ("gap", "gap"))}
        if row["status"] in ("quota_met", "missed"):
            return self._say(f"pipeline_coverage.{row['status']}", period=self.period.label, **parts)
        ratios = {"coverage": number(row["coverage"], 1), "needed": number(row["required_coverage"], 1)}
        return self._say(f"pipeline_coverage.{row['status']}", **parts, **ratios)

    def quota_pacing(self, table: pd.DataFrame) -> str:
        row = table[table["current"]].iloc[-1]
        parts = {"won": self._sum(row["won_amount"]), "elapsed": percent(row["elapsed"])}
        said = self._say("quota_pacing.title", period=self.period.label, **parts)
        if pd.notna(row["attainment"]):
            said = self._say("quota_pacing.quota", share=percent(row["attainment"]), **parts)
        if row["periods"] > 0:
            said += self._say("quota_pacing.usual", usual=self._sum(row["usual_amount"]))
        return said

    def forecast_backtest(self, table: pd.DataFrame) -> str:
        told = table[table["scored"] & table["p10"].notna()]
        held = told["actual"].between(told["p10"], told["p90"]).sum()
        return self._say("forecast_backtest.title", held=number(held), count=number(len(told)))

    def call_accuracy(self, table: pd.DataFrame) -> str:
        role, horizon = latest_calls(table)
        # Whose calls are all about periods that still run has no record yet.
        rows = table[(table["role"] == role) & (table["horizon"] == horizon) & (table["calls"] > 0)]
        parts = {"calls": number(rows["calls"].sum()), "people": number(len(rows))}
        ratio = percent(rows["called"].sum() / rows["won_amount"].sum())
        where = {"role": label(role, self.lang), "horizon": label(horizon, self.lang)}
        return self._say("call_accuracy.title", ratio=ratio, **where, **parts)

    def weighted_forecast(self, table: pd.DataFrame) -> str:
        # Of a half or a year the quarters in it; a month's part of its quarter is not known here.
        inside = (table["period_start"] >= self.period.start) & (table["period_end"] <= self.period.end)
        summed, whole = table["amount"].sum(), self.book.open_amount or 0.0
        total, every = self._sum(summed), self._sum(whole)
        said = self._say("weighted_forecast.title", total=total)
        if every != total:
            # Amounts below 0 lower the whole, and are not weighted: the part can be more than it.
            key = "part" if summed < whole else "credits"
            said = self._say(f"weighted_forecast.{key}", total=total, every=every)
        if self.period.days < _QUARTER_DAYS:
            return said
        due = table.loc[inside, "amount"].sum()
        key = "due" if 0 < due < table["amount"].sum() else "due_all" if due > 0 else "due_none"
        return said + self._say(f"weighted_forecast.{key}", due=self._sum(due), period=self.period.label)

    def top_opportunities(self, table: pd.DataFrame) -> str:
        return self._say("top_opportunities.title", count=number(half_of_expected(table)), total=number(len(table)))

    def pipeline_changes(self, table: pd.DataFrame) -> str:
        amounts = table.set_index("cause")["amount"]
        parts = {name: self._sum(amounts[name]) for name in ("opening", "closing", "new")}
        # What leaves is negative in the table, and is said as what it was worth.
        parts |= {name: self._sum(0.0 - amounts[name]) for name in ("won", "lost")}
        return self._say("pipeline_changes.title", since=date(table.attrs["since"], self.lang), **parts)

    def stage_conversion(self, table: pd.DataFrame) -> str:
        decided = table[(table["advanced"] + table["lost"]) >= SURE]
        if decided.empty:
            return self._say("stage_conversion.few", count=number(table["entered"].max()))
        if table["lost_stage_unknown"].max() > table["lost"].sum():
            return self._say("stage_conversion.lost_elsewhere")
        if not table["lost"].any():
            return self._say("stage_conversion.none_lost")
        some = decided if decided["lost"].any() else table[table["lost"] > 0]
        worst = some.loc[some["advance_rate"].idxmin()]
        parts = {"stage": label(worst["stage"], self.lang, table=table), "rate": percent(worst["advance_rate"])}
        # A stage in which fewer were decided can have a lower rate: it stands beside the chart.
        is_lowest = not table["advance_rate"].min() < worst["advance_rate"]
        return self._say(
            "stage_conversion.title" if is_lowest else "stage_conversion.among", least=number(SURE), **parts
        )

    def time_in_stage(self, table: pd.DataFrame) -> str:
        stalled = number(table["stalled_opportunities"].sum())
        if table["median_days"].isna().all():
            return self._say("time_in_stage.few", count=stalled)
        slow = table.loc[table["median_days"].idxmax()]
        stage = label(slow["stage"], self.lang, table=table)
        key = "title" if table["median_days"].count() > 1 else "one"
        return self._say(f"time_in_stage.{key}", stage=stage, days=number(slow["median_days"]), count=stalled)

    def win_rates(self, table: pd.DataFrame) -> str:
        closed = table.set_index("rate").loc["closed"]
        if not closed["lost"]:
            return self._say("win_rates.none_lost", count=number(closed["won"]))
        if closed["opportunities"] < SURE:
            return self._say("win_rates.few", won=number(closed["won"]), count=number(closed["opportunities"]))
        ends = {"low": percent(closed["win_low"]), "high": percent(closed["win_high"])}
        rate, count = percent(closed["win_rate"]), number(closed["opportunities"])
        return self._say("win_rates.title", rate=rate, count=count, **ends)

    def evidenced_pipeline(self, table: pd.DataFrame) -> str:
        sums = {name: self._sum(table[f"{name}_weighted"].sum()) for name in ("claimed", "evidenced")}
        return self._say("evidenced_pipeline.title", **sums)

    def opportunity_inspection(self, table: pd.DataFrame) -> str:
        risks = table.drop_duplicates("opportunity_id")["amount_at_risk"]
        total = number(len(self.book.open_opportunities))
        counts = {"count": number(len(risks)), "total": total}
        if not risks.sum() > 0 or self.book.open_amount is None:
            return self._say("opportunity_inspection.unvalued", **counts)
        return self._say("opportunity_inspection.title", risk=self._sum(risks.sum()), **counts)

    def account_segments(self, table: pd.DataFrame) -> str:
        top = table[table["resources"] == "high"]
        opportunities = self.book.open_opportunities
        # What no account is known for is open too; what is below 0 takes no share from the others.
        total = table["open_amount"].clip(lower=0).sum() + max(
            0.0, opportunities.loc[opportunities["account_id"].isna(), "amount"].sum()
        )
        counts = {"count": number(len(top)), "all": number(len(table))}
        if not total > 0:
            return self._say(f"account_segments.{'no_pipeline' if opportunities.empty else 'count'}", **counts)
        share = top["open_amount"].clip(lower=0).sum() / total
        return self._say("account_segments.title", share=percent(share), **counts)

    def segment_changes(self, table: pd.DataFrame) -> str:
        moved = table.loc[table["changed"], "moved_by"].value_counts()
        counts = {key: number(moved.get(f"by_{key}", 0)) for key in ("ratings", "revenue", "both")}
        counts |= {"count": number(moved.sum()), "all": number(len(table))}
        return self._say("segment_changes.title", since=date(table.attrs["since"], self.lang), **counts)

    def whitespace_by_segment(self, table: pd.DataFrame) -> str:
        names = {"all": "accounts", "won": "won_accounts", "untouched": "untouched_accounts"}
        counts = {key: number(table[name].sum()) for key, name in names.items()}
        return self._say("whitespace_by_segment.title", **counts)

    def unworked_accounts(self, table: pd.DataFrame) -> str:
        return self._say("unworked_accounts.title", count=number(len(table)))


def title_and_notes(contents: Contents, page: ReviewPage, lang: str) -> tuple[str, str]:
    """What stands above a page, and the definitions below it."""
    titles = _Titles(contents, lang)
    return titles.of(page), titles.notes(page)
