"""Replays the forecast on real histories and simulated teams, and prints its scores beside a prototype's.

    python benchmarks/forecast.py                 # everything; minutes
    python benchmarks/forecast.py --only maven    # one history
    python benchmarks/forecast.py --seeds 1       # fewer simulated teams
    python benchmarks/forecast.py --odd           # odd histories: none may be much worse than naive
    python benchmarks/forecast.py --speed         # speed and accuracy of the draws only
    python benchmarks/forecast.py --whole         # from a book of 8 to one of 250,000 opportunities: time and memory

Ratios of CRPS summed over periods, below 1 is better, with 90 % bootstrap intervals over periods. "naive" is the
weighted mean of past periods with a gamma spread, from the first closing on. "as the prototype counted" is against a
naive that takes the periods between the first creation and the first closing for periods of nothing, and scores the
early periods that this lets in. "dressed" is the stage-percentage pipeline with the bias and spread of its own past
errors. Every scored period has at least as many past periods as the history allows (eight quarters, three fortnights,
one month).
"""

import argparse
import resource
import sys
import time
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))

import histories
import odd_histories

from funnel_analytics import Book, forecast_backtest, outlook
from funnel_analytics.forecast.model.draws import _shocked, open_draws
from funnel_analytics.forecast.model.ledger import Ledger
from funnel_analytics.forecast.model.naive import naive_sample
from funnel_analytics.forecast.model.probability import view_probabilities
from funnel_analytics.forecast.record.replay import Replay, Replays, Span, calibrations, won_amount
from funnel_analytics.forecast.record.rivals import dressed, rival_chances, rival_points
from funnel_analytics.forecast.record.scores import crps
from funnel_analytics.outcomes import WON
from funnel_analytics.periods import period_of
from funnel_analytics.sample import SCENARIOS, make_team, team_book

SHARED = Path(__file__).parents[1].parent / "shared"
PROTOTYPE = {
    "loans": (0.59, 0.74), "consent": (0.77, 0.69), "build": (0.87, 0.22), "maven": (0.66, 0.70),
    "default": (0.86, 0.58), "honest": (0.81, 0.87), "optimistic": (0.86, 0.58), "dirty_dates": (0.86, 0.56),
    "small_team": (0.88, 0.76), "whales": (0.78, 0.65), "shock": (0.83, 0.60),
    "described": (0.86, 0.58), "described_dirty": (0.86, 0.56), "described_disciplined": (0.81, 0.87),
    "described_shock": (0.83, 0.60), "described_small": (0.88, 0.76), "described_whales": (0.78, 0.65),
}  # fmt: skip
"""The prototype's ratios to naive and to dressed nominal (of its nearest scenario)."""
_DESCRIBED = replace(
    SCENARIOS["default"],
    opportunities=493,
    stalled=0.5,
    optimism=2.0,
    advance=tuple(0.845 * share for share in SCENARIOS["default"].advance),
)
_SINS = {
    name: {field: getattr(SCENARIOS[name], field) for field in fields}
    for name, fields in {
        "dirty_dates": ("date_noise", "update_delay", "neglect"),
        "honest": ("optimism", "date_noise", "update_delay", "neglect", "stalled"),
        "whales": ("whales", "whale_factor", "largest", "amount_sigma"),
        "shock": ("shock_on", "shock_factor"),
    }.items()
}
TEAMS = {
    **SCENARIOS,
    "described": _DESCRIBED,
    "described_dirty": replace(_DESCRIBED, **_SINS["dirty_dates"]),
    "described_disciplined": replace(_DESCRIBED, **_SINS["honest"]),
    "described_shock": replace(_DESCRIBED, **_SINS["shock"]),
    "described_small": replace(_DESCRIBED, opportunities=174),
    "described_whales": replace(_DESCRIBED, **_SINS["whales"]),
}
"""The sample's teams, and those like the prototype's: chosen, before any forecast of ours was scored on them, so that wins
a quarter (6), what the weighted pipeline overstates (about 120%), its error (1.35) and that of past periods (0.49) are as
its measurements give them; here 5.7, 132%, 1.33 and 0.53, of the small one 2.0, 153%, 1.72 and 0.82."""
GATES = {"loans": 0.65, "consent": 0.80, "build": 0.90, "maven": 0.70}
SIMULATED = 0.92
DRESSED = 0.87
ODD = 1.05
ODD_PAST = 2
PAST = {"loans": 3, "maven": 1}
YEARS = 8
FIRST = {"consent": "2011-07-01", "build": "2011-07-01"}


@dataclass
class Scores:
    """One row per scored period of a portfolio."""

    period: list[str] = field(default_factory=list)
    rows: list[tuple[float, ...]] = field(default_factory=list)
    """ours, naive, naive from creation, dressed, held, actual, error; only the first and third where there are too few
    past periods since the first closing"""
    chance: list[np.ndarray] = field(default_factory=list)
    won: list[np.ndarray] = field(default_factory=list)
    ever: list[tuple[float, float]] = field(default_factory=list)

    def add(self, other: "Scores") -> None:
        for name in ("period", "rows", "chance", "won", "ever"):
            getattr(self, name).extend(getattr(other, name))


def scored(ledger: Ledger, spans: list[Span], past: int, first: int) -> Scores:
    """Scores of one portfolio."""
    made = Replays(ledger, spans, 0).last()
    found = Scores()
    errors: list[tuple[int, float]] = []
    for replay, calibration in zip(made, calibrations(ledger, made), strict=True):
        if replay.span.end > ledger.today:
            continue
        actual = won_amount(ledger, replay.day, replay.span.end)
        view = ledger.view(replay.day)
        point = rival_points(view, rival_chances(view, replay.end), replay.past)["nominal"]
        known = np.array([error for end, error in errors if end <= replay.day])
        errors.append((replay.span.end, actual - point))
        since_creation = _since_creation(ledger, replay, spans)
        if len(since_creation) < past or replay.model is None or replay.span.start < first:
            continue
        ours = calibration.applied(replay.model, replay.naive)
        found.period.append(replay.span.label)
        prototype = crps(naive_sample(since_creation), actual)
        if len(replay.past) < past or replay.naive is None:
            found.rows.append((crps(ours, actual), np.nan, prototype, *(np.nan,) * 4))
            continue
        low, high = np.quantile(ours, [0.1, 0.9])
        other = dressed(point, known)
        found.rows.append(
            (crps(ours, actual), crps(replay.naive, actual), prototype, np.nan if other is None else crps(other, actual), low <= actual <= high, actual, ours.mean() - actual)
        )  # fmt: skip
        found.chance.append(replay.probability)
        found.won.append(replay.outcome(ledger))
    return found


def _since_creation(ledger: Ledger, replay: Replay, spans: list[Span]) -> np.ndarray:
    """What the periods since the first creation brought, as known on a replay's day."""
    born = np.nanmin(ledger.created)
    before = [one for one in spans if one.end >= born and one.end <= replay.day]
    return np.array([won_amount(ledger, one.start - 1, one.end, replay.day) for one in before])


def eventual(ledger: Ledger, spans: list[Span], past: int) -> list[tuple[float, float]]:
    """Expected and observed wins within 24 months of the stock of each year's first day that lies so long back."""
    found = []
    for span in spans[past :: max(1, len(spans) // 6)]:
        if span.start - 1 + 730 > ledger.today:
            break
        view = ledger.view(span.start - 1)
        chances = view_probabilities(view, 0, 91)
        if chances.method != "semi_markov":
            continue
        at = view.open.index.to_numpy()
        won = (ledger.outcome[at] == WON) & (ledger.closed_on[at] <= span.start - 1 + 730)
        found.append((float(chances.rows["eventual"].sum()), float(won.sum())))
    return found


def ratio(upper: np.ndarray, lower: np.ndarray, period: np.ndarray) -> tuple[float, float, float]:
    """A ratio of sums and its 90 % bootstrap interval over periods."""
    keep = ~(np.isnan(upper) | np.isnan(lower))
    if not keep.any():
        return float("nan"), float("nan"), float("nan")
    labels, place = np.unique(period[keep], return_inverse=True)
    above, below = (np.bincount(place, part[keep]) for part in (upper, lower))
    pick = np.random.default_rng(0).integers(len(labels), size=(2000, len(labels)))
    low, high = np.quantile(above[pick].sum(axis=1) / below[pick].sum(axis=1), [0.05, 0.95])
    return above.sum() / below.sum(), low, high


def line(name: str, found: Scores, seconds: float) -> None:
    """One history in a line."""
    rows, period = np.array(found.rows, dtype="float64"), np.array(found.period)
    shown = [f"{name:<23} n {(~np.isnan(rows[:, 1])).sum():>4} of {len(rows)}"]
    for label, column in (("naive", 1), ("as the prototype counted", 2), ("dressed", 3)):
        value, low, high = ratio(rows[:, 0], rows[:, column], period)
        shown.append(f"{label} {value:.2f} [{low:.2f}, {high:.2f}]")
    chance, won = np.concatenate(found.chance), np.concatenate(found.won).astype("float64")
    if name in PROTOTYPE:
        shown.append("prototype {:.2f}, {:.2f}".format(*PROTOTYPE[name]))
    shown.append(f"80 % held {np.nanmean(rows[:, 4]):.0%}")
    shown.append(f"bias {np.nansum(rows[:, 6]) / np.nansum(rows[:, 5]):+.0%}")
    if won.any():
        shown.append(f"E/O {chance.sum() / won.sum():.2f}")
        shown.append(f"skill {1 - ((chance - won) ** 2).mean() / won.var():.2f}")
    if found.ever:
        expected, observed = np.array(found.ever).sum(axis=0)
        shown.append(f"ever E/O {expected / observed:.2f}")
    print(" | ".join(shown), f"| {seconds:.0f} s", flush=True)


def summary(simulated: Scores, everything: Scores) -> None:
    """The gates that pool histories."""
    held = np.array(everything.rows, dtype="float64")[:, 4]
    held = held[~np.isnan(held)]
    chance, won = np.concatenate(simulated.chance), np.concatenate(simulated.won).astype("float64")
    sure = chance > 0.6
    expected, observed = np.array(simulated.ever).sum(axis=0)
    print(
        f"pooled: 80 % held {held.mean():.1%} of {len(held)}; simulated E/O {chance.sum() / won.sum():.3f},"
        f" skill {1 - ((chance - won) ** 2).mean() / won.var():.3f}; above 0.6: said {chance[sure].mean():.3f},"
        f" won {won[sure].mean():.3f} of {sure.sum()}; ever E/O {expected / observed:.2f}"
    )


def simulated_books(name: str, seeds: int) -> tuple[list[tuple[str, Book]], list[Span]]:
    """Teams of eight years that behave in one way."""
    base = TEAMS[name]
    team = replace(base, start="2023-01-02", end="2030-12-31", opportunities=round(base.opportunities * YEARS / 2.9),
                   shock_on="2027-06-15" if base.shock_on else None)  # fmt: skip
    end = pd.Timestamp(team.end)
    books = [(str(seed), team_book(make_team(4000 + seed, team), [end])) for seed in range(seeds)]
    return books, histories.spans(pd.Timestamp("2023-01-01"), end, "Q")


def replay_all(only: str | None, seeds: int) -> None:
    """Every history, then the pooled gates."""
    simulated, everything = Scores(), Scores()
    real = {
        "loans": lambda: histories.loans(SHARED),
        "maven": lambda: histories.maven(SHARED),
        "consent": lambda: histories.renewables(SHARED, "consent"),
        "build": lambda: histories.renewables(SHARED, "build"),
    }
    names = [name for name in [*TEAMS, *real] if only in (None, name)]
    for name in names:
        began = time.perf_counter()
        books, spans = real[name]() if name in real else simulated_books(name, seeds)
        first = int(np.datetime64(FIRST.get(name, "1970-01-01"), "D").astype(int))
        found = Scores()
        for portfolio, book in books:
            ledger = Ledger(book)
            part = scored(ledger, spans, PAST.get(name, 8), first)
            part.period = [f"{portfolio} {label}" if name in TEAMS else label for label in part.period]
            found.add(part)
            if name in TEAMS:
                found.ever += eventual(ledger, spans, 8)
        line(name, found, time.perf_counter() - began)
        everything.add(found)
        if name in TEAMS:
            simulated.add(found)
    if simulated.rows:
        summary(simulated, everything)
    print(
        f"gates as the prototype counted: {GATES}; against naive, simulated {SIMULATED}; against dressed nominal, simulated: {DRESSED}"
    )


def replay_odd(only: str | None, seeds: int) -> None:
    """Odd histories from their third closing quarter on, and those that are worse than the gate allows."""
    worse = []
    for name in [name for name in odd_histories.ODD if only in (None, name)]:
        began = time.perf_counter()
        found = Scores()
        for seed in range(seeds):
            book, spans = odd_histories.odd_book(name, seed)
            part = scored(Ledger(book), spans, ODD_PAST, 0)
            part.period = [f"{seed} {label}" for label in part.period]
            found.add(part)
        line(name, found, time.perf_counter() - began)
        rows = np.array(found.rows, dtype="float64")
        rows = rows[~np.isnan(rows[:, 1])]
        worse += [name] if rows[:, 0].sum() > ODD * rows[:, 1].sum() else []
    print(f"worse than {ODD} against naive: {', '.join(worse) or 'none'}")


def speed(count: int = 100_000, periods: int = 8, draws: int = 10_000) -> None:
    """The sum of many open opportunities: quantiles and time against drawing each of them."""
    rng = np.random.default_rng(7)
    amount = rng.lognormal(11, 1.2, count)
    fast = slow = worst = 0.0
    for number in range(periods):
        chance = rng.beta(0.6, 4.0, count)
        began = time.process_time()
        sums = open_draws(chance, amount, draws=draws, shock=0.25, rng=np.random.default_rng(number))[:, 0]
        fast += time.process_time() - began
        if number:
            continue
        began = time.process_time()
        levels = _shocked(chance, 0.25, 64).astype("float32")
        brute = np.empty(draws)
        toss = np.random.default_rng(99)
        for draw in range(draws):
            brute[draw] = amount[toss.random(count, dtype="float32") < levels[draw % 64]].sum()
        slow = (time.process_time() - began) * periods
        shares = [0.1, 0.5, 0.9]
        worst = float(np.abs(np.quantile(sums, shares) / np.quantile(brute, shares) - 1).max())
    print(f"{count:,} opportunities × {periods} periods: {fast:.2f} s, drawing each {slow:.1f} s, ratio"
          f" {slow / fast:.0f}; P10, P50, P90 within {worst:.2%}")  # fmt: skip


def whole(opportunities: int, periods: int) -> None:
    """The outlook of the next quarters and the backtest of a team of so many opportunities, two fifths of them open."""
    how = replace(odd_histories.ODD["plain"], years=3.0, stage_days=150.0, wins=opportunities * 0.3 / 12)
    book, _ = odd_histories.book_of(how, np.random.default_rng(7))
    began = time.process_time()
    for ahead in range(periods):
        outlook(book, period=period_of(book.as_of + pd.DateOffset(days=1, months=3 * ahead)).label)
    looked, peak = time.process_time(), _peak()
    forecast_backtest(book)
    print(f"{len(book.opportunities):,} opportunities, {len(book.open_opportunities):,} open: {periods} outlooks"
          f" {looked - began:.1f} s at a peak of {peak:.2f} GiB, backtest {time.process_time() - looked:.1f} s, then"
          f" {_peak():.2f} GiB", flush=True)  # fmt: skip


def _peak() -> float:
    """The most memory that the process has held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def backtest_speed(count: int = 5000) -> None:
    """A backtest of so many opportunities over twenty quarters."""
    from lifelines import AalenJohansenFitter

    warnings.simplefilter("ignore")  # it jitters the ties of dates, and says so each time
    team = replace(SCENARIOS["default"], start="2025-01-01", end="2030-12-31", opportunities=count)
    ledger = Ledger(team_book(make_team(1, team), [pd.Timestamp(team.end)]))
    spans = histories.spans(pd.Timestamp("2026-01-01"), pd.Timestamp(team.end), "Q")
    began = time.process_time()
    made = Replays(ledger, spans, 0).last()
    ours = time.process_time() - began
    began = time.process_time()
    for replay in made[len(made) // 2 :][:1]:
        visits = ledger.visits_known(replay.day)
        days = (visits["end"] - visits["entered"]).dt.days.to_numpy() + 0.5
        for stage in range(ledger.stages):
            here = (visits["stage"] == stage).to_numpy()
            destination = visits["destination"].to_numpy()[here]
            event = np.where(destination == ledger.stages + 1, 2, (destination >= 0).astype(int))
            for cause in (1, 2):
                AalenJohansenFitter(seed=0).fit(days[here], event, event_of_interest=cause)
    theirs = (time.process_time() - began) * len(made)
    print(f"{count:,} opportunities, {len(made)} dates: {ours:.1f} s; refitting with lifelines alone {theirs:.1f} s,"
          f" ratio {theirs / ours:.1f}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--odd", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--whole", action="store_true")
    options = parser.parse_args()
    if options.speed:
        speed()
        backtest_speed()
    elif options.whole:
        for count in (8, 800, 80_000, 250_000):
            whole(count, 8)
    elif options.odd:
        replay_odd(options.only, options.seeds)
    else:
        replay_all(options.only, options.seeds)
