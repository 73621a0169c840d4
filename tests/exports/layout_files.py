"""The files of a layout: its two exports, its log and its accounts, as CSV or Excel."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xlsxwriter

from .layouts import DATES, METHOD, Layout, Team, state


def _worded(rows: pd.DataFrame, layout: Layout) -> pd.DataFrame:
    """Keys as the CRM words them."""
    outcome = rows["outcome"]
    stage = rows["stage"].map(layout.stage)
    stage = (stage + layout.suffix.get("stage", "")).astype("object")
    stage = stage.where(~outcome.isin(list(layout.closed)), outcome.map(dict(layout.closed)))
    worded = rows.assign(
        stage=stage,
        outcome=outcome.map(dict(layout.outcomes)),
        currency=layout.currency,
        is_closed=(outcome != "open").map({True: "TRUE", False: "FALSE"}),
        is_won=(outcome == "won").map({True: "TRUE", False: "FALSE"}),
        won_date=rows["close_date"].where(outcome == "won"),
        lost_date=rows["close_date"].where(outcome == "lost"),
    )
    if "won_date" in layout.opportunities:
        # Where the days of winning and losing are columns of their own, the expected day stays what it was.
        worded["close_date"] = rows["close_date"].where(outcome == "open", rows["close_date"] + pd.Timedelta(days=30))
    if "forecast_category" in rows:
        worded["forecast_category"] = rows["forecast_category"].map(dict(layout.categories))
    return worded


def _entries(team: Team, layout: Layout) -> pd.DataFrame:
    """A log of the stage from then on; a closing is a stage's label or an outcome."""
    rows = team.events.copy()
    rows["stage"] = rows["stage"].map(layout.stage).astype("object")
    if layout.closed:
        rows["stage"] = rows["stage"].fillna(rows["outcome"].map(dict(layout.closed)))
    return rows.assign(outcome=rows["outcome"].map(dict(layout.outcomes)))


def _moves(team: Team, layout: Layout) -> pd.DataFrame:
    """A log of the stage before and after, newest first; an edit has the same stage twice."""
    rows = _entries(team, layout)
    held = rows.groupby("opportunity_id")["stage"].ffill()
    rows["from_stage"] = held.groupby(rows["opportunity_id"]).shift()
    rows["stage"] = held
    rows = rows.merge(team.opportunities[["opportunity_id", "opportunity_name", "created_date"]], on="opportunity_id")
    return rows.sort_values("changed_at", ascending=False, kind="stable")


QUOTES = ('"{}"', "'{}'", "“{}”", "{}")


def _stage_dates(team: Team, layout: Layout, as_of: pd.Timestamp, rows: pd.DataFrame) -> pd.DataFrame:
    """HubSpot's columns: the last entry into each stage, under headings quoted in every way that was seen."""
    known = team.events[team.events["changed_at"] <= as_of]
    states = {key: f"{layout.stage(key)} (Sales Pipeline)" for key in METHOD.open_stages}
    for number, (key, label) in enumerate(
        {**states, "won": "closedwon", "lost": "Closed Lost (Sales Pipeline)"}.items()
    ):
        entered = known[(known["stage"] == key) | (known["outcome"] == key)]
        last = entered.groupby("opportunity_id")["changed_at"].max()
        heading = "hs_v2_date_entered_closedwon" if key == "won" else "Date entered " + QUOTES[number % 4].format(label)
        rows[heading] = rows["opportunity_id"].map(last)
    return rows


def write_csv(
    path: Path, layout: Layout, rows: pd.DataFrame, headings: Mapping[str, str], footer: tuple[str, ...] = ()
) -> None:
    cells = pd.DataFrame({heading: rows[name].map(lambda value, name=name: layout.text(name, value)) for name, heading in headings.items()})  # fmt: skip
    text = cells.to_csv(index=False, sep=layout.delimiter, lineterminator="\n")
    path.write_bytes((text + "".join(f"\n{line}" for line in footer)).encode(layout.encoding))


def write_xlsx(
    path: Path, layout: Layout, rows: pd.DataFrame, headings: Mapping[str, str], footer: tuple[str, ...] = ()
) -> None:
    """Dates and amounts as Excel's own, everything else as text."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for column, (name, heading) in enumerate(headings.items()):
            sheet.write_string(0, column, heading)
            for row, value in enumerate(rows[name], start=1):
                if isinstance(value, pd.Timestamp):
                    if layout.date == "milliseconds":
                        sheet.write_number(row, column, float(layout.dated(value)))
                    else:
                        sheet.write_datetime(row, column, value.to_pydatetime(), day)
                elif isinstance(value, float) and not pd.isna(value) and name != "probability":
                    sheet.write_number(row, column, value / layout.unit)
                elif text := layout.text(name, value):
                    sheet.write_string(row, column, text)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}


def write(folder: Path, team: Team, layout: Layout, form: str) -> Path:
    """Two exports, the log and the accounts, as far as the layout has them."""
    folder.mkdir(parents=True, exist_ok=True)
    put = WRITERS[form]
    for as_of in DATES:
        rows, headings = _worded(state(team, as_of), layout), dict(layout.opportunities)
        if layout.history == "stage_dates":
            known = set(rows)
            rows = _stage_dates(team, layout, as_of, rows)
            headings |= {name: name for name in rows if name not in known}
        put(
            folder / f"deals {as_of:%Y-%m-%d}.{form}",
            layout,
            rows,
            headings,
            layout.footer and (layout.footer[0].replace("40", str(len(rows))), *layout.footer[1:]),
        )
    if layout.history in ("entries", "moves"):
        log = _entries(team, layout) if layout.history == "entries" else _moves(team, layout)
        put(folder / f"history.{form}", layout, log, layout.log)
    if layout.accounts:
        # Revenue with us is always in full units: only the opportunities' heading names another.
        plain = Layout(**{**layout.__dict__, "unit": 1, "money": "{:.0f}"})
        put(folder / f"accounts.{form}", plain, team.accounts, layout.accounts)
    return folder
