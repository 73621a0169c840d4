"""Tables of the account analyses."""

from .declaration import table

ACCOUNT_ASSESSMENT = table(
    "account_assessment",
    "one criterion of one account",
    ("account_id", "id", "The account"),
    ("account_name", "text", "Its name"),
    ("group", "key", "Criteria group"),
    ("criterion", "key", "Criterion"),
    ("rating", "number", "From poor to good on the methodology's scale; missing where not rated"),
    ("group_potential", "rate", "Mean of the group's ratings, 0 (poor) to 1 (good)"),
    ("potential", "rate", "Mean of the groups; missing where a group has too few ratings"),
    ("criteria_rated", "count", "How many of the account's criteria are rated"),
)
ACCOUNT_SEGMENTS = table(
    "account_segments",
    "one account",
    ("account_id", "id", "The account"),
    ("account_name", "text", "Its name"),
    ("owner", "text", "Account owner"),
    ("region", "text", "Region"),
    ("current_revenue", "money", "Average annual revenue with us"),
    ("revenue_rule", "key", "Where it comes from"),
    ("revenue_benchmark", "money", "From here on revenue counts as high"),
    ("benchmark_source", "key", "caller (agreed by the team), proposed (median of the accounts) or none"),
    ("revenue_level", "key", "high, low or unknown"),
    ("potential", "rate", "Future potential, 0–1"),
    ("potential_level", "key", "high, low or not_assessable"),
    ("criteria_rated", "count", "How many criteria are rated"),
    ("segment", "key", "The class that the grid gives"),
    ("segment_in_export", "key", "The class that the export states, if any"),
    ("resources", "key", "high, medium or low"),
    ("involvement", "key", "How to be involved"),
    ("strategy", "key", "What to do"),
    ("open_opportunities", "count", "Open opportunities of the account"),
    ("open_amount", "money", "Their amount"),
    ("won_amount", "money", "Amount won, all dates"),
)
