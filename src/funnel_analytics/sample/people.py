"""Names of the invented team's people, accounts and products, each in every language of the exports."""

Name = tuple[str, str]
"""(English, Simplified Chinese)"""

REGIONS: tuple[Name, ...] = (("North", "北区"), ("South", "南区"), ("East", "东区"), ("West", "西区"))
TEAMS: tuple[tuple[Name, Name], ...] = (
    (("Discrete Manufacturing", "离散制造"), ("Helena Brandt", "林海伦")),
    (("Process Industries", "流程工业"), ("Marcus Obi", "马克思")),
    (("Infrastructure", "基础设施"), ("Yu Qing", "于清")),
)
"""(team, manager)"""
SELLERS: tuple[tuple[Name, int, int, float], ...] = (
    (("Anna Keller", "安可乐"), 0, 0, 0.05),
    (("Bo Lindqvist", "林波"), 0, 1, 0.20),
    (("Chen Jie", "陈杰"), 0, 2, 0.00),
    (("Daria Novak", "诺娃"), 0, 3, 0.15),
    (("Emil Santos", "桑明"), 1, 0, 0.10),
    (("Fan Rui", "范睿"), 1, 1, -0.10),
    (("Grace Mensah", "孟思佳"), 1, 2, 0.25),
    (("Hugo Martin", "马雨果"), 2, 3, 0.10),
    (("Isha Patel", "白依莎"), 2, 0, 0.00),
    (("Jiang Bo", "江波"), 2, 1, 0.15),
)
"""(seller, index of the team, index of the region, optimism added to the stage's probability)"""
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
NEXT_STEPS: tuple[Name, ...] = (
    ("Meet the sponsor", "拜访支持者"),
    ("Agree on the evaluation plan", "商定评估计划"),
    ("Demonstrate on site", "现场演示"),
    ("Clarify the budget", "确认预算"),
    ("Send the contract", "发送合同"),
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
"""45 account names; the index modulo 5 (see `_KINDS`) is the industry."""


def account_industry(index: int) -> int:
    """Index of the industry that an account's name speaks of."""
    return (index % len(_STEMS) + index // len(_STEMS) * 2) % 5
