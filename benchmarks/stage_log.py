"""Counts by stage, segment, day of age and outcome from a stage log: whole-number codes against idiomatic pandas.

The package counts by one whole number per row and ``numpy.bincount`` (`funnel.groups`, `funnel.reach`); pandas groups by
the four columns. Polars and DuckDB take part where they are installed. All answers are compared before any time is told.

    python benchmarks/stage_log.py              # 1 and 10 million visits
    python benchmarks/stage_log.py --rows 200000
"""

import argparse
import importlib.util
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from funnel_analytics import load_methodology

SEGMENTS = ["A+", "A", "B", "C", "D", "unrated"]
OUTCOMES = ["advanced", "lost", "open", "regressed", "won"]
LONGEST = 730
Counts = pd.DataFrame


def invented(rows: int, seed: int = 1) -> pd.DataFrame:
    """A seeded log with the columns that are counted, as a book holds them: text keys and days."""
    rng = np.random.default_rng(seed)
    stages = load_methodology().open_stages
    days = np.minimum(rng.gamma(1.6, 40, rows).astype("int64"), LONGEST)
    picked = {"stage": stages, "segment": SEGMENTS, "outcome": OUTCOMES}
    columns = {
        name: pd.Series(np.array(keys)[rng.integers(0, len(keys), rows)], dtype="str") for name, keys in picked.items()
    }
    return pd.DataFrame({**columns, "days": days.astype("float64")})


def by_codes(log: pd.DataFrame) -> Counts:
    """One whole number per row, counted in one pass; each text is looked up once, not once per row."""
    found = {name: pd.factorize(log[name]) for name in ("stage", "segment", "outcome")}
    (stage_code, stages), (segment_code, segments), (outcome_code, outcomes) = found.values()
    code = (stage_code * len(segments) + segment_code) * len(outcomes) + outcome_code
    code = code * (LONGEST + 1) + log["days"].to_numpy().astype("int64")
    counts = np.bincount(code)
    at = np.flatnonzero(counts)
    rest, days = np.divmod(at, LONGEST + 1)
    rest, outcome = np.divmod(rest, len(outcomes))
    stage, segment = np.divmod(rest, len(segments))
    return pd.DataFrame(
        {
            "stage": stages[stage], "segment": segments[segment],
            "days": days.astype("float64"), "outcome": outcomes[outcome], "count": counts[at],
        }
    )  # fmt: skip


def by_pandas(log: pd.DataFrame) -> Counts:
    return log.groupby(["stage", "segment", "days", "outcome"], sort=False).size().reset_index(name="count")


def by_categories(log: pd.DataFrame) -> Counts:
    """Pandas as well as one can: categories first."""
    keys = ["stage", "segment", "outcome"]
    grouped = log.astype(dict.fromkeys(keys, "category")).groupby(
        ["stage", "segment", "days", "outcome"], observed=True
    )
    return grouped.size().reset_index(name="count")


def by_polars(log: pd.DataFrame) -> Counts:
    import polars

    return polars.from_pandas(log).group_by(["stage", "segment", "days", "outcome"]).len("count").to_pandas()


def by_duckdb(log: pd.DataFrame) -> Counts:
    import duckdb

    return duckdb.query("select stage, segment, days, outcome, count(*) as count from log group by all").df()


def contestants() -> dict[str, Callable[[pd.DataFrame], Counts]]:
    found = {"codes": by_codes, "pandas": by_pandas, "pandas, categories": by_categories}
    for name, contestant in (("polars", by_polars), ("duckdb", by_duckdb)):
        if importlib.util.find_spec(name):
            found[name] = contestant
    return found


def in_order(counts: Counts) -> list[np.ndarray]:
    """The answer as plain arrays, whatever its kinds and its order."""
    plain = counts.astype({"stage": object, "segment": object, "outcome": object, "days": float, "count": int})
    plain = plain.sort_values(["stage", "segment", "days", "outcome"], ignore_index=True)
    return [plain[name].to_numpy() for name in ("stage", "segment", "days", "outcome", "count")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    for rows in asked.rows:
        log = invented(rows)
        expected = in_order(by_pandas(log))
        times = {}
        for name, contestant in contestants().items():
            for found, wanted in zip(in_order(contestant(log)), expected, strict=True):
                assert np.array_equal(found, wanted), f"{name} gives another answer"
            taken = []
            for _ in range(asked.repeats):
                start = time.perf_counter()
                contestant(log)
                taken.append(time.perf_counter() - start)
            times[name] = min(taken)
        print(f"{rows:,} visits, {len(expected[0]):,} counts, equal answers; best of {asked.repeats}:")
        for name, taken in times.items():
            print(f"  {name:<20}{taken:8.3f} s   {taken / times['codes']:5.1f} × codes")


if __name__ == "__main__":
    main()
