"""A computed review in words: titles that carry their numbers, tiles, and the sentences of the last page."""

from dataclasses import dataclass

import pandas as pd

from ..book import Book
from ..messages import in_language
from ..periods import Period
from ..reasons import inspected
from ..words import date, label, money, number, percent, word, word_keys
from .contents import Contents, ReviewPage
from .outline import OutlinePage

_SURE = 20
"""With fewer decided opportunities a rate is not worth a title."""
_FILES = 12


@dataclass(frozen=True)
class Shown:
    """One page: its table, what is listed of it, the sentence at its top and the definitions behind it."""

    outline: OutlinePage
    table: pd.DataFrame
    listed: pd.DataFrame
    """The table itself, or, where its rows are findings, one row per opportunity with the reasons in words."""
    title: str
    notes: str

    @property
    def key(self) -> str:
        """The page's key."""
        return self.outline.key

    @property
    def columns(self) -> list[str]:
        """The outline's columns that hold anything; the id stands in for names that the export lacks."""
        listed = []
        for name in self.outline.columns:
            ident = name.replace("_name", "_id")
            if len(self.listed) == 0 or self.listed[name].notna().any():
                listed.append(name)
            elif ident != name and ident in self.listed:
                listed.append(ident)
        return listed


@dataclass(frozen=True)
class Wording:
    """What the deck, the workbook and the page say, in one language."""

    book: Book
    period: Period
    lang: str
    pages: tuple[Shown, ...]
    left_out: tuple[tuple[str, str], ...]
    tiles: tuple[tuple[str, str], ...]
    title: str
    subtitle: str
    sources: tuple[str, ...]


def half_of_expected(table: pd.DataFrame) -> int:
    """How many of the largest opportunities carry half of the expected amount."""
    expected = table["expected"].sort_values(ascending=False)
    return int((expected.cumsum() < expected.sum() / 2).sum()) + 1 if expected.sum() > 0 else 0


class _Titles:
    """The answer of each page in one sentence."""

    def __init__(self, book: Book, period: Period, lang: str) -> None:
        self.book, self.period, self.lang = book, period, lang

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
        return notes

    def outlook(self, table: pd.DataFrame) -> str:
        total = table.set_index("component").loc["total"]
        if self.period.end <= self.book.as_of:
            return self._say("outlook.over", period=self.period.label, mean=self._sum(total["mean"]))
        parts = {"mean": self._sum(total["mean"]), "low": self._sum(total["p10"]), "high": self._sum(total["p90"])}
        return self._say("outlook.title", period=self.period.label, **parts)

    def weighted_forecast(self, table: pd.DataFrame) -> str:
        due = table.loc[table["period"] == self.period.label, "amount"].sum()
        total = self._sum(table["amount"].sum())
        return self._say("weighted_forecast.title", total=total, due=self._sum(due), period=self.period.label)

    def top_opportunities(self, table: pd.DataFrame) -> str:
        return self._say("top_opportunities.title", count=number(half_of_expected(table)), total=number(len(table)))

    def pipeline_changes(self, table: pd.DataFrame) -> str:
        amounts = table.set_index("cause")["amount"]
        parts = {name: self._sum(abs(amounts[name])) for name in ("opening", "closing", "new", "won", "lost")}
        return self._say("pipeline_changes.title", since=date(table.attrs["since"], self.lang), **parts)

    def stage_conversion(self, table: pd.DataFrame) -> str:
        decided = table[(table["advanced"] + table["lost"]) >= _SURE]
        if decided.empty:
            return self._say("stage_conversion.few", count=number(table["entered"].max()))
        if not decided["lost"].any():
            return self._say("stage_conversion.none_lost")
        worst = decided.loc[decided["advance_rate"].idxmin()]
        stage = label(worst["stage"], self.lang, table=table)
        return self._say("stage_conversion.title", stage=stage, rate=percent(worst["advance_rate"]))

    def time_in_stage(self, table: pd.DataFrame) -> str:
        stalled = number(table["stalled_opportunities"].sum())
        if table["median_days"].isna().all():
            return self._say("time_in_stage.few", count=stalled)
        slow = table.loc[table["median_days"].idxmax()]
        stage = label(slow["stage"], self.lang, table=table)
        return self._say("time_in_stage.title", stage=stage, days=number(slow["median_days"]), count=stalled)

    def win_rates(self, table: pd.DataFrame) -> str:
        closed = table.set_index("rate").loc["closed"]
        if closed["opportunities"] < _SURE:
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
        if risks.isna().all() or self.book.open_amount is None:
            return self._say("opportunity_inspection.unvalued", **counts)
        return self._say("opportunity_inspection.title", risk=self._sum(risks.sum()), **counts)

    def account_segments(self, table: pd.DataFrame) -> str:
        top = table[table["segment"].isin(["A+", "A"])]
        total = table["open_amount"].sum()
        share = percent(top["open_amount"].sum() / total) if total > 0 else percent(None)
        return self._say("account_segments.title", count=number(len(top)), all=number(len(table)), share=share)

    def unworked_accounts(self, table: pd.DataFrame) -> str:
        return self._say("unworked_accounts.title", count=number(len(table)))


def _tiles(contents: Contents, lang: str) -> tuple[tuple[str, str], ...]:
    book = contents.book
    rows = book.open_opportunities
    tiles = [
        (word("reviews.tile_open", lang), number(len(rows))),
        (word("reviews.tile_pipeline", lang), money(book.open_amount, book.currency, lang)),
    ]
    outlook = contents.table("outlook")
    if outlook is not None:
        parts = outlook.set_index("component")
        total = parts.loc["total"]
        tiles += [
            (word("reviews.tile_won", lang), money(parts.loc["won", "mean"], book.currency, lang)),
            (word("reviews.tile_expected", lang), money(total["mean"], book.currency, lang)),
            (
                word("reviews.tile_range", lang),
                f"{money(total['p10'], None, lang)} – {money(total['p90'], None, lang)}",
            ),
        ]
        if pd.notna(total["quota"]):
            tiles.append(
                (word("reviews.tile_quota", lang), f"{money(total['quota'], None, lang)} · {percent(total['p_quota'])}")
            )
    return tuple(tiles)


def _sources(contents: Contents, lang: str) -> tuple[str, ...]:
    book = contents.book
    receipt, issues = book.receipt, book.issues
    used = receipt[receipt["table"] != "ignored"]
    lines = []
    for row in used.head(_FILES).itertuples():
        kept = {"rows_in": number(row.rows_in), "kept": number(row.rows_kept), "aside": number(row.rows_set_aside)}
        lines.append(word("reviews.source_line", lang, name=row.file, table=label(row.table, lang), **kept))
    if len(used) > _FILES:
        lines.append(word("reviews.more", lang, count=len(used) - _FILES))
    kinds = issues["kind"].value_counts()
    listed = ", ".join(f"{label(kind, lang)} {number(count)}" for kind, count in kinds.items())
    lines.append(word("reviews.issues_line", lang, issues=listed or word("reviews.no_issues", lang)))
    if len(book.vanished):
        lines.append(word("reviews.vanished_line", lang, count=number(len(book.vanished))))
    lines.append(word("reviews.made_by", lang, version=contents.version, methodology=book.methodology.key))
    return tuple(lines)


def _listed(page: ReviewPage, lang: str) -> pd.DataFrame:
    return inspected(page.table, lang) if page.outline.table == "opportunity_inspection" else page.table


def wording(contents: Contents, lang: str) -> Wording:
    """A computed review in words.

    Parameters
    ----------
    contents
        The computed review.
    lang
        Language code.
    """
    book, period = contents.book, contents.book.period(contents.period)
    titles = _Titles(book, period, lang)
    pages = tuple(
        Shown(page.outline, page.table, _listed(page, lang), titles.of(page), titles.notes(page))
        for page in contents.pages
    )
    keys = set(word_keys(lang))
    reasons = {"none": word("reviews.no_rows", lang)}
    left_out = tuple(
        (
            word(f"reviews.{page.key}.name", lang),
            reasons.get(page.reason)
            or (label(page.reason, lang) if f"values.{page.reason}" in keys else in_language(page.reason, lang)),
        )
        for page in contents.left_out
    )
    subtitle = word(
        "reviews.subtitle", lang, period=period.label, as_of=date(book.as_of, lang), currency=book.currency or "–"
    )
    title = word("reviews.title", lang, name=contents.outline.name[lang], period=period.label)
    return Wording(
        book, period, lang, pages, left_out, _tiles(contents, lang), title, subtitle, _sources(contents, lang)
    )
