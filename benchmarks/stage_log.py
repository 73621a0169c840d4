"""From stage changes to counts by stage, segment, day of age and outcome, and on to incidences, against its peers.

The package packs opportunity, second and stage of a change into one whole number, sorts once and counts once
(`codes.packed`, `stage_log.exit_codes`, `funnel.survival`). Pandas, polars and DuckDB answer the same
question from the same whole numbers; lifelines estimates from the single visits. Peers that are not installed are left
out and named. All answers are compared before any time is told.

    python benchmarks/stage_log.py               # 1 and 10 million changes
    python benchmarks/stage_log.py --rows 200000
"""

import argparse
import os
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from measuring import Row, contest, said, shown, timed

from funnel_analytics import load_methodology
from funnel_analytics.codes import packed
from funnel_analytics.funnel.survival import incidence_of_counts
from funnel_analytics.stage_log import EXITS, exit_codes

MIDDLE = 1_000_000
"""Up to so many changes lifelines and the process miners are asked too; beyond they take minutes."""
STAGES = load_methodology().open_stages
SEGMENTS = ["A+", "A", "B", "C", "D", "unrated"]
WON, LOST = len(STAGES) + 1, len(STAGES) + 2
DAY, LONGEST = 86_400, 4096
BLOCK = 1 << 20
KEYS = ["stage", "segment", "days", "exit"]


@dataclass(frozen=True)
class Changes:
    """Invented stage changes, encoded as a book encodes them when it is read, in no order."""

    events: pd.DataFrame
    """opportunity, second, state: a stage 1 … K, K + 1 won, K + 2 lost."""
    opportunities: pd.DataFrame
    """opportunity, segment (0 …), seen (the day on which it was last seen)."""


def invented(rows: int, seed: int = 1) -> Changes:
    """About five changes an opportunity: forward, sometimes over a stage or back, more than half of them closed."""
    rng = np.random.default_rng(seed)
    count = rows // 5
    changes = rng.integers(1, 10, count)
    second = rng.integers(0, 5 * 365 * DAY, count)
    state = np.ones(count, dtype="int64")
    parts = []
    for step in range(9):
        alive = np.flatnonzero(changes > step)
        last = (changes[alive] == step + 1) & (step > 0) & (rng.random(len(alive)) < 0.6)
        closing = np.where(rng.random(len(alive)) < 0.4, WON, LOST)
        parts.append((alive, second[alive].copy(), np.where(last, closing, state[alive])))
        second += (rng.gamma(1.6, 18 * DAY, count)).astype("int64") + 1
        move = np.where(rng.random(count) < 0.1, -1, np.where(rng.random(count) < 0.1, 2, 1))
        after = state + move
        state = np.where((after < 1) | (after > len(STAGES)), np.where(state > 1, state - 1, 2), after)
    opportunity, at, states = (np.concatenate(part) for part in zip(*parts, strict=True))
    mixed = rng.permutation(len(at))
    events = pd.DataFrame(
        {
            "opportunity": opportunity[mixed].astype("int32"),
            "second": at[mixed],
            "state": states[mixed].astype("int8"),
        }
    )
    seen = np.full(count, int(at.max()) // DAY + 1, dtype="int32")
    segments = rng.integers(0, len(SEGMENTS), count).astype("int8")
    return Changes(
        events, pd.DataFrame({"opportunity": np.arange(count, dtype="int32"), "segment": segments, "seen": seen})
    )


def by_codes(changes: Changes) -> pd.DataFrame:
    """One packed number a change, one sort, one count, the rest in blocks that stay in the processor's cache."""
    events = changes.events
    columns = [events[name].to_numpy() for name in ("opportunity", "second", "state")]
    lows, sizes = zip(*((int(one.min()), int(one.max()) - int(one.min()) + 1) for one in columns), strict=True)
    one = packed(*columns)
    assert one is not None
    one.sort()
    segment, seen = (changes.opportunities[name].to_numpy() for name in ("segment", "seen"))
    won = np.zeros(len(STAGES) + 3, dtype=bool)
    size = len(STAGES) * len(SEGMENTS) * LONGEST * len(EXITS)
    counts = np.zeros(size, dtype="int64")
    for start in range(0, len(one), BLOCK):
        part = one[start : start + BLOCK + 1]
        rest = part // sizes[2]
        state = part - rest * sizes[2] + lows[2]
        opportunity = rest // sizes[1]
        day = (rest - opportunity * sizes[1] + lows[1]) // DAY
        opportunity += lows[0]
        if start + BLOCK >= len(one):
            state, day = np.append(state, 0), np.append(day, 0)
            opportunity = np.append(opportunity, -1)
        follows = opportunity[1:] == opportunity[:-1]
        here, owner = state[:-1], opportunity[:-1]
        exits = exit_codes(here, state[1:] * follows, won)
        days = np.where(follows, day[1:], seen[owner]) - day[:-1]
        cell = (((here - 1) * len(SEGMENTS) + segment[owner]) * LONGEST + days) * len(EXITS) + exits
        counts += np.bincount(cell[here <= len(STAGES)], minlength=size)
    found = np.flatnonzero(counts)
    rest, exit_code = np.divmod(found, len(EXITS))
    rest, days = np.divmod(rest, LONGEST)
    stage, segment_code = np.divmod(rest, len(SEGMENTS))
    return pd.DataFrame(
        {"stage": stage + 1, "segment": segment_code, "days": days, "exit": exit_code, "count": counts[found]}
    )


def by_pandas(changes: Changes) -> pd.DataFrame:
    """The same, as one writes it in pandas."""
    log = changes.events.sort_values(["opportunity", "second", "state"])
    log["day"] = log["second"] // DAY
    following = log.groupby("opportunity")[["state", "day"]].shift(-1)
    log["next"], log["next_day"] = following["state"], following["day"]
    log = log[log["state"] <= len(STAGES)].merge(changes.opportunities, on="opportunity")
    conditions = [
        log["next"].isna(), log["next"] == WON, log["next"] == LOST, log["next"] > log["state"],
        log["next"] < log["state"],
    ]  # fmt: skip
    kinds = [EXITS.index(kind) for kind in ("open", "won", "lost", "advanced", "regressed")]
    log["exit"] = np.select(conditions, kinds)
    log["days"] = (log["next_day"].fillna(log["seen"]) - log["day"]).astype("int64")
    log = log.rename(columns={"state": "stage"})
    return log.groupby(KEYS).size().reset_index(name="count")


SQL = f"""
with steps as (
  select opportunity, state, second // {DAY} as day,
         lead(state) over w as following, lead(second // {DAY}) over w as next_day
  from events window w as (partition by opportunity order by second, state))
select state as stage, segment, coalesce(next_day, seen) - day as days,
       case when following is null then {EXITS.index("open")} when following = {WON} then {EXITS.index("won")}
            when following = {LOST} then {EXITS.index("lost")}
            when following > state then {EXITS.index("advanced")} else {EXITS.index("regressed")} end as exit,
       count(*) as count
from steps join opportunities using (opportunity) where state <= {len(STAGES)} group by all
"""


def by_duckdb(changes: Changes) -> pd.DataFrame:
    """The same as SQL, with every core."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("events", changes.events)
        connection.register("opportunities", changes.opportunities)
        return connection.sql(SQL).df()


def by_polars(changes: Changes) -> pd.DataFrame:
    """The same as a lazy polars query."""
    import polars as pl

    def shifted(name: str) -> pl.Expr:
        return pl.col(name).shift(-1).over("opportunity")

    events, opportunities = (pl.from_pandas(frame).lazy() for frame in (changes.events, changes.opportunities))
    following, state = pl.col("following"), pl.col("state")
    kind = (
        pl.when(following.is_null()).then(EXITS.index("open"))
        .when(following == WON).then(EXITS.index("won"))
        .when(following == LOST).then(EXITS.index("lost"))
        .when(following > state).then(EXITS.index("advanced"))
        .otherwise(EXITS.index("regressed"))
    )  # fmt: skip
    found = (
        events.sort("opportunity", "second", "state")
        .with_columns(day=pl.col("second") // DAY)
        .with_columns(following=shifted("state"), next_day=shifted("day"))
        .filter(state <= len(STAGES))
        .join(opportunities, on="opportunity")
        .with_columns(exit=kind, days=pl.coalesce("next_day", pl.col("seen").cast(pl.Int64)) - pl.col("day"))
        .group_by(state.alias("stage"), "segment", "days", "exit")
        .len("count")
    )
    return found.collect().to_pandas()


def incidences(counts: pd.DataFrame) -> dict[int, float]:
    """The share that advanced or was won within 90 days of each stage (Aalen–Johansen), from the counts."""
    cell = (counts["stage"] * LONGEST + counts["days"]).to_numpy() * len(EXITS) + counts["exit"].to_numpy()
    table = np.bincount(cell, counts["count"], (len(STAGES) + 1) * LONGEST * len(EXITS)).astype("int64")
    table = table.reshape(-1, LONGEST, len(EXITS))
    found = {}
    for stage in range(1, len(STAGES) + 1):
        kinds = dict(zip(EXITS, table[stage].T, strict=True))
        events = {"advanced": kinds["advanced"] + kinds["won"], "lost": kinds["lost"] + kinds["regressed"]}
        curve = incidence_of_counts(np.maximum(np.arange(LONGEST), 0.5), events, kinds["open"])
        found[stage] = curve.by(90, "advanced")
    return found


def by_lifelines(counts: pd.DataFrame) -> dict[int, float]:
    """The same with lifelines, from the single visits; it moves tied days at random by a little."""
    from lifelines import AalenJohansenFitter

    kind_of = np.array([{"advanced": 1, "won": 1, "lost": 2, "regressed": 2}.get(kind, 0) for kind in EXITS])
    found = {}
    for stage, part in counts.groupby("stage"):
        days = np.maximum(part["days"].to_numpy(), 0.5).repeat(part["count"])
        kinds = kind_of[part["exit"].to_numpy()].repeat(part["count"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fitter = AalenJohansenFitter(calculate_variance=False, seed=1).fit(days, kinds, event_of_interest=1)
        found[int(stage)] = float(fitter.cumulative_density_.loc[:90.5].iloc[-1, 0])
    return found


def pairs_by_pm4py(changes: Changes) -> Callable[[], dict[tuple[int, int], int]]:
    """Its nearest equivalent: how often one stage followed another, without ages; the log is made ready beforehand."""
    import pm4py

    log = pd.DataFrame(
        {
            "case:concept:name": changes.events["opportunity"].astype("str"),
            "concept:name": changes.events["state"].astype("str"),
            "time:timestamp": pd.to_datetime(changes.events["second"], unit="s", utc=True),
        }
    )
    return lambda: {(int(one), int(other)): count for (one, other), count in pm4py.discover_dfg(log)[0].items()}


def pairs_by_retentioneering(changes: Changes) -> Callable[[], dict[tuple[int, int], int]]:
    """Its nearest equivalent, the same table of next stages. It reports its use over the network: here it cannot."""
    os.environ["RETENTIONEERING_NO_TRACK"] = "1"
    with unconnected():
        from retentioneering import Eventstream

        log = pd.DataFrame(
            {
                "user_id": changes.events["opportunity"].astype("str"),
                "event": changes.events["state"].astype("str"),
                "timestamp": pd.to_datetime(changes.events["second"], unit="s"),
            }
        )
        stream = Eventstream(log)

    def counted() -> dict[tuple[int, int], int]:
        with unconnected():
            table = stream.transition_graph_data(edge_weight="count")
        cells = table.stack()
        return {
            (int(one), int(other)): int(count)
            for (one, other), count in cells.items()
            if count > 0 and one.isdigit() and other.isdigit()
        }

    return counted


@contextmanager
def unconnected() -> Iterator[None]:
    """No connection can be made within."""

    def refused(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("benchmarks make no connections")

    before = socket.socket.connect, socket.getaddrinfo
    socket.socket.connect, socket.getaddrinfo = refused, refused  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        socket.socket.connect, socket.getaddrinfo = before  # type: ignore[method-assign]


def pairs(changes: Changes) -> dict[tuple[int, int], int]:
    """How often one state followed another, counted in plain pandas."""
    log = changes.events.sort_values(["opportunity", "second", "state"])
    following = log.groupby("opportunity")["state"].shift(-1)
    counts = log.assign(following=following).dropna().groupby(["state", "following"]).size()
    return {(int(one), int(other)): int(count) for (one, other), count in counts.items()}


def in_order(counts: pd.DataFrame) -> np.ndarray:
    """The answer as one table of whole numbers, whatever its kinds and its order."""
    return counts[[*KEYS, "count"]].astype("int64").sort_values(KEYS).to_numpy()


def measured(rows: int) -> Iterator[Row]:
    """The reduction, the next stages, and the incidences, each against its peers."""
    changes = invented(rows)
    repeats = 3 if rows <= MIDDLE else 2
    reductions = {"codes": by_codes, "pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}
    yield from contest(
        "stage_log",
        rows,
        {name: partial(reduce, changes) for name, reduce in reductions.items()},
        lambda one, other: np.array_equal(in_order(one), in_order(other)),
        repeats,
    )
    if rows > MIDDLE:
        return
    yield from next_stages(changes, rows)
    counts = by_codes(changes)
    yield from contest(
        "incidence",
        rows,
        {"counts": partial(incidences, counts), "lifelines": partial(by_lifelines, counts)},
        lambda one, other: max(abs(one[stage] - share) for stage, share in other.items()) < 5e-3,
        repeats=1,
    )


def next_stages(changes: Changes, rows: int) -> Iterator[Row]:
    """The nearest that process miners have. What the package takes is the whole reduction, ages and outcomes too."""
    expected = pairs(changes)
    for name, prepare in (("pm4py", pairs_by_pm4py), ("retentioneering", pairs_by_retentioneering)):
        row: Row = {"benchmark": "stage_log", "contestant": f"{name} (next stages only)", "size": rows}
        try:
            run, found = timed(prepare(changes))
            if found != expected:
                raise ValueError("it gives another answer")
            yield row | run
        except Exception as problem:
            yield row | {"left_out": said(problem)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    for rows in parser.parse_args().rows:
        for row in measured(rows):
            print(shown(row), flush=True)


if __name__ == "__main__":
    main()
