"""Who and what the invented team consists of: sellers, accounts, products, each in every language of the exports."""

from dataclasses import dataclass

Name = tuple[str, str]
"""(English, Simplified Chinese)"""


@dataclass(frozen=True)
class Seller:
    """One seller and the habits that show in the exports."""

    name: Name
    team: int
    region: int
    optimism: float
    """Added to the stage's percentage when the seller states a probability; below zero: sandbagging."""
    skill: float
    """Added to the chance of moving an opportunity forward."""
    update_days: float
    """Mean days until a close date that has passed is moved."""


REGIONS: tuple[Name, ...] = (("North", "北区"), ("South", "南区"), ("East", "东区"), ("West", "西区"))
TEAMS: tuple[tuple[Name, Name], ...] = (
    (("Discrete Manufacturing", "离散制造"), ("Helena Brandt", "林海伦")),
    (("Process Industries", "流程工业"), ("Marcus Obi", "马克思")),
    (("Infrastructure", "基础设施"), ("Yu Qing", "于清")),
)
"""(team, manager)"""
SELLERS: tuple[Seller, ...] = (
    Seller(("Anna Keller", "安可乐"), 0, 0, 0.05, 0.03, 18),
    Seller(("Bo Lindqvist", "林波"), 0, 1, 0.20, -0.02, 60),
    Seller(("Chen Jie", "陈杰"), 0, 2, 0.00, 0.01, 25),
    Seller(("Daria Novak", "诺娃"), 0, 3, 0.15, 0.00, 40),
    Seller(("Emil Santos", "桑明"), 1, 0, 0.10, 0.00, 28),
    Seller(("Fan Rui", "范睿"), 1, 1, -0.10, 0.04, 20),
    Seller(("Grace Mensah", "孟思佳"), 1, 2, 0.25, -0.05, 80),
    Seller(("Hugo Martin", "马雨果"), 2, 3, 0.10, -0.01, 50),
    Seller(("Isha Patel", "白依莎"), 2, 0, 0.00, 0.01, 15),
    Seller(("Jiang Bo", "江波"), 2, 1, 0.15, 0.00, 35),
)
LEAVER, SUCCESSOR, HANDOVER = 7, 9, "2026-08-01"
"""On that day the leaver's open opportunities and accounts go to the successor (a Saturday: nothing else happens)."""
INDUSTRIES: tuple[Name, ...] = (
    ("Automotive", "汽车"),
    ("Food and Beverage", "食品饮料"),
    ("Pharmaceuticals", "制药"),
    ("Energy", "能源"),
    ("Rail", "轨道交通"),
)
COUNTRIES: tuple[Name, ...] = (("Germany", "德国"), ("China", "中国"), ("Sweden", "瑞典"), ("Singapore", "新加坡"))
PRODUCTS: tuple[Name, ...] = (
    ("Robot cells", "机器人单元"),
    ("Control systems", "控制系统"),
    ("Plant software", "工厂软件"),
    ("Service contracts", "服务合同"),
)
PROJECTS: tuple[Name, ...] = (
    ("line modernisation", "产线改造"),
    ("greenfield plant", "新建工厂"),
    ("capacity expansion", "产能扩建"),
    ("quality inspection", "质量检测"),
    ("energy monitoring", "能耗监测"),
    ("framework agreement", "框架协议"),
    ("pilot", "试点项目"),
    ("migration", "系统迁移"),
)
SOURCES: tuple[Name, ...] = (
    ("Trade fair", "展会"),
    ("Referral", "推荐"),
    ("Web", "网站"),
    ("Account plan", "客户规划"),
)
TYPES: tuple[Name, ...] = (("New business", "新业务"), ("Expansion", "扩展"), ("Renewal", "续约"))
TYPE_PACE, TYPE_LIFT = (1.1, 1.0, 0.55), (-0.02, 0.0, 0.06)
"""Renewals go faster and are won more often."""
NEXT_STEPS: tuple[Name, ...] = (
    ("Meet the sponsor", "拜访支持者"),
    ("Agree on the evaluation plan", "商定评估计划"),
    ("Demonstrate on site", "现场演示"),
    ("Clarify the budget", "确认预算"),
    ("Send the contract", "发送合同"),
)
LOSS_REASONS: tuple[Name, ...] = (
    ("Price", "价格"),
    ("Competitor", "竞争对手"),
    ("No decision", "客户未决策"),
    ("Project stopped", "项目中止"),
)
_STEMS: tuple[Name, ...] = (
    ("Alder", "桤木"), ("Birch", "白桦"), ("Cedar", "雪松"), ("Dogwood", "茱萸"), ("Elm", "榆树"), ("Fir", "冷杉"),
    ("Ginkgo", "银杏"), ("Hazel", "榛木"), ("Ivy", "常青"), ("Juniper", "杜松"), ("Larch", "落叶松"), ("Maple", "枫叶"),
    ("Oak", "橡树"), ("Pine", "青松"), ("Rowan", "花楸"),
)  # fmt: skip
_KINDS: tuple[Name, ...] = (
    ("Motors", "汽车"),
    ("Foods", "食品"),
    ("Biotech", "生物科技"),
    ("Power", "电力"),
    ("Railways", "铁路"),
)
ACCOUNTS: tuple[Name, ...] = tuple(
    (f"{stem[0]} {_KINDS[(index + turn * 2) % 5][0]}", f"{stem[1]}{_KINDS[(index + turn * 2) % 5][1]}有限公司")
    for turn in range(3)
    for index, stem in enumerate(_STEMS)
)
"""45 account names."""


def account_industry(index: int) -> int:
    """Index of the industry that an account's name speaks of."""
    return (index % len(_STEMS) + index // len(_STEMS) * 2) % 5
