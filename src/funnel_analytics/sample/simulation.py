"""The invented team at work: opportunities created, moved, slipped, won and lost, day by day.

What an export shows on a date depends only on what had happened by then, so that looking back is honest.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..methodology import load_methodology
from . import people

START, END = pd.Timestamp("2024-01-02"), pd.Timestamp("2026-11-20")
STAGES = ("Discover", "Qualify", "Develop", "Solution", "Proof", "Close")


@dataclass(frozen=True)
class Scenario:
    """How a team behaves; the default is a decent team with the usual sins."""

    opportunities: int = 640
    advance: tuple[float, ...] = (0.80, 0.74, 0.78, 0.80, 0.82, 0.88)
    """Chance of a move forward (else lost) when a stage is left, by stage."""
    stage_days: tuple[float, ...] = (24, 32, 38, 40, 36, 28)
    """Mean days in each stage."""
    skip: float = 0.06
    regress: float = 0.05
    slip: float = 0.75
    """Chance that a passed close date is moved rather than left overdue, per look at the pipeline."""
    optimism_days: float = 0.7
    """Sellers expect to need this share of the time that opportunities really take."""
    median_amount: float = 180_000.0
    amount_sigma: float = 0.85
    reopen: float = 0.02


@dataclass(frozen=True)
class Team:
    """The simulated truth; texts are indexes into `people`, so that every language tells the same story."""

    opportunities: pd.DataFrame
    """One row per opportunity: id, account, owner, product, project, type, source, created_date, deleted_on."""
    events: pd.DataFrame
    """One row per change: opportunity_id, changed_at, stage, outcome, amount, close_date; missing = unchanged."""
    accounts: pd.DataFrame
    ratings: pd.DataFrame
    quotas: pd.DataFrame


def _month_end(day: pd.Timestamp) -> pd.Timestamp:
    return day + pd.offsets.MonthEnd(0)


def _expected_close(day: pd.Timestamp, days: float, rng: np.random.Generator) -> pd.Timestamp:
    """A seller's guess: often the end of a quarter, often the end of a month."""
    guess = day + pd.Timedelta(days=max(7, int(days)))
    kind = rng.random()
    if kind < 0.35:
        return guess + pd.offsets.QuarterEnd(0)
    return _month_end(guess) if kind < 0.65 else guess


def _life(
    created: pd.Timestamp, quality: float, amount: float, scenario: Scenario, rng: np.random.Generator
) -> list[tuple]:
    """One opportunity's changes in order of time."""
    step, day, value = int(rng.random() < 0.12), created, amount
    remaining = sum(scenario.stage_days[step:])
    close = _expected_close(day, remaining * scenario.optimism_days, rng)
    # Early amounts are often a placeholder until the size is known.
    placeholder = rng.random() < 0.08
    changes = [(day, STAGES[step], None, 1.0 if placeholder else value, close)]
    while True:
        stay = (
            rng.gamma(1.6, scenario.stage_days[step] / 1.6)
            * (1.35 if quality < 0 else 0.95)
            * (1.25 if value > 900_000 else 1.0)
        )
        leave = day + pd.Timedelta(days=int(stay) + 1)
        while close < leave and close <= END:
            # The close date passed while the deal stood still: moved at the next look, or left overdue.
            if rng.random() > scenario.slip:
                break
            moved = max(close, day) + pd.Timedelta(days=int(rng.integers(1, 12)))
            close = _expected_close(moved, rng.uniform(20, 75), rng)
            if moved < leave:
                changes.append((moved, None, None, None, close))
        day = leave
        chance = float(np.clip(scenario.advance[step] + quality, 0.05, 0.98))
        draw = rng.random()
        if step > 0 and draw < scenario.regress:
            step -= 1
        elif rng.random() < chance:
            step += 2 if rng.random() < scenario.skip and step < 4 else 1
        elif rng.random() < scenario.reopen:
            changes.append((day, None, "lost", None, None))
            day += pd.Timedelta(days=int(rng.integers(20, 60)))
        else:
            changes.append((day, None, "lost", None, None))
            return changes
        if rng.random() < 0.25 or placeholder:
            value = float(np.round(value * rng.lognormal(0.0, 0.2), -3))
            placeholder = False
        if step >= len(STAGES):
            changes.append((day, "Deploy", "won", value, None))
            return changes
        changes.append((day, STAGES[step], None, value, close))


def _accounts(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Accounts with revenue and ratings; and how often each brings an opportunity."""
    count = len(people.ACCOUNTS)
    potential = rng.uniform(0.1, 0.95, count)
    revenue = np.where(rng.random(count) < 0.2, 0.0, rng.lognormal(12.9, 1.0, count))
    frame = pd.DataFrame({"account": np.arange(count), "account_id": [f"ACC-{1001 + k}" for k in range(count)]})
    frame["industry"] = [people.account_industry(k) for k in range(count)]
    frame["owner"] = np.arange(count) % len(people.SELLERS)
    frame["country"] = rng.integers(0, len(people.COUNTRIES), count)
    frame["parent"] = np.where((np.arange(count) % 15 == 14), np.arange(count) - 14, -1)
    for turn, year in enumerate((2023, 2024, 2025)):
        frame[f"revenue_{year}"] = np.round(revenue * rng.lognormal(0.06 * turn, 0.15, count), -3)
    criteria = load_methodology().criteria
    rows = []
    for account in range(count):
        if account % 11 == 7:
            continue
        for criterion in criteria:
            if rng.random() < 0.07:
                continue
            rating = int(np.clip(np.round(1 + 4 * potential[account] + rng.normal(0, 0.8)), 1, 5))
            rows.append((frame.loc[account, "account_id"], criterion.key, float(rating)))
    ratings = pd.DataFrame(rows, columns=["account_id", "criterion", "rating"])
    weight = 0.25 + potential + revenue / revenue.max()
    return frame, ratings, weight / weight.sum()


def _quotas(events: pd.DataFrame, owner_of: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Quarterly quotas: last year's wins of each seller, smoothed, and a stretch on top."""
    won = events[events["outcome"] == "won"].assign(owner=lambda rows: rows["opportunity_id"].map(owner_of))
    yearly = won[won["changed_at"] < "2026-01-01"].groupby("owner")["amount"].sum() / 8
    rows = []
    for owner in range(len(people.SELLERS)):
        base = 0.5 * yearly.get(owner, 0.0) + 0.5 * yearly.mean()
        for period in ("2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4"):
            rows.append((owner, period, float(np.round(base * rng.uniform(1.05, 1.2), -4))))
    return pd.DataFrame(rows, columns=["owner", "period", "quota"])


def make_team(seed: int = 2026, scenario: Scenario | None = None) -> Team:
    """Simulate the team.

    Parameters
    ----------
    seed
        Same seed, same team.
    scenario
        How it behaves; None means the default.

    Returns
    -------
    Team

    Examples
    --------
    >>> team = make_team()
    >>> len(team.accounts), team.events["changed_at"].max() <= END
    (45, True)
    """
    scenario = scenario or Scenario()
    rng = np.random.default_rng(seed)
    accounts, ratings, weight = _accounts(rng)
    span = (END - START).days
    facts, changes = [], []
    created_days = np.sort(rng.integers(0, span, scenario.opportunities))
    for index, offset in enumerate(created_days):
        opportunity_id = f"OPP-{10001 + index}"
        account = int(rng.choice(len(weight), p=weight))
        owner = (
            int(accounts.loc[account, "owner"]) if rng.random() < 0.85 else int(rng.integers(0, len(people.SELLERS)))
        )
        created = START + pd.Timedelta(days=int(offset))
        amount = float(np.round(rng.lognormal(np.log(scenario.median_amount), scenario.amount_sigma), -3))
        quality = float(rng.normal(0, 0.09))
        traits = [
            int(rng.integers(0, len(names)))
            for names in (people.PRODUCTS, people.PROJECTS, people.TYPES, people.SOURCES, people.NEXT_STEPS)
        ]
        facts.append((opportunity_id, account, owner, *traits, created))
        changes += [(opportunity_id, *change) for change in _life(created, quality, amount, scenario, rng)]
    events = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date"])
    events = events[events["changed_at"] <= END].reset_index(drop=True)
    opportunities = pd.DataFrame(
        facts,
        columns=[
            "opportunity_id",
            "account",
            "owner",
            "product",
            "project",
            "type",
            "source",
            "next_step",
            "created_date",
        ],
    )
    # Two records were merged away in the CRM: open in one export, gone in the next.
    open_late = events[events["changed_at"] > "2026-05-01"].drop_duplicates("opportunity_id", keep="last")
    merged = open_late.loc[
        open_late["outcome"].isna() & (open_late["changed_at"] < "2026-09-01"), "opportunity_id"
    ].head(2)
    opportunities["deleted_on"] = pd.Timestamp("2026-10-15")
    opportunities["deleted_on"] = opportunities["deleted_on"].where(opportunities["opportunity_id"].isin(merged))
    quotas = _quotas(events, opportunities.set_index("opportunity_id")["owner"], rng)
    return Team(opportunities, events, accounts, ratings, quotas)


def state_of(team: Team, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the CRM shows of every opportunity on a date, one row each, still as indexes.

    Columns are those of ``team.opportunities`` and stage, outcome, amount, close_date, stage_entered_date,
    last_activity_date, probability (0–1) and forecast_category.
    """
    known = team.events[team.events["changed_at"] <= as_of]
    groups = known.groupby("opportunity_id")
    state = groups[["stage", "amount", "close_date"]].last()
    state["last_activity_date"] = groups["changed_at"].max()
    closed = known[known["outcome"].notna()].groupby("opportunity_id")["changed_at"].last()
    moved = known[known["stage"].notna()].groupby("opportunity_id")["changed_at"].last()
    last_outcome = known[known["stage"].notna() | known["outcome"].notna()].drop_duplicates(
        "opportunity_id", keep="last"
    )
    state["outcome"] = last_outcome.set_index("opportunity_id")["outcome"].fillna("open")
    is_open = state["outcome"] == "open"
    state["stage_entered_date"] = moved.where(is_open)
    state["close_date"] = state["close_date"].where(is_open, closed)
    rows = team.opportunities.merge(state.reset_index(), on="opportunity_id")
    rows = rows[~(rows["deleted_on"] <= as_of)].reset_index(drop=True)
    return _judged(rows)


def _judged(rows: pd.DataFrame) -> pd.DataFrame:
    """The seller's own probability and forecast category, and amounts that were never filled in."""
    nominal = load_methodology().nominal(rows["stage"])
    optimism = rows["owner"].map({index: seller[3] for index, seller in enumerate(people.SELLERS)})
    felt = np.clip(np.round((nominal + optimism) * 20) / 20, 0.05, 0.95)
    rows["probability"] = np.select([rows["outcome"] == "won", rows["outcome"] == "lost"], [1.0, 0.0], felt)
    number = rows["opportunity_id"].str[-3:].astype("int64")
    category = np.select([rows["stage"] == "Close", rows["stage"] == "Proof"], ["commit", "best_case"], "pipeline")
    category = np.where((number % 29 == 3) & (rows["outcome"] == "open"), "omitted", category)
    category = np.where(rows["outcome"] == "won", "closed", np.where(rows["outcome"] == "lost", "omitted", category))
    rows["forecast_category"] = category
    early = rows["stage"].isin(["Discover", "Qualify"])
    rows["amount"] = rows["amount"].where(~((rows["outcome"] == "lost") & early & (number % 4 == 0)), np.nan)
    return rows
