"""Small books for tests: a simulated team whose every number follows from a seed."""

import numpy as np
import pandas as pd

from funnel_analytics.assembly import Parts, assemble
from funnel_analytics.book import Book
from funnel_analytics.methodology import load_methodology


def _life(
    rng: np.random.Generator, opportunity_id: str, keys: tuple[str, ...], day: pd.Timestamp, end: pd.Timestamp,
    amount: float, close: pd.Timestamp,
) -> list[tuple[object, ...]]:  # fmt: skip
    """The changes of one opportunity: it moves on, skips, falls back, slips, is won or lost, or is open at the end."""
    changes: list[tuple[object, ...]] = [(opportunity_id, day, keys[0], None, amount, close)]
    step = 0
    while day <= end:
        day += pd.Timedelta(days=int(rng.gamma(2.0, 14)) + 1)
        if day > end:
            break
        draw = rng.random()
        if draw < 0.13:
            changes.append((opportunity_id, day, None, "lost", None, None))
            break
        if draw < 0.2 and step > 0:
            step -= 1
        else:
            step += 2 if rng.random() < 0.08 else 1
        if rng.random() < 0.3:
            close += pd.Timedelta(days=int(rng.integers(15, 120)))
        if step >= len(keys):
            changes.append((opportunity_id, day, "Deploy", "won", amount, None))
            break
        if rng.random() < 0.2:
            amount = float(np.round(amount * rng.uniform(0.7, 1.3), -2))
        changes.append((opportunity_id, day, keys[step], None, amount, close))
    return changes


def _export(log: pd.DataFrame, people: pd.DataFrame, as_of: pd.Timestamp, *, history: bool) -> pd.DataFrame:
    """What an export of a day shows; without a history it forgets where lost ones stood."""
    known = log[log["changed_at"] <= as_of]
    state = known.groupby("opportunity_id")[["stage", "amount", "close_date"]].last()
    last = known.drop_duplicates("opportunity_id", keep="last").set_index("opportunity_id")
    state["outcome"] = last["outcome"].fillna("open")
    closed = state["outcome"] != "open"
    state.loc[closed, "close_date"] = last.loc[closed, "changed_at"]
    state["stage_entered_date"] = last["changed_at"].where(~closed)
    if not history:
        state.loc[state["outcome"] == "lost", "stage"] = None
    rows = people.merge(state.reset_index(), on="opportunity_id")
    return rows.assign(as_of=as_of, currency="EUR", amount_original=rows["amount"], probability=0.5)


def team_book(
    opportunities: int = 300, seed: int = 1, *, exports: int = 3, history: bool = True, money: bool = True
) -> Book:
    """The book of `team_parts`."""
    parts = team_parts(opportunities, seed, exports=exports, history=history, money=money)
    return assemble(parts, revenue_benchmark=800_000)


def team_parts(
    opportunities: int = 300, seed: int = 1, *, exports: int = 3, history: bool = True, money: bool = True
) -> Parts:
    """A team that moves opportunities through the large-account stages, seen on quarterly exports.

    Skips, regressions, slipping close dates, open, won and lost ones, twelve accounts with ratings.
    """
    rng = np.random.default_rng(seed)
    method = load_methodology()
    keys = method.open_stages
    end = pd.Timestamp("2026-09-30")
    export_dates = [end - pd.DateOffset(months=3 * k) for k in reversed(range(exports))]
    export_dates = [pd.Timestamp(date) + pd.offsets.MonthEnd(0) for date in export_dates]
    changes, facts = [], []
    for index in range(opportunities):
        opportunity_id = f"O{index:04d}"
        day = pd.Timestamp("2024-07-01") + pd.Timedelta(days=int(rng.integers(0, 800)))
        amount = float(np.round(np.exp(rng.normal(11.5, 0.9)), -2))
        account = int(rng.integers(0, 12))
        close = day + pd.Timedelta(days=int(rng.integers(60, 260)))
        changes += _life(rng, opportunity_id, keys, day, end, amount, close)
        facts.append((opportunity_id, f"Project {index}", f"A{account}", f"Account {account}", day,
                      ["Ana Ruiz", "Ben Ode", "Li Wei", "Mia Sun"][index % 4], ["North", "South"][index % 2]))  # fmt: skip
    log = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date"])
    people = pd.DataFrame(
        facts,
        columns=["opportunity_id", "opportunity_name", "account_id", "account_name", "created_date", "owner", "region"],
    )
    snapshots = [_export(log, people, as_of, history=history) for as_of in export_dates]
    rows = pd.concat(snapshots, ignore_index=True)
    if not money:
        rows = rows.assign(amount=np.nan, amount_original=np.nan)
        log = log.assign(amount=np.nan)
    accounts = pd.DataFrame({"account_id": [f"A{k}" for k in range(12)], "account_name": [f"Account {k}" for k in range(12)],
                             "region": [["North", "South"][k % 2] for k in range(12)],
                             "current_revenue": [float(k * 150_000) for k in range(12)]})  # fmt: skip
    ratings = pd.DataFrame(
        [(f"A{k}", criterion.key, float(rng.integers(1, 6))) for k in range(9) for criterion in method.criteria],
        columns=["account_id", "criterion", "rating"],
    )
    evidence = pd.DataFrame(
        [
            (
                f"O{k:04d}",
                item.key,
                ["yes", "yes", "yes", "in_progress", "no"][(k + number) % 5],
                "Ms Li" if k % 4 else None,
            )
            for k in range(0, opportunities, 2 if opportunities > 1 else 1)
            for number, item in enumerate(item for stage in method.stages for item in stage.evidence_items)
        ],
        columns=["opportunity_id", "evidence", "status", "validated_by"],
    )
    quotas = pd.DataFrame({"period": ["2026Q3", "2026Q4"], "quota": [3e6, 3.5e6]})
    return Parts(
        snapshots=rows, accounts=accounts, ratings=ratings, history=log if history else None, quotas=quotas, evidence=evidence
    )  # fmt: skip
