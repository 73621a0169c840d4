"""The inspection of open opportunities: every rule on a few rows counted by hand, and what it says in words."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import funnel_analytics as fa
from books import team_book
from funnel_analytics import tables
from funnel_analytics.languages import LANGUAGES
from funnel_analytics.methodology import load_methodology
from funnel_analytics.methodology_parts import INSPECTION_RULES, InspectionRule
from funnel_analytics.words import label, word_keys

from .inspected import AS_OF, UP_TO_PROOF, book_of, found, only, shown


def test_a_close_date_that_passed_counts_from_the_day_after() -> None:
    # 30 September is today: not overdue; 29 September is one day, 31 August thirty days.
    rows = [{"close_date": day} for day in ("2026-09-30", "2026-09-29", "2026-08-31", None, "2026-12-01")]
    assert found(book_of(rows, only("overdue_close_date"))) == {"2": 1, "3": 30}
    assert found(book_of(rows, only("overdue_close_date", 1))) == {"3": 30}
    assert found(book_of(rows, only("overdue_close_date", 30))) == {}


def test_pushes_are_counted_from_history_exports_and_the_crm() -> None:
    day = pd.Timestamp("2026-08-01")
    # 1: 1 → 10 → 5 → 20 October: two pushes and a pull. 2: moved twice on one day: one. 3: the CRM counted three.
    moves = [("1", 0, "2026-10-01"), ("1", 5, "2026-10-10"), ("1", 9, "2026-10-05"), ("1", 12, "2026-10-20"),
             ("2", 0, "2026-10-01"), ("2", 3, "2026-10-02"), ("2", 3, "2026-10-09")]  # fmt: skip
    history = pd.DataFrame(
        [(key, day + pd.Timedelta(days=after), pd.Timestamp(close)) for key, after, close in moves],
        columns=["opportunity_id", "changed_at", "close_date"],
    )
    rows: list[dict[str, Any]] = [{"close_date": "2026-10-20"}, {"close_date": "2026-10-09"}, {"push_count": 3.0}]
    assert found(book_of(rows, only("pushed", 0), history=history)) == {"1": 2, "2": 1, "3": 3}
    assert found(book_of(rows, only("pushed"), history=history)) == {"1": 2, "3": 3}
    assert found(book_of(rows, only("pushed", 3), history=history)) == {}


def test_pushes_between_exports_count_and_a_closing_is_no_push() -> None:
    rows = [{"opportunity_id": "1", "as_of": day, "close_date": close} for day, close in
            (("2026-03-31", "2026-04-10"), ("2026-06-30", "2026-07-10"), ("2026-09-30", "2026-10-10"))]  # fmt: skip
    closing = pd.DataFrame({"opportunity_id": ["1"], "changed_at": [pd.Timestamp("2026-02-01")], "outcome": ["lost"],
                            "close_date": [pd.Timestamp("2026-02-01")]})  # fmt: skip
    assert found(book_of(rows, only("pushed"))) == {"1": 2}
    # Lost in February and open again: the closing's own date is no expected one.
    assert found(book_of(rows, only("pushed"), history=closing)) == {"1": 2}


def test_stalled_is_longer_than_the_stall_line_of_the_stage() -> None:
    # Discover: 10, 20, 30, 40, 50 days, then Qualify, so that the line is at 42 (tests/funnel/test_durations.py).
    start = pd.Timestamp("2026-01-01")
    changes = [(str(n), start, "Discover", None) for n in range(1, 6)]
    changes += [(str(n), start + pd.Timedelta(days=10 * n), "Deploy", "won") for n in range(1, 6)]
    changes += [
        ("8", AS_OF - pd.Timedelta(days=42), "Discover", None),
        ("9", AS_OF - pd.Timedelta(days=43), "Discover", None),
    ]
    history = pd.DataFrame(changes, columns=["opportunity_id", "changed_at", "stage", "outcome"])
    rows = [{"outcome": "won", "stage": "Deploy", "close_date": start + pd.Timedelta(days=10 * n)} for n in range(1, 6)]
    rows += [{"opportunity_id": key, "stage": "Discover"} for key in ("8", "9")]
    book = book_of(rows, only("stalled"), history=history)
    table = fa.opportunity_inspection(book)
    assert table[["opportunity_id", "found", "compared"]].to_numpy().tolist() == [["9", 43, 42]]
    assert table["finding_date"].tolist() == [AS_OF - pd.Timedelta(days=43)]
    assert found(replace(book, methodology=only("stalled", 2))) == {}
    assert found(replace(book, methodology=only("stalled", 0.5))) == {"8": 42, "9": 43}


def test_stalled_are_as_many_as_time_in_stage_counts() -> None:
    book = replace(team_book(200), methodology=only("stalled"))
    stages = fa.time_in_stage(book).set_index("stage")["stalled_opportunities"]
    counted = fa.opportunity_inspection(book).groupby("stage").size().reindex(stages.index).fillna(0)
    assert stages.sum() >= 5
    assert counted.tolist() == stages.tolist()


def test_a_blank_next_step_counts_where_the_exports_have_next_steps_at_all() -> None:
    rows = [{"next_step": text} for text in ("Call Ms Li", None, "  ", " - ", "…")]
    assert set(found(book_of(rows, only("no_next_step")))) == {"2", "3", "4", "5"}
    assert found(book_of(rows[1:2], only("no_next_step"))) == {}


def test_a_part_of_a_book_knows_which_columns_the_whole_has() -> None:
    rows = [{"next_step": "Call Ms Li", "owner": "Ana"}, {"owner": "Ben"}]
    part = book_of(rows, only("no_next_step")).where(owner="Ben")
    assert set(found(part)) == {"2"}
    assert set(found(part.where(stage="Proof"))) == {"2"}


def test_no_activity_counts_days_since_the_last_one_or_since_creation() -> None:
    rows = [{"last_activity_date": day, "created_date": created} for day, created in (
        ("2026-08-31", "2026-01-01"), ("2026-08-30", "2026-01-01"), (None, "2026-09-20"), (None, "2026-01-01"), (None, None),
        ("2026-10-05", None))]  # fmt: skip
    # 1: 30 days, 2: 31 days, 3: created 10 days ago, 4: 272 days, 5: nothing known, 6: an appointment ahead.
    numbers = found(book_of(rows, only("no_activity")))
    assert numbers.keys() == {"2", "4", "5"}
    assert (numbers["2"], numbers["4"]) == (31, 272)
    assert np.isnan(numbers["5"])
    assert found(book_of(rows, only("no_activity", 29))).keys() == {"1", "2", "4", "5"}
    assert found(book_of(rows[3:4], only("no_activity"))) == {}


def test_amounts_missing_negative_0_or_1_are_placeholders() -> None:
    rows = [{"amount": amount} for amount in (100.0, 1.0, 0.0, -5.0, None, 1.01)]
    table = fa.opportunity_inspection(book_of(rows, only("amount_placeholder")))
    assert set(table["opportunity_id"]) == {"2", "3", "4", "5"}
    # 1 × 0.5; nothing for 0 and below; unknown, and last, without an amount.
    assert table.set_index("opportunity_id")["amount_at_risk"].dropna().to_dict() == {"2": 0.5, "3": 0, "4": 0}
    assert table["opportunity_id"].iloc[-1] == "5"
    assert "1" in found(book_of(rows, only("amount_placeholder", 100)))


def test_a_close_date_at_a_months_end() -> None:
    rows = [{"close_date": day} for day in ("2026-12-31", "2026-12-30", "2028-02-29", "2027-02-28", None)]
    assert found(book_of(rows, only("month_end_close_date"))) == {"1": 0, "3": 0, "4": 0}
    assert found(book_of(rows, only("month_end_close_date", 1))) == {"1": 0, "2": 1, "3": 0, "4": 0}


def test_single_threaded_needs_a_count_of_contacts() -> None:
    rows = [{"contact_count": count} for count in (0.0, 1.0, 2.0, None)]
    assert found(book_of(rows, only("single_threaded"))) == {"1": 0, "2": 1}
    assert found(book_of(rows, only("single_threaded", 1))) == {"1": 0}


def test_concentration_is_the_share_of_the_open_pipeline() -> None:
    # 500 of 1000; the placeholder of 1 and the negative amount are no part of it.
    rows: list[dict[str, Any]] = [{"amount": amount} for amount in (500.0, 200.0, 300.0, 1.0, -900.0)]
    rows.append({"amount": 9_000.0, "outcome": "won", "stage": "Deploy"})
    assert found(book_of(rows, only("concentration", 0.3))) == {"1": 0.5}
    assert found(book_of(rows, only("concentration", 0.5))) == {}


# ---- the list ------------------------------------------------------------------------------------------------------


def test_money_at_risk_is_the_amount_times_the_largest_weight_and_ranks_the_list() -> None:
    rows = [{"amount": 100.0, "close_date": "2026-08-31"}, {"amount": 400.0, "close_date": "2026-12-31"},
            {"amount": 60.0, "close_date": "2026-09-15"}, {"amount": 900.0, "close_date": "2026-12-15"}]  # fmt: skip
    rules = (InspectionRule("month_end_close_date", 0.1, 0), InspectionRule("overdue_close_date", 0.5, 0))
    table = fa.opportunity_inspection(book_of(rows, replace(load_methodology(), inspection=rules)))
    # 1: 50 and 10, so 50; 2: 40; 3: 30; 4 has no finding.
    assert table[["place", "opportunity_id", "finding", "finding_at_risk", "amount_at_risk"]].to_numpy().tolist() == [
        [1, "1", "overdue_close_date", 50, 50],
        [1, "1", "month_end_close_date", 10, 50],
        [2, "2", "month_end_close_date", 40, 40],
        [3, "3", "overdue_close_date", 30, 30],
    ]


def test_alike_opportunities_stand_by_their_id_and_alike_findings_as_the_method_has_them() -> None:
    rules = tuple(InspectionRule(key, 0.5, 0) for key in ("overdue_close_date", "month_end_close_date"))
    rows = [{"close_date": "2026-08-31"}, {"close_date": "2026-08-31"}]
    table = fa.opportunity_inspection(book_of(rows, replace(load_methodology(), inspection=rules)))
    assert table["opportunity_id"].tolist() == ["1", "1", "2", "2"]
    assert table["finding"].tolist() == ["overdue_close_date", "month_end_close_date"] * 2


def test_without_money_the_heaviest_and_most_findings_come_first() -> None:
    rows = [{"amount": None, "close_date": "2026-12-31"}, {"amount": None, "close_date": "2026-08-30"},
            {"amount": None, "close_date": "2026-08-31"}]  # fmt: skip
    table = fa.opportunity_inspection(book_of(rows))
    assert table["opportunity_id"].tolist() == ["3", "3", "2", "1"]
    assert table["amount_at_risk"].isna().all()
    assert "amount_placeholder" not in set(table["finding"])


def test_a_rule_that_is_left_out_does_not_speak() -> None:
    book = book_of([{"close_date": "2026-08-31"}], replace(load_methodology(), inspection=()))
    table = fa.opportunity_inspection(book)
    assert table.empty
    assert table.columns.tolist() == tables.OPPORTUNITY_INSPECTION.names


def test_closed_and_vanished_opportunities_are_not_inspected() -> None:
    rows = [{"opportunity_id": "1", "as_of": "2026-06-30", "close_date": "2026-01-01"},
            {"opportunity_id": "2", "outcome": "lost", "close_date": "2026-01-01"},
            {"opportunity_id": "3", "close_date": "2026-12-01"}]  # fmt: skip
    assert found(book_of(rows, only("overdue_close_date"))) == {}


def test_every_rule_of_the_method_is_inspected_on_a_whole_team() -> None:
    book = team_book(120)
    table = fa.opportunity_inspection(book)
    assert {rule.key for rule in book.methodology.inspection} == set(INSPECTION_RULES)
    assert set(table["finding"]) >= {"overdue_close_date", "pushed", "stalled"}
    assert table["amount_at_risk"].dropna().is_monotonic_decreasing
    for column in tables.OPPORTUNITY_INSPECTION.columns:
        assert str(table[column.name].dtype).startswith(tables.DTYPES[column.kind].split("[")[0])
    assert not table.duplicated(["opportunity_id", "finding"]).any()


def test_an_empty_part_has_no_findings_and_a_pipeline_of_zeros() -> None:
    book = book_of(
        [{"owner": "Ana", "region": "North"}, {"owner": "Ben", "region": "South"}], evidence=shown("1", UP_TO_PROOF)
    )
    part = book.where(owner="Ana", region="South")
    assert fa.opportunity_inspection(part).empty
    assert (fa.evidenced_pipeline(part).select_dtypes("number") == 0).all().all()


@settings(max_examples=10)
@given(
    st.randoms(use_true_random=False),
    st.lists(st.sampled_from(["yes", "no", "in_progress", None]), min_size=24, max_size=24),
)
def test_the_order_of_rows_plays_no_part(random: Any, words: list[str | None]) -> None:
    rows = [{"opportunity_id": str(n), "close_date": f"2026-0{n}-28", "amount": 100.0 * (n % 3), "next_step": "Call" if n % 2 else None,
             "owner": "Ana"} for n in range(1, 7)]  # fmt: skip
    evidence = pd.DataFrame({"opportunity_id": [str(1 + n % 6) for n in range(24)], "evidence": [UP_TO_PROOF[n % 4] for n in range(24)],
                             "status": words, "validation": words[::-1]})  # fmt: skip
    shuffled_rows = rows.copy()
    random.shuffle(shuffled_rows)
    places = list(range(24))
    random.shuffle(places)
    books = (book_of(rows, evidence=evidence), book_of(shuffled_rows, evidence=evidence.iloc[places]))
    tables_of = [(fa.opportunity_inspection(book), fa.evidenced_pipeline(book, by="owner")) for book in books]
    for one, other in zip(*tables_of, strict=True):
        pd.testing.assert_frame_equal(one, other)


# ---- in words ------------------------------------------------------------------------------------------------------


def test_findings_are_said_in_sentences_with_their_numbers() -> None:
    evidence = shown("1", [key for key in UP_TO_PROOF if key not in ("vision_set", "verbal_approval")])
    rows: list[dict[str, Any]] = [
        {"close_date": "2026-08-31", "push_count": 4.0, "contact_count": 1.0, "last_activity_date": "2026-08-01"},
        {"amount": 0.0, "next_step": "Call", "created_date": "2026-01-01"},
        {"amount": None, "stage": None},
    ]
    table = fa.opportunity_inspection(book_of(rows, evidence=evidence))
    said = dict(
        zip(zip(table["opportunity_id"], table["finding"], strict=True), fa.inspection_reasons(table), strict=True)
    )
    assert said["1", "evidence_missing"] == (
        "Evidence missing up to Proof, 2 of 12: Vision set with the decision maker; Verbal approval received."
        " The evidence supports: Develop"
    )
    assert said["1", "overdue_close_date"] == "Close date 2026-08-31 passed 30 days ago"
    assert said["1", "pushed"] == "Close date moved to a later day 4 times"
    assert said["1", "single_threaded"] == "Contacts at the customer: 1, fewer than 2"
    assert said["1", "no_activity"] == "No activity since 2026-08-01, for 60 days"
    assert said["1", "no_next_step"] == "No next step is noted"
    assert said["1", "concentration"] == "Alone 100% of the open pipeline"
    assert said["1", "month_end_close_date"] == "Close date 2026-08-31 is a month's end, as CRMs fill it in"
    assert said["2", "no_activity"] == "No activity is recorded, 272 days after creation"
    assert said["2", "amount_placeholder"] == "The amount EUR 0 is a placeholder"
    assert said["3", "amount_placeholder"] == "There is no amount"
    assert said["3", "no_activity"] == "No activity is recorded"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_rule_has_a_sentence_and_a_name_in_every_language(lang: str) -> None:
    assert {f"inspection.{key}" for key in INSPECTION_RULES} <= set(word_keys(lang))
    assert len({label(key, lang) for key in INSPECTION_RULES} - set(INSPECTION_RULES)) == len(INSPECTION_RULES)
    table = fa.opportunity_inspection(team_book(80))
    reasons = fa.inspection_reasons(table, lang)
    assert reasons.index.equals(table.index)
    assert not reasons.str.contains(r"[{}]|nan|NaT", regex=True).any()


def test_placeholders_are_counted_and_add_nothing_to_the_pipeline() -> None:
    rows = [{"amount": amount} for amount in (100.0, 1.0, -50.0, None)]
    table = fa.evidenced_pipeline(book_of(rows, evidence=shown("1", UP_TO_PROOF))).sum(numeric_only=True)
    assert table[["claimed_opportunities", "claimed_amount", "evidenced_amount"]].tolist() == [4, 100, 100]
