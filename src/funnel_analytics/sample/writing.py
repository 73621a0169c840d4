"""The invented team as files that look like a CRM's exports, in English and Chinese; the same bytes every time."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from ..methodology import load_methodology
from .books import EXPORT_DATES, account_table, history_table, opportunity_table, owner_table, quota_table
from .calls import call_table
from .dialects import Dialect, dialect_of
from .evidence import evidence_table
from .ratings import rating_table
from .simulation import YEARS, Team, make_team

_WIDTHS = {"opportunity_name": 38, "account_name": 22, "next_step": 26}
_FORMATS = {"amount": "#,##0", "quota": "#,##0", "seller_call": "#,##0", "manager_call": "#,##0", "probability": "0"}


def _cell(value: object) -> object:
    return None if value is None or (not isinstance(value, str) and pd.isna(value)) else value


def _write_xlsx(path: Path, headings: Mapping[str, str], frame: pd.DataFrame, written: pd.Timestamp) -> None:
    """One sheet with the frame's columns under their headings."""
    # On first use only: importing the package must stay quick.
    import xlsxwriter

    plain = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), plain) as book:
        # A fixed date makes the same team the same bytes.
        book.set_properties({"created": written.to_pydatetime(), "author": "Invented sample"})
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for number, (name, heading) in enumerate(headings.items()):
            style = book.add_format({"num_format": _FORMATS[name]}) if name in _FORMATS else None
            sheet.write_string(0, number, heading, bold)
            for row, value in enumerate(map(_cell, frame[name]), start=1):
                if isinstance(value, pd.Timestamp):
                    sheet.write_datetime(row, number, value.to_pydatetime(), day)
                elif value is not None:
                    sheet.write(row, number, value, style)
            sheet.set_column(number, number, _WIDTHS.get(name, 14))
        sheet.autofilter(0, 0, len(frame), len(headings) - 1)


def _text(cell: object, date_text: str) -> str:
    if isinstance(cell, pd.Timestamp):
        return date_text.format(cell)
    return "" if cell is None else f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def _write_csv(path: Path, headings: Mapping[str, str], frame: pd.DataFrame, date_text: str) -> None:
    # With a byte order mark, as Excel needs it to show Chinese.
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\r\n")
        writer.writerow(headings.values())
        for row in frame[list(headings)].itertuples(index=False):
            writer.writerow([_text(_cell(value), date_text) for value in row])


def _exported(rows: pd.DataFrame, dialect: Dialect) -> pd.DataFrame:
    """An export as the CRM words it, with what people typed by hand."""
    marked = rows["opportunity_id"].str.endswith("77")
    # Somebody typed a blank behind the stage; one export shows one owner in capitals or with a wide blank.
    labels = rows["stage_label"].mask(marked, rows["stage_label"] + " ")
    loud = (rows["opportunity_id"] == "OPP-10177") & (rows["as_of"] == EXPORT_DATES[1])
    owners = rows["owner"].mask(loud, rows["owner"].str.upper() + "\u3000")
    return rows.assign(
        stage=labels,
        owner=owners,
        outcome=rows["outcome"].map(dialect.outcomes),
        probability=(rows["probability"] * 100).round(),
        forecast_category=rows["forecast_category"].map(dialect.categories),
    )


def _write_opportunities(folder: Path, team: Team, dialect: Dialect) -> list[Path]:
    paths = []
    for day in EXPORT_DATES:
        rows = _exported(opportunity_table(team, day, dialect), dialect)
        newest = day == EXPORT_DATES[-1]
        path = folder / f"{dialect.files['opportunities']} {day:%Y-%m-%d}.{'csv' if newest else 'xlsx'}"
        if newest:
            _write_csv(path, dialect.opportunities, rows, dialect.date_text)
        else:
            _write_xlsx(path, dialect.opportunities, rows, day)
        paths.append(path)
    return paths


def _write_accounts(folder: Path, team: Team, dialect: Dialect) -> Path:
    """Accounts with a column per year of revenue and per criterion."""
    criteria = load_methodology().criteria
    accounts = account_table(team, dialect)
    ratings = team.ratings.pivot(index="account_id", columns="criterion", values="rating")
    revenue = team.accounts[["account_id", *(f"revenue_{year}" for year in YEARS)]]
    frame = accounts.merge(revenue, on="account_id").merge(ratings, left_on="account_id", right_index=True, how="left")
    headings = dict(dialect.accounts)
    headings |= {f"revenue_{year}": dialect.revenue.format(year) for year in YEARS}
    headings |= {criterion.key: criterion.name[dialect.language] for criterion in criteria}
    path = folder / f"{dialect.files['accounts']}.xlsx"
    _write_xlsx(path, headings, frame, team.end)
    return path


def _evidence(team: Team, dialect: Dialect) -> pd.DataFrame:
    """The evidence sheet as people fill it in, in words."""
    rows = evidence_table(team, EXPORT_DATES[-1], dialect)
    words = {name: rows[name].map(dialect.statuses) for name in ("status", "validation")}
    return rows.assign(evidence=rows["evidence_label"], **words)


def _ratings(team: Team, dialect: Dialect) -> pd.DataFrame:
    """The rating sheet as people fill it in, in words."""
    rows = rating_table(team, dialect)
    return rows.assign(criterion=rows["criterion_label"])


def write_sample(folder: str | Path, lang: str = "en") -> list[Path]:
    """Write the sample team as exports: four quarterly workbooks, one CSV, accounts, history, owners, quotas,
    calls, evidence, ratings.

    Parameters
    ----------
    folder
        Where to; files of the same name are replaced.
    lang
        ``"en"`` or ``"zh-Hans"``.

    Returns
    -------
    list of Path
        The files, the same bytes every time.

    Raises
    ------
    ArgumentError
        If there is no sample in that language.
    """
    dialect, team, target = dialect_of(lang), make_team(), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = [*_write_opportunities(target, team, dialect), _write_accounts(target, team, dialect)]
    history = history_table(team, dialect)
    paths.append(target / f"{dialect.files['history']}.csv")
    _write_csv(paths[-1], dialect.history, history.assign(stage=history["stage_label"]), dialect.date_text)
    small: Sequence[tuple[str, Mapping[str, str], pd.DataFrame]] = (
        ("owners", dialect.owners, owner_table(team, dialect)),
        ("quotas", dialect.quotas, quota_table(team, dialect)),
        ("calls", dialect.calls, call_table(team, EXPORT_DATES[-1], dialect)),
        ("evidence", dialect.evidence, _evidence(team, dialect)),
        ("ratings", dialect.ratings, _ratings(team, dialect)),
    )
    for table, headings, frame in small:
        paths.append(target / f"{dialect.files[table]}.xlsx")
        _write_xlsx(paths[-1], headings, frame, team.end)
    return paths
