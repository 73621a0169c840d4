"""The invented team at work: its accounts, its opportunities and everything that happened to them, day by day.

What an export shows on a date depends only on what had happened by then, so that looking back is honest.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..methodology import load_methodology
from ..periods import period_labels
from . import people
from .lives import Opportunity, live
from .scenario import Scenario

YEARS = (2023, 2024, 2025)
"""Years whose revenue the accounts table states."""
_QUIET_MONTHS = {8: 0.6, 12: 0.55}
_FACTS = ("product", "project", "type", "source", "next_step", "loss_reason")
_NAMES = (people.PRODUCTS, people.PROJECTS, people.TYPES, people.SOURCES, people.NEXT_STEPS, people.LOSS_REASONS)


@dataclass(frozen=True)
class Team:
    """The simulated truth; texts are indexes into `people`, so that every language tells the same story."""

    scenario: Scenario
    opportunities: pd.DataFrame
    """One row per opportunity: opportunity_id, account, region, product, project, type, source, next_step,
    loss_reason, created_date, deleted_on."""
    events: pd.DataFrame
    """One row per change, in order: opportunity_id, changed_at, stage, outcome, amount, close_date, owner; missing
    means unchanged. A closing has an outcome and no stage."""
    accounts: pd.DataFrame
    """One row per account: account, account_id, industry, owner, region, country, parent, revenue of `YEARS`."""
    ratings: pd.DataFrame
    """`tables.RATINGS`."""
    quotas: pd.DataFrame
    """One row per seller and quarter: owner, period, quota."""

    @property
    def end(self) -> pd.Timestamp:
        """The last day that was simulated."""
        return pd.Timestamp(self.scenario.end)


def _accounts(scenario: Scenario, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    """Accounts with revenue, and each one's true potential (0–1)."""
    count = len(people.ACCOUNTS)
    numbers = np.arange(count)
    potential = rng.uniform(0.05, 0.95, count)
    revenue = np.where(rng.random(count) < 0.2, 0.0, rng.lognormal(12.7, 1.0, count))
    frame = pd.DataFrame({"account": numbers, "account_id": [f"ACC-{1001 + k}" for k in numbers]})
    frame["industry"] = [people.account_industry(k) for k in range(count)]
    frame["owner"] = numbers % scenario.sellers
    frame["region"] = [people.SELLERS[owner].region for owner in frame["owner"]]
    frame["country"] = rng.integers(0, len(people.COUNTRIES), count)
    frame["parent"] = np.where(numbers % 15 == 14, numbers - 14, -1)
    for turn, year in enumerate(YEARS):
        frame[f"revenue_{year}"] = np.round(revenue * rng.lognormal(0.06 * turn, 0.15, count), -3)
    return frame, potential


def _ratings(accounts: pd.DataFrame, potential: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Ratings that follow the potential with a person's error; some are blank, some accounts are not rated."""
    rows = []
    for account, account_id in zip(accounts["account"], accounts["account_id"], strict=True):
        for criterion in load_methodology().criteria:
            rating = np.clip(np.round(1 + 4 * potential[account] + rng.normal(0, 0.8)), 1, 5)
            if account % 11 != 7 and rng.random() > 0.07:
                rows.append((account_id, criterion.key, float(rating)))
    frame = pd.DataFrame(rows, columns=["account_id", "criterion", "rating"])
    # A large customer that everybody believes to know: nobody has assessed it.
    forgotten = accounts.nlargest(3, f"revenue_{YEARS[-1]}")["account_id"].iloc[-1]
    return frame[frame["account_id"] != forgotten].reset_index(drop=True)


def _created_days(scenario: Scenario, rng: np.random.Generator) -> np.ndarray:
    """Days of creation: workdays, fewer in summer and before the new year, more every year."""
    days = pd.bdate_range(scenario.start, scenario.end)
    years = (days - days[0]).days.to_numpy() / 365.25
    weight = (1 + scenario.growth) ** years * np.array([_QUIET_MONTHS.get(month, 1.0) for month in days.month])
    chosen = rng.choice(len(days), scenario.opportunities, p=weight / weight.sum())
    return np.sort(days.to_numpy().astype("datetime64[D]").astype("int64")[chosen])


def _opportunity(
    day: int, owner: int, kind: int, potential: float, scenario: Scenario, rng: np.random.Generator
) -> Opportunity:
    seller = people.SELLERS[owner]
    size = rng.lognormal(np.log(scenario.median_amount), scenario.amount_sigma)
    size *= scenario.whale_factor if rng.random() < scenario.whales else 1.0
    return Opportunity(
        created=day,
        amount=float(np.round(np.clip(size, 10_000.0, scenario.largest * scenario.median_amount), -3)),
        lift=seller.skill + people.TYPE_LIFT[kind] + 0.10 * (potential - 0.5) + float(rng.normal(0, 0.05)),
        haste=float(np.clip(1.0 - scenario.optimism * (0.25 + seller.optimism), 0.2, 1.3)),
        update_days=seller.update_days,
        pace=people.TYPE_PACE[kind] * float(rng.lognormal(0.0, 0.2)),
    )


def _lives(
    accounts: pd.DataFrame, potential: np.ndarray, scenario: Scenario, rng: np.random.Generator
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Facts of every opportunity and its changes."""
    revenue = accounts[f"revenue_{YEARS[-1]}"].to_numpy()
    weight = 0.25 + potential + revenue / max(revenue.max(), 1.0)
    owners = accounts["owner"].to_numpy()
    shock = np.inf if scenario.shock_on is None else float(np.datetime64(scenario.shock_on, "D").astype("int64"))
    facts: list[tuple[object, ...]] = []
    changes: list[tuple[object, ...]] = []
    # Each life has its own chance, so that another scenario changes a life only where it differs.
    chances = rng.spawn(scenario.opportunities)
    for number, (day, chance) in enumerate(zip(_created_days(scenario, rng), chances, strict=True)):
        opportunity_id = f"OPP-{10001 + number}"
        account = int(rng.choice(len(weight), p=weight / weight.sum()))
        owner = int(owners[account]) if rng.random() < 0.85 else int(rng.integers(0, scenario.sellers))
        traits = [int(rng.integers(0, len(names))) for names in _NAMES]
        facts.append((opportunity_id, account, *traits, day))
        kind = traits[_FACTS.index("type")]
        story = live(_opportunity(int(day), owner, kind, potential[account], scenario, chance), scenario, shock, chance)
        changes += [(opportunity_id, *change, owner if turn == 0 else None) for turn, change in enumerate(story)]
    return facts, changes


def _dates(days: pd.Series) -> pd.Series:
    return pd.to_datetime(days.astype("float64"), unit="D").astype("datetime64[us]")


def _events(changes: list[tuple[object, ...]], end: pd.Timestamp) -> pd.DataFrame:
    columns = ["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date", "owner"]
    events = pd.DataFrame(changes, columns=columns)
    for name in ("changed_at", "close_date"):
        events[name] = _dates(events[name])
    for name in ("amount", "owner"):
        events[name] = events[name].astype("float64")
    for name in ("stage", "outcome"):
        events[name] = events[name].astype("str")
    return events[events["changed_at"] <= end].reset_index(drop=True)


def last_known(events: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The last stated value of each field of each opportunity by a date, and the day and outcome of its last change.

    Columns: stage, amount, close_date, owner, outcome (open, won or lost), changed_at, closed_at, entered_at.
    """
    known = events[events["changed_at"] <= as_of]
    groups = known.groupby("opportunity_id")
    state = groups[["stage", "amount", "close_date", "owner"]].last()
    state["changed_at"] = groups["changed_at"].last()
    moves = known[known["stage"].notna() | known["outcome"].notna()].drop_duplicates("opportunity_id", keep="last")
    state["outcome"] = moves.set_index("opportunity_id")["outcome"].fillna("open")
    signed = known[known["outcome"].notna() & known["stage"].isna()]
    state["closed_at"] = signed.groupby("opportunity_id")["changed_at"].last().where(state["outcome"] != "open")
    state["entered_at"] = known[known["stage"].notna()].groupby("opportunity_id")["changed_at"].last()
    return state


def _hand_over(events: pd.DataFrame, accounts: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """A seller leaves: open opportunities get the successor as owner, and so do the accounts."""
    day = pd.Timestamp(people.HANDOVER)
    if people.LEAVER not in set(accounts["owner"]) or people.SUCCESSOR not in set(accounts["owner"]) or day > end:
        return events
    accounts["owner"] = accounts["owner"].replace(people.LEAVER, people.SUCCESSOR)
    state = last_known(events, day)
    left = state.index[(state["owner"] == people.LEAVER) & (state["outcome"] == "open")]
    moved = pd.DataFrame({"opportunity_id": left, "changed_at": day, "owner": float(people.SUCCESSOR)})
    later = (events["changed_at"] > day) & (events["owner"] == people.LEAVER)
    events = events.assign(owner=events["owner"].mask(later, float(people.SUCCESSOR)))
    events = pd.concat([events, moved.astype({"changed_at": "datetime64[us]"})], ignore_index=True)
    return events.sort_values(["opportunity_id", "changed_at"], kind="stable", ignore_index=True)


def _quotas(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    """Five quarters of quotas from the year's plan; the leaver's last one goes to the successor."""
    years = (pd.Timestamp(scenario.end) - pd.Timestamp(scenario.start)).days / 365.25
    average = scenario.median_amount * np.exp(scenario.amount_sigma**2 / 2)
    average *= 1 + scenario.whales * (scenario.whale_factor - 1)
    plan = 0.31 * scenario.opportunities / years / 4 * average / scenario.sellers
    base = np.array([plan * rng.uniform(0.85, 1.15) for _ in range(scenario.sellers)])
    quarters = period_labels(pd.Series(pd.date_range(end=scenario.end, periods=5, freq=pd.DateOffset(months=3))))
    share = {"1": 0.88, "2": 0.98, "3": 0.98, "4": 1.16}
    rows = [
        (owner, quarter, float(np.round(base[owner] * share[quarter[-1]], -4)))
        for owner in range(scenario.sellers)
        for quarter in quarters
    ]
    frame = pd.DataFrame(rows, columns=["owner", "period", "quota"])
    after = frame["period"] > period_labels(pd.Series([people.HANDOVER])).iloc[0]
    gone = after & (frame["owner"] == people.LEAVER) & (scenario.sellers > people.SUCCESSOR)
    if gone.any():
        heir = after & (frame["owner"] == people.SUCCESSOR)
        frame.loc[heir, "quota"] += frame.loc[gone, "quota"].to_numpy()
    return frame[~gone].reset_index(drop=True)


def _merged_away(events: pd.DataFrame, end: pd.Timestamp) -> pd.Index:
    """Two records that were open at the last quarter's end and are deleted as duplicates soon after."""
    quarter = end - pd.offsets.QuarterEnd(1)
    state = last_known(events, quarter)
    return state.index[(state["outcome"] == "open") & (state["entered_at"] < quarter - pd.Timedelta(days=45))][1:9:6]


def make_team(seed: int = 2173, scenario: Scenario | None = None) -> Team:
    """Simulate a team.

    Parameters
    ----------
    seed
        Same seed, same team.
    scenario
        How it behaves (see `SCENARIOS`); None means the default.

    Returns
    -------
    Team

    Examples
    --------
    >>> team = make_team()
    >>> len(team.accounts), bool(team.events["changed_at"].max() <= team.end)
    (45, True)
    """
    scenario = scenario or Scenario()
    rng = np.random.default_rng(seed)
    end = pd.Timestamp(scenario.end)
    accounts, potential = _accounts(scenario, rng)
    ratings = _ratings(accounts, potential, rng)
    facts, changes = _lives(accounts, potential, scenario, rng)
    events = _hand_over(_events(changes, end), accounts, end)
    opportunities = pd.DataFrame(facts, columns=["opportunity_id", "account", *_FACTS, "created_date"])
    opportunities["created_date"] = _dates(opportunities["created_date"])
    opportunities["region"] = opportunities["account"].map(accounts["region"])
    deleted = pd.Timestamp(end - pd.Timedelta(days=30)).as_unit("us")
    merged = opportunities["opportunity_id"].isin(_merged_away(events, end))
    opportunities["deleted_on"] = pd.Series(deleted, index=opportunities.index).where(merged)
    gone = events["opportunity_id"].isin(opportunities.loc[merged, "opportunity_id"])
    events = events[~(gone & (events["changed_at"] >= deleted))].reset_index(drop=True)
    return Team(scenario, opportunities, events, accounts, ratings, _quotas(scenario, rng))


def state_of(team: Team, as_of: pd.Timestamp) -> pd.DataFrame:
    """What the CRM shows of every opportunity on a date, one row each, texts still as indexes.

    Parameters
    ----------
    team
        The simulated truth.
    as_of
        The end of this day.

    Returns
    -------
    DataFrame
        Columns of ``team.opportunities`` and stage, outcome, amount, close_date, owner, stage_entered_date,
        last_activity_date, probability (0–1) and forecast_category.
    """
    rows = team.opportunities.merge(last_known(team.events, as_of).reset_index(), on="opportunity_id")
    rows = rows[~(rows["deleted_on"] <= as_of)].reset_index(drop=True)
    rows["owner"] = rows["owner"].astype("int64")
    is_open = rows["outcome"] == "open"
    rows["stage_entered_date"] = rows["entered_at"].where(is_open)
    rows["close_date"] = rows["close_date"].where(is_open, rows["closed_at"])
    number = rows["opportunity_id"].str[-3:].astype("int64")
    # Some customers are seen every few days, others every few weeks.
    rhythm = 4 + number % 33
    seen = ((as_of - rows["created_date"]).dt.days // rhythm) * rhythm
    last_visit = (rows["created_date"] + pd.to_timedelta(seen, unit="D")).astype("datetime64[us]")
    rows["last_activity_date"] = rows["changed_at"].where(~is_open | (rows["changed_at"] > last_visit), last_visit)
    rows["probability"] = _stated_probability(rows, team.scenario)
    rows["forecast_category"] = _category(rows, number)
    return rows.drop(columns=["changed_at", "closed_at", "entered_at"])


def _stated_probability(rows: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    """The stage's percentage and what the owner adds to it, in steps of 5%."""
    nominal = load_methodology().nominal(rows["stage"])
    optimism = rows["owner"].map({index: seller.optimism for index, seller in enumerate(people.SELLERS)})
    felt = np.clip(np.round((nominal + scenario.optimism * optimism) * 20) / 20, 0.0, 0.95)
    return np.select([rows["outcome"] == "won", rows["outcome"] == "lost"], [1.0, 0.0], felt)


def _category(rows: pd.DataFrame, number: pd.Series) -> np.ndarray:
    """Commit and best case follow the stage; a few are left out of the forecast by hand."""
    stage, outcome = rows["stage"], rows["outcome"]
    is_open = outcome == "open"
    choices = {
        "closed": outcome == "won",
        "omitted": (outcome == "lost") | (number % 29 == 3),
        "commit": is_open & ((stage == "Close") | ((stage == "Proof") & (number % 4 == 1))),
        "best_case": is_open & ((stage == "Proof") | ((stage == "Solution") & (number % 3 == 1))),
    }
    return np.select(list(choices.values()), list(choices), "pipeline")


def history_of(team: Team) -> pd.DataFrame:
    """The change log as the CRM keeps it: every row states the whole record from then on.

    Returns
    -------
    DataFrame
        Columns of ``team.events``; a closing has no stage of its own. Records that were deleted have no log.
    """
    kept = team.opportunities.loc[team.opportunities["deleted_on"].isna(), "opportunity_id"]
    log = team.events[team.events["opportunity_id"].isin(kept)].reset_index(drop=True)
    groups = log.groupby("opportunity_id", sort=False)
    for name in ("amount", "close_date", "owner"):
        log[name] = groups[name].ffill()
    # A change of date, amount or owner is logged under the stage or closing that holds at the time.
    state = log["stage"].where(log["stage"].notna() | log["outcome"].isna(), "<" + log["outcome"] + ">")
    held = state.groupby(log["opportunity_id"], sort=False).ffill()
    log["outcome"] = log["outcome"].mask(
        log["outcome"].isna(), held.map({"<won>": "won", "<lost>": "lost", "Deploy": "won"})
    )
    log["stage"] = held.where(~held.isin(["<won>", "<lost>"]))
    return log
