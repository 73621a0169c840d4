"""A computed review in words: titles, tiles, and the sentences of the last page."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pandas as pd

from .. import tables
from ..book import Book
from ..hygiene import hide_untold_rates
from ..messages import in_language
from ..periods import Period
from ..reasons import inspected
from ..words import date, label, money, number, percent, word, word_keys
from .contents import Contents, ReviewPage
from .links import links
from .outline import BUILT_IN, OutlinePage
from .titles import title_and_notes

_FILES = 12


@dataclass(frozen=True)
class Shown:
    """One page: its table, what is listed of it, the sentence at its top and the definitions behind it."""

    outline: OutlinePage
    table: pd.DataFrame
    listed: pd.DataFrame
    """The table itself; findings as one row per opportunity with the reasons in words; only accounts that moved; the
    newest period first."""
    title: str
    notes: str
    links: Mapping[str, pd.Series]
    """Column of names → the page of each row's record in the CRM; missing where none is known."""

    @property
    def key(self) -> str:
        """The page's key."""
        return self.outline.key

    @property
    def telling(self) -> pd.DataFrame:
        """What is listed, without periods, causes and stages beside the method's in which there is nothing; only the
        workbook has these.
        """
        table, name = self.listed, self.outline.table
        if name == "weighted_forecast":
            return table[table["opportunities"] > 0]
        if name == "pipeline_changes":
            ends = table["cause"].isin(["opening", "closing"])
            return table[ends | (table["opportunities"] > 0)].reset_index(drop=True)
        if name == "evidenced_pipeline":
            some = table[["claimed_opportunities", "evidenced_opportunities", "validated_opportunities"]].any(axis=1)
            return table[some | ~table["stage"].isin(["not_evidenced", "unknown"])]
        return table

    @property
    def columns(self) -> list[str]:
        """The outline's columns that hold anything; ids and accounts stand in for names that the export lacks."""
        listed: list[str] = []
        for name in self.outline.columns:
            ident = name.replace("_name", "_id")
            if self._tells(name):
                listed.append(name)
            elif ident != name and ident in self.listed:
                listed.append(ident)
                # A number alone reminds nobody of the opportunity.
                listed += ["account_name"] if name == "opportunity_name" and self._tells("account_name") else []
        return list(dict.fromkeys(listed))

    def _tells(self, name: str) -> bool:
        return name in self.listed and (len(self.listed) == 0 or bool(self.listed[name].notna().any()))


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
    template: Path | None = None
    """The team's template of a deck."""


def _tiles(contents: Contents, lang: str) -> tuple[tuple[str, str], ...]:
    book = contents.book
    rows = book.open_opportunities
    tiles = [
        (word("reviews.tile_open", lang), number(len(rows))),
        (word("reviews.tile_pipeline", lang), money(book.open_amount, book.currency, lang)),
    ]
    outlook = contents.table("outlook")
    if outlook is not None:
        tiles += _outlook_tiles(outlook, book.currency, lang, over=book.period(contents.period).end <= book.as_of)
    return tuple(tiles)


def _outlook_tiles(outlook: pd.DataFrame, currency: str | None, lang: str, *, over: bool) -> list[tuple[str, str]]:
    """Won, expected, its range and the quota; of a period that is over nothing is expected, and no chance is left."""
    parts = outlook.set_index("component")
    total = parts.loc["total"]
    tiles = [(word("reviews.tile_won", lang), money(parts.loc["won", "mean"], currency, lang))]
    quota = money(total["quota"], None, lang)
    if over:
        return [*tiles, *([(word("tables.quota", lang), quota)] if total["quota"] > 0 else [])]
    tiles.append((word("reviews.tile_expected", lang), money(total["mean"], currency, lang)))
    low, high = (money(total[name], None, lang) for name in ("p10", "p90"))
    if low != high:
        tiles.append((word("reviews.tile_range", lang), f"{low} – {high}"))
    if total["quota"] > 0:
        tiles.append((word("reviews.tile_quota", lang), f"{quota} · {percent(total['p_quota'])}"))
    return tiles


def _command(contents: Contents, lang: str, template: Path | None) -> str:
    """The command that makes the same files again, without the places of this machine."""
    outline = contents.outline.key
    given = f"funnel-analytics review EXPORTS -o DIR --period {contents.period} --lang {lang}"
    given += f" --outline {outline if outline in BUILT_IN else f'{outline}.toml'}"
    return given if template is None else f"{given} --template {template.name}"


def _sources(contents: Contents, lang: str, template: Path | None) -> tuple[str, ...]:
    book = contents.book
    receipt, issues = book.receipt, book.issues
    used = receipt[receipt["table"] != "ignored"]
    lines = []
    for row in used.head(_FILES).itertuples():
        kept = {"rows_in": number(row.rows_in), "kept": number(row.rows_kept), "aside": number(row.rows_set_aside)}
        lines.append(word("reviews.source_line", lang, name=row.file, table=label(row.table, lang), **kept))
    if len(used) > _FILES:
        lines.append(word("reviews.more", lang, count=number(len(used) - _FILES)))
    kinds = issues["kind"].value_counts()
    listed = word("book.between", lang).join(f"{label(kind, lang)} {number(count)}" for kind, count in kinds.items())
    lines.append(word("reviews.issues_line", lang, issues=listed or word("reviews.no_issues", lang)))
    if len(book.vanished):
        lines.append(word("reviews.vanished_line", lang, count=number(len(book.vanished))))
    versions = {"version": contents.version, "python": platform.python_version()}
    versions |= {name: metadata.version(name) for name in ("numpy", "pandas")}
    lines.append(word("reviews.made_by", lang, methodology=book.methodology.name[lang], **versions))
    lines.append(word("reviews.command_line", lang, command=_command(contents, lang, template)))
    return tuple(lines)


def _told(page: ReviewPage) -> pd.DataFrame:
    has_untold = page.outline.table in (tables.STAGE_CONVERSION.name, tables.WIN_RATES.name)
    return hide_untold_rates(page.table) if has_untold else page.table


def _listed(page: ReviewPage, lang: str) -> pd.DataFrame:
    table, name = _told(page), page.outline.table
    if name == "opportunity_inspection":
        return inspected(table, lang)
    if name == "segment_changes":
        # Accounts that stayed are on the page of the segments.
        return table[table["changed"]]
    if name == "quota_pacing":
        # What a reader looks for is how the newest period stands.
        return table.sort_values("period", ascending=False, kind="stable")
    return table


def wording(contents: Contents, lang: str, *, template: Path | None = None) -> Wording:
    """A computed review in words.

    Parameters
    ----------
    contents
        The computed review.
    lang
        Language code.
    template
        The team's template of a deck, to be named in the command that makes it again.
    """
    book, period = contents.book, contents.book.period(contents.period)
    pages = tuple(
        Shown(page.outline, _told(page), listed, *title_and_notes(contents, page, lang), links(book, listed))
        for page, listed in ((page, _listed(page, lang)) for page in contents.pages)
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
    currency = book.currency or word("reviews.no_currency", lang)
    subtitle = word("reviews.subtitle", lang, period=period.label, as_of=date(book.as_of, lang), currency=currency)
    title = word("reviews.title", lang, name=contents.outline.name[lang], period=period.label)
    return Wording(
        book, period, lang, pages, left_out, _tiles(contents, lang), title, subtitle,
        _sources(contents, lang, template), template,
    )  # fmt: skip
