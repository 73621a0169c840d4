"""What was measured, as docs/benchmarks.md with its chart and as the block in the README; nothing is typed by hand."""

import json
import re
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from measuring import Row

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "results.json"
LARGER = HERE / "results" / "larger.json"
"""What `warehouse.py --output` measured of data larger than memory; once, by itself."""
PAGE = HERE.parent / "docs" / "benchmarks.md"
PICTURE = HERE.parent / "docs" / "benchmarks.svg"
README = HERE.parent / "README.md"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
FIRST = {
    "stage_log": "codes",
    "incidence": "counts",
    "draws": "outlook's draws",
    "reading_xlsx": "fa.read_exports (a Book)",
    "reading_csv": "fa.read_exports (a Book)",
    "review": "whole",
    "redraw": "dashboard, new value",
    "start_up": "import pandas",
}
"""Whose time is 1 in the column of ratios."""
SAID = {
    "start_up": "Starting, in processes of their own.",
    "filter": "A book with ten changes an opportunity: its stage log, a filter with its conversion, the chart, the outlook.",
    "stage_log": "The stage log reduced to counts by stage, segment, days and outcome. Process miners give their nearest: the"
    " table of next stages, without ages.",
    "incidence": "Aalen–Johansen of every stage from the counts, against lifelines from the single visits.",
    "draws": "The sum of open opportunities, 10,000 draws: the outlook's way, and each opportunity drawn with numpy.",
    "engine": "The analyses through the embedded engine, over Parquet; first held against a book of the same files.",
    "reading_xlsx": "An XLSX of 25 columns, each reader in a process of its own. `zlib + expat scan` is no reader: no reader"
    " can do with less.",
    "reading_csv": "The same as CSV.",
    "review": "A whole review of one export, and pandas with openpyxl that merely reads the file.",
    "redraw": "From a changed control to four new charts painted in the browser; the usual way is an `Output` and `plt.show`.",
}
QUIET = 0.15
"""Share of the processors that a machine's own housekeeping may take."""
LINES = {
    "stage_log": "Stage log → counts",
    "draws": "Sum of open opportunities",
    "engine": "Embedded engine, over Parquet",
}


def results() -> Row:
    """What was measured so far."""
    empty: Row = {"machine": {}, "parts": {}, "rows": []}
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else empty


def larger() -> Row:
    """What was measured of data larger than memory; without rows where it was not."""
    if not LARGER.is_file():
        return {"rows": []}
    found: Row = json.loads(LARGER.read_text(encoding="utf-8"))
    here = found["machine"]
    if "others" not in here:
        # Measured when only the load was noted, at the end of one run: no more of it than the processors was its own.
        here["others"] = max(min(here["load"] - here["processors"], here["processors"]), 0)
    return found


def where(machine: Row) -> str:
    """The machine and the versions in a sentence."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    system = f"{machine['system']}, Python {machine['python']}"
    return f"On {machine['processors']} processors ({system}); {versions}."


def busy(part: Row, machine: Row) -> str:
    """What is to be said where others used the machine as well."""
    taken, processors = part.get("others") or 0, machine["processors"]
    if taken <= QUIET * processors:
        return ""
    return (
        f" The machine was shared (others kept {taken:.1f} of {processors} processors busy): read the ratios of processors;"
        " seconds that passed say little."
    )


def ratios(rows: pd.DataFrame) -> pd.Series:
    """Time of processors ÷ the first contestant's of the same size; time that passed where that alone is known."""
    benchmark = str(rows["benchmark"].iloc[0])
    taken = rows["cpu"].fillna(rows["seconds"])
    base = taken.where(rows["contestant"] == FIRST.get(benchmark)).groupby(rows["size"]).transform("max")
    return taken / base


def table(rows: pd.DataFrame) -> str:
    """One benchmark as a table, each way's rows of one size together, and who was left out."""
    # A part that tries a way once more, later, measured it in the same run.
    turn = rows.groupby(["size", rows["contestant"].map(way)], sort=False).ngroup()
    rows = rows.loc[turn.sort_values(kind="stable").index]
    kept = rows[rows["left_out"].isna()]
    lines = ["| | size | CPU s | s | × | peak GiB |", "|---|---|---|---|---|---|"]
    for row, ratio in zip(kept.itertuples(), ratios(kept) if len(kept) else [], strict=True):
        cells = [
            "" if pd.isna(value) else form.format(value)
            for value, form in (
                (row.cpu, "{:.3f}"),
                (row.seconds, "{:.3f}"),
                (ratio, "{:.1f}"),
                (row.peak_gib, "{:.2f}"),
            )
        ]
        lines.append(f"| {row.contestant} | {row.size:,} | {' | '.join(cells)} |")
    out = [
        f"Left out: {row.contestant} ({row.size:,}): {row.left_out}."
        for row in rows[rows["left_out"].notna()].itertuples()
    ]
    return "\n\n".join(["\n".join(lines) if len(kept) else "", *out]).strip()


def frame_of(found: Row) -> pd.DataFrame:
    """Rows as a frame with every column."""
    columns = ["part", "benchmark", "contestant", "size", "opportunities", "seconds", "cpu", "peak_gib", "left_out"]
    return pd.DataFrame(found["rows"]).reindex(columns=columns)


def document(found: Row, more: Row) -> str:
    """The measured part of the page."""
    frame = frame_of(found)
    texts = [where(found["machine"])]
    for benchmark, rows in sorted(frame.groupby("benchmark"), key=lambda one: list(SAID).index(str(one[0]))):
        part = found["parts"][rows["part"].iloc[0]]
        took = f" `{part['command']}`: {part['seconds']:.0f} s for this part.{busy(part, found['machine'])}"
        texts.append(
            f"## {str(benchmark).replace('_', ' ').capitalize()}\n\n{SAID[str(benchmark)]}{took}\n\n{table(rows)}"
        )
    if more["rows"]:
        opportunities = more["rows"][0]["opportunities"]
        texts.append(
            f"## Larger than memory\n\n{opportunities:,} opportunities through the embedded engine, measured once (`{more['machine']['command']}`). "
            f"{where(more['machine'])}{busy(more['machine'], more['machine'])}\n\n{table(frame_of(more))}"
        )
    return "\n\n".join([*texts, "![Growth of cost](benchmarks.svg)"])


def way(contestant: str) -> str:
    """Whose a row is, where one contestant is measured in several ways.

    >>> way("dashboard, drawn ahead"), way("pandas")
    ('dashboard', 'pandas')
    """
    return contestant.split(", ")[0]


def times(ratio: float) -> str:
    """A ratio in few digits.

    >>> times(14.06), times(0.081)
    ('14.1 ×', '0.08 ×')
    """
    return f"{ratio:.1f} ×" if ratio >= 1 else f"{ratio:.2f} ×"


def starting(rows: pd.DataFrame) -> list[str]:
    """What starting costs, as a line."""
    cpu = rows.set_index("contestant")["cpu"]
    if not {"import pandas", "import funnel_analytics", "python", "funnel-analytics --help"} <= set(cpu.index):
        return []
    imported = cpu["import funnel_analytics"] / cpu["import pandas"]
    asked = cpu["funnel-analytics --help"] - cpu["python"]
    return [
        f"- Importing the package: {times(imported)} importing pandas; `--help`: {asked:.2f} s beyond Python's own start."
    ]


def highlights(found: Row, more: Row) -> str:
    """The block in the README."""
    frame = frame_of(found)
    frame = frame[frame["left_out"].isna()]
    lines = []
    for benchmark, text in HEADLINES.items():
        rows = frame[frame["benchmark"] == benchmark]
        first = rows[rows["contestant"] == FIRST.get(benchmark, "")]
        if first.empty:
            continue
        rows = rows[rows["size"] == first["size"].max()].assign(ratio=ratios)
        own = rows[rows["contestant"] == FIRST[benchmark]].iloc[0]
        passed = rows["seconds"].fillna(rows["cpu"]).set_axis(rows["contestant"])
        # What the package's own other ways take is a time, and no rival's ratio.
        ours = [f"{OWN_WAYS[name]} {passed[name]:.2f} s" for name in OWN_WAYS if name in passed]
        others = [
            f"{RIVALS.get(row.contestant, row.contestant)} {times(row.ratio)}"
            for row in rows.itertuples()
            if row.contestant not in (own.contestant, *OWN_WAYS) and not NO_PEERS.search(row.contestant)
        ]
        said = text.format(size=own["size"], seconds=passed[own["contestant"]])
        own_ways = f" ({', '.join(ours)})" if ours else ""
        lines.append(f"- {said}{own_ways}: {', '.join(others)}.")
    lines += starting(frame[frame["benchmark"] == "start_up"])
    if more["rows"]:
        rows = frame_of(more)
        slowest = rows[rows["contestant"] != "stage_log"]["cpu"].max()
        lines.append(
            f"- {rows['opportunities'].iloc[0]:,.0f} opportunities with {rows['size'].iloc[0]:,} changes as Parquet: the stage"
            f" log {rows['cpu'].iloc[0]:.0f} s of CPU time, then an analysis at most {slowest:.0f} s, in"
            f" {rows['peak_gib'].max():.1f} GiB."
        )
    shared = any(busy(part, found["machine"]) for part in found["parts"].values())
    said = " The machine was shared with other work: seconds say little, ratios hold." if shared else ""
    lead = (
        f"Measured on {found['machine']['processors']} processors. Each other way is followed by its CPU time ÷ the"
        f" package's: below 1, it is the faster one.{said}"
    )
    return "\n".join([lead, "", *lines])


HEADLINES = {
    "stage_log": "{size:,} stage changes counted by stage, segment, days and outcome in {seconds:.2f} s",
    "incidence": "Incidence of every stage of {size:,} changes, from their counts, in {seconds:.3f} s",
    "draws": "{size:,} open opportunities drawn 10,000 times in {seconds:.2f} s",
    "reading_xlsx": "An XLSX of {size:,} rows read into a book in {seconds:.1f} s",
    "reading_csv": "A CSV of {size:,} rows read into a book in {seconds:.1f} s",
    "redraw": "Four charts painted after a changed control, {size:,} opportunities, in {seconds:.2f} s",
    "review": "A review of {size:,} opportunities as pptx, xlsx and html in {seconds:.0f} s",
}
OWN_WAYS = {
    "dashboard, drawn ahead": "drawn ahead while the person looked",
    "dashboard, seen before": "seen before",
}
RIVALS = {"usual, new value": "an `Output` with `plt.show`"}
"""What the README calls a contestant that its row names only in short."""
NO_PEERS = re.compile(r"scan|formats|seen before|next stages|^(reading|analysing|wording|slides|workbook|page)$")
"""Contestants that are steps of the package's own, or give another answer than it: not in the README."""


def with_block(text: str, block: str) -> str:
    """A page with its measured block."""
    return f"{text.split(BEGIN)[0]}{BEGIN}\n\n{block}\n\n{END}{text.split(END)[1]}"


def draw(found: Row) -> Figure:
    """The growth of cost with size."""
    frame = frame_of(found)
    frame = frame[frame["left_out"].isna()]
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    for axes, (benchmark, title) in zip(figure.subplots(1, len(LINES)), LINES.items(), strict=True):
        for name, rows in frame[frame["benchmark"] == benchmark].groupby("contestant", sort=False):
            axes.plot(rows["size"], rows["cpu"], marker="o", markersize=4, label=str(name))
        unit = "open opportunities" if benchmark == "draws" else "stage changes"
        axes.set(xscale="log", yscale="log", title=title, xlabel=unit, ylabel="seconds of processors")
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize="small")
    return figure


def write() -> None:
    """The page, its chart and the README's block."""
    found, more = results(), larger()
    for path, block in ((PAGE, document(found, more)), (README, highlights(found, more))):
        path.write_text(with_block(path.read_text(encoding="utf-8"), block), encoding="utf-8")
    draw(found).savefig(PICTURE, metadata={"Date": None})
