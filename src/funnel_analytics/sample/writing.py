"""The invented team as a book, and as files that look like a CRM's exports, in English and Chinese."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd

from .. import tables
from ..assembly import Parts, assemble
from ..book import Book
from ..errors import ArgumentError, nearest
from ..methodology import load_methodology
from . import people
from .simulation import END, Team, make_team, state_of

EXPORT_DATES = tuple(
    pd.Timestamp(day) for day in ("2025-12-31", "2026-03-31", "2026-06-30", "2026-09-30", "2026-11-20")
)
"""Four quarterly workbooks and the newest weekly list."""
CURRENCY = "EUR"
_JUST_WON_DAYS = 30
YEARS = (2023, 2024, 2025)


@dataclass(frozen=True)
class _Dialect:
    """How an export of one language is worded."""

    turn: int
    """Which of the (English, Chinese) names to take."""
    method_language: str
    files: tuple[str, str, str, str, str]
    """Stems: opportunities, accounts, stage history, owners, quotas."""
    outcomes: dict[str, str]
    closed_stages: dict[str, str]
    categories: dict[str, str]
    date_text: str
    opportunities: tuple[str, ...]
    accounts: tuple[str, ...]
    revenue: str
    history: tuple[str, ...]
    owners: tuple[str, ...]
    quotas: tuple[str, ...]


_DIALECTS = {
    "en": _Dialect(
        turn=0,
        method_language="en",
        files=("opportunities", "accounts", "stage_history", "owners", "quotas"),
        outcomes={"open": "Open", "won": "Won", "lost": "Lost"},
        closed_stages={"won": "Closed Won", "lost": "Closed Lost"},
        categories={"commit": "Commit", "best_case": "Best Case", "pipeline": "Pipeline", "omitted": "Omitted", "closed": "Closed"},
        date_text="{0:%Y-%m-%d}",
        opportunities=(
            "Opportunity ID", "Opportunity Name", "Account ID", "Account Name", "Opportunity Owner", "Product", "Type", "Lead Source",
            "Stage", "Status", "Amount", "Currency", "Probability (%)", "Forecast Category", "Created Date", "Close Date",
            "Stage Entered Date", "Last Activity Date", "Next Step",
        ),
        accounts=("Account ID", "Account Name", "Account Owner", "Region", "Industry", "Country", "Parent Account"),
        revenue="Revenue {}",
        history=("Opportunity ID", "Changed On", "Stage", "Amount", "Close Date"),
        owners=("Owner", "Manager", "Team", "Region"),
        quotas=("Owner", "Period", "Quota"),
    ),
    "zh-Hans": _Dialect(
        turn=1,
        method_language="zh-Hans",
        files=("商机", "客户", "阶段历史", "人员", "销售指标"),
        outcomes={"open": "进行中", "won": "赢单", "lost": "输单"},
        closed_stages={"won": "赢单", "lost": "输单"},
        categories={"commit": "承诺", "best_case": "最佳情况", "pipeline": "管道", "omitted": "忽略", "closed": "已结束"},
        date_text="{0.year}年{0.month}月{0.day}日",
        opportunities=(
            "商机编号", "商机名称", "客户编号", "客户名称", "负责人", "产品", "商机类型", "商机来源",
            "销售阶段", "商机状态", "预计金额", "币种", "赢率(%)", "预测类别", "创建日期", "预计成交日期",
            "进入阶段日期", "最后跟进时间", "下一步",
        ),
        accounts=("客户编号", "客户名称", "客户负责人", "区域", "行业", "国家", "上级客户"),
        revenue="{}年收入",
        history=("商机编号", "变更日期", "销售阶段", "金额", "预计成交日期"),
        owners=("负责人", "经理", "团队", "区域"),
        quotas=("负责人", "期间", "销售指标"),
    ),
}  # fmt: skip


def _names(names: Sequence[people.Name], indexes: pd.Series, turn: int) -> pd.Series:
    return pd.Series([names[index][turn] for index in indexes], index=indexes.index, dtype="str")


def _dialect(lang: str) -> _Dialect:
    if lang not in _DIALECTS:
        raise ArgumentError(f"There is no sample in '{lang}'.{nearest(lang, _DIALECTS)}")
    return _DIALECTS[lang]


def _opportunities(team: Team, as_of: pd.Timestamp, dialect: _Dialect) -> pd.DataFrame:
    """One export as canonical columns, plus the label that the CRM shows as stage."""
    state, turn = state_of(team, as_of), dialect.turn
    sellers = [seller[0] for seller in people.SELLERS]
    account = _names(people.ACCOUNTS, state["account"], turn)
    rows = pd.DataFrame(
        {
            "as_of": as_of,
            "opportunity_id": state["opportunity_id"],
            "opportunity_name": account
            + (" – " if turn == 0 else "·")
            + _names(people.PROJECTS, state["project"], turn),
            "account_id": team.accounts["account_id"].to_numpy()[state["account"]],
            "account_name": account,
            "owner": _names(sellers, state["owner"], turn),
            "product": _names(people.PRODUCTS, state["product"], turn),
            "opportunity_type": _names(people.TYPES, state["type"], turn),
            "lead_source": _names(people.SOURCES, state["source"], turn),
            "outcome": state["outcome"],
            "amount": state["amount"],
            "amount_original": state["amount"],
            "currency": CURRENCY,
            "probability": state["probability"],
            "forecast_category": state["forecast_category"],
            "created_date": state["created_date"],
            "close_date": state["close_date"],
            "stage_entered_date": state["stage_entered_date"],
            "last_activity_date": state["last_activity_date"],
            "next_step": _names(people.NEXT_STEPS, state["next_step"], turn).where(state["outcome"] == "open"),
        }
    )
    # A CRM shows a closing as the stage; only later, when delivery is under way, a won one shows its own stage.
    just_won = (state["outcome"] == "won") & (state["close_date"] > as_of - pd.Timedelta(days=_JUST_WON_DAYS))
    rows["stage"] = state["stage"].where(~(just_won | (state["outcome"] == "lost")))
    named = {stage.key: stage.name[dialect.method_language] for stage in load_methodology().stages}
    rows["stage_label"] = rows["stage"].map(named).fillna(state["outcome"].map(dialect.closed_stages).astype("str"))
    return rows


def _accounts(team: Team, dialect: _Dialect) -> pd.DataFrame:
    frame, turn = team.accounts, dialect.turn
    regions = frame["owner"].map({index: seller[2] for index, seller in enumerate(people.SELLERS)})
    ids = frame["account_id"].to_numpy()
    return pd.DataFrame(
        {
            "account_id": ids,
            "account_name": _names(people.ACCOUNTS, frame["account"], turn),
            "owner": _names([seller[0] for seller in people.SELLERS], frame["owner"], turn),
            "region": _names(people.REGIONS, regions, turn),
            "industry": _names(people.INDUSTRIES, frame["industry"], turn),
            "country": _names(people.COUNTRIES, frame["country"], turn),
            "parent_account": pd.Series([ids[k] if k >= 0 else None for k in frame["parent"]], dtype="str"),
            "current_revenue": frame[[f"revenue_{year}" for year in YEARS]].mean(axis=1),
            "revenue_rule": "mean_of_years",
        }
    )


def _owners(dialect: _Dialect) -> pd.DataFrame:
    rows = []
    for name, team, region, _ in people.SELLERS:
        team_name, manager = people.TEAMS[team]
        rows.append([words[dialect.turn] for words in (name, manager, team_name, people.REGIONS[region])])
    return pd.DataFrame(rows, columns=["owner", "manager", "team", "region"])


def _quotas(team: Team, dialect: _Dialect) -> pd.DataFrame:
    sellers = [seller[0] for seller in people.SELLERS]
    return team.quotas.assign(owner=_names(sellers, team.quotas["owner"], dialect.turn))


@lru_cache
def load_sample(lang: str = "en") -> Book:
    """The sample team as a book, as `read_exports` gives it from ``data/sample``, without reading a file.

    Parameters
    ----------
    lang
        ``"en"`` or ``"zh-Hans"``: the language of names and labels.

    Returns
    -------
    Book
        Four quarterly exports and one of 2026-11-20, a stage history, 45 accounts with ratings, quotas.

    Raises
    ------
    ArgumentError
        If there is no sample in that language.

    Examples
    --------
    >>> book = load_sample()
    >>> len(book.export_dates), book.currency
    (5, 'EUR')
    """
    dialect, team = _dialect(lang), make_team()
    snapshots = pd.concat([_opportunities(team, day, dialect) for day in EXPORT_DATES], ignore_index=True)
    parts = Parts(
        snapshots=snapshots,
        accounts=tables.conform(_accounts(team, dialect), tables.ACCOUNTS),
        owners=_owners(dialect),
        ratings=team.ratings,
        history=team.events,
        quotas=_quotas(team, dialect),
    )
    return assemble(parts)


def _cell(value: object) -> object:
    return None if value is None or (not isinstance(value, str) and pd.isna(value)) else value


def _write_xlsx(path: Path, headings: Sequence[str], columns: Sequence[pd.Series]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(
        str(path), {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        # A fixed date makes the same team the same bytes.
        book.set_properties({"created": END.to_pydatetime(), "author": "funnel_analytics sample"})
        sheet = book.add_worksheet()
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, headings, bold)
        sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            for row, value in enumerate(map(_cell, column), start=1):
                if isinstance(value, pd.Timestamp):
                    sheet.write_datetime(row, number, value.to_pydatetime(), day)
                elif value is not None:
                    sheet.write(row, number, value)
            sheet.set_column(number, number, 16)


def _write_csv(path: Path, headings: Sequence[str], columns: Sequence[pd.Series], date_text: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as sink:
        writer = csv.writer(sink, lineterminator="\r\n")
        writer.writerow(headings)
        for row in zip(*columns, strict=True):
            writer.writerow([_text(_cell(value), date_text) for value in row])


def _text(cell: object, date_text: str) -> str:
    if isinstance(cell, pd.Timestamp):
        return date_text.format(cell)
    return "" if cell is None else f"{cell:.0f}" if isinstance(cell, float) else str(cell)


def _exported(rows: pd.DataFrame, dialect: _Dialect) -> list[pd.Series]:
    """The columns of an opportunity export as the CRM words them."""
    labels = rows["stage_label"].copy()
    # Somebody typed a blank behind the stage in one import.
    labels[rows["opportunity_id"].str.endswith("77")] += " "
    percent = (rows["probability"] * 100).round()
    return [
        rows["opportunity_id"], rows["opportunity_name"], rows["account_id"], rows["account_name"], rows["owner"], rows["product"],
        rows["opportunity_type"], rows["lead_source"], labels, rows["outcome"].map(dialect.outcomes), rows["amount"],
        rows["currency"], percent, rows["forecast_category"].map(dialect.categories), rows["created_date"], rows["close_date"],
        rows["stage_entered_date"], rows["last_activity_date"], rows["next_step"],
    ]  # fmt: skip


def write_sample(folder: str | Path, lang: str = "en") -> list[Path]:
    """Write the sample team as exports: four quarterly workbooks, one CSV, accounts, history, owners, quotas.

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
    """
    dialect, team, target = _dialect(lang), make_team(), Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    stems, paths = dialect.files, []
    for day in EXPORT_DATES[:-1]:
        paths.append(target / f"{stems[0]} {day:%Y-%m-%d}.xlsx")
        _write_xlsx(paths[-1], dialect.opportunities, _exported(_opportunities(team, day, dialect), dialect))
    paths.append(target / f"{stems[0]} {END:%Y-%m-%d}.csv")
    _write_csv(
        paths[-1], dialect.opportunities, _exported(_opportunities(team, END, dialect), dialect), dialect.date_text
    )

    accounts, criteria = _accounts(team, dialect), load_methodology().criteria
    ratings = team.ratings.pivot(index="account_id", columns="criterion", values="rating").reindex(
        accounts["account_id"]
    )
    columns = [
        accounts[name]
        for name in ("account_id", "account_name", "owner", "region", "industry", "country", "parent_account")
    ]
    columns += [team.accounts[f"revenue_{year}"] for year in YEARS] + [ratings[criterion.key] for criterion in criteria]
    headings = [
        *dialect.accounts,
        *(dialect.revenue.format(year) for year in YEARS),
        *(c.name[dialect.method_language] for c in criteria),
    ]
    paths.append(target / f"{stems[1]}.xlsx")
    _write_xlsx(paths[-1], headings, columns)

    events = team.events
    named = {stage.key: stage.name[dialect.method_language] for stage in load_methodology().stages}
    labels = events["stage"].map(named).fillna(events["outcome"].map(dialect.closed_stages).astype("str"))
    # A change of the date or the amount is logged under the stage that holds at the time.
    labels = labels.groupby(events["opportunity_id"], sort=False).ffill()
    paths.append(target / f"{stems[2]}.csv")
    moves = [events["opportunity_id"], events["changed_at"], labels, events["amount"], events["close_date"]]
    _write_csv(paths[-1], dialect.history, moves, dialect.date_text)

    for stem, heads, frame in (
        (stems[3], dialect.owners, _owners(dialect)),
        (stems[4], dialect.quotas, _quotas(team, dialect)),
    ):
        paths.append(target / f"{stem}.xlsx")
        _write_xlsx(paths[-1], heads, [frame[name] for name in frame])
    return paths
