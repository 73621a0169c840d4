"""One invented team, written as each CRM would export it: the layouts that `test_layouts` reads back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from funnel_analytics.methodology import load_methodology

DATES = (pd.Timestamp("2026-06-30"), pd.Timestamp("2026-09-30"))
METHOD = load_methodology()
OWNERS = ("Ana Ruiz", "王芳", "Ben Ode")
ACCOUNTS = tuple((f"ACC-{number:02d}", name) for number, name in enumerate(
    ("Acme", "华东电力", "Müller & Söhne", "Contoso", "远景科技", "O'Neill Ltd"), start=1
))  # fmt: skip
Text = Callable[[pd.Timestamp], str]


@dataclass(frozen=True)
class Team:
    """The truth: one row per opportunity, and every change of it."""

    opportunities: pd.DataFrame
    events: pd.DataFrame
    """opportunity_id, changed_at, stage (missing: not changed), outcome, amount, close_date."""
    accounts: pd.DataFrame


def make_team(size: int = 40, seed: int = 5) -> Team:
    """Opportunities that skip, regress, are edited, won, lost and left open; every fifth repeats a name."""
    rng, stages = np.random.default_rng(seed), METHOD.open_stages
    opportunities, events = [], []
    for number in range(size):
        day = pd.Timestamp("2025-07-01") + pd.Timedelta(days=int(rng.integers(0, 400)))
        amount, close = float(rng.integers(20, 9000)) * 100, day + pd.Timedelta(days=int(rng.integers(60, 300)))
        key, account = f"006A{number:04d}Xy", int(rng.integers(0, len(ACCOUNTS)))
        opportunities.append((key, f"Project {number % 32}", *ACCOUNTS[account], OWNERS[number % 3], day,
                      ("Web", "Partner")[number % 2]))  # fmt: skip
        step = 0
        events.append((key, day, stages[0], None, amount, close))
        while True:
            day += pd.Timedelta(days=int(rng.integers(3, 70)))
            if day > DATES[-1]:
                break
            chance = rng.random()
            if chance < 0.14:
                events.append((key, day, None, "lost", amount, day))
                break
            if chance < 0.3:
                amount, close = float(rng.integers(20, 9000)) * 100, close + pd.Timedelta(days=45)
                events.append((key, day, None, None, amount, close))
                continue
            step += -1 if chance < 0.38 and step else 2 if chance > 0.92 else 1
            if step >= len(stages):
                events.append((key, day, None, "won", amount, day))
                break
            events.append((key, day, stages[step], None, amount, close))
    names = ["opportunity_id", "opportunity_name", "account_id", "account_name", "owner", "created_date", "lead_source"]
    log = pd.DataFrame(events, columns=["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date"])
    revenue = [float(number) * 150_000 for number in range(len(ACCOUNTS))]
    accounts = pd.DataFrame(ACCOUNTS, columns=["account_id", "account_name"]).assign(
        owner=[OWNERS[number % 3] for number in range(len(ACCOUNTS))],
        industry=[("Energy", "制造")[number % 2] for number in range(len(ACCOUNTS))],
        current_revenue=revenue,
    )
    return Team(pd.DataFrame(opportunities, columns=names), log, accounts)


def state(team: Team, as_of: pd.Timestamp) -> pd.DataFrame:
    """What an export of a day shows."""
    known = team.events[team.events["changed_at"] <= as_of]
    last = known.groupby("opportunity_id")[["stage", "outcome", "amount", "close_date"]].last()
    last["last_modified_date"] = known.groupby("opportunity_id")["changed_at"].max()
    rows = team.opportunities.merge(last.reset_index(), on="opportunity_id")
    rows["outcome"] = rows["outcome"].fillna("open")
    is_open, order = rows["outcome"] == "open", METHOD.orders(rows["stage"])
    rows["probability"] = (order / 10).round(1).where(is_open, (rows["outcome"] == "won").astype(float))
    steps = np.select([~is_open, order >= 4, order >= 2], ["closed", "commit", "best_case"], "pipeline")
    rows["forecast_category"] = pd.Series(steps, index=rows.index, dtype="str")
    rows["loss_reason"] = pd.Series("Price", index=rows.index).where(rows["outcome"] == "lost")
    return rows.assign(currency="CNY")


@dataclass(frozen=True)
class Layout:
    """How one CRM words and formats an export."""

    profile: str
    opportunities: Mapping[str, str]
    """Field → heading, in the file's order."""
    language: str = "en"
    closed: Mapping[str, str] = field(default_factory=dict)
    """The stage's label once it is closed; empty where a closed opportunity keeps its stage."""
    outcomes: Mapping[str, str] = field(default_factory=lambda: {"open": "Open", "won": "Won", "lost": "Lost"})
    categories: Mapping[str, str] = field(default_factory=lambda: ENGLISH)
    currency: str = "CNY"
    date: str = "%Y-%m-%d"
    time: str | None = None
    money: str = "{:.0f}"
    unit: float = 1
    percent: str = "{:.0%}"
    history: str | None = None
    """entries, moves or stage_dates; None where the CRM exports none."""
    log: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    footer: tuple[str, ...] = ()
    suffix: Mapping[str, str] = field(default_factory=dict)
    """Field → what stands behind its values."""

    def stage(self, key: object) -> str | None:
        return METHOD.stage(key).name[self.language] if isinstance(key, str) else None

    def dated(self, day: pd.Timestamp) -> str:
        if self.date == "serial":
            return str((day - pd.Timestamp("1899-12-30")).days)
        if self.date == "milliseconds":
            return str(int((day - pd.Timedelta(hours=8) - pd.Timestamp("1970-01-01")).total_seconds() * 1000))
        return day.strftime(self.date)

    def text(self, name: str, value: object) -> str:
        """A cell of a CSV."""
        if value is None or (not isinstance(value, str) and pd.isna(value)):
            return ""
        if isinstance(value, pd.Timestamp):
            timed = name in ("created_date", "last_modified_date", "changed_at") and self.time
            return value.strftime(self.time) if timed and self.time else self.dated(value)
        if name == "probability":
            return self.percent.format(value)
        return self.money.format(value / self.unit) if isinstance(value, float) else str(value)


ENGLISH = {
    "commit": "Commit",
    "best_case": "Best Case",
    "pipeline": "Pipeline",
    "omitted": "Omitted",
    "closed": "Closed",
}
SIMPLIFIED = {"commit": "承诺", "best_case": "最佳情况", "pipeline": "管道", "omitted": "忽略", "closed": "已结束"}
TRADITIONAL = {"commit": "承諾", "best_case": "最佳情況", "pipeline": "管道", "omitted": "不計入", "closed": "已結束"}
_CLOSED = {"won": "Closed Won", "lost": "Closed Lost"}
FOOTER = ('"Grand Totals (40 records)"', '"Confidential Information - Do Not Distribute"',
          '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."')  # fmt: skip


def _named(names: str, *headings: str) -> dict[str, str]:
    return dict(zip(names.split(), headings, strict=True))


_ALL = "opportunity_id opportunity_name account_id account_name owner stage outcome amount currency probability forecast_category created_date close_date last_modified_date lead_source loss_reason"
_SF = "opportunity_id opportunity_name account_id account_name owner stage is_closed is_won amount currency probability forecast_category created_date close_date last_modified_date lead_source"
_ACCOUNT = "account_id account_name owner industry current_revenue"
_MOVES = "opportunity_name opportunity_id from_stage stage changed_at amount close_date created_date"

CANONICAL = Layout(
    "canonical", {name: name for name in _ALL.split()}, outcomes={key: key for key in ("open", "won", "lost")},
    categories={key: key for key in ENGLISH}, percent="{:.1f}", history="entries",
    log={name: name for name in ["opportunity_id", "changed_at", "stage", "outcome", "amount", "close_date"]},
    accounts={name: name for name in _ACCOUNT.split()},
)  # fmt: skip

LAYOUTS = {
    "Salesforce report": Layout(
        "salesforce_report",
        _named(_SF, "Opportunity ID", "Opportunity Name", "Account ID", "Account Name", "Opportunity Owner", "Stage",
               "Closed", "Won", "Amount", "Amount Currency", "Probability (%)", "Forecast Category", "Created Date",
               "Close Date", "Last Modified Date", "Lead Source"),
        closed=_CLOSED, date="%m/%d/%Y", money="{:,.2f}", percent="{:.0%}", history="moves", footer=FOOTER,
        log=_named(_MOVES, "Opportunity Name", "Opportunity ID", "From Stage", "To Stage", "Last Modified", "Amount",
                   "Close Date", "Created Date"),
        accounts=_named(_ACCOUNT, "Account ID", "Account Name", "Account Owner", "Industry", "Revenue with us"),
        encoding="utf-8",
    ),
    "Salesforce 简体": Layout(
        "salesforce_report_zh_hans",
        _named(_SF, "业务机会 ID", "业务机会名称", "客户 ID", "客户名", "业务机会所有人", "阶段", "已结束", "赢", "金额",
               "金额 货币", "可能性 (%)", "预测类别", "创建日期", "结束日期", "上次修改日期", "潜在客户来源"),
        language="zh-Hans", closed={"won": "已结束并赢得客户", "lost": "已结束但失去客户"}, categories=SIMPLIFIED,
        date="%Y/%m/%d", money="{:,.2f}", history="moves",
        log=_named(_MOVES, "业务机会名称", "业务机会 ID", "从阶段", "到阶段", "上次修改日期", "金额", "结束日期", "创建日期"),
        accounts=_named(_ACCOUNT, "客户 ID", "客户名", "客户所有人", "行业", "我方收入"), encoding="gb18030",
    ),
    "Salesforce 繁體": Layout(
        "salesforce_report_zh_hant",
        _named(_SF, "業務機會 ID", "業務機會名稱", "帳戶 ID", "帳戶名稱", "業務機會所有人", "階段", "已結束", "贏", "金額",
               "金額 貨幣", "可能性 (%)", "預測類別", "建立日期", "結束日期", "修改日期", "潛在客戶來源"),
        language="zh-Hant", closed={"won": "已結束並贏得客戶", "lost": "已結束但失去客戶"}, categories=TRADITIONAL,
        date="%Y/%m/%d", history="moves",
        log=_named(_MOVES, "業務機會名稱", "業務機會 ID", "從階段", "到階段", "修改日期", "金額", "結束日期", "建立日期"),
        accounts=_named(_ACCOUNT, "帳戶 ID", "帳戶名稱", "負責人", "產業", "目前收入"),
    ),
    "Salesforce API": Layout(
        "salesforce_api",
        _named("opportunity_id opportunity_name account_id owner stage is_closed is_won amount currency probability forecast_category created_date close_date last_modified_date lead_source",
               "Id", "Name", "AccountId", "Owner.Name", "StageName", "IsClosed", "IsWon", "Amount", "CurrencyIsoCode",
               "Probability", "ForecastCategoryName", "CreatedDate", "CloseDate", "LastModifiedDate", "LeadSource"),
        closed=_CLOSED, time="%Y-%m-%dT09:15:00.000Z", money="{:.1f}", percent="{:.0%}", history="entries",
        log=_named("opportunity_id changed_at stage amount close_date", "OpportunityId", "CreatedDate", "StageName", "Amount", "CloseDate"),
        accounts=_named(_ACCOUNT, "Id", "Name", "Owner.Name", "Industry", "CurrentRevenue__c"), encoding="utf-8",
    ),
    "HubSpot": Layout(
        "hubspot",
        _named("opportunity_id opportunity_name account_id account_name owner stage is_closed amount currency probability forecast_category created_date close_date last_modified_date lead_source loss_reason",
               "Record ID", "Deal Name", "Associated Company IDs", "Associated Company", "Deal owner", "Deal Stage",
               "Is Deal Closed?", "Amount", "Currency", "Forecast Probability", "Forecast category", "Create Date",
               "Close Date", "Last Modified Date", "Original Source Type", "Closed Lost Reason"),
        closed={"won": "closedwon", "lost": "Closed lost "}, time="%Y-%m-%d 09:30", percent="{:.1f}",
        history="stage_dates", encoding="utf-16", delimiter="\t",
        accounts=_named(_ACCOUNT, "Record ID", "Company name", "Company owner", "Industry", "Current revenue"),
    ),
    "Dynamics 365": Layout(
        "dynamics365",
        _named("opportunity_id opportunity_name account_name owner stage outcome amount currency probability forecast_category created_date close_date last_modified_date loss_reason",
               "(Do Not Modify) Opportunity", "Topic", "Potential Customer", "Owner", "Sales Stage", "Status",
               "Est. revenue", "Currency", "Probability", "Forecast Category", "Created On", "Est. close date",
               "(Do Not Modify) Modified On", "Status Reason"),
        outcomes={"open": "Open", "won": "Won", "lost": "Canceled"}, currency="Chinese Yuan", date="serial",
        money="¥{:,.2f}", percent="{:.0%}",
    ),
    "Pipedrive": Layout(
        "pipedrive",
        _named("opportunity_id opportunity_name account_name owner stage outcome amount currency probability created_date close_date won_date lost_date last_modified_date loss_reason",
               "Deal - ID", "Deal - Title*", "Deal - Organization", "Deal - Owner", "Deal - Stage (pipeline)",
               "Deal - Status", "Deal - Value", "Deal - Currency of value", "Deal - Probability", "Deal - Deal created",
               "Deal - Expected close date", "Deal - Won time", "Deal - Lost time", "Deal - Update time", "Deal - Lost reason"),
        time="%Y-%m-%d 07:00:00", suffix={"stage": " (Sales pipeline)"},
    ),
    "Zoho": Layout(
        "zoho",
        _named("opportunity_id owner amount opportunity_name close_date account_id account_name stage currency created_date last_modified_date probability loss_reason lead_source",
               "Record Id", "Deal Owner", "Amount", "Deal Name", "Closing Date", "Account Name.id", "Account Name", "Stage",
               "Currency", "Created Time", "Modified Time", "Probability (%)", "Reason For Loss", "Lead Source"),
        closed=_CLOSED, time="%Y-%m-%d 07:00:00", percent="{:.0%}",
    ),
    "纷享销客": Layout(
        "fxiaoke",
        _named("opportunity_name account_name stage outcome amount probability close_date created_date last_modified_date owner opportunity_id currency lead_source loss_reason",
               "商机名称", "客户名称", "销售阶段", "商机状态", "商机金额", "赢率", "预计结单日期", "创建时间", "最后修改时间",
               "负责人", "商机编号", "币种", "来源", "输单原因"),
        language="zh-Hans", outcomes={"open": "进行中", "won": "赢单", "lost": "无效"}, currency="人民币",
        time="%Y-%m-%d 08:00", money="{:,.2f}",
    ),
    "纷享销客 API": Layout(
        "fxiaoke_api",
        _named("opportunity_id opportunity_name account_id account_name stage outcome amount probability close_date created_date last_modified_date owner",
               "_id", "name", "account_id", "account_id__r", "sales_stage__r", "sales_status__r", "amount", "probability",
               "close_date", "create_time", "last_modified_time", "owner__r"),
        language="zh-Hans", outcomes={"open": "进行中", "won": "赢单", "lost": "输单"}, date="milliseconds",
        money="{:.2f}", percent="{:.0%}", encoding="utf-8",
    ),
    "销售易": Layout(
        "xiaoshouyi",
        _named("opportunity_id opportunity_name account_name owner stage amount currency probability forecast_category created_date close_date last_modified_date lead_source loss_reason",
               "机会编号", "机会名称", "客户名称", "所有人", "销售阶段", "销售金额", "币种", "赢率", "承诺", "创建时间", "结单日期",
               "最新修改日", "机会来源", "输单描述"),
        language="zh-Hans", closed={"won": "赢单", "lost": "输单"}, categories=SIMPLIFIED, currency="CNY",
        date="%Y年%m月%d日",
    ),
    "English": Layout(
        "generic_en",
        _named(_ALL, "Opp ID", "Opportunity", "Customer ID", "Customer", "Sales Rep", "Sales Stage", "Result", "Est. Revenue",
               "Currency", "Win Probability", "Forecast", "Created On", "Expected Close Date", "Last Modified", "Source", "Lost Reason"),
        date="%d.%m.%Y", money="{:.2f}", percent="{:.1f}", history="entries", delimiter=";", encoding="utf-8",
        log=_named("opportunity_id changed_at stage outcome amount close_date", "Opp ID", "Changed On", "Stage", "Status", "Amount", "Close Date"),
        accounts=_named(_ACCOUNT, "Customer ID", "Customer", "Account Manager", "Sector", "Our Revenue"),
    ),
    "简体": Layout(
        "generic_zh_hans",
        _named(_ALL, "项目编号", "项目名称", "客户编号", "客户", "销售", "漏斗阶段", "结果", "预计金额（万元）", "币种", "成交概率",
               "预测类别(*)", "立项日期", "预计签单日期", "更新时间", "线索来源", "丢单原因"),
        language="zh-Hans", outcomes={"open": "进行中", "won": "已签约", "lost": "丢单"}, categories=SIMPLIFIED,
        currency="人民币", date="%Y年%m月%d日", money="{:.4f}", unit=10_000, history="entries", encoding="gb18030",
        log=_named("opportunity_id changed_at stage outcome amount close_date", "项目编号", "变更日期", "新阶段", "状态", "金额（万元）", "结束日期"),
        accounts=_named(_ACCOUNT, "客户编号", "客户", "客户负责人", "所属行业", "我方收入"),
    ),
    "繁體": Layout(
        "generic_zh_hant",
        _named(_ALL, "案件編號", "案件名稱", "客戶編號", "客戶", "業務", "商機階段", "結果", "預估金額", "幣別", "成交機率",
               "預測類別", "成立日期", "預計結案日", "更新時間", "來源", "丟單原因"),
        language="zh-Hant", outcomes={"open": "進行中", "won": "得標", "lost": "丟單"}, categories=TRADITIONAL,
        currency="人民幣", date="%Y/%m/%d", money="{:,.0f}", history="entries",
        log=_named("opportunity_id changed_at stage outcome amount close_date", "案件編號", "變更日期", "新階段", "狀態", "金額", "結束日期"),
        accounts=_named(_ACCOUNT, "客戶編號", "客戶", "客戶負責人", "產業", "目前收入"),
    ),
}  # fmt: skip
