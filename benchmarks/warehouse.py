"""Invented opportunities with a long history, as Parquet larger than memory; analysed through the embedded engine.

python benchmarks/warehouse.py                     # 100,000 opportunities, 1 million changes
python benchmarks/warehouse.py --opportunities 5000000 --folder /data/large --threads 2 --output results/larger.json
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
from measuring import Row, machine, others, peak, shown, timed

import funnel_analytics as fa

STAGES = fa.load_methodology().open_stages
CHANGES = 10
"""Recorded changes of an opportunity, on average."""
AS_OF = "2026-09-30"
MEMORY = "6GB"
"""What the engine may hold at most: beyond it writes to disk, instead of taking the memory of others."""
ANALYSES: dict[str, Callable[[Any], pd.DataFrame]] = {
    "stage_conversion": lambda source: fa.stage_conversion(source, by="segment"),
    "time_in_stage": lambda source: fa.time_in_stage(source, by="segment"),
    "win_rates": lambda source: fa.win_rates(source, by="region"),
    "sales_velocity": lambda source: fa.sales_velocity(source, by="region"),
    "weighted_forecast": lambda source: fa.weighted_forecast(source, by="quarter"),
    "pipeline_ageing": lambda source: fa.pipeline_ageing(source, by="region"),
    "stage_transitions": lambda source: fa.stage_transitions(source, by="segment"),
    "conversion_cohorts": lambda source: fa.conversion_cohorts(source, by="region"),
    "conversion_trend": lambda source: fa.conversion_trend(source, by="segment"),
    "pipeline_flow": lambda source: fa.pipeline_flow(source, every="quarter", since="2026-03-31"),
    "slippage": lambda source: fa.slippage(source, by="region"),
    "pipeline_coverage": lambda source: fa.pipeline_coverage(source, quota=1e9),
    "quota_pacing": lambda source: fa.quota_pacing(source),
}


def write(folder: Path, opportunities: int, memory: str = MEMORY) -> int:
    """Opportunities and their history; about half the steps go forward, most opportunities end. The number of changes."""
    keys = ", ".join(f"'{key}'" for key in STAGES)
    with duckdb.connect() as connection:
        connection.execute(
            f"set temp_directory = '{folder}'; set preserve_insertion_order = false; set memory_limit = '{memory}'"
        )
        # Whole numbers from a hash: the same rows on every machine, in every number of threads.
        connection.execute(f"""
            create macro part(id, salt, n) as (hash(id * 1000 + salt) % n)::bigint;
            create view steps as
              select id, step, 1 + part(id, 1, {2 * CHANGES - 1}) as steps,
                     case when step = 0 then 0 else greatest(0, least({len(STAGES) - 1},
                       (step * {len(STAGES)} // {CHANGES}) + part(id, 10 + step, 3) - 1)) end as stage,
                     step * 9 + part(id, 40 + step, 9) as days
              from range({opportunities}) as ids(id), range({2 * CHANGES}) as turns(step);
            create view opportunities as
              select id, 1 + part(id, 1, {2 * CHANGES - 1}) as steps, part(id, 2, 10) as fate,
                     date '2021-01-01' + part(id, 3, 1900)::int as created from range({opportunities}) as ids(id);
            copy (select 'O' || id as opportunity_id, created + days::int + to_seconds(part(id, 70 + step, 80000)) as changed_at,
                         [{keys}][stage + 1] as stage,
                         round(exp(10 + part(id, 4, 300) / 100.0), 2) * (1 + part(id, step, 3) / 10.0) as amount,
                         created + (opportunities.steps * 9 + 10)::int as close_date
                  from steps join opportunities using (id) where step < opportunities.steps and created + days::int <= date '{AS_OF}')
              to '{folder}/history.parquet' (format parquet);
            copy (select 'O' || id as opportunity_id, null::varchar as stage,
                         case when fate < 3 then 'won' when fate < 7 then 'lost' else 'open' end as outcome,
                         round(exp(10 + part(id, 4, 300) / 100.0), 2) as amount, created as created_date,
                         least(created + (steps * 9 + 10)::int, date '{AS_OF}') as close_date,
                         ['A+', 'A', 'B', 'C', 'D'][1 + part(id, 5, 5)] as segment,
                         ['North', 'South', 'East', 'West'][1 + part(id, 6, 4)] as region
                  from opportunities) to '{folder}/opportunities.parquet' (format parquet)
        """)
        found = connection.sql(f"select count(*) from '{folder}/history.parquet'").fetchone()
    return int(found[0]) if found else 0


def large(folder: Path, opportunities: int, memory: str = MEMORY, threads: int | None = None) -> Iterator[Row]:
    """Each analysis through the embedded engine: what it took, and the most memory held until then."""
    changes = write(folder, opportunities, memory)
    held = {"memory_limit": memory, "temp_directory": str(folder / "spilled")}
    backend = ibis.duckdb.connect(**held, **({} if threads is None else {"threads": threads}))
    for kind in ("opportunities", "history"):
        backend.raw_sql(f"create view {kind} as from '{folder / kind}.parquet'")
    warehouse = fa.connect(backend, as_of=AS_OF)
    steps = {"stage_log": lambda source: source.visits} | ANALYSES
    for name, step in steps.items():
        run, _ = timed(partial(step, warehouse))
        row = {"benchmark": "engine", "contestant": name, "size": changes, "opportunities": opportunities}
        yield {**row, **run, "peak_gib": peak()}


def book_of(folder: Path) -> fa.Book:
    """A book of the same files."""
    opportunities, history = (pd.read_parquet(folder / f"{kind}.parquet") for kind in ("opportunities", "history"))
    day = pd.Timestamp(AS_OF)
    return fa.assemble(fa.Parts(snapshots=opportunities.assign(as_of=day), history=history), as_of=day)


def check(folder: Path, opportunities: int) -> None:
    """A book of the same files gives the same numbers."""
    write(folder, opportunities)
    book, warehouse = book_of(folder), fa.connect(folder, as_of=AS_OF)
    for name, analysis in ANALYSES.items():
        pd.testing.assert_frame_equal(analysis(book), analysis(warehouse), check_dtype=False, obj=name)


def measured(size: int) -> Iterator[Row]:
    """So many changes, analysed through the embedded engine; few of them held against a book first."""
    with tempfile.TemporaryDirectory() as folder:
        check(Path(folder), 500)
        yield from large(Path(folder), max(size // CHANGES, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--opportunities", type=int, nargs="*", default=[100_000])
    parser.add_argument("--folder", type=Path, help="where to write the files; a temporary folder otherwise")
    parser.add_argument("--memory", default=MEMORY, help="how much the engine may hold")
    parser.add_argument("--threads", type=int, help="how many processors the engine may use; all of them otherwise")
    parser.add_argument("--output", type=Path, help="where to write the measurements, as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        check(folder, 2_000)
        where = {**machine(), "others": others()}
        rows = []
        for opportunities in asked.opportunities:
            for row in large(folder, opportunities, asked.memory, asked.threads):
                rows.append(row)
                print(shown(row), flush=True)
    if asked.output:
        asked.output.write_text(json.dumps({"machine": where, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
