"""Odd histories on which a forecast could go wrong: drifting, seasonal, short, tiny, with junk or without facts.

Each is a seeded team written as a change log and one export, or as exports alone; eight years of quarters where the
oddity is not shortness. `ODD` names them. No one was made from the forecast's assumptions: capacity, deadlines and
clean-ups decide what is won in many of them, not the stages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import histories
import numpy as np
import pandas as pd

from funnel_analytics import Book, Parts, assemble
from funnel_analytics.forecast.record.replay import Span
from funnel_analytics.methodology import Methodology

START = pd.Timestamp("2018-01-01")
QUARTER_DAYS = 91.3
Rate = Callable[[np.ndarray], np.ndarray]
"""A factor by years since the start."""


def level(year: np.ndarray) -> np.ndarray:
    """No change."""
    return np.ones_like(year)


@dataclass(frozen=True)
class Oddity:
    """A team; rates are factors by years since its start."""

    years: float = 8.0
    wins: float = 8.0
    """Expected wins a quarter while nothing drifts."""
    arrivals: Rate = level
    win_rate: float = 0.3
    winning: Rate = level
    """Factor on the win rate, by the day of creation."""
    winning_now: Rate = level
    """Factor on the win rate, by the day of closing."""
    stages: int = 4
    stage_days: float = 30.0
    pace: Rate = level
    """Factor on the days in a stage, by the day of creation."""
    sigma: float = 0.8
    """Spread (log) of amounts."""
    pareto: float | None = None
    """Tail index of amounts, instead of a log-normal."""
    growing: Rate = level
    """Factor on amounts, by the day of creation."""
    large: float = 0.0
    """Share of the opportunities that are forty times as large, take twice as long and are won a quarter as often."""
    close_dates: str = "guessed"
    """guessed, none, quarter_end (all say the end of the running quarter) or far (all overdue)."""
    open_amounts: float = 1.0
    """What open opportunities state, as a share of what the win brings; 0: nothing is stated."""
    lost: str = "dated"
    """dated, never (nobody records losses), yearly (on a day of cleaning up in December) or once (none are recorded for
    five years, then all in one day, later ones as they happen)."""
    deadline_days: int = 0
    """Wins fall on days this far apart: batches."""
    capacity: int = 0
    """So many opportunities, the oldest first, are won each quarter, whatever is in the funnel."""
    recorded_late: float = 0.0
    """Share of the wins that appear in the CRM on the day they are won."""
    known_by: str = "log"
    """log, exports (one a quarter, of the last two years) or one export."""


def drift(a_year: float) -> Rate:
    """Growth by a factor a year."""
    return lambda year: a_year**year


def jump(at: float, to: float) -> Rate:
    """From a year on another level."""
    return lambda year: np.where(year >= at, to, 1.0)


def seasons(strength: float) -> Rate:
    """A year with a high and a low."""
    return lambda year: np.exp(strength * np.sin(2 * np.pi * year))


_BASE = Oddity()
ODD: Mapping[str, Oddity] = {
    "plain": _BASE,
    "ramp": replace(_BASE, arrivals=drift(1.7), wins=2.0),
    "decline": replace(_BASE, arrivals=drift(0.6), wins=25.0),
    "dying": replace(_BASE, arrivals=jump(5.0, 0.02)),
    "win rate falls": replace(_BASE, winning=drift(0.75), win_rate=0.6),
    "win rate jumps": replace(_BASE, winning_now=jump(5.0, 2.2)),
    "win rate halves": replace(_BASE, winning_now=jump(5.0, 0.4), win_rate=0.5),
    "slower": replace(_BASE, pace=drift(1.35)),
    "faster": replace(_BASE, pace=drift(0.75), stage_days=70.0),
    "amounts grow": replace(_BASE, growing=drift(1.5)),
    "amounts shrink": replace(_BASE, growing=drift(0.7)),
    "seasonal": replace(_BASE, arrivals=seasons(1.0), stage_days=12.0),
    "seasonal wins": replace(_BASE, winning_now=seasons(0.8)),
    "tiny": replace(_BASE, wins=1.0),
    "few": replace(_BASE, wins=3.0),
    "many": replace(_BASE, wins=60.0, years=4.0),
    "short": replace(_BASE, years=2.0),
    "very short": replace(_BASE, years=1.4, wins=4.0),
    "whales": replace(_BASE, pareto=1.1),
    "one whale": replace(_BASE, wins=4.0, pareto=0.8),
    "one stage": replace(_BASE, stages=1, stage_days=90.0),
    "one stage, fast": replace(_BASE, stages=1, stage_days=15.0),
    "ten stages": replace(_BASE, stages=10, stage_days=15.0),
    "years long": replace(_BASE, stage_days=200.0, years=10.0),
    "certain": replace(_BASE, win_rate=0.97, stage_days=8.0),
    "rarely won": replace(_BASE, win_rate=0.04, wins=4.0),
    "no close dates": replace(_BASE, close_dates="none"),
    "all due now": replace(_BASE, close_dates="quarter_end"),
    "all overdue": replace(_BASE, close_dates="far"),
    "no open amounts": replace(_BASE, open_amounts=0.0),
    "amounts three times": replace(_BASE, open_amounts=3.0),
    "no losses": replace(_BASE, lost="never"),
    "yearly clean-up": replace(_BASE, lost="yearly"),
    "deadlines": replace(_BASE, deadline_days=182),
    "yearly deadlines": replace(_BASE, deadline_days=365),
    "capacity": replace(_BASE, capacity=8),
    "capacity, growing stock": replace(_BASE, capacity=8, arrivals=drift(1.4)),
    "recorded when won": replace(_BASE, recorded_late=1.0),
    "half recorded when won": replace(_BASE, recorded_late=0.5),
    "exports only": replace(_BASE, known_by="exports"),
    "one export": replace(_BASE, known_by="one export"),
    "one export, few": replace(_BASE, known_by="one export", wins=3.0),
    "one export, no losses": replace(_BASE, known_by="one export", lost="never"),
    "one export, ramp": replace(_BASE, known_by="one export", arrivals=drift(1.7), wins=2.0),
    "ramp, tiny, whales": replace(_BASE, arrivals=drift(1.5), wins=1.0, pareto=1.1),
    "junk": replace(_BASE, lost="never", close_dates="far", open_amounts=3.0, pareto=1.2),
    "large beside small": replace(_BASE, wins=30.0, large=0.05),
    "few large beside small": replace(_BASE, wins=12.0, large=0.08),
    "fewer than one win": replace(_BASE, wins=0.6),
    "clean-up once": replace(_BASE, lost="once"),
}
"""Named odd teams."""


def odd_book(name: str, seed: int) -> tuple[Book, list[Span]]:
    """An odd team as a book, and its quarters."""
    return book_of(ODD[name], np.random.default_rng([5000 + seed, list(ODD).index(name)]))


def book_of(how: Oddity, rng: np.random.Generator) -> tuple[Book, list[Span]]:
    """A team as a book, and its quarters."""
    end = START + pd.Timedelta(days=round(how.years * 365.25) - 1)
    facts = _outcomes(how, rng)
    sales_method = histories.method("odd", {f"S{n}": 0.1 + 0.8 * n / how.stages for n in range(how.stages)})
    return _written(how, facts, sales_method, end, rng), histories.spans(START, end, "Q")


def _outcomes(how: Oddity, rng: np.random.Generator) -> pd.DataFrame:
    """One row per opportunity: when created, when it left each stage, won or not, the amount."""
    days = how.years * 365.25
    per_day = how.wins / how.win_rate / QUARTER_DAYS
    grid = np.arange(days)
    rate = per_day * how.arrivals(grid / 365.25)
    created = np.repeat(grid, rng.poisson(rate))
    year = created / 365.25
    count = len(created)
    large = rng.random(count) < how.large if how.large else np.zeros(count, dtype=bool)
    stay = rng.gamma(1.5, how.stage_days / 1.5, (count, how.stages)) * how.pace(year)[:, None] * (1 + large)[:, None]
    left = created[:, None] + np.maximum(np.cumsum(stay, axis=1), 1.0)
    chance = how.win_rate * how.winning(year) * how.winning_now(left[:, -1] / 365.25)
    won = rng.random(count) < np.minimum(chance, 0.98) * np.where(large, 0.25, 1.0)
    lost_in = rng.integers(0, how.stages, count)
    size = rng.pareto(how.pareto, count) + 1 if how.pareto else rng.lognormal(0.0, how.sigma, count)
    frame = pd.DataFrame(
        {
            "created": created,
            "won": won,
            "amount": np.round(1e5 * size * np.where(large, 40.0, 1.0) * how.growing(year)),
        }
    )
    frame["closed"] = np.where(won, left[:, -1], left[np.arange(count), lost_in])
    for stage in range(how.stages):
        frame[f"left{stage}"] = left[:, stage]
    if how.capacity:
        frame = _by_capacity(frame, how, days)
    if how.deadline_days:
        later = np.ceil(frame["closed"] / how.deadline_days) * how.deadline_days
        frame["closed"] = frame["closed"].where(~frame["won"], later)
    if how.lost != "dated":
        cleaned = {
            "never": np.inf, "yearly": np.ceil(frame["closed"] / 365.25) * 365.25 - 10,
            "once": np.maximum(frame["closed"], 5.1 * 365.25),
        }[how.lost]  # fmt: skip
        frame["closed"] = frame["closed"].where(frame["won"], cleaned)
    return frame


def _by_capacity(frame: pd.DataFrame, how: Oddity, days: float) -> pd.DataFrame:
    """The oldest that have come to the last stage are won, evenly over the quarter; the rest wait."""
    frame = frame.assign(closed=frame["closed"].where(~frame["won"], np.inf))
    ready = frame[f"left{how.stages - 1}"].where(frame["won"], np.inf).sort_values()
    slot = 0.0
    for at, since in ready.items():
        slot = max(slot + QUARTER_DAYS / how.capacity, since)
        if slot > days:
            break
        frame.loc[at, "closed"] = slot
    return frame


def _written(how: Oddity, facts: pd.DataFrame, sales_method: Methodology, end: pd.Timestamp, rng: np.random.Generator) -> Book:  # fmt: skip
    """What a CRM would hold of it."""
    late = facts["won"] & (rng.random(len(facts)) < how.recorded_late)
    facts = facts.assign(created=facts["created"].where(~late, facts["closed"]))
    ids = pd.Series([f"O{number:06}" for number in range(len(facts))], index=facts.index)
    stated = (facts["amount"] * (how.open_amounts or np.nan)).round()
    guess = facts["created"] + how.stages * how.stage_days * rng.lognormal(0, 0.5, len(facts))
    parts = []
    for stage in range(how.stages):
        begin = facts["created"] if stage == 0 else np.maximum(facts[f"left{stage - 1}"], facts["created"])
        due = {
            "guessed": np.maximum(guess, begin + 10), "none": begin * np.nan, "far": begin - 30,
            "quarter_end": np.ceil((begin + 1) / QUARTER_DAYS) * QUARTER_DAYS,
        }[how.close_dates]  # fmt: skip
        at = pd.DataFrame({"opportunity_id": ids, "day": begin, "stage": f"S{stage}", "outcome": None,
                           "amount": stated, "due": due})  # fmt: skip
        parts.append(at[(begin < facts["closed"]) & ~(late & (stage > 0))])
    ended = pd.DataFrame({"opportunity_id": ids, "day": facts["closed"], "stage": None,
                          "outcome": np.where(facts["won"], "won", "lost"), "amount": facts["amount"].where(facts["won"]),
                          "due": facts["closed"]})  # fmt: skip
    events = pd.concat([*parts, ended[np.isfinite(ended["day"])]], ignore_index=True)
    for name, days in (("changed_at", events["day"]), ("close_date", events["due"])):
        events[name] = (START + pd.to_timedelta(days.astype("float64").round(), unit="D")).astype("datetime64[us]")
    events = events[events["changed_at"] <= end].sort_values(["opportunity_id", "changed_at"], kind="stable")
    created = (START + pd.to_timedelta(facts["created"].round(), unit="D")).astype("datetime64[us]")
    known = pd.DataFrame({"opportunity_id": ids, "created_date": created}).set_index("opportunity_id")
    days = [end] if how.known_by != "exports" else list(pd.date_range(end=end, periods=8, freq="91D"))
    looks = pd.concat([_export(events, known, day) for day in days], ignore_index=True)
    log = events[["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date"]]
    return assemble(Parts(snapshots=looks, history=log if how.known_by == "log" else None),
                    methodology=sales_method, as_of=end)  # fmt: skip


def _export(events: pd.DataFrame, known: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    last = events[events["changed_at"] <= day].groupby("opportunity_id")
    rows = last[["stage", "outcome", "amount", "close_date"]].last()
    rows["outcome"] = rows["outcome"].fillna("open")
    return known.loc[rows.index].join(rows).reset_index().assign(as_of=day.as_unit("us"))
