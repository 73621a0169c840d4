"""Reading an export of 25 columns, XLSX or CSV: time and peak memory, as ratios to pandas.

Run ``python benchmarks/reading.py`` (XLSX, 200,000 rows) or ``python benchmarks/reading.py --csv`` (2,000,000 rows);
``--rows 20000`` for a quick look. Each contestant runs in a process of its own, so that memory is its own, and all
must give the same number of rows and the same sum of amounts. DuckDB reads XLSX with an extension that it fetches from
the network: it is asked for CSV only.
"""

import argparse
import csv
import datetime
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from measuring import Row, peak, said, shown, timed

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


def polars_calamine(path: Path) -> tuple[int, float]:
    import polars as pl

    frame = pl.read_excel(path)
    return len(frame), float(frame["Amount"].sum())


def polars_csv(path: Path) -> tuple[int, float]:
    import polars as pl

    frame = pl.read_csv(path)
    return len(frame), float(frame["Amount"].sum())


def duckdb_csv(path: Path) -> tuple[int, float]:
    import duckdb

    columns = duckdb.sql(f"from read_csv('{path}')").fetchnumpy()
    return len(columns["Amount"]), float(columns["Amount"].sum())


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
    from funnel_analytics.exports.formats.opening import read_sheets

    cells = read_sheets(path)[0].cells
    return len(cells) - 1, float(cells[COLUMNS.index("Amount")].iloc[1:].astype("float64").sum())


def typed_columns(path: Path) -> tuple[int, float]:
    """Formats → sheets → values: the file stage and every column typed."""
    from funnel_analytics.exports.formats.opening import read_sheets
    from funnel_analytics.exports.sheets.table_inside import find_table
    from funnel_analytics.exports.values import parsing

    table = find_table(read_sheets(path)[0])
    assert table is not None
    readers = {
        "Amount": parsing.parse_money, "Probability (%)": parsing.parse_probability, "Created Date": parsing.parse_dates,
        "Close Date": parsing.parse_dates, "Last Activity": parsing.parse_dates,
        "Last Modified Date": parsing.parse_dates, "Push Count": parsing.parse_number, "Closed": parsing.parse_flag,
        "Won": parsing.parse_flag, "Opportunity ID": parsing.parse_id, "Account ID": parsing.parse_id,
    }  # fmt: skip
    typed = {
        heading: readers.get(heading, parsing.parse_text)(table.rows[heading]).values for heading in table.headings
    }
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
    "polars": polars_calamine,
    "zlib + expat scan": inflate_and_scan,
    **OURS,
}
CSV = {"pandas (C engine)": pandas_c, "pyarrow": arrow_csv, "polars": polars_csv, "duckdb": duckdb_csv, **OURS}


THEIRS = {
    "pandas + openpyxl": ("pandas", "openpyxl"), "pyarrow": ("pyarrow.csv", "pyarrow.compute"), "polars": ("polars",),
    "duckdb": ("duckdb", "pyarrow"),
}  # fmt: skip
"""What is imported before the time runs; pandas for all others."""


def contestants(path: Path) -> dict[str, Callable[[Path], tuple[int, float]]]:
    """Who reads a file of this kind."""
    return CSV if path.suffix == ".csv" else XLSX


def run_one(name: str, path: Path) -> None:
    """Run one contestant in this process and print what it took as JSON."""
    for module in ("pandas", "funnel_analytics.exports.reading") if name in OURS else THEIRS.get(name, ("pandas",)):
        importlib.import_module(module)
    try:
        run, (rows, total) = timed(lambda: contestants(path)[name](path))
        print(json.dumps({**run, "peak_gib": peak(), "rows": rows, "total": total}))
    except Exception as problem:
        print(json.dumps({"left_out": said(problem)}))


def measured(kind: str, rows: int) -> Iterator[Row]:
    """Each contestant in a process of its own; all must give the same rows and the same sum of amounts."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{kind}"
        generate(path, rows)
        expected: Row = {}
        for name in contestants(path):
            row: Row = {"benchmark": f"reading_{kind}", "contestant": name, "size": rows}
            command = [sys.executable, __file__, "--one", name, "--file", str(path)]
            output = subprocess.run(command, capture_output=True, text=True, check=False)
            printed = output.stdout.splitlines() or [
                json.dumps({"left_out": (output.stderr.splitlines() or ["?"])[-1]})
            ]
            run = json.loads(printed[-1])
            answer = {key: run.pop(key) for key in ("rows", "total") if key in run}
            expected = expected or answer
            # The scan sums nothing.
            adds_up = answer and (answer["total"] != answer["total"] or np.isclose(answer["total"], expected["total"]))
            if "left_out" not in run and not (adds_up and answer["rows"] == expected["rows"]):
                run = {"left_out": f"it gives another answer: {answer}"}
            yield row | run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--csv", action="store_true", help="a text table instead of a workbook")
    parser.add_argument("--rows", type=int, help="default 200,000, and 2,000,000 with --csv")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options.one, options.file)
        return
    kind, usual = ("csv", 2_000_000) if options.csv else ("xlsx", 200_000)
    for row in measured(kind, options.rows or usual):
        print(shown(row), flush=True)


if __name__ == "__main__":
    main()
