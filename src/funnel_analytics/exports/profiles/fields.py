"""The fields that a table of an export can have: what a profile may name, of which kind, and what it must find."""

from collections.abc import Mapping

from ... import tables

_OPPORTUNITY = {column.name: column.kind for column in tables.OPPORTUNITIES.columns if column.name != "last_seen"}
_READ_ONLY = {"amount_original", "stage_label", "source_file", "source_sheet", "source_row"}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "opportunities": {
        **{name: kind for name, kind in _OPPORTUNITY.items() if name not in _READ_ONLY},
        "as_of": "date",
        "amount": "money",
        "actual_amount": "money",
        "converted_amount": "money",
        "converted_currency": "key",
        "is_closed": "flag",
        "is_won": "flag",
        "is_lost": "flag",
        "is_open": "flag",
        "closed_date": "date",
        "won_date": "date",
        "lost_date": "date",
    },
    "accounts": {
        **{column.name: column.kind for column in tables.ACCOUNTS.columns},
        "company_revenue": "money",
        "currency": "key",
        "manager": "text",
    },
    "owners": {"owner": "text", "manager": "text", "team": "text", "region": "text"},
    "history": {
        **{column.name: column.kind for column in tables.HISTORY.columns if column.name not in _READ_ONLY},
        "opportunity_name": "text",
        "account_name": "text",
        "created_date": "time",
        "from_stage": "text",
        "field": "text",
        "old_value": "text",
        "new_value": "text",
    },
    "quotas": {
        "owner": "text",
        "team": "text",
        "year": "text",
        "period": "text",
        "quota": "money",
        "currency": "key",
    },
    "calls": {
        **{column.name: column.kind for column in tables.CALLS.columns if column.name not in _READ_ONLY},
        "role": "text",
        "period": "text",
        "year": "text",
        "seller_call": "money",
        "manager_call": "money",
        "currency": "key",
    },
    "ratings": {
        **{column.name: column.kind for column in tables.RATINGS.columns},
        "account_name": "text",
        "rating": "sign",
        "standing": "text",
    },
    "products": {"product": "text"},
    "evidence": {
        **{column.name: column.kind for column in tables.EVIDENCE.columns if column.name not in _READ_ONLY},
        "opportunity_name": "text",
        "account_name": "text",
        "created_date": "date",
        "stage": "text",
        "stage_status": "text",
        "validated": "text",
    },
}
"""Fields that a profile can name, by table, and the kind of each. What a record says beyond our tables (the
CRM's won and closed flags, the actual close date) is folded into them while reading."""
CALL_FIELDS = frozenset({"call", "seller_call", "manager_call"})
"""Fields of a calls sheet that hold a called amount."""
LOOKUP_FIELDS = {**FIELDS["accounts"], **FIELDS["owners"], **FIELDS["products"], "pipeline": "text"}
NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "opportunities": (
        ("stage", "outcome", "is_won"),
        ("opportunity_id", "opportunity_name", "account_name"),
        ("amount", "close_date"),
    ),
    "accounts": (
        ("account_id", "account_name"),
        ("region", "industry", "country", "employees", "company_revenue", "current_revenue", "segment", "years"),
    ),
    "owners": (("owner",), ("manager", "team", "region")),
    "history": (("opportunity_id", "opportunity_name"), ("changed_at",), ("stage", "new_value", "amount", "outcome")),
    "quotas": (
        ("quota", "periods", "quarters"),
        ("period", "periods", "quarters", "year"),
        ("owner", "team", "quota"),
    ),
    "calls": (
        ("call", "seller_call", "manager_call", "periods", "days"),
        ("period", "periods"),
        ("called_on", "days", "role", "called_by", "seller_call", "manager_call", "call_name"),
    ),
    "ratings": (("account_id", "account_name"), ("criterion", "criteria"), ("rating", "criteria")),
    "products": (("product",),),
    # A sheet that only says "stage" and "status" is more likely a list of opportunities.
    "evidence": (
        ("opportunity_id", "opportunity_name"),
        ("evidence", "evidence_columns", "stage_status", "validation", "validated", "validated_by"),
        ("status", "evidence_columns", "stage_status", "validation", "validated"),
    ),
}
"""What must be found where a profile does not say itself: one field of each group."""
