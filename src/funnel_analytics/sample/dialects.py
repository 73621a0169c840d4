"""How an export of each language is worded: file names, headings, labels."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import ArgumentError, nearest


@dataclass(frozen=True)
class Dialect:
    """The wording of one language's exports; headings are by canonical column, in the order of the file."""

    language: str
    turn: int
    """Which of the (English, Chinese) names to take."""
    files: Mapping[str, str]
    """Stems of the file names by table."""
    joint: str
    """What stands between the account and the project in an opportunity's name."""
    outcomes: Mapping[str, str]
    closed_stages: Mapping[str, str]
    categories: Mapping[str, str]
    date_text: str
    opportunities: Mapping[str, str]
    accounts: Mapping[str, str]
    revenue: str
    """Heading of a year's revenue with us."""
    history: Mapping[str, str]
    owners: Mapping[str, str]
    quotas: Mapping[str, str]
    calls: Mapping[str, str]
    evidence: Mapping[str, str]
    ratings: Mapping[str, str]
    statuses: Mapping[str, str]
    """Words for evidence that is there, under way or missing."""


_ENGLISH = Dialect(
    language="en",
    turn=0,
    files={"opportunities": "opportunities", "accounts": "accounts", "history": "stage_history", "owners": "owners", "quotas": "quotas", "evidence": "evidence", "calls": "calls", "ratings": "ratings"},
    joint=" – ",
    outcomes={"open": "Open", "won": "Won", "lost": "Lost"},
    closed_stages={"won": "Closed Won", "lost": "Closed Lost"},
    categories={"commit": "Commit", "best_case": "Best Case", "pipeline": "Pipeline", "omitted": "Omitted", "closed": "Closed"},
    date_text="{0:%Y-%m-%d}",
    opportunities={
        "opportunity_id": "Opportunity ID", "opportunity_name": "Opportunity Name", "account_id": "Account ID",
        "account_name": "Account Name", "owner": "Opportunity Owner", "team": "Team", "region": "Region", "product": "Product",
        "opportunity_type": "Type", "lead_source": "Lead Source", "stage": "Stage", "outcome": "Status", "amount": "Amount",
        "currency": "Currency", "probability": "Probability (%)", "forecast_category": "Forecast Category",
        "created_date": "Created Date", "close_date": "Close Date", "stage_entered_date": "Stage Entered Date",
        "last_activity_date": "Last Activity", "next_step": "Next Step", "loss_reason": "Loss Reason",
    },
    accounts={
        "account_id": "Account ID", "account_name": "Account Name", "owner": "Account Owner", "region": "Region",
        "industry": "Industry", "country": "Country", "parent_account": "Parent Account",
    },
    revenue="Revenue {}",
    history={
        "opportunity_id": "Opportunity ID", "changed_at": "Changed On", "stage": "Stage", "amount": "Amount",
        "close_date": "Close Date", "owner": "Owner",
    },
    owners={"owner": "Owner", "manager": "Manager", "team": "Team", "region": "Region"},
    quotas={"owner": "Owner", "period": "Period", "quota": "Quota"},
    calls={
        "owner": "Owner", "period": "Period", "called_on": "Call Date", "seller_call": "Seller Call", "manager_call": "Manager Call",
    },
    evidence={
        "opportunity_id": "Opportunity ID", "evidence": "Evidence", "status": "Status", "stated_by": "Seller",
        "stated_on": "Stated On", "validation": "Manager Status", "validated_by": "Validated By", "validated_on": "Validated On",
    },
    ratings={
        "account_id": "Account ID", "account_name": "Account Name", "criterion": "Criterion", "rating": "Rating",
        "rated_on": "Rated On", "rated_by": "Rated By",
    },
    statuses={"yes": "yes", "in_progress": "in progress", "no": "no"},
)  # fmt: skip
_CHINESE = Dialect(
    language="zh-Hans",
    turn=1,
    files={"opportunities": "商机", "accounts": "客户", "history": "阶段历史", "owners": "人员", "quotas": "销售指标", "evidence": "证据", "calls": "预测", "ratings": "客户评估"},
    joint="·",
    outcomes={"open": "进行中", "won": "赢单", "lost": "输单"},
    closed_stages={"won": "赢单", "lost": "输单"},
    categories={"commit": "承诺", "best_case": "最佳情况", "pipeline": "管道", "omitted": "忽略", "closed": "已结束"},
    date_text="{0.year}年{0.month}月{0.day}日",
    opportunities={
        "opportunity_id": "商机编号", "opportunity_name": "商机名称", "account_id": "客户编号", "account_name": "客户名称",
        "owner": "负责人", "team": "团队", "region": "区域", "product": "产品", "opportunity_type": "商机类型",
        "lead_source": "商机来源", "stage": "销售阶段", "outcome": "商机状态", "amount": "预计金额", "currency": "币种",
        "probability": "赢率(%)", "forecast_category": "预测类别", "created_date": "创建日期", "close_date": "预计成交日期",
        "stage_entered_date": "阶段更新时间", "last_activity_date": "最后跟进时间", "next_step": "下一步", "loss_reason": "输单原因",
    },
    accounts={
        "account_id": "客户编号", "account_name": "客户名称", "owner": "客户负责人", "region": "区域", "industry": "行业",
        "country": "国家", "parent_account": "上级客户",
    },
    revenue="{}年收入",
    history={
        "opportunity_id": "商机编号", "changed_at": "变更日期", "stage": "销售阶段", "amount": "金额",
        "close_date": "预计成交日期", "owner": "负责人",
    },
    owners={"owner": "负责人", "manager": "经理", "team": "团队", "region": "区域"},
    quotas={"owner": "负责人", "period": "期间", "quota": "销售指标"},
    calls={
        "owner": "负责人", "period": "期间", "called_on": "预测日期", "seller_call": "销售预测", "manager_call": "经理预测",
    },
    evidence={
        "opportunity_id": "商机编号", "evidence": "证据", "status": "证据状态", "stated_by": "销售", "stated_on": "陈述日期",
        "validation": "核实结果", "validated_by": "核实人", "validated_on": "核实日期",
    },
    ratings={
        "account_id": "客户编号", "account_name": "客户名称", "criterion": "评估标准", "rating": "评分",
        "rated_on": "评估日期", "rated_by": "评估人",
    },
    statuses={"yes": "是", "in_progress": "进行中", "no": "否"},
)  # fmt: skip
DIALECTS = {dialect.language: dialect for dialect in (_ENGLISH, _CHINESE)}


def dialect_of(lang: str) -> Dialect:
    """The dialect of a language.

    Raises
    ------
    ArgumentError
        If there is no sample in that language.
    """
    if lang not in DIALECTS:
        raise ArgumentError(f"There is no sample in '{lang}'.{nearest(lang, DIALECTS)}")
    return DIALECTS[lang]
