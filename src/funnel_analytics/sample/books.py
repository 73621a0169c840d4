"""A simulated team as canonical tables and as a Book, without any file."""

from collections.abc import Sequence
from functools import lru_cache

import pandas as pd

from ..assembly import Parts, assemble
from ..book import Book
from ..methodology import load_methodology
from . import people
from .calls import call_table, canonical_calls
from .dialects import Dialect, dialect_of
from .evidence import evidence_table
from .ratings import rating_table
from .simulation import YEARS, Team, history_of, make_team, state_of

EXPORT_DATES = tuple(
    pd.Timestamp(day) for day in ("2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30", "2026-11-20")
)
"""Four quarterly workbooks and the newest weekly list."""
CURRENCY = "EUR"
_SELLERS = tuple(seller.name for seller in people.SELLERS)


def _names(names: Sequence[people.Name], indexes: pd.Series, turn: int) -> pd.Series:
    words = {index: name[turn] for index, name in enumerate(names)}
    return indexes.map(words).astype("str")


def stage_labels(frame: pd.DataFrame, dialect: Dialect) -> pd.Series:
    """What the CRM shows as stage: the stage's name, or "Closed Won" and "Closed Lost" where there is no stage."""
    named = {stage.key: stage.name[dialect.language] for stage in load_methodology().stages}
    return frame["stage"].map(named).astype("str").fillna(frame["outcome"].map(dialect.closed_stages).astype("str"))


def opportunity_table(team: Team, as_of: pd.Timestamp, dialect: Dialect) -> pd.DataFrame:
    """One export as `tables.SNAPSHOTS`, with the stage as far as the export shows it."""
    state, turn = state_of(team, as_of), dialect.turn
    account = _names(people.ACCOUNTS, state["account"], turn)
    is_open, is_lost = state["outcome"] == "open", state["outcome"] == "lost"
    teams = [people.TEAMS[seller.team][0] for seller in people.SELLERS]
    rows = pd.DataFrame(
        {
            "as_of": as_of,
            "opportunity_id": state["opportunity_id"],
            "opportunity_name": account + dialect.joint + _names(people.PROJECTS, state["project"], turn),
            "account_id": state["account"].map(team.accounts["account_id"]),
            "account_name": account,
            "owner": _names(_SELLERS, state["owner"], turn),
            "team": _names(teams, state["owner"], turn),
            "region": _names(people.REGIONS, state["region"], turn),
            "product": _names(people.PRODUCTS, state["product"], turn),
            "opportunity_type": _names(people.TYPES, state["type"], turn),
            "lead_source": _names(people.SOURCES, state["source"], turn),
            # A closing takes the stage's place, until delivery begins; what was lost keeps no stage.
            "stage": state["stage"].where(is_open | (state["stage"] == "Deploy")),
            "outcome": state["outcome"],
            "amount": state["amount"],
            "amount_original": state["amount"],
            "currency": CURRENCY,
            "probability": state["probability"],
            "forecast_category": state["forecast_category"],
            "created_date": state["created_date"],
            "close_date": state["close_date"],
            "stage_entered_date": state["stage_entered_date"],
            "last_activity_date": state["last_activity_date"],
            "next_step": _names(people.NEXT_STEPS, state["next_step"], turn).where(is_open),
            "loss_reason": _names(people.LOSS_REASONS, state["loss_reason"], turn).where(is_lost),
        }
    )
    rows["stage_label"] = stage_labels(rows, dialect)
    return rows


def account_table(team: Team, dialect: Dialect) -> pd.DataFrame:
    """`tables.ACCOUNTS`."""
    frame, turn = team.accounts, dialect.turn
    return pd.DataFrame(
        {
            "account_id": frame["account_id"],
            "account_name": _names(people.ACCOUNTS, frame["account"], turn),
            "owner": _names(_SELLERS, frame["owner"], turn),
            "region": _names(people.REGIONS, frame["region"], turn),
            "industry": _names(people.INDUSTRIES, frame["industry"], turn),
            "country": _names(people.COUNTRIES, frame["country"], turn),
            "parent_account": frame["parent"].map(frame["account_id"]).astype("str"),
            "current_revenue": frame[[f"revenue_{year}" for year in YEARS]].mean(axis=1),
            "revenue_rule": "mean_of_years",
        }
    )


def owner_table(team: Team, dialect: Dialect) -> pd.DataFrame:
    """Sellers with manager, team and region."""
    rows = []
    for seller in people.SELLERS[: team.scenario.sellers]:
        team_name, manager = people.TEAMS[seller.team]
        rows.append([words[dialect.turn] for words in (seller.name, manager, team_name, people.REGIONS[seller.region])])
    return pd.DataFrame(rows, columns=["owner", "manager", "team", "region"])


def history_table(team: Team, dialect: Dialect) -> pd.DataFrame:
    """`tables.HISTORY`."""
    history = history_of(team)
    return history.assign(
        stage_label=stage_labels(history, dialect), owner=_names(_SELLERS, history["owner"], dialect.turn)
    )


def quota_table(team: Team, dialect: Dialect) -> pd.DataFrame:
    """`tables.QUOTAS`."""
    return team.quotas.assign(owner=_names(_SELLERS, team.quotas["owner"], dialect.turn))


def team_book(team: Team, export_dates: Sequence[pd.Timestamp] = EXPORT_DATES, lang: str = "en") -> Book:
    """A simulated team as a book: what its exports of some dates, read together, would give.

    Parameters
    ----------
    team
        From `make_team`.
    export_dates
        Dates of the exports; "now" is the last of them.
    lang
        ``"en"`` or ``"zh-Hans"``: the language of names and labels.
    """
    dialect = dialect_of(lang)
    snapshots = pd.concat([opportunity_table(team, day, dialect) for day in export_dates], ignore_index=True)
    parts = Parts(
        snapshots=snapshots,
        accounts=account_table(team, dialect),
        owners=owner_table(team, dialect),
        ratings=pd.concat([team.ratings, rating_table(team, dialect)], ignore_index=True),
        history=history_table(team, dialect),
        quotas=quota_table(team, dialect),
        evidence=evidence_table(team, export_dates[-1], dialect),
        calls=canonical_calls(call_table(team, export_dates[-1], dialect)),
    )
    return assemble(parts)


@lru_cache
def load_sample(lang: str = "en") -> Book:
    """The sample team as a book, as `read_exports` gives it from ``data/sample``, without reading a file.

    Parameters
    ----------
    lang
        ``"en"`` or ``"zh-Hans"``: the language of names and labels.

    Returns
    -------
    Book
        Four quarterly exports and one of 2026-11-20, a stage history, 45 accounts with ratings (some given twice), quotas,
        calls, evidence. The same object on every call: books are frozen.

    Raises
    ------
    ArgumentError
        If there is no sample in that language.

    Examples
    --------
    >>> book = load_sample()
    >>> len(book.export_dates), book.currency
    (5, 'EUR')
    """
    return team_book(make_team(), lang=lang)
