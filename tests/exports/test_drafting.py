"""Profiles drafted from headings and values."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import funnel_analytics as fa
from funnel_analytics.exports.drafting import draft_profile


def test_a_draft_finds_the_day_on_which_rows_begin_and_what_costs_money(tmp_path: Path) -> None:
    file = tmp_path / "queue.csv"
    rows = [
        f"q{day},2026-01-{day:02},2026-{3 + day % 2:02}-01,{['', '2026-02-20'][day % 2]},{1000 * day}"
        for day in range(1, 13)
    ]
    file.write_text("\n".join(["q_id,q_date,prop_date,on_date,Estimated Cost", *rows]), encoding="utf-8")
    drafted = tomllib.loads(draft_profile(file))["opportunities"]["columns"]
    assert drafted["created_date"] == ["q_date"] and drafted["amount"] == ["Estimated Cost"]


def test_a_draft_takes_days_with_points_for_dates_and_the_id_for_the_id(tmp_path: Path) -> None:
    file = tmp_path / "c4c.csv"
    rows = [f"Line {n},{1000 + n},DE01,{n:02}.04.2026,{n:02}.09.2026,Phase {n % 3},5000" for n in range(1, 13)]
    heading = "Opportunity,ID,Sales Organization,Start Date,Close Date,Sales Phase,Expected Value"
    file.write_text("\n".join([heading, *rows]), encoding="utf-8")
    drafted = tomllib.loads(draft_profile(file))["opportunities"]["columns"]
    assert (drafted["opportunity_id"], drafted["opportunity_name"]) == (["ID"], ["Opportunity"])
    assert (drafted["created_date"], drafted["close_date"]) == (["Start Date"], ["Close Date"])
    # One value in all rows tells no account from another, however much its heading is like that of ids.
    assert "account_id" not in drafted


def test_a_draft_goes_by_the_values_where_headings_mislead(tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    rows = [f"d{place},{('Won', 'Loss')[place % 2]},{place},5,{1000 * place}" for place in range(1, 13)]
    heading = "case_id,Opportunity Result,Sales Stage Change Count,Client Size By Revenue,Opportunity Amount USD"
    file.write_text("\n".join([heading, *rows]), encoding="utf-8")
    profile = tmp_path / "profile.toml"
    profile.write_text(draft_profile(file), encoding="utf-8")
    drafted = tomllib.loads(profile.read_text(encoding="utf-8"))["opportunities"]["columns"]
    assert drafted == {
        "opportunity_id": ["case_id"], "outcome": ["Opportunity Result"], "amount": ["Opportunity Amount USD"],
    }  # fmt: skip
    book = fa.read_exports(file, profile=str(profile), as_of="2026-09-30")
    assert book.opportunities["outcome"].value_counts().to_dict() == {"won": 6, "lost": 6}


@pytest.mark.parametrize(("values", "drafted"), [("A+,B,C", ["Business Segment"]), ("pets,food,garden", None)])
def test_a_draft_takes_for_account_classes_what_are_classes(
    tmp_path: Path, values: str, drafted: list[str] | None
) -> None:
    file = tmp_path / "deals.csv"
    lines = [f"d{place},Deal {place},{value},100,Won" for place, value in enumerate(values.split(","))]
    file.write_text("\n".join(["Deal ID,Deal Name,Business Segment,Amount,Status", *lines]), encoding="utf-8")
    assert tomllib.loads(draft_profile(file))["opportunities"]["columns"].get("segment") == drafted


STEPS = ["Handshake", "Handshake", "Demo day", "Site trial"]
"""Steps of a team's own, which no method knows."""


@pytest.mark.parametrize(
    ("labels", "percent", "expected"),
    [
        # In order of their mean probability: 80, 40, and 10 and 20.
        (STEPS, [10, 20, 80, 40], [("Handshake", 0.15), ("Site trial", 0.4), ("Demo day", 0.8)]),
        # Without one as often as they stand there, evenly apart; a label that a method knows has its percentage there.
        (STEPS, None, [("Handshake", 0.25), ("Demo day", 0.5), ("Site trial", 0.75)]),
        ([*STEPS, "Negotiation/Review"], None, [("Handshake", 0.2), ("Demo day", 0.4), ("Site trial", 0.6), ("Negotiation/Review", 0.9)]),
    ],
)  # fmt: skip
def test_steps_that_no_method_knows_are_drafted_as_stages_in_their_likely_order(
    tmp_path: Path, labels: list[str], percent: list[int] | None, expected: list[tuple[str, float]]
) -> None:
    rows = pd.DataFrame(
        {"Deal ID": [f"d{place}" for place in range(len(labels))], "Deal Name": labels, "Deal Stage": labels}
    )
    rows = rows.assign(
        **{"Amount": 1000, "Close Date": "2026-10-30"}, **({} if percent is None else {"Probability (%)": percent})
    )
    file, profile = tmp_path / "steps.csv", tmp_path / "profile.toml"
    rows.to_csv(file, index=False)
    profile.write_text(draft_profile(file), encoding="utf-8")
    drafted = tomllib.loads(profile.read_text(encoding="utf-8"))["stage"]
    assert [(stage["key"], pytest.approx(stage["probability"])) for stage in drafted] == expected
    book = fa.read_exports(file, profile=profile, as_of="2026-09-30")
    assert book.opportunities["stage"].tolist() == labels
