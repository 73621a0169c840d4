"""Reading an export of 25 columns, XLSX or CSV: time and peak memory, as ratios to pandas.

Run ``python benchmarks/reading.py`` (XLSX, 200,000 rows) or ``python benchmarks/reading.py --csv`` (2,000,000 rows);
``--rows 20000`` for a quick look. Each contestant runs in a process of its own, so that memory is its own, and all
must give the same number of rows and the same sum of amounts.
"""

import argparse
import csv
import datetime
import importlib
import importlib.util
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

COLUMNS = (
    "Opportunity ID", "Opportunity Name", "Account ID", "Account Name", "Opportunity Owner", "Team", "Region", "Stage",
    "Amount", "Amount Currency", "Probability (%)", "Created Date", "Close Date", "Last Activity",
    "Last Modified Date", "Forecast Category", "Lead Source", "Type", "Industry", "Product", "Next Step",
    "Push Count", "Closed", "Won", "Description",
)  # fmt: skip
STAGES = (
    ("Prospecting", 10), ("Qualification", 20), ("Needs Analysis", 30), ("Proposal/Price Quote", 60),
    ("Negotiation/Review", 80), ("Closed Won", 100), ("Closed Lost", 0),
)  # fmt: skip
REGIONS = ("North", "South", "East", "West")
START = datetime.datetime(2022, 1, 1)


def records(rows: int) -> Iterator[tuple[object, ...]]:
    """A seeded export with the columns a CRM gives: texts, amounts, percentages, dates and flags."""
    random = np.random.default_rng(20240331)
    stage, account, owner = (random.integers(0, high, rows).tolist() for high in (len(STAGES), 8000, 120))
    amount = np.round(random.lognormal(10, 1, rows), 2).tolist()
    created, length = random.integers(0, 1500, rows).tolist(), random.integers(10, 400, rows).tolist()
    for i in range(rows):
        name, percent = STAGES[stage[i]]
        company = f"Account {account[i]:05d} Industries, Inc."
        begin = START + datetime.timedelta(created[i])
        close, middle = (begin + datetime.timedelta(length[i] // part) for part in (1, 2))
        yield (
            f"006{i:012d}AAA", f"{company} - deal {i}", f"001{account[i]:012d}AAA", company, f"Owner {owner[i]:03d}",
            f"Team {owner[i] % 12}", REGIONS[owner[i] % 4], name, amount[i], "USD", percent, begin, close, middle, close,
            "Pipeline", "Web" if i % 3 else "Partner", "New Business", "Finance" if i % 2 else "Manufacturing",
            f"Product {i % 9}", "Call back next week" if i % 4 else None, i % 5, stage[i] > 4, stage[i] == 5,
            f"Note {i % 1000}",
        )  # fmt: skip


def generate(path: Path, rows: int) -> None:
    """The records as one file, by its ending."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for record in records(rows):
                writer.writerow(f"{x:%Y-%m-%d}" if isinstance(x, datetime.datetime) else x for x in record)
        return
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Opportunities")
        sheet.write_row(0, 0, COLUMNS)
        for row, record in enumerate(records(rows), start=1):
            sheet.write_row(row, 0, record[:11])
            for column, value in enumerate(record[11:15], start=11):
                sheet.write_datetime(row, column, value, day)
            sheet.write_row(row, 15, record[15:])


def pandas_openpyxl(path: Path) -> tuple[int, float]:
    import pandas as pd

    frame = pd.read_excel(path, engine="openpyxl")
    return len(frame), float(frame["Amount"].sum())


def pandas_calamine(path: Path) -> tuple[int, float]:
    import pandas as pd

    frame = pd.read_excel(path, engine="calamine")
    return len(frame), float(frame["Amount"].sum())


def pandas_c(path: Path) -> tuple[int, float]:
    import pandas as pd

    frame = pd.read_csv(path)
    return len(frame), float(frame["Amount"].sum())


def arrow_csv(path: Path) -> tuple[int, float]:
    import pyarrow.compute
    import pyarrow.csv

    table = pyarrow.csv.read_csv(path)
    return table.num_rows, float(pyarrow.compute.sum(table["Amount"]).as_py())


def inflate_and_scan(path: Path) -> tuple[int, float]:
    """What any reader must do at least: unpack the sheet and the shared strings, and let expat find their tags.

    expat gets no handlers, so that no Python runs for each tag. It sums nothing.
    """
    import zipfile
    from xml.parsers import expat

    rows = 0
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if "/worksheets/" in name or name.endswith("sharedStrings.xml"):
                text = package.read(name)
                expat.ParserCreate().Parse(text, True)
                rows += text.count(b"<row ")
    return rows - 1, float("nan")


def text_cells(path: Path) -> tuple[int, float]:
    """The file stage only: every cell as text."""
    from funnel_analytics.exports.formats import read_sheets

    cells = read_sheets(path)[0].cells
    return len(cells) - 1, float(cells[COLUMNS.index("Amount")].iloc[1:].astype("float64").sum())


def typed_columns(path: Path) -> tuple[int, float]:
    """Formats → sheets → values: the file stage and every column typed."""
    from funnel_analytics.exports import values
    from funnel_analytics.exports.formats import read_sheets
    from funnel_analytics.exports.sheets import find_table

    table = find_table(read_sheets(path)[0])
    assert table is not None
    readers = {
        "Amount": values.parse_money, "Probability (%)": values.parse_probability, "Created Date": values.parse_dates,
        "Close Date": values.parse_dates, "Last Activity": values.parse_dates,
        "Last Modified Date": values.parse_dates, "Push Count": values.parse_number, "Closed": values.parse_flag,
        "Won": values.parse_flag, "Opportunity ID": values.parse_id, "Account ID": values.parse_id,
    }  # fmt: skip
    typed = {heading: readers.get(heading, values.parse_text)(table.rows[heading]).values for heading in table.headings}
    return len(table.rows), float(typed["Amount"].sum())


def read_exports(path: Path) -> tuple[int, float]:
    """The whole way into a Book."""
    import funnel_analytics as fa

    book = fa.read_exports(path, as_of="2026-09-30")
    return len(book.opportunities), float(book.opportunities["amount"].sum())


OURS = {
    "formats (text cells)": text_cells,
    "formats → sheets → values": typed_columns,
    "fa.read_exports (a Book)": read_exports,
}
XLSX = {
    "pandas + openpyxl": pandas_openpyxl,
    "pandas + calamine": pandas_calamine,
    "zlib + expat scan": inflate_and_scan,
    **OURS,
}
CSV = {"pandas (C engine)": pandas_c, "pyarrow": arrow_csv, **OURS}


def run_one(name: str, path: Path) -> None:
    """Run one contestant in this process and print its measurements as JSON."""
    theirs = {"pandas + openpyxl": ("pandas", "openpyxl"), "pyarrow": ("pyarrow.csv", "pyarrow.compute")}
    for module in ("pandas", "funnel_analytics.exports.reading") if name in OURS else theirs.get(name, ("pandas",)):
        importlib.import_module(module)
    started, cpu_started = time.perf_counter(), time.process_time()
    rows, total = {**XLSX, **CSV}[name](path)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu_started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(json.dumps({"name": name, "rows": rows, "total": total, "seconds": seconds, "cpu": cpu, "megabytes": peak}))


def measure(name: str, path: Path, repetitions: int) -> dict:
    """The fastest of some runs, each in a fresh process."""
    runs = []
    for _ in range(repetitions):
        command = [sys.executable, __file__, "--one", name, "--file", str(path)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        runs.append(json.loads(output.splitlines()[-1]))
    return min(runs, key=lambda run: run["seconds"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", action="store_true", help="a text table instead of a workbook")
    parser.add_argument("--rows", type=int, help="default 200,000, and 2,000,000 with --csv")
    parser.add_argument("--repetitions", type=int, default=1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.file)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("export.csv" if options.csv else "export.xlsx")
        rows = options.rows or (2_000_000 if options.csv else 200_000)
        print(f"Writing {rows:,} rows × {len(COLUMNS)} columns …", flush=True)
        generate(path, rows)
        print(
            f"{path.stat().st_size / 1e6:.0f} MB\n\n{'':28}{'seconds':>9}{'faster':>9}{'CPU s':>8}{'less':>8}{'MB':>8}{'of its memory':>15}"
        )
        base = None
        for name in CSV if options.csv else XLSX:
            if name == "pandas + calamine" and importlib.util.find_spec("python_calamine") is None:
                print(f"{name:28}{'(python-calamine is not installed)':>41}")
                continue
            run = measure(name, path, options.repetitions)
            base = base or run
            assert run["rows"] == base["rows"], f"{name} read {run['rows']} rows, not {base['rows']}"
            assert run["total"] != run["total"] or np.isclose(run["total"], base["total"]), (
                f"{name} sums to {run['total']}, not {base['total']}"
            )
            faster, less = base["seconds"] / run["seconds"], base["cpu"] / run["cpu"]
            print(
                f"{name:28}{run['seconds']:9.1f}{faster:8.1f}×{run['cpu']:8.1f}{less:7.1f}×"
                f"{run['megabytes']:8.0f}{run['megabytes'] / base['megabytes']:14.2f}×",
                flush=True,
            )


if __name__ == "__main__":
    main()
